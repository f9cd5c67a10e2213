//! The hostile upstream: every way of being wrong, at each of the four questions that Rushes asks (create, poll, list,
//! download), with what becomes of the clip, of the money, and what a person reads. What is found is compared with the
//! tables in `docs/faults/`; `RUSHES_WRITE=1` writes them anew, to be read before they are committed.
//! The numbers are those of `docs/reliability.md`.

mod create;
mod download;
mod list;
mod poll;
mod storm;
mod tls;

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::app::{TestApp, gateway};
use crate::upstream::{FakeUpstream, Fault};

/// A way of being wrong that every question can meet.
pub struct Case {
    pub number: &'static str,
    pub what: &'static str,
    pub fault: Fault,
}

fn raw(status: u16, kind: &str, body: &str) -> Fault {
    Fault::Raw(status, kind.to_owned(), body.to_owned())
}

/// Everything that can be wrong with any answer.
pub fn anywhere() -> Vec<Case> {
    let limited = |wait: &str| Fault::RateLimited(Some(wait.to_owned()));
    let inside = "http://169.254.169.254/latest/meta-data/";
    let all: Vec<(&'static str, &'static str, Fault)> = vec![
        ("U1", "500", Fault::Status(500)),
        ("U2", "502, a web page", Fault::HtmlPage(502)),
        ("U3", "503", Fault::Status(503)),
        ("U3", "503, come back in 4 s", Fault::StatusThenRetry(503, "4".to_owned())),
        ("U4", "504", Fault::Status(504)),
        ("U5", "408", Fault::Status(408)),
        ("U6", "409", Fault::Status(409)),
        ("U7", "429", Fault::RateLimited(None)),
        ("U7", "429, at once", limited("0")),
        ("U7", "429, in 5 s", limited("5")),
        ("U7", "429, in 30 years", limited("1000000000")),
        ("U7", "429, a second ago", limited("-1")),
        ("U7", "429, on a day long gone", limited("Wed, 21 Oct 2015 07:28:00 GMT")),
        ("U7", "429, at no time that anybody knows", limited("soon")),
        ("U9", "401", Fault::KeyRejected),
        ("U9", "401 that repeats the key", Fault::EchoesKey),
        ("U10", "402", Fault::Status(402)),
        ("U10", "403", Fault::Forbidden),
        ("U10", "429, the money is spent", Fault::QuotaSpent),
        ("U10", "400, the hard limit is reached", Fault::HardLimit),
        ("U11", "404", Fault::NotFound),
        ("U12", "301 to itself", Fault::RedirectToSelf(301)),
        ("U12", "302 to itself", Fault::RedirectToSelf(302)),
        ("U12", "307 to another host", Fault::RedirectElsewhere(307)),
        ("U12", "308 to another host", Fault::RedirectElsewhere(308)),
        ("U12", "302 into the private network", Fault::RedirectTo(302, inside.to_owned())),
        ("U13", "418", Fault::Status(418)),
        ("U13", "599", Fault::Status(599)),
        ("U14", "200, nothing", Fault::Empty),
        ("U14", "204", raw(204, "text/plain", "")),
        ("U15", "200, a web page", Fault::HtmlPage(200)),
        ("U16", "half of the JSON", Fault::TruncatedJson),
        ("U17", "a list instead", Fault::Json(json!([1, 2]))),
        ("U17", "null instead", Fault::Json(json!(null))),
        ("U17", "a number instead", Fault::Json(json!(7))),
        ("U20", "1 GB of JSON", Fault::HugeJson(1 << 30)),
        ("U21", "100,000 brackets", Fault::Nested(100_000)),
        ("U22", "no UTF-8", Fault::NotUtf8),
        ("U22", "zero bytes", raw(200, "application/json", "\0\0\0\0")),
        ("U22", "a byte order mark", Fault::ByteOrderMark),
        ("U23", "gzip that nobody asked for", Fault::Zipped),
        ("U24", "the error is a word", Fault::ErrorIsText),
        ("U24", "the error is a list", Fault::ErrorIsList),
        ("U24", "the error is in an error", raw(400, "application/json", r#"{"error":{"error":{"message":"No."}}}"#)),
        ("U24", "the error has markup", Fault::Markup),
        ("U27", "reset after it was read", Fault::ResetAfterReading),
        ("U27", "closed after it was read", Fault::VanishAfterReading),
        ("U28", "one byte at a time", Fault::Drip(0)),
        ("U28", "cut in the middle", Fault::CutMidAnswer),
    ];
    all.into_iter().map(|(number, what, fault)| Case { number, what, fault }).collect()
}

/// How far the clock goes between two looks: an upstream that asks for 30 years is asked again in an hour.
pub fn step(what: &str) -> Duration {
    Duration::from_secs(if what.contains("30 years") { 60 } else { 1 })
}

/// Rushes with room for every story at once, and a fake whose clock agrees with its own.
pub async fn stage() -> (FakeUpstream, TestApp) {
    let fake = FakeUpstream::start().await;
    let app = TestApp::with(TempDir::new().unwrap(), false, vec![gateway(&fake, 200)]).await;
    fake.set_now(app.clock.now().as_i64() / 1000);
    (fake, app)
}

/// What is said about every clip that nobody can tell about, and is written once here instead of in every row.
const ALWAYS: [&str; 3] = [
    "Rushes looks for it in the upstream’s list and will not send it again by itself. If you know more, choose. \
     Its id at the upstream It was made, here is its id It was not made, send again · $0.40 Give up",
    "Why this happens",
    "Cancel",
];

/// The sentence that a person reads about a clip: its stage without what is always there, or differs from run to run.
pub fn sentence(text: &str, prompt: &str) -> String {
    let text = text.replace(prompt, "…").replace('|', "/");
    let text: String = text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for always in ALWAYS {
        text = text.replace(always, "");
    }
    // What the list told since is another question's answer.
    let text = text.split("The upstream’s list").next().unwrap_or_default();
    let is_time = |word: &str| {
        word.contains(':')
            && !word.ends_with(':')
            && word.chars().all(|sign| sign.is_ascii_digit() || ":.".contains(sign))
    };
    let is_here = |word: &str| word.starts_with("http://127.0.0.1:");
    let word = |word| {
        if is_here(word) {
            "http://elsewhere"
        } else if is_time(word) {
            "0:00"
        } else {
            word
        }
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// Compares a table with the committed one.
pub fn same_as_written(file: &str, heading: &str, head: &str, rows: &[String]) {
    let columns = head.matches('|').count() - 1;
    let rule = format!("|{}", "---|".repeat(columns));
    let now = format!("# {heading}\n\n{head}\n{rule}\n{}\n", rows.join("\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults").join(file);
    if std::env::var_os("RUSHES_WRITE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, now).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let (written, now): (Vec<_>, Vec<_>) = (written.lines().collect(), now.lines().collect());
    for (at, line) in now.iter().enumerate() {
        assert_eq!(written.get(at), Some(line), "docs/faults/{file}, line {}", at + 1);
    }
    assert_eq!(written.len(), now.len(), "docs/faults/{file} has more rows than there are faults");
}
