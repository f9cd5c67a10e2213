//! Plans: what a person may use, and what stops a Create. Caps count rolling windows of a day and of 30 days.

use std::time::Duration;

use super::media::{Pixels, Seconds};
use super::money::Usd;
use super::word::words;

/// The windows that caps count.
pub const DAY: Duration = Duration::from_hours(24);
/// See `DAY`; a month is 30 days, so that nobody's starts anew for all on the first.
pub const MONTH: Duration = Duration::from_hours(24 * 30);
/// The plan that a new member has unless told otherwise.
pub const USUAL: &str = "plus";
/// The greatest weight.
pub const HEAVIEST: u32 = 100;
const GIGABYTE: u64 = 1_000_000_000;

words! {
    /// What happens at a cap of clips or seconds.
    AtCap {
        /// Nothing is made until the window moves on.
        Refuse = "refuse",
        /// It is made when nothing else waits.
        Relaxed = "relaxed",
    }
}

/// What a person may use. None is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it is called: lower-case letters, digits and dashes.
    pub name: String,
    /// Whether clips may be made at all.
    pub may_create: bool,
    /// Clips in a day.
    pub generations_per_day: Option<u32>,
    /// Clips in 30 days.
    pub generations_per_month: Option<u32>,
    /// Seconds of video in a day.
    pub seconds_per_day: Option<u32>,
    /// Seconds of video in 30 days.
    pub seconds_per_month: Option<u32>,
    /// Money in 30 days.
    pub money_per_month: Option<Usd>,
    /// Clips that run at once; more wait, and are never refused for it.
    pub at_once: Option<u32>,
    /// The share of the queue, from 1 to `HEAVIEST`.
    pub weight: u32,
    /// Keys of the models that may be used; none means all.
    pub models: Vec<String>,
    /// Lines of the shorter side.
    pub largest: Option<u32>,
    /// Seconds of one clip.
    pub longest: Option<u32>,
    /// Bytes of everything that the person keeps.
    pub storage_bytes: Option<u64>,
    /// Whether the person may have API keys.
    pub api: bool,
    /// Requests by key in a minute.
    pub api_per_minute: Option<u32>,
    /// What happens at a cap of clips or seconds.
    pub at_cap: AtCap,
}

/// A setting that does not do, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// There is no such setting.
    #[error("{0:?} is no setting of a plan; they are {names}", names = Plan::KEYS.join(", "))]
    NoSuchKey(String),
    /// The value does not do.
    #[error("{key}: {what}")]
    Value {
        /// The setting.
        key: &'static str,
        /// What to write.
        what: &'static str,
    },
    /// The name does not do.
    #[error("a plan's name has 1 to 40 lower-case letters, digits and dashes")]
    Name,
}

const WHOLE: &str = "write a whole number, or nothing for no limit";

impl Plan {
    /// Every setting, as the command line and the page name it.
    pub const KEYS: [&str; 15] = [
        "may_create",
        "generations_per_day",
        "generations_per_month",
        "seconds_per_day",
        "seconds_per_month",
        "money_per_month",
        "at_once",
        "weight",
        "models",
        "largest",
        "longest",
        "storage_gb",
        "api",
        "api_per_minute",
        "at_cap",
    ];

    /// A plan without limits.
    pub fn new(name: &str) -> Result<Self, PlanError> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > 40 || !name.chars().all(fits) {
            return Err(PlanError::Name);
        }
        Ok(Self::without_limits(name))
    }

    /// What somebody without a plan has.
    pub fn unlimited() -> Self {
        Self { api: true, ..Self::without_limits("unlimited") }
    }

    fn without_limits(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            may_create: true,
            generations_per_day: None,
            generations_per_month: None,
            seconds_per_day: None,
            seconds_per_month: None,
            money_per_month: None,
            at_once: None,
            weight: 1,
            models: Vec::new(),
            largest: None,
            longest: None,
            storage_bytes: None,
            api: false,
            api_per_minute: None,
            at_cap: AtCap::Refuse,
        }
    }

    /// Sets one setting as it is typed; nothing, or `none`, takes a limit away.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), PlanError> {
        let value = value.trim();
        let key =
            Self::KEYS.into_iter().find(|known| *known == key).ok_or_else(|| PlanError::NoSuchKey(key.to_owned()))?;
        let wrong = |what| PlanError::Value { key, what };
        let limit = |most: u32| {
            if matches!(value, "" | "none" | "unlimited") {
                return Ok(None);
            }
            value.parse::<u32>().ok().filter(|number| *number <= most).map(Some).ok_or(wrong(WHOLE))
        };
        let flag = || match value {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" | "" => Ok(false),
            _ => Err(wrong("write true or false")),
        };
        match key {
            "may_create" => self.may_create = flag()?,
            "generations_per_day" => self.generations_per_day = limit(1_000_000)?,
            "generations_per_month" => self.generations_per_month = limit(10_000_000)?,
            "seconds_per_day" => self.seconds_per_day = limit(100_000_000)?,
            "seconds_per_month" => self.seconds_per_month = limit(1_000_000_000)?,
            "money_per_month" => self.money_per_month = money(value).map_err(wrong)?,
            "at_once" => {
                self.at_once = limit(10_000)?;
                if self.at_once == Some(0) {
                    return Err(wrong("write 1 or more, or nothing for no limit; may_create=false stops everything"));
                }
            }
            "weight" => {
                let weight = value.parse().ok().filter(|weight| (1..=HEAVIEST).contains(weight));
                self.weight = weight.ok_or(wrong("write a whole number from 1 to 100"))?;
            }
            "models" => {
                let keys = value.split(',').map(str::trim).filter(|key| !key.is_empty() && *key != "all");
                self.models = keys.map(str::to_owned).collect();
            }
            "largest" => {
                let lines = value.strip_suffix('p').unwrap_or(value);
                self.largest = match lines {
                    "" | "none" => None,
                    lines => Some(lines.parse().map_err(|_| wrong("write lines such as 720p, or nothing"))?),
                };
            }
            "longest" => self.longest = limit(600)?,
            "storage_gb" => self.storage_bytes = limit(1_000_000)?.map(|many| u64::from(many) * GIGABYTE),
            "api" => self.api = flag()?,
            "api_per_minute" => self.api_per_minute = limit(1_000_000)?,
            _ => self.at_cap = value.parse().map_err(|_| wrong("write refuse or relaxed"))?,
        }
        Ok(())
    }

    /// One setting as it is typed; empty for no limit.
    pub fn get(&self, key: &str) -> String {
        let limit = |limit: Option<u32>| limit.map(|limit| limit.to_string()).unwrap_or_default();
        match key {
            "may_create" => self.may_create.to_string(),
            "generations_per_day" => limit(self.generations_per_day),
            "generations_per_month" => limit(self.generations_per_month),
            "seconds_per_day" => limit(self.seconds_per_day),
            "seconds_per_month" => limit(self.seconds_per_month),
            "money_per_month" => self.money_per_month.map(Usd::plain).unwrap_or_default(),
            "at_once" => limit(self.at_once),
            "weight" => self.weight.to_string(),
            "models" => self.models.join(","),
            "largest" => self.largest.map(|lines| format!("{lines}p")).unwrap_or_default(),
            "longest" => limit(self.longest),
            "storage_gb" => self.storage_bytes.map(|bytes| (bytes / GIGABYTE).to_string()).unwrap_or_default(),
            "api" => self.api.to_string(),
            "api_per_minute" => limit(self.api_per_minute),
            "at_cap" => self.at_cap.as_str().to_owned(),
            _ => String::new(),
        }
    }
}

/// A sum in dollars as typed; nothing is no limit.
pub fn money(text: &str) -> Result<Option<Usd>, &'static str> {
    let text = text.trim().trim_start_matches('$');
    if matches!(text, "" | "none" | "unlimited") {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| "write dollars such as 150 or 12.50, or nothing for no limit")
}

/// What was used in a window: what is held and what is spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// Clips.
    pub clips: u32,
    /// Seconds of video.
    pub seconds: u32,
    /// Money.
    pub money: Usd,
}

impl Used {
    /// Both together.
    pub fn and(self, more: Self) -> Self {
        Self {
            clips: self.clips.saturating_add(more.clips),
            seconds: self.seconds.saturating_add(more.seconds),
            money: self.money + more.money,
        }
    }

    /// What is left when this is no longer counted.
    pub fn without(self, gone: Self) -> Self {
        Self {
            clips: self.clips.saturating_sub(gone.clips),
            seconds: self.seconds.saturating_sub(gone.seconds),
            money: self.money.less(gone.money),
        }
    }
}

/// What somebody has used, as far as caps ask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// In the last day.
    pub day: Used,
    /// In the last 30 days.
    pub month: Used,
    /// Bytes kept.
    pub bytes: u64,
}

/// What a Create asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Clips.
    pub clips: u32,
    /// The length of each.
    pub seconds: Seconds,
    /// What each costs; none when nobody said.
    pub each: Option<Usd>,
    /// The model's key.
    pub model: &'a str,
    /// The size.
    pub size: Pixels,
}

impl Asked<'_> {
    /// What all of it will be counted as.
    pub fn used(&self) -> Used {
        Used {
            clips: self.clips,
            seconds: self.clips.saturating_mul(u32::from(self.seconds.get())),
            money: (0..self.clips).map(|_| self.each.unwrap_or_default()).sum(),
        }
    }
}

/// What stops a Create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    /// The plan makes no clips.
    NoAccess,
    /// The plan has not this model.
    Model,
    /// The plan has not so large a frame; lines of the shorter side.
    Largest(u32),
    /// The plan has not so long a clip; seconds.
    Longest(u32),
    /// Clips in a day: the cap, and what is used.
    ClipsPerDay(u32, u32),
    /// Clips in 30 days.
    ClipsPerMonth(u32, u32),
    /// Seconds in a day.
    SecondsPerDay(u32, u32),
    /// Seconds in 30 days.
    SecondsPerMonth(u32, u32),
    /// Money in 30 days: the cap, and what is used.
    Money(Usd, Usd),
    /// Bytes kept: the cap, and what is used.
    Storage(u64, u64),
    /// Money is capped, and nobody said what the model costs.
    NoPrice,
    /// The budget of all in 30 days.
    Instance(Usd, Usd),
    /// The upstream's budget in 30 days.
    Upstream(Usd, Usd),
}

impl Cap {
    /// The window that moves on until there is room again, where waiting helps.
    pub const fn window(self) -> Option<Duration> {
        match self {
            Self::ClipsPerDay(..) | Self::SecondsPerDay(..) => Some(DAY),
            Self::ClipsPerMonth(..)
            | Self::SecondsPerMonth(..)
            | Self::Money(..)
            | Self::Instance(..)
            | Self::Upstream(..) => Some(MONTH),
            Self::NoAccess | Self::Model | Self::Largest(_) | Self::Longest(_) | Self::Storage(..) | Self::NoPrice => {
                None
            }
        }
    }

    /// Whether so much used would leave room for `asked`.
    pub fn has_room(self, used: Used, asked: Used) -> bool {
        match self {
            Self::ClipsPerDay(most, _) | Self::ClipsPerMonth(most, _) => used.clips.saturating_add(asked.clips) <= most,
            Self::SecondsPerDay(most, _) | Self::SecondsPerMonth(most, _) => {
                used.seconds.saturating_add(asked.seconds) <= most
            }
            Self::Money(most, _) | Self::Instance(most, _) | Self::Upstream(most, _) => {
                used.money + asked.money <= most
            }
            Self::NoAccess | Self::Model | Self::Largest(_) | Self::Longest(_) | Self::Storage(..) | Self::NoPrice => {
                false
            }
        }
    }
}

/// Whether a Create goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// In the ordinary lane.
    Go,
    /// When nothing else waits, since this cap is reached.
    Relaxed(Cap),
    /// Not now, or not at all.
    Stop(Cap),
}

impl Plan {
    /// Whether it has this model, by its key.
    pub fn has_model(&self, key: &str) -> bool {
        self.models.is_empty() || self.models.iter().any(|known| known == key)
    }

    /// Whether it has so large a frame.
    pub fn has_size(&self, size: Pixels) -> bool {
        let lines = u32::from(size.wide().min(size.high()));
        self.largest.is_none_or(|most| lines <= most)
    }

    /// Whether it has so long a clip.
    pub fn has_length(&self, seconds: Seconds) -> bool {
        self.longest.is_none_or(|most| u32::from(seconds.get()) <= most)
    }

    /// Whether somebody who has used so much may make this.
    pub fn verdict(&self, usage: &Usage, asked: &Asked<'_>) -> Verdict {
        if !self.may_create {
            return Verdict::Stop(Cap::NoAccess);
        }
        if !self.has_model(asked.model) {
            return Verdict::Stop(Cap::Model);
        }
        if let Some(most) = self.largest.filter(|_| !self.has_size(asked.size)) {
            return Verdict::Stop(Cap::Largest(most));
        }
        if let Some(most) = self.longest.filter(|_| !self.has_length(asked.seconds)) {
            return Verdict::Stop(Cap::Longest(most));
        }
        if let Some(most) = self.storage_bytes.filter(|most| usage.bytes >= *most) {
            return Verdict::Stop(Cap::Storage(most, usage.bytes));
        }
        let wanted = asked.used();
        if let Some(most) = self.money_per_month {
            let cap = Cap::Money(most, usage.month.money);
            if asked.each.is_none() {
                return Verdict::Stop(Cap::NoPrice);
            }
            // What costs nothing is never too dear.
            if !wanted.money.is_zero() && !cap.has_room(usage.month, wanted) {
                return Verdict::Stop(cap);
            }
        }
        let (day, month) = (usage.day, usage.month);
        let caps = [
            (self.generations_per_day.map(|most| Cap::ClipsPerDay(most, day.clips)), day),
            (self.generations_per_month.map(|most| Cap::ClipsPerMonth(most, month.clips)), month),
            (self.seconds_per_day.map(|most| Cap::SecondsPerDay(most, day.seconds)), day),
            (self.seconds_per_month.map(|most| Cap::SecondsPerMonth(most, month.seconds)), month),
        ];
        for (cap, used) in caps {
            if let Some(cap) = cap.filter(|cap| !cap.has_room(used, wanted)) {
                return match self.at_cap {
                    AtCap::Refuse => Verdict::Stop(cap),
                    AtCap::Relaxed => Verdict::Relaxed(cap),
                };
            }
        }
        Verdict::Go
    }
}

#[cfg(test)]
mod tests;
