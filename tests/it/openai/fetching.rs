//! Films and stills on their way here, and the addresses they may come from.

use std::time::Duration;

use futures_util::StreamExt as _;
use rushes::upstream::{Body, FetchError, Resume, Source, Upstream as _, UpstreamId};

use super::server::{End, Reply, Request, Server, json, reply};
use super::{KEY, driver};

const FILM: &[u8] = b"\0\0\0\x18ftypmp42 and the rest of it";

fn film() -> Reply {
    reply(200, "Content-Type: video/mp4\r\nETag: \"one\"", FILM)
}

fn at(url: &str) -> Source {
    Source { url: Some(url.to_owned()) }
}

async fn fetch(base: &str, source: &Source, resume: Option<&Resume>) -> Result<Body, FetchError> {
    driver(base).fetch(&UpstreamId("v".to_owned()), source, resume).await
}

async fn all(body: Body) -> Result<Vec<u8>, String> {
    let parts: Vec<_> = body.stream.collect().await;
    Ok(parts.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
}

/// The kind of failure, after a look that its words give nothing away.
fn kind(result: Result<Body, FetchError>) -> &'static str {
    let (kind, words) = match result {
        Ok(_) => return "file",
        Err(FetchError::Later { words, .. }) => ("later", words),
        Err(FetchError::Gone { words }) => ("gone", words),
        Err(FetchError::Refused { words }) => ("refused", words),
    };
    assert!(!words.is_empty() && !words.contains("canary") && !words.contains("http"), "{words}");
    kind
}

#[tokio::test]
async fn a_film_comes_from_the_content_route_with_the_key() {
    let server = Server::always(film()).await;

    let body = fetch(&server.base(), &Source::default(), None).await.unwrap();

    assert_eq!((body.offset, body.total, body.etag.as_deref()), (0, Some(FILM.len() as u64), Some("\"one\"")));
    assert_eq!(all(body).await.unwrap(), FILM);
    let [request] = &server.seen()[..] else { panic!("one request") };
    assert_eq!(request.line(), "GET /v1/videos/v/content");
    assert_eq!(request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!((request.header("accept"), request.header("accept-encoding")), (Some("*/*"), Some("identity")));
    assert_eq!((request.header("range"), request.header("if-range")), (None, None));
}

#[tokio::test]
async fn the_key_stays_at_its_origin_and_does_not_come_back() {
    let elsewhere = Server::start(|request: &Request| {
        let home = request.line().rsplit_once("home=").map(|(_, home)| home.to_owned());
        home.map_or_else(film, |home| reply(302, &format!("Location: http://{home}/end"), ""))
    })
    .await;
    let other = format!("http://127.0.0.1:{}/cdn?sig=1", elsewhere.port());
    let server = Server::start(move |request| match request.line() {
        "GET /v1/videos/v/content" => reply(302, "Location: /v1/next", ""),
        "GET /v1/next" => reply(307, &format!("Location: {other}&home={}", request.header("host").unwrap()), ""),
        _ => film(),
    })
    .await;

    assert_eq!(kind(fetch(&server.base(), &Source::default(), None).await), "file");

    let keys: Vec<bool> = server.seen().iter().map(|request| request.header("authorization").is_some()).collect();
    assert_eq!(keys, [true, true, false]);
    let [request] = &elsewhere.seen()[..] else { panic!("one request") };
    assert!(!request.head.contains("canary") && request.header("referer").is_none());
}

#[tokio::test]
async fn a_named_address_gets_the_key_only_at_the_configured_origin() {
    let server = Server::always(film()).await;
    let elsewhere = Server::always(film()).await;
    for (port, key) in [(server.port(), true), (elsewhere.port(), false)] {
        let named = at(&format!("http://127.0.0.1:{port}/named.mp4"));
        assert_eq!(kind(fetch(&server.base(), &named, None).await), "file");
        let seen = if key { server.seen() } else { elsewhere.seen() };
        assert_eq!(seen[0].line(), "GET /named.mp4");
        assert_eq!(seen[0].header("authorization").is_some(), key);
    }
}

#[tokio::test]
async fn nothing_inside_the_network_is_asked_but_the_upstream_itself() {
    let inside = Server::start_at("127.0.0.2:0", |_| film()).await;
    let also = Server::always(film()).await;
    for address in [
        format!("http://127.0.0.2:{}/x", inside.port()),
        format!("http://localhost:{}/x", also.port()),
        format!("http://[::ffff:127.0.0.1]:{}/x", also.port()),
        format!("http://user@127.0.0.1:{}/x", also.port()),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://2852039166/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let redirect = reply(302, &format!("Location: {address}"), "");
        let server = Server::always(redirect).await;
        assert_eq!(kind(fetch(&server.base(), &Source::default(), None).await), "refused", "redirect to {address}");
        assert_eq!(kind(fetch(&server.base(), &at(&address), None).await), "refused", "named {address}");
        let server = Server::always(json(200, &format!(r#"{{"video_url":"{address}"}}"#))).await;
        assert_ne!(kind(fetch(&server.base(), &Source::default(), None).await), "file", "told {address}");
    }
    assert!(inside.seen().is_empty() && also.seen().is_empty());
}

#[tokio::test]
async fn a_way_without_end_is_left_after_five_hops() {
    let looping = Server::always(reply(302, "Location: /again", "")).await;
    assert_eq!(kind(fetch(&looping.base(), &Source::default(), None).await), "refused");
    assert_eq!(looping.seen().len(), 6);

    let told =
        Server::start(|request| json(200, &format!(r#"{{"url":"http://{}/again"}}"#, request.header("host").unwrap())))
            .await;
    assert_eq!(kind(fetch(&told.base(), &Source::default(), None).await), "refused");
    assert_eq!(told.seen().len(), 6);
}

#[tokio::test]
async fn a_broken_download_goes_on_only_where_it_broke_off() {
    let resume = Resume { offset: 4, etag: "\"one\"".to_owned() };
    let part = |headers: &str| reply(206, headers, &FILM[4..]);
    for (answer, expected) in [
        (part("ETag: \"one\"\r\nContent-Range: bytes 4-32/33"), "file"),
        (part("Content-Range: bytes 4-32/*"), "file"),
        (part("ETag: \"two\"\r\nContent-Range: bytes 4-32/33"), "later"),
        (part("Content-Range: bytes 0-28/33"), "later"),
        (part("Content-Range: bytes 5-33/34"), "later"),
        (part("Content-Range: bytes 4-99/33"), "later"),
        (part("Content-Range: junk"), "later"),
        (part("X: y"), "later"),
        (reply(416, "Content-Range: bytes */33", ""), "later"),
        (film(), "file"),
    ] {
        let whole = answer.0.starts_with(b"HTTP/1.1 200");
        let server = Server::always(answer).await;
        let result = fetch(&server.base(), &Source::default(), Some(&resume)).await;
        if let Ok(body) = &result {
            assert_eq!(body.offset, if whole { 0 } else { 4 });
        }
        assert_eq!(kind(result), expected);
        let request = server.seen().pop().unwrap();
        assert_eq!((request.header("range"), request.header("if-range")), (Some("bytes=4-"), Some("\"one\"")));
    }
}

#[tokio::test]
async fn answers_that_are_no_film_say_what_to_do_next() {
    let page = "Content-Type: text/html";
    let clip = "Content-Type: video/mp4";
    for (answer, own, named) in [
        (json(400, r#"{"detail":"not ready"}"#), "later", "gone"),
        (json(401, r#"{"error":"wrong key sk-canary-0123456789abcdef"}"#), "later", "gone"),
        (json(403, "{}"), "gone", "gone"),
        (json(404, r#"{"detail":"Video is not ready yet"}"#), "later", "gone"),
        (json(409, "{}"), "later", "later"),
        (json(410, "{}"), "gone", "gone"),
        (json(422, "{}"), "refused", "refused"),
        (json(425, "{}"), "later", "later"),
        (json(429, "{}"), "later", "later"),
        (reply(502, page, "<html>canary"), "later", "later"),
        (reply(200, page, "<html>canary"), "later", "later"),
        (json(200, r#"{"error":{"message":"still rendering"}}"#), "later", "later"),
        (json(200, r#"{"error":{"code":"moderation_blocked","message":"m"}}"#), "refused", "refused"),
        (json(200, r#"{"status":"failed","error":"m"}"#), "refused", "refused"),
        (reply(200, clip, r#" {"error":"not ready"}"#), "later", "later"),
        (reply(200, clip, "<html>canary"), "later", "later"),
        (reply(200, clip, ""), "later", "later"),
        (reply(204, "", ""), "later", "later"),
        (reply(200, "Content-Encoding: gzip", FILM), "later", "later"),
        (reply(206, "Content-Range: bytes 9-41/42", FILM), "later", "later"),
        (reply(200, "Content-Type: application/octet-stream", FILM), "file", "file"),
        (reply(200, "", b"\x1aE\xdf\xa3webm"), "file", "file"),
    ] {
        let server = Server::always(answer.clone()).await;
        let url = at(&format!("{}/film.mp4", server.base()));
        assert_eq!(kind(fetch(&server.base(), &Source::default(), None).await), own, "{answer:?}");
        assert_eq!(kind(fetch(&server.base(), &url, None).await), named, "{answer:?}");
        let route = at(&format!("{}/videos/v/content", server.base()));
        assert_eq!(kind(fetch(&server.base(), &route, None).await), own, "{answer:?}");
    }
    let busy = Server::always(reply(503, "Retry-After: 7", "")).await;
    let Err(FetchError::Later { retry_after, .. }) = fetch(&busy.base(), &Source::default(), None).await else {
        panic!("must be later");
    };
    assert_eq!(retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn an_address_told_in_json_is_followed() {
    let server = Server::start(|request| match request.line() {
        "GET /v1/videos/v/content" => {
            json(200, &format!(r#"{{"video_url":"http://{}/film"}}"#, request.header("host").unwrap()))
        }
        _ => film(),
    })
    .await;
    let body = fetch(&server.base(), &Source::default(), None).await.unwrap();
    assert_eq!(all(body).await.unwrap(), FILM);
}

#[tokio::test]
async fn a_slow_film_arrives_and_a_stalled_or_cut_one_says_so() {
    let head = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nfilm").into_bytes();
    // 20 x 50 ms is far longer than the patience without a byte, which is 400 ms.
    let slow = Server::always(Reply(head(24), End::Drip(20, Duration::from_millis(50)))).await;
    let body = fetch(&slow.base(), &Source::default(), None).await.unwrap();
    assert_eq!(all(body).await.unwrap().len(), 24);

    for end in [End::Silence, End::Close, End::Reset] {
        let server = Server::always(Reply(head(900), end)).await;
        if let Ok(body) = fetch(&server.base(), &Source::default(), None).await {
            let words = all(body).await.unwrap_err();
            assert!(!words.is_empty() && !words.contains("127.0.0.1"), "{end:?}: {words}");
        } else {
            assert!(matches!(end, End::Reset), "{end:?} breaks off after the first bytes");
        }
    }
    let silent = Server::always(Reply(Vec::new(), End::Silence)).await;
    assert_eq!(kind(fetch(&silent.base(), &Source::default(), None).await), "later");
}

#[tokio::test]
async fn a_still_is_taken_only_if_it_is_a_picture() {
    let webp = b"RIFF\x10\0\0\0WEBPVP8 ";
    for (answer, taken) in [
        (reply(200, "Content-Type: image/webp", webp), true),
        (reply(200, "Content-Type: application/octet-stream", b"\xff\xd8\xff\xe0"), true),
        (reply(200, "", b"\x89PNG\r\n\x1a\n"), true),
        (reply(200, "Content-Type: text/html", webp), false),
        (reply(200, "Content-Type: image/svg+xml", "<svg/>"), false),
        (reply(200, "Content-Type: image/webp", ""), false),
        (reply(200, "Content-Type: image/png", vec![b' '; (8 << 20) + 1]), false),
        (reply(404, "Content-Type: image/webp", webp), false),
        (reply(302, "Location: http://127.0.0.2/", ""), false),
        (Reply(Vec::new(), End::Silence), false),
    ] {
        let server = Server::always(answer).await;
        let still = driver(&server.base()).thumbnail(&UpstreamId("v".to_owned())).await;
        assert_eq!(still.is_some(), taken);
        assert_eq!(server.seen()[0].line(), "GET /v1/videos/v/content?variant=thumbnail");
    }
}
