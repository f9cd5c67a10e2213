//! The paid create on the wire.

use axum::extract::{FromRequest as _, Multipart};
use bytes::Bytes;
use rushes::domain::{Pixels, Reason, Seconds};
use rushes::upstream::{CreateError, Extras, Order, Reference, Upstream as _, UpstreamId, Work};
use tokio::net::TcpListener;

use super::server::{End, Reply, Request, Server, json, reply};
use super::{KEY, driver};

pub fn order() -> Order {
    Order {
        prompt: "Ein Fuchs, \"schnell\"\r\n--und weg".to_owned(),
        model: "sora-2".to_owned(),
        size: Pixels::new(1280, 720).unwrap(),
        seconds: Seconds::new(8).unwrap(),
        seed: 42,
        reference: None,
        extras: Extras::default(),
        work: Work::Create,
        idempotency_key: "attempt-1".to_owned(),
    }
}

type Part = (String, Option<String>, Option<String>, Vec<u8>);

/// The parts as an independent reader sees them: name, file name, type, bytes.
async fn parts(request: &Request) -> Vec<Part> {
    let kind = request.header("content-type").unwrap();
    let built = axum::http::Request::post("/").header("content-type", kind);
    let built = built.body(axum::body::Body::from(request.body.clone())).unwrap();
    let mut form = Multipart::from_request(built, &()).await.unwrap();
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.unwrap() {
        let name = field.name().unwrap().to_owned();
        let (file, kind) = (field.file_name().map(str::to_owned), field.content_type().map(str::to_owned));
        parts.push((name, file, kind, field.bytes().await.unwrap().to_vec()));
    }
    parts
}

fn text(name: &str, value: &str) -> Part {
    (name.to_owned(), None, None, value.as_bytes().to_vec())
}

#[tokio::test]
async fn a_create_is_one_form_of_known_length_with_the_key_and_nothing_else() {
    let server = Server::always(json(200, r#"{"id":"video_1","status":"queued"}"#)).await;

    let accepted = driver(&format!("{}/", server.base())).create(&order()).await.unwrap();

    assert_eq!(accepted.id, UpstreamId("video_1".to_owned()));
    let [request] = &server.seen()[..] else { panic!("one request") };
    assert_eq!(request.line(), "POST /v1/videos");
    assert_eq!(request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(request.header("idempotency-key"), Some("attempt-1"));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("transfer-encoding"), None);
    let order = order();
    let expected =
        [text("prompt", &order.prompt), text("model", "sora-2"), text("seconds", "8"), text("size", "1280x720")];
    assert_eq!(parts(request).await, expected);
}

#[tokio::test]
async fn the_first_frame_goes_along_as_a_file() {
    let server = Server::always(json(202, r#"{"task_id":7}"#)).await;
    let picture: Vec<u8> = (0..=255).cycle().take(200_000).collect();

    for (mime, name) in [("image/png", "reference.png"), ("image/jpeg", "reference.jpg")] {
        let reference = Some(Reference { bytes: Bytes::from(picture.clone()), mime });
        let accepted = driver(&server.base()).create(&Order { reference, ..order() }).await.unwrap();

        assert_eq!(accepted.id.0, "7");
        let request = server.seen().pop().unwrap();
        assert!(request.header("content-length").is_some() && request.header("transfer-encoding").is_none());
        let file = parts(&request).await.pop().unwrap();
        let expected = ("input_reference".to_owned(), Some(name.to_owned()), Some(mime.to_owned()), picture.clone());
        assert!(file == expected, "the file part of {mime}");
    }
}

#[tokio::test]
async fn nothing_makes_the_driver_send_a_create_twice() {
    let cut = Reply(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"id\":\"v\"".to_vec(), End::Close);
    for (what, answer, uncertain) in [
        ("307", reply(307, "Location: /v1/videos", ""), false),
        ("308", reply(308, "Location: http://127.0.0.1:1/", ""), false),
        ("408", json(408, r#"{"error":{"message":"m"}}"#), true),
        ("409", json(409, r#"{"error":{"message":"m"}}"#), true),
        ("429", reply(429, "Retry-After: 0", r#"{"error":{"message":"m"}}"#), false),
        ("500", json(500, r#"{"error":{"message":"m"}}"#), true),
        ("503", reply(503, "Retry-After: 0\r\nx-should-retry: true", ""), true),
        ("502 page", reply(502, "Content-Type: text/html", "<html>bad gateway"), true),
        ("reset after reading", Reply(Vec::new(), End::Reset), true),
        ("closed after reading", Reply(Vec::new(), End::Close), true),
        ("silence", Reply(Vec::new(), End::Silence), true),
        ("silence after the head", Reply(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".to_vec(), End::Silence), true),
        ("cut answer", cut, true),
        ("not HTTP", Reply(b"SSH-2.0-server\r\n\r\n".to_vec(), End::Close), true),
        ("a giant", reply(200, "", vec![b' '; 3 << 20]), true),
        ("only a 103", Reply(b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec(), End::Close), true),
        ("compressed unasked", reply(200, "Content-Encoding: gzip", b"\x1f\x8b\x08\0junk"), true),
    ] {
        let server = Server::always(answer).await;

        let result = driver(&server.base()).create(&order()).await;

        let got = matches!(result, Err(CreateError::Uncertain { .. }));
        assert!(result.is_err() && got == uncertain, "{what}: {result:?}");
        assert_eq!(server.seen().len(), 1, "{what}");
    }
}

#[tokio::test]
async fn an_early_hint_before_the_answer_is_no_trouble() {
    let answer = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"id\":\"v\"}";
    let server = Server::always(Reply(answer.to_vec(), End::Close)).await;

    assert_eq!(driver(&server.base()).create(&order()).await.unwrap().id.0, "v");
}

#[tokio::test]
async fn no_answer_in_time_is_told_from_an_odd_one() {
    for (answer, expected) in [
        (Reply(Vec::new(), End::Silence), Reason::NoAnswer),
        (Reply(Vec::new(), End::Reset), Reason::NoAnswer),
        (json(500, "{}"), Reason::OddAnswer),
    ] {
        let server = Server::always(answer).await;
        let Err(CreateError::Uncertain { reason, words }) = driver(&server.base()).create(&order()).await else {
            panic!("{expected} must be uncertain");
        };
        assert_eq!(reason, expected);
        assert!(!words.contains("127.0.0.1"), "{words}");
    }
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let no_tls = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tls = format!("https://{}/v1", no_tls.local_addr().unwrap());
    tokio::spawn(async move { while no_tls.accept().await.is_ok() {} });

    for base in [format!("http://{closed}/v1"), "http://upstream.invalid/v1".to_owned(), tls] {
        let result = driver(&base).create(&order()).await;
        let expected = matches!(result, Err(CreateError::NotSent { reason: Reason::Unreachable, .. }));
        assert!(expected, "{base}: {result:?}");
    }
}

/// On a kept connection that the server closes just then it stays unknown whether a create arrived.
#[tokio::test]
async fn each_create_has_a_fresh_connection_so_that_a_stale_one_cannot_make_it_uncertain() {
    // After its answer this server keeps the connection and never answers on it again.
    let server = Server::always(Reply(json(200, r#"{"id":"v"}"#).0, End::Silence)).await;
    let driver = driver(&server.base());

    for _ in 0..100 {
        driver.create(&order()).await.unwrap();
    }

    assert_eq!(server.seen().len(), 100);
}
