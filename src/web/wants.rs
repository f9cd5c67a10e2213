//! What the browser can take as an answer, and where it is. The only reader and writer of `HX-*`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;

use super::error::Error;
use super::view::{Look, Message, Theme};
use crate::domain::{PersonId, SessionId, Viewer};

/// Tells htmx to load a page.
const REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");
/// The cookie that holds the choice of colours.
pub const THEME: &str = "theme";
/// The cookie that holds how walls are shown.
pub const LOOK: &str = "look";

/// How to answer.
#[derive(Debug, Clone)]
pub struct Wants {
    /// Parts of the open page, rather than a page.
    pub partial: bool,
    /// The path and query of the page that asks, if it told.
    pub page: Option<String>,
    /// The person's colours.
    pub theme: Theme,
    /// How they like to see walls.
    pub look: Look,
    /// Who asks.
    pub person: PersonId,
    /// By which session; none without accounts.
    pub session: Option<SessionId>,
}

impl<S: Sync> FromRequestParts<S> for Wants {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let viewer = parts.extensions.get::<Viewer>().copied();
        let session = parts.extensions.get::<SessionId>().copied();
        Ok(Self {
            person: viewer.map_or(PersonId::from_i64(0), |viewer| viewer.person),
            session,
            ..Self::read(&parts.headers)
        })
    }
}

impl Wants {
    /// From a request's headers.
    pub fn read(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let partial = text("hx-request-type").is_some_and(|kind| kind == "partial");
        let page = text("hx-current-url")
            .or_else(|| text(header::REFERER.as_str()))
            .and_then(|address| url::Url::parse(address).ok())
            .map(|address| address[url::Position::BeforePath..url::Position::AfterQuery].to_owned());
        let jar = CookieJar::from_headers(headers);
        let theme = jar.get(THEME).map(|cookie| Theme::read(cookie.value())).unwrap_or_default();
        let look = jar.get(LOOK).map(|cookie| Look::read(cookie.value())).unwrap_or_default();
        Self { partial, page, theme, look, person: PersonId::from_i64(0), session: None }
    }

    /// The path of the page that asks, without its query.
    pub fn path(&self) -> &str {
        self.page.as_deref().map_or("", |page| page.split('?').next().unwrap_or_default())
    }

    /// Leads to another page, whoever asks.
    pub fn go(&self, path: &str) -> Response {
        if self.partial {
            let target = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
            ([(REDIRECT, target)], "").into_response()
        } else {
            Redirect::to(path).into_response()
        }
    }
}

impl IntoResponse for Message {
    fn into_response(self) -> Response {
        axum::response::Html(self.into_string()).into_response()
    }
}

/// A page, printed.
pub fn page(page: &impl askama::Template) -> Result<Response, Error> {
    let html = page.render().map_err(|error| Error::Internal(error.into()))?;
    Ok(axum::response::Html(html).into_response())
}
