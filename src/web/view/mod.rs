//! The page layer: structs of ready-to-print values, each with the one template that draws it.
//! A part (tile, composer, stage, …) is itself a template, so a page, an answer and the stream
//! print the same thing. Refuses I/O, clocks and money arithmetic: whoever fills these did that.

pub mod account;
pub mod action;
pub mod asset;
pub mod chart;
pub mod composer;
pub mod cut;
pub mod failure;
pub mod frame;
pub mod icon;
pub mod keys;
pub mod live;
pub mod page;
pub mod people;
pub mod plans;
pub mod plate;
pub mod presets;
pub mod queue;
#[cfg(test)]
mod rules;
pub mod settings;
pub mod shelf;
pub mod stage;
pub mod status;
pub mod storyboard;
pub mod tile;
pub mod usage;
pub mod webhooks;

pub use action::{Action, Go, Tone};
pub use asset::static_url;
pub use composer::{Choice, Composer, Cost, Menu, Settings, option_id};
pub use failure::{Decision, Failure, Mood, Raw};
pub use frame::{Flash, Frame, Notice, Section, Stop, Theme, Waiting};
pub use icon::{Ratio, icon};
pub use live::Message;
pub use page::{ComparePage, ErrorPage, FollowPage, GenerationPage, LibraryPage, Sample, TaskPage};
pub use plate::{Elapsed, Mark, Plate, Ring};
pub use shelf::{Bell, Item, Look};
pub use stage::{Attempt, Fact, Facts, Keep, Player, Show, Side, Stage, When};
pub use tile::{Clip, Face, More, Picture, Take, Tile, Tiles};

/// Marks what a template of ours printed as HTML, so that another template does not escape it again.
macro_rules! part {
    ($($name:ty),* $(,)?) => { $(impl askama::filters::HtmlSafe for $name {})* };
}
pub(crate) use part;
