//! The worker: takes what is due from the database and carries each generation one step further.
//! It holds nothing that a restart would lose; sends, polls and downloads never wait for each other.

pub mod breaker;
mod deliver;
mod download;
pub mod pause;
mod poll;
mod poster;
mod purge;
mod reconcile;
mod submit;

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

use crate::bus::{Bus, Change};
use crate::clock::Clock;
use crate::domain::{GenerationId, Millis, Reason, State};
use crate::files::Files;
use crate::helper::Helper;
use crate::metrics::Metrics;
use crate::store::clips::Clip;
use crate::store::generations::Note;
use crate::store::{self, Store};
use crate::upstream::{Upstream, Upstreams, animatic};

use breaker::{Breaker, Gate};
pub use deliver::Messenger;
pub use download::Arrivals;
use pause::Rest;

/// How long the loop rests when nothing is due; a wake cuts it short.
const REST: Duration = Duration::from_secs(5);
/// The same while something that is due is still being worked on.
const HELD: Duration = Duration::from_secs(1);
/// Polls in flight at one upstream.
const POLLS: usize = 8;
/// Downloads in flight from one upstream.
const DOWNLOADS: usize = 3;
/// How often the trash is looked through.
const PURGES: Duration = Duration::from_mins(1);
/// Nothing is put off further than this; what is, was due by a clock that has been moved back since.
const LONGEST_WAIT: Duration = Duration::from_hours(3);
/// A clock that went back this far was moved; less is the fine tuning of a time server.
const SET_BACK: Duration = Duration::from_secs(5);
/// How often a database that fails is tried again.
const DATABASE_PAUSE: Duration = Duration::from_secs(1);

/// What the worker works with.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The data folder.
    pub files: Files,
    /// The time.
    pub clock: Clock,
    /// The video servers.
    pub upstreams: Upstreams,
    /// Where changes are told.
    pub bus: Bus,
    /// Rung when something may be due.
    pub wake: Arc<Notify>,
    /// Every task that outlives a call.
    pub tasks: TaskTracker,
    /// Set when the process is to end.
    pub stop: CancellationToken,
    /// How far downloads are.
    pub arrivals: Arrivals,
    /// What decodes frames.
    pub helper: Helper,
    /// What tells webhooks.
    pub messenger: Messenger,
    /// What is counted.
    pub metrics: Metrics,
}

/// Carries generations forward.
#[derive(Clone)]
pub struct Worker(Arc<Inner>);

struct Inner {
    parts: Parts,
    // Generations that a task is busy with, and for which upstream: one step at a time each.
    busy: Mutex<HashMap<(Step, GenerationId), String>>,
    // Upstreams that take no creates just now, until when, and how often in a row.
    rests: Mutex<HashMap<String, Rest>>,
    // Upstreams that do not answer, or asked to be left alone.
    breakers: Mutex<HashMap<String, Breaker>>,
    pulse: AtomicI64,
    // When the trash was last looked through.
    purged: AtomicI64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    Poll,
    Download,
    /// Looks for all lost creates of an upstream; held by one of them.
    Reconcile,
    Poster,
    /// Tells a webhook; held by the delivery's id, at no upstream.
    Deliver,
}

/// Marks a generation as being worked on for as long as it lives.
struct Busy {
    inner: Arc<Inner>,
    what: (Step, GenerationId),
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.inner.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.what);
        self.inner.parts.wake.notify_one();
    }
}

impl Worker {
    /// A worker that has not begun.
    pub fn new(parts: Parts) -> Self {
        let pulse = AtomicI64::new(parts.clock.now().as_i64());
        Self(Arc::new(Inner {
            parts,
            busy: Mutex::default(),
            rests: Mutex::default(),
            breakers: Mutex::default(),
            pulse,
            purged: AtomicI64::new(0),
        }))
    }

    /// When the loop last came round.
    pub fn pulse(&self) -> Millis {
        Millis::from_i64(self.0.pulse.load(Ordering::Relaxed))
    }

    /// Works until told to stop.
    pub async fn run(&self) {
        let parts = &self.0.parts;
        self.persist("the boot check", || self.recover()).await;
        while !parts.stop.is_cancelled() {
            // Armed before looking, so that work which comes in between is not slept through.
            let mut woken = std::pin::pin!(parts.wake.notified());
            woken.as_mut().enable();
            self.persist("the waits", || self.keep_waits()).await;
            let rest = match self.tick().await {
                Ok(()) => self.rest().await,
                Err(error) => {
                    error!("the worker could not read the queue: {error}");
                    DATABASE_PAUSE
                }
            };
            tokio::select! {
                () = &mut woken => {}
                () = parts.clock.sleep(rest) => {}
                () = parts.stop.cancelled() => {}
            }
        }
    }

    /// Starts everything that is due now.
    pub async fn tick(&self) -> store::Result<()> {
        let parts = &self.0.parts;
        for upstream in parts.upstreams.iter() {
            self.dispatch(upstream).await?;
            self.start(upstream, State::InProgress, Step::Poll, POLLS).await?;
            self.start(upstream, State::Downloading, Step::Download, DOWNLOADS).await?;
            self.start(upstream, State::Uncertain, Step::Reconcile, 1).await?;
        }
        let now = parts.clock.now();
        let purged = Millis::from_i64(self.0.purged.load(Ordering::Relaxed));
        if now.since(purged) >= PURGES || purged > now {
            self.0.purged.store(now.as_i64(), Ordering::Relaxed);
            self.purge().await?;
            parts.store.forget_deliveries(now).await?;
            if parts.store.fold(&parts.files.database()).await? {
                info!("the database's log had grown long and was folded in");
            }
            let late = parts.store.hurry_all(now, now.after(LONGEST_WAIT)).await?;
            if late > 0 {
                warn!(
                    late,
                    "{late} generations were due further ahead than any wait is long: the clock was moved back"
                );
            }
        }
        self.tell_endings().await?;
        for clip in parts.store.without_poster(4).await? {
            if let Some(busy) = self.hold(Step::Poster, clip.id, &clip.upstream) {
                let worker = self.clone();
                self.spawn(busy, async move { worker.poster(&clip).await });
            }
        }
        Ok(())
    }

    /// Notes when the loop came round. Where the clock was moved back since, everything that waits is due as much
    /// sooner, so that a pause of a minute stays one.
    async fn keep_waits(&self) -> store::Result<()> {
        let now = self.0.parts.clock.now();
        let back = self.pulse().since(now);
        if back >= SET_BACK {
            let moved = self.0.parts.store.moved_back(now, back).await?;
            self.0.moved_back(back);
            warn!(moved, "the clock was moved back by {} s; what waits goes on as before", back.as_secs());
        }
        self.0.pulse.store(now.as_i64(), Ordering::Relaxed);
        Ok(())
    }

    /// What was mid-send when the process ended becomes uncertain; the rest goes on by itself.
    async fn recover(&self) -> store::Result<()> {
        let parts = &self.0.parts;
        let now = parts.clock.now();
        for claim in parts.store.left_mid_send().await? {
            // What is made on this machine costs nothing, and nobody else knows of it: it is simply begun anew.
            let clip = parts.store.clip(claim.generation).await?;
            if clip.is_some_and(|clip| clip.is_local() || clip.upstream == animatic::ID) {
                parts.store.not_sent(claim, now, now, Note::default()).await?;
                continue;
            }
            let note = Note::new(Reason::Restarted, "Rushes stopped while it was sending this.");
            parts.store.lost_contact(claim, now, note).await?;
            warn!(generation.id = %claim.generation, "generation {} was being sent when Rushes stopped", claim.generation);
        }
        Ok(())
    }

    async fn start(&self, upstream: &Arc<dyn Upstream>, state: State, step: Step, most: usize) -> store::Result<()> {
        let parts = &self.0.parts;
        let now = parts.clock.now();
        for clip in parts.store.due(state, upstream.name(), now, 64).await? {
            if self.busy_with(step, upstream.name()) >= most {
                break;
            }
            // A finished file is fetched whatever stands: it may not be kept for long.
            let gate = if step == Step::Download { Gate::Closed } else { self.gate(upstream.name(), now) };
            if matches!(gate, Gate::Open(_)) {
                break;
            }
            let Some(busy) = self.hold(step, clip.id, upstream.name()) else { continue };
            if step == Step::Poll {
                self.breaker(upstream.name(), |breaker| breaker.asked(now));
            }
            let (worker, upstream) = (self.clone(), Arc::clone(upstream));
            self.spawn(busy, async move {
                match step {
                    Step::Poll => worker.poll(&clip, &*upstream).await,
                    Step::Download => worker.download(&clip, &*upstream).await,
                    Step::Reconcile => worker.reconcile(&*upstream).await,
                    Step::Poster => worker.poster(&clip).await,
                    Step::Deliver => {}
                }
            });
        }
        Ok(())
    }

    /// Whether an upstream may be asked now.
    pub fn gate(&self, upstream: &str, now: Millis) -> Gate {
        self.breaker(upstream, |breaker| breaker.gate(now))
    }

    fn breaker<T>(&self, upstream: &str, with: impl FnOnce(&mut Breaker) -> T) -> T {
        let mut breakers = self.0.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        with(breakers.entry(upstream.to_owned()).or_default())
    }

    /// The upstream answered.
    fn answered(&self, upstream: &str) {
        if self.breaker(upstream, Breaker::answered) {
            info!(upstream, "{upstream} answers again");
            self.0.parts.bus.tell(Change::Upstreams);
        }
    }

    /// No use came of a question; it may have asked for a pause, which then holds for everybody.
    fn unanswered(&self, upstream: &str, wish: Option<Duration>) {
        let now = self.0.parts.clock.now();
        let has_opened = self.breaker(upstream, |breaker| {
            if let Some(wish) = wish {
                breaker.asked_to_wait(now, wish);
            }
            breaker.failed(now, Self::noise())
        });
        if has_opened {
            warn!(upstream, "{upstream} does not answer: it is asked once in a while until it does");
            self.0.parts.bus.tell(Change::Upstreams);
        }
    }

    fn busy_with(&self, step: Step, upstream: &str) -> usize {
        let busy = self.0.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.iter().filter(|((other, _), at)| *other == step && *at == upstream).count()
    }

    fn hold(&self, step: Step, id: GenerationId, upstream: &str) -> Option<Busy> {
        let mut busy = self.0.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if busy.contains_key(&(step, id)) {
            return None;
        }
        busy.insert((step, id), upstream.to_owned());
        Some(Busy { inner: Arc::clone(&self.0), what: (step, id) })
    }

    fn spawn(&self, busy: Busy, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.0.parts.stop.clone();
        self.0.parts.tasks.spawn(async move {
            let _busy = busy;
            tokio::select! {
                () = work => {}
                // Polls and downloads may be dropped anywhere: they resume from what is stored.
                () = stop.cancelled() => {}
            }
        });
    }

    /// How long nothing will be due, and no pause will be over.
    async fn rest(&self) -> Duration {
        let parts = &self.0.parts;
        let now = parts.clock.now();
        let Ok(due) = parts.store.next_due(now).await else { return DATABASE_PAUSE };
        let Ok(told) = parts.store.next_delivery().await else { return DATABASE_PAUSE };
        let next = self.next_end(now).into_iter().chain(due).chain(told).min();
        match next {
            Some(next) if next > now => next.since(now).min(REST),
            // Due, but a task is busy with it: its end wakes us.
            Some(_) => HELD,
            None => REST,
        }
    }

    /// Writes something that must not be lost: tried until it is written or the process ends.
    /// `None` when the row moved on, or at the end.
    async fn persist<T, F, W>(&self, what: &str, write: W) -> Option<T>
    where
        W: Fn() -> F,
        F: Future<Output = store::Result<T>>,
    {
        let parts = &self.0.parts;
        loop {
            match write().await {
                Ok(value) => return Some(value),
                Err(store::Error::Stale) => {
                    info!("{what} came too late: the generation had moved on");
                    return None;
                }
                Err(error) => error!("{what} could not be written, and is tried again: {error}"),
            }
            tokio::select! {
                () = parts.clock.sleep(DATABASE_PAUSE) => {}
                () = parts.stop.cancelled() => return None,
            }
        }
    }

    fn tell(&self, clip: &Clip) {
        self.0.parts.bus.tell(Change::Generation(clip.id, clip.task, clip.person));
    }

    /// A random share from 0 to 999.
    fn noise() -> u64 {
        rand::random_range(0..1000)
    }
}
