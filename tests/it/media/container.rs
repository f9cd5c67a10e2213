//! What is a whole video and what is not.
#![expect(clippy::unwrap_used, reason = "a test without its file has nothing to say")]

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use rushes::media::container::{Container, Fault, LooksLike, Probe, check, sniff};

use super::clips::clip;

fn probe(name: &str) -> Probe {
    check(&mut File::open(clip(name)).unwrap()).unwrap()
}

fn judge(bytes: &[u8]) -> Result<Probe, Fault> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    check(&mut file)
}

fn boxed(kind: &str, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).unwrap();
    [&size.to_be_bytes(), kind.as_bytes(), body].concat()
}

#[test]
fn every_usual_mp4_is_accepted_and_measured() {
    for (name, codec) in [
        ("plain.mp4", "avc1"),
        ("baseline.mp4", "avc1"),
        ("high.mp4", "avc1"),
        ("open.mp4", "avc1"),
        ("sound.mp4", "avc1"),
        ("hevc.mp4", "hvc1"),
        ("av1.mp4", "av01"),
        ("fragmented.mp4", "avc1"),
        ("indexed.mp4", "avc1"),
    ] {
        let expected = Probe {
            container: Container::Mp4,
            wide: Some(320),
            high: Some(180),
            duration_ms: Some(2000),
            video_codec: Some(codec.to_owned()),
            has_audio: name == "sound.mp4",
            frames_per_second_milli: Some(24_000),
        };
        assert_eq!(probe(name), expected, "{name}");
    }
}

#[test]
fn other_containers_are_accepted_and_measured() {
    let quicktime = probe("clip.mov");
    assert_eq!(quicktime.container, Container::QuickTime);
    assert_eq!((quicktime.wide, quicktime.duration_ms), (Some(320), Some(2000)));
    assert!(quicktime.has_audio);

    let webm = probe("clip.webm");
    assert_eq!(webm.container, Container::WebM);
    assert_eq!((webm.wide, webm.high), (Some(320), Some(180)));
    assert_eq!(webm.video_codec.as_deref(), Some("vp09"));
    assert!(webm.has_audio && webm.duration_ms.is_some_and(|ms| ms.abs_diff(2000) < 50));
    assert_eq!(probe("live.webm").container, Container::WebM);

    let avi = probe("clip.avi");
    assert_eq!(avi.container, Container::Avi);
    assert_eq!((avi.wide, avi.high, avi.duration_ms), (Some(320), Some(180), Some(2000)));
    assert!(avi.has_audio);
}

#[test]
fn a_clip_cut_short_anywhere_is_refused() {
    for name in ["plain.mp4", "high.mp4", "sound.mp4", "hevc.mp4", "clip.mov", "clip.webm", "clip.avi"] {
        let whole = fs::read(clip(name)).unwrap();
        let step = whole.len() / 400 + 1;
        let ends = (0..whole.len()).step_by(step);
        // Near both ends every single byte counts.
        let edges = (0..200).chain(whole.len() - 200..whole.len());
        for end in ends.chain(edges) {
            let verdict = judge(&whole[..end]);
            assert!(verdict.is_err(), "{name} cut to {end} of {} passed", whole.len());
        }
    }
}

#[test]
fn a_fragmented_clip_cut_inside_a_fragment_is_refused() {
    let whole = fs::read(clip("fragmented.mp4")).unwrap();
    let edges = top_level_ends(&whole);

    for end in 0..whole.len() {
        if end % 97 == 0 && !edges.contains(&end) {
            assert!(judge(&whole[..end]).is_err(), "cut to {end} passed");
        }
    }
}

fn top_level_ends(bytes: &[u8]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let size = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        at += usize::try_from(size).unwrap();
        ends.push(at);
    }
    ends
}

#[test]
fn media_data_of_open_length_is_measured_by_its_index() {
    // The index comes first, then media data that runs "to the end of the file".
    let mut open = fs::read(clip("high.mp4")).unwrap();
    let at = open.windows(4).rposition(|name| name == b"mdat").unwrap() - 4;
    open[at..at + 4].fill(0);

    assert_eq!(judge(&open).unwrap().duration_ms, Some(2000));
    let cut = &open[..open.len() - 1];
    let has = u64::try_from(cut.len()).unwrap();
    assert_eq!(judge(cut), Err(Fault::Truncated { needs: has + 1, has }));
}

#[test]
fn media_data_sized_in_64_bits_is_read() {
    let mut wide = fs::read(clip("plain.mp4")).unwrap();
    // The muxer leaves an empty box before the media data for exactly this.
    let at = wide.windows(4).position(|name| name == b"free").unwrap() - 4;
    let size = u32::from_be_bytes(wide[at + 8..at + 12].try_into().unwrap());
    wide[at..at + 8].copy_from_slice(b"\0\0\0\x01mdat");
    wide[at + 8..at + 16].copy_from_slice(&(u64::from(size) + 8).to_be_bytes());

    assert_eq!(judge(&wide).unwrap().duration_ms, Some(2000));
    assert!(judge(&wide[..wide.len() - 1]).is_err());
}

#[test]
fn what_is_no_video_is_named_for_what_it_seems() {
    for (body, looks_like) in [
        (&b"{\"error\":{\"message\":\"no\"}}"[..], LooksLike::Json),
        (b"\xEF\xBB\xBF  \n[1]", LooksLike::Json),
        (b"<!doctype html><title>502</title>", LooksLike::Html),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", LooksLike::Image),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", LooksLike::Image),
        (b"\xFF\xD8\xFF\xE0\0\x10JFIF", LooksLike::Image),
        (b"RIFF\x10\0\0\0WEBPVP8 ", LooksLike::Image),
        (b"\0\0\0\x1cftypavif\0\0\0\0", LooksLike::Image),
        (b"upstream request timeout", LooksLike::Text),
        (b"upstream t\xC3", LooksLike::Text),
        (b"\0\0\0\0\0\0\0\0\0\0\0\0", LooksLike::Unknown),
        (b"RIFF\x10\0\0\0WAVEfmt ", LooksLike::Unknown),
    ] {
        assert_eq!(sniff(body), None);
        assert_eq!(judge(body), Err(Fault::NotVideo { looks_like }));
    }
    assert_eq!(judge(b""), Err(Fault::Empty));
    let song = check(&mut File::open(clip("song.m4a")).unwrap());
    assert_eq!(song, Err(Fault::NoVideoTrack));
}

#[test]
fn a_box_size_that_lies_is_refused() {
    let start = boxed("ftyp", b"isom\0\0\0\0isom");
    let with = |rest: &[u8]| judge(&[&start[..], rest].concat());

    assert_eq!(with(b""), Err(Fault::NoMoov));
    assert_eq!(with(&boxed("mdat", b"frames")), Err(Fault::NoMoov));
    assert_eq!(with(b"\0\0\0\0moov"), Err(Fault::Malformed("a part has no size")));
    assert!(matches!(with(b"\0\0\0\x07moov"), Err(Fault::Malformed(_))));
    let huge = [&b"\0\0\0\x01mdat"[..], &(1_u64 << 63).to_be_bytes()].concat();
    assert!(matches!(with(&huge), Err(Fault::Truncated { .. })));
    let over = [&b"\0\0\0\x01mdat"[..], &u64::MAX.to_be_bytes()].concat();
    assert!(matches!(with(&over), Err(Fault::Truncated { .. })));
    assert!(matches!(with(b"\xFF\xFF\xFF\xFFmdat"), Err(Fault::Truncated { .. })));
    assert!(matches!(with(&[0; 64]), Err(Fault::Malformed(_))));
    assert_eq!(with(&boxed("moov", b"")), Err(Fault::NoVideoTrack));
    let doubled = [boxed("moov", b""), boxed("moov", b"")].concat();
    assert!(matches!(with(&doubled), Err(Fault::Malformed(_))));
}

#[test]
fn ten_thousand_boxes_and_deep_nests_end_quickly() {
    let start = boxed("ftyp", b"isom\0\0\0\0isom");
    let many = [start.clone(), boxed("free", b"").repeat(200_000)].concat();
    let mut deep = Vec::new();
    for _ in 0..5_000 {
        deep = boxed("moov", &deep);
    }
    let started = Instant::now();

    assert_eq!(judge(&many), Err(Fault::Malformed("it has too many parts")));
    assert_eq!(judge(&[start, deep].concat()), Err(Fault::NoVideoTrack));
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_clip_without_frames_is_refused() {
    let mut still = fs::read(clip("plain.mp4")).unwrap();
    let clock = still.windows(4).position(|name| name == b"mdhd").unwrap() + 4;

    still[clock + 16..clock + 20].fill(0);

    assert_eq!(judge(&still), Err(Fault::ZeroDuration));
}

#[test]
fn two_thousand_damaged_clips_are_judged_without_a_panic_and_at_once() {
    let mut dice = fastrand::Rng::with_seed(7);
    for name in ["tiny.mp4", "fragmented.mp4", "clip.webm", "clip.avi"] {
        let whole = fs::read(clip(name)).unwrap();
        // Most damage goes where the structure is: the index of an MP4, the head of the others.
        let index = whole.windows(4).position(|kind| kind == b"moov").unwrap_or(0);
        let zone = if name == "tiny.mp4" { index..whole.len() } else { index..whole.len().min(index + 2000) };
        let mut file = tempfile::tempfile().unwrap();
        for round in 0..500 {
            let mut bytes = whole.clone();
            for _ in 0..dice.usize(1..8) {
                let spot = dice.usize(zone.clone());
                bytes[spot] = [0, 1, 0x7F, 0x80, 0xFF, dice.u8(..)][dice.usize(0..6)];
            }
            file.set_len(0).unwrap();
            file.seek(SeekFrom::Start(0)).unwrap();
            file.write_all(&bytes).unwrap();
            let mut timed = || {
                let started = Instant::now();
                let verdict = check(&mut file);
                (started.elapsed(), verdict)
            };
            let (mut took, verdict) = timed();
            // A busy machine may take the time of one run, but not of five.
            for _ in 0..4 {
                if took >= Duration::from_millis(50) {
                    took = took.min(timed().0);
                }
            }
            assert!(took < Duration::from_millis(50), "{name} {round}: {took:?} for {verdict:?}");
        }
    }
}
