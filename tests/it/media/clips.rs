//! Real clips, made once by ffmpeg: 320 x 180, 24 frames a second, 2 seconds.
#![expect(clippy::unwrap_used, reason = "a test without its clip has nothing to say")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

const MOVING: &str = "testsrc2=size=320x180:rate=24:duration=2";

/// Name, picture source, and how to encode it.
const CLIPS: [(&str, &str, &str); 17] = [
    ("plain.mp4", MOVING, "-c:v libx264 -profile:v main -bf 0"),
    ("baseline.mp4", MOVING, "-c:v libx264 -profile:v baseline"),
    ("high.mp4", MOVING, "-c:v libx264 -profile:v high -bf 3 -g 12 -movflags +faststart"),
    ("open.mp4", MOVING, "-c:v libx264 -profile:v high -bf 3 -g 12 -x264-params open-gop=1:cabac=1"),
    ("sound.mp4", MOVING, "-f lavfi -i sine=d=2 -c:v libx264 -c:a aac"),
    ("hevc.mp4", MOVING, "-c:v libx265 -tag:v hvc1 -x265-params log-level=none"),
    ("av1.mp4", MOVING, "-c:v libaom-av1 -cpu-used 8 -usage realtime"),
    ("fragmented.mp4", MOVING, "-c:v libx264 -g 12 -movflags frag_keyframe+empty_moov+default_base_moof"),
    ("indexed.mp4", MOVING, "-c:v libx264 -g 12 -movflags frag_keyframe"),
    ("clip.mov", MOVING, "-f lavfi -i sine=d=2 -c:v libx264 -c:a pcm_s16le"),
    ("clip.webm", MOVING, "-f lavfi -i sine=d=2 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus"),
    ("live.webm", MOVING, "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -live 1"),
    ("clip.avi", MOVING, "-f lavfi -i sine=d=2 -c:v mpeg4 -c:a mp2"),
    ("tiny.mp4", "testsrc2=size=64x36:rate=12:duration=0.5", "-f lavfi -i sine=d=0.5 -c:v libx264 -c:a aac"),
    (
        "dark.mp4",
        "color=black:size=320x180:rate=24:duration=1[a];color=red:size=320x180:rate=24:duration=1[b];[a][b]concat",
        "-c:v libx264 -bf 2 -g 250 -sc_threshold 0",
    ),
    (
        "darker.mp4",
        "color=black:size=320x180:rate=24:duration=1[a];color=red:size=320x180:rate=24:duration=1[b];[a][b]concat",
        "-c:v libx264 -bf 2 -g 12",
    ),
    ("night.mp4", "color=black:size=320x180:rate=24:duration=2", "-c:v libx264"),
];

/// Where a clip of the list lies.
pub fn clip(name: &str) -> PathBuf {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let home = MADE.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        for (name, source, how) in CLIPS {
            make(&home.path().join(name), source, how);
        }
        make_sound(&home.path().join("song.m4a"));
        home
    });
    home.path().join(name)
}

/// Encodes one more clip.
pub fn make(out: &Path, source: &str, how: &str) {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-y", "-f", "lavfi", "-i", source]);
    ffmpeg.args(how.split(' '));
    if how.contains("lib") {
        ffmpeg.args(["-pix_fmt", "yuv420p"]);
    }
    let made = ffmpeg.args(["-threads", "1"]).arg(out).status().unwrap();
    assert!(made.success(), "ffmpeg could not make {}", out.display());
}

fn make_sound(out: &Path) {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-y", "-f", "lavfi", "-i", "sine=d=1"]);
    assert!(ffmpeg.arg(out).status().unwrap().success());
}
