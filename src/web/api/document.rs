//! `/v1/openapi.json`: the API as `OpenAPI` 3.1, made of the types that answer and of one table of operations.

use axum::Json;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::characters::Character;
use super::error::Envelope;
use super::models::{Model, ModelList};
use super::video::Video;
use super::videos::{Deleted, VideoList};
use crate::domain::Scope;

/// A picture to begin with: exactly one of its fields.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "what requests hold is read leniently; this says what to send")]
struct Reference {
    /// A data URL with a PNG, JPEG or WebP as base64.
    image_url: Option<String>,
    /// A video or an upload of yours; its first frame is taken.
    file_id: Option<String>,
}

/// What is named by its id.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "see Reference")]
struct Named {
    /// The id.
    id: String,
}

/// A video to make.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "see Reference")]
struct CreateVideo {
    /// What to see, 1 to 4,000 characters.
    prompt: String,
    /// A model of `GET /v1/models`. Without it, the first.
    model: Option<String>,
    /// Whole seconds, as text or as a number. Without it, the shortest that the model offers.
    seconds: Option<String>,
    /// Width, `x`, height in pixels. Without it, 720x1280 where the model has it.
    size: Option<String>,
    /// Ours: the shape such as 16:9, instead of a size.
    aspect_ratio: Option<String>,
    /// Ours: the resolution such as 720p, instead of a size.
    resolution: Option<String>,
    /// The first frame: a file in a multipart body, or this object.
    input_reference: Option<Reference>,
    /// Characters of yours that the prompt names.
    characters: Option<Vec<Named>>,
    /// Ours: 1 to 4 variations; the first is answered, and names the others.
    variations: Option<u8>,
    /// Ours: the same as `variations`.
    n: Option<u8>,
    /// Ours: 0 to 2147483647, for models that take a seed.
    seed: Option<u32>,
    /// Ours: what shall not be seen, for models that take it apart.
    negative_prompt: Option<String>,
    /// Ours: with or without sound, for models that let one choose.
    audio: Option<bool>,
    /// Ours: a style by its key.
    style: Option<String>,
    /// Ours: `team` or `private`.
    visibility: Option<String>,
    /// Ours: dollars that it may cost at most, such as "0.80"; dearer ones are refused.
    max_cost_usd: Option<String>,
}

/// How a video is to be changed.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "see Reference")]
struct RemixVideo {
    /// The change.
    prompt: String,
    /// Ours: another model.
    model: Option<String>,
    /// Ours: `subtle`, `mild` or `strong`.
    strength: Option<String>,
    /// Ours: as in create.
    seed: Option<u32>,
}

/// A video to be changed, by its id or as a file of a multipart body.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "see Reference")]
struct EditVideo {
    /// The change.
    prompt: String,
    /// The video.
    video: Named,
    /// Ours: another model; needed with a file.
    model: Option<String>,
}

/// A video that is to go on, by its id or as a file of a multipart body.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "see Reference")]
struct ExtendVideo {
    /// What happens next.
    prompt: String,
    /// The video.
    video: Named,
    /// How much longer, in whole seconds.
    seconds: Option<String>,
    /// Ours: another model; needed with a file.
    model: Option<String>,
}

/// Somebody whom prompts can name. Sent as multipart, with the file `video`.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "see Reference")]
struct CreateCharacter {
    /// What they are called.
    name: String,
    /// Ours: what prompts are told of them.
    description: Option<String>,
}

/// One thing that can be asked for.
struct Operation {
    method: &'static str,
    path: &'static str,
    id: &'static str,
    scope: Scope,
    words: &'static str,
    /// Names of what stands in the path or the query, where it stands, and what it is.
    parameters: &'static [(&'static str, &'static str, &'static str)],
    body: Option<fn(&mut SchemaGenerator) -> schemars::Schema>,
    answer: Option<fn(&mut SchemaGenerator) -> schemars::Schema>,
}

const VIDEO: (&str, &str, &str) = ("video_id", "path", "The id of a video.");

/// Every operation of the API.
fn operations() -> Vec<Operation> {
    let plain = |method, path, id, scope, words| Operation {
        method,
        path,
        id,
        scope,
        words,
        parameters: &[],
        body: None,
        answer: None,
    };
    let video: fn(&mut SchemaGenerator) -> schemars::Schema = SchemaGenerator::subschema_for::<Video>;
    vec![
        Operation {
            body: Some(SchemaGenerator::subschema_for::<CreateVideo>),
            answer: Some(video),
            ..plain("post", "/v1/videos", "createVideo", Scope::Create, "Put a video in the queue.")
        },
        Operation {
            parameters: &[
                ("after", "query", "The last id of the page before."),
                ("limit", "query", "1 to 100; 20 without it."),
                ("order", "query", "asc or desc by time; desc without it."),
            ],
            answer: Some(SchemaGenerator::subschema_for::<VideoList>),
            ..plain("get", "/v1/videos", "listVideos", Scope::Read, "List your videos.")
        },
        Operation {
            parameters: &[VIDEO],
            answer: Some(video),
            ..plain("get", "/v1/videos/{video_id}", "retrieveVideo", Scope::Read, "How a video stands.")
        },
        Operation {
            parameters: &[VIDEO],
            answer: Some(SchemaGenerator::subschema_for::<Deleted>),
            ..plain("delete", "/v1/videos/{video_id}", "deleteVideo", Scope::Delete, "Move a video to the trash.")
        },
        Operation {
            parameters: &[VIDEO, ("variant", "query", "video, thumbnail or spritesheet; video without it.")],
            ..plain("get", "/v1/videos/{video_id}/content", "downloadVideo", Scope::Read, "The file of a video.")
        },
        Operation {
            parameters: &[VIDEO],
            body: Some(SchemaGenerator::subschema_for::<RemixVideo>),
            answer: Some(video),
            ..plain("post", "/v1/videos/{video_id}/remix", "remixVideo", Scope::Create, "Change a video.")
        },
        Operation {
            body: Some(SchemaGenerator::subschema_for::<EditVideo>),
            answer: Some(video),
            ..plain("post", "/v1/videos/edits", "editVideo", Scope::Create, "Change a video of yours or a file.")
        },
        Operation {
            body: Some(SchemaGenerator::subschema_for::<ExtendVideo>),
            answer: Some(video),
            ..plain("post", "/v1/videos/extensions", "extendVideo", Scope::Create, "Have a video go on.")
        },
        Operation {
            body: Some(SchemaGenerator::subschema_for::<CreateCharacter>),
            answer: Some(SchemaGenerator::subschema_for::<Character>),
            ..plain("post", "/v1/videos/characters", "createCharacter", Scope::Create, "Keep a character.")
        },
        Operation {
            parameters: &[("character_id", "path", "The id of a character.")],
            answer: Some(SchemaGenerator::subschema_for::<Character>),
            ..plain(
                "get",
                "/v1/videos/characters/{character_id}",
                "retrieveCharacter",
                Scope::Read,
                "A character of yours.",
            )
        },
        Operation {
            answer: Some(SchemaGenerator::subschema_for::<ModelList>),
            ..plain("get", "/v1/models", "listModels", Scope::Read, "Every model, with sizes, lengths and prices.")
        },
        Operation {
            parameters: &[("model", "path", "The id of a model.")],
            answer: Some(SchemaGenerator::subschema_for::<Model>),
            ..plain("get", "/v1/models/{model}", "retrieveModel", Scope::Read, "One model.")
        },
    ]
}

fn described(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let error = generator.subschema_for::<Envelope>();
    let parameters: Vec<Value> = operation
        .parameters
        .iter()
        .map(|(name, place, words)| {
            json!({
                "name": name, "in": place, "required": *place == "path", "description": words,
                "schema": { "type": "string" },
            })
        })
        .collect();
    let answer = match operation.answer {
        Some(schema) => json!({ "application/json": { "schema": schema(generator) } }),
        None => json!({ "video/mp4": { "schema": { "type": "string", "contentMediaType": "video/mp4" } } }),
    };
    let mut about = json!({
        "operationId": operation.id,
        "summary": operation.words,
        "description": format!("Needs a key with the scope `{}`.", operation.scope),
        "parameters": parameters,
        "responses": {
            "200": { "description": "As asked for.", "content": answer },
            "4XX": {
                "description": "What is wrong, and what to do.",
                "content": { "application/json": { "schema": error } },
            },
        },
    });
    if operation.body.is_some() && operation.method == "post" {
        about["parameters"] = json!([
            { "name": "Idempotency-Key", "in": "header", "required": false, "schema": { "type": "string" },
              "description": "The same key within 24 hours is answered with what it made first." }
        ]);
        if !parameters.is_empty()
            && let Some(all) = about["parameters"].as_array_mut()
        {
            all.extend(parameters);
        }
    }
    if let Some(body) = operation.body {
        let schema = body(generator);
        about["requestBody"] = json!({
            "required": true,
            "content": {
                "application/json": { "schema": schema },
                "multipart/form-data": { "schema": schema },
            },
        });
    }
    about
}

/// The document.
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations() {
        let about = described(&operation, &mut generator);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = about;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rushes",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "OpenAI's Videos API on your own server, with the queue, the plans and the budgets of the \
                workspace. Fields whose words begin with \"Ours\" are additions.",
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "bearerFormat": "rsh_…" } },
        },
        "security": [{ "key": [] }],
    })
}

/// `GET /v1/openapi.json`
pub async fn show() -> Response {
    Json(document()).into_response()
}
