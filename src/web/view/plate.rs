//! The face of a clip that is not there: what is going on, how far, what to do.

use askama::Template;

use super::action::Action;

/// A progress ring; turns when the percent is not known.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "shared/_ring.html")]
pub struct Ring {
    /// How far, 0 to 100.
    pub percent: Option<u8>,
    /// What goes on, for those who do not see it: `Rendering`.
    pub label: String,
}

/// What a plate shows above its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// An icon's name.
    Icon(&'static str),
    /// A progress ring.
    Ring(Ring),
}

/// A time that keeps counting up on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elapsed {
    /// The moment it counts from, in ms since 1970 UTC.
    pub since: i64,
    /// How long that was when the page was made: `1 min 20 s`.
    pub words: String,
}

impl Elapsed {
    /// Counts from `since` and stands at `now`, both in ms since 1970 UTC.
    pub fn new(since: i64, now: i64) -> Self {
        Self { since, words: span(now.saturating_sub(since)) }
    }
}

/// A length of time in ms as the pages write it; `static/app.js` writes it the same way.
pub fn span(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, _) => format!("{minutes} min {rest} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

/// Mark, words and buttons where a picture will be.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "shared/_plate.html")]
pub struct Plate {
    /// Icon or ring.
    pub mark: Mark,
    /// `3rd in line`, `Rendering`, `Refused by the model`.
    pub title: String,
    /// `about 40 s left`, `62 of 68 MB`; may be empty.
    pub detail: String,
    /// Counts up before the detail: `1 min 20 s so far`.
    pub elapsed: Option<Elapsed>,
    /// Two soft drifting colours, 1 to 3, while something develops; 0 for none.
    pub tone: u8,
    /// Buttons.
    pub actions: Vec<Action>,
    /// Buttons stay on narrow tiles, because nothing happens without them.
    pub urgent: bool,
}

super::part!(Ring, Plate);

impl Plate {
    /// A plate with an icon.
    pub fn icon(icon: &'static str, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            mark: Mark::Icon(icon),
            title: title.into(),
            detail: detail.into(),
            elapsed: None,
            tone: 0,
            actions: Vec::new(),
            urgent: false,
        }
    }

    /// A plate with a ring, which the title names. The tone follows `seed`, so that neighbours differ.
    pub fn ring(percent: Option<u8>, title: impl Into<String>, detail: impl Into<String>, seed: usize) -> Self {
        let title = title.into();
        let ring = Ring { percent: percent.map(|p| p.min(100)), label: title.clone() };
        let tone = [1, 2, 3][seed % 3];
        Self { mark: Mark::Ring(ring), tone, ..Self::icon("", title, detail) }
    }

    /// With a time that counts up.
    pub fn elapsed(self, elapsed: Elapsed) -> Self {
        Self { elapsed: Some(elapsed), ..self }
    }

    /// With a button.
    pub fn action(mut self, action: Action) -> Self {
        self.actions.push(action.small());
        self
    }

    /// Nothing goes on by itself here: its buttons are always shown.
    pub fn urgent(self) -> Self {
        Self { urgent: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_at_most_two_units() {
        for (ms, words) in
            [(-5, "0 s"), (59_999, "59 s"), (80_000, "1 min 20 s"), (3_600_000, "1 h 0 min"), (9_000_000, "2 h 30 min")]
        {
            assert_eq!(span(ms), words);
        }
    }
}
