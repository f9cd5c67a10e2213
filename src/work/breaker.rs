//! When an upstream is left alone: after failures in a row, and for as long as it asks. One for each upstream, for
//! everybody's questions together; held in memory, since a restart may well ask once.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::{Millis, pace};

/// So many failures within `WITHIN` open it.
const FAILURES: usize = 5;
const WITHIN: Duration = Duration::from_secs(30);
/// The longest that it stays open before one question is tried.
const LONGEST: Duration = Duration::from_mins(1);
/// The longest that an upstream's own wish is honoured.
const LONGEST_WISH: Duration = Duration::from_hours(1);

/// Whether a question may be asked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// As many as there are.
    Closed,
    /// One, to find out.
    HalfOpen,
    /// None until then.
    Open(Millis),
}

/// What is known of an upstream's answers.
#[derive(Debug, Clone, Default)]
pub struct Breaker {
    recent: VecDeque<Millis>,
    /// Until when it is open; passed, and it is half open.
    until: Option<Millis>,
    /// How often it opened in a row.
    times: u32,
    /// Until when the upstream itself asked for a pause.
    wish: Option<Millis>,
    is_probing: bool,
}

impl Breaker {
    /// Whether a question may be asked now.
    pub fn gate(&self, now: Millis) -> Gate {
        // What lies further ahead than any pause is long was noted by a clock that has been moved back.
        let is_ahead = |until: &Millis| *until > now && until.since(now) <= LONGEST_WISH;
        let waits = self.until.max(self.wish).filter(is_ahead);
        match (waits, self.until) {
            (Some(until), _) => Gate::Open(until),
            (None, Some(until)) if self.is_probing => Gate::Open(until),
            (None, Some(_)) => Gate::HalfOpen,
            (None, None) => Gate::Closed,
        }
    }

    /// The clock was moved back by so much: the pauses last as long as they were meant to.
    pub fn moved_back(&mut self, by: Duration) {
        self.recent.clear();
        self.until = self.until.map(|until| until.before(by));
        self.wish = self.wish.map(|wish| wish.before(by));
    }

    /// Whether it is the upstream's own wish to be left alone.
    pub fn is_asked(&self, now: Millis) -> bool {
        self.wish.is_some_and(|wish| wish > now)
    }

    /// A question goes out.
    pub fn asked(&mut self, now: Millis) {
        self.is_probing = self.gate(now) == Gate::HalfOpen;
    }

    /// The upstream answered, whatever it said; true if it had been left alone before.
    pub fn answered(&mut self) -> bool {
        let was_open = self.until.is_some();
        *self = Self { wish: self.wish, ..Self::default() };
        was_open
    }

    /// No use came of a question; true if it opened now. `noise`: 0 to 999.
    pub fn failed(&mut self, now: Millis, noise: u64) -> bool {
        self.recent.push_back(now);
        while self.recent.front().is_some_and(|first| now.since(*first) > WITHIN) {
            self.recent.pop_front();
        }
        if self.recent.len() < FAILURES && !self.is_probing {
            return false;
        }
        let was_open = self.until.is_some();
        self.is_probing = false;
        self.recent.clear();
        self.times += 1;
        // Five failures took a while already, so that the first pause begins where a sixth try would have come.
        self.until = Some(now.after(pace::backoff(self.times + 2, None, LONGEST, noise)));
        !was_open
    }

    /// The upstream asks to be left alone for a while.
    pub fn asked_to_wait(&mut self, now: Millis, wish: Duration) {
        self.wish = self.wish.max(Some(now.after(wish.min(LONGEST_WISH))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Millis = Millis::from_i64(1_795_300_000_000);

    fn at(seconds: u64) -> Millis {
        NOON.after(Duration::from_secs(seconds))
    }

    #[test]
    fn five_failures_within_half_a_minute_open_it_and_one_question_finds_out() {
        let mut breaker = Breaker::default();
        for second in 0..4 {
            assert!(!breaker.failed(at(second), 500));
            assert_eq!(breaker.gate(at(second)), Gate::Closed);
        }
        assert!(breaker.failed(at(5), 500), "the fifth");
        let Gate::Open(until) = breaker.gate(at(5)) else { panic!("it is open") };
        assert!(until > at(5) && until <= at(65));
        assert_eq!(breaker.gate(until), Gate::HalfOpen);
        breaker.asked(until);
        assert_eq!(breaker.gate(until), Gate::Open(until), "one is enough");
        assert!(!breaker.failed(until, 500), "it was open before");
        let Gate::Open(later) = breaker.gate(until) else { panic!("it is open") };
        assert!(later.since(until) > until.since(at(5)), "longer each time");
        breaker.asked(later);
        assert!(breaker.answered());
        assert_eq!(breaker.gate(later), Gate::Closed);
        assert!(!breaker.failed(later, 500), "it begins anew");
    }

    #[test]
    fn failures_far_apart_do_not_open_it_and_an_answer_in_between_counts() {
        let mut breaker = Breaker::default();
        for turn in 0..100 {
            assert!(!breaker.failed(at(turn * 9), 500));
        }
        let mut breaker = Breaker::default();
        for turn in 0..100 {
            assert!(!breaker.failed(at(turn), 500));
            if turn % 4 == 3 {
                breaker.answered();
            }
        }
    }

    #[test]
    fn a_wish_is_honoured_within_an_hour_and_an_answer_does_not_shorten_it() {
        let mut breaker = Breaker::default();
        breaker.asked_to_wait(at(0), Duration::from_secs(45));
        assert_eq!(breaker.gate(at(1)), Gate::Open(at(45)));
        breaker.answered();
        assert_eq!(breaker.gate(at(44)), Gate::Open(at(45)), "another's answer was on its way already");
        assert_eq!(breaker.gate(at(45)), Gate::Closed);
        breaker.asked_to_wait(at(50), Duration::from_secs(1_000_000_000));
        assert_eq!(breaker.gate(at(51)), Gate::Open(at(50 + 3600)));
    }

    #[test]
    fn whatever_comes_it_is_never_open_for_more_than_an_hour() {
        let mut random = 1_u64;
        let mut breaker = Breaker::default();
        let mut now = NOON;
        for _ in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            now = now.after(Duration::from_millis(random >> 50));
            match (random >> 40) % 5 {
                0 => drop(breaker.answered()),
                1 | 2 => drop(breaker.failed(now, (random >> 20) % 1000)),
                3 => breaker.asked_to_wait(now, Duration::from_secs((random >> 30) % 10_000)),
                _ => breaker.asked(now),
            }
            if let Gate::Open(until) = breaker.gate(now) {
                assert!(until.since(now) <= LONGEST_WISH);
            }
        }
    }
}
