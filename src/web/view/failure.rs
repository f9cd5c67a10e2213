//! Why there is no clip: what happened, money, what to do, the upstream's own words. Always in this order.

use askama::Template;

use super::action::Action;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Went wrong.
    Bad,
    /// Needs a decision, or waits.
    Warn,
}

impl Mood {
    /// The class the stylesheet knows it by.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Warn => "warn",
        }
    }
}

/// The upstream's own words, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// `What the upstream said`, `Evidence`.
    pub label: String,
    /// The code and the text, or a log; line breaks are kept.
    pub text: String,
}

/// The three answers to “was it made?”.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The generation's id.
    pub id: String,
    /// Where “It was made, here is its id” posts its field `upstream_id`.
    pub adopt: String,
    /// What was typed as the id.
    pub upstream_id: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// “It was not made, send again”, with the price.
    pub send_again: Action,
    /// “Give up”.
    pub give_up: Action,
}

/// The failure card.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "shared/_failure.html")]
pub struct Failure {
    /// Red or amber.
    pub mood: Mood,
    /// An icon's name.
    pub icon: &'static str,
    /// What happened: `Refused before it started`.
    pub title: String,
    /// `Nothing was charged`, `You may have paid $1.20`.
    pub money: String,
    /// What to do, in one or two sentences.
    pub advice: String,
    /// Buttons.
    pub actions: Vec<Action>,
    /// The choices when nobody knows whether it was made.
    pub decision: Option<Box<Decision>>,
    /// The upstream's words.
    pub raw: Option<Raw>,
    /// The page that explains this kind of failure.
    pub help: Option<&'static str>,
}

super::part!(Failure);
