//! A clip as the API tells it: every field of the Videos API with its right type, and ours beside them.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{GenerationId, Operation, Reason, State, TaskId};
use crate::store;
use crate::store::clips::Clip;
use crate::web::App;
use crate::web::present::{Scene, failure};

/// How an id of a video begins.
const PREFIX: &str = "video_";

/// An id as the API writes it.
pub fn id(id: GenerationId) -> String {
    format!("{PREFIX}{id}")
}

/// Reads an id, with or without its prefix.
pub fn read_id(text: &str) -> Option<GenerationId> {
    text.strip_prefix(PREFIX).unwrap_or(text).parse().ok()
}

/// Why there is no video.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VideoError {
    /// For programs: `moderation_blocked`, `canceled`, `upstream_quota_exceeded`, `video_lost` and others.
    pub code: String,
    /// For people.
    pub message: String,
}

/// A video, on its way or finished.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Video {
    /// Its id.
    pub id: String,
    /// Always `video`.
    pub object: &'static str,
    /// The model that makes it.
    pub model: String,
    /// `queued`, `in_progress`, `completed` or `failed`.
    pub status: &'static str,
    /// 0 to 100.
    pub progress: u8,
    /// When it was asked for, in seconds since 1970 UTC.
    pub created_at: i64,
    /// When it was finished, in seconds since 1970 UTC.
    pub completed_at: Option<i64>,
    /// Always null: what is made here is kept until somebody deletes it.
    pub expires_at: Option<i64>,
    /// The prompt.
    pub prompt: String,
    /// The length asked for in whole seconds, as text.
    pub seconds: String,
    /// The size asked for: width, `x`, height in pixels.
    pub size: String,
    /// The video that it is a remix of.
    pub remixed_from_video_id: Option<String>,
    /// Why there is none, where it failed.
    pub error: Option<VideoError>,
    /// Ours: where it stands exactly. `queued`, `submitting`, `in_progress`, `downloading`, `completed`, `failed`,
    /// `canceled`, `uncertain`.
    pub state: &'static str,
    /// Ours: what the state has no word for, such as `rate_limited`, `stalled`, `policy`.
    pub reason: Option<&'static str>,
    /// Ours: nobody knows whether the upstream made it; a person decides on its page.
    pub uncertain: bool,
    /// Ours: its place in line, from 1, while it waits.
    pub queue_position: Option<usize>,
    /// Ours: which upstream makes it.
    pub upstream: String,
    /// Ours: the seed of this variation.
    pub seed: u64,
    /// Ours: which variation of its request it is, from 1.
    pub variation: u8,
    /// Ours: the ids of all variations of its request, in order.
    pub variations: Vec<String>,
    /// Ours: what it costs in micro-dollars; null where nobody said.
    pub price_micros: Option<i64>,
    /// Ours: what was paid for it so far, in micro-dollars.
    pub cost_micros: i64,
    /// Ours: its page in the workspace.
    pub page: String,
}

/// Seconds since 1970 UTC.
const fn seconds(at: crate::domain::Millis) -> i64 {
    at.as_i64().div_euclid(1_000)
}

/// What the API's four words make of our states.
const fn status(state: State) -> &'static str {
    match state {
        State::Queued => "queued",
        // Until it is settled an uncertain one may still become a video.
        State::Submitting | State::InProgress | State::Downloading | State::Uncertain => "in_progress",
        State::Completed => "completed",
        State::Failed | State::Canceled => "failed",
    }
}

fn error(clip: &Clip) -> Option<VideoError> {
    let code = match (clip.state, clip.reason) {
        (State::Canceled, _) => "canceled",
        (State::Failed, Some(Reason::Policy | Reason::Likeness)) => "moderation_blocked",
        (State::Failed, Some(Reason::Region)) => "region_not_supported",
        (State::Failed, Some(Reason::Access)) => "upstream_access_denied",
        (State::Failed, Some(Reason::Funds)) => "upstream_quota_exceeded",
        (State::Failed, Some(Reason::Invalid)) => "upstream_invalid_request",
        (State::Failed, Some(Reason::Lost)) => "video_lost",
        (State::Failed, Some(Reason::BadFile)) => "bad_file",
        (State::Failed, Some(Reason::GaveUp)) => "gave_up",
        (State::Failed, _) => "video_generation_failed",
        (
            State::Queued
            | State::Submitting
            | State::InProgress
            | State::Downloading
            | State::Completed
            | State::Uncertain,
            _,
        ) => return None,
    };
    let message = match (clip.state, &clip.words) {
        (State::Canceled, _) => "It was canceled before a video was made.".to_owned(),
        (_, Some(words)) => format!("{}: {words}", failure::title(clip)),
        (_, None) => format!("{}.", failure::title(clip)),
    };
    Some(VideoError { code: code.to_owned(), message })
}

impl Video {
    /// A clip, with what is known beside it.
    pub fn of(clip: &Clip, scene: &Scene, takes: &HashMap<TaskId, Vec<GenerationId>>) -> Self {
        let source = clip.parent.filter(|_| clip.operation == Operation::Remix);
        Self {
            id: id(clip.id),
            object: "video",
            model: clip.model_key.clone(),
            status: status(clip.state),
            progress: if clip.state == State::Completed { 100 } else { clip.progress.unwrap_or(0).min(99) },
            created_at: seconds(clip.created_at),
            completed_at: clip.ended_at.filter(|_| clip.state == State::Completed).map(seconds),
            expires_at: None,
            prompt: clip.prompt.clone(),
            seconds: clip.seconds.to_string(),
            size: clip.size.to_string(),
            remixed_from_video_id: source.map(id),
            error: error(clip),
            state: clip.state.as_str(),
            reason: clip.reason.map(Reason::as_str),
            uncertain: clip.state == State::Uncertain,
            queue_position: scene.place(clip),
            upstream: clip.upstream.clone(),
            seed: clip.seed,
            variation: clip.take,
            variations: takes.get(&clip.task).into_iter().flatten().copied().map(id).collect(),
            price_micros: clip.price.map(crate::domain::Usd::micros),
            cost_micros: clip.cost.micros(),
            page: format!("/g/{}", clip.id),
        }
    }
}

/// Clips as the API tells them: a few queries, however many there are.
pub async fn videos(app: &App, clips: &[Clip]) -> store::Result<Vec<Video>> {
    let scene = app.scene(clips).await?;
    let tasks: Vec<TaskId> = clips.iter().map(|clip| clip.task).collect();
    let takes = app.studio.store.takes_of(&tasks).await?;
    Ok(clips.iter().map(|clip| Video::of(clip, &scene, &takes)).collect())
}
