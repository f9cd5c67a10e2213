//! Above the Earth: over a sea of clouds, and in space.

use super::Blend;
use super::color::{Rgb, fast_exp, glow, hex, lerp, rgb, smooth};
use super::noise::{fbm, tiled};
use super::scene::Scene;
use super::sky;
use crate::animatic::plan::Subject;

/// Above the clouds.
pub fn sky_high(scene: &mut Scene) {
    let mut dice = scene.dice(91);
    let horizon = dice.range(0.50, 0.62);
    let back = sky::dome(scene, horizon);
    scene.push(back, 0.0, Blend::Over);
    sky::clouds(scene, horizon, 0.04);
    peaks(scene, horizon);
    floor(scene, horizon);
    scene.open(0.62, 0.45, true);
    puffs(scene);
}

fn peaks(scene: &mut Scene, horizon: f32) {
    let mut dice = scene.dice(92);
    if dice.chance(0.35) {
        return;
    }
    let (grain, light) = (scene.grain, scene.light.clone());
    let mut plane = scene.plane(1);
    let x = scene.view.aspect * dice.range(0.40, 0.60);
    let high = dice.range(0.12, 0.24);
    let line = plane.profile(|at| {
        let a = high * fast_exp(-(at - x).abs() / 0.15);
        let b = high * 0.5 * fast_exp(-(at - x - 0.32).abs() / 0.10);
        horizon + 0.03 - a.max(b) + 0.05 * (fbm(at * 14.0, 0.0, grain + 31, 5, 0.5) - 0.5)
    });
    plane.cover(horizon - 0.4, horizon + 0.06, |at| {
        let d = at.y - line[at.i];
        let a = (d * scene.view.scale + 0.5).clamp(0.0, 1.0);
        let facing = smooth(0.40, 0.60, fbm(at.x * 16.0 + at.y * 9.0, at.y * 10.0, grain + 32, 5, 0.5));
        let c = light.lit(hex(0x7a_7684), 0.08 + facing * 0.8);
        (c.mix(light.haze, 0.22 + 0.5 * smooth(0.0, 0.2, d)), a)
    });
    scene.push(plane, 0.08, Blend::Over);
}

/// The sea of clouds from above.
fn floor(scene: &mut Scene, horizon: f32) {
    let (grain, light, view) = (scene.grain, scene.light.clone(), scene.view);
    let mut plane = scene.plane(1);
    let sun = scene.sun(horizon).0;
    let edge = plane.profile(|x| horizon - 0.006 + 0.016 * (fbm(x * 4.0, 0.0, grain + 61, 4, 0.5) - 0.5));
    let shade = (light.lit(hex(0xa8_b4d8), 0.06)).mix(light.sky[0], 0.30);
    let bright = light.lit(hex(0xff_f6ec), 0.80).mix(light.haze, 0.25);
    plane.cover(horizon - 0.05, view.bottom(), |at| {
        let m = ((at.y - edge[at.i]) * view.scale / 18.0 + 0.5).clamp(0.0, 1.0);
        if m <= 0.0 {
            return (Rgb::BLACK, 0.0);
        }
        let d = (at.y - horizon).max(1e-3);
        let z = 0.09 / (d + 0.012);
        let (u, v) = ((at.x - view.aspect * 0.5) * z * 5.2, z * 9.0);
        let n = fbm(u, v, grain + 50, 6, 0.52);
        let side = 0.16 * ((sun - at.x) * 4.0).clamp(-1.0, 1.0);
        let o = fbm(u + side, v - 0.20, grain + 50, 5, 0.52);
        let relief = ((n - o) * 6.0 + 0.5).clamp(0.0, 1.0);
        let top = smooth(0.34, 0.62, n);
        let c = shade.mix(bright, (0.15 + 0.85 * relief) * (0.25 + 0.75 * top));
        (c.mix(light.haze, fast_exp(-d * 8.0) * 0.75), m)
    });
    scene.push(plane, 0.22, Blend::Over);
}

/// Thin near cloud that passes the camera.
fn puffs(scene: &mut Scene) {
    let (grain, light, view) = (scene.grain, scene.light.clone(), scene.view);
    let mut plane = scene.plane(2);
    let periods = (view.span() * 1.2).round().max(1.0);
    let c = light.lit(hex(0xff_ffff), 0.5).mix(light.haze, 0.45);
    plane.cover(0.62, view.bottom(), |at| {
        let u = (at.x - view.left()) / view.span() * periods;
        let n = tiled(u, at.y * 2.6, periods as i32, 64, grain + 70, 5, 0.5);
        (c, smooth(0.54, 0.86, n) * smooth(0.66, 0.98, at.y) * 0.7)
    });
    let layer = scene.push(plane, 0.85, Blend::Over);
    layer.drift = (0.035, 0.0);
    layer.wraps = true;
}

/// Stars, a nebula, and a world below.
pub fn space(scene: &mut Scene) {
    let mut dice = scene.dice(95);
    let (grain, view) = (scene.grain, scene.view);
    let hues = [
        (hex(0x16_204a), hex(0x4a_1640)),
        (hex(0x10_3c4a), hex(0x2a_1a5a)),
        (hex(0x4a_2418), hex(0x1a_1a44)),
        (hex(0x3a_1450), hex(0x0c_3048)),
    ];
    let (a, b) = hues[dice.below(4)];
    let tilt = dice.range(-0.7, 0.7);
    let mut back = scene.plane(1);
    back.fill(|at| {
        let (x, y) = (at.x - view.aspect * 0.5, at.y - 0.42);
        let band = fast_exp(-((y - x * tilt) / 0.34).powi(2));
        let warp = fbm(at.x * 1.6, at.y * 1.6, grain, 3, 0.5);
        let n = fbm(at.x * 1.9 + warp * 1.5, at.y * 1.9 + warp, grain + 1, 5, 0.55);
        let m = fbm(at.x * 2.6 + warp, at.y * 2.6, grain + 2, 4, 0.5);
        let dust = smooth(0.45, 0.75, m);
        let cloud = smooth(0.36, 0.80, n) * (0.25 + 0.95 * band);
        rgb(0.0012, 0.0016, 0.004) + a.mix(b, smooth(0.35, 0.65, m)) * (cloud * 1.25 * (1.0 - 0.5 * dust))
    });
    let n = (760.0 * view.span()) as usize;
    for _ in 0..n {
        let (x, y) = (dice.range(view.left(), view.right()), dice.range(view.top(), view.bottom()));
        let tint = [hex(0xdf_e8ff), hex(0xff_e6c8), hex(0xff_ffff)][dice.below(3)];
        back.spark(x, y, dice.range(0.0006, 0.0014), tint * (dice.unit().powi(5) * 2.6 + 0.05));
    }
    let sun = (view.aspect * scene.light.sun.0, dice.range(0.16, 0.4));
    back.light(-9.0, 9.0, false, |at| {
        let (dx, dy) = (at.x - sun.0, at.y - sun.1);
        let streak = fast_exp(-(dy / 0.004).powi(2) - dx.abs() * 6.0) * 0.5;
        hex(0xff_fbf0) * (2.6 * glow(dx, dy, 0.018))
            + hex(0x9c_c4ff) * (0.30 * glow(dx, dy, 0.12) + 0.10 * glow(dx, dy, 0.4) + streak)
    });
    scene.push(back, 0.0, Blend::Over);
    let standing = matches!(
        scene.shot.subject,
        Subject::Person
            | Subject::Walker
            | Subject::Robot
            | Subject::Couple
            | Subject::House
            | Subject::Car
            | Subject::Dog
            | Subject::Cat
            | Subject::Astronaut
    ) && dice.chance(0.6);
    world(scene, sun, standing, &mut dice);
    if standing {
        moon_ground(scene, sun);
    } else {
        scene.open(0.5, 0.5, true);
    }
}

/// A planet: a great limb below, or whole in the distance.
fn world(scene: &mut Scene, sun: (f32, f32), whole: bool, dice: &mut super::noise::Dice) {
    let (grain, view) = (scene.grain, scene.view);
    let side = if sun.0 < view.aspect * 0.5 { 1.0 } else { -1.0 };
    let (cx, cy, r) = if whole || dice.chance(0.35) {
        (view.aspect * (0.5 + 0.2 * side), dice.range(0.34, 0.46), dice.range(0.14, 0.26) * view.aspect.min(1.0))
    } else {
        (view.aspect * 0.5 + side * 0.35, dice.range(1.62, 1.75), dice.range(1.16, 1.30))
    };
    let kinds = [
        (hex(0x0d_3a66), hex(0x7d_6a45), hex(0x6f_b4ff), 0.95),
        (hex(0x8a_4a2a), hex(0xc8_8454), hex(0xff_b080), 0.25),
        (hex(0x5a_7a8c), hex(0xc8_d4d8), hex(0x9c_e0ff), 0.5),
        (hex(0x4a_2a5c), hex(0xc0_709c), hex(0xe0_8cff), 0.3),
    ];
    let (sea, land, air, cloud) = kinds[dice.below(4)];
    let lx = (sun.0 - cx) / view.aspect.max(1.0);
    let (lx, ly, lz) = (lx.clamp(-0.7, 0.7), -0.66, 0.22);
    let len = (lx * lx + ly * ly + lz * lz).sqrt();
    let mut plane = scene.plane(1);
    let density = view.scale;
    plane.cover(cy - r - 0.01, cy + r + 0.01, |at| {
        let (dx, dy) = ((at.x - cx) / r, (at.y - cy) / r);
        let d = (dx * dx + dy * dy).sqrt();
        let m = ((1.0 - d) * r * density / 1.4 + 0.5).clamp(0.0, 1.0);
        if m <= 0.0 {
            return (Rgb::BLACK, 0.0);
        }
        let z = (1.0 - d * d).max(0.0).sqrt();
        let sunlit = ((dx * lx + dy * ly + z * lz) / len).clamp(0.0, 1.0);
        let k = 3.2 + r * 1.4;
        let (u, v) = (dx / (z + 0.4) * k + 20.0, dy / (z + 0.4) * k + 20.0);
        let w = fbm(u, v, grain + 10, 3, 0.5);
        let ground = fbm(u + w, v + w, grain + 20, 6, 0.5);
        let veil = smooth(0.46, 0.70, fbm(u * 1.3 + w * 2.4, v * 1.3 + w * 1.2, grain + 30, 6, 0.55)) * cloud;
        let base = sea.mix(land, smooth(0.50, 0.54, ground)) * (0.6 + 0.8 * ground);
        let base = base.mix(rgb(0.9, 0.9, 0.88), veil);
        let edge = fast_exp(-(1.0 - d) * 9.0) * 0.8 * sunlit.sqrt();
        (base * (sunlit * 1.5) + air * (edge + 0.004), m)
    });
    let span = if r > 1.0 { 0.05 } else { 0.09 };
    let mut ring = scene.plane(2);
    ring.light(cy - r * 1.5, cy + r * 1.5, false, |at| {
        let (dx, dy) = ((at.x - cx) / r, (at.y - cy) / r);
        let d = (dx * dx + dy * dy).sqrt();
        let lit = ((dx * lx + dy * ly) / len).clamp(0.0, 1.0);
        air * (lit
            * (fast_exp(-(d - 1.0).abs() / 0.012) * 0.6
                + if d > 1.0 { fast_exp(-(d - 1.0) / span) * 0.30 } else { 0.0 }))
    });
    scene.push(plane, 0.16, Blend::Over);
    scene.push(ring, 0.16, Blend::Add);
}

/// Grey ground with craters, for what stands.
fn moon_ground(scene: &mut Scene, sun: (f32, f32)) {
    let (grain, view) = (scene.grain, scene.view);
    let feet = scene.feet();
    let lean = if sun.0 < scene.mark { -1.0 } else { 1.0 };
    let mut plane = scene.plane(1);
    let far = plane.profile(|x| feet - 0.14 - 0.05 * (fbm(x * 2.2, 1.0, grain + 80, 6, 0.5) - 0.5) * 2.0);
    plane.cover(feet - 0.22, view.bottom(), |at| {
        let d = at.y - far[at.i];
        let a = (d * view.scale + 0.5).clamp(0.0, 1.0);
        if a <= 0.0 {
            return (Rgb::BLACK, 0.0);
        }
        let z = 1.0 / (0.12 + d.max(0.0));
        let (u, v) = (at.x * z * 1.2, z * 3.0);
        let n = fbm(u, v, grain + 82, 5, 0.5);
        let o = fbm(u + 0.08 * lean, v + 0.04, grain + 82, 5, 0.5);
        let fine = fbm(at.x * 40.0, at.y * 70.0, grain + 84, 3, 0.5);
        let lit = (0.44 + (o - n) * 3.4 * smooth(0.0, 0.08, d) + 0.22 * (fine - 0.5)).clamp(0.02, 1.0);
        (rgb(0.52, 0.52, 0.56) * (lit * lerp(0.5, 0.85, smooth(0.0, 0.2, d)) * (0.6 + 0.6 * n)), a)
    });
    scene.push(plane, 0.5, Blend::Over);
    scene.open(feet, 0.5, false);
}
