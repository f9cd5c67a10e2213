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

/// A style in the sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StyleTile {
    /// What the form posts; empty for none.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The address of its picture.
    pub picture: Option<String>,
    /// The chosen one.
    pub checked: bool,
}

/// A text with what is wrong with it.
pub type Typed = (String, Option<String>);

/// What only some models take. Absent what the chosen one does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extras {
    /// With or without sound.
    pub audio: Option<bool>,
    /// The seed.
    pub seed: Option<Typed>,
    /// What shall not be seen.
    pub negative: Option<Typed>,
    /// The last frame, with what is wrong with it.
    pub last_frame: Option<Option<String>>,
    /// How many more pictures.
    pub references: u8,
    /// What is wrong with them.
    pub references_error: Option<String>,
    /// What was typed that the model does not take.
    pub error: Option<String>,
    /// What the model does not take.
    pub lacks: String,
}

impl Extras {
    /// Whether something of it is wrong, so that it must be seen.
    pub fn is_wrong(&self) -> bool {
        let typed = [&self.seed, &self.negative].into_iter().flatten().any(|(_, error)| error.is_some());
        let other = [&self.references_error, &self.error, self.last_frame.as_ref().unwrap_or(&None)];
        typed || other.into_iter().any(Option::is_some)
    }

    /// Whether the model takes anything of it.
    pub fn is_any(&self) -> bool {
        self.audio.is_some()
            || self.seed.is_some()
            || self.negative.is_some()
            || self.last_frame.is_some()
            || self.references > 0
            || self.is_wrong()
    }
}

/// One of the six things that a prompt may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoachMark {
    /// `subject`.
    pub key: &'static str,
    /// `Subject`.
    pub label: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// The prompt names it.
    pub named: bool,
    /// What can be put in.
    pub phrases: &'static [&'static str],
}

/// What the coach sees in a prompt. Its root has the id `coach`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "shared/_coach.html")]
pub struct Coach {
    /// The six marks.
    pub marks: Vec<CoachMark>,
    /// Warnings: their key and a sentence.
    pub hints: Vec<(&'static str, &'static str)>,
}

/// A remix's strength.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strength {
    /// What the form posts.
    pub key: &'static str,
    /// Its name.
    pub label: &'static str,
    /// What the upstream is told.
    pub words: &'static str,
    /// The chosen one.
    pub checked: bool,
}

/// What the composer goes on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mode {
    /// `remix` or `extend`.
    pub field: &'static str,
    /// The clip.
    pub id: String,
    /// `Remix`, `Extend`.
    pub verb: &'static str,
    /// What the clip is called.
    pub name: String,
    /// The address of its still.
    pub still: Option<String>,
    /// How it is done.
    pub note: String,
    /// A remix's strengths.
    pub strengths: Vec<Strength>,
    /// The words that the chosen strength sends.
    pub wording: String,
    /// A person's own words.
    pub own_words: String,
    /// What is wrong with them.
    pub error: Option<String>,
}

/// A picture of the library that goes with the prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// What the form posts: `ID:last`.
    pub from: String,
    /// Where it is seen.
    pub src: String,
    /// What it is called.
    pub name: String,
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
    /// The styles, none first.
    pub styles: Vec<StyleTile>,
    /// What the chosen one adds.
    pub style_text: String,
    /// What is wrong with the choice.
    pub style_error: Option<String>,
    /// What only some models take.
    pub extras: Extras,
    /// What the composer goes on from: the field and the clip.
    pub goes_on: Option<(&'static str, String)>,
    /// Who shall see it: whether only whoever makes it; none where there is nobody else.
    pub is_private: Option<bool>,
    /// What it comes to.
    pub cost: Cost,
}

impl Settings {
    /// Whether something in the sheet is wrong, so that it must be seen.
    pub fn is_wrong(&self) -> bool {
        [&self.model, &self.aspect, &self.resolution, &self.seconds, &self.variations]
            .iter()
            .any(|menu| menu.error.is_some())
            || self.style_error.is_some()
            || self.extras.is_wrong()
    }

    /// The chosen style's name; empty for none.
    pub fn chosen_style(&self) -> &str {
        self.styles.iter().find(|style| style.checked && !style.key.is_empty()).map_or("", |style| &style.name)
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

    /// What the form posts for the chosen one.
    pub fn value(&self) -> &str {
        self.choices.iter().find(|choice| choice.checked).map_or("", |choice| &choice.value)
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
    /// What stands in the empty box.
    pub placeholder: &'static str,
    /// What it goes on from.
    pub mode: Option<Mode>,
    /// What the coach sees.
    pub coach: Coach,
    /// A picture of the library.
    pub picture: Option<Attached>,
    /// The part of the picture that is seen: from the left, from the top, zoom.
    pub crop: (u8, u8, u16),
    /// What is typed is kept for every device.
    pub keeps_draft: bool,
    /// The name of a picture that came with the last try and has to be chosen again.
    pub attached: Option<String>,
    /// What is wrong with the picture.
    pub image_error: Option<String>,
    /// What is wrong with the whole, for example a used key.
    pub error: Option<String>,
    /// The menus and the cost.
    pub settings: Settings,
    /// Why nothing can be made here by whoever looks; there is no form then.
    pub closed: Option<&'static str>,
    /// What is left of the plan: the words, and whether little is.
    pub quota: Option<(String, bool)>,
    /// A quiet line at the foot: `Drawn on this server, no key needed`.
    pub note: Option<String>,
    /// The sheet is open; it always is when something in it is wrong.
    pub open: bool,
    /// Script puts the cursor into the prompt, for example after `Edit prompt`.
    pub focus: bool,
}

super::part!(Menu, Settings, Coach, Composer);
