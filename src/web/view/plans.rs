//! Plans: what each lets people make, spend and run at once, and the form that says so.

use askama::Template;

use super::composer::Choice;
use super::frame::Frame;

/// What can be limited: the field's name, its label, its unit.
const LIMITS: [(&str, &str, &str); 10] = [
    ("generations_per_day", "Clips a day", ""),
    ("generations_per_month", "Clips in 30 days", ""),
    ("seconds_per_day", "Seconds a day", ""),
    ("seconds_per_month", "Seconds in 30 days", ""),
    ("money_per_month", "Money in 30 days", "$"),
    ("at_once", "Running at once", ""),
    ("weight", "Queue share", "1 to 100"),
    ("longest", "Longest clip", "in seconds"),
    ("storage_gb", "Storage", "in GB"),
    ("api_per_minute", "API requests a minute", ""),
];

/// A limit as typed. An empty one is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The field's name.
    pub name: &'static str,
    /// As people read it.
    pub label: &'static str,
    /// Its unit, or nothing.
    pub unit: &'static str,
    /// What nothing means: `No limit`, or nothing where something must be typed.
    pub empty: &'static str,
    /// What was typed.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl Limit {
    /// The limit of a field. An unknown name is a mistake of ours, which a debug build finds.
    pub fn new(name: &'static str, value: impl Into<String>, error: Option<String>) -> Self {
        let known = LIMITS.into_iter().find(|(known, ..)| *known == name);
        debug_assert!(known.is_some(), "no limit {name}");
        let (_, label, unit) = known.unwrap_or((name, name, ""));
        let empty = if name == "weight" { "" } else { "No limit" };
        Self { name, label, unit, empty, value: value.into(), error }
    }
}

/// What a plan says, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanForm {
    /// Field `may_create`.
    pub may_create: bool,
    /// The text fields, in order.
    pub limits: Vec<Limit>,
    /// Field `largest`: resolutions, none first.
    pub largest: Vec<Choice>,
    /// What is wrong with it.
    pub largest_error: Option<String>,
    /// Field `models`; none checked means all.
    pub models: Vec<Choice>,
    /// What is wrong with them.
    pub models_error: Option<String>,
    /// Field `api`.
    pub api: bool,
    /// Field `at_cap`: goes on in the relaxed lane instead of refusing.
    pub is_relaxed: bool,
    /// What is wrong with the whole, for example that somebody got it meanwhile.
    pub error: Option<String>,
}

impl PlanForm {
    fn is_wrong(&self) -> bool {
        let other = [&self.largest_error, &self.models_error, &self.error];
        self.limits.iter().any(|limit| limit.error.is_some()) || other.into_iter().any(Option::is_some)
    }
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanCard {
    /// Its name in addresses: lower-case letters, digits and dashes.
    pub name: String,
    /// As people read it: `Plus`, `No access`.
    pub title: String,
    /// `6 people`, `nobody`.
    pub people: String,
    /// `30 a day · 2 at once · weight 1 · refuses at the cap`.
    pub summary: String,
    /// Nobody has it, so it can go.
    pub may_remove: bool,
    /// Its form is unfolded; it always is when something in it is wrong.
    pub is_open: bool,
    /// Its form.
    pub form: PlanForm,
}

impl PlanCard {
    fn is_seen(&self) -> bool {
        self.is_open || self.form.is_wrong()
    }
}

/// `GET /admin/plans`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "admin/plans.html")]
pub struct PlansPage {
    /// Around it.
    pub frame: Frame,
    /// The tightest first.
    pub plans: Vec<PlanCard>,
    /// What was typed as a new plan's name.
    pub new_name: String,
    /// What is wrong with it.
    pub new_name_error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_with_a_wrong_limit_is_unfolded() {
        let mut card = PlanCard {
            name: "pro".to_owned(),
            title: "Pro".to_owned(),
            people: "3 people".to_owned(),
            summary: String::new(),
            may_remove: false,
            is_open: false,
            form: PlanForm::default(),
        };
        assert!(!card.is_seen());
        card.form.limits.push(Limit::new("weight", "0", Some("Use 1 to 100.".to_owned())));
        assert!(card.is_seen());
    }

    #[test]
    fn every_limit_has_words_of_its_own() {
        for (at, (name, label, _)) in LIMITS.iter().enumerate() {
            assert_eq!(Limit::new(name, "", None).label, *label);
            assert!(LIMITS[..at].iter().all(|(_, other, _)| other != label), "{label}");
        }
    }
}
