//! What was used and what is left: one's own, the team's with its budgets, and the line at the composer.

use askama::Template;

use super::chart::Chart;
use super::failure::Mood;
use super::frame::Frame;
use super::shelf::Item;
use super::stage::When;

/// The one large number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hero {
    /// `18`, `$412.30`, `No limit`.
    pub number: String,
    /// `generations left today`.
    pub words: String,
    /// `12 of 30 used. Resets tomorrow at 09:40.`
    pub detail: String,
}

impl Hero {
    /// Whether it needs smaller figures to stay in one line.
    fn is_long(&self) -> bool {
        self.number.chars().count() > 7
    }
}

/// How much of a cap is used.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "usage/_meter.html")]
pub struct Meter {
    /// `Money`.
    pub label: String,
    /// `$86.20 of $150 left`.
    pub words: String,
    /// What is used, in any unit.
    pub value: u64,
    /// The cap in the same unit.
    pub max: u64,
    /// Little is left, or nothing.
    pub mood: Option<Mood>,
    /// What the bar is called for those who listen: `Money used in 30 days`.
    pub aria: String,
}

/// One line of what somebody or something used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UseRow {
    /// A person, a model, an upstream.
    pub name: String,
    /// Where it is seen, or nothing.
    pub href: String,
    /// How many clips.
    pub clips: String,
    /// How many seconds.
    pub seconds: String,
    /// What they cost.
    pub cost: String,
    /// How many were kept.
    pub kept: String,
    /// What a kept one cost; empty when none was kept.
    pub per_kept: String,
}

/// A table of what was used. Its root has the id `by-{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "usage/_by.html")]
pub struct By {
    /// `model`, `person`, `upstream`.
    pub id: &'static str,
    /// `By model`.
    pub title: &'static str,
    /// The first column's heading: `Model`.
    pub what: &'static str,
    /// The most used first.
    pub rows: Vec<UseRow>,
}

/// What became of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sum {
    /// Put aside until the clip is made.
    Held,
    /// Paid.
    Spent,
    /// No longer held: nothing was made.
    Released,
}

impl Sum {
    /// In a word.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Held => "Held",
            Self::Spent => "Spent",
            Self::Released => "Released",
        }
    }
}

/// A line of the record of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// When.
    pub when: When,
    /// The clip's title or prompt.
    pub what: String,
    /// The clip's page; empty when it is gone.
    pub href: String,
    /// `$1.20`.
    pub amount: String,
    /// What became of it.
    pub sum: Sum,
}

/// `GET /usage`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "usage/index.html")]
pub struct UsagePage {
    /// Around it.
    pub frame: Frame,
    /// The one who asks may see everybody's.
    pub has_team: bool,
    /// `30 days`, `12 months`.
    pub periods: Vec<Item>,
    /// What is left.
    pub hero: Hero,
    /// The other caps.
    pub meters: Vec<Meter>,
    /// `Plan: Plus. Ines or Tom can raise it.`
    pub plan: String,
    /// `$1.20` is held for clips whose outcome is unknown.
    pub unknown: Option<String>,
    /// What was made by day or month.
    pub chart: Chart,
    /// By model.
    pub models: By,
    /// The last first.
    pub ledger: Vec<LedgerRow>,
    /// Everything as a table: `/usage.csv?…`.
    pub csv: String,
}

/// What may be spent in 30 days, in all or at one upstream; the form posts `scope` and `money_per_month`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// `instance`, or `upstream:` and its name.
    pub scope: String,
    /// `Everything`, `Gateway`.
    pub title: String,
    /// How much of it is spent and held; none without a budget.
    pub meter: Option<Meter>,
    /// What to say without one: `$412.30 spent, no budget`.
    pub words: String,
    /// The budget in dollars, as typed; empty for none.
    pub money: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// `GET /admin/usage`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "admin/usage.html")]
pub struct TeamUsagePage {
    /// Around it.
    pub frame: Frame,
    /// `30 days`, `12 months`.
    pub periods: Vec<Item>,
    /// The money, with clips and seconds beneath.
    pub hero: Hero,
    /// The whole first, then by upstream.
    pub budgets: Vec<Budget>,
    /// `$1.20` is held for clips whose outcome is unknown.
    pub unknown: Option<String>,
    /// Money by day or month.
    pub chart: Chart,
    /// By person.
    pub people: By,
    /// By model.
    pub models: By,
    /// By upstream.
    pub upstreams: By,
    /// Everything as a table: `/admin/usage.csv?…`.
    pub csv: String,
}

super::part!(Meter, By);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_has_words_and_an_icon_beside_its_colour() {
        let mut meter = Meter {
            label: "Seconds".to_owned(),
            words: "612 of 3,000 left".to_owned(),
            value: 2388,
            max: 3000,
            mood: None,
            aria: "Seconds used in 30 days".to_owned(),
        };
        assert!(meter.render().is_ok_and(|html| !html.contains("<svg")));
        meter.mood = Some(Mood::Warn);
        assert!(meter.render().is_ok_and(|html| html.contains("<svg") && html.contains("meter warn")));
    }

    #[test]
    fn long_numbers_are_set_smaller() {
        let hero = |number: &str| Hero { number: number.to_owned(), ..Hero::default() };
        assert!(!hero("18").is_long() && !hero("$412.30").is_long());
        assert!(hero("$1,412.30").is_long() && hero("No limit").is_long());
    }
}
