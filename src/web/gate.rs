//! Who may come in, and what each role may ask for: one table of every route. An address that is not in it
//! is for nobody.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use url::Url;

use super::App;
use super::api;
use super::error::Error;
use super::wants::Wants;
use crate::domain::{Right, Scope, SessionId, Viewer};
use crate::store;
use crate::studio::Passwords;

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: strangers, too.
    Open,
    /// To be signed in, with this right.
    Right(Right),
    /// The same as `Right::Make`, and that the clip is one's own or one may steer everybody's; the use case
    /// looks after the second half, since it knows whose it is.
    Clip,
    /// A key of the API with this scope.
    Key(Scope),
}

impl Need {
    /// The right that somebody must have.
    pub const fn right(self) -> Option<Right> {
        match self {
            Self::Open | Self::Key(_) => None,
            Self::Right(right) => Some(right),
            Self::Clip => Some(Right::Make),
        }
    }
}

const LOOK: Option<Need> = Some(Need::Right(Right::Look));
const OWN: Option<Need> = Some(Need::Right(Right::Own));
const MAKE: Option<Need> = Some(Need::Right(Right::Make));
const MANAGE: Option<Need> = Some(Need::Right(Right::Manage));
const CLIP: Option<Need> = Some(Need::Clip);
const OPEN: Option<Need> = Some(Need::Open);
const NONE: Option<Need> = None;
const KEY_READ: Option<Need> = Some(Need::Key(Scope::Read));
const KEY_CREATE: Option<Need> = Some(Need::Key(Scope::Create));
const KEY_DELETE: Option<Need> = Some(Need::Key(Scope::Delete));

/// Every route with what reading it and what changing something by it needs.
pub const RULES: &[(&str, Option<Need>, Option<Need>)] = &[
    ("/", LOOK, NONE),
    ("/mine", LOOK, NONE),
    ("/favorites", LOOK, NONE),
    ("/uploads", LOOK, MAKE),
    ("/folders", LOOK, MAKE),
    ("/f/{folder}", LOOK, NONE),
    ("/f/{folder}/rename", NONE, MAKE),
    ("/f/{folder}/remove", NONE, MAKE),
    ("/trash", LOOK, NONE),
    ("/trash/undo", NONE, MAKE),
    ("/trash/empty", MAKE, MAKE),
    // What is done with the clips decides: each act asks for its own right.
    ("/selection", NONE, OWN),
    ("/selection/download", NONE, LOOK),
    ("/compose", LOOK, MAKE),
    ("/coach", NONE, LOOK),
    ("/draft", NONE, OWN),
    ("/tasks", NONE, MAKE),
    ("/many", MAKE, MAKE),
    ("/t/{task}", LOOK, NONE),
    ("/t/{task}/compare", LOOK, NONE),
    ("/t/{task}/edit", MAKE, CLIP),
    ("/g/{generation}", LOOK, NONE),
    ("/g/{generation}/cancel", NONE, CLIP),
    ("/g/{generation}/retry", NONE, CLIP),
    ("/g/{generation}/check", NONE, CLIP),
    ("/g/{generation}/adopt", NONE, CLIP),
    ("/g/{generation}/send-again", NONE, CLIP),
    ("/g/{generation}/give-up", NONE, CLIP),
    ("/g/{generation}/move", NONE, CLIP),
    ("/g/{generation}/visibility", NONE, CLIP),
    ("/g/{generation}/favorite", NONE, OWN),
    ("/g/{generation}/best", NONE, CLIP),
    ("/g/{generation}/words", NONE, CLIP),
    ("/g/{generation}/folders", NONE, MAKE),
    ("/g/{generation}/delete", NONE, CLIP),
    ("/g/{generation}/restore", NONE, CLIP),
    ("/g/{generation}/reroll", NONE, MAKE),
    ("/g/{generation}/remix", MAKE, NONE),
    ("/g/{generation}/extend", MAKE, NONE),
    ("/g/{generation}/trim", MAKE, MAKE),
    ("/g/{generation}/loop", MAKE, MAKE),
    ("/g/{generation}/blend", MAKE, MAKE),
    ("/g/{generation}/convert", MAKE, MAKE),
    ("/g/{generation}/frame", LOOK, NONE),
    ("/g/{generation}/{file}", LOOK, NONE),
    ("/storyboards", MAKE, MAKE),
    ("/storyboards/{storyboard}", MAKE, MAKE),
    ("/storyboards/{storyboard}/duplicate", NONE, MAKE),
    ("/storyboards/{storyboard}/remove", NONE, MAKE),
    ("/storyboards/{storyboard}/{file}", MAKE, NONE),
    ("/stitch", MAKE, MAKE),
    ("/attach", MAKE, NONE),
    ("/presets", LOOK, MAKE),
    ("/presets/{preset}", NONE, MAKE),
    ("/presets/{preset}/remove", NONE, MAKE),
    ("/presets/{preset}/{file}", LOOK, NONE),
    ("/queue", LOOK, NONE),
    ("/queue/pause", NONE, MAKE),
    ("/queue/resume", NONE, MAKE),
    ("/queue/clear", NONE, MAKE),
    ("/activity", LOOK, NONE),
    ("/activity/seen", NONE, OWN),
    ("/settings", LOOK, NONE),
    ("/look", NONE, OWN),
    ("/shortcuts", LOOK, NONE),
    ("/help/{topic}", LOOK, NONE),
    ("/docs/api", LOOK, NONE),
    ("/live", LOOK, NONE),
    ("/live/now", LOOK, NONE),
    ("/theme", NONE, OPEN),
    ("/login", OPEN, OPEN),
    ("/logout", NONE, OPEN),
    ("/setup", OPEN, OPEN),
    ("/join/{code}", OPEN, OPEN),
    ("/reset/{code}", OPEN, OPEN),
    ("/keys", OWN, OWN),
    ("/keys/{key}/revoke", NONE, OWN),
    ("/webhooks", OWN, OWN),
    ("/webhooks/{webhook}", OWN, NONE),
    ("/webhooks/{webhook}/remove", NONE, OWN),
    ("/webhooks/{webhook}/on", NONE, OWN),
    ("/webhooks/{webhook}/off", NONE, OWN),
    ("/webhooks/{webhook}/redeliver/{delivery}", NONE, OWN),
    ("/account", OWN, NONE),
    ("/account/name", NONE, OWN),
    ("/account/password", NONE, OWN),
    ("/account/zone", NONE, OWN),
    ("/account/visibility", NONE, OWN),
    ("/account/sessions/{session}/end", NONE, OWN),
    ("/account/sessions/end-others", NONE, OWN),
    ("/usage", OWN, NONE),
    ("/usage.csv", OWN, NONE),
    ("/admin/users", MANAGE, NONE),
    ("/admin/users/{person}", NONE, MANAGE),
    ("/admin/users/{person}/reset", NONE, MANAGE),
    ("/admin/users/{person}/disable", NONE, MANAGE),
    ("/admin/users/{person}/enable", NONE, MANAGE),
    ("/admin/users/{person}/remove", MANAGE, MANAGE),
    ("/admin/invites", NONE, MANAGE),
    ("/admin/invites/{ticket}/revoke", NONE, MANAGE),
    ("/admin/plans", MANAGE, MANAGE),
    ("/admin/plans/{plan}", NONE, MANAGE),
    ("/admin/plans/{plan}/remove", NONE, MANAGE),
    ("/admin/usage", MANAGE, NONE),
    ("/admin/usage.csv", MANAGE, NONE),
    ("/admin/budgets", NONE, MANAGE),
    ("/admin/status", MANAGE, NONE),
    ("/v1/videos", KEY_READ, KEY_CREATE),
    ("/v1/videos/edits", NONE, KEY_CREATE),
    ("/v1/videos/extensions", NONE, KEY_CREATE),
    ("/v1/videos/characters", NONE, KEY_CREATE),
    ("/v1/videos/characters/{character}", KEY_READ, NONE),
    ("/v1/videos/{video}", KEY_READ, KEY_DELETE),
    ("/v1/videos/{video}/content", KEY_READ, NONE),
    ("/v1/videos/{video}/remix", NONE, KEY_CREATE),
    // What a tool does decides: each asks for its own scope.
    ("/mcp", KEY_READ, KEY_READ),
    ("/v1/openapi.json", OPEN, NONE),
    ("/v1/models", KEY_READ, NONE),
    ("/v1/models/{*model}", KEY_READ, NONE),
    ("/health", OPEN, NONE),
    ("/metrics", MANAGE, NONE),
    ("/static/{hash}/{*name}", OPEN, NONE),
    ("/styleguide", LOOK, NONE),
];

/// What a method of a route needs; none where there is no rule, which is for nobody.
pub fn need(route: &str, method: &Method) -> Option<Need> {
    let (_, read, change) = RULES.iter().find(|(path, ..)| *path == route)?;
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) { *read } else { *change }
}

/// Under which names and behind which proxies Rushes is reached.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Whether only this machine can reach the address.
    pub is_loopback: bool,
    /// Whether anybody who reaches it may come in without an account.
    pub open_to_everyone: bool,
    /// How people reach it, where that was said.
    pub public_url: Option<Url>,
    /// Whose forwarded headers count.
    pub trusted_proxies: Vec<IpAddr>,
    /// The fingerprint of the token with which `/metrics` is read without an account.
    pub metrics_token: Option<String>,
}

impl Reach {
    /// Whether cookies travel on https only.
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }

    /// Whether what people type, passwords included, crosses a network that others can listen to.
    pub fn is_overheard(&self) -> bool {
        !self.is_loopback && !self.is_https()
    }

    /// The name of the session's cookie: on https one that no other host and no plain request can set.
    pub fn cookie(&self) -> &'static str {
        if self.is_https() { "__Host-rushes" } else { "rushes" }
    }

    /// Whether a request shows the token that a scraper has.
    pub fn may_scrape(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).map(Passwords::fingerprint);
        // Fingerprints are compared, so that the time it takes tells nothing of the token.
        shown.is_some() && shown == self.metrics_token
    }

    /// Where a request really came from: the last address that no trusted proxy wrote.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.trusted_proxies.contains(&peer) {
            return peer;
        }
        let named = HeaderName::from_static("x-forwarded-for");
        let hops = headers.get_all(named).iter().filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(','));
        let hops: Vec<IpAddr> = hops.filter_map(|hop| hop.trim().parse().ok()).collect();
        hops.into_iter().rev().find(|hop| !self.trusted_proxies.contains(hop)).unwrap_or(peer)
    }
}

/// Where a request came from.
pub fn client(app: &App, request: &axum::http::request::Parts) -> IpAddr {
    let peer = request.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    app.reach.client(peer.unwrap_or(IpAddr::from([127, 0, 0, 1])), &request.headers)
}

/// Who asks, as far as that can be told.
enum Asks {
    Somebody(Viewer, Option<SessionId>),
    /// There are accounts, and this is none of them.
    Stranger,
    /// There are no accounts yet, and others than this machine can ask.
    Nobody,
}

async fn who(app: &App, headers: &HeaderMap) -> Result<Asks, store::Error> {
    let store = &app.whole.store;
    let cookie = CookieJar::from_headers(headers).get(app.reach.cookie()).map(|cookie| cookie.value().to_owned());
    if let Some(secret) = cookie.filter(|secret| secret.len() <= 128)
        && let Some((session, viewer)) = store.session(&Passwords::fingerprint(&secret), app.whole.clock.now()).await?
    {
        return Ok(Asks::Somebody(viewer, Some(session)));
    }
    if store.has_accounts().await? {
        return Ok(Asks::Stranger);
    }
    let is_alone = app.reach.is_loopback || app.reach.open_to_everyone;
    Ok(if is_alone { Asks::Somebody(Viewer::ALONE, None) } else { Asks::Nobody })
}

/// Lets in whoever may, and tells the rest where to go.
pub async fn gate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    // What is at no address is still not shown to strangers, who could otherwise tell addresses apart.
    let need = match &route {
        Some(route) => need(route, request.method()),
        None => LOOK,
    };
    if api::is_api(request.uri().path()) {
        return api::gate(app, need, route.is_some(), request, next).await;
    }
    if route.as_deref() == Some("/metrics") && app.reach.may_scrape(request.headers()) {
        return next.run(request).await;
    }
    let asks = match who(&app, request.headers()).await {
        Ok(asks) => asks,
        Err(error) => return Error::from(error).into_response(),
    };
    let viewer = match (need, asks) {
        (Some(Need::Open), Asks::Somebody(viewer, session)) => Some((viewer, session)),
        (Some(Need::Open), Asks::Stranger | Asks::Nobody) => None,
        // A method that the route does not have is told by the router.
        (None, Asks::Somebody(viewer, session)) if route.is_some() => Some((viewer, session)),
        (None, Asks::Somebody(..)) => return Error::NotFound.into_response(),
        (_, Asks::Stranger) if route.as_deref() == Some("/metrics") => return scraper(),
        (_, Asks::Stranger) => return sign_in(&request, "/login"),
        (_, Asks::Nobody) => return sign_in(&request, "/setup"),
        (Some(need @ (Need::Right(_) | Need::Clip | Need::Key(_))), Asks::Somebody(viewer, session)) => {
            if need.right().is_some_and(|right| !viewer.may(right)) {
                return told(
                    viewer,
                    Error::NotYours("Your role does not include this. Ask an owner or admin.").into_response(),
                );
            }
            Some((viewer, session))
        }
    };
    let Some((viewer, session)) = viewer else { return next.run(request).await };
    request.extensions_mut().insert(viewer);
    if let Some(session) = session {
        request.extensions_mut().insert(session);
    }
    told(viewer, next.run(request).await)
}

/// Layers outside of this one learn from the answer who asked.
fn told(viewer: Viewer, mut response: Response) -> Response {
    response.extensions_mut().insert(viewer);
    response
}

/// Leads to the page where one signs in, and back afterwards.
fn sign_in(request: &Request, page: &str) -> Response {
    let wants = Wants::read(request.headers());
    let is_page = request.method() == Method::GET && !wants.partial && !request.uri().path().starts_with("/live");
    if is_page {
        let here = request.uri().path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
        let next = if here == "/" || page == "/setup" { String::new() } else { format!("?next={}", escaped(here)) };
        return Redirect::to(&format!("{page}{next}")).into_response();
    }
    if wants.partial {
        let target = HeaderValue::from_static(if page == "/setup" { "/setup" } else { "/login" });
        return (StatusCode::UNAUTHORIZED, [(HeaderName::from_static("hx-redirect"), target)], "").into_response();
    }
    if request.method() == Method::GET {
        return (StatusCode::UNAUTHORIZED, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "Sign in first.")
            .into_response();
    }
    Redirect::to(page).into_response()
}

/// A scraper cannot sign in, and is told what it can do.
fn scraper() -> Response {
    let words = "Send the token that metrics_token (RUSHES_METRICS_TOKEN) names: Authorization: Bearer TOKEN\n";
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")], words).into_response()
}

fn escaped(path: &str) -> String {
    percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_addresses_count_from_trusted_proxies_only() {
        let reach = |trusted: &[&str]| Reach {
            is_loopback: false,
            open_to_everyone: false,
            public_url: None,
            trusted_proxies: trusted.iter().map(|ip| ip.parse().expect("an address")).collect(),
            metrics_token: None,
        };
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("6.6.6.6, 203.0.113.9"));
        headers.append("x-forwarded-for", HeaderValue::from_static("10.0.0.2"));
        let ask = |reach: Reach, peer: &str| reach.client(peer.parse().expect("an address"), &headers).to_string();
        assert_eq!(ask(reach(&[]), "10.0.0.1"), "10.0.0.1", "anybody can write such a header");
        assert_eq!(ask(reach(&["10.0.0.1"]), "10.0.0.1"), "10.0.0.2");
        assert_eq!(ask(reach(&["10.0.0.1", "10.0.0.2"]), "10.0.0.1"), "203.0.113.9", "the last one not trusted");
        assert_eq!(ask(reach(&["10.0.0.1"]), "192.0.2.7"), "192.0.2.7");
    }
}
