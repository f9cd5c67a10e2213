//! Whole pages.

use askama::Template;

use super::action::Action;
use super::composer::Composer;
use super::cut::Lineage;
use super::frame::Frame;
use super::icon::Ratio;
use super::shelf::{Item, Look, Search, Selection, Shelf, Size, UploadForm};
use super::stage::{Keep, Player, Side, Stage, When};
use super::tile::Take;

/// A prompt to begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// A file of `static/samples`, without folder: `train.webp`.
    pub still: &'static str,
    /// The prompt.
    pub prompt: &'static str,
}

impl Sample {
    /// The address of its still.
    pub fn still(&self) -> String {
        super::static_url(&format!("samples/{}", self.still))
    }

    /// The prompts of an empty library.
    pub const ALL: [Self; 6] = [
        Self {
            still: "train.webp",
            prompt: "A steam train crosses a stone viaduct above the fog, wide aerial, overcast",
        },
        Self {
            still: "room.webp",
            prompt: "Afternoon light slides across a wall, dried stems in a white vase, locked camera",
        },
        Self { still: "aurora.webp", prompt: "Green aurora ripples over snowy pines, time-lapse on a tripod" },
        Self {
            still: "forest.webp",
            prompt: "A figure in a red coat walks into a misty forest, low sun, tracking shot",
        },
        Self { still: "balloons.webp", prompt: "Hot-air balloons drift over a hazy valley at first light, slow pan" },
        Self { still: "under.webp", prompt: "A diver circles a shoal of silver fish, shafts of light, looking up" },
    ];
}

/// A part of the library.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "library/index.html")]
pub struct LibraryPage {
    /// Around it.
    pub frame: Frame,
    /// What this part is called.
    pub name: String,
    /// The other parts.
    pub scopes: Vec<Item>,
    /// The clips under their filters.
    pub shelf: Shelf,
    /// The search box.
    pub search: Search,
    /// How the wall is shown.
    pub look: Look,
    /// What holds for all clips here.
    pub note: Option<String>,
    /// What can be done with the whole.
    pub tools: Vec<Action>,
    /// The form for files, where they belong.
    pub upload: Option<UploadForm>,
    /// What can be done with chosen clips.
    pub selection: Selection,
    /// The composer.
    pub composer: Composer,
    /// Nothing was ever made here.
    pub is_first_run: bool,
}

impl LibraryPage {
    /// Prompts to begin with, for a library without clips.
    pub fn samples(&self) -> &'static [Sample] {
        if self.is_first_run { &Sample::ALL } else { &[] }
    }
}

/// One task: its takes side by side.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "task/index.html")]
pub struct TaskPage {
    /// Around it.
    pub frame: Frame,
    /// The composer.
    pub composer: Composer,
    /// The whole prompt; line breaks are kept.
    pub prompt: String,
    /// When it was asked for.
    pub when: When,
    /// `Veo 3.1 Fast`, `16:9`, `720p`, `8 s`, `4 takes`, `$3.60 so far, $4.80 in all`.
    pub facts: Vec<String>,
    /// Drawn on this server: the note says so.
    pub is_animatic: bool,
    /// The shape of the takes.
    pub ratio: Ratio,
    /// In order.
    pub takes: Vec<Take>,
    /// What can be done with the whole: edit the prompt, compare, cancel what waits.
    pub actions: Vec<Action>,
}

/// Two takes that play in step.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "task/compare.html")]
pub struct ComparePage {
    /// Around it.
    pub frame: Frame,
    /// The task's page.
    pub back: String,
    /// The prompt.
    pub prompt: String,
    /// Every finished take as a link that puts it beside the first: its number, the address, whether it is there.
    pub others: Vec<Item>,
    /// The two, each with what can be done.
    pub sides: Vec<(Player, Ratio, String, Vec<Action>)>,
}

/// What a waiting task asks for, to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "task/edit.html")]
pub struct EditPage {
    /// Around it.
    pub frame: Frame,
    /// The task's page.
    pub back: String,
    /// How many takes it has.
    pub takes: u8,
    /// The composer.
    pub composer: Composer,
}

/// One generation.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "generation/index.html")]
pub struct GenerationPage {
    /// Around it.
    pub frame: Frame,
    /// The page of its task.
    pub task_href: String,
    /// `Lighthouse, take 1 of 4`.
    pub task_label: String,
    /// The clip before this one on the wall.
    pub previous: Option<String>,
    /// The clip after this one on the wall.
    pub next: Option<String>,
    /// Where the list is that it belongs to, and what that is called.
    pub back: Item,
    /// The picture.
    pub stage: Stage,
    /// What people keep with it.
    pub keep: Keep,
    /// What it came from, and what came of it.
    pub lineage: Lineage,
    /// The words.
    pub side: Side,
}

/// A clip, and the composer that goes on from it.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "generation/follow.html")]
pub struct FollowPage {
    /// Around it.
    pub frame: Frame,
    /// The clip's page.
    pub back: String,
    /// `Remix`, `Extend`.
    pub title: &'static str,
    /// What the clip is called.
    pub name: String,
    /// The clip.
    pub stage: Stage,
    /// The composer.
    pub composer: Composer,
}

/// Something is not there, not allowed, or broken.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Around it.
    pub frame: Frame,
    /// The HTTP status.
    pub code: u16,
    /// `No clip at this address`.
    pub title: String,
    /// What it means and what to do.
    pub text: String,
    /// Ways on; the first one is loud.
    pub actions: Vec<Action>,
    /// A last quiet line; may be empty.
    pub small: String,
}
