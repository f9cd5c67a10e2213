//! The light of a shot as colours: sky, sun or moon, fill, haze. Owns how time of day and weather look.

use super::color::{Rgb, hex, lerp, rgb};
use super::noise::Dice;
use crate::animatic::plan::{Light, Mood, Setting, Shot, Subject, Weather};

/// Every colour the light of a shot decides. Surfaces are lit as `surface * (fill + key * how lit)`.
#[derive(Debug, Clone)]
pub struct Palette {
    /// From straight up down to the horizon.
    pub sky: [Rgb; 4],
    /// Direct light.
    pub key: Rgb,
    /// Light from everywhere.
    pub fill: Rgb,
    /// What distance fades to.
    pub haze: Rgb,
    /// How strongly distance fades, about 1.
    pub fog: f32,
    /// The colour of the glow around the sun or moon.
    pub halo: Rgb,
    /// How bright the disc is; 0 when clouds hide it.
    pub disc: f32,
    /// The disc is a moon.
    pub moon: bool,
    /// Where the disc stands: share of the frame's width, and of the sky's height above the horizon.
    pub sun: (f32, f32),
    /// How many stars show, 0 to 1.
    pub stars: f32,
    /// How many windows are lit, 0 to 1.
    pub lamps: f32,
    /// How much of the sky is cloud, 0 to 1.
    pub cover: f32,
    /// How wet the ground is, 0 to 1.
    pub wet: f32,
}

struct Hour {
    sky: [u32; 4],
    key: Rgb,
    fill: Rgb,
    haze: u32,
    halo: u32,
    disc: f32,
    height: (f32, f32),
    stars: f32,
    lamps: f32,
    power: f32,
    fog: f32,
}

fn hour(light: Light) -> Hour {
    match light {
        Light::Dawn => Hour {
            sky: [0x3f_548a, 0x91_94c2, 0xf2_b8b4, 0xff_e0c2],
            key: rgb(0.95, 0.56, 0.48),
            fill: rgb(0.27, 0.27, 0.38),
            haze: 0xee_c3bd,
            halo: 0xff_a58c,
            disc: 1.5,
            height: (0.02, 0.10),
            stars: 0.06,
            lamps: 0.25,
            power: 0.62,
            fog: 1.0,
        },
        Light::Day => Hour {
            sky: [0x1d_5fae, 0x4f_93d6, 0x9c_c8ec, 0xd6_eaf4],
            key: rgb(1.12, 1.02, 0.84),
            fill: rgb(0.31, 0.40, 0.54),
            haze: 0xb4_d0e6,
            halo: 0xff_f2d4,
            disc: 2.6,
            height: (0.55, 0.78),
            stars: 0.0,
            lamps: 0.0,
            power: 0.66,
            fog: 0.62,
        },
        Light::GoldenHour => Hour {
            sky: [0x2a_5698, 0x84_98c4, 0xee_a884, 0xff_b872],
            key: rgb(1.35, 0.74, 0.34),
            fill: rgb(0.25, 0.25, 0.34),
            haze: 0xe8_a880,
            halo: 0xff_9a4c,
            disc: 2.4,
            height: (0.14, 0.28),
            stars: 0.0,
            lamps: 0.12,
            power: 0.7,
            fog: 0.95,
        },
        Light::Dusk => Hour {
            sky: [0x0f_1c40, 0x45_4f8e, 0xd9_7a84, 0xff_b884],
            key: rgb(0.72, 0.33, 0.27),
            fill: rgb(0.13, 0.12, 0.23),
            haze: 0xb8_6c80,
            halo: 0xff_6a3c,
            disc: 1.7,
            height: (0.03, 0.08),
            stars: 0.30,
            lamps: 0.75,
            power: 0.74,
            fog: 0.95,
        },
        Light::BlueHour => Hour {
            sky: [0x06_1233, 0x14_3468, 0x35_66a0, 0x8f_a9c8],
            key: rgb(0.16, 0.19, 0.30),
            fill: rgb(0.055, 0.095, 0.20),
            haze: 0x3d_628f,
            halo: 0xc8_a8a0,
            disc: 0.0,
            height: (0.0, 0.02),
            stars: 0.35,
            lamps: 0.85,
            power: 0.66,
            fog: 0.9,
        },
        Light::Night => Hour {
            sky: [0x03_0714, 0x0a_1a38, 0x1a_3460, 0x3a_5a88],
            key: rgb(0.24, 0.32, 0.48),
            fill: rgb(0.040, 0.062, 0.120),
            haze: 0x1d_3558,
            halo: 0x9d_b8e6,
            disc: 2.2,
            height: (0.52, 0.74),
            stars: 1.0,
            lamps: 1.0,
            power: 1.0,
            fog: 0.85,
        },
        Light::Overcast => Hour {
            sky: [0x7d_8b96, 0x9c_a8af, 0xbc_c5c8, 0xd6_dad8],
            key: rgb(0.20, 0.20, 0.19),
            fill: rgb(0.46, 0.49, 0.52),
            haze: 0xc2_c9ca,
            halo: 0xf0_eee4,
            disc: 0.0,
            height: (0.45, 0.6),
            stars: 0.0,
            lamps: 0.15,
            power: 0.6,
            fog: 1.05,
        },
    }
}

impl Palette {
    /// The light of a shot.
    pub fn of(shot: &Shot) -> Self {
        let mut dice = Dice::new(shot.seed, 1);
        let h = hour(shot.light);
        // A small shift of warmth keeps takes of one prompt apart.
        let warm = dice.range(-0.09, 0.09);
        let nuance = rgb(1.0 + warm, 1.0 + dice.range(-0.03, 0.03), 1.0 - warm);
        let mut sun_x = dice.range(0.14, 0.40);
        // The sun stands across from the subject.
        if subject_side(shot) < 0.5 {
            sun_x = 1.0 - sun_x;
        }
        let mut p = Self {
            sky: h.sky.map(|c| hex(c) * nuance * h.power),
            key: h.key * nuance * h.power.sqrt(),
            fill: h.fill * h.power.sqrt(),
            haze: hex(h.haze) * nuance * h.power,
            fog: h.fog,
            halo: hex(h.halo) * h.power.sqrt(),
            disc: h.disc,
            moon: shot.light == Light::Night,
            sun: (sun_x, dice.range(h.height.0, h.height.1)),
            stars: h.stars,
            lamps: h.lamps,
            cover: dice.range(0.12, 0.42),
            wet: 0.0,
        };
        if shot.light == Light::Overcast {
            p.cover = 0.75;
        }
        p.weathered(shot.weather);
        if shot.mood == Mood::Noir {
            p.halo = p.halo.saturate(0.3);
        }
        p
    }

    fn weathered(&mut self, weather: Weather) {
        match weather {
            Weather::Clear => {}
            Weather::Cloudy => self.cover = (self.cover + 0.1).max(0.66),
            Weather::Rain => {
                self.veil(0.72, 0.55);
                (self.cover, self.wet, self.fog) = (0.85, 1.0, self.fog * 1.35);
            }
            Weather::Snow => {
                self.veil(0.55, 0.88);
                (self.cover, self.fog) = (0.7, self.fog * 1.5);
            }
            Weather::Fog => {
                self.veil(0.65, 0.92);
                (self.cover, self.fog) = (0.05, 1.0 + self.fog * 1.7);
            }
            Weather::Storm => {
                self.veil(0.70, 0.34);
                (self.cover, self.wet, self.fog) = (1.0, 1.0, self.fog * 1.15);
            }
        }
    }

    /// Draws a veil before the sky: `grey` of its colour and all but `light` of its light go.
    fn veil(&mut self, grey: f32, light: f32) {
        // What is dark already cannot lose much more and still be seen.
        let light = if self.fill.luma() < 0.09 { light.max(0.80) } else { light };
        let mean = (self.sky[1] + self.sky[2] + self.sky[3]) * 0.333;
        let dull = mean.saturate(0.45);
        for c in &mut self.sky {
            *c = c.mix(dull, grey * 0.8).saturate(1.0 - grey * 0.35) * light;
        }
        self.haze = self.haze.mix(dull, grey * 0.7) * light;
        self.fill = (self.fill + self.key * 0.22).saturate(0.7) * light;
        self.key = self.key.saturate(0.6) * (light * (1.0 - grey * 0.8));
        self.halo = self.halo.mix(dull, 0.5) * light;
        self.disc *= if grey > 0.68 { 0.0 } else { 0.35 };
        self.stars *= 1.0 - grey;
        self.lamps = lerp(self.lamps, 1.0, 0.35 * grey);
    }

    /// The sky's colour at `t` from straight up (0) to the horizon (1).
    pub fn dome(&self, t: f32) -> Rgb {
        let at = t.clamp(0.0, 1.0) * 3.0;
        let i = (at as usize).min(2);
        let f = at - i as f32;
        self.sky[i].mix(self.sky[i + 1], f * f * (3.0 - 2.0 * f) * 0.5 + f * 0.5)
    }

    /// A surface `lit` from 0 to 1 by the key light.
    pub fn lit(&self, surface: Rgb, lit: f32) -> Rgb {
        surface * (self.fill + self.key * lit)
    }
}

/// Where the subject stands, as a share of the frame's width: on one of the thirds.
pub fn subject_side(shot: &Shot) -> f32 {
    let mut dice = Dice::new(shot.seed, 2);
    let third = if dice.chance(0.5) { 0.345 } else { 0.655 };
    let settled = matches!(shot.setting, Setting::Road | Setting::Forest | Setting::Street)
        && !matches!(shot.subject, Subject::None);
    // A road leads to the middle, so what stands on it stands nearer the middle.
    let third = if settled { lerp(third, 0.5, 0.35) } else { third };
    third + dice.range(-0.04, 0.04)
}
