//! The embedded upstream that makes clips of clips: trim, stitch, loop, blend, other forms. It runs
//! `ffmpeg` where that is installed. A job is a small file, so that a restart makes it anew.

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
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
    Stop, Upstream, UpstreamId, Work,
};
use crate::child::CRASHES;
use crate::domain::{Model, Reason};
use crate::ffmpeg::{self, Limits, Probe, Recipe, Trouble};

/// The upstream's name.
pub const ID: &str = "ffmpeg";
/// Jobs accepted at once; they are run one after the other.
const MAX_IN_FLIGHT: u32 = 8;
/// The pause after somebody else ended a run, before the next.
const AFTER_KILL: Duration = Duration::from_millis(200);

/// The installed programs.
#[derive(Clone)]
pub struct Tool(Arc<ffmpeg::Tool>, PathBuf);

impl Tool {
    /// Saves a clip's first or last frame as PNG; else a sentence.
    pub async fn frame(&self, from: PathBuf, to: PathBuf, last: bool) -> Result<(), String> {
        self.still(from, to, Recipe::Frame { at_ms: 0, last }).await
    }

    /// Saves a clip's frame at a moment, in milliseconds, as PNG; else a sentence.
    pub async fn frame_at(&self, from: PathBuf, to: PathBuf, at_ms: u64) -> Result<(), String> {
        self.still(from, to, Recipe::Frame { at_ms, last: false }).await
    }

    async fn still(&self, from: PathBuf, to: PathBuf, recipe: Recipe) -> Result<(), String> {
        let tool = self.clone();
        let limits = Limits { wall: Duration::from_mins(1), ..Limits::default() };
        let run = move || {
            let inputs = [from];
            ffmpeg::run(&tool.0, &recipe, &inputs, &to, &tool.1, &limits, &mut |_| ControlFlow::Continue(()))
        };
        let made = tokio::task::spawn_blocking(run).await;
        made.map_err(|_| "The frame could not be taken.".to_owned())?.map(drop).map_err(|trouble| trouble.to_string())
    }

    /// What a file is; else a sentence.
    pub async fn probe(&self, path: PathBuf) -> Result<Probe, String> {
        let tool = self.clone();
        let probed = tokio::task::spawn_blocking(move || tool.0.probe(&path)).await;
        probed.map_err(|_| "The clip could not be read.".to_owned())?.map_err(|trouble| trouble.to_string())
    }
}

/// A job as it is kept on disk.
#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    recipe: Recipe,
    inputs: Vec<PathBuf>,
}

#[derive(Default)]
struct Run {
    percent: AtomicU8,
    stop: AtomicBool,
    failed: Mutex<Option<String>>,
}

#[derive(Default)]
struct Desk {
    waiting: VecDeque<String>,
    runs: HashMap<String, Arc<Run>>,
    closed: bool,
}

struct Bench {
    folder: PathBuf,
    /// Where the programs are looked for; none for where the system finds them.
    programs: Option<PathBuf>,
    tool: Mutex<Option<Tool>>,
    desk: Mutex<Desk>,
    work: Condvar,
}

/// Makes clips of clips.
pub struct Ffmpeg {
    bench: Arc<Bench>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Ffmpeg {
    /// Keeps its jobs in `folder`, and looks for the programs in `programs` or where the system has them.
    pub fn start(folder: PathBuf, programs: Option<PathBuf>) -> std::io::Result<Self> {
        fs::create_dir_all(&folder)?;
        // Halves of a process that ended; their jobs are run anew.
        for entry in fs::read_dir(&folder)?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                fs::remove_dir_all(path)?;
            } else if path.extension().is_some_and(|kind| kind == "part") {
                fs::remove_file(path)?;
            }
        }
        let (tool, desk) = (Mutex::default(), Mutex::default());
        let bench = Arc::new(Bench { folder, programs, tool, desk, work: Condvar::new() });
        let busy = Arc::clone(&bench);
        let thread = std::thread::Builder::new().name("ffmpeg".to_owned()).spawn(move || busy.run_all())?;
        Ok(Self { bench, thread: Mutex::new(Some(thread)) })
    }

    /// The programs, looked for until they are there: whoever installs them need not restart. Else a
    /// line that says how to get them.
    pub async fn tool(&self) -> Result<Tool, String> {
        if let Some(tool) = self.bench.known() {
            return Ok(tool);
        }
        let bench = Arc::clone(&self.bench);
        let found = tokio::task::spawn_blocking(move || bench.tool()).await;
        found.unwrap_or_else(|_| Err("ffmpeg could not be started.".to_owned()))
    }

    /// Stops; what was begun is run anew after a restart. Blocking.
    pub fn close(&self) {
        {
            let mut desk = self.bench.desk();
            desk.closed = true;
            desk.waiting.clear();
            desk.runs.values().for_each(|run| run.stop.store(true, Ordering::Relaxed));
        }
        self.bench.work.notify_all();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            error!("the ffmpeg thread had panicked");
        }
    }
}

impl Bench {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> Option<Tool> {
        self.tool.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Blocking: starts the programs once to hear their version.
    fn tool(&self) -> Result<Tool, String> {
        if let Some(tool) = self.known() {
            return Ok(tool);
        }
        let found = ffmpeg::Tool::find(self.programs.as_deref()).map_err(|absent| absent.to_string())?;
        let tool = Tool(Arc::new(found), self.folder.clone());
        *self.tool.lock().unwrap_or_else(PoisonError::into_inner) = Some(tool.clone());
        Ok(tool)
    }

    fn path(&self, id: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{id}.{extension}"))
    }

    /// Puts a job on the desk, unless it is there.
    fn take_up(&self, id: &str) -> Arc<Run> {
        let mut desk = self.desk();
        if let Some(run) = desk.runs.get(id) {
            return Arc::clone(run);
        }
        let run = Arc::new(Run::default());
        desk.runs.insert(id.to_owned(), Arc::clone(&run));
        desk.waiting.push_back(id.to_owned());
        self.work.notify_one();
        run
    }

    fn run_all(&self) {
        loop {
            let (id, run) = {
                let mut desk = self.desk();
                loop {
                    if desk.closed {
                        return;
                    }
                    if let Some(id) = desk.waiting.pop_front()
                        && let Some(run) = desk.runs.get(&id)
                    {
                        break (id, Arc::clone(run));
                    }
                    if desk.waiting.is_empty() {
                        desk = self.work.wait(desk).unwrap_or_else(PoisonError::into_inner);
                    }
                }
            };
            let end = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.make(&id, &run)))
                .unwrap_or_else(|_| Err("The clip could not be made.".to_owned()));
            if let Err(words) = end
                && !run.stop.load(Ordering::Relaxed)
            {
                warn!("{id} failed: {words}");
                *run.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
            }
        }
    }

    fn make(&self, id: &str, run: &Run) -> Result<(), String> {
        let words = |error: std::io::Error| format!("The job could not be read: {error}.");
        let saved: Saved = fs::read(self.path(id, "json"))
            .and_then(|text| serde_json::from_slice(&text).map_err(std::io::Error::other))
            .map_err(words)?;
        let tool = self.tool()?;
        let mut follow = |percent: u8| {
            run.percent.store(percent.min(99), Ordering::Relaxed);
            if run.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let out = self.path(id, "out");
        let mut crashes = 0;
        loop {
            let limits = Limits::default();
            match ffmpeg::run(&tool.0, &saved.recipe, &saved.inputs, &out, &self.folder, &limits, &mut follow) {
                Ok(_) => return Ok(()),
                // Whoever ended it may end it again: that parks nothing.
                Err(Trouble::Killed) if follow(0).is_continue() => std::thread::sleep(AFTER_KILL),
                Err(Trouble::Crashed(_)) if crashes + 1 < CRASHES => crashes += 1,
                Err(trouble @ Trouble::Crashed(_)) => {
                    return Err(format!(
                        "{trouble} It did so {CRASHES} times in a row, and is not tried again by itself."
                    ));
                }
                Err(trouble) => {
                    if matches!(trouble, Trouble::Absent(_)) {
                        *self.tool.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    }
                    return Err(trouble.to_string());
                }
            }
        }
    }

    fn look(&self, id: &str) -> Result<Poll, PollError> {
        let poll_after = Some(Duration::from_millis(300));
        let told = |phase, progress| Poll { phase, progress, poll_after, expires_at: None, about: None };
        if !is_ours(id) || !self.path(id, "json").is_file() {
            return Err(PollError::Missing);
        }
        if self.path(id, "out").is_file() {
            return Ok(told(Phase::Done(Source::default()), Some(100)));
        }
        let run = self.take_up(id);
        if let Some(words) = run.failed.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Ok(told(Phase::Failed(Refusal { reason: Reason::RenderFailed, code: None, words }), None));
        }
        let waits = self.desk().waiting.iter().any(|waiting| waiting == id);
        let percent = run.percent.load(Ordering::Relaxed);
        Ok(told(if waits { Phase::Waiting } else { Phase::Running }, Some(percent)))
    }

    fn forget(&self, id: &str) {
        {
            let mut desk = self.desk();
            desk.waiting.retain(|waiting| waiting != id);
            if let Some(run) = desk.runs.remove(id) {
                run.stop.store(true, Ordering::Relaxed);
            }
        }
        for extension in ["json", "part", "out"] {
            let _ = fs::remove_file(self.path(id, extension));
        }
    }

    fn save(&self, id: &str, order: &Order) -> Result<(), CreateError> {
        let refused = |words: String| CreateError::Refused(Refusal { reason: Reason::Invalid, code: None, words });
        let Work::Local(recipe, inputs) = &order.work else {
            return Err(refused("This is nothing that ffmpeg can make.".to_owned()));
        };
        let recipe =
            serde_json::from_str(recipe).map_err(|error| refused(format!("The recipe is broken: {error}.")))?;
        self.tool().map_err(refused)?;
        let text = serde_json::to_vec(&Saved { recipe, inputs: inputs.clone() }).map_err(std::io::Error::other);
        text.and_then(|text| fs::write(self.path(id, "json"), text)).map_err(|error| CreateError::NotSent {
            reason: Reason::DiskFull,
            retry_after: Some(Duration::from_secs(10)),
            words: format!("The job could not be kept: {error}."),
        })
    }
}

/// Whether a name is one that `create` makes, and so safe as a file name.
fn is_ours(id: &str) -> bool {
    local::is_job(ID, id)
}

impl Upstream for Ffmpeg {
    fn name(&self) -> &'static str {
        ID
    }

    fn max_in_flight(&self) -> u32 {
        MAX_IN_FLIGHT
    }

    /// Nothing that a composer could choose.
    fn models(&self) -> Arc<[Model]> {
        [].into()
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
            let (bench, job, order) = (Arc::clone(&self.bench), id.clone(), order.clone());
            let saved = tokio::task::spawn_blocking(move || {
                bench.save(&job, &order).inspect_err(|_| bench.forget(&job)).map(|()| drop(bench.take_up(&job)))
            });
            saved.await.unwrap_or_else(|_| {
                let words = "The job could not be kept.".to_owned();
                Err(CreateError::Refused(Refusal { reason: Reason::Invalid, code: None, words }))
            })?;
            Ok(Accepted { id: UpstreamId(id), poll_after: Some(Duration::from_millis(200)) })
        }
        .boxed()
    }

    fn poll<'a>(&'a self, id: &'a UpstreamId) -> BoxFuture<'a, Result<Poll, PollError>> {
        std::future::ready(self.bench.look(&id.0)).boxed()
    }

    fn fetch<'a>(
        &'a self,
        id: &'a UpstreamId,
        _source: &'a Source,
        resume: Option<&'a Resume>,
    ) -> BoxFuture<'a, Result<Body, FetchError>> {
        let gone = |words: String| FetchError::Gone { words };
        async move {
            if !is_ours(&id.0) {
                return Err(gone("There is no such job.".to_owned()));
            }
            let path: &Path = &self.bench.path(&id.0, "out");
            local::open(path, resume).await.map_err(|error| gone(format!("What was made is gone: {error}.")))
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
        if is_ours(&id.0) {
            self.bench.forget(&id.0);
        }
        std::future::ready(Stop::Stopped).boxed()
    }

    fn settle<'a>(&'a self, id: &'a UpstreamId) -> BoxFuture<'a, ()> {
        if is_ours(&id.0) {
            self.bench.forget(&id.0);
        }
        std::future::ready(()).boxed()
    }

    fn list<'a>(&'a self, _after: Option<&'a UpstreamId>) -> BoxFuture<'a, Option<Listing>> {
        std::future::ready(None).boxed()
    }
}
