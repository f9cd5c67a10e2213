//! Polls, lists, stops and models on the wire.

use std::sync::atomic::{AtomicUsize, Ordering};

use rushes::upstream::openai::{OpenAi, Settings, Unusable};
use rushes::upstream::{Health, Phase, PollError, Stop, Upstream as _, UpstreamId};
use url::Url;

use super::server::{End, Reply, Server, json, reply};
use super::{KEY, driver, settings};

fn id(text: &str) -> UpstreamId {
    UpstreamId(text.to_owned())
}

#[tokio::test]
async fn any_id_stays_one_part_of_the_address() {
    let server = Server::always(json(200, r#"{"status":"queued"}"#)).await;
    let driver = driver(&format!("{}/?api-version=preview", server.base()));

    for text in ["video_dGVzdA==+/x", "../../admin", "a?b#c%2e d", "ü", "%2e%2e"] {
        assert_eq!(driver.poll(&id(text)).await.unwrap().phase, Phase::Waiting);
    }
    for text in ["..", ".", ""] {
        assert_eq!(driver.poll(&id(text)).await, Err(PollError::Missing));
    }

    let targets: Vec<String> = server.seen().iter().map(|request| request.line().to_owned()).collect();
    let expected = ["video_dGVzdA%3D%3D%2B%2Fx", "..%2F..%2Fadmin", "a%3Fb%23c%252e%20d", "%C3%BC", "%252e%252e"];
    assert_eq!(targets, expected.map(|text| format!("GET /v1/videos/{text}?api-version=preview")));
}

#[tokio::test]
async fn a_broken_poll_says_ask_again_later_and_is_not_repeated_or_redirected() {
    for answer in [
        Reply(Vec::new(), End::Reset),
        Reply(Vec::new(), End::Silence),
        Reply(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"status\":\"completed\"".to_vec(), End::Close),
        reply(200, "", vec![b' '; 3 << 20]),
        reply(301, "Location: /v1/videos/other", ""),
        json(401, &format!(r#"{{"error":"wrong key {KEY}"}}"#)),
    ] {
        let server = Server::always(answer).await;
        let Err(PollError::Later { words, .. }) = driver(&server.base()).poll(&id("v")).await else {
            panic!("must be later");
        };
        assert!(!words.is_empty() && !words.contains("canary") && !words.contains("http://"), "{words}");
        assert_eq!(server.seen().len(), 1, "{words}");
    }
}

#[tokio::test]
async fn models_are_asked_for_and_survive_a_bad_answer() {
    let turn = AtomicUsize::new(0);
    let server = Server::start(move |_| match turn.fetch_add(1, Ordering::Relaxed) {
        0 => json(200, r#"{"data":[{"id":"sora-2"},{"id":"gpt-5"},{"id":"my-film"}]}"#),
        1 => reply(502, "Content-Type: text/html", "<html>canary"),
        _ => json(404, "{}"),
    })
    .await;
    let driver = driver(&server.base());
    assert_eq!((driver.models().len(), driver.health()), (0, Health::Unknown));

    driver.refresh().await;
    let models = driver.models();
    assert_eq!(models.iter().map(|model| model.label.as_str()).collect::<Vec<_>>(), ["Sora 2", "My Film"]);
    assert_eq!(driver.health(), Health::Up);

    for _ in 0..2 {
        driver.refresh().await;
        assert!(matches!(driver.health(), Health::Down(words) if !words.contains("canary")));
        assert_eq!(driver.models(), models);
    }
}

#[tokio::test]
async fn configured_models_stay_and_only_health_is_asked() {
    let listing = Server::always(json(200, r#"["sora-2"]"#)).await;
    let asked = driver(&listing.base());
    asked.refresh().await;
    let models = asked.models().to_vec();

    for (status, up) in [(200, true), (404, true), (405, true), (401, false), (403, false), (500, false)] {
        let server = Server::always(json(status, r#"{"data":[{"id":"veo-3.1"}]}"#)).await;
        let driver = OpenAi::new(Settings { models: models.clone(), ..settings(&server.base()) }).unwrap();
        driver.refresh().await;
        assert_eq!((driver.health() == Health::Up, driver.models().to_vec()), (up, models.clone()), "{status}");
    }
}

#[tokio::test]
async fn only_jobs_that_really_end_are_stopped() {
    let server = Server::always(json(200, r#"{"id":"video_gen_1","object":"video.deleted","deleted":true}"#)).await;
    let driver = driver(&server.base());

    assert_eq!(driver.stop(&id("video_gen_1")).await, Stop::Stopped);
    assert_eq!(driver.stop(&id("video_1")).await, Stop::Impossible);
    assert!(driver.can_stop(&id("video_gen_1")) && !driver.can_stop(&id("video_1")));

    let [request] = &server.seen()[..] else { panic!("one request") };
    assert_eq!(request.line(), "DELETE /v1/videos/video_gen_1");
    for answer in [json(200, r#"{"deleted":false}"#), json(409, r#"{"deleted":true}"#), json(200, "{}")] {
        let server = Server::always(answer).await;
        assert_eq!(super::driver(&server.base()).stop(&id("video_gen_1")).await, Stop::Impossible);
    }
}

#[tokio::test]
async fn jobs_are_listed_page_by_page_where_a_server_lists_them() {
    let server = Server::start(|request| {
        let more = !request.line().contains("after=");
        json(200, &format!(r#"{{"data":[{{"id":"a&b"}}],"has_more":{more},"last_id":"a&b"}}"#))
    })
    .await;
    let driver = driver(&server.base());

    let first = driver.list(None).await.unwrap();
    let second = driver.list(first.after.as_ref()).await.unwrap();

    assert_eq!((first.after, second.after), (Some(id("a&b")), None));
    let targets: Vec<String> = server.seen().iter().map(|request| request.line().to_owned()).collect();
    let expected = ["GET /v1/videos?limit=100&order=desc", "GET /v1/videos?limit=100&order=desc&after=a%26b"];
    assert_eq!(targets, expected);
    for (status, body) in [(404, "{}"), (405, "{}"), (500, "[]"), (200, "{}"), (200, "<html>")] {
        let server = Server::always(json(status, body)).await;
        assert_eq!(super::driver(&server.base()).list(None).await, None, "{status} {body}");
    }
}

#[test]
fn unusable_settings_are_refused_without_showing_the_key() {
    for (base, key, expected) in [
        ("ftp://films.example/v1", KEY, Unusable::Address),
        ("data:text/plain,x", KEY, Unusable::Address),
        ("http://user@films.example/v1", KEY, Unusable::Userinfo),
        ("http://:secret@films.example/v1", KEY, Unusable::Userinfo),
        ("http://films.example/v1", "sk-canary\nX: y", Unusable::Key),
    ] {
        let wrong =
            Settings { base_url: Url::parse(base).unwrap(), key: Some(key.to_owned().into()), ..settings(base) };
        let told = format!("{wrong:?}");
        assert!(!told.contains("canary") && !told.contains('@'), "{told}");
        let error = OpenAi::new(wrong).unwrap_err();
        assert_eq!(error, expected, "{base}");
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
    let fine = driver("http://films.example/v1?secret=1");
    assert_eq!(format!("{fine:?}"), r#"OpenAi { name: "main", base_url: "http://films.example", .. }"#);
}
