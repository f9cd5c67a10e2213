//! The director's desk as a person uses it: the box, the coach, a picture and its crop, boards and handles.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use serde_json::json;

use super::Desk;
use crate::upstream::FakeUpstream;

fn picture() -> std::path::PathBuf {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(1200, 400).write_to(&mut bytes, ImageFormat::Png).unwrap();
    let path = std::env::temp_dir().join(format!("rushes-desk-{}.png", std::process::id()));
    std::fs::write(&path, bytes.into_inner()).unwrap();
    path
}

const VALUE: &str = "return document.querySelector('#prompt').value";

#[tokio::test(flavor = "multi_thread")]
async fn the_box_grows_keeps_its_draft_and_creates_by_the_keyboard_alone() {
    let desk = Desk::open(None).await;
    desk.go("/").await;
    desk.holds("return document.querySelector('.send').disabled").await;
    desk.press("#prompt").await;
    let high = "return document.querySelector('#prompt').clientHeight";
    let before = desk.count(high).await;
    desk.keys("A fox in snow\nat dusk\nslow push in\n35 mm\n").await;
    assert!(desk.count(high).await > before, "it grows with its words");
    // Another device has it: nothing of this browser's own is left.
    desk.until("the draft on the server", || async {
        let page = desk.program.browser.page("/").await;
        page.one("#prompt").text().collect::<String>().contains("35 mm").then_some(())
    })
    .await;
    desk.run("localStorage.clear(); return 1").await;
    desk.go("/").await;
    assert!(desk.run(VALUE).await.as_str().unwrap().starts_with("A fox in snow"));
    desk.press("#prompt").await;
    desk.run("document.querySelector('#prompt').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true }))").await;
    desk.find("#wall [data-generation]").await;
    desk.holds("return document.querySelector('#prompt').value === ''").await;
    assert_eq!(desk.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_coach_lights_its_marks_while_one_types_and_puts_phrases_in() {
    let desk = Desk::open(None).await;
    desk.go("/").await;
    desk.press("#prompt").await;
    desk.keys("A red fox leaps over a log").await;
    desk.holds("return document.querySelector('[data-mark=subject]').dataset.named === 'true'").await;
    desk.holds("return document.querySelector('[data-mark=action]').dataset.named === 'true'").await;
    desk.holds("return document.querySelector('[data-mark=lighting]').dataset.named === 'false'").await;
    desk.press("[data-mark=lighting] summary").await;
    desk.press("[data-mark=lighting] .item").await;
    desk.holds("return document.querySelector('[data-mark=lighting]').dataset.named === 'true'").await;
    let typed = desk.run(VALUE).await;
    assert!(typed.as_str().unwrap().starts_with("A red fox leaps over a log, "), "{typed}");
    assert_eq!(desk.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_shown_as_it_will_be_cut_moved_by_keys_and_taken_away() {
    let desk = Desk::open(None).await;
    desk.go("/").await;
    let path = picture();
    desk.client
        .find(fantoccini::Locator::Css("#image"))
        .await
        .unwrap()
        .send_keys(path.to_str().unwrap())
        .await
        .unwrap();
    desk.holds("return !document.querySelector('#attached').hidden && document.querySelector('[data-crop] img').naturalWidth === 1200").await;
    let wide = "const box = document.querySelector('[data-crop]').getBoundingClientRect(); return Math.round(box.width / box.height * 100)";
    desk.until("the frame's shape", || async { (desk.count(wide).await - 178).abs().le(&6).then_some(()) }).await;
    desk.run("document.querySelector('#crop_x').focus()").await;
    desk.keys("\u{e014}\u{e014}\u{e014}").await; // the right arrow
    desk.holds("return Number(document.querySelector('#crop_x').value) > 50").await;
    desk.press("[data-detach]").await;
    desk.holds("return document.querySelector('#attached').hidden && !document.querySelector('#image').files.length")
        .await;
    std::fs::remove_file(path).unwrap();
    assert_eq!(desk.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_is_written_split_moved_and_timed_by_keys_and_keeps_itself() {
    let fake = FakeUpstream::start().await;
    let desk = Desk::open(Some(&fake)).await;
    desk.go("/storyboards").await;
    desk.press("form[action='/storyboards'] button").await;
    desk.find("#board").await;
    desk.run("window.sameDocument = true").await;
    desk.press("#text-0").await;
    desk.keys("A lighthouse at dusk").await;
    desk.press("#text-1").await;
    desk.keys("A storm at sea").await;
    let place = desk.place().await;
    // Kept by itself, and what is being written is not disturbed.
    desk.until("the board on the server", || async {
        let page = desk.program.browser.page(&place).await;
        page.one("#text-1").text().collect::<String>().contains("A storm at sea").then_some(())
    })
    .await;
    desk.holds("return document.activeElement.id === 'text-1'").await;

    let texts = "return [...document.querySelectorAll('textarea[name=text]')].map(field => field.value)";
    desk.run("document.querySelector('#shot-0').focus()").await;
    desk.keys("s").await;
    desk.until("two halves", || async {
        (desk.list(texts).await == ["A lighthouse at dusk", "A lighthouse at dusk", "A storm at sea"]).then_some(())
    })
    .await;
    desk.holds("return document.activeElement.id === 'shot-0'").await;
    let up = "document.querySelector('#shot-2').focus(); document.querySelector('#shot-2').dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', altKey: true, bubbles: true, cancelable: true }))";
    desk.run(up).await;
    desk.until("another order", || async { (desk.list(texts).await[1] == "A storm at sea").then_some(()) }).await;
    desk.holds("return document.activeElement.id === 'shot-1'").await;

    // A boundary on the line of time moves a tenth of a second from one shot to the other.
    let lengths = "return [...document.querySelectorAll('[name=shot_seconds]')].map(field => field.value)";
    let before: Vec<f64> = desk.list(lengths).await.iter().map(|text| text.parse().unwrap()).collect();
    desk.run("document.querySelector('#edge-0').focus()").await;
    desk.keys("\u{e014}").await;
    let after: Vec<f64> = desk.list(lengths).await.iter().map(|text| text.parse().unwrap()).collect();
    assert_eq!(format!("{:.1} {:.1}", before[0] + 0.1, before[1] - 0.1), format!("{:.1} {:.1}", after[0], after[1]));
    assert_eq!(desk.run("return window.sameDocument").await, json!(true), "all of that in one document");

    // Rehearsed for nothing.
    desk.press("#rehearse").await;
    desk.until("the task", || async { desk.place().await.starts_with("/t/").then_some(()) }).await;
    let clip = desk.program.browser.page(&desk.place().await).await.generations()[0].id.clone();
    desk.program.until_state(&format!("/g/{clip}"), "completed").await;
    desk.find(".take[data-state=completed] video").await;
    assert_eq!(fake.creates().len(), 0);
    assert_eq!(desk.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_is_trimmed_by_its_handles_and_chosen_clips_are_stitched() {
    let desk = Desk::open(None).await;
    let browser = &desk.program.browser;
    let task = browser.created(&[("prompt", "A boat"), ("resolution", "480p"), ("variations", "2")]).await;
    for clip in browser.page(&task).await.generations() {
        desk.program.until_state(&format!("/g/{}", clip.id), "completed").await;
    }
    let clip = format!("/g/{}", browser.page(&task).await.generations()[0].id);
    desk.go(&clip).await;
    desk.press(".tools a[href$='/trim']").await;
    desk.find(".track .edge.to").await;
    desk.run("document.querySelector('.edge.to').focus()").await;
    desk.keys("\u{e012}").await; // the left arrow: a frame less
    let to = desk.run("return document.querySelector('#to').value").await;
    assert_eq!(to, json!("3.958"));
    desk.press("#cut button[value=make]").await;
    desk.until("the task", || async { desk.place().await.starts_with("/t/").then_some(()) }).await;
    desk.find(".take[data-state=completed] video").await;

    desk.go("/").await;
    desk.run("for (const box of [...document.querySelectorAll('.tile-pick input')].slice(0, 2)) box.click()").await;
    desk.press("#selection button[value=stitch]").await;
    desk.find(".piece").await;
    assert_eq!(desk.count("return document.querySelectorAll('.piece').length").await, 2);
    desk.press("#cut button[value=make]").await;
    desk.find(".take[data-state=completed] video").await;
    assert_eq!(desk.complaints().await, Vec::<String>::new());
}
