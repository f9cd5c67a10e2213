//! Where the frames of one MP4 track lie: its sample tables, read in step through small windows.
//! Counts are believed only as far as the table's own bytes go, and 2 million entries at most.

use super::boxes::{Atom, Bytes};
use super::container::Fault;

const MOST_ENTRIES: u32 = 2_000_000;

/// One table: where its entries start and how many there are.
#[derive(Debug, Clone, Copy, Default)]
struct Table {
    at: u64,
    count: u32,
}

impl Table {
    /// Reads a count and refuses one that its box cannot hold.
    fn read(bytes: &mut Bytes<'_>, atom: Atom, count_at: u64, entry: u64) -> Result<Self, Fault> {
        let count = bytes.u32(count_at)?;
        let at = count_at + 4;
        if u64::from(count) * entry > atom.end.saturating_sub(at) {
            return Err(Fault::Malformed("a frame table is longer than its box"));
        }
        if count > MOST_ENTRIES {
            return Err(Fault::Malformed("it has too many frames"));
        }
        Ok(Self { at, count })
    }
}

/// The sample tables of one track.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Samples {
    /// Number of samples (frames).
    pub count: u32,
    fixed_size: u32,
    sizes: Option<Table>,
    chunks: Option<(Table, bool)>,
    runs: Option<Table>,
    sync: Option<Table>,
    times: Option<Table>,
}

/// One sample's place in the file, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub at: u64,
    pub size: u64,
}

/// Samples stored back to back.
struct Chunk {
    at: u64,
    first: u32,
    samples: u32,
}

impl Samples {
    /// Takes in one child of `stbl`; boxes that are no sample table are passed over.
    pub fn take_in(&mut self, bytes: &mut Bytes<'_>, atom: Atom) -> Result<(), Fault> {
        let at = atom.body + 4;
        match &atom.kind {
            b"stsz" => {
                self.fixed_size = bytes.u32(at)?;
                if self.fixed_size == 0 {
                    let table = Table::read(bytes, atom, at + 4, 4)?;
                    self.count = table.count;
                    self.sizes = Some(table);
                } else {
                    self.count = bytes.u32(at + 4)?;
                }
            }
            b"stco" => self.chunks = Some((Table::read(bytes, atom, at, 4)?, false)),
            b"co64" => self.chunks = Some((Table::read(bytes, atom, at, 8)?, true)),
            b"stsc" => self.runs = Some(Table::read(bytes, atom, at, 12)?),
            b"stss" => self.sync = Some(Table::read(bytes, atom, at, 4)?),
            b"stts" => self.times = Some(Table::read(bytes, atom, at, 8)?),
            _ => {}
        }
        Ok(())
    }

    /// Entries that have to be read to know where every sample lies.
    pub fn entries(&self) -> u64 {
        let chunks = self.chunks.map_or(0, |(table, _)| table.count);
        let [sizes, runs] = [self.sizes, self.runs].map(|table| table.map_or(0, |table| table.count));
        u64::from(chunks) + u64::from(sizes) + u64::from(runs)
    }

    fn is_complete(&self) -> bool {
        (self.sizes.is_some() || self.fixed_size > 0) && self.chunks.is_some() && self.runs.is_some()
    }

    /// First byte and one past the last byte the tables point at; `None` without samples.
    pub fn reach(&self, bytes: &Bytes<'_>) -> Result<Option<(u64, u64)>, Fault> {
        let mut sizes = bytes.again();
        let mut reach: Option<(u64, u64)> = None;
        let mut placed = 0;
        self.each_chunk(bytes, |chunk| {
            let size = self.size_of(&mut sizes, chunk.first, chunk.samples)?;
            let end = chunk.at.saturating_add(size);
            let (low, high) = reach.unwrap_or((chunk.at, end));
            reach = Some((low.min(chunk.at), high.max(end)));
            placed = chunk.first + chunk.samples;
            Ok(true)
        })?;
        if placed < self.count {
            return Err(Fault::Malformed("some frames have no place"));
        }
        Ok(reach)
    }

    /// Places of up to `most` samples from sample number `from` (0 is the first).
    pub fn places(&self, bytes: &Bytes<'_>, from: u32, most: usize) -> Result<Vec<Place>, Fault> {
        let mut sizes = bytes.again();
        let mut places = Vec::new();
        self.each_chunk(bytes, |chunk| {
            let mut at = chunk.at;
            for sample in chunk.first..chunk.first + chunk.samples {
                if places.len() >= most {
                    return Ok(false);
                }
                let size = self.size_of(&mut sizes, sample, 1)?;
                if sample >= from {
                    places.push(Place { at, size });
                }
                at = at.saturating_add(size);
            }
            Ok(true)
        })?;
        Ok(places)
    }

    /// The first sample from `from` on that can be decoded by itself.
    pub fn next_sync(&self, bytes: &Bytes<'_>, from: u32) -> Result<Option<u32>, Fault> {
        let Some(table) = self.sync else {
            return Ok((from < self.count).then_some(from));
        };
        let mut window = bytes.again();
        for entry in 0..u64::from(table.count) {
            let sample = window.u32(table.at + entry * 4)?.saturating_sub(1);
            if sample >= from {
                return Ok((sample < self.count).then_some(sample));
            }
        }
        Ok(None)
    }

    /// The sample shown `ticks` after the start.
    pub fn at_time(&self, bytes: &Bytes<'_>, ticks: u64) -> Result<Option<u32>, Fault> {
        let Some(table) = self.times else {
            return Ok(None);
        };
        let mut window = bytes.again();
        let (mut sample, mut time) = (0_u64, 0_u64);
        for entry in 0..u64::from(table.count) {
            let count = u64::from(window.u32(table.at + entry * 8)?);
            let each = u64::from(window.u32(table.at + entry * 8 + 4)?);
            let whole = count * each;
            if time.saturating_add(whole) > ticks {
                let into = (ticks - time).checked_div(each).unwrap_or(0);
                return Ok(u32::try_from(sample + into).ok());
            }
            time = time.saturating_add(whole);
            sample += count;
        }
        Ok(None)
    }

    /// Bytes taken by `samples` samples from number `first`.
    fn size_of(&self, window: &mut Bytes<'_>, first: u32, samples: u32) -> Result<u64, Fault> {
        let Some(table) = self.sizes else {
            return Ok(u64::from(self.fixed_size) * u64::from(samples));
        };
        let mut total = 0_u64;
        for sample in u64::from(first)..u64::from(first) + u64::from(samples) {
            total += u64::from(window.u32(table.at + sample * 4)?);
        }
        Ok(total)
    }

    /// Visits chunks in order until the samples run out or `visit` says `false`.
    fn each_chunk(&self, bytes: &Bytes<'_>, mut visit: impl FnMut(Chunk) -> Result<bool, Fault>) -> Result<(), Fault> {
        let (Some((chunks, is_wide)), Some(runs), true) = (self.chunks, self.runs, self.is_complete()) else {
            return Ok(());
        };
        let (mut offsets, mut lengths) = (bytes.again(), bytes.again());
        let (mut run, mut per_chunk, mut first) = (0_u32, 0_u32, 0_u32);
        for chunk in 0..chunks.count {
            // A run begins at the chunk (counted from 1) its entry names.
            while run < runs.count {
                let entry = runs.at + u64::from(run) * 12;
                if lengths.u32(entry)? > chunk.saturating_add(1) {
                    break;
                }
                per_chunk = lengths.u32(entry + 4)?;
                run += 1;
            }
            let samples = per_chunk.min(self.count - first);
            if samples == 0 {
                continue;
            }
            let at = if is_wide {
                offsets.u64(chunks.at + u64::from(chunk) * 8)?
            } else {
                u64::from(offsets.u32(chunks.at + u64::from(chunk) * 4)?)
            };
            if !visit(Chunk { at, first, samples })? {
                break;
            }
            first += samples;
        }
        Ok(())
    }
}
