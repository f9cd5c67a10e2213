//! Snow-covered country: white ranges, pines, and the northern lights on clear nights.

use super::Blend;
use super::color::{Rgb, fast_exp, hex, lerp, rgb, smooth};
use super::land::{Ridge, paint_ridges, ridge};
use super::noise::fbm;
use super::scene::Scene;
use super::sketch::Sketch;
use super::{sky, trees};
use crate::animatic::plan::{Light, Weather};

/// Snow to the mountains.
pub fn snow(scene: &mut Scene) {
    let mut dice = scene.dice(41);
    let horizon = dice.range(0.56, 0.63);
    let dome = sky::dome(scene, horizon);
    scene.push(dome, 0.0, Blend::Over);
    let dark = matches!(scene.shot.light, Light::Night | Light::BlueHour);
    if dark && matches!(scene.shot.weather, Weather::Clear | Weather::Cloudy) {
        aurora(scene, horizon);
    } else {
        sky::clouds(scene, horizon, 0.05);
    }
    let grain = scene.grain;
    let mut far = scene.plane(1);
    let rise = dice.range(0.8, 1.6);
    let ridges: Vec<Ridge> = (0..3u32)
        .map(|i| {
            let t = i as f32 / 3.0;
            let base = horizon - 0.06 + 0.06 * t;
            ridge(&far, base, (0.16 - 0.09 * t) * rise, 1.7 + 1.4 * t, grain + 7 + i * 3, 0.30 + 0.34 * t)
        })
        .collect();
    paint_ridges(scene, &mut far, &ridges, [hex(0xb4_c2d8), hex(0xe6_ecf4)]);
    scene.push(far, 0.14, Blend::Over);
    plain(scene, horizon);
}

/// The white ground, a belt of pines behind it, a drift in front.
fn plain(scene: &mut Scene, horizon: f32) {
    let (grain, view, light) = (scene.grain, scene.view, scene.light.clone());
    let mut dice = scene.dice(42);
    let edge = horizon + 0.035;
    let mut plane = scene.plane(1);
    let mut belt = Sketch::new(&plane);
    let thick = dice.range(0.8, 1.3);
    for _ in 0..(64.0 * view.span() * thick) as usize {
        let x = dice.range(view.left(), view.right());
        let grove = smooth(0.36, 0.62, fbm(x * 1.8, 4.0, grain + 50, 3, 0.5));
        let s = (0.035 + 0.10 * dice.unit().powi(2)) * (0.35 + 0.95 * grove);
        trees::pine(&mut belt, x, edge + dice.range(0.004, 0.022), s, &mut dice, 7);
    }
    let wood = light.lit(hex(0x1d_2b2a), 0.15).mix(light.haze, 0.16 * light.fog.min(2.5));
    plane.stencil(&belt.done(), |_, m| (wood, m));
    let feet = scene.feet();
    let line = plane.profile(|x| edge + 0.012 * (fbm(x * 4.0, 9.0, grain + 9, 5, 0.5) - 0.5) * 2.0);
    let near = plane.profile(|x| feet - 0.02 + 0.035 * (fbm(x * 1.5, 2.0, grain + 19, 3, 0.4) - 0.5));
    let white = rgb(0.80, 0.85, 0.93);
    let aurora = if light.stars > 0.6 { rgb(0.006, 0.045, 0.030) } else { Rgb::BLACK };
    plane.cover(edge - 0.03, view.bottom(), |at| {
        let d = at.y - line[at.i];
        let a = (d * view.scale + 0.5).clamp(0.0, 1.0);
        if a <= 0.0 {
            return (Rgb::BLACK, 0.0);
        }
        let e = at.y - near[at.i];
        let stretch = 1.0 / (0.12 + d);
        let drift = fbm(at.x * 1.2 * stretch.min(5.0), d.max(0.0).sqrt() * 26.0, grain + 11, 4, 0.5);
        let fine = fbm(at.x * 70.0, at.y * 130.0, grain + 12, 2, 0.5);
        let lit = 0.16 + 0.72 * smooth(0.36, 0.66, drift) + 0.25 * smooth(0.0, 0.002, e) * fast_exp(-e.max(0.0) * 30.0);
        let c = light.lit(white * (0.93 + 0.14 * fine), lit) + aurora;
        let fog = fast_exp(-d.max(0.0) * 7.0) * 0.55 * light.fog.min(1.8);
        (c.mix(light.haze, fog.min(0.95)), a)
    });
    scene.push(plane, 0.4, Blend::Over);
    scene.open(feet, 0.4, true);
}

/// Curtains of light, in two sheets that slide apart.
fn aurora(scene: &mut Scene, horizon: f32) {
    let grain = scene.grain;
    let mut dice = scene.dice(43);
    let base = dice.range(0.70, 0.92) * horizon;
    let (green, violet) =
        if dice.chance(0.75) { (hex(0x3d_ffa2), hex(0x8a_4dff)) } else { (hex(0x4d_f0e0), hex(0xe0_4d9a)) };
    for sheet in 0..2u32 {
        let mut plane = scene.plane(2);
        let folds: Vec<(Vec<f32>, Vec<f32>, Vec<f32>)> = (0..2u32)
            .map(|k| {
                let n = sheet * 2 + k;
                let at = |seed: u32, f: f32, x: f32, oct: u32| {
                    fbm(x * f + n as f32 * 5.0, n as f32, grain + seed + n, oct, 0.5)
                };
                let low = plane.profile(|x| base - 0.09 * n as f32 + 0.15 * (at(200, 0.9, x, 3) - 0.5) * 2.0);
                let high = plane.profile(|x| 0.14 + 0.20 * at(240, 2.0, x, 3));
                let power =
                    plane.profile(|x| (0.15 + 1.2 * smooth(0.3, 0.7, at(260, 1.3, x, 3))) * (0.52 - 0.08 * n as f32));
                (low, high, power)
            })
            .collect();
        plane.light(-9.0, horizon, false, |at| {
            let mut c = Rgb::BLACK;
            for (k, (low, high, power)) in folds.iter().enumerate() {
                let d = low[at.i] - at.y;
                let body = if d > 0.0 { fast_exp(-d / high[at.i]) } else { fast_exp(d / 0.018) };
                if body > 0.01 {
                    let n = (sheet * 2) as f32 + k as f32;
                    let ray = 0.3 + fbm(at.x * 20.0 + n * 7.0, at.y * 0.8 + n, grain + 220, 3, 0.5).powf(1.6);
                    let t = (d / (high[at.i] * 2.2)).clamp(0.0, 1.0);
                    c = c + green.mix(violet, t) * (body * ray * power[at.i] * 0.26);
                }
            }
            c * smooth(horizon, horizon - 0.10, at.y)
        });
        let layer = scene.push(plane, 0.03, Blend::Add);
        layer.drift = (lerp(0.003, -0.004, sheet as f32), 0.0);
        layer.sway = 0.004;
    }
}
