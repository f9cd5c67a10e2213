//! One's own account: name, password, preferences, the browsers that are signed in.

use axum::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use secrecy::SecretString;
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::form::{Id, Query};
use super::present::time::when;
use super::view::Section;
use super::view::account::{AccountPage, SessionRow};
use super::wants::{Wants, page};
use crate::domain::{SessionId, Visibility};
use crate::store;
use crate::studio::{AccountNotMade as NotMade, AccountProblems, person_name};

/// What was just done, as the address says it.
const DONE: [(&str, &str); 5] = [
    ("name", "The name is saved."),
    ("password", "The password is changed."),
    ("preferences", "Saved."),
    ("session", "Signed out there."),
    ("sessions", "Signed out everywhere else."),
];

/// What the address says.
#[derive(Debug, Deserialize)]
pub struct Done {
    done: Option<String>,
}

/// What was typed and what is wrong with it.
#[derive(Default)]
struct Typed {
    name: Option<String>,
    name_error: Option<String>,
    current_error: Option<String>,
    password_error: Option<String>,
}

async fn whole(app: &App, wants: &Wants, typed: Typed, done: Option<&str>) -> Result<Response, Error> {
    let store = &app.studio.store;
    let person = store.person(wants.person).await?.ok_or(Error::NotFound)?;
    // Without accounts there is nothing to sign in to.
    if person.joined_at.is_none() {
        return Err(Error::NotFound);
    }
    let now = app.studio.clock.now();
    let sessions = store.sessions(wants.person).await?.into_iter().map(|session| SessionRow {
        id: session.id.to_string(),
        is_this: wants.session == Some(session.id),
        device: session.device,
        address: session.address,
        used: when(session.used_at, now),
    });
    let view = AccountPage {
        frame: app.frame("Account", Section::Account, wants, "/account", "bell").await?,
        about: match &person.plan {
            Some(plan) => format!("{} · plan {plan}", person.role.label()),
            None => format!("{} · no limits", person.role.label()),
        },
        name: typed.name.unwrap_or(person.name),
        name_error: typed.name_error,
        current_error: typed.current_error,
        password_error: typed.password_error,
        zone: person.time_zone,
        server_zone: app.studio.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        zones: zones(),
        is_private: person.visibility == Visibility::Private,
        sessions: sessions.collect(),
        done: DONE.iter().find(|(word, _)| Some(*word) == done).map(|(_, words)| *words),
    };
    page(&view)
}

/// Names of time zones by place, without the short and the old ones.
fn zones() -> Vec<String> {
    let is_place = |name: &str| name.contains('/') && !name.starts_with("Etc/") && !name.starts_with("SystemV/");
    let mut names: Vec<String> =
        jiff::tz::db().available().map(|name| name.to_string()).filter(|name| is_place(name)).collect();
    names.push("UTC".to_owned());
    names.sort();
    names
}

async fn again(app: &App, wants: &Wants, typed: Typed) -> Result<Response, Error> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, whole(app, wants, typed, None).await?).into_response())
}

/// `GET /account`
pub async fn show(app: App, wants: Wants, Query(done): Query<Done>) -> Result<Response, Error> {
    whole(&app, &wants, Typed::default(), done.done.as_deref()).await
}

/// A new name.
#[derive(Debug, Deserialize)]
pub struct Name {
    username: String,
}

/// `POST /account/name`
pub async fn rename(app: App, wants: Wants, Form(form): Form<Name>) -> Result<Response, Error> {
    let error = match person_name(&form.username) {
        Err(words) => words,
        Ok(name) => match app.studio.store.rename_person(wants.person, &name).await {
            Ok(()) => return Ok(wants.go("/account?done=name")),
            Err(store::Error::Taken) => "Somebody is called so already. Choose another name.".to_owned(),
            Err(error) => return Err(error.into()),
        },
    };
    again(&app, &wants, Typed { name: Some(form.username), name_error: Some(error), ..Typed::default() }).await
}

/// A new password.
#[derive(Deserialize)]
pub struct Change {
    current: SecretString,
    password: SecretString,
}

/// `POST /account/password`
pub async fn password(app: App, wants: Wants, Form(form): Form<Change>) -> Result<Response, Error> {
    match app.studio.accounts().change_password(&app.passwords, (form.current, form.password), wants.session).await {
        Ok(()) => Ok(wants.go("/account?done=password")),
        Err(NotMade::Invalid(AccountProblems { name, password })) => {
            again(&app, &wants, Typed { current_error: name, password_error: password, ..Typed::default() }).await
        }
        Err(NotMade::Gone) => Err(Error::NotFound),
        Err(error @ NotMade::Busy) => {
            again(&app, &wants, Typed { current_error: Some(error.to_string()), ..Typed::default() }).await
        }
        Err(NotMade::Store(error)) => Err(error.into()),
    }
}

/// A time zone.
#[derive(Debug, Deserialize)]
pub struct Zone {
    time_zone: String,
}

/// `POST /account/zone`
pub async fn zone(app: App, wants: Wants, Form(form): Form<Zone>) -> Result<Response, Error> {
    let person = app.studio.store.person(wants.person).await?.ok_or(Error::NotFound)?;
    if !form.time_zone.is_empty() && TimeZone::get(&form.time_zone).is_err() {
        return Err(Error::BadRequest("There is no such time zone. Choose one from the list.".to_owned()));
    }
    app.studio.store.prefer(wants.person, &form.time_zone, person.visibility).await?;
    Ok(wants.go("/account?done=preferences"))
}

/// Who sees new clips.
#[derive(Debug, Deserialize)]
pub struct Seen {
    visibility: String,
}

/// `POST /account/visibility`
pub async fn visibility(app: App, wants: Wants, Form(form): Form<Seen>) -> Result<Response, Error> {
    let person = app.studio.store.person(wants.person).await?.ok_or(Error::NotFound)?;
    let wrong = || Error::BadRequest("New clips are seen by the team, or by you only.".to_owned());
    let visibility: Visibility = form.visibility.parse().map_err(|_| wrong())?;
    app.studio.store.prefer(wants.person, &person.time_zone, visibility).await?;
    Ok(wants.go("/account?done=preferences"))
}

/// `POST /account/sessions/{session}/end`
pub async fn end(app: App, wants: Wants, Id(id): Id<SessionId>) -> Result<Response, Error> {
    if !app.studio.store.end_session(wants.person, id).await? {
        return Err(Error::NotFound);
    }
    Ok(wants.go("/account?done=session"))
}

/// `POST /account/sessions/end-others`
pub async fn end_others(app: App, wants: Wants) -> Result<Response, Error> {
    app.studio.store.end_sessions(wants.person, wants.session).await?;
    Ok(wants.go("/account?done=sessions"))
}
