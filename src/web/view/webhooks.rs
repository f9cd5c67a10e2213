//! Webhooks and what was told to them.

use askama::Template;

use super::account::Once;
use super::frame::Frame;
use super::stage::When;

/// An address of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookRow {
    /// Its id.
    pub id: String,
    /// Where.
    pub url: String,
    /// Since when.
    pub made: When,
    /// Whether it is told anything.
    pub is_on: bool,
    /// What was told last, and how it stands.
    pub last: Option<ToldRow>,
}

/// Something that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldRow {
    /// Its id.
    pub id: String,
    /// `video.completed` or `video.failed`.
    pub event: &'static str,
    /// The clip's page.
    pub href: String,
    /// When the clip ended.
    pub at: When,
    /// `Delivered`, `Sent again today, 9:31`, `Given up`.
    pub state: String,
    /// It was not taken so far.
    pub is_bad: bool,
    /// It is under way by itself.
    pub is_waiting: bool,
    /// The answer, and how often it was sent.
    pub words: String,
}

/// All addresses of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account/webhooks.html")]
pub struct WebhooksPage {
    /// Around it.
    pub frame: Frame,
    /// The plan does not have the API.
    pub is_barred: bool,
    /// The secret of one that was just made, shown this once.
    pub made: Option<Once>,
    /// The address, as typed.
    pub typed: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// The newest first.
    pub hooks: Vec<HookRow>,
}

/// One address and its log.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account/webhook.html")]
pub struct WebhookPage {
    /// Around it.
    pub frame: Frame,
    /// The address.
    pub hook: HookRow,
    /// The newest first.
    pub told: Vec<ToldRow>,
    /// The address of the next part of the log.
    pub older: Option<String>,
}
