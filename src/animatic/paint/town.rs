//! A skyline over water, windows lit by the hour.

use super::Blend;
use super::canvas::{Plane, View};
use super::color::{Rgb, fast_exp, hex, lerp, smooth};
use super::noise::{Dice, fbm};
use super::palette::Palette;
use super::scene::Scene;
use super::sketch::Sketch;
use super::sky;
use crate::animatic::plan::Subject;

/// One row of buildings: outlines, and windows that are lit or not.
struct Block {
    walls: Vec<[f32; 4]>,
    lit: Vec<[f32; 4]>,
    dim: Vec<[f32; 4]>,
    glass: Vec<[f32; 4]>,
}

fn block(view: View, k: usize, base: f32, peak: f32, lamps: f32, dice: &mut Dice) -> Block {
    let (low, high) = [(0.08, 0.30), (0.06, 0.42), (0.04, 0.26)][k];
    let mut all = Block { walls: vec![], lit: vec![], dim: vec![], glass: vec![] };
    let mut x = view.left() - 0.02;
    while x < view.right() {
        let w = dice.range(0.018, 0.063) * [0.9, 1.0, 1.25][k];
        let middle = 1.15 - 1.1 * ((x - peak).abs() / view.aspect.max(0.8));
        let h = low + (high - low) * dice.unit().powf(2.1) * middle.max(0.15);
        let y = base - h;
        all.walls.push([x, y, x + w, base + 0.002]);
        if dice.chance(0.34) {
            let step = dice.range(0.15, 0.3);
            all.walls.push([x + w * step, y - 0.02, x + w * (1.0 - step), y + 0.002]);
            if h > high * 0.6 {
                all.walls.push([x + w * 0.38, y - 0.045, x + w * 0.62, y]);
            }
        }
        if dice.chance(0.2) {
            all.walls.push([x + w * 0.49, y - 0.07, x + w * 0.49 + 0.0016, y]);
        }
        if k > 0 {
            windows(&mut all, x, y, w, base, lamps, dice);
        }
        x += w * dice.range(0.82, 1.32);
    }
    all
}

fn windows(all: &mut Block, x: f32, y: f32, w: f32, base: f32, lamps: f32, dice: &mut Dice) {
    let (dx, dy) = (0.0074, 0.0108);
    // Some houses work late, others sleep.
    let busy = dice.range(0.10, 0.62) * lamps;
    let mut wy = y + 0.009;
    while wy < base - 0.009 {
        let mut wx = x + 0.004;
        while wx < x + w - 0.006 {
            let pane = [wx, wy, wx + 0.0036, wy + 0.0054];
            if dice.chance(busy) {
                if dice.chance(0.4) {
                    all.lit.push(pane);
                } else {
                    all.dim.push(pane);
                }
            } else {
                all.glass.push(pane);
            }
            wx += dx;
        }
        wy += dy;
    }
}

fn put(plane: &mut Plane, rects: &[[f32; 4]], f: impl Fn(f32, f32) -> Rgb + Sync) {
    if rects.is_empty() {
        return;
    }
    let mut mask = Sketch::new(plane);
    mask.rects(rects);
    plane.stencil(&mask.done(), |at, m| (f(at.x, at.y), m));
}

fn raise(plane: &mut Plane, b: &Block, k: usize, light: &Palette, base: f32, grain: u32) {
    let wall = [hex(0x9a_8ea0), hex(0x6a_6474), hex(0x40_404c)][k];
    let air = [0.74, 0.42, 0.14][k] * light.fog.clamp(0.7, 1.3);
    put(plane, &b.walls, |x, y| {
        let n = fbm(x * 30.0, 2.0, grain + 5, 2, 0.5);
        let c = light.lit(wall * (0.6 + 0.7 * n), 0.22 + 0.30 * smooth(0.3, 0.7, n));
        let low = smooth(base - 0.26, base, y) * 0.30;
        c.mix(light.haze, (air + low).min(0.94))
    });
    let sheen = 1.0 - light.lamps * 0.75;
    put(plane, &b.glass, |x, y| {
        let c = light.dome(0.35 + 0.5 * fbm(x * 9.0, y * 4.0, grain + 6, 2, 0.5)) * 0.62;
        light.lit(wall, 0.2).mix(c, 0.55 * sheen).mix(light.haze, air.min(0.9)) * lerp(0.55, 0.95, sheen)
    });
    let (warm, cool) = (hex(0xff_cf87), hex(0xff_e9c8));
    let power = [0.0, 0.85, 1.25][k];
    put(plane, &b.dim, |x, _| warm.mix(cool, smooth(0.4, 0.6, fbm(x * 40.0, 1.0, grain, 1, 0.5))) * (0.42 * power));
    put(plane, &b.lit, |x, _| warm.mix(cool, smooth(0.4, 0.6, fbm(x * 40.0, 1.0, grain, 1, 0.5))) * (1.25 * power));
}

/// A skyline, its reflection in the water before it.
pub fn city(scene: &mut Scene) {
    let mut dice = scene.dice(71);
    let horizon = dice.range(0.64, 0.70);
    let light = scene.light.clone();
    let grain = scene.grain;
    let mut back = sky::dome(scene, horizon);
    let peak = scene.view.aspect * dice.range(0.3, 0.7);
    let glow = light.lamps * 0.16;
    back.light(horizon - 0.5, horizon + 0.2, false, |at| {
        let d = (horizon - at.y).max(0.0);
        hex(0xff_b070) * (glow * fast_exp(-d / 0.16) * (0.6 + 0.4 * fast_exp(-((at.x - peak) / 0.6).powi(2))))
    });
    let mut planes: Vec<Plane> = Vec::new();
    for k in 0..3 {
        let mut plane = scene.plane(1);
        let b = block(scene.view, k, horizon, peak, light.lamps, &mut dice);
        raise(&mut plane, &b, k, &light, horizon, grain + k as u32);
        planes.push(plane);
    }
    let water = mirror(scene, &back, &planes, horizon);
    scene.push(back, 0.0, Blend::Over);
    sky::clouds(scene, horizon, 0.03);
    for (plane, depth) in planes.into_iter().zip([0.10, 0.17, 0.25]) {
        scene.push(plane, depth, Blend::Over);
    }
    scene.push(water, 0.25, Blend::Over);
    shimmer(scene, horizon);
    match scene.shot.subject {
        Subject::Boat | Subject::Ship | Subject::Whale => {
            scene.open(lerp(horizon, 1.0, 0.45), 0.42, true);
        }
        Subject::None | Subject::Bird | Subject::Birds | Subject::Balloon | Subject::Plane | Subject::Rocket => {
            scene.open(lerp(horizon, 1.0, 0.4), 0.4, true);
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
        | Subject::Fish
        | Subject::Tree
        | Subject::House
        | Subject::Lighthouse
        | Subject::Robot
        | Subject::Bicycle
        | Subject::Astronaut
        | Subject::StillLife
        | Subject::Campfire => quay(scene),
    }
}

fn mirror(scene: &Scene, back: &Plane, planes: &[Plane], horizon: f32) -> Plane {
    let light = scene.light.clone();
    let grain = scene.grain;
    let mut plane = scene.plane(1);
    let density = plane.density();
    let row = ((horizon + scene.view.margin_y) * density) as i32;
    let tint = light.lit(hex(0x20_3c50), 0.2);
    let seen = |i: usize, j: usize| {
        let mut c = back.cell(i / back.coarse, j / back.coarse).0;
        for p in planes {
            let (over, a) = p.cell(i, j);
            c = c * (1.0 - a) + over;
        }
        c
    };
    plane.cover(horizon, scene.view.bottom(), |at| {
        let d = (at.y - horizon).max(0.0);
        let u = fbm(at.x * 6.0, at.y * 110.0, grain + 520, 3, 0.5) - 0.5;
        let v = fbm(at.x * 11.0, at.y * 60.0, grain + 521, 2, 0.5) - 0.5;
        let reach = density * (0.012 + 0.11 * d);
        let j = (row as f32 - (d * 1.35 * density) + v * reach * 2.6).max(0.0) as usize;
        let x = at.i as f32 + u * reach;
        let i = x.max(0.0) as usize;
        let step = (reach * 0.14) as usize + 1;
        let c = (seen(i, j)
            + seen(i + step, j)
            + seen(i.saturating_sub(step), j + step)
            + seen(i, j.saturating_sub(2 * step)))
            * 0.25;
        let c = c * 0.66 + tint * (0.30 + 0.25 * u) * (0.5 + d);
        let shore = smooth(0.010, 0.0, d);
        (c * (1.0 - 0.55 * shore), ((at.y - horizon) * density + 0.5).clamp(0.0, 1.0))
    });
    plane
}

fn shimmer(scene: &mut Scene, horizon: f32) {
    let light = scene.light.clone();
    let grain = scene.grain;
    let view = scene.view;
    let mut plane = scene.plane(1);
    let tone = light.sky[3] * 0.22 + hex(0xff_c080) * (0.16 * light.lamps);
    let waves = (view.span() * 9.0).round();
    plane.light(horizon + 0.004, view.bottom(), false, |at| {
        let d = at.y - horizon;
        let u = (at.x - view.left()) / view.span() * waves;
        let n = super::noise::tiled(u, 7.0 / (d + 0.05), waves as i32, 4096, grain + 530, 3, 0.5);
        tone * smooth(0.60, 0.76, n) * smooth(0.0, 0.03, d)
    });
    let layer = scene.push(plane, 0.3, Blend::Add);
    layer.drift = (0.012, 0.0);
    layer.sway = 0.002;
    layer.wraps = true;
}

/// A paved edge before the water, for what stands on land.
fn quay(scene: &mut Scene) {
    let (grain, view, light) = (scene.grain, scene.view, scene.light.clone());
    let ground = scene.feet();
    let edge = ground - 0.05;
    let mut plane = scene.plane(1);
    let stone = hex(0x6a_6668);
    plane.cover(edge, view.bottom(), |at| {
        let d = at.y - edge;
        let a = (d * view.scale + 0.5).clamp(0.0, 1.0);
        let z = 0.3 / (d + 0.12);
        let n = fbm(at.x * 40.0, at.y * 80.0, grain + 540, 3, 0.5);
        let joint = ((at.x - view.aspect * 0.5) * z * 5.0).fract().abs().min(1.0);
        let course = (z * 9.0).fract();
        let seam = if joint < 0.03 || course < 0.05 { 0.72 } else { 1.0 };
        let kerb = smooth(0.010, 0.0, d);
        let mut c = light.lit(stone * (0.6 + 0.6 * n) * seam, 0.30 + 0.5 * kerb);
        c = c + hex(0xff_b060) * (0.05 * light.lamps * (1.0 + 2.0 * kerb));
        let puddle = light.wet * smooth(0.46, 0.6, fbm(at.x * 4.0, at.y * 18.0, grain + 541, 3, 0.5));
        (c.mix(light.dome(0.9) * 0.8, puddle * 0.6), a)
    });
    let mut rail = Sketch::new(&plane);
    let (high, gap) = (0.085, 0.17);
    let mut x = view.left() - 0.03;
    while x < view.right() + 0.1 {
        rail.slab(x - 0.005, edge - high, x + 0.005, edge + 0.004, 0.002);
        x += gap;
    }
    for k in [0.97, 0.62, 0.30] {
        rail.rect(view.left() - 0.01, edge - high * k - 0.0022, view.right() + 0.01, edge - high * k + 0.0012);
    }
    let ink = light.lit(hex(0x2c_2a2e), 0.12);
    plane.stencil(&rail.done(), |_, m| (ink, m));
    scene.push(plane, 0.5, Blend::Over);
    scene.open(ground, 0.5, true);
}
