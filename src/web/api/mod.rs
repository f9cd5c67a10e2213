//! `/v1`: the Videos API out, on the same queue, plans and budgets as the pages. Answers JSON only, errors in the
//! envelope that SDKs read.

pub mod characters;
pub mod content;
pub mod document;
pub mod error;
pub mod limit;
pub mod mcp;
pub mod models;
mod read;
pub mod video;
pub mod videos;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;

use self::error::ApiError;
use self::limit::Standing;
use super::App;
use super::gate::Need;
use crate::domain::{Millis, Right, Scope, Viewer};
use crate::store::keys::Bearer;
use crate::studio::{KEY_PREFIX, Passwords};

/// Whether an address is one of the API's: its errors are JSON.
pub fn is_api(path: &str) -> bool {
    path.starts_with("/v1/") || path == "/v1" || path == "/mcp"
}

/// Who asks by the API.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What tells the requests of this key from those of others.
    pub lane: String,
    /// What it may do; everything without accounts.
    pub scopes: Vec<Scope>,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| unauthorized("Send an API key."))
    }
}

fn unauthorized(message: &str) -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "invalid_api_key", message)
}

fn forbidden(code: &'static str, message: &str) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, code, message)
}

/// The key that a request shows, by `Authorization: Bearer` or, as Azure's clients do, `api-key`.
fn shown(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(&header::AUTHORIZATION).and_then(|value| {
        let (scheme, key) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
    });
    bearer.or_else(|| text(&HeaderName::from_static("api-key"))).filter(|key| !key.is_empty() && key.len() <= 512)
}

/// Whether a key works at all, in the words of whoever has it.
fn welcome(bearer: &Bearer, now: Millis) -> Result<(), ApiError> {
    if bearer.key.revoked_at.is_some() || !bearer.is_welcome {
        return Err(unauthorized("This API key was revoked. Make a new one on the page /keys."));
    }
    if !bearer.key.works(now) {
        return Err(unauthorized("This API key has expired. Make a new one on the page /keys."));
    }
    if !bearer.has_api {
        let words = "Your plan does not include the API. Ask an owner or admin to enable it.";
        return Err(forbidden("api_not_enabled", words));
    }
    Ok(())
}

/// Who asks, and how they stand.
async fn caller(app: &App, headers: &HeaderMap) -> Result<(Viewer, Caller, Option<Standing>), ApiError> {
    let (store, now) = (&app.whole.store, app.whole.clock.now());
    let key = shown(headers);
    if !store.has_accounts().await? {
        if app.reach.is_loopback || app.reach.open_to_everyone {
            // One person alone: whatever a client was set up with will do.
            let caller = Caller { lane: "alone".to_owned(), scopes: Scope::ALL.to_vec() };
            return Ok((Viewer::ALONE, caller, None));
        }
        return Err(unauthorized("This server is not set up yet. Open it in a browser first."));
    }
    let wrong = "This API key is not known here. Make one on the page /keys and send it as Authorization: Bearer.";
    let key = key.ok_or_else(|| unauthorized("Send an API key as Authorization: Bearer. The page /keys makes one."))?;
    if !key.starts_with(KEY_PREFIX) {
        return Err(unauthorized(wrong));
    }
    let bearer = store.bearer(&Passwords::fingerprint(key), now).await?.ok_or_else(|| unauthorized(wrong))?;
    welcome(&bearer, now)?;
    let standing = bearer.per_minute.map(|limit| app.limits.count(bearer.viewer.person, limit, now));
    let caller = Caller { lane: bearer.key.id.to_string(), scopes: bearer.key.scopes };
    Ok((bearer.viewer, caller, standing))
}

/// What the rest of the gate does for pages: lets in whoever may.
pub async fn gate(app: App, need: Option<Need>, is_route: bool, mut request: Request, next: Next) -> Response {
    if need == Some(Need::Open) {
        return next.run(request).await;
    }
    let (viewer, caller, standing) = match caller(&app, request.headers()).await {
        Ok(found) => found,
        Err(error) => return error.into_response(),
    };
    let over = standing.is_some_and(|standing| !standing.passes);
    let mut response = if over {
        let pause = standing.map(|standing| standing.reset);
        let words = "Your plan allows no more requests this minute.";
        let error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", words);
        ApiError { retry_after: pause, ..error }.into_response()
    } else if let Err(error) = permitted(need, is_route, viewer, &caller) {
        error.into_response()
    } else {
        request.extensions_mut().insert(viewer);
        request.extensions_mut().insert(caller);
        drained(request, next).await
    };
    if let Some(standing) = standing {
        tell(response.headers_mut(), &standing);
    }
    response
}

/// What is read and thrown away of a body that was refused.
const DRAINED: usize = 64 * 1024 * 1024;
/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs the handler, and reads the rest of a body that it refused: a client that still sends would hear of a broken
/// connection instead of what is wrong.
async fn drained(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let stream = Arc::new(Mutex::new(body.into_data_stream()));
    let shared = Arc::clone(&stream);
    let read = move |context: &mut std::task::Context<'_>| {
        shared.lock().unwrap_or_else(PoisonError::into_inner).poll_next_unpin(context)
    };
    let body = Body::from_stream(futures_util::stream::poll_fn(read));
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status().is_client_error() {
        let rest = async {
            let mut left = DRAINED;
            let next = |context: &mut std::task::Context<'_>| {
                stream.lock().unwrap_or_else(PoisonError::into_inner).poll_next_unpin(context)
            };
            while let Some(Ok(chunk)) = std::future::poll_fn(next).await {
                left = left.saturating_sub(chunk.len());
                if left == 0 {
                    break;
                }
            }
        };
        // Whoever sends slower than that has to live without the answer.
        let _ = tokio::time::timeout(PATIENCE, rest).await;
    }
    response
}

fn permitted(need: Option<Need>, is_route: bool, viewer: Viewer, caller: &Caller) -> Result<(), ApiError> {
    let scope = match need {
        Some(Need::Key(scope)) => scope,
        // A method that the route does not have is told by the router.
        None if is_route => return Ok(()),
        None | Some(Need::Open | Need::Right(_) | Need::Clip) => {
            return Err(error::of_page(StatusCode::NOT_FOUND, "", ""));
        }
    };
    permits(viewer, caller, scope)
}

/// Whether a key and the role of its owner allow this.
fn permits(viewer: Viewer, caller: &Caller, scope: Scope) -> Result<(), ApiError> {
    if !caller.scopes.contains(&scope) {
        let words = format!("This API key may not do that: it lacks the scope {scope}.");
        return Err(forbidden("missing_scope", &words));
    }
    let right = if scope == Scope::Read { Right::Look } else { Right::Make };
    if !viewer.may(right) {
        return Err(forbidden("forbidden", "Your role does not include this. Ask an owner or admin."));
    }
    Ok(())
}

/// The headers in which the Videos API tells of its limits.
fn tell(headers: &mut HeaderMap, standing: &Standing) {
    let reset = format!("{}s", standing.reset.as_secs().max(1));
    for (name, value) in [
        ("x-ratelimit-limit-requests", standing.limit.to_string()),
        ("x-ratelimit-remaining-requests", standing.remaining.to_string()),
        ("x-ratelimit-reset-requests", reset),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

/// What went wrong outside of the API's own handlers, in its envelope.
pub fn envelope(status: StatusCode, title: &str, text: &str) -> Response {
    error::of_page(status, title, text).into_response()
}
