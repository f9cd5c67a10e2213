//! A generation's page, and what a person can do to it.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::form::Id;
use super::present::clip;
use super::view::{GenerationPage, Message, Section};
use super::wants::{Wants, page};
use crate::domain::GenerationId;
use crate::store::clips::Clip;
use crate::studio;

/// What was typed as the upstream's id, and what is wrong with it.
type Typed<'a> = (&'a str, Option<String>);

async fn find(app: &App, id: GenerationId) -> Result<Clip, Error> {
    app.studio.store.clip(id).await?.ok_or(Error::NotFound)
}

/// `GET /g/{generation}`
pub async fn show(State(app): State<App>, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    whole(&app, &wants, id, ("", None)).await
}

async fn whole(app: &App, wants: &Wants, id: GenerationId, typed: Typed<'_>) -> Result<Response, Error> {
    let clip = find(app, id).await?;
    let attempts = app.studio.store.attempts_of(id).await?;
    let scene = app.scene(std::slice::from_ref(&clip)).await?;
    let (previous, next) = app.studio.store.neighbours(id).await?;
    let path = format!("/g/{id}");
    let title: String = clip.prompt.chars().take(60).collect();
    let view = GenerationPage {
        frame: app.frame(&title, Section::InLibrary, wants.theme, &path, &format!("generation:{id}")).await?,
        task_href: format!("/t/{}", clip.task),
        task_label: format!("Take {} of {}", clip.take, clip.variations),
        previous: previous.map(|id| format!("/g/{id}")),
        next: next.map(|id| format!("/g/{id}")),
        stage: clip::stage(&clip, &scene, typed),
        side: clip::side(&clip, &attempts, &scene),
    };
    page(&view)
}

/// A generation as the open page shows it: whole on its own page, a take on its task's, else a tile.
pub async fn changed(app: &App, wants: &Wants, id: GenerationId, typed: Typed<'_>) -> Result<Message, Error> {
    let clip = find(app, id).await?;
    let scene = app.scene(std::slice::from_ref(&clip)).await?;
    let message = Message::new().waiting(app.waiting().await?);
    Ok(match wants.page.as_deref() {
        Some(page) if page.starts_with("/g/") => {
            let attempts = app.studio.store.attempts_of(id).await?;
            message.stage(&clip::stage(&clip, &scene, typed)).side(&clip::side(&clip, &attempts, &scene))
        }
        Some(page) if page.starts_with("/t/") => message.take(&clip::take(&clip, &scene)),
        _ => message.tile(&clip::tile(&clip, &scene, false)),
    })
}

/// Answers a button: the changed parts to a script, else the page it was on.
async fn done(app: &App, wants: &Wants, id: GenerationId) -> Result<Response, Error> {
    if wants.partial {
        return Ok(changed(app, wants, id, ("", None)).await?.into_response());
    }
    let back = wants.page.as_deref().filter(|page| *page == "/" || page.starts_with("/t/") || page.starts_with("/g/"));
    // A page that answered a failed button has no address of its own to come back to.
    let back = back.filter(|page| page.matches('/').count() <= 2).map_or_else(|| format!("/g/{id}"), ToOwned::to_owned);
    Ok(wants.go(&back))
}

/// `POST /g/{generation}/cancel`: out of the queue, stopped, or let go.
pub async fn cancel(State(app): State<App>, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    app.studio.cancel(id).await?;
    done(&app, &wants, id).await
}

/// `POST /g/{generation}/retry`
pub async fn retry(State(app): State<App>, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    app.studio.retry(id).await?;
    done(&app, &wants, id).await
}

/// `POST /g/{generation}/check`
pub async fn check(State(app): State<App>, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    app.studio.check_again(id).await?;
    done(&app, &wants, id).await
}

/// The id that a person found at the upstream.
#[derive(Debug, Deserialize)]
pub struct Found {
    upstream_id: String,
}

/// `POST /g/{generation}/adopt`
pub async fn adopt(
    State(app): State<App>,
    wants: Wants,
    Id(id): Id<GenerationId>,
    Form(found): Form<Found>,
) -> Result<Response, Error> {
    match app.studio.adopt(id, &found.upstream_id).await {
        Ok(()) => done(&app, &wants, id).await,
        Err(studio::Error::Invalid(words)) => {
            let typed = (found.upstream_id.as_str(), Some(words.to_owned()));
            let answer = if wants.partial {
                changed(&app, &wants, id, typed).await?.into_response()
            } else {
                whole(&app, &wants, id, typed).await?
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /g/{generation}/send-again`
pub async fn send_again(State(app): State<App>, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    app.studio.send_again(id).await?;
    done(&app, &wants, id).await
}

/// `POST /g/{generation}/give-up`
pub async fn give_up(State(app): State<App>, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    app.studio.give_up(id).await?;
    done(&app, &wants, id).await
}

/// `POST /g/{generation}/delete`: to the trash, with a way back.
pub async fn remove(State(app): State<App>, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    app.studio.delete(id).await?;
    Ok(wants.go(&format!("/?deleted={id}")))
}

/// `POST /g/{generation}/restore`
pub async fn restore(State(app): State<App>, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    app.studio.restore(id).await?;
    Ok(wants.go(&format!("/g/{id}")))
}
