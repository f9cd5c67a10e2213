//! How everything stands, in plain words, for whoever runs the server.

use std::fmt::Write as _;

use axum::response::Response;

use super::App;
use super::error::Error;
use super::present::time::{bytes, clock, took};
use super::standing::{PULSE, Standing, UpstreamStanding};
use super::view::status::{StatusGroup, StatusLine, StatusPage};
use super::view::{Action, Mood, Section};
use super::wants::{Wants, page};
use crate::domain::{Millis, State};
use crate::upstream::Health;
use crate::work::breaker::Gate;
use crate::work::pause::Why;

/// A log of the database longer than this is not being folded in.
const LONG_LOG_BYTES: u64 = 64 * 1024 * 1024;
/// Questions later than this are worth a word, in seconds.
const LATE_SECONDS: u64 = 300;

fn clips(many: i64, verb: &str) -> String {
    if many == 1 { format!("1 {verb}s") } else { format!("{many} {verb}") }
}

/// What an upstream holds, and what waits for it.
fn load(upstream: &UpstreamStanding) -> String {
    let mut words = format!("{} of {} places taken", upstream.taken(), upstream.places);
    let queued = upstream.many(State::Queued);
    if queued > 0 {
        let since = upstream.oldest.map(|oldest| format!(", the longest for {}", took(oldest)));
        let _ = write!(words, ", {} in line{}", clips(queued, "wait"), since.unwrap_or_default());
    }
    let arriving = upstream.many(State::Downloading);
    if arriving > 0 {
        let _ = write!(words, ", {}", clips(arriving, "arrive"));
    }
    words.push('.');
    words
}

/// Why nothing is sent, and what to do about it.
fn held_back(why: Why, until: &str) -> (Mood, String, Option<String>) {
    let told =
        |mood, words: &str, hint: Option<&str>| (mood, format!("{words} until {until}."), hint.map(str::to_owned));
    match why {
        Why::Unreachable => told(Mood::Warn, "It could not be reached. Nothing is sent", None),
        Why::Asked => told(Mood::Warn, "It asked for a pause. Nothing is sent", None),
        Why::Key => told(
            Mood::Bad,
            "It refuses the key. Nothing is sent",
            Some("Mend its api_key in rushes.toml and start again."),
        ),
        Why::Funds => told(
            Mood::Bad,
            "It is out of funds. Nothing is sent",
            Some("Add credit or raise the limit in its console."),
        ),
        Why::Unknown => told(Mood::Warn, "Several clips were left without an answer. Nothing is sent", None),
        Why::Silent => told(Mood::Warn, "It does not answer questions. It is left alone", None),
    }
}

fn upstream(upstream: &UpstreamStanding, now: Millis) -> StatusLine {
    let mut line = StatusLine { name: upstream.name.clone(), ..StatusLine::default() };
    let health = match &upstream.health {
        Health::Up => "It answers.".to_owned(),
        Health::Unknown => "It was not asked yet.".to_owned(),
        Health::Down(words) => {
            line.mood = Some(Mood::Bad);
            line.hint = Some("See that it runs and that base_url in rushes.toml is its address.".to_owned());
            format!("It is not answering. {words}")
        }
    };
    let mut words = vec![health];
    if let Some(pause) = &upstream.pause {
        let (mood, why, hint) = held_back(pause.why, &clock(pause.until, now));
        words.push(why);
        line.mood = line.mood.or(Some(mood));
        line.hint = line.hint.or(hint);
    } else if let Gate::Open(until) = upstream.gate {
        words.push(format!("It is asked again at {}.", clock(until, now)));
        line.mood = line.mood.or(Some(Mood::Warn));
    }
    words.push(load(upstream));
    if upstream.lag.as_secs() > LATE_SECONDS {
        words.push(format!("The latest step is {} late.", took(upstream.lag)));
        line.mood = line.mood.or(Some(Mood::Warn));
    }
    let unknown = upstream.many(State::Uncertain);
    if unknown > 0 {
        let of = if unknown == 1 { "1 clip".to_owned() } else { format!("{unknown} clips") };
        words.push(format!("Nobody knows whether {of} will be made."));
        line.mood = line.mood.or(Some(Mood::Warn));
        line.hint = line.hint.or_else(|| Some("Open them in the queue and decide.".to_owned()));
        line.action = Some(Action::link("Open the queue", "/queue").small());
    }
    line.words = words.join(" ");
    line
}

fn disk(standing: &Standing) -> StatusLine {
    let mut line = StatusLine { name: "Disk".to_owned(), ..StatusLine::default() };
    let floor = bytes(standing.floor_bytes);
    line.words = match standing.free_bytes {
        None => "The system does not tell how much is free.".to_owned(),
        Some(free) if free < standing.floor_bytes => {
            line.mood = Some(Mood::Bad);
            line.hint = Some("Make room on the disk of the data folder: everything goes on by itself then.".to_owned());
            format!(
                "{} free. Nothing new is sent below {floor}; clips that are paid for still arrive while they fit.",
                bytes(free)
            )
        }
        Some(free) => {
            if free < standing.floor_bytes.saturating_mul(2) {
                line.mood = Some(Mood::Warn);
                line.hint = Some("Make room soon.".to_owned());
            }
            format!("{} free. Below {floor} nothing new is sent.", bytes(free))
        }
    };
    line
}

fn server(standing: &Standing) -> Vec<StatusLine> {
    let is_stuck = standing.pulse >= PULSE;
    let worker = StatusLine {
        name: "Worker".to_owned(),
        mood: is_stuck.then_some(Mood::Bad),
        words: if is_stuck {
            format!("It did not come round for {}.", took(standing.pulse))
        } else {
            "It carries clips forward.".to_owned()
        },
        hint: is_stuck.then(|| "Start the server again; nothing is lost or sent twice by that.".to_owned()),
        action: None,
    };
    let is_long = standing.log_bytes > LONG_LOG_BYTES;
    let database = StatusLine {
        name: "Database".to_owned(),
        mood: is_long.then_some(Mood::Warn),
        words: format!("{}, and {} of changes to fold in.", bytes(standing.database_bytes), bytes(standing.log_bytes)),
        hint: is_long.then(|| "Something reads for very long: see that no backup or other program hangs.".to_owned()),
        action: None,
    };
    let memory = standing.memory_bytes.map(|memory| format!(", {} of memory", bytes(memory))).unwrap_or_default();
    let pages =
        if standing.streams == 1 { "1 page follows".to_owned() } else { format!("{} pages follow", standing.streams) };
    let process = StatusLine {
        name: format!("Rushes {}", env!("CARGO_PKG_VERSION")),
        words: format!("Runs for {}{memory}. {pages} what happens.", took(standing.uptime)),
        ..StatusLine::default()
    };
    vec![worker, disk(standing), database, process]
}

/// `GET /admin/status`
pub async fn show(app: App, wants: Wants) -> Result<Response, Error> {
    let (standing, now) = (Standing::read(&app).await?, app.studio.clock.now());
    let groups = vec![
        StatusGroup {
            title: "Upstreams",
            id: "upstreams-title",
            lines: standing.upstreams.iter().map(|of| upstream(of, now)).collect(),
        },
        StatusGroup { title: "This server", id: "here-title", lines: server(&standing) },
    ];
    let lines = || groups.iter().flat_map(|group| &group.lines);
    let bad = lines().filter(|line| line.mood == Some(Mood::Bad)).count();
    let waiting = lines().filter(|line| line.mood == Some(Mood::Warn)).count();
    let summary = match (bad, waiting) {
        (0, 0) => "Everything is well.".to_owned(),
        (0, 1) => "One thing waits.".to_owned(),
        (0, many) => format!("{many} things wait."),
        (1, _) => "One thing needs you.".to_owned(),
        (many, _) => format!("{many} things need you."),
    };
    let frame = app.frame("Status", Section::Settings, &wants, "/admin/status", "bell").await?;
    page(&StatusPage { frame, summary, has_team: wants.session.is_some(), groups })
}
