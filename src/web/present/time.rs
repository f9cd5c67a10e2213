//! Moments and spans for people.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

use crate::domain::Millis;
use crate::web::view::When;

fn zoned(at: Millis) -> Zoned {
    Timestamp::from_millisecond(at.as_i64()).unwrap_or_default().to_zoned(TimeZone::system())
}

/// `today, 9:31`, `yesterday, 9:31`, `12 Nov, 9:31`, `12 Nov 2025, 9:31`, in the server's time zone.
pub fn when(at: Millis, now: Millis) -> When {
    let (at, now) = (zoned(at), zoned(now));
    let clock = at.strftime("%-H:%M").to_string();
    let yesterday = now.date().saturating_sub(1.day());
    let words = if at.date() == now.date() {
        format!("today, {clock}")
    } else if at.date() == yesterday {
        format!("yesterday, {clock}")
    } else if at.year() == now.year() {
        format!("{}, {clock}", at.strftime("%-d %b"))
    } else {
        format!("{}, {clock}", at.strftime("%-d %b %Y"))
    };
    When { iso: at.timestamp().to_string(), words }
}

/// The same for something that is near: `9:31` when it is today.
pub fn clock(at: Millis, now: Millis) -> String {
    when(at, now).words.replace("today, ", "")
}

/// A wait that is an estimate: `a few seconds`, `about 40 s`, `about 3 min`, `about 2 h`.
pub fn about(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..5 => "a few seconds".to_owned(),
        5..90 => format!("about {} s", seconds.div_ceil(5) * 5),
        90..5_400 => format!("about {} min", (seconds + 30) / 60),
        _ => format!("about {} h", (seconds + 1800) / 3600),
    }
}

/// An estimate between two ends: `20 to 40 s`, `4 to 6 min`, `1 to 2 h`; one word when they are alike.
pub fn range(least: Duration, most: Duration) -> String {
    let (a, b) = (least.as_secs(), most.as_secs().max(least.as_secs()));
    let (unit, size) = match b {
        0..90 => ("s", 1),
        90..5_400 => ("min", 60),
        _ => ("h", 3600),
    };
    let step = if size == 1 { 5 } else { 1 };
    let low = a / size / step * step;
    let high = b.div_ceil(size).div_ceil(step).max(1) * step;
    if (b - a) * 5 <= b || low == 0 { about(Duration::from_secs(b)) } else { format!("{low} to {high} {unit}") }
}

/// A span that was measured: `0.8 s`, `48 s`, `1 min 52 s`, `2 h 5 min`.
pub fn took(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..10 => format!("{}.{} s", seconds, span.subsec_millis() / 100),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// `68.2 MB`, `940 kB`.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000_000 => format!("{} kB", count.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{}.{} MB", count / 1_000_000, count % 1_000_000 / 100_000),
        _ => format!("{}.{} GB", count / 1_000_000_000, count % 1_000_000_000 / 100_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sizes_are_short_and_honest() {
        for (seconds, words) in [(3, "a few seconds"), (38, "about 40 s"), (200, "about 3 min"), (7_000, "about 2 h")] {
            assert_eq!(about(Duration::from_secs(seconds)), words);
        }
        for (least, most, words) in [
            (20, 40, "20 to 40 s"),
            (240, 360, "4 to 6 min"),
            (3_600, 7_300, "1 to 3 h"),
            (118, 121, "about 2 min"),
            (2, 3, "a few seconds"),
            (0, 500, "about 8 min"),
        ] {
            assert_eq!(range(Duration::from_secs(least), Duration::from_secs(most)), words);
        }
        assert_eq!(took(Duration::from_millis(840)), "0.8 s");
        assert_eq!(took(Duration::from_secs(112)), "1 min 52 s");
        assert_eq!(bytes(68_234_000), "68.2 MB");
        assert_eq!(bytes(900), "1 kB");
    }
}
