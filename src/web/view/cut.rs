//! Pages on which clips are made of clips, and the tree of what came from what.

use askama::Template;

use super::frame::Frame;
use super::icon::Ratio;
use super::stage::Player;

/// A part of a clip, in seconds as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub from: String,
    /// Where it ends.
    pub to: String,
}

/// One of a few ways.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// What the form posts.
    pub value: String,
    /// What people read.
    pub label: String,
    /// The address of a still, where it is a clip.
    pub still: Option<String>,
    /// The chosen one.
    pub checked: bool,
}

impl Way {
    /// A way without a picture.
    pub fn new(value: &str, label: &str, chosen: &str) -> Self {
        Self { value: value.to_owned(), label: label.to_owned(), still: None, checked: value == chosen }
    }
}

/// A clip of a row that is stitched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The address of its still.
    pub still: Option<String>,
    /// `8.0 s`.
    pub length: String,
}

/// What is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A part.
    Trim(Span),
    /// A part that ends where it begins: how, and how long the seam is.
    Loop(Span, Vec<Way>, Vec<Way>),
    /// Two clips that pass into each other: with which, along which curve, over how many seconds.
    Blend(Vec<Way>, Vec<Way>, String),
    /// Several clips in a row.
    Stitch(Vec<Piece>),
    /// Another form: which, and the moment of a single frame.
    Convert(Vec<Way>, String),
}

/// A page on which a clip is made of others.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "generation/cut.html")]
pub struct CutPage {
    /// Around it.
    pub frame: Frame,
    /// `Trim`.
    pub title: &'static str,
    /// What the button says.
    pub verb: &'static str,
    /// The page that led here.
    pub back: String,
    /// Where it is sent.
    pub action: String,
    /// The one-use key.
    pub token: String,
    /// The clip.
    pub player: Option<(Player, Ratio)>,
    /// Its length in seconds.
    pub seconds: String,
    /// What is made.
    pub kind: Kind,
    /// What is wrong with what was typed.
    pub error: Option<String>,
    /// Why nothing can be made now.
    pub absent: Option<String>,
}

/// A clip in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kin {
    /// Its page.
    pub href: String,
    /// What it is called.
    pub name: String,
    /// The address of its still.
    pub still: Option<String>,
    /// How it came to be.
    pub operation: &'static str,
}

/// What a clip came from, and what came of it. Its root has the id `lineage`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "generation/_lineage.html")]
pub struct Lineage {
    /// What it was made of.
    pub parents: Vec<Kin>,
    /// The clip itself.
    pub this: Kin,
    /// Made of the same.
    pub siblings: Vec<Kin>,
    /// Made of it.
    pub children: Vec<Kin>,
}

impl Lineage {
    /// Whether there is anything to draw.
    pub fn is_any(&self) -> bool {
        !(self.parents.is_empty() && self.siblings.is_empty() && self.children.is_empty())
    }
}

super::part!(Lineage);
