//! The sea from above, with a shore when something stands on land, and the sea from below.

use super::Blend;
use super::color::{Rgb, fast_exp, glow, hex, lerp, smooth};
use super::land;
use super::noise::{fbm, tiled};
use super::scene::Scene;
use super::sky;
use crate::animatic::plan::{ShotSize, Subject};

/// Open water to the horizon.
pub fn sea(scene: &mut Scene) {
    let mut dice = scene.dice(31);
    let horizon = dice.range(0.48, 0.58);
    let mut plane = sky::dome(scene, horizon);
    swell(scene, &mut plane, horizon);
    scene.push(plane, 0.0, Blend::Over);
    sky::clouds(scene, horizon, 0.04);
    if dice.chance(0.55) && scene.shot.subject != Subject::Lighthouse {
        headland(scene, horizon, dice.chance(0.5));
    }
    glints(scene, horizon);
    let close = match scene.shot.size {
        ShotSize::Wide => 0.20,
        ShotSize::Medium => 0.38,
        ShotSize::Close => 0.66,
    };
    match scene.shot.subject {
        Subject::Boat | Subject::Ship | Subject::Whale | Subject::Fish => {
            scene.open(lerp(horizon, 1.0, close), 0.35, true);
        }
        Subject::Lighthouse => cliff(scene, horizon),
        Subject::None | Subject::Birds | Subject::Bird | Subject::Balloon | Subject::Plane | Subject::Rocket => {
            scene.open(lerp(horizon, 1.0, 0.2), 0.3, true);
        }
        Subject::Person
        | Subject::Couple
        | Subject::Walker
        | Subject::Rider
        | Subject::Car
        | Subject::Train
        | Subject::Dog
        | Subject::Cat
        | Subject::Horse
        | Subject::Deer
        | Subject::Tree
        | Subject::House
        | Subject::Robot
        | Subject::Bicycle
        | Subject::Astronaut
        | Subject::StillLife
        | Subject::Campfire => shore(scene),
    }
}

fn swell(scene: &Scene, plane: &mut super::canvas::Plane, horizon: f32) {
    let light = &scene.light;
    let grain = scene.grain;
    let (sx, _) = scene.sun(horizon);
    let centre = scene.view.aspect * 0.5;
    let deep = light.lit(hex(0x1d_4a66), 0.25).mix(light.sky[0], 0.35) * 0.55;
    let far = light.sky[3].mix(light.sky[1], 0.45) * 0.62;
    let path_k = if light.disc > 0.2 { 0.22 } else { 0.04 };
    plane.cover(horizon, scene.view.bottom(), |at| {
        let d = (at.y - horizon).max(1e-4);
        let z = 0.055 / d;
        let big = fbm((at.x - centre) * z * 9.0, z * 34.0, grain + 33, 4, 0.5);
        let fine = fbm((at.x - centre) * z * 24.0, z * 88.0, grain + 20, 4, 0.55);
        // Waves too far to tell apart are even water.
        let calm = smooth(0.004, 0.075, d);
        let mirror = light.dome(1.0 - d * 1.3);
        let base = far.mix(deep.mix(mirror * 0.5, 0.35), (d * 2.4).min(1.0).sqrt());
        let mut c = base * (0.52 + 0.62 * (0.5 + (big - 0.5) * calm) + 0.42 * (0.2 + (fine - 0.5) * calm));
        c = c + light.sky[3] * (smooth(0.60, 0.80, fine) * fast_exp(-d * 5.0) * 0.26 * calm);
        let reach = (at.x - sx - 0.02 * (big - 0.5)) / (0.05 + 0.28 * d);
        c = c + light.halo * (fast_exp(-reach * reach) * path_k);
        let rim = (at.y - horizon) / 0.014;
        c = c.mix(
            light.haze,
            0.55 * fast_exp(-rim * rim) + 0.25 * (light.fog - 1.0).clamp(0.0, 1.6) * fast_exp(-d * 5.0),
        );
        (c, plane_edge(at.y - horizon, scene.view.scale))
    });
}

fn plane_edge(d: f32, density: f32) -> f32 {
    (d * density / 1.5 + 0.5).clamp(0.0, 1.0)
}

/// Two sheets of light on the water that slide against each other.
fn glints(scene: &mut Scene, horizon: f32) {
    let light = scene.light.clone();
    let (sx, _) = scene.sun(horizon);
    let view = scene.view;
    let path = light.disc > 0.2;
    let tone = if path {
        light.halo.mix(hex(0xff_f2d8), 0.45) * if light.moon { 0.9 } else { 1.25 }
    } else {
        light.sky[3] * 0.4
    };
    for (n, speed) in [(0u32, 0.010f32), (1, -0.007)] {
        let grain = scene.grain + 400 + n * 50;
        let mut plane = scene.plane(if view.scale > 900.0 { 2 } else { 1 });
        plane.light(horizon, view.bottom(), false, |at| {
            let d = (at.y - horizon).max(1e-3);
            let z = 0.055 / d;
            // A whole number of waves across, so that the sheet joins itself.
            let waves = (view.span() * z * 20.0).round().clamp(3.0, 900.0);
            let reach = (at.x - sx) / (0.045 + 0.26 * d);
            let beam = if path { fast_exp(-reach * reach) } else { 0.0 };
            let all = if n == 0 { 0.10 } else { 0.05 };
            if beam + all < 0.012 {
                return Rgb::BLACK;
            }
            let u = (at.x - view.left()) / view.span() * waves;
            let f = tiled(u, z * 90.0 + n as f32 * 40.0, waves as i32, 4096, grain, 4, 0.55);
            let k = smooth(0.55, 0.74, f) * (0.35 + 1.5 * fast_exp(-d * 5.0));
            tone * (k * (beam * smooth(0.0, 0.012, d) + all * fast_exp(-d * 2.0) * smooth(0.01, 0.10, d)))
        });
        let layer = scene.push(plane, 0.12 + 0.12 * n as f32, Blend::Add);
        layer.drift = (if path { speed * 0.35 } else { speed }, 0.0);
        layer.sway = 0.0025;
        layer.wraps = true;
    }
}

fn headland(scene: &mut Scene, horizon: f32, right: bool) {
    let mut plane = scene.plane(1);
    let grain = scene.grain;
    let a = scene.view.aspect;
    let ridges: Vec<land::Ridge> = [(0u32, 0.10f32, 0.42f32), (1, 0.07, 0.26)]
        .into_iter()
        .map(|(i, high, reach)| {
            let mut r = land::ridge(&plane, horizon + 0.012, 0.0, 1.0, grain + 60 + i * 5, 0.25 + 0.25 * i as f32);
            r.shape(&plane, |x, y| {
                let from = if right { a - x } else { x } / a;
                let n = fbm(x * 3.0, i as f32, grain + 61 + i, 6, 0.5);
                y - (high * (0.5 + n) * smooth(reach, reach * 0.15, from) - 0.013).max(-0.013)
            });
            r
        })
        .collect();
    land::paint_ridges(scene, &mut plane, &ridges, [hex(0x70_7880), hex(0x3a_4238)]);
    // The land ends at the waterline.
    plane
        .retouch(horizon - 0.01, 9.0, |at, c, a| (c, a * (1.0 - plane_edge(at.y - horizon - 0.004, scene.view.scale))));
    scene.push(plane, 0.08, Blend::Over);
}

/// Wet sand with a line of foam, for what stands on land.
fn shore(scene: &mut Scene) {
    let ground = scene.feet();
    let mut plane = scene.plane(1);
    let (grain, view, light) = (scene.grain, scene.view, scene.light.clone());
    let edge = ground - 0.055;
    let line = plane
        .profile(|x| edge + 0.035 * (fbm(x * 1.6, 2.0, grain + 70, 3, 0.5) - 0.5) + 0.03 * (x / view.aspect - 0.5));
    let sand = hex(0xc8_a67c);
    plane.cover(edge - 0.06, view.bottom(), |at| {
        let d = at.y - line[at.i];
        let frill = 0.010 * (fbm(at.x * 24.0, at.y * 30.0, grain + 71, 3, 0.5) - 0.5);
        let a = plane_edge(d + frill, view.scale);
        if a <= 0.0 {
            return (Rgb::BLACK, 0.0);
        }
        let n = fbm(at.x * 60.0, at.y * 110.0, grain + 72, 3, 0.55);
        let broad = fbm(at.x * 3.0, at.y * 12.0, grain + 73, 3, 0.5);
        let wet = smooth(0.075, 0.0, d + 0.03 * (broad - 0.5));
        let dry = light.lit(sand * (0.72 + 0.4 * n) * (0.8 + 0.4 * broad), 0.55);
        let mirror = light.dome(1.0 - d * 3.0) * 0.62 + dry * 0.22;
        let mut c = dry.mix(mirror, wet * 0.85);
        let foam =
            smooth(0.016, 0.0, d + frill) * smooth(0.35, 0.6, fbm(at.x * 40.0, at.y * 70.0, grain + 74, 3, 0.5) + 0.1);
        c = c.mix(light.lit(hex(0xf4_f6f4), 0.7), foam * 0.9);
        (c, a)
    });
    scene.push(plane, 0.55, Blend::Over);
    scene.open(ground, 0.55, true);
}

/// The rock a lighthouse stands on.
fn cliff(scene: &mut Scene, horizon: f32) {
    let mut plane = scene.plane(1);
    let (grain, view, light, mark) = (scene.grain, scene.view, scene.light.clone(), scene.mark);
    let side = if mark > view.aspect * 0.5 { 1.0 } else { -1.0 };
    let head = horizon + 0.02;
    let reach = (view.aspect * 0.32).min(0.5);
    let line = plane.profile(|x| {
        let out = (mark - x) * side;
        let rough = 0.06 * (fbm(x * 9.0, 1.0, grain + 360, 6, 0.5) - 0.5);
        let flat = smooth(0.05, 0.09, out.abs());
        head + rough * flat
            + smooth(0.08, reach, out) * 0.30
            + smooth(reach * 0.75, reach * 1.1, out) * 1.2
            + smooth(0.1, 0.6, -out) * 0.05
    });
    plane.cover(head - 0.06, view.bottom(), |at| {
        let d = at.y - line[at.i];
        let a = plane_edge(d, view.scale);
        if a <= 0.0 {
            return (Rgb::BLACK, 0.0);
        }
        let rock = fbm(at.x * 14.0, at.y * 9.0, grain + 370, 6, 0.55);
        let crack = (fbm(at.x * 7.0 + rock, at.y * 16.0, grain + 371, 4, 0.5) - 0.5).abs() * 2.0;
        let lit = smooth(0.46, 0.7, rock) * fast_exp(-d.max(0.0) * 6.0);
        let c =
            light.lit(hex(0x5c_544c) * (0.35 + 0.8 * rock) * (0.5 + 0.6 * smooth(0.0, 0.3, crack)), 0.06 + 0.9 * lit);
        (c, a)
    });
    scene.push(plane, 0.42, Blend::Over);
    scene.open(head + 0.006, 0.42, false);
}

/// Below the surface: shafts of light, a school of motes, weed in front.
pub fn below(scene: &mut Scene) {
    let light = scene.light.clone();
    let (grain, view) = (scene.grain, scene.view);
    let mut dice = scene.dice(33);
    let day = (light.fill + light.key).luma().clamp(0.05, 1.1);
    let tint = light.halo.mix(hex(0xff_ffff), 0.55);
    let stops =
        [hex(0x9f_e9e2), hex(0x3f_b6bd), hex(0x0d_5f7c), hex(0x04_182c)].map(|c| c * (0.10 + 0.80 * day) * tint);
    let sx = light.sun.0 * view.aspect;
    let mut plane = scene.plane(2);
    plane.fill(|at| {
        let y = (at.y + 0.02).clamp(0.0, 1.0);
        let mut c = if y < 0.14 {
            stops[0].mix(stops[1], y / 0.14)
        } else if y < 0.48 {
            stops[1].mix(stops[2], (y - 0.14) / 0.34)
        } else {
            stops[2].mix(stops[3], (y - 0.48) / 0.52)
        };
        c = c + stops[0] * (0.34 * glow(at.x - sx, at.y + 0.1, 0.4));
        let v = (at.y + 0.12).max(0.02);
        let web = (fbm(at.x * 7.0 / (v + 0.5), 2.6 / v, grain + 11, 4, 0.5) - 0.5).abs() * 2.0;
        c + stops[0] * ((1.0 - smooth(0.0, 0.16, web)) * fast_exp(-(at.y.max(0.0)) * 13.0) * 0.9)
    });
    scene.push(plane, 0.05, Blend::Over);
    for n in 0..2u32 {
        let mut rays = scene.plane(2);
        rays.light(-9.0, 1.0, false, |at| {
            let angle = (at.x - sx).atan2(at.y + 0.42);
            let f = fbm(angle * 13.0 + n as f32 * 31.0, at.y * 0.3, grain + 410 + n, 4, 0.58);
            let edge = smooth(view.left(), view.left() + 0.12, at.x) * smooth(view.right(), view.right() - 0.12, at.x);
            stops[0] * (smooth(0.47, 0.82, f) * fast_exp(-at.y.max(0.0) * 1.7) * 0.24 * edge)
        });
        let layer = scene.push(rays, 0.1, Blend::Add);
        layer.drift = (if n == 0 { 0.004 } else { -0.005 }, 0.0);
        layer.sway = 0.003;
    }
    bed(scene, stops, day);
    scene.open(0.52, 0.4, true);
    motes(scene, stops[0] * 0.6, &mut dice);
}

fn bed(scene: &mut Scene, stops: [Rgb; 4], day: f32) {
    let (grain, view) = (scene.grain, scene.view);
    let mut plane = scene.plane(1);
    let mut dice = scene.dice(34);
    for (layer, base, k) in [(0u32, 0.86f32, 0.55f32), (1, 0.93, 0.18)] {
        let line = plane.profile(|x| base - 0.10 * (fbm(x * 2.4, layer as f32, grain + 80 + layer, 6, 0.52) - 0.45));
        plane.cover(base - 0.12, view.bottom(), |at| {
            let d = at.y - line[at.i];
            let a = plane_edge(d, view.scale);
            let n = fbm(at.x * 16.0, at.y * 16.0, grain + 82 + layer, 4, 0.55);
            let web = (fbm(at.x * 6.0, at.y * 14.0, grain + 84, 3, 0.5) - 0.5).abs() * 2.0;
            let dapple = (1.0 - smooth(0.0, 0.2, web)) * fast_exp(-d.max(0.0) * 14.0);
            let c = stops[2].mix(stops[3], 1.0 - k) * (0.4 + 0.8 * n) + stops[1] * (dapple * 0.35 * k);
            (c, a)
        });
    }
    let mut weed = super::sketch::Sketch::new(&plane);
    let n = (18.0 * view.aspect.max(0.6)) as usize;
    for i in 0..n {
        let x = lerp(view.left(), view.right(), (i as f32 + dice.unit()) / n as f32);
        let away = ((x / view.aspect - 0.5).abs() * 2.0).min(1.2);
        let high = 0.08 + 0.26 * away * away * dice.range(0.5, 1.2) + dice.range(0.0, 0.05);
        let at =
            |t: f32| (x + 0.018 * (t * 9.0 + i as f32).sin() * t, view.bottom() - t * (high + view.margin_y + 0.05));
        let stem: Vec<_> = (0..24).map(|k| at(k as f32 / 23.0)).collect();
        weed.line(&stem, 0.004);
        for k in (5..23).step_by(2) {
            let (px, py) = stem[k];
            let s = 0.030 * (1.0 - k as f32 / 34.0) * if k % 4 == 1 { 1.0 } else { -1.0 };
            weed.poly(&[(px, py), (px + s * 0.9, py - 0.026), (px + s * 0.35, py + 0.006)]);
        }
    }
    let ink = hex(0x04_1826) * (0.3 + 0.7 * day);
    plane.stencil(&weed.done(), |_, m| (ink, m));
    scene.push(plane, 0.55, Blend::Over);
}

/// Specks floating in the light.
fn motes(scene: &mut Scene, c: Rgb, dice: &mut super::noise::Dice) {
    let view = scene.view;
    let mut plane = scene.plane(2);
    for _ in 0..(90.0 * view.span()) as usize {
        let (x, y) = (dice.range(view.left() + 0.02, view.right() - 0.02), dice.range(0.0, 0.98));
        plane.spark(x, y, dice.range(0.0012, 0.0034), c * dice.range(0.1, 0.6));
    }
    let layer = scene.push(plane, 0.75, Blend::Add);
    layer.drift = (0.006, -0.014);
    layer.wraps = true;
}
