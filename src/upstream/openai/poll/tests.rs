use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::json;

use super::super::answer::Content;
use super::*;
use crate::domain::Millis;

fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &[u8]) -> Answer {
    let headers: HeaderMap = headers
        .iter()
        .map(|&(name, value)| (HeaderName::from_static(name), value.parse().expect("a header value")))
        .collect();
    let status = StatusCode::from_u16(status).expect("a status");
    Answer { status, headers, content: Content::Whole(body.to_vec().into()) }
}

fn at(status: u16, body: &Value) -> Result<Reading, PollError> {
    read(&answer(status, &[], body.to_string().as_bytes()), "v", &Mask::new(None))
}

fn poll(body: &Value) -> Poll {
    at(200, body).unwrap_or_else(|error| panic!("{body} must be read, not {error:?}")).poll
}

fn phase(status: u16, body: &Value) -> String {
    match at(status, body) {
        Ok(reading) => match reading.poll.phase {
            Phase::Waiting => "waiting".to_owned(),
            Phase::Running => "running".to_owned(),
            Phase::Done(source) => format!("done {}", source.url.unwrap_or_default()).trim_end().to_owned(),
            Phase::Failed(refusal) => format!("failed {}: {}", refusal.reason, refusal.words),
            Phase::Canceled => "canceled".to_owned(),
        },
        Err(PollError::Missing) => "missing".to_owned(),
        Err(PollError::Later { .. }) => "later".to_owned(),
    }
}

#[test]
fn every_known_status_word_is_read_in_any_spelling_and_place() {
    let waiting = "queued pending submitted created preparing not_start starting waiting in_queue queueing throttled \
        suspended unknown QUEUED In-Queue NOT_START";
    let running = "in_progress processing running generating dreaming rendering active IN_PROGRESS in-progress Running";
    let done = "completed complete succeeded succeed success done finished SUCCEEDED Success";
    let failed = "failed failure fail error expired timeout rejected deleted moderated FAILED Fail";
    let canceled = "cancelled canceled CANCELLED";
    for (words, expected) in
        [(waiting, "waiting"), (running, "running"), (done, "done"), (failed, "failed"), (canceled, "canceled")]
    {
        for word in words.split_whitespace() {
            for body in [
                json!({"status": word}),
                json!({"state": word}),
                json!({"task_status": word}),
                json!({"data": {"status": word}}),
                json!({"data": {"task_status": word}, "code": 0}),
                json!({"code": "success", "status": "success", "data": {"status": word}}),
                json!({"task": {"status": word}}),
                json!({"output": {"task_status": word}}),
                json!({"status": format!(" {word} ")}),
            ] {
                assert_eq!(phase(200, &body).split(' ').next(), Some(expected), "{body}");
            }
        }
    }
    assert_eq!(phase(200, &json!({"status": ""})), "waiting");
    assert_eq!(phase(200, &json!({"status": "in progress"})), "running");
}

#[test]
fn an_unknown_word_means_running_and_is_reported() {
    let reading = at(200, &json!({"status": "Denoising\u{7}", "progress": 7})).expect("a reading");
    assert_eq!((reading.poll.phase, reading.unknown.as_deref()), (Phase::Running, Some("denoising")));
    assert_eq!(at(200, &json!({"status": "queued"})).expect("a reading").unknown, None);
}

#[test]
fn answers_without_a_status_word_are_read_by_what_else_they_say() {
    for (body, expected) in [
        (json!({"done": true, "response": {}}), "done"),
        (json!({"done": true, "error": {"message": "m"}}), "failed render_failed: m"),
        (json!({"done": false}), "running"),
        (json!({"video": {"url": "https://c.example/x"}}), "done https://c.example/x"),
        (json!({"id": "v", "status": null}), "waiting"),
        (json!({"id": "v"}), "waiting"),
        (json!({"error": {"message": "m"}, "id": "v"}), "later"),
        (json!({}), "later"),
        (json!([]), "later"),
        (json!(null), "later"),
        (json!(7), "later"),
        (json!("completed"), "later"),
        (json!({"data": [{"status": "completed"}]}), "later"),
    ] {
        assert_eq!(phase(200, &body), expected, "{body}");
    }
    let held = json!({"status": "done", "video": {"url": "https://c.example/x", "respect_moderation": false}});
    assert!(phase(200, &held).starts_with("failed policy"));
}

#[test]
fn http_says_missing_later_or_pending_and_never_fails_a_job_by_itself() {
    let ended = json!({"id": "v", "object": "video", "status": "failed", "error": {"code": 500, "message": "OOM"}});
    for status in [400, 404, 409, 422, 500, 503] {
        assert_eq!(phase(status, &ended), "failed render_failed: OOM", "{status}");
    }
    for status in [301, 307, 400, 401, 403, 408, 409, 418, 429, 500, 502, 503, 504, 599] {
        for body in [
            json!({"error": {"message": "m"}}),
            json!({"status": "error", "message": "gateway"}),
            json!({"status": "failed"}),
            json!({"id": "v", "object": "video", "status": "queued"}),
            json!(null),
        ] {
            assert_eq!(phase(status, &body), "later", "{status} {body}");
        }
    }
    for status in [404, 410] {
        assert_eq!(phase(status, &json!({"detail": "Not Found"})), "missing");
    }
    assert_eq!(phase(202, &json!({})), "waiting");
    assert_eq!(phase(202, &json!(null)), "waiting");
    assert_eq!(phase(202, &json!({"status": "processing"})), "running");
    assert_eq!(phase(202, &json!({"status": "done", "url": "https://c.example/x"})), "done https://c.example/x");
    for body in [&b""[..], b"<html>canary", b"{\"status\":\"completed\"", b"\xff", "{\"a\":".repeat(100_000).as_bytes()]
    {
        let Err(PollError::Later { words, .. }) = read(&answer(200, &[], body), "v", &Mask::new(None)) else {
            panic!("garbage must mean later");
        };
        assert!(!words.contains("canary") && words.len() < 100, "{words}");
    }
    for content in [Content::Cut, Content::TooLong] {
        let answer = Answer { content, ..answer(200, &[], b"") };
        assert!(matches!(read(&answer, "v", &Mask::new(None)), Err(PollError::Later { .. })));
    }
}

#[test]
fn progress_is_read_in_every_form() {
    for (value, expected) in [
        (json!(0), Some(0)),
        (json!(33), Some(33)),
        (json!(100), Some(100)),
        (json!(250), None),
        (json!(-3), Some(0)),
        (json!(33.7), Some(33)),
        (json!(1), Some(1)),
        (json!(1.0), Some(1)),
        (json!(0.0), Some(0)),
        (json!(0.07), Some(7)),
        (json!(0.5), Some(50)),
        (json!(0.999), Some(99)),
        (json!(1e-9), Some(0)),
        (json!(1e30), None),
        (json!("33%"), Some(33)),
        (json!("33 %"), Some(33)),
        (json!("100%"), Some(100)),
        (json!("0.5%"), Some(0)),
        (json!("45"), Some(45)),
        (json!("0.25"), Some(25)),
        (json!("NaN"), None),
        (json!("soon"), None),
        (json!(""), None),
        (json!("1.x"), None),
        (json!(null), None),
        (json!(true), None),
        (json!([5]), None),
    ] {
        assert_eq!(poll(&json!({"status": "running", "progress": value})).progress, expected, "{value}");
    }
    assert_eq!(poll(&json!({"status": "running"})).progress, None);
    assert_eq!(poll(&json!({"data": {"status": "SUCCESS", "progress": "100%"}})).progress, Some(100));
}

#[test]
fn the_film_is_found_in_every_place_in_this_order() {
    let url = "https://c.example/x.mp4?sig=1";
    for body in [
        json!({"url": url, "video_url": "https://other.example/"}),
        json!({"url": "/relative.mp4", "video_url": url}),
        json!({"url": null, "output_url": url}),
        json!({"urls": [url, "https://other.example/"]}),
        json!({"unsigned_urls": [url]}),
        json!({"output": {"video_url": url}}),
        json!({"output": url}),
        json!({"output": [url]}),
        json!({"outputs": {"video_url": url}}),
        json!({"video": {"url": url}}),
        json!({"assets": {"video": url}}),
        json!({"content": {"video_url": url}}),
        json!({"metadata": {"url": url}}),
        json!({"data": [{"url": url}]}),
        json!({"result": {"video_url": url}}),
        json!({"result_url": url}),
    ] {
        let mut job = body.clone();
        job["status"] = json!("completed");
        assert_eq!(phase(200, &job), format!("done {url}"), "{body}");
    }
    assert_eq!(phase(200, &json!({"data": {"status": "SUCCESS", "result_url": url}})), format!("done {url}"));
    assert_eq!(phase(200, &json!({"task": {"status": "succeeded", "content": {"url": url}}})), format!("done {url}"));
    for url in ["file:///etc/passwd", "data:video/mp4;base64,AAAA", "s3://b/x", "/tmp/x.mp4", "", "javascript:1"] {
        assert_eq!(phase(200, &json!({"status": "completed", "url": url})), "done", "{url}");
    }
    assert_eq!(phase(200, &json!({"status": "completed", "data": [{"b64_json": "AAAA"}]})), "done");
    assert_eq!(phase(200, &json!({"status": "completed", "error": null})), "done");
}

#[test]
fn reasons_are_read_from_every_error_field() {
    for (more, expected) in [
        (json!({}), "failed render_failed: The upstream reports \"failed\" and gives no reason."),
        (json!({"error": null}), "failed render_failed: The upstream reports \"failed\" and gives no reason."),
        (json!({"error": "m"}), "failed render_failed: m"),
        (json!({"error": {"message": "m"}}), "failed render_failed: m"),
        (json!({"error": {"code": 500, "message": "m"}}), "failed render_failed: m"),
        (json!({"error": {"code": "moderation_blocked", "message": "m"}}), "failed policy: m"),
        (json!({"error": {"error": {"message": "a celebrity"}}}), "failed likeness: a celebrity"),
        (json!({"error": {"code": "moderation_blocked"}}), "failed policy: moderation_blocked"),
        (json!({"failure": "m", "failureCode": "SAFETY.OUTPUT"}), "failed policy: m"),
        (json!({"failure_reason": "output_moderation"}), "failed policy: output_moderation"),
        (json!({"fail_reason": "m"}), "failed render_failed: m"),
        (json!({"reason": "m"}), "failed render_failed: m"),
        (json!({"detail": "m"}), "failed render_failed: m"),
        (json!({"detail": [{"msg": "m", "loc": ["x"]}]}), "failed render_failed: x: m"),
        (json!({"base_resp": {"status_code": 1027, "status_msg": "m"}}), "failed policy: m"),
        (json!({"code": "x", "error": "m"}), "failed render_failed: m"),
        (json!({"error": "<html><body>canary"}), "failed render_failed: answered with a web page, not JSON"),
    ] {
        let mut job = more.clone();
        job["status"] = json!("failed");
        assert_eq!(phase(200, &job), expected, "{more}");
        assert_eq!(phase(200, &json!({"code": "success", "message": "", "data": job})), expected, "wrapped {more}");
    }
    assert!(phase(200, &json!({"status": "moderated"})).starts_with("failed policy"));
}

#[test]
fn wishes_and_expiry_are_read() {
    let body = json!({"status": "running", "poll_after_seconds": 4, "expires_at": 1_790_000_000});
    assert_eq!(poll(&body).poll_after, Some(std::time::Duration::from_secs(4)));
    assert_eq!(poll(&body).expires_at, Some(Millis::from_i64(1_790_000_000_000)));
    assert_eq!(poll(&json!({"data": {"status": "running", "expires_at": 0}})).expires_at, None);
    let headers = [("openai-poll-after-ms", "2500"), ("retry-after", "9")];
    let told = read(&answer(200, &headers, br#"{"status":"queued"}"#), "v", &Mask::new(None)).expect("a reading");
    assert_eq!(told.poll.poll_after, Some(std::time::Duration::from_millis(2500)));
    let busy = read(&answer(429, &headers, b"{}"), "v", &Mask::new(None));
    assert!(matches!(busy, Err(PollError::Later { retry_after: Some(pause), .. }) if pause.as_secs() == 9));
}
