//! The choice of colours, kept in a cookie.

use axum::Form;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::Deserialize;

use super::shelf::local;
use super::view::Theme;
use super::wants::THEME;

/// The form of the rail.
#[derive(Debug, Deserialize)]
pub struct Choice {
    theme: String,
    back: Option<String>,
}

/// `POST /theme`
pub async fn update(jar: CookieJar, Form(choice): Form<Choice>) -> Response {
    let theme = Theme::read(&choice.theme);
    let cookie = Cookie::build((THEME, theme.as_str())).path("/").http_only(true).same_site(SameSite::Lax).permanent();
    let back = choice.back.as_deref().and_then(local).unwrap_or("/").to_owned();
    (jar.add(cookie), Redirect::to(&back)).into_response()
}
