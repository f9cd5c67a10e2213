//! Create: from what was typed to a task in the queue, or to a sentence beside each wrong field.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Studio;
use super::choice::{Choice, Problems, choose};
use super::pictures::{Kept, Pictures};
use crate::bus::Change;
use crate::domain::{
    Ability, Crop, GenerationId, Millis, Operation, Options, PersonId, Prompt, StoryboardId, TaskId, Visibility, making,
};
use crate::store;
use crate::store::clips::Clip;
use crate::store::tasks::{NewTask, Written};

/// The most characters of what shall not be seen, and of a remix's own strength.
const LONGEST_WISH: usize = 1_000;

/// What the composer sends, as typed. An absent field takes its default.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
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
    /// A style's key; empty for none.
    pub preset: Option<String>,
    /// What shall not be seen.
    pub negative: Option<String>,
    /// `1` with sound, `0` without.
    pub audio: Option<String>,
    /// A whole number; empty for a new one each time.
    pub seed: Option<String>,
    /// How far a remix may go: one of `making::STRENGTHS`.
    pub strength: Option<String>,
    /// The same in a person's own words.
    pub strength_words: Option<String>,
    /// The part of the picture that is seen.
    #[serde(skip)]
    pub crop: Crop,
    /// Who shall see it: `team` or `private`.
    pub visibility: Option<String>,
    /// A picture from the library: a clip's id, a colon, and `first`, `last` or `whole`.
    pub image_from: Option<String>,
    /// It came by the API: the composer's settings stay as they are.
    #[serde(skip)]
    pub is_of_api: bool,
    /// The form's one-time token.
    #[serde(skip)]
    pub token: Option<String>,
    /// The clip whose prompt this began with.
    #[serde(skip)]
    pub from: Option<GenerationId>,
    /// The clip that is changed.
    #[serde(skip)]
    pub remix: Option<GenerationId>,
    /// The clip that goes on.
    #[serde(skip)]
    pub extend: Option<GenerationId>,
    /// The storyboard that this was made from.
    #[serde(skip)]
    pub storyboard: Option<StoryboardId>,
}

impl Submission {
    /// What a clip's task was asked for; of an upload, its words alone.
    pub fn of(clip: &Clip) -> Self {
        let words = Self { prompt: clip.prompt.clone(), ..Self::default() };
        if clip.is_upload() || clip.is_local() {
            return words;
        }
        Self {
            model: Some(clip.model_key.clone()),
            aspect: Some(clip.size.aspect()),
            resolution: Some(clip.size.resolution()),
            seconds: Some(clip.seconds.to_string()),
            variations: Some(clip.variations.to_string()),
            preset: clip.options.style.as_ref().map(|style| style.key.clone()),
            negative: clip.options.negative.clone(),
            audio: clip.options.audio.map(|on| u8::from(on).to_string()),
            seed: clip.options.seed.map(|seed| seed.to_string()),
            ..words
        }
    }

    /// Only the settings: what is kept for the next clip.
    pub fn settings(&self) -> Self {
        Self {
            model: self.model.clone(),
            aspect: self.aspect.clone(),
            resolution: self.resolution.clone(),
            seconds: self.seconds.clone(),
            variations: self.variations.clone(),
            preset: self.preset.clone(),
            audio: self.audio.clone(),
            visibility: self.visibility.clone(),
            ..Self::default()
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
            "preset" => &mut self.preset,
            "negative" => &mut self.negative,
            "audio" => &mut self.audio,
            "seed" => &mut self.seed,
            "strength" => &mut self.strength,
            "strength_words" => &mut self.strength_words,
            "visibility" => &mut self.visibility,
            "image_from" => &mut self.image_from,
            "crop_x" => return value.parse().is_ok_and(|x: u8| self.cut(Crop::new(x, self.crop.y, self.crop.zoom))),
            "crop_y" => return value.parse().is_ok_and(|y: u8| self.cut(Crop::new(self.crop.x, y, self.crop.zoom))),
            "zoom" => return value.parse().is_ok_and(|zoom: u16| self.cut(Crop::new(self.crop.x, self.crop.y, zoom))),
            _ => return false,
        };
        *setting = Some(value.to_owned());
        true
    }

    /// Puts a phrase of the coach at the end of the prompt.
    pub fn insert(&mut self, phrase: &str) {
        let prompt = self.prompt.trim_end();
        let separator = match prompt.chars().next_back() {
            None => "",
            Some('.' | '!' | '?' | ',' | ';' | ':') => " ",
            Some(_) => ", ",
        };
        self.prompt = format!("{prompt}{separator}{phrase}");
    }

    fn cut(&mut self, crop: Crop) -> bool {
        self.crop = crop;
        true
    }
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
    /// The last frame.
    LastImage,
    /// More reference images.
    References,
    /// The style.
    Preset,
    /// What shall not be seen.
    Negative,
    /// The seed.
    Seed,
    /// How far a remix may go.
    Strength,
    /// What the plan and the budgets allow.
    Quota,
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

/// Everything that a task is to be, checked.
pub(super) struct Plan<'a> {
    pub(super) person: PersonId,
    pub(super) visibility: Visibility,
    pub(super) token: Option<&'a str>,
    pub(super) operation: Operation,
    pub(super) prompt: Prompt,
    pub(super) choice: Choice,
    pub(super) options: Options,
    pub(super) parent: Option<GenerationId>,
    pub(super) sources: Vec<GenerationId>,
    pub(super) storyboard: Option<StoryboardId>,
}

impl Studio {
    /// Who sees a person's new clips unless they say otherwise.
    pub(super) async fn default_visibility(&self) -> Result<Visibility, store::Error> {
        let person = self.store.person(self.viewer.person).await?;
        Ok(person.map_or(Visibility::Team, |person| person.visibility))
    }

    /// A cap, as what is wrong with the form.
    pub(super) async fn told(&self, error: CreateError) -> CreateError {
        let CreateError::Store(store::Error::Capped(cap, free)) = error else { return error };
        let zone = self.zone().await;
        let words = super::caps::words(cap, free, Some((self.clock.now(), &zone)));
        CreateError::Invalid(vec![Problem { field: Field::Quota, words }])
    }

    /// Whoever asks lives in this time zone.
    pub async fn zone(&self) -> TimeZone {
        let person = self.store.person(self.viewer.person).await.ok().flatten();
        let own = person.filter(|person| !person.time_zone.is_empty());
        own.and_then(|person| TimeZone::get(&person.time_zone).ok()).unwrap_or_else(|| self.time_zone.clone())
    }

    /// Writes a task and its generations, or says what is wrong. The same token twice makes one task.
    pub async fn create(&self, person: PersonId, form: &Submission, pictures: Pictures) -> Result<TaskId, CreateError> {
        match self.made(person, form, pictures).await {
            Ok(task) => Ok(task),
            Err(error) => Err(self.told(error).await),
        }
    }

    async fn made(&self, person: PersonId, form: &Submission, pictures: Pictures) -> Result<TaskId, CreateError> {
        let mut problems = Problems::default();
        let prompt =
            Prompt::parse(&form.prompt).map_err(|error| problems.add::<()>(Field::Prompt, error.to_string())).ok();
        let source = self.source(form).await?;
        let asked = source.as_ref().map_or_else(|| form.clone(), |source| source.settings_for(form));
        let choice = choose(&self.models(), &asked, &mut problems);
        let Some(choice) = choice else { return Err(CreateError::Invalid(problems.0)) };
        let mut options = self.options(person, form, &choice, &mut problems).await?;
        let kept = self.check_pictures(form, &choice.model, pictures, &mut problems).await;
        let visibility = match form.visibility.as_deref().map(str::parse) {
            Some(Ok(visibility)) => visibility,
            Some(Err(_)) | None => self.default_visibility().await?,
        };
        let mut plan = Plan {
            person,
            visibility,
            token: form.token.as_deref().filter(|token| !token.is_empty() && token.len() <= 64),
            operation: Operation::Create,
            prompt: match prompt {
                Some(prompt) => prompt,
                None => return Err(CreateError::Invalid(problems.0)),
            },
            choice,
            options: Options::default(),
            parent: self.parent(form.from).await?,
            sources: Vec::new(),
            storyboard: form.storyboard,
        };
        if let Some(source) = &source {
            source.shape(&mut options, &mut plan, form, &mut problems);
        }
        plan.options = options;
        let sent = plan.options.sent(plan.operation, plan.prompt.as_str()).chars().count();
        if sent > Prompt::MOST && problems.0.is_empty() {
            let words = format!(
                "With all that is added to it the prompt has {sent} characters; the most is 4,000. Shorten it by {}.",
                sent - Prompt::MOST
            );
            problems.add::<()>(Field::Prompt, words);
        }
        let kept = match kept {
            Some(kept) if problems.0.is_empty() => kept,
            _ => return Err(CreateError::Invalid(problems.0)),
        };
        let task = match source {
            Some(source) if source.is_joined(&plan) => self.write_joined(plan, &source.clip, kept).await?,
            Some(_) | None => self.write(plan, kept).await?,
        };
        // A storyboard has settings of its own.
        if form.storyboard.is_none()
            && !form.is_of_api
            && let Ok(settings) = serde_json::to_string(&form.settings())
        {
            self.store.keep_settings(person, &settings).await?;
        }
        Ok(task)
    }

    /// Style, seed, sound and what shall not be seen, as far as the model takes them.
    pub(super) async fn options(
        &self,
        person: PersonId,
        form: &Submission,
        choice: &Choice,
        problems: &mut Problems,
    ) -> Result<Options, store::Error> {
        let model = &choice.model;
        let mut options = Options { crop: form.crop, ..Options::default() };
        if let Some(key) = form.preset.as_deref().filter(|key| !key.is_empty()) {
            options.style = self.style(person, key).await?;
            if options.style.is_none() {
                problems.add::<()>(Field::Preset, "This style is gone. Choose another one, or none.");
            }
        }
        options.cast = self.cast(person, &form.prompt).await?;
        options.audio = model.can(Ability::Audio).then_some(choice.audio);
        let typed =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        if let Some(negative) = typed(&form.negative) {
            if !model.can(Ability::NegativePrompt) {
                let words =
                    format!("{} has no field for what to leave out. Say it in the prompt instead.", model.label);
                problems.add::<()>(Field::Negative, words);
            } else if negative.chars().count() > LONGEST_WISH {
                problems.add::<()>(Field::Negative, "This is longer than 1,000 characters. Shorten it.");
            } else {
                options.negative = Some(negative);
            }
        }
        if let Some(seed) = typed(&form.seed) {
            match seed.parse::<u32>() {
                _ if !model.can(Ability::Seed) => {
                    problems.add::<()>(Field::Seed, format!("{} takes no seed. Leave this empty.", model.label));
                }
                Ok(seed) if seed <= making::LARGEST_SEED => options.seed = Some(u64::from(seed)),
                Ok(_) | Err(_) => {
                    problems.add::<()>(Field::Seed, "A seed is a whole number from 0 to 2147483647.");
                }
            }
        }
        Ok(options)
    }

    /// Writes what was planned; its pictures go into their place first.
    pub(super) async fn write(&self, plan: Plan<'_>, kept: Kept) -> Result<TaskId, CreateError> {
        let now = self.clock.now();
        let id = TaskId::new(now, rand::random());
        let mut options = plan.options;
        let reference = self.settle(id, now, kept, &mut options).await?;
        let takes = takes(plan.choice.variations, now, options.seed);
        let task = NewTask {
            id,
            token: plan.token,
            prompt: &plan.prompt,
            model: &plan.choice.model,
            size: plan.choice.size,
            seconds: plan.choice.seconds,
            reference: reference.as_deref(),
            price: plan.choice.each(),
            person: plan.person,
            visibility: plan.visibility,
            parent: plan.parent,
            sources: &plan.sources,
            operation: plan.operation,
            options: &options,
            recipe: None,
            storyboard: plan.storyboard,
            title: "",
            now,
            takes: &takes,
        };
        let written = self.store.add_task(&task).await?;
        Ok(self.written(written, reference.as_deref(), &options).await)
    }

    /// Tells of a new task; of one that the same form made before, the pictures go again.
    pub(super) async fn written(&self, written: Written, reference: Option<&str>, options: &Options) -> TaskId {
        match written {
            Written::New(id) => {
                self.bus.tell(Change::Task(id));
                self.wake.notify_one();
                id
            }
            Written::Before(id) => {
                // The first sending kept its own copies.
                for relative in reference.into_iter().chain(options.pictures().map(String::as_str)) {
                    let _ = tokio::fs::remove_file(self.files.at(relative)).await;
                }
                id
            }
        }
    }

    /// The clip that this began with, if it is there.
    async fn parent(&self, from: Option<GenerationId>) -> Result<Option<GenerationId>, store::Error> {
        let Some(from) = from else { return Ok(None) };
        Ok(self.store.clip(from).await?.filter(|clip| !clip.is_erased).map(|clip| clip.id))
    }
}

/// Ids and seeds of so many takes; a wished seed is the first one's, and each further take has the next.
pub(super) fn takes(variations: u8, now: Millis, wished: Option<u64>) -> Vec<(GenerationId, u64)> {
    let seed = |take: u8| match wished {
        Some(first) => (first + u64::from(take)) & u64::from(making::LARGEST_SEED),
        // 31 bits: every model server that takes a seed takes that many.
        None => u64::from(rand::random::<u32>() >> 1),
    };
    (0..variations).map(|take| (GenerationId::new(now, rand::random()), seed(take))).collect()
}
