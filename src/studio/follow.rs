//! From one clip to the next: re-roll, remix, extend. The upstream's own way where it has one,
//! else a new clip that is told what the first one showed.

use super::Studio;
use super::choice::{Problems, choose};
use super::create::{CreateError, Field, Plan, Submission, takes};
use super::pictures::{Frame, Kept, Upload};
use crate::domain::{Ability, GenerationId, Operation, Options, PersonId, Prompt, Seconds, State, TaskId, making};
use crate::ffmpeg::Recipe;
use crate::store;
use crate::store::clips::Clip;
use crate::store::tasks::NewTask;

/// The clip that a form goes on from, and how.
#[derive(Debug, Clone)]
pub struct Source {
    /// The clip.
    pub clip: Clip,
    /// `Remix` or `Extend`.
    pub operation: Operation,
    /// The upstream does it with its own job, and keeps shape and size.
    pub native: bool,
    /// The chosen model is the clip's own, and takes a seed.
    keeps_seed: bool,
}

impl Source {
    /// What of a form's settings holds: an upstream that changes its own clip keeps size and length.
    pub fn settings_for(&self, form: &Submission) -> Submission {
        let own = Submission::of(&self.clip);
        let mut asked = Submission { model: form.model.clone().or(own.model), ..form.clone() };
        if self.native {
            (asked.aspect, asked.resolution) = (own.aspect, own.resolution);
            if self.operation == Operation::Remix {
                asked.seconds = own.seconds;
            }
        }
        asked
    }

    /// Writes into a plan what it is made of, and what the upstream has to be told.
    pub(super) fn shape(&self, options: &mut Options, plan: &mut Plan<'_>, form: &Submission, problems: &mut Problems) {
        plan.operation = self.operation;
        plan.sources = vec![self.clip.id];
        plan.parent = None;
        options.native = self.native;
        if !self.native && !self.clip.is_upload() {
            options.base = Some(self.clip.prompt.clone());
        }
        if self.operation != Operation::Remix {
            return;
        }
        if self.keeps_seed && options.seed.is_none() {
            options.seed = Some(self.clip.seed & u64::from(making::LARGEST_SEED));
        }
        let chosen = form.strength.as_deref().unwrap_or("mild");
        let Some((word, _, wording)) = making::STRENGTHS.into_iter().find(|(word, ..)| *word == chosen) else {
            problems.add::<()>(Field::Strength, "Choose Subtle, Mild, Strong or Custom.");
            return;
        };
        let own = form.strength_words.as_deref().map(str::trim).unwrap_or_default();
        options.strength = Some(if word == "custom" { own.to_owned() } else { wording.to_owned() });
        if word == "custom" && own.chars().count() > 500 {
            problems.add::<()>(Field::Strength, "Your wording is longer than 500 characters. Shorten it.");
        }
    }

    /// Whether what is made has to be joined to the clip afterwards.
    pub(super) fn is_joined(&self, plan: &Plan<'_>) -> bool {
        plan.operation == Operation::Extend && !self.native
    }
}

/// The model that stands in a row of what this machine makes itself.
pub(super) fn local_model(operation: Operation) -> crate::domain::Model {
    crate::domain::Model {
        key: store::clips::FFMPEG.to_owned(),
        id: operation.as_str().to_owned(),
        label: "ffmpeg".to_owned(),
        upstream: store::clips::FFMPEG.to_owned(),
        sizes: Vec::new(),
        durations: crate::domain::Durations { offered: Vec::new(), any_within: None },
        price: crate::domain::Price::FREE,
        abilities: None,
        references: 0,
        deadline: crate::domain::model::DEADLINE,
        is_guess: false,
        is_animatic: false,
    }
}

impl Studio {
    /// The clip that a form goes on from; none when it begins anew.
    pub async fn source(&self, form: &Submission) -> Result<Option<Source>, CreateError> {
        let (id, operation) = match (form.remix, form.extend) {
            (Some(id), _) => (id, Operation::Remix),
            (None, Some(id)) => (id, Operation::Extend),
            (None, None) => return Ok(None),
        };
        let gone =
            |words: &str| CreateError::Invalid(vec![super::Problem { field: Field::Prompt, words: words.to_owned() }]);
        let clip = self.store.clip(id).await?.filter(|clip| !clip.is_erased);
        let clip = clip.ok_or_else(|| gone("The clip that this goes on from is deleted."))?;
        if clip.state != State::Completed {
            return Err(gone("The clip that this goes on from is not finished yet."));
        }
        let models = self.models();
        let chosen = form.model.as_deref().unwrap_or(&clip.model_key);
        let model = models.iter().find(|model| model.key == chosen);
        let is_own = model.is_some_and(|model| model.key == clip.model_key && model.upstream == clip.upstream);
        let able = if operation == Operation::Remix { Ability::Remix } else { Ability::Extend };
        let native = is_own && clip.upstream_id.is_some() && model.is_some_and(|model| model.can(able));
        let keeps_seed = is_own && model.is_some_and(|model| model.can(Ability::Seed));
        Ok(Some(Source { clip, operation, native, keeps_seed }))
    }

    /// The same prompt and settings once more, as one new clip.
    pub async fn reroll(&self, person: PersonId, id: GenerationId, token: &str) -> Result<TaskId, CreateError> {
        match self.rerolled(person, id, token).await {
            Ok(task) => Ok(task),
            Err(error) => Err(self.told(error).await),
        }
    }

    async fn rerolled(&self, person: PersonId, id: GenerationId, token: &str) -> Result<TaskId, CreateError> {
        let gone = |words: &str| super::Problem { field: Field::Prompt, words: words.to_owned() };
        let clip = self.store.clip(id).await?.filter(|clip| !clip.is_erased && !clip.is_upload() && !clip.is_local());
        let clip = clip.ok_or_else(|| CreateError::Invalid(vec![gone("This clip cannot be made again.")]))?;
        let mut problems = Problems::default();
        let form = Submission { variations: Some("1".to_owned()), ..Submission::of(&clip) };
        let choice = choose(&self.models(), &form, &mut problems);
        let prompt = Prompt::parse(&clip.prompt).map_err(|error| problems.add::<()>(Field::Prompt, error.to_string()));
        let (Some(choice), Ok(prompt)) = (choice, prompt) else { return Err(CreateError::Invalid(problems.0)) };
        // Another take, not the same one again.
        let mut options = Options { seed: None, last_frame: None, references: Vec::new(), ..clip.options.clone() };
        let mut kept = Kept::default();
        if let Some(path) = &clip.reference {
            kept.first = Some(self.copied(path).await?);
        }
        if let Some(path) = &clip.options.last_frame {
            kept.last = Some(self.copied(path).await?);
        }
        for path in &clip.options.references {
            kept.more.push(self.copied(path).await?);
        }
        let sources = self.store.sources_of(clip.task).await?;
        let native = options.native && !sources.is_empty();
        options.native = native;
        let plan = Plan {
            person,
            visibility: clip.visibility,
            token: Some(token).filter(|token| !token.is_empty() && token.len() <= 64),
            operation: if native { clip.operation } else { Operation::Reroll },
            prompt,
            choice,
            options,
            parent: Some(clip.id),
            sources: if native { sources.iter().map(|source| source.id).collect() } else { Vec::new() },
            storyboard: clip.storyboard,
        };
        self.write(plan, kept).await
    }

    /// A continuation that begins with a clip's last frame, and for each of its takes both joined.
    /// All of it is written at once; the joins wait for their takes.
    pub(super) async fn write_joined(
        &self,
        plan: Plan<'_>,
        clip: &Clip,
        mut kept: Kept,
    ) -> Result<TaskId, CreateError> {
        let wrong = |words: String| CreateError::Invalid(vec![super::Problem { field: Field::Image, words }]);
        self.ffmpeg.tool().await.map_err(wrong)?;
        if kept.first.is_none() {
            let frame = self.frame(clip, Frame::Last).await.map_err(wrong)?;
            let mut problems = Problems::default();
            kept.first = super::pictures::check(Upload::Received(frame), Field::Image, &mut problems).await;
            if !problems.0.is_empty() {
                return Err(CreateError::Invalid(problems.0));
            }
        }
        let now = self.clock.now();
        let id = TaskId::new(now, rand::random());
        let mut options = plan.options;
        let reference = self.settle(id, now, kept, &mut options).await?;
        let made = takes(plan.choice.variations, now, options.seed);
        let model = local_model(Operation::Extend);
        let recipe = serde_json::to_string(&Recipe::Extend).map_err(std::io::Error::other)?;
        let no_wishes = Options::default();
        let whole = clip.seconds.get().saturating_add(plan.choice.seconds.get());
        let joined: Vec<_> = made.iter().map(|(take, _)| ([clip.id, *take], takes(1, now, Some(0)))).collect();
        let first = NewTask {
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
            parent: None,
            sources: &plan.sources,
            operation: Operation::Extend,
            options: &options,
            recipe: None,
            storyboard: None,
            title: "",
            now,
            takes: &made,
        };
        let tokens: Vec<String> =
            (0..joined.len()).map(|number| format!("{}-join-{number}", plan.token.unwrap_or_default())).collect();
        let joins = joined.iter().zip(&tokens).map(|((sources, takes), token)| NewTask {
            id: TaskId::new(now, rand::random()),
            token: plan.token.map(|_| token.as_str()),
            prompt: &plan.prompt,
            model: &model,
            size: clip.size,
            seconds: Seconds::new(whole.min(600)).unwrap_or(Seconds::ONE),
            reference: None,
            price: model.price.of(clip.size, Seconds::ONE, true),
            person: plan.person,
            visibility: plan.visibility,
            parent: None,
            sources,
            operation: Operation::Extend,
            options: &no_wishes,
            recipe: Some(&recipe),
            storyboard: None,
            title: "",
            now,
            takes,
        });
        let tasks: Vec<NewTask<'_>> = std::iter::once(first).chain(joins).collect();
        let mut written = self.store.add_tasks(&tasks).await?.into_iter();
        let Some(first) = written.next() else { return Err(CreateError::Invalid(Vec::new())) };
        for join in written {
            self.written(join, None, &no_wishes).await;
        }
        Ok(self.written(first, reference.as_deref(), &options).await)
    }
}
