//! Reference images people upload: inspected on the way in, fitted to a video's exact size on the
//! way out. Refuses everything but PNG, JPEG and WebP, and bombs before they are decoded.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage, RgbaImage};

pub use super::picture::Format;
use super::picture::{self, Bounds, Refusal};

const MOST_BYTES: u64 = 40 * 1024 * 1024;
const BOUNDS: Bounds = Bounds { side: 8192, area: 40_000_000 };
/// A PNG source stays PNG up to this size; beyond, uploads get slow for no visible gain.
const MOST_PNG_BYTES: usize = 4 * 1024 * 1024;
const QUALITY: u8 = 92;

/// What an accepted image is; sides in pixels as a viewer shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// Format by its bytes.
    pub format: Format,
    /// Width in pixels.
    pub wide: u32,
    /// Height in pixels.
    pub high: u32,
}

/// Why an image was refused, in words for the person who chose it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadImage {
    /// Some other kind of file.
    #[error("This file is not a PNG, JPEG or WebP image.")]
    NotAPicture,
    /// Zero bytes.
    #[error("This file is empty.")]
    Empty,
    /// More than 40 MiB.
    #[error("This file is larger than 40 MiB.")]
    TooHeavy,
    /// A side above 8192 pixels.
    #[error("This image is {wide} × {high}; the most is 8192 on a side.")]
    TooLong {
        /// Width in pixels.
        wide: u32,
        /// Height in pixels.
        high: u32,
    },
    /// More than 40 million pixels.
    #[error("This image is {wide} × {high}; the most is 40 million pixels in all.")]
    TooManyPixels {
        /// Width in pixels.
        wide: u32,
        /// Height in pixels.
        high: u32,
    },
    /// Within the pixel limits, yet not within those of memory.
    #[error("This image has 16 bits a colour and too many pixels; save it with 8 bits.")]
    TooDeep,
    /// It ends before its picture does.
    #[error("This image is cut short.")]
    CutShort,
    /// It cannot be decoded within our limits.
    #[error("This image is damaged and cannot be read.")]
    Damaged,
    /// The disk refused, which says nothing about the image.
    #[error("The image could not be read from disk ({0}).")]
    Unreadable(std::io::ErrorKind),
}

impl From<Refusal> for BadImage {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotAPicture => Self::NotAPicture,
            Refusal::TooLarge { wide, high } if wide.max(high) > BOUNDS.side => Self::TooLong { wide, high },
            Refusal::TooLarge { wide, high } => Self::TooManyPixels { wide, high },
            Refusal::TooDeep => Self::TooDeep,
            Refusal::CutShort => Self::CutShort,
            Refusal::Damaged => Self::Damaged,
        }
    }
}

/// One picture at a time: the largest takes 200 MB while it is decoded.
fn alone() -> MutexGuard<'static, ()> {
    static DESK: Mutex<()> = Mutex::new(());
    DESK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Decides whether an uploaded file is an image we keep; decodes it once to be sure.
pub fn inspect(path: &Path) -> Result<Picture, BadImage> {
    let bytes = read(path)?;
    let (format, ..) = picture::measure(&bytes, BOUNDS)?;
    let _alone = alone();
    let (pixels, turned) = picture::decode(&bytes, BOUNDS)?;
    let (wide, high) = upright(turned, pixels.dimensions());
    Ok(Picture { format, wide, high })
}

/// Which part of a picture is kept when it is cut to a shape: where it lies between left and
/// right, top and bottom (0 to 100), and how much larger than needed it is shown (100 and more).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// 0 is left, 100 is right.
    pub x: u8,
    /// 0 is the top, 100 the bottom.
    pub y: u8,
    /// In percent.
    pub zoom: u16,
}

impl Part {
    /// The whole middle.
    pub const MIDDLE: Self = Self { x: 50, y: 50, zoom: 100 };
}

/// The image at exactly `wide` x `high` pixels, upright, that part kept, on black where it was
/// transparent; with its type (`image/png` for small PNGs, else `image/jpeg`).
pub fn fit(path: &Path, wide: u32, high: u32, part: Part) -> Result<(Vec<u8>, &'static str), BadImage> {
    let (fitted, format) = cover(path, wide, high, part)?;
    if format == Format::Png
        && let Some(bytes) = picture::png(&fitted)
        && bytes.len() <= MOST_PNG_BYTES
    {
        return Ok((bytes, Format::Png.mime()));
    }
    let bytes = picture::jpeg(&fitted, QUALITY).ok_or(BadImage::Damaged)?;
    Ok((bytes, Format::Jpeg.mime()))
}

/// The same fitted image as opaque pixels, to draw on.
pub fn rgba(path: &Path, wide: u32, high: u32) -> Result<RgbaImage, BadImage> {
    let (fitted, _) = cover(path, wide, high, Part::MIDDLE)?;
    Ok(DynamicImage::ImageRgb8(fitted).into_rgba8())
}

fn read(path: &Path) -> Result<Vec<u8>, BadImage> {
    let unreadable = |error: std::io::Error| BadImage::Unreadable(error.kind());
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let mut part = file.take(MOST_BYTES + 1);
    part.read_to_end(&mut bytes).map_err(unreadable)?;
    match bytes.len() as u64 {
        0 => Err(BadImage::Empty),
        1..=MOST_BYTES => Ok(bytes),
        _ => Err(BadImage::TooHeavy),
    }
}

fn cover(path: &Path, wide: u32, high: u32, part: Part) -> Result<(RgbImage, Format), BadImage> {
    let bytes = read(path)?;
    let (format, ..) = picture::measure(&bytes, BOUNDS)?;
    let _alone = alone();
    let (pixels, turned) = picture::decode(&bytes, BOUNDS)?;
    drop(bytes);
    // Scaled while still as stored and turned after: turning the small one is cheaper.
    let (stored_wide, stored_high) = upright(turned, (wide.max(1), high.max(1)));
    let cut = cut(pixels.dimensions(), (stored_wide, stored_high), as_stored(turned, part));
    let mut fitted = DynamicImage::ImageRgb8(pixels.scaled(cut, stored_wide, stored_high));
    fitted.apply_orientation(turned);
    Ok((fitted.into_rgb8(), format))
}

/// Sides after turning; its own inverse.
fn upright(turned: Orientation, (wide, high): (u32, u32)) -> (u32, u32) {
    match turned {
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH => {
            (high, wide)
        }
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => (wide, high),
    }
}

/// A part of the upright picture, as it lies in the stored one.
fn as_stored(turned: Orientation, part: Part) -> Part {
    let Part { x, y, zoom } = part;
    let (far_x, far_y) = (100 - x.min(100), 100 - y.min(100));
    let (x, y) = match turned {
        Orientation::NoTransforms => (x, y),
        Orientation::Rotate90 => (y, far_x),
        Orientation::Rotate180 => (far_x, far_y),
        Orientation::Rotate270 => (far_y, x),
        Orientation::FlipHorizontal => (far_x, y),
        Orientation::FlipVertical => (x, far_y),
        Orientation::Rotate90FlipH => (y, x),
        Orientation::Rotate270FlipH => (far_y, far_x),
    };
    Part { x, y, zoom }
}

/// The part `(x, y, wide, high)` of a picture that has the wanted shape and lies where it shall.
fn cut((wide, high): (u32, u32), (to_wide, to_high): (u32, u32), at: Part) -> (u32, u32, u32, u32) {
    let part = |side: u32, over: u32, under: u32| {
        let side = u64::from(side) * u64::from(over) / u64::from(under);
        u32::try_from(side).unwrap_or(u32::MAX).max(1)
    };
    let cut_wide = part(high, to_wide, to_high).min(wide);
    let cut_high = part(wide, to_high, to_wide).min(high);
    let zoomed = |side: u32| (side * 100 / u32::from(at.zoom.max(100))).max(1);
    let (cut_wide, cut_high) = (zoomed(cut_wide), zoomed(cut_high));
    let start = |room: u32, share: u8| room * u32::from(share.min(100)) / 100;
    (start(wide - cut_wide, at.x), start(high - cut_high, at.y), cut_wide, cut_high)
}

#[cfg(test)]
mod tests {
    use image::metadata::Orientation;

    use super::{Part, as_stored, cut};

    #[test]
    fn the_middle_is_kept_and_never_leaves_the_picture() {
        let middle = Part::MIDDLE;
        assert_eq!(cut((1000, 1000), (1280, 720), middle), (0, 219, 1000, 562));
        assert_eq!(cut((1000, 1000), (720, 1280), middle), (219, 0, 562, 1000));
        assert_eq!(cut((1, 8192), (1792, 1024), middle), (0, 4095, 1, 1));
        assert_eq!(cut((1280, 720), (1280, 720), middle), (0, 0, 1280, 720));
    }

    #[test]
    fn another_part_is_kept_where_a_person_chose_one() {
        let top = Part { x: 0, y: 0, zoom: 100 };
        assert_eq!(cut((1000, 1000), (1280, 720), top), (0, 0, 1000, 562));
        let corner = Part { x: 100, y: 100, zoom: 200 };
        assert_eq!(cut((1000, 1000), (1280, 720), corner), (500, 719, 500, 281));
        // The lower right of a picture that is turned clockwise to be upright is stored at its upper right.
        assert_eq!(as_stored(Orientation::Rotate90, corner), Part { x: 100, y: 0, zoom: 200 });
        assert_eq!(as_stored(Orientation::Rotate270, corner), Part { x: 0, y: 100, zoom: 200 });
        assert_eq!(as_stored(Orientation::Rotate180, corner), Part { x: 0, y: 0, zoom: 200 });
    }
}
