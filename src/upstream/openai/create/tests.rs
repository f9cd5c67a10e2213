use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::json;

use super::*;

fn answer(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Outcome {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a header value")))
        .collect();
    let status = StatusCode::from_u16(status).expect("a status");
    Outcome::Answered(Answer { status, headers, content: Content::Whole(body.to_vec().into()) })
}

fn judge(outcome: &Outcome) -> Result<Accepted, CreateError> {
    let base = "http://films.example:8000/v1".parse().expect("an address");
    classify(outcome, &base, &Mask::new(Some("sk-canary-0123456789".to_owned().into())))
}

/// The decision in short: the id, or the kind of error and its reason.
fn verdict(status: u16, body: &Value) -> String {
    short(&judge(&answer(status, &[], body.to_string().as_bytes())))
}

fn short(result: &Result<Accepted, CreateError>) -> String {
    match result {
        Ok(accepted) => format!("id {}", accepted.id.0),
        Err(CreateError::NotOffered) => "not offered".to_owned(),
        Err(CreateError::NotSent { reason, .. }) => format!("not sent: {reason}"),
        Err(CreateError::Refused(refusal)) => format!("refused: {}", refusal.reason),
        Err(CreateError::Uncertain { reason, .. }) => format!("uncertain: {reason}"),
    }
}

#[test]
fn an_id_is_found_wherever_a_dialect_puts_it() {
    for status in [200, 201, 202] {
        for body in [
            json!({"id": "v/../1", "status": "queued"}),
            json!({"id": "", "task_id": "v/../1"}),
            json!({"id": null, "request_id": "v/../1"}),
            json!({"video_id": "v/../1"}),
            json!({"name": "v/../1"}),
            json!({"data": {"id": "v/../1"}}),
            json!({"code": "success", "message": "", "data": {"task_id": "v/../1"}}),
            json!({"id": "v/../1", "status": "failed", "error": {"message": "m"}}),
        ] {
            assert_eq!(verdict(status, &body), "id v/../1", "{body}");
        }
    }
    assert_eq!(verdict(200, &json!({"id": 9_007_199_254_740_993_u64})), "id 9007199254740993");
    let bom = answer(200, &[("openai-poll-after-ms", "3000")], b"\xef\xbb\xbf{\"id\":\"v\",\"prompt\":\"\xff\"}");
    let expected = Accepted { id: UpstreamId("v".to_owned()), poll_after: Some(Duration::from_secs(3)) };
    assert_eq!(judge(&bom), Ok(expected));
}

#[test]
fn a_yes_without_a_usable_id_is_uncertain() {
    for body in [
        json!({}),
        json!([]),
        json!(null),
        json!(7),
        json!({"id": null}),
        json!({"id": ""}),
        json!({"id": " "}),
        json!({"id": "."}),
        json!({"id": ".."}),
        json!({"id": true}),
        json!({"id": 1.5}),
        json!({"id": {"a": 1}}),
        json!({"id": "a\u{0}b"}),
        json!({"id": "a\nb"}),
        json!({"id": "x".repeat(4_097)}),
        json!({"id": "x".repeat(10_000), "task_id": "fine"}),
        json!({"status": "queued"}),
        json!({"error": {"message": "m"}}),
        json!({"error": {"message": "m"}, "request_id": "req_1"}),
    ] {
        assert_eq!(verdict(200, &body), "uncertain: odd_answer", "{body}");
    }
    assert_eq!(verdict(200, &json!({"id": "x".repeat(4_096)})).len(), 4_099);
    for body in [&b""[..], b"{", b"{\"id\":\"v\"", b"<html>", b"\xff\xfe", "[".repeat(100_000).as_bytes()] {
        assert_eq!(short(&judge(&answer(200, &[], body))), "uncertain: odd_answer");
    }
    for status in [203, 204, 206] {
        assert_eq!(verdict(status, &json!({"id": "v"})), "uncertain: odd_answer");
    }
}

#[test]
fn no_connection_is_not_sent_and_no_answer_is_uncertain() {
    for (outcome, expected) in [
        (Outcome::Unreachable("w".to_owned()), "not sent: unreachable"),
        (Outcome::Silent("w".to_owned()), "uncertain: no_answer"),
        (Outcome::Unsendable("w".to_owned()), "refused: invalid"),
    ] {
        assert_eq!(short(&judge(&outcome)), expected);
    }
    for content in [Content::Cut, Content::TooLong] {
        for status in [200, 400, 500] {
            let status = StatusCode::from_u16(status).expect("a status");
            let outcome = Outcome::Answered(Answer { status, headers: HeaderMap::new(), content: content.clone() });
            assert_eq!(short(&judge(&outcome)), "uncertain: odd_answer", "{status}");
        }
    }
}

#[test]
fn a_no_in_the_apis_own_words_is_final_and_any_other_is_uncertain() {
    let own = json!({"error": {"message": "seconds must be 4", "type": "invalid_request_error", "code": null}});
    for (status, expected) in [
        (400, "refused: invalid"),
        (401, "refused: access"),
        (402, "refused: funds"),
        (403, "refused: access"),
        (404, "refused: invalid"),
        (405, "refused: invalid"),
        (413, "refused: invalid"),
        (415, "refused: invalid"),
        (422, "refused: invalid"),
        (429, "not sent: rate_limited"),
        (406, "uncertain: odd_answer"),
        (408, "uncertain: odd_answer"),
        (409, "uncertain: odd_answer"),
        (418, "uncertain: odd_answer"),
        (425, "uncertain: odd_answer"),
        (500, "uncertain: odd_answer"),
        (501, "uncertain: odd_answer"),
        (502, "uncertain: odd_answer"),
        (503, "uncertain: odd_answer"),
        (504, "uncertain: odd_answer"),
        (599, "uncertain: odd_answer"),
    ] {
        assert_eq!(verdict(status, &own), expected, "{status}");
        for body in [&b""[..], b"<html><h1>canary</h1>", b"{}", b"[]", b"\"text\"", b"text", b"{\"id\":\"v\"}"] {
            let result = judge(&answer(status, &[], body));
            assert_eq!(short(&result), "uncertain: odd_answer", "{status} {body:?}");
            assert!(!format!("{result:?}").contains("canary"));
        }
        let page = answer(status, &[("content-type", "text/html")], own.to_string().as_bytes());
        assert_eq!(short(&judge(&page)), "uncertain: odd_answer", "{status}");
    }
}

#[test]
fn families_are_told_apart_also_under_the_wrong_status() {
    for (status, body, expected) in [
        (400, json!({"error": {"code": "moderation_blocked", "message": "m"}}), "refused: policy"),
        (400, json!({"error": {"code": "billing_hard_limit_reached", "message": "m"}}), "refused: funds"),
        (429, json!({"error": {"code": "billing_hard_limit_reached", "message": "m"}}), "refused: funds"),
        (429, json!({"error": {"type": "insufficient_quota", "message": "m"}}), "refused: funds"),
        (429, json!({"error": "Check your plan and billing"}), "refused: funds"),
        (429, json!({"error": "Rate limit: 2 per minute. See billing"}), "not sent: rate_limited"),
        (429, json!({"error": {"code": "rate_limit_exceeded", "message": "m"}}), "not sent: rate_limited"),
        (429, json!({"detail": "too many concurrent jobs"}), "not sent: rate_limited"),
        (403, json!({"error": {"code": "unsupported_country_region_territory", "message": "m"}}), "refused: region"),
        (404, json!({"error": {"code": "model_not_found", "message": "m"}}), "refused: access"),
        (422, json!({"detail": [{"loc": ["body", "size"], "msg": "m", "type": "t"}]}), "refused: invalid"),
        (403, json!({"code": "insufficient_user_quota", "message": "m", "data": null}), "refused: funds"),
        (400, json!({"error": "the image shows a real person"}), "refused: likeness"),
        (200, json!({"status": "failed", "error": "NSFW"}), "refused: policy"),
        (200, json!({"status": "failed"}), "refused: render_failed"),
    ] {
        assert_eq!(verdict(status, &body), expected, "{status} {body}");
    }
}

#[test]
fn a_redirect_is_a_misconfiguration_and_names_only_the_server() {
    for (to, place) in [
        ("https://u:p@new.example:8443/v1/videos?token=canary", "https://new.example:8443"),
        ("/other?canary", "another path of the same server"),
        ("http://films.example:8000/canary", "another path of the same server"),
        ("::canary::", "another"),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let Err(CreateError::Refused(refusal)) = judge(&answer(status, &[("location", to)], b"")) else {
                panic!("{status} to {to} must be refused");
            };
            assert_eq!(refusal.reason, Reason::Invalid);
            assert!(refusal.words.contains(place) && !refusal.words.contains("canary"), "{}", refusal.words);
        }
    }
}

#[test]
fn words_reach_people_without_the_key() {
    let body = json!({"error": {"message": "Incorrect API key: sk-canary-0123456789", "code": "sk-canary-0123456789"}});
    for status in [401, 429, 500] {
        let result = judge(&answer(status, &[("retry-after", "5")], body.to_string().as_bytes()));
        let told = format!("{result:?}");
        assert!(told.contains("Incorrect API key: [key]") && !told.contains("canary"), "{told}");
    }
}
