//! The composer: everything typed, every menu, the cost, and an error beside each field.

use askama::Template;

use super::icon::Ratio;

/// One option of a menu.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// What the form posts.
    pub value: String,
    /// What people read: `720p`, `8 s`, `Veo 3.1 Fast`.
    pub label: String,
    /// A second line; models only.
    pub detail: String,
    /// `Free`, `$0.15/s`; models only.
    pub price: String,
    /// The shape to draw above the label; aspect ratios only.
    pub shape: Option<Ratio>,
    /// The chosen one.
    pub checked: bool,
    /// It cannot be chosen; the menu's note says why.
    pub disabled: bool,
}

impl Choice {
    /// A plain option.
    pub fn new(value: impl Into<String>, label: impl Into<String>, checked: bool) -> Self {
        Self { value: value.into(), label: label.into(), checked, ..Self::default() }
    }
}

/// One group of options: a fieldset with its legend.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "shared/_menu.html")]
pub struct Menu {
    /// `Aspect ratio`.
    pub legend: &'static str,
    /// The field's name in the form: `aspect`.
    pub field: &'static str,
    /// In menu order.
    pub choices: Vec<Choice>,
    /// Why some cannot be chosen, or that they are a guess.
    pub note: Option<String>,
    /// What is wrong with what was sent.
    pub error: Option<String>,
}

/// The id of an option, the same for the same value, so that focus stays where it is.
pub fn option_id(field: &str, value: &str) -> String {
    use std::fmt::Write as _;
    let mut id = format!("o-{field}-");
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() {
            id.push(char::from(byte));
        } else {
            write!(id, "_{byte:02x}").expect("a String takes all that is written to it");
        }
    }
    id
}

/// What a task costs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cost {
    /// `$2.40`, `Free`.
    pub total: String,
    /// `2 clips × 8 s × $0.15`.
    pub sum: String,
}

/// The sheet of menus. Its root has the id `sheet`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "shared/_settings.html")]
pub struct Settings {
    /// Field `model`.
    pub model: Menu,
    /// Field `aspect`.
    pub aspect: Menu,
    /// Field `resolution`.
    pub resolution: Menu,
    /// Field `seconds`.
    pub seconds: Menu,
    /// Field `variations`.
    pub variations: Menu,
    /// What it comes to.
    pub cost: Cost,
}

impl Settings {
    /// Whether something in the sheet is wrong, so that it must be seen.
    pub fn is_wrong(&self) -> bool {
        [&self.model, &self.aspect, &self.resolution, &self.seconds, &self.variations]
            .iter()
            .any(|menu| menu.error.is_some())
    }

    /// The chosen model's label.
    pub fn chosen_model(&self) -> &str {
        self.model.chosen()
    }

    /// The other choices in one line: `16:9 · 720p · 8 s · ×2`.
    pub fn chosen_rest(&self) -> String {
        let menus = [&self.aspect, &self.resolution, &self.seconds];
        let mut words: Vec<&str> = menus.iter().map(|menu| menu.chosen()).filter(|w| !w.is_empty()).collect();
        let takes = format!("×{}", self.variations.chosen());
        words.push(&takes);
        words.join(" · ")
    }
}

impl Menu {
    /// A menu without notes.
    pub fn new(legend: &'static str, field: &'static str, choices: Vec<Choice>) -> Self {
        Self { legend, field, choices, note: None, error: None }
    }

    fn chosen(&self) -> &str {
        self.choices.iter().find(|choice| choice.checked).map_or("", |choice| &choice.label)
    }
}

/// The form that makes a task. Its root has the id `composer`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "shared/_composer.html")]
pub struct Composer {
    /// Where it is sent.
    pub action: String,
    /// What sending does: `Create`, `Save`.
    pub verb: &'static str,
    /// The clip whose prompt it began with.
    pub from: Option<String>,
    /// The one-use key that keeps a double press from paying twice.
    pub token: String,
    /// What was typed.
    pub prompt: String,
    /// What is wrong with it.
    pub prompt_error: Option<String>,
    /// The name of a picture that came with the last try and has to be chosen again.
    pub attached: Option<String>,
    /// What is wrong with the picture.
    pub image_error: Option<String>,
    /// What is wrong with the whole, for example a used key.
    pub error: Option<String>,
    /// The menus and the cost.
    pub settings: Settings,
    /// A quiet line at the foot: `Drawn on this server, no key needed`.
    pub note: Option<String>,
    /// The sheet is open; it always is when something in it is wrong.
    pub open: bool,
    /// Script puts the cursor into the prompt, for example after `Edit prompt`.
    pub focus: bool,
}

super::part!(Menu, Settings, Composer);
