//! `/v1/videos/characters`: somebody whom prompts can name. Here a character is a style of one's own with the first
//! frame of its video as its picture; a prompt that names it is told what it looks like.

use axum::Json;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::error::ApiError;
use super::read::Body;
use crate::domain::PresetId;
use crate::store::presets::Preset;
use crate::studio::{BadStyle, BadUpload, Brought, StyleForm, Submission, handle};
use crate::web::App;

/// How an id of a character begins.
const PREFIX: &str = "character_";
/// As many as a prompt may name by id.
const MOST: usize = 8;

/// A character.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Character {
    /// Its id.
    pub id: String,
    /// Always `character`.
    pub object: &'static str,
    /// When it was made, in seconds since 1970 UTC.
    pub created_at: i64,
    /// What it is called.
    pub name: String,
    /// Ours: what prompts are told of it.
    pub description: String,
}

impl Character {
    fn of(preset: Preset) -> Self {
        Self {
            id: format!("{PREFIX}{}", preset.id),
            object: "character",
            // Ids hold the moment they were made at, in milliseconds above 20 bits of chance.
            created_at: (preset.id.as_i64() >> 20).div_euclid(1_000),
            name: preset.name,
            description: preset.text,
        }
    }
}

fn missing() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "character_not_found", "There is no such character.")
}

async fn find(app: &App, text: &str) -> Result<Preset, ApiError> {
    let id: PresetId = text.strip_prefix(PREFIX).unwrap_or(text).parse().map_err(|_| missing())?;
    let preset = app.studio.store.preset(id).await?;
    preset.filter(|preset| preset.is_shared || preset.person == app.viewer().person).ok_or_else(missing)
}

/// `GET /v1/videos/characters/{character}`
pub async fn show(app: App, Path(character): Path<String>) -> Result<Response, ApiError> {
    Ok(Json(Character::of(find(&app, &character).await?)).into_response())
}

/// `POST /v1/videos/characters`: a name and a video, which joins the uploads.
pub async fn add(app: App, request: Request) -> Result<Response, ApiError> {
    let mut body = Body::read(&app, request).await?;
    let absent = |name: &str| {
        ApiError::field(name, "missing_required_parameter", format!("Missing required parameter: '{name}'."))
    };
    let name = body.text("name")?.filter(|name| !name.trim().is_empty()).ok_or_else(|| absent("name"))?;
    let sent = body.file("video").ok_or_else(|| absent("video"))?;
    let described = body.text("description")?.filter(|text| !text.trim().is_empty());
    let text = described.unwrap_or_else(|| format!("{}, as in the reference video", name.trim()));
    let form = StyleForm { name, text, is_shared: false };
    if handle(&form.name).is_empty() {
        return Err(ApiError::field("name", "invalid_value", "Use letters or digits in the name."));
    }
    let person = app.viewer().person;
    app.studio.bring(person, Brought { name: sent.name, file: sent.file }).await.map_err(|error| match error {
        BadUpload::Unfit(words) => ApiError::field("video", "invalid_value", words),
        BadUpload::Disk(error) => error.into(),
        BadUpload::Store(error) => error.into(),
    })?;
    let id = app.studio.keep_style(person, None, &form, None).await.map_err(|error| match error {
        BadStyle::Invalid(wrong) => {
            let words = wrong.into_iter().flatten().next().unwrap_or_default();
            ApiError::field("name", "invalid_value", words)
        }
        BadStyle::Other(error) => error.into(),
        BadStyle::Disk(error) => error.into(),
    })?;
    let preset = app.studio.store.preset(id).await?.ok_or_else(missing)?;
    Ok(Json(Character::of(preset)).into_response())
}

/// Has the prompt name the characters that a request lists: each must be in it by its name.
pub async fn name(app: &App, body: &Body, form: &mut Submission) -> Result<(), ApiError> {
    let bad = |words: String| ApiError::field("characters", "invalid_value", words);
    let list = match body.value("characters") {
        None => return Ok(()),
        Some(Value::Array(list)) => list.clone(),
        Some(Value::String(text)) => {
            serde_json::from_str(text).map_err(|_| bad("characters is a list of objects with an id.".to_owned()))?
        }
        Some(_) => return Err(bad("characters is a list of objects with an id.".to_owned())),
    };
    if list.len() > MOST {
        return Err(bad("A prompt names eight characters at most.".to_owned()));
    }
    for one in &list {
        let id = one.get("id").and_then(Value::as_str);
        let id = id.ok_or_else(|| bad("Each of the characters needs an id.".to_owned()))?;
        let preset = find(app, id)
            .await
            .map_err(|_| bad(format!("There is no character {:?}.", id.chars().take(60).collect::<String>())))?;
        let by = format!("@{}", handle(&preset.name));
        if form.prompt.contains(&by) {
            continue;
        }
        let Some(at) = form.prompt.to_lowercase().find(&preset.name.to_lowercase()) else {
            return Err(bad(format!("The prompt does not name {}.", preset.name)));
        };
        let end = at + preset.name.len();
        match (form.prompt.get(..at), form.prompt.get(end..)) {
            (Some(before), Some(after)) => form.prompt = format!("{before}{by}{after}"),
            _ => form.prompt = format!("{} {by}", form.prompt),
        }
    }
    Ok(())
}
