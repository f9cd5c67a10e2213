//! Styles: words added to a prompt. Some are built in, people keep their own, and `@name` in a
//! prompt brings a character or a thing that the team keeps.

use super::pictures::{Incoming, Upload};
use super::{Error, Problem, Studio};
use crate::domain::{Options, PersonId, PresetId, Prompt, Style, making};
use crate::files::Files;
use crate::store;
use crate::store::presets::Preset;

/// The most characters of a style's name and of its text.
const LONGEST_NAME: usize = 60;
const LONGEST_TEXT: usize = 1_000;

/// What a person typed for a style.
#[derive(Debug, Clone, Default)]
pub struct StyleForm {
    /// Its name.
    pub name: String,
    /// What it adds to a prompt.
    pub text: String,
    /// Everyone here may use it.
    pub is_shared: bool,
}

/// Why a style was not kept.
#[derive(Debug, thiserror::Error)]
pub enum BadStyle {
    /// What is wrong with its name, text and picture, in this order; for people.
    #[error("the style has mistakes")]
    Invalid([Option<String>; 3]),
    /// It could not be written.
    #[error(transparent)]
    Other(#[from] Error),
    /// The picture could not be kept.
    #[error(transparent)]
    Disk(#[from] std::io::Error),
}

/// What `@` is followed by to bring a style of this name: `Old Tom` is `@old-tom`.
pub fn handle(name: &str) -> String {
    let word = |c: char| if c.is_alphanumeric() { c } else { '-' };
    let text: String = name.to_lowercase().chars().map(word).collect();
    text.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

impl Studio {
    /// A style by what forms post for it, if this person may use it.
    pub async fn style(&self, person: PersonId, key: &str) -> Result<Option<Style>, store::Error> {
        if let Some((key, name, text)) = making::STYLES.into_iter().find(|(known, ..)| *known == key) {
            return Ok(Some(Style { key: key.to_owned(), name: name.to_owned(), text: text.to_owned() }));
        }
        let Ok(id) = key.parse::<PresetId>() else { return Ok(None) };
        let preset = self.store.preset(id).await?.filter(|preset| preset.is_shared || preset.person == person);
        Ok(preset.map(|preset| Style { key: key.to_owned(), name: preset.name, text: preset.text }))
    }

    /// Whom and what a prompt names by `@`.
    pub(super) async fn cast(&self, person: PersonId, prompt: &str) -> Result<Vec<Style>, store::Error> {
        if !prompt.contains('@') {
            return Ok(Vec::new());
        }
        let named = |preset: &Preset| {
            let handle = handle(&preset.name);
            (!handle.is_empty() && Options::names(prompt, &handle)).then_some(handle)
        };
        let presets = self.store.presets(person).await?;
        let cast = presets.into_iter().filter_map(|preset| {
            let key = named(&preset)?;
            Some(Style { key, name: preset.name, text: preset.text })
        });
        Ok(cast.collect())
    }

    /// Keeps a style, new or changed.
    pub async fn keep_style(
        &self,
        person: PersonId,
        id: Option<PresetId>,
        form: &StyleForm,
        picture: Option<Upload>,
    ) -> Result<PresetId, BadStyle> {
        let (name, text) = (form.name.trim(), form.text.trim());
        let within = |text: &str, most: usize, empty: &str| match text.chars().count() {
            0 => Some(empty.to_owned()),
            length if length > most => Some(format!("This has {length} characters; the most is {most}. Shorten it.")),
            _ => None,
        };
        let mut wrong = [
            within(name, LONGEST_NAME, "Give the style a name."),
            within(text, LONGEST_TEXT, "Write what the style adds to a prompt."),
            None,
        ];
        let name = Self::title(name).unwrap_or_default();
        if wrong[0].is_none() && (name.is_empty() || handle(&name).is_empty()) {
            wrong[0] = Some("Use letters or digits in the name.".to_owned());
        }
        let before = match id {
            Some(id) => Some(self.own_style(person, id).await?),
            None => None,
        };
        let mut problems = super::choice::Problems::default();
        let picture = match picture {
            Some(upload) => super::pictures::check(upload, super::Field::Image, &mut problems).await,
            None => None,
        };
        wrong[2] = problems.0.into_iter().next().map(|Problem { words, .. }| words);
        let (Ok(text), true) = (Prompt::parse(text), wrong.iter().all(Option::is_none)) else {
            return Err(BadStyle::Invalid(wrong));
        };
        let now = self.clock.now();
        let id = id.unwrap_or_else(|| PresetId::new(now, rand::random()));
        let picture = match picture {
            Some((incoming, extension)) => Some(self.picture_of_style(id, incoming, extension).await?),
            None => None,
        };
        let old = before.and_then(|preset| preset.picture).filter(|old| picture.as_ref().is_some_and(|new| new != old));
        let preset = Preset { id, person, name, text: text.as_str().to_owned(), picture, is_shared: form.is_shared };
        self.store.keep_preset(&preset, now).await.map_err(Error::from)?;
        if let Some(old) = old {
            let _ = tokio::fs::remove_file(self.files.at(&old)).await;
        }
        Ok(id)
    }

    async fn picture_of_style(&self, id: PresetId, incoming: Incoming, extension: &str) -> std::io::Result<String> {
        let relative = Files::style_path(id, rand::random(), extension);
        let (files, to) = (self.files.clone(), relative.clone());
        tokio::task::spawn_blocking(move || files.settle(incoming.path(), &to))
            .await
            .unwrap_or_else(|_| Err(std::io::Error::other("the picture was lost")))?;
        Ok(relative)
    }

    async fn own_style(&self, person: PersonId, id: PresetId) -> Result<Preset, Error> {
        self.store.preset(id).await?.filter(|preset| preset.person == person).ok_or(Error::NotFound)
    }

    /// Removes a style of one's own; what was made with it keeps its words.
    pub async fn remove_style(&self, person: PersonId, id: PresetId) -> Result<(), Error> {
        self.own_style(person, id).await?;
        if let Some(picture) = self.store.remove_preset(id).await? {
            let _ = tokio::fs::remove_file(self.files.at(&picture)).await;
        }
        Ok(())
    }
}
