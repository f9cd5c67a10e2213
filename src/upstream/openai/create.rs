//! The paid create: one multipart request, and one pure function that says what its
//! outcome means. Whatever is not surely a yes or a no is uncertain, and never sent again.

use reqwest::header::{ACCEPT, LOCATION};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use url::Url;

use super::answer::{Answer, Content, Outcome};
use super::client::{Wire, origin};
use super::mask::{Mask, PAGE};
use super::poll::{self, Stage};
use super::words::Said;
use crate::domain::Reason;
use crate::upstream::{Accepted, CreateError, Order, Refusal, UpstreamId, Work};

/// The most bytes of an answer that are read.
const LONGEST_ANSWER: usize = 1 << 20;
/// The most characters of an id.
const LONGEST_ID: usize = 4_096;

/// Sends one create, exactly once.
pub(super) async fn send(wire: &Wire, order: &Order) -> Result<Accepted, CreateError> {
    let outcome = match request(wire, order) {
        Some(request) => wire.send(request, LONGEST_ANSWER).await,
        None => Outcome::Unsendable("The request could not be written down.".to_owned()),
    };
    match (&order.work, &outcome) {
        (Work::Remix(_), Outcome::Answered(answer)) if is_not_offered(answer) => Err(CreateError::NotOffered),
        _ => classify(&outcome, wire.base(), &wire.mask),
    }
}

/// An answer that a server gives about a route that it lacks, or a clip that it no longer has.
fn is_not_offered(answer: &Answer) -> bool {
    matches!(answer.status.as_u16(), 404 | 405 | 501)
}

fn request(wire: &Wire, order: &Order) -> Option<RequestBuilder> {
    let post = |route: &[&str]| {
        let request = wire.request(&wire.create, Method::POST, wire.route(route)?);
        Some(request.header(ACCEPT, "application/json").header("idempotency-key", &order.idempotency_key))
    };
    match &order.work {
        Work::Create => Some(post(&["videos"])?.multipart(new_clip(order)?)),
        // As the official SDKs send them: the remix as JSON, the extension as JSON where no file is in it.
        Work::Remix(of) => Some(post(&["videos", &of.0, "remix"])?.json(&json!({ "prompt": order.prompt }))),
        Work::Extend(of) => {
            let body = json!({
                "prompt": order.prompt,
                "seconds": order.seconds.to_string(),
                "video": { "id": of.0 },
            });
            Some(post(&["videos", "extensions"])?.json(&body))
        }
        Work::Local(..) => None,
    }
}

/// Multipart with a length that is known beforehand: several servers refuse chunked forms.
fn new_clip(order: &Order) -> Option<Form> {
    let mut form = Form::new()
        .text("prompt", order.prompt.clone())
        .text("model", order.model.clone())
        .text("seconds", order.seconds.to_string())
        .text("size", order.size.to_string());
    let extras = &order.extras;
    let texts = [
        ("seed", extras.seed.map(|seed| seed.to_string())),
        ("negative_prompt", extras.negative.clone()),
        ("generate_audio", extras.audio.map(|on| on.to_string())),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            form = form.text(name, value);
        }
    }
    let pictures = order.reference.iter().map(|picture| ("input_reference", picture));
    let last = extras.last_frame.iter().map(|picture| ("last_frame", picture));
    let more = extras.references.iter().map(|picture| ("reference_images", picture));
    for (name, picture) in pictures.chain(last).chain(more) {
        let file = if picture.mime == "image/png" { "reference.png" } else { "reference.jpg" };
        let length = u64::try_from(picture.bytes.len()).ok()?;
        let part = Part::stream_with_length(picture.bytes.clone(), length).file_name(file);
        form = form.part(name, part.mime_str(picture.mime).ok()?);
    }
    Some(form)
}

/// What the outcome of a create means; `base` is the configured address.
pub(super) fn classify(outcome: &Outcome, base: &Url, mask: &Mask) -> Result<Accepted, CreateError> {
    let answer = match outcome {
        Outcome::Unsendable(words) => return Err(refused(Reason::Invalid, words.clone())),
        Outcome::Unreachable(words) => {
            let words = words.clone();
            return Err(CreateError::NotSent { reason: Reason::Unreachable, retry_after: None, words });
        }
        Outcome::Silent(words) => {
            return Err(CreateError::Uncertain { reason: Reason::NoAnswer, words: words.clone() });
        }
        Outcome::Answered(answer) => answer,
    };
    let body = answer.json();
    match answer.status.as_u16() {
        200..=202 => accepted(answer, body.as_ref(), mask),
        300..=399 => Err(refused(Reason::Invalid, moved(answer, base))),
        429 => Err(slow_down(answer, body.as_ref(), mask)),
        400..=405 | 413 | 415 | 422 => Err(no(answer, body.as_ref(), mask)),
        _ => Err(odd(answer, body.as_ref(), mask)),
    }
}

fn accepted(answer: &Answer, body: Option<&Value>, mask: &Mask) -> Result<Accepted, CreateError> {
    let Some(body) = body else { return Err(odd(answer, None, mask)) };
    match find_id(body) {
        Some(Ok(id)) => Ok(Accepted { id, poll_after: answer.poll_after(Some(body)) }),
        None if poll::stage(body) == Some(Stage::Failed) => {
            let said = Said::read(body).unwrap_or_default();
            let mut refusal = said.refusal(said.family().unwrap_or(Reason::RenderFailed), mask);
            if refusal.words.is_empty() {
                "The upstream reports a failed job and gives no reason.".clone_into(&mut refusal.words);
            }
            Err(CreateError::Refused(refusal))
        }
        // Behind an id that cannot be kept, too, a job may well run.
        Some(Err(())) | None => Err(odd(answer, Some(body), mask)),
    }
}

/// The first id there is, or that the first one there is cannot be used.
fn find_id(body: &Value) -> Option<Result<UpstreamId, ()>> {
    // These two also name other things, for example the request that went wrong.
    let loose = ["/request_id", "/name"];
    let failing = body.get("error").is_some_and(|error| !error.is_null());
    ["/id", "/task_id", "/request_id", "/video_id", "/name", "/data/id", "/data/task_id"]
        .into_iter()
        .filter(|place| !(failing && loose.contains(place)))
        .filter_map(|place| body.pointer(place))
        .find_map(read_id)
}

/// An id as text or whole number; none where there is nothing.
pub(super) fn read_id(value: &Value) -> Option<Result<UpstreamId, ()>> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) if text.is_empty() => return None,
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => return Some(Err(())),
    };
    let usable = text.chars().count() <= LONGEST_ID
        && !text.trim().is_empty()
        && !matches!(text.as_str(), "." | "..")
        && !text.chars().any(|sign| sign.is_control() || sign == '\u{fffd}');
    Some(if usable { Ok(UpstreamId(text)) } else { Err(()) })
}

/// A 4xx that means no, if it is the API itself that says so.
fn no(answer: &Answer, body: Option<&Value>, mask: &Mask) -> CreateError {
    let Some(said) = own_words(answer, body) else { return odd(answer, body, mask) };
    let usual = match answer.status.as_u16() {
        401 | 403 => Reason::Access,
        402 => Reason::Funds,
        _ => Reason::Invalid,
    };
    CreateError::Refused(said.refusal(said.family().unwrap_or(usual), mask))
}

fn slow_down(answer: &Answer, body: Option<&Value>, mask: &Mask) -> CreateError {
    let Some(said) = own_words(answer, body) else { return odd(answer, body, mask) };
    match said.family_of_429() {
        Some(reason) => CreateError::Refused(said.refusal(reason, mask)),
        None => CreateError::NotSent {
            reason: Reason::RateLimited,
            retry_after: answer.retry_after(),
            words: said.words(mask),
        },
    }
}

fn own_words(answer: &Answer, body: Option<&Value>) -> Option<Said> {
    body.filter(|body| body.is_object() && !answer.is_page()).and_then(Said::read)
}

fn odd(answer: &Answer, body: Option<&Value>, mask: &Mask) -> CreateError {
    let status = answer.status.as_u16();
    let told = body.and_then(Said::read).map(|said| said.words(mask)).filter(|words| !words.is_empty());
    let words = match (&answer.content, told) {
        (_, Some(told)) => format!("HTTP {status}: {told}"),
        (_, None) if answer.is_page() => format!("HTTP {status}: {PAGE}"),
        (Content::Cut, None) => format!("HTTP {status}, and the answer broke off"),
        (Content::TooLong, None) => format!("HTTP {status}, and the answer is too long to be one"),
        (Content::Whole(bytes), None) if bytes.is_empty() => format!("HTTP {status} with an empty answer"),
        (Content::Whole(_), None) if body.is_none() => format!("HTTP {status} with an answer that is not JSON"),
        (Content::Whole(_), None) => format!("HTTP {status} without a usable job id"),
    };
    CreateError::Uncertain { reason: Reason::OddAnswer, words }
}

fn moved(answer: &Answer, base: &Url) -> String {
    let target = answer.headers.get(LOCATION).and_then(|to| to.to_str().ok()).and_then(|to| base.join(to).ok());
    let place = match target.filter(Url::has_host) {
        Some(url) if origin(&url) == origin(base) => "another path of the same server".to_owned(),
        Some(url) => origin(&url),
        None => "another address".to_owned(),
    };
    let status = answer.status.as_u16();
    format!("The upstream redirects to {place} (HTTP {status}). Set its base_url to where it really is.")
}

const fn refused(reason: Reason, words: String) -> CreateError {
    CreateError::Refused(Refusal { reason, code: None, words })
}

#[cfg(test)]
mod tests;
