//! The element tree of `.webm` files, looked at lightly: a header, a segment whose parts add up to the file,
//! a picture track and at least one cluster of frames.

use super::boxes::Bytes;
use super::container::{Container, Fault, Probe, frame_rate};

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_A966;
const TRACKS: u32 = 0x1654_AE6B;
const CLUSTER: u32 = 0x1F43_B675;
const TRACK_ENTRY: u32 = 0xAE;
const VIDEO: u32 = 0xE0;

/// One element: its id and where its body lies.
#[derive(Clone, Copy)]
struct Element {
    id: u32,
    body: u64,
    end: u64,
    /// Written live, before its length was known.
    is_open: bool,
}

#[derive(Default)]
struct Track {
    kind: u64,
    codec: Option<String>,
    wide: Option<u32>,
    high: Option<u32>,
    frame_ns: Option<u64>,
}

#[derive(Default)]
struct Segment {
    scale_ns: Option<u64>,
    duration: Option<f64>,
    tracks: Vec<Track>,
    has_frames: bool,
}

/// Walks a `.webm` file to its end.
pub(super) fn check(bytes: &mut Bytes<'_>) -> Result<Probe, Fault> {
    let len = bytes.len();
    let header = element(bytes, 0, len)?;
    let mut segment = None;
    each(bytes, header.end, len, |bytes, part| {
        if part.id == SEGMENT && segment.is_none() {
            segment = Some(Segment::read(bytes, part)?);
        }
        Ok(())
    })?;
    let segment = segment.ok_or(Fault::Truncated { needs: len.saturating_add(1), has: len })?;
    segment.judge()
}

impl Segment {
    fn read(bytes: &mut Bytes<'_>, parent: Element) -> Result<Self, Fault> {
        let mut segment = Self::default();
        each(bytes, parent.body, parent.end, |bytes, part| {
            match part.id {
                INFO => each(bytes, part.body, part.end, |bytes, field| {
                    match field.id {
                        0x2A_D7B1 => segment.scale_ns = Some(number(bytes, field)?),
                        0x4489 => segment.duration = Some(float(bytes, field)?),
                        _ => {}
                    }
                    Ok(())
                })?,
                TRACKS => each(bytes, part.body, part.end, |bytes, entry| {
                    if entry.id == TRACK_ENTRY && segment.tracks.len() < 64 {
                        segment.tracks.push(Track::read(bytes, entry)?);
                    }
                    Ok(())
                })?,
                CLUSTER => segment.has_frames = true,
                _ => {}
            }
            Ok(())
        })?;
        Ok(segment)
    }

    fn judge(self) -> Result<Probe, Fault> {
        let duration_ms = self.duration_ms();
        let has_audio = self.tracks.iter().any(|track| track.kind == 2);
        let mut tracks = self.tracks.into_iter();
        let video = tracks.find(|track| track.kind == 1).ok_or(Fault::NoVideoTrack)?;
        if !self.has_frames || duration_ms == Some(0) {
            return Err(Fault::ZeroDuration);
        }
        Ok(Probe {
            container: Container::WebM,
            wide: video.wide,
            high: video.high,
            duration_ms,
            video_codec: video.codec,
            has_audio,
            frames_per_second_milli: video.frame_ns.and_then(|each| frame_rate(1, each, 1_000_000_000)),
        })
    }

    #[expect(
        clippy::float_arithmetic,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "the format stores its length as a float; the cast saturates"
    )]
    fn duration_ms(&self) -> Option<u64> {
        let scale = self.scale_ns.unwrap_or(1_000_000) as f64;
        let ms = self.duration? * scale / 1e6;
        ms.is_finite().then_some(ms as u64)
    }
}

impl Track {
    fn read(bytes: &mut Bytes<'_>, entry: Element) -> Result<Self, Fault> {
        let mut track = Self::default();
        each(bytes, entry.body, entry.end, |bytes, field| {
            match field.id {
                0x83 => track.kind = number(bytes, field)?,
                0x86 => track.codec = codec(bytes, field)?,
                0x23_E383 => track.frame_ns = Some(number(bytes, field)?),
                VIDEO => each(bytes, field.body, field.end, |bytes, side| {
                    match side.id {
                        0xB0 => track.wide = u32::try_from(number(bytes, side)?).ok(),
                        0xBA => track.high = u32::try_from(number(bytes, side)?).ok(),
                        _ => {}
                    }
                    Ok(())
                })?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(track)
    }
}

fn codec(bytes: &mut Bytes<'_>, field: Element) -> Result<Option<String>, Fault> {
    let name = bytes.piece(field.body, field.end - field.body, 64)?;
    Ok(match name.as_slice() {
        b"V_VP9" => Some("vp09".to_owned()),
        b"V_VP8" => Some("vp08".to_owned()),
        b"V_AV1" => Some("av01".to_owned()),
        b"V_MPEG4/ISO/AVC" => Some("avc1".to_owned()),
        b"V_MPEGH/ISO/HEVC" => Some("hvc1".to_owned()),
        _ => None,
    })
}

/// Visits the elements between two offsets. One of unknown length is stepped into, which
/// reads the frames of a live cluster as neighbours: all that matters is that they add up.
fn each(
    bytes: &mut Bytes<'_>,
    from: u64,
    end: u64,
    mut visit: impl FnMut(&mut Bytes<'_>, Element) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut at = from;
    while at < end {
        let part = element(bytes, at, end)?;
        visit(bytes, part)?;
        at = if part.is_open && part.id == CLUSTER { part.body } else { part.end };
    }
    Ok(())
}

fn element(bytes: &mut Bytes<'_>, at: u64, end: u64) -> Result<Element, Fault> {
    bytes.spend()?;
    let (id, id_len) = variable(bytes, at, 4)?;
    let (size, size_len) = variable(bytes, at + id_len, 8)?;
    let id = u32::try_from(id).map_err(|_| Fault::Malformed("a part has no readable name"))?;
    let body = at + id_len + size_len;
    let mask = (1 << (7 * size_len)) - 1;
    let is_open = size & mask == mask && matches!(id, SEGMENT | CLUSTER);
    let part = Element { id, body, end: if is_open { end } else { body.saturating_add(size & mask) }, is_open };
    if part.end > bytes.len() || body > end {
        return Err(Fault::Truncated { needs: part.end.max(body), has: bytes.len() });
    }
    if part.end > end {
        return Err(Fault::Malformed("a part reaches past the one around it"));
    }
    Ok(part)
}

/// A number whose length is told by its leading zero bits, marker bit still in it.
fn variable(bytes: &mut Bytes<'_>, at: u64, most: u32) -> Result<(u64, u64), Fault> {
    let first = bytes.u8(at)?;
    let extra = first.leading_zeros();
    if extra >= most {
        return Err(Fault::Malformed("a part has no readable size"));
    }
    let mut value = u64::from(first);
    for next in 1..=u64::from(extra) {
        value = value << 8 | u64::from(bytes.u8(at + next)?);
    }
    Ok((value, u64::from(extra) + 1))
}

fn number(bytes: &mut Bytes<'_>, field: Element) -> Result<u64, Fault> {
    if field.end - field.body > 8 {
        return Err(Fault::Malformed("a number is too long"));
    }
    let mut value = 0;
    for at in field.body..field.end {
        value = value << 8 | u64::from(bytes.u8(at)?);
    }
    Ok(value)
}

fn float(bytes: &mut Bytes<'_>, field: Element) -> Result<f64, Fault> {
    match field.end - field.body {
        4 => Ok(f32::from_be_bytes(bytes.read(field.body)?).into()),
        8 => Ok(f64::from_be_bytes(bytes.read(field.body)?)),
        _ => Err(Fault::Malformed("a number is too long")),
    }
}
