//! How a job stands, read from any dialect of the video object. Pure; an answer that
//! tells nothing is a reason to ask again later, never a failed job.

use serde_json::{Map, Value};

use super::answer::{Answer, Content, moment};
use super::mask::{Mask, PAGE};
use super::source;
use super::words::Said;
use crate::domain::Reason;
use crate::upstream::{Phase, Poll, PollError, Refusal, Source, UpstreamId};

/// The most characters of an unknown status word that are logged.
const LONGEST_WORD: usize = 40;
/// Objects in which other dialects keep the job.
const WRAPPERS: [&str; 3] = ["data", "task", "output"];
const STATUS: [&str; 3] = ["status", "state", "task_status"];

/// What a status word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Waiting,
    Running,
    Done,
    Failed,
    Canceled,
}

/// A poll, and the status word that we did not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    pub poll: Poll,
    pub unknown: Option<String>,
}

/// Reads the answer to a question about job `id`.
pub(super) fn read(answer: &Answer, id: &str, mask: &Mask) -> Result<Reading, PollError> {
    let body = answer.json().filter(Value::is_object);
    let status = answer.status.as_u16();
    let Some(body) = body.filter(|body| answer.status.is_success() || is_failed_job(body, id)) else {
        return match status {
            404 | 410 => Err(PollError::Missing),
            202 => Ok(Reading { poll: pending(answer), unknown: None }),
            _ => Err(later(answer, mask)),
        };
    };
    let job = job(&body);
    let Some((phase, unknown)) = phase(&body, job, mask).or_else(|| (status == 202).then_some((Phase::Waiting, None)))
    else {
        return Err(later(answer, mask));
    };
    let told = |names: &[&str]| names.iter().find_map(|name| job.get(*name).or_else(|| body.get(*name)));
    Ok(Reading {
        poll: Poll {
            phase,
            progress: told(&["progress", "percent"]).and_then(progress),
            poll_after: answer.poll_after(Some(&body)),
            expires_at: told(&["expires_at"]).and_then(moment),
            about: other(&body, job, id),
        },
        unknown,
    })
}

/// The job that a body is about, if it names one and none of its names is `id`.
fn other(body: &Value, job: &Map<String, Value>, id: &str) -> Option<UpstreamId> {
    let names = || ["id", "video_id", "task_id"].iter().flat_map(|name| [job.get(*name), body.get(*name)]).flatten();
    let names = || names().filter_map(Value::as_str);
    if names().any(|name| name == id) {
        return None;
    }
    names().next().map(|name| UpstreamId(name.to_owned()))
}

/// The stage that a body tells in words, if it knows one.
pub(super) fn stage(body: &Value) -> Option<Stage> {
    stage_of(&normal(word(job(body))?))
}

/// Whether an error answer is the job itself, ended: vLLM-Omni answers a poll of a failed job
/// with 4xx or 5xx. A gateway's own `{"status":"error"}` must not end a paid job.
fn is_failed_job(body: &Value, id: &str) -> bool {
    let a_video = body.get("object").and_then(Value::as_str) == Some("video")
        || body.get("id").and_then(Value::as_str) == Some(id);
    a_video && matches!(stage(body), Some(Stage::Failed | Stage::Canceled))
}

/// The object that holds the job: the body, or what it wraps.
fn job(body: &Value) -> &Map<String, Value> {
    static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    WRAPPERS
        .iter()
        .filter_map(|name| body.get(*name)?.as_object())
        .find(|inner| word(inner).is_some())
        .or_else(|| body.as_object())
        .unwrap_or(&NOTHING)
}

fn word(job: &Map<String, Value>) -> Option<&str> {
    STATUS.iter().find_map(|name| job.get(*name)?.as_str())
}

fn normal(word: &str) -> String {
    word.trim().to_lowercase().replace(['-', ' '], "_")
}

fn stage_of(word: &str) -> Option<Stage> {
    Some(match word {
        "" | "queued" | "pending" | "submitted" | "created" | "preparing" | "not_start" | "not_started"
        | "starting" | "waiting" | "in_queue" | "queueing" | "queuing" | "throttled" | "suspended" | "unknown" => {
            Stage::Waiting
        }
        "in_progress" | "processing" | "running" | "generating" | "dreaming" | "rendering" | "active" => Stage::Running,
        "completed" | "complete" | "succeeded" | "succeed" | "success" | "done" | "finished" => Stage::Done,
        "failed" | "failure" | "fail" | "error" | "expired" | "timeout" | "rejected" | "deleted" | "moderated"
        | "incomplete" | "budget_exceeded" => Stage::Failed,
        "cancelled" | "canceled" | "aborted" => Stage::Canceled,
        _ => return None,
    })
}

/// Where the job stands, and its status word if it is new to us; none if the body does not tell.
fn phase(body: &Value, job: &Map<String, Value>, mask: &Mask) -> Option<(Phase, Option<String>)> {
    let Some(word) = word(job).map(normal) else { return wordless(body, job, mask).map(|phase| (phase, None)) };
    let phase = match stage_of(&word) {
        Some(Stage::Waiting) => Phase::Waiting,
        Some(Stage::Running) => Phase::Running,
        Some(Stage::Done) => done(body, job),
        Some(Stage::Failed) => Phase::Failed(failed(body, job, &word, mask)),
        Some(Stage::Canceled) => Phase::Canceled,
        None => return Some((Phase::Running, Some(mask.code(&word).chars().take(LONGEST_WORD).collect()))),
    };
    Some((phase, None))
}

/// Some dialects leave the word out: `done` is a flag, or the film is simply there.
fn wordless(body: &Value, job: &Map<String, Value>, mask: &Mask) -> Option<Phase> {
    let flag = body.get("done").and_then(Value::as_bool);
    let wrong = body.get("error").is_some_and(|error| !error.is_null());
    match flag {
        Some(true) if wrong => Some(Phase::Failed(failed(body, job, "failed", mask))),
        Some(true) => Some(done(body, job)),
        Some(false) => Some(Phase::Running),
        None if wrong => None,
        None if find(body, job).is_some() => Some(done(body, job)),
        // A job without a word about itself, for example `"status": null` right after create.
        None if body.get("id").is_some_and(|id| id.is_string() || id.is_number()) => Some(Phase::Waiting),
        None => None,
    }
}

fn done(body: &Value, job: &Map<String, Value>) -> Phase {
    if body.pointer("/video/respect_moderation").and_then(Value::as_bool) == Some(false) {
        let words = "The upstream's moderation held the finished video back.".to_owned();
        return Phase::Failed(Refusal { reason: Reason::Policy, code: None, words });
    }
    Phase::Done(Source { url: find(body, job) })
}

fn find(body: &Value, job: &Map<String, Value>) -> Option<String> {
    source::find(body).or_else(|| source::find(&Value::Object(job.clone())))
}

fn failed(body: &Value, job: &Map<String, Value>, word: &str, mask: &Mask) -> Refusal {
    let said = Said::read(&Value::Object(job.clone())).or_else(|| Said::read(body)).unwrap_or_default();
    let usual = match word {
        "moderated" => Reason::Policy,
        "budget_exceeded" => Reason::Funds,
        _ => Reason::RenderFailed,
    };
    let mut refusal = said.refusal(said.family().unwrap_or(usual), mask);
    if refusal.words.is_empty() {
        refusal.words = format!("The upstream reports \"{word}\" and gives no reason.");
    }
    refusal
}

/// 0 to 100 from a number, a share, or text with or without a percent sign. Read as text,
/// since only the digits matter: a share is a fraction below one that is not zero.
fn progress(value: &Value) -> Option<u8> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let (text, percent) = text.strip_suffix('%').map_or((text.as_str(), false), |text| (text.trim_end(), true));
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let (digits, power) = text.split_once(['e', 'E']).unwrap_or((text, ""));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return None;
    }
    if negative || power.starts_with('-') {
        return Some(0);
    }
    // More than all of it is no progress that anybody could show.
    let whole = if power.is_empty() { whole.parse::<u64>().ok().filter(|whole| *whole <= 100)? } else { return None };
    let share = if whole == 0 && !percent { format!("{fraction:0<2}")[..2].parse().unwrap_or(0) } else { whole };
    u8::try_from(share).ok()
}

fn pending(answer: &Answer) -> Poll {
    Poll { phase: Phase::Waiting, progress: None, poll_after: answer.poll_after(None), expires_at: None, about: None }
}

fn later(answer: &Answer, mask: &Mask) -> PollError {
    PollError::Later { retry_after: answer.retry_after(), words: complaint(answer, mask) }
}

/// An answer that tells nothing useful, for people: its status and its own words, if it has any.
pub(super) fn complaint(answer: &Answer, mask: &Mask) -> String {
    let status = answer.status.as_u16();
    let told = answer.json().as_ref().and_then(Said::read).map(|said| said.words(mask));
    match told.filter(|words| !words.is_empty()) {
        Some(words) => format!("HTTP {status}: {words}"),
        None if answer.is_page() => format!("HTTP {status}: {PAGE}"),
        None if answer.status.is_redirection() => {
            format!("HTTP {status}: it redirects; set its base_url to where it really is")
        }
        None if !answer.status.is_success() => format!("HTTP {status}"),
        None if matches!(answer.content, Content::Cut) => "The answer broke off.".to_owned(),
        None => "The answer could not be read.".to_owned(),
    }
}

#[cfg(test)]
mod tests;
