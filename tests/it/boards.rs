//! Storyboards without script: cards, times, what they become, and what keeps them from it.

use std::io::Cursor;
use std::process::Command;

use image::{DynamicImage, ImageFormat};
use reqwest::multipart::{Form, Part};

use crate::app::TestApp;
use crate::page::Page;
use crate::upstream::FakeUpstream;

/// A card: words, seconds, a picture's key.
type Card<'a> = (&'a str, &'a str, &'a str);

struct Board<'a> {
    app: &'a TestApp,
    path: String,
}

impl<'a> Board<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let response = app.browser.post("/storyboards").await;
        assert_eq!(response.status(), 303);
        Self { app, path: response.headers()["location"].to_str().unwrap().to_owned() }
    }

    async fn page(&self) -> Page {
        self.app.browser.page(&self.path).await
    }

    /// The form as it would be sent, with these cards and settings.
    async fn form(&self, cards: &[Card<'_>], settings: &[(&'static str, &str)], act: &str) -> Form {
        let page = self.page().await;
        let hidden = |name: &str| page.attribute(&format!("#board > [name={name}]"), "value").unwrap();
        let mut form = Form::new().text("token", hidden("token")).text("version", hidden("version"));
        form = form.text("title", "Lighthouse, four beats");
        for (text, seconds, key) in cards {
            form = form.text("text", (*text).to_owned()).text("shot_seconds", (*seconds).to_owned());
            form = form.text("image_key", (*key).to_owned());
            form =
                form.part("image", Part::bytes(Vec::new()).file_name("").mime_str("application/octet-stream").unwrap());
        }
        for (name, value) in settings {
            form = form.text(*name, (*value).to_owned());
        }
        form.text("do", act.to_owned())
    }

    async fn send(&self, cards: &[Card<'_>], settings: &[(&'static str, &str)], act: &str) -> (u16, String, Page) {
        self.send_form(self.form(cards, settings, act).await).await
    }

    async fn send_form(&self, form: Form) -> (u16, String, Page) {
        let browser = &self.app.browser;
        let response = browser.client().post(browser.url(&self.path)).multipart(form).send().await.unwrap();
        let location = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        (status, location.unwrap_or_default(), Page::read(&response.text().await.unwrap()))
    }
}

fn lengths(page: &Page) -> Vec<String> {
    page.all("[name=shot_seconds]").iter().map(|field| field.value().attr("value").unwrap().to_owned()).collect()
}

fn texts(page: &Page) -> Vec<String> {
    page.all("textarea[name=text]").iter().map(|field| field.text().collect::<String>().trim().to_owned()).collect()
}

fn png(wide: u32, high: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(wide, high).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

const FOUR: [Card<'static>; 4] = [
    ("A lighthouse on a cliff at noon", "1.3", ""),
    ("A boat in a storm at night", "0.7", ""),
    ("Red desert dunes, a rider", "2.6", ""),
    ("A snowy forest, a deer", "3.4", ""),
];
const EIGHT: [(&str, &str); 4] = [("seconds", "8"), ("aspect", "16:9"), ("resolution", "480p"), ("variations", "1")];

#[tokio::test(flavor = "multi_thread")]
async fn every_button_of_a_board_works_as_a_plain_form_and_nothing_typed_is_lost() {
    let app = TestApp::alone().await;
    let board = Board::new(&app).await;
    let (status, _, page) = board.send(&[("a", "2", ""), ("b", "3,5", "")], &EIGHT, "add:2").await;
    assert_eq!((status, lengths(&page)), (200, vec!["2.0".into(), "3.5".into(), "2.0".into()]));
    let abc = [("a", "2", ""), ("b", "3.5", ""), ("c <b>", "2", "")];
    for (act, words) in [
        ("save", vec!["a", "b", "c <b>"]),
        ("up:1", vec!["b", "a", "c <b>"]),
        ("down:1", vec!["a", "c <b>", "b"]),
        ("down:2", vec!["a", "b", "c <b>"]),
        ("duplicate:0", vec!["a", "a", "b", "c <b>"]),
        ("remove:1", vec!["a", "c <b>"]),
        ("split:1", vec!["a", "b", "b", "c <b>"]),
        ("remove:9", vec!["a", "b", "c <b>"]),
    ] {
        let (status, _, page) = board.send(&abc, &EIGHT, act).await;
        assert_eq!(texts(&page), words, "{act}");
        assert_eq!(status, if act == "remove:9" { 422 } else { 200 }, "{act}");
        assert_eq!(texts(&board.page().await), words, "{act}: kept, and there when it is opened again");
    }
    let (_, _, page) = board.send(&abc, &EIGHT, "fit").await;
    assert_eq!(page.one("#board-sum").text().collect::<String>(), "8.0 s of 8 s");
    let (_, _, page) = board.send(&[("a", "soon", "")], &EIGHT, "save").await;
    assert_eq!(page.error_of("text").as_deref(), Some("Write its length in seconds, for example 2.5."));

    let list = app.browser.page("/storyboards").await;
    assert!(list.text().contains("Lighthouse, four beats") && list.text().contains("1 shot · 2.0 s"));
    assert_eq!(app.browser.post(&format!("{}/duplicate", board.path)).await.status(), 303);
    assert!(app.browser.page("/storyboards").await.text().contains("Lighthouse, four beats (copy)"));
    assert_eq!(app.browser.post(&format!("{}/remove", board.path)).await.status(), 303);
    assert_eq!(app.browser.get(&board.path).await.status(), 404);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_finished_board_makes_nothing_and_says_what_to_do() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let board = Board::new(&app).await;
    let sea = [("seconds", "8"), ("model", "sora-2")];
    for (cards, words) in [
        (vec![], "There is no shot yet. Add one first."),
        (
            vec![("a", "2", ""), ("b", "3", "")],
            "The shots last 5.0 s, the clip 8 s. Fit them, or choose another length.",
        ),
        (vec![("a", "4", ""), ("  ", "4", "")], "Describe shot 2, or remove it."),
        (vec![("a", "12", "")], "Shot 1 lasts 12.0 s, longer than the clip of 8 s."),
    ] {
        let (status, _, page) = board.send(&cards, &sea, "create").await;
        assert_eq!(status, 422, "{words}");
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    let many: Vec<Card<'_>> = (0..51).map(|_| ("x", "0.2", "")).collect();
    let (status, _, page) = board.send(&many[..50], &sea, "add:50").await;
    assert_eq!(status, 422);
    assert!(page.text().contains("A storyboard has 50 shots at most."));
    let (status, _, page) = board.send(&many[..50], &sea, "fit").await;
    assert_eq!(
        (status, lengths(&page).len()),
        (200, 50),
        "50 shots of 0.2 s do not fit into 8 s, and stay as they are"
    );
    let (status, _, page) = board.send(&[("a", "4.5", ""), ("b", "4.5", "")], &[("seconds", "9")], "create").await;
    assert_eq!(status, 422);
    assert!(page.text().contains("Sora 2 makes clips of 4, 8, 12 seconds."), "{}", page.text());
    assert_eq!(fake.creates().len(), 0);

    // Two people at once: the later one is told, and loses nothing.
    let theirs = board.form(&[("theirs", "8", "")], &sea, "save").await;
    board.send(&[("mine", "8", "")], &sea, "save").await;
    let (status, _, page) = board.send_form(theirs).await;
    assert_eq!((status, texts(&page)), (409, vec!["theirs".to_owned()]));
    assert!(page.text().contains("Somebody changed this storyboard in the meantime."));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_is_one_timed_prompt_and_its_first_picture_the_first_frame() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let board = Board::new(&app).await;
    let mut form = board.form(&[], &[("seconds", "4"), ("model", "sora-2")], "save").await;
    for (text, picture) in [("A boat\nat sea", png(640, 480)), ("It turns [slowly]", Vec::new())] {
        form = form.text("text", text).text("shot_seconds", "2").text("image_key", "");
        let name = if picture.is_empty() { "" } else { "first.png" };
        form = form.part("image", Part::bytes(picture).file_name(name).mime_str("image/png").unwrap());
    }
    let (status, _, page) = board.send_form(form).await;
    assert_eq!(status, 200);
    let picture = page.attribute("#shot-0 img", "src").unwrap();
    assert_eq!(app.browser.get(&picture).await.bytes().await.unwrap(), png(640, 480));
    let key = page.attribute("#shot-0 [name=image_key]", "value").unwrap();
    let compiled = page.one("#compiled").text().collect::<String>();
    assert_eq!(
        compiled,
        "2 shots in 4.0 seconds, cut one after the other:\n[0.0–2.0 s] A boat at sea\n[2.0–4.0 s] It turns [slowly]"
    );
    assert_eq!(page.one("#create-board").text().collect::<String>().trim(), "Create · $0.40");
    let cards = [("A boat\nat sea", "2", key.as_str()), ("It turns [slowly]", "2", "../../../rushes.db")];
    let form = board.form(&cards, &[("seconds", "4"), ("model", "sora-2")], "create").await;
    let (status, task, _) = board.send_form(form).await;
    assert_eq!(status, 303);
    let clip = format!("/g/{}", app.browser.page(&task).await.generations()[0].id);
    let page = app.until_state(&clip, "completed").await;
    let order = fake.creates()[0].order.clone().unwrap();
    assert_eq!(order.prompt(), compiled, "what a person read is what was sent");
    assert_eq!(order.reference.unwrap().pixels, Some((1280, 720)));
    assert_eq!(page.attribute("dd a[href^='/storyboards/']", "href"), Some(board.path.clone()));
    // The picture goes with the last card that has it.
    board.send(&[("a", "4", "")], &[("seconds", "4")], "save").await;
    assert_eq!(app.browser.get(&picture).await.status(), 404);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_cuts_within_a_frame_of_the_times_on_the_board() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::with(tempfile::TempDir::new().unwrap(), true, vec![crate::app::gateway(&fake, 4)]).await;
    let board = Board::new(&app).await;
    let mut settings = EIGHT.to_vec();
    settings.push(("model", "sora-2"));
    let (status, task, page) = board.send(&FOUR, &settings, "rehearse").await;
    assert_eq!(status, 303, "{}", page.text());
    assert_eq!(fake.creates().len(), 0, "a rehearsal costs nothing");
    let clip = format!("/g/{}", app.browser.page(&task).await.generations()[0].id);
    let page = app.until_state(&clip, "completed").await;
    let video = page.attribute("video", "src").unwrap();
    let path = app.data.path().join("rehearsal.mp4");
    std::fs::write(&path, app.browser.get(&video).await.bytes().await.unwrap()).unwrap();
    let cuts = cuts(&path);
    let wanted = [1.3, 2.0, 4.6];
    assert_eq!(cuts.len(), 3, "{cuts:?}");
    for (cut, wanted) in cuts.iter().zip(wanted) {
        assert!((cut - wanted).abs() <= 1.0 / 24.0 + 0.001, "{cuts:?}");
    }
    let told = app.browser.page(&board.path).await.attribute("#settings [name=model][checked]", "value");
    assert_eq!(told.as_deref(), Some("sora-2"), "the board keeps its paid model for the real thing");
    app.stop().await;
}

/// The moments in seconds at which a film shows something else at once.
fn cuts(path: &std::path::Path) -> Vec<f64> {
    let out = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-i"])
        .arg(path)
        .args(["-vf", "select='gt(scene,0.12)',showinfo", "-an", "-f", "null", "-"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    let times = text.lines().filter(|line| line.contains("Parsed_showinfo") && line.contains("pts_time:"));
    times
        .map(|line| line.split("pts_time:").nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap())
        .collect()
}
