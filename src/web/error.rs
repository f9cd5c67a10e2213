//! What a visitor meets when something is not as wished, and the page that says so.

use std::any::Any;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::error;

use super::App;
use super::api;
use super::view::action::Tone;
use super::view::{Action, ErrorPage, Flash, Frame, Message, Section};
use super::wants::{Wants, page};
use crate::domain::Viewer;
use crate::{files, store, studio};

/// Why a request was not answered as wished.
#[derive(Debug)]
pub enum Error {
    /// No such page, clip or file.
    NotFound,
    /// The address exists for other methods.
    Method,
    /// The clip has moved on.
    Conflict,
    /// The request itself is not right; the words say what to do.
    BadRequest(String),
    /// The request came from somewhere that may not send it; the words say why.
    Forbidden(String),
    /// Whoever asks may not; the words say who may.
    NotYours(&'static str),
    /// The `Host` is not one of ours.
    Misdirected(String),
    /// The disk is full.
    DiskFull,
    /// Something else holds the database.
    Busy,
    /// Ours; logged here, and not shown.
    Internal(anyhow::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        if matches!(error, store::Error::Stale) {
            Self::Conflict
        } else if error.is_disk_full() {
            Self::DiskFull
        } else if error.is_busy() {
            tracing::warn!("the database was busy for too long: {error}");
            Self::Busy
        } else {
            Self::Internal(error.into())
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        if files::is_full(&error) { Self::DiskFull } else { Self::Internal(error.into()) }
    }
}

impl From<studio::Error> for Error {
    fn from(error: studio::Error) -> Self {
        match error {
            studio::Error::NotFound => Self::NotFound,
            studio::Error::Conflict => Self::Conflict,
            studio::Error::Invalid(words) => Self::BadRequest(words.to_owned()),
            studio::Error::Unfit(words) | studio::Error::Capped(words) => Self::BadRequest(words),
            studio::Error::Forbidden(words) => Self::NotYours(words),
            studio::Error::Taken => Self::BadRequest("This name is taken. Choose another one.".to_owned()),
            studio::Error::Store(error) => error.into(),
        }
    }
}

/// What the page will say; travels in the response until a layer knows who asks.
#[derive(Debug, Clone)]
struct Told {
    title: &'static str,
    text: String,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, title, text) = match self {
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Nothing at this address",
                "The clip may have been deleted, or the link is not whole.".to_owned(),
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "This address takes other requests",
                "Go back and use the buttons of the page.".to_owned(),
            ),
            Self::Conflict => (
                StatusCode::CONFLICT,
                "This has moved on",
                "The clip changed since the page was made, so that this no longer applies. Look at it again."
                    .to_owned(),
            ),
            Self::BadRequest(words) => (StatusCode::UNPROCESSABLE_ENTITY, "That does not work", words),
            Self::Forbidden(words) => (StatusCode::FORBIDDEN, "Not from there", words),
            Self::NotYours(words) => (StatusCode::FORBIDDEN, "Not yours to do", words.to_owned()),
            Self::Misdirected(words) => (StatusCode::MISDIRECTED_REQUEST, "Another name was called", words),
            Self::DiskFull => (
                StatusCode::INSUFFICIENT_STORAGE,
                "The disk is full",
                "Nothing was changed. Make room on the disk of the data folder, then try again.".to_owned(),
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The database is busy",
                "Nothing was changed. Another program holds it just now; try again in a few seconds.".to_owned(),
            ),
            Self::Internal(error) => {
                error!("a request failed: {error:#}");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Something broke here",
                    "Nothing was sent to a video server. Try again; the log of the server says more.".to_owned(),
                )
            }
        };
        let mut response = (status, text.clone()).into_response();
        response.extensions_mut().insert(Told { title, text });
        response
    }
}

/// Draws what went wrong as a page, or as a message on the page that is open.
pub async fn render(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut wants = Wants::read(request.headers());
    let path = request.uri().path().to_owned();
    let is_page = !path.starts_with("/static/") && path != "/health" && path != "/metrics";
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    // Strangers see what went wrong in a frame that tells nothing of anybody.
    let viewer = response.extensions().get::<Viewer>().copied();
    let app = viewer.map_or(app.clone(), |viewer| app.seen_by(viewer));
    if let Some(viewer) = viewer {
        wants.person = viewer.person;
    }
    let told = response.extensions().get::<Told>().cloned().or_else(|| unread(&response));
    let Some(Told { title, text }) = told.filter(|_| is_page) else { return response };
    if api::is_api(&path) {
        return api::envelope(status, title, &text);
    }
    if wants.partial {
        let flash = Flash { text: format!("{title}. {text}"), action: None };
        return (status, Message::new().flash(&flash).say(&flash.text)).into_response();
    }
    let view = ErrorPage {
        frame: Frame::new(title, Section::Elsewhere, wants.theme, "/", app.studio.clock.now().as_i64()),
        code: status.as_u16(),
        title: title.to_owned(),
        text,
        actions: vec![Action::link("Go to the library", "/").tone(Tone::Primary)],
        // With which whoever runs the server finds the line about it.
        small: if status.is_server_error() { format!("Request {id} in the server’s log.") } else { String::new() },
    };
    let mut response = match page(&view) {
        Ok(page) => (status, page).into_response(),
        Err(_) => response,
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// What the framework itself refused before a handler saw it, in our words.
fn unread(response: &Response) -> Option<Told> {
    let kind = response.headers().get(header::CONTENT_TYPE)?;
    if !response.status().is_client_error() || !kind.as_bytes().starts_with(b"text/plain") {
        return None;
    }
    let text = if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        "What was sent is too large. Shorten it and try again."
    } else {
        "What was sent could not be read. Go back, reload the page and try again."
    };
    Some(Told { title: "That does not work", text: text.to_owned() })
}

/// For addresses that lead nowhere.
pub async fn no_such_page() -> Error {
    Error::NotFound
}

/// For addresses that exist, but not for this method.
pub async fn no_such_method(_: Method, _: Uri) -> Error {
    Error::Method
}

/// A panic is a bug of ours; the visitor gets the same page as for any other.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    Error::Internal(anyhow::anyhow!("panicked: {}", words.unwrap_or("without words"))).into_response()
}
