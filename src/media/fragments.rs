//! Fragmented MP4: adds up how long the fragments of one track are.
//! Reads `mvex` defaults and the headers of each `moof`, never the samples.

use super::boxes::{Atom, Bytes};
use super::container::Fault;

const MOST_SAMPLES: u64 = 2_000_000;

/// What `trex` says of a track: its id and a sample's usual length in ticks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defaults {
    pub track: u32,
    pub ticks: u32,
}

/// Frames and ticks found in fragments.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub frames: u64,
    pub ticks: u64,
}

/// Reads the defaults of every track in `mvex`.
pub(super) fn defaults(bytes: &mut Bytes<'_>, mvex: Atom) -> Result<Vec<Defaults>, Fault> {
    let mut found = Vec::new();
    bytes.each_atom(mvex.body, mvex.end, |bytes, atom| {
        if atom.kind == *b"trex" {
            found.push(Defaults { track: bytes.u32(atom.body + 4)?, ticks: bytes.u32(atom.body + 12)? });
        }
        Ok(())
    })?;
    Ok(found)
}

/// Adds up every fragment of one track.
pub(super) fn tally(bytes: &Bytes<'_>, track: u32, defaults: &[Defaults]) -> Result<Tally, Fault> {
    let usual = defaults.iter().find(|known| known.track == track);
    let usual = usual.map_or(0, |known| known.ticks);
    let mut tally = Tally::default();
    let mut bytes = bytes.again();
    let len = bytes.len();
    bytes.each_atom(0, len, |bytes, moof| {
        if moof.kind != *b"moof" {
            return Ok(());
        }
        bytes.each_atom(moof.body, moof.end, |bytes, traf| {
            if traf.kind != *b"traf" {
                return Ok(());
            }
            let mut each = None;
            bytes.each_atom(traf.body, traf.end, |bytes, atom| match (&atom.kind, each) {
                (b"tfhd", _) => {
                    each = usual_of(bytes, atom, track, usual)?;
                    Ok(())
                }
                (b"trun", Some(each)) => run(bytes, atom, each, &mut tally),
                _ => Ok(()),
            })
        })
    })?;
    Ok(tally)
}

/// A fragment's usual sample length; `None` when it belongs to another track.
fn usual_of(bytes: &mut Bytes<'_>, tfhd: Atom, track: u32, usual: u32) -> Result<Option<u32>, Fault> {
    if bytes.u32(tfhd.body + 4)? != track {
        return Ok(None);
    }
    let flags = bytes.u32(tfhd.body)?;
    if flags & 0x08 == 0 {
        return Ok(Some(usual));
    }
    // Before it may lie a base offset (8 bytes) and a description number (4 bytes).
    let skipped = if flags & 0x01 == 0 { 0 } else { 8 } + if flags & 0x02 == 0 { 0 } else { 4 };
    bytes.u32(tfhd.body + 8 + skipped).map(Some)
}

fn run(bytes: &mut Bytes<'_>, trun: Atom, each: u32, tally: &mut Tally) -> Result<(), Fault> {
    let flags = bytes.u32(trun.body)?;
    let samples = u64::from(bytes.u32(trun.body + 4)?);
    let field = |bit: u32| if flags & bit == 0 { 0 } else { 4_u64 };
    let first = trun.body + 8 + field(0x01) + field(0x04);
    let entry = field(0x100) + field(0x200) + field(0x400) + field(0x800);
    if samples * entry > trun.end.saturating_sub(first) {
        return Err(Fault::Malformed("a frame table is longer than its box"));
    }
    tally.frames += samples;
    if tally.frames > MOST_SAMPLES {
        return Err(Fault::Malformed("it has too many frames"));
    }
    if flags & 0x100 == 0 {
        tally.ticks = tally.ticks.saturating_add(samples * u64::from(each));
    } else {
        for sample in 0..samples {
            let ticks = bytes.u32(first + sample * entry)?;
            tally.ticks = tally.ticks.saturating_add(ticks.into());
        }
    }
    Ok(())
}
