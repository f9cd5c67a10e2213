//! Storyboards: the list, and the board with its cards and its line of time.

use askama::Template;

use super::composer::Settings;
use super::frame::Frame;

/// One shot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shot {
    /// What is seen.
    pub text: String,
    /// Its length in seconds, as typed.
    pub seconds: String,
    /// `0.0–2.5 s`.
    pub times: String,
    /// Where it begins and how long it lasts, in milliseconds.
    pub span: (u32, u32),
    /// The address of its picture.
    pub image: Option<String>,
    /// What the form posts for the picture that it has.
    pub image_key: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// The board. Its root has the id `board`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "storyboard/_board.html")]
pub struct Board {
    /// Its id.
    pub id: String,
    /// Its title, as typed.
    pub title: String,
    /// Which change of it this is.
    pub version: i64,
    /// The one-use key of what is made.
    pub token: String,
    /// The shots in order.
    pub shots: Vec<Shot>,
    /// All of them together, in milliseconds.
    pub total_ms: u32,
    /// `8.0 s`.
    pub total: String,
    /// The length of the clip in seconds.
    pub clip: String,
    /// The shots sum to the clip.
    pub is_even: bool,
    /// What is wrong with the whole.
    pub error: Option<String>,
    /// The menus and the cost.
    pub settings: Settings,
    /// The prompt that is sent.
    pub compiled: String,
    /// `Create · $0.80`.
    pub create: String,
    /// The sheet must be seen.
    pub open: bool,
}

/// The board's page.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "storyboard/index.html")]
pub struct BoardPage {
    /// Around it.
    pub frame: Frame,
    /// The board.
    pub board: Board,
}

/// A board in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// Its title, or what stands in for one.
    pub title: String,
    /// `4 shots · 8.0 s`.
    pub facts: String,
    /// When it was last changed.
    pub when: super::stage::When,
    /// The address of its first picture.
    pub image: Option<String>,
}

/// All boards.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "storyboard/list.html")]
pub struct BoardsPage {
    /// Around it.
    pub frame: Frame,
    /// The last changed first.
    pub boards: Vec<Entry>,
}

super::part!(Board);
