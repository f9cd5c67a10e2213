//! The two halves of a generation's page: the stage with the picture, the side with words and facts.

use askama::Template;

use super::action::Action;
use super::failure::Failure;
use super::icon::Ratio;
use super::plate::Plate;
use crate::domain::State;

/// The clip and its controls.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "shared/_player.html")]
pub struct Player {
    /// The generation's id.
    pub id: String,
    /// The address of the video, without a query string.
    pub video: String,
    /// The address of a still.
    pub poster: Option<String>,
    /// Width in pixels.
    pub wide: u16,
    /// Height in pixels.
    pub high: u16,
    /// Length in whole seconds.
    pub seconds: u16,
    /// Frames a second, for stepping.
    pub fps: u16,
    /// What the clip shows, for those who do not see it.
    pub label: String,
}

/// The bar that script puts in the place of the browser's own.
#[derive(Debug, Clone, Copy, Template)]
#[template(path = "shared/_player_bar.html")]
pub struct Bar {
    /// Length in whole seconds.
    pub seconds: u16,
}

impl Bar {
    /// `0:08`
    fn total(self) -> String {
        format!("{}:{:02}", self.seconds / 60, self.seconds % 60)
    }
}

impl Player {
    /// Its bar.
    pub fn bar(&self) -> Bar {
        Bar { seconds: self.seconds }
    }
}

/// What is on the stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Show {
    /// The clip.
    Clip(Player),
    /// An uploaded picture: its address, width, height, and what it is called.
    Picture(String, u16, u16, String),
    /// Progress.
    Plate(Plate),
    /// Why there is none.
    Failure(Failure),
}

/// The stage. Its root is the generation's, with the id `g-{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "generation/_stage.html")]
pub struct Stage {
    /// The generation's id.
    pub id: String,
    /// Where it stands.
    pub state: State,
    /// Its shape.
    pub ratio: Ratio,
    /// What is on it.
    pub show: Show,
}

/// A moment in two languages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    /// For machines: `2026-11-22T09:31:00Z`.
    pub iso: String,
    /// For people: `today, 9:31`.
    pub words: String,
}

/// One line of facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fact {
    /// `Model`.
    pub term: String,
    /// `Veo 3.1 Fast`.
    pub value: String,
    /// The whole of what the value shortens, such as a hash.
    pub whole: String,
    /// Where it leads.
    pub href: String,
    /// Set in the fixed-width face.
    pub code: bool,
}

impl Fact {
    /// A plain fact.
    pub fn new(term: impl Into<String>, value: impl Into<String>) -> Self {
        Self { term: term.into(), value: value.into(), ..Self::default() }
    }

    /// A fact in the fixed-width face; `whole` is what `value` shortens, or empty.
    pub fn code(term: impl Into<String>, value: impl Into<String>, whole: impl Into<String>) -> Self {
        Self { whole: whole.into(), code: true, ..Self::new(term, value) }
    }

    /// A fact that leads somewhere.
    pub fn link(term: impl Into<String>, value: impl Into<String>, href: impl Into<String>) -> Self {
        Self { href: href.into(), ..Self::new(term, value) }
    }
}

/// Facts under a heading: `Settings`, `Cost and time`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The heading.
    pub heading: String,
    /// In order.
    pub rows: Vec<Fact>,
}

/// One paid create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// `Attempt 1`.
    pub name: String,
    /// When it was sent.
    pub when: When,
    /// `Refused`, `Accepted`, `Never sent`.
    pub outcome: String,
    /// `good`, `warn`, `bad` or empty.
    pub tone: &'static str,
    /// An id, or the upstream's words; may be empty.
    pub detail: String,
    /// `$1.20`, `Nothing charged`.
    pub money: String,
}

/// The words beside the stage. Its root has the id `side`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "generation/_side.html")]
pub struct Side {
    /// The page's heading, for those who do not see it.
    pub title: String,
    /// When it was asked for.
    pub when: When,
    /// The whole prompt; line breaks are kept.
    pub prompt: String,
    /// `16 mm archive`, `From a picture`.
    pub badges: Vec<String>,
    /// Drawn on this server: the note says so.
    pub is_animatic: bool,
    /// Download, Edit prompt, Retry, Cancel, Stop waiting, Delete; each with an icon.
    pub tools: Vec<Action>,
    /// What is done less often.
    pub more: Vec<super::shelf::Item>,
    /// The prompt as it went out, where more was added to it.
    pub sent: Option<String>,
    /// Groups of facts.
    pub facts: Vec<Facts>,
    /// Paid creates, first to last.
    pub attempts: Vec<Attempt>,
}

/// What people write on a clip and where they keep it. Its root has the id `keep`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "generation/_keep.html")]
pub struct Keep {
    /// The generation's id.
    pub id: String,
    /// Its title, as typed.
    pub title: String,
    /// What is wrong with it.
    pub title_error: Option<String>,
    /// Its notes, as typed.
    pub notes: String,
    /// What is wrong with them.
    pub notes_error: Option<String>,
    /// Every folder: id, name, and whether the clip lies in it.
    pub folders: Vec<(String, String, bool)>,
    /// What was typed as a new folder's name.
    pub new_folder: String,
    /// What is wrong with it.
    pub folder_error: Option<String>,
}

super::part!(Player, Bar, Stage, Side, Keep);
