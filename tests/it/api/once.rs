//! The same request again pays once.

use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::json;

use super::{Api, Told};
use crate::app::TestApp;
use crate::invariants::{check_all, count};
use crate::upstream::FakeUpstream;

async fn create(api: &Api, prompt: &str, headers: &[(&str, &str)]) -> Told {
    let form = Form::new().text("prompt", prompt.to_owned()).text("seconds", "4");
    let request = api.request(Method::POST, "/v1/videos").multipart(form);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    Told::of(request.send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_is_remembered_for_a_day_and_holds_for_one_request() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let api = Api::of(&app.browser, None);
    let key = [("idempotency-key", "order 66")];
    // Fifty at once, as a script in a hurry would send them.
    let all = futures_util::future::join_all((0..50).map(|_| create(&api, "A fox", &key))).await;
    let first = all[0].text("id");
    assert!(all.iter().all(|told| told.status == 200 && told.text("id") == first), "{all:?}");
    assert_eq!(count(app.data.path(), "select count(*) from task").await, 1);
    let other = create(&api, "An owl", &key).await;
    assert_eq!((other.status, other.code(), other.header("x-should-retry")), (400, "idempotency_key_reused", "false"));
    app.clock.advance(Duration::from_hours(23));
    assert_eq!(create(&api, "A fox", &key).await.text("id"), first);
    app.clock.advance(Duration::from_hours(2));
    assert_ne!(create(&api, "A fox", &key).await.text("id"), first, "a day is over");
    assert_eq!(count(app.data.path(), "select count(*) from task").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sdks_own_retry_is_answered_with_the_first_video_and_wishes_for_two_make_two() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let api = Api::of(&app.browser, None);
    let first = create(&api, "A fox", &[("x-stainless-retry-count", "0")]).await.text("id");
    for count in ["1", "2"] {
        assert_eq!(create(&api, "A fox", &[("x-stainless-retry-count", count)]).await.text("id"), first);
    }
    assert_ne!(create(&api, "A fox!", &[("x-stainless-retry-count", "1")]).await.text("id"), first, "another body");
    let second = create(&api, "A fox", &[("x-stainless-retry-count", "0")]).await.text("id");
    assert_ne!(second, first, "asked for twice, made twice");
    app.clock.advance(Duration::from_secs(61));
    assert_ne!(create(&api, "A fox", &[("x-stainless-retry-count", "1")]).await.text("id"), second, "a minute is over");
    // The first and its retry at once: the retry waits for what the first makes.
    let pair =
        futures_util::future::join_all(
            (0..20).map(|number| {
                let api = &api;
                async move {
                    create(api, "A boat", &[("x-stainless-retry-count", if number == 0 { "0" } else { "1" })]).await
                }
            }),
        )
        .await;
    let mut ids: Vec<String> = pair.iter().map(|told| told.text("id")).collect();
    ids.dedup();
    ids.sort();
    ids.dedup();
    assert!(ids.len() <= 2, "at most a retry that overtook the first, and the first: {ids:?}");
    let made = api.post("/v1/videos", json!({ "prompt": "A lamp" })).await.is(200);
    api.until(&app, made["id"].as_str().unwrap(), "completed").await;
    app.until("all", || async {
        let video = api.get("/v1/videos?limit=100").await.is(200);
        video["data"].as_array().unwrap().iter().all(|video| video["status"] == "completed").then_some(())
    })
    .await;
    let tasks = count(app.data.path(), "select count(*) from task").await;
    assert_eq!(i64::try_from(fake.creates().len()).unwrap(), tasks);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_finds_its_video_when_it_tries_again() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let api = Api::of(&app.browser, None);
    for number in 0..10_u64 {
        let prompt = format!("Boat {number}");
        // Gone after some microseconds, whatever the server is at.
        let _ = tokio::time::timeout(Duration::from_micros(number * 400), create(&api, &prompt, &[])).await;
        let retried = create(&api, &prompt, &[("x-stainless-retry-count", "1")]).await;
        assert_eq!(retried.status, 200);
    }
    let double =
        count(app.data.path(), "select count(*) from (select 1 from task group by prompt having count(*) > 1)").await;
    assert_eq!(double, 0, "nothing was made twice");
}
