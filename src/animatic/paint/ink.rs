//! Nothing in particular: ink turning in water, for prompts that name no place.

use super::Blend;
use super::color::{Rgb, fast_exp, hex, rgb, smooth};
use super::noise::fbm;
use super::scene::Scene;
use crate::animatic::plan::Light;

/// Ink and light, in three sheets that slide over each other.
pub fn ink(scene: &mut Scene) {
    let mut dice = scene.dice(111);
    let (grain, view) = (scene.grain, scene.view);
    let sets = [
        (hex(0x12_205e), hex(0xe2_436b), hex(0xff_b86b)),
        (hex(0x06_3a4a), hex(0x1f_b2a0), hex(0xff_e2a0)),
        (hex(0x2a_0f4a), hex(0x7a_4ff0), hex(0x6f_e0ff)),
        (hex(0x4a_1408), hex(0xf0_6a2a), hex(0xff_e08a)),
        (hex(0x0c_2a5e), hex(0x3a_8af0), hex(0xff_a0c0)),
    ];
    let (deep, mid, high) = sets[dice.below(sets.len())];
    let pale = matches!(scene.shot.light, Light::Overcast) || dice.chance(0.15);
    let ground = if pale { rgb(0.74, 0.71, 0.66) } else { hex(0x07_0912) };
    let (cx, cy) = (view.aspect * dice.range(0.36, 0.64), dice.range(0.40, 0.58));
    let zoom = dice.range(1.5, 2.3);
    let mut plane = scene.plane(if view.scale < 900.0 { 1 } else { 2 });
    plane.fill(|at| {
        let (x, y) = (at.x * zoom, at.y * zoom);
        let (q1, q2) = (fbm(x, y, grain + 1, 4, 0.5), fbm(x + 5.2, y + 1.3, grain + 11, 4, 0.5));
        let (u, v) = (x + 3.2 * q1, y + 3.2 * q2);
        let (r1, r2) = (fbm(u + 1.7, v + 9.2, grain + 21, 5, 0.5), fbm(u + 8.3, v + 2.8, grain + 31, 5, 0.5));
        let f = fbm(x + 3.6 * r1, y + 3.6 * r2, grain + 41, 5, 0.5);
        let g = fbm(x + 3.6 * r1 + 0.03, y + 3.6 * r2 + 0.03, grain + 41, 5, 0.5);
        let e = ((f - 0.34) * 3.4).clamp(0.0, 1.0);
        let (dx, dy) = ((at.x - cx) / view.aspect.max(0.8) * 1.5, at.y - cy);
        let k = smooth(1.05, 0.20, (dx * dx + dy * dy).sqrt() * 1.25);
        let c = deep.mix(mid, (r1 * 2.2 - 0.65).clamp(0.0, 1.0)).mix(high, ((r2 * 2.6 - 1.0).clamp(0.0, 1.0)) * e);
        let fold = ((g - f) * 16.0 + 0.6).clamp(0.15, 1.6);
        let body = e.powf(1.5) * k;
        if pale {
            ground.mix(c * (0.35 + 0.5 * fold), (body * 1.7).min(1.0))
        } else {
            ground + c * (body * fold * 1.35) + rgb(1.0, 0.94, 0.86) * (smooth(0.78, 0.98, e) * k * 0.14)
        }
    });
    scene.push(plane, 0.05, Blend::Over);
    for n in 0..2u32 {
        let mut sheet = scene.plane(2);
        sheet.light(-9.0, 9.0, false, |at| {
            let (x, y) = (at.x * (1.3 + 0.7 * n as f32), at.y * 1.6);
            let q = fbm(x + n as f32 * 9.0, y, grain + 60 + n, 4, 0.5);
            let f = fbm(x + 2.6 * q, y + 2.2 * q + 4.0, grain + 70 + n, 5, 0.5);
            let thread = fast_exp(-((f - 0.5) / 0.035).powi(2));
            let edge = smooth(view.left(), view.left() + 0.15, at.x) * smooth(view.right(), view.right() - 0.15, at.x);
            let c: Rgb = if n == 0 { mid } else { high };
            c * (thread * edge * smooth(0.42, 0.70, q) * if pale { 0.05 } else { 0.10 })
        });
        let layer = scene.push(sheet, 0.3 + 0.35 * n as f32, Blend::Add);
        layer.drift = (if n == 0 { 0.009 } else { -0.012 }, if n == 0 { -0.004 } else { 0.005 });
        layer.sway = 0.006;
    }
    scene.open(0.6, 0.5, false);
    let mut specks = scene.plane(2);
    for _ in 0..(50.0 * view.span()) as usize {
        let (x, y) = (dice.range(view.left() + 0.02, view.right() - 0.02), dice.range(0.02, 0.98));
        specks.spark(x, y, dice.range(0.001, 0.0035), high * dice.range(0.05, 0.5));
    }
    let layer = scene.push(specks, 0.8, Blend::Add);
    layer.drift = (0.01, -0.012);
    layer.wraps = true;
}
