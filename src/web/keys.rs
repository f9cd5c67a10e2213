//! Keys of the API: one's own, made and ended here.

use axum::extract::RawForm;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;

use super::App;
use super::error::Error;
use super::form::Id;
use super::present::time::when;
use super::view::Section;
use super::view::account::Once;
use super::view::keys::{KeyForm, KeyRow, KeysPage};
use super::wants::{Wants, page};
use crate::domain::{KeyId, Millis, Scope};
use crate::store::keys::Key;
use crate::studio::{self, NewKey};

/// How long keys work: what the form posts, and the words.
const DAYS: [(&str, &str); 5] =
    [("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("1", "one day"), ("", "until it is revoked")];

/// What each scope lets one do.
const SCOPES: [(Scope, &str); 3] = [
    (Scope::Read, "Look at videos and models, and download"),
    (Scope::Create, "Create videos, which spends"),
    (Scope::Delete, "Move videos to the trash"),
];

/// What was typed.
#[derive(Debug, Default)]
struct Typed {
    name: String,
    days: String,
    scopes: Vec<Scope>,
}

fn row(key: Key, now: Millis) -> KeyRow {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let ended = match (key.revoked_at, key.works(now)) {
        (Some(_), _) => Some("Revoked"),
        (None, false) => Some("Expired"),
        (None, true) => None,
    };
    KeyRow {
        id: key.id.to_string(),
        name: key.name,
        hint: key.hint,
        scopes: scopes.join(", "),
        made: when(key.created_at, now),
        used: key.used_at.map(|used| when(used, now)),
        until: key.expires_at.map(|until| when(until, now)),
        ended,
    }
}

/// The address of this server as its clients call it.
pub fn base_url(app: &App, host: Option<&str>) -> String {
    match &app.reach.public_url {
        Some(url) => format!("{}/v1", url.as_str().trim_end_matches('/')),
        None => format!("http://{}/v1", host.unwrap_or("127.0.0.1:8787")),
    }
}

async fn whole(
    app: &App,
    wants: &Wants,
    host: Option<&str>,
    typed: Typed,
    made: Option<Once>,
    error: Option<String>,
) -> Result<Response, Error> {
    let store = &app.studio.store;
    let now = app.studio.clock.now();
    let is_alone = wants.session.is_none();
    let is_barred = !is_alone && !may(app).await?;
    let keys = if is_alone { Vec::new() } else { store.keys(Some(wants.person)).await? };
    let form = KeyForm {
        name: typed.name,
        scopes: SCOPES.map(|(scope, words)| (scope.as_str(), words, typed.scopes.contains(&scope))).to_vec(),
        days: DAYS.map(|(value, words)| (value, words, value == typed.days)).to_vec(),
        error,
    };
    let view = KeysPage {
        frame: app.frame("API", Section::Settings, wants, "/keys", "bell").await?,
        base_url: base_url(app, host),
        is_alone,
        is_barred,
        made,
        form,
        keys: keys.into_iter().map(|key| row(key, now)).collect(),
    };
    page(&view)
}

/// Whether the plan of whoever asks has the API.
pub(super) async fn may(app: &App) -> Result<bool, Error> {
    let allowance = app.studio.store.allowance(app.viewer().person, app.studio.clock.now()).await?;
    Ok(allowance.plan.api)
}

fn host(headers: &axum::http::HeaderMap) -> Option<&str> {
    headers.get(axum::http::header::HOST).and_then(|host| host.to_str().ok())
}

/// `GET /keys`
pub async fn show(app: App, wants: Wants, headers: axum::http::HeaderMap) -> Result<Response, Error> {
    let typed = Typed { days: "90".to_owned(), scopes: vec![Scope::Read, Scope::Create], ..Typed::default() };
    whole(&app, &wants, host(&headers), typed, None, None).await
}

/// `POST /keys`
pub async fn add(
    app: App,
    wants: Wants,
    headers: axum::http::HeaderMap,
    RawForm(form): RawForm,
) -> Result<Response, Error> {
    if wants.session.is_none() {
        return Err(Error::BadRequest("There are no accounts here, so that no keys are needed.".to_owned()));
    }
    if !may(&app).await? {
        return Err(Error::NotYours("Your plan does not include the API. Ask an owner or admin to enable it."));
    }
    let mut typed = Typed::default();
    for (name, value) in url::form_urlencoded::parse(&form) {
        match name.as_ref() {
            "name" => typed.name = value.into_owned(),
            "days" => typed.days = value.into_owned(),
            "scope" => typed.scopes.extend(value.parse::<Scope>().ok().filter(|scope| !typed.scopes.contains(scope))),
            _ => {}
        }
    }
    let days = match typed.days.as_str() {
        "" => Ok(None),
        text => text.parse::<u16>().map(Some).map_err(|_| "Choose how long the key works."),
    };
    let made = match days {
        Ok(days) => {
            let new = NewKey { name: typed.name.clone(), scopes: typed.scopes.clone(), days };
            match app.studio.accounts().make_key(wants.person, &new).await {
                Ok((_, secret)) => Ok(secret),
                Err(studio::Error::Invalid(words)) => Err(words),
                Err(error) => return Err(error.into()),
            }
        }
        Err(words) => Err(words),
    };
    match made {
        Ok(secret) => {
            let next = Typed { days: "90".to_owned(), scopes: vec![Scope::Read, Scope::Create], ..Typed::default() };
            whole(&app, &wants, host(&headers), next, Some(Once::new(secret.expose_secret())), None).await
        }
        Err(words) => {
            let answer = whole(&app, &wants, host(&headers), typed, None, Some(words.to_owned())).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
        }
    }
}

/// `POST /keys/{key}/revoke`
pub async fn revoke(app: App, wants: Wants, Id(id): Id<KeyId>) -> Result<Response, Error> {
    let now = app.studio.clock.now();
    app.studio.store.revoke_key(id, Some(wants.person), now).await.map_err(|error| {
        let is_none = matches!(error, crate::store::Error::Stale);
        if is_none { Error::NotFound } else { error.into() }
    })?;
    Ok(wants.go("/keys"))
}
