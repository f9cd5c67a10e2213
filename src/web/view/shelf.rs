//! What stands around a wall: which part it is, the filters, the search, the view, the selection.

use askama::Template;

use super::action::Action;
use super::tile::{More, Tile};

/// How large tiles are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Size {
    /// Many on a screen.
    Small,
    /// As on sora.com.
    #[default]
    Medium,
    /// Few on a screen.
    Large,
}

impl Size {
    /// All three, in menu order, with their words.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Small, "Small"), (Self::Medium, "Medium"), (Self::Large, "Large")];

    /// As the cookie, the form and the stylesheet know it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Small => "s",
            Self::Medium => "m",
            Self::Large => "l",
        }
    }
}

/// How a person likes to see walls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// As a list with facts instead of a wall of pictures.
    pub is_list: bool,
    /// How large tiles are.
    pub size: Size,
}

impl Look {
    /// `wall` or `list`, as the form and the stylesheet know it.
    pub const fn view(self) -> &'static str {
        if self.is_list { "list" } else { "wall" }
    }

    /// As the cookie carries it: `wall.m`.
    pub fn word(self) -> String {
        format!("{}.{}", self.view(), self.size.as_str())
    }

    /// What a cookie said; anything unknown is the usual.
    pub fn read(word: &str) -> Self {
        let (view, size) = word.split_once('.').unwrap_or((word, ""));
        Self::default().with(Some(view), Some(size))
    }

    /// The same with what a form said.
    pub fn with(self, view: Option<&str>, size: Option<&str>) -> Self {
        let is_list = view.map_or(self.is_list, |view| view == "list");
        let size = Size::ALL.into_iter().find(|(other, _)| Some(other.as_str()) == size).map(|(size, _)| size);
        Self { is_list, size: size.unwrap_or(self.size) }
    }
}

/// One entry of a menu.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// An icon's name, or nothing.
    pub icon: &'static str,
    /// The one that holds now.
    pub current: bool,
}

impl Item {
    /// An entry without an icon.
    pub fn new(label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), icon: "", current }
    }

    /// With an icon.
    pub fn icon(self, icon: &'static str) -> Self {
        Self { icon, ..self }
    }
}

/// A form that jumps to a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jump {
    /// Where it asks.
    pub action: String,
    /// What holds beside the day.
    pub fields: Vec<(&'static str, String)>,
    /// The day it stands at, or empty.
    pub day: String,
}

/// A filter with its choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// What it says: its kind, or the choice that holds.
    pub label: String,
    /// What it is, for those who hear the choice alone.
    pub kind: &'static str,
    /// A choice holds.
    pub on: bool,
    /// The choices.
    pub items: Vec<Item>,
    /// A form under the choices.
    pub jump: Option<Jump>,
}

/// The filters. Its root has the id `chips`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "library/_chips.html")]
pub struct Chips {
    /// With menus.
    pub menus: Vec<Chip>,
    /// Words and filters that hold; pressing takes one away.
    pub words: Vec<Item>,
}

/// What was not understood of a search, or how it went. Its root has the id `found`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "library/_found.html")]
pub struct Found {
    /// Sentences.
    pub words: Vec<String>,
}

/// The search box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Where it asks.
    pub action: String,
    /// What was typed.
    pub value: String,
    /// The order that holds, if not the usual one.
    pub sort: Option<&'static str>,
}

/// What is above the wall: where newer clips are, if there are any. Its root has the id `newer`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "library/_newer.html")]
pub struct Newer {
    /// The page before.
    pub href: Option<String>,
}

/// The wall. Its root has the id `wall`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "library/_wall.html")]
pub struct Wall {
    /// Its address, without a place in it.
    pub here: String,
    /// New clips belong on top.
    pub takes_new: bool,
    /// In order.
    pub tiles: Vec<Tile>,
}

/// Why a wall is empty, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "library/_empty.html")]
pub struct Empty {
    /// `No favorites yet`.
    pub title: String,
    /// What brings something here.
    pub text: String,
    /// A way on.
    pub action: Option<Action>,
}

/// What can be done with chosen clips. Its root has the id `selection`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Template)]
#[template(path = "library/_selection.html")]
pub struct Selection {
    /// The wall's address.
    pub here: String,
    /// Every folder: id and name.
    pub folders: Vec<(String, String)>,
    /// The wall is the trash.
    pub is_trash: bool,
    /// The wall is this folder.
    pub folder: Option<String>,
    /// What was typed as a new folder's name, and what is wrong with it.
    pub new_folder: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// Folders that clips are dragged onto. Its root has the id `drop`.
#[derive(Debug, Clone, Copy, Template)]
#[template(path = "library/_drop.html")]
pub struct Drop<'a> {
    /// Every folder: id and name.
    folders: &'a [(String, String)],
}

impl Selection {
    /// The same folders, to drop clips on.
    pub fn drop(&self) -> Drop<'_> {
        Drop { folders: &self.folders }
    }
}

/// The form that takes files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadForm {
    /// What was wrong with files that were sent.
    pub errors: Vec<String>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// What it is about.
    pub title: String,
    /// What happened to it.
    pub text: String,
    /// Where it is.
    pub href: String,
    /// `good`, `bad` or `warn`.
    pub tone: &'static str,
    /// When, for people and for machines.
    pub when: super::stage::When,
    /// Not yet seen.
    pub is_new: bool,
    /// The address of a still.
    pub still: Option<String>,
}

/// The bell. Its root has the id `bell`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "shared/_bell.html")]
pub struct Bell {
    /// How many are not yet seen.
    pub unread: u32,
    /// More are not seen than are counted.
    pub is_more: bool,
    /// The last moment that something happened, in ms since 1970 UTC.
    pub latest: i64,
    /// The last ones.
    pub news: Vec<News>,
}

impl Bell {
    /// `2`, `99+`.
    pub fn count(&self) -> String {
        if self.is_more { "99+".to_owned() } else { self.unread.to_string() }
    }

    /// The last one in a sentence, for a notification.
    pub fn sentence(&self) -> String {
        self.news.first().map(|news| format!("{}: {}", news.title, news.text)).unwrap_or_default()
    }
}

/// A part of the library under its filters: everything of it that a search changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    /// The filters.
    pub chips: Chips,
    /// What was not understood.
    pub found: Found,
    /// Where newer clips are.
    pub newer: Newer,
    /// The clips.
    pub wall: Wall,
    /// Where older clips are.
    pub more: More,
    /// What to say when there are none.
    pub empty: Option<Empty>,
}

super::part!(Chips, Found, Newer, Wall, Empty, Bell, Selection, Drop<'_>);
