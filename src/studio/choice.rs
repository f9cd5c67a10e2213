//! Settings that fit together: what was chosen of a model's sizes, lengths and sound, checked against what it can do.

use super::Studio;
use super::create::{Field, Problem, Submission};
use crate::domain::{Ability, Model, Pixels, Seconds, Usd};

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
    /// With sound, as far as that can be chosen.
    pub audio: bool,
}

impl Choice {
    /// What one clip costs, where that is known.
    pub fn each(&self) -> Option<Usd> {
        self.model.price.of(self.size, self.seconds, self.audio)
    }
}

/// Collects what is wrong.
#[derive(Default)]
pub(super) struct Problems(pub(super) Vec<Problem>);

impl Problems {
    pub(super) fn add<T>(&mut self, field: Field, words: impl Into<String>) -> Option<T> {
        self.0.push(Problem { field, words: words.into() });
        None
    }
}

impl Studio {
    /// Every model with its price as it is now.
    pub fn models(&self) -> Vec<Model> {
        let now = self.clock.now();
        let mut models = self.upstreams.models();
        for model in &mut models {
            model.price = std::mem::take(&mut model.price).at(now);
        }
        models
    }

    /// Checks the settings; absent ones take the model's nearest to 16:9, 720p, 4 s, 1 variation.
    pub fn choose(&self, form: &Submission) -> Result<Choice, Vec<Problem>> {
        let mut problems = Problems::default();
        let choice = choose(&self.models(), form, &mut problems);
        choice.filter(|_| problems.0.is_empty()).ok_or(problems.0)
    }
}

pub(super) fn choose(models: &[Model], form: &Submission, problems: &mut Problems) -> Option<Choice> {
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
    let audio = !model.can(Ability::Audio) || form.audio.as_deref() != Some("0");
    Some(Choice { model: model.clone(), size: size?, seconds: seconds?, variations: variations?, audio })
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
