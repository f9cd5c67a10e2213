//! An input image as the plate: cut to the frame's shape with room to move, one layer deep.
#![expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "sizes scaled by the overscan"
)]

use image::imageops::{self, FilterType};
use image::{Rgba, RgbaImage};

use super::paint::{Blend, Layer};

/// `picture` cover-fitted to a frame of `wide` x `high` pixels plus `overscan` on each side.
/// Transparent parts become black.
pub fn layer(picture: &RgbaImage, wide: u32, high: u32, overscan: f32) -> Layer {
    let grown = |side: u32| ((side as f32 * (1.0 + 2.0 * overscan)).ceil() as u32).next_multiple_of(2);
    let (wide, high) = (grown(wide), grown(high));
    let (from_wide, from_high) = (picture.width().max(1), picture.height().max(1));
    // The largest part of the picture that has the layer's shape, from its middle.
    let across = u64::from(from_high) * u64::from(wide) / u64::from(high);
    let (cut_wide, cut_high) = if across <= u64::from(from_wide) {
        (across.max(1) as u32, from_high)
    } else {
        let down = u64::from(from_wide) * u64::from(high) / u64::from(wide);
        (from_wide, down.max(1) as u32)
    };
    let left = (from_wide - cut_wide) / 2;
    let top = (from_high - cut_high) / 2;
    let cut = imageops::crop_imm(picture, left, top, cut_wide, cut_high);
    let mut fitted = imageops::resize(&*cut, wide, high, FilterType::CatmullRom);
    for Rgba([r, g, b, a]) in fitted.pixels_mut() {
        for value in [r, g, b] {
            *value = (u16::from(*value) * u16::from(*a) / 255) as u8;
        }
        *a = 255;
    }
    Layer {
        wide,
        high,
        rgba: fitted.into_raw(),
        depth: 0.5,
        drift: (0.0, 0.0),
        sway: 0.0,
        wraps: false,
        blend: Blend::Over,
    }
}
