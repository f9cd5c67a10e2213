//! What comes in with a request: addresses and the composer's form, bounded and checked.

use axum::extract::multipart::{Field as Part, MultipartError};
use axum::extract::{FromRequestParts, Multipart, Path as RawPath, Query as RawQuery};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use tokio::io::AsyncWriteExt;

use super::App;
use super::error::Error;
use crate::studio::{Incoming, Submission, Upload};

/// The largest reference image that is kept.
const IMAGE_BYTES: u64 = 20 * 1024 * 1024;
/// What is read of a larger one, so that the browser hears why rather than a broken connection.
const READ_BYTES: u64 = 1024 * 1024 * 1024;
/// The largest text field that is read: over-long prompts are told apart from attacks.
const TEXT_BYTES: usize = 512 * 1024;

/// The address after `?`, with our own error page.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let query = RawQuery::<T>::from_request_parts(parts, state).await;
        query
            .map(|query| Self(query.0))
            .map_err(|_| Error::BadRequest("The address has a part that cannot be read.".to_owned()))
    }
}

/// An id in the path; what is no id leads nowhere.
pub struct Id<T>(pub T);

impl<T: std::str::FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let path = RawPath::<std::collections::HashMap<String, String>>::from_request_parts(parts, state).await;
        let path = path.map_err(|_| Error::NotFound)?;
        let text = path.get("generation").or_else(|| path.get("task")).ok_or(Error::NotFound)?;
        text.parse().map(Self).map_err(|_| Error::NotFound)
    }
}

fn broken(error: &MultipartError) -> Error {
    Error::BadRequest(format!("The form did not arrive whole: {}.", error.body_text()))
}

/// Reads the composer's form; the image goes to a temporary file at constant memory.
pub async fn submission(app: &App, mut form: Multipart) -> Result<(Submission, Option<Upload>), Error> {
    let mut submission = Submission::default();
    let mut image = None;
    let mut too_long = false;
    while let Some(part) = form.next_field().await.map_err(|error| broken(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "image" {
            if let Some(upload) = receive(app, part).await? {
                image = Some(upload);
            }
            continue;
        }
        let (value, is_whole) = text(part).await?;
        // What there is of an endless prompt comes back in the form, with a word about its length.
        too_long |= !is_whole && name != "prompt";
        match name.as_str() {
            "prompt" => submission.prompt = value,
            "model" => submission.model = Some(value),
            "aspect" => submission.aspect = Some(value),
            "resolution" => submission.resolution = Some(value),
            "seconds" => submission.seconds = Some(value),
            "variations" => submission.variations = Some(value),
            "token" => submission.token = Some(value),
            _ => {}
        }
    }
    if too_long {
        return Err(Error::BadRequest("A text field is larger than 512 kB. Shorten it.".to_owned()));
    }
    Ok((submission, image))
}

/// A text field as far as it is kept, and whether that is all of it. It is read to its end, for the
/// same reason as an image.
async fn text(mut part: Part<'_>) -> Result<(String, bool), Error> {
    let mut bytes = Vec::new();
    let mut length = 0_u64;
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        length = length.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if length > READ_BYTES {
            return Err(Error::BadRequest("A text field is larger than 1 GB.".to_owned()));
        }
        if bytes.len() + chunk.len() <= TEXT_BYTES {
            bytes.extend_from_slice(&chunk);
        }
    }
    let is_whole = usize::try_from(length).is_ok_and(|length| length == bytes.len());
    Ok((String::from_utf8_lossy(&bytes).into_owned(), is_whole))
}

async fn receive(app: &App, mut part: Part<'_>) -> Result<Option<Upload>, Error> {
    let path = app.studio.files.incoming(rand::random());
    // Removed unless it is kept: also when the browser goes away half-way.
    let incoming = Incoming::new(path);
    let mut file = tokio::fs::File::create(incoming.path()).await?;
    let mut length = 0_u64;
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        length = length.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if length > READ_BYTES {
            return Err(Error::BadRequest("The image is larger than 1 GB.".to_owned()));
        }
        if length <= IMAGE_BYTES {
            file.write_all(&chunk).await?;
        }
    }
    file.flush().await?;
    if length == 0 {
        return Ok(None);
    }
    if length > IMAGE_BYTES {
        return Ok(Some(Upload::TooLarge));
    }
    Ok(Some(Upload::Received(incoming)))
}
