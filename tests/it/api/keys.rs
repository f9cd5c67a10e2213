//! Keys: whose, for what, until when, and how often.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, Told};
use crate::app::TestApp;
use crate::invariants::{count, the_ledger_agrees};
use crate::teams::{signed_in, team, told};
use crate::upstream::FakeUpstream;

/// A key for somebody, by the command.
fn key(app: &TestApp, user: &str, more: &[&str]) -> String {
    let text = told(app.data.path(), &[&["key", "create", "--user", user], more].concat());
    let key = text.trim().to_owned();
    assert!(key.starts_with("rsh_") && key.len() == 44, "{key}");
    key
}

async fn start() -> (FakeUpstream, TestApp) {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 4).await;
    for plan in ["plus", "pro"] {
        told(app.data.path(), &["plan", "set", plan, "api=true"]);
    }
    (fake, app)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_works_for_its_owner_by_their_plan_and_for_what_it_was_made_for() {
    let (fake, app) = start().await;
    let mia = Api::of(&app.browser, Some(&key(&app, "mia", &[])));
    let paul = Api::of(&app.browser, Some(&key(&app, "paul", &[])));
    let video = mia.paid("A fox of Mia's").await;
    let id = video["id"].as_str().unwrap();
    mia.until(&app, id, "completed").await;
    // Another's is as if it were not there, though the team sees it on pages.
    for path in [format!("/v1/videos/{id}"), format!("/v1/videos/{id}/content")] {
        assert_eq!((paul.get(&path).await.status, paul.get(&path).await.code()), (404, "video_not_found"), "{path}");
    }
    assert_eq!(paul.delete(&format!("/v1/videos/{id}")).await.status, 404);
    assert_eq!(paul.post(&format!("/v1/videos/{id}/remix"), json!({ "prompt": "x" })).await.status, 404);
    assert_eq!(paul.get("/v1/videos").await.is(200)["data"], json!([]));
    let file = json!({ "prompt": "x", "input_reference": { "file_id": id } });
    assert_eq!(paul.post("/v1/videos", file).await.status, 400);

    // Scopes.
    let reads = Api::of(&app.browser, Some(&key(&app, "mia", &["--scope", "read"])));
    reads.get(&format!("/v1/videos/{id}")).await.is(200);
    for told in
        [reads.post("/v1/videos", json!({ "prompt": "x" })).await, reads.delete(&format!("/v1/videos/{id}")).await]
    {
        assert_eq!((told.status, told.code()), (403, "missing_scope"));
    }
    // Keys that are none, and a session's cookie, open nothing.
    for wrong in [None, Some("sk-anything"), Some("rsh_0000000000000000000000000000000000000000"), Some("rsh_é")] {
        let api = Api::of(&app.browser, wrong.filter(|key| key.is_ascii()));
        let told = api.get("/v1/videos").await;
        assert_eq!((told.status, told.code(), told.header("www-authenticate")), (401, "invalid_api_key", "Bearer"));
    }
    let browser = signed_in(&app, "olga").await;
    assert_eq!(browser.get("/v1/videos").await.status(), 401);
    // A viewer's key looks and makes nothing.
    told(app.data.path(), &["plan", "set", "none", "api=true"]);
    let vera = Api::of(&app.browser, Some(&key(&app, "vera", &[])));
    vera.get("/v1/models").await.is(200);
    assert_eq!(vera.post("/v1/videos", json!({ "prompt": "x" })).await.status, 403);
    // Without the API in the plan nothing goes.
    told(app.data.path(), &["plan", "set", "plus", "api=false"]);
    let barred = mia.get("/v1/videos").await;
    assert_eq!((barred.status, barred.code()), (403, "api_not_enabled"));
    drop(fake);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_when_it_is_revoked_when_it_expires_and_when_its_owner_may_not_come_in() {
    let (fake, app) = start().await;
    let first = key(&app, "mia", &["--name", "Night run"]);
    let mia = Api::of(&app.browser, Some(&first));
    mia.get("/v1/videos").await.is(200);
    let listed: Value = serde_json::from_str(&told(app.data.path(), &["key", "list", "--json"])).unwrap();
    assert_eq!((listed[0]["user"].as_str(), listed[0]["name"].as_str()), (Some("mia"), Some("Night run")));
    assert!(listed[0]["used_at"].is_i64(), "{listed}");
    assert!(!listed.to_string().contains(&first), "the key itself is shown once");
    assert_eq!(count(app.data.path(), "select count(*) from api_key where secret like 'rsh_%'").await, 0);
    told(app.data.path(), &["key", "revoke", listed[0]["id"].as_str().unwrap()]);
    assert_eq!((mia.get("/v1/videos").await.status, mia.get("/v1/videos").await.code()), (401, "invalid_api_key"));

    let short = Api::of(&app.browser, Some(&key(&app, "mia", &["--days", "1"])));
    short.get("/v1/videos").await.is(200);
    app.clock.advance(Duration::from_hours(25));
    let over = short.get("/v1/videos").await;
    assert!(over.status == 401 && over.json["error"]["message"].as_str().unwrap().contains("expired"), "{over:?}");

    let third = Api::of(&app.browser, Some(&key(&app, "mia", &[])));
    told(app.data.path(), &["user", "disable", "mia"]);
    assert_eq!(third.get("/v1/videos").await.status, 401);
    drop(fake);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_counted_to_the_plan_and_the_budget_of_their_owner() {
    let (fake, app) = start().await;
    told(app.data.path(), &["plan", "set", "plus", "generations_per_day=3"]);
    let one = Api::of(&app.browser, Some(&key(&app, "mia", &[])));
    let two = Api::of(&app.browser, Some(&key(&app, "mia", &[])));
    one.paid("One").await;
    two.paid("Two").await;
    let browser = signed_in(&app, "mia").await;
    browser.paid("Three, on the page").await;
    let over = one.post("/v1/videos", json!({ "prompt": "Four" })).await;
    assert_eq!((over.status, over.code(), over.header("x-should-retry")), (429, "insufficient_quota", "false"));
    assert_eq!(over.json["error"]["type"], "insufficient_quota");
    app.until("three clips", || async {
        (count(app.data.path(), "select count(*) from generation where state = 'completed'").await == 3).then_some(())
    })
    .await;
    assert_eq!(fake.creates().len(), 3);
    let usage: Value = serde_json::from_str(&told(app.data.path(), &["usage", "--json"])).unwrap();
    assert_eq!(usage["spent_micros"], 1_200_000, "{usage}");
    the_ledger_agrees(app.data.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_requests_a_minute_and_each_answer_says_how_many_are_left() {
    let (fake, app) = start().await;
    told(app.data.path(), &["plan", "set", "plus", "api_per_minute=5"]);
    let mia = Api::of(&app.browser, Some(&key(&app, "mia", &[])));
    for left in (0..5).rev() {
        let told = mia.get("/v1/models").await;
        assert_eq!((told.status, told.header("x-ratelimit-limit-requests")), (200, "5"));
        assert_eq!(told.header("x-ratelimit-remaining-requests"), left.to_string());
    }
    let over = mia.post("/v1/videos", json!({ "prompt": "Six" })).await;
    assert_eq!((over.status, over.code(), over.header("x-should-retry")), (429, "rate_limit_exceeded", ""));
    let wait: u64 = over.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let paul = Api::of(&app.browser, Some(&key(&app, "paul", &[])));
    paul.get("/v1/models").await.is(200);
    app.clock.advance(Duration::from_secs(wait));
    mia.get("/v1/models").await.is(200);
    drop(fake);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_shown_once_and_revoked_on_their_page() {
    let (fake, app) = start().await;
    let mia = signed_in(&app, "mia").await;
    let empty = mia.page("/keys").await;
    assert!(empty.text().contains("New key"), "{}", empty.text());
    let wrong = mia.post_form("/keys", &[("name", "x"), ("days", "90")]).await;
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text().await.unwrap().contains("Choose at least one thing"));
    let made = mia
        .post_form("/keys", &[("name", "Render <script>"), ("days", "30"), ("scope", "read"), ("scope", "create")])
        .await;
    assert_eq!(made.status(), 200);
    let text = made.text().await.unwrap();
    let at = text.find("rsh_").unwrap();
    let secret = text[at..at + 44].to_owned();
    Api::of(&app.browser, Some(&secret)).get("/v1/models").await.is(200);
    let page = mia.get("/keys").await.text().await.unwrap();
    assert!(!page.contains(&secret) && page.contains("Render &#60;script&#62;"), "shown once: {page}");
    let id = page.split("/keys/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    // Another's key cannot be ended, and is not even there.
    let paul = signed_in(&app, "paul").await;
    assert_eq!(paul.post(&format!("/keys/{id}/revoke")).await.status(), 404);
    assert!(!paul.page("/keys").await.text().contains("Render"));
    assert_eq!(mia.post(&format!("/keys/{id}/revoke")).await.status(), 303);
    assert_eq!(Api::of(&app.browser, Some(&secret)).get("/v1/models").await.status, 401);
    told(app.data.path(), &["plan", "set", "plus", "api=false"]);
    assert!(mia.page("/keys").await.text().contains("Your plan does not include the API"));
    assert_eq!(mia.post_form("/keys", &[("name", "x"), ("days", ""), ("scope", "read")]).await.status(), 403);
    drop(fake);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_websites_and_other_names_are_refused_in_the_envelope() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let api = Api::of(&app.browser, None);
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")] {
        let request = api.request(Method::POST, "/v1/videos").header(name, value).json(&json!({ "prompt": "x" }));
        let told = Told::of(request.send().await.unwrap()).await;
        assert_eq!((told.status, told.code()), (403, "forbidden"), "{name}: {value}");
    }
    let told =
        Told::of(api.request(Method::GET, "/v1/videos").header("host", "evil.example").send().await.unwrap()).await;
    assert_eq!((told.status, told.code()), (421, "wrong_host"));
    assert_eq!(count(app.data.path(), "select count(*) from task").await, 0);
    assert_eq!(api.get("/v1/nothing").await.code(), "not_found");
    let method = Told::of(api.request(Method::PATCH, "/v1/videos").send().await.unwrap()).await;
    assert_eq!((method.status, method.code()), (405, "method_not_allowed"));
}
