//! The driver for every server that speaks `/v1/videos`, in all its dialects.
//! Spends money in one place (`create`), follows nobody blindly, and fails no job by a bad poll.

mod answer;
mod client;
mod create;
mod family;
mod fetch;
mod list;
mod mask;
mod models;
mod poll;
mod settings;
mod source;
mod trip;
mod words;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::Method;
use reqwest::header::ACCEPT;
use serde_json::Value;
use url::Url;

use self::answer::{Answer, Outcome};
use self::client::Wire;
pub use self::settings::{Settings, Timeouts, Unusable};
use super::{
    Accepted, Body, CreateError, FetchError, Health, Listing, Order, Poll, PollError, Resume, Source, Stop, Upstream,
    UpstreamId,
};
use crate::domain::Model;

/// The most bytes of a poll's answer.
const LONGEST_POLL: usize = 1 << 20;
/// The most bytes of a list of jobs or models.
const LONGEST_LIST: usize = 4 << 20;
/// How many unknown status words are remembered as logged.
const MOST_WORDS: usize = 100;

/// A server that speaks `/v1/videos`.
pub struct OpenAi {
    name: String,
    max_in_flight: u32,
    /// The models came from the configuration and stay as they are.
    configured: bool,
    timeouts: Timeouts,
    wire: Wire,
    models: RwLock<Arc<[Model]>>,
    health: RwLock<Health>,
    logged: Mutex<HashSet<String>>,
}

impl fmt::Debug for OpenAi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = client::origin(self.wire.base());
        f.debug_struct("OpenAi").field("name", &self.name).field("base_url", &base).finish_non_exhaustive()
    }
}

impl OpenAi {
    /// Sets the driver up; asks nothing yet.
    pub fn new(settings: Settings) -> Result<Self, Unusable> {
        let Settings { name, base_url, key, max_in_flight, mut models, timeouts } = settings;
        for model in models.iter_mut().filter(|model| model.abilities.is_none()) {
            model.abilities = Some(models::abilities(&model.id));
        }
        Ok(Self {
            name,
            max_in_flight,
            configured: !models.is_empty(),
            timeouts,
            wire: Wire::new(&base_url, key, &timeouts)?,
            models: RwLock::new(models.into()),
            health: RwLock::new(Health::Unknown),
            logged: Mutex::default(),
        })
    }

    async fn ask(&self, method: Method, url: Url, most: usize) -> Outcome {
        let request = self.wire.request(&self.wire.ask, method, url).header(ACCEPT, "application/json");
        self.wire.send(request, most).await
    }

    async fn poll_once(&self, id: &UpstreamId) -> Result<Poll, PollError> {
        // An id that cannot stand in an address cannot be one that the upstream knows.
        let url = self.wire.route(&["videos", &id.0]).ok_or(PollError::Missing)?;
        match self.ask(Method::GET, url, LONGEST_POLL).await {
            Outcome::Answered(answer) => {
                let reading = poll::read(&answer, &id.0, &self.wire.mask)?;
                if let Some(word) = reading.unknown {
                    self.log_once(word);
                }
                Ok(reading.poll)
            }
            Outcome::Unsendable(words) | Outcome::Unreachable(words) | Outcome::Silent(words) => {
                Err(PollError::Later { retry_after: None, words })
            }
        }
    }

    fn log_once(&self, word: String) {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.len() < MOST_WORDS && !logged.contains(&word) {
            tracing::warn!(upstream = %self.name, status = %word, "unknown status word, taken for running");
            logged.insert(word);
        }
    }

    async fn ask_models(&self) -> Result<Option<Vec<Model>>, String> {
        let url = self.wire.route(&["models"]).ok_or("The upstream has no address for its models.")?;
        let request = self.wire.request(&self.wire.ask, Method::GET, url).header(ACCEPT, "application/json");
        let answer = match self.wire.send(request.timeout(self.timeouts.refresh), LONGEST_LIST).await {
            Outcome::Answered(answer) => answer,
            Outcome::Unsendable(words) | Outcome::Unreachable(words) | Outcome::Silent(words) => return Err(words),
        };
        if self.configured {
            return if is_up(&answer) { Ok(None) } else { Err(poll::complaint(&answer, &self.wire.mask)) };
        }
        if matches!(answer.status.as_u16(), 404 | 405) {
            return Err("The upstream does not list its models; name them in the configuration.".to_owned());
        }
        let body = answer.json().filter(|_| answer.status.is_success());
        match body.and_then(|body| models::read(&body, &self.name)) {
            Some(models) if models.is_empty() => {
                Err("The upstream lists no model that makes videos; name them in the configuration.".to_owned())
            }
            Some(models) => Ok(Some(models)),
            None => Err(poll::complaint(&answer, &self.wire.mask)),
        }
    }

    async fn list_once(&self, after: Option<&UpstreamId>) -> Option<Listing> {
        let mut url = self.wire.route(&["videos"])?;
        url.query_pairs_mut().append_pair("limit", "100").append_pair("order", "desc");
        if let Some(after) = after {
            url.query_pairs_mut().append_pair("after", &after.0);
        }
        match self.ask(Method::GET, url, LONGEST_LIST).await {
            Outcome::Answered(answer) if answer.status.is_success() => list::read(&answer.json()?, after),
            Outcome::Answered(_) | Outcome::Unsendable(_) | Outcome::Unreachable(_) | Outcome::Silent(_) => None,
        }
    }

    async fn stop_once(&self, id: &UpstreamId) -> Stop {
        let Some(url) = self.wire.route(&["videos", &id.0]).filter(|_| self.can_stop(id)) else {
            return Stop::Impossible;
        };
        let Outcome::Answered(answer) = self.ask(Method::DELETE, url, LONGEST_POLL).await else {
            return Stop::Impossible;
        };
        let deleted = answer.json().and_then(|body| body.get("deleted").and_then(Value::as_bool));
        if answer.status.as_u16() == 200 && deleted == Some(true) { Stop::Stopped } else { Stop::Impossible }
    }
}

/// Whether an answer about models shows a server that takes our key. Not listing models is no illness.
fn is_up(answer: &Answer) -> bool {
    let status = answer.status;
    status.is_success() || (status.is_client_error() && !matches!(status.as_u16(), 401 | 403))
}

impl Upstream for OpenAi {
    fn name(&self) -> &str {
        &self.name
    }

    fn max_in_flight(&self) -> u32 {
        self.max_in_flight
    }

    fn models(&self) -> Arc<[Model]> {
        Arc::clone(&self.models.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn health(&self) -> Health {
        self.health.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn refresh(&self) -> BoxFuture<'_, ()> {
        async {
            let health = match self.ask_models().await {
                Ok(found) => {
                    if let Some(found) = found {
                        *self.models.write().unwrap_or_else(PoisonError::into_inner) = found.into();
                    }
                    Health::Up
                }
                Err(words) => Health::Down(words),
            };
            *self.health.write().unwrap_or_else(PoisonError::into_inner) = health;
        }
        .boxed()
    }

    fn create<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Accepted, CreateError>> {
        create::send(&self.wire, order).boxed()
    }

    fn poll<'a>(&'a self, id: &'a UpstreamId) -> BoxFuture<'a, Result<Poll, PollError>> {
        self.poll_once(id).boxed()
    }

    fn fetch<'a>(
        &'a self,
        id: &'a UpstreamId,
        source: &'a Source,
        resume: Option<&'a Resume>,
    ) -> BoxFuture<'a, Result<Body, FetchError>> {
        fetch::open(&self.wire, id, source, resume).boxed()
    }

    fn thumbnail<'a>(&'a self, id: &'a UpstreamId) -> BoxFuture<'a, Option<Bytes>> {
        let still = fetch::thumbnail(&self.wire, id);
        tokio::time::timeout(self.timeouts.thumbnail, still).map(|still| still.ok().flatten()).boxed()
    }

    /// Only vLLM-Omni's jobs end by DELETE; elsewhere it forgets a job that goes on costing.
    fn can_stop(&self, id: &UpstreamId) -> bool {
        id.0.starts_with("video_gen_")
    }

    fn stop<'a>(&'a self, id: &'a UpstreamId) -> BoxFuture<'a, Stop> {
        self.stop_once(id).boxed()
    }

    fn settle<'a>(&'a self, _id: &'a UpstreamId) -> BoxFuture<'a, ()> {
        std::future::ready(()).boxed()
    }

    fn list<'a>(&'a self, after: Option<&'a UpstreamId>) -> BoxFuture<'a, Option<Listing>> {
        self.list_once(after).boxed()
    }
}
