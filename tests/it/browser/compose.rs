//! The composer: menus that follow the model, a price before the press, and nothing typed is lost.

use super::Desk;
use crate::upstream::{CreateFault, FakeUpstream, Fault};

const VALUES: &str = "return [...document.querySelectorAll('.composer input[name=\"' + arguments[0] + '\"]')]\
                      .map(i => i.value).join(' ')";

async fn offered(desk: &Desk, field: &str) -> String {
    let values = desk.client.execute(VALUES, vec![field.into()]).await.unwrap();
    values.as_str().unwrap().to_owned()
}

async fn choose(desk: &Desk, field: &str, value: &str) {
    if desk.run("return document.querySelector('#settings').open").await != true {
        desk.find("#settings summary").await.click().await.unwrap();
    }
    desk.find(&format!("input[name={field}][value='{value}']")).await.click().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn menus_follow_the_model_and_the_price_stands_before_the_press() {
    let fake = FakeUpstream::start().await;
    let desk = Desk::open(Some(&fake)).await;
    assert!(offered(&desk, "aspect").await.contains("1:1"));

    choose(&desk, "model", "sora-2").await;
    desk.holds("return document.querySelector('#cost').textContent === '$0.40'").await;
    assert_eq!(offered(&desk, "aspect").await, "16:9 9:16");
    assert_eq!(offered(&desk, "resolution").await, "720p");
    assert_eq!(offered(&desk, "seconds").await, "4 8 12");
    choose(&desk, "seconds", "8").await;
    choose(&desk, "variations", "3").await;
    desk.holds("return document.querySelector('#cost').textContent === '$2.40'").await;

    desk.run("document.querySelector('#settings').open = false").await;
    desk.create("A train in the fog").await;
    desk.holds("return document.querySelectorAll('#wall [data-state=completed]').length === 3").await;
    assert_eq!(fake.paid().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_survives_a_reload_and_a_refusal_keeps_it_in_the_tile() {
    let fake = FakeUpstream::start().await;
    fake.on_create(CreateFault::from(Fault::Moderation));
    let desk = Desk::open(Some(&fake)).await;

    desk.find("#prompt").await.send_keys("A storm over wheat").await.unwrap();
    desk.client.refresh().await.unwrap();
    desk.holds("return document.querySelector('#prompt').value === 'A storm over wheat'").await;

    choose(&desk, "model", "sora-2").await;
    desk.holds("return document.querySelector('#cost').textContent === '$0.40'").await;
    desk.run("document.querySelector('#settings').open = false").await;
    desk.find("button[aria-label=Create]").await.click().await.unwrap();
    let tile = desk.find("#wall [data-state=failed]").await;
    let words = tile.text().await.unwrap();
    assert!(words.contains("Refused by the content policy") && words.contains("Nothing was charged."), "{words}");
    let edit = tile.find(fantoccini::Locator::Css("a[href^='/?from=']")).await.unwrap();
    edit.click().await.unwrap();
    desk.holds("return document.querySelector('#prompt').value === 'A storm over wheat'").await;
    let model = desk.run("return document.querySelector('input[name=model]:checked').value").await;
    assert_eq!(model, "sora-2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_form_says_so_beside_the_field_and_keeps_the_page() {
    let desk = Desk::open(None).await;
    desk.run("window.sameDocument = true; document.querySelector('#prompt').value = 'x'.repeat(4010)").await;
    desk.run("document.querySelector('#prompt').dispatchEvent(new Event('input', {bubbles: true}))").await;
    desk.find("button[aria-label=Create]").await.click().await.unwrap();

    let error = desk.find("#prompt-error").await.text().await.unwrap();
    assert_eq!(error, "The prompt has 4010 characters; the most is 4,000. Shorten it by 10.");
    assert_eq!(desk.run("return document.querySelector('#prompt').value.length").await, 4010);
    assert_eq!(desk.run("return window.sameDocument").await, true);
    assert_eq!(desk.run("return document.querySelector('#prompt').getAttribute('aria-invalid')").await, "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_none_is_told_beside_its_field_and_stays_chosen() {
    let desk = Desk::open(None).await;
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("notes.png");
    std::fs::write(&path, "not a picture").unwrap();
    desk.find("#image").await.send_keys(path.to_str().unwrap()).await.unwrap();
    desk.create("A boat").await;

    let error = desk.find("#image-error").await.text().await.unwrap();
    assert_eq!(error, "This file is not a PNG, JPEG or WebP image.");
    assert_eq!(desk.run("return document.querySelector('#image').files[0].name").await, "notes.png");
    assert_eq!(desk.run("return document.querySelector('#prompt').value").await, "A boat");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_stream_is_blocked_asks_instead() {
    let desk = Desk::open(None).await;
    desk.devtools("Network.enable", serde_json::json!({})).await;
    desk.devtools("Network.setBlockedURLs", serde_json::json!({ "urls": ["*/live?*"] })).await;
    desk.go("/").await;

    desk.create("A red kite over hills").await;
    desk.find("#wall [data-state=completed]").await;
}
