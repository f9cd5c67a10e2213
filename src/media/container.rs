//! Is this file a whole, real video? Reads structure only, never frames.
//! Refuses error pages saved as clips, cut downloads and files without a picture track.

use std::fmt;
use std::fs::File;
use std::io::ErrorKind;

use super::boxes::Bytes;
use super::{ebml, movie, riff};

/// The file kinds we keep and serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// ISO base media (`.mp4`).
    Mp4,
    /// Apple's older brand of the same boxes (`.mov`).
    QuickTime,
    /// Matroska's web profile (`.webm`).
    WebM,
    /// RIFF AVI (`.avi`), written by a few local servers.
    Avi,
}

impl Container {
    /// File extension without its dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::QuickTime => "mov",
            Self::WebM => "webm",
            Self::Avi => "avi",
        }
    }

    /// The type we serve it as; never the one an upstream claimed.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::QuickTime => "video/quicktime",
            Self::WebM => "video/webm",
            Self::Avi => "video/x-msvideo",
        }
    }
}

/// What a whole video says about itself; what could not be read cheaply is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The file kind, by its bytes.
    pub container: Container,
    /// Width in pixels.
    pub wide: Option<u32>,
    /// Height in pixels.
    pub high: Option<u32>,
    /// Length in milliseconds.
    pub duration_ms: Option<u64>,
    /// Four-letter codec name: `avc1`, `hvc1`, `vp09`, `av01`.
    pub video_codec: Option<String>,
    /// Whether any sound track is there.
    pub has_audio: bool,
    /// Average frames per 1,000 seconds (24,000 = 24 a second).
    pub frames_per_second_milli: Option<u32>,
}

/// What a file that is no video seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LooksLike {
    /// Usually an upstream's error answer.
    Json,
    /// Usually a gateway's error page.
    Html,
    /// A still picture.
    Image,
    /// Readable text of no known kind.
    Text,
    /// Anything else.
    Unknown,
}

impl fmt::Display for LooksLike {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Json => "a JSON message",
            Self::Html => "a web page",
            Self::Image => "a picture",
            Self::Text => "text",
            Self::Unknown => "something unknown",
        })
    }
}

/// Why a file is not kept as a clip.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Zero bytes.
    #[error("The file is empty.")]
    Empty,
    /// Its first bytes are of no video kind.
    #[error("This is not a video; it looks like {looks_like}.")]
    NotVideo {
        /// Our guess from the first bytes.
        looks_like: LooksLike,
    },
    /// Its own parts need more bytes than it has.
    #[error("The video is cut short: it has {has} bytes and needs at least {needs}.")]
    Truncated {
        /// Bytes the structure asks for.
        needs: u64,
        /// Bytes on disk.
        has: u64,
    },
    /// An MP4 without its index.
    #[error("The video has no index, so it cannot be played.")]
    NoMoov,
    /// Sound only, or nothing at all.
    #[error("The file has no picture track.")]
    NoVideoTrack,
    /// A picture track of no length.
    #[error("The video has no frames.")]
    ZeroDuration,
    /// The structure contradicts itself.
    #[error("The video is damaged: {0}.")]
    Malformed(&'static str),
    /// The disk refused, which says nothing about the video.
    #[error("The file could not be read ({0}).")]
    Unreadable(ErrorKind),
}

/// Still-image brands that share MP4's first box.
const STILL_BRANDS: [&[u8; 4]; 9] = [b"avif", b"avis", b"heic", b"heix", b"heim", b"hevc", b"mif1", b"msf1", b"jxl "];

/// Names the container from the first 12 bytes or more; `None` when it is no video we keep.
pub fn sniff(first_bytes: &[u8]) -> Option<Container> {
    if first_bytes.starts_with(&[0x1A, 0x45, 0xDF, 0xA3]) {
        return Some(Container::WebM);
    }
    let kind = first_bytes.get(4..8)?;
    let brand = first_bytes.get(8..12)?;
    if first_bytes.starts_with(b"RIFF") {
        return (brand == b"AVI ").then_some(Container::Avi);
    }
    if kind != b"ftyp" || STILL_BRANDS.iter().any(|still| brand == *still) {
        return None;
    }
    Some(if brand == b"qt  " { Container::QuickTime } else { Container::Mp4 })
}

/// Guesses what bytes that are no video are, for the sentence a person reads.
pub fn looks_like(first_bytes: &[u8]) -> LooksLike {
    let text = first_bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first_bytes).trim_ascii_start();
    let is_image = first_bytes.starts_with(b"\x89PNG")
        || first_bytes.starts_with(&[0xFF, 0xD8, 0xFF])
        || first_bytes.starts_with(b"GIF8")
        || first_bytes.starts_with(b"BM")
        || (first_bytes.starts_with(b"RIFF") && first_bytes.get(8..12) == Some(b"WEBP"))
        || (first_bytes.get(4..8) == Some(b"ftyp") && sniff(first_bytes).is_none())
        || text.starts_with(b"<svg");
    match text.first() {
        _ if is_image => LooksLike::Image,
        Some(b'{' | b'[') => LooksLike::Json,
        Some(b'<') => LooksLike::Html,
        Some(_) if is_readable(text) => LooksLike::Text,
        Some(_) | None => LooksLike::Unknown,
    }
}

/// Whether bytes read as text; a character cut at the end does not count against them.
fn is_readable(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(cut) if cut.error_len().is_none() => std::str::from_utf8(&bytes[..cut.valid_up_to()]).unwrap_or_default(),
        Err(_) => return false,
    };
    !text.is_empty() && text.chars().all(|letter| !letter.is_control() || letter.is_whitespace())
}

/// Walks the whole structure of a file; `Ok` means it can be kept and played.
///
/// A fragmented MP4 or a live `WebM` cut exactly between two fragments is whole by its own
/// account and passes; the length check of the download has to catch that.
pub fn check(file: &mut File) -> Result<Probe, Fault> {
    let mut bytes = Bytes::new(file)?;
    if bytes.len() == 0 {
        return Err(Fault::Empty);
    }
    let head = bytes.head()?;
    match sniff(&head) {
        Some(container @ (Container::Mp4 | Container::QuickTime)) => movie::check(&mut bytes, container),
        Some(Container::WebM) => ebml::check(&mut bytes),
        Some(Container::Avi) => riff::check(&mut bytes),
        None => Err(Fault::NotVideo { looks_like: looks_like(&head) }),
    }
}

/// Ticks of a clock to milliseconds.
pub(super) fn milliseconds(ticks: u64, ticks_per_second: u32) -> Option<u64> {
    let ms = u128::from(ticks) * 1000 / u128::from(ticks_per_second).max(1);
    u64::try_from(ms).ok().filter(|_| ticks_per_second > 0)
}

/// Average frame rate in frames per 1,000 seconds.
pub(super) fn frame_rate(frames: u64, ticks: u64, ticks_per_second: u32) -> Option<u32> {
    let scaled = u128::from(frames) * u128::from(ticks_per_second) * 1000;
    let rate = (scaled + u128::from(ticks) / 2).checked_div(u128::from(ticks))?;
    u32::try_from(rate).ok().filter(|rate| *rate > 0)
}
