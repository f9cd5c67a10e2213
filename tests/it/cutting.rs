//! Clips made of clips: trim, loop, stitch, blend, other forms, and a clip that goes on. ffprobe judges.

#![expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "ffprobe tells seconds as decimals")]

use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::multipart::{Form, Part};
use serde_json::Value;
use tempfile::TempDir;

use crate::app::{TestApp, gateway};
use crate::page::Page;
use crate::upstream::FakeUpstream;

/// A film that ffmpeg draws: `testsrc2` tells every frame from every other.
fn film(name: &str, args: &[&str]) -> (String, Vec<u8>) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    let out = Command::new("ffmpeg").args(["-nostdin", "-v", "error", "-y"]).args(args).arg(&path).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    (name.to_owned(), std::fs::read(path).unwrap())
}

const SOUND: [&str; 4] = ["-f", "lavfi", "-i", "sine=frequency=440:duration=3"];
const CODED: [&str; 4] = ["-c:v", "libx264", "-pix_fmt", "yuv420p"];

fn silent(name: &str, size: &str, rate: &str, seconds: &str) -> (String, Vec<u8>) {
    let source = format!("testsrc2=size={size}:rate={rate}:duration={seconds}");
    film(name, &[&["-f", "lavfi", "-i", &source][..], &CODED].concat())
}

fn with_sound(name: &str) -> (String, Vec<u8>) {
    let source = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=24:duration=3"];
    film(name, &[&source[..], &SOUND, &CODED, &["-c:a", "aac", "-shortest"]].concat())
}

async fn upload(app: &TestApp, (name, bytes): (String, Vec<u8>)) -> String {
    let form = Form::new().part("file", Part::bytes(bytes).file_name(name));
    let response = app.browser.client().post(app.browser.url("/uploads")).multipart(form).send().await.unwrap();
    assert_eq!(response.status(), 303, "{}", response.text().await.unwrap());
    app.browser.page("/uploads").await.generations()[0].id.clone()
}

fn probe(path: &Path) -> Value {
    let out = Command::new("ffprobe")
        .args(["-v", "error", "-count_packets", "-show_streams", "-show_format", "-of", "json"])
        .arg(path)
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

fn stream<'a>(probe: &'a Value, kind: &str) -> Option<&'a Value> {
    probe["streams"].as_array().unwrap().iter().find(|stream| stream["codec_type"] == kind)
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

/// Presentation times of a stream's packets, in seconds, in order of decoding.
fn times(path: &Path, stream: &str) -> Vec<f64> {
    let out = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", stream, "-show_entries", "frame=pts_time", "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    text.lines().filter_map(|line| line.trim_end_matches(',').parse().ok()).collect()
}

/// What was made, saved beside: its frames, its length, and that its times start at zero and grow.
struct Judged {
    path: PathBuf,
    probe: Value,
}

impl Judged {
    fn frames(&self) -> u64 {
        stream(&self.probe, "video").unwrap()["nb_read_packets"].as_str().unwrap().parse().unwrap()
    }

    fn size(&self) -> (u64, u64) {
        let video = stream(&self.probe, "video").unwrap();
        (video["width"].as_u64().unwrap(), video["height"].as_u64().unwrap())
    }

    /// Length within one frame of what was asked for, sound as long as the picture, times in order.
    fn is_sound(&self, seconds: f64, frame: f64) {
        let video = number(&stream(&self.probe, "video").unwrap()["duration"]);
        assert!((video - seconds).abs() <= frame + 0.001, "{video} s instead of {seconds} s");
        for kind in ["v:0", "a:0"] {
            let times = times(&self.path, kind);
            assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{kind}: times go back in {}", self.path.display());
            assert!(times.first().is_none_or(|first| first.abs() < 0.05), "{kind} begins at {:?}", times.first());
        }
        if let Some(audio) = stream(&self.probe, "audio") {
            assert!(
                (number(&audio["duration"]) - video).abs() < 0.06,
                "sound of {} and picture of {video} s",
                audio["duration"]
            );
        }
    }

    /// A hash of one decoded frame, and how far two are apart: mean difference of a pixel, 0 to 255.
    fn apart(&self, a: u64, b: u64) -> f64 {
        let gray = |at: u64| {
            let select = format!("select='eq(n,{at})',scale=64:36,format=gray");
            let out = Command::new("ffmpeg")
                .args(["-nostdin", "-v", "error", "-i"])
                .arg(&self.path)
                .args(["-vf", &select, "-frames:v", "1", "-f", "rawvideo", "-"])
                .output()
                .unwrap();
            out.stdout
        };
        let (a, b) = (gray(a), gray(b));
        assert_eq!(a.len(), 64 * 36);
        let sum: u64 = a.iter().zip(&b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / a.len() as f64
    }
}

/// Sends a cutting page's form; the page of what is made.
async fn made(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> String {
    let response = app.browser.post_form(path, fields).await;
    let status = response.status();
    let to = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
    assert_eq!(status, 303, "{path}: {}", Page::read(&response.text().await.unwrap()).text());
    format!("/g/{}", app.browser.page(&to.unwrap()).await.generations()[0].id)
}

async fn judged(app: &TestApp, clip: &str) -> Judged {
    let page = app.until("the clip", || async {
        let page = app.browser.page(clip).await;
        let state = page.generations()[0].state.clone();
        assert_ne!(state, "failed", "{}", page.text());
        (state == "completed").then_some(page)
    });
    let page = page.await;
    let src = page.attribute(".stage video", "src").or_else(|| page.attribute(".stage img", "src")).unwrap();
    let name = format!("judged-{}.{}", clip.trim_start_matches("/g/"), src.rsplit('.').next().unwrap());
    let path = app.data.path().join(name);
    std::fs::write(&path, app.browser.get(&src).await.bytes().await.unwrap()).unwrap();
    Judged { probe: probe(&path), path }
}

const FRAME: f64 = 1.0 / 24.0;

#[tokio::test(flavor = "multi_thread")]
async fn a_part_a_loop_and_a_row_have_the_length_they_should_and_the_originals_stay() {
    let app = TestApp::alone().await;
    let sounding = with_sound("sounding.mp4");
    let original = sounding.1.clone();
    let clip = upload(&app, sounding).await;
    let page = app.browser.page(&format!("/g/{clip}/trim")).await;
    assert_eq!(page.attribute("#to", "value").as_deref(), Some("3"), "the whole of it, to begin with");

    let trimmed = made(&app, &format!("/g/{clip}/trim"), &[("from", "0.5"), ("to", "1,75"), ("token", "t1")]).await;
    let twice = made(&app, &format!("/g/{clip}/trim"), &[("from", "0.5"), ("to", "1,75"), ("token", "t1")]).await;
    assert_eq!(trimmed, twice, "sent twice, it is one");
    let trim = judged(&app, &trimmed).await;
    trim.is_sound(1.25, FRAME);
    assert_eq!(trim.frames(), 30);
    assert!(stream(&trim.probe, "audio").is_some());

    let there = made(&app, &format!("/g/{clip}/loop"), &[("from", "0"), ("to", "1"), ("style", "ping_pong")]).await;
    let there = judged(&app, &there).await;
    assert_eq!(there.frames(), 46, "24 there, 22 back");
    there.is_sound(46.0 * FRAME, FRAME);
    assert!(there.apart(1, 45) < 6.0, "the way back ends where it began");
    assert!(there.apart(0, 23) > 2.0 * there.apart(1, 45), "and the far end is elsewhere");

    let fields = [("from", "0"), ("to", "3"), ("style", "cross_fade"), ("length", "normal")];
    let faded = judged(&app, &made(&app, &format!("/g/{clip}/loop"), &fields).await).await;
    faded.is_sound(2.0, FRAME);
    assert_eq!(faded.frames(), 48);
    let step = faded.apart(10, 11);
    assert!(faded.apart(47, 0) <= step * 3.0 + 3.0, "the seam is no larger a step than any other");

    // Other size, other rate, no sound: all fitted to the first.
    let tall = upload(&app, silent("tall.mp4", "180x322", "30", "1")).await;
    let odd = upload(
        &app,
        film(
            "odd.mp4",
            &[
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=321x181:rate=25:duration=1",
                "-c:v",
                "libx264",
                "-pix_fmt",
                "yuv444p",
            ],
        ),
    )
    .await;
    let row = [("id", clip.as_str()), ("id", &tall), ("id", &odd), ("do", "make")];
    let page = app.browser.page(&format!("/stitch?id={clip}&id={tall}&id={odd}")).await;
    assert_eq!(page.all(".piece").len(), 3);
    let moved = app.browser.post_form("/stitch", &[("id", &clip), ("id", &tall), ("id", &odd), ("do", "up:2")]).await;
    let moved = Page::read(&moved.text().await.unwrap());
    let order: Vec<_> = moved.all("[name=id]").iter().map(|id| id.value().attr("value").unwrap().to_owned()).collect();
    assert_eq!(order, [clip.clone(), odd.clone(), tall.clone()]);
    let stitched = made(&app, "/stitch", &row).await;
    let row = judged(&app, &stitched).await;
    row.is_sound(5.0, FRAME);
    assert_eq!((row.size(), row.frames()), ((320, 180), 120));
    assert!(stream(&row.probe, "audio").is_some());

    // Lineage: three clips lead to the stitched one, and each says so.
    let page = app.browser.page(&stitched).await;
    assert_eq!(page.all("#lineage .kin").first().unwrap().select(&scraper::Selector::parse("a").unwrap()).count(), 3);
    assert!(app.browser.page(&format!("/g/{tall}")).await.text().contains("Made from it"));
    // The original is as it was, to the byte.
    let src = app.browser.page(&format!("/g/{clip}")).await.attribute("video", "src").unwrap();
    assert_eq!(app.browser.get(&src).await.bytes().await.unwrap(), original);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn films_of_every_coding_rate_and_turn_are_brought_to_one() {
    let app = TestApp::alone().await;
    let source = "testsrc2=size=320x180:rate=24:duration=1";
    let plain = upload(&app, silent("plain.mp4", "320x180", "24", "1")).await;
    let changing =
        "testsrc2=size=320x180:rate=24:duration=0.5[a];testsrc2=size=320x180:rate=10:duration=0.5[b];[a][b]concat";
    let odd = [
        film(
            "hevc.mp4",
            &[
                "-f",
                "lavfi",
                "-i",
                source,
                "-c:v",
                "libx265",
                "-x265-params",
                "log-level=none",
                "-tag:v",
                "hvc1",
                "-pix_fmt",
                "yuv420p10le",
            ],
        ),
        film("av1.mp4", &["-f", "lavfi", "-i", source, "-c:v", "libaom-av1", "-cpu-used", "8", "-pix_fmt", "yuv420p"]),
        film("vp9.webm", &["-f", "lavfi", "-i", source, "-c:v", "libvpx-vp9", "-cpu-used", "8"]),
        film(
            "changing.mp4",
            &["-f", "lavfi", "-i", changing, "-vsync", "vfr", "-c:v", "libx264", "-pix_fmt", "yuv420p"],
        ),
        film(
            "late.mp4",
            &["-f", "lavfi", "-i", source, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-output_ts_offset", "90000"],
        ),
    ];
    for (name, bytes) in odd {
        let clip = upload(&app, (name.clone(), bytes)).await;
        let row = [("id", plain.as_str()), ("id", &clip), ("do", "make")];
        let row = judged(&app, &made(&app, "/stitch", &row).await).await;
        let frames = row.frames();
        // A film of changing rate ends with its last frame, whose length it does not tell.
        assert!((40..=48).contains(&frames), "{name}: {frames} frames");
        row.is_sound(frames as f64 * FRAME, FRAME);
        let video = stream(&row.probe, "video").unwrap();
        assert_eq!(
            (video["codec_name"].as_str(), video["pix_fmt"].as_str()),
            (Some("h264"), Some("yuv420p")),
            "{name}"
        );
        let trimmed = made(&app, &format!("/g/{clip}/trim"), &[("from", "0.25"), ("to", "0.75")]).await;
        judged(&app, &trimmed).await.is_sound(0.5, 0.09);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clips_pass_into_each_other_along_every_curve() {
    let app = TestApp::alone().await;
    let first = upload(&app, with_sound("first.mp4")).await;
    let second = upload(&app, silent("second.mp4", "320x180", "24", "2")).await;
    for (curve, seconds) in [("transition", 4.5), ("mix", 2.0), ("sample", 3.0)] {
        let fields = [("with", second.as_str()), ("curve", curve), ("overlap", "0.5")];
        let blended = judged(&app, &made(&app, &format!("/g/{first}/blend"), &fields).await).await;
        blended.is_sound(seconds, FRAME);
    }
    let page = app.browser.page(&format!("/g/{first}/blend")).await;
    assert!(page.all("[name=curve]").len() == 3);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_forms_are_kept_beside_and_a_frame_can_be_the_still() {
    let app = TestApp::alone().await;
    let clip = upload(&app, with_sound("clip.mp4")).await;
    let convert = format!("/g/{clip}/convert");
    let gif = judged(&app, &made(&app, &convert, &[("form", "gif")]).await).await;
    assert_eq!(stream(&gif.probe, "video").unwrap()["codec_name"], "gif");
    assert_eq!(gif.size(), (320, 180));
    let webm = judged(&app, &made(&app, &convert, &[("form", "webm")]).await).await;
    assert_eq!(stream(&webm.probe, "video").unwrap()["codec_name"], "vp9");
    assert!((number(&webm.probe["format"]["duration"]) - 3.0).abs() < 0.05);
    let frame = made(&app, &convert, &[("form", "frame"), ("at", "1.5")]).await;
    let png = judged(&app, &frame).await;
    assert_eq!((png.size(), stream(&png.probe, "video").unwrap()["codec_name"].as_str()), ((320, 180), Some("png")));
    let last = judged(&app, &made(&app, &convert, &[("form", "last")]).await).await;
    assert_ne!(std::fs::read(&last.path).unwrap(), std::fs::read(&png.path).unwrap());
    // What a picture is, can begin the next clip.
    let page = app.browser.page(&frame).await;
    assert!(page.all(&format!("a[href='/?image={}:whole']", frame.trim_start_matches("/g/"))).len() == 1);
    let begun = app.browser.page(&format!("/?image={clip}:last")).await;
    assert_eq!(begun.attribute("[name=image_from]", "value"), Some(format!("{clip}:last")));
    let shown = app.browser.get(&format!("/g/{clip}/frame?at=last")).await;
    assert_eq!((shown.status().as_u16(), &shown.headers()["content-type"]), (200, &"image/png".parse().unwrap()));
    assert!(app.browser.page("/attach").await.text().contains("First frame of the clip “clip"));

    let poster =
        app.until("a still", || async { app.browser.page(&format!("/g/{clip}")).await.attribute("video", "poster") });
    let poster = poster.await;
    let before = app.browser.get(&poster).await.bytes().await.unwrap();
    let set = app.browser.post_form(&convert, &[("do", "poster"), ("at", "2.5")]).await;
    assert_eq!(set.status(), 303);
    let now = app.browser.page(&format!("/g/{clip}")).await.attribute("video", "poster").unwrap();
    assert_ne!(now, poster, "another still has another address");
    assert_ne!(app.browser.get(&now).await.bytes().await.unwrap(), before);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_upstream_cannot_a_clip_goes_on_from_its_last_frame_and_both_are_joined() {
    let fake = FakeUpstream::start().await;
    let mut upstream = gateway(&fake, 4);
    upstream.models[0].abilities = Some(Vec::new());
    fake.serves(silent("made.mp4", "1280x720", "24", "4").1);
    let app = TestApp::with(TempDir::new().unwrap(), false, vec![upstream]).await;
    let clip = app.browser.paid("A boat leaves the harbour").await;
    app.until_state(&clip, "completed").await;
    let id = clip.trim_start_matches("/g/");
    let fields = [("prompt", "It sails on"), ("extend", id), ("seconds", "4"), ("token", "once")];
    let task = app.browser.created(&fields).await;
    assert_eq!(app.browser.created(&fields).await, task);
    let next = format!("/g/{}", app.browser.page(&task).await.generations()[0].id);
    app.until_state(&next, "completed").await;
    let order = fake.creates()[1].order.clone().unwrap();
    assert!(order.prompt().starts_with("The shot goes on from its last frame."), "{}", order.prompt());
    assert_eq!(order.reference.unwrap().pixels, Some((1280, 720)), "it begins with the last frame");
    // The join waited for it, and is made of both.
    let joined = app.until("the join", || async {
        let page = app.browser.page(&clip).await;
        let kin =
            page.all("#lineage .kin a").iter().map(|a| a.value().attr("href").unwrap().to_owned()).collect::<Vec<_>>();
        (kin.len() == 2).then(|| kin.into_iter().find(|href| *href != next).unwrap())
    });
    let joined = judged(&app, &joined.await).await;
    joined.is_sound(8.0 - FRAME, FRAME);
    assert_eq!(joined.frames(), 191, "the doubled frame is there once");
    assert_eq!(fake.paid().len(), 2, "one press paid for one more clip");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_cut_is_said_beside_the_form_and_nothing_is_queued() {
    let app = TestApp::alone().await;
    let clip = upload(&app, silent("clip.mp4", "320x180", "24", "2")).await;
    let before = app.browser.page("/queue").await.all("#runs ~ ol li, #waits ~ ol li").len();
    for (path, fields, words) in [
        ("trim", vec![("from", "1.5"), ("to", "0.5")], "The end lies before the beginning."),
        ("trim", vec![("from", "9"), ("to", "10")], "The clip is over after 2.0 s."),
        ("trim", vec![("from", "now"), ("to", "10")], "Write the moments in seconds, for example 2.5."),
        ("loop", vec![("from", "0"), ("to", "0.2"), ("style", "ping_pong")], "This part is too short for a loop."),
        ("blend", vec![("curve", "mix"), ("overlap", "1")], "Choose a clip to blend with."),
    ] {
        let response = app.browser.post_form(&format!("/g/{clip}/{path}"), &fields).await;
        assert_eq!(response.status(), 422, "{path}");
        let page = Page::read(&response.text().await.unwrap());
        assert!(page.one("#cut-error").text().collect::<String>().contains(words), "{}", page.text());
        for (field, value) in fields.iter().filter(|(field, _)| matches!(*field, "from" | "to" | "overlap")) {
            assert_eq!(page.attribute(&format!("[name={field}]"), "value").as_deref(), Some(*value), "nothing is lost");
        }
    }
    let one = app.browser.post_form("/stitch", &[("id", &clip), ("do", "make")]).await;
    assert_eq!(one.status(), 422);
    assert_eq!(app.browser.get("/g/0000000000001/trim").await.status(), 404);
    assert_eq!(app.browser.page("/queue").await.all("#runs ~ ol li, #waits ~ ol li").len(), before);
    app.stop().await;
}

fn script(folder: &Path, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// An ffmpeg that says it is this release, and does `work` when it is to make something.
fn fake_programs(version: &str, work: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let says = format!(
        "case \"$*\" in *-version*) echo 'ffmpeg version {version} Copyright'; exit 0;; *-encoders*) echo ' V....D libx264 x'; echo ' A..... aac x'; exit 0;; esac"
    );
    script(folder.path(), "ffmpeg", &format!("{says}\n{work}"));
    script(folder.path(), "ffprobe", &format!("{says}\nexec /usr/bin/ffprobe \"$@\""));
    folder
}

async fn with_programs(folder: &TempDir) -> TestApp {
    TestApp::with_programs(TempDir::new().unwrap(), true, Vec::new(), Some(folder.path().to_owned())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_usable_ffmpeg_the_pages_say_how_to_get_it_and_what_is_made_of_it_fails_in_words() {
    let none = TempDir::new().unwrap();
    let old = fake_programs("4.2.7-0ubuntu0.1", "exit 0");
    for (folder, words) in [(&none, "ffmpeg is not installed."), (&old, "ffmpeg 4.2.7-0ubuntu0.1 is too old.")] {
        let app = with_programs(folder).await;
        let clip = upload(&app, silent("clip.mp4", "320x180", "24", "1")).await;
        let page = app.browser.page(&format!("/g/{clip}/trim")).await;
        assert!(page.text().contains(words) && page.text().contains("no restart is needed"), "{}", page.text());
        assert!(page.attribute("#cut button[value=make]", "disabled").is_some());
        let further = app.browser.page(&format!("/g/{clip}/extend")).await;
        assert!(further.text().contains(words), "said before it is written: {}", further.text());
        let response = app.browser.post_form(&format!("/g/{clip}/trim"), &[("from", "0"), ("to", "0.5")]).await;
        assert_eq!(response.status(), 422);
        assert_eq!(app.browser.get(&format!("/g/{clip}/frame?at=last")).await.status(), 422);
        assert_eq!(app.browser.get(&format!("/g/{clip}/frame?at=first")).await.status(), 200, "drawn without it");
        app.stop().await;
    }
    for (work, words) in [
        ("echo 'Segmentation fault' >&2; kill -SEGV $$", "ffmpeg could not make it: Segmentation fault"),
        ("echo 'x: No space left on device' >&2; exit 1", "The disk is full."),
        ("echo nonsense > \"$(eval echo \\\"\\${$#}\\\")\"; exit 0", "ffmpeg could not make it"),
        ("exit 0", "ffmpeg could not make it: it wrote nothing."),
    ] {
        let broken = fake_programs("5.1", work);
        let app = with_programs(&broken).await;
        let clip = upload(&app, silent("clip.mp4", "320x180", "24", "1")).await;
        let trimmed = made(&app, &format!("/g/{clip}/trim"), &[("from", "0"), ("to", "0.5")]).await;
        let page = app.until_state(&trimmed, "failed").await;
        assert!(page.text().contains(words), "{words}: {}", page.text());
        assert!(page.text().contains("It costs nothing.") && !page.text().contains("Edit prompt"));
        let left: Vec<_> = std::fs::read_dir(app.data.path().join("ffmpeg")).unwrap().flatten().collect();
        assert!(left.iter().all(|entry| !entry.path().is_dir()), "no scratch folder is left: {left:?}");
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_or_outlives_the_server_leaves_nothing_half_done() {
    let slow = fake_programs("5.1", "echo out_time_us=100000; echo progress=continue; exec sleep 600");
    let app = with_programs(&slow).await;
    let clip = upload(&app, silent("clip.mp4", "320x180", "24", "1")).await;
    let trimmed = made(&app, &format!("/g/{clip}/trim"), &[("from", "0"), ("to", "0.5")]).await;
    app.until("progress", || async { app.browser.page(&trimmed).await.text().contains("20%").then_some(()) }).await;
    app.browser.press(&trimmed, "cancel").await;
    app.until_state(&trimmed, "canceled").await;
    let folder = app.data.path().join("ffmpeg");
    app.until("an empty bench", || async { (std::fs::read_dir(&folder).unwrap().count() == 0).then_some(()) }).await;
    app.browser.press(&trimmed, "retry").await;
    app.until("progress", || async { app.browser.page(&trimmed).await.text().contains("20%").then_some(()) }).await;
    let data = app.stop().await;
    // After a restart, with programs that work, it is made anew.
    let app = TestApp::with(data, true, Vec::new()).await;
    judged(&app, &trimmed).await.is_sound(0.5, FRAME);
    app.stop().await;
}
