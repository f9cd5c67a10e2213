//! `/v1/videos`: create, retrieve, list, delete, remix, edit, extend. Routes and fields as in OpenAI's Videos API.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Caller;
use super::error::ApiError;
use super::read::{self, Body};
use super::video::{self, Video};
use crate::domain::{GenerationId, Operation, Pixels, State, TaskId, Usd, Visibility};
use crate::store::clips::Clip;
use crate::studio::{Brought, CreateError, Pictures, Submission, Upload};
use crate::web::App;
use crate::web::form::Query;

/// Tells SDKs how often to ask, in milliseconds; they read it once, on the first answer.
const POLL: HeaderName = HeaderName::from_static("openai-poll-after-ms");
/// How long an `Idempotency-Key` is remembered.
const REMEMBERED: Duration = Duration::from_hours(24);
/// How long an SDK's own retry is known as one.
const RETRIED: Duration = Duration::from_mins(1);
/// The longest `Idempotency-Key`.
const LONGEST_KEY: usize = 255;

/// What became of a video that was deleted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Deleted {
    /// Its id.
    pub id: String,
    /// Always `video.deleted`.
    pub object: &'static str,
    /// Always true.
    pub deleted: bool,
}

/// A page of videos.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VideoList {
    /// Always `list`.
    pub object: &'static str,
    /// The videos.
    pub data: Vec<Video>,
    /// The first of them.
    pub first_id: Option<String>,
    /// The last of them: `after` for the next page.
    pub last_id: Option<String>,
    /// Whether there are more.
    pub has_more: bool,
}

/// A video with the advice how often to ask for it.
pub async fn told(app: &App, clip: &Clip) -> Result<Response, ApiError> {
    let videos = video::videos(app, std::slice::from_ref(clip)).await?;
    let video = videos.into_iter().next().ok_or_else(ApiError::no_video)?;
    let pause = if clip.state.is_final() { "1000" } else { "2500" };
    Ok(([(POLL, HeaderValue::from_static(pause))], Json(video)).into_response())
}

/// A clip that whoever asks made and did not delete.
pub async fn own(app: &App, text: &str) -> Result<Clip, ApiError> {
    let id = video::read_id(text).ok_or_else(ApiError::no_video)?;
    own_clip(app, id).await
}

pub(super) async fn own_clip(app: &App, id: GenerationId) -> Result<Clip, ApiError> {
    let clip = app.studio.store.clip(id).await?;
    let clip = clip.filter(|clip| clip.person == app.viewer().person && !clip.is_erased && clip.deleted_at.is_none());
    clip.ok_or_else(ApiError::no_video)
}

/// `GET /v1/videos/{video}`
pub async fn retrieve(app: App, Path(video): Path<String>) -> Result<Response, ApiError> {
    told(&app, &own(&app, &video).await?).await
}

/// Which page of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Page {
    after: Option<String>,
    limit: Option<String>,
    order: Option<String>,
}

/// `GET /v1/videos`
pub async fn list(app: App, page: Result<Query<Page>, crate::web::error::Error>) -> Result<Response, ApiError> {
    let Query(page) = page?;
    let limit = page.limit.as_deref().filter(|text| !text.is_empty()).unwrap_or("20").parse::<u32>();
    let Ok(limit @ 1..=100) = limit else {
        return Err(ApiError::field("limit", "invalid_value", "limit is a whole number from 1 to 100."));
    };
    let ascends = match page.order.as_deref().unwrap_or("desc") {
        "desc" | "" => false,
        "asc" => true,
        _ => return Err(ApiError::field("order", "invalid_value", "order is asc or desc.")),
    };
    let after = match page.after.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(
            video::read_id(text)
                .ok_or_else(|| ApiError::field("after", "invalid_value", "after is no id of a video."))?,
        ),
    };
    let mut clips = app.studio.store.made_by(app.viewer().person, after, ascends, limit + 1).await?;
    let has_more = clips.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    clips.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let data = video::videos(&app, &clips).await?;
    let end = |video: Option<&Video>| video.map(|video| video.id.clone());
    let (first_id, last_id) = (end(data.first()), end(data.last()));
    Ok(Json(VideoList { object: "list", data, first_id, last_id, has_more }).into_response())
}

/// `DELETE /v1/videos/{video}`: to the trash; one that waits is taken out of the line first.
pub async fn delete(app: App, Path(text): Path<String>) -> Result<Response, ApiError> {
    let clip = own(&app, &text).await?;
    if !clip.state.is_final() {
        app.studio.cancel(clip.id).await?;
    }
    let (went, _) = app.studio.delete(&[clip.id]).await?;
    if went == 0 {
        let words =
            "The upstream is still making this video and cannot stop. It is let go; delete it when it has ended.";
        return Err(ApiError::new(axum::http::StatusCode::BAD_REQUEST, "video_in_progress", words));
    }
    Ok(Json(Deleted { id: video::id(clip.id), object: "video.deleted", deleted: true }).into_response())
}

/// How a request is known again: by its `Idempotency-Key`, or as an SDK's own retry.
struct Mark {
    /// What all requests alike have; they go one after the other.
    lane: String,
    /// Alike ones younger than this are the same.
    within: Option<Duration>,
    /// What its own token ends with.
    print: String,
}

fn short(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes())).chars().take(16).collect()
}

impl Mark {
    fn of(caller: &Caller, headers: &HeaderMap, print: &str) -> Result<Self, ApiError> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let who = &caller.lane;
        match text("idempotency-key").map(str::trim).filter(|key| !key.is_empty()) {
            Some(key) if key.len() > LONGEST_KEY => {
                let words = "The Idempotency-Key is longer than 255 signs.";
                Err(ApiError::new(axum::http::StatusCode::BAD_REQUEST, "invalid_idempotency_key", words))
            }
            Some(key) => {
                Ok(Self { lane: format!("k:{who}:{}:", short(key)), within: Some(REMEMBERED), print: print.to_owned() })
            }
            None => {
                let retry = text("x-stainless-retry-count").and_then(|many| many.trim().parse::<u32>().ok());
                let within = retry.filter(|many| *many > 0).map(|_| RETRIED);
                Ok(Self { lane: format!("r:{who}:{print}:"), within, print: String::new() })
            }
        }
    }
}

/// What a body asks for, beyond what is made of what.
async fn submission(app: &App, body: &mut Body) -> Result<(Submission, Pictures), ApiError> {
    let mut form =
        Submission { prompt: body.text("prompt")?.unwrap_or_default(), is_of_api: true, ..Submission::default() };
    if form.prompt.trim().is_empty() {
        return Err(ApiError::field("prompt", "missing_required_parameter", "Missing required parameter: 'prompt'."));
    }
    let models = app.studio.models();
    let wanted = body.text("model")?.filter(|model| !model.is_empty());
    let model = match &wanted {
        None => models.first(),
        Some(name) => models.iter().find(|model| model.key == *name || model.id == *name),
    };
    if let (Some(name), None) = (&wanted, model) {
        let known: Vec<&str> = models.iter().map(|model| model.key.as_str()).collect();
        let shown: String = name.chars().take(100).collect();
        let words = format!("The model '{shown}' does not exist here. There are: {}.", known.join(", "));
        return Err(ApiError::field("model", "model_not_found", words));
    }
    form.model = model.map(|model| model.key.clone());
    let portrait = Pixels::new(720, 1280);
    (form.aspect, form.resolution) = (body.text("aspect_ratio")?, body.text("resolution")?);
    let is_worded = form.aspect.is_some() || form.resolution.is_some();
    let size = match body.text("size")?.filter(|size| !size.is_empty()) {
        None if is_worded => None,
        // What the Videos API makes of no size, where the model has it.
        None => portrait.filter(|size| model.is_some_and(|model| model.sizes.contains(size))),
        Some(text) => match text.parse::<Pixels>() {
            Ok(size) if model.is_none_or(|model| model.sizes.contains(&size)) => Some(size),
            _ => {
                let sizes = model.map(|model| model.sizes.iter().map(ToString::to_string).collect::<Vec<_>>());
                let words =
                    format!("Invalid value for 'size': this model has {}.", sizes.unwrap_or_default().join(", "));
                return Err(ApiError::field("size", "invalid_value", words));
            }
        },
    };
    if let Some(size) = size {
        (form.aspect, form.resolution) = (Some(size.aspect()), Some(size.resolution()));
    }
    form.seconds = body.number("seconds")?.map(|seconds| seconds.to_string());
    form.variations = match body.number("variations")? {
        None => body.number("n")?,
        given => given,
    }
    .map(|many| many.to_string());
    form.seed = body.number("seed")?.map(|seed| seed.to_string());
    form.negative = body.text("negative_prompt")?;
    form.audio = body.flag("audio")?.map(|on| u8::from(on).to_string());
    form.preset = body.text("style")?;
    form.strength = body.text("strength")?;
    if let Some(word) = body.text("visibility")? {
        if word.parse::<Visibility>().is_err() {
            return Err(ApiError::field("visibility", "invalid_value", "visibility is team or private."));
        }
        form.visibility = Some(word);
    }
    super::characters::name(app, body, &mut form).await?;
    let first = reference(app, body, &mut form).await?;
    Ok((form, Pictures { first, ..Pictures::default() }))
}

/// The first frame: a file, a data URL, or a clip of one's own.
async fn reference(app: &App, body: &mut Body, form: &mut Submission) -> Result<Option<Upload>, ApiError> {
    let name = "input_reference";
    if let Some(sent) = body.file(name) {
        return Ok(Some(Upload::Received(sent.file)));
    }
    let Some(object) = body.object(name)? else { return Ok(None) };
    let text = |key: &str| object.get(key).and_then(serde_json::Value::as_str);
    match (text("image_url"), text("file_id")) {
        (Some(url), None) => Ok(Some(Upload::Received(read::picture(app, url).await?))),
        (None, Some(file)) => {
            let clip = own(app, file).await.map_err(|_| {
                let words = "file_id is the id of a video or an upload of yours; its first frame is taken.";
                ApiError::field(name, "invalid_value", words)
            })?;
            form.image_from = Some(format!("{}:{}", clip.id, if clip.is_upload() { "whole" } else { "first" }));
            Ok(None)
        }
        _ => Err(ApiError::field(name, "invalid_value", "Give exactly one of image_url and file_id.")),
    }
}

/// Refuses what costs more than the request says it may.
fn within_cost(app: &App, body: &Body, form: &Submission) -> Result<(), ApiError> {
    let Some(most) = body.value("max_cost_usd") else { return Ok(()) };
    // A number is written out, so that 0.8 is exactly 0.80.
    let most: Option<Usd> = most.as_str().map_or_else(|| most.to_string(), str::to_owned).parse().ok();
    let Some(most) = most else {
        return Err(ApiError::field("max_cost_usd", "invalid_type", "max_cost_usd is dollars, for example \"0.80\"."));
    };
    let choice = app.studio.choose(form).map_err(CreateError::Invalid)?;
    let words = match choice.each().map(|each| each.each(choice.variations)) {
        Some(cost) if cost <= most => return Ok(()),
        Some(cost) => format!("This costs {cost}, and max_cost_usd allows {most}. Nothing was made."),
        None => "Nobody said what this model costs, so that max_cost_usd cannot be kept. Nothing was made.".to_owned(),
    };
    Err(ApiError::field("max_cost_usd", "max_cost_exceeded", words))
}

/// Makes what a form asks for, once, however often the same request comes.
async fn make(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    print: &str,
    form: Submission,
    pictures: Pictures,
) -> Result<Clip, ApiError> {
    let mark = Mark::of(caller, headers, print)?;
    // From here on the request goes on also when its sender hangs up: a retry finds what it made.
    let (app_too, lane) = (app.clone(), mark);
    let made = app.tasks.spawn(async move { once(&app_too, lane, form, pictures).await }).await;
    let task = made.map_err(|error| crate::web::error::Error::Internal(error.into()))??;
    outcome(app, task).await
}

async fn once(app: &App, mark: Mark, form: Submission, pictures: Pictures) -> Result<TaskId, ApiError> {
    let (store, now) = (&app.studio.store, app.studio.clock.now());
    let _alone = app.limits.alone(&mark.lane).await;
    if let Some(within) = mark.within
        && let Some((token, task)) = store.task_marked(&mark.lane, now.before(within)).await?
    {
        let print = token.strip_prefix(mark.lane.as_str()).and_then(|rest| rest.split(':').next());
        if !mark.print.is_empty() && print != Some(mark.print.as_str()) {
            let words = "This Idempotency-Key came with another request before. Use a new key for a new request.";
            return Err(ApiError::new(axum::http::StatusCode::BAD_REQUEST, "idempotency_key_reused", words));
        }
        return Ok(task);
    }
    let token = format!("{}{}:{:06x}", mark.lane, mark.print, rand::random::<u32>() >> 8);
    let form = Submission { token: Some(token), ..form };
    Ok(app.studio.create(app.viewer().person, &form, pictures).await?)
}

/// The first variation of a task; of an extension that is joined here, the whole.
async fn outcome(app: &App, task: TaskId) -> Result<Clip, ApiError> {
    let first = app.studio.store.clips_of(task).await?.into_iter().next().ok_or_else(ApiError::no_video)?;
    let is_joined = first.operation == Operation::Extend && !first.options.native;
    let made_of = if is_joined { app.studio.store.made_of(first.id, 8).await? } else { Vec::new() };
    let joined = made_of.into_iter().find(Clip::is_local);
    Ok(joined.unwrap_or(first))
}

/// `POST /v1/videos`
pub async fn create(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let mut body = Body::read(&app, request).await?;
    told(&app, &made(&app, &caller, &headers, &mut body).await?).await
}

/// Makes what a body asks for; the first of its clips.
pub(super) async fn made(app: &App, caller: &Caller, headers: &HeaderMap, body: &mut Body) -> Result<Clip, ApiError> {
    let (form, pictures) = submission(app, body).await?;
    within_cost(app, body, &form)?;
    make(app, caller, headers, &body.print, form, pictures).await
}

/// What a clip asks for that is made of another one: its settings, where nothing else is said.
fn onward(body: &Body, source: &Clip) -> Result<Submission, ApiError> {
    let own = Submission::of(source);
    let mut form = Submission {
        prompt: body.text("prompt")?.unwrap_or_default(),
        model: own.model,
        aspect: own.aspect,
        resolution: own.resolution,
        seconds: own.seconds,
        is_of_api: true,
        ..Submission::default()
    };
    if form.prompt.trim().is_empty() {
        return Err(ApiError::field("prompt", "missing_required_parameter", "Missing required parameter: 'prompt'."));
    }
    if let Some(model) = body.text("model")?.filter(|model| !model.is_empty()) {
        form.model = Some(model);
    }
    form.strength = body.text("strength")?;
    form.seed = body.number("seed")?.map(|seed| seed.to_string());
    form.visibility = Some(source.visibility.as_str().to_owned());
    Ok(form)
}

fn finished(clip: &Clip) -> Result<(), ApiError> {
    if clip.state == State::Completed {
        return Ok(());
    }
    let words = "The video is not finished. Wait until its status is completed.";
    Err(ApiError::new(axum::http::StatusCode::BAD_REQUEST, "video_not_ready", words))
}

/// `POST /v1/videos/{video}/remix`
pub async fn remix(
    app: App,
    caller: Caller,
    Path(video): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let source = own(&app, &video).await?;
    finished(&source)?;
    let headers = request.headers().clone();
    let body = Body::read(&app, request).await?;
    told(&app, &remixed(&app, &caller, &headers, &body, &source).await?).await
}

/// Makes a clip that changes another one.
pub(super) async fn remixed(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    body: &Body,
    source: &Clip,
) -> Result<Clip, ApiError> {
    finished(source)?;
    let form = Submission { remix: Some(source.id), ..onward(body, source)? };
    within_cost(app, body, &form)?;
    make(app, caller, headers, &body.print, form, Pictures::default()).await
}

/// The video that an edit or an extension begins with: one of one's own, or a file.
async fn source(app: &App, body: &mut Body) -> Result<Clip, ApiError> {
    if let Some(sent) = body.file("video") {
        let id = app.studio.bring(app.viewer().person, Brought { name: sent.name, file: sent.file }).await;
        let id = id.map_err(|error| match error {
            crate::studio::BadUpload::Unfit(words) => ApiError::field("video", "invalid_value", words),
            crate::studio::BadUpload::Disk(error) => error.into(),
            crate::studio::BadUpload::Store(error) => error.into(),
        })?;
        return own_clip(app, id).await;
    }
    let missing = || ApiError::field("video", "missing_required_parameter", "Missing required parameter: 'video'.");
    let object = body.object("video")?.ok_or_else(missing)?;
    let id = object.get("id").and_then(serde_json::Value::as_str).ok_or_else(missing)?;
    let clip = own(app, id).await?;
    finished(&clip)?;
    Ok(clip)
}

/// `POST /v1/videos/edits`
pub async fn edit(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let mut body = Body::read(&app, request).await?;
    let source = source(&app, &mut body).await?;
    told(&app, &remixed(&app, &caller, &headers, &body, &source).await?).await
}

/// `POST /v1/videos/extensions`
pub async fn extend(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let mut body = Body::read(&app, request).await?;
    let source = source(&app, &mut body).await?;
    let mut form = Submission { extend: Some(source.id), ..onward(&body, &source)? };
    if let Some(seconds) = body.number("seconds")? {
        form.seconds = Some(seconds.to_string());
    }
    told(&app, &make(&app, &caller, &headers, &body.print, form, Pictures::default()).await?).await
}
