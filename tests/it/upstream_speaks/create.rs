//! Creates: what the ledger says was paid, and every way the answer fails.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use base64::Engine;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Caller, json_of, message_of, png, with_reference};
use crate::upstream::clip::{CLIP, SPRITESHEET, THUMBNAIL};
use crate::upstream::control::Step;
use crate::upstream::picture::pixels;
use crate::upstream::{CreateFault, FakeUpstream, Fault, KEY, Options};

#[tokio::test]
async fn the_ledger_shows_what_a_create_carried() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);

    let answer = caller.send_form(with_reference(png(1280, 720))).await.unwrap();

    assert_eq!(answer.status(), StatusCode::OK);
    let creates = fake.creates();
    let order = creates[0].order.as_ref().unwrap();
    assert_eq!((order.prompt(), order.size(), order.seconds()), ("a fox", "1280x720", "4"));
    assert_eq!(order.reference.as_ref().unwrap().pixels, Some((1280, 720)));
    assert_eq!(creates[0].authorization(), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(fake.paid(), [creates[0].accepted.clone().unwrap()]);
}

#[tokio::test]
async fn a_bad_order_is_refused_in_the_providers_words_and_costs_nothing() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    let json_order = |body: Value| {
        let request = caller.http.post(format!("{}/videos", caller.base));
        request.bearer_auth(KEY).json(&body).send()
    };

    let image = caller.send_form(with_reference(png(640, 480))).await.unwrap();
    let integer = json_order(json!({ "prompt": "a fox", "seconds": 4 })).await.unwrap();
    let large = json_order(json!({ "prompt": "a fox", "size": "1920x1080" })).await.unwrap();
    let unsigned = caller.http.post(format!("{}/videos", caller.base)).send().await.unwrap();

    assert_eq!(image.status(), StatusCode::BAD_REQUEST);
    assert_eq!(message_of(image).await, "Inpaint image must match the requested width and height");
    assert!(message_of(integer).await.starts_with("Invalid type for 'seconds'"));
    assert_eq!(json_of(large).await["error"]["param"], "size");
    assert_eq!(unsigned.status(), StatusCode::UNAUTHORIZED);
    assert_eq!((fake.creates().len(), fake.paid().len()), (4, 0));
}

#[tokio::test]
async fn every_refusal_has_its_status_and_code_and_costs_nothing() {
    let refusals = [
        (Fault::Moderation, 400, json!("moderation_blocked")),
        (Fault::KeyRejected, 401, json!("invalid_api_key")),
        (Fault::Forbidden, 403, Value::Null),
        (Fault::ModelNotFound, 404, json!("model_not_found")),
        (Fault::RateLimited(Some("junk".into())), 429, json!("rate_limit_exceeded")),
        (Fault::QuotaSpent, 429, json!("insufficient_quota")),
        (Fault::HardLimit, 400, json!("billing_hard_limit_reached")),
        (Fault::Status(503), 503, Value::Null),
    ];
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    for (fault, status, code) in refusals {
        let limited = matches!(fault, Fault::RateLimited(_));
        fake.on_create(fault);

        let answer = caller.try_create("a fox").await.unwrap();

        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers().get("retry-after").is_some(), limited);
        assert!(answer.headers().contains_key("x-request-id"));
        assert_eq!(json_of(answer).await["error"]["code"], code);
    }
    assert_eq!((fake.creates().len(), fake.paid().len()), (8, 0));
}

#[tokio::test]
async fn a_create_that_vanishes_after_reading_is_paid() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    for fault in [Fault::VanishAfterReading, Fault::ResetAfterReading, Fault::CutMidAnswer] {
        fake.on_create(fault);
        let outcome = match caller.try_create("a fox").await {
            Ok(answer) => answer.bytes().await.err(),
            Err(lost) => Some(lost),
        };
        assert!(outcome.is_some_and(|lost| !lost.is_connect()));
    }
    assert_eq!(fake.paid_for("a fox"), 3);
}

#[tokio::test]
async fn a_create_that_was_not_read_or_not_accepted_is_not_paid() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);

    fake.on_create(Fault::ResetBeforeReading);
    assert!(caller.try_create("a fox").await.is_err());
    fake.on_create(CreateFault::NotAcceptedAnd(Fault::VanishAfterReading));
    assert!(caller.try_create("a fox").await.is_err());

    assert_eq!(fake.creates_unread().len(), 1);
    assert_eq!((fake.creates().len(), fake.paid().len()), (1, 0));
}

#[tokio::test]
async fn a_gateway_error_may_hide_a_paid_job() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    fake.on_create(CreateFault::AcceptedBut(Fault::HtmlPage(502)));

    let answer = caller.try_create("a fox").await.unwrap();

    assert_eq!(answer.status(), 502);
    assert!(answer.text().await.unwrap().starts_with("<html>"));
    assert_eq!(fake.paid().len(), 1);
}

#[tokio::test]
async fn odd_ids_can_be_polled_when_they_are_encoded() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    for fault in [CreateFault::PathId, CreateFault::LiteLlmId, CreateFault::LongId] {
        fake.on_create(fault);
        let id = caller.create("a fox").await;
        assert_eq!(caller.poll(&id).await["id"], json!(id));
    }
    fake.on_create(CreateFault::NumericId);
    let video = json_of(caller.try_create("a fox").await.unwrap()).await;
    assert!(video["id"].is_u64());
    let polled = caller.poll(&video["id"].to_string()).await;
    assert_eq!(polled["id"], video["id"]);
    let litellm = &fake.paid()[1];
    assert!(litellm.ends_with('=') && litellm.contains('+') && litellm.contains('/'));

    for (fault, id) in [(CreateFault::NullId, Some(&Value::Null)), (CreateFault::NoId, None)] {
        fake.on_create(fault);
        let video = json_of(caller.try_create("a fox").await.unwrap()).await;
        assert_eq!(video.get("id"), id);
    }
    fake.on_create(CreateFault::IdOfAnother);
    assert_eq!(caller.create("a fox").await, fake.paid()[5]);
    assert_eq!(fake.paid().len(), 7);
}

#[tokio::test]
async fn a_held_answer_waits_for_its_gate_while_the_ledger_already_knows() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    let gate = fake.hold_create_answer();

    let (answer, ()) = tokio::join!(caller.try_create("a fox"), async {
        fake.until_creates(1).await;
        gate.reached().await;
        assert_eq!(fake.paid().len(), 1);
        assert_eq!(fake.most_creates_at_once(), 1);
        gate.release();
    });

    assert_eq!(answer.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_dies_before_its_body_is_read_pays_nothing() {
    let fake = FakeUpstream::start().await;
    let gate = fake.hold_create_before_reading();
    let mut socket = TcpStream::connect(fake.address()).unwrap();
    socket.write_all(b"POST /v1/videos HTTP/1.1\r\ncontent-length: 900\r\n\r\n").unwrap();
    gate.reached().await;

    drop(socket);

    gate.client_left().await;
    fake.until_creates_unread(1).await;
    assert!(fake.creates().is_empty());
}

#[tokio::test]
async fn the_ledger_file_has_a_line_for_a_create_before_its_answer_is_sent() {
    let path = std::env::temp_dir().join(format!("rushes-ledger-{}.jsonl", std::process::id()));
    let options = Options { ledger: Some(path.clone()), ..Options::default() };
    let fake = FakeUpstream::start_with(options).await.unwrap();
    let caller = Caller::of(&fake);
    let gate = fake.hold_create_answer();

    let (_, line) = tokio::join!(caller.try_create("a fox"), async {
        gate.reached().await;
        let line = std::fs::read_to_string(&path).unwrap();
        gate.release();
        line
    });

    std::fs::remove_file(&path).unwrap();
    let record: Value = serde_json::from_str(line.trim()).unwrap();
    assert_eq!(record["order"]["fields"]["prompt"], "a fox");
    assert_eq!(record["accepted"], json!(fake.paid()[0]));
}

#[tokio::test]
async fn a_reference_image_may_also_come_as_a_data_url_in_json() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    let encoded = base64::engine::general_purpose::STANDARD.encode(png(720, 1280));
    let image = json!({ "image_url": format!("data:image/png;base64,{encoded}") });
    let body = json!({ "prompt": "a fox", "input_reference": image });

    let request = caller.http.post(format!("{}/videos", caller.base));
    let answer = request.bearer_auth(KEY).json(&body).send().await.unwrap();

    assert_eq!(answer.status(), StatusCode::OK);
    let order = fake.creates()[0].order.clone().unwrap();
    assert_eq!(order.reference.unwrap().pixels, Some((720, 1280)));
}

#[test]
fn pixel_sizes_are_read_from_the_headers_of_every_format_that_is_taken() {
    assert_eq!(pixels(&png(1280, 720)), Some((1280, 720)));
    assert_eq!(pixels(SPRITESHEET), Some((640, 90)));
    assert_eq!(pixels(THUMBNAIL), Some((320, 180)));
    assert_eq!(pixels(CLIP), None);
}

#[tokio::test]
async fn answers_that_are_no_video_hide_a_paid_job() {
    let bodies = [
        (Fault::Empty, 0),
        (Fault::Json(json!([1])), 3),
        (Fault::Nested(100_000), 200_000),
        (Fault::NotUtf8, 35),
        (Fault::Raw(201, "text/plain".into(), "ok".into()), 2),
    ];
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    for (fault, length) in bodies {
        fake.on_create(fault.clone());
        let answer = caller.try_create("a fox").await.unwrap();
        assert_eq!(answer.bytes().await.unwrap().len(), length, "{fault:?}");
    }
    fake.on_create(Fault::TruncatedJson);
    let cut = caller.try_create("a fox").await.unwrap();
    let cut = cut.bytes().await.unwrap();
    assert!(cut.starts_with(b"{") && serde_json::from_slice::<Value>(&cut).is_err());
    assert_eq!(fake.paid().len(), 6);
}

#[tokio::test]
async fn canaries_carry_markup_and_the_key() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    fake.on_create(Fault::Markup);
    fake.on_create(Fault::EchoesKey);

    let markup = message_of(caller.try_create("a fox").await.unwrap()).await;
    let echo = message_of(caller.try_create("a fox").await.unwrap()).await;

    assert!(markup.contains("<script>") && markup.contains("\u{1b}[31m"));
    assert!(echo.contains(KEY));
}

#[tokio::test]
async fn a_client_can_be_left_with_the_head_of_an_answer_only() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    let gate = fake.hold_create_answer_after_head();

    let answer = caller.try_create("a fox").await.unwrap();
    gate.reached().await;
    let (video, ()) = tokio::join!(json_of(answer), async { gate.release() });

    assert_eq!(video["id"], json!(fake.paid()[0]));
}

#[tokio::test]
async fn a_script_file_names_faults_as_the_tests_do() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    let steps = json!([
        { "on": "create", "fault": { "status": 503 }, "times": 2 },
        { "on": "create", "fault": "path_id" },
        { "on": "poll", "fault": { "progress": "33%" }, "times": 0 },
        { "on": "content", "fault": { "any": "empty" } },
    ]);
    let steps: Vec<Step> = serde_json::from_value(steps).unwrap();

    let planned: Vec<bool> = steps.iter().map(|step| fake.plan(step).is_ok()).collect();

    assert_eq!(planned, [true, true, true, false]);
    for status in [503, 503, 200] {
        assert_eq!(caller.try_create("a fox").await.unwrap().status(), status);
    }
    for _ in 0..2 {
        assert_eq!(caller.poll(&fake.paid()[0]).await["progress"], "33%");
    }
}

#[tokio::test]
async fn lasting_faults_wait_behind_counted_ones_and_end_when_the_upstream_recovers() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    fake.on_create(Fault::Status(500)).always();
    fake.on_create(Fault::Status(503)).times(2);
    fake.on_create(Fault::Moderation).about("a duck");

    for (prompt, status) in [("a fox", 503), ("a fox", 503), ("a duck", 400), ("a fox", 500), ("a duck", 500)] {
        assert_eq!(caller.try_create(prompt).await.unwrap().status(), status);
    }
    fake.recovers();
    assert_eq!(caller.try_create("a fox").await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_vanished_answer_ends_with_a_fin_and_a_reset_one_with_a_rst() {
    let fake = FakeUpstream::start().await;
    let create = || {
        let body = "{\"prompt\":\"a fox\"}";
        let length = body.len();
        // One write: a reset may come before a second.
        let request = format!(
            "POST /v1/videos HTTP/1.1\r\nauthorization: Bearer {KEY}\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        let mut socket = TcpStream::connect(fake.address()).unwrap();
        socket.write_all(request.as_bytes()).unwrap();
        socket.read(&mut [0; 16]).map_err(|e| e.kind())
    };

    fake.on_create(Fault::VanishAfterReading);
    assert_eq!(create(), Ok(0));
    fake.on_create(Fault::ResetAfterReading);
    assert_eq!(create(), Err(ErrorKind::ConnectionReset));
    fake.on_create(Fault::ResetBeforeReading);
    assert_eq!(create(), Err(ErrorKind::ConnectionReset));

    assert_eq!((fake.paid().len(), fake.creates_unread().len()), (2, 1));
}
