//! Linear-light colour and the filmic finish every layer gets. Owns the grade of each mood.

use std::ops::{Add, Mul};
use std::sync::LazyLock;

use crate::animatic::plan::Mood;

/// A colour in linear light; may exceed 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rgb {
    /// Red.
    pub r: f32,
    /// Green.
    pub g: f32,
    /// Blue.
    pub b: f32,
}

/// A colour from three linear parts.
pub const fn rgb(r: f32, g: f32, b: f32) -> Rgb {
    Rgb { r, g, b }
}

/// A colour from sRGB hex digits, as designers write it.
pub fn hex(code: u32) -> Rgb {
    let part = |shift: u32| (((code >> shift) & 255) as f32 / 255.0).powf(2.2);
    rgb(part(16), part(8), part(0))
}

impl Rgb {
    /// Black.
    pub const BLACK: Self = rgb(0.0, 0.0, 0.0);

    /// The way from `self` to `other`, `t` from 0 to 1.
    pub fn mix(self, other: Self, t: f32) -> Self {
        self * (1.0 - t) + other * t
    }

    /// Perceived brightness.
    pub fn luma(self) -> f32 {
        0.2126 * self.r + 0.7152 * self.g + 0.0722 * self.b
    }

    /// The same brightness with less (`t` below 1) or more colour.
    pub fn saturate(self, t: f32) -> Self {
        let grey = self.luma();
        let keep = |v: f32| (grey + (v - grey) * t).max(0.0);
        rgb(keep(self.r), keep(self.g), keep(self.b))
    }
}

impl Add for Rgb {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        rgb(self.r + o.r, self.g + o.g, self.b + o.b)
    }
}

impl Mul<f32> for Rgb {
    type Output = Self;
    fn mul(self, k: f32) -> Self {
        rgb(self.r * k, self.g * k, self.b * k)
    }
}

impl Mul for Rgb {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        rgb(self.r * o.r, self.g * o.g, self.b * o.b)
    }
}

/// Between `a` and `b`, `t` from 0 to 1.
pub fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// An eased step from 0 at `a` to 1 at `b`; `a` may lie above `b`.
pub fn smooth(a: f32, b: f32, v: f32) -> f32 {
    let t = ((v - a) / (b - a)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A round falloff: 1 at the centre, about a third at distance `r`.
pub fn glow(dx: f32, dy: f32, r: f32) -> f32 {
    fast_exp(-(dx * dx + dy * dy) / (r * r))
}

/// e to the `v` for `v` at or below 0, good to about a thousandth and cheap.
pub fn fast_exp(v: f32) -> f32 {
    if v < -12.0 {
        return 0.0;
    }
    let t = (1.0 + v / 256.0).max(0.0);
    let t = t * t;
    let t = t * t;
    let t = t * t;
    let t = t * t;
    let t = t * t;
    let t = t * t;
    let t = t * t;
    t * t
}

/// How a finished layer is toned: the same for every layer of a shot.
#[derive(Debug, Clone, Copy)]
pub struct Grade {
    exposure: f32,
    saturation: f32,
    contrast: f32,
    lift: f32,
    tint: Rgb,
}

impl Grade {
    /// The grade of a mood.
    pub fn of(mood: Mood) -> Self {
        let plain = Self { exposure: 1.0, saturation: 1.06, contrast: 1.0, lift: 0.0, tint: rgb(1.0, 1.0, 1.0) };
        match mood {
            Mood::Neutral => plain,
            Mood::Warm => Self { tint: rgb(1.14, 1.0, 0.80), ..plain },
            Mood::Cold => Self { tint: rgb(0.80, 0.97, 1.18), saturation: 0.86, ..plain },
            Mood::Dark => Self { exposure: 0.52, contrast: 1.10, saturation: 0.92, ..plain },
            Mood::Dreamy => {
                Self { exposure: 1.12, lift: 0.075, contrast: 0.94, saturation: 0.90, tint: rgb(1.06, 0.98, 1.07) }
            }
            Mood::Noir => Self { exposure: 0.78, saturation: 0.05, contrast: 1.24, ..plain },
            Mood::Vivid => Self { saturation: 1.38, contrast: 1.05, ..plain },
        }
    }

    /// Light to what the screen shows, each part 0 to 1 and sRGB-encoded.
    pub fn finish(&self, light: Rgb) -> [f32; 3] {
        let c = light * self.tint * self.exposure;
        let toned = rgb(film(c.r), film(c.g), film(c.b));
        let grey = (toned.r + toned.g + toned.b) / 3.0;
        let part = |v: f32| {
            let v = encode((grey + (v - grey) * self.saturation).clamp(0.0, 1.0));
            let v = (v - 0.45) * self.contrast + 0.45;
            (v * (1.0 - self.lift) + self.lift).clamp(0.0, 1.0)
        };
        [part(toned.r), part(toned.g), part(toned.b)]
    }

    /// As [`Grade::finish`] for light that is added: black stays black.
    pub fn finish_light(&self, light: Rgb) -> [f32; 3] {
        Self { lift: 0.0, contrast: 1.0, ..*self }.finish(light)
    }
}

fn film(v: f32) -> f32 {
    let v = v.max(0.0);
    ((v * (2.51 * v + 0.03)) / (v * (2.43 * v + 0.59) + 0.14)).min(1.0)
}

const STEPS: usize = 2048;
static CURVE: LazyLock<Vec<f32>> = LazyLock::new(|| {
    // Indexed by the square root, so that the darks get most of the entries.
    (0..=STEPS + 1).map(|i| (i as f32 / STEPS as f32).powf(2.0 / 2.2)).collect()
});

fn encode(v: f32) -> f32 {
    let at = v.sqrt() * STEPS as f32;
    let i = at as usize;
    let (a, b) = (CURVE[i], CURVE[i + 1]);
    a + (b - a) * (at - i as f32)
}
