//! What a model can do and what it costs. Menus and checks are built from this, never from constants.

use super::media::{Pixels, Seconds};
use super::money::Usd;

/// What a clip costs. Prices by size and by clip join here later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Price {
    /// US dollars for a second of video; none when nobody said.
    pub per_second: Option<Usd>,
    /// The same without sound, where that has another price.
    pub silent: Option<Usd>,
}

/// What a model can do beyond a prompt, a size, a length and one reference image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ability {
    /// Takes a seed.
    Seed,
    /// Takes apart what shall not be seen.
    NegativePrompt,
    /// Sound can be left out.
    Audio,
    /// Takes a last frame.
    LastFrame,
    /// Changes a clip of its own by a description.
    Remix,
    /// Makes a clip of its own longer.
    Extend,
}

impl Ability {
    /// All of them, with their words in the configuration.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Seed, "seed"),
        (Self::NegativePrompt, "negative_prompt"),
        (Self::Audio, "audio"),
        (Self::LastFrame, "last_frame"),
        (Self::Remix, "remix"),
        (Self::Extend, "extend"),
    ];

    /// By its word in the configuration.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, name)| *name == word).map(|(ability, _)| ability)
    }
}

impl Price {
    /// Nothing at all, and that is known.
    pub const FREE: Self = Self { per_second: Some(Usd::ZERO), silent: None };

    /// The price of a second, where it is known.
    pub fn second(self, audio: bool) -> Option<Usd> {
        self.silent.filter(|_| !audio).or(self.per_second)
    }

    /// The cost of one clip, where it is known.
    pub fn of(self, _size: Pixels, seconds: Seconds, audio: bool) -> Option<Usd> {
        self.second(audio).map(|price| price.times(seconds))
    }
}

/// The lengths a model takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Durations {
    /// Shown in the menu, ascending, in seconds.
    pub offered: Vec<Seconds>,
    /// Any whole second from the first to the second is taken, though not all are shown.
    pub any_within: Option<(Seconds, Seconds)>,
}

impl Durations {
    /// Whether the model takes this length.
    pub fn takes(&self, seconds: Seconds) -> bool {
        self.offered.contains(&seconds)
            || self.any_within.is_some_and(|(least, most)| (least..=most).contains(&seconds))
    }
}

/// One model at one upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// What forms post and rows store: the id, or `upstream/id` where two upstreams share it.
    pub key: String,
    /// As its upstream calls it.
    pub id: String,
    /// As people see it.
    pub label: String,
    /// The upstream's name in the configuration.
    pub upstream: String,
    /// Frame sizes, in menu order.
    pub sizes: Vec<Pixels>,
    /// Lengths.
    pub durations: Durations,
    /// What it costs.
    pub price: Price,
    /// What it can do besides; none where nobody said.
    pub abilities: Option<Vec<Ability>>,
    /// How many reference images it takes besides the first frame.
    pub references: u8,
    /// Sizes and lengths are our guess, since the upstream does not publish them.
    pub is_guess: bool,
    /// Drawn on this machine; not an AI model.
    pub is_animatic: bool,
}

impl Model {
    /// Whether it can do something.
    pub fn can(&self, ability: Ability) -> bool {
        self.abilities.as_ref().is_some_and(|known| known.contains(&ability))
    }

    /// The shapes on offer, in the order of the sizes.
    pub fn aspects(&self) -> Vec<String> {
        let mut aspects: Vec<String> = Vec::new();
        for aspect in self.sizes.iter().map(|size| size.aspect()) {
            if !aspects.contains(&aspect) {
                aspects.push(aspect);
            }
        }
        aspects
    }

    /// The resolutions on offer in one shape.
    pub fn resolutions(&self, aspect: &str) -> Vec<String> {
        self.sizes.iter().filter(|size| size.aspect() == aspect).map(|size| size.resolution()).collect()
    }

    /// The size that an aspect and a resolution name, if this model has it.
    pub fn size(&self, aspect: &str, resolution: &str) -> Option<Pixels> {
        self.sizes
            .iter()
            .copied()
            .find(|size| size.resolution() == resolution && size.aspect() == aspect)
            .or_else(|| self.sizes.iter().copied().find(|size| size.to_string() == resolution && exact(*size, aspect)))
    }
}

/// `7:4` names 1792x1024 as well as the usual word for it does.
fn exact(size: Pixels, aspect: &str) -> bool {
    let Some((w, h)) = aspect.split_once(':') else { return false };
    let (Ok(w), Ok(h)) = (w.parse::<u32>(), h.parse::<u32>()) else { return false };
    u64::from(size.wide()) * u64::from(h) == u64::from(size.high()) * u64::from(w)
}
