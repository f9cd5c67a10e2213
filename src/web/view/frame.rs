//! What surrounds every page: title, rail, theme, notices, the live stream, a message with Undo.

use askama::Template;

use super::action::Action;
use super::failure::Mood;
use super::people::Who;
use super::shelf::Bell;

/// Which entry of the rail is current.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Section {
    /// The wall of everything.
    All,
    /// What this person made.
    Mine,
    /// What this person marked.
    Favorites,
    /// What was uploaded.
    Uploads,
    /// The folders, and what lies in one.
    Folders,
    /// What waits and runs.
    Queue,
    /// What was deleted.
    Trash,
    /// Settings.
    Settings,
    /// What was used, and what is left.
    Usage,
    /// One's own account.
    Account,
    /// Something that belongs to the wall: a task, a clip.
    InLibrary,
    /// None of these, such as an error.
    #[default]
    Elsewhere,
}

/// One entry of the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// What it is.
    pub section: Section,
    /// Where it leads.
    pub href: &'static str,
    /// An icon's name.
    pub icon: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// Only where the rail is a rail: a phone's bar has no room.
    pub wide: bool,
    /// What happens to clips that are dropped on it; empty for nothing.
    pub drop: &'static str,
}

const fn stop(section: Section, href: &'static str, icon: &'static str, label: &'static str) -> Stop {
    Stop { section, href, icon, label, wide: false, drop: "" }
}

/// The rail from its top, and its foot.
const STOPS: [Stop; 6] = [
    stop(Section::All, "/", "all", "All"),
    Stop { wide: true, ..stop(Section::Mine, "/mine", "mine", "Mine") },
    Stop { drop: "favorite", ..stop(Section::Favorites, "/favorites", "heart", "Favorites") },
    Stop { wide: true, ..stop(Section::Uploads, "/uploads", "uploads", "Uploads") },
    Stop { wide: true, drop: "folders", ..stop(Section::Folders, "/folders", "folder", "Folders") },
    stop(Section::Queue, "/queue", "queue", "Queue"),
];
const FOOT: [Stop; 2] = [
    Stop { wide: true, drop: "trash", ..stop(Section::Trash, "/trash", "trash", "Trash") },
    stop(Section::Settings, "/settings", "settings", "Settings"),
];

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

/// How many generations wait or run; drawn at the rail's `Queue`, which it describes.
/// Its root has the id `waiting`.
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
    /// Who is signed in; none without accounts.
    pub me: Option<Who>,
    /// What waits or runs.
    pub waiting: Waiting,
    /// The chosen colours.
    pub theme: Theme,
    /// The path of this page, to which the theme form comes back.
    pub here: String,
}

impl Rail {
    /// The rail from its top.
    pub const STOPS: [Stop; 6] = STOPS;
    /// Its foot.
    pub const FOOT: [Stop; 2] = FOOT;

    /// How assistive technology hears that a stop is where one is.
    fn current(&self, stop: &Stop) -> &'static str {
        match (self.section == stop.section, self.section) {
            (true, _) => "page",
            (false, Section::InLibrary) if stop.section == Section::All => "true",
            _ => "",
        }
    }
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
    /// What happened lately.
    pub bell: Option<Bell>,
}

impl Frame {
    /// A frame without news around a page that stands still.
    pub fn new(title: impl Into<String>, section: Section, theme: Theme, here: impl Into<String>, now: i64) -> Self {
        let rail = Rail { section, me: None, waiting: Waiting::default(), theme, here: here.into() };
        Self { title: title.into(), rail, live: None, now, notices: Vec::new(), flash: None, bell: None }
    }
}

super::part!(Notice, Flash, Waiting, Rail);
