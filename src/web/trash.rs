//! The ends of the trash: undo, and deletion for good, which asks first.

use axum::Form;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::selection::Chosen;
use super::shelf::local;
use super::view::settings::ConfirmPage;
use super::view::{Message, Section};
use super::wants::{Wants, page};
use crate::domain::Millis;

/// Which act is taken back.
#[derive(Debug, Deserialize)]
pub struct Undo {
    moment: i64,
    back: Option<String>,
}

/// `POST /trash/undo`
pub async fn undo(app: App, wants: Wants, Form(undo): Form<Undo>) -> Result<Response, Error> {
    let came = app.studio.undelete(Millis::from_i64(undo.moment)).await?;
    if came.is_empty() {
        return Err(Error::Conflict);
    }
    let back = undo.back.as_deref().and_then(local).unwrap_or("/");
    Ok(wants.go(back))
}

async fn ask(app: &App, wants: &Wants, fields: Vec<(String, String)>, what: &str) -> Result<Response, Error> {
    let view = ConfirmPage {
        frame: app.frame("Delete for good", Section::Trash, wants, "/trash", "bell").await?,
        title: "Delete for good?".to_owned(),
        text: format!("{what} Files, titles and prompts go. This cannot be undone."),
        action: "/trash/empty".to_owned(),
        fields,
        verb: "Delete for good".to_owned(),
        back: "/trash".to_owned(),
    };
    page(&view)
}

/// `GET /trash/empty`: asks first.
pub async fn confirm(app: App, wants: Wants) -> Result<Response, Error> {
    let fields = vec![("all".to_owned(), "1".to_owned()), ("sure".to_owned(), "1".to_owned())];
    ask(&app, &wants, fields, "Every clip in the trash will be deleted.").await
}

/// `POST /trash/empty`: chosen clips are asked about first; with a yes, they go.
pub async fn empty(app: App, wants: Wants, body: Bytes) -> Result<Response, Error> {
    let chosen = Chosen::read(&body);
    let is_sure = url::form_urlencoded::parse(&body).any(|(field, value)| field == "sure" && value == "1");
    let shelf = chosen.shelf(&app).await?;
    let ids = if chosen.all() { None } else { Some(chosen.ids(&app, &wants, &shelf).await?) };
    if ids.as_ref().is_some_and(Vec::is_empty) {
        return Err(Error::BadRequest("No clip is selected. Select some first.".to_owned()));
    }
    if !is_sure {
        let what = match &ids {
            Some(ids) if ids.len() == 1 => "1 clip will be deleted.".to_owned(),
            Some(ids) => format!("{} clips will be deleted.", ids.len()),
            None => "Every clip in the trash will be deleted.".to_owned(),
        };
        let mut fields: Vec<_> = ids.iter().flatten().map(|id| ("id".to_owned(), id.to_string())).collect();
        if ids.is_none() {
            fields.push(("all".to_owned(), "1".to_owned()));
        }
        fields.push(("sure".to_owned(), "1".to_owned()));
        return ask(&app, &wants, fields, &what).await;
    }
    app.studio.erase(ids.as_deref()).await?;
    if wants.partial {
        let gone = ids.unwrap_or_default();
        return Ok(gone.iter().fold(Message::new(), |message, id| message.gone(&id.to_string())).into_response());
    }
    Ok(wants.go("/trash"))
}
