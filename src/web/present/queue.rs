//! The queue, in words: what runs, whose turn is next and why, what stands in the way.

use std::collections::HashMap;

use super::activity::short;
use super::time::clock;
use super::{Scene, failure, wait};
use crate::domain::turn::Why;
use crate::domain::{Reason, Right, State};
use crate::store::clips::Clip;
use crate::upstream::Health;
use crate::web::App;
use crate::web::error::Error;
use crate::web::view::action::Tone;
use crate::web::view::queue::{Queue, Row, Server};
use crate::web::view::{Action, Mark, Mood, Notice};
use crate::web::wants::Wants;

/// Rows of each part.
const ROWS: u32 = 100;
/// Cards of what needs a decision.
const DECISIONS: u32 = 6;
/// Ends that are looked through for what an upstream usually takes.
const RECENT: u32 = 50;
/// Cards of what did not finish.
const FAILED: u32 = 9;

/// The queue as it is.
pub async fn queue(app: &App, wants: &Wants) -> Result<Queue, Error> {
    let store = &app.studio.store;
    let running = store.running(ROWS).await?;
    let whose = (!app.viewer().may(Right::Steer)).then_some(wants.person);
    let undecided = store.undecided(whose, DECISIONS).await?;
    let failed_ids = store.failed(wants.person, FAILED).await?;
    let failed = store.clips(&failed_ids).await?;
    let census = store.census().await?;
    let mut waiting = Vec::new();
    let rows = usize::try_from(ROWS).unwrap_or(usize::MAX);
    for (upstream, ..) in census.iter().filter(|(_, state, _)| *state == State::Queued) {
        let line = app.line(upstream).await?;
        let ids: Vec<_> = line.iter().take(rows).map(|(id, _)| *id).collect();
        waiting.extend(store.clips_or_veiled(&ids).await?.into_iter().zip(0..));
    }
    waiting.sort_by_key(|(clip, place): &(Clip, u32)| (*place, clip.turn, clip.id));
    let waiting: Vec<Clip> = waiting.into_iter().map(|(clip, _)| clip).take(rows).collect();
    let known: Vec<Clip> = [&running[..], &waiting[..]].concat();
    let scene = app.scene_for(&known).await?;
    let many = |wanted: &[State]| {
        let held = census.iter().filter(|(_, state, _)| wanted.contains(state));
        held.map(|(.., many)| u32::try_from(*many).unwrap_or(u32::MAX)).sum::<u32>()
    };
    let (runs, in_line) = (many(&[State::Submitting, State::InProgress, State::Downloading]), many(&[State::Queued]));
    let is_paused = store.person(wants.person).await?.is_some_and(|person| person.paused_at.is_some());
    let usual = usual(app).await?;
    let servers = servers(app, &census, &scene, &known, &usual);
    let mut notices = app.notices();
    notices.extend(servers.iter().filter(|server| server.tone == "warn").map(|server| Notice {
        mood: Some(Mood::Warn),
        icon: "timer",
        title: format!("{} is limiting us.", server.name),
        text: format!("{}. Waiting clips keep their place and go on by themselves.", server.health),
        action: None,
    }));
    let fullness = servers.iter().map(|server| format!("{} {}", server.name, server.places)).collect::<Vec<_>>();
    Ok(Queue {
        summary: summary(runs, in_line, is_paused, waiting.last(), &scene),
        actions: actions(is_paused),
        notices,
        decisions: cards(&undecided, &scene),
        running: running.iter().map(|clip| running_row(clip, &scene)).collect(),
        fullness: fullness.join(" · "),
        hidden: in_line.saturating_sub(u32::try_from(waiting.len()).unwrap_or(0)),
        waiting: waiting.iter().map(|clip| waiting_row(clip, &scene)).collect(),
        clear: (!failed.is_empty())
            .then(|| Action::post("Clear all", "/queue/clear").icon("trash").small().tone(Tone::Quiet)),
        failed: cards(&failed, &scene),
        servers,
    })
}

fn actions(is_paused: bool) -> Vec<Action> {
    let pause = if is_paused {
        Action::post("Resume", "/queue/resume").icon("play").tone(Tone::Primary)
    } else {
        Action::post("Pause mine", "/queue/pause").icon("pause")
    };
    vec![Action::link("Add many", "/many").icon("many"), pause]
}

fn summary(runs: u32, waits: u32, is_paused: bool, last: Option<&Clip>, scene: &Scene) -> String {
    if runs == 0 && waits == 0 {
        return "Nothing runs and nothing waits.".to_owned();
    }
    let mut words = format!("{runs} running, {waits} waiting.");
    if is_paused {
        words.push_str(" Your waiting clips are held back until you resume; what was sent goes on.");
    } else if let Some(start) = last.and_then(|clip| wait::starts(clip, scene, scene.place(clip)?)) {
        words = format!("{words} The last in line starts in {start}.");
    }
    words
}

fn cards(clips: &[Clip], scene: &Scene) -> Vec<(String, String, crate::web::view::Failure)> {
    let card = |clip: &Clip| {
        let card = failure::card(clip, scene, "", None)?;
        Some((clip.id.to_string(), short(clip.name()), card))
    };
    clips.iter().filter_map(card).collect()
}

/// What it is called; of what others keep private, nothing.
fn name(clip: &Clip) -> (String, String) {
    if clip.is_veiled() {
        return ("Someone’s generation".to_owned(), String::new());
    }
    (short(clip.name()), format!("/g/{}", clip.id))
}

fn facts(clip: &Clip, scene: &Scene) -> Vec<String> {
    let take = (clip.variations > 1).then(|| format!("take {} of {}", clip.take, clip.variations));
    let maker = scene.maker(clip).filter(|_| !clip.is_veiled()).map(str::to_owned);
    maker
        .into_iter()
        .chain(take)
        .chain([clip.model_label.clone(), format!("{} · {} s", clip.size.resolution(), clip.seconds)])
        .collect()
}

fn running_row(clip: &Clip, scene: &Scene) -> Row {
    let plate = wait::plate(clip, scene);
    let (mark, tone, title, detail, actions) = match plate {
        Some(plate) => {
            let actions = if scene.changes(clip) { plate.actions } else { Vec::new() };
            (plate.mark, plate.tone, plate.title, plate.detail, actions)
        }
        None => (Mark::Icon("film"), 0, String::new(), String::new(), Vec::new()),
    };
    let mut facts = facts(clip, scene);
    let (name, href) = name(clip);
    facts.push(match clip.progress {
        Some(percent) if clip.state == State::InProgress => format!("{title}, {percent}%"),
        _ => title,
    });
    if !detail.is_empty() {
        facts.push(detail);
    }
    Row {
        id: clip.id.to_string(),
        state: clip.state.as_str(),
        place: None,
        mark,
        tone,
        title: name,
        href,
        facts,
        when: String::new(),
        actions,
    }
}

fn waiting_row(clip: &Clip, scene: &Scene) -> Row {
    let place = scene.place(clip);
    let mut facts = facts(clip, scene);
    let (name, href) = name(clip);
    facts.push(why(clip, scene, place));
    let move_to = |label: &str, icon, to: &'static str| {
        Action::post(label, format!("/g/{}/move", clip.id)).with("to", to).icon(icon).small().bare().tone(Tone::Quiet)
    };
    let mut actions = Vec::new();
    let may = scene.changes(clip);
    if may && place.is_some_and(|place| place > 1) {
        actions.push(move_to("To the front", "front", "front"));
        actions.push(move_to("Move up", "up", "up"));
    }
    if may {
        actions.push(move_to("Move down", "lower", "down"));
    }
    let edit = Action::link("Edit", format!("/t/{}/edit", clip.task)).icon("edit").small().bare().tone(Tone::Quiet);
    if may && !clip.is_veiled() {
        actions.push(edit);
    }
    if may {
        actions.push(wait::cancel(clip).small().bare().tone(Tone::Quiet));
    }
    let start = place.and_then(|place| wait::starts(clip, scene, place)).filter(|_| !scene.is_paused);
    Row {
        id: clip.id.to_string(),
        state: clip.state.as_str(),
        place: place.map(|place| place.to_string()),
        mark: Mark::Icon("hourglass"),
        tone: 0,
        title: name,
        href,
        facts,
        when: start.map_or(String::new(), |start| format!("in {start}")),
        actions,
    }
}

/// Why it is where it is.
fn why(clip: &Clip, scene: &Scene, place: Option<usize>) -> String {
    if scene.is_paused {
        return "held back, because you paused".to_owned();
    }
    let clock = || clock(clip.due_at, scene.now);
    let Some(upstream) = scene.upstreams.named(&clip.upstream) else {
        return format!("{} is no longer configured", clip.upstream);
    };
    match clip.reason {
        Some(Reason::RateLimited) => return format!("{} asked us to wait until {}", clip.upstream, clock()),
        Some(Reason::Unreachable) => return format!("{} cannot be reached, tried again at {}", clip.upstream, clock()),
        _ => {}
    }
    let places = upstream.max_in_flight();
    match place {
        _ if clip.is_relaxed() => "relaxed, since a cap is reached: goes when nothing else waits".to_owned(),
        Some(1) if scene.why(clip) == Some(Why::Overdue) => {
            "next, because it has waited for more than an hour".to_owned()
        }
        Some(1) if scene.why(clip) == Some(Why::Least) => {
            let whose = if scene.is_own(clip) {
                "you"
            } else {
                scene.maker(clip).filter(|_| !clip.is_veiled()).unwrap_or("they")
            };
            format!("next, because {whose} had the least of late, for their share")
        }
        Some(1) if clip.turn < clip.id.as_i64() => "next, because you moved it to the front".to_owned(),
        Some(1) => format!("next, because it has waited longest for {}", clip.upstream),
        Some(_) if places == 1 => format!("waits for the place at {}", clip.upstream),
        Some(_) => format!("waits for one of {places} places at {}", clip.upstream),
        None => "far back in line".to_owned(),
    }
}

/// What the last kind of clip that each upstream made usually takes.
async fn usual(app: &App) -> Result<HashMap<String, String>, Error> {
    let mut usual = HashMap::new();
    for clip in app.studio.store.ended_here(RECENT).await? {
        if clip.state == State::Completed && !usual.contains_key(&clip.upstream) {
            let took = app.studio.store.durations(&clip.model_key, clip.seconds).await?;
            let words = wait::usual(&took).map(|range| format!("{range} for {} s", clip.seconds));
            usual.insert(clip.upstream.clone(), words.unwrap_or_else(|| "Too few to tell".to_owned()));
        }
    }
    Ok(usual)
}

fn servers(
    app: &App,
    census: &[(String, State, i64)],
    scene: &Scene,
    known: &[Clip],
    usual: &HashMap<String, String>,
) -> Vec<Server> {
    let many = |name: &str, wanted: &[State]| -> i64 {
        census.iter().filter(|(other, state, _)| other == name && wanted.contains(state)).map(|(.., many)| many).sum()
    };
    app.studio
        .upstreams
        .iter()
        .map(|upstream| {
            let name = upstream.name();
            let held = known.iter().find(|clip| clip.upstream == name && clip.state == State::Queued);
            let asked_to_wait = held.filter(|clip| clip.reason == Some(Reason::RateLimited));
            let (tone, health) = match (upstream.health(), asked_to_wait) {
                (Health::Down(_), _) => ("bad", "Does not answer".to_owned()),
                (_, Some(clip)) => ("warn", format!("Asked us to wait until {}", clock(clip.due_at, scene.now))),
                (Health::Up, None) => ("good", "Answers".to_owned()),
                (Health::Unknown, None) => ("", "Not asked yet".to_owned()),
            };
            Server {
                name: name.to_owned(),
                tone,
                health,
                places: format!(
                    "{} of {}",
                    many(name, &[State::Submitting, State::InProgress]),
                    upstream.max_in_flight()
                ),
                waiting: many(name, &[State::Queued]).to_string(),
                usual: usual.get(name).cloned().unwrap_or_else(|| "Nothing made lately".to_owned()),
            }
        })
        .collect()
}
