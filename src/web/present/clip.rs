//! A clip as a tile on the wall, as a take on its task's page, and as a page of its own.

use super::time::{bytes, took, when};
use super::{Scene, cost, failure, shelf, wait};
use crate::domain::{AttemptOutcome, Operation, State, Visibility};
use crate::files::Files;
use crate::store::attempts::Attempt;
use crate::store::clips::{Clip, ClipFile};
use crate::upstream::animatic;
use crate::web::shelf::value;
use crate::web::view::stage::{self, Fact, Facts, Player, Show, Side, Stage};
use crate::web::view::tile::{self, Face, Picture, Take, Tile};
use crate::web::view::{Action, Item, Ratio, action::Tone};

/// The address of a clip's file, without a query.
pub fn video_url(clip: &Clip, file: &ClipFile) -> String {
    let extension = file.path.rsplit_once('.').map_or("mp4", |(_, extension)| extension);
    format!("/g/{}/clip.{extension}", clip.id)
}

/// The address of a clip's still.
pub fn poster_url(clip: &Clip) -> Option<String> {
    let name = clip.poster.as_ref()?.rsplit('/').next()?;
    // A still that a person chose has its moment in its name.
    let chosen = name.strip_suffix(".jpg").and_then(|stem| stem.split_once('.')).map(|(_, moment)| moment);
    let version = chosen.map_or(String::new(), |moment| format!("?at={moment}"));
    Some(format!("/g/{}/poster.jpg{version}", clip.id))
}

/// The real size where it is known, else the one asked for.
fn size(clip: &Clip) -> (u16, u16) {
    let real = clip.file.as_ref().and_then(|file| file.size);
    let real = real.and_then(|(wide, high)| Some((u16::try_from(wide).ok()?, u16::try_from(high).ok()?)));
    real.filter(|(wide, high)| *wide > 0 && *high > 0).unwrap_or((clip.size.wide(), clip.size.high()))
}

/// Its shape.
pub fn ratio(clip: &Clip) -> Ratio {
    let (wide, high) = size(clip);
    Ratio::of(wide, high)
}

fn picture(clip: &Clip, scene: &Scene, fresh: bool) -> Picture {
    if let Some(plate) = wait::plate(clip, scene).or_else(|| failure::plate(clip, scene)) {
        return Picture::Plate(plate);
    }
    let (wide, high) = size(clip);
    let video = clip.file.as_ref().filter(|_| !is_picture(clip)).map(|file| video_url(clip, file)).unwrap_or_default();
    Picture::Clip(tile::Clip { poster: poster_url(clip), video, wide, high, fresh })
}

/// An uploaded picture rather than a film.
fn is_picture(clip: &Clip) -> bool {
    clip.file.as_ref().is_some_and(|file| file.mime.starts_with("image/"))
}

fn page(clip: &Clip, scene: &Scene) -> String {
    match &scene.inside {
        Some(path) => format!("/g/{}?in={}", clip.id, value(path)),
        None => format!("/g/{}", clip.id),
    }
}

/// A clip on the wall. `fresh`: it was finished while somebody watched.
pub fn tile(clip: &Clip, scene: &Scene, fresh: bool) -> Tile {
    let mut badges = Vec::new();
    if clip.is_best {
        badges.push("Best take".to_owned());
    }
    let mut actions = Vec::new();
    if scene.in_trash {
        badges.extend(clip.deleted_at.map(|at| shelf::days_left(at, scene.now)));
        actions.push(restore(clip).small());
    }
    let actions = scene.allowed(clip, actions);
    let name = clip.name();
    let face = Face {
        href: page(clip, scene),
        label: if is_picture(clip) { name.to_owned() } else { format!("{name}, {} seconds", clip.seconds) },
        prompt: if has_slate(clip) && clip.title.is_empty() { String::new() } else { name.to_owned() },
        length: length(clip),
        badges,
        actions,
        picture: picture(clip, scene, fresh),
    };
    Tile {
        id: clip.id.to_string(),
        state: clip.state,
        ratio: ratio(clip),
        best: clip.is_best,
        favorite: (clip.state == State::Completed && !scene.in_trash).then(|| scene.is_favorite(clip)),
        facts: list_facts(clip, scene),
        face,
    }
}

fn restore(clip: &Clip) -> Action {
    Action::post("Restore", format!("/g/{}/restore", clip.id)).icon("undo")
}

fn list_facts(clip: &Clip, scene: &Scene) -> tile::Facts {
    let length = if is_picture(clip) { String::new() } else { format!(" · {} s", clip.seconds) };
    let is_upload = clip.is_upload();
    tile::Facts {
        title: clip.name().to_owned(),
        model: clip.model_label.clone(),
        shape: format!("{} · {}{length}", clip.size.aspect(), clip.size.resolution()),
        when: when(clip.created_at, scene.now),
        cost: if is_upload { String::new() } else { cost::price(clip.price) },
    }
}

/// The animatic's slate tells words and time; a second layer of them would only cover it.
fn has_slate(clip: &Clip) -> bool {
    clip.upstream == animatic::ID && clip.state == State::Completed
}

fn length(clip: &Clip) -> String {
    let real = clip.file.as_ref().and_then(|file| file.duration_ms).filter(|_| clip.is_local());
    match real {
        _ if has_slate(clip) || is_picture(clip) => String::new(),
        Some(ms) => format!("{}.{}s", ms / 1000, ms % 1000 / 100),
        None => format!("{}s", clip.seconds),
    }
}

/// A clip on its task's page.
pub fn take(clip: &Clip, scene: &Scene) -> Take {
    let face = Face {
        href: format!("/g/{}", clip.id),
        label: format!("Take {}, {} seconds", clip.take, clip.seconds),
        prompt: String::new(),
        length: length(clip),
        badges: if clip.is_best { vec!["Best take".to_owned()] } else { Vec::new() },
        actions: Vec::new(),
        // The takes of a task are there to be compared: they play.
        picture: picture(clip, scene, true),
    };
    let words = match clip.state {
        State::InProgress => clip.progress.map_or_else(|| "Rendering".to_owned(), |p| format!("Rendering, {p}%")),
        State::Queued => "Waiting".to_owned(),
        State::Submitting => "Sending".to_owned(),
        State::Downloading => "Saving".to_owned(),
        State::Uncertain => "Needs you".to_owned(),
        State::Failed => "Failed".to_owned(),
        State::Canceled => "Canceled".to_owned(),
        State::Completed => String::new(),
    };
    let actions = match (&clip.state, &clip.file) {
        (State::Completed, Some(file)) => vec![
            favorite(clip, scene).bare().tone(Tone::Quiet),
            best(clip).bare().tone(Tone::Quiet),
            download(clip, file).bare().tone(Tone::Quiet),
        ],
        _ => Vec::new(),
    };
    let actions = scene.allowed(clip, actions);
    Take {
        id: clip.id.to_string(),
        state: clip.state,
        ratio: ratio(clip),
        best: clip.is_best,
        face,
        name: format!("Take {}", clip.take),
        cost: cost::price(clip.price),
        words,
        actions,
    }
}

fn download(clip: &Clip, file: &ClipFile) -> Action {
    Action::download("Download", video_url(clip, file), file_name(file))
        .named(format!("Download take {}", clip.take))
        .icon("download")
}

fn favorite(clip: &Clip, scene: &Scene) -> Action {
    let on = scene.is_favorite(clip);
    Action::post("Favorite", format!("/g/{}/favorite", clip.id))
        .with("on", if on { "0" } else { "1" })
        .icon("heart")
        .pressed(on)
}

fn best(clip: &Clip) -> Action {
    Action::post("Best take", format!("/g/{}/best", clip.id))
        .with("on", if clip.is_best { "0" } else { "1" })
        .icon("star")
        .pressed(clip.is_best)
}

/// What a saved copy is called.
pub fn file_name(file: &ClipFile) -> String {
    file.path.rsplit('/').next().unwrap_or("clip.mp4").to_owned()
}

/// The picture of a clip's own page. `typed` is what was typed as the upstream's id, and what is wrong with it.
pub fn stage(clip: &Clip, scene: &Scene, typed: (&str, Option<String>)) -> Stage {
    let show = if scene.missing == Some(clip.id) {
        Show::Failure(failure::missing(clip))
    } else if let Some(card) = failure::card(clip, scene, typed.0, typed.1) {
        Show::Failure(card)
    } else if let Some(plate) = wait::plate(clip, scene) {
        Show::Plate(plate)
    } else if let Some(file) = clip.file.as_ref().filter(|_| is_picture(clip)) {
        let (wide, high) = size(clip);
        Show::Picture(video_url(clip, file), wide, high, clip.name().to_owned())
    } else {
        Show::Clip(player(clip, clip.file.as_ref().map(|file| video_url(clip, file)).unwrap_or_default()))
    };
    Stage { id: clip.id.to_string(), state: clip.state, ratio: ratio(clip), show }
}

/// A clip beside another: its player, its shape, its name, and what can be done.
pub fn side_of_two(clip: &Clip, scene: &Scene) -> Option<(Player, Ratio, String, Vec<Action>)> {
    let file = clip.file.as_ref()?;
    let actions = [favorite(clip, scene), best(clip), download(clip, file)];
    let actions = scene.allowed(clip, actions.into());
    let actions = actions.into_iter().map(|action| action.bare().plain().tone(Tone::Quiet)).collect();
    Some((player(clip, video_url(clip, file)), ratio(clip), format!("Take {}", clip.take), actions))
}

/// Its player.
pub fn player(clip: &Clip, video: String) -> Player {
    let (wide, high) = size(clip);
    Player {
        id: clip.id.to_string(),
        video,
        poster: poster_url(clip),
        wide,
        high,
        seconds: clip.seconds.get(),
        fps: 24,
        label: clip.name().to_owned(),
    }
}

/// What can be done with a clip now.
fn tools(clip: &Clip, scene: &Scene) -> Vec<Action> {
    scene.allowed(clip, all_tools(clip, scene))
}

fn all_tools(clip: &Clip, scene: &Scene) -> Vec<Action> {
    let verb = |verb: &str| format!("/g/{}/{verb}", clip.id);
    if clip.deleted_at.is_some() {
        return vec![restore(clip).plain()];
    }
    let mut tools = Vec::new();
    if let Some(file) = &clip.file {
        tools.push(Action::download("Download", video_url(clip, file), file_name(file)).icon("download"));
    }
    if clip.state == State::Completed {
        tools.push(favorite(clip, scene));
        if clip.variations > 1 {
            tools.push(best(clip));
        }
    }
    if clip.state == State::Completed {
        tools.extend(onward(clip));
    }
    tools.extend(who_sees(clip, scene));
    if clip.is_upload() {
        tools.push(Action::post("Delete", verb("delete")).icon("trash").plain());
        return tools;
    }
    if clip.state == State::Queued && !clip.is_local() {
        tools.push(Action::link("Edit", format!("/t/{}/edit", clip.task)).icon("edit"));
    } else if clip.state != State::Completed && !clip.is_local() {
        tools.push(failure::edit(clip));
    }
    match clip.state {
        State::Queued => tools.push(wait::cancel(clip)),
        State::Submitting | State::InProgress | State::Downloading if !clip.let_go => {
            tools.push(wait::cancel_running(clip, scene));
        }
        State::Failed | State::Canceled => tools.push(failure::retry(clip)),
        State::Submitting | State::InProgress | State::Downloading | State::Completed | State::Uncertain => {}
    }
    if clip.state.is_final() {
        tools.push(Action::post("Delete", verb("delete")).icon("trash").plain());
    }
    tools
}

/// The button that lets the team see a clip, or keeps it to oneself: for its maker, where there is a team.
fn who_sees(clip: &Clip, scene: &Scene) -> Option<Action> {
    if !scene.is_own(clip) || scene.maker(clip).is_none() {
        return None;
    }
    let (label, word, icon) = match clip.visibility {
        Visibility::Team => ("Make private", "private", "lock"),
        Visibility::Private => ("Show to the team", "team", "people"),
    };
    Some(Action::post(label, format!("/g/{}/visibility", clip.id)).with("visibility", word).icon(icon))
}

/// What can be made of a finished clip.
fn onward(clip: &Clip) -> Vec<Action> {
    let page = |verb: &str| format!("/g/{}/{verb}", clip.id);
    if is_picture(clip) {
        return vec![Action::link("Use as first frame", format!("/?image={}:whole", clip.id)).icon("image")];
    }
    let mut tools = vec![Action::link("Remix", page("remix")).icon("remix")];
    if !clip.is_upload() && !clip.is_local() {
        let again = cost::price(clip.price.filter(|price| !price.is_zero()));
        let label = if clip.price.is_some_and(|price| !price.is_zero()) {
            format!("Re-roll · {again}")
        } else {
            "Re-roll".to_owned()
        };
        let token = format!("{:032x}", rand::random::<u128>());
        tools.push(Action::post(label, page("reroll")).with("token", token).icon("reroll"));
    }
    if !clip.is_local() && !clip.is_upload() {
        tools.push(failure::edit(clip));
    }
    tools.extend([
        Action::link("Extend", page("extend")).icon("extend"),
        Action::link("Trim", page("trim")).icon("trim"),
        Action::link("Loop", page("loop")).icon("loop"),
    ]);
    tools
}

/// What is done less often with a finished clip.
fn further(clip: &Clip) -> Vec<Item> {
    if clip.state != State::Completed || clip.deleted_at.is_some() || is_picture(clip) {
        return Vec::new();
    }
    let page = |verb: &str| format!("/g/{}/{verb}", clip.id);
    vec![
        Item::new("Blend", page("blend"), false).icon("blend"),
        Item::new("Save as GIF, WebM or a frame", page("convert"), false).icon("download"),
        Item::new("Use its first frame", format!("/?image={}:first", clip.id), false).icon("image"),
        Item::new("Use its last frame", format!("/?image={}:last", clip.id), false).icon("image"),
    ]
}

/// The words of a clip's own page.
pub fn side(clip: &Clip, attempts: &[Attempt], scene: &Scene) -> Side {
    let mut badges = Vec::new();
    if clip.operation != Operation::Create {
        badges.push(clip.operation.label().to_owned());
    }
    if clip.reference.is_some() {
        badges.push("From a picture".to_owned());
    }
    badges.extend(clip.options.style.as_ref().map(|style| style.name.clone()));
    if clip.visibility == Visibility::Private && scene.maker(clip).is_some() {
        badges.push("Private".to_owned());
    }
    if clip.let_go && !clip.state.is_final() {
        badges.push("Not waited for".to_owned());
    }
    if clip.deleted_at.is_some() {
        badges.push("In the trash".to_owned());
    }
    Side {
        title: format!("Take {} of {}", clip.take, clip.variations),
        when: when(clip.created_at, scene.now),
        prompt: clip.prompt.clone(),
        badges,
        is_animatic: clip.upstream == animatic::ID,
        tools: tools(clip, scene),
        more: if scene.may_make() { further(clip) } else { Vec::new() },
        sent: Some(clip.sent_prompt()).filter(|sent| *sent != clip.prompt && !clip.is_local()),
        facts: vec![settings(clip, scene), cost_and_time(clip, scene)],
        attempts: attempts.iter().map(|attempt| an_attempt(attempt, clip, scene)).collect(),
    }
}

fn settings(clip: &Clip, scene: &Scene) -> Facts {
    let mut rows = if clip.is_local() {
        vec![Fact::new("Made", "on this server, by ffmpeg")]
    } else {
        vec![Fact::new("Model", &clip.model_label)]
    };
    if let Some(maker) = scene.maker(clip) {
        rows.push(Fact::new("Made by", maker));
    }
    if let Some(parent) = clip.parent {
        let term = if clip.operation == Operation::Create { "Began with the prompt of" } else { "Made of" };
        rows.push(Fact::link(term, "another clip", format!("/g/{parent}")));
    }
    if clip.remixes > 0 {
        let label = if clip.remixes == 1 { "1 task".to_owned() } else { format!("{} tasks", clip.remixes) };
        rows.push(Fact::link("Led to", label, format!("/?q=from:{}", clip.id)));
    }
    if let Some(board) = clip.storyboard.filter(|_| scene.is_own(clip)) {
        rows.push(Fact::link("From the storyboard", "open it", format!("/storyboards/{board}")));
    }
    if let Some(negative) = &clip.options.negative {
        rows.push(Fact::new("Leaves out", negative));
    }
    if let Some(audio) = clip.options.audio {
        rows.push(Fact::new("Sound", if audio { "on" } else { "off" }));
    }
    if clip.upstream != animatic::ID && !clip.is_upload() && !clip.is_local() {
        rows.push(Fact::new("Upstream", &clip.upstream));
    }
    rows.push(Fact::new("Aspect ratio", clip.size.aspect()));
    let (wide, high) = size(clip);
    let asked = (clip.size.wide(), clip.size.high());
    rows.push(if (wide, high) == asked {
        Fact::new("Size", format!("{wide} × {high}"))
    } else {
        Fact::new("Size", format!("{wide} × {high}, asked for {} × {}", asked.0, asked.1))
    });
    if !is_picture(clip) {
        rows.push(Fact::new("Duration", duration(clip)));
    }
    if clip.upstream == animatic::ID || clip.options.seed.is_some() {
        rows.push(Fact::code("Seed", clip.seed.to_string(), ""));
    }
    Facts { heading: "Settings".to_owned(), rows }
}

fn duration(clip: &Clip) -> String {
    let asked = u64::from(clip.seconds.get()) * 1000;
    let real = clip.file.as_ref().and_then(|file| file.duration_ms);
    match real {
        // What is cut or joined has the length it has.
        Some(ms) if clip.operation != Operation::Create && clip.operation != Operation::Reroll => {
            format!("{}.{:02} s", ms / 1000, ms % 1000 / 10)
        }
        // Half a second either way is how encoders round.
        Some(ms) if ms.abs_diff(asked) > 500 => {
            format!("{}.{} s, asked for {} s", ms / 1000, ms % 1000 / 100, clip.seconds)
        }
        _ => format!("{} s", clip.seconds),
    }
}

fn cost_and_time(clip: &Clip, scene: &Scene) -> Facts {
    let mut rows = Vec::new();
    if !clip.is_upload() {
        rows.push(Fact::new("Cost", cost::fact(clip)));
    }
    let waited = clip.submitted_at.map(|sent| sent.since(clip.queued_at));
    if let Some(waited) = waited.filter(|waited| waited.as_secs() > 0) {
        rows.push(Fact::new("Waited", took(waited)));
    }
    if let (Some(accepted), Some(rendered)) = (clip.accepted_at, clip.rendered_at) {
        rows.push(Fact::new("Rendered", took(rendered.since(accepted))));
    }
    if let Some(file) = &clip.file {
        if let Some(ended) = clip.ended_at {
            rows.push(Fact::new("Saved", format!("{}, {}", when(ended, scene.now).words, bytes(file.size_bytes))));
        }
        rows.push(Fact::code("File", &file.path, ""));
        if !clip.is_upload() {
            rows.push(Fact::code("Details", Files::beside(&file.path, "json"), ""));
        }
        rows.push(Fact::code("SHA-256", file.sha256.chars().take(12).collect::<String>(), &file.sha256));
    }
    if let Some(id) = &clip.upstream_id {
        let short: String = id.chars().take(28).collect();
        let whole = if short == *id { "" } else { id.as_str() };
        rows.push(Fact::code("Upstream id", short, whole));
    }
    if let Some(expires) = clip.expires_at.filter(|_| !clip.state.is_final()) {
        rows.push(Fact::new("Kept upstream until", when(expires, scene.now).words));
    }
    Facts { heading: "Cost and time".to_owned(), rows }
}

fn an_attempt(attempt: &Attempt, clip: &Clip, scene: &Scene) -> stage::Attempt {
    let (outcome, tone) = match attempt.outcome {
        AttemptOutcome::Sending => ("Sending", ""),
        AttemptOutcome::Accepted => ("Accepted", "good"),
        AttemptOutcome::NotSent => ("Never sent", ""),
        AttemptOutcome::Refused => ("Refused", "bad"),
        AttemptOutcome::Uncertain => ("Outcome unknown", "warn"),
        AttemptOutcome::Abandoned => ("Decided: not made", ""),
    };
    // The job that the clip came from stands among the facts already.
    let other_job = attempt.upstream_id.clone().filter(|_| attempt.upstream_id != clip.upstream_id);
    let detail = other_job.or_else(|| attempt.words.clone()).unwrap_or_default();
    stage::Attempt {
        name: format!("Attempt {}", attempt.number),
        when: when(attempt.sent_at, scene.now),
        outcome: outcome.to_owned(),
        tone,
        detail,
        money: cost::of_attempt(attempt.outcome, clip),
    }
}
