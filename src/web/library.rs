//! The parts of the library: walls of everything, of one's own, of favorites, uploads, a folder, the trash.

use axum::response::{IntoResponse, Response};

use super::App;
use super::compose;
use super::error::Error;
use super::form::{Id, Query};
use super::present::{clip, shelf as words};
use super::shelf::{Address, Shelf, place};
use super::view::shelf::{Search, Selection, Shelf as Parts, UploadForm};
use super::view::tile::{More, Tile};
use super::view::{Action, Flash, LibraryPage, Message};
use super::wants::{Wants, page};
use crate::domain::{FolderId, GenerationId, Millis};
use crate::store::folders::Folder;
use crate::store::library::{Filter, From, Scope, Slice};
use crate::studio::{Problem, Submission};

/// Tiles a page: a few screens, so that the next page is asked for before the end is seen.
pub const TILES: u32 = 48;

/// What the composer holds and what is wrong with it.
#[derive(Default)]
pub struct Desk {
    /// As typed.
    pub form: Submission,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// A picture came with it.
    pub had_image: bool,
}

async fn tiles(app: &App, shelf: &Shelf, slice: &Slice) -> Result<Vec<Tile>, Error> {
    let mut scene = app.scene_for(&slice.clips).await?;
    scene.inside = (!shelf.is_plain() || shelf.scope != Scope::All).then(|| shelf.href());
    scene.in_trash = shelf.scope == Scope::Trash;
    Ok(slice.clips.iter().map(|clip| clip::tile(clip, &scene, false)).collect())
}

/// The wall of everything as it is now, from its front.
pub async fn front(app: &App, wants: &Wants) -> Result<Vec<Tile>, Error> {
    let shelf = Shelf::read(Scope::All, None, &Address::default());
    let filter = Filter::of(Scope::All, wants.person);
    let slice = app.studio.store.page(&filter, From::Front, TILES).await?;
    // Tiles that are on another wall keep the way back to it.
    let inside = wants.page.as_deref().filter(|page| *page != "/" && !page.starts_with("/live"));
    let shelf = match inside {
        Some(page) => Shelf::of_path(app, page).await.map_or(shelf, |(shelf, _)| shelf),
        None => shelf,
    };
    tiles(app, &shelf, &slice).await
}

/// What a person can do with chosen clips of a wall.
pub async fn selection(app: &App, shelf: &Shelf) -> Result<Selection, Error> {
    let folders = app.studio.store.folders().await?;
    Ok(Selection {
        here: shelf.href(),
        folders: folders.into_iter().map(|folder| (folder.id.to_string(), folder.name)).collect(),
        is_trash: shelf.scope == Scope::Trash,
        folder: shelf.folder.as_ref().map(|folder| folder.id.to_string()),
        new_folder: String::new(),
        error: None,
    })
}

async fn parts(app: &App, wants: &Wants, shelf: &Shelf, from: From) -> Result<Parts, Error> {
    let filter = shelf.filter(app, wants.person).await?;
    let slice = app.studio.store.page(&filter, from, TILES).await?;
    let tiles = tiles(app, shelf, &slice).await?;
    let first = slice.clips.first().map(|clip| clip.id);
    let next = match from {
        From::Front | From::Past(_) => slice.next,
        From::UpTo(_) => slice.clips.last().map(|clip| clip.id),
    };
    let is_front = from == From::Front && shelf.at.is_none();
    let newer = first.filter(|_| !is_front).map(|id| shelf.up_to(id));
    Ok(words::parts(app, shelf, tiles, newer, next))
}

/// A part of the library, with the composer as it was typed.
pub async fn whole(app: &App, wants: &Wants, shelf: &Shelf, from: From, desk: &Desk) -> Result<LibraryPage, Error> {
    let shown = parts(app, wants, shelf, from).await?;
    let is_first_run = shelf.scope == Scope::All && shelf.is_plain() && shown.wall.tiles.is_empty();
    let mut selection = selection(app, shelf).await?;
    let scopes = words::scopes(shelf, &selection.folders);
    let composer = compose::composer(app, wants.person, &desk.form, &desk.problems, desk.had_image).await?;
    let live = if shelf.scope == Scope::Trash { "bell" } else { "library" };
    let frame = app.frame(shelf.name(), words::section(shelf.scope), wants, &shelf.href(), live).await?;
    let (note, tools) = words::about(app, shelf).await?;
    selection.folders.truncate(100);
    Ok(LibraryPage {
        frame,
        name: shelf.name().to_owned(),
        scopes,
        search: Search {
            action: shelf.path(),
            value: shelf.query.to_string(),
            sort: (shelf.sort != crate::store::library::Sort::Newest).then(|| super::shelf::sort_word(shelf.sort)),
        },
        shelf: shown,
        look: wants.look,
        note,
        tools,
        upload: (shelf.scope == Scope::Uploads).then(UploadForm::default),
        selection,
        composer,
        is_first_run,
    })
}

/// What `/` shows beside a form: everything, from the front.
pub async fn home(app: &App, wants: &Wants, desk: &Desk) -> Result<LibraryPage, Error> {
    whole(app, wants, &Shelf::read(Scope::All, None, &Address::default()), From::Front, desk).await
}

async fn respond(
    app: &App,
    wants: &Wants,
    scope: Scope,
    folder: Option<Folder>,
    address: Address,
) -> Result<Response, Error> {
    let shelf = Shelf::read(scope, folder, &address);
    let from = place(&address);
    if wants.partial {
        let parts = parts(app, wants, &shelf, from).await?;
        return Ok(match from {
            From::Front => Message::new().found(&parts),
            From::Past(_) => Message::new().older(&parts.wall.tiles, &parts.more),
            From::UpTo(_) => Message::new().newer(&parts.wall.tiles, &parts.newer),
        }
        .into_response());
    }
    let desk = Desk { form: begin_with(app, wants, &address).await?, ..Desk::default() };
    let mut whole = whole(app, wants, &shelf, from, &desk).await?;
    whole.composer.focus = address.prompt.is_some() || address.from.is_some() || address.image.is_some();
    if let Some(moment) = address.trashed.as_deref().and_then(|text| text.parse().ok()).map(Millis::from_i64) {
        whole.frame.flash = trashed(app, moment, &shelf.href()).await?;
    }
    page(&whole)
}

/// `3 clips are in the trash.` with Undo, if that is still so.
pub async fn trashed(app: &App, moment: Millis, back: &str) -> Result<Option<Flash>, Error> {
    let many = app.studio.store.deleted_at(moment, app.viewer()).await?;
    let text = match many {
        0 => return Ok(None),
        1 => "Moved to the trash.".to_owned(),
        many => format!("{many} clips moved to the trash."),
    };
    let undo =
        Action::post("Undo", "/trash/undo").with("moment", moment.as_i64().to_string()).with("back", back).plain();
    Ok(Some(Flash { text, action: Some(undo) }))
}

/// What the composer begins with: a prompt, style or picture of the address, or a clip's prompt and
/// settings; else the draft.
async fn begin_with(app: &App, wants: &Wants, address: &Address) -> Result<Submission, Error> {
    let from = address.from.as_deref().and_then(|text| text.parse::<GenerationId>().ok());
    let Some(from) = from else {
        let mut form = compose::begin(app, wants.person).await?;
        if let Some(prompt) = &address.prompt {
            form.prompt.clone_from(prompt);
        }
        if address.preset.is_some() {
            form.preset.clone_from(&address.preset);
        }
        if address.image.is_some() {
            form.image_from.clone_from(&address.image);
        }
        return Ok(form);
    };
    let clip = app.studio.store.clip(from).await?.filter(|clip| !clip.is_erased).ok_or(Error::NotFound)?;
    Ok(Submission { from: Some(clip.id), ..Submission::of(&clip) })
}

/// `GET /`
pub async fn all(app: App, wants: Wants, Query(address): Query<Address>) -> Result<Response, Error> {
    respond(&app, &wants, Scope::All, None, address).await
}

/// `GET /mine`
pub async fn mine(app: App, wants: Wants, Query(address): Query<Address>) -> Result<Response, Error> {
    respond(&app, &wants, Scope::Mine, None, address).await
}

/// `GET /favorites`
pub async fn favorites(app: App, wants: Wants, Query(address): Query<Address>) -> Result<Response, Error> {
    respond(&app, &wants, Scope::Favorites, None, address).await
}

/// `GET /uploads`
pub async fn uploads(app: App, wants: Wants, Query(address): Query<Address>) -> Result<Response, Error> {
    respond(&app, &wants, Scope::Uploads, None, address).await
}

/// `GET /trash`
pub async fn trash(app: App, wants: Wants, Query(address): Query<Address>) -> Result<Response, Error> {
    respond(&app, &wants, Scope::Trash, None, address).await
}

/// `GET /f/{folder}`
pub async fn folder(
    app: App,
    wants: Wants,
    Id(id): Id<FolderId>,
    Query(address): Query<Address>,
) -> Result<Response, Error> {
    let folder = app.studio.store.folder(id).await?.ok_or(Error::NotFound)?;
    respond(&app, &wants, Scope::Folder(id), Some(folder), address).await
}

/// Where older clips are.
pub fn more(shelf: &Shelf, next: Option<GenerationId>) -> More {
    More { next: next.map(|id| shelf.past(id)) }
}
