//! Asking how a job stands. No failure to ask ever fails a job.

use std::time::Duration;

use tracing::{info, warn};

use super::Worker;
use crate::domain::model::DEADLINE;
use crate::domain::{Reason, State, pace};
use crate::kill::kill_point;
use crate::store::clips::Clip;
use crate::store::generations::Note;
use crate::upstream::{Phase, Poll, PollError, Refusal, Upstream, UpstreamId};

/// What is asked about a render past its model's deadline, and for how long.
const STALLED_POLL: Duration = Duration::from_mins(5);
const GIVEN_UP_AFTER: Duration = Duration::from_hours(24);
/// The longest pause while an upstream does not answer.
const SLOWEST_RETRY: Duration = Duration::from_mins(1);
/// Pauses between questions about a job that the upstream does not know; after the last it is lost.
/// More than ten minutes in all: a list that lags behind, or a server that starts anew, is no loss.
const UNKNOWN_JOB: [Duration; 6] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(4),
    Duration::from_mins(4),
];

impl Worker {
    pub(super) async fn poll(&self, clip: &Clip, upstream: &dyn Upstream) {
        let Some(job) = clip.upstream_id.clone().map(UpstreamId) else { return };
        let answer = self.ask(clip, upstream, &job).await;
        let outcome = match &answer {
            Ok(_) => "answered",
            Err(PollError::Missing) => "missing",
            Err(PollError::Later { .. }) => "failed",
        };
        self.0.parts.metrics.poll(upstream.name(), outcome);
        match answer {
            Ok(poll) => {
                kill_point!("poll.read");
                self.answered(upstream.name());
                self.polled(clip, upstream, poll).await;
            }
            Err(PollError::Missing) => {
                self.answered(upstream.name());
                self.unknown_job(clip).await;
            }
            Err(PollError::Later { retry_after, words }) => {
                self.unanswered(upstream.name(), retry_after);
                let failures = clip.failures + 1;
                let pause = pace::backoff(failures, retry_after, SLOWEST_RETRY, Self::noise());
                self.put_off(clip, failures, pause, Note::new(Reason::PollFailing, &words)).await;
            }
        }
        self.tell(clip);
    }

    /// Asks about a job. An answer about another job that is known here tells nothing about this one; other names than
    /// that asked for are let pass, since a gateway may call a job by the name that its own upstream gave.
    pub(super) async fn ask(&self, clip: &Clip, upstream: &dyn Upstream, job: &UpstreamId) -> Result<Poll, PollError> {
        let poll = upstream.poll(job).await?;
        let Some(other) = &poll.about else { return Ok(poll) };
        let jobs = [other.0.as_str()];
        let held = self.persist("whose job it is", || self.0.parts.store.jobs_held(&clip.upstream, &jobs)).await;
        if held.is_some_and(|held| held.is_empty()) {
            return Ok(poll);
        }
        let words = "The upstream answered about another job.".to_owned();
        Err(PollError::Later { retry_after: None, words })
    }

    async fn polled(&self, clip: &Clip, upstream: &dyn Upstream, poll: Poll) {
        let parts = &self.0.parts;
        let (id, now) = (clip.id, parts.clock.now());
        match poll.phase {
            Phase::Waiting | Phase::Running => {
                let age = now.since(clip.accepted_at.unwrap_or(clip.queued_at));
                let models = upstream.models();
                let deadline =
                    models.iter().find(|model| model.id == clip.model).map_or(DEADLINE, |model| model.deadline);
                if age > deadline + GIVEN_UP_AFTER {
                    warn!(generation.id = %id, "generation {id} is still unfinished a day after its time");
                    let note = Note::new(Reason::Lost, "The upstream still called it unfinished a day after its time.");
                    self.persist("an endless render", || parts.store.refused_late(id, now, note)).await;
                    return;
                }
                let stalled = age > deadline;
                let pause = if stalled { STALLED_POLL } else { pace::next_poll(age, poll.poll_after, Self::noise()) };
                let reason = stalled.then_some(Reason::Stalled);
                let due = now.after(pause);
                self.persist("progress", || parts.store.told(id, poll.progress, poll.expires_at, due, reason)).await;
            }
            Phase::Done(source) => {
                info!(generation.id = %id, "generation {id} is rendered");
                let url = source.url.as_deref();
                self.persist("the end of a render", || parts.store.rendered(id, url, poll.expires_at, now)).await;
                parts.wake.notify_one();
            }
            Phase::Failed(Refusal { reason, code, words }) => {
                info!(generation.id = %id, %reason, "generation {id} failed at its upstream");
                let note = Note { reason: Some(reason), words: Some(&words), code: code.as_deref() };
                self.persist("a failed render", || parts.store.refused_late(id, now, note)).await;
            }
            Phase::Canceled => {
                self.persist("a stopped render", || parts.store.canceled(id, now)).await;
            }
        }
    }

    async fn unknown_job(&self, clip: &Clip) {
        let parts = &self.0.parts;
        let before = if clip.reason == Some(Reason::Lost) { clip.failures } else { 0 };
        let words = "The upstream says that it does not know this job.";
        let note = Note::new(Reason::Lost, words);
        let place = usize::try_from(before).unwrap_or(usize::MAX);
        if let Some(pause) = UNKNOWN_JOB.get(place) {
            self.put_off(clip, before + 1, *pause, note).await;
        } else {
            warn!(generation.id = %clip.id, "generation {} is lost at its upstream", clip.id);
            self.persist("a lost job", || parts.store.refused_late(clip.id, parts.clock.now(), note)).await;
        }
    }

    async fn put_off(&self, clip: &Clip, failures: u32, pause: Duration, note: Note<'_>) {
        let parts = &self.0.parts;
        let due = parts.clock.now().after(pause);
        self.persist("a failed poll", || parts.store.put_off(clip.id, State::InProgress, failures, due, note)).await;
    }
}
