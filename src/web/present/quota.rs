//! What is left of a plan, in a line.

use crate::domain::plan::Plan;
use crate::store::ledger::Allowance;

/// The line: `18 left today · $86.20 left of $150.00 in 30 days`.
pub fn words(has: &Allowance) -> Option<(String, bool)> {
    let Allowance { plan, usage } = has;
    if !plan.may_create {
        return Some(("Your plan is to look, not to make clips.".to_owned(), true));
    }
    let mut words = Vec::new();
    let mut is_little = false;
    let mut count = |most: Option<u32>, used: u32, what: &str| {
        if let Some(most) = most {
            let left = most.saturating_sub(used);
            is_little |= left.saturating_mul(5) <= most;
            words.push(format!("{left} {what}"));
        }
    };
    count(plan.generations_per_day, usage.day.clips, "left today");
    count(plan.generations_per_month, usage.month.clips, "left in 30 days");
    count(plan.seconds_per_day, usage.day.seconds, "s left today");
    count(plan.seconds_per_month, usage.month.seconds, "s left in 30 days");
    if let Some(most) = plan.money_per_month {
        let left = most.less(usage.month.money);
        is_little |= left.micros().saturating_mul(5) <= most.micros();
        words.push(format!("{left} left of {most} in 30 days"));
    }
    if words.is_empty() { None } else { Some((words.join(" · "), is_little)) }
}

/// What a plan gives, in a line.
pub fn summary(plan: &Plan) -> String {
    if !plan.may_create {
        return "To look, not to make clips".to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    let mut add = |limit: Option<u32>, what: &str| words.extend(limit.map(|limit| format!("{limit} {what}")));
    add(plan.generations_per_day, "generations a day");
    add(plan.generations_per_month, "in 30 days");
    add(plan.seconds_per_day, "s a day");
    add(plan.seconds_per_month, "s in 30 days");
    add(plan.at_once, "at once");
    words.extend(plan.money_per_month.map(|most| format!("{most} in 30 days")));
    words.extend(plan.largest.map(|lines| format!("up to {lines}p")));
    words.extend(plan.longest.map(|most| format!("up to {most} s")));
    words.push(format!("weight {}", plan.weight));
    if plan.api {
        words.push("API".to_owned());
    }
    words.join(" · ")
}
