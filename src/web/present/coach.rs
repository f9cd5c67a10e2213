//! What the coach sees in a prompt, as the composer shows it.

use crate::domain::coach::{self, Mark, Warning};
use crate::web::view::composer::{Coach, CoachMark, Settings};

/// Long enough to be no matter, and a usual shape: nothing is said about what is not known.
const SECONDS: u16 = 4;
const ASPECT: &str = "16:9";

/// What a mark is, in a few words.
fn about(mark: Mark) -> &'static str {
    match mark {
        Mark::Subject => "Who or what is seen",
        Mark::Action => "What happens",
        Mark::Setting => "Where it is",
        Mark::Lighting => "Light and time of day",
        Mark::Camera => "Shot, angle, lens, move",
        Mark::Style => "Medium, look, palette",
    }
}

/// What the coach sees.
/// `goes_on`: the prompt changes a clip that is there, so that it may be short.
pub fn read(prompt: &str, seconds: u16, aspect: &str, goes_on: bool) -> Coach {
    let reading = coach::read(prompt, seconds, aspect);
    let mark = |mark: Mark| CoachMark {
        key: mark.name(),
        label: mark.label(),
        about: about(mark),
        named: reading.names(mark),
        phrases: mark.phrases(),
    };
    Coach {
        marks: Mark::ALL.into_iter().map(mark).collect(),
        hints: reading
            .warnings()
            .iter()
            .filter(|warning| !(goes_on && **warning == Warning::TooShort))
            .map(|warning| (warning.name(), warning.advice()))
            .collect(),
    }
}

/// The same beside a composer's settings.
pub fn of(prompt: &str, settings: &Settings, goes_on: bool) -> Coach {
    let seconds = settings.seconds.value().parse().unwrap_or(SECONDS);
    let aspect = settings.aspect.value();
    read(prompt, seconds, if aspect.is_empty() { ASPECT } else { aspect }, goes_on)
}
