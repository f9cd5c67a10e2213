//! `/mcp`: the workspace as tools for agents, by the Model Context Protocol (streamable HTTP, without sessions: each
//! request shows its key and is answered for whoever that is). What tools do is what the API does.

use std::sync::Arc;

use axum::body::Body as HttpBody;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::CallToolResult;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ServerHandler, tool, tool_handler, tool_router};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Caller;
use super::error::ApiError;
use super::models::Model;
use super::read::Body;
use super::video::{self, Video};
use super::videos::{made, own, remixed};
use crate::domain::Scope;
use crate::store::clips::Clip;
use crate::web::App;

/// Who asks, and where they ask.
#[derive(Clone)]
struct Agent {
    app: App,
    caller: Caller,
    /// The address of this server as the agent calls it.
    base: String,
}

/// A video to make.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct CreateVideo {
    /// What to see: subject, action, setting, light, camera, style. 1 to 4,000 characters.
    prompt: String,
    /// The most that it may cost in dollars, such as "0.80". What costs more is refused and nothing is made.
    max_cost_usd: String,
    /// A model of `list_models`. Without it, the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// Whole seconds, one of the model's lengths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seconds: Option<u16>,
    /// Width, x, height in pixels, one of the model's sizes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<String>,
    /// 1 to 4 variations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variations: Option<u8>,
    /// The same text makes the same video once: send it again when no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<String>,
}

/// A video to change.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct RemixVideo {
    /// The finished video.
    video_id: String,
    /// What is to be different.
    prompt: String,
    /// The most that it may cost in dollars, such as "0.80".
    max_cost_usd: String,
    /// The same text makes the same video once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<String>,
}

/// A video.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Which {
    /// Its id.
    video_id: String,
}

/// Which videos.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Many {
    /// How many, 1 to 50; 10 without it.
    #[serde(default)]
    limit: Option<u32>,
}

fn told(result: Result<Value, ApiError>) -> CallToolResult {
    match result {
        Ok(value) => CallToolResult::structured(value),
        Err(error) => CallToolResult::structured_error(json!({
            "code": error.code, "message": error.message, "param": error.param,
        })),
    }
}

#[tool_router(router = tools)]
impl Agent {
    /// Every model with its sizes, lengths and prices.
    #[tool(name = "list_models", annotations(read_only_hint = true))]
    async fn list_models(&self) -> CallToolResult {
        let models: Vec<Model> = self.app.studio.models().into_iter().map(Model::of).collect();
        told(Ok(json!({ "models": models })))
    }

    /// Puts a video in the queue and answers at once with its id; ask `get_video` until its status is completed.
    /// Spends money, up to `max_cost_usd`.
    #[tool(name = "create_video")]
    async fn create_video(&self, Parameters(asked): Parameters<CreateVideo>) -> CallToolResult {
        told(self.create(asked).await)
    }

    /// How a video stands: status, progress, place in line, why it failed.
    #[tool(name = "get_video", annotations(read_only_hint = true))]
    async fn get_video(&self, Parameters(which): Parameters<Which>) -> CallToolResult {
        told(self.find(&which.video_id).await)
    }

    /// The newest videos of whoever owns the key.
    #[tool(name = "list_videos", annotations(read_only_hint = true))]
    async fn list_videos(&self, Parameters(many): Parameters<Many>) -> CallToolResult {
        told(self.list(many.limit.unwrap_or(10).clamp(1, 50)).await)
    }

    /// Links to a finished video: its file, which wants the same key, and its page for people.
    #[tool(name = "video_link", annotations(read_only_hint = true))]
    async fn video_link(&self, Parameters(which): Parameters<Which>) -> CallToolResult {
        told(self.link(&which.video_id).await)
    }

    /// Makes a new video that changes a finished one as described. Spends money, up to `max_cost_usd`.
    #[tool(name = "remix_video")]
    async fn remix_video(&self, Parameters(asked): Parameters<RemixVideo>) -> CallToolResult {
        told(self.remix(asked).await)
    }
}

impl Agent {
    fn may(&self, scope: Scope) -> Result<(), ApiError> {
        super::permits(self.app.viewer(), &self.caller, scope)
    }

    async fn shown(&self, clip: &Clip) -> Result<Value, ApiError> {
        let videos: Vec<Video> = video::videos(&self.app, std::slice::from_ref(clip)).await?;
        Ok(json!(videos.into_iter().next()))
    }

    async fn create(&self, asked: CreateVideo) -> Result<Value, ApiError> {
        self.may(Scope::Create)?;
        let (headers, mut body) = sent(&asked, asked.idempotency_key.as_deref())?;
        self.shown(&made(&self.app, &self.caller, &headers, &mut body).await?).await
    }

    async fn remix(&self, asked: RemixVideo) -> Result<Value, ApiError> {
        self.may(Scope::Create)?;
        let source = own(&self.app, &asked.video_id).await?;
        let (headers, body) = sent(&asked, asked.idempotency_key.as_deref())?;
        self.shown(&remixed(&self.app, &self.caller, &headers, &body, &source).await?).await
    }

    async fn find(&self, id: &str) -> Result<Value, ApiError> {
        self.shown(&own(&self.app, id).await?).await
    }

    async fn list(&self, limit: u32) -> Result<Value, ApiError> {
        let clips = self.app.studio.store.made_by(self.app.viewer().person, None, false, limit).await?;
        Ok(json!({ "videos": video::videos(&self.app, &clips).await? }))
    }

    async fn link(&self, id: &str) -> Result<Value, ApiError> {
        let clip = own(&self.app, id).await?;
        if clip.file.is_none() {
            let words = "The video is not finished. Ask get_video until its status is completed.";
            return Err(ApiError::new(axum::http::StatusCode::NOT_FOUND, "video_not_ready", words));
        }
        let id = video::id(clip.id);
        Ok(json!({
            "content": format!("{}/v1/videos/{id}/content", self.base),
            "page": format!("{}/g/{}", self.base, clip.id),
        }))
    }
}

/// What a tool was given, as a body of the API.
fn sent(asked: &impl Serialize, key: Option<&str>) -> Result<(HeaderMap, Body), ApiError> {
    let fields: Map<String, Value> = match serde_json::to_value(asked) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let mut headers = HeaderMap::new();
    if let Some(key) = key {
        let value = key.parse().map_err(|_| {
            ApiError::field("idempotency_key", "invalid_value", "The idempotency_key has signs that cannot be sent.")
        })?;
        headers.insert("idempotency-key", value);
    }
    Ok((headers, Body::of_fields(fields, "/mcp")))
}

#[tool_handler(
    router = Self::tools(),
    name = "rushes",
    instructions = "Makes videos on this team's own server. list_models tells sizes, lengths and prices. create_video \
        spends money: state max_cost_usd. A video takes a while: ask get_video now and then until its status is \
        completed or failed, then video_link."
)]
impl ServerHandler for Agent {}

/// `/mcp`
pub async fn serve(app: App, caller: Caller, request: Request) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let base = crate::web::keys::base_url(&app, host);
    let agent = Agent { base: base.trim_end_matches("/v1").to_owned(), app, caller };
    // The gate looked at host and origin already.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_cancellation_token(agent.app.stop.child_token())
        .disable_allowed_hosts();
    let service =
        StreamableHttpService::new(move || Ok(agent.clone()), Arc::new(NeverSessionManager::default()), config);
    service.handle(request).await.map(HttpBody::new)
}
