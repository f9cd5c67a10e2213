//! Static files, each under the hash of its content, so that browsers keep them for good.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::error::Error;
use super::view::asset;

/// `GET /static/{hash}/{name}`
pub async fn show(Path((hash, name)): Path<(String, String)>) -> Result<Response, Error> {
    let asset = asset::serve(&hash, &name).ok_or(Error::NotFound)?;
    let headers = [(header::CONTENT_TYPE, asset.mime), (header::CACHE_CONTROL, asset.cache)];
    Ok((headers, asset.bytes.into_owned()).into_response())
}
