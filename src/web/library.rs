//! The wall of everything, with the composer.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::form::Query;
use super::present::{clip, composer};
use super::view::tile::{More, Tile};
use super::view::{Action, Flash, LibraryPage, Message, Section};
use super::wants::{Wants, page};
use crate::domain::GenerationId;
use crate::studio::{Problem, Submission};

/// Tiles a page: a few screens, so that the next page is asked for before the end is seen.
pub const TILES: u32 = 48;

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub struct Address {
    before: Option<String>,
    from: Option<String>,
    prompt: Option<String>,
    deleted: Option<String>,
}

/// A page of the wall, and where the next one is.
pub async fn tiles(app: &App, before: Option<GenerationId>) -> Result<(Vec<Tile>, More), Error> {
    let clips = app.studio.store.wall(before, TILES).await?;
    let scene = app.scene(&clips).await?;
    let is_full = u32::try_from(clips.len()).is_ok_and(|count| count == TILES);
    let next = clips.last().filter(|_| is_full).map(|last| format!("/?before={}", last.id));
    Ok((clips.iter().map(|clip| clip::tile(clip, &scene, false)).collect(), More { next }))
}

/// The library as it is, with the composer as it was typed.
pub async fn whole(
    app: &App,
    wants: &Wants,
    form: &Submission,
    problems: &[Problem],
    had_image: bool,
) -> Result<LibraryPage, Error> {
    let (tiles, more) = tiles(app, None).await?;
    let composer = composer::composer(&app.studio.upstreams.models(), form, problems, had_image);
    let frame = app.frame("All", Section::Library, wants.theme, "/", "library").await?;
    Ok(LibraryPage { frame, composer, tiles, more })
}

/// `GET /`
pub async fn show(State(app): State<App>, wants: Wants, Query(address): Query<Address>) -> Result<Response, Error> {
    let id = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<GenerationId>().ok());
    if let Some(before) = id(&address.before) {
        let (tiles, more) = tiles(&app, Some(before)).await?;
        if wants.partial {
            return Ok(Message::new().older(&tiles, &more).into_response());
        }
        let mut whole = whole(&app, &wants, &Submission::default(), &[], false).await?;
        (whole.tiles, whole.more) = (tiles, more);
        return page(&whole);
    }
    let mut form = Submission { prompt: address.prompt.unwrap_or_default(), ..Submission::default() };
    if let Some(from) = id(&address.from) {
        let clip = app.studio.store.clip(from).await?.ok_or(Error::NotFound)?;
        form = Submission {
            prompt: clip.prompt,
            model: Some(clip.model_key),
            aspect: Some(clip.size.aspect()),
            resolution: Some(clip.size.resolution()),
            seconds: Some(clip.seconds.to_string()),
            variations: Some(clip.variations.to_string()),
            token: None,
        };
    }
    let mut whole = whole(&app, &wants, &form, &[], false).await?;
    whole.composer.focus = !form.prompt.is_empty();
    if let Some(deleted) = id(&address.deleted) {
        let undo = Action::post("Undo", format!("/g/{deleted}/restore")).plain();
        whole.frame.flash = Some(Flash { text: "Moved to the trash.".to_owned(), action: Some(undo) });
    }
    page(&whole)
}
