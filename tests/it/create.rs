//! Create: from a form to a clip in the library, or to a sentence beside each wrong field.

use std::io::Cursor;

use futures_util::future::join_all;
use futures_util::stream;
use image::{DynamicImage, ImageFormat};
use reqwest::Body;
use reqwest::multipart::{Form, Part};

use crate::app::TestApp;
use crate::invariants::files;
use crate::page::Page;
use crate::upstream::FakeUpstream;

const PROMPT: &str = "A <b>lighthouse</b> & the \"sea\"\nat dusk";

/// A real PNG of this size.
fn png(wide: u32, high: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(wide, high).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A tiny PNG that claims to be huge.
fn bomb() -> Vec<u8> {
    let mut bytes = png(8, 8);
    bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    bytes
}

/// What a careful person filled in, and one field as given.
fn filled(field: &'static str, value: &str) -> Form {
    let whole = [
        ("prompt", PROMPT),
        ("model", "sora-2"),
        ("aspect", "9:16"),
        ("resolution", "720p"),
        ("seconds", "8"),
        ("variations", "2"),
    ];
    let kept = whole.into_iter().filter(|(name, _)| *name != field);
    let form = kept.fold(Form::new(), |form, (name, value)| form.text(name, value));
    if field.is_empty() { form } else { form.text(field, value.to_owned()) }
}

fn with_image(image: Part) -> Form {
    filled("", "").part("image", image.file_name("first.png").mime_str("image/png").unwrap())
}

fn typed(page: &Page) -> String {
    page.one("textarea[name=prompt]").text().collect::<String>().trim_start_matches('\n').to_owned()
}

fn chosen(page: &Page, field: &str) -> Option<String> {
    page.attribute(&format!("input[name={field}][checked]"), "value")
}

/// Sends a form that is wrong in one field: the form comes back with a sentence beside that field.
async fn comes_back(app: &TestApp, form: Form, field: &str, words: &str) -> Page {
    let response = app.browser.send(form).await;
    assert_eq!(response.status(), 422, "{field}: {words}");
    let page = Page::read(&response.text().await.unwrap());
    let error = page.error_of(field).unwrap_or_else(|| panic!("nothing is said beside {field}"));
    assert!(error.contains(words), "{field}: {error}");
    for (other, value) in [("aspect", "9:16"), ("resolution", "720p"), ("seconds", "8"), ("variations", "2")] {
        if other != field {
            assert_eq!(chosen(&page, other).as_deref(), Some(value), "{other} after a wrong {field}");
        }
    }
    if field != "prompt" {
        assert_eq!(typed(&page), PROMPT, "the prompt after a wrong {field}");
    }
    page
}

/// Nothing was made, sent or left behind.
async fn nothing_happened(app: TestApp, fake: &FakeUpstream) {
    assert_eq!(app.browser.page("/").await.generations(), []);
    assert_eq!(fake.creates().len(), 0);
    let data = app.stop().await;
    for folder in ["partial", "uploads"] {
        assert_eq!(files(&data.path().join(folder)), Vec::<std::path::PathBuf>::new());
    }
    assert_eq!(crate::invariants::count(data.path(), "select count(*) from task").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_becomes_a_clip_in_the_library_and_is_paid_for_once() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;

    let clip = app.browser.paid("A lighthouse at dusk").await;
    let page = app.until_state(&clip, "completed").await;

    assert_eq!(fake.paid().len(), 1);
    let video = page.attribute("video", "src").unwrap();
    let file = app.browser.get(&video).await;
    assert_eq!(file.headers()["content-type"], "video/mp4");
    assert_eq!(file.bytes().await.unwrap(), include_bytes!("upstream/clip.mp4").as_slice());
    assert!(page.text().contains("$0.40"), "{}", page.text());
    crate::invariants::check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_setting_brings_the_form_back_as_it_was_with_a_sentence_beside_the_field() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let long = "é".repeat(4_001);
    for (field, value, words) in [
        ("prompt", " \n ", "Describe the video first."),
        ("prompt", &long, "The prompt has 4001 characters; the most is 4,000. Shorten it by 1."),
        ("model", "sora-9", "There is no model \"sora-9\" here just now."),
        ("aspect", "1:1", "Sora 2 has no 1:1 format. It has "),
        ("resolution", "1080p", "Sora 2 has no 1080p in 9:16. It has 720p."),
        ("seconds", "10", "Sora 2 makes clips of 4, 8, 12 seconds."),
        ("seconds", "soon", "Sora 2 makes clips of 4, 8, 12 seconds."),
        ("variations", "10", "Choose 1 to 4 variations."),
        ("variations", "0", "Choose 1 to 4 variations."),
    ] {
        let page = comes_back(&app, filled(field, value), field, words).await;
        match field {
            "prompt" => assert_eq!(typed(&page), value.trim_start_matches('\n')),
            "model" => {}
            _ => assert_eq!(chosen(&page, field).as_deref(), Some(value), "what was typed is seen again"),
        }
    }
    nothing_happened(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_none_brings_the_form_back_and_leaves_no_file() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let whole = png(300, 200);
    for (image, words) in [
        (b"I am a text.".to_vec(), "not a PNG, JPEG or WebP image"),
        (b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), "not a PNG, JPEG or WebP image"),
        (whole[..whole.len() / 2].to_vec(), "This image is"),
        (bomb(), "the most is 8192 on a side"),
        (vec![0; 25 << 20], "larger than 20 MB"),
    ] {
        comes_back(&app, with_image(Part::bytes(image)), "image", words).await;
    }
    nothing_happened(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_200_mb_image_is_refused_in_words_rather_than_with_a_broken_connection() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let pieces = (0..200).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 1 << 20]));
    let image = Part::stream(Body::wrap_stream(stream::iter(pieces)));
    comes_back(&app, with_image(image), "image", "larger than 20 MB").await;
    nothing_happened(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_image_beside_a_mistake_is_not_kept_and_the_form_says_to_choose_it_again() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let image = || Part::bytes(png(300, 200)).file_name("first.png");
    let page = comes_back(&app, filled("seconds", "10").part("image", image()), "seconds", "4, 8, 12").await;
    assert!(page.error_of("image").unwrap().contains("has to be chosen again"));
    // The image comes first, and then a field that cannot be read at all.
    let odd = Form::new().part("image", image()).text("prompt", "A fox").text("model", "x".repeat(8 << 20));
    assert_eq!(app.browser.send(odd).await.status(), 422);
    let endless = app.browser.send(Form::new().text("prompt", "x".repeat(8 << 20))).await;
    assert_eq!(endless.status(), 422);
    assert!(endless.text().await.unwrap().contains("the most is 4,000"));
    nothing_happened(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_sent_twenty_times_makes_one_task() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let token = app.browser.page("/").await.attribute("input[name=token]", "value").unwrap();
    let fields = [("prompt", "A fox"), ("model", "sora-2"), ("token", token.as_str())];
    let mut tasks = join_all((0..20).map(|_| app.browser.created(&fields))).await;
    tasks.push(app.browser.created(&fields).await);
    tasks.dedup();
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    let clips = app.browser.page("/").await.generations();
    assert_eq!(clips.len(), 1);
    app.until_state(&format!("/g/{}", clips[0].id), "completed").await;
    assert_eq!(fake.creates().len(), 1);
    crate::invariants::check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_variations_are_three_clips_and_three_payments() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let task = app.browser.created(&[("prompt", "A fox"), ("model", "sora-2"), ("variations", "3")]).await;
    app.until("three clips", || async {
        let takes = app.browser.page(&task).await.generations();
        (takes.len() == 3 && takes.iter().all(|take| take.state == "completed")).then_some(())
    })
    .await;
    assert_eq!((fake.creates().len(), fake.paid_for("A fox")), (3, 3));
    assert!(app.browser.page(&task).await.text().contains("$1.20 so far, $1.20 in all"));
    crate::invariants::check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_image_is_sent_at_exactly_the_size_of_the_clip() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let response = app.browser.send(with_image(Part::bytes(png(301, 203)))).await;
    assert_eq!(response.status(), 303);
    let clip = format!("/g/{}", app.browser.page("/").await.generations()[0].id);
    let page = app.until_state(&clip, "completed").await;
    assert!(page.text().contains("From a picture"));
    for create in fake.creates() {
        let order = create.order.unwrap();
        assert_eq!(order.size(), "720x1280");
        assert_eq!(order.reference.unwrap().pixels, Some((720, 1280)));
    }
    crate::invariants::check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_said_takes_its_default() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    app.browser.created(&[("prompt", "A fox")]).await;
    let clip = app.browser.page("/").await.generations()[0].id.clone();
    app.until_state(&format!("/g/{clip}"), "completed").await;
    let order = fake.creates()[0].order.clone().unwrap();
    assert_eq!((order.model(), order.size(), order.seconds()), ("sora-2", "1280x720", "4"));
    assert_eq!(fake.creates().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn edit_prompt_fills_the_form_with_what_a_clip_was_made_of() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    assert_eq!(app.browser.send(filled("", "")).await.status(), 303);
    let clip = app.browser.page("/").await.generations()[0].id.clone();
    let page = app.browser.page(&format!("/?from={clip}")).await;
    assert_eq!(typed(&page), PROMPT);
    for (field, value) in [("model", "sora-2"), ("aspect", "9:16"), ("seconds", "8"), ("variations", "2")] {
        assert_eq!(chosen(&page, field).as_deref(), Some(value));
    }
}
