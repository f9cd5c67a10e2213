//! What falls or hangs in the air before the camera: rain, snow and fog, on sheets that repeat for ever.

use super::Blend;
use super::color::{Rgb, hex, lerp, smooth};
use super::noise::tiled;
use super::scene::Scene;
use crate::animatic::plan::{Setting, Weather};

/// Adds the weather in front of everything outdoors.
pub fn fall(scene: &mut Scene) {
    if matches!(scene.shot.setting, Setting::Interior | Setting::Underwater | Setting::Space) {
        return;
    }
    match scene.shot.weather {
        Weather::Clear | Weather::Cloudy => {}
        Weather::Rain => rain(scene, 1.0),
        Weather::Storm => rain(scene, 1.7),
        Weather::Snow => flakes(scene),
        Weather::Fog => fog(scene),
    }
}

/// Places that stay inside the sheet wherever they are wrapped to.
fn wrapped(scene: &Scene, x: f32, y: f32) -> impl Iterator<Item = (f32, f32)> + use<> {
    let (w, h) = (scene.view.span(), 1.0 + 2.0 * scene.view.margin_y);
    [(0.0, 0.0), (w, 0.0), (-w, 0.0), (0.0, h), (0.0, -h)].into_iter().map(move |(dx, dy)| (x + dx, y + dy))
}

fn rain(scene: &mut Scene, force: f32) {
    let light = scene.light.clone();
    let view = scene.view;
    let tone = (light.sky[2] * 0.55 + light.fill * 0.35).saturate(0.6);
    for sheet in 0..2u32 {
        let near = sheet as f32;
        let mut dice = scene.dice(201 + u64::from(sheet));
        let mut plane = scene.plane(1);
        let mut drops = super::sketch::Sketch::new(&plane);
        let slant = 0.10 + 0.12 * (force - 1.0);
        let count = (lerp(420.0, 110.0, near) * force * view.span() / 1.8) as usize;
        for _ in 0..count {
            let (x, y) = (dice.range(view.left(), view.right()), dice.range(view.top(), view.bottom()));
            let l = lerp(0.035, 0.11, near) * dice.range(0.6, 1.4);
            for (x, y) in wrapped(scene, x, y) {
                if y < view.bottom() && y + l > view.top() && x > view.left() - 0.05 && x < view.right() + 0.05 {
                    drops.line(&[(x, y), (x - slant * l, y + l)], lerp(0.0009, 0.0017, near));
                }
            }
        }
        let mask = drops.done();
        let wide = plane.wide;
        let power = lerp(0.16, 0.20, near);
        plane.light(-9.0, 9.0, false, |at| match mask[at.j * wide + at.i] {
            0 => Rgb::BLACK,
            m => tone * (f32::from(m) / 255.0 * power),
        });
        let speed = lerp(1.5, 2.3, near) * force.sqrt();
        let layer = scene.push(plane, lerp(0.5, 0.9, near), Blend::Add);
        layer.drift = (-slant * speed, speed);
        layer.wraps = true;
    }
}

fn flakes(scene: &mut Scene) {
    let light = scene.light.clone();
    let view = scene.view;
    let tone = light.fill * 0.9 + light.sky[3] * 0.45;
    for sheet in 0..2u32 {
        let near = sheet as f32;
        let mut dice = scene.dice(211 + u64::from(sheet));
        let mut plane = scene.plane(1 + sheet as usize);
        for _ in 0..(lerp(620.0, 110.0, near) * view.span() / 1.8) as usize {
            let (x, y) = (dice.range(view.left(), view.right()), dice.range(view.top(), view.bottom()));
            let r = lerp(0.0015, 0.0052, near) * dice.range(0.6, 1.5);
            let c = tone * dice.range(0.25, lerp(0.9, 0.55, near));
            for (x, y) in wrapped(scene, x, y) {
                plane.spark(x, y, r, c);
            }
        }
        let layer = scene.push(plane, lerp(0.5, 0.92, near), Blend::Add);
        layer.drift = (lerp(0.012, -0.03, near), lerp(0.07, 0.15, near));
        layer.sway = lerp(0.004, 0.010, near);
        layer.wraps = true;
    }
}

/// A slow bank of mist in front of the lower half.
fn fog(scene: &mut Scene) {
    let light = scene.light.clone();
    let (view, grain) = (scene.view, scene.grain);
    let periods = (view.span() * 1.3).round().max(1.0);
    let c = light.haze.mix(hex(0xff_ffff) * light.fill, 0.12);
    let mut plane = scene.plane(3);
    plane.cover(view.top(), view.bottom(), |at| {
        let u = (at.x - view.left()) / view.span() * periods;
        let n = tiled(u, at.y * 2.2, periods as i32, 64, grain + 800, 4, 0.5);
        let low = smooth(0.15, 0.62, at.y) * smooth(1.12, 0.72, at.y);
        (c, (0.10 + 0.75 * smooth(0.36, 0.72, n)) * low * 0.72)
    });
    let layer = scene.push(plane, 0.7, Blend::Over);
    layer.drift = (0.014, 0.0);
    layer.wraps = true;
}
