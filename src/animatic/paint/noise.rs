//! Chance for drawing: a small generator and smooth value noise. Deterministic; not for secrets.

use std::sync::LazyLock;

/// A small repeatable generator.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// A generator for one purpose: `salt` keeps purposes apart.
    pub fn new(seed: u64, salt: u64) -> Self {
        let mut dice = Self(seed ^ salt.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        dice.next();
        dice
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 up to 1.
    pub fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// From `a` up to `b`.
    pub fn range(&mut self, a: f32, b: f32) -> f32 {
        a + (b - a) * self.unit()
    }

    /// True with the given chance.
    pub fn chance(&mut self, p: f32) -> bool {
        self.unit() < p
    }

    /// A whole number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f32) as usize % n.max(1)
    }
}

const SIDE: usize = 256;
static LATTICE: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let mut dice = Dice::new(0x00C0_FFEE, 7);
    (0..SIDE * SIDE).map(|_| dice.unit()).collect()
});

fn floor(v: f32) -> (i32, f32) {
    let i = v as i32;
    let i = if v < i as f32 { i - 1 } else { i };
    (i, v - i as f32)
}

fn fade(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

fn cell(x: i32, y: i32) -> f32 {
    LATTICE[((y & 255) as usize) * SIDE + (x & 255) as usize]
}

/// Smooth noise from 0 to 1 with one feature per unit.
pub fn value(u: f32, v: f32, seed: u32) -> f32 {
    let (x, fu) = floor(u);
    let (y, fv) = floor(v);
    let (x, y) = (x + (seed.wrapping_mul(73) & 255) as i32, y + (seed.wrapping_mul(151) >> 3 & 255) as i32);
    let (fu, fv) = (fade(fu), fade(fv));
    let top = cell(x, y) + (cell(x + 1, y) - cell(x, y)) * fu;
    let low = cell(x, y + 1) + (cell(x + 1, y + 1) - cell(x, y + 1)) * fu;
    top + (low - top) * fv
}

/// Noise with detail: `octaves` of ever finer noise, each `gain` as strong as the one before.
pub fn fbm(u: f32, v: f32, seed: u32, octaves: u32, gain: f32) -> f32 {
    let (mut sum, mut amp, mut all) = (0.0, 1.0, 0.0);
    let (mut u, mut v) = (u, v);
    for i in 0..octaves {
        sum += amp * value(u, v, seed.wrapping_add(i * 17));
        all += amp;
        amp *= gain;
        u = u * 2.03 + 13.1;
        v = v * 2.03 + 7.7;
    }
    sum / all
}

/// As [`fbm`], repeating every `across` units of `u` and `down` units of `v`.
pub fn tiled(u: f32, v: f32, across: i32, down: i32, seed: u32, octaves: u32, gain: f32) -> f32 {
    let (mut sum, mut amp, mut all) = (0.0, 1.0, 0.0);
    let (mut u, mut v, mut across, mut down) = (u, v, across.max(1), down.max(1));
    for i in 0..octaves {
        let (x, fu) = floor(u);
        let (y, fv) = floor(v);
        let (fu, fv) = (fade(fu), fade(fv));
        let shift = (seed.wrapping_add(i * 17).wrapping_mul(73) & 1023) as i32;
        let at = |x: i32, y: i32| cell(x.rem_euclid(across) + shift, y.rem_euclid(down) + shift * 3);
        let top = at(x, y) + (at(x + 1, y) - at(x, y)) * fu;
        let low = at(x, y + 1) + (at(x + 1, y + 1) - at(x, y + 1)) * fu;
        sum += amp * (top + (low - top) * fv);
        all += amp;
        amp *= gain;
        u *= 2.0;
        v *= 2.0;
        across *= 2;
        down *= 2;
    }
    sum / all
}
