//! Things that stand still: trees, houses, a lighthouse and its beam, balloons, a vase, a fire.

use super::figure::Figure;
use crate::animatic::paint::Blend;
use crate::animatic::paint::color::{fast_exp, hex, lerp, smooth};
use crate::animatic::paint::noise::{Dice, fbm};
use crate::animatic::paint::scene::Scene;
use crate::animatic::paint::sketch::Point;
use crate::animatic::paint::trees;

/// A lone tree.
pub fn tree(f: &mut Figure, dice: &mut Dice) {
    let leaf = [hex(0x3c_5428), hex(0x8a_5a20), hex(0x5a_6a2c), hex(0xc8_7a8a)][dice.below(4)];
    let seed = dice.next();
    f.part(hex(0x3a_2c20), move |k| {
        k.limb((0.0, 0.0), (0.0, -0.45), 0.075, 0.045);
        k.limb((0.0, -0.36), (-0.17, -0.62), 0.036, 0.014);
        k.limb((0.0, -0.40), (0.15, -0.66), 0.034, 0.014);
        k.facet(&[-0.085, 0.01, -0.03, -0.10, 0.03, -0.10, 0.09, 0.01]);
    });
    let light = f.light.clone();
    let toward = if light.sun.0 > 0.5 { 1.0f32 } else { -1.0 };
    f.shaded(
        move |k| trees::broad(k, 0.0, 0.0, 1.0, &mut Dice::new(seed, 1)),
        move |x, y| {
            let clump = fbm(x * 9.0 + 30.0, y * 10.0 + 30.0, 12, 3, 0.5);
            let leafy = fbm(x * 60.0 + 30.0, y * 60.0 + 30.0, 14, 2, 0.6);
            let high = smooth(-0.38, -0.95, y) * 0.5 + x * toward * 0.9;
            let lit = (smooth(0.36, 0.64, clump) * 0.55 + high * 0.5 + (leafy - 0.5) * 0.5).clamp(0.04, 1.0);
            light.lit(if y > -0.33 { hex(0x3a_2c20) } else { leaf * (0.55 + 0.75 * leafy) }, lit)
        },
    );
}

/// A small house with lit windows.
pub fn house(f: &mut Figure) {
    f.part(hex(0x6a_4030), |k| {
        k.rect(0.30, -1.0, 0.42, -0.62);
        k.rect(0.285, -1.0, 0.435, -0.965);
    });
    f.part(hex(0xb8_a48c), |k| {
        k.rect(-0.62, -0.52, 0.62, 0.01);
        k.facet(&[-0.62, -0.50, -0.62, -0.52, -0.10, -0.90, 0.0, -0.52]);
    });
    f.part(hex(0x5a_3a34), |k| {
        k.facet(&[-0.74, -0.50, -0.30, -0.95, 0.58, -0.95, 0.76, -0.50]);
    });
    f.part(hex(0x40_2c20), |k| k.slab(-0.10, -0.36, 0.12, 0.0, 0.02));
    let glow = hex(0xff_c46b) * (0.22 + 1.15 * f.light.lamps);
    f.lamp(glow, |k| {
        for x in [-0.46, 0.26] {
            k.rect(x, -0.39, x + 0.20, -0.17);
        }
    });
    f.part(hex(0xd8_ccb8), |k| {
        for x in [-0.46, 0.26] {
            k.rect(x + 0.092, -0.39, x + 0.108, -0.17);
            k.rect(x, -0.288, x + 0.20, -0.272);
            k.rect(x - 0.02, -0.17, x + 0.22, -0.15);
        }
    });
    if f.light.lamps > 0.3 {
        for x in [-0.36, 0.36] {
            f.shine(x, -0.28, 0.20, glow * 0.28);
        }
    }
}

/// A banded tower with a lantern, and a keeper's house.
pub fn lighthouse(f: &mut Figure) {
    let stone = hex(0x40_3c3c);
    f.part(stone, |k| {
        k.facet(&[0.07, 0.01, 0.07, -0.14, 0.19, -0.22, 0.31, -0.14, 0.31, 0.01]);
    });
    f.part(hex(0xd9_d2c6), |k| {
        k.facet(&[-0.085, 0.01, -0.050, -0.76, 0.050, -0.76, 0.085, 0.01]);
    });
    f.part(hex(0x9b_2f2a), |k| {
        for (a, b) in [(-0.68, -0.56), (-0.44, -0.32), (-0.20, -0.08)] {
            let w = |y: f32| 0.085 + 0.035 * y / 0.76;
            k.poly(&[(-w(a), a), (w(a), a), (w(b), b), (-w(b), b)]);
        }
    });
    f.part(hex(0x15_181f), |k| {
        k.rect(-0.080, -0.785, 0.080, -0.755);
        k.rect(-0.046, -0.905, 0.046, -0.78);
        k.facet(&[-0.058, -0.900, 0.0, -0.975, 0.058, -0.900]);
        k.rect(-0.004, -1.02, 0.004, -0.96);
        k.rect(-0.078, -0.825, -0.074, -0.78);
        k.rect(0.074, -0.825, 0.078, -0.78);
        k.rect(-0.078, -0.827, 0.078, -0.821);
    });
    f.lamp(hex(0xff_dfa0) * (0.8 + 1.6 * f.light.lamps), |k| {
        k.rect(-0.034, -0.892, 0.034, -0.80);
    });
    let window = hex(0xff_c46b) * (0.2 + 1.1 * f.light.lamps);
    f.lamp(window, |k| {
        k.rect(0.12, -0.115, 0.155, -0.065);
        k.rect(0.22, -0.115, 0.255, -0.065);
        k.slab(-0.014, -0.50, 0.014, -0.45, 0.006);
        k.slab(-0.014, -0.26, 0.014, -0.21, 0.006);
    });
}

/// The lighthouse's beam, a layer of light of its own.
pub fn beam(scene: &mut Scene, at: Point, high: f32, place: usize, depth: f32) {
    let light = scene.light.clone();
    let power = lerp(0.05, 0.62, light.lamps.max((light.fog - 1.0).clamp(0.0, 0.6)));
    let mut plane = scene.plane(2);
    let grain = scene.grain;
    let (cx, cy) = (at.0, at.1 - high * 0.845);
    let mut dice = scene.dice(311);
    let left = cx > scene.view.aspect * 0.5;
    let tilt = dice.range(-0.16, 0.12);
    let angle = if left { std::f32::consts::PI - tilt } else { tilt };
    let (c, s) = (angle.cos(), angle.sin());
    let tone = hex(0xff_dfa4);
    plane.light(-9.0, 9.0, false, |p| {
        let (dx, dy) = (p.x - cx, p.y - cy);
        let (along, off) = (dx * c + dy * s, -dx * s + dy * c);
        let (mut k, out) = (0.0, along.abs());
        let wide = 0.008 + 0.085 * out;
        let b = fast_exp(-(off / wide).powi(2)) * fast_exp(-out * 0.95);
        if b > 0.004 {
            k += b
                * (0.6 + 0.65 * fbm(p.x * 5.0, p.y * 5.0, grain + 350, 4, 0.5))
                * if along > 0.0 { 1.0 } else { 0.35 };
        }
        let d2 = dx * dx + dy * dy;
        k += 1.5 * fast_exp(-d2 / 0.0016) + 0.28 * fast_exp(-d2 / 0.035);
        tone * (k * power)
    });
    scene.insert(place, plane, depth, Blend::Add);
}

const STRIPES: [(u32, u32); 6] = [
    (0xc8_452f, 0xf3_e2c6),
    (0x2d_5b7d, 0xf0_b13d),
    (0xe0_8a2c, 0x7a_2e3a),
    (0xf0_d8a8, 0x3b_7a78),
    (0x7a_3b5e, 0xf0_a37a),
    (0x38_5a42, 0xea_d9a6),
];

/// One large balloon and a few far ones.
pub fn balloons(f: &mut Figure, dice: &mut Dice) {
    let first = dice.below(6);
    for i in 0..5 {
        let t = i as f32;
        let (x, y, s) = (dice.range(-1.6, 1.6), dice.range(-1.15, 0.15), dice.range(0.045, 0.10));
        let x = if x.abs() < 0.55 { x + 0.8 * x.signum() } else { x };
        balloon(f, x, y, s, STRIPES[(first + 1 + i) % 6], 0.30 + 0.03 * t);
    }
    balloon(f, 0.0, -0.64, 0.335, STRIPES[first], 0.0);
}

fn balloon(f: &mut Figure, x: f32, y: f32, s: f32, tones: (u32, u32), haze: f32) {
    let light = f.light.clone();
    let outline: Vec<Point> = (0..48)
        .map(|i| {
            let a = i as f32 / 48.0 * std::f32::consts::TAU;
            let (u, v) = (a.sin(), -a.cos());
            let v = if v > 0.0 { v * 1.26 } else { v };
            let taper = if v > 0.0 { 1.0 - 0.22 * (v / 1.26).powi(2) } else { 1.0 };
            (x + u * s * taper, y + v * s)
        })
        .collect();
    f.part(hex(0x4a_3020), |k| {
        k.slab(x - 0.15 * s, y + 1.62 * s, x + 0.15 * s, y + 1.90 * s, 0.04 * s);
        for q in [-1.0f32, 1.0] {
            k.line(&[(x + q * 0.24 * s, y + 1.18 * s), (x + q * 0.13 * s, y + 1.64 * s)], 0.016 * s);
        }
        k.poly(&[
            (x - 0.26 * s, y + 1.10 * s),
            (x + 0.26 * s, y + 1.10 * s),
            (x + 0.17 * s, y + 1.30 * s),
            (x - 0.17 * s, y + 1.30 * s),
        ]);
    });
    let (a, b) = (hex(tones.0), hex(tones.1));
    let toward = if light.sun.0 > 0.5 { 1.0 } else { -1.0 };
    f.shaded(
        move |k| k.body(&outline),
        move |px, py| {
            let (u, v) = ((px - x) / s, (py - y) / s);
            let half =
                if v < 0.0 { (1.0 - v * v).max(0.01).sqrt() } else { (1.0 - (v / 1.30).powi(2)).max(0.02).sqrt() };
            let lon = (u / half).clamp(-1.0, 1.0).asin();
            let band = ((lon + std::f32::consts::FRAC_PI_2) * 9.0).sin() * (s * 130.0).max(3.0) * half.max(0.2);
            let round = (u * toward * 0.8 - v * 0.35).clamp(-1.0, 1.0);
            let c = light.lit(b.mix(a, (band + 0.5).clamp(0.0, 1.0)), 0.36 + 0.46 * round);
            (c + hex(0xff_b050) * (0.20 * light.lamps * smooth(-0.4, 1.2, v))).mix(light.haze, haze)
        },
    );
}

/// A vase with dry stems on a table.
pub fn still_life(f: &mut Figure, dice: &mut Dice) {
    let clay = [hex(0xd8_d2c4), hex(0x9a_6a48), hex(0x5a_7a88), hex(0x3c_3c40)][dice.below(4)];
    let mut side: Vec<Point> = (0..=24)
        .map(|i| {
            let t = i as f32 / 24.0;
            let belly = (std::f32::consts::PI * (t * 1.06).min(1.0)).sin().max(0.0).powf(1.2) * (1.0 - 0.25 * t);
            (0.055 + 0.125 * belly + if t < 0.06 { 0.018 } else { 0.0 }, -0.52 + 0.52 * t)
        })
        .collect();
    let back: Vec<Point> = side.iter().rev().map(|p| (-p.0, p.1)).collect();
    side.extend(back);
    let stems: Vec<(f32, f32)> =
        (0..5).map(|i| (-0.16 + 0.08 * i as f32 + dice.range(-0.02, 0.02), dice.range(0.34, 0.48))).collect();
    let bud = [hex(0x8a_5a2a), hex(0xc8_6a5a), hex(0xd8_c8a0)][dice.below(3)];
    for (lay, tone) in [(0, hex(0x5a_5030)), (1, bud)] {
        let stems = stems.clone();
        f.part(tone, move |k| {
            for &(dx, h) in &stems {
                let at = |t: f32| (dx * t.powf(1.6), -0.51 - h * t);
                if lay == 0 {
                    k.line(&(0..16).map(|i| at(i as f32 / 15.0)).collect::<Vec<_>>(), 0.007);
                } else {
                    for j in 0..8 {
                        let (x, y) = at(1.0 - j as f32 * 0.055);
                        let q = if j % 2 == 0 { 0.017 } else { -0.017 };
                        k.oval(x + q, y, 0.015, 0.016);
                    }
                }
            }
        });
    }
    let light = f.light.clone();
    let toward = if light.sun.0 * 2.0 > 1.0 { 1.0f32 } else { -1.0 };
    f.shaded(
        move |k| k.poly(&side),
        move |x, y| {
            let u = x / 0.19;
            let lit = (0.55 + 0.5 * u * toward - 0.30 * u * u).clamp(0.05, 1.0);
            let rough = 0.93 + 0.12 * fbm(x * 60.0 + 9.0, y * 60.0, 4, 3, 0.5);
            clay * (light.fill * 0.8 + light.key * (0.10 + 0.75 * lit) + hex(0xff_b468) * (0.25 * light.lamps * lit))
                * rough
        },
    );
}

/// A fire with someone sitting by it.
pub fn campfire(f: &mut Figure) {
    let warm = hex(0xff_8a38);
    f.cloud(-1.1, 0.3, |x, y| {
        let (dx, dy) = (x, (y + 0.10) * 1.5);
        let k = fast_exp(-(dx * dx + dy * dy) / 0.45);
        (warm * 0.9, if k > 0.02 { k * 0.42 } else { 0.0 })
    });
    f.light.key = f.light.key + hex(0xff_9a48) * 0.8;
    f.part(hex(0x2c_2a34), |k| {
        k.form(&[-0.72, -0.62, -0.58, -0.66, -0.50, -0.52, -0.50, -0.26, -0.56, -0.10, -0.80, -0.08, -0.82, -0.36]);
        k.limb((-0.66, -0.15), (-0.40, -0.34), 0.13, 0.10);
        k.limb((-0.40, -0.34), (-0.34, -0.04), 0.095, 0.07);
        k.limb((-0.37, -0.03), (-0.27, -0.02), 0.06, 0.05);
        k.limb((-0.60, -0.52), (-0.44, -0.40), 0.09, 0.07);
        k.limb((-0.44, -0.40), (-0.34, -0.44), 0.06, 0.05);
        k.oval(-0.605, -0.755, 0.080, 0.096);
        k.limb((-1.02, -0.06), (-0.52, -0.06), 0.12, 0.12);
    });
    f.part(hex(0x3a_2418), |k| {
        k.limb((-0.18, 0.0), (0.16, -0.07), 0.06, 0.05);
        k.limb((0.18, 0.0), (-0.14, -0.07), 0.06, 0.05);
        k.limb((-0.05, 0.01), (0.07, -0.09), 0.055, 0.05);
    });
    let flame: [Point; 10] = [
        (-0.13, -0.04),
        (-0.10, -0.20),
        (-0.06, -0.16),
        (-0.02, -0.40),
        (0.03, -0.22),
        (0.07, -0.28),
        (0.12, -0.12),
        (0.13, -0.03),
        (0.06, 0.0),
        (-0.07, 0.0),
    ];
    for (s, tone) in [(1.0f32, hex(0xff_6a1c) * 1.6), (0.68, hex(0xff_b040) * 2.2), (0.38, hex(0xff_f0b8) * 2.6)] {
        f.lamp(tone, move |k| {
            k.body(&flame.map(|p| (p.0 * s, p.1 * s - 0.02)));
        });
    }
    f.lamp(hex(0xff_a040) * 1.4, |k| {
        for i in 0..9 {
            let t = i as f32;
            k.oval(0.09 * (t * 2.1).sin(), -0.36 - 0.075 * t, 0.007, 0.009);
        }
    });
}
