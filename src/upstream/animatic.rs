//! The embedded upstream: draws a preview of the prompt on this machine, and is honest about it.
//! A job is a small file, so that a restart draws it anew; the clip stays until it is fetched.

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use serde::{Deserialize, Serialize};
use tracing::{error, warn};

use super::local;
use super::{
    Accepted, Body, CreateError, FetchError, Health, Listing, Order, Phase, Poll, PollError, Refusal, Resume, Source,
    Stop, Upstream, UpstreamId,
};
use crate::domain::{Ability, Durations, Model, Pixels, Price, Reason, Seconds};
use crate::helper::{Helper, Task};

/// The embedded model's id, and its upstream's name.
pub const ID: &str = "animatic";
/// Jobs accepted at once; how many are drawn at once is the number of render threads.
const MAX_IN_FLIGHT: u32 = 8;
const LENGTHS: [u16; 8] = [4, 5, 6, 8, 10, 12, 15, 20];
const SHAPES: [&str; 6] = ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"];

/// A job as it is kept on disk.
#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    prompt: String,
    wide: u16,
    high: u16,
    seconds: u16,
    seed: u64,
    has_plate: bool,
}

/// How far a job is, shared with the thread that draws it.
#[derive(Default)]
struct Drawing {
    percent: AtomicU8,
    stop: AtomicBool,
    failed: Mutex<Option<String>>,
}

#[derive(Default)]
struct Desk {
    waiting: VecDeque<String>,
    drawings: HashMap<String, Arc<Drawing>>,
    closed: bool,
}

struct Studio {
    folder: PathBuf,
    helper: Helper,
    desk: Mutex<Desk>,
    work: Condvar,
}

/// The embedded preview renderer.
pub struct Animatic {
    studio: Arc<Studio>,
    models: Arc<[Model]>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
}

impl Animatic {
    /// Keeps its jobs in `folder` and has `renders` of them drawn by helpers at once.
    pub fn start(folder: PathBuf, renders: usize, helper: Helper) -> std::io::Result<Self> {
        fs::create_dir_all(&folder)?;
        // Half drawings of a process that ended; their jobs are drawn anew.
        for entry in fs::read_dir(&folder)?.flatten() {
            if entry.path().extension().is_some_and(|kind| kind == "part") {
                fs::remove_file(entry.path())?;
            }
        }
        let studio = Arc::new(Studio { folder, helper, desk: Mutex::default(), work: Condvar::new() });
        let threads = (0..renders.max(1))
            .map(|number| {
                let studio = Arc::clone(&studio);
                std::thread::Builder::new().name(format!("animatic-{number}")).spawn(move || studio.draw_all())
            })
            .collect::<std::io::Result<Vec<_>>>()?;
        Ok(Self { studio, models: [model()].into(), threads: Mutex::new(threads) })
    }

    /// Stops drawing; what was begun is drawn anew after a restart. Blocking, for a frame's time.
    pub fn close(&self) {
        {
            let mut desk = self.studio.desk();
            desk.closed = true;
            desk.waiting.clear();
            desk.drawings.values().for_each(|drawing| drawing.stop.store(true, Ordering::Relaxed));
        }
        self.studio.work.notify_all();
        for thread in self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if thread.join().is_err() {
                error!("an animatic thread had panicked");
            }
        }
    }
}

fn model() -> Model {
    let sizes = SHAPES.iter().flat_map(|shape| ["480p", "720p", "1080p"].map(|name| Pixels::named(shape, name)));
    // The encoder's bound: nothing wider than 1920 or larger than full HD.
    let fits = |size: &Pixels| size.wide() <= 1920 && u32::from(size.wide()) * u32::from(size.high()) <= 1920 * 1080;
    Model {
        key: ID.to_owned(),
        id: ID.to_owned(),
        label: "Animatic".to_owned(),
        upstream: ID.to_owned(),
        sizes: sizes.flatten().filter(fits).collect(),
        durations: Durations {
            offered: LENGTHS.into_iter().filter_map(Seconds::new).collect(),
            any_within: Seconds::new(4).zip(Seconds::new(20)),
        },
        price: Price::FREE,
        abilities: Some(vec![Ability::Seed]),
        references: 0,
        deadline: crate::domain::model::DEADLINE,
        is_guess: false,
        is_animatic: true,
    }
}

impl Studio {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, id: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{id}.{extension}"))
    }

    fn save(&self, id: &str, order: &Order) -> std::io::Result<()> {
        if let Some(reference) = &order.reference {
            fs::write(self.path(id, "plate"), &reference.bytes)?;
        }
        let saved = Saved {
            prompt: order.prompt.clone(),
            wide: order.size.wide(),
            high: order.size.high(),
            seconds: order.seconds.get(),
            seed: order.seed,
            has_plate: order.reference.is_some(),
        };
        fs::write(self.path(id, "json"), serde_json::to_vec(&saved)?)
    }

    /// Puts a job on the desk, unless it is there.
    fn take_up(&self, id: &str) -> Arc<Drawing> {
        let mut desk = self.desk();
        if let Some(drawing) = desk.drawings.get(id) {
            return Arc::clone(drawing);
        }
        let drawing = Arc::new(Drawing::default());
        desk.drawings.insert(id.to_owned(), Arc::clone(&drawing));
        desk.waiting.push_back(id.to_owned());
        self.work.notify_one();
        drawing
    }

    fn draw_all(&self) {
        loop {
            let (id, drawing) = {
                let mut desk = self.desk();
                loop {
                    if desk.closed {
                        return;
                    }
                    if let Some(id) = desk.waiting.pop_front()
                        && let Some(drawing) = desk.drawings.get(&id)
                    {
                        break (id, Arc::clone(drawing));
                    }
                    if desk.waiting.is_empty() {
                        desk = self.work.wait(desk).unwrap_or_else(PoisonError::into_inner);
                    }
                }
            };
            let end = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.draw(&id, &drawing)))
                .unwrap_or_else(|_| Err("The preview could not be drawn.".to_owned()));
            if let Err(words) = end
                && !drawing.stop.load(Ordering::Relaxed)
            {
                warn!("animatic {id} failed: {words}");
                *drawing.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
            }
        }
    }

    fn draw(&self, id: &str, drawing: &Drawing) -> Result<(), String> {
        let words = |error: std::io::Error| format!("The preview could not be kept: {error}.");
        let saved: Saved = fs::read(self.path(id, "json")).map_err(words).and_then(|text| {
            serde_json::from_slice(&text).map_err(|error| format!("The job is not readable: {error}."))
        })?;
        let part = self.path(id, "part");
        let task = Task::Preview {
            prompt: saved.prompt,
            wide: u32::from(saved.wide),
            high: u32::from(saved.high),
            seconds: u32::from(saved.seconds),
            seed: saved.seed,
            plate: saved.has_plate.then(|| self.path(id, "plate")),
            out: part.clone(),
        };
        self.helper
            .run(&task, &mut |percent| {
                drawing.percent.fetch_max(percent, Ordering::Relaxed);
                if drawing.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
            .map_err(|trouble| format!("The preview could not be drawn. {trouble}"))?;
        fs::rename(&part, self.path(id, "mp4")).map_err(words)
    }

    fn look(&self, id: &str) -> Result<Poll, PollError> {
        // Asking costs nothing here, and a preview takes seconds.
        let poll_after = Some(Duration::from_millis(300));
        let told = |phase, progress| Poll { phase, progress, poll_after, expires_at: None, about: None };
        if !is_ours(id) || !self.path(id, "json").is_file() {
            return Err(PollError::Missing);
        }
        if self.path(id, "mp4").is_file() {
            return Ok(told(Phase::Done(Source::default()), Some(100)));
        }
        let drawing = self.take_up(id);
        if let Some(words) = drawing.failed.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Ok(told(Phase::Failed(Refusal { reason: Reason::RenderFailed, code: None, words }), None));
        }
        let waits = self.desk().waiting.iter().any(|waiting| waiting == id);
        let percent = drawing.percent.load(Ordering::Relaxed);
        Ok(told(if waits { Phase::Waiting } else { Phase::Running }, Some(percent)))
    }

    fn forget(&self, id: &str) {
        {
            let mut desk = self.desk();
            desk.waiting.retain(|waiting| waiting != id);
            if let Some(drawing) = desk.drawings.remove(id) {
                drawing.stop.store(true, Ordering::Relaxed);
            }
        }
        for extension in ["json", "plate", "part", "mp4"] {
            let _ = fs::remove_file(self.path(id, extension));
        }
    }
}

/// Whether a name is one that `create` makes, and so safe as a file name.
fn is_ours(id: &str) -> bool {
    local::is_job(ID, id)
}

impl Upstream for Animatic {
    fn name(&self) -> &'static str {
        ID
    }

    fn max_in_flight(&self) -> u32 {
        MAX_IN_FLIGHT
    }

    fn models(&self) -> Arc<[Model]> {
        Arc::clone(&self.models)
    }

    fn health(&self) -> Health {
        Health::Up
    }

    fn refresh(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }

    fn create<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Accepted, CreateError>> {
        async move {
            let id = local::job(ID, &order.idempotency_key);
            let (studio, job, order) = (Arc::clone(&self.studio), id.clone(), order.clone());
            let saved = tokio::task::spawn_blocking(move || {
                studio.save(&job, &order).inspect_err(|_| studio.forget(&job)).map(|()| drop(studio.take_up(&job)))
            })
            .await;
            match saved {
                Ok(Ok(())) => Ok(Accepted { id: UpstreamId(id), poll_after: Some(Duration::from_millis(200)) }),
                Ok(Err(error)) => Err(not_kept(&error)),
                Err(error) => Err(not_kept(&std::io::Error::other(error.to_string()))),
            }
        }
        .boxed()
    }

    fn poll<'a>(&'a self, id: &'a UpstreamId) -> BoxFuture<'a, Result<Poll, PollError>> {
        std::future::ready(self.studio.look(&id.0)).boxed()
    }

    fn fetch<'a>(
        &'a self,
        id: &'a UpstreamId,
        _source: &'a Source,
        resume: Option<&'a Resume>,
    ) -> BoxFuture<'a, Result<Body, FetchError>> {
        async move {
            if !is_ours(&id.0) {
                return Err(FetchError::Gone { words: "There is no such preview.".to_owned() });
            }
            local::open(&self.studio.path(&id.0, "mp4"), resume)
                .await
                .map_err(|error| FetchError::Gone { words: format!("The preview is gone: {error}.") })
        }
        .boxed()
    }

    fn thumbnail<'a>(&'a self, _id: &'a UpstreamId) -> BoxFuture<'a, Option<Bytes>> {
        std::future::ready(None).boxed()
    }

    fn can_stop(&self, _id: &UpstreamId) -> bool {
        true
    }

    fn stop<'a>(&'a self, id: &'a UpstreamId) -> BoxFuture<'a, Stop> {
        async move {
            if is_ours(&id.0) {
                self.studio.forget(&id.0);
            }
            Stop::Stopped
        }
        .boxed()
    }

    fn settle<'a>(&'a self, id: &'a UpstreamId) -> BoxFuture<'a, ()> {
        async move {
            if is_ours(&id.0) {
                self.studio.forget(&id.0);
            }
        }
        .boxed()
    }

    fn list<'a>(&'a self, _after: Option<&'a UpstreamId>) -> BoxFuture<'a, Option<Listing>> {
        std::future::ready(None).boxed()
    }
}

fn not_kept(error: &std::io::Error) -> CreateError {
    CreateError::NotSent {
        reason: Reason::DiskFull,
        retry_after: Some(Duration::from_secs(10)),
        words: format!("The preview's job could not be kept: {error}."),
    }
}
