//! What clients send: JSON, multipart with and without files, or a form; one tree of fields either way.
//! SDKs write nested fields of a multipart body as `a[b]`, `a[][b]` and `a[b][]` (probed with openai-python 3.54 and
//! openai-node 7.57), and numbers as text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::body::to_bytes;
use axum::extract::multipart::{Field as Part, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use base64::Engine as _;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::error::ApiError;
use crate::studio::Incoming;
use crate::web::App;

/// The largest JSON body: a picture of 20 MB as base64, and a little.
const JSON_BYTES: usize = 32 * 1024 * 1024;
/// The largest text field of a multipart body.
const TEXT_BYTES: usize = 28 * 1024 * 1024;
/// The largest file.
const FILE_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Fields and files of one body.
const MOST_FIELDS: usize = 128;
/// How deep fields may lie in each other.
const DEEPEST: usize = 8;

/// A file that was received.
#[derive(Debug)]
pub struct Sent {
    /// What it was called.
    pub name: String,
    /// Where it is for now.
    pub file: Incoming,
    sha256: String,
}

/// What was sent.
#[derive(Debug, Default)]
pub struct Body {
    fields: Map<String, Value>,
    files: BTreeMap<String, Sent>,
    /// Tells this body from others: the same bytes of fields and files have the same.
    pub print: String,
}

fn broken(error: &MultipartError) -> ApiError {
    let status = if error.status() == StatusCode::PAYLOAD_TOO_LARGE { error.status() } else { StatusCode::BAD_REQUEST };
    ApiError::new(status, "invalid_body", format!("The body did not arrive whole: {}.", error.body_text()))
}

fn wrong(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "invalid_body", message)
}

/// What JSON calls a value.
const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

impl Body {
    /// Reads the body of a request.
    pub async fn read(app: &App, request: Request) -> Result<Self, ApiError> {
        let path = request.uri().path().to_owned();
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let mut body = match kind.as_str() {
            "multipart/form-data" => {
                let form = Multipart::from_request(request, app).await;
                Self::of_form(app, form.map_err(|_| wrong("The multipart body names no boundary."))?).await?
            }
            "application/x-www-form-urlencoded" => {
                let mut body = Self::default();
                for (name, value) in url::form_urlencoded::parse(&whole(request).await?).take(MOST_FIELDS) {
                    body.put(&name, value.into_owned())?;
                }
                body
            }
            "application/json" | "" => Self::of_json(&whole(request).await?)?,
            _ => return Err(wrong("Send application/json or multipart/form-data.")),
        };
        body.print = body.fingerprint(&path);
        Ok(body)
    }

    /// A body made of fields that came another way.
    pub fn of_fields(fields: Map<String, Value>, path: &str) -> Self {
        let mut body = Self { fields, ..Self::default() };
        body.print = body.fingerprint(path);
        body
    }

    fn of_json(bytes: &[u8]) -> Result<Self, ApiError> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self { fields, ..Self::default() }),
            Ok(other) => Err(wrong(format!("The body must be a JSON object, and is {}.", kind(&other)))),
            Err(error) => {
                Err(wrong(format!("The body is not valid JSON: line {}, column {}.", error.line(), error.column())))
            }
        }
    }

    async fn of_form(app: &App, mut form: Multipart) -> Result<Self, ApiError> {
        let mut body = Self::default();
        let mut many = 0;
        while let Some(part) = form.next_field().await.map_err(|error| broken(&error))? {
            many += 1;
            if many > MOST_FIELDS {
                return Err(wrong("The body has more than 128 fields."));
            }
            let name = part.name().unwrap_or_default().to_owned();
            if name.is_empty() {
                return Err(wrong("A part of the body has no name."));
            }
            if let Some(file) = part.file_name().map(str::to_owned) {
                let (received, sha256) = receive(app, &name, part).await?;
                let sent = Sent { name: file, file: received, sha256 };
                if body.files.insert(name.clone(), sent).is_some() {
                    return Err(ApiError::field(&name, "invalid_value", format!("{name} is there twice.")));
                }
                continue;
            }
            let text = text(&name, part).await?;
            body.put(&name, text)?;
        }
        Ok(body)
    }

    /// Puts a text field where its name says: `a[b][]`.
    fn put(&mut self, name: &str, text: String) -> Result<(), ApiError> {
        let bad = || ApiError::field(name, "invalid_value", format!("{name:?} cannot be read as the name of a field."));
        let (first, rest) = name.split_once('[').map_or((name, ""), |(first, _)| (first, &name[first.len()..]));
        let mut path = vec![first];
        let mut left = rest;
        while let Some(inner) = left.strip_prefix('[') {
            let (key, after) = inner.split_once(']').ok_or_else(bad)?;
            path.push(key);
            left = after;
        }
        if !left.is_empty() || first.is_empty() || path.len() > DEEPEST {
            return Err(bad());
        }
        let twice = || ApiError::field(name, "invalid_value", format!("{name} is there twice."));
        if path.len() == 1 {
            return match self.fields.insert(first.to_owned(), Value::String(text)) {
                Some(_) => Err(twice()),
                None => Ok(()),
            };
        }
        let place = self.fields.entry(first).or_insert(Value::Null);
        set(place, &path[1..], text).then_some(()).ok_or_else(twice)
    }

    fn fingerprint(&self, path: &str) -> String {
        let mut hasher = Sha256::new();
        hasher.update(path.as_bytes());
        // Objects keep their fields in the order of their names.
        hasher.update(serde_json::to_vec(&self.fields).unwrap_or_default());
        for (name, sent) in &self.files {
            hasher.update(name.as_bytes());
            hasher.update(sent.sha256.as_bytes());
        }
        hasher.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
            // A String takes all that is written to it.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// A field as it was sent; null counts as absent.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<String>, ApiError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(mistyped(name, "a string", other)),
        }
    }

    /// A whole number, also where it is sent as text.
    pub fn number(&self, name: &str) -> Result<Option<u64>, ApiError> {
        let wanted = |value: &Value| mistyped(name, "a whole number", value);
        match self.value(name) {
            None => Ok(None),
            Some(value @ Value::String(text)) => match text.trim().parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) if text.trim().is_empty() => Ok(None),
                Err(_) => Err(wanted(value)),
            },
            Some(value @ Value::Number(number)) => number.as_u64().map(Some).ok_or_else(|| wanted(value)),
            Some(other) => Err(wanted(other)),
        }
    }

    /// Yes or no, also where it is sent as text.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if matches!(text.as_str(), "true" | "1") => Ok(Some(true)),
            Some(Value::String(text)) if matches!(text.as_str(), "false" | "0") => Ok(Some(false)),
            Some(other) => Err(mistyped(name, "a boolean", other)),
        }
    }

    /// An object, also where it is sent as JSON in a text.
    pub fn object(&self, name: &str) -> Result<Option<Map<String, Value>>, ApiError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object.clone())),
            Some(value @ Value::String(text)) => match serde_json::from_str(text) {
                Ok(Value::Object(object)) => Ok(Some(object)),
                _ => Err(mistyped(name, "an object", value)),
            },
            Some(other) => Err(mistyped(name, "an object", other)),
        }
    }

    /// Takes a file out.
    pub fn file(&mut self, name: &str) -> Option<Sent> {
        self.files.remove(name)
    }
}

/// A field of the wrong type, in the words that clients know.
fn mistyped(name: &str, wanted: &str, got: &Value) -> ApiError {
    let message = format!("Invalid type for '{name}': expected {wanted}, but got {} instead.", kind(got));
    ApiError::field(name, "invalid_type", message)
}

/// Sets what lies at a path; false when something else is there.
fn set(place: &mut Value, path: &[&str], text: String) -> bool {
    let Some((key, rest)) = path.split_first() else {
        let is_free = place.is_null();
        if is_free {
            *place = Value::String(text);
        }
        return is_free;
    };
    if key.is_empty() {
        if place.is_null() {
            *place = Value::Array(Vec::new());
        }
        let Value::Array(all) = place else { return false };
        // The next of the same object's fields goes into it; one that it has already begins the next object.
        let goes_on = match (rest.first(), all.last()) {
            (Some(field), Some(Value::Object(last))) => !last.contains_key(*field),
            _ => false,
        };
        if !goes_on {
            all.push(Value::Null);
        }
        return all.last_mut().is_some_and(|last| set(last, rest, text));
    }
    if place.is_null() {
        *place = Value::Object(Map::new());
    }
    match place {
        Value::Object(fields) => set(fields.entry(*key).or_insert(Value::Null), rest, text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => false,
    }
}

async fn whole(request: Request) -> Result<bytes::Bytes, ApiError> {
    to_bytes(request.into_body(), JSON_BYTES).await.map_err(|_| {
        ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "request_too_large",
            "The body is larger than 32 MB, or was cut off.",
        )
    })
}

async fn text(name: &str, mut part: Part<'_>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > TEXT_BYTES {
            return Err(ApiError::field(name, "invalid_value", format!("{name} is too long.")));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| ApiError::field(name, "invalid_value", format!("{name} is not UTF-8.")))
}

async fn receive(app: &App, name: &str, mut part: Part<'_>) -> Result<(Incoming, String), ApiError> {
    let incoming = Incoming::new(app.studio.files.incoming(rand::random()));
    let mut file = tokio::fs::File::create(incoming.path()).await?;
    let (mut length, mut hasher) = (0_u64, Sha256::new());
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        hasher.update(&chunk);
        length = length.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if length > FILE_BYTES {
            return Err(ApiError::field(name, "invalid_value", "The file is larger than 2 GB."));
        }
        file.write_all(&chunk).await?;
    }
    file.flush().await?;
    if length == 0 {
        return Err(ApiError::field(name, "invalid_value", format!("The file {name} is empty.")));
    }
    Ok((incoming, format!("{:x}", hasher.finalize())))
}

/// A picture in a data URL, as a file.
pub async fn picture(app: &App, url: &str) -> Result<Incoming, ApiError> {
    let bad = |words: &str| ApiError::field("input_reference", "invalid_value", words);
    let Some(rest) = url.strip_prefix("data:") else {
        return Err(bad("Rushes fetches no addresses. Send the picture as a file, or as a data URL with base64."));
    };
    let (head, data) = rest.split_once(',').ok_or_else(|| bad("The data URL is not whole."))?;
    if !head.to_ascii_lowercase().ends_with(";base64") {
        return Err(bad("The data URL must hold base64."));
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(data.trim());
    let bytes = bytes.map_err(|_| bad("The data URL does not hold base64."))?;
    let incoming = Incoming::new(app.studio.files.incoming(rand::random()));
    tokio::fs::write(incoming.path(), bytes).await?;
    Ok(incoming)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(pairs: &[(&str, &str)]) -> Result<Value, ApiError> {
        let mut body = Body::default();
        for (name, text) in pairs {
            body.put(name, (*text).to_owned())?;
        }
        Ok(Value::Object(body.fields))
    }

    #[test]
    fn bracketed_names_make_the_tree_that_sdks_mean() {
        let made = tree(&[
            ("prompt", "fox"),
            ("nested[a]", "1"),
            ("nested[b][]", "1"),
            ("nested[b][]", "2"),
            ("characters[][id]", "c"),
            ("characters[][name]", "Tom"),
            ("characters[][id]", "d"),
        ]);
        let wanted = serde_json::json!({
            "prompt": "fox", "nested": { "a": "1", "b": ["1", "2"] },
            "characters": [{ "id": "c", "name": "Tom" }, { "id": "d" }],
        });
        assert_eq!(made.ok(), Some(wanted));
    }

    #[test]
    fn names_that_mean_nothing_and_fields_that_come_twice_are_refused() {
        for pairs in [
            &[("a", "1"), ("a", "2")][..],
            &[("a[b]", "1"), ("a[b]", "2")],
            &[("a", "1"), ("a[b]", "2")],
            &[("a[b", "1")],
            &[("a[b]c", "1")],
            &[("[a]", "1")],
            &[("a[][][][][][][][][]", "1")],
        ] {
            assert!(tree(pairs).is_err(), "{pairs:?}");
        }
    }
}
