//! Every part in every state on one page. In development builds only.

use axum::extract::State;
use axum::response::Response;

use super::App;
use super::error::Error;
use super::present::composer;
use super::view::action::Tone;
use super::view::failure::Raw;
use super::view::settings::StyleguidePage;
use super::view::tile::{self, Face, Tile};
use super::view::{Action, Clip, Elapsed, Failure, Flash, Mood, Notice, Picture, Plate, Ratio, Section, icon};
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
pub async fn show(State(app): State<App>, wants: Wants) -> Result<Response, Error> {
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
    let view = StyleguidePage {
        colours: &COLOURS,
        actions,
        tiles: tiles(frame.now),
        failures: vec![
            failure(Mood::Bad, "shield", "Refused by the content policy", "policy"),
            failure(Mood::Warn, "timer", "Rate limited, resumes at 14:32", "rate-limited"),
        ],
        notices: vec![
            notice(None, "News."),
            notice(Some(Mood::Warn), "A warning."),
            notice(Some(Mood::Bad), "A failure."),
        ],
        flashes: vec![Flash { text: "Moved to the trash.".to_owned(), action: Some(Action::post("Undo", "#")) }],
        icons: icon::names(),
        composer: composer::composer(&app.studio.upstreams.models(), &Submission::default(), &problems, true),
        frame,
    };
    page(&view)
}
