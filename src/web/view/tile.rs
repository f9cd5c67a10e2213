//! A generation on the wall and on its task's page: one face, two frames.

use askama::Template;

use super::action::Action;
use super::icon::Ratio;
use super::plate::Plate;
use super::stage::When;
use crate::domain::State;

/// A finished clip at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    /// The address of a still; without one the video shows its own.
    pub poster: Option<String>,
    /// The address of the video; empty for a picture.
    pub video: String,
    /// Width of the video in pixels.
    pub wide: u16,
    /// Height of the video in pixels.
    pub high: u16,
    /// It was finished while somebody watched: it plays at once.
    pub fresh: bool,
}

/// What fills a tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// Not there yet, or not there at all.
    Plate(Plate),
    /// There.
    Clip(Clip),
}

/// All of a tile but its frame.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "library/_face.html")]
pub struct Face {
    /// Its page.
    pub href: String,
    /// What its link is called: the prompt and the length, or `Take 2, 8 seconds`.
    pub label: String,
    /// The prompt for the foot of the tile; empty for none.
    pub prompt: String,
    /// `8s`; empty where the picture itself tells.
    pub length: String,
    /// Short words at the foot: `Best take`, `23 days left`.
    pub badges: Vec<String>,
    /// Buttons at the foot.
    pub actions: Vec<Action>,
    /// What fills it.
    pub picture: Picture,
}

/// What a list tells of a clip.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its title or prompt.
    pub title: String,
    /// Its model.
    pub model: String,
    /// `16:9 · 720p · 8 s`.
    pub shape: String,
    /// When it was asked for.
    pub when: When,
    /// What it cost.
    pub cost: String,
}

/// A generation on the wall.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "library/_tile.html")]
pub struct Tile {
    /// The generation's id.
    pub id: String,
    /// Where it stands.
    pub state: State,
    /// Its shape.
    pub ratio: Ratio,
    /// Picked among its takes.
    pub best: bool,
    /// Whether it is a favorite; none where it cannot be one.
    pub favorite: Option<bool>,
    /// What a list tells of it.
    pub facts: Facts,
    /// The rest.
    pub face: Face,
}

/// A generation on its task's page.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "task/_take.html")]
pub struct Take {
    /// The generation's id.
    pub id: String,
    /// Where it stands.
    pub state: State,
    /// Its shape.
    pub ratio: Ratio,
    /// Picked among the takes.
    pub best: bool,
    /// The rest of the tile.
    pub face: Face,
    /// `Take 2`.
    pub name: String,
    /// `$1.20`, `Free`.
    pub cost: String,
    /// How it stands in a few words: `Rendering, 71%`, `Can’t be stopped once sent`.
    pub words: String,
    /// Buttons, shown by their icons.
    pub actions: Vec<Action>,
}

/// Tiles without anything around them.
#[derive(Debug, Clone, Copy, Template)]
#[template(source = "{% for tile in tiles %}{{ tile }}{% endfor %}", ext = "html")]
pub struct Tiles<'a> {
    /// In reading order.
    pub tiles: &'a [Tile],
}

/// What is under the wall: where older clips are, if there are any.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "library/_more.html")]
pub struct More {
    /// The next page.
    pub next: Option<String>,
}

super::part!(Face, Tile, Take, Tiles<'_>, More);
