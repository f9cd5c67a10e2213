//! Uploads: pictures and films of one's own, and what is not what it says.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use reqwest::multipart::{Form, Part};

use crate::app::TestApp;
use crate::invariants::files;
use crate::page::Page;
use crate::upstream::clip::{CLIP, without_moov};

fn png(wide: u32, high: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(wide, high).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

async fn send(app: &TestApp, uploads: Vec<(&str, Vec<u8>)>) -> reqwest::Response {
    let form = uploads
        .into_iter()
        .fold(Form::new(), |form, (name, bytes)| form.part("file", Part::bytes(bytes).file_name(name.to_owned())));
    app.browser.client().post(app.browser.url("/uploads")).multipart(form).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_and_films_of_ones_own_are_kept_found_and_played() {
    let app = TestApp::alone().await;
    let response = send(&app, vec![("Harbour at dawn.mp4", CLIP.to_vec()), ("Mood board.png", png(640, 480))]).await;
    assert_eq!(response.status(), 303);
    let page = app.browser.page("/uploads").await;
    let clips = page.generations();
    assert_eq!(clips.len(), 2);
    assert_eq!(app.browser.page("/").await.generations(), [], "what was not made here is in its own section");
    assert_eq!(app.browser.page("/uploads?q=harbour").await.generations().len(), 1);

    let picture = app.browser.page(&format!("/g/{}", clips[0].id)).await;
    let src = picture.attribute(".stage img", "src").unwrap();
    let response = app.browser.get(&src).await;
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.bytes().await.unwrap(), png(640, 480));
    let film = app.browser.page(&format!("/g/{}", clips[1].id)).await;
    let src = film.attribute("video", "src").unwrap();
    assert_eq!(app.browser.get(&src).await.bytes().await.unwrap(), CLIP);
    assert!(film.all("form[action$='/retry']").is_empty() && !film.text().contains("Edit prompt"));
    let poster = format!("/g/{}/poster.jpg", clips[1].id);
    app.until("a still of the film", || async { (app.browser.get(&poster).await.status() == 200).then_some(()) }).await;

    let on = [("on", "1")];
    assert_eq!(app.browser.post_form(&format!("/g/{}/favorite", clips[1].id), &on).await.status(), 303);
    assert_eq!(app.browser.page("/favorites").await.generations().len(), 1);
    assert_eq!(app.browser.post(&format!("/g/{}/delete", clips[0].id)).await.status(), 303);
    assert_eq!(app.browser.page("/uploads").await.generations().len(), 1);
    assert_eq!(app.browser.page("/trash").await.generations().len(), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_not_what_they_say_are_refused_by_name_and_the_others_kept() {
    let app = TestApp::alone().await;
    let mut truncated = CLIP.to_vec();
    truncated.truncate(CLIP.len() / 2);
    let mut cut = png(400, 300);
    cut.truncate(40);
    let uploads = vec![
        ("page.mp4", b"<!doctype html><title>no</title>".to_vec()),
        ("half.mp4", truncated),
        ("headless.mp4", without_moov(CLIP)),
        ("cut.png", cut),
        ("evil.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec()),
        ("huge.png", [png(8, 8), vec![0; 21 << 20]].concat()),
        ("empty.webm", Vec::new()),
        ("../../../etc/passwd.png", png(64, 64)),
        ("<img src=x onerror=alert(1)>.png", png(64, 64)),
    ];
    let response = send(&app, uploads).await;
    assert_eq!(response.status(), 422);
    let page = Page::read(&response.text().await.unwrap());
    let errors = page.one("#file-error").text().collect::<String>();
    for name in ["page.mp4", "half.mp4", "headless.mp4", "cut.png", "evil.svg", "huge.png", "empty.webm"] {
        assert!(errors.contains(name), "{name}: {errors}");
    }
    assert!(errors.contains("This is neither a PNG, JPEG or WebP picture nor an MP4, MOV or WebM film."));
    assert!(errors.contains("huge.png was not kept. This picture is larger than 20 MB."), "{errors}");
    assert_eq!(page.generations().len(), 2, "the two that are pictures are kept");
    assert!(page.all("img[onerror]").is_empty());
    let kept = files(&app.data.path().join("uploads"));
    let inside = app.data.path().canonicalize().unwrap();
    assert!(kept.iter().all(|path| path.canonicalize().unwrap().starts_with(&inside)), "{kept:?}");
    assert_eq!(
        files(&app.data.path().join("partial"))
            .iter()
            .filter(|path| path.to_string_lossy().contains("upload-"))
            .count(),
        0
    );
    // A browser sends a part without a name when nothing was chosen.
    let none = send(&app, vec![("", Vec::new())]).await;
    assert_eq!(none.status(), 422);
    assert!(none.text().await.unwrap().contains("Choose a file first."));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_of_more_than_two_gigabytes_is_refused_by_name_and_leaves_nothing_behind() {
    const PIECE: usize = 1 << 20;
    let app = TestApp::alone().await;
    let piece = bytes::Bytes::from(vec![0; PIECE]);
    let pieces = std::iter::repeat_n(piece, (2 << 30) / PIECE + 1).map(Ok::<_, std::io::Error>);
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let form = Form::new().part("file", Part::stream(body).file_name("feature film.mp4"));
    let response = app.browser.client().post(app.browser.url("/uploads")).multipart(form).send().await.unwrap();
    assert_eq!(response.status(), 422);
    assert!(response.text().await.unwrap().contains("feature film.mp4 is larger than 2 GB. Nothing of it was kept."));
    let left = files(app.data.path()).into_iter().filter(|path| path.metadata().unwrap().len() > 1 << 30);
    assert_eq!(left.collect::<Vec<_>>(), Vec::<std::path::PathBuf>::new());
    app.stop().await;
}
