//! Clips made of clips on this machine: trim, loop, stitch, blend, other forms. Each is a task like
//! any other, with its sources; the originals are never touched.

use super::create::takes;
use super::follow::local_model;
use super::{Error, Studio};
use crate::bus::Change;
use crate::domain::{GenerationId, Operation, Options, PersonId, Pixels, Prompt, Seconds, TaskId};
use crate::ffmpeg::{Probe, Recipe};
use crate::files::Files;
use crate::store;
use crate::store::clips::Clip;
use crate::store::tasks::{NewTask, Written};

/// Why nothing was cut.
#[derive(Debug, thiserror::Error)]
pub enum CutError {
    /// What was typed does not do, or a clip cannot be used; for people.
    #[error("{0}")]
    Unfit(String),
    /// One of the clips is not there, or has no film.
    #[error("there is no such clip")]
    NotFound,
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What a recipe does, as lineage tells it.
fn operation(recipe: &Recipe) -> Operation {
    match recipe {
        Recipe::Trim { .. } => Operation::Trim,
        Recipe::Stitch => Operation::Stitch,
        Recipe::Extend => Operation::Extend,
        Recipe::Loop { .. } => Operation::Loop,
        Recipe::Blend { .. } => Operation::Blend,
        Recipe::Gif { .. } | Recipe::Webm | Recipe::Frame { .. } => Operation::Convert,
    }
}

fn shape(probe: &Probe) -> Pixels {
    let side = |side: u32| u16::try_from(side.clamp(16, 8192)).unwrap_or(8192);
    Pixels::new(side(probe.wide), side(probe.high)).unwrap_or(Pixels::HD)
}

impl Studio {
    /// Films that something can be made of: finished, and with a file.
    pub async fn films(&self, ids: &[GenerationId]) -> Result<Vec<Clip>, CutError> {
        let mut films = Vec::with_capacity(ids.len());
        for id in ids {
            let clip = self.store.clip(*id).await?.filter(|clip| !clip.is_erased).ok_or(CutError::NotFound)?;
            if clip.file.as_ref().is_none_or(|file| file.mime.starts_with("image/")) {
                return Err(CutError::Unfit(format!("“{}” is no film that is finished.", short(clip.name()))));
            }
            films.push(clip);
        }
        Ok(films)
    }

    /// What films are, as ffmpeg sees them.
    pub async fn probes(&self, films: &[Clip]) -> Result<Vec<Probe>, CutError> {
        let tool = self.ffmpeg.tool().await.map_err(CutError::Unfit)?;
        let mut probes = Vec::with_capacity(films.len());
        for clip in films {
            let Some(file) = &clip.file else { return Err(CutError::NotFound) };
            let path = self.files.at(&file.path);
            if !tokio::fs::try_exists(&path).await.unwrap_or(false) {
                return Err(CutError::Unfit(format!("The file of “{}” is missing on disk.", short(clip.name()))));
            }
            probes.push(tool.probe(path).await.map_err(CutError::Unfit)?);
        }
        Ok(probes)
    }

    /// Queues what a recipe makes of these films. The same token twice makes one task.
    pub async fn cut(
        &self,
        person: PersonId,
        recipe: &Recipe,
        ids: &[GenerationId],
        token: Option<&str>,
    ) -> Result<TaskId, CutError> {
        let films = self.films(ids).await?;
        let probes = self.probes(&films).await?;
        recipe.check(&probes).map_err(|mistake| CutError::Unfit(mistake.to_string()))?;
        let (Some(first), Some(probe)) = (films.first(), probes.first()) else { return Err(CutError::NotFound) };
        let now = self.clock.now();
        let operation = operation(recipe);
        let model = local_model(operation);
        let whole = u16::try_from(recipe.expected_ms(&probes).div_ceil(1000).clamp(1, 600)).unwrap_or(600);
        let prompt = Prompt::parse(&first.prompt).or_else(|_| Prompt::parse(operation.label()));
        let prompt = prompt.map_err(|error| CutError::Unfit(error.to_string()))?;
        let recipe = serde_json::to_string(recipe).map_err(|error| CutError::Unfit(error.to_string()))?;
        let title = if first.title.is_empty() { String::new() } else { first.title.clone() };
        let task = NewTask {
            id: TaskId::new(now, rand::random()),
            token: token.filter(|token| !token.is_empty() && token.len() <= 64),
            prompt: &prompt,
            model: &model,
            size: shape(probe),
            seconds: Seconds::new(whole).unwrap_or(Seconds::ONE),
            reference: None,
            price: model.price.of(shape(probe), Seconds::ONE, true),
            person,
            visibility: first.visibility,
            parent: None,
            sources: ids,
            operation,
            options: &Options::default(),
            recipe: Some(&recipe),
            storyboard: None,
            title: &title,
            now,
            takes: &takes(1, now, Some(0)),
        };
        Ok(match self.store.add_task(&task).await? {
            Written::New(id) => {
                self.bus.tell(Change::Task(id));
                self.wake.notify_one();
                id
            }
            Written::Before(id) => id,
        })
    }

    /// Makes a clip's frame at this moment its still. The clip itself stays as it is.
    pub async fn set_poster(&self, id: GenerationId, at_ms: u64) -> Result<(), CutError> {
        let films = self.films(&[id]).await?;
        let Some((clip, file)) = films.first().and_then(|clip| clip.file.as_ref().map(|file| (clip, file))) else {
            return Err(CutError::NotFound);
        };
        let tool = self.ffmpeg.tool().await.map_err(CutError::Unfit)?;
        let frame = super::Incoming::new(self.files.incoming(rand::random()));
        tool.frame_at(self.files.at(&file.path), frame.path().to_owned(), at_ms).await.map_err(CutError::Unfit)?;
        // Under a name of its own: browsers keep what they have seen.
        let relative = Files::beside(&file.path, &format!("{at_ms}.jpg"));
        let (from, to) = (frame.path().to_owned(), self.files.at(&relative));
        let kept = tokio::task::spawn_blocking(move || {
            let bytes = std::fs::read(from).map_err(|error| error.to_string())?;
            crate::media::poster::from_thumbnail(&bytes, &to).map_err(|error| error.to_string())
        });
        kept.await.unwrap_or_else(|_| Err("The still was lost.".to_owned())).map_err(CutError::Unfit)?;
        self.store.postered(id, Some(&relative)).await?;
        if let Some(old) = clip.poster.as_ref().filter(|old| **old != relative && **old != file.path) {
            let _ = tokio::fs::remove_file(self.files.at(old)).await;
        }
        self.changed(clip);
        Ok(())
    }
}

fn short(name: &str) -> String {
    let mut short: String = name.chars().take(40).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}

impl From<CutError> for Error {
    fn from(error: CutError) -> Self {
        match error {
            CutError::NotFound => Self::NotFound,
            CutError::Unfit(words) => Self::Unfit(words),
            CutError::Store(error) => error.into(),
        }
    }
}
