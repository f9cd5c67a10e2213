//! Uploads: a person's own pictures and films, checked by their bytes and kept as finished clips.

use std::path::Path;

use super::{Incoming, Studio};
use crate::bus::Change;
use crate::domain::plan::Cap;
use crate::domain::{GenerationId, Millis, PersonId, Pixels, Seconds, TaskId};
use crate::files::Files;
use crate::media::known::{self, Known};
use crate::media::poster;
use crate::store;
use crate::store::clips::ClipFile;
use crate::store::tasks::NewUpload;

/// Characters of a file's name that are kept.
const LONGEST_NAME: usize = 200;

/// A file that was received.
#[derive(Debug)]
pub struct Brought {
    /// What it was called.
    pub name: String,
    /// Where it is for now.
    pub file: Incoming,
}

/// Why an upload was not kept.
#[derive(Debug, thiserror::Error)]
pub enum BadUpload {
    /// It is no picture and no film that is kept; the sentence says why.
    #[error("{0}")]
    Unfit(String),
    /// The disk.
    #[error(transparent)]
    Disk(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Studio {
    /// Keeps an upload as a clip of the library.
    pub async fn bring(&self, person: PersonId, brought: Brought) -> Result<GenerationId, BadUpload> {
        let now = self.clock.now();
        let (task, id) = (TaskId::new(now, rand::random()), GenerationId::new(now, rand::random()));
        let name = Self::title(&brought.name.chars().take(LONGEST_NAME).collect::<String>()).unwrap_or_default();
        let name = if name.is_empty() { "Upload".to_owned() } else { name };
        let length = tokio::fs::metadata(brought.file.path()).await?.len();
        let has = self.store.allowance(person, now).await?;
        if let Some(most) = has.plan.storage_bytes.filter(|most| has.usage.bytes.saturating_add(length) > *most) {
            return Err(BadUpload::Unfit(super::caps::words(Cap::Storage(most, has.usage.bytes), None, None)));
        }
        let (files, title) = (self.files.clone(), name.clone());
        let kept = tokio::task::spawn_blocking(move || keep(&files, brought.file.path(), id, &title, now)).await;
        let (known, file, poster) = kept.unwrap_or_else(|_| Err(std::io::Error::other("the file was lost").into()))?;
        let upload = NewUpload {
            task,
            id,
            name: &name,
            size: Pixels::of(known.size),
            seconds: Seconds::of(known.duration_ms),
            file: &file,
            poster: poster.as_deref(),
            person,
            visibility: self.default_visibility().await?,
            now,
        };
        self.store.add_upload(&upload).await?;
        self.bus.tell(Change::Generation(id, task, person));
        // A film's still is drawn by the worker.
        self.wake.notify_one();
        Ok(id)
    }
}

/// Checks, hashes and settles. Blocking.
fn keep(
    files: &Files,
    from: &Path,
    id: GenerationId,
    name: &str,
    now: Millis,
) -> Result<(Known, ClipFile, Option<String>), BadUpload> {
    let known = known::look(from).map_err(|error| match error {
        known::Unfit::Kind(words) => BadUpload::Unfit(words),
        known::Unfit::Disk(error) => BadUpload::Disk(error),
    })?;
    let (sha256, size_bytes) = Files::hash(from)?;
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let path = Files::brought_path(id, stem, now, known.extension);
    let mut still = None;
    if known.is_picture {
        // A picture is its own still; a small one is drawn where that can be done.
        let small = Files::beside(&path, "still.jpg");
        let out = files.at(&small);
        std::fs::create_dir_all(out.parent().unwrap_or(Path::new(".")))?;
        let drawn = poster::from_thumbnail(&std::fs::read(from)?, &out).is_ok();
        still = Some(if drawn { small } else { path.clone() });
    }
    files.settle(from, &path)?;
    let file = ClipFile {
        path,
        mime: known.mime.to_owned(),
        size_bytes,
        sha256,
        size: known.size,
        duration_ms: known.duration_ms,
    };
    Ok((known, file, still))
}
