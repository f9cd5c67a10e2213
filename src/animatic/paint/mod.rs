//! Draws a shot once, as a stack of planes the engine moves in parallax.
//! Owns everything seen; knows nothing of time, cameras or files.
#![expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    clippy::many_single_char_names,
    clippy::similar_names,
    reason = "drawing is arithmetic on small floats: coordinates and light, always clamped before they become pixels"
)]

mod canvas;
mod color;
mod heavens;
mod ink;
mod land;
mod noise;
mod palette;
mod road;
mod room;
mod scene;
mod sketch;
mod sky;
mod snow;
mod street;
mod subject;
#[cfg(test)]
mod tests;
mod town;
mod trees;
mod water;
mod weather;

use self::canvas::View;
use self::scene::Scene;
use crate::animatic::plan::{Setting, Shot};

/// How a layer meets what lies behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blend {
    /// Covers what is behind it.
    Over,
    /// Adds light to what is behind it.
    Add,
}

/// One plane of a plate, drawn larger than the frame by `overscan` on each side so the camera can move over it.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Width in pixels: frame width times (1 + 2 * overscan), rounded up to even.
    pub wide: u32,
    /// Height in pixels, likewise.
    pub high: u32,
    /// Premultiplied, sRGB-encoded bytes, row-major.
    pub rgba: Vec<u8>,
    /// 0.0 = infinitely far (hardly moves) .. 1.0 = foreground (moves most).
    pub depth: f32,
    /// Own motion, right and down, in frame-heights per second.
    pub drift: (f32, f32),
    /// Amplitude of a slow sine bob in frame-heights; 0 for none.
    pub sway: f32,
    /// Tiles in both directions, so that drift can go on for ever.
    pub wraps: bool,
    /// How the layer meets what lies behind it.
    pub blend: Blend,
}

/// Draws `shot` once for a frame of `wide` x `high` pixels, back to front. The first layer is opaque and covers all.
/// The same shot and size always give the same bytes.
pub fn paint(shot: &Shot, wide: u32, high: u32, overscan: f32) -> Vec<Layer> {
    let mut scene = Scene::new(shot, View::new(wide, high, overscan));
    match shot.setting {
        Setting::Sea => water::sea(&mut scene),
        Setting::Underwater => water::below(&mut scene),
        Setting::Desert => land::desert(&mut scene),
        Setting::Hills => land::hills(&mut scene),
        Setting::Forest => trees::forest(&mut scene),
        Setting::City => town::city(&mut scene),
        Setting::Street => street::street(&mut scene),
        Setting::Sky => heavens::sky_high(&mut scene),
        Setting::Space => heavens::space(&mut scene),
        Setting::Snow => snow::snow(&mut scene),
        Setting::Road => road::road(&mut scene),
        Setting::Field => road::field(&mut scene),
        Setting::Interior => room::interior(&mut scene),
        Setting::Abstract => ink::ink(&mut scene),
    }
    subject::place(&mut scene);
    weather::fall(&mut scene);
    scene.layers
}
