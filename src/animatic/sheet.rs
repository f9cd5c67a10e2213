//! A painted layer as the compositor wants it: planar luma and colour differences with premultiplied alpha, and per row
//! where something is drawn and where nothing behind can be seen. Converted once per shot.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "fixed-point colour whose range is bounded by the matrix"
)]

use super::paint::{Blend, Layer};

/// One row in blocks of columns, a bit each: where something is drawn, and where nothing behind is seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// Blocks with anything in them.
    pub drawn: u64,
    /// Blocks that are opaque throughout.
    pub solid: u64,
}

impl Marks {
    /// What a row blended from two rows shows.
    pub fn with(self, other: Self) -> Self {
        Self { drawn: self.drawn | other.drawn, solid: self.solid & other.solid }
    }

    /// The marks of a row `wide` columns long, each column given as (drawn, opaque).
    fn of(wide: usize, columns: impl Iterator<Item = (bool, bool)>) -> Self {
        let block = block(wide);
        let (mut drawn, mut open) = (0, 0);
        for (at, (lit, solid)) in columns.enumerate() {
            drawn |= u64::from(lit) << (at / block);
            open |= u64::from(!solid) << (at / block);
        }
        Self { drawn, solid: !open }
    }
}

/// Columns per block in rows `wide` columns long, so that a row has at most 64.
pub fn block(wide: usize) -> usize {
    wide.div_ceil(64).max(16)
}

/// Planes of one resolution: luma alone, or both colour differences.
#[derive(Debug)]
pub struct Sheet {
    /// Width in samples.
    pub wide: usize,
    /// Height in samples.
    pub high: usize,
    /// One plane of luma, or Cb and Cr; premultiplied, offsets included.
    pub planes: Vec<Vec<u8>>,
    /// Coverage; none where the layer hides everything or adds light.
    pub alpha: Option<Vec<u8>>,
    /// One per row.
    pub marks: Vec<Marks>,
    /// Repeats in both directions.
    pub wraps: bool,
    /// How it meets what lies behind.
    pub blend: Blend,
}

/// A layer at both resolutions, and which of its edges are empty (left, right, top, bottom).
#[derive(Debug)]
pub struct Sheets {
    /// Full resolution.
    pub luma: Sheet,
    /// Half resolution.
    pub chroma: Sheet,
    /// Edges at which nothing is drawn.
    pub free: [bool; 4],
}

/// Bits of the colour matrix.
const SHIFT: i32 = 16;

impl Sheets {
    /// Converts `layer`. `None` if its bytes do not fit its size or it is too small to sample.
    pub fn new(layer: &Layer) -> Option<Self> {
        let (wide, high) = (layer.wide as usize, layer.high as usize);
        let fits = layer.rgba.len() == wide * high * 4;
        if !fits || wide < 4 || high < 4 || wide % 2 == 1 || high % 2 == 1 {
            return None;
        }
        let adds = layer.blend == Blend::Add;
        let opaque = !adds && layer.rgba.iter().skip(3).step_by(4).all(|&a| a == 255);
        let mut bright = Vec::with_capacity(wide * high);
        let mut alpha = Vec::with_capacity(if adds { 0 } else { wide * high });
        for pixel in layer.rgba.chunks_exact(4) {
            let cover = if adds { 0 } else { pixel[3] };
            bright.push(luma(pixel, cover));
            if !adds {
                alpha.push(cover);
            }
        }
        let lit = |pixel: &[u8]| pixel[..if adds { 3 } else { 4 }].iter().any(|&c| c > 0);
        let rows = || layer.rgba.chunks_exact(wide * 4);
        let marks: Vec<Marks> =
            rows().map(|row| Marks::of(wide, row.chunks_exact(4).map(|p| (lit(p), !adds && p[3] == 255)))).collect();
        let free = [
            !rows().any(|row| lit(&row[..4])),
            !rows().any(|row| lit(&row[wide * 4 - 4..])),
            marks.first().is_some_and(|row| row.drawn == 0),
            marks.last().is_some_and(|row| row.drawn == 0),
        ];
        Some(Self {
            chroma: half(layer, adds, opaque),
            luma: Sheet {
                wide,
                high,
                planes: vec![bright],
                alpha: (!adds && !opaque).then_some(alpha),
                marks,
                wraps: layer.wraps,
                blend: layer.blend,
            },
            free,
        })
    }
}

/// The colour differences, each sample the mean of four pixels.
fn half(layer: &Layer, adds: bool, opaque: bool) -> Sheet {
    let (wide, high) = (layer.wide as usize / 2, layer.high as usize / 2);
    let mut u = Vec::with_capacity(wide * high);
    let mut v = Vec::with_capacity(wide * high);
    let mut alpha = Vec::with_capacity(if adds { 0 } else { wide * high });
    let mut marks = Vec::with_capacity(high);
    for pair in layer.rgba.chunks_exact(wide * 16) {
        let (upper, lower) = pair.split_at(wide * 8);
        let quads = || upper.chunks_exact(8).zip(lower.chunks_exact(8)).map(|(a, b)| mean(a, b));
        for [r, g, b, a] in quads() {
            // Light that is added carries a signed difference about the middle.
            let offset = if adds { 255 } else { i32::from(a) };
            u.push(difference([-6_595, -22_189, 28_784], [r, g, b], offset));
            v.push(difference([28_784, -26_145, -2_639], [r, g, b], offset));
            if !adds {
                alpha.push(a);
            }
        }
        let blocks = upper.chunks_exact(8).zip(lower.chunks_exact(8));
        marks.push(Marks::of(
            wide,
            blocks.map(|(a, b)| {
                let lit = |pixel: &[u8]| pixel[..if adds { 3 } else { 4 }].iter().any(|&c| c > 0);
                let any = a.chunks_exact(4).chain(b.chunks_exact(4)).any(lit);
                (any, !adds && mean(a, b)[3] == 255)
            }),
        ));
    }
    Sheet {
        wide,
        high,
        planes: vec![u, v],
        alpha: (!adds && !opaque).then_some(alpha),
        marks,
        wraps: layer.wraps,
        blend: layer.blend,
    }
}

/// BT.709 limited-range luma of a premultiplied pixel, its offset premultiplied by `cover`.
fn luma(pixel: &[u8], cover: u8) -> u8 {
    let sum: i32 = [11_966, 40_254, 4_064].iter().zip(pixel).map(|(k, &c)| k * i32::from(c)).sum();
    ((sum + 4_112 * i32::from(cover) + (1 << (SHIFT - 1))) >> SHIFT) as u8
}

/// A colour difference scaled to limited range; `offset` 255 puts its zero at 128.
fn difference(matrix: [i32; 3], rgb: [u8; 3], offset: i32) -> u8 {
    let sum: i32 = matrix.iter().zip(rgb).map(|(k, c)| k * i32::from(c)).sum();
    ((sum + 32_896 * offset + (1 << (SHIFT - 1))) >> SHIFT).clamp(0, 255) as u8
}

/// Mean of a 2 x 2 block given as two pairs of pixels.
fn mean(upper: &[u8], lower: &[u8]) -> [u8; 4] {
    std::array::from_fn(|c| {
        let sum = u16::from(upper[c]) + u16::from(upper[c + 4]) + u16::from(lower[c]) + u16::from(lower[c + 4]);
        ((sum + 2) / 4) as u8
    })
}
