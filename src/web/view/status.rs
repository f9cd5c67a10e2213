//! How the server is, for whoever runs it.

use askama::Template;

use super::action::Action;
use super::failure::Mood;
use super::frame::Frame;

/// One thing that is well, or is not.
#[derive(Debug, Clone, Default)]
pub struct StatusLine {
    /// What it is: an upstream's name, `Disk`.
    pub name: String,
    /// None while it is well.
    pub mood: Option<Mood>,
    /// How it stands, in a sentence or two.
    pub words: String,
    /// What to do, where something should be done.
    pub hint: Option<String>,
    /// Where to do it.
    pub action: Option<Action>,
}

/// Lines that belong together.
#[derive(Debug, Clone)]
pub struct StatusGroup {
    /// `Upstreams`, `This server`.
    pub title: &'static str,
    /// Names the heading for the list below it.
    pub id: &'static str,
    /// What there is.
    pub lines: Vec<StatusLine>,
}

/// `/admin/status`.
#[derive(Debug, Template)]
#[template(path = "admin/status.html")]
pub struct StatusPage {
    /// Around it.
    pub frame: Frame,
    /// `Everything is well.`
    pub summary: String,
    /// Whether there are accounts, and so the other pages of the team.
    pub has_team: bool,
    /// What there is.
    pub groups: Vec<StatusGroup>,
}
