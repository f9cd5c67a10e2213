//! What surrounds every page: title, rail, theme, notices, the live stream, a message with Undo.

use askama::Template;

use super::action::Action;
use super::failure::Mood;

/// Which entry of the rail is current.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Section {
    /// The wall itself.
    Library,
    /// Something that belongs to the wall: a task, a clip.
    InLibrary,
    /// Neither, such as an error.
    #[default]
    Elsewhere,
}

/// The person's choice of colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

impl Theme {
    /// All three, in menu order.
    pub const ALL: [Self; 3] = [Self::System, Self::Dark, Self::Light];

    /// As the cookie and the form carry it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }

    /// What a cookie or form said; anything unknown is the system's choice.
    pub fn read(word: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.as_str() == word).unwrap_or_default()
    }

    /// As people read it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Dark => "Dark",
            Self::Light => "Light",
        }
    }

    /// Its icon's name.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::System => "monitor",
            Self::Dark => "moon",
            Self::Light => "sun",
        }
    }
}

/// A banner: something that holds for more than one clip.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "shared/_notice.html")]
pub struct Notice {
    /// Red, amber, or none for plain news.
    pub mood: Option<Mood>,
    /// An icon's name.
    pub icon: &'static str,
    /// `Gateway is not answering.`
    pub title: String,
    /// `Waiting clips keep their place. Next check in 20 s.`
    pub text: String,
    /// What to do about it.
    pub action: Option<Action>,
}

/// A short message about what was just done.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "shared/_flash.html")]
pub struct Flash {
    /// `Deleted.`
    pub text: String,
    /// Usually Undo.
    pub action: Option<Action>,
}

/// How many generations wait or run; drawn at the rail. Its root has the id `waiting`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Template)]
#[template(path = "shared/_waiting.html")]
pub struct Waiting {
    /// The number; nothing is drawn at 0.
    pub count: u32,
}

/// The rail.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "shared/_rail.html")]
pub struct Rail {
    /// What is current.
    pub section: Section,
    /// What waits or runs.
    pub waiting: Waiting,
    /// The chosen colours.
    pub theme: Theme,
    /// The path of this page, to which the theme form comes back.
    pub here: String,
}

/// What surrounds a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The page's own title; ` · Rushes` is added.
    pub title: String,
    /// The rail.
    pub rail: Rail,
    /// What the page follows: `library`, `task:{id}`, `generation:{id}`; none for a page that stands still.
    pub live: Option<String>,
    /// The server's clock in ms since 1970 UTC, against which times count up.
    pub now: i64,
    /// Banners.
    pub notices: Vec<Notice>,
    /// What was just done.
    pub flash: Option<Flash>,
}

impl Frame {
    /// A frame without news around a page that stands still.
    pub fn new(title: impl Into<String>, section: Section, theme: Theme, here: impl Into<String>, now: i64) -> Self {
        let rail = Rail { section, waiting: Waiting::default(), theme, here: here.into() };
        Self { title: title.into(), rail, live: None, now, notices: Vec::new(), flash: None }
    }
}

super::part!(Notice, Flash, Waiting, Rail);
