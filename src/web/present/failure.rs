//! Why there is no clip, in plain words: what happened, money, what to do, the upstream's words.

use super::Scene;
use super::cost;
use super::time::clock;
use crate::domain::{Reason, State};
use crate::store::clips::Clip;
use crate::web::view::action::Tone;
use crate::web::view::failure::Raw;
use crate::web::view::{Action, Decision, Failure, Mood, Plate};

fn post(clip: &Clip, verb: &str) -> String {
    format!("/g/{}/{verb}", clip.id)
}

/// The button that puts it in the queue again, with its price.
pub fn retry(clip: &Clip) -> Action {
    let again = if clip.state == State::Canceled { "Queue again" } else { "Retry" };
    Action::post(cost::button(again, clip), post(clip, "retry")).icon("retry")
}

/// The link that puts prompt and settings into the composer.
pub fn edit(clip: &Clip) -> Action {
    Action::link("Edit prompt", format!("/?from={}", clip.id)).icon("edit")
}

fn check_again(clip: &Clip) -> Action {
    Action::post("Check again", post(clip, "check")).icon("refresh")
}

struct Story {
    icon: &'static str,
    title: String,
    advice: String,
    actions: Vec<Action>,
    help: &'static str,
}

/// The card of a clip that failed, was canceled, is held up, or may have been made; none for others.
pub fn card(clip: &Clip, scene: &Scene, upstream_id: &str, error: Option<String>) -> Option<Failure> {
    let card = whole_card(clip, scene, upstream_id, error)?;
    let decision = card.decision.filter(|_| scene.changes(clip));
    Some(Failure { actions: scene.allowed(clip, card.actions), decision, ..card })
}

fn whole_card(clip: &Clip, scene: &Scene, upstream_id: &str, error: Option<String>) -> Option<Failure> {
    match clip.state {
        State::Failed => Some(failed(clip)),
        State::Uncertain => Some(uncertain(clip, upstream_id, error)),
        State::Canceled => Some(Failure {
            mood: Mood::Warn,
            icon: "canceled",
            title: "Canceled".to_owned(),
            money: cost::charged(clip),
            advice: "It was taken out before a clip was made.".to_owned(),
            actions: if clip.is_local() { vec![retry(clip)] } else { vec![retry(clip), edit(clip)] },
            decision: None,
            raw: None,
            help: Some("canceled"),
        }),
        State::Queued => held_up(clip, scene).map(|story| Failure {
            mood: Mood::Warn,
            money: cost::charged(clip),
            decision: None,
            raw: raw(clip, "What the upstream said"),
            help: Some(story.help),
            icon: story.icon,
            title: story.title,
            advice: story.advice,
            actions: story.actions,
        }),
        State::Submitting | State::InProgress | State::Downloading | State::Completed => None,
    }
}

/// Why a waiting clip does not go although it is its turn: nothing is lost, and it goes on by itself.
fn held_up(clip: &Clip, scene: &Scene) -> Option<Story> {
    let clock = clock(clip.due_at, scene.now);
    let tell = |icon, title: String, advice: String, help| {
        Some(Story { icon, title, advice, actions: vec![super::wait::cancel(clip)], help })
    };
    if scene.upstreams.named(&clip.upstream).is_none() {
        let advice =
            format!("{} is no longer configured in rushes.toml. Put it back, or cancel this clip.", clip.upstream);
        return tell("unplug", "Its upstream is gone".to_owned(), advice, "unreachable");
    }
    match clip.reason {
        Some(Reason::RateLimited) => tell(
            "timer",
            format!("Rate limited, resumes at {clock}"),
            format!("{} asked for a pause. This starts by itself; nothing to do.", clip.upstream),
            "rate-limited",
        ),
        Some(Reason::Unreachable) => tell(
            "unplug",
            "Can’t reach the upstream".to_owned(),
            format!("Nothing was sent to {}. It is tried again by itself, next at {clock}.", clip.upstream),
            "unreachable",
        ),
        _ if !scene.has_room => tell(
            "disk",
            "The disk is nearly full".to_owned(),
            "Nothing is sent until there is room for its clip. Make room on the disk of the data folder.".to_owned(),
            "disk-full",
        ),
        _ => None,
    }
}

/// The card of a finished clip whose file is not where it should be.
pub fn missing(clip: &Clip) -> Failure {
    let path = clip.file.as_ref().map(|file| file.path.as_str()).unwrap_or_default();
    let actions = if clip.is_upload() { Vec::new() } else { vec![edit(clip)] };
    Failure {
        mood: Mood::Bad,
        icon: "file",
        title: "The file is missing".to_owned(),
        money: "Nothing more was charged.".to_owned(),
        advice: format!("It should be at {path} in the data folder. Put it back there, from a backup for example."),
        actions,
        decision: None,
        raw: None,
        help: None,
    }
}

/// What happened to a clip that failed, in a few words.
pub fn title(clip: &Clip) -> String {
    story(clip).title
}

fn failed(clip: &Clip) -> Failure {
    let story = story(clip);
    Failure {
        mood: Mood::Bad,
        icon: story.icon,
        title: story.title,
        money: cost::charged(clip),
        advice: story.advice,
        actions: story.actions,
        decision: None,
        // What ffmpeg said stands in the advice.
        raw: raw(clip, "What the upstream said").filter(|_| !clip.is_local()),
        help: Some(story.help),
    }
}

fn raw(clip: &Clip, label: &str) -> Option<Raw> {
    let lines: Vec<&str> = [clip.code.as_deref(), clip.words.as_deref()].into_iter().flatten().collect();
    (!lines.is_empty()).then(|| Raw { label: label.to_owned(), text: lines.join("\n") })
}

fn story(clip: &Clip) -> Story {
    let tell = |help, icon, title: &str, advice: &str, actions| Story {
        icon,
        title: title.to_owned(),
        advice: advice.to_owned(),
        actions,
        help,
    };
    let again = || vec![edit(clip), retry(clip)];
    if clip.is_local() {
        let words = clip.words.as_deref().unwrap_or("ffmpeg did not say why.");
        let advice = format!("{words} The clips it was to be made of are as they were.");
        return tell("not-made", "warning", "It could not be made", &advice, vec![retry(clip)]);
    }
    // A refusal of a job that had been accepted came while it was being made.
    let is_late = clip.upstream_id.is_some();
    match clip.reason {
        Some(Reason::Policy) if is_late => tell(
            "policy-late",
            "shield",
            "Refused while rendering",
            "The picture broke the content policy before it was finished. Say what should be seen in other words.",
            vec![edit(clip)],
        ),
        Some(Reason::Policy) => tell(
            "policy",
            "shield",
            "Refused by the content policy",
            "Say what should be seen in other words, and leave out violence, nudity and anything dangerous. The same prompt will be refused again.",
            vec![edit(clip)],
        ),
        Some(Reason::Likeness) => tell(
            "likeness",
            "person",
            "Refused: a real person or a protected character",
            "Describe an invented person or figure instead of a name, and use a picture without a recognisable face.",
            vec![edit(clip)],
        ),
        Some(Reason::Region) => tell(
            "region",
            "globe",
            "Not served in this region",
            "The upstream does not serve the place this server is in. Choose another model, or run Rushes where it is served.",
            vec![edit(clip)],
        ),
        Some(Reason::Access) => tell(
            "access",
            "key",
            "The upstream refused the key",
            "The key is wrong, or its account may not use this model. Whoever runs this server can mend the key in rushes.toml.",
            vec![retry(clip)],
        ),
        Some(Reason::Funds) => tell(
            "funds",
            "wallet",
            "The upstream account is out of funds or over its quota",
            "Add credit or raise the limit in the upstream’s console, then retry.",
            vec![retry(clip)],
        ),
        Some(Reason::Invalid) => tell(
            "invalid",
            "info",
            "The upstream does not take these settings",
            "Change the setting that it names below. If the menu offered it, the model’s entry in rushes.toml needs mending.",
            vec![edit(clip)],
        ),
        Some(Reason::Lost) => tell(
            "lost",
            "lost",
            "The upstream lost this job",
            "It does not know the job any more, keeps its file no longer, or never ended it. Its id is kept: check once more before paying for another.",
            vec![check_again(clip), retry(clip)],
        ),
        Some(Reason::BadFile) => tell(
            "bad-file",
            "file",
            "The file that came is not a playable video",
            "The clip may still be there: check once more, which costs nothing.",
            vec![check_again(clip), retry(clip)],
        ),
        Some(Reason::GaveUp) => tell("canceled", "stop", "Given up", "You decided not to wait for it.", again()),
        _ => tell(
            "render-failed",
            "warning",
            "The render failed",
            "It often works the second time. If not, a simpler prompt helps.",
            again(),
        ),
    }
}

fn uncertain(clip: &Clip, upstream_id: &str, error: Option<String>) -> Failure {
    let advice = match clip.reason {
        Some(Reason::Restarted) => "Rushes stopped while this was being sent.",
        Some(Reason::OddAnswer) => "The upstream’s answer could not be read.",
        _ => "The connection broke before the upstream answered.",
    };
    let again = cost::button("It was not made, send again", clip);
    Failure {
        mood: Mood::Warn,
        icon: "question",
        title: "We can’t tell if this was made".to_owned(),
        money: cost::risk(clip),
        advice: format!(
            "{advice} Rushes looks for it in the upstream’s list and will not send it again by itself. If you know more, choose."
        ),
        actions: Vec::new(),
        decision: Some(Box::new(Decision {
            id: clip.id.to_string(),
            adopt: post(clip, "adopt"),
            upstream_id: upstream_id.to_owned(),
            error,
            send_again: Action::post(again, post(clip, "send-again")),
            give_up: Action::post("Give up", post(clip, "give-up")).tone(Tone::Quiet),
        })),
        raw: raw(clip, "What is known"),
        help: Some("unknown"),
    }
}

/// The tile of a clip that ended without a picture; none for others.
pub fn plate(clip: &Clip, _scene: &Scene) -> Option<Plate> {
    let open = || Action::link("Decide", format!("/g/{}", clip.id)).tone(Tone::Primary);
    match clip.state {
        State::Failed => {
            let story = story(clip);
            let mut plate = Plate::icon(story.icon, story.title, cost::charged(clip)).urgent();
            if let Some(action) = story.actions.into_iter().next() {
                plate = plate.action(action);
            }
            Some(plate)
        }
        State::Uncertain => Some(Plate::icon("question", "Was it made?", cost::risk(clip)).action(open()).urgent()),
        State::Canceled => Some(Plate::icon("canceled", "Canceled", cost::charged(clip)).action(retry(clip))),
        State::Queued | State::Submitting | State::InProgress | State::Downloading | State::Completed => None,
    }
}
