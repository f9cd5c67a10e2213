//! `GET /v1/videos/{id}/content` and the keyless file URLs: ranges, `ETag`s and every way a download breaks.

use serde_json::json;

use super::clip::{SPRITESHEET, THUMBNAIL, another_take, with_absurd_box, without_moov};
use super::fault::{Reply, bad_field, json_answer, refusal, spoil};
use super::ledger::{Kind, Record};
use super::message::{Answer, Body, Ending, Framing, Request};
use super::order::sha256;
use super::script::ContentFault;
use super::state::{State, file_url};

impl State {
    /// The bytes of a job, with the key.
    pub fn content(&mut self, request: &Request, id: &str) -> Reply {
        let mut record = Record::new(Kind::Content, request);
        record.id = Some(id.to_owned());
        let reply = match self.refuses_key(request) {
            Some(refused) => Reply::Answer(refused),
            None => self.content_reply(request, id),
        };
        self.noted(record, reply)
    }

    /// The bytes behind a URL that needs no key. The second origin is never faulty.
    pub fn file(&mut self, request: &Request, kind: Kind) -> Reply {
        let mut record = Record::new(kind, request);
        let ends_here = |id: &str| file_url("", id) == request.target;
        let job = self.jobs.iter().find(|job| ends_here(&job.id));
        record.id = job.map(|job| job.id.clone());
        let reply = match &record.id {
            Some(id) if kind == Kind::Content => self.served(request, id, true),
            None if kind == Kind::Content => Reply::Answer(Self::missing(&request.target)),
            _ => Reply::Answer(ranged(request, &self.clip)),
        };
        self.noted(record, reply)
    }

    fn content_reply(&mut self, request: &Request, id: &str) -> Reply {
        let Some(place) = self.place(id) else {
            return Reply::Answer(Self::missing(id));
        };
        if !self.jobs[place].is_completed() || self.behind_url.contains(id) {
            return Reply::Answer(not_ready(404));
        }
        match request.query("variant").as_deref() {
            None | Some("video") => self.served(request, id, false),
            Some("thumbnail") => picture("image/webp", THUMBNAIL),
            Some("spritesheet") => picture("image/jpeg", SPRITESHEET),
            Some(other) => {
                let message = format!("Invalid value: '{other}'.");
                Reply::Answer(bad_field("variant", "invalid_value", &message))
            }
        }
    }

    /// The video, or what the script makes of it.
    fn served(&mut self, request: &Request, id: &str, behind_url: bool) -> Reply {
        let fault = self.script.content.take(id, |fault| {
            // Whoever followed the URL must not be sent round in a circle.
            !(behind_url && matches!(fault, ContentFault::UrlHere | ContentFault::UrlElsewhere))
        });
        if matches!(fault, Some(ContentFault::ContentChanges)) {
            self.clip = another_take(&self.clip);
        }
        let truth = ranged(request, &self.clip);
        let mut reply = match fault {
            None => Reply::Answer(truth),
            Some(ContentFault::Any(fault)) => spoil(&fault, truth, request, &self.elsewhere),
            Some(fault) => Reply::Answer(self.broken(&fault, truth, request, id)),
        };
        if let Reply::Answer(answer) = &mut reply
            && let Some(hold) = self.gates.content.pop_front()
        {
            answer.hold = Some(hold);
        }
        reply
    }

    fn broken(&self, fault: &ContentFault, truth: Answer, request: &Request, id: &str) -> Answer {
        match fault {
            ContentFault::NotReady(status) => not_ready(*status),
            ContentFault::JsonAsVideo => {
                let body = not_ready(404).body;
                let mut answer = video(200, Vec::new()).labelled("200 json as video");
                answer.body = body;
                answer
            }
            ContentFault::UrlHere => video_url(&file_url(&self.here, id)),
            ContentFault::UrlElsewhere => video_url(&file_url(&self.elsewhere, id)),
            ContentFault::WrongOffset => wrong_offset(request, &self.clip),
            ContentFault::IgnoresRange => whole(&self.clip),
            ContentFault::RangeRefused => {
                let all = format!("bytes */{}", self.clip.len());
                video(416, Vec::new()).with("content-range", all)
            }
            ContentFault::NotMp4 => {
                let junk = b"RUSHES IS NOT AN MP4 ".repeat(500);
                video(200, junk).labelled("200 not mp4")
            }
            ContentFault::WithoutMoov => video(200, without_moov(&self.clip)).labelled("200 without moov"),
            ContentFault::AbsurdBox => video(200, with_absurd_box(&self.clip)).labelled("200 absurd box"),
            ContentFault::NoBytes => video(200, Vec::new()).labelled("200 no bytes"),
            ContentFault::ContentChanges | ContentFault::Any(_) => truth,
            ContentFault::CutAt(_)
            | ContentFault::ResetAt(_)
            | ContentFault::ChunkedCutAt(_)
            | ContentFault::UntilCloseCutAt(_)
            | ContentFault::UntilClose
            | ContentFault::Chunked
            | ContentFault::StallAt(_)
            | ContentFault::Endless
            | ContentFault::LengthTooLong
            | ContentFault::LengthTooShort
            | ContentFault::LengthNegative
            | ContentFault::LengthTwice => misframed(fault, truth),
        }
    }
}

/// Right bytes, wrong ways to send them.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest is in `broken`")]
fn misframed(fault: &ContentFault, mut answer: Answer) -> Answer {
    let length = i128::from(answer.len());
    let claim = |lengths: &[i128]| Framing::Claimed(lengths.iter().map(i128::to_string).collect());
    let label = match fault {
        ContentFault::CutAt(at) => {
            answer.cut = Some((*at, Ending::Close));
            "cut"
        }
        ContentFault::ResetAt(at) => {
            answer.cut = Some((*at, Ending::Reset));
            "reset"
        }
        ContentFault::ChunkedCutAt(at) => {
            answer.framing = Framing::Chunked;
            answer.cut = Some((*at, Ending::Close));
            "chunked cut"
        }
        ContentFault::UntilCloseCutAt(at) => {
            answer.framing = Framing::UntilClose;
            answer.cut = Some((*at, Ending::Close));
            "until close, cut"
        }
        ContentFault::StallAt(at) => {
            answer.hold = Some((*at, super::Gate::closed()));
            answer.cut = Some((*at, Ending::Close));
            "stalled"
        }
        ContentFault::UntilClose => {
            answer.framing = Framing::UntilClose;
            "until close"
        }
        ContentFault::Chunked => {
            answer.framing = Framing::Chunked;
            "chunked"
        }
        ContentFault::Endless => {
            answer.framing = Framing::Chunked;
            answer.body = endless(answer.body);
            "endless"
        }
        ContentFault::LengthTooLong => {
            answer.framing = claim(&[length + 1000]);
            "length too long"
        }
        ContentFault::LengthTooShort => {
            answer.framing = claim(&[length - 1000]);
            "length too short"
        }
        ContentFault::LengthNegative => {
            answer.framing = claim(&[-length]);
            "length negative"
        }
        ContentFault::LengthTwice => {
            answer.framing = claim(&[length, length - 1000]);
            "two lengths"
        }
        missed => unreachable!("{missed:?} is not about framing"),
    };
    answer.label = format!("{} {label}", answer.status);
    answer
}

fn endless(body: Body) -> Body {
    let before = match body {
        Body::Bytes(bytes) => bytes,
        Body::Filler { before, .. } => before,
    };
    Body::Filler { before, byte: 0, count: 1 << 40, after: Vec::new() }
}

fn not_ready(status: u16) -> Answer {
    let message = "Video is not ready yet, use GET /v1/videos/{video_id} to check status.";
    let mut answer = refusal(status, None, message);
    answer.label = format!("{status} not ready");
    answer
}

fn picture(kind: &str, bytes: &[u8]) -> Reply {
    Reply::Answer(Answer::new(200, kind, bytes.to_vec()))
}

fn video_url(url: &str) -> Answer {
    json_answer(200, &json!({ "video_url": url })).labelled("200 url")
}

fn video(status: u16, bytes: Vec<u8>) -> Answer {
    Answer::new(status, "video/mp4", bytes)
}

fn etag(clip: &[u8]) -> String {
    format!("\"{}\"", &sha256(clip)[..16])
}

fn whole(clip: &[u8]) -> Answer {
    video(200, clip.to_vec()).with("accept-ranges", "bytes").with("etag", etag(clip))
}

/// 200, or 206 for a Range that fits (and an If-Range that still holds), or 416.
fn ranged(request: &Request, clip: &[u8]) -> Answer {
    let asked = request.header("range").and_then(|r| r.strip_prefix("bytes="));
    let holds = request.header("if-range").is_none_or(|tag| tag == etag(clip));
    let Some((from, to)) = asked.filter(|_| holds).and_then(|r| r.split_once('-')) else {
        return whole(clip);
    };
    let last = clip.len() - 1;
    let to = to.parse().unwrap_or(last).min(last);
    match from.parse() {
        Ok(from) if from <= to => part(clip, from, to),
        _ => video(416, Vec::new()).with("content-range", format!("bytes */{}", clip.len())),
    }
}

/// Both ends included, as in the header.
fn part(clip: &[u8], from: usize, to: usize) -> Answer {
    video(206, clip[from..=to].to_vec())
        .with("accept-ranges", "bytes")
        .with("etag", etag(clip))
        .with("content-range", format!("bytes {from}-{to}/{}", clip.len()))
}

/// Starts 100 bytes before what was asked for, and says so.
fn wrong_offset(request: &Request, clip: &[u8]) -> Answer {
    let asked = request.header("range").and_then(|r| r.strip_prefix("bytes="));
    let from = asked.and_then(|r| r.split('-').next()?.parse::<usize>().ok());
    let from = from.unwrap_or(200).saturating_sub(100).min(clip.len() - 1);
    part(clip, from, clip.len() - 1).labelled("206 wrong offset")
}
