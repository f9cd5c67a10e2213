//! What a model can do and what it costs. Menus and checks are built from this, never from constants.

use std::time::Duration;

use super::media::{Millis, Pixels, Seconds};
use super::money::Usd;

/// What a clip costs: the first line of the table that fits, or else a price for each second.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Price {
    /// US dollars for a second of video; none when nobody said.
    pub per_second: Option<Usd>,
    /// The same without sound, where that has another price.
    pub silent: Option<Usd>,
    /// Prices by size, length, sound and date.
    pub table: Vec<Rate>,
}

/// One line of a price table: a price for the clips that fit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// This size only.
    pub size: Option<Pixels>,
    /// This resolution only: lines of the shorter side.
    pub lines: Option<u16>,
    /// This length only.
    pub seconds: Option<Seconds>,
    /// With sound only, or without it only.
    pub audio: Option<bool>,
    /// From this moment on. Of lines that fit, the one that began last counts.
    pub from: Option<Millis>,
    /// How much.
    pub charge: Charge,
}

/// How much a clip costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// For each second of it.
    Second(Usd),
    /// For the whole of it.
    Clip(Usd),
}

impl Rate {
    fn fits(&self, size: Pixels, seconds: Seconds, audio: bool) -> bool {
        self.size.is_none_or(|only| only == size)
            && self.lines.is_none_or(|only| only == size.wide().min(size.high()))
            && self.seconds.is_none_or(|only| only == seconds)
            && self.audio.is_none_or(|only| only == audio)
    }
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
    pub const FREE: Self = Self { per_second: Some(Usd::ZERO), silent: None, table: Vec::new() };

    /// As it is at this moment: without what begins later, what began last first.
    pub fn at(mut self, now: Millis) -> Self {
        self.table.retain(|rate| rate.from.is_none_or(|from| from <= now));
        self.table.sort_by_key(|rate| std::cmp::Reverse(rate.from));
        self
    }

    /// What such a clip is charged by, where it is known. The one price function: `at` the moment of Create.
    pub fn charge(&self, size: Pixels, seconds: Seconds, audio: bool) -> Option<Charge> {
        let found = self.table.iter().find(|rate| rate.fits(size, seconds, audio)).map(|rate| rate.charge);
        found.or_else(|| self.silent.filter(|_| !audio).or(self.per_second).map(Charge::Second))
    }

    /// The cost of one clip, where it is known.
    pub fn of(&self, size: Pixels, seconds: Seconds, audio: bool) -> Option<Usd> {
        self.charge(size, seconds, audio).map(|charge| match charge {
            Charge::Second(price) => price.times(seconds),
            Charge::Clip(price) => price,
        })
    }

    /// In a few words: `Free`, `$0.10/s`, `from $0.40`; none when nobody said.
    pub fn words(&self) -> Option<String> {
        if let Some(least) = self
            .table
            .iter()
            .map(|rate| match rate.charge {
                Charge::Second(price) => (price, format!("{price}/s")),
                Charge::Clip(price) => (price, format!("{price} a clip")),
            })
            .min_by_key(|(price, _)| *price)
        {
            return Some(format!("from {}", least.1));
        }
        self.per_second.map(|price| if price.is_zero() { "Free".to_owned() } else { format!("{price}/s") })
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

/// How long a render may take before it is called stalled, where nobody said.
pub const DEADLINE: Duration = Duration::from_hours(1);

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
    /// How long a render may take before it is called stalled.
    pub deadline: Duration,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Usd {
        text.parse().expect("a price")
    }

    fn rate(charge: Charge) -> Rate {
        Rate { size: None, lines: None, seconds: None, audio: None, from: None, charge }
    }

    #[test]
    fn the_first_line_that_fits_says_what_a_clip_costs_and_the_latest_of_those_that_began() {
        let now = Millis::from_i64(1_795_300_000_000);
        let later = now.after(std::time::Duration::from_hours(1));
        let price = Price {
            per_second: Some(usd("0.10")),
            silent: Some(usd("0.05")),
            table: vec![
                Rate { lines: Some(1080), ..rate(Charge::Second(usd("0.30"))) },
                Rate { seconds: Seconds::new(12), ..rate(Charge::Clip(usd("0.90"))) },
                Rate { lines: Some(1080), from: Some(now), ..rate(Charge::Second(usd("0.40"))) },
                Rate { from: Some(later), ..rate(Charge::Clip(usd("5"))) },
                Rate { lines: Some(480), audio: Some(false), ..rate(Charge::Clip(Usd::ZERO)) },
            ],
        };
        let cost = |price: &Price, size: (u16, u16), seconds, audio| {
            let size = Pixels::new(size.0, size.1).expect("a size");
            price.of(size, Seconds::new(seconds).expect("a length"), audio).map(|cost| cost.to_string())
        };
        let today = price.clone().at(now);
        for (size, seconds, audio, expected) in [
            ((1280, 720), 4, true, "$0.40"),
            ((1280, 720), 4, false, "$0.20"),
            ((1280, 720), 12, true, "$0.90"),
            ((1920, 1080), 4, true, "$1.60"),
            ((1080, 1920), 12, true, "$4.80"),
            ((854, 480), 8, false, "$0.00"),
            ((854, 480), 8, true, "$0.80"),
        ] {
            assert_eq!(cost(&today, size, seconds, audio).as_deref(), Some(expected), "{size:?} {seconds} s {audio}");
        }
        let yesterday = price.clone().at(now.before(std::time::Duration::from_hours(24)));
        assert_eq!(cost(&yesterday, (1920, 1080), 4, true).as_deref(), Some("$1.20"));
        assert_eq!(cost(&price.at(later), (1280, 720), 4, true).as_deref(), Some("$5.00"));
        assert_eq!(cost(&Price::default(), (1280, 720), 4, true), None, "nobody said");
    }
}
