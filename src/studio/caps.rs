//! What stopped a Create, in a sentence that says what to do.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::domain::Millis;
use crate::domain::plan::Cap;

/// `tomorrow at 09:40`, `on 3 December at 09:40`.
pub fn moment(at: Millis, now: Millis, zone: &TimeZone) -> String {
    let zoned = |at: Millis| Timestamp::from_millisecond(at.as_i64()).unwrap_or_default().to_zoned(zone.clone());
    let (at, now) = (zoned(at), zoned(now));
    let clock = at.strftime("%H:%M");
    if at.date() == now.date() {
        format!("today at {clock}")
    } else if at.date() == now.date().saturating_add(1.day()) {
        format!("tomorrow at {clock}")
    } else {
        format!("on {} at {clock}", at.strftime("%-d %B"))
    }
}

/// What a cap says: what is reached, when there is room again where that is known, and who can change it.
/// `here`: this moment and the time zone of whoever reads.
pub fn words(cap: Cap, free: Option<Millis>, here: Option<(Millis, &TimeZone)>) -> String {
    const RAISE: &str = "An owner or admin can raise it.";
    let when = match (free, here) {
        (Some(free), Some((now, zone))) => format!(" There is room again {}.", moment(free, now, zone)),
        _ => String::new(),
    };
    match cap {
        Cap::NoAccess => {
            "Your plan is to look, not to make clips. An owner or admin can give you another one.".to_owned()
        }
        Cap::Model => "Your plan does not have this model. Choose another one, or ask an owner or admin.".to_owned(),
        Cap::Largest(lines) => {
            format!("Your plan goes up to {lines}p. Choose a smaller resolution, or ask an owner or admin.")
        }
        Cap::Longest(most) => {
            format!("Your plan goes up to {most} s a clip. Choose a shorter one, or ask an owner or admin.")
        }
        Cap::ClipsPerDay(most, used) => {
            format!("Your plan has {most} generations a day, and {used} are used.{when} {RAISE}")
        }
        Cap::ClipsPerMonth(most, used) => {
            format!("Your plan has {most} generations in 30 days, and {used} are used.{when} {RAISE}")
        }
        Cap::SecondsPerDay(most, used) => {
            format!("Your plan has {most} s of video a day, and {used} are used.{when} {RAISE}")
        }
        Cap::SecondsPerMonth(most, used) => {
            format!("Your plan has {most} s of video in 30 days, and {used} are used.{when} {RAISE}")
        }
        Cap::Money(most, used) => {
            format!("You may spend {most} in 30 days, and {used} is spent or held.{when} {RAISE}")
        }
        Cap::Storage(most, _) => format!(
            "Your clips fill the {} GB of your plan. Delete some, and empty the trash; or ask an owner or admin.",
            most / 1_000_000_000
        ),
        Cap::NoPrice => {
            "Nobody has set what this model costs, so it cannot be held against the budget. An owner or admin can \
             set its price in rushes.toml."
                .to_owned()
        }
        Cap::Instance(most, used) => {
            format!("The team may spend {most} in 30 days, and {used} is spent or held.{when} {RAISE}")
        }
        Cap::Upstream(most, used) => {
            format!("The team may spend {most} at this upstream in 30 days, and {used} is spent or held.{when} {RAISE}")
        }
    }
}
