//! The composer: its menus, and Create.

use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::form::{self, Query};
use super::library::{self, Desk};
use super::present::{clip, composer};
use super::view::Message;
use super::wants::{Wants, page};
use crate::domain::TaskId;
use crate::studio::{CreateError, Submission};

/// The settings as the sheet stands.
#[derive(Debug, Default, Deserialize)]
pub struct Sheet {
    model: Option<String>,
    aspect: Option<String>,
    resolution: Option<String>,
    seconds: Option<String>,
    variations: Option<String>,
}

/// `GET /compose`: the menus follow what was chosen.
pub async fn settings(State(app): State<App>, Query(sheet): Query<Sheet>) -> Message {
    let form = Submission {
        model: sheet.model,
        aspect: sheet.aspect,
        resolution: sheet.resolution,
        seconds: sheet.seconds,
        variations: sheet.variations,
        ..Submission::default()
    };
    Message::new().settings(&composer::settings(&app.studio.upstreams.models(), &form, &[]))
}

/// `POST /compose`: the same without script, as a page that keeps what was typed.
pub async fn preview(State(app): State<App>, wants: Wants, form: Multipart) -> Result<Response, Error> {
    let (form, image) = form::submission(&app, form).await?;
    let desk = Desk { form, problems: Vec::new(), had_image: image.is_some() };
    let mut whole = library::home(&app, &wants, &desk).await?;
    whole.composer.open = true;
    page(&whole)
}

/// `POST /tasks`: Create.
pub async fn create(State(app): State<App>, wants: Wants, form: Multipart) -> Result<Response, Error> {
    let (form, image) = form::submission(&app, form).await?;
    let had_image = image.is_some();
    let (studio, sent, person) = (app.studio.clone(), form.clone(), wants.person);
    // Its own task: a browser that goes away half-way must not leave half a task behind.
    let created = app.tasks.spawn(async move { studio.create(person, &sent, image).await }).await;
    match created.map_err(|error| Error::Internal(error.into()))? {
        Ok(task) => made(&app, &wants, task, form).await,
        Err(CreateError::Invalid(problems)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            if wants.partial {
                let models = app.studio.upstreams.models();
                let mut again = composer::composer(&models, &form, &problems, had_image);
                // Nothing was made with the form's own token, and the file is still chosen.
                again.token = form.token.clone().unwrap_or(again.token);
                again.attached = None;
                return Ok((status, Message::new().composer(&again)).into_response());
            }
            let desk = Desk { form, problems, had_image };
            Ok((status, page(&library::home(&app, &wants, &desk).await?)?).into_response())
        }
        Err(CreateError::Store(error)) => Err(error.into()),
        Err(CreateError::Image(error)) => Err(error.into()),
    }
}

async fn made(app: &App, wants: &Wants, task: TaskId, form: Submission) -> Result<Response, Error> {
    // On any wall of what is made the new tiles appear where they are; other pages lead to the task.
    if !wants.partial || !matches!(wants.path(), "/" | "/mine") {
        return Ok(wants.go(&format!("/t/{task}")));
    }
    let mut clips = app.studio.store.clips_of(task).await?;
    clips.reverse();
    let scene = app.scene(&clips).await?;
    let tiles: Vec<_> = clips.iter().map(|clip| clip::tile(clip, &scene, false)).collect();
    let said = if clips.len() == 1 {
        "1 clip is in the queue.".to_owned()
    } else {
        format!("{} clips are in the queue.", clips.len())
    };
    // The settings stay as they were; the prompt and the one-time token do not.
    let models = app.studio.upstreams.models();
    let next = composer::composer(&models, &Submission { prompt: String::new(), from: None, ..form }, &[], false);
    let message = Message::new().newest(&tiles).waiting(app.waiting().await?).composer(&next).say(&said);
    Ok(message.into_response())
}
