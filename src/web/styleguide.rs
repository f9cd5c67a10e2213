//! Every part in every state on one page. In development builds only.

use axum::response::Response;

use super::App;
use super::compose;
use super::error::Error;
use super::view::action::Tone;
use super::view::failure::Raw;
use super::view::queue::{Queue, Row, Server};
use super::view::settings::StyleguidePage;
use super::view::shelf::{Bell, Empty, News, Selection};
use super::view::stage::{Player, When};
use super::view::tile::{self, Face, Take, Tile};
use super::view::{Action, Clip, Elapsed, Failure, Flash, Mark, Mood, Notice, Picture, Plate, Ratio, Section, icon};
use super::wants::{Wants, page};
use crate::domain::State as Stand;
use crate::studio::{Field, Problem, Submission};

const COLOURS: [&str; 15] = [
    "bg",
    "surface",
    "sunken",
    "glass",
    "menu",
    "fill",
    "fill-hover",
    "line",
    "edge",
    "text",
    "text-2",
    "text-3",
    "good",
    "warn",
    "bad",
];

fn a_tile(number: usize, state: Stand, ratio: &str, picture: Picture) -> Tile {
    let prompt = "A lighthouse on a cliff at dusk, slow push in";
    Tile {
        id: format!("styleguide-{number}"),
        state,
        ratio: Ratio::named(ratio),
        best: number == 0,
        favorite: (state == Stand::Completed).then_some(number == 0),
        facts: tile::Facts { title: prompt.to_owned(), ..tile::Facts::default() },
        face: Face {
            href: "#sg-tiles".to_owned(),
            label: format!("{prompt}, {state}"),
            prompt: prompt.to_owned(),
            length: "8s".to_owned(),
            badges: if number == 0 { vec!["Best take".to_owned()] } else { Vec::new() },
            actions: Vec::new(),
            picture,
        },
    }
}

fn tiles(now: i64) -> Vec<Tile> {
    let still = |name: &str| {
        let poster = Some(super::view::static_url(&format!("samples/{name}.webp")));
        Picture::Clip(Clip { poster, video: String::new(), wide: 896, high: 504, fresh: false })
    };
    let action = |label: &str| Action::post(label, "#");
    let pictures = [
        (Stand::Completed, "16:9", still("aurora")),
        (Stand::Completed, "16:9", still("train")),
        (
            Stand::Queued,
            "9:16",
            Picture::Plate(Plate::icon("hourglass", "3rd in line", "starts in 2 to 4 min").action(action("Cancel"))),
        ),
        (Stand::Submitting, "1:1", Picture::Plate(Plate::ring(None, "Sending", "to gateway", 0))),
        (
            Stand::InProgress,
            "16:9",
            Picture::Plate(
                Plate::ring(Some(62), "Rendering", "about 40 s left", 1).elapsed(Elapsed::new(now - 80_000, now)),
            ),
        ),
        (Stand::Downloading, "16:9", Picture::Plate(Plate::ring(Some(91), "Saving", "62 of 68 MB", 2))),
        (
            Stand::Failed,
            "1:1",
            Picture::Plate(
                Plate::icon("shield", "Refused by the content policy", "Nothing was charged.")
                    .action(action("Edit prompt"))
                    .urgent(),
            ),
        ),
        (
            Stand::Uncertain,
            "16:9",
            Picture::Plate(
                Plate::icon("question", "Was it made?", "You may have paid $1.20.").action(action("Decide")).urgent(),
            ),
        ),
        (
            Stand::Canceled,
            "16:9",
            Picture::Plate(Plate::icon("canceled", "Canceled", "Nothing was charged.").action(action("Queue again"))),
        ),
    ];
    pictures
        .into_iter()
        .enumerate()
        .map(|(number, (state, ratio, picture))| a_tile(number, state, ratio, picture))
        .collect()
}

/// The same pictures, as takes of one task.
fn takes(tiles: &[Tile]) -> Vec<Take> {
    let take = |(number, tile): (usize, &Tile)| Take {
        id: format!("styleguide-take-{number}"),
        state: tile.state,
        ratio: Ratio::named("16:9"),
        best: number == 0,
        face: tile.face.clone(),
        name: format!("Take {}", number + 1),
        cost: if tile.state == Stand::Completed { "$1.20" } else { "Nothing charged" }.to_owned(),
        words: tile.state.to_string(),
        actions: vec![
            Action::link("Download", "#sg-takes").icon("download").bare().small(),
            Action::post("Delete", "#").icon("trash").bare().small(),
        ],
    };
    tiles.iter().enumerate().map(take).collect()
}

fn queue(card: &Failure) -> Queue {
    let row = |id: &str, state: Stand, place: Option<&str>, mark: Mark, when: &str| Row {
        id: format!("styleguide-{id}"),
        state: state.as_str(),
        place: place.map(str::to_owned),
        mark,
        tone: u8::from(place.is_none()),
        title: "A lighthouse on a cliff at dusk, slow push in".to_owned(),
        href: "#sg-queue".to_owned(),
        facts: vec!["Veo 3.1 Fast".to_owned(), "720p · 8 s".to_owned()],
        when: when.to_owned(),
        actions: vec![Action::post("Cancel", "#").icon("x").small()],
    };
    let ring = |percent| Plate::ring(percent, "Rendering", "", 0).mark;
    let server = |name: &str, tone, health: &str| Server {
        name: name.to_owned(),
        tone,
        health: health.to_owned(),
        places: "1 of 4".to_owned(),
        waiting: "2".to_owned(),
        usual: "1 to 3 min".to_owned(),
    };
    Queue {
        summary: "2 running, 2 waiting. The last in line starts in 4 to 9 min.".to_owned(),
        actions: vec![Action::post("Pause mine", "#").icon("pause")],
        notices: Vec::new(),
        decisions: vec![("sg-1".to_owned(), "Neon street in the rain".to_owned(), card.clone())],
        running: vec![
            row("runs", Stand::InProgress, None, ring(Some(62)), "about 40 s left"),
            row("sends", Stand::Submitting, None, ring(None), ""),
        ],
        fullness: "gateway 2 of 4".to_owned(),
        waiting: vec![
            row("next", Stand::Queued, Some("1"), Mark::Icon("hourglass"), "starts in 1 to 3 min"),
            row("last", Stand::Queued, Some("2"), Mark::Icon("pause"), "held back"),
        ],
        hidden: 12,
        failed: vec![("sg-2".to_owned(), "A storm that takes its time".to_owned(), card.clone())],
        clear: Some(Action::post("Clear all", "#").icon("trash").small().tone(Tone::Quiet)),
        servers: vec![
            server("animatic", "good", "Answers"),
            server("gateway", "warn", "Asked us to wait until 14:32"),
            server("studio", "bad", "Does not answer"),
        ],
    }
}

fn bell() -> Bell {
    let news = |title: &str, text: &str, tone| News {
        title: title.to_owned(),
        text: text.to_owned(),
        href: "#sg-over".to_owned(),
        tone,
        when: When { iso: "2026-11-22T09:31:00Z".to_owned(), words: "9:31".to_owned() },
        is_new: tone != "good",
        still: None,
    };
    Bell {
        unread: 2,
        is_more: false,
        latest: 0,
        news: vec![
            news("A boat at sea", "Finished", "good"),
            news("A storm", "Refused by the content policy", "bad"),
            news("A bridge", "Needs your decision", "warn"),
        ],
    }
}

fn failure(mood: Mood, icon: &'static str, title: &str, help: &'static str) -> Failure {
    Failure {
        mood,
        icon,
        title: title.to_owned(),
        money: "Nothing was charged.".to_owned(),
        advice: "What to do about it, in one or two sentences.".to_owned(),
        actions: vec![Action::link("Edit prompt", "#sg-failures").small()],
        decision: None,
        raw: Some(Raw {
            label: "What the upstream said".to_owned(),
            text: "code_of_theirs\nWords of theirs.".to_owned(),
        }),
        help: Some(help),
    }
}

/// `GET /styleguide`
pub async fn show(app: App, wants: Wants) -> Result<Response, Error> {
    let frame = app.frame("Style guide", Section::Elsewhere, &wants, "/styleguide", "bell").await?;
    let mut actions: Vec<Action> = [Tone::Primary, Tone::Plain, Tone::Quiet, Tone::Danger]
        .into_iter()
        .flat_map(|tone| {
            let action = Action::link(format!("{tone:?}"), "#sg-buttons").icon("retry").tone(tone);
            [action.clone(), action.small()]
        })
        .collect();
    actions.push(Action::link("Only an icon", "#sg-buttons").icon("download").bare());
    let problem = |field, words: &str| Problem { field, words: words.to_owned() };
    let problems = [problem(Field::Prompt, "Describe the video first."), problem(Field::Image, "This file is empty.")];
    let notice = |mood, title: &str| Notice {
        mood,
        icon: "warning",
        title: title.to_owned(),
        text: "What follows from it.".to_owned(),
        action: None,
    };
    let tiles = tiles(frame.now);
    let failures = vec![
        failure(Mood::Bad, "shield", "Refused by the content policy", "policy"),
        failure(Mood::Warn, "timer", "Rate limited, resumes at 14:32", "rate-limited"),
    ];
    let selection = |is_trash| Selection { is_trash, ..Selection::default() };
    let view = StyleguidePage {
        colours: &COLOURS,
        actions,
        takes: takes(&tiles),
        tiles,
        queue: queue(&failures[0]),
        failures,
        selections: [selection(false), selection(true)],
        bell: bell(),
        player: Player {
            id: "styleguide".to_owned(),
            video: String::new(),
            poster: Some(super::view::static_url("samples/aurora.webp")),
            wide: 896,
            high: 504,
            seconds: 8,
            fps: 24,
            label: "A clip".to_owned(),
        },
        empty: Empty {
            title: "No favorites yet".to_owned(),
            text: "Press the heart on a clip to keep it here.".to_owned(),
            action: Some(Action::link("All clips", "/")),
        },
        notices: vec![
            notice(None, "News."),
            notice(Some(Mood::Warn), "A warning."),
            notice(Some(Mood::Bad), "A failure."),
        ],
        flashes: vec![Flash { text: "Moved to the trash.".to_owned(), action: Some(Action::post("Undo", "#")) }],
        icons: icon::names(),
        composer: compose::composer(&app, wants.person, &Submission::default(), &problems, true).await?,
        frame,
    };
    page(&view)
}
