//! From a clip to the next: remix, extend and re-roll, each beside the clip it goes on from.

use axum::Form;
use axum::response::Response;
use serde::Deserialize;

use super::App;
use super::compose;
use super::error::Error;
use super::form::Id;
use super::generation::find;
use super::present::{activity, clip};
use super::view::{FollowPage, Section};
use super::wants::{Wants, page};
use crate::domain::{GenerationId, State as Stand};
use crate::studio::{CreateError, Submission};

async fn show(app: &App, wants: &Wants, id: GenerationId, verb: &'static str) -> Result<Response, Error> {
    let clip = find(app, id).await?;
    if clip.state != Stand::Completed {
        return Err(Error::Conflict);
    }
    let mut form = Submission { prompt: String::new(), seed: None, ..Submission::of(&clip) };
    form.variations = None;
    match verb {
        "remix" => form.remix = Some(id),
        _ => form.extend = Some(id),
    }
    let mut composer = compose::composer(app, wants.person, &form, &[], false).await?;
    composer.focus = true;
    let scene = app.scene_for(std::slice::from_ref(&clip)).await?;
    let title = if verb == "remix" { "Remix" } else { "Extend" };
    let frame = app.frame(title, Section::InLibrary, wants, &format!("/g/{id}/{verb}"), "bell").await?;
    page(&FollowPage {
        frame,
        back: format!("/g/{id}"),
        title,
        name: activity::short(clip.name()),
        stage: clip::stage(&clip, &scene, ("", None)),
        composer,
    })
}

/// `GET /g/{generation}/remix`
pub async fn remix(app: App, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    show(&app, &wants, id, "remix").await
}

/// `GET /g/{generation}/extend`
pub async fn extend(app: App, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    show(&app, &wants, id, "extend").await
}

/// The button's one-time token.
#[derive(Debug, Deserialize)]
pub struct Token {
    #[serde(default)]
    token: String,
}

/// `POST /g/{generation}/reroll`: the same once more.
pub async fn reroll(
    app: App,
    wants: Wants,
    Id(id): Id<GenerationId>,
    Form(Token { token }): Form<Token>,
) -> Result<Response, Error> {
    find(&app, id).await?;
    let (studio, person) = (app.studio.clone(), wants.person);
    let made = app.tasks.spawn(async move { studio.reroll(person, id, &token).await }).await;
    match made.map_err(|error| Error::Internal(error.into()))? {
        Ok(task) => Ok(wants.go(&format!("/t/{task}"))),
        Err(CreateError::Invalid(problems)) => {
            let words: Vec<String> = problems.into_iter().map(|problem| problem.words).collect();
            Err(Error::BadRequest(words.join(" ")))
        }
        Err(CreateError::Store(error)) => Err(error.into()),
        Err(CreateError::Image(error)) => Err(error.into()),
    }
}
