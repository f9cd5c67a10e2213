//! Opens finished films and stills. Trusts bytes more than headers; refuses answers that
//! are no file. A range that cannot go on is an error, and the caller then starts from nothing.

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use reqwest::Response;
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_RANGE,
    RANGE,
};
use serde_json::Value;

use super::answer::{Answer, Content};
use super::client::{Wire, read};
use super::poll::{Stage, complaint, stage};
use super::source;
use super::trip::{Trip, refused};
use super::words::Said;
use crate::domain::Reason;
use crate::upstream::{Body, FetchError, Resume, Source, UpstreamId};

/// The most bytes of an answer that is not a film.
const LONGEST_ANSWER: usize = 64 << 10;
/// The most bytes of a still.
const LARGEST_STILL: usize = 8 << 20;
/// The longest `ETag` that is kept, in bytes.
const LONGEST_ETAG: usize = 512;

/// What a good status brought.
enum Found {
    File(Body),
    /// Text instead of a film.
    Text(Answer),
}

/// Opens a finished film.
pub(super) async fn open(
    wire: &Wire,
    id: &UpstreamId,
    source: &Source,
    resume: Option<&Resume>,
) -> Result<Body, FetchError> {
    let route =
        wire.route(&["videos", &id.0, "content"]).ok_or_else(|| refused("its id cannot stand in an address"))?;
    let mut trip = Trip::new(wire, route);
    if let Some(url) = &source.url {
        trip.turn(url)?;
    }
    let headers = range(resume);
    loop {
        let response = trip.go(&headers).await?;
        if !matches!(response.status().as_u16(), 200 | 206) {
            let answer = read(response, LONGEST_ANSWER).await;
            return Err(no_file(wire, &answer, trip.named));
        }
        match file(response, resume).await? {
            Found::File(body) => return Ok(body),
            Found::Text(answer) => {
                let next = text(wire, &answer)?;
                trip.turn(&next)?;
            }
        }
    }
}

fn range(resume: Option<&Resume>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let Some(resume) = resume.filter(|resume| resume.offset > 0) else { return headers };
    // Without a usable ETag no range is asked: the parts might be of different files.
    let wish = HeaderValue::from_str(&format!("bytes={}-", resume.offset));
    if let (Ok(wish), Ok(etag)) = (wish, HeaderValue::from_str(&resume.etag)) {
        headers.insert(RANGE, wish);
        headers.insert(IF_RANGE, etag);
    }
    headers
}

/// An answer that should be the file.
async fn file(mut response: Response, resume: Option<&Resume>) -> Result<Found, FetchError> {
    let header = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
    let kind = header(CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    if kind.contains("json") || kind.contains("html") {
        return Ok(Found::Text(read(response, LONGEST_ANSWER).await));
    }
    if header(CONTENT_ENCODING).is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return Err(later("The file came compressed, though that was not asked for."));
    }
    let etag = header(ETAG).filter(|etag| is_strong(etag)).map(str::to_owned);
    let (offset, total) = if response.status().as_u16() == 206 {
        let (start, total) = header(CONTENT_RANGE)
            .and_then(content_range)
            .ok_or_else(|| later("A part of the file came without its place in it."))?;
        let wanted = resume.map_or(0, |resume| resume.offset);
        let same = resume.is_none_or(|resume| etag.as_ref().is_none_or(|etag| *etag == resume.etag));
        if start != wanted || !same {
            return Err(later("Another part of the file came than the one asked for."));
        }
        (start, total)
    } else {
        (0, header(CONTENT_LENGTH).and_then(|length| length.parse().ok()))
    };
    let mut first = response.chunk().await.map_err(|error| later(&broken(&error)))?;
    // HTTP/2 may send frames without a byte in them.
    while first.as_ref().is_some_and(Bytes::is_empty) {
        first = response.chunk().await.map_err(|error| later(&broken(&error)))?;
    }
    let Some(first) = first else { return Err(later("The file came without a single byte.")) };
    // Gateways have wrapped their errors as `200 video/mp4`; no film begins like this.
    if offset == 0 && first.trim_ascii_start().first().is_none_or(|byte| matches!(byte, b'{' | b'[' | b'<')) {
        return Ok(Found::Text(rest(response, &first).await));
    }
    // After an error nothing more comes: the transfer is over, whatever the connection does next.
    let others = stream::unfold(Some(response), |response| async move {
        let mut response = response?;
        match response.chunk().await {
            Ok(part) => part.map(|part| (Ok(part), Some(response))),
            Err(error) => Some((Err(broken(&error)), None)),
        }
    });
    let stream = stream::once(async move { Ok(first) }).chain(others).boxed();
    Ok(Found::File(Body { offset, total, etag, stream }))
}

async fn rest(response: Response, first: &Bytes) -> Answer {
    let mut answer = read(response, LONGEST_ANSWER).await;
    if let Content::Whole(more) = &answer.content {
        answer.content = Content::Whole([first.as_ref(), more.as_ref()].concat().into());
    }
    answer
}

fn broken(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() { "No byte came for too long." } else { "The connection broke off." };
    what.to_owned()
}

fn is_strong(etag: &str) -> bool {
    etag.len() > 2 && etag.len() <= LONGEST_ETAG && etag.starts_with('"') && etag.ends_with('"')
}

/// Where a part starts, and how long the whole file is, where told.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (span, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = span.split_once('-')?;
    let (start, end): (u64, u64) = (start.trim().parse().ok()?, end.trim().parse().ok()?);
    let total = if total == "*" { None } else { Some(total.trim().parse::<u64>().ok()?) };
    (start <= end && total.is_none_or(|total| end < total)).then_some((start, total))
}

/// Text where a film should be: the next address, or why there is none.
fn text(wire: &Wire, answer: &Answer) -> Result<String, FetchError> {
    let body = answer.json().unwrap_or(Value::Null);
    if let Some(url) = source::find(&body) {
        return Ok(url);
    }
    let family = Said::read(&body).and_then(|said| said.family());
    let words = complaint(answer, &wire.mask);
    let held_back = matches!(family, Some(Reason::Policy | Reason::Likeness | Reason::Region));
    if held_back || stage(&body) == Some(Stage::Failed) {
        return Err(FetchError::Refused { words });
    }
    Err(FetchError::Later { retry_after: answer.retry_after(), words })
}

/// A status that brings no file. Our content route may just not be ready; an address that
/// the upstream named has most likely run out.
fn no_file(wire: &Wire, answer: &Answer, named: bool) -> FetchError {
    let words = complaint(answer, &wire.mask);
    match answer.status.as_u16() {
        403 | 410 => FetchError::Gone { words },
        400 | 401 | 404 if named => FetchError::Gone { words },
        422 | 451 => FetchError::Refused { words },
        416 => later("The file cannot be continued where it broke off."),
        _ => FetchError::Later { retry_after: answer.retry_after(), words },
    }
}

fn later(words: &str) -> FetchError {
    FetchError::Later { retry_after: None, words: words.to_owned() }
}

/// A still of a finished film, where offered.
pub(super) async fn thumbnail(wire: &Wire, id: &UpstreamId) -> Option<Bytes> {
    let mut route = wire.route(&["videos", &id.0, "content"])?;
    route.query_pairs_mut().append_pair("variant", "thumbnail");
    let response = Trip::new(wire, route).go(&HeaderMap::new()).await.ok()?;
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    let told = kind.is_empty() || kind.starts_with("image/") || kind.ends_with("octet-stream");
    if response.status().as_u16() != 200 || !told {
        return None;
    }
    match read(response, LARGEST_STILL).await.content {
        Content::Whole(bytes) => is_picture(&bytes).then_some(bytes),
        Content::Cut | Content::TooLong => None,
    }
}

fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xd8\xff")
        || bytes.starts_with(b"\x89PNG\r\n\x1a\n")
        || (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"))
}
