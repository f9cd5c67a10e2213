//! The embedded upstream through the front door: previews are drawn, differ, can be stopped, and
//! survive a power cut.

use std::collections::HashSet;

use reqwest::multipart::{Form, Part};
use tempfile::TempDir;

use crate::app::{Program, TestApp};

/// The hash that a clip's page tells.
async fn hash(app: &TestApp, clip: &str) -> String {
    let page = app.until_state(clip, "completed").await;
    let video = page.attribute("video", "src").unwrap();
    app.browser.get(&video).await.headers()["etag"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn variations_of_a_prompt_differ() {
    let app = TestApp::alone().await;
    let task = app
        .browser
        .created(&[("prompt", "A boat at dawn"), ("resolution", "480p"), ("aspect", "1:1"), ("variations", "3")])
        .await;

    let mut hashes = HashSet::new();
    for clip in app.browser.page(&task).await.generations() {
        hashes.insert(hash(&app, &format!("/g/{}", clip.id)).await);
    }

    assert_eq!(hashes.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_becomes_the_plate() {
    let app = TestApp::alone().await;
    let mut picture = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(640, 640, image::Rgb([220, 30, 30]))
        .write_to(&mut picture, image::ImageFormat::Png)
        .unwrap();
    let form = Form::new()
        .text("prompt", "Slow push in")
        .text("resolution", "480p")
        .part("image", Part::bytes(picture.into_inner()).file_name("red.png"));
    let answer = app.browser.client().post(app.browser.url("/tasks")).multipart(form).send().await.unwrap();
    let task = answer.headers()["location"].to_str().unwrap().to_owned();

    let clip = format!("/g/{}", app.browser.page(&task).await.generations()[0].id);
    let page = app.until("a poster", || async {
        let page = app.browser.page(&clip).await;
        page.attribute("video", "poster").map(|_| page)
    });
    let poster = page.await.attribute("video", "poster").unwrap();

    let still = app.browser.get(&poster).await.bytes().await.unwrap();
    let still = image::load_from_memory(&still).unwrap().into_rgb8();
    let [red, green, blue] = still.get_pixel(still.width() / 2, still.height() / 2).0;
    assert!(red > 150 && green < 90 && blue < 90, "{red} {green} {blue}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_that_was_being_drawn_when_the_power_went_is_drawn_anew() {
    let data = TempDir::new().unwrap();
    let before = Program::start(data.path(), None).await;
    let task = before.browser.created(&[("prompt", "A forest in rain, push in"), ("seconds", "20")]).await;
    let clip = format!("/g/{}", before.browser.page(&task).await.generations()[0].id);
    before.until_state(&clip, "in_progress").await;
    before.kill().await;

    let after = Program::start(data.path(), None).await;
    let page = after.until_state(&clip, "completed").await;

    assert_eq!(page.all(".attempts li").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_can_be_canceled_while_it_is_drawn() {
    let data = TempDir::new().unwrap();
    let program = Program::start(data.path(), None).await;
    let long = [("prompt", "A storm at sea"), ("seconds", "20"), ("resolution", "1080p")];
    let task = program.browser.created(&long).await;
    let clip = format!("/g/{}", program.browser.page(&task).await.generations()[0].id);
    program.until_state(&clip, "in_progress").await;

    assert_eq!(program.browser.post(&format!("{clip}/cancel")).await.status(), 303);

    program.until_state(&clip, "canceled").await;
    let left: Vec<_> = std::fs::read_dir(data.path().join("animatic")).unwrap().flatten().map(|e| e.path()).collect();
    assert!(left.iter().all(|path| path.extension().is_none_or(|kind| kind == "part")), "{left:?}");
}
