//! What the animatic renderer promises, checked on files it wrote by a decoder that is not ours.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use image::{Rgba, RgbaImage};
use rushes::animatic::{Error, Job, render};
use tempfile::NamedTempFile;

const PUSH: &str = "A lighthouse above a calm sea at dusk, slow push in";

fn job(prompt: &str) -> Job<'_> {
    Job { prompt, wide: 320, high: 180, seconds: 4, seed: 11, plate: None }
}

fn rendered(job: &Job<'_>) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    render(job, file.as_file_mut(), &mut |_, _| ControlFlow::Continue(())).unwrap();
    file
}

fn bytes(job: &Job<'_>) -> Vec<u8> {
    std::fs::read(rendered(job).path()).unwrap()
}

fn refusal(job: &Job<'_>) -> Error {
    let mut file: File = tempfile::tempfile().unwrap();
    render(job, &mut file, &mut |_, _| ControlFlow::Continue(())).unwrap_err()
}

/// One fact about the only stream of a file, or about its format.
fn fact(path: &Path, section: &str, name: &str) -> String {
    let out = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-of", "default=nk=1:nw=1"])
        .args(["-show_entries", &format!("{section}={name}")])
        .arg(path)
        .output()
        .unwrap();
    assert!(out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

/// Every frame as 8-bit grey, `wide * high` bytes each.
fn grey(path: &Path) -> Vec<u8> {
    let out = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-f", "rawvideo", "-pix_fmt", "gray", "-"])
        .output()
        .unwrap();
    assert!(out.status.success() && out.stderr.is_empty());
    out.stdout
}

/// Names of the file's outermost boxes, in order.
fn boxes(file: &mut File) -> Vec<String> {
    let end = file.seek(SeekFrom::End(0)).unwrap();
    let (mut at, mut names) = (0, Vec::new());
    while at < end {
        file.seek(SeekFrom::Start(at)).unwrap();
        let mut head = [0; 16];
        let read = file.read(&mut head).unwrap();
        let size = u64::from(u32::from_be_bytes(head[..4].try_into().unwrap()));
        let size = if size == 1 && read == 16 { u64::from_be_bytes(head[8..].try_into().unwrap()) } else { size };
        assert!(size >= 8, "a box of {size} bytes at {at}");
        names.push(String::from_utf8_lossy(&head[4..8]).into_owned());
        at += size;
    }
    assert_eq!(at, end, "the last box ends with the file");
    names
}

#[test]
fn a_piece_has_the_size_length_and_format_it_was_asked_for() {
    for (wide, high, seconds) in [(854, 480, 4), (480, 854, 5), (270, 270, 4), (420, 180, 6)] {
        let file = rendered(&Job { wide, high, seconds, ..job(PUSH) });
        let stream = |name| fact(file.path(), "stream", name);
        assert_eq!(stream("width"), wide.to_string());
        assert_eq!(stream("height"), high.to_string());
        assert_eq!(stream("nb_read_frames"), (seconds * 24).to_string());
        assert_eq!(stream("r_frame_rate"), "24/1");
        assert_eq!(stream("codec_name"), "h264");
        assert_eq!(stream("pix_fmt"), "yuv420p");
        assert_eq!(stream("color_space"), "bt709");
        assert_eq!(stream("color_range"), "tv");
        assert_eq!(stream("duration"), format!("{seconds}.000000"));
        assert_eq!(fact(file.path(), "format", "duration"), format!("{seconds}.000000"));
    }
}

#[test]
fn a_browser_can_start_before_the_whole_file_has_arrived() {
    let mut file = rendered(&job(PUSH));
    let names = boxes(file.as_file_mut());
    let place = |name: &str| names.iter().position(|other| other == name).unwrap();
    assert_eq!(names[0], "ftyp");
    assert!(place("moov") < place("mdat"), "{names:?}");
}

#[test]
fn key_frames_come_every_two_seconds_or_sooner() {
    let file = rendered(&Job { seconds: 8, ..job(PUSH) });
    let out = Command::new("ffprobe")
        .args(["-v", "error", "-skip_frame", "nokey", "-show_entries", "frame=pts_time", "-of", "csv=p=0"])
        .arg(file.path())
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let times: Vec<f32> = text.lines().map(|line| line.trim_end_matches(',').parse().unwrap()).collect();
    assert_eq!(times.first(), Some(&0.0));
    assert!(times.len() >= 4, "{times:?}");
}

#[test]
fn the_same_job_gives_the_same_bytes_and_another_seed_gives_others() {
    let first = bytes(&job(PUSH));
    assert!(first == bytes(&job(PUSH)));
    assert!(first != bytes(&Job { seed: 12, ..job(PUSH) }));
}

#[test]
fn progress_counts_every_frame_to_the_end() {
    let mut file = tempfile::tempfile().unwrap();
    let mut heard = Vec::new();
    let mut hear = |done, total| {
        heard.push((done, total));
        ControlFlow::Continue(())
    };
    render(&job(PUSH), &mut file, &mut hear).unwrap();
    assert!(heard.is_sorted());
    heard.dedup();
    let counted = heard.iter().filter(|(done, _)| *done > 0).count();
    assert_eq!((counted, heard.last()), (96, Some(&(96, 96))));
}

#[test]
fn a_canceled_render_stops_at_the_frame_it_has_reached() {
    let mut file = tempfile::tempfile().unwrap();
    let mut furthest = 0;
    let mut stop_at_ten = |done, _| {
        furthest = done;
        if done < 10 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let outcome = render(&Job { seconds: 20, ..job(PUSH) }, &mut file, &mut stop_at_ten);
    assert!(matches!(outcome, Err(Error::Canceled)));
    assert_eq!(furthest, 10);
}

#[test]
fn sizes_and_lengths_that_cannot_be_drawn_are_refused() {
    let base = job(PUSH);
    for (wide, high) in [(321, 180), (320, 181), (0, 0), (32, 180), (1920, 1082), (4096, 64), (u32::MAX - 1, 2)] {
        assert!(matches!(refusal(&Job { wide, high, ..base }), Error::Size(w, h) if (w, h) == (wide, high)));
    }
    for seconds in [0, 3, 21, u32::MAX] {
        assert!(matches!(refusal(&Job { seconds, ..base }), Error::Seconds(s) if s == seconds));
    }
}

#[test]
fn any_words_at_all_make_a_piece() {
    for prompt in ["", "\u{0}\u{7}", "海辺の灯台", "שלום", "e\u{301}te\u{301} \u{1f30a}", &"long ".repeat(2000)]
    {
        let file = rendered(&Job { wide: 64, high: 64, ..job(prompt) });
        assert_eq!(fact(file.path(), "stream", "nb_read_frames"), "96");
    }
}

/// A target: rings about the middle, so that growing shows as rings moving outwards.
fn target() -> RgbaImage {
    RgbaImage::from_fn(640, 640, |x, y| {
        let (x, y) = (i64::from(x) - 320, i64::from(y) - 320);
        let ring = (x * x + y * y) / 6000 % 2 == 0;
        Rgba(if ring { [200, 200, 200, 255] } else { [40, 40, 40, 255] })
    })
}

#[test]
fn a_push_in_moves_what_is_off_the_middle_and_never_shows_past_the_plate() {
    let plate = target();
    let file = rendered(&Job { wide: 320, high: 320, plate: Some(&plate), ..job("push in") });
    let frames = grey(file.path());
    let frame = |at: usize| &frames[at * 320 * 320..][..320 * 320];
    let differ = |a: usize, b: usize| {
        let apart = |(x, y): &(&u8, &u8)| x.abs_diff(**y) > 40;
        frame(a).iter().zip(frame(b)).filter(apart).count()
    };
    assert!(differ(0, 95) > 5000, "{} pixels changed", differ(0, 95));
    assert!(differ(40, 41) < differ(40, 60), "motion is gradual");
    // Upper half only: the band below is dark on purpose.
    let darkest = (0..96).flat_map(|at| frame(at)[..320 * 100].iter()).min().unwrap();
    assert!(*darkest > 8, "something black showed: {darkest}");
}

#[test]
fn a_plate_of_any_shape_fills_the_frame() {
    for (wide, high) in [(1, 1), (3000, 2), (2, 900), (33, 77)] {
        let plate = RgbaImage::from_pixel(wide, high, Rgba([180, 180, 180, 255]));
        let file = rendered(&Job { wide: 64, high: 128, plate: Some(&plate), ..job("") });
        let frames = grey(file.path());
        let darkest = frames[..64 * 40].iter().min().unwrap();
        assert!(*darkest > 60, "{wide}x{high}: {darkest}");
    }
}
