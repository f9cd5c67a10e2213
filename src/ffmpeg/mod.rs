//! Runs `ffmpeg` for local video work: finds it, looks at clips, and makes clips of clips in a confined
//! process. What it is given comes from strangers' servers: it trusts no name, no demuxer guess and no
//! protocol, and never writes half a file.

mod graph;
mod probe;
mod recipe;
mod run;

use std::path::{Path, PathBuf};

pub use probe::Probe;
pub use recipe::{Curve, Length, LoopStyle, Mistake, Recipe};
pub use run::{Made, Trouble, run};

pub use crate::child::Limits;
use crate::child::bare;

/// The oldest release whose filters are known to do what is asked of them: `xfade` and `reverse` as used here.
const OLDEST: (u32, u32) = (4, 4);
/// Why there is no ffmpeg to be had, with one line on how to get it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Absent {
    /// It is not there.
    #[error(
        "ffmpeg is not installed. Install it (apt install ffmpeg, brew install ffmpeg, or ffmpeg.org); no restart is needed."
    )]
    NotInstalled,
    /// It is too old.
    #[error("ffmpeg {0} is too old. Install 4.4 or newer from your system or ffmpeg.org; no restart is needed.")]
    TooOld(String),
    /// It does not do what it must.
    #[error("ffmpeg is there, but {0}. Install a full build from your system or ffmpeg.org; no restart is needed.")]
    Broken(&'static str),
}

/// The installed programs.
#[derive(Debug, Clone)]
pub struct Tool {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
    has_vp9: bool,
    has_opus: bool,
}

impl Tool {
    /// Looks for the programs in a folder, or where systems have them. Starts them to hear their version. Blocking.
    pub fn find(folder: Option<&Path>) -> Result<Self, Absent> {
        let program = |name: &str| folder.map_or_else(|| PathBuf::from(name), |folder| folder.join(name));
        let (ffmpeg, ffprobe) = (program("ffmpeg"), program("ffprobe"));
        let version = said(&ffmpeg, "-version").ok_or(Absent::NotInstalled)?;
        said(&ffprobe, "-version").ok_or(Absent::NotInstalled)?;
        let version = version.split_whitespace().nth(2).unwrap_or_default();
        if release(version).is_some_and(|release| release < OLDEST) {
            return Err(Absent::TooOld(version.chars().take(40).collect()));
        }
        let encoders = said(&ffmpeg, "-encoders").ok_or(Absent::Broken("it does not tell its encoders"))?;
        let has = |name: &str| encoders.split_whitespace().any(|word| word == name);
        if !has("libx264") {
            return Err(Absent::Broken("it cannot write H.264 (libx264)"));
        }
        if !has("aac") {
            return Err(Absent::Broken("it cannot write AAC sound"));
        }
        Ok(Self { ffmpeg, ffprobe, has_vp9: has("libvpx-vp9"), has_opus: has("libopus") })
    }
}

/// What a program prints when it is asked about itself; none if it is not there or fails.
fn said(program: &Path, question: &str) -> Option<String> {
    let out = bare(program).args(["-hide_banner", question]).stdin(std::process::Stdio::null()).output().ok()?;
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
}

/// `5.1.9-0+deb12u1` as 5 and 1; none for builds that are named otherwise, which are new.
fn release(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim_start_matches('n').split(['.', '-', '+']).map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next().flatten().unwrap_or(0)))
}

/// Which reader a file is for, by its first bytes; none for anything that is no film, such as a playlist.
fn demuxer(head: &[u8]) -> Option<&'static str> {
    match head {
        [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [_, _, _, _, b'm', b'o', b'o', b'v', ..]
        | [_, _, _, _, b'w', b'i', b'd', b'e', ..] => Some("mov"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("matroska"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' ', ..] => Some("avi"),
        _ => None,
    }
}

/// The reader for a file on disk.
fn demuxer_of(path: &Path) -> Result<&'static str, Trouble> {
    use std::io::Read as _;
    let mut head = [0; 16];
    let mut file = std::fs::File::open(path).map_err(|error| Trouble::from_io(&error))?;
    let read = file.read(&mut head).map_err(|error| Trouble::from_io(&error))?;
    demuxer(&head[..read]).ok_or_else(|| Trouble::BadInput("The file is no film that can be cut.".to_owned()))
}

/// What stands before an input: its reader by its bytes, and no protocol but files.
fn input_args(path: &Path) -> Result<Vec<std::ffi::OsString>, Trouble> {
    let demuxer = demuxer_of(path)?;
    let mut file = std::ffi::OsString::from("file:");
    file.push(path);
    let mut args: Vec<std::ffi::OsString> =
        ["-protocol_whitelist", "file", "-f", demuxer, "-i"].iter().map(Into::into).collect();
    args.push(file);
    Ok(args)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_unknown_builds_are_new() {
        assert_eq!(release("5.1.9-0+deb12u1"), Some((5, 1)));
        assert_eq!(release("n7.0"), Some((7, 0)));
        assert_eq!(release("4.2.7-0ubuntu0.1").map(|found| found < OLDEST), Some(true));
        assert_eq!(release("N-113007-g8d24a28d06"), None);
    }

    #[test]
    fn only_films_are_read_and_a_playlist_is_none() {
        assert_eq!(demuxer(b"\0\0\0\x18ftypmp42\0\0\0\0"), Some("mov"));
        assert_eq!(demuxer(&[0x1a, 0x45, 0xdf, 0xa3, 1]), Some("matroska"));
        for text in [
            &b"#EXTM3U\n#EXT-X-"[..],
            b"ffconcat version",
            b"file '/etc/passw",
            b"",
            b"\x89PNG\r\n\x1a\n",
            b"v=0\r\no=- 0 0 IN",
        ] {
            assert_eq!(demuxer(text), None);
        }
    }
}
