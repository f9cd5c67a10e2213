//! Sending: claim a place, write the attempt, send once, write the outcome.

use std::sync::Arc;

use bytes::Bytes;
use tracing::{info, warn};

use super::Worker;
use super::breaker::Gate;
use crate::bus::Change;
use crate::domain::{AttemptId, Crop, Operation, Options, Reason, State, Usd, pace};
use crate::kill::kill_point;
use crate::media::reference;
use crate::store::clips::Clip;
use crate::store::generations::{Claim, Note};
use crate::store::{self};
use crate::upstream::{Accepted, CreateError, Extras, Order, Reference, Refusal, Upstream, UpstreamId, Work};

impl Worker {
    /// Sends as many as the upstream has places for.
    pub(super) async fn dispatch(&self, upstream: &Arc<dyn Upstream>) -> store::Result<()> {
        let parts = &self.0.parts;
        while !parts.stop.is_cancelled() {
            let now = parts.clock.now();
            if self.paused(upstream.name(), now) || !parts.files.has_room() {
                return Ok(());
            }
            match self.gate(upstream.name(), now) {
                Gate::Open(_) => return Ok(()),
                // A question about what runs there finds out for nothing; a create is risked only where there is none.
                Gate::HalfOpen if self.runs_something(upstream.name()).await? => return Ok(()),
                Gate::HalfOpen | Gate::Closed => {}
            }
            if let Some(until) = parts.store.gated_until(upstream.name(), now).await? {
                self.rest_until(upstream.name(), until);
                return Ok(());
            }
            let attempt = AttemptId::new(now, rand::random());
            let key = format!("rushes-{:032x}", rand::random::<u128>());
            let claim = parts.store.claim(upstream.name(), upstream.max_in_flight(), attempt, &key, now).await?;
            let Some(claim) = claim else { return Ok(()) };
            self.breaker(upstream.name(), |breaker| breaker.asked(now));
            let (worker, upstream) = (self.clone(), Arc::clone(upstream));
            // Not cut off by a stop: an answer that is on its way is waited for, so that it is not lost.
            parts.tasks.spawn(async move { worker.submit(claim, key, &*upstream).await });
        }
        Ok(())
    }

    async fn runs_something(&self, upstream: &str) -> store::Result<bool> {
        let census = self.0.parts.store.census().await?;
        Ok(census.iter().any(|(name, state, many)| name == upstream && *state == State::InProgress && *many > 0))
    }

    async fn submit(&self, claim: Claim, key: String, upstream: &dyn Upstream) {
        let parts = &self.0.parts;
        let clip = self.persist("reading a claimed generation", || parts.store.clip(claim.generation)).await.flatten();
        let Some(clip) = clip else { return };
        self.tell(&clip);
        let outcome = match self.order(&clip, key).await {
            Ok(order) => upstream.create(&order).await,
            Err(words) => Err(CreateError::Refused(Refusal { reason: Reason::Invalid, code: None, words })),
        };
        self.record(claim, &clip, upstream.name(), outcome).await;
        self.tell(&clip);
        parts.wake.notify_one();
    }

    async fn order(&self, clip: &Clip, idempotency_key: String) -> Result<Order, String> {
        let options = &clip.options;
        let reference = match &clip.reference {
            Some(path) => Some(self.picture(clip, path, options.crop).await?),
            None => None,
        };
        let last_frame = match &options.last_frame {
            Some(path) => Some(self.picture(clip, path, Crop::MIDDLE).await?),
            None => None,
        };
        let mut references = Vec::new();
        for path in &options.references {
            references.push(self.picture(clip, path, Crop::MIDDLE).await?);
        }
        let extras = Extras {
            seed: options.seed.map(|_| clip.seed),
            negative: options.negative.clone(),
            audio: options.audio,
            last_frame,
            references,
        };
        Ok(Order {
            prompt: clip.sent_prompt(),
            model: clip.model.clone(),
            size: clip.size,
            seconds: clip.seconds,
            seed: clip.seed,
            reference,
            extras,
            work: self.work_of(clip).await?,
            idempotency_key,
        })
    }

    /// What a clip is made of, looked up just before it is made.
    async fn work_of(&self, clip: &Clip) -> Result<Work, String> {
        let parts = &self.0.parts;
        if !clip.is_local() && !clip.options.native {
            return Ok(Work::Create);
        }
        let sources = parts.store.sources_of(clip.task).await.map_err(|error| error.to_string())?;
        if let Some(recipe) = &clip.recipe {
            let files = sources.iter().map(|source| source.file.as_ref().map(|file| parts.files.at(&file.path)));
            let files: Option<Vec<_>> = files.collect();
            let files = files.filter(|files| !files.is_empty());
            return Ok(Work::Local(recipe.clone(), files.ok_or("A clip that this is made of is gone.")?));
        }
        let source = sources.into_iter().next().filter(|source| source.upstream == clip.upstream);
        let job = source.and_then(|source| source.upstream_id).map(UpstreamId);
        let job = job.ok_or("The clip that this is made of is not known to this upstream any more.")?;
        Ok(if clip.operation == Operation::Extend { Work::Extend(job) } else { Work::Remix(job) })
    }

    /// The wishes of a remix that the upstream does not make of its own clip.
    async fn made_anew(&self, clip: &Clip) -> Options {
        let sources = self.persist("reading a source", || self.0.parts.store.sources_of(clip.task)).await;
        let base = sources.unwrap_or_default().into_iter().next().map(|source| source.prompt);
        Options { native: false, base, ..clip.options.clone() }
    }

    /// A picture of a task, cut and scaled to its frame.
    async fn picture(&self, clip: &Clip, path: &str, crop: Crop) -> Result<Reference, String> {
        let path = self.0.parts.files.at(path);
        let (wide, high) = (u32::from(clip.size.wide()), u32::from(clip.size.high()));
        let part = reference::Part { x: crop.x, y: crop.y, zoom: crop.zoom };
        let fitted = tokio::task::spawn_blocking(move || reference::fit(&path, wide, high, part)).await;
        let (bytes, mime) = fitted
            .map_err(|_| "The reference image could not be prepared.".to_owned())?
            .map_err(|error| error.to_string())?;
        Ok(Reference { bytes: Bytes::from(bytes), mime })
    }

    /// Writes the outcome before anything acts on it.
    async fn record(&self, claim: Claim, clip: &Clip, upstream: &str, outcome: Result<Accepted, CreateError>) {
        let parts = &self.0.parts;
        kill_point!("answer.read");
        let id = clip.id;
        let now = parts.clock.now();
        parts.metrics.create(upstream, told(&outcome));
        match outcome {
            Ok(Accepted { id: job, poll_after }) => {
                self.unpause(upstream);
                self.answered(upstream);
                let due = now.after(pace::first_poll(poll_after));
                info!(generation.id = %id, upstream, price_micros = clip.price.map(Usd::micros), "generation {id} was accepted by {upstream}");
                self.persist("an accepted job", || async {
                    match parts.store.accepted(claim, &job.0, now, due).await {
                        Err(store::Error::Taken) => {
                            let words = "The upstream answered with the id of another job.";
                            parts.store.lost_contact(claim, now, Note::new(Reason::OddAnswer, words)).await
                        }
                        other => other,
                    }
                })
                .await;
            }
            Err(CreateError::NotSent { reason, retry_after, words }) => {
                self.unanswered(upstream, retry_after);
                let due = self.pause(upstream, now, reason, retry_after);
                warn!(generation.id = %id, upstream, %reason, "generation {id} was not sent: {words}");
                self.persist("an unsent job", || parts.store.not_sent(claim, now, due, Note::new(reason, &words)))
                    .await;
                parts.bus.tell(Change::Upstreams);
            }
            Err(CreateError::NotOffered) => {
                self.answered(upstream);
                info!(generation.id = %id, upstream, "{upstream} does not remix clips of its own: generation {id} is made anew");
                let options = self.made_anew(clip).await;
                let note = Note { words: Some("The upstream has no remix of its own."), ..Note::default() };
                self.persist("a remix that is made anew", || parts.store.made_anew(claim, &options, now, note)).await;
            }
            Err(CreateError::Refused(refusal)) => {
                let Refusal { reason, code, words } = &refusal;
                if matches!(reason, Reason::Access | Reason::Funds) {
                    self.refused_for_all(upstream, now, *reason);
                    parts.bus.tell(Change::Upstreams);
                } else {
                    self.unpause(upstream);
                }
                self.answered(upstream);
                info!(generation.id = %id, upstream, %reason, "generation {id} was refused by {upstream}");
                let note = Note { reason: Some(*reason), words: Some(words), code: code.as_deref() };
                self.persist("a refusal", || parts.store.refused(claim, now, note)).await;
            }
            Err(CreateError::Uncertain { reason, words }) => {
                self.unanswered(upstream, None);
                warn!(generation.id = %id, upstream, %reason, "nobody can know whether generation {id} was accepted: {words}");
                self.persist("an unknown outcome", || parts.store.lost_contact(claim, now, Note::new(reason, &words)))
                    .await;
            }
        }
    }
}

/// An outcome as it is counted.
const fn told(outcome: &Result<Accepted, CreateError>) -> &'static str {
    match outcome {
        Ok(_) => "accepted",
        Err(CreateError::NotSent { .. }) => "not_sent",
        Err(CreateError::Refused(_) | CreateError::NotOffered) => "refused",
        Err(CreateError::Uncertain { .. }) => "uncertain",
    }
}
