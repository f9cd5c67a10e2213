//! Why nothing is sent to an upstream just now, in a banner.

use super::time::clock;
use crate::domain::Millis;
use crate::web::view::{Mood, Notice};
use crate::work::pause::{Pause, Why};

/// The banner; none for what another one, or the waiting clips themselves, tell.
pub fn notice(pause: &Pause, now: Millis) -> Option<Notice> {
    let name = &pause.upstream;
    let until = clock(pause.until, now);
    let (icon, title, text) = match pause.why {
        Why::Unreachable => return None,
        Why::Asked => (
            "timer",
            format!("{name} asked for a pause until {until}."),
            "Waiting clips keep their place and go on by themselves.".to_owned(),
        ),
        Why::Key => (
            "key",
            format!("{name} refuses the key."),
            format!(
                "Waiting clips keep their place; one is tried at {until}. Whoever runs this server can mend the key in \
                 rushes.toml."
            ),
        ),
        Why::Funds => (
            "wallet",
            format!("{name} is out of funds or over its quota."),
            format!(
                "Waiting clips keep their place; one is tried at {until}. Add credit or raise the limit in its console."
            ),
        ),
        Why::Unknown => (
            "question",
            format!("{name} left several clips without an answer."),
            format!(
                "So that nothing is paid twice, no more are sent until {until}. The list of {name} is read meanwhile."
            ),
        ),
        Why::Silent => (
            "unplug",
            format!("{name} does not answer."),
            format!("It is asked again at {until}. What it makes goes on there, and what waits here keeps its place."),
        ),
    };
    Some(Notice { mood: Some(Mood::Warn), icon, title, text, action: None })
}
