//! The doors: signing in and out, the first account, joining, a new password. Open to strangers.

use axum::Form;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::form::Query;
use super::gate;
use super::shelf::local;
use super::view::account::{DoorField, DoorPage};
use super::wants::{Wants, page};
use crate::domain::PersonId;
use crate::domain::access::TicketKind;
use crate::studio::{AccountNotMade as NotMade, AccountProblems, NotSignedIn, Passwords};

const OVERHEARD: &str = "This connection is not encrypted: whoever shares the network can read what you type. Ask for an \
                         https address before you sign in from a network that you do not trust.";
const FORGOTTEN: &str = "Forgot your password? An owner or admin can make you a link to choose a new one.";

/// The browser that asks, and from where.
pub struct Caller {
    agent: String,
    address: String,
}

impl FromRequestParts<App> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Self { agent: agent.unwrap_or_default().to_owned(), address: gate::client(app, parts).to_string() })
    }
}

fn door(wants: &Wants, title: &str, action: &str) -> DoorPage {
    DoorPage {
        theme: wants.theme,
        title: title.to_owned(),
        text: String::new(),
        error: None,
        action: action.to_owned(),
        hidden: Vec::new(),
        whose: None,
        fields: Vec::new(),
        verb: "Go on",
        small: "",
    }
}

/// Signs the browser in, under a new session whatever it came with.
async fn enter(app: &App, jar: CookieJar, person: PersonId, caller: &Caller, next: &str) -> Result<Response, Error> {
    let secret = app.whole.accounts().begin_session(person, &caller.agent, &caller.address).await?;
    Ok(entered(app, jar, &secret, next))
}

fn entered(app: &App, jar: CookieJar, secret: &SecretString, next: &str) -> Response {
    let cookie = Cookie::build((app.reach.cookie(), secret.expose_secret().to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.reach.is_https())
        // The session itself ends before, by the server's clock.
        .permanent();
    (jar.add(cookie), Redirect::to(next)).into_response()
}

/// Where somebody wanted to go.
#[derive(Debug, Deserialize)]
pub struct Next {
    next: Option<String>,
}

impl Next {
    fn path(&self) -> &str {
        self.next.as_deref().and_then(local).unwrap_or("/")
    }
}

fn login_page(app: &App, wants: &Wants, name: &str, next: &str, error: Option<String>) -> DoorPage {
    DoorPage {
        error,
        text: if app.reach.is_overheard() { OVERHEARD.to_owned() } else { String::new() },
        hidden: vec![("next", next.to_owned())],
        fields: vec![DoorField::username(name, None), DoorField::password()],
        verb: "Sign in",
        small: FORGOTTEN,
        ..door(wants, "Sign in to Rushes", "/login")
    }
}

/// `GET /login`
pub async fn login(app: App, wants: Wants, Query(next): Query<Next>) -> Result<Response, Error> {
    if wants.session.is_some() || !app.whole.store.has_accounts().await? {
        return Ok(Redirect::to(next.path()).into_response());
    }
    page(&login_page(&app, &wants, "", next.path(), None))
}

/// What the form of `/login` holds.
#[derive(Deserialize)]
pub struct Login {
    username: String,
    password: SecretString,
    next: Option<String>,
}

/// `POST /login`
pub async fn sign_in(
    app: App,
    wants: Wants,
    caller: Caller,
    jar: CookieJar,
    Form(form): Form<Login>,
) -> Result<Response, Error> {
    let next = Next { next: form.next };
    let typed = (form.username.as_str(), form.password);
    match app.whole.accounts().sign_in(&app.passwords, typed, (&caller.agent, &caller.address)).await {
        Ok((secret, _)) => Ok(entered(&app, jar, &secret, next.path())),
        Err(NotSignedIn::Store(error)) => Err(error.into()),
        Err(error) => {
            let status = match error {
                NotSignedIn::Busy => StatusCode::SERVICE_UNAVAILABLE,
                NotSignedIn::TooOften => StatusCode::TOO_MANY_REQUESTS,
                NotSignedIn::Wrong | NotSignedIn::Store(_) => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let again = login_page(&app, &wants, &form.username, next.path(), Some(error.to_string()));
            Ok((status, page(&again)?).into_response())
        }
    }
}

/// `POST /logout`: the session ends, and the browser is asked to forget what it saw.
pub async fn logout(app: App, wants: Wants, jar: CookieJar) -> Result<Response, Error> {
    if let Some(session) = wants.session {
        app.whole.store.end_session(wants.person, session).await?;
    }
    let gone = Cookie::build((app.reach.cookie(), "")).path("/").secure(app.reach.is_https());
    let forget = (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""));
    Ok((jar.remove(gone), [forget], wants.go("/login")).into_response())
}

/// The set-up page's code.
#[derive(Debug, Deserialize)]
pub struct Code {
    code: Option<SecretString>,
}

fn setup_page(wants: &Wants, code: &str, typed: (&str, AccountProblems)) -> DoorPage {
    let (name, problems) = typed;
    DoorPage {
        text: "The first account owns this workspace. Everything made here so far is kept and becomes its own."
            .to_owned(),
        hidden: vec![("code", code.to_owned())],
        fields: vec![DoorField::username(name, problems.name), DoorField::new_password(problems.password)],
        verb: "Make the account",
        ..door(wants, "Set up Rushes", "/setup")
    }
}

fn code_page(wants: &Wants) -> DoorPage {
    DoorPage {
        text: "This page opens with the link that Rushes printed in its terminal when it started, or with the code of \
               RUSHES_SETUP_CODE. A link that was used or replaced by a newer one does not work any more."
            .to_owned(),
        ..door(wants, "Set up Rushes", "/setup")
    }
}

async fn is_open(app: &App, kind: TicketKind, code: &str) -> Result<bool, Error> {
    let now = app.whole.clock.now();
    Ok(app.whole.store.ticket(kind, &Passwords::fingerprint(code), now).await?.is_some())
}

/// `GET /setup`
pub async fn setup(app: App, wants: Wants, Query(code): Query<Code>) -> Result<Response, Error> {
    if app.whole.store.has_accounts().await? {
        return Ok(Redirect::to("/").into_response());
    }
    let Some(code) = code.code else { return page(&asks_code(&wants, None)) };
    if !is_open(&app, TicketKind::Setup, code.expose_secret()).await? {
        return Ok((StatusCode::GONE, page(&asks_code(&wants, Some(GONE_CODE)))?).into_response());
    }
    page(&setup_page(&wants, code.expose_secret(), ("", AccountProblems::default())))
}

const GONE_CODE: &str = "This code does not work. Look for the newest one in the terminal.";

/// The page that takes the code by hand.
fn asks_code(wants: &Wants, error: Option<&str>) -> DoorPage {
    let field = DoorField {
        name: "code",
        label: "Code",
        kind: "password",
        autocomplete: "one-time-code",
        error: error.map(str::to_owned),
        ..DoorField::default()
    };
    DoorPage { fields: vec![field], verb: "Go on", ..code_page(wants) }
}

/// What the form of `/setup` holds.
#[derive(Deserialize)]
pub struct Setup {
    code: SecretString,
    username: Option<String>,
    password: Option<SecretString>,
}

/// `POST /setup`
pub async fn set_up(
    app: App,
    wants: Wants,
    caller: Caller,
    jar: CookieJar,
    Form(form): Form<Setup>,
) -> Result<Response, Error> {
    let code = form.code.expose_secret();
    let gone = || Ok((StatusCode::GONE, page(&asks_code(&wants, Some(GONE_CODE)))?).into_response());
    let (Some(name), Some(password)) = (form.username, form.password) else {
        if !is_open(&app, TicketKind::Setup, code).await? {
            return gone();
        }
        return page(&setup_page(&wants, code, ("", AccountProblems::default())));
    };
    match app.whole.accounts().set_up(&app.passwords, code, &name, password).await {
        Ok(person) => enter(&app, jar, person, &caller, "/").await,
        Err(NotMade::Invalid(problems)) => {
            let again = setup_page(&wants, code, (&name, problems));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)?).into_response())
        }
        Err(NotMade::Gone) => gone(),
        Err(NotMade::Busy) => Ok(busy()),
        Err(NotMade::Store(error)) => Err(error.into()),
    }
}

fn busy() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], NotMade::Busy.to_string()).into_response()
}

/// A page for a link that does not work any more.
fn gone_page(wants: &Wants, what: &str) -> Result<Response, Error> {
    let text = format!("This {what} has expired, was used, or is not whole. Ask an owner or admin for a new one.");
    let told = DoorPage { text, ..door(wants, "This link does not work", "/login") };
    Ok((StatusCode::GONE, page(&told)?).into_response())
}

async fn join_page(
    app: &App,
    wants: &Wants,
    code: &str,
    name: &str,
    problems: AccountProblems,
) -> Result<Option<DoorPage>, Error> {
    let store = &app.whole.store;
    let ticket = store.ticket(TicketKind::Invite, &Passwords::fingerprint(code), app.whole.clock.now()).await?;
    let Some(ticket) = ticket else { return Ok(None) };
    let host = match ticket.made_by {
        Some(id) => store.person(id).await?.map(|person| format!("{} invites you", person.name)),
        None => None,
    };
    let role = ticket.role.map_or("viewer", |role| role.label()).to_lowercase();
    let plan = ticket.plan.map(|plan| format!(" with the plan {plan}")).unwrap_or_default();
    Ok(Some(DoorPage {
        text: format!("{} to join as {role}{plan}.", host.unwrap_or_else(|| "You are invited".to_owned())),
        fields: vec![DoorField::username(name, problems.name), DoorField::new_password(problems.password)],
        verb: "Join",
        ..door(wants, "Join Rushes", &format!("/join/{code}"))
    }))
}

/// `GET /join/{code}`
pub async fn join(app: App, wants: Wants, Path(code): Path<String>) -> Result<Response, Error> {
    match join_page(&app, &wants, &code, "", AccountProblems::default()).await? {
        Some(open) => page(&open),
        None => gone_page(&wants, "invitation"),
    }
}

/// What the forms of `/join/{code}` and `/reset/{code}` hold.
#[derive(Deserialize)]
pub struct Chosen {
    #[serde(default)]
    username: String,
    password: SecretString,
}

/// `POST /join/{code}`
pub async fn joined(
    app: App,
    wants: Wants,
    caller: Caller,
    jar: CookieJar,
    Path(code): Path<String>,
    Form(form): Form<Chosen>,
) -> Result<Response, Error> {
    match app.whole.accounts().join(&app.passwords, &code, &form.username, form.password).await {
        Ok(person) => enter(&app, jar, person, &caller, "/").await,
        Err(NotMade::Invalid(problems)) => match join_page(&app, &wants, &code, &form.username, problems).await? {
            Some(again) => Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)?).into_response()),
            None => gone_page(&wants, "invitation"),
        },
        Err(NotMade::Gone) => gone_page(&wants, "invitation"),
        Err(NotMade::Busy) => Ok(busy()),
        Err(NotMade::Store(error)) => Err(error.into()),
    }
}

async fn reset_page(app: &App, wants: &Wants, code: &str, error: Option<String>) -> Result<DoorPage, Error> {
    let store = &app.whole.store;
    let ticket = store.ticket(TicketKind::Reset, &Passwords::fingerprint(code), app.whole.clock.now()).await?;
    let whose = match ticket.and_then(|ticket| ticket.person) {
        Some(id) => store.person(id).await?.map(|person| person.name),
        None => None,
    };
    Ok(DoorPage {
        whose,
        text: "Choose a new password. Every browser that is signed in with the old one is signed out.".to_owned(),
        fields: vec![DoorField::new_password(error)],
        verb: "Save and sign in",
        ..door(wants, "A new password", &format!("/reset/{code}"))
    })
}

/// `GET /reset/{code}`
pub async fn reset(app: App, wants: Wants, Path(code): Path<String>) -> Result<Response, Error> {
    if is_open(&app, TicketKind::Reset, &code).await? {
        page(&reset_page(&app, &wants, &code, None).await?)
    } else {
        gone_page(&wants, "link")
    }
}

/// `POST /reset/{code}`
pub async fn resets(
    app: App,
    wants: Wants,
    caller: Caller,
    jar: CookieJar,
    Path(code): Path<String>,
    Form(form): Form<Chosen>,
) -> Result<Response, Error> {
    match app.whole.accounts().reset(&app.passwords, &code, form.password).await {
        Ok(person) => {
            // Somebody who is shut out stays so, whatever they know.
            let is_in = app.whole.store.person(person).await?.is_some_and(|person| person.disabled_at.is_none());
            if is_in {
                enter(&app, jar, person, &caller, "/").await
            } else {
                Ok(Redirect::to("/login").into_response())
            }
        }
        Err(NotMade::Invalid(problems)) => {
            let again = reset_page(&app, &wants, &code, problems.password).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)?).into_response())
        }
        Err(NotMade::Gone) => gone_page(&wants, "link"),
        Err(NotMade::Busy) => Ok(busy()),
        Err(NotMade::Store(error)) => Err(error.into()),
    }
}
