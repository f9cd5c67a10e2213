//! What holds for requests of one caller together: so many in a minute, and one create at a time of those alike.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::domain::{Millis, PersonId};

const MINUTE: Duration = Duration::from_mins(1);
/// Callers whose minutes are remembered; beyond it those that passed are forgotten.
const MANY: usize = 4_096;

/// How a caller stands with their plan's requests a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many the plan allows.
    pub limit: u32,
    /// How many are left.
    pub remaining: u32,
    /// Until there are as many again.
    pub reset: Duration,
    /// Whether this one is within.
    pub passes: bool,
}

/// Callers and their requests, in memory: a restart may well allow a few more.
#[derive(Debug, Default)]
pub struct Limits {
    minutes: Mutex<HashMap<PersonId, (Millis, u32)>>,
    flights: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

impl Limits {
    /// Counts a request of somebody.
    pub fn count(&self, person: PersonId, limit: u32, now: Millis) -> Standing {
        let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |began: Millis| now < began || now.since(began) >= MINUTE;
        if minutes.len() > MANY {
            minutes.retain(|_, (began, _)| !is_over(*began));
        }
        let (began, used) = minutes.entry(person).or_insert((now, 0));
        if is_over(*began) {
            (*began, *used) = (now, 0);
        }
        let passes = *used < limit;
        *used = used.saturating_add(u32::from(passes));
        Standing { limit, remaining: limit - *used, reset: MINUTE.saturating_sub(now.since(*began)), passes }
    }

    /// Lets one create of those alike through at a time: the second finds what the first made.
    pub async fn alone(&self, what: &str) -> tokio::sync::OwnedMutexGuard<()> {
        let lane = {
            let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            flights.retain(|_, lane| lane.strong_count() > 0);
            flights.get(what).and_then(Weak::upgrade).unwrap_or_else(|| {
                let lane = Arc::default();
                flights.insert(what.to_owned(), Arc::downgrade(&lane));
                lane
            })
        };
        lane.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_in_a_minute_and_as_many_in_the_next() {
        let limits = Limits::default();
        let (ann, noon) = (PersonId::from_i64(7), Millis::from_i64(1_795_300_000_000));
        let at = |seconds: u64| noon.after(Duration::from_secs(seconds));
        let passed = (0..5).filter(|_| limits.count(ann, 3, at(1)).passes).count();
        assert_eq!(passed, 3);
        let told = limits.count(ann, 3, at(30));
        assert_eq!((told.passes, told.remaining, told.reset), (false, 0, Duration::from_secs(31)));
        assert!(limits.count(PersonId::from_i64(8), 3, at(30)).passes, "others have their own");
        assert!(limits.count(ann, 3, at(61)).passes);
        assert!(limits.count(ann, 3, noon).passes, "a clock that was moved back shuts nobody out");
    }

    #[tokio::test]
    async fn alike_ones_wait_and_others_do_not() {
        let limits = Limits::default();
        let first = limits.alone("a").await;
        let _other = limits.alone("b").await;
        let second = limits.alone("a");
        tokio::pin!(second);
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(first);
        drop(second.await);
    }
}
