//! Open country: ridged hills, and dunes.

use super::Blend;
use super::canvas::Plane;
use super::color::{Rgb, fast_exp, hex, lerp, rgb, smooth};
use super::noise::fbm;
use super::scene::Scene;
use super::sky;

/// One ridge line: its skyline and how it looks at depth `t` (0 far, 1 near).
pub struct Ridge {
    line: Vec<f32>,
    t: f32,
    seed: u32,
}

/// A ridge line about `base`, `amp` high, with `freq` features per frame-height.
pub fn ridge(plane: &Plane, base: f32, amp: f32, freq: f32, seed: u32, t: f32) -> Ridge {
    let row = (seed as f32 * 0.37).rem_euclid(97.0);
    let line = plane.profile(|x| base - amp * (fbm(x * freq, row, seed, 8, 0.48) - 0.5) * 2.0);
    Ridge { line, t, seed }
}

impl Ridge {
    /// Changes the skyline column by column.
    pub fn shape(&mut self, plane: &Plane, f: impl Fn(f32, f32) -> f32) {
        for (i, y) in self.line.iter_mut().enumerate() {
            *y = f(plane.x(i), *y);
        }
    }
}

/// Paints ridges, far first, each catching light and standing in its own haze.
pub fn paint_ridges(scene: &Scene, plane: &mut Plane, ridges: &[Ridge], surface: [Rgb; 2]) {
    let top = ridges.iter().flat_map(|r| r.line.iter().copied()).fold(9.0f32, f32::min);
    let density = plane.density();
    let bottom = scene.view.bottom();
    let sun = scene.sun(0.5).0;
    plane.cover(top, bottom, |at| {
        // Only the nearest full cover and what blends over it is worth shading.
        let edge = |r: &Ridge| ((at.y - r.line[at.i]) * density + 0.5).clamp(0.0, 1.0);
        let first = ridges.iter().rposition(|r| edge(r) >= 1.0).unwrap_or(0);
        let (mut c, mut a) = (Rgb::BLACK, 0.0);
        for r in &ridges[first..] {
            let m = edge(r);
            if m > 0.0 {
                let s = shade(scene, r, at.x, at.y, at.y - r.line[at.i], surface, sun);
                c = if a > 0.0 { c.mix(s, m) } else { s };
                a = a + m - a * m;
            }
        }
        (c, a)
    });
}

fn shade(scene: &Scene, r: &Ridge, x: f32, y: f32, d: f32, surface: [Rgb; 2], sun: f32) -> Rgb {
    let (light, t) = (&scene.light, r.t);
    let rough = fbm(x * (9.0 + 9.0 * t), y * (14.0 + 12.0 * t), r.seed + 70, 4, 0.5);
    let folds = fbm(x * 5.0 + d * 6.0, y * 3.0 - x, r.seed + 31, 3, 0.5);
    let facing = smooth(0.40, 0.62, folds + 0.10 * (sun - x).clamp(-1.0, 1.0));
    let crest = fast_exp(-d.max(0.0) * 30.0);
    let base = surface[0].mix(surface[1], t.powf(0.8)) * (0.62 + 0.76 * rough);
    let c = light.lit(base, (0.25 + 0.55 * facing + 0.5 * crest) * (1.0 - 0.35 * t));
    // Valleys fill with haze, far ones most; the far ridge is nearly all haze.
    let valley = smooth(0.0, 0.20 + 0.05 * t, d) * lerp(0.62, 0.30, t);
    let air = ((1.0 - t).powf(1.3) * 0.82 + valley * (1.0 - t * 0.55)) * (0.55 + 0.45 * light.fog);
    c.mix(light.haze * lerp(1.0, 0.62, t), air.min(0.97))
}

/// Hills: ridge behind ridge to a foreground the subject stands on.
pub fn hills(scene: &mut Scene) {
    let mut dice = scene.dice(21);
    let horizon = dice.range(0.44, 0.52);
    let rise = dice.range(0.7, 1.5);
    let dome = sky::dome(scene, horizon + 0.06);
    scene.push(dome, 0.0, Blend::Over);
    sky::clouds(scene, horizon + 0.02, 0.05);
    let grain = scene.grain;
    let wood = dice.chance(0.5);
    let surface = if wood { [hex(0x8a_8f7c), hex(0x3c_4a2c)] } else { [hex(0xa0_8c7a), hex(0x4a_3c30)] };
    let spans: [(usize, usize, f32); 3] = [(0, 3, 0.12), (3, 5, 0.28), (5, 7, 0.45)];
    for (from, to, depth) in spans {
        let mut plane = scene.plane(1);
        let ridges: Vec<Ridge> = (from..to)
            .map(|i| {
                let t = i as f32 / 7.0;
                let amp = (0.10 + 0.05 * t) * if i < 3 { rise } else { 1.0 };
                let base = horizon + 0.42 * t.powf(1.25);
                ridge(&plane, base, amp, 1.5 + 1.1 * t, grain + 40 + i as u32 * 3, t)
            })
            .collect();
        paint_ridges(scene, &mut plane, &ridges, surface);
        scene.push(plane, depth, Blend::Over);
    }
    knoll(scene, surface[1] * 0.8, 0.62);
}

/// The near ground under the subject, gently rolling, with blades along its edge.
pub fn knoll(scene: &mut Scene, surface: Rgb, depth: f32) {
    let ground = scene.feet();
    let mut plane = scene.plane(1);
    let (grain, mark) = (scene.grain, scene.mark);
    let roll =
        |x: f32| ground + 0.012 + (x - mark).powi(2) * 0.035 - 0.030 * (fbm(x * 1.7, 3.3, grain + 90, 4, 0.45) - 0.5);
    let at_mark = roll(mark) - ground;
    let line = plane.profile(|x| roll(x) - at_mark - 0.010 * (fbm(x * 70.0, 1.0, grain + 91, 3, 0.6) - 0.5));
    let light = scene.light.clone();
    let density = plane.density();
    let top = line.iter().copied().fold(9.0, f32::min);
    plane.cover(top, scene.view.bottom(), |at| {
        let d = at.y - line[at.i];
        let a = (d * density + 0.5).clamp(0.0, 1.0);
        if a <= 0.0 {
            return (Rgb::BLACK, 0.0);
        }
        let n = fbm(at.x * 26.0, at.y * 60.0, grain + 92, 4, 0.55);
        let broad = fbm(at.x * 3.0, at.y * 8.0, grain + 93, 3, 0.5);
        let lit = 0.16 + 0.5 * fast_exp(-d.max(0.0) * 26.0) * smooth(0.35, 0.65, broad);
        let c = light.lit(surface * (0.45 + 0.9 * n) * (0.7 + 0.5 * broad), lit);
        (c.mix(light.haze, 0.05 * light.fog), a)
    });
    scene.push(plane, depth, Blend::Over);
    scene.open(ground + 0.006, depth, false);
}

/// Dunes: long smooth crests with a lit and a shaded side and wind ripples.
pub fn desert(scene: &mut Scene) {
    let mut dice = scene.dice(22);
    let horizon = dice.range(0.40, 0.47);
    let dome = sky::dome(scene, horizon);
    scene.push(dome, 0.0, Blend::Over);
    if scene.light.cover > 0.3 {
        sky::clouds(scene, horizon, 0.05);
    }
    let feet = scene.feet();
    let spans: [(usize, usize, f32); 3] = [(0, 2, 0.14), (2, 4, 0.34), (4, 5, 0.6)];
    let lean = if dice.chance(0.5) { 1.0 } else { -1.0 };
    for (from, to, depth) in spans {
        let mut plane = scene.plane(1);
        for i in from..to {
            dune(scene, &mut plane, i, horizon, feet, lean);
        }
        scene.push(plane, depth, Blend::Over);
    }
    scene.open(feet, 0.6, false);
}

fn dune(scene: &Scene, plane: &mut Plane, i: usize, horizon: f32, feet: f32, lean: f32) {
    let (light, grain) = (scene.light.clone(), scene.grain + 131);
    let t = i as f32 / 4.0;
    let base = if i == 4 { feet - 0.02 } else { lerp(horizon + 0.015, feet - 0.02, t.powf(1.2)) };
    let (amp, f) = (0.022 + 0.060 * t, 1.15 - 0.28 * t);
    let row = i as f32 * 2.2 + (grain & 63) as f32;
    let wave = |x: f32| amp * (fbm(x * f * 1.6 + i as f32 * 3.7, row, grain, 2, 0.35) - 0.5) * 2.0;
    let shift = if i == 4 { wave(scene.mark) + 0.02 } else { 0.0 };
    let line = plane.profile(|x| base - wave(x) + shift);
    let slope: Vec<f32> = (0..line.len())
        .map(|k| (line[(k + 4).min(line.len() - 1)] - line[k.saturating_sub(4)]) * plane.density() / 8.0)
        .collect();
    let top = line.iter().copied().fold(9.0, f32::min);
    let (sand, dusk) = (rgb(0.83, 0.50, 0.24), rgb(0.52, 0.27, 0.17));
    let density = plane.density();
    plane.cover(top, scene.view.bottom(), |at| {
        let d = at.y - line[at.i];
        let a = (d * density / 1.3 + 0.5).clamp(0.0, 1.0);
        if a <= 0.0 {
            return (Rgb::BLACK, 0.0);
        }
        let side = fbm(at.x * 1.4 * f + lean * d * 2.2 + i as f32 * 2.0, at.y * 1.3 + i as f32, grain + 13, 3, 0.4);
        let lit = smooth(0.42, 0.55, side - lean * 0.22 * slope[at.i]);
        let drift = fbm(at.x * 5.0, at.y * 6.0, grain + 50, 3, 0.5);
        let ripple = (d * 150.0 / (1.0 + 2.2 * t) + drift * 7.0 + at.x * 16.0).sin();
        let ripple = 1.0 + ripple * (0.03 + 0.05 * t) * smooth(0.0, 0.05, d);
        let c = light.lit(dusk, 0.16).mix(light.lit(sand, 0.95), lit * lerp(0.65, 0.95, t)) * ripple;
        let haze = fast_exp(-d.max(0.0) * 5.0) * lerp(0.72, 0.04, t) * (0.5 + 0.5 * light.fog);
        (c.mix(light.haze, haze.min(0.96)), a)
    });
}
