//! Posters: drawn from frames, or from an upstream's thumbnail.
#![expect(clippy::unwrap_used, reason = "a test without its file has nothing to say")]

use std::fs;
use std::path::Path;

use image::{ImageFormat, Rgb, RgbImage};
use rushes::media::poster::{NoPoster, draw, from_thumbnail};

use super::clips::{clip, make};

fn drawn(from: &Path) -> RgbImage {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("poster.jpg");
    draw(from, &out).unwrap();
    let left: Vec<_> = fs::read_dir(home.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "a part was left behind");
    let bytes = fs::read(out).unwrap();
    image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg).unwrap().into_rgb8()
}

fn is_near(found: Rgb<u8>, wanted: [u8; 3]) -> bool {
    found.0.iter().zip(wanted).all(|(found, wanted)| found.abs_diff(wanted) < 14)
}

#[test]
fn every_h264_profile_of_the_day_gives_its_first_frame() {
    for name in ["plain.mp4", "baseline.mp4", "high.mp4", "open.mp4", "sound.mp4", "clip.mov"] {
        let poster = drawn(&clip(name));
        assert_eq!(poster.dimensions(), (320, 180), "{name}");
        // The test card's first frame is dark and bright in known places.
        let lights = poster.pixels().filter(|pixel| pixel.0.iter().any(|part| *part > 200));
        assert!(lights.count() > 5_000, "{name}");
    }
}

#[test]
fn colours_are_those_a_browser_shows() {
    let home = tempfile::tempdir().unwrap();
    for (size, how) in [
        ("320x180", "-c:v libx264"),
        ("1280x720", "-vf scale=out_color_matrix=bt709 -c:v libx264"),
        (
            "1280x720",
            "-vf scale=out_color_matrix=bt601 -c:v libx264 -colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m",
        ),
    ] {
        let path = home.path().join("flat.mp4");
        make(&path, &format!("color=0xC83214:size={size}:rate=10:duration=0.3,format=rgb24"), how);
        let poster = drawn(&path);
        let middle = *poster.get_pixel(poster.width() / 2, poster.height() / 2);
        assert!(is_near(middle, [0xC8, 0x32, 0x14]), "{size} {how}: {middle:?}");
    }
}

#[test]
fn a_large_clip_is_scaled_to_1280() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tall.mp4");
    make(&path, "testsrc2=size=1080x1920:rate=24:duration=0.2", "-c:v libx264");

    assert_eq!(drawn(&path).dimensions(), (720, 1280));
}

#[test]
fn a_black_opening_is_passed_over() {
    for name in ["dark.mp4", "darker.mp4"] {
        assert!(is_near(*drawn(&clip(name)).get_pixel(160, 90), [254, 0, 0]), "{name}");
    }
    assert!(is_near(*drawn(&clip("night.mp4")).get_pixel(160, 90), [0, 0, 0]));
}

#[test]
fn what_cannot_be_drawn_leaves_no_file() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("poster.jpg");
    for name in ["hevc.mp4", "av1.mp4", "fragmented.mp4"] {
        assert_eq!(draw(&clip(name), &out), Err(NoPoster::NotOurs), "{name}");
    }
    assert!(matches!(draw(&clip("clip.webm"), &out), Err(NoPoster::Fault(_))));
    assert!(matches!(draw(&home.path().join("none"), &out), Err(NoPoster::Disk(_))));
    assert!(!out.exists());
}

#[test]
fn damaged_frames_never_panic() {
    let home = tempfile::tempdir().unwrap();
    let (path, out) = (home.path().join("clip.mp4"), home.path().join("poster.jpg"));
    let whole = fs::read(clip("tiny.mp4")).unwrap();
    let mut dice = fastrand::Rng::with_seed(11);
    let mut drawn = 0;
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..dice.usize(1..12) {
            let spot = dice.usize(40..bytes.len());
            bytes[spot] = dice.u8(..);
        }
        fs::write(&path, bytes).unwrap();
        drawn += u32::from(draw(&path, &out).is_ok());
    }
    assert!((1..300).contains(&drawn), "{drawn} of 300 drawn");
}

#[test]
fn a_thumbnail_is_written_anew_and_hostile_ones_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("poster.jpg");
    let picture = RgbImage::from_pixel(1600, 900, Rgb([10, 200, 30]));
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        let mut bytes = bytes.into_inner();
        bytes.extend_from_slice(b"<script>alert(1)</script>");
        from_thumbnail(&bytes, &out).unwrap();
        let kept = fs::read(&out).unwrap();
        assert!(!kept.windows(7).any(|part| part == b"<script"));
        let poster = image::load_from_memory_with_format(&kept, ImageFormat::Jpeg).unwrap();
        assert_eq!((poster.width(), poster.height()), (1280, 720));
        fs::remove_file(&out).unwrap();
    }

    let mut wide = std::io::Cursor::new(Vec::new());
    RgbImage::new(4097, 1).write_to(&mut wide, ImageFormat::Png).unwrap();
    let hostile: [&[u8]; 5] = [b"", b"<svg/>", b"GIF89a", wide.get_ref(), &vec![0xFF; 9 << 20]];
    for bytes in hostile {
        assert_eq!(from_thumbnail(bytes, &out), Err(NoPoster::BadThumbnail));
    }
    assert!(!out.exists());
}
