//! Lays the sheets of a shot over one another, row by row, in 8-bit planar colour.
//! Skips what is empty or hidden; samples bilinearly, so motion is finer than a pixel.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "fixed-point positions bounded by the sheet, and weighted means of bytes"
)]

use std::ops::Range;

use super::camera::{POINT, View};
use super::paint::Blend;
use super::sample::{self, Buffers, Columns, Lines};
use super::sheet::{Marks, Sheet};

/// Buffers reused from row to row.
#[derive(Debug, Default)]
pub struct Scratch {
    buffers: Buffers,
    colour: Vec<u8>,
    alpha: Vec<u8>,
    draws: Vec<Draw>,
}

/// A sheet and how the frame sees it.
#[derive(Debug)]
pub struct Placed<'a> {
    sheet: &'a Sheet,
    view: View,
    columns: Columns,
}

impl<'a> Placed<'a> {
    /// `sheet` seen from `view` by a frame `wide` samples across.
    pub fn new(sheet: &'a Sheet, view: View, wide: usize) -> Self {
        Self { sheet, view, columns: Columns::new(view, wide, sheet) }
    }

    /// Which blocks of the frame's row `y` the sheet touches, and which it hides.
    fn marks(&self, y: usize) -> Marks {
        let (upper, lower) = rows(self.sheet, self.view.row(y) >> POINT);
        self.columns.marks(self.sheet.marks[upper].with(self.sheet.marks[lower]))
    }
}

/// What one sheet gives one row of the frame: one bit per block of columns.
#[derive(Debug, Clone, Copy)]
struct Draw {
    sheet: usize,
    drawn: u64,
    solid: u64,
}

/// Composes row `y` of the frame from `sheets`, back to front, into one row per plane.
pub fn row(sheets: &[Placed<'_>], y: usize, scratch: &mut Scratch, out: &mut [&mut [u8]]) {
    let mut plan = std::mem::take(&mut scratch.draws);
    plan.clear();
    // Front to back: what lies behind something opaque is never sampled.
    let mut hidden = 0;
    for (sheet, placed) in sheets.iter().enumerate().rev() {
        let seen = placed.marks(y);
        let drawn = seen.drawn & !hidden;
        if drawn != 0 {
            let solid = seen.solid & drawn;
            plan.push(Draw { sheet, drawn, solid });
            hidden |= solid;
        }
    }
    for draw in plan.iter().rev() {
        let placed = &sheets[draw.sheet];
        let sampler = Sampler::new(placed, y);
        for (blocks, solid) in [(draw.drawn & !draw.solid, false), (draw.solid, true)] {
            for run in runs(blocks) {
                let columns = placed.columns.of_blocks(run);
                if solid {
                    sampler.cover(columns, scratch, out);
                } else {
                    sampler.blend(columns, scratch, out);
                }
            }
        }
    }
    scratch.draws = plan;
}

/// The runs of set bits, as ranges of bit numbers.
fn runs(mut bits: u64) -> impl Iterator<Item = Range<u32>> {
    std::iter::from_fn(move || {
        (bits != 0).then(|| {
            let start = bits.trailing_zeros();
            let end = start + (bits >> start).trailing_ones();
            bits &= u64::MAX.checked_shl(end).unwrap_or(0);
            start..end
        })
    })
}

/// The sheet rows above and below a position.
fn rows(sheet: &Sheet, at: i64) -> (usize, usize) {
    let high = sheet.high as i64;
    let place = |row: i64| {
        if sheet.wraps { row.rem_euclid(high) as usize } else { row.clamp(0, high - 1) as usize }
    };
    (place(at), place(at + 1))
}

/// Reads one row of a sheet as the frame sees it.
struct Sampler<'a> {
    sheet: &'a Sheet,
    columns: &'a Columns,
    upper: usize,
    lower: usize,
    weight: u16,
}

impl<'a> Sampler<'a> {
    fn new(placed: &'a Placed<'a>, y: usize) -> Self {
        let at = placed.view.row(y);
        let (upper, lower) = rows(placed.sheet, at >> POINT);
        Self { sheet: placed.sheet, columns: &placed.columns, upper, lower, weight: sample::weight(at) }
    }

    /// Samples frame columns of one plane into `out`.
    fn sample(&self, plane: &[u8], columns: Range<usize>, buffers: &mut Buffers, out: &mut [u8]) {
        let wide = self.sheet.wide;
        let lines = Lines {
            upper: &plane[self.upper * wide..][..wide],
            lower: &plane[self.lower * wide..][..wide],
            weight: self.weight,
            wraps: self.sheet.wraps,
        };
        self.columns.sample(&lines, columns, buffers, out);
    }

    /// Replaces columns of `out` by the sheet.
    fn cover(&self, columns: Range<usize>, scratch: &mut Scratch, out: &mut [&mut [u8]]) {
        if columns.is_empty() {
            return;
        }
        for (plane, row) in self.sheet.planes.iter().zip(out) {
            self.sample(plane, columns.clone(), &mut scratch.buffers, &mut row[columns.clone()]);
        }
    }

    /// Lays columns of the sheet over `out`.
    fn blend(&self, columns: Range<usize>, scratch: &mut Scratch, out: &mut [&mut [u8]]) {
        if columns.is_empty() {
            return;
        }
        let Scratch { buffers, colour, alpha, .. } = scratch;
        colour.resize(columns.len(), 0);
        let cover = match (&self.sheet.alpha, self.sheet.blend) {
            (Some(plane), Blend::Over) => {
                alpha.resize(columns.len(), 0);
                self.sample(plane, columns.clone(), buffers, alpha);
                true
            }
            (None, Blend::Over) => return self.cover(columns, scratch, out),
            (_, Blend::Add) => false,
        };
        let signed = self.sheet.planes.len() > 1;
        for (plane, row) in self.sheet.planes.iter().zip(out) {
            self.sample(plane, columns.clone(), buffers, colour);
            let row = &mut row[columns.clone()];
            match (cover, signed) {
                (true, _) => over(row, colour, alpha),
                (false, false) => add_luma(row, colour),
                (false, true) => add_difference(row, colour),
            }
        }
    }
}

/// Premultiplied `colour` over `row`.
pub fn over(row: &mut [u8], colour: &[u8], alpha: &[u8]) {
    for ((row, &colour), &alpha) in row.iter_mut().zip(colour).zip(alpha) {
        let behind = u16::from(*row) * (255 - u16::from(alpha)) + 128;
        *row = colour.saturating_add(((behind + (behind >> 8)) >> 8) as u8);
    }
}

/// Adds light, up to reference white.
fn add_luma(row: &mut [u8], light: &[u8]) {
    for (row, &light) in row.iter_mut().zip(light) {
        *row = row.saturating_add(light).min(235);
    }
}

/// Adds a colour difference whose zero is 128.
fn add_difference(row: &mut [u8], light: &[u8]) {
    for (row, &light) in row.iter_mut().zip(light) {
        let sum = i16::from(*row) + i16::from(light) - 128;
        *row = sum.clamp(16, 240) as u8;
    }
}
