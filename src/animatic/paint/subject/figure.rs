//! One subject being drawn: parts in the figure's own units, lit from the side of the sun, mirrored in water.
//! Own units: height 1, feet at (0, 0), up is negative, facing right.

use crate::animatic::paint::canvas::Plane;
use crate::animatic::paint::color::{Rgb, fast_exp, hex, smooth};
use crate::animatic::paint::noise::fbm;
use crate::animatic::paint::palette::Palette;
use crate::animatic::paint::scene::Scene;
use crate::animatic::paint::sketch::{Point, Sketch};
use crate::animatic::plan::Setting;

/// A subject being drawn.
pub struct Figure<'p> {
    plane: &'p mut Plane,
    /// The light it stands in.
    pub light: Palette,
    /// Its feet, in frame-heights.
    pub at: Point,
    /// Its height, in frame-heights.
    pub high: f32,
    right: bool,
    mirror: f32,
    turn: f32,
    grain: u32,
    toward: f32,
    fade: f32,
}

impl<'p> Figure<'p> {
    /// A figure at `at`, `high` tall, facing right or left; `mirror` is how clearly the ground reflects it.
    pub fn new(scene: &Scene, plane: &'p mut Plane, at: Point, high: f32, right: bool, mirror: f32) -> Self {
        let sun = scene.light.sun.0 * scene.view.aspect;
        let inside = matches!(scene.shot.setting, Setting::Interior);
        let mut light = scene.light.clone();
        match scene.shot.setting {
            // Water takes the red; space has no sky to fill the shade.
            Setting::Underwater => {
                let day = (light.fill + light.key).luma().clamp(0.08, 1.1);
                light.fill = hex(0x3a_a0b8) * (0.55 * day);
                light.key = hex(0x9f_e9e2) * (0.75 * day);
                light.haze = hex(0x0d_5f7c) * day;
                light.fog = 1.0;
            }
            Setting::Space => {
                light.fill = hex(0x30_3848);
                light.key = hex(0xff_f8ec) * 1.1;
            }
            Setting::Abstract => light.fill = hex(0x50_5058),
            Setting::Sea
            | Setting::Hills
            | Setting::Forest
            | Setting::City
            | Setting::Desert
            | Setting::Sky
            | Setting::Snow
            | Setting::Road
            | Setting::Interior
            | Setting::Field
            | Setting::Street => {}
        }
        if light.lamps > 0.5 && matches!(scene.shot.setting, Setting::Street | Setting::City | Setting::Interior) {
            light.fill = light.fill + hex(0xff_b070) * 0.10;
            light.key = light.key + hex(0xff_b070) * 0.42;
        }
        let far = ((0.30 - high) * 1.2).clamp(0.0, 0.25) * light.fog;
        let fade = if inside || scene.shot.setting == Setting::Space {
            0.0
        } else if scene.shot.setting == Setting::Underwater {
            0.28
        } else {
            (far * 0.55 + (light.fog - 1.0).max(0.0) * 0.10).min(0.5)
        };
        Self {
            plane,
            light,
            at,
            high,
            right,
            mirror,
            turn: 0.0,
            grain: scene.grain,
            toward: if sun > at.0 { 1.0 } else { -1.0 },
            fade,
        }
    }

    /// Turns the whole figure by degrees.
    pub fn turn(&mut self, degrees: f32) {
        self.turn = if self.right { degrees } else { -degrees };
    }

    fn across(&self) -> f32 {
        if self.right { self.high } else { -self.high }
    }

    fn mask(&self, down: f32, draw: &impl Fn(&mut Sketch)) -> Vec<u8> {
        let mut sketch = Sketch::new(self.plane);
        sketch.place(self.at, (self.across(), self.high * down), self.turn * down);
        draw(&mut sketch);
        sketch.done()
    }

    /// A part of one surface, shaded and rimmed by the light.
    pub fn part(&mut self, surface: Rgb, draw: impl Fn(&mut Sketch)) {
        if self.mirror > 0.0 {
            self.reflect(surface, &draw);
        }
        let mask = self.mask(1.0, &draw);
        let (wide, high, density) = (self.plane.wide, self.plane.high, self.plane.density());
        let toward = self.toward;
        let low = self.light.sun.1 < 0.35;
        let look = |at: (usize, usize), reach: f32| {
            let dx = (toward * reach * density).round() as i64;
            let dy = (if low { -0.35 } else { -1.0 } * reach * density).round() as i64;
            let i = (at.0 as i64 + dx).clamp(0, wide as i64 - 1) as usize;
            let j = (at.1 as i64 + dy).clamp(0, high as i64 - 1) as usize;
            f32::from(mask[j * wide + i]) / 255.0
        };
        let (thin, broad) = ((self.high * 0.012).max(1.2 / density), self.high * 0.05);
        let (light, fade) = (&self.light, self.fade);
        self.plane.stencil(&mask, |at, m| {
            let here = (at.i, at.j);
            let rim = (m - look(here, thin)).max(0.0);
            let side = (m - look(here, broad)).max(0.0);
            let lit = 0.13 + 0.40 * side + 0.85 * rim;
            (light.lit(surface, lit).mix(light.haze, fade) + light.halo * (rim * 0.10 * light.key.luma()), m)
        });
    }

    fn reflect(&mut self, surface: Rgb, draw: &impl Fn(&mut Sketch)) {
        let mask = self.mask(-0.85, draw);
        let (wide, grain, clear, at0) = (self.plane.wide, self.grain, self.mirror, self.at.1);
        let (density, high) = (self.plane.density(), self.high);
        let c = self.light.lit(surface, 0.10);
        self.plane.cover(at0, at0 + high * 1.1, |at| {
            let d = at.y - at0;
            let n = fbm(at.x * 8.0, at.y * 120.0, grain + 17, 2, 0.5) - 0.5;
            let shift = (n * (0.01 + 0.12 * d) * density).round() as i64;
            let i = (at.i as i64 + shift).clamp(0, wide as i64 - 1) as usize;
            let m = f32::from(mask[at.j * wide + i]) / 255.0;
            (c, m * clear * fast_exp(-d / high * 1.6))
        });
    }

    /// A part that shines by itself.
    pub fn lamp(&mut self, tone: Rgb, draw: impl Fn(&mut Sketch)) {
        let mask = self.mask(1.0, &draw);
        self.plane.stencil(&mask, |_, m| (tone, m));
    }

    /// A part with its own shading by place in own units.
    pub fn shaded(&mut self, draw: impl Fn(&mut Sketch), tone: impl Fn(f32, f32) -> Rgb + Sync) {
        let mask = self.mask(1.0, &draw);
        let (at0, across, high) = (self.at, self.across(), self.high);
        self.plane.stencil(&mask, |at, m| (tone((at.x - at0.0) / across, (at.y - at0.1) / high), m));
    }

    /// A soft light that also shines on the air around it, up to `r` own units away.
    pub fn shine(&mut self, x: f32, y: f32, r: f32, tone: Rgb) {
        let (cx, cy) = (self.at.0 + x * self.across(), self.at.1 + y * self.high);
        let r = r * self.high;
        self.plane.cover(cy - r * 2.4, cy + r * 2.4, |at| {
            let (dx, dy) = (at.x - cx, at.y - cy);
            let k = fast_exp(-(dx * dx + dy * dy) / (r * r));
            (tone, if k > 0.01 { k * 0.85 } else { 0.0 })
        });
    }

    /// Covers the place of the figure by a function of own units; for smoke and flame.
    pub fn cloud(&mut self, top: f32, low: f32, f: impl Fn(f32, f32) -> (Rgb, f32) + Sync) {
        let (at0, across, high) = (self.at, self.across(), self.high);
        self.plane
            .cover(at0.1 + top * high, at0.1 + low * high, |at| f((at.x - at0.0) / across, (at.y - at0.1) / high));
    }

    /// The dark where the figure meets the ground, drawn out away from a low sun.
    pub fn shadow(&mut self, half: f32) {
        let strong = 0.30 + 0.30 * (self.light.key.luma() / (self.light.fill.luma() + 0.05)).min(1.0);
        let low = self.light.sun.1 < 0.35 && self.light.key.luma() > 0.1;
        let (rx, ry) = ((half * 0.95 + 0.06) * self.high, (0.026 + 0.010 * half) * self.high);
        let (cx, cy, away) = (self.at.0, self.at.1, -self.toward);
        let long = if low { self.high * 1.1 } else { 0.0 };
        self.plane.cover(cy - ry * 2.5, cy + ry * 2.5 + long * 0.1, |at| {
            let out = ((at.x - cx) * away).max(0.0);
            let stretch = if at.x * away > cx * away { 1.0 + long / rx } else { 1.0 };
            let (dx, dy) = ((at.x - cx) / (rx * stretch), (at.y - cy - out * 0.05) / ry);
            let d = dx * dx + dy * dy;
            (Rgb::BLACK, strong * smooth(1.9, 0.1, d) * (1.0 - 0.35 * (out / (long + rx)).min(1.0)))
        });
    }
}
