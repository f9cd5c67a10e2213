//! The confined ffmpeg itself: what stands still is stopped, what grows too large ends, what is no film is not
//! read, and whatever happens nothing half done is left.

use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rushes::ffmpeg::{Limits, Recipe, Tool, Trouble, run};
use tempfile::TempDir;

struct Bench {
    folder: TempDir,
    film: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let film = folder.path().join("film.mp4");
        let source = "testsrc2=size=640x360:rate=24:duration=4";
        let made = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p"])
            .arg(&film)
            .status();
        assert!(made.unwrap().success());
        std::fs::create_dir(folder.path().join("scratch")).unwrap();
        Self { folder, film }
    }

    /// Programs that say they are new enough, and do `work` when they are to make something.
    fn fake(&self, work: &str) -> Tool {
        let programs = self.folder.path().join("programs");
        std::fs::create_dir_all(&programs).unwrap();
        let says = "case \"$*\" in *-version*) echo 'ffmpeg version 6.0'; exit 0;; *-encoders*) echo 'libx264 aac'; exit 0;; esac";
        for (name, work) in [("ffmpeg", work), ("ffprobe", "exec /usr/bin/ffprobe \"$@\"")] {
            let path = programs.join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{says}\n{work}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Tool::find(Some(&programs)).unwrap()
    }

    fn run(&self, tool: &Tool, inputs: &[PathBuf], limits: &Limits) -> Result<(), Trouble> {
        let out = self.folder.path().join("out.mp4");
        let scratch = self.folder.path().join("scratch");
        let recipe = Recipe::Trim { from_ms: 0, to_ms: 2000 };
        let made = run(tool, &recipe, inputs, &out, &scratch, limits, &mut |_| ControlFlow::Continue(()));
        assert_eq!(out.exists(), made.is_ok(), "a file is there whole, or not at all");
        assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0, "nothing half done is left");
        made.map(drop)
    }
}

#[test]
fn what_stands_still_is_stopped_with_all_that_it_started() {
    let bench = Bench::new();
    let told = bench.folder.path().join("child");
    let work = format!("sleep 300 & echo $! > {}; echo out_time_us=0; wait", told.display());
    let limits = Limits { idle: Duration::from_millis(700), ..Limits::default() };
    let begun = Instant::now();
    assert_eq!(bench.run(&bench.fake(&work), std::slice::from_ref(&bench.film), &limits), Err(Trouble::Hung));
    assert!(begun.elapsed() < Duration::from_secs(20));
    let child = std::fs::read_to_string(told).unwrap();
    let state = || std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
    // A signal that was sent takes its time on a busy machine.
    let ended = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(25));
        state().is_empty() || state().contains(") Z ")
    });
    assert!(ended, "its child ends with it: {}", state());

    let limits = Limits { wall: Duration::from_millis(700), ..Limits::default() };
    let work = "while :; do echo out_time_us=0; sleep 0.05; done";
    assert_eq!(bench.run(&bench.fake(work), std::slice::from_ref(&bench.film), &limits), Err(Trouble::TimedOut));
}

#[test]
fn a_run_ends_where_its_limits_are_and_says_so() {
    let bench = Bench::new();
    let tool = Tool::find(None).unwrap();
    assert_eq!(bench.run(&tool, std::slice::from_ref(&bench.film), &Limits::default()), Ok(()));
    std::fs::remove_file(bench.folder.path().join("out.mp4")).unwrap();
    // The system ends what writes more than it may.
    let small = Limits { output_bytes: 20 * 1024, ..Limits::default() };
    let trouble = bench.run(&tool, std::slice::from_ref(&bench.film), &small).unwrap_err();
    assert!(matches!(trouble, Trouble::TooLarge | Trouble::Crashed(_)), "{trouble}");
    let tight = Limits { memory_bytes: 60 << 20, ..Limits::default() };
    assert!(bench.run(&tool, std::slice::from_ref(&bench.film), &tight).is_err());
    let told = trouble.to_string();
    assert!(!told.contains(&*bench.folder.path().to_string_lossy()), "no path of ours is told: {told}");
}

#[test]
fn what_is_no_film_is_not_read_and_leads_nowhere_else() {
    let bench = Bench::new();
    let tool = Tool::find(None).unwrap();
    let secret = bench.folder.path().join("secret.mp4");
    std::fs::copy(&bench.film, &secret).unwrap();
    let secret = secret.display();
    let texts = [
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile://{secret}\n#EXT-X-ENDLIST\n"),
        format!("ffconcat version 1.0\nfile '{secret}'\n"),
        format!("<?xml version=\"1.0\"?><MPD><BaseURL>{secret}</BaseURL></MPD>"),
        "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n".to_owned(),
        String::new(),
    ];
    for text in texts {
        let disguised = bench.folder.path().join("disguised.mp4");
        std::fs::write(&disguised, &text).unwrap();
        let trouble = bench.run(&tool, &[disguised], &Limits::default()).unwrap_err();
        assert_eq!(trouble, Trouble::BadInput("The file is no film that can be cut.".to_owned()), "{text}");
    }
    let gone = bench.run(&tool, &[Path::new("/nowhere/film.mp4").to_owned()], &Limits::default());
    assert_eq!(gone, Err(Trouble::BadInput("The file of a clip is missing on disk.".to_owned())));
    // A film whose last half is missing is made of what there is, or refused in words.
    let half = bench.folder.path().join("half.mp4");
    let bytes = std::fs::read(&bench.film).unwrap();
    std::fs::write(&half, &bytes[..bytes.len() / 2]).unwrap();
    assert!(bench.run(&tool, &[half], &Limits::default()).is_err());
}
