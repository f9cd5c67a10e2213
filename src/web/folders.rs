//! The folders: all of them on one page, made, renamed and taken away.

use axum::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::form::Id;
use super::keeping::{named, taken};
use super::view::Section;
use super::view::settings::{FolderCard, FoldersPage};
use super::wants::{Wants, page};
use crate::domain::{FolderId, Visibility};
use crate::studio;
use crate::studio::Studio;

/// Clips of a folder are counted as far as this.
const COUNTED: u32 = 99;
/// Folders whose pictures and counts are read; the rest are names alone.
const PICTURED: usize = 60;

/// A name as typed.
#[derive(Debug, Deserialize)]
pub struct Named {
    name: String,
    visibility: Option<String>,
}

/// Who shall see it; everybody unless told otherwise.
fn visibility(word: Option<&str>) -> Visibility {
    word.and_then(|word| word.parse().ok()).unwrap_or(Visibility::Team)
}

/// What was typed and what is wrong with it: for a new folder, or for one that is there.
#[derive(Default)]
struct Typed {
    folder: Option<FolderId>,
    name: String,
    error: Option<String>,
}

async fn whole(app: &App, wants: &Wants, typed: Typed) -> Result<Response, Error> {
    let store = &app.studio.store;
    let mut cards = Vec::new();
    for (place, folder) in store.folders().await?.into_iter().enumerate() {
        let (many, face) = if place < PICTURED { store.folder_face(folder.id, COUNTED + 1).await? } else { (0, None) };
        let is_typed = typed.folder == Some(folder.id);
        cards.push(FolderCard {
            id: folder.id.to_string(),
            name: if is_typed { typed.name.clone() } else { folder.name },
            count: match many {
                _ if place >= PICTURED => String::new(),
                0 => "Empty".to_owned(),
                1 => "1 clip".to_owned(),
                many if many > COUNTED => format!("over {COUNTED} clips"),
                many => format!("{many} clips"),
            },
            still: face.map(|id| format!("/g/{id}/poster.jpg")),
            error: typed.error.clone().filter(|_| is_typed),
        });
    }
    let is_new = typed.folder.is_none();
    let view = FoldersPage {
        frame: app.frame("Folders", Section::Folders, wants, "/folders", "bell").await?,
        folders: cards,
        name: if is_new { typed.name } else { String::new() },
        error: typed.error.filter(|_| is_new),
    };
    page(&view)
}

/// `GET /folders`
pub async fn show(app: App, wants: Wants) -> Result<Response, Error> {
    whole(&app, &wants, Typed::default()).await
}

/// `POST /folders`
pub async fn add(app: App, wants: Wants, Form(form): Form<Named>) -> Result<Response, Error> {
    match named(&app, &wants, &form.name, visibility(form.visibility.as_deref())).await? {
        Ok(id) => Ok(wants.go(&format!("/f/{id}"))),
        Err(words) => {
            let typed = Typed { folder: None, name: form.name, error: Some(words) };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, whole(&app, &wants, typed).await?).into_response())
        }
    }
}

/// `POST /f/{folder}/rename`
pub async fn rename(app: App, wants: Wants, Id(id): Id<FolderId>, Form(form): Form<Named>) -> Result<Response, Error> {
    let words = match Studio::folder_name(&form.name) {
        Err(problem) => problem.to_string(),
        Ok(name) => match app.studio.rename_folder(id, &name).await {
            Ok(()) => return Ok(wants.go("/folders")),
            Err(studio::Error::Taken) => taken(&name),
            Err(studio::Error::Conflict) => return Err(Error::NotFound),
            Err(error) => return Err(error.into()),
        },
    };
    let typed = Typed { folder: Some(id), name: form.name, error: Some(words) };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, whole(&app, &wants, typed).await?).into_response())
}

/// `POST /f/{folder}/remove`: the clips stay.
pub async fn remove(app: App, wants: Wants, Id(id): Id<FolderId>) -> Result<Response, Error> {
    match app.studio.remove_folder(id).await {
        Ok(()) => Ok(wants.go("/folders")),
        Err(studio::Error::Conflict) => Err(Error::NotFound),
        Err(error) => Err(error.into()),
    }
}
