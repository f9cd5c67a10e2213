//! Trees of all kinds, and the forest: rows of them in mist with light falling through.

use super::Blend;
use super::color::{Rgb, fast_exp, hex, lerp, smooth};
use super::noise::{Dice, fbm};
use super::scene::Scene;
use super::sketch::Sketch;

/// A conifer standing at (`x`, `y`), `s` high, with `tiers` of branches.
pub fn pine(to: &mut Sketch, x: f32, y: f32, s: f32, dice: &mut Dice, tiers: usize) {
    to.rect(x - s * 0.012, y - s * 0.9, x + s * 0.012, y + s * 0.02);
    let w = s * dice.range(0.15, 0.21);
    for j in 0..tiers {
        let u = j as f32 / (tiers - 1) as f32;
        let top = y - s + u * s * 0.80;
        let step = s * (0.9 / tiers as f32) * 1.55;
        let (l, r) = (w * (0.10 + u) * dice.range(0.75, 1.2), w * (0.10 + u) * dice.range(0.75, 1.2));
        to.poly(&[
            (x, top - step * 0.25),
            (x + r * 0.35, top + step * 0.55),
            (x + r, top + step),
            (x + r * 0.25, top + step * 0.82),
            (x - l * 0.25, top + step * 0.82),
            (x - l, top + step),
            (x - l * 0.35, top + step * 0.55),
        ]);
    }
}

/// A broad-leaved tree standing at (`x`, `y`), `s` high.
pub fn broad(to: &mut Sketch, x: f32, y: f32, s: f32, dice: &mut Dice) {
    let lean = dice.range(-0.04, 0.04) * s;
    to.poly(&[
        (x - s * 0.045, y + s * 0.01),
        (x - s * 0.022, y - s * 0.30),
        (x + lean - s * 0.012, y - s * 0.62),
        (x + lean + s * 0.012, y - s * 0.62),
        (x + s * 0.024, y - s * 0.30),
        (x + s * 0.050, y + s * 0.01),
    ]);
    for _ in 0..7 {
        let (a, l) = (dice.range(-2.5, -0.6), dice.range(0.2, 0.42) * s);
        to.limb(
            (x + lean * 0.7, y - s * 0.36),
            (x + lean + a.cos() * l, y - s * 0.42 + a.sin() * l * 0.9),
            s * 0.024,
            s * 0.008,
        );
    }
    // The crown is clumps of leaves: each clump an arc of small ovals about its own middle.
    for _ in 0..15 {
        let (a, d) = (dice.range(0.0, std::f32::consts::TAU), dice.unit().sqrt());
        let (cx, cy) = (x + lean + a.cos() * d * s * 0.27, y - s * 0.66 + a.sin() * d * s * 0.20);
        let big = s * dice.range(0.07, 0.12);
        to.oval(cx, cy, big * 1.15, big * 0.85);
        for _ in 0..16 {
            let (a, r) = (dice.range(0.0, std::f32::consts::TAU), s * dice.range(0.010, 0.026));
            to.oval(cx + a.cos() * big * 1.2, cy + a.sin() * big * 0.95, r * 1.2, r);
        }
    }
}

/// A tall bare trunk rising out of the frame.
fn trunk(to: &mut Sketch, x: f32, y: f32, w: f32, top: f32, dice: &mut Dice) {
    let lean = dice.range(-0.03, 0.03);
    to.poly(&[
        (x - w * 0.9, y + w),
        (x - w * 0.5, y - w * 1.5),
        (x + lean - w * 0.36, top),
        (x + lean + w * 0.36, top),
        (x + w * 0.5, y - w * 1.5),
        (x + w, y + w),
    ]);
    for _ in 0..5 {
        let t = dice.range(0.25, 0.95);
        let (bx, by) = (x + lean * t, lerp(y, top, t));
        let side = if dice.chance(0.5) { 1.0 } else { -1.0 };
        let l = dice.range(2.0, 6.0) * w;
        to.limb((bx, by), (bx + side * l, by - l * dice.range(0.2, 0.7)), w * 0.28, w * 0.06);
    }
}

/// Among trees.
pub fn forest(scene: &mut Scene) {
    let mut dice = scene.dice(51);
    let light = scene.light.clone();
    let (grain, view) = (scene.grain, scene.view);
    let pines = dice.chance(0.6);
    let gap = scene.view.aspect * dice.range(0.40, 0.60);
    let day = light.fill + light.key * 0.55;
    let leaf = hex(0xd2_dcb4);
    let air = light.haze.mix(leaf * day, 0.55);
    // Who walks here walks in the gap between the trees.
    scene.mark = gap;
    let (sx, sy) = (gap, 0.24);
    let mut back = scene.plane(2);
    back.fill(|at| {
        let base = (light.dome(0.55 + at.y * 0.5) * 0.55 + air * 0.45).mix(air * 0.45, smooth(0.45, 1.0, at.y));
        let (dx, dy) = (at.x - sx, at.y - sy);
        let d2 = dx * dx + dy * dy * 0.8;
        base + light.halo
            * (0.50 * fast_exp(-d2 / 0.10) + 0.35 * fast_exp(-d2 / 0.012))
            * if light.moon { 0.5 } else { 1.0 }
    });
    scene.push(back, 0.0, Blend::Over);
    let feet = scene.feet();
    let rows: [(usize, f32); 5] = [(26, 0.05), (20, 0.14), (14, 0.26), (9, 0.42), (6, 0.62)];
    for (k, (count, depth)) in rows.into_iter().enumerate() {
        let t = k as f32 / 4.0;
        let mut plane = scene.plane(1);
        let mut mask = Sketch::new(&plane);
        let count = (count as f32 * view.span() / 1.7).ceil().max(3.0) as usize;
        let y = lerp(0.66, feet - 0.01, t.powf(0.9)).min(1.0) + if k == 4 { 0.06 } else { 0.0 };
        for i in 0..count {
            let x = view.left() + (i as f32 + dice.range(0.1, 0.9)) / count as f32 * view.span();
            let clear = 0.05 + (0.10 + 0.24 * smooth(0.80, 0.95, feet)) * t;
            let x = if k >= 2 && (x - gap).abs() < clear { gap + clear * 1.25 * (x - gap).signum() } else { x };
            if pines {
                let s = (0.30 + 0.62 * t) * dice.range(0.75, 1.25);
                pine(&mut mask, x, y + dice.range(-0.01, 0.02), s, &mut dice, 9 + 2 * k);
            } else {
                let w = (0.004 + 0.017 * t) * dice.range(0.7, 1.3);
                trunk(&mut mask, x, y + dice.range(-0.01, 0.02), w, view.top() - 0.05, &mut dice);
            }
        }
        let mask = mask.done();
        let bark = if pines { hex(0x16_2a20) } else { hex(0x2a_2620) };
        let near = light.lit(bark, 0.10);
        let c = air.mix(near, t.powf(0.6) * 0.985 / (0.75 + 0.25 * light.fog.min(2.0)));
        plane.stencil(&mask, |at, m| (c * (0.82 + 0.36 * fbm(at.x * 30.0, at.y * 8.0, grain + 3, 2, 0.5)), m));
        if !pines && k < 4 {
            canopy(&mut plane, c, grain + k as u32, t);
        }
        if k < 3 {
            ground_mist(&mut plane, air, grain + k as u32, t, light.fog);
        }
        if k == 3 {
            floor(scene, &mut plane, gap, feet);
        }
        scene.push(plane, depth, Blend::Over);
        if k == 2 {
            rays(scene, (sx, sy - 0.3));
        }
        if k == 3 {
            scene.open(feet, depth, true);
        }
    }
}

fn canopy(plane: &mut super::canvas::Plane, c: Rgb, seed: u32, t: f32) {
    let high = 0.30 - 0.10 * t;
    plane.cover(-9.0, high + 0.12, |at| {
        let n = fbm(at.x * (5.0 + 3.0 * t), at.y * 7.0, seed + 30, 6, 0.62);
        let a = smooth(0.50, 0.60, n + (high - 0.10 - at.y) * 0.9);
        (c, a * 0.94)
    });
}

fn ground_mist(plane: &mut super::canvas::Plane, air: Rgb, seed: u32, t: f32, fog: f32) {
    plane.cover(0.40, 9.0, |at| {
        let n = fbm(at.x * 2.5, at.y * 5.0, seed + 420, 4, 0.5);
        let a = smooth(0.48, 0.95, at.y) * (0.30 + 0.75 * n) * (1.0 - t * 0.8) * 0.8 * (0.6 + 0.4 * fog);
        (air * 0.92, a.min(1.0))
    });
}

/// The forest floor with a path of light.
fn floor(scene: &Scene, plane: &mut super::canvas::Plane, gap: f32, feet: f32) {
    let (grain, light) = (scene.grain, scene.light.clone());
    let level = feet - 0.14;
    let line = plane
        .profile(|x| level + 0.07 * (fbm(x * 2.6, 5.0, grain + 450, 5, 0.5) - 0.5) - 0.05 * (x - gap).abs().min(0.8));
    let (moss, earth) = (hex(0x2c_3a1e), hex(0x8a_7350));
    let bottom = scene.view.bottom();
    let density = scene.view.scale;
    plane.cover(level - 0.03, bottom, |at| {
        let d = at.y - line[at.i];
        let a = (d * density / 6.0 + 0.5).clamp(0.0, 1.0);
        if a <= 0.0 {
            return (Rgb::BLACK, 0.0);
        }
        let n = fbm(at.x * 34.0, at.y * 60.0, grain + 451, 4, 0.55);
        let wind = gap + 0.04 * (at.y * 9.0).sin();
        let half = 0.05 + 0.38 * d.max(0.0);
        let path = smooth(half, half * 0.55, (at.x - wind).abs() + 0.03 * (n - 0.5));
        let dapple = smooth(0.50, 0.66, fbm(at.x * 6.0, at.y * 16.0, grain + 452, 3, 0.5));
        let c = light.lit(moss.mix(earth, path) * (0.45 + 1.0 * n), 0.06 + 0.5 * dapple * (0.3 + 0.7 * path));
        (c.mix(light.haze, fast_exp(-d.max(0.0) * 12.0) * 0.35), a)
    });
}

fn rays(scene: &mut Scene, from: (f32, f32)) {
    let light = scene.light.clone();
    let grain = scene.grain;
    let power = 0.10 + 0.55 * light.key.luma();
    let mut plane = scene.plane(2);
    plane.light(-9.0, 0.95, false, |at| {
        let angle = (at.x - from.0).atan2(at.y - from.1);
        let f = smooth(0.46, 0.80, fbm(angle * 11.0, 0.4, grain + 440, 3, 0.5));
        let (dx, dy) = (at.x - from.0, at.y - from.1 - 0.55);
        light.halo * (f * power * fast_exp(-(dx * dx * 2.2 + dy * dy * 3.0)) * 0.55)
    });
    let layer = scene.push(plane, 0.2, Blend::Add);
    layer.sway = 0.004;
}
