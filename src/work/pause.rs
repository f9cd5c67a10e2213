//! Why an upstream gets no creates just now, and until when; told on every page.

use std::sync::PoisonError;
use std::time::Duration;

use super::breaker::Gate;
use super::{Inner, Worker};
use crate::bus::Change;
use crate::domain::{Millis, Reason, pace};

/// The longest pause between tries to reach an upstream that cannot be reached.
const SLOWEST_TRY: Duration = Duration::from_mins(1);
/// The longest pause of an upstream that refuses the key, or has no funds.
const SLOWEST_REFUSED: Duration = Duration::from_mins(10);
/// The pause after the second refusal of the key in a row, without the doubling that follows.
const REFUSED_WISH: Duration = Duration::from_secs(30);

/// Why nothing is sent to an upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It cannot be reached.
    Unreachable,
    /// It asked for a pause.
    Asked,
    /// It refused the key more than once in a row.
    Key,
    /// Its account has no funds, more than once in a row.
    Funds,
    /// Several creates in a row ended without an answer.
    Unknown,
    /// It does not answer questions about what it makes.
    Silent,
}

/// A pause in what is sent to an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// The upstream.
    pub upstream: String,
    /// Why.
    pub why: Why,
    /// Until when.
    pub until: Millis,
}

/// What is remembered of an upstream between creates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest {
    pub until: Millis,
    times: u32,
    why: Why,
}

impl Inner {
    /// The pauses last as long as they were meant to.
    pub(super) fn moved_back(&self, by: Duration) {
        self.rests(|rests| rests.values_mut().for_each(|rest| rest.until = rest.until.before(by)));
        let mut breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        breakers.values_mut().for_each(|breaker| breaker.moved_back(by));
    }

    fn rests<T>(&self, with: impl FnOnce(&mut std::collections::HashMap<String, Rest>) -> T) -> T {
        with(&mut self.rests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Worker {
    /// What keeps upstreams from getting creates now.
    pub fn pauses(&self) -> Vec<Pause> {
        let now = self.0.parts.clock.now();
        let named = |upstream: &str, why, until| Pause { upstream: upstream.to_owned(), why, until };
        let mut pauses: Vec<Pause> = self.0.rests(|rests| {
            let now_on = rests.iter().filter(|(_, rest)| rest.until > now);
            now_on.map(|(upstream, rest)| named(upstream, rest.why, rest.until)).collect()
        });
        for upstream in self.0.parts.upstreams.iter() {
            let name = upstream.name();
            let is_told = pauses.iter().any(|pause| pause.upstream == name);
            if let (Gate::Open(until), false) = (self.gate(name, now), is_told) {
                let is_asked = self.breaker(name, |breaker| breaker.is_asked(now));
                pauses.push(named(name, if is_asked { Why::Asked } else { Why::Silent }, until));
            }
        }
        pauses.sort_by(|one, other| one.upstream.cmp(&other.upstream));
        pauses
    }

    pub(super) fn paused(&self, upstream: &str, now: Millis) -> bool {
        self.0.rests(|rests| rests.get(upstream).is_some_and(|rest| rest.until > now))
    }

    /// When the next pause ends.
    pub(super) fn next_end(&self, now: Millis) -> Option<Millis> {
        self.0.rests(|rests| rests.values().map(|rest| rest.until).filter(|until| *until > now).min())
    }

    /// Lets an upstream that took nothing rest, longer each time in a row; returns until when.
    pub(super) fn pause(&self, upstream: &str, now: Millis, reason: Reason, wish: Option<Duration>) -> Millis {
        let why = if reason == Reason::RateLimited { Why::Asked } else { Why::Unreachable };
        self.rest_for(upstream, now, why, |times| pace::backoff(times, wish, SLOWEST_TRY, Self::noise()))
    }

    /// A refusal of the key or for want of funds is everybody's: after the second in a row the others wait.
    pub(super) fn refused_for_all(&self, upstream: &str, now: Millis, reason: Reason) {
        let why = if reason == Reason::Funds { Why::Funds } else { Why::Key };
        self.rest_for(upstream, now, why, |times| match times {
            0 | 1 => Duration::ZERO,
            // From half a minute on.
            times => pace::backoff(times + 3, Some(REFUSED_WISH), SLOWEST_REFUSED, Self::noise()),
        });
    }

    /// Several creates ended without an answer.
    pub(super) fn rest_until(&self, upstream: &str, until: Millis) {
        let rest = Rest { until, times: 0, why: Why::Unknown };
        self.0.rests(|rests| rests.insert(upstream.to_owned(), rest));
    }

    fn rest_for(&self, upstream: &str, now: Millis, why: Why, long: impl FnOnce(u32) -> Duration) -> Millis {
        self.0.rests(|rests| {
            let rest = rests.entry(upstream.to_owned()).or_insert(Rest { until: now, times: 0, why });
            rest.times = if rest.why == why { rest.times + 1 } else { 1 };
            rest.why = why;
            rest.until = now.after(long(rest.times));
            rest.until
        })
    }

    /// The upstream answered a create in its own words.
    pub(super) fn unpause(&self, upstream: &str) {
        if self.0.rests(|rests| rests.remove(upstream)).is_some() {
            self.0.parts.bus.tell(Change::Upstreams);
        }
    }
}
