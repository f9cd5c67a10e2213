//! The queue's page, what came of it lately, and the page for many prompts at once.

use askama::Template;

use super::action::Action;
use super::composer::Settings;
use super::failure::Failure;
use super::frame::{Frame, Notice};
use super::plate::Mark;
use super::shelf::News;

/// One clip of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The generation's id.
    pub id: String,
    /// Where it stands, as the stylesheet knows it.
    pub state: &'static str,
    /// Its place in line; none while it runs.
    pub place: Option<String>,
    /// Icon or ring.
    pub mark: Mark,
    /// Two soft colours behind the mark, 1 to 3; 0 for none.
    pub tone: u8,
    /// Its title or prompt.
    pub title: String,
    /// Its page.
    pub href: String,
    /// `Veo 3.1 Fast`, `next, because it has waited longest`.
    pub facts: Vec<String>,
    /// When it starts or ends, as far as can be told.
    pub when: String,
    /// What can be done.
    pub actions: Vec<Action>,
}

/// One upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// `good`, `warn` or `bad`.
    pub tone: &'static str,
    /// `Answers`, `Asked us to wait until 14:32`.
    pub health: String,
    /// `1 of 4`.
    pub places: String,
    /// How many wait for it.
    pub waiting: String,
    /// What it usually takes.
    pub usual: String,
}

/// The queue. Its root has the id `queue`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "queue/_queue.html")]
pub struct Queue {
    /// `3 running, 5 waiting. The last in line starts in about 9 min.`
    pub summary: String,
    /// Buttons of the head.
    pub actions: Vec<Action>,
    /// Banners.
    pub notices: Vec<Notice>,
    /// Clips that need a decision: their ids, titles and cards.
    pub decisions: Vec<(String, String, Failure)>,
    /// What runs.
    pub running: Vec<Row>,
    /// How full the upstreams are.
    pub fullness: String,
    /// What waits, by its turn.
    pub waiting: Vec<Row>,
    /// More wait than are listed.
    pub hidden: u32,
    /// What did not finish: id, title, card.
    pub failed: Vec<(String, String, Failure)>,
    /// Clears all that did not finish.
    pub clear: Option<Action>,
    /// The upstreams.
    pub servers: Vec<Server>,
}

/// The queue's page.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "queue/index.html")]
pub struct QueuePage {
    /// Around it.
    pub frame: Frame,
    /// The queue.
    pub queue: Queue,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "queue/activity.html")]
pub struct ActivityPage {
    /// Around it.
    pub frame: Frame,
    /// The last first.
    pub news: Vec<News>,
    /// Where older ones are.
    pub older: Option<String>,
    /// Marks all as seen.
    pub seen: Option<Action>,
}

/// One prompt of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManyRow {
    /// Where it stands in the file.
    pub line: u64,
    /// The prompt.
    pub prompt: String,
    /// `Animatic · 16:9 · 720p · 4 s · ×1`
    pub settings: String,
    /// What it costs.
    pub cost: String,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// What many prompts would make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// `12 prompts, 24 clips`.
    pub summary: String,
    /// What all of it costs.
    pub total: String,
    /// The first of them, and every one that is wrong.
    pub rows: Vec<ManyRow>,
    /// How many more there are.
    pub hidden: usize,
    /// Sends them: `Create 24 clips · $9.60`; none when something is wrong.
    pub confirm: Option<String>,
    /// What is wrong with the whole.
    pub error: Option<String>,
}

/// The page for many prompts at once.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "queue/many.html")]
pub struct ManyPage {
    /// Around it.
    pub frame: Frame,
    /// The one-use key of the batch.
    pub token: String,
    /// The prompts as typed or read.
    pub text: String,
    /// What is wrong with them or with the file.
    pub error: Option<String>,
    /// The settings of those that say nothing else.
    pub settings: Settings,
    /// What they would make.
    pub preview: Option<Preview>,
}

super::part!(Queue);
