//! Reference images: what is taken, what is refused and in which words, and how one is fitted.
#![expect(clippy::unwrap_used, reason = "a test without its file has nothing to say")]

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use image::{DynamicImage, GrayImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use rushes::media::reference::{BadImage, Format, Part, Picture, fit, inspect, rgba};
use tempfile::TempDir;

/// A folder of uploads.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join("upload.png");
        fs::write(&path, bytes).unwrap();
        path
    }

    fn says(&self, bytes: &[u8]) -> String {
        inspect(&self.put(bytes)).unwrap_err().to_string()
    }
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn noise(wide: u32, high: u32) -> DynamicImage {
    let mut dice = fastrand::Rng::with_seed(3);
    let mut image = RgbImage::new(wide, high);
    for pixel in image.pixels_mut() {
        *pixel = Rgb([dice.u8(..), dice.u8(..), dice.u8(..)]);
    }
    image.into()
}

#[test]
fn png_jpeg_and_webp_are_taken_by_their_bytes_not_their_name() {
    let desk = Desk::new();
    for (kind, format) in
        [(ImageFormat::Png, Format::Png), (ImageFormat::Jpeg, Format::Jpeg), (ImageFormat::WebP, Format::WebP)]
    {
        let path = desk.put(&encoded(&noise(40, 30), kind));
        assert_eq!(inspect(&path), Ok(Picture { format, wide: 40, high: 30 }));
    }
}

#[test]
fn other_files_are_refused_in_plain_words() {
    let desk = Desk::new();
    let not_an_image = "This file is not a PNG, JPEG or WebP image.";
    for other in [
        &b"just text"[..],
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"GIF89a/*\x89PNG\r\n\x1a\n*/",
        b"<!doctype html>\x89PNG\r\n\x1a\n",
        b"%PDF-1.7",
        b"BM\0\0\0\0",
        b"\0\0\0\x1cftypavif",
        b"RIFF\x04\0\0\0AVI ",
        b"\x89PNG",
    ] {
        assert_eq!(desk.says(other), not_an_image);
    }
    assert_eq!(desk.says(b""), "This file is empty.");
    assert_eq!(desk.says(b"\x89PNG\r\n\x1a\n<script>"), "This image is damaged and cannot be read.");
    let gone = inspect(&desk.0.path().join("gone.png"));
    assert!(matches!(gone, Err(BadImage::Unreadable(_))));
}

#[test]
fn a_bomb_is_refused_at_once_by_its_header() {
    let desk = Desk::new();
    let mut declared = encoded(&noise(2, 2), ImageFormat::Png);
    declared[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    declared[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let mut jpeg = encoded(&noise(8, 8), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|mark| mark == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xEA, 0x60, 0xEA, 0x60]);
    let mut webp = encoded(&noise(8, 8), ImageFormat::WebP);
    let size = webp.windows(4).position(|kind| kind == b"VP8L").unwrap() + 9;
    webp[size..size + 3].copy_from_slice(&[0xFE, 0xFF, 0xFF]);
    let flat = encoded(&GrayImage::new(12_000, 12_000).into(), ImageFormat::Png);
    assert!(flat.len() < 1 << 20);
    let paths = [declared, jpeg, webp, flat].map(|bytes| {
        // A busy machine may take the time of one try, but not of five.
        let tries = (0..5).map(|_| {
            let started = Instant::now();
            let said = desk.says(&bytes);
            (started.elapsed(), said)
        });
        let (took, said) = tries.min().unwrap();
        (said, took)
    });

    let [png, jpeg, webp, flat] = &paths;
    assert_eq!(png.0, "This image is 60000 × 60000; the most is 8192 on a side.");
    assert_eq!(jpeg.0, "This image is 60000 × 60000; the most is 8192 on a side.");
    assert_eq!(webp.0, "This image is 16383 × 1024; the most is 8192 on a side.");
    assert_eq!(flat.0, "This image is 12000 × 12000; the most is 8192 on a side.");
    assert!(paths.iter().all(|(_, took)| *took < Duration::from_millis(50)), "{paths:?}");
    let broad = encoded(&GrayImage::new(8000, 6000).into(), ImageFormat::Png);
    assert_eq!(desk.says(&broad), "This image is 8000 × 6000; the most is 40 million pixels in all.");
}

#[test]
fn a_jpeg_of_a_hundred_scans_is_refused_unread() {
    let desk = Desk::new();
    let mut jpeg = encoded(&noise(64, 64), ImageFormat::Jpeg);
    let scan = jpeg.windows(2).position(|mark| mark == [0xFF, 0xDA]).unwrap();
    let again = jpeg[scan..jpeg.len() - 2].repeat(100);
    let end = jpeg.len() - 2;
    assert!(inspect(&desk.put(&jpeg)).is_ok());

    jpeg.splice(end..end, again);

    assert!(inspect(&desk.put(&jpeg)).is_err());
}

#[test]
fn an_image_cut_short_is_refused() {
    let desk = Desk::new();
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let whole = encoded(&noise(64, 64), format);
        for keep in (1..20).map(|part| whole.len() * part / 20) {
            let verdict = inspect(&desk.put(&whole[..keep]));
            assert!(verdict.is_err(), "{format:?} cut to {keep} of {}", whole.len());
        }
    }
}

#[test]
fn damaged_images_never_panic() {
    let desk = Desk::new();
    let mut dice = fastrand::Rng::with_seed(5);
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let whole = encoded(&noise(24, 24), format);
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..dice.usize(1..6) {
                let spot = dice.usize(8..bytes.len());
                bytes[spot] = dice.u8(..);
            }
            let path = desk.put(&bytes);
            let (verdict, fitted) = (inspect(&path), fit(&path, 32, 18, Part::MIDDLE));
            assert_eq!(verdict.is_ok(), fitted.is_ok());
        }
    }
}

#[test]
fn an_image_is_fitted_to_exactly_the_video_s_size() {
    let desk = Desk::new();
    for (from, to) in [((64, 64), (128, 72)), ((900, 300), (72, 128)), ((3000, 2000), (128, 72)), ((1, 500), (128, 72))]
    {
        for kind in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let path = desk.put(&encoded(&noise(from.0, from.1), kind));
            let (bytes, mime) = fit(&path, to.0, to.1, Part::MIDDLE).unwrap();
            let fitted = image::load_from_memory(&bytes).unwrap();
            assert_eq!((fitted.width(), fitted.height()), to, "{from:?} as {kind:?}");
            let wanted = if kind == ImageFormat::Png { "image/png" } else { "image/jpeg" };
            assert_eq!(mime, wanted);
        }
    }
    let large = desk.put(&encoded(&noise(1500, 1000), ImageFormat::Png));
    assert_eq!(fit(&large, 1792, 1024, Part::MIDDLE).unwrap().1, "image/jpeg");
}

#[test]
fn the_middle_is_kept_and_transparency_lies_on_black() {
    let desk = Desk::new();
    let mut striped = RgbaImage::from_pixel(300, 100, Rgba([255, 0, 0, 255]));
    for (x, _, pixel) in striped.enumerate_pixels_mut() {
        if (100..200).contains(&x) {
            *pixel = if x < 150 { Rgba([0, 255, 0, 255]) } else { Rgba([0, 255, 0, 0]) };
        }
    }
    let path = desk.put(&encoded(&striped.into(), ImageFormat::Png));

    let plate = rgba(&path, 100, 100).unwrap();

    assert_eq!(plate.get_pixel(10, 50), &Rgba([0, 255, 0, 255]));
    assert_eq!(plate.get_pixel(90, 50), &Rgba([0, 0, 0, 255]));
}

#[test]
fn a_photograph_is_turned_upright() {
    let desk = Desk::new();
    let mut lying = RgbImage::from_pixel(200, 100, Rgb([0, 0, 255]));
    for (x, _, pixel) in lying.enumerate_pixels_mut() {
        if x < 100 {
            *pixel = Rgb([255, 255, 255]);
        }
    }
    let mut bytes = encoded(&lying.into(), ImageFormat::Jpeg);
    // Orientation 6: "turn a quarter clockwise to see it right", so its left becomes its top.
    let exif = b"\xFF\xE1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    bytes.splice(2..2, exif.iter().copied());
    let path = desk.put(&bytes);

    let seen = inspect(&path).unwrap();
    let upright = rgba(&path, 50, 100).unwrap();

    assert_eq!((seen.wide, seen.high), (100, 200));
    assert!(upright.get_pixel(25, 10).0[0] > 240);
    assert!(upright.get_pixel(25, 90).0[0] < 15);
}
