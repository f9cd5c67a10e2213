//! Still pictures from outside: named by magic, measured before decoding, decoded under a limit,
//! scaled and written again. Bytes that came from outside are never passed on.

use std::io::Cursor;
use std::path::Path;
use std::{fs, io};

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer, ImageDecoder, ImageFormat, ImageReader, Limits, Pixel, RgbImage, RgbaImage};

/// The picture formats we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
}

impl Format {
    /// The type to send it as.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    /// What its files are called by.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }

    /// Names a format by its first bytes.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            Some(Self::WebP)
        } else {
            None
        }
    }
}

/// Most a picture may measure, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub side: u32,
    pub area: u64,
}

/// Why a picture was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    NotAPicture,
    TooLarge { wide: u32, high: u32 },
    TooDeep,
    Damaged,
    CutShort,
}

/// A decoded picture, opaque or with colour already multiplied by alpha (that is, on black).
pub(super) enum Pixels {
    Opaque(RgbImage),
    OnBlack(RgbaImage),
}

/// Format and stored size, from the header alone.
pub(super) fn measure(bytes: &[u8], bounds: Bounds) -> Result<(Format, u32, u32), Refusal> {
    let format = Format::sniff(bytes).ok_or(Refusal::NotAPicture)?;
    let (wide, high) = match format {
        // Read by hand: the decoder would look further before it tells.
        Format::Png => png_size(bytes).ok_or(Refusal::Damaged)?,
        Format::Jpeg | Format::WebP => {
            let decoder = decoder(format, bytes, Limits::default());
            decoder.map_err(|_| Refusal::Damaged)?.dimensions()
        }
    };
    if wide == 0 || high == 0 {
        return Err(Refusal::Damaged);
    }
    let area = u64::from(wide) * u64::from(high);
    if wide > bounds.side || high > bounds.side || area > bounds.area {
        return Err(Refusal::TooLarge { wide, high });
    }
    if format == Format::Jpeg && !jpeg_is_whole(bytes) {
        return Err(Refusal::CutShort);
    }
    Ok((format, wide, high))
}

/// Decodes a picture within its bounds; the way it should be turned comes with it.
pub(super) fn decode(bytes: &[u8], bounds: Bounds) -> Result<(Pixels, Orientation), Refusal> {
    let (format, ..) = measure(bytes, bounds)?;
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(bounds.side);
    limits.max_image_height = Some(bounds.side);
    let most_bytes = bounds.area * 4;
    limits.max_alloc = Some(most_bytes + (1 << 20));
    let mut decoder = decoder(format, bytes, limits).map_err(|_| Refusal::Damaged)?;
    if decoder.total_bytes() > most_bytes {
        return Err(Refusal::TooDeep);
    }
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(|error| {
        let is_cut = matches!(&error, image::ImageError::IoError(cut)
            if cut.kind() == io::ErrorKind::UnexpectedEof);
        if is_cut { Refusal::CutShort } else { Refusal::Damaged }
    })?;
    let pixels = if image.color().has_alpha() {
        let mut image = image.into_rgba8();
        multiply(&mut image);
        Pixels::OnBlack(image)
    } else {
        Pixels::Opaque(image.into_rgb8())
    };
    Ok((pixels, turned))
}

fn decoder(format: Format, bytes: &[u8], limits: Limits) -> image::ImageResult<impl ImageDecoder + '_> {
    let format = match format {
        Format::Png => ImageFormat::Png,
        Format::Jpeg => ImageFormat::Jpeg,
        Format::WebP => ImageFormat::WebP,
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    reader.into_decoder()
}

fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.get(12..24)?;
    let side = |at: usize| header.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    (header.get(..4)? == b"IHDR").then_some((side(4)?, side(8)?))
}

/// Whether a JPEG reaches its end marker within 64 scans: the decoder itself would fill a cut
/// picture with grey, and would go over it as often as the file asks.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    let mut at = 2;
    let mut scans = 0;
    while let Some(&[mark, kind]) = bytes.get(at..at + 2) {
        match (mark, kind) {
            (0xFF, 0xD9) => return scans > 0,
            // Frame data, stuffed zeros, restart marks and fill bytes.
            (0..=0xFE, _) | (0xFF, 0x00 | 0x01 | 0xD0..=0xD8 | 0xFF) => at += 1,
            (0xFF, _) => {
                if kind == 0xDA {
                    scans += 1;
                }
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else {
                    return false;
                };
                if scans > 64 {
                    return false;
                }
                at += 2 + usize::from(u16::from_be_bytes([high, low]));
            }
        }
    }
    false
}

fn multiply(image: &mut RgbaImage) {
    for pixel in image.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        let on_black = |part: u8| {
            let part = (u16::from(part) * u16::from(alpha) + 127) / 255;
            u8::try_from(part).unwrap_or(u8::MAX)
        };
        pixel.0 = [on_black(red), on_black(green), on_black(blue), alpha];
    }
}

impl Pixels {
    pub fn dimensions(&self) -> (u32, u32) {
        match self {
            Self::Opaque(image) => image.dimensions(),
            Self::OnBlack(image) => image.dimensions(),
        }
    }

    /// Cuts out `(x, y, wide, high)` and scales that to exactly the given size.
    pub fn scaled(self, cut: (u32, u32, u32, u32), wide: u32, high: u32) -> RgbImage {
        match self {
            Self::Opaque(image) => scale(&image, cut, wide, high),
            Self::OnBlack(image) => {
                let scaled = scale(&image, cut, wide, high);
                DynamicImage::ImageRgba8(scaled).into_rgb8()
            }
        }
    }

    /// Scales so that the longer edge is at most `edge`; smaller pictures stay as they are.
    pub fn within(self, edge: u32) -> RgbImage {
        let (wide, high) = self.dimensions();
        let longer = wide.max(high);
        let cut = (0, 0, wide, high);
        if longer <= edge {
            return self.scaled(cut, wide, high);
        }
        let shrink = |side: u32| {
            let side = (u64::from(side) * u64::from(edge) + u64::from(longer) / 2) / u64::from(longer);
            u32::try_from(side).unwrap_or(edge).max(1)
        };
        self.scaled(cut, shrink(wide), shrink(high))
    }
}

type Buffer<P> = ImageBuffer<P, Vec<u8>>;

fn scale<P>(image: &Buffer<P>, cut: (u32, u32, u32, u32), wide: u32, high: u32) -> Buffer<P>
where
    P: Pixel<Subpixel = u8> + 'static,
{
    let (x, y, cut_wide, cut_high) = cut;
    let view = imageops::crop_imm(image, x, y, cut_wide, cut_high);
    if (cut_wide, cut_high) == (wide, high) {
        return view.to_image();
    }
    // The fine filter keeps floats of the whole width: average large pictures down first.
    if cut_wide / 3 >= wide && cut_high / 3 >= high {
        let halfway = imageops::thumbnail(&*view, wide * 2, high * 2);
        return imageops::resize(&halfway, wide, high, FilterType::CatmullRom);
    }
    imageops::resize(&*view, wide, high, FilterType::Lanczos3)
}

/// JPEG bytes of a picture, quality 1 to 100.
pub(super) fn jpeg(image: &RgbImage, quality: u8) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    image.write_with_encoder(encoder).ok()?;
    Some(bytes)
}

/// PNG bytes of a picture.
pub(super) fn png(image: &RgbImage) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).ok()?;
    Some(bytes.into_inner())
}

/// Writes beside `out`, then renames: nobody sees half a picture. The name beside is always the same, so that what a
/// crash left there is written over by the next try. Two who write the same picture at once write the same bytes.
pub(super) fn put(out: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut part = out.as_os_str().to_owned();
    part.push(".part");
    let written = fs::File::create(&part).and_then(|mut file| {
        io::Write::write_all(&mut file, bytes)?;
        file.sync_all()?;
        match fs::rename(&part, out) {
            // The other one was first.
            Err(error) if error.kind() == io::ErrorKind::NotFound && out.exists() => Ok(()),
            renamed => renamed,
        }
    });
    if written.is_err() {
        // The part may not exist; the first error is the one that counts.
        fs::remove_file(&part).ok();
    }
    written
}
