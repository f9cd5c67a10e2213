//! What a clip costs, in words that are true also when nobody here knows the price.

use crate::domain::{AttemptOutcome, Reason, State, Usd};
use crate::store::clips::Clip;

/// `Free`, `$0.40`, `No price set`.
pub fn price(price: Option<Usd>) -> String {
    match price {
        None => "No price set".to_owned(),
        Some(price) if price.is_zero() => "Free".to_owned(),
        Some(price) => price.to_string(),
    }
}

/// A button that spends carries the price.
pub fn button(label: &str, clip: &Clip) -> String {
    match clip.price {
        Some(price) if !price.is_zero() => format!("{label} · {price}"),
        _ => label.to_owned(),
    }
}

/// Whether money was spent on a clip that did not come, as far as anybody can know.
pub fn charged(clip: &Clip) -> String {
    if clip.reason == Some(Reason::GaveUp) {
        // Nobody came to know whether it was made: giving up does not undo a payment.
        return risk(clip);
    }
    // The job of an earlier attempt is forgotten when another one is asked for; its cost is not.
    let was_accepted = clip.upstream_id.is_some();
    match clip.price {
        Some(price) if price.is_zero() => "It costs nothing.".to_owned(),
        _ if !was_accepted && clip.cost.is_zero() => "Nothing was charged.".to_owned(),
        _ if !was_accepted => format!("Nothing was charged this time. Earlier attempts may have cost {}.", clip.cost),
        Some(_) => format!("The upstream had accepted it, so it may charge {}.", clip.cost),
        None => "The upstream had accepted it, so it may charge for it.".to_owned(),
    }
}

/// What may have been paid for a clip of which nobody knows whether it was made.
pub fn risk(clip: &Clip) -> String {
    match clip.price {
        Some(price) if price.is_zero() => "It costs nothing.".to_owned(),
        Some(price) => format!("You may have paid {price}."),
        None => "You may have paid for it.".to_owned(),
    }
}

/// The cost among the facts of a clip.
pub fn fact(clip: &Clip) -> String {
    match (clip.price, clip.state) {
        (None, _) => "No price set in rushes.toml".to_owned(),
        (Some(price), _) if price.is_zero() && clip.cost.is_zero() => "Free".to_owned(),
        _ if !clip.cost.is_zero() => clip.cost.to_string(),
        (Some(price), State::Uncertain) => format!("perhaps {price}"),
        (Some(price), State::Failed) if clip.reason == Some(Reason::GaveUp) => format!("perhaps {price}"),
        (_, State::Failed | State::Canceled) => "Nothing".to_owned(),
        (Some(price), _) => format!("{price} when sent"),
    }
}

/// What one attempt cost.
pub fn of_attempt(outcome: AttemptOutcome, clip: &Clip) -> String {
    let free = clip.price.is_some_and(Usd::is_zero);
    match outcome {
        _ if free => "Free".to_owned(),
        AttemptOutcome::Sending => "Not known yet".to_owned(),
        AttemptOutcome::Accepted => price(clip.price),
        AttemptOutcome::NotSent | AttemptOutcome::Refused => "Nothing charged".to_owned(),
        AttemptOutcome::Uncertain | AttemptOutcome::Abandoned => "May have been charged".to_owned(),
    }
}
