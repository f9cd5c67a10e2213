//! A task: its takes side by side.

use axum::extract::State;
use axum::response::Response;

use super::App;
use super::error::Error;
use super::form::Id;
use super::present::time::when;
use super::present::{clip, composer, cost, failure};
use super::view::action::Tone;
use super::view::{Action, Ratio, Section, TaskPage};
use super::wants::{Wants, page};
use crate::domain::{TaskId, Usd};
use crate::store::clips::Clip;
use crate::studio::Submission;
use crate::upstream::animatic;

/// `GET /t/{task}`
pub async fn show(State(app): State<App>, wants: Wants, Id(task): Id<TaskId>) -> Result<Response, Error> {
    let clips = app.studio.store.clips_of(task).await?;
    let Some(first) = clips.first() else { return Err(Error::NotFound) };
    let scene = app.scene(&clips).await?;
    let models = app.studio.upstreams.models();
    let path = format!("/t/{task}");
    let frame = app.frame("Task", Section::InLibrary, wants.theme, &path, &format!("task:{task}")).await?;
    let view = TaskPage {
        frame,
        composer: composer::composer(&models, &Submission::default(), &[], false),
        prompt: first.prompt.clone(),
        when: when(first.created_at, scene.now),
        facts: facts(first, &clips),
        is_animatic: first.upstream == animatic::ID,
        ratio: Ratio::of(first.size.wide(), first.size.high()),
        takes: clips.iter().map(|clip| clip::take(clip, &scene)).collect(),
        actions: vec![edit(first)],
    };
    page(&view)
}

fn edit(clip: &Clip) -> Action {
    failure::edit(clip).tone(Tone::Plain)
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
