//! The `moov` of an MP4 or MOV: its tracks, its length, and whether the frames it lists are there.
//! Descends six levels by name (`moov trak mdia minf stbl stsd`) and into nothing else.

use super::boxes::{Atom, Bytes};
use super::container::{Container, Fault, Probe, frame_rate, milliseconds};
use super::fragments::{self, Defaults};
use super::samples::Samples;

const MOST_TRACKS: usize = 64;
/// Table entries of all tracks together: five hours of 60 frames a second and sound.
const MOST_ENTRIES: u64 = 4_000_000;

/// What a track carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Carries {
    Picture,
    Sound,
    #[default]
    Other,
}

/// One `trak`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Track {
    pub id: u32,
    pub carries: Carries,
    pub codec: [u8; 4],
    pub wide: u32,
    pub high: u32,
    /// Clock of the track, ticks a second.
    pub timescale: u32,
    /// Length in ticks; 0 when unknown.
    pub ticks: u64,
    pub samples: Samples,
    /// Where the boxes inside the first sample description lie (`avcC`, `colr`).
    pub settings: (u64, u64),
}

/// The parsed `moov`.
#[derive(Debug, Default)]
pub(super) struct Movie {
    pub tracks: Vec<Track>,
    /// Set when frames live in `moof` boxes instead of the tables.
    pub fragments: Option<Vec<Defaults>>,
}

/// The boxes of the file itself.
#[derive(Default)]
struct Layout {
    moov: Option<Atom>,
    media: Option<(u64, u64)>,
    has_moof: bool,
}

impl Layout {
    fn read(bytes: &mut Bytes<'_>) -> Result<Self, Fault> {
        let mut layout = Self::default();
        let len = bytes.len();
        bytes.each_atom(0, len, |_, atom| {
            match &atom.kind {
                b"moov" if layout.moov.is_some() => {
                    return Err(Fault::Malformed("it has two indexes"));
                }
                b"moov" => layout.moov = Some(atom),
                b"moof" => layout.has_moof = true,
                b"mdat" => {
                    let start = layout.media.map_or(atom.body, |(start, _)| start);
                    layout.media = Some((start, atom.end));
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(layout)
    }
}

/// Walks the whole file and judges it.
pub(super) fn check(bytes: &mut Bytes<'_>, container: Container) -> Result<Probe, Fault> {
    let layout = Layout::read(bytes)?;
    let movie = Movie::read(bytes, layout.moov.ok_or(Fault::NoMoov)?)?;
    let video = movie.video().ok_or(Fault::NoVideoTrack)?;
    let entries: u64 = movie.tracks.iter().map(|track| track.samples.entries()).sum();
    if entries > MOST_ENTRIES {
        return Err(Fault::Malformed("it has too many frames"));
    }
    for track in &movie.tracks {
        all_there(bytes, track, layout.media)?;
    }
    let mut ticks = video.ticks;
    let mut frames = u64::from(video.samples.count);
    if let (Some(defaults), true) = (&movie.fragments, layout.has_moof) {
        let tally = fragments::tally(bytes, video.id, defaults)?;
        frames += tally.frames;
        // A track that lists no frames of its own may still state the length of all fragments.
        ticks = match video.samples.count {
            0 => ticks.max(tally.ticks),
            _ => ticks.saturating_add(tally.ticks),
        };
    }
    if frames == 0 || (ticks == 0 && !layout.has_moof) {
        return Err(Fault::ZeroDuration);
    }
    Ok(Probe {
        container,
        wide: Some(video.wide).filter(|side| *side > 0),
        high: Some(video.high).filter(|side| *side > 0),
        duration_ms: milliseconds(ticks, video.timescale).filter(|ms| *ms > 0),
        video_codec: codec_name(video.codec),
        has_audio: movie.tracks.iter().any(|track| track.carries == Carries::Sound),
        frames_per_second_milli: frame_rate(frames, ticks, video.timescale),
    })
}

/// Refuses a track whose tables point outside the media data.
fn all_there(bytes: &Bytes<'_>, track: &Track, media: Option<(u64, u64)>) -> Result<(), Fault> {
    if track.carries == Carries::Other {
        return Ok(());
    }
    let Some((low, high)) = track.samples.reach(bytes)? else {
        return Ok(());
    };
    let (start, end) = media.ok_or(Fault::Malformed("it has an index but no frames"))?;
    if high > end {
        return Err(Fault::Truncated { needs: high, has: end });
    }
    if low < start {
        return Err(Fault::Malformed("its index points outside its frames"));
    }
    Ok(())
}

fn codec_name(codec: [u8; 4]) -> Option<String> {
    let name = std::str::from_utf8(&codec).ok()?.trim_end();
    (!name.is_empty() && name.bytes().all(|letter| letter.is_ascii_graphic())).then(|| name.to_owned())
}

impl Movie {
    /// Finds and reads the `moov` of a file already known to be whole.
    pub fn open(bytes: &mut Bytes<'_>) -> Result<Self, Fault> {
        let moov = Layout::read(bytes)?.moov.ok_or(Fault::NoMoov)?;
        Self::read(bytes, moov)
    }

    fn read(bytes: &mut Bytes<'_>, moov: Atom) -> Result<Self, Fault> {
        let mut movie = Self::default();
        bytes.each_atom(moov.body, moov.end, |bytes, atom| {
            match &atom.kind {
                b"trak" if movie.tracks.len() >= MOST_TRACKS => {
                    return Err(Fault::Malformed("it has too many tracks"));
                }
                b"trak" => movie.tracks.push(Track::read(bytes, atom)?),
                b"mvex" => movie.fragments = Some(fragments::defaults(bytes, atom)?),
                _ => {}
            }
            Ok(())
        })?;
        Ok(movie)
    }

    /// The first picture track, preferring one that lists frames.
    pub fn video(&self) -> Option<&Track> {
        let mut pictures = self.tracks.iter().filter(|track| track.carries == Carries::Picture);
        let first = pictures.clone().next();
        pictures.find(|track| track.samples.count > 0).or(first)
    }
}

impl Track {
    fn read(bytes: &mut Bytes<'_>, parent: Atom) -> Result<Self, Fault> {
        let mut track = Self::default();
        bytes.each_atom(parent.body, parent.end, |bytes, atom| match &atom.kind {
            b"tkhd" => track.header(bytes, atom),
            b"mdia" => bytes.each_atom(atom.body, atom.end, |bytes, atom| track.take_in(bytes, atom)),
            _ => Ok(()),
        })?;
        if track.carries != Carries::Other && track.timescale == 0 {
            return Err(Fault::Malformed("a track has no clock"));
        }
        Ok(track)
    }

    fn header(&mut self, bytes: &mut Bytes<'_>, tkhd: Atom) -> Result<(), Fault> {
        let is_long = bytes.u8(tkhd.body)? == 1;
        self.id = bytes.u32(tkhd.body + if is_long { 20 } else { 12 })?;
        Ok(())
    }

    /// Takes in one box of `mdia`.
    fn take_in(&mut self, bytes: &mut Bytes<'_>, atom: Atom) -> Result<(), Fault> {
        match &atom.kind {
            b"mdhd" => self.clock(bytes, atom),
            b"hdlr" => {
                self.carries = match &bytes.read::<4>(atom.body + 8)? {
                    b"vide" => Carries::Picture,
                    b"soun" => Carries::Sound,
                    _ => Carries::Other,
                };
                Ok(())
            }
            b"minf" => bytes.each_atom(atom.body, atom.end, |bytes, atom| match &atom.kind {
                b"stbl" => bytes.each_atom(atom.body, atom.end, |bytes, atom| match &atom.kind {
                    b"stsd" => self.description(bytes, atom),
                    _ => self.samples.take_in(bytes, atom),
                }),
                _ => Ok(()),
            }),
            _ => Ok(()),
        }
    }

    fn clock(&mut self, bytes: &mut Bytes<'_>, mdhd: Atom) -> Result<(), Fault> {
        if bytes.u8(mdhd.body)? == 1 {
            self.timescale = bytes.u32(mdhd.body + 20)?;
            self.ticks = bytes.u64(mdhd.body + 24)?;
        } else {
            self.timescale = bytes.u32(mdhd.body + 12)?;
            self.ticks = bytes.u32(mdhd.body + 16)?.into();
        }
        // All ones means "not known" in either width.
        if self.ticks == u64::MAX || self.ticks == u64::from(u32::MAX) {
            self.ticks = 0;
        }
        Ok(())
    }

    /// Reads codec and picture size from the first sample description.
    fn description(&mut self, bytes: &mut Bytes<'_>, stsd: Atom) -> Result<(), Fault> {
        let at = stsd.body + 8;
        if bytes.u32(stsd.body + 4)? == 0 || at >= stsd.end {
            return Ok(());
        }
        let entry = bytes.atom(at, stsd.end)?;
        self.codec = entry.kind;
        // A picture description is 78 bytes before its own boxes begin.
        if entry.end - entry.body >= 78 {
            self.wide = bytes.u16(entry.body + 24)?.into();
            self.high = bytes.u16(entry.body + 26)?.into();
            self.settings = (entry.body + 78, entry.end);
        }
        Ok(())
    }
}
