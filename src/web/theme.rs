//! The choice of colours, kept in a cookie.

use axum::Form;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::Deserialize;

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
    // Only a path of ours: `//host` and `/\host` are other sites to a browser.
    let is_path = |path: &String| {
        path.starts_with('/') && !path[1..].starts_with(['/', '\\']) && !path.contains(char::is_control)
    };
    let back = choice.back.filter(is_path).unwrap_or_else(|| "/".to_owned());
    (jar.add(cookie), Redirect::to(&back)).into_response()
}
