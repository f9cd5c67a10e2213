//! The composer: its menus, the coach, the draft, and Create.

use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::App;
use super::error::Error;
use super::form::{self, Query};
use super::library::{self, Desk};
use super::present::composer::Palette;
use super::present::{clip, coach, composer};
use super::view::{Composer, Message};
use super::wants::{Wants, page};
use crate::domain::{PersonId, TaskId};
use crate::studio::{CreateError, Problem, Submission};

/// The most bytes of a draft.
const DRAFT_BYTES: usize = 64 * 1024;

/// Fields of a form, as they were sent.
type Fields = Vec<(String, String)>;

fn submission(fields: Fields) -> Submission {
    let mut form = Submission::default();
    for (name, value) in fields {
        match name.as_str() {
            "prompt" => form.prompt = value,
            "remix" => form.remix = value.parse().ok(),
            "extend" => form.extend = value.parse().ok(),
            name => drop(form.set(name, &value)),
        }
    }
    form
}

/// The composer as a form fills it.
pub async fn composer(
    app: &App,
    person: PersonId,
    form: &Submission,
    problems: &[Problem],
    had_image: bool,
) -> Result<Composer, Error> {
    let palette = Palette::of(&app.studio, person, form).await?;
    Ok(composer::composer(&palette, form, problems, had_image))
}

/// What a person's composer begins with: their draft, and the settings that they chose last.
pub async fn begin(app: &App, person: PersonId) -> Result<Submission, Error> {
    let draft: Submission = serde_json::from_str(&app.studio.store.draft(person).await?).unwrap_or_default();
    if !draft.prompt.trim().is_empty() {
        return Ok(draft);
    }
    last_settings(app, person).await
}

/// The settings that a person chose last.
pub async fn last_settings(app: &App, person: PersonId) -> Result<Submission, Error> {
    Ok(serde_json::from_str(&app.studio.store.last_settings(person).await?).unwrap_or_default())
}

/// `GET /compose`: the menus follow what was chosen.
pub async fn settings(app: App, wants: Wants, Query(sheet): Query<Fields>) -> Result<Message, Error> {
    let form = submission(sheet);
    let palette = Palette::of(&app.studio, wants.person, &form).await?;
    Ok(Message::new().settings(&composer::settings(&palette, &form, &[])))
}

/// `POST /compose`: the same without script, as a page that keeps what was typed.
pub async fn preview(app: App, wants: Wants, form: Multipart) -> Result<Response, Error> {
    let (form, pictures) = form::submission(&app, form).await?;
    let desk = Desk { form, problems: Vec::new(), had_image: pictures.first.is_some() };
    let mut whole = library::home(&app, &wants, &desk).await?;
    whole.composer.open = true;
    page(&whole)
}

/// What the coach is asked about.
async fn asked(app: &App, request: Request) -> Result<Submission, Error> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/") {
        let form = Multipart::from_request(request, app).await;
        let form = form.map_err(|_| Error::BadRequest("The form did not arrive whole.".to_owned()))?;
        return Ok(form::submission(app, form).await?.0);
    }
    let fields = axum::Form::<Fields>::from_request(request, app).await;
    fields
        .map(|axum::Form(fields)| submission(fields))
        .map_err(|_| Error::BadRequest("Send the fields prompt, seconds and aspect as a form.".to_owned()))
}

/// `POST /coach`: what the coach sees in a prompt, as a part of a page.
pub async fn coach(app: App, request: Request) -> Result<Response, Error> {
    let form = asked(&app, request).await?;
    let seconds = form.seconds.as_deref().and_then(|text| text.trim().parse().ok()).unwrap_or(4.0_f64);
    // Whole seconds, as far as the coach is concerned; a card of a storyboard may last 2.5 s.
    let seconds = format!("{:.0}", seconds.clamp(0.0, 600.0)).parse().unwrap_or(4);
    let aspect = form.aspect.as_deref().map(str::trim).filter(|aspect| !aspect.is_empty()).unwrap_or("16:9");
    let prompt: String = form.prompt.chars().take(20_000).collect();
    let goes_on = form.remix.is_some() || form.extend.is_some();
    page(&coach::read(&prompt, seconds, aspect, goes_on))
}

/// `POST /draft`: what is being written, for whatever device a person goes on with.
pub async fn draft(app: App, wants: Wants, axum::Form(fields): axum::Form<Fields>) -> Result<Response, Error> {
    let form = submission(fields);
    let text = serde_json::to_string(&form).map_err(|error| Error::Internal(error.into()))?;
    if text.len() > DRAFT_BYTES {
        return Err(Error::BadRequest("The draft is longer than 64 kB and was not kept.".to_owned()));
    }
    app.studio.store.keep_draft(wants.person, &text).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /tasks`: Create.
pub async fn create(app: App, wants: Wants, form: Multipart) -> Result<Response, Error> {
    let (form, pictures) = form::submission(&app, form).await?;
    let had_image = pictures.first.is_some();
    let (studio, sent, person) = (app.studio.clone(), form.clone(), wants.person);
    // Its own task: a browser that goes away half-way must not leave half a task behind.
    let created = app.tasks.spawn(async move { studio.create(person, &sent, pictures).await }).await;
    match created.map_err(|error| Error::Internal(error.into()))? {
        Ok(task) => made(&app, &wants, task, form).await,
        Err(CreateError::Invalid(problems)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            if wants.partial {
                let mut again = composer(&app, wants.person, &form, &problems, had_image).await?;
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
    // What was written has become a clip.
    app.studio.store.keep_draft(wants.person, "{}").await?;
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
    let next = composer(app, wants.person, &form.settings(), &[], false).await?;
    let message = Message::new().newest(&tiles).waiting(app.waiting().await?).composer(&next).say(&said);
    Ok(message.into_response())
}
