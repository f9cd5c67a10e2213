//! The last pass over a row: a gentle vignette and fine grain, which also hides banding in skies.
//! Both are tables made once per render; a row costs one multiplication per pixel.
#![expect(clippy::cast_possible_truncation, reason = "weights in 0..=256 and noise in -127..=127")]

/// Side of the grain tile in pixels.
const TILE: usize = 512;
/// Darkening of the corners, of 256.
const CORNER: usize = 44;

/// Vignette and grain for frames of one size.
#[derive(Debug)]
pub struct Finish {
    across: Vec<u16>,
    down: Vec<u16>,
    /// In sixteenths of a luma step.
    grain: Vec<i8>,
    seed: u64,
}

impl Finish {
    /// Tables for frames of `wide` x `high` pixels.
    pub fn new(wide: usize, high: usize, seed: u64) -> Self {
        Self { across: falloff(wide), down: falloff(high), grain: grain(seed), seed }
    }

    /// Finishes row `y` of a frame's luma.
    pub fn luma(&self, frame: u32, y: usize, row: &mut [u8]) {
        let jump = scramble(self.seed ^ u64::from(frame));
        let (shift, line) = (jump as usize % TILE, (y + (jump >> 32) as usize) % TILE);
        let grain = &self.grain[line * TILE..][..TILE];
        let mut done = 0;
        while done < row.len() {
            let at = (shift + done) % TILE;
            let run = (TILE - at).min(row.len() - done);
            let part = &mut row[done..done + run];
            shade(part, &self.across[done..done + run], self.down[y], &grain[at..at + run]);
            done += run;
        }
    }

    /// Finishes row `y` of a colour difference plane.
    pub fn difference(&self, y: usize, row: &mut [u8]) {
        let down = self.down[2 * y];
        for (value, &across) in row.iter_mut().zip(self.across.iter().step_by(2)) {
            let dark = across + down;
            *value = ((u16::from(*value) * (256 - dark) + 128 * dark + 128) >> 8) as u8;
        }
    }
}

fn shade(row: &mut [u8], across: &[u16], down: u16, grain: &[i8]) {
    for ((value, &across), &grain) in row.iter_mut().zip(across).zip(grain) {
        let lit = (u16::from(*value).clamp(16, 235) - 16) * (256 - across - down);
        // Black keeps its place at 16; the sum stays within sixteen bits whatever the grain.
        let sum = lit + 16 * 256 + 128;
        let grained = sum.wrapping_add_signed(i16::from(grain) * 16);
        *value = ((grained >> 8) as u8).min(235);
    }
}

/// Half of the vignette: its darkening along one axis.
fn falloff(len: usize) -> Vec<u16> {
    let middle = len / 2;
    (0..len)
        .map(|at| {
            let off = at.abs_diff(middle) * 256 / middle.max(1);
            // Nothing in the middle half, then as the square.
            let off = off.saturating_sub(64) * 256 / 192;
            (off * off * CORNER / 2 / 65_536) as u16
        })
        .collect()
}

/// A tile of soft noise that repeats without a seam.
fn grain(seed: u64) -> Vec<i8> {
    let mut state = seed | 1;
    let raw: Vec<i16> = (0..TILE * TILE)
        .map(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            // Four uniform bytes make a bell.
            let bytes = scramble(state).to_le_bytes();
            bytes[..4].iter().map(|&b| i16::from(b)).sum::<i16>() - 510
        })
        .collect();
    let at = |x: usize, y: usize| i32::from(raw[(y % TILE) * TILE + x % TILE]);
    (0..TILE * TILE)
        .map(|i| {
            let (x, y) = (i % TILE, i / TILE);
            let near = at(x + 1, y) + at(x + TILE - 1, y) + at(x, y + 1) + at(x, y + TILE - 1);
            ((4 * at(x, y) + near) * STRENGTH / 10_000).clamp(-100, 100) as i8
        })
        .collect()
}

/// How strong the grain is; 340 gives a spread of 1.4 luma steps.
const STRENGTH: i32 = 340;

fn scramble(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
