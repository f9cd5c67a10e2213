//! Whatever carries people.

use super::figure::Figure;
use crate::animatic::paint::color::{Rgb, fast_exp, hex, smooth};
use crate::animatic::paint::noise::{Dice, fbm};

fn lacquer(dice: &mut Dice) -> Rgb {
    const TONES: [u32; 7] = [0xb8_3026, 0x2a_4a6e, 0xd8_d0c0, 0x2c_2c30, 0x3c_6a5c, 0xd0_9a38, 0x8a_9aa0];
    hex(TONES[dice.below(7)])
}

const TYRE: u32 = 0x18_181a;

fn glass(f: &Figure) -> Rgb {
    f.light.dome(0.55) * 0.35 + f.light.fill * 0.06
}

/// A car from the side.
pub fn car(f: &mut Figure, dice: &mut Dice) {
    let paint = lacquer(dice);
    f.part(hex(TYRE), |k| {
        k.rect(-1.35, -0.30, 1.35, -0.14);
        for x in [-0.93, 0.95] {
            k.oval(x, -0.225, 0.235, 0.235);
        }
    });
    f.part(paint, |k| {
        k.form(&[
            -1.50, -0.24, -1.55, -0.42, -1.50, -0.58, -1.20, -0.64, -0.98, -0.68, -0.72, -0.92, -0.48, -0.995, 0.10,
            -1.0, 0.34, -0.93, 0.62, -0.69, 0.86, -0.63, 1.30, -0.56, 1.50, -0.44, 1.53, -0.30, 1.46, -0.20, 0.5,
            -0.17, -0.5, -0.17, -1.40, -0.19,
        ]);
    });
    f.part(hex(TYRE), |k| {
        for x in [-0.93, 0.95] {
            k.oval(x, -0.24, 0.275, 0.265);
        }
    });
    f.part(hex(0x9a_9ca0), |k| {
        for x in [-0.93, 0.95] {
            k.oval(x, -0.225, 0.125, 0.125);
        }
        k.rect(-1.22, -0.335, 1.22, -0.320);
    });
    let pane = glass(f);
    f.lamp(pane, |k| {
        k.facet(&[-0.86, -0.68, -0.63, -0.89, -0.46, -0.94, -0.16, -0.945, -0.16, -0.68]);
        k.facet(&[-0.08, -0.68, -0.08, -0.945, 0.10, -0.945, 0.28, -0.89, 0.50, -0.68]);
    });
    f.lamp(hex(0xff_f0cc) * (0.5 + 1.4 * f.light.lamps), |k| {
        k.oval(1.45, -0.44, 0.055, 0.045);
    });
    f.lamp(hex(0xff_2a1c) * (0.5 + 0.8 * f.light.lamps), |k| {
        k.slab(-1.545, -0.53, -1.46, -0.43, 0.02);
    });
    beams(f);
}

/// The headlights' cone, after dark.
fn beams(f: &mut Figure) {
    let power = f.light.lamps - 0.4;
    if power <= 0.0 {
        return;
    }
    f.cloud(-0.9, 0.12, |x, y| {
        let d = x - 1.47;
        let spread = 0.05 + 0.20 * d;
        let v = (y + 0.42 - 0.10 * d) / spread.max(0.02);
        let a = if d > 0.0 { fast_exp(-v * v) * fast_exp(-d * 0.95) * 0.5 * power } else { 0.0 };
        (hex(0xff_e9c0), if a > 0.008 { a } else { 0.0 })
    });
}

/// A car from behind, driving away.
pub fn car_behind(f: &mut Figure, dice: &mut Dice) {
    let paint = lacquer(dice);
    f.part(hex(TYRE), |k| {
        k.slab(-0.84, -0.30, -0.56, 0.0, 0.05);
        k.slab(0.56, -0.30, 0.84, 0.0, 0.05);
        k.rect(-0.80, -0.30, 0.80, -0.13);
    });
    f.part(paint, |k| {
        k.form(&[
            -0.92, -0.22, -0.95, -0.45, -0.88, -0.62, -0.72, -0.68, -0.60, -0.90, -0.50, -0.98, 0.50, -0.98, 0.60,
            -0.90, 0.72, -0.68, 0.88, -0.62, 0.95, -0.45, 0.92, -0.22, 0.60, -0.19, -0.60, -0.19,
        ]);
    });
    let pane = glass(f);
    f.lamp(pane, |k| {
        k.facet(&[-0.62, -0.66, -0.50, -0.91, 0.50, -0.91, 0.62, -0.66]);
    });
    f.part(hex(0x24_2428), |k| {
        k.slab(-0.90, -0.30, 0.90, -0.21, 0.03);
        k.slab(-0.20, -0.47, 0.20, -0.37, 0.01);
    });
    let on = 0.55 + 0.9 * f.light.lamps;
    for q in [-1.0f32, 1.0] {
        f.lamp(hex(0xff_2214) * on * 1.5, |k| {
            k.slab(q * 0.74 - 0.14, -0.56, q * 0.74 + 0.14, -0.44, 0.03);
        });
        if f.light.lamps > 0.4 {
            f.cloud(-1.2, 0.5, |x, y| {
                let (dx, dy) = (x - q * 0.74, y + 0.50);
                let a = fast_exp(-(dx * dx + dy * dy) / 0.07) * 0.30
                    + if y > 0.0 { fast_exp(-(dx / 0.12).powi(2)) * 0.35 * smooth(0.5, 0.0, y) } else { 0.0 };
                (hex(0xff_2a18) * 1.1, if a > 0.01 { a } else { 0.0 })
            });
        }
    }
}

/// A steam train with its carriages.
pub fn train(f: &mut Figure) {
    f.part(hex(0x3a_342e), |k| {
        k.rect(-60.0, -0.012, 60.0, 0.02);
        k.facet(&[-60.0, 0.02, 60.0, 0.02, 60.0, 0.14, -60.0, 0.14]);
    });
    let body = hex(0x2a_2426);
    let x0 = 1.75f32;
    f.part(hex(0x5a_2a24), move |k| {
        for c in 0..16 {
            let r = x0 - 0.95 - 2.45 * c as f32;
            k.slab(r - 2.32, -0.74, r, -0.14, 0.06);
        }
    });
    f.part(body, move |k| {
        k.slab(x0, -0.66, x0 + 1.20, -0.24, 0.18);
        k.rect(x0 - 0.62, -0.92, x0 + 0.10, -0.18);
        k.slab(x0 - 0.70, -0.98, x0 + 0.18, -0.88, 0.04);
        k.facet(&[x0 + 0.84, -0.60, x0 + 0.80, -1.0, x0 + 1.08, -1.0, x0 + 1.04, -0.60]);
        k.oval(x0 + 0.52, -0.66, 0.13, 0.15);
        k.facet(&[x0 + 1.16, -0.22, x0 + 1.48, -0.01, x0 + 1.05, -0.01]);
        k.rect(x0 - 0.95, -0.24, x0 + 1.22, -0.14);
        for i in 0..5 {
            k.oval(x0 - 0.42 + 0.36 * i as f32, -0.135, 0.135, 0.135);
        }
        for c in 0..16 {
            let r = x0 - 0.95 - 2.45 * c as f32;
            k.slab(r - 2.36, -0.80, r + 0.04, -0.71, 0.04);
            k.rect(r - 2.50, -0.24, r, -0.16);
            for w in [0.28, 0.62, 1.70, 2.04] {
                k.oval(r - w, -0.10, 0.10, 0.10);
            }
        }
    });
    let lamps = f.light.lamps;
    let pane = hex(0xff_cf87) * (0.20 + 0.85 * lamps) + glass(f) * (1.0 - lamps);
    f.lamp(pane, move |k| {
        k.slab(x0 - 0.48, -0.80, x0 - 0.14, -0.56, 0.03);
        for c in 0..16 {
            let r = x0 - 0.95 - 2.45 * c as f32;
            for w in 0..7 {
                let x = r - 0.34 - 0.31 * w as f32;
                k.slab(x, -0.63, x + 0.19, -0.40, 0.02);
            }
        }
    });
    f.lamp(hex(0xff_f0c8) * 1.6, move |k| {
        k.oval(x0 + 1.20, -0.52, 0.06, 0.07);
    });
    let steam = f.light.lit(hex(0xf4_f2ee), 0.55).mix(f.light.haze, 0.3);
    f.cloud(-2.6, -0.8, move |x, y| {
        let back = x0 + 0.94 - x;
        if !(-0.4..6.5).contains(&back) {
            return (steam, 0.0);
        }
        let t = (back / 6.5).max(0.0);
        let rise = -1.12 - 0.85 * t.powf(0.7);
        let wide = 0.10 + 0.46 * t.sqrt();
        let n = fbm(x * 2.2, y * 2.6, 5, 5, 0.55);
        let v = (y - rise) / wide;
        let a =
            smooth(0.25, 0.85, fast_exp(-v * v) * (0.35 + 1.1 * n)) * smooth(-0.12, 0.10, back) * (1.0 - t).powf(0.8);
        (steam, a * 0.92)
    });
}

/// A sailing boat.
pub fn boat(f: &mut Figure, dice: &mut Dice) {
    let sail = [hex(0xe8_e2d4), hex(0xc8_5038), hex(0xe0_c890)][dice.below(3)];
    f.part(hex(0x4a_3424), |k| {
        k.form(&[-0.40, -0.115, 0.10, -0.095, 0.44, -0.140, 0.34, -0.02, 0.22, 0.012, -0.24, 0.012, -0.34, -0.02]);
        k.rect(-0.012, -0.97, 0.008, -0.08);
    });
    f.part(sail, |k| {
        k.form(&[0.022, -0.95, 0.030, -0.94, 0.20, -0.56, 0.40, -0.185, 0.20, -0.165, 0.022, -0.175]);
    });
    f.part(sail * 0.86, |k| {
        k.form(&[-0.024, -0.88, -0.10, -0.62, -0.33, -0.21, -0.18, -0.165, -0.024, -0.180]);
    });
    f.part(hex(0xd8_d0c0), |k| {
        k.form(&[-0.39, -0.115, 0.43, -0.138, 0.415, -0.112, 0.0, -0.086, -0.375, -0.092]);
    });
}

/// A large ship.
pub fn ship(f: &mut Figure) {
    f.part(hex(0x28_3444), |k| {
        k.form(&[
            -1.52, -0.34, -1.2, -0.30, 1.30, -0.32, 1.62, -0.44, 1.46, -0.16, 1.34, 0.01, -1.36, 0.01, -1.48, -0.10,
        ]);
    });
    f.part(hex(0x8a_2c22), |k| {
        k.facet(&[-1.46, -0.05, 1.40, -0.05, 1.34, 0.012, -1.37, 0.012]);
    });
    f.part(hex(0xdc_d8d0), |k| {
        k.slab(-1.10, -0.50, 0.80, -0.30, 0.03);
        k.slab(-0.85, -0.64, 0.55, -0.49, 0.03);
        k.slab(-0.10, -0.76, 0.42, -0.62, 0.03);
        k.rect(0.30, -0.98, 0.325, -0.72);
    });
    f.part(hex(0xb8_3a28), |k| {
        k.facet(&[-0.70, -0.62, -0.66, -0.94, -0.44, -0.94, -0.40, -0.62]);
    });
    let pane = hex(0xff_d890) * (0.10 + 1.1 * f.light.lamps) + glass(f) * 0.4;
    f.lamp(pane, |k| {
        for i in 0..24 {
            let x = -1.02 + 0.074 * i as f32;
            k.rect(x, -0.44, x + 0.040, -0.395);
            if i < 18 {
                k.rect(x + 0.22, -0.585, x + 0.26, -0.545);
            }
        }
        k.rect(0.0, -0.71, 0.40, -0.665);
    });
}

/// An aeroplane.
pub fn plane(f: &mut Figure) {
    f.turn(-5.0);
    f.part(hex(0x9a_a0a8), |k| {
        k.facet(&[0.25, -0.5, -0.30, -0.9, -0.46, -0.9, -0.12, -0.5]);
    });
    f.part(hex(0xd8_dade), |k| {
        k.form(&[
            1.40, -0.47, 1.24, -0.58, 0.95, -0.63, -0.80, -0.62, -1.28, -0.55, -1.20, -0.44, -0.70, -0.39, 0.95, -0.37,
            1.30, -0.39,
        ]);
        k.facet(&[-0.90, -0.59, -1.30, -1.0, -1.46, -1.0, -1.28, -0.53]);
        k.facet(&[0.36, -0.45, -0.42, -0.04, -0.62, -0.04, -0.14, -0.45]);
        k.facet(&[-0.96, -0.5, -1.34, -0.33, -1.46, -0.33, -1.20, -0.5]);
    });
    f.part(hex(0x6a_7078), |k| k.slab(-0.22, -0.31, 0.12, -0.2, 0.05));
    f.lamp(hex(0x24_2c38), |k| {
        for i in 0..16 {
            let x = -0.70 + 0.10 * i as f32;
            k.oval(x, -0.535, 0.022, 0.026);
        }
        k.facet(&[1.10, -0.585, 1.25, -0.57, 1.31, -0.52, 1.12, -0.52]);
    });
}

/// A rocket under way on its flame.
pub fn rocket(f: &mut Figure) {
    f.cloud(-0.34, 0.45, |x, y| {
        let t = (y + 0.20) / 0.55;
        if t < 0.0 {
            return (Rgb::BLACK, 0.0);
        }
        let wide = 0.05 + 0.055 * t;
        let n = fbm(x * 18.0, y * 7.0, 9, 4, 0.55);
        let v = x / wide;
        let core = fast_exp(-v * v) * (1.0 - t).max(0.0);
        let a = smooth(0.06, 0.5, core * (0.5 + n));
        (hex(0xff_8a2c).mix(hex(0xff_f6d8), core) * (1.0 + 1.8 * core), a)
    });
    let hull = hex(0xe0_dcd4);
    f.part(hex(0xb8_3626), |k| {
        k.form(&[-0.065, -0.42, -0.16, -0.26, -0.175, -0.13, -0.085, -0.20, -0.05, -0.22]);
        k.form(&[0.065, -0.42, 0.16, -0.26, 0.175, -0.13, 0.085, -0.20, 0.05, -0.22]);
    });
    f.part(hull, |k| {
        k.form(&[
            0.0, -1.0, 0.065, -0.86, 0.092, -0.68, 0.092, -0.45, 0.062, -0.22, -0.062, -0.22, -0.092, -0.45, -0.092,
            -0.68, -0.065, -0.86,
        ]);
    });
    f.part(hex(0xb8_3626), |k| {
        k.form(&[0.0, -1.0, 0.044, -0.91, 0.068, -0.85, 0.0, -0.84, -0.068, -0.85, -0.044, -0.91]);
        k.slab(-0.013, -0.40, 0.013, -0.15, 0.010);
    });
    f.part(hex(0x40_4248), |k| {
        k.facet(&[-0.05, -0.225, 0.05, -0.225, 0.064, -0.175, -0.064, -0.175]);
    });
    f.lamp(hex(0x6a_c0e0) * 0.7, |k| k.oval(0.0, -0.66, 0.036, 0.036));
}
