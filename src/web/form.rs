//! What comes in with a request: addresses and the composer's form, bounded and checked.

use axum::extract::multipart::{Field as Part, MultipartError};
use axum::extract::{FromRequestParts, Multipart, Path as RawPath, Query as RawQuery};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use tokio::io::AsyncWriteExt;

use super::App;
use super::error::Error;
use crate::studio::{Brought, Incoming, MOST_BYTES, Pictures, Submission, Upload};

/// The largest reference image that is kept.
const IMAGE_BYTES: u64 = 20 * 1024 * 1024;
/// What is read of a larger one, so that the browser hears why rather than a broken connection.
const READ_BYTES: u64 = 1024 * 1024 * 1024;
/// The largest upload that is kept, and what is read of a larger one.
const UPLOAD_BYTES: u64 = 2 * 1024 * 1024 * 1024;
const READ_UPLOAD: u64 = 4 * 1024 * 1024 * 1024;
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
        let text =
            ["generation", "task", "folder", "preset", "storyboard", "session", "person", "ticket", "key", "webhook"]
                .iter()
                .find_map(|name| path.get(*name))
                .ok_or(Error::NotFound)?;
        text.parse().map(Self).map_err(|_| Error::NotFound)
    }
}

/// A form that did not arrive whole.
pub fn broken(error: &MultipartError) -> Error {
    Error::BadRequest(format!("The form did not arrive whole: {}.", error.body_text()))
}

/// The most pictures that are received with one form.
const MOST_PICTURES: usize = 16;

/// Reads the composer's form; images go to temporary files at constant memory.
pub async fn submission(app: &App, mut form: Multipart) -> Result<(Submission, Pictures), Error> {
    let mut submission = Submission::default();
    let mut pictures = Pictures::default();
    let mut too_long = false;
    let mut insert = None;
    while let Some(part) = form.next_field().await.map_err(|error| broken(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        if matches!(name.as_str(), "image" | "last_image" | "images") {
            if let Some(upload) = receive(app, part).await? {
                match name.as_str() {
                    "image" => pictures.first = Some(upload),
                    "last_image" => pictures.last = Some(upload),
                    _ if pictures.more.len() < MOST_PICTURES => pictures.more.push(upload),
                    _ => {}
                }
            }
            continue;
        }
        let (value, is_whole) = text(part).await?;
        // What there is of an endless prompt comes back in the form, with a word about its length.
        too_long |= !is_whole && name != "prompt";
        match name.as_str() {
            "prompt" => submission.prompt = value,
            "token" => submission.token = Some(value),
            "from" => submission.from = value.parse().ok(),
            "remix" => submission.remix = value.parse().ok(),
            "extend" => submission.extend = value.parse().ok(),
            "insert" => insert = Some(value),
            name => drop(submission.set(name, &value)),
        }
    }
    if let Some(phrase) = insert {
        submission.insert(&phrase);
    }
    if too_long {
        return Err(Error::BadRequest("A text field is larger than 512 kB. Shorten it.".to_owned()));
    }
    Ok((submission, pictures))
}

/// A list or a file of many prompts, as it was sent.
#[derive(Debug, Default)]
pub struct Many {
    /// The one-use key.
    pub token: String,
    /// What was typed.
    pub text: String,
    /// A file, which counts more than the text.
    pub file: Option<Vec<u8>>,
    /// The settings of prompts that say nothing else.
    pub form: Submission,
    /// A person has seen what it makes.
    pub confirm: bool,
}

/// Reads the form for many prompts. What is more than may be sent is read to its end and not kept.
pub async fn many(mut form: Multipart) -> Result<Many, Error> {
    let mut many = Many::default();
    while let Some(mut part) = form.next_field().await.map_err(|error| broken(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let (mut bytes, mut length) = (Vec::new(), 0_u64);
        while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
            length = length.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if length > READ_BYTES {
                return Err(Error::BadRequest("The file is larger than 1 GB.".to_owned()));
            }
            // One byte more than is taken, so that it is seen to be too much.
            let room = (MOST_BYTES + 1).saturating_sub(bytes.len());
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        if name == "file" {
            many.file = Some(bytes).filter(|bytes| !bytes.is_empty()).or(many.file);
            continue;
        }
        let value = String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "text" => many.text = value,
            "token" => many.token = value,
            "confirm" => many.confirm = value == "1",
            name => drop(many.form.set(name, &value)),
        }
    }
    Ok(many)
}

/// A file of an upload.
pub enum File {
    /// It is here.
    Received(Brought),
    /// It was larger than is kept; its name.
    TooLarge(String),
    /// There was nothing in it; its name.
    Empty(String),
}

/// Receives the next file of an upload.
pub async fn next_file(app: &App, form: &mut Multipart) -> Result<Option<File>, Error> {
    while let Some(mut part) = form.next_field().await.map_err(|error| broken(&error))? {
        let name = part.file_name().unwrap_or_default().to_owned();
        if part.name() != Some("file") || name.is_empty() {
            continue;
        }
        let shown: String = name.chars().filter(|sign| !sign.is_control()).take(100).collect();
        let file = Incoming::new(app.studio.files.incoming(rand::random()));
        let mut out = tokio::fs::File::create(file.path()).await?;
        let mut length = 0_u64;
        while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
            length = length.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if length > READ_UPLOAD {
                return Err(Error::BadRequest(format!("{shown} is far larger than 2 GB.")));
            }
            if length <= UPLOAD_BYTES {
                out.write_all(&chunk).await?;
            }
        }
        out.flush().await?;
        return Ok(Some(match length {
            0 => File::Empty(shown),
            length if length > UPLOAD_BYTES => File::TooLarge(shown),
            _ => File::Received(Brought { name, file }),
        }));
    }
    Ok(None)
}

/// A text field as far as it is kept, and whether that is all of it. It is read to its end, for the
/// same reason as an image.
pub async fn text(mut part: Part<'_>) -> Result<(String, bool), Error> {
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

/// Receives a picture into a temporary file; none where nothing was chosen.
pub async fn receive(app: &App, mut part: Part<'_>) -> Result<Option<Upload>, Error> {
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
