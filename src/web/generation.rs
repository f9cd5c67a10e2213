//! A generation's page, and what a person can do to it.

use axum::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::form::{Id, Query};
use super::keeping;
use super::present::{activity, clip, lineage, queue};
use super::shelf::{Shelf, local, value};
use super::view::{Flash, GenerationPage, Item, Keep, Message, Section};
use super::wants::{Wants, page};
use crate::domain::GenerationId;
use crate::store::clips::Clip;
use crate::store::library::From;
use crate::studio;

/// What was typed as the upstream's id, and what is wrong with it.
pub type Typed<'a> = (&'a str, Option<String>);

/// A clip that is there, in the trash or not.
pub async fn find(app: &App, id: GenerationId) -> Result<Clip, Error> {
    app.studio.store.clip(id).await?.filter(|clip| !clip.is_erased).ok_or(Error::NotFound)
}

/// Where the page was opened from.
#[derive(Debug, Default, Deserialize)]
pub struct Inside {
    #[serde(rename = "in")]
    inside: Option<String>,
}

/// `GET /g/{generation}`
pub async fn show(
    app: App,
    wants: Wants,
    Id(id): Id<GenerationId>,
    Query(inside): Query<Inside>,
) -> Result<Response, Error> {
    whole(&app, &wants, id, ("", None), None, inside.inside.as_deref()).await
}

/// The page of a clip, with what was typed on it, and the wall it belongs to.
pub async fn whole(
    app: &App,
    wants: &Wants,
    id: GenerationId,
    typed: Typed<'_>,
    typed_words: Option<Keep>,
    inside: Option<&str>,
) -> Result<Response, Error> {
    let clip = find(app, id).await?;
    let attempts = app.studio.store.attempts_of(id).await?;
    let mut scene = app.scene_for(std::slice::from_ref(&clip)).await?;
    if let Some(file) = &clip.file {
        let is_there = tokio::fs::try_exists(app.studio.files.at(&file.path)).await.unwrap_or(true);
        scene.missing = (!is_there).then_some(id);
    }
    let keep = match typed_words {
        Some(keep) => keep,
        None => keeping::keep(app, &clip).await?,
    };
    // A folder that is gone is no reason not to show the clip.
    let fallback = if clip.is_upload() { "/uploads" } else { "/" };
    let inside = inside.and_then(local);
    let (shelf, _) = match Shelf::of_path(app, inside.unwrap_or(fallback)).await {
        Ok(found) => found,
        Err(_) => Shelf::of_path(app, fallback).await?,
    };
    let filter = shelf.filter(app, wants.person).await?;
    let beside = async |from| app.studio.store.page_of_ids(&filter, from, 1).await;
    let previous = beside(From::UpTo(id)).await?.0;
    let next = beside(From::Past(id)).await?.0;
    let suffix = inside.map_or(String::new(), |inside| format!("?in={}", value(inside)));
    let address = |ids: Vec<GenerationId>| ids.first().map(|id| format!("/g/{id}{suffix}"));
    let path = format!("/g/{id}{suffix}");
    let title = activity::short(clip.name());
    let view = GenerationPage {
        frame: app.frame(&title, Section::InLibrary, wants, &path, &format!("generation:{id}")).await?,
        task_href: format!("/t/{}", clip.task),
        task_label: if clip.is_upload() { String::new() } else { format!("Take {} of {}", clip.take, clip.variations) },
        previous: address(previous),
        next: address(next),
        back: Item::new(shelf.name(), shelf.href(), false),
        stage: clip::stage(&clip, &scene, typed),
        keep,
        lineage: lineage::of(&app.studio.store, &clip).await?,
        side: clip::side(&clip, &attempts, &scene),
    };
    page(&view)
}

/// A generation as the open page shows it: whole on its own page, a take on its task's, else a tile.
pub async fn changed(app: &App, wants: &Wants, id: GenerationId, typed: Typed<'_>) -> Result<Message, Error> {
    let clip = find(app, id).await?;
    let mut scene = app.scene_for(std::slice::from_ref(&clip)).await?;
    let message = Message::new().waiting(app.waiting().await?);
    let path = wants.path();
    Ok(if path.starts_with("/g/") {
        let attempts = app.studio.store.attempts_of(id).await?;
        message.stage(&clip::stage(&clip, &scene, typed)).side(&clip::side(&clip, &attempts, &scene))
    } else if path.starts_with("/t/") {
        let takes = app.studio.store.clips_of(clip.task).await?;
        let scene = app.scene_for(&takes).await?;
        takes.iter().fold(message, |message, take| message.take(&clip::take(take, &scene)))
    } else if path == "/queue" {
        message.queue(&queue::queue(app, wants).await?)
    } else {
        scene.inside = wants.page.clone().filter(|page| page != "/");
        message.tile(&clip::tile(&clip, &scene, false))
    })
}

/// Answers a button: the changed parts to a script, else the page it was on.
pub async fn done(app: &App, wants: &Wants, id: GenerationId) -> Result<Response, Error> {
    if wants.partial {
        return Ok(changed(app, wants, id, ("", None)).await?.into_response());
    }
    let path = wants.path();
    // A page that answered a failed button has no address of its own to come back to.
    let is_page = path.matches('/').count() <= 2 && !path.is_empty();
    let back = wants.page.clone().filter(|_| is_page).unwrap_or_else(|| format!("/g/{id}"));
    Ok(wants.go(local(&back).unwrap_or("/")))
}

/// `POST /g/{generation}/cancel`: out of the queue, stopped, or let go.
pub async fn cancel(app: App, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    let clip = app.studio.steerable(id).await?;
    let end = app.studio.cancel(id).await?;
    if clip.is_veiled() {
        // Whoever may cancel it may not see it: the queue is all there is to show.
        return super::queue::again(&app, &wants).await;
    }
    if !wants.partial {
        return done(&app, &wants, id).await;
    }
    let text = super::present::wait::canceled(&clip, end);
    let message = changed(&app, &wants, id, ("", None)).await?;
    Ok(message.say(&text).flash(&Flash { text, action: None }).into_response())
}

/// `POST /g/{generation}/retry`
pub async fn retry(app: App, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    app.studio.retry(id).await?;
    done(&app, &wants, id).await
}

/// `POST /g/{generation}/check`
pub async fn check(app: App, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
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
    app: App,
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
                whole(&app, &wants, id, typed, None, None).await?
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /g/{generation}/send-again`
pub async fn send_again(app: App, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    app.studio.send_again(id).await?;
    done(&app, &wants, id).await
}

/// `POST /g/{generation}/give-up`
pub async fn give_up(app: App, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    app.studio.give_up(id).await?;
    done(&app, &wants, id).await
}
