//! A clip's files: the video and its poster.

use axum::extract::Path;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};

use super::App;
use super::error::Error;
use super::serve::{self, Served};
use crate::domain::GenerationId;
use crate::store::clips::Clip;

/// `GET /g/{generation}/{file}`: `clip.mp4` or `poster.jpg`.
pub async fn show(
    app: App,
    method: Method,
    headers: HeaderMap,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Error> {
    let id: GenerationId = id.parse().map_err(|_| Error::NotFound)?;
    let clip = app.studio.store.clip(id).await?.filter(|clip| !clip.is_erased).ok_or(Error::NotFound)?;
    let file = clip.file.as_ref().ok_or(Error::NotFound)?;
    let extension = file.path.rsplit_once('.').map_or("mp4", |(_, extension)| extension);
    let (relative, mime, tag) = if name == format!("clip.{extension}") {
        (file.path.as_str(), mime(&file.mime), &file.sha256)
    } else if name == "poster.jpg" {
        (clip.poster.as_deref().ok_or(Error::NotFound)?, poster_mime(&clip), &file.sha256)
    } else {
        return Err(Error::NotFound);
    };
    let served = Served { mime, etag: format!("\"{tag}\""), download_as: None, immutable: true };
    match serve::file(&method, &headers, &app.studio.files.at(relative), served).await {
        Ok(response) => Ok(response.into_response()),
        Err(serve::NotServed::Missing) => Err(Error::NotFound),
        Err(serve::NotServed::Unreadable(error)) => Err(Error::Internal(error.into())),
    }
}

/// A picture that a row names; each has a name of its own, so it never changes under its address.
pub async fn picture(app: &App, method: &Method, headers: &HeaderMap, relative: &str) -> Result<Response, Error> {
    let kind = relative.rsplit('.').next().unwrap_or_default();
    let mime = match kind {
        "png" => "image/png",
        "webp" => "image/webp",
        _ => "image/jpeg",
    };
    let name = relative.rsplit('/').next().unwrap_or_default();
    let served = Served { mime, etag: format!("\"{name}\""), download_as: None, immutable: true };
    match serve::file(method, headers, &app.studio.files.at(relative), served).await {
        Ok(response) => Ok(response.into_response()),
        Err(serve::NotServed::Missing) => Err(Error::NotFound),
        Err(serve::NotServed::Unreadable(error)) => Err(Error::Internal(error.into())),
    }
}

/// A small picture is its own still.
pub fn poster_mime(clip: &Clip) -> &'static str {
    match &clip.file {
        Some(file) if clip.poster.as_ref() == Some(&file.path) => mime(&file.mime),
        _ => "image/jpeg",
    }
}

/// Only what was checked on its way in is served under its own type.
pub fn mime(stored: &str) -> &'static str {
    match stored {
        "video/webm" => "video/webm",
        "video/quicktime" => "video/quicktime",
        "video/x-msvideo" => "video/x-msvideo",
        "image/png" => "image/png",
        "image/jpeg" => "image/jpeg",
        "image/webp" => "image/webp",
        "image/gif" => "image/gif",
        _ => "video/mp4",
    }
}
