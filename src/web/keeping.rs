//! What a person keeps with one clip: favorite, best take, title, notes, folders, the trash and back.

use axum::Form;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::form::Id;
use super::generation::{done, find, whole};
use super::library;
use super::shelf::Shelf;
use super::view::{Keep, Message};
use super::wants::Wants;
use crate::domain::{FolderId, GenerationId, Visibility};
use crate::store::clips::Clip;
use crate::studio::{self, Studio};

/// A switch.
#[derive(Debug, Deserialize)]
pub struct Switch {
    on: String,
}

/// The parts of the page that people write on, as stored.
pub async fn keep(app: &App, clip: &Clip) -> Result<Keep, Error> {
    let lies_in = app.studio.store.folders_of(clip.id).await?;
    let folders = app.studio.store.folders().await?.into_iter();
    let folders = folders.map(|folder| {
        let is_in = lies_in.iter().any(|other| other.id == folder.id);
        (folder.id.to_string(), folder.name, is_in)
    });
    Ok(Keep {
        id: clip.id.to_string(),
        title: clip.title.clone(),
        title_error: None,
        notes: clip.notes.clone(),
        notes_error: None,
        folders: folders.collect(),
        new_folder: String::new(),
        folder_error: None,
    })
}

/// `POST /g/{generation}/favorite`
pub async fn favorite(
    app: App,
    wants: Wants,
    Id(id): Id<GenerationId>,
    Form(switch): Form<Switch>,
) -> Result<Response, Error> {
    find(&app, id).await?;
    app.studio.mark(wants.person, &[id], switch.on == "1").await?;
    done(&app, &wants, id).await
}

/// `POST /g/{generation}/best`
pub async fn best(
    app: App,
    wants: Wants,
    Id(id): Id<GenerationId>,
    Form(switch): Form<Switch>,
) -> Result<Response, Error> {
    app.studio.pick(id, switch.on == "1").await?;
    done(&app, &wants, id).await
}

/// What was written on a clip.
#[derive(Debug, Deserialize)]
pub struct Words {
    title: String,
    notes: String,
}

async fn answer(
    app: &App,
    wants: &Wants,
    id: GenerationId,
    keep: Keep,
    said: &str,
    is_wrong: bool,
) -> Result<Response, Error> {
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    if wants.partial {
        return Ok((status, Message::new().keep(&keep).say(said)).into_response());
    }
    if is_wrong {
        return Ok((status, whole(app, wants, id, ("", None), Some(keep), None).await?).into_response());
    }
    Ok(wants.go(&format!("/g/{id}")))
}

/// `POST /g/{generation}/words`: title and notes.
pub async fn words(
    app: App,
    wants: Wants,
    Id(id): Id<GenerationId>,
    Form(typed): Form<Words>,
) -> Result<Response, Error> {
    let clip = find(&app, id).await?;
    let (title, notes) = (Studio::title(&typed.title), Studio::notes(&typed.notes));
    match (title, notes) {
        (Ok(title), Ok(notes)) => {
            app.studio.write_words(id, &title, &notes).await?;
            let keep = keep(&app, &find(&app, id).await?).await?;
            answer(&app, &wants, id, keep, "Saved.", false).await
        }
        (title, notes) => {
            let mut keep = keep(&app, &clip).await?;
            (keep.title, keep.notes) = (typed.title, typed.notes);
            keep.title_error = title.err().map(|error| error.to_string());
            keep.notes_error = notes.err().map(|error| error.to_string());
            answer(&app, &wants, id, keep, "", true).await
        }
    }
}

/// `POST /g/{generation}/folders`: lies in these and no others, and in a new one if that is named.
pub async fn folders(app: App, wants: Wants, Id(id): Id<GenerationId>, body: Bytes) -> Result<Response, Error> {
    let clip = find(&app, id).await?;
    let (mut chosen, mut name) = (Vec::new(), String::new());
    for (field, value) in url::form_urlencoded::parse(&body) {
        match &*field {
            "folder" => chosen.extend(value.parse::<FolderId>()),
            "folder_name" => name = value.into_owned(),
            _ => {}
        }
    }
    let mut shown = keep(&app, &clip).await?;
    if !name.trim().is_empty() {
        match named(&app, &wants, &name, Visibility::Team).await? {
            Ok(folder) => chosen.push(folder),
            Err(words) => {
                for (folder, _, is_in) in &mut shown.folders {
                    *is_in = chosen.iter().any(|id| id.to_string() == *folder);
                }
                (shown.new_folder, shown.folder_error) = (name, Some(words));
                return answer(&app, &wants, id, shown, "", true).await;
            }
        }
    }
    for folder in app.studio.store.folders_of(id).await? {
        if !chosen.contains(&folder.id) {
            app.studio.put(folder.id, &[id], false).await?;
        }
    }
    for folder in chosen {
        app.studio.put(folder, &[id], true).await?;
    }
    let keep = keep(&app, &clip).await?;
    answer(&app, &wants, id, keep, "Folders saved.", false).await
}

/// Two folders cannot be called the same.
pub fn taken(name: &str) -> String {
    format!("There is a folder called “{name}” already. Choose another name.")
}

/// Makes a folder of what was typed, or says what is wrong with it.
pub async fn named(
    app: &App,
    wants: &Wants,
    typed: &str,
    visibility: Visibility,
) -> Result<Result<FolderId, String>, Error> {
    let name = match Studio::folder_name(typed) {
        Ok(name) => name,
        Err(problem) => return Ok(Err(problem.to_string())),
    };
    match app.studio.add_folder(wants.person, &name, visibility).await {
        Ok(id) => Ok(Ok(id)),
        Err(studio::Error::Taken) => Ok(Err(taken(&name))),
        Err(error) => Err(error.into()),
    }
}

/// Who shall see a clip.
#[derive(Debug, Deserialize)]
pub struct Seen {
    visibility: String,
}

/// `POST /g/{generation}/visibility`
pub async fn visibility(
    app: App,
    wants: Wants,
    Id(id): Id<GenerationId>,
    Form(form): Form<Seen>,
) -> Result<Response, Error> {
    let wrong = || Error::BadRequest("A clip is seen by the team, or by you only.".to_owned());
    app.studio.show(id, form.visibility.parse().map_err(|_| wrong())?).await?;
    Ok(wants.go(&format!("/g/{id}")))
}

/// `POST /g/{generation}/delete`: to the trash, with a way back.
pub async fn remove(app: App, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    app.studio.own(id).await?;
    let (went, moment) = app.studio.delete(&[id]).await?;
    if went == 0 {
        return Err(Error::Conflict);
    }
    let is_wall = !wants.path().starts_with("/g/") && !wants.path().starts_with("/t/");
    if wants.partial && is_wall {
        let mut message = Message::new().gone(&id.to_string());
        if let Some(flash) = library::trashed(&app, moment, wants.page.as_deref().unwrap_or("/")).await? {
            message = message.flash(&flash);
        }
        return Ok(message.into_response());
    }
    Ok(wants.go(&format!("/?trashed={}", moment.as_i64())))
}

/// `POST /g/{generation}/restore`
pub async fn restore(app: App, wants: Wants, Id(id): Id<GenerationId>) -> Result<Response, Error> {
    find(&app, id).await?;
    app.studio.own(id).await?;
    if app.studio.restore(&[id]).await? == 0 {
        return Err(Error::Conflict);
    }
    if wants.partial && wants.path() == "/trash" {
        return Ok(Message::new().gone(&id.to_string()).say("Restored.").into_response());
    }
    if wants.path() == "/trash" {
        return Ok(wants.go("/trash"));
    }
    Ok(wants.go(&format!("/g/{id}")))
}

/// Where a wall's buttons lead back to.
pub async fn wall(app: &App, here: &str) -> Result<Shelf, Error> {
    Ok(Shelf::of_path(app, super::shelf::local(here).unwrap_or("/")).await?.0)
}
