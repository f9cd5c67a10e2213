//! Whose turn it is at an upstream: weighted fair sharing between people. The one place that decides;
//! it says why, and the queue page prints that.
//!
//! Each person has a *pass*, which grows by `STRIDE / weight` with each clip of theirs that is sent; whoever
//! has the least goes next (stride scheduling, Waldspurger and Weihl 1995). Somebody who was away starts at
//! the clock, so that nobody saves up turns.

use std::time::Duration;

use super::{Millis, PersonId};

/// What one clip costs somebody of weight 1; each weight up to 10 divides it.
pub const STRIDE: i64 = 2_520_000;
/// Whoever waits longer than this without having been served goes first, whatever the weights say.
const OVERDUE: Duration = Duration::from_hours(1);

/// Somebody who has clips waiting at an upstream, and what counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiter {
    /// Who.
    pub person: PersonId,
    /// Their share against the others', from 1.
    pub weight: u32,
    /// How many of theirs may run at once; none for no limit.
    pub at_once: Option<u32>,
    /// How many of theirs run.
    pub running: u32,
    /// How much they had, for their weight.
    pub pass: i64,
    /// When they were last served here.
    pub served_at: Millis,
    /// Since when their first clip waits.
    pub since: Millis,
    /// Whether all that they have waiting is in the relaxed lane.
    pub relaxed: bool,
}

impl Waiter {
    /// Whether as many of theirs run as may.
    pub fn is_full(&self) -> bool {
        self.at_once.is_some_and(|most| self.running >= most)
    }

    /// How long nothing of theirs moved, by `now`.
    fn ignored(&self, now: Millis) -> Duration {
        now.since(self.since.max(self.served_at))
    }
}

/// Why somebody is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nobody else waits whose turn it could be.
    Alone,
    /// They had the least, for their share.
    Least,
    /// They waited for more than an hour.
    Overdue,
    /// Nothing else waits, so the relaxed lane moves.
    Relaxed,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Who.
    pub person: PersonId,
    /// Why.
    pub why: Why,
    /// The clock from now on.
    pub clock: i64,
    /// What they have had from now on.
    pub pass: i64,
}

/// Decides who goes next, if anybody may.
pub fn next(waiters: &[Waiter], clock: i64, now: Millis) -> Option<Turn> {
    let free = || waiters.iter().filter(|waiter| !waiter.is_full());
    // Somebody who waits in the ordinary lane and has all their places taken still waits.
    let is_ordinary = waiters.iter().any(|waiter| !waiter.relaxed);
    let pass = |waiter: &Waiter| waiter.pass.max(clock);
    let overdue = free().filter(|waiter| !waiter.relaxed && waiter.ignored(now) > OVERDUE);
    let longest = overdue.max_by_key(|waiter| (waiter.ignored(now), std::cmp::Reverse(waiter.person)));
    let least = free()
        .filter(|waiter| waiter.relaxed != is_ordinary)
        .min_by_key(|waiter| (pass(waiter), waiter.served_at, waiter.since, waiter.person));
    let alone = free().filter(|waiter| waiter.relaxed != is_ordinary).count() == 1;
    let (waiter, why) = match (longest, least) {
        (Some(waiter), _) if !alone => (waiter, Why::Overdue),
        (_, Some(waiter)) if waiter.relaxed => (waiter, Why::Relaxed),
        (_, Some(waiter)) if alone => (waiter, Why::Alone),
        (_, Some(waiter)) => (waiter, Why::Least),
        (_, None) => return None,
    };
    let begun = pass(waiter);
    // Who is served out of turn does not turn the clock back or on for the others.
    let clock = if why == Why::Overdue { clock } else { begun };
    Some(Turn {
        person: waiter.person,
        why,
        clock,
        pass: begun.saturating_add(STRIDE / i64::from(waiter.weight.max(1))),
    })
}

/// The order in which these go if nothing else comes and places become free one by one: for each turn, who
/// and why. `waiting` says how many clips each of `waiters` has in line, in the ordinary and in the relaxed lane.
pub fn order(
    waiters: &[Waiter],
    waiting: &[(u32, u32)],
    mut clock: i64,
    now: Millis,
    most: usize,
) -> Vec<(PersonId, Why)> {
    let mut left: Vec<(Waiter, u32, u32)> =
        waiters.iter().zip(waiting).map(|(waiter, (ordinary, relaxed))| (*waiter, *ordinary, *relaxed)).collect();
    let mut turns = Vec::new();
    while turns.len() < most {
        left.retain(|(_, ordinary, relaxed)| ordinary + relaxed > 0);
        let open: Vec<Waiter> = left
            .iter()
            // What is full now will have room by the time its turn comes.
            .map(|(waiter, ordinary, _)| Waiter {
                at_once: waiter.at_once.filter(|_| turns.is_empty()),
                relaxed: *ordinary == 0,
                ..*waiter
            })
            .collect();
        let turn = next(&open, clock, now).or_else(|| {
            let open: Vec<Waiter> = open.iter().map(|waiter| Waiter { at_once: None, ..*waiter }).collect();
            next(&open, clock, now)
        });
        let Some(turn) = turn else { break };
        clock = turn.clock;
        for (waiter, ordinary, relaxed) in &mut left {
            if waiter.person == turn.person {
                (waiter.pass, waiter.served_at) = (turn.pass, now);
                let lane = if *ordinary > 0 { ordinary } else { relaxed };
                *lane = lane.saturating_sub(1);
            }
        }
        turns.push((turn.person, turn.why));
    }
    turns
}

#[cfg(test)]
mod tests;
