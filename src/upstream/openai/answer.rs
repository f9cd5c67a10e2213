//! What came back from an upstream: nothing, or a status, headers and a bounded body.
//! Pure readings of it (JSON, pauses, moments); refuses to know what any of it means.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::domain::Millis;

/// The longest pause that an upstream may ask for.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// From here on a number of "seconds" can only be milliseconds (it is the year 5138).
const SURELY_MILLIS: i64 = 100_000_000_000;

/// How one request ended.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// It could not even be written down: nothing was sent.
    Unsendable(String),
    /// No connection could be made: nothing was sent.
    Unreachable(String),
    /// It went out, or may have; no answer came.
    Silent(String),
    /// An answer, whatever it says.
    Answered(Answer),
}

/// An answer's head and what could be read of its body.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub content: Content,
}

/// A body, as far as it was read.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// All of it.
    Whole(Bytes),
    /// It broke off.
    Cut,
    /// It has more bytes than we read.
    TooLong,
}

impl Answer {
    /// The body as JSON; none if it is not whole, or not JSON. Bytes that are not
    /// UTF-8 are replaced: one bad sign in an echoed prompt must not lose a paid id.
    pub fn json(&self) -> Option<Value> {
        let Content::Whole(bytes) = &self.content else { return None };
        let text = String::from_utf8_lossy(bytes);
        serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()
    }

    /// Whether it is a web page, as a proxy in between would write one.
    pub fn is_page(&self) -> bool {
        let typed = self.header(CONTENT_TYPE.as_str()).is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
        let Content::Whole(bytes) = &self.content else { return typed };
        typed || bytes.trim_ascii_start().starts_with(b"<")
    }

    /// How long it asks us to wait before the same request.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers)
    }

    /// When it wants the next poll.
    pub fn poll_after(&self, body: Option<&Value>) -> Option<Duration> {
        let told = || {
            let value = body?.get("poll_after_seconds")?;
            decimal_millis(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let header = || self.header("openai-poll-after-ms").and_then(millis);
        header().or_else(told).or_else(|| self.retry_after())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// `retry-after-ms`, or `Retry-After` as seconds or as a date, at most an hour. Junk is nothing.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(pause) = text("retry-after-ms").and_then(millis) {
        return Some(pause);
    }
    let wish = text(RETRY_AFTER.as_str())?;
    decimal_millis(wish).or_else(|| {
        // Measured against the answer's own clock, so that neither side's clock has to be right.
        let now = rfc2822::DateTimeParser::new().parse_timestamp(text(DATE.as_str())?).ok()?;
        let then = rfc2822::DateTimeParser::new().parse_timestamp(wish).ok()?;
        let pause = u64::try_from(then.as_millisecond().saturating_sub(now.as_millisecond())).unwrap_or(0);
        Some(Duration::from_millis(pause).min(LONGEST_PAUSE))
    })
}

fn whole(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than fit are still a very long pause.
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn millis(text: &str) -> Option<Duration> {
    let digits = text.split_once('.').map_or(text, |(digits, _)| digits);
    Some(Duration::from_millis(whole(digits)?).min(LONGEST_PAUSE))
}

/// Seconds with or without a fraction.
fn decimal_millis(text: &str) -> Option<Duration> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    whole(fraction)?;
    let thousandths = whole(&format!("{fraction:0<3}")[..3])?;
    let millis = whole(seconds)?.saturating_mul(1000).saturating_add(thousandths);
    Some(Duration::from_millis(millis).min(LONGEST_PAUSE))
}

/// A moment in any of the ways upstreams write one: Unix seconds or milliseconds, as a
/// number or text, ISO 8601, or `2026-09-01 12:00:00` (taken as UTC). Zero is nothing.
pub(super) fn moment(value: &Value) -> Option<Millis> {
    let written = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let digits = written.split_once('.').map_or(written.as_str(), |(digits, _)| digits);
    if let Ok(number) = digits.parse::<i64>() {
        let millis = if number >= SURELY_MILLIS { number } else { number.saturating_mul(1000) };
        return (number > 0).then(|| Millis::from_i64(millis));
    }
    let stamp: Timestamp = written.parse().ok().or_else(|| {
        let local: jiff::civil::DateTime = written.parse().ok()?;
        local.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })?;
    Some(Millis::from_i64(stamp.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|&(name, value)| (reqwest::header::HeaderName::from_static(name), value.parse().expect("a value")))
            .collect()
    }

    #[test]
    fn pauses_are_read_in_every_form_and_never_longer_than_an_hour() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for (pairs, seconds) in [
            (vec![("retry-after", "0")], Some(0)),
            (vec![("retry-after", "5")], Some(5)),
            (vec![("retry-after", "1000000000")], Some(3600)),
            (vec![("retry-after", "99999999999999999999999")], Some(3600)),
            (vec![("retry-after", "-1")], None),
            (vec![("retry-after", "soon")], None),
            (vec![("retry-after", "")], None),
            (vec![("retry-after", "NaN")], None),
            (vec![("retry-after-ms", "7000"), ("retry-after", "60")], Some(7)),
            (vec![("retry-after-ms", "junk"), ("retry-after", "60")], Some(60)),
            (vec![date, ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")], Some(30)),
            (vec![date, ("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], Some(0)),
            (vec![date, ("retry-after", "Sun, 06 Nov 2094 08:00:00 GMT")], None),
            (vec![date, ("retry-after", "Sat, 06 Nov 2094 08:00:00 GMT")], Some(3600)),
            (vec![("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")], None),
        ] {
            assert_eq!(retry_after(&headers(&pairs)), seconds.map(Duration::from_secs), "{pairs:?}");
        }
        assert_eq!(retry_after(&headers(&[("retry-after", "1.5")])), Some(Duration::from_millis(1500)));
    }

    #[test]
    fn moments_are_read_in_every_form() {
        let expected = Some(Millis::from_i64(1_790_000_000_000));
        for value in [
            json!(1_790_000_000),
            json!(1_790_000_000_000_i64),
            json!(1_790_000_000.25),
            json!("1790000000"),
            json!("2026-09-21T14:13:20Z"),
            json!("2026-09-21T16:13:20+02:00"),
            json!("2026-09-21 14:13:20"),
        ] {
            assert_eq!(moment(&value), expected, "{value}");
        }
        for value in [json!(0), json!(null), json!(""), json!("soon"), json!([1]), json!(-5)] {
            assert_eq!(moment(&value), None, "{value}");
        }
    }
}
