//! AVI's chunks, looked at lightly: RIFF sizes add up to the file, a header with a picture
//! stream, and a `movi` list.

use super::boxes::Bytes;
use super::container::{Container, Fault, Probe, frame_rate, milliseconds};

/// What the header list says.
#[derive(Default)]
struct Header {
    frame_us: u32,
    frames: u32,
    wide: u32,
    high: u32,
    codec: Option<[u8; 4]>,
    /// Frames, and the fraction of a second each lasts, of the picture stream itself: the
    /// file's own count leaves out later RIFF parts.
    stream: (u32, u32, u32),
    has_audio: bool,
    has_frames: bool,
}

/// One chunk: its name, the name of its list (or zeros), and where its body lies.
#[derive(Clone, Copy)]
struct Chunk {
    kind: [u8; 4],
    list: [u8; 4],
    body: u64,
    end: u64,
}

/// Walks an AVI file to its end; big ones are several RIFF parts in a row.
pub(super) fn check(bytes: &mut Bytes<'_>) -> Result<Probe, Fault> {
    let mut header = Header::default();
    let len = bytes.len();
    each(bytes, 0, len, &mut |bytes, part| {
        if part.kind != *b"RIFF" {
            return Ok(());
        }
        each(bytes, part.body, part.end, &mut |bytes, chunk| match &chunk.list {
            b"hdrl" => each(bytes, chunk.body, chunk.end, &mut |bytes, chunk| header.take_in(bytes, chunk)),
            b"movi" => {
                header.has_frames |= chunk.end > chunk.body;
                Ok(())
            }
            _ => Ok(()),
        })
    })?;
    header.judge()
}

impl Header {
    fn take_in(&mut self, bytes: &mut Bytes<'_>, chunk: Chunk) -> Result<(), Fault> {
        if chunk.kind == *b"avih" {
            self.frame_us = little(bytes, chunk.body)?;
            self.frames = little(bytes, chunk.body + 16)?;
            self.wide = little(bytes, chunk.body + 32)?;
            self.high = little(bytes, chunk.body + 36)?;
        }
        if chunk.list != *b"strl" {
            return Ok(());
        }
        each(bytes, chunk.body, chunk.end, &mut |bytes, chunk| {
            if chunk.kind == *b"strh" {
                match &bytes.read::<4>(chunk.body)? {
                    b"vids" if self.codec.is_none() => {
                        self.codec = Some(bytes.read(chunk.body + 4)?);
                        self.stream = (
                            little(bytes, chunk.body + 32)?,
                            little(bytes, chunk.body + 20)?,
                            little(bytes, chunk.body + 24)?,
                        );
                    }
                    b"auds" => self.has_audio = true,
                    _ => {}
                }
            }
            Ok(())
        })
    }

    fn judge(self) -> Result<Probe, Fault> {
        let codec = self.codec.ok_or(Fault::NoVideoTrack)?;
        let (frames, scale, rate) = match self.stream {
            (frames, scale, rate) if frames > 0 && scale > 0 && rate > 0 => (frames, scale, rate),
            _ => (self.frames, self.frame_us, 1_000_000),
        };
        if frames == 0 || !self.has_frames {
            return Err(Fault::ZeroDuration);
        }
        let ticks = u64::from(frames) * u64::from(scale);
        Ok(Probe {
            container: Container::Avi,
            wide: Some(self.wide).filter(|side| *side > 0),
            high: Some(self.high).filter(|side| *side > 0),
            duration_ms: milliseconds(ticks, rate).filter(|ms| *ms > 0),
            video_codec: std::str::from_utf8(&codec)
                .ok()
                .filter(|name| name.bytes().all(|letter| letter.is_ascii_graphic()))
                .map(str::to_ascii_lowercase),
            has_audio: self.has_audio,
            frames_per_second_milli: frame_rate(frames.into(), ticks, rate),
        })
    }
}

fn little(bytes: &mut Bytes<'_>, at: u64) -> Result<u32, Fault> {
    bytes.read(at).map(u32::from_le_bytes)
}

/// Visits the chunks between two offsets; they are padded to even lengths.
fn each(
    bytes: &mut Bytes<'_>,
    from: u64,
    end: u64,
    visit: &mut dyn FnMut(&mut Bytes<'_>, Chunk) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut at = from;
    // A single byte left over is padding.
    while at + 1 < end {
        bytes.spend()?;
        let kind = bytes.read::<4>(at)?;
        let size = u64::from(little(bytes, at + 4)?);
        let is_list = matches!(&kind, b"RIFF" | b"LIST");
        let mut chunk = Chunk { kind, list: [0; 4], body: at + 8, end: at + 8 + size };
        if chunk.end > bytes.len() {
            return Err(Fault::Truncated { needs: chunk.end, has: bytes.len() });
        }
        if chunk.end > end || (is_list && size < 4) {
            return Err(Fault::Malformed("a part reaches past the one around it"));
        }
        if is_list {
            chunk.list = bytes.read(chunk.body)?;
            chunk.body += 4;
        }
        visit(bytes, chunk)?;
        at = chunk.end + (chunk.end & 1);
    }
    Ok(())
}
