//! Where the ground runs to the horizon: a road, and a field of grain or flowers.

use super::Blend;
use super::color::{Rgb, fast_exp, glow, hex, lerp, smooth};
use super::land::{Ridge, paint_ridges, ridge};
use super::noise::fbm;
use super::scene::Scene;
use super::sketch::Sketch;
use super::sky;

/// A straight road through open land.
pub fn road(scene: &mut Scene) {
    let mut dice = scene.dice(61);
    let horizon = dice.range(0.46, 0.54);
    let dome = sky::dome(scene, horizon);
    scene.push(dome, 0.0, Blend::Over);
    sky::clouds(scene, horizon, 0.05);
    let (grain, view, light) = (scene.grain, scene.view, scene.light.clone());
    let mut far = scene.plane(1);
    let high = dice.range(0.03, 0.09);
    let ridges: Vec<Ridge> = (0..2u32)
        .map(|i| {
            ridge(
                &far,
                horizon - 0.02 + 0.02 * i as f32,
                high / (1.0 + i as f32),
                2.4 + i as f32,
                grain + 71 + i,
                0.22 + 0.28 * i as f32,
            )
        })
        .collect();
    paint_ridges(scene, &mut far, &ridges, [hex(0x8a_7a80), hex(0x6a_5a50)]);
    scene.push(far, 0.1, Blend::Over);
    let dry = dice.chance(0.55);
    let soil = if dry { [hex(0xa8_8058), hex(0x5a_4432)] } else { [hex(0x6c_8048), hex(0x2e_3c20)] };
    let vx = view.aspect * dice.range(0.42, 0.58);
    let lean = dice.range(-0.14, 0.14);
    let mut plane = scene.plane(1);
    let asphalt = hex(0x4c_484c);
    let top = horizon + 0.006;
    let density = plane.density();
    plane.cover(top, view.bottom(), |at| {
        let d = (at.y - top).max(1e-3);
        let z = 0.06 / d;
        let edge = ((at.y - top) * density + 0.5).clamp(0.0, 1.0);
        let n = fbm((at.x - vx) * z * 18.0, z * 50.0, grain + 20, 4, 0.55);
        let scrub =
            smooth(0.56, 0.68, fbm((at.x - vx) * z * 40.0, z * 26.0, grain + 30, 3, 0.5)) * smooth(0.02, 0.1, d);
        let ground =
            soil[0].mix(soil[1], (0.25 + 0.9 * n) * (0.5 + 0.5 * scrub)) * (0.55 + 0.75 * n) * (1.0 - 0.55 * scrub);
        let mut c = light.lit(ground, 0.55);
        let (cx, half) = (vx + d * lean, d * 0.62);
        let off = (at.x - cx).abs();
        let inside = ((half - off) * density / 2.0 + 0.5).clamp(0.0, 1.0);
        if inside > 0.0 {
            let fine = 0.82 + 0.36 * fbm(at.x * 60.0, at.y * 60.0, grain + 40, 2, 0.5);
            let wear = 1.0 + 0.12 * (fast_exp(-((off / half - 0.5) / 0.16).powi(2)));
            let mut road = light.lit(asphalt * fine * wear, 0.5);
            let puddle = light.wet * smooth(0.42, 0.62, fbm((at.x - cx) * z * 14.0, z * 30.0, grain + 45, 3, 0.5));
            let sheen = 0.10 + 0.62 * puddle + 0.25 * light.wet;
            road = road.mix(light.dome(1.0 - d * 1.4), (sheen * fast_exp(-d * 1.2)).min(0.85));
            let dash = ((half * 0.022 + 0.0004 - off) * density + 0.5).clamp(0.0, 1.0)
                * if (z * 9.0).fract() < 0.52 { 1.0 } else { 0.0 };
            let side = ((half * 0.013 + 0.0003 - (off - half * 0.93).abs()) * density + 0.5).clamp(0.0, 1.0) * 0.8;
            road = road.mix(light.lit(hex(0xf0_c25c), 0.7), dash * 0.92).mix(light.lit(hex(0xe4_ddd8), 0.6), side);
            c = c.mix(road, inside);
        }
        let air = fast_exp(-d * 9.0) * 0.72 * light.fog.min(1.35)
            + (light.fog - 1.2).clamp(0.0, 1.5) * 0.35 * fast_exp(-d * 3.0);
        (c.mix(light.haze, air.min(0.97)), edge)
    });
    scene.push(plane, 0.34, Blend::Over);
    scene.open(scene.feet() - 0.04, 0.34, true);
    posts(scene, vx, lean, top, &mut dice);
}

/// A row of poles with wires, in perspective along one side.
fn posts(scene: &mut Scene, vx: f32, lean: f32, top: f32, dice: &mut super::noise::Dice) {
    let side = if scene.mark > vx { -1.0 } else { 1.0 };
    let mut plane = scene.plane(1);
    let mut mask = Sketch::new(&plane);
    let (first, gap) = (dice.range(0.75, 0.95), dice.range(1.45, 1.7));
    let (mut heads, mut z) = (Vec::new(), 1.0 / first);
    while z < 34.0 {
        let d = 0.5 / z;
        let (x, y) = (vx + d * lean + side * d * 1.05, top + d);
        let (high, w) = (d * 1.25, (d * 0.018).max(0.0006));
        mask.limb((x, y), (x, y - high), w, w * 0.8);
        mask.line(&[(x - d * 0.10, y - high * 0.93), (x + d * 0.10, y - high * 0.93)], w * 0.7);
        heads.push((x + d * 0.09, y - high * 0.94, d));
        z *= gap;
    }
    for pair in heads.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let wire: Vec<_> = (0..=10)
            .map(|k| {
                let t = k as f32 / 10.0;
                (lerp(a.0, b.0, t), lerp(a.1, b.1, t) + 0.10 * a.2 * t * (1.0 - t))
            })
            .collect();
        mask.line(&wire, (a.2 * 0.004).clamp(0.0006, 0.0016));
    }
    let light = scene.light.clone();
    let ink = light.lit(hex(0x3a_3230), 0.12);
    plane.stencil(&mask.done(), |at, m| {
        let far = fast_exp(-(at.x - vx).abs() * 7.0);
        (ink.mix(light.haze, far * 0.7), m)
    });
    scene.push(plane, 0.42, Blend::Over);
}

/// A field up to the camera: grain, grass or flowers.
pub fn field(scene: &mut Scene) {
    let mut dice = scene.dice(62);
    let horizon = dice.range(0.48, 0.55);
    let dome = sky::dome(scene, horizon);
    scene.push(dome, 0.0, Blend::Over);
    sky::clouds(scene, horizon, 0.05);
    let (grain, view, light) = (scene.grain, scene.view, scene.light.clone());
    let mut far = scene.plane(1);
    let ridges: Vec<Ridge> = (0..2u32)
        .map(|i| {
            ridge(
                &far,
                horizon - 0.01 + 0.025 * i as f32,
                0.035,
                2.0 + 3.0 * i as f32,
                grain + 101 + i,
                0.3 + 0.3 * i as f32,
            )
        })
        .collect();
    paint_ridges(scene, &mut far, &ridges, [hex(0x8a_8a72), hex(0x46_4c2c)]);
    let kind = dice.below(3);
    let (base, tip) =
        [(hex(0xb8_8238), hex(0xe8_bc6c)), (hex(0x5c_7a34), hex(0x9c_b858)), (hex(0x4c_6a34), hex(0x7c_9a50))][kind];
    let sun = scene.sun(horizon).0;
    let start = horizon + 0.035;
    far.cover(start, view.bottom(), |at| {
        let d = (at.y - start).max(1e-3);
        let z = 0.06 / (d + 0.01);
        let n = fbm((at.x - view.aspect * 0.5) * z * 22.0, z * 40.0, grain + 50, 4, 0.6);
        let rows = fbm(at.x * 1.2, d * 9.0, grain + 51, 3, 0.5);
        let g = glow(at.x - sun, d * 0.6, 0.6);
        let c = light.lit(base.mix(tip, n) * (0.45 + 0.9 * n), 0.20 + 0.45 * rows + 0.5 * g);
        let air = fast_exp(-d * 10.0) * 0.62 * light.fog.min(1.5);
        (c.mix(light.haze, air.min(0.95)), ((at.y - start) * view.scale / 3.0 + 0.5).clamp(0.0, 1.0))
    });
    scene.push(far, 0.18, Blend::Over);
    let feet = scene.feet();
    for k in 0..3usize {
        stalks(scene, k, kind, base, tip, feet);
        if k == 0 {
            scene.open(feet + 0.02, 0.36, false);
        }
    }
}

fn stalks(scene: &mut Scene, k: usize, kind: usize, base: Rgb, tip: Rgb, feet: f32) {
    let (view, light) = (scene.view, scene.light.clone());
    let mut dice = scene.dice(63 + k as u64);
    let t = k as f32 / 2.0;
    let coarse = if k == 2 { 2 } else { 1 };
    let mut plane = scene.plane(coarse);
    let (mut stems, mut heads) = (Sketch::new(&plane), Sketch::new(&plane));
    let wind = dice.range(-0.16, 0.22);
    let count = ([420.0, 260.0, 46.0][k] * view.span() / 1.7) as usize;
    let (low, high) = [(feet - 0.09, feet + 0.03), (feet + 0.03, 1.04), (1.06, 1.16)][k];
    for i in 0..count {
        let y = lerp(low, high, i as f32 / count as f32);
        let x = dice.range(view.left(), view.right());
        let s = [0.055, 0.105, 0.34][k] * dice.range(0.65, 1.2) * if kind == 0 { 1.0 } else { 0.85 };
        let bend = s * (wind + dice.range(-0.12, 0.12));
        let w = 0.0016 + 0.0032 * t;
        stems.line(&[(x, y + 0.02), (x + bend * 0.4, y - s * 0.6), (x + bend, y - s)], w);
        let (ex, ey) = (x + bend, y - s);
        let r = 0.0028 + 0.0062 * t;
        if kind == 0 {
            for j in 0..5 {
                let q = if j % 2 == 0 { 1.0 } else { -1.0 };
                heads.oval(ex + q * r * 0.7, ey + r * 1.1 * j as f32, r * 0.62, r * 1.05);
            }
        } else if kind == 2 && dice.chance(0.35) {
            heads.oval(ex, ey, r * 2.0, r * 1.5);
        }
    }
    let sun = scene.sun(0.5).0;
    let blossom = if dice.chance(0.5) { hex(0xd8_3a28) } else { hex(0xb8_7ad8) };
    let top = if kind == 2 { blossom } else { tip };
    let lit = |x: f32, y: f32| 0.25 + 0.75 * glow(x - sun, (y - 0.6) * 0.5, 0.6) * (1.0 - 0.4 * t);
    let shade = lerp(1.0, 0.42, t);
    if k < 2 {
        // Roots merge into a ground that hides feet.
        plane.cover(low, view.bottom(), |at| {
            let a = smooth(low - 0.002, low + 0.07 + 0.03 * t, at.y);
            (light.lit(base * (0.62 - 0.30 * t), lit(at.x, at.y) * 0.7), a * 0.97)
        });
    }
    plane.stencil(&stems.done(), |at, m| (light.lit(base.mix(tip, 0.4) * shade, lit(at.x, at.y)), m * 0.95));
    plane.stencil(&heads.done(), |at, m| (light.lit(top * shade, lit(at.x, at.y)), m));
    let layer = scene.push(plane, [0.36, 0.52, 0.9][k], Blend::Over);
    layer.sway = [0.0, 0.002, 0.006][k];
}
