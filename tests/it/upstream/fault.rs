//! The exact wire bytes of the faults that any endpoint can have, and the provider's error envelope.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::gate::Gate;
use super::message::{Answer, Body, Ending, Request};
use super::script::Fault;

/// What the connection does in the end.
#[derive(Debug, Clone)]
pub enum Reply {
    Answer(Answer),
    /// Hang up with no answer.
    Close,
    /// Hang up with a RST.
    Reset,
    /// Say nothing until the client leaves.
    Silence,
}

impl Reply {
    /// How the ledger names it.
    pub fn label(&self) -> &str {
        match self {
            Self::Answer(answer) => &answer.label,
            Self::Close => "vanished",
            Self::Reset => "reset",
            Self::Silence => "silence",
        }
    }
}

/// A healthy JSON answer.
pub fn json_answer(status: u16, body: &Value) -> Answer {
    Answer::new(status, "application/json", body.to_string().into_bytes())
}

/// The provider's error envelope.
fn envelope(status: u16, kind: &str, code: Option<&str>, param: Option<&str>, message: &str) -> Answer {
    let label = format!("{status} {}", code.unwrap_or(kind));
    let error = json!({ "message": message, "type": kind, "param": param, "code": code });
    json_answer(status, &json!({ "error": error })).labelled(label)
}

/// An error of the request as a whole.
pub fn refusal(status: u16, code: Option<&str>, message: &str) -> Answer {
    envelope(status, "invalid_request_error", code, None, message)
}

/// A 400 about one field.
pub fn bad_field(param: &str, code: &str, message: &str) -> Answer {
    let kind = "invalid_request_error";
    envelope(400, kind, Some(code), Some(param), message)
}

/// 404 for an id nobody knows.
pub fn no_such_video(id: &str) -> Answer {
    refusal(404, None, &format!("Video with id '{id}' not found."))
}

/// 401 for a wrong or missing key.
pub fn wrong_key() -> Answer {
    let message = "Incorrect API key provided. You can find your API key in your account settings.";
    refusal(401, Some("invalid_api_key"), message)
}

/// Turns the true answer into the faulty one. `elsewhere` is the base address of the second origin.
#[expect(clippy::wildcard_enum_match_arm, reason = "each fault has one arm in these three functions")]
pub fn spoil(fault: &Fault, truth: Answer, request: &Request, elsewhere: &str) -> Reply {
    let half = usize::try_from(truth.len() / 2).unwrap_or(usize::MAX);
    let answer = match fault {
        Fault::VanishAfterReading => return Reply::Close,
        Fault::ResetAfterReading | Fault::ResetBeforeReading => return Reply::Reset,
        Fault::Silence => return Reply::Silence,
        Fault::TruncatedJson => shortened(truth, half),
        Fault::ByteOrderMark => marked(truth),
        Fault::Zipped => zipped(truth),
        Fault::Drip(pause) => Answer { drip: Some(Duration::from_millis(*pause)), ..truth },
        Fault::StallMidAnswer => {
            Answer { hold: Some((half, Gate::closed())), cut: Some((half, Ending::Close)), ..truth }
        }
        Fault::CutMidAnswer => Answer { cut: Some((half, Ending::Close)), ..truth },
        Fault::RedirectToSelf(status) => redirect(*status, &request.target),
        Fault::RedirectElsewhere(status) => redirect(*status, &format!("{elsewhere}{}", request.target)),
        Fault::RedirectTo(status, place) => redirect(*status, place),
        Fault::EchoesKey => {
            let key = request.header("authorization").unwrap_or_default();
            let message = format!("Incorrect API key provided: {key}.");
            refusal(401, Some("invalid_api_key"), &message)
        }
        other => standing(other),
    };
    Reply::Answer(answer)
}

/// The faults whose answer does not depend on the request.
#[expect(clippy::wildcard_enum_match_arm, reason = "each fault has one arm in these three functions")]
fn standing(fault: &Fault) -> Answer {
    match fault {
        Fault::Moderation => {
            let text = "Your request was blocked by our moderation system.";
            let kind = "image_generation_user_error";
            envelope(400, kind, Some("moderation_blocked"), None, text)
        }
        Fault::Invalid => bad_field("prompt", "invalid_value", "Invalid value for 'prompt'."),
        Fault::KeyRejected => wrong_key(),
        Fault::Forbidden => {
            let text = "Your organization must be verified to use this model.";
            refusal(403, None, text)
        }
        Fault::ModelNotFound => no_such_model("sora-2"),
        Fault::NotFound => no_such_video("video_unknown"),
        Fault::RateLimited(wait) => {
            let text = "Rate limit reached. Please try again later.";
            let code = Some("rate_limit_exceeded");
            retry_after(envelope(429, "requests", code, None, text), wait.as_deref())
        }
        Fault::QuotaSpent => {
            let text = "You exceeded your current quota, please check your plan and billing details.";
            let kind = "insufficient_quota";
            envelope(429, kind, Some(kind), None, text)
        }
        Fault::HardLimit => {
            let text = "Billing hard limit has been reached";
            let code = Some("billing_hard_limit_reached");
            envelope(400, "billing_limit_user_error", code, None, text)
        }
        Fault::Status(status) => server_error(*status),
        Fault::StatusThenRetry(status, wait) => retry_after(server_error(*status), Some(wait)),
        Fault::Markup => refusal(400, None, MARKUP),
        Fault::ErrorIsText => json_answer(400, &json!({ "error": "The engine could not start." })),
        Fault::ErrorIsList => {
            let item =
                json!({ "loc": ["body", "seconds"], "msg": "Input should be a valid integer", "type": "int_parsing" });
            json_answer(422, &json!({ "detail": [item] }))
        }
        other => odd_body(other),
    }
}

/// Bodies that are not what was promised.
#[expect(clippy::wildcard_enum_match_arm, reason = "each fault has one arm in these three functions")]
fn odd_body(fault: &Fault) -> Answer {
    match fault {
        Fault::HtmlPage(status) => {
            let page = "<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>";
            Answer::new(*status, "text/html", page.into()).labelled(format!("{status} html"))
        }
        Fault::Empty => Answer::new(200, "application/json", Vec::new()).labelled("200 empty"),
        Fault::Json(value) => json_answer(200, value).labelled("200 wrong shape"),
        Fault::Raw(status, kind, body) => Answer::new(*status, kind, body.clone().into_bytes()),
        Fault::Nested(depth) => {
            let body = format!("{}{}", "[".repeat(*depth), "]".repeat(*depth));
            Answer::new(200, "application/json", body.into_bytes()).labelled("200 nested")
        }
        Fault::NotUtf8 => {
            let body = b"{\"id\":\"video_\xff\xfe\",\"status\":\"queued\"}".to_vec();
            Answer::new(200, "application/json", body).labelled("200 not utf-8")
        }
        Fault::HugeJson(size_bytes) => {
            let mut answer = json_answer(200, &Value::Null).labelled("200 huge");
            answer.body = Body::Filler {
                before: br#"{"object":"video","prompt":""#.to_vec(),
                byte: b'a',
                count: *size_bytes,
                after: br#""}"#.to_vec(),
            };
            answer
        }
        missed => unreachable!("{missed:?} has no bytes"),
    }
}

/// A message that must be shown as text, or not at all.
pub const MARKUP: &str = "<script>window.stolen=1</script><img src=x onerror=\"window.stolen=1\">\
    \" onmouseover=\"window.stolen=1\u{1b}[31m\r\nforged=log line";

/// 404 `model_not_found`.
pub fn no_such_model(model: &str) -> Answer {
    let message = format!("The model '{model}' does not exist or you do not have access to it.");
    refusal(404, Some("model_not_found"), &message)
}

fn server_error(status: u16) -> Answer {
    let message = "The server had an error while processing your request.";
    let mut answer = envelope(status, "server_error", None, None, message);
    answer.label = status.to_string();
    answer
}

fn retry_after(answer: Answer, wait: Option<&str>) -> Answer {
    match wait {
        Some(wait) => answer.with("retry-after", wait),
        None => answer,
    }
}

fn redirect(status: u16, place: &str) -> Answer {
    Answer::new(status, "text/plain", Vec::new()).with("location", place).labelled(format!("{status} to {place}"))
}

fn shortened(mut answer: Answer, to: usize) -> Answer {
    if let Body::Bytes(bytes) = &mut answer.body {
        bytes.truncate(to);
    }
    answer.labelled("200 truncated")
}

/// As servers do that believe everybody reads gzip.
fn zipped(mut answer: Answer) -> Answer {
    if let Body::Bytes(bytes) = &mut answer.body {
        let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
        zip.write_all(bytes).expect("memory takes all");
        *bytes = zip.finish().expect("memory takes all");
    }
    answer.with("content-encoding", "gzip").labelled("200 gzip")
}

fn marked(mut answer: Answer) -> Answer {
    if let Body::Bytes(bytes) = &mut answer.body {
        bytes.splice(0..0, *b"\xef\xbb\xbf");
    }
    answer
}
