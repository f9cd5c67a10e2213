//! `/v1/models`: what can be asked for here, with sizes, lengths and prices.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::error::ApiError;
use crate::domain::{self, Usd};
use crate::web::App;

/// A model.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Model {
    /// What requests call it.
    pub id: String,
    /// Always `model`.
    pub object: &'static str,
    /// Always 0: when a model was made is not known here.
    pub created: i64,
    /// The upstream that runs it.
    pub owned_by: String,
    /// Ours: what people call it.
    pub label: String,
    /// Ours: the sizes it makes, width, `x`, height in pixels.
    pub sizes: Vec<String>,
    /// Ours: the lengths it offers, in seconds.
    pub seconds: Vec<u16>,
    /// Ours: what it costs in a few words; null where nobody said.
    pub price: Option<String>,
    /// Ours: what its first size and length cost, in micro-dollars; null where nobody said.
    pub least_price_micros: Option<i64>,
    /// Ours: drawn on this machine; a preview and not an AI model.
    pub is_animatic: bool,
}

/// Every model.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ModelList {
    /// Always `list`.
    pub object: &'static str,
    /// The models.
    pub data: Vec<Model>,
}

impl Model {
    /// As the API tells it.
    pub fn of(model: domain::Model) -> Self {
        let least = model.sizes.first().zip(model.durations.offered.first());
        let least = least.and_then(|(size, seconds)| model.price.of(*size, *seconds, true));
        Self {
            price: model.price.words(),
            least_price_micros: least.map(Usd::micros),
            id: model.key,
            object: "model",
            created: 0,
            owned_by: model.upstream,
            label: model.label,
            sizes: model.sizes.iter().map(ToString::to_string).collect(),
            seconds: model.durations.offered.iter().map(|seconds| seconds.get()).collect(),
            is_animatic: model.is_animatic,
        }
    }
}

/// `GET /v1/models`
pub async fn list(app: App) -> Response {
    let data = app.studio.models().into_iter().map(Model::of).collect();
    Json(ModelList { object: "list", data }).into_response()
}

/// `GET /v1/models/{model}`; a model's key may hold a slash.
pub async fn show(app: App, Path(key): Path<String>) -> Result<Response, ApiError> {
    let model = app.studio.models().into_iter().find(|model| model.key == key || model.id == key);
    let missing = || {
        let words = "There is no such model here. GET /v1/models lists them.";
        ApiError { param: Some("model".to_owned()), ..ApiError::new(StatusCode::NOT_FOUND, "model_not_found", words) }
    };
    Ok(Json(Model::of(model.ok_or_else(missing)?)).into_response())
}
