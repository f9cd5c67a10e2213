//! A street between buildings, followed ray by ray: walls, lit windows and signs, and a floor that mirrors them when wet.

use super::Blend;
use super::color::{Rgb, fast_exp, hex, lerp, rgb, smooth};
use super::noise::{Dice, fbm, value};
use super::palette::Palette;
use super::scene::Scene;
use super::sky;
use crate::animatic::plan::Mood;

/// The measures of one street, in widths from the middle to a wall.
struct Street {
    vx: f32,
    vy: f32,
    eye: f32,
    half: f32,
    grain: u32,
    light: Palette,
    signs: bool,
    palette: [Rgb; 5],
}

fn hash(a: i32, b: i32, grain: u32) -> f32 {
    let seed = u64::from(a as u32) | (u64::from(b as u32) << 32);
    Dice::new(seed, u64::from(grain) + 5).unit()
}

impl Street {
    /// Height of the houses on a side at depth `z`, and which house it is.
    fn house(&self, side: i32, z: f32) -> (i32, f32, f32) {
        let at = z * 0.62 + if side > 0 { 0.37 } else { 0.0 };
        let n = at as i32;
        (n, at - n as f32, 1.5 + 3.1 * hash(n, side, self.grain))
    }

    /// Light from a wall at depth `z` and height `v` above the eye; nothing if above the roof.
    fn wall(&self, side: i32, z: f32, v: f32) -> Option<Rgb> {
        let (n, along, roof) = self.house(side, z);
        if v > roof {
            return None;
        }
        let light = &self.light;
        let tone = [hex(0x6e_5e54), hex(0x5c_6068), hex(0x80_6a58), hex(0x4e_4a4c), hex(0x74_6c62)]
            [(hash(n, side + 9, self.grain) * 5.0) as usize % 5];
        let rough = fbm(z * 5.0 + side as f32 * 9.0, v * 6.0, self.grain + 4, 3, 0.55);
        let facing = if (side > 0) == (light.sun.0 < 0.5) { 0.65 } else { 0.16 };
        let high = smooth(-0.3, roof, v);
        let mut c = light.lit(tone * (0.55 + 0.8 * rough), facing * (0.25 + 0.75 * high)) * lerp(0.55, 1.0, high);
        let (floor, bay) = ((v + 4.0) / 0.58, along * 5.0);
        let (row, col) = (floor as i32, bay as i32);
        let (fy, fx) = (floor - row as f32, bay - col as f32);
        let pane = smooth(0.20, 0.24, fx) * smooth(0.80, 0.76, fx) * smooth(0.16, 0.20, fy) * smooth(0.78, 0.74, fy);
        let street_level = v < -0.02;
        if pane > 0.0 && !street_level {
            let lit = hash(n * 31 + col, row * 17 + side, self.grain) < light.lamps * 0.42;
            let inside = if lit {
                hex(0xff_c47a) * (0.55 + 0.5 * fy)
            } else {
                light.dome(0.6) * 0.35 * lerp(1.0, 0.3, light.lamps)
            };
            c = c.mix(inside, pane);
        }
        if street_level {
            let door = hash(n * 7 + col, side, self.grain);
            let shop = smooth(0.10, 0.14, fx)
                * smooth(0.92, 0.88, fx)
                * smooth(-self.eye + 0.04, -self.eye + 0.08, v)
                * smooth(-0.06, -0.10, v);
            let glow = if door < 0.35 + 0.4 * light.lamps {
                hex(0xff_b468) * lerp(0.35, 1.05, light.lamps)
            } else {
                tone * 0.12
            };
            // Goods on shelves, a warm lamp above, and bars across the glass.
            let goods = smooth(0.40, 0.62, value(along * 46.0, (v * 9.0).floor() * 7.3, self.grain + 8));
            let lamp = smooth(-self.eye, 0.0, v);
            let bars = if (fx * 4.0).fract() < 0.05 || (v * 4.6 + 3.0).fract() < 0.05 { 0.25 } else { 1.0 };
            c = c.mix(glow * ((0.16 + 0.62 * lamp * lamp) * (0.45 + 0.75 * goods) * bars), shop * 0.95);
        }
        if self.signs {
            c = c + self.sign(side, n, along, v, roof);
        }
        Some(c)
    }

    /// Glow of the sign on a house.
    fn sign(&self, side: i32, n: i32, along: f32, v: f32, roof: f32) -> Rgb {
        let kind = hash(n, side + 40, self.grain);
        if kind > 0.8 {
            return Rgb::BLACK;
        }
        let tone = self.palette[(hash(n, side + 41, self.grain) * 5.0) as usize % 5];
        let middle = 0.2 + 0.6 * hash(n, side + 42, self.grain);
        let (cy, hw, hh) = if kind < 0.45 { (roof * 0.42, 0.055, roof * 0.26) } else { (0.12, 0.17, 0.10) };
        let (dx, dy) = ((along - middle).abs() - hw, (v - cy).abs() - hh);
        let out = dx.max(dy * 0.6);
        let rim = fast_exp(-(out / 0.016).powi(2)) * 1.6;
        let fill = if out < 0.0 {
            let glyph = value(along * 60.0, v * 14.0, self.grain + n.unsigned_abs());
            0.20 + 0.95 * smooth(0.52, 0.60, glyph)
        } else {
            0.0
        };
        let bloom = fast_exp(-out.max(0.0) * 7.0) * 0.10;
        tone * ((rim + fill + bloom) * self.light.lamps.max(0.25))
    }

    /// What the eye sees; the answer holds the depth too.
    fn look(&self, x: f32, y: f32) -> Option<(Rgb, f32)> {
        let (dx, dy) = (x - self.vx, y - self.vy);
        let side = if dx > 0.0 { 1 } else { -1 };
        let near = self.half / dx.abs().max(1e-4);
        let down = if dy > 1e-4 { self.eye * self.half / dy } else { 1e9 };
        let fade = |c: Rgb, z: f32| {
            let air = (1.0 - fast_exp(-z * 0.085 * self.light.fog)) * 0.92;
            c.mix(self.light.haze * lerp(1.0, 0.8, self.light.lamps) + hex(0xff_9a60) * (0.03 * self.light.lamps), air)
        };
        if near < down {
            let v = -dy * near / self.half;
            return self.wall(side, near, v).map(|c| (fade(c, near), near));
        }
        // The floor: stone, kerbs, and the street upside down in it.
        let z = down;
        let across = dx * z / self.half;
        let light = &self.light;
        let n = fbm(across * 9.0, z * 9.0, self.grain + 60, 4, 0.55);
        let kerb = smooth(0.70, 0.72, across.abs());
        let slab = if (z * 3.0).fract() < 0.05 && kerb > 0.5 { 0.75 } else { 1.0 };
        let mut c = light.lit(hex(0x48_464a).mix(hex(0x70_6c68), kerb) * (0.5 + 0.75 * n) * slab, 0.32);
        let ripple = (fbm(across * 14.0, z * 30.0, self.grain + 61, 3, 0.5) - 0.5) * 0.10;
        let up = dy * near / self.half - 2.0 * self.eye + ripple * 2.0;
        let puddle = smooth(0.40, 0.60, fbm(across * 2.2, z * 1.6, self.grain + 62, 3, 0.5));
        let shine = (0.07 + 0.12 * light.lamps + light.wet * (0.30 + 0.45 * puddle)) * (1.0 - 0.4 * kerb);
        let image = self.wall(side, near + ripple * near, up).unwrap_or_else(|| light.dome(0.8));
        c = c * (1.0 - 0.5 * light.wet) + image * shine;
        c = c + hex(0xff_b870) * (0.05 * light.lamps * fast_exp(-(across.abs() - 0.8).powi(2) * 14.0));
        Some((fade(c, z), z))
    }
}

/// A street with the subject in it.
pub fn street(scene: &mut Scene) {
    let mut dice = scene.dice(81);
    let view = scene.view;
    let neon = dice.chance(0.7) || matches!(scene.shot.mood, Mood::Vivid | Mood::Noir);
    let plan = Street {
        vx: view.aspect * dice.range(0.38, 0.62),
        vy: dice.range(0.50, 0.56),
        eye: 0.62,
        half: dice.range(0.34, 0.52) * view.aspect.clamp(0.7, 1.8).sqrt(),
        grain: scene.grain,
        light: scene.light.clone(),
        signs: neon && scene.light.lamps > 0.5,
        palette: [
            rgb(1.0, 0.10, 0.32),
            rgb(0.05, 0.75, 1.0),
            rgb(1.0, 0.42, 0.10),
            rgb(0.55, 0.20, 1.0),
            rgb(0.15, 1.0, 0.55),
        ],
    };
    let back = sky::dome(scene, plan.vy + 0.02);
    scene.push(back, 0.0, Blend::Over);
    sky::clouds(scene, plan.vy + 0.02, 0.04);
    // Whoever is in the street keeps to its middle.
    scene.mark = plan.vx + 0.13 * if scene.mark > view.aspect * 0.5 { 1.0 } else { -1.0 };
    let split = 2.3;
    let mut far = scene.plane(1);
    far.cover(-9.0, 9.0, |at| edge_softened(&plan, at.x, at.y, view.scale, |z, down| down || z >= split));
    scene.push(far, 0.30, Blend::Over);
    haze(scene, &plan);
    scene.open(scene.feet() - 0.01, 0.36, true);
    let mut near = scene.plane(1);
    near.cover(-9.0, 9.0, |at| edge_softened(&plan, at.x, at.y, view.scale, |z, down| !down && z < split));
    scene.push(near, 0.46, Blend::Over);
}

/// Two looks a pixel, so that roofs and window frames do not stair-step.
fn edge_softened(plan: &Street, x: f32, y: f32, scale: f32, wanted: impl Fn(f32, bool) -> bool) -> (Rgb, f32) {
    let q = 0.25 / scale;
    let (mut sum, mut hits) = (Rgb::BLACK, 0.0);
    let looks: &[(f32, f32)] = if scale > 900.0 { &[(0.0, 0.0)] } else { &[(-q, q), (q, -q)] };
    for &(ox, oy) in looks {
        let (dx, dy) = ((x + ox - plan.vx).abs(), y + oy - plan.vy);
        let near = plan.half / dx.max(1e-4);
        let down = dy > 1e-4 && plan.eye * plan.half / dy < near;
        if !wanted(near, down) {
            continue;
        }
        if let Some((c, _)) = plan.look(x + ox, y + oy) {
            sum = sum + c;
            hits += 1.0;
        }
    }
    if hits > 0.0 { (sum * (1.0 / hits), hits / looks.len() as f32) } else { (Rgb::BLACK, 0.0) }
}

/// Light hanging in the air at the end of the street, and lamps along it.
fn haze(scene: &mut Scene, plan: &Street) {
    let lamps = scene.light.lamps;
    let mut plane = scene.plane(2);
    let tone = scene.light.haze.mix(hex(0xff_a468), 0.5 * lamps);
    let power = 0.10 + 0.16 * lamps;
    plane.light(-9.0, 1.0, false, |at| {
        let (dx, dy) = (at.x - plan.vx, at.y - plan.vy + 0.03);
        tone * (power * fast_exp(-(dx * dx * 14.0 + dy * dy * 20.0)))
    });
    if lamps > 0.3 {
        for k in 0..6 {
            let z = 2.6 + k as f32 * 1.7;
            for side in [-1.0, 1.0] {
                let (x, y) = (plan.vx + side * plan.half * 0.72 / z, plan.vy - plan.half * 0.75 / z);
                plane.spark(x, y, 0.030 / z, hex(0xff_dca8) * (2.2 * lamps));
                plane.spark(x, y, 0.16 / z, hex(0xff_b060) * (0.30 * lamps));
            }
        }
    }
    scene.push(plane, 0.30, Blend::Add);
}
