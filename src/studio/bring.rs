//! Uploads: a person's own pictures and films, checked by their bytes and kept as finished clips.

use std::path::Path;

use super::{Incoming, Studio};
use crate::bus::Change;
use crate::domain::plan::Cap;
use crate::domain::{GenerationId, Millis, PersonId, Pixels, Seconds, TaskId};
use crate::files::Files;
use crate::media::{container, poster, reference};
use crate::store;
use crate::store::clips::ClipFile;
use crate::store::tasks::NewUpload;

/// The largest picture that is kept, in bytes.
const PICTURE_BYTES: u64 = 20 * 1024 * 1024;
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

/// What a received file turned out to be.
struct Known {
    extension: &'static str,
    mime: &'static str,
    size: (u32, u32),
    duration_ms: Option<u64>,
    is_picture: bool,
}

fn look(path: &Path) -> Result<Known, BadUpload> {
    // A picture is decoded whole, so that a huge one is not even looked at as one.
    let is_small = std::fs::metadata(path)?.len() <= PICTURE_BYTES;
    let inspected = if is_small { reference::inspect(path) } else { Err(reference::BadImage::NotAPicture) };
    match inspected {
        Ok(picture) => {
            return Ok(Known {
                extension: picture.format.extension(),
                mime: picture.format.mime(),
                size: (picture.wide, picture.high),
                duration_ms: None,
                is_picture: true,
            });
        }
        Err(reference::BadImage::NotAPicture) => {}
        Err(error) => return Err(BadUpload::Unfit(error.to_string())),
    }
    let probe = container::check(&mut std::fs::File::open(path)?).map_err(|fault| {
        let is_image = matches!(fault, container::Fault::NotVideo { looks_like: container::LooksLike::Image });
        BadUpload::Unfit(if is_image && !is_small {
            "This picture is larger than 20 MB. Save it smaller, as JPEG for example.".to_owned()
        } else if matches!(fault, container::Fault::NotVideo { .. }) {
            "This is neither a PNG, JPEG or WebP picture nor an MP4, MOV or WebM film.".to_owned()
        } else {
            fault.to_string()
        })
    })?;
    Ok(Known {
        extension: probe.container.extension(),
        mime: probe.container.mime(),
        size: probe.wide.zip(probe.high).unwrap_or((1280, 720)),
        duration_ms: probe.duration_ms,
        is_picture: false,
    })
}

/// Whole seconds of a film, as far as they can be told; a picture counts as 1.
fn seconds(duration_ms: Option<u64>) -> Seconds {
    let whole = duration_ms.unwrap_or(1000).div_ceil(1000).clamp(1, 600);
    let whole = u16::try_from(whole).unwrap_or(600);
    Seconds::new(whole).unwrap_or(Seconds::ONE)
}

/// The shape, in sides that are kept.
fn shape((wide, high): (u32, u32)) -> Pixels {
    let side = |side: u32| u16::try_from(side.clamp(16, 8192)).unwrap_or(8192);
    Pixels::new(side(wide), side(high)).unwrap_or(Pixels::HD)
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
            size: shape(known.size),
            seconds: seconds(known.duration_ms),
            file: &file,
            poster: poster.as_deref(),
            person,
            visibility: self.default_visibility().await?,
            now,
        };
        self.store.add_upload(&upload).await?;
        self.bus.tell(Change::Generation(id, task));
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
    let known = look(from)?;
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
        size: Some(known.size),
        duration_ms: known.duration_ms,
    };
    Ok((known, file, still))
}
