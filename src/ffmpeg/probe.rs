//! What a film is, as `ffprobe` sees it.

use std::path::Path;

use serde::Deserialize;

use super::run;
use super::{Tool, Trouble, input_args};
use crate::child::Limits;

/// Frames a second where a film does not say, or says nonsense.
const USUAL_RATE: (u32, u32) = (30, 1);
/// No film is made with more frames a second than this.
const FASTEST: u32 = 60;
/// The largest frame that is worked on, in pixels.
const MOST_PIXELS: u64 = 36_000_000;

/// A film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Its length in milliseconds.
    pub duration_ms: u64,
    /// Width in pixels, as it is shown.
    pub wide: u32,
    /// Height in pixels, as it is shown.
    pub high: u32,
    /// Frames a second, as a fraction; constant, whatever it is in the file.
    pub rate: (u32, u32),
    /// Whether it has sound.
    pub has_audio: bool,
    /// What its picture is coded in.
    pub codec: String,
}

impl Probe {
    /// How many frames so many milliseconds are, to the nearest.
    pub fn frames(&self, ms: u64) -> u64 {
        let (over, under) = (u64::from(self.rate.0), u64::from(self.rate.1) * 1000);
        (ms.saturating_mul(over) + under / 2) / under
    }

    /// How many milliseconds so many frames are.
    pub fn millis(&self, frames: u64) -> u64 {
        let (over, under) = (u64::from(self.rate.0), u64::from(self.rate.1) * 1000);
        (frames.saturating_mul(under) + over / 2) / over
    }
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    streams: Vec<Stream>,
    format: Option<Format>,
}

#[derive(Deserialize)]
struct Format {
    duration: Option<String>,
}

#[derive(Deserialize)]
struct Stream {
    codec_type: Option<String>,
    codec_name: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    avg_frame_rate: Option<String>,
    r_frame_rate: Option<String>,
    duration: Option<String>,
    #[serde(default)]
    side_data_list: Vec<Side>,
}

#[derive(Deserialize)]
struct Side {
    rotation: Option<i32>,
}

fn rate(text: Option<&str>) -> Option<(u32, u32)> {
    let (over, under) = text?.split_once('/')?;
    let (over, under): (u32, u32) = (over.parse().ok()?, under.parse().ok()?);
    (under > 0 && over >= under && over <= FASTEST.checked_mul(under)?).then_some((over, under))
}

/// Seconds with decimals as milliseconds, without arithmetic on floats.
fn millis(text: Option<&str>) -> Option<u64> {
    let (whole, part) = text?.split_once('.').unwrap_or((text?, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(part.parse().ok()?)
}

fn read(text: &[u8]) -> Option<Probe> {
    let told: Told = serde_json::from_slice(text).ok()?;
    let kind = |kind: &str| told.streams.iter().find(|stream| stream.codec_type.as_deref() == Some(kind));
    let video = kind("video")?;
    let (mut wide, mut high) = (video.width.filter(|side| *side > 0)?, video.height.filter(|side| *side > 0)?);
    let turned = video.side_data_list.iter().filter_map(|side| side.rotation).any(|turn| turn % 180 != 0);
    if turned {
        (wide, high) = (high, wide);
    }
    let duration_ms = millis(video.duration.as_deref())
        .filter(|ms| *ms > 0)
        .or_else(|| millis(told.format.as_ref().and_then(|format| format.duration.as_deref())))?;
    Some(Probe {
        duration_ms,
        wide,
        high,
        rate: rate(video.avg_frame_rate.as_deref())
            .or_else(|| rate(video.r_frame_rate.as_deref()))
            .unwrap_or(USUAL_RATE),
        has_audio: kind("audio").is_some(),
        codec: video.codec_name.clone().unwrap_or_default(),
    })
}

impl Tool {
    /// What a film is. Blocking.
    pub fn probe(&self, path: &Path) -> Result<Probe, Trouble> {
        let mut args: Vec<std::ffi::OsString> = [
            "-v",
            "error",
            "-show_entries",
            "stream=codec_type,codec_name,width,height,avg_frame_rate,r_frame_rate,duration:\
             stream_side_data=rotation:format=duration",
            "-of",
            "json",
        ]
        .iter()
        .map(Into::into)
        .collect();
        args.extend(input_args(path)?);
        let text = run::answer(&self.ffprobe, &args, &Limits::short())?;
        let unreadable = || Trouble::BadInput("The film cannot be read: it has no picture, or no length.".to_owned());
        let probe = read(&text).ok_or_else(unreadable)?;
        if u64::from(probe.wide) * u64::from(probe.high) > MOST_PIXELS || probe.wide > 8192 || probe.high > 8192 {
            let words = format!("{} × {} pixels are too many. 8192 on a side are the most.", probe.wide, probe.high);
            return Err(Trouble::BadInput(words));
        }
        Ok(probe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_is_read_as_it_is_shown() {
        let text = br#"{"streams":[{"codec_type":"audio"},{"codec_type":"video","codec_name":"hevc","width":1920,"height":1080,
            "avg_frame_rate":"30000/1001","r_frame_rate":"90000/1","duration":"8.041366","side_data_list":[{"rotation":-90}]}],
            "format":{"duration":"8.100000"}}"#;
        let probe = read(text).unwrap();
        assert_eq!((probe.wide, probe.high, probe.duration_ms, probe.rate), (1080, 1920, 8041, (30000, 1001)));
        assert!(probe.has_audio);
        assert_eq!((probe.frames(1001), probe.millis(30)), (30, 1001));
        assert_eq!(read(br#"{"streams":[{"codec_type":"audio","duration":"3.0"}],"format":{}}"#), None);
        assert_eq!(read(b"not json"), None);
        assert_eq!(rate(Some("0/0")), None);
        assert_eq!(rate(Some("90000/1")), None);
    }
}
