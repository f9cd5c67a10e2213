//! The sky of every outdoor setting: dome, sun or moon, stars, and a sheet of cloud that drifts for ever.

use super::Blend;
use super::canvas::Plane;
use super::color::{Rgb, glow, hex, lerp, rgb, smooth};
use super::noise::{fbm, tiled};
use super::scene::Scene;

/// The opaque backmost plane: sky down to `horizon`, its last colour below.
pub fn dome(scene: &Scene, horizon: f32) -> Plane {
    let sharp = scene.light.stars > 0.05 || scene.light.disc > 0.5;
    let mut plane = scene.plane(if sharp { 1 } else { 2 });
    let light = &scene.light;
    let (sx, sy) = scene.sun(horizon);
    let grain = scene.grain;
    let low = light.sun.1 < 0.35;
    let (wide, near) = if low { (0.55, 0.17) } else { (0.42, 0.10) };
    let strength = if light.moon { 0.24 } else { 0.46 } * if light.disc > 0.0 || low { 1.0 } else { 0.35 };
    let top = scene.view.top();
    let gradient: Vec<Rgb> = (0..plane.high).map(|j| light.dome((plane.y(j) - top) / (horizon - top))).collect();
    let wisps = light.cover < 0.7;
    plane.fill(|at| {
        let base = gradient[at.j];
        if at.y > horizon + 0.2 {
            return base;
        }
        let (dx, dy) = (at.x - sx, at.y - sy);
        // A low sun spreads along the horizon.
        let spread = if low { 1.9 } else { 1.0 };
        let mut c = base + light.halo * (glow(dx / spread, dy, wide) * strength);
        c = c + light.halo.mix(rgb(1.0, 0.95, 0.85), 0.4) * (glow(dx, dy, near) * strength * 0.9);
        if wisps && at.y < horizon {
            let n = fbm(at.x * 1.3 + 3.0, at.y * 8.0, grain + 5, 4, 0.5);
            let k = smooth(0.50, 0.80, n) * smooth(horizon, horizon * 0.55, at.y);
            c = c + light.sky[3] * (k * 0.22);
        }
        c
    });
    stars(scene, &mut plane, horizon);
    if light.disc > 0.05 {
        disc(scene, &mut plane, sx, sy, horizon);
    }
    plane
}

fn disc(scene: &Scene, plane: &mut Plane, sx: f32, sy: f32, horizon: f32) {
    let light = &scene.light;
    let r = if light.moon { 0.046 } else { 0.036 };
    let face = if light.moon { hex(0xff_f6e0) } else { light.halo.mix(hex(0xff_f6dc), 0.75) };
    let grain = scene.grain;
    let density = plane.density();
    plane.cover(sy - r * 1.2, (sy + r * 1.2).min(horizon + 0.2), |at| {
        let (dx, dy) = (at.x - sx, at.y - sy);
        let d = (dx * dx + dy * dy).sqrt();
        let a = ((r - d) * density / 1.8 + 0.5).clamp(0.0, 1.0);
        if a <= 0.0 {
            return (face, 0.0);
        }
        // A veiled sun is fainter by its alpha; it is never darker than the glow around it.
        let mut c = face * if light.moon { light.disc } else { light.disc.max(1.4) };
        if light.moon {
            // Seas of the moon, and the limb a little darker.
            let n = fbm(at.x * 32.0, at.y * 32.0, grain + 77, 3, 0.5);
            c = c * (1.0 - 0.55 * smooth(0.46, 0.62, n)) * (1.0 - 0.3 * (d / r).powi(3));
        }
        (c, a * light.disc.min(1.0))
    });
}

fn stars(scene: &Scene, plane: &mut Plane, horizon: f32) {
    let light = &scene.light;
    if light.stars < 0.05 {
        return;
    }
    let mut dice = scene.dice(11);
    let v = scene.view;
    let n = (420.0 * light.stars * v.span()) as usize;
    let (sx, sy) = scene.sun(horizon);
    for _ in 0..n {
        let (x, y) = (dice.range(v.left(), v.right()), dice.range(v.top(), horizon));
        let power = dice.unit().powi(4) * 1.9 + 0.10;
        let fade = smooth(horizon, horizon * 0.45, y) * (1.0 - glow(x - sx, y - sy, 0.16)) * light.stars.sqrt();
        let tint = if dice.chance(0.25) { hex(0xff_e6c8) } else { hex(0xdf_e8ff) };
        plane.spark(x, y, dice.range(0.0007, 0.0014), tint * (power * fade));
    }
}

/// A sheet of cloud over the sky above `horizon`, tiling from side to side.
pub fn clouds(scene: &mut Scene, horizon: f32, depth: f32) {
    let light = scene.light.clone();
    if light.cover < 0.16 {
        return;
    }
    let mut plane = scene.plane(2);
    let view = scene.view;
    let (sx, sy) = scene.sun(horizon);
    let grain = scene.grain;
    let periods = (view.span() * 1.7).round().max(1.0);
    let (low, high) = (lerp(0.68, 0.26, light.cover), lerp(0.86, 0.60, light.cover));
    let shade = light.sky[1].mix(light.haze, 0.35) * lerp(0.85, 0.62, light.cover);
    let bright = light.haze.mix(light.fill + light.key * 0.8, 0.55) * 1.12;
    let top = view.top();
    plane.cover(top, horizon, |at| {
        let up = (horizon - at.y) / (horizon - top);
        let fade = smooth(0.01, 0.22, up);
        if fade <= 0.0 {
            return (Rgb::BLACK, 0.0);
        }
        // Sheets seen from below crowd towards the horizon.
        let v = (0.10 + up).ln() * 2.6;
        let u = (at.x - view.left()) / view.span() * periods;
        let warp = tiled(u, v, periods as i32, 64, grain + 3, 2, 0.5) * 0.7;
        let n = tiled(u, v + warp, periods as i32, 64, grain + 9, 5, 0.52);
        let a = smooth(low, high, n);
        if a <= 0.0 {
            return (Rgb::BLACK, 0.0);
        }
        let side = 0.10 * ((sx - at.x) * 4.0).clamp(-1.0, 1.0);
        let m = tiled(u + side, v + warp + 0.16, periods as i32, 64, grain + 9, 4, 0.52);
        let relief = ((n - m) * 3.4 + 0.52).clamp(0.0, 1.0);
        let close = glow(at.x - sx, at.y - sy, 0.5);
        let thin = 1.0 - smooth(low, high + 0.12, n);
        let c = shade.mix(bright, relief * 0.85)
            + light.halo * (close * (0.22 + 0.75 * thin) * if light.disc > 0.0 { 0.7 } else { 0.3 });
        (c, a * fade * lerp(0.80, 0.96, light.cover))
    });
    let speed = 0.006 + 0.010 * light.cover;
    let layer = scene.push(plane, depth, Blend::Over);
    layer.drift = (speed, 0.0);
    layer.wraps = true;
}
