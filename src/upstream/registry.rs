//! All configured upstreams: their models in one menu, each under a key of its own.

use std::sync::Arc;

use super::{Health, Upstream};
use crate::domain::Model;

/// The upstreams in the order of the menu.
#[derive(Clone)]
pub struct Upstreams(Arc<[Arc<dyn Upstream>]>);

impl Upstreams {
    /// In menu order; names are unique, which the configuration sees to.
    pub fn new(all: Vec<Arc<dyn Upstream>>) -> Self {
        Self(all.into())
    }

    /// Each upstream.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Upstream>> {
        self.0.iter()
    }

    /// By its name in the configuration.
    pub fn named(&self, name: &str) -> Option<&Arc<dyn Upstream>> {
        self.0.iter().find(|upstream| upstream.name() == name)
    }

    /// Every model known now. The first to use an id has it as key; others are `upstream/id`.
    pub fn models(&self) -> Vec<Model> {
        let mut models: Vec<Model> = Vec::new();
        for upstream in self.iter() {
            for model in upstream.models().iter() {
                let mut model = model.clone();
                let taken = models.iter().any(|other| other.key == model.id);
                model.key = if taken { format!("{}/{}", model.upstream, model.id) } else { model.id.clone() };
                models.push(model);
            }
        }
        models
    }

    /// The upstreams that do not answer, with words for people.
    pub fn down(&self) -> Vec<(String, String)> {
        self.iter()
            .filter_map(|upstream| match upstream.health() {
                Health::Down(words) => Some((upstream.name().to_owned(), words)),
                Health::Unknown | Health::Up => None,
            })
            .collect()
    }
}
