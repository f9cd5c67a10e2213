//! Bringing a finished clip home: a temporary file, checks, hash, fsync, rename, and only then
//! "completed". A break resumes where the upstream can, and starts over where it cannot.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tracing::{info, warn};

use super::Worker;
use crate::domain::{GenerationId, Millis, Reason, Sidecar, State, pace};
use crate::files::{self, Files};
use crate::kill::kill_point;
use crate::media::container::{self, Container, Probe};
use crate::media::still;
use crate::store::clips::{Clip, ClipFile};
use crate::store::generations::Note;
use crate::upstream::{Body, FetchError, Phase, Poll, PollError, Refusal, Resume, Source, Upstream, UpstreamId};

/// No clip is larger; an endless answer ends here.
const LARGEST_BYTES: u64 = 16 * 1024 * 1024 * 1024;
/// How often a file that arrives whole but is no video is asked for again: about half a minute.
const BAD_FILES: u32 = 6;
/// The longest pause between tries, and after `MANY` of them.
const SLOWEST_RETRY: Duration = Duration::from_mins(1);
const SLOWEST_OF_MANY: Duration = Duration::from_mins(5);
const MANY: u32 = 30;
/// How long an upstream is taken to keep a file where it does not say, and the least that it is asked.
const KEPT: Duration = Duration::from_hours(24);
const LEAST_KEPT: Duration = Duration::from_hours(1);
/// How often an upstream that does not know the job any more is asked: more than ten minutes.
const LOST: u32 = 16;
/// How often a full disk is looked at.
const DISK_PAUSE: Duration = Duration::from_secs(30);

/// Bytes here, and bytes in all where known.
type Arrived = (u64, Option<u64>);

/// How far each download is.
#[derive(Debug, Clone, Default)]
pub struct Arrivals(Arc<Mutex<HashMap<GenerationId, Arrived>>>);

impl Arrivals {
    /// How far one download is.
    pub fn of(&self, id: GenerationId) -> Option<Arrived> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).copied()
    }

    fn set(&self, id: GenerationId, here: u64, total: Option<u64>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, (here, total));
    }

    fn clear(&self, id: GenerationId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// Why a download is not finished.
enum Setback {
    /// It broke off or is not there yet: asked for again for as long as the upstream keeps it.
    Again { words: String, wish: Option<Duration> },
    /// It came, and it is not a video: asked for again a few times.
    Bad(String),
    /// The address is stale.
    Gone(String),
    /// It could not be written here: that is no fault of the upstream.
    Unwritten { words: String, is_full: bool },
}

impl Setback {
    fn again(words: impl Into<String>) -> Self {
        Self::Again { words: words.into(), wish: None }
    }

    fn bad(words: impl Into<String>) -> Self {
        Self::Bad(words.into())
    }

    fn disk(error: &std::io::Error) -> Self {
        let is_full = files::is_full(error);
        let words = if is_full {
            "The disk of the data folder is full. Make room; the download goes on by itself.".to_owned()
        } else {
            format!("The file could not be written here: {error}.")
        };
        Self::Unwritten { words, is_full }
    }
}

impl Worker {
    pub(super) async fn download(&self, clip: &Clip, upstream: &dyn Upstream) {
        let parts = &self.0.parts;
        let Some(job) = clip.upstream_id.clone().map(UpstreamId) else { return };
        let end = match self.already_here(clip).await {
            Some(file) => Ok(file),
            None => self.bring(clip, upstream, &job).await,
        };
        parts.arrivals.clear(clip.id);
        match end {
            Ok(file) => {
                kill_point!("download.settled");
                let now = parts.clock.now();
                if self.persist("a saved clip", || parts.store.saved(clip.id, &file, now)).await.is_some() {
                    info!(generation.id = %clip.id, size_bytes = file.size_bytes, "generation {} is in the library", clip.id);
                    kill_point!("saved.done");
                    parts.metrics.download(&clip.upstream, "saved");
                    upstream.settle(&job).await;
                }
            }
            Err(setback) => {
                parts.metrics.download(&clip.upstream, "set_back");
                self.set_back(clip, upstream, &job, setback).await;
            }
        }
        self.tell(clip);
    }

    /// A file that was renamed into place just before the process ended is not fetched twice.
    async fn already_here(&self, clip: &Clip) -> Option<ClipFile> {
        let (files, clip) = (self.0.parts.files.clone(), clip.clone());
        tokio::task::spawn_blocking(move || {
            [Container::Mp4, Container::QuickTime, Container::WebM, Container::Avi].into_iter().find_map(|container| {
                let relative = Files::clip_path(clip.id, &clip.prompt, clip.created_at, container.extension());
                let mut file = std::fs::File::open(files.at(&relative)).ok()?;
                let probe = container::check(&mut file).ok()?;
                let (sha256, size_bytes) = Files::hash(&files.at(&relative)).ok()?;
                let saved = clip_file(relative, &probe, sha256, size_bytes);
                write_sidecar(&files, &clip, &saved).ok()?;
                // What was kept to go on from has done its service.
                let _ = std::fs::remove_file(files.part_note(clip.id));
                Some(saved)
            })
        })
        .await
        .ok()
        .flatten()
    }

    async fn bring(&self, clip: &Clip, upstream: &dyn Upstream, job: &UpstreamId) -> Result<ClipFile, Setback> {
        let parts = &self.0.parts;
        let (part, note) = (parts.files.part(clip.id), parts.files.part_note(clip.id));
        let resume = resume_from(&part, &note).await;
        let source = Source { url: clip.source_url.clone() };
        let body = match upstream.fetch(job, &source, resume.as_ref()).await {
            Ok(body) => body,
            Err(error) => {
                // Whatever stood in the way, the next try starts over rather than trusting half a file.
                if resume.is_some() {
                    let _ = tokio::fs::remove_file(&part).await;
                }
                return Err(match error {
                    FetchError::Later { retry_after, words } => {
                        let now = parts.clock.now();
                        let retry_after = retry_after.map(|wish| wish.min(longest_wish(clip, now)));
                        if let Some(wish) = retry_after {
                            self.breaker(upstream.name(), |breaker| breaker.asked_to_wait(now, wish));
                        }
                        Setback::Again { words, wish: retry_after }
                    }
                    FetchError::Gone { words } => Setback::Gone(words),
                    FetchError::Refused { words } => Setback::Bad(words),
                });
            }
        };
        self.receive(clip, body, &part, &note).await?;
        let (files, clip) = (parts.files.clone(), clip.clone());
        tokio::task::spawn_blocking(move || finish(&files, &clip, &part, &note))
            .await
            .unwrap_or_else(|_| Err(Setback::bad("The check of the file failed.")))
    }

    async fn receive(&self, clip: &Clip, mut body: Body, part: &Path, note: &Path) -> Result<(), Setback> {
        let parts = &self.0.parts;
        let disk = |error: std::io::Error| Setback::disk(&error);
        let mut here = body.offset;
        let mut options = tokio::fs::OpenOptions::new();
        let mut file = options.create(true).write(true).truncate(false).open(part).await.map_err(disk)?;
        file.set_len(here).await.map_err(disk)?;
        tokio::io::AsyncSeekExt::seek(&mut file, std::io::SeekFrom::Start(here)).await.map_err(disk)?;
        match &body.etag {
            Some(etag) => tokio::fs::write(note, etag).await.map_err(disk)?,
            None => drop(tokio::fs::remove_file(note).await),
        }
        kill_point!("download.begun");
        parts.metrics.download(&clip.upstream, if here > 0 { "resumed" } else { "begun" });
        let mut head = Vec::new();
        let mut told = parts.clock.now();
        parts.arrivals.set(clip.id, here, body.total);
        self.tell(clip);
        while let Some(bytes) = body.stream.next().await {
            let bytes = match bytes {
                Ok(bytes) => bytes,
                Err(words) => {
                    file.flush().await.map_err(disk)?;
                    return Err(Setback::again(words));
                }
            };
            if body.offset == 0 && head.len() < 16 {
                head.extend_from_slice(&bytes[..bytes.len().min(16)]);
                let is_ours = clip.is_local() && still::sniff(&bytes).is_some();
                if head.len() >= 12 && container::sniff(&head).is_none() && !is_ours {
                    return Err(Setback::bad("The upstream sent something that is not a video."));
                }
            }
            here = here.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            if here > LARGEST_BYTES {
                let _ = tokio::fs::remove_file(part).await;
                return Err(Setback::bad("The upstream sent more than 16 GB for one clip."));
            }
            parts.metrics.received(&clip.upstream, u64::try_from(bytes.len()).unwrap_or(0));
            file.write_all(&bytes).await.map_err(disk)?;
            kill_point!("download.middle");
            let now = parts.clock.now();
            parts.arrivals.set(clip.id, here, body.total);
            if now.since(told) >= Duration::from_millis(500) {
                told = now;
                self.tell(clip);
            }
        }
        file.flush().await.map_err(disk)?;
        kill_point!("download.received");
        match body.total {
            Some(total) if total != here => {
                Err(Setback::again(format!("The file broke off after {here} of {total} bytes.")))
            }
            _ => Ok(()),
        }
    }

    async fn set_back(&self, clip: &Clip, upstream: &dyn Upstream, job: &UpstreamId, setback: Setback) {
        let parts = &self.0.parts;
        let now = parts.clock.now();
        let (reason, words, wish) = match setback {
            Setback::Unwritten { words, is_full } => {
                let reason = if is_full { Reason::DiskFull } else { Reason::DownloadFailing };
                (reason, words, is_full.then_some(DISK_PAUSE))
            }
            // Content that is not there may be late, or its job forgotten: the job itself is asked about now and then.
            Setback::Again { words, .. } if clip.reason == Some(Reason::Lost) || clip.failures % 4 == 3 => {
                match self.fresh_reason(clip, upstream, job, words).await {
                    Some((reason, words)) => (reason, words, None),
                    None => return,
                }
            }
            Setback::Again { words, wish } => (Reason::DownloadFailing, words, wish),
            Setback::Bad(words) => (Reason::BadFile, words, None),
            Setback::Gone(words) => match self.fresh_reason(clip, upstream, job, words).await {
                Some((reason, words)) => (reason, words, None),
                None => return,
            },
        };
        // Each kind of setback counts for itself: a full disk is no reason to give up a file that breaks off once.
        let failures = if clip.reason == Some(reason) { clip.failures + 1 } else { 1 };
        warn!(generation.id = %clip.id, failures, "generation {} could not be downloaded: {words}", clip.id);
        let is_over = if reason == Reason::BadFile {
            failures >= BAD_FILES
        } else if reason == Reason::Lost {
            failures > LOST
        } else {
            reason == Reason::DownloadFailing && now > kept_until(clip, now)
        };
        if is_over {
            let reason = if reason == Reason::BadFile { reason } else { Reason::Lost };
            let note = Note::new(reason, &words);
            self.persist("a lost file", || parts.store.refused_late(clip.id, now, note)).await;
            return;
        }
        let slowest = if failures > MANY { SLOWEST_OF_MANY } else { SLOWEST_RETRY };
        let due = now.after(pace::backoff(failures, wish, slowest, Self::noise()));
        let note = Note::new(reason, &words);
        self.persist("a broken download", || parts.store.put_off(clip.id, State::Downloading, failures, due, note))
            .await;
    }

    /// Why a file is not where it was, after asking about its job; none when that settled it.
    async fn fresh_reason(
        &self,
        clip: &Clip,
        upstream: &dyn Upstream,
        job: &UpstreamId,
        words: String,
    ) -> Option<(Reason, String)> {
        match self.look_for_fresh_address(clip, upstream, job).await {
            Fresh::Perhaps => Some((Reason::DownloadFailing, words)),
            Fresh::Unknown => Some((Reason::Lost, "The upstream does not know this job any more.".to_owned())),
            Fresh::Refused(refusal) => {
                let (parts, Refusal { reason, code, words }) = (&self.0.parts, &refusal);
                let note = Note { reason: Some(*reason), words: Some(words), code: code.as_deref() };
                let now = parts.clock.now();
                self.persist("a late refusal", || parts.store.refused_late(clip.id, now, note)).await;
                None
            }
        }
    }

    /// Asks the upstream where its file is now.
    async fn look_for_fresh_address(&self, clip: &Clip, upstream: &dyn Upstream, job: &UpstreamId) -> Fresh {
        match self.ask(clip, upstream, job).await {
            Ok(Poll { phase: Phase::Done(source), .. }) => {
                let store = &self.0.parts.store;
                self.persist("a fresh address", || store.moved(clip.id, source.url.as_deref())).await;
                Fresh::Perhaps
            }
            Ok(Poll { phase: Phase::Failed(refusal), .. }) => Fresh::Refused(refusal),
            Ok(Poll { phase: Phase::Waiting | Phase::Running | Phase::Canceled, .. })
            | Err(PollError::Later { .. }) => Fresh::Perhaps,
            Err(PollError::Missing) => Fresh::Unknown,
        }
    }
}

/// What became of a file that is not where it was.
enum Fresh {
    /// It is somewhere, or nobody can say just now.
    Perhaps,
    /// The upstream does not know the job.
    Unknown,
    /// It says now that there will be none.
    Refused(Refusal),
}

/// The longest wish for a pause that is honoured: none may outlast the file.
fn longest_wish(clip: &Clip, now: Millis) -> Duration {
    (kept_until(clip, now).since(now) / 2).max(SLOWEST_RETRY)
}

/// Until when the upstream is taken to keep a file.
fn kept_until(clip: &Clip, now: Millis) -> Millis {
    let rendered = clip.rendered_at.unwrap_or(now);
    clip.expires_at.unwrap_or_else(|| rendered.after(KEPT)).max(rendered.after(LEAST_KEPT))
}

async fn resume_from(part: &Path, note: &Path) -> Option<Resume> {
    let offset = tokio::fs::metadata(part).await.ok()?.len();
    let etag = tokio::fs::read_to_string(note).await.ok()?;
    (offset > 0 && !etag.is_empty()).then_some(Resume { offset, etag })
}

/// Checks, hashes and settles a file that arrived. Blocking.
fn finish(files: &Files, clip: &Clip, part: &Path, note: &Path) -> Result<ClipFile, Setback> {
    let disk = |error: std::io::Error| Setback::disk(&error);
    if let Some(still) = our_still(clip, part).map_err(disk)? {
        let (sha256, size_bytes) = Files::hash(part).map_err(disk)?;
        let path = Files::clip_path(clip.id, &clip.prompt, clip.created_at, still.extension);
        let size = Some((still.wide, still.high));
        let mime = still.mime.to_owned();
        let file = ClipFile { path, mime, size_bytes, sha256, size, duration_ms: None };
        files.settle(part, &file.path).map_err(disk)?;
        write_sidecar(files, clip, &file).map_err(disk)?;
        let _ = std::fs::remove_file(note);
        return Ok(file);
    }
    let checked = std::fs::File::open(part).map_err(disk).map(|mut file| container::check(&mut file))?;
    let probe = match checked {
        Ok(probe) => probe,
        Err(fault) => {
            // A file that is whole by its length and still wrong is not worth resuming.
            let _ = std::fs::remove_file(part);
            let _ = std::fs::remove_file(note);
            return Err(Setback::bad(fault.to_string()));
        }
    };
    let (sha256, size_bytes) = Files::hash(part).map_err(disk)?;
    let relative = Files::clip_path(clip.id, &clip.prompt, clip.created_at, probe.container.extension());
    let file = clip_file(relative, &probe, sha256, size_bytes);
    files.settle(part, &file.path).map_err(disk)?;
    write_sidecar(files, clip, &file).map_err(disk)?;
    let _ = std::fs::remove_file(note);
    Ok(file)
}

/// What a file is, if it is a picture that this machine made of a clip. Upstreams send films only.
fn our_still(clip: &Clip, path: &Path) -> std::io::Result<Option<still::Still>> {
    if !clip.is_local() {
        return Ok(None);
    }
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(still::HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(still::sniff(&head))
}

fn clip_file(path: String, probe: &Probe, sha256: String, size_bytes: u64) -> ClipFile {
    ClipFile {
        path,
        mime: probe.container.mime().to_owned(),
        size_bytes,
        sha256,
        size: probe.wide.zip(probe.high),
        duration_ms: probe.duration_ms,
    }
}

fn write_sidecar(files: &Files, clip: &Clip, file: &ClipFile) -> std::io::Result<()> {
    let time = |at: Millis| jiff::Timestamp::from_millisecond(at.as_i64()).ok().map(|at| at.to_string());
    let sidecar = Sidecar {
        generation: clip.id.to_string(),
        task: clip.task.to_string(),
        take: clip.take,
        prompt: clip.prompt.clone(),
        upstream: clip.upstream.clone(),
        model: clip.model.clone(),
        size_asked: clip.size.to_string(),
        seconds_asked: clip.seconds.get(),
        seed: clip.seed,
        reference: clip.reference.clone(),
        upstream_id: clip.upstream_id.clone(),
        cost_usd: clip.cost.to_string().trim_start_matches('$').to_owned(),
        created_at: time(clip.created_at),
        accepted_at: clip.accepted_at.and_then(time),
        rendered_at: clip.rendered_at.and_then(time),
        file: file.path.clone(),
        mime: file.mime.clone(),
        size_bytes: file.size_bytes,
        sha256: file.sha256.clone(),
        wide: file.size.map(|(wide, _)| wide),
        high: file.size.map(|(_, high)| high),
        duration_ms: file.duration_ms,
    };
    files.write_json(&Files::beside(&file.path, "json"), &sidecar)
}
