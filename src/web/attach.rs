//! Pictures of the library for a prompt: a wall to choose from, and single frames of clips.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::form::{Id, Query};
use super::generation::find;
use super::present::{activity, clip};
use super::view::Section;
use super::view::presets::{AttachPage, Candidate};
use super::wants::{Wants, page};
use crate::domain::GenerationId;
use crate::domain::search::Status;
use crate::store::clips::Clip;
use crate::store::library::{Filter, From, Scope};
use crate::studio::Frame;

/// Uploads that are shown, and clips of a page.
const SHOWN: u32 = 48;

/// Where the list begins.
#[derive(Debug, Default, Deserialize)]
pub struct Place {
    before: Option<String>,
}

fn candidate(clip: &Clip) -> Option<Candidate> {
    let file = clip.file.as_ref()?;
    let is_film = !file.mime.starts_with("image/");
    let frame = if is_film { "first" } else { "whole" };
    Some(Candidate {
        id: clip.id.to_string(),
        name: activity::short(clip.name()),
        still: clip::poster_url(clip),
        ratio: clip::ratio(clip),
        href: format!("/?image={}:{frame}", clip.id),
        is_film,
    })
}

/// `GET /attach`
pub async fn show(app: App, wants: Wants, Query(place): Query<Place>) -> Result<Response, Error> {
    let store = &app.studio.store;
    let before: Option<GenerationId> = place.before.as_deref().and_then(|id| id.parse().ok());
    let from = before.map_or(From::Front, From::Past);
    let done = Filter { status: Some(Status::Done), ..Filter::of(Scope::All, wants.person) };
    let clips = store.page(&done, from, SHOWN).await?;
    let mut all = match before {
        None => store.page(&Filter::of(Scope::Uploads, wants.person), From::Front, SHOWN).await?.clips,
        Some(_) => Vec::new(),
    };
    all.extend(clips.clips);
    let view = AttachPage {
        frame: app.frame("Choose a picture", Section::InLibrary, &wants, "/attach", "bell").await?,
        candidates: all.iter().filter_map(candidate).collect(),
        older: clips.next.map(|id| format!("/attach?before={id}")),
    };
    page(&view)
}

/// Which frame.
#[derive(Debug, Deserialize)]
pub struct At {
    at: Option<String>,
}

/// `GET /g/{generation}/frame?at=last`: one frame of a clip, or the picture that it is.
pub async fn frame(app: App, Id(id): Id<GenerationId>, Query(At { at }): Query<At>) -> Result<Response, Error> {
    let clip = find(&app, id).await?;
    let frame = Frame::named(at.as_deref().unwrap_or("first")).ok_or(Error::NotFound)?;
    let file = app.studio.frame(&clip, frame).await.map_err(Error::BadRequest)?;
    let bytes = tokio::fs::read(file.path()).await?;
    let kind = if bytes.starts_with(b"\x89PNG") {
        "image/png"
    } else if bytes.starts_with(b"RIFF") {
        "image/webp"
    } else {
        "image/jpeg"
    };
    // A clip never changes.
    let cached = (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400"));
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(kind)), cached], bytes).into_response())
}
