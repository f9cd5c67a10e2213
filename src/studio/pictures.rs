//! Pictures that come with a prompt: received, taken from the library, checked, and put in their place.

use std::path::{Path, PathBuf};

use super::Studio;
use super::choice::Problems;
use super::create::{Field, Submission};
use crate::domain::{Ability, GenerationId, Millis, Model, Options, TaskId};
use crate::files::Files;
use crate::helper::Task;
use crate::media::reference;
use crate::store::clips::Clip;

/// A temporary file that goes when this does, unless it was put in its place before.
#[derive(Debug)]
pub struct Incoming(PathBuf);

impl Incoming {
    /// Answers for the file at `path` from now on.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A reference image that was received into a temporary file.
#[derive(Debug)]
pub enum Upload {
    /// It is here.
    Received(Incoming),
    /// It was too large to be received.
    TooLarge,
}

/// The pictures of a form.
#[derive(Debug, Default)]
pub struct Pictures {
    /// The first frame.
    pub first: Option<Upload>,
    /// The last frame.
    pub last: Option<Upload>,
    /// More reference images.
    pub more: Vec<Upload>,
}

impl Pictures {
    /// Whether none came.
    pub fn is_empty(&self) -> bool {
        self.first.is_none() && self.last.is_none() && self.more.is_empty()
    }
}

/// A picture that was checked, with the extension its kind has.
pub(super) type Checked = (Incoming, &'static str);

/// Pictures that were checked and wait for their task.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) first: Option<Checked>,
    pub(super) last: Option<Checked>,
    pub(super) more: Vec<Checked>,
}

/// Which picture of a clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// Its first frame.
    First,
    /// Its last frame.
    Last,
    /// The picture that it is.
    Whole,
}

impl Frame {
    /// By its word in forms and addresses.
    pub fn named(word: &str) -> Option<Self> {
        [("first", Self::First), ("last", Self::Last), ("whole", Self::Whole)]
            .into_iter()
            .find(|(name, _)| *name == word)
            .map(|(_, frame)| frame)
    }
}

/// A picture of the library as a form names it: `ID:last`.
pub fn picture_of(text: &str) -> Option<(GenerationId, Frame)> {
    let (id, word) = text.split_once(':').unwrap_or((text, "whole"));
    Some((id.parse().ok()?, Frame::named(word)?))
}

impl Studio {
    /// Checks all pictures of a form; none when one of them does not do.
    pub(super) async fn check_pictures(
        &self,
        form: &Submission,
        model: &Model,
        pictures: Pictures,
        problems: &mut Problems,
    ) -> Option<Kept> {
        let mut kept = Kept::default();
        let before = problems.0.len();
        let first = match (pictures.first, form.image_from.as_deref().filter(|from| !from.is_empty())) {
            (Some(upload), _) => Some(upload),
            (None, Some(from)) => match self.taken(from).await {
                Ok(incoming) => Some(Upload::Received(incoming)),
                Err(words) => problems.add(Field::Image, words),
            },
            (None, None) => None,
        };
        if let Some(upload) = first {
            kept.first = check(upload, Field::Image, problems).await;
        }
        if let Some(upload) = pictures.last {
            if model.can(Ability::LastFrame) {
                kept.last = check(upload, Field::LastImage, problems).await;
            } else {
                let words =
                    format!("{} takes no last frame. Remove the picture, or choose another model.", model.label);
                problems.add::<()>(Field::LastImage, words);
            }
        }
        if pictures.more.len() > usize::from(model.references) {
            let words = match model.references {
                0 => format!("{} takes no further pictures. Remove them, or choose another model.", model.label),
                most => format!("{} takes {most} further pictures at most. Choose fewer.", model.label),
            };
            problems.add::<()>(Field::References, words);
        } else {
            for upload in pictures.more {
                kept.more.extend(check(upload, Field::References, problems).await);
            }
        }
        (problems.0.len() == before).then_some(kept)
    }

    /// A copy of a picture of the library, or of a frame of a clip; else a sentence.
    async fn taken(&self, from: &str) -> Result<Incoming, String> {
        const GONE: &str = "This picture is gone from the library. Choose another one.";
        let (id, frame) = picture_of(from).ok_or(GONE)?;
        let clip = self.store.clip(id).await.map_err(|_| GONE)?.filter(|clip| !clip.is_erased).ok_or(GONE)?;
        self.frame(&clip, frame).await
    }

    /// A clip's frame, or the picture that it is, as a file of its own; else a sentence.
    pub async fn frame(&self, clip: &Clip, frame: Frame) -> Result<Incoming, String> {
        let file = clip.file.as_ref().ok_or("This clip has no file yet.")?;
        let (from, to) = (self.files.at(&file.path), self.files.incoming(rand::random()));
        let incoming = Incoming::new(to.clone());
        let lost = |error: std::io::Error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                "The file of this clip is missing on disk.".to_owned()
            } else {
                format!("The picture could not be copied: {error}.")
            }
        };
        if file.mime.starts_with("image/") {
            tokio::fs::copy(&from, &to).await.map_err(lost)?;
            return Ok(incoming);
        }
        if let Ok(tool) = self.ffmpeg.tool().await {
            tool.frame(from, to, frame == Frame::Last).await?;
            return Ok(incoming);
        }
        if frame == Frame::Last {
            return Err(self.ffmpeg.tool().await.err().unwrap_or_default());
        }
        let task = Task::Poster { clip: from, out: to };
        self.helper.moment(task).await.map_err(|trouble| format!("The frame could not be drawn. {trouble}"))?;
        Ok(incoming)
    }

    /// Puts a task's pictures in their place, and notes them; where the first frame lies.
    pub(super) async fn settle(
        &self,
        task: TaskId,
        now: Millis,
        kept: Kept,
        options: &mut Options,
    ) -> std::io::Result<Option<String>> {
        let first = match kept.first {
            Some(picture) => Some(self.place(task, now, 0, picture).await?),
            None => None,
        };
        if let Some(picture) = kept.last {
            options.last_frame = Some(self.place(task, now, 1, picture).await?);
        }
        for (number, picture) in (2_u8..).zip(kept.more) {
            let path = self.place(task, now, number, picture).await?;
            options.references.push(path);
        }
        Ok(first)
    }

    async fn place(&self, task: TaskId, now: Millis, number: u8, picture: Checked) -> std::io::Result<String> {
        let (incoming, extension) = picture;
        let relative = Files::upload_path(task, now, number, extension);
        let (files, to) = (self.files.clone(), relative.clone());
        tokio::task::spawn_blocking(move || files.settle(incoming.path(), &to))
            .await
            .unwrap_or_else(|_| Err(std::io::Error::other("the image was lost")))?;
        Ok(relative)
    }

    /// A copy of a picture that another task keeps.
    pub(super) async fn copied(&self, relative: &str) -> std::io::Result<Checked> {
        let to = self.files.incoming(rand::random());
        let incoming = Incoming::new(to.clone());
        tokio::fs::copy(self.files.at(relative), to).await?;
        let extension = ["png", "webp"].into_iter().find(|kind| relative.ends_with(kind)).unwrap_or("jpg");
        Ok((incoming, extension))
    }
}

pub(super) async fn check(upload: Upload, field: Field, problems: &mut Problems) -> Option<Checked> {
    let incoming = match upload {
        Upload::TooLarge => {
            return problems.add(field, "This image is larger than 20 MB. Save it smaller, as JPEG for example.");
        }
        Upload::Received(incoming) => incoming,
    };
    let looked_at = incoming.path().to_owned();
    let picture = tokio::task::spawn_blocking(move || reference::inspect(&looked_at)).await;
    match picture {
        Ok(Ok(picture)) => Some((incoming, picture.format.extension())),
        Ok(Err(error)) => problems.add(field, error.to_string()),
        Err(_) => problems.add(field, "This image could not be read."),
    }
}
