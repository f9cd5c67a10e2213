//! The video servers behind Rushes: one small trait, a driver each. The only module that
//! speaks HTTP outward. Errors name the decision that the worker must take, not the wire.

pub mod animatic;
pub mod ffmpeg;
mod local;
pub mod openai;
pub mod registry;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;

pub use registry::Upstreams;

use crate::domain::{Millis, Model, Pixels, Reason, Seconds};

/// The upstream's own name for a job: any text, any length, kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UpstreamId(pub String);

/// Everything that one paid create needs.
#[derive(Debug, Clone)]
pub struct Order {
    /// The prompt as it goes out.
    pub prompt: String,
    /// The model as the upstream calls it.
    pub model: String,
    /// Frame size.
    pub size: Pixels,
    /// Length.
    pub seconds: Seconds,
    /// For upstreams that take one.
    pub seed: u64,
    /// The first frame, already fitted to `size`.
    pub reference: Option<Reference>,
    /// Wishes that only some models take.
    pub extras: Extras,
    /// What is asked for: a new clip, or one made of others.
    pub work: Work,
    /// Stays the same for every try of one attempt.
    pub idempotency_key: String,
}

/// Wishes that only some models take; those that a model does not take are left out.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// The seed, where the model takes one.
    pub seed: Option<u64>,
    /// What shall not be seen.
    pub negative: Option<String>,
    /// With or without sound.
    pub audio: Option<bool>,
    /// The last frame, already fitted.
    pub last_frame: Option<Reference>,
    /// More reference images.
    pub references: Vec<Reference>,
}

/// What an order asks for.
#[derive(Debug, Clone, Default)]
pub enum Work {
    /// A new clip of the prompt.
    #[default]
    Create,
    /// The upstream's own clip, changed as the prompt says.
    Remix(UpstreamId),
    /// The upstream's own clip, going on as the prompt says.
    Extend(UpstreamId),
    /// Made on this machine of clips that are here: a recipe as JSON, and their files.
    Local(String, Vec<PathBuf>),
}

/// A reference image, ready to send.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The encoded picture.
    pub bytes: Bytes,
    /// `image/jpeg` or `image/png`.
    pub mime: &'static str,
}

/// The upstream took the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its id.
    pub id: UpstreamId,
    /// When it wants to be asked first.
    pub poll_after: Option<Duration>,
}

/// A no in the upstream's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which family of no.
    pub reason: Reason,
    /// Its machine-readable code, as it came, at most 200 characters.
    pub code: Option<String>,
    /// Its sentence, at most 2,000 characters, without secrets.
    pub words: String,
}

/// Why a create brought no id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateError {
    /// It is certain that nothing was accepted: no connection, or the upstream's own 429.
    NotSent {
        /// `Unreachable` or `RateLimited`.
        reason: Reason,
        /// How long the upstream asks us to wait.
        retry_after: Option<Duration>,
        /// For people.
        words: String,
    },
    /// The upstream does not change clips of its own, or has this one no more; nothing was accepted.
    NotOffered,
    /// Final.
    Refused(Refusal),
    /// It may have been accepted, and paid for. Never sent again by itself.
    Uncertain {
        /// `NoAnswer` or `OddAnswer`.
        reason: Reason,
        /// For people.
        words: String,
    },
}

/// What a poll tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// Where the job stands.
    pub phase: Phase,
    /// 0 to 100, where told.
    pub progress: Option<u8>,
    /// When it wants to be asked next.
    pub poll_after: Option<Duration>,
    /// Until when the file is kept there.
    pub expires_at: Option<Millis>,
    /// The job that the answer names, where it is not the one that was asked about.
    pub about: Option<UpstreamId>,
}

/// Where a job stands at its upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// In the upstream's own queue.
    Waiting,
    /// Being made.
    Running,
    /// Made; the file is there.
    Done(Source),
    /// It ended without a clip.
    Failed(Refusal),
    /// It was stopped at the upstream.
    Canceled,
}

/// Where the finished file is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// An address that the upstream named; none means its content route.
    pub url: Option<String>,
}

/// Why a poll told nothing. None of these fails a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollError {
    /// The upstream does not know the id (404, 410).
    Missing,
    /// It asks us to wait (429), refuses the key, is broken or unreachable: ask again later.
    Later {
        /// How long the upstream asks us to wait.
        retry_after: Option<Duration>,
        /// For people.
        words: String,
    },
}

/// Where a broken download may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resume {
    /// Bytes already here.
    pub offset: u64,
    /// The strong ETag of those bytes.
    pub etag: String,
}

/// A finished file on its way.
pub struct Body {
    /// Where these bytes begin: the asked offset, or 0 when the upstream starts over.
    pub offset: u64,
    /// The length of the whole file in bytes, where told.
    pub total: Option<u64>,
    /// A strong ETag, by which a broken download may go on.
    pub etag: Option<String>,
    /// The bytes. An error says that the transfer broke, for people.
    pub stream: BoxStream<'static, Result<Bytes, String>>,
}

/// Why a file did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchError {
    /// Not there yet, busy or broken: ask again.
    Later {
        /// How long the upstream asks us to wait.
        retry_after: Option<Duration>,
        /// For people.
        words: String,
    },
    /// The address no longer serves it (403, 404, 410): poll once for a fresh one.
    Gone {
        /// For people.
        words: String,
    },
    /// It will not be asked for again: a forbidden address, a redirect loop, an answer that is no file.
    Refused {
        /// For people.
        words: String,
    },
}

/// How the wish to stop a running job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The upstream confirms that it stopped.
    Stopped,
    /// It cannot be called off; the clip will come and is paid for.
    Impossible,
}

/// A job in an upstream's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: UpstreamId,
    /// Its prompt, where told.
    pub prompt: Option<String>,
    /// Its model, where told.
    pub model: Option<String>,
    /// Its size as written there.
    pub size: Option<String>,
    /// Its length as written there.
    pub seconds: Option<String>,
    /// When it was made, where told.
    pub created_at: Option<Millis>,
}

/// A page of an upstream's list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The jobs.
    pub jobs: Vec<Listed>,
    /// Where the next page starts, if there is one.
    pub after: Option<UpstreamId>,
}

/// What is known of an upstream's health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Its model list has not answered yet.
    Unknown,
    /// It answered the last time it was asked.
    Up,
    /// It did not; the words are for people.
    Down(String),
}

/// A video server.
pub trait Upstream: Send + Sync {
    /// Its name in the configuration.
    fn name(&self) -> &str;
    /// How many jobs it may hold at once.
    fn max_in_flight(&self) -> u32;
    /// The models known now; never waits.
    fn models(&self) -> Arc<[Model]>;
    /// Whether it answered lately; never waits.
    fn health(&self) -> Health;
    /// Asks for its models again.
    fn refresh(&self) -> BoxFuture<'_, ()>;
    /// Sends one create, exactly once.
    fn create<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Accepted, CreateError>>;
    /// Asks how a job stands.
    fn poll<'a>(&'a self, id: &'a UpstreamId) -> BoxFuture<'a, Result<Poll, PollError>>;
    /// Opens a finished file.
    fn fetch<'a>(
        &'a self,
        id: &'a UpstreamId,
        source: &'a Source,
        resume: Option<&'a Resume>,
    ) -> BoxFuture<'a, Result<Body, FetchError>>;
    /// A still of a finished clip, where offered: at most 8 MiB, unchecked bytes.
    fn thumbnail<'a>(&'a self, id: &'a UpstreamId) -> BoxFuture<'a, Option<Bytes>>;
    /// Whether a running job of this id can be called off at all.
    fn can_stop(&self, id: &UpstreamId) -> bool;
    /// Calls a running job off, where that works.
    fn stop<'a>(&'a self, id: &'a UpstreamId) -> BoxFuture<'a, Stop>;
    /// Forgets a job whose clip is safe here, where that frees something of ours.
    fn settle<'a>(&'a self, id: &'a UpstreamId) -> BoxFuture<'a, ()>;
    /// Its jobs, where it lists them.
    fn list<'a>(&'a self, after: Option<&'a UpstreamId>) -> BoxFuture<'a, Option<Listing>>;
}
