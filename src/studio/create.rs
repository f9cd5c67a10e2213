//! Create: from what was typed to a task in the queue, or to a sentence beside each wrong field.

use std::path::{Path, PathBuf};

use super::Studio;
use crate::bus::Change;
use crate::domain::{GenerationId, Millis, Model, PersonId, Pixels, Prompt, Seconds, TaskId, Usd};
use crate::files::Files;
use crate::media::reference;
use crate::store;
use crate::store::clips::Clip;
use crate::store::tasks::{NewTask, Written};

/// What the composer sends, as typed. An absent field takes its default.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// The prompt.
    pub prompt: String,
    /// A model's key.
    pub model: Option<String>,
    /// For example `16:9`.
    pub aspect: Option<String>,
    /// For example `720p`, or a size without a usual name.
    pub resolution: Option<String>,
    /// Whole seconds.
    pub seconds: Option<String>,
    /// 1 to 4.
    pub variations: Option<String>,
    /// The form's one-time token.
    pub token: Option<String>,
    /// The clip whose prompt this began with.
    pub from: Option<GenerationId>,
}

impl Submission {
    /// What a clip's task was asked for; of an upload, its words alone.
    pub fn of(clip: &Clip) -> Self {
        let words = Self { prompt: clip.prompt.clone(), ..Self::default() };
        if clip.is_upload() {
            return words;
        }
        Self {
            model: Some(clip.model_key.clone()),
            aspect: Some(clip.size.aspect()),
            resolution: Some(clip.size.resolution()),
            seconds: Some(clip.seconds.to_string()),
            variations: Some(clip.variations.to_string()),
            ..words
        }
    }

    /// Sets what a field of a form is called; whether it is one of the settings.
    pub fn set(&mut self, field: &str, value: &str) -> bool {
        let setting = match field {
            "model" => &mut self.model,
            "aspect" => &mut self.aspect,
            "resolution" => &mut self.resolution,
            "seconds" => &mut self.seconds,
            "variations" => &mut self.variations,
            _ => return false,
        };
        *setting = Some(value.to_owned());
        true
    }
}

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

/// A field of the composer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The prompt.
    Prompt,
    /// The model.
    Model,
    /// The aspect ratio.
    Aspect,
    /// The resolution.
    Resolution,
    /// The duration.
    Seconds,
    /// The number of variations.
    Variations,
    /// The reference image.
    Image,
}

/// What is wrong with a field, and what to do; for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field.
    pub field: Field,
    /// The sentence.
    pub words: String,
}

/// Why Create made nothing.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Something typed does not do.
    #[error("the form has mistakes")]
    Invalid(Vec<Problem>),
    /// The image could not be kept.
    #[error("the image could not be kept: {0}")]
    Image(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Settings that fit together: what Create would do.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The model.
    pub model: Model,
    /// Frame size.
    pub size: Pixels,
    /// Length.
    pub seconds: Seconds,
    /// How many takes.
    pub variations: u8,
}

impl Choice {
    /// What one clip costs, where that is known.
    pub fn each(&self) -> Option<Usd> {
        self.model.price.of(self.size, self.seconds)
    }
}

/// Collects what is wrong.
#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add<T>(&mut self, field: Field, words: impl Into<String>) -> Option<T> {
        self.0.push(Problem { field, words: words.into() });
        None
    }
}

impl Studio {
    /// Checks the settings; absent ones take the model's nearest to 16:9, 720p, 4 s, 1 variation.
    pub fn choose(&self, form: &Submission) -> Result<Choice, Vec<Problem>> {
        let mut problems = Problems::default();
        let choice = choose(&self.upstreams.models(), form, &mut problems);
        choice.filter(|_| problems.0.is_empty()).ok_or(problems.0)
    }

    /// Writes a task and its generations, or says what is wrong. The same token twice makes one task.
    pub async fn create(
        &self,
        person: PersonId,
        form: &Submission,
        image: Option<Upload>,
    ) -> Result<TaskId, CreateError> {
        let mut problems = Problems::default();
        let prompt =
            Prompt::parse(&form.prompt).map_err(|error| problems.add::<()>(Field::Prompt, error.to_string())).ok();
        let choice = choose(&self.upstreams.models(), form, &mut problems);
        let image = self.check_image(image, &mut problems).await;
        let (Some(prompt), Some(choice), true) = (prompt, choice, problems.0.is_empty()) else {
            return Err(CreateError::Invalid(problems.0));
        };
        let now = self.clock.now();
        let id = TaskId::new(now, rand::random());
        let reference = match image {
            Some((incoming, extension)) => {
                let relative = Files::upload_path(id, now, extension);
                let (files, to) = (self.files.clone(), relative.clone());
                tokio::task::spawn_blocking(move || files.settle(incoming.path(), &to))
                    .await
                    .unwrap_or_else(|_| Err(std::io::Error::other("the image was lost")))?;
                Some(relative)
            }
            None => None,
        };
        let takes = takes(choice.variations, now);
        let task = NewTask {
            id,
            token: form.token.as_deref().filter(|token| !token.is_empty() && token.len() <= 64),
            prompt: &prompt,
            model: &choice.model,
            size: choice.size,
            seconds: choice.seconds,
            reference: reference.as_deref(),
            price: choice.each(),
            person,
            parent: self.parent(form.from).await?,
            title: "",
            now,
            takes: &takes,
        };
        match self.store.add_task(&task).await? {
            Written::New(id) => {
                self.bus.tell(Change::Task(id));
                self.wake.notify_one();
                Ok(id)
            }
            Written::Before(id) => {
                if let Some(relative) = reference {
                    // The first sending kept its own copy.
                    let _ = tokio::fs::remove_file(self.files.at(&relative)).await;
                }
                Ok(id)
            }
        }
    }

    /// The clip that this began with, if it is there.
    async fn parent(&self, from: Option<GenerationId>) -> Result<Option<GenerationId>, store::Error> {
        let Some(from) = from else { return Ok(None) };
        Ok(self.store.clip(from).await?.filter(|clip| !clip.is_erased).map(|clip| clip.id))
    }

    async fn check_image(&self, image: Option<Upload>, problems: &mut Problems) -> Option<(Incoming, &'static str)> {
        let incoming = match image? {
            Upload::TooLarge => {
                return problems
                    .add(Field::Image, "This image is larger than 20 MB. Save it smaller, as JPEG for example.");
            }
            Upload::Received(incoming) => incoming,
        };
        let looked_at = incoming.path().to_owned();
        let picture = tokio::task::spawn_blocking(move || reference::inspect(&looked_at)).await;
        match picture {
            Ok(Ok(picture)) => Some((incoming, picture.format.extension())),
            Ok(Err(error)) => problems.add(Field::Image, error.to_string()),
            Err(_) => problems.add(Field::Image, "This image could not be read."),
        }
    }
}

/// Ids and seeds of so many takes.
pub(super) fn takes(variations: u8, now: Millis) -> Vec<(GenerationId, u64)> {
    // 31 bits: every model server that takes a seed takes that many.
    (0..variations).map(|_| (GenerationId::new(now, rand::random()), u64::from(rand::random::<u32>() >> 1))).collect()
}

fn choose(models: &[Model], form: &Submission, problems: &mut Problems) -> Option<Choice> {
    let model = match &form.model {
        None => models.first(),
        Some(key) => models.iter().find(|model| model.key == *key),
    };
    let Some(model) = model else {
        let words = match &form.model {
            Some(key) => format!("There is no model {key:?} here just now. Choose one from the list."),
            None => "No model is available just now. Check the upstreams in rushes.toml.".to_owned(),
        };
        return problems.add(Field::Model, words);
    };
    let size = size(model, form, problems);
    let seconds = seconds(model, form.seconds.as_deref(), problems);
    let variations = match form.variations.as_deref().unwrap_or("1").parse() {
        Ok(number @ 1..=4) => Some(number),
        _ => problems.add(Field::Variations, "Choose 1 to 4 variations."),
    };
    Some(Choice { model: model.clone(), size: size?, seconds: seconds?, variations: variations? })
}

fn size(model: &Model, form: &Submission, problems: &mut Problems) -> Option<Pixels> {
    let aspects = model.aspects();
    let prefer = |wanted: &str, among: &[String]| among.iter().find(|a| *a == wanted).or(among.first()).cloned();
    let aspect = form.aspect.clone().or_else(|| prefer("16:9", &aspects)).unwrap_or_default();
    let resolutions = model.resolutions(&aspect);
    let resolution = form.resolution.clone().or_else(|| prefer("720p", &resolutions)).unwrap_or_default();
    if let Some(size) = model.size(&aspect, &resolution) {
        return Some(size);
    }
    if resolutions.is_empty() {
        let words = format!("{} has no {aspect} format. It has {}.", model.label, aspects.join(", "));
        problems.add(Field::Aspect, words)
    } else {
        let words = format!("{} has no {resolution} in {aspect}. It has {}.", model.label, resolutions.join(", "));
        problems.add(Field::Resolution, words)
    }
}

fn seconds(model: &Model, typed: Option<&str>, problems: &mut Problems) -> Option<Seconds> {
    let offered = &model.durations.offered;
    let found = match typed {
        None => offered.first().copied(),
        Some(text) => text.parse().ok().and_then(Seconds::new).filter(|&seconds| model.durations.takes(seconds)),
    };
    if found.is_some() {
        return found;
    }
    let list = offered.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    problems.add(Field::Seconds, format!("{} makes clips of {list} seconds. Choose one of these.", model.label))
}
