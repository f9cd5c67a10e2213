//! Reads rows of a plane between its pixels: bilinear, to 1/256 of a pixel, in plain byte arithmetic
//! that compilers turn into vector instructions. Knows nothing of layers or light.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "fixed-point positions bounded by the plane, and weighted means of bytes"
)]

use std::ops::Range;

use super::camera::{ONE, POINT, View};
use super::sheet::{Marks, Sheet, block};

/// Where each column of the frame falls on a plane, the same for all of its rows.
#[derive(Debug)]
pub struct Columns {
    /// Left of the two plane columns each is blended from; may lie outside the plane.
    places: Vec<i32>,
    /// Share of the right one, of 256.
    weights: Vec<u16>,
    /// One plane column per frame column, all of one weight.
    even: bool,
    /// For each block of frame columns, the plane's blocks it is sampled from, a bit each.
    touched: Vec<u64>,
}

/// Two neighbouring rows of a plane and the share of the lower one, of 256.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    /// The upper row.
    pub upper: &'a [u8],
    /// The lower row, as long.
    pub lower: &'a [u8],
    /// Share of the lower row, of 256.
    pub weight: u16,
    /// Past its end the row starts again; otherwise its last value goes on.
    pub wraps: bool,
}

/// Memory kept from row to row.
#[derive(Debug, Default)]
pub struct Buffers {
    source: Vec<u8>,
    pairs: Vec<u16>,
    picked: Vec<u16>,
}

impl Columns {
    /// Columns of a frame `wide` samples across that sees `sheet` from `view`.
    pub fn new(view: View, wide: usize, sheet: &Sheet) -> Self {
        let positions = || (0..wide).map(|x| view.column(x));
        let places: Vec<i32> = positions().map(|at| (at >> POINT) as i32).collect();
        let across = sheet.wide as i32;
        let bit = |place: i32| {
            let inside = if sheet.wraps { place.rem_euclid(across) } else { place.clamp(0, across - 1) };
            1_u64 << (inside as usize / block(sheet.wide))
        };
        let touched = places
            .chunks(block(wide))
            .map(|part| part.iter().fold(0, |bits, &at| bits | bit(at) | bit(at + 1)))
            .collect();
        Self { places, weights: positions().map(weight).collect(), even: view.step == ONE, touched }
    }

    /// A plane row's marks as the frame's blocks see them.
    pub fn marks(&self, row: Marks) -> Marks {
        let mut seen = Marks::default();
        if row.drawn != 0 {
            for (at, &touched) in self.touched.iter().enumerate() {
                seen.drawn |= u64::from(row.drawn & touched != 0) << at;
                seen.solid |= u64::from(row.solid & touched == touched) << at;
            }
        }
        seen
    }

    /// Frame columns of a run of blocks.
    pub fn of_blocks(&self, run: Range<u32>) -> Range<usize> {
        let (wide, block) = (self.places.len(), block(self.places.len()));
        run.start as usize * block..(run.end as usize * block).min(wide)
    }

    /// Samples `columns` of the frame into `out`, which is as long.
    pub fn sample(&self, lines: &Lines<'_>, columns: Range<usize>, buffers: &mut Buffers, out: &mut [u8]) {
        let places = &self.places[columns.clone()];
        let weights = &self.weights[columns];
        let (Some(&first), Some(&last)) = (places.first(), places.last()) else {
            return;
        };
        let Buffers { source, pairs, picked } = buffers;
        source.resize((last - first + 2) as usize, 0);
        lines.blend(i64::from(first), source);
        if self.even {
            mix(&source[..out.len()], &source[1..], weights[0], out);
        } else {
            // A look-up cannot be vectorised, so it fetches both neighbours at once and does nothing else.
            pairs.clear();
            pairs.extend(source.windows(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])));
            picked.clear();
            picked.extend(places.iter().map(|place| pairs[(place - first) as usize]));
            for ((out, &pair), &weight) in out.iter_mut().zip(&*picked).zip(weights) {
                *out = (((pair & 255) * (256 - weight) + (pair >> 8) * weight + 128) >> 8) as u8;
            }
        }
    }
}

impl Lines<'_> {
    /// Blends both rows from plane column `first` on.
    fn blend(&self, first: i64, out: &mut [u8]) {
        let wide = self.upper.len();
        let len = out.len();
        if self.wraps {
            let mut done = 0;
            while done < len {
                let at = (first + done as i64).rem_euclid(wide as i64) as usize;
                let run = (wide - at).min(len - done);
                self.part(at, &mut out[done..done + run]);
                done += run;
            }
            return;
        }
        let before = (-first).clamp(0, len as i64) as usize;
        let after = (first + len as i64 - wide as i64).clamp(0, (len - before) as i64) as usize;
        let end = len - after;
        if before < end {
            self.part((first + before as i64) as usize, &mut out[before..end]);
            let (left, right) = (out[before], out[end - 1]);
            out[..before].fill(left);
            out[end..].fill(right);
        } else {
            let mut edge = [0];
            self.part(if before > 0 { 0 } else { wide - 1 }, &mut edge);
            out.fill(edge[0]);
        }
    }

    fn part(&self, at: usize, out: &mut [u8]) {
        let run = at..at + out.len();
        mix(&self.upper[run.clone()], &self.lower[run], self.weight, out);
    }
}

/// The upper eight bits behind the point.
pub fn weight(at: i64) -> u16 {
    ((at & (ONE - 1)) >> (POINT - 8)) as u16
}

/// `a` towards `b` by `weight` / 256.
fn mix(a: &[u8], b: &[u8], weight: u16, out: &mut [u8]) {
    if weight == 0 {
        out.copy_from_slice(a);
        return;
    }
    let rest = 256 - weight;
    for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
        *out = ((u16::from(a) * rest + u16::from(b) * weight + 128) >> 8) as u8;
    }
}
