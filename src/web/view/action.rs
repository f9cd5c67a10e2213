//! One thing a person can do here: a link, a download, or a button in a form of its own.

use askama::Template;

use super::icon::Icon;

/// What happens when it is pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Go {
    /// Opens a page.
    Link(String),
    /// Saves a file: its address and the name it gets.
    Download(String, String),
    /// Posts to this address.
    Post(String),
}

/// How loud it is. One primary per view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// The usual button.
    #[default]
    Plain,
    /// The one loud button.
    Primary,
    /// Text until pointed at.
    Quiet,
    /// Takes something away.
    Danger,
}

impl Go {
    /// The address, and whether it changes something.
    pub fn target(&self) -> (&str, bool) {
        match self {
            Self::Link(href) | Self::Download(href, _) => (href, false),
            Self::Post(href) => (href, true),
        }
    }
}

impl Tone {
    /// The class the stylesheet knows it by.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Primary => " primary",
            Self::Quiet => " quiet",
            Self::Danger => " danger",
        }
    }
}

/// A link or a button.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "shared/_action.html")]
pub struct Action {
    /// The verb on it, with the price when it spends.
    pub label: String,
    /// A longer name for those who hear it alone, starting with the label: `Cancel take 2`.
    pub name: Option<String>,
    /// An icon's name, or nothing.
    pub icon: &'static str,
    /// What it does.
    pub go: Go,
    /// How loud it is.
    pub tone: Tone,
    /// Hidden fields of its form.
    pub fields: Vec<(&'static str, String)>,
    /// A post whose answer changes parts of this page; otherwise the page is loaded anew.
    pub live: bool,
    /// The small size.
    pub small: bool,
    /// Only the icon is seen; the label is its name.
    pub bare: bool,
    /// A switch, and whether it is on.
    pub pressed: Option<bool>,
}

super::part!(Action);

impl Action {
    fn new(label: impl Into<String>, go: Go) -> Self {
        Self {
            label: label.into(),
            name: None,
            icon: "",
            go,
            tone: Tone::Plain,
            fields: Vec::new(),
            live: true,
            small: false,
            bare: false,
            pressed: None,
        }
    }

    /// A link to a page.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self::new(label, Go::Link(href.into()))
    }

    /// A link that saves a file under a name.
    pub fn download(label: impl Into<String>, href: impl Into<String>, file: impl Into<String>) -> Self {
        Self::new(label, Go::Download(href.into(), file.into()))
    }

    /// A button that posts.
    pub fn post(label: impl Into<String>, url: impl Into<String>) -> Self {
        Self::new(label, Go::Post(url.into()))
    }

    /// With an icon.
    pub fn icon(self, icon: &'static str) -> Self {
        Self { icon, ..self }
    }

    /// With a longer name for those who hear it alone; it starts with the label.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// With another loudness.
    pub fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// With a hidden field in its form.
    pub fn with(mut self, field: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((field, value.into()));
        self
    }

    /// Posts as a plain form even with script.
    pub fn plain(self) -> Self {
        Self { live: false, ..self }
    }

    /// In the small size.
    pub fn small(self) -> Self {
        Self { small: true, ..self }
    }

    /// Only its icon is seen.
    pub fn bare(self) -> Self {
        Self { bare: true, ..self }
    }

    /// A switch that is on or off.
    pub fn pressed(self, on: bool) -> Self {
        Self { pressed: Some(on), ..self }
    }

    /// Its icon; the heart of a favorite is filled while it is one.
    pub fn drawing(&self) -> Icon {
        if self.icon == "heart" { super::icon::fav() } else { super::icon(self.icon) }
    }

    /// The classes of the button.
    pub fn class(&self) -> String {
        let small = if self.small { " small" } else { "" };
        let bare = if self.bare { " icon" } else { "" };
        format!("btn{}{small}{bare}", self.tone.class())
    }
}
