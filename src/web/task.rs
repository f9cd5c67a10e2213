//! A task: its takes side by side.

use axum::extract::{Multipart, RawQuery};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::App;
use super::compose;
use super::error::Error;
use super::form::{self, Id};
use super::present::time::when;
use super::present::{activity, clip, cost, failure};
use super::view::action::Tone;
use super::view::page::EditPage;
use super::view::{Action, ComparePage, Composer, Item, Message, Ratio, Section, TaskPage};
use super::wants::{Wants, page};
use crate::domain::{State as Stand, TaskId, Usd};
use crate::store;
use crate::store::clips::Clip;
use crate::studio::{CreateError, Problem, Submission};
use crate::upstream::animatic;

/// `GET /t/{task}`
pub async fn show(app: App, wants: Wants, Id(task): Id<TaskId>) -> Result<Response, Error> {
    let clips = app.studio.store.clips_of(task).await?;
    let Some(first) = clips.first() else { return Err(Error::NotFound) };
    let scene = app.scene_for(&clips).await?;
    let form = compose::begin(&app, wants.person).await?;
    let path = format!("/t/{task}");
    let frame = app.frame("Task", Section::InLibrary, &wants, &path, &format!("task:{task}")).await?;
    let view = TaskPage {
        frame,
        composer: compose::composer(&app, wants.person, &form, &[], false).await?,
        prompt: first.prompt.clone(),
        when: when(first.created_at, scene.now),
        facts: facts(first, &clips),
        is_animatic: first.upstream == animatic::ID,
        ratio: Ratio::of(first.size.wide(), first.size.high()),
        takes: clips.iter().map(|clip| clip::take(clip, &scene)).collect(),
        actions: actions(&clips),
    };
    page(&view)
}

fn actions(clips: &[Clip]) -> Vec<Action> {
    let Some(first) = clips.first() else { return Vec::new() };
    let mut actions = Vec::new();
    if clips.iter().filter(|clip| clip.state == Stand::Completed).count() > 1 {
        actions.push(Action::link("Compare", format!("/t/{}/compare", first.task)).icon("compare"));
    }
    if clips.iter().all(|clip| clip.state == Stand::Queued) {
        actions.push(Action::link("Edit", format!("/t/{}/edit", first.task)).icon("edit"));
    }
    actions.push(failure::edit(first).tone(Tone::Plain));
    actions
}

/// `GET /t/{task}/compare?take=1&take=3`: two takes that play in step.
pub async fn compare(
    app: App,
    wants: Wants,
    Id(task): Id<TaskId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    let asked = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "take");
    let asked = asked.filter_map(|(_, value)| value.parse::<u8>().ok());
    let clips = app.studio.store.clips_of(task).await?;
    let done: Vec<&Clip> = clips.iter().filter(|clip| clip.state == Stand::Completed).collect();
    let Some(first) = done.first() else { return Err(Error::NotFound) };
    let scene = app.scene_for(&clips).await?;
    let mut two: Vec<&Clip> = asked.filter_map(|take| done.iter().find(|clip| clip.take == take)).copied().collect();
    two.extend(done.iter().copied());
    let mut seen = Vec::new();
    two.retain(|clip| {
        !seen.contains(&clip.take) && {
            seen.push(clip.take);
            true
        }
    });
    two.truncate(2);
    let path = format!("/t/{task}/compare");
    let others = if done.len() < 3 {
        Vec::new()
    } else {
        let pairs =
            done.iter().enumerate().flat_map(|(place, a)| done[place + 1..].iter().map(move |b| (a.take, b.take)));
        pairs
            .map(|(a, b)| {
                let now: Vec<u8> = two.iter().map(|clip| clip.take).collect();
                let holds = now.contains(&a) && now.contains(&b);
                Item::new(format!("{a} and {b}"), format!("{path}?take={a}&take={b}"), holds)
            })
            .collect()
    };
    let frame = app.frame("Compare takes", Section::InLibrary, &wants, &path, "bell").await?;
    let view = ComparePage {
        frame,
        back: format!("/t/{task}"),
        prompt: activity::short(first.name()),
        others,
        sides: two.into_iter().filter_map(|clip| clip::side_of_two(clip, &scene)).collect(),
    };
    page(&view)
}

/// The composer of a task that is to be changed; it says so when part of it was sent.
async fn editor(
    app: &App,
    wants: &Wants,
    task: TaskId,
    form: &Submission,
    problems: &[Problem],
) -> Result<Composer, Error> {
    let mut composer = compose::composer(app, wants.person, form, problems, false).await?;
    composer.keeps_draft = false;
    (composer.action, composer.verb) = (format!("/t/{task}/edit"), "Save");
    composer.settings.variations.choices.retain(|choice| choice.checked);
    composer.open = !problems.is_empty();
    composer.focus = true;
    if !app.studio.can_change(task).await? {
        let words = "Part of this was sent, so it cannot be changed any more. Copy the prompt, or create it anew.";
        composer.error = Some(words.to_owned());
    }
    Ok(composer)
}

async fn edit_page(app: &App, wants: &Wants, first: &Clip, composer: Composer) -> Result<Response, Error> {
    let back = format!("/t/{}", first.task);
    let frame = app.frame("Edit", Section::Queue, wants, &format!("{back}/edit"), "bell").await?;
    page(&EditPage { frame, back, takes: first.variations, composer })
}

/// `GET /t/{task}/edit`: what a waiting task asks for, in the composer.
pub async fn edit(app: App, wants: Wants, Id(task): Id<TaskId>) -> Result<Response, Error> {
    let clips = app.studio.store.clips_of(task).await?;
    let Some(first) = clips.first() else { return Err(Error::NotFound) };
    let composer = editor(&app, &wants, task, &Submission::of(first), &[]).await?;
    edit_page(&app, &wants, first, composer).await
}

/// `POST /t/{task}/edit`: it keeps its place in line.
pub async fn change(app: App, wants: Wants, Id(task): Id<TaskId>, form: Multipart) -> Result<Response, Error> {
    let (form, _) = form::submission(&app, form).await?;
    let clips = app.studio.store.clips_of(task).await?;
    let Some(first) = clips.first() else { return Err(Error::NotFound) };
    let asked = Submission { variations: Some(first.variations.to_string()), ..form };
    let (status, problems) = match app.studio.change_task(wants.person, task, &asked).await {
        Ok(()) => return Ok(wants.go("/queue")),
        Err(CreateError::Invalid(problems)) => (StatusCode::UNPROCESSABLE_ENTITY, problems),
        Err(CreateError::Store(store::Error::Stale)) => (StatusCode::CONFLICT, Vec::new()),
        Err(CreateError::Store(error)) => return Err(error.into()),
        Err(CreateError::Image(error)) => return Err(error.into()),
    };
    let composer = editor(&app, &wants, task, &asked, &problems).await?;
    if wants.partial {
        return Ok((status, Message::new().composer(&composer)).into_response());
    }
    Ok((status, edit_page(&app, &wants, first, composer).await?).into_response())
}

fn facts(first: &Clip, clips: &[Clip]) -> Vec<String> {
    let takes = if clips.len() == 1 { "1 take".to_owned() } else { format!("{} takes", clips.len()) };
    let paid: Usd = clips.iter().map(|clip| clip.cost).sum();
    let all: Option<Usd> = clips.iter().map(|clip| clip.price).sum();
    let cost = match all {
        Some(all) if !all.is_zero() => format!("{paid} so far, {all} in all"),
        other => cost::price(other).to_lowercase(),
    };
    vec![
        first.model_label.clone(),
        first.size.aspect(),
        first.size.resolution(),
        format!("{} s", first.seconds),
        takes,
        cost,
    ]
}
