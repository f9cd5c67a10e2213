//! `[[upstream.models.prices]]`: what clips cost by size, length, sound and date.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

use super::{ConfigError, Source};
use crate::domain::{Charge, Millis, Pixels, Rate, Seconds, Usd};

/// A line as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRate {
    size: Option<Spanned<String>>,
    resolution: Option<Spanned<String>>,
    seconds: Option<Spanned<i64>>,
    audio: Option<bool>,
    from: Option<Spanned<String>>,
    per_second: Option<Spanned<String>>,
    per_clip: Option<Spanned<String>>,
}

const KEY: &str = "upstream.models.prices";

/// Reads every line, or says what is wrong with one.
pub(super) fn read(source: &Source<'_>, lines: &[Spanned<FileRate>]) -> Result<Vec<Rate>, ConfigError> {
    lines.iter().map(|line| rate(source, line)).collect()
}

fn rate(source: &Source<'_>, line: &Spanned<FileRate>) -> Result<Rate, ConfigError> {
    let file = line.get_ref();
    let money = |key: &str, text: &Spanned<String>| {
        Usd::from_str(text.get_ref()).map_err(|error| source.wrong(&format!("{KEY}.{key}"), text, error))
    };
    let charge = match (&file.per_second, &file.per_clip) {
        (Some(price), None) => Charge::Second(money("per_second", price)?),
        (None, Some(price)) => Charge::Clip(money("per_clip", price)?),
        (Some(_), Some(_)) | (None, None) => {
            return Err(source.wrong(KEY, line, "give one of per_second and per_clip"));
        }
    };
    let size = file.size.as_ref().map(|text| {
        Pixels::from_str(text.get_ref()).map_err(|error| source.wrong(&format!("{KEY}.size"), text, error))
    });
    let lines = file.resolution.as_ref().map(|text| {
        let what = "write lines such as \"720p\"";
        let lines = text.get_ref().strip_suffix('p').and_then(|lines| lines.parse().ok());
        lines.ok_or_else(|| source.wrong(&format!("{KEY}.resolution"), text, what))
    });
    let seconds = file.seconds.as_ref().map(|number| {
        let read = u16::try_from(*number.get_ref()).ok().and_then(Seconds::new);
        read.ok_or_else(|| source.wrong(&format!("{KEY}.seconds"), number, "use whole seconds from 1 to 600"))
    });
    let from = file.from.as_ref().map(|text| {
        let midnight = Date::from_str(text.get_ref()).and_then(|date| date.to_zoned(TimeZone::UTC));
        let midnight = midnight.map(|at| Millis::from_i64(at.timestamp().as_millisecond()));
        midnight.map_err(|_| source.wrong(&format!("{KEY}.from"), text, "write a date such as \"2026-12-01\""))
    });
    Ok(Rate {
        size: size.transpose()?,
        lines: lines.transpose()?,
        seconds: seconds.transpose()?,
        audio: file.audio,
        from: from.transpose()?,
        charge,
    })
}
