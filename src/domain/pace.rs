//! When to ask again: pure functions of what is known, so that they can be checked without a clock.

use std::time::Duration;

/// How long the trash keeps what is put into it.
pub const TRASH: Duration = Duration::from_hours(30 * 24);

/// The longest pause between two polls of a running job.
const SLOWEST_POLL: Duration = Duration::from_secs(20);
/// Nobody is asked more often than this, whatever they wish.
const SHORTEST_POLL: Duration = Duration::from_millis(300);
/// The longest that an upstream's own wish for a pause is honoured.
const LONGEST_WISH: Duration = Duration::from_hours(1);

/// A random share from 0 to 999, for jitter.
pub type Permille = u64;

fn jittered(pause: Duration, noise: Permille) -> Duration {
    // 80 % to 120 %: many jobs sent together must not be asked about together for ever.
    let millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(millis.saturating_mul(800 + noise.min(999) * 400 / 999) / 1000)
}

/// The pause before the first poll after acceptance: within a second.
pub fn first_poll(wish: Option<Duration>) -> Duration {
    wish.map_or(Duration::from_millis(700), |wish| wish.clamp(Duration::from_millis(200), Duration::from_secs(1)))
}

/// The pause before the next poll of a job accepted `age` ago: at most 2 s for the
/// first 30 s, then growing to 20 s. The upstream's own wish wins when longer, and at first also when shorter.
pub fn next_poll(age: Duration, wish: Option<Duration>, noise: Permille) -> Duration {
    let own = if age < Duration::from_secs(30) {
        // The 20 % of jitter must not carry it past 2 s.
        jittered(Duration::from_millis(1600), noise)
    } else {
        jittered((age / 12).clamp(Duration::from_secs(2), SLOWEST_POLL), noise).min(SLOWEST_POLL)
    };
    match wish {
        Some(wish) if wish < own && age < Duration::from_secs(30) => wish.max(SHORTEST_POLL),
        Some(wish) => own.max(wish.min(LONGEST_WISH)),
        None => own,
    }
}

/// The pause after the `failures`th failure in a row: doubling from 1 s to `most`, jittered.
pub fn backoff(failures: u32, wish: Option<Duration>, most: Duration, noise: Permille) -> Duration {
    let doubled = Duration::from_secs(1).saturating_mul(1 << failures.saturating_sub(1).min(16));
    let own = jittered(doubled.min(most), noise).min(most);
    match wish {
        Some(wish) => own.max(wish.min(LONGEST_WISH)),
        None => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    #[test]
    fn polls_are_close_at_first_and_then_spread_out_to_twenty_seconds() {
        for noise in [0, 250, 500, 999] {
            for age in 0..30 {
                assert!(next_poll(secs(age), None, noise) <= secs(2));
            }
            for age in 30..5_000 {
                let pause = next_poll(secs(age), None, noise);
                assert!(pause >= Duration::from_millis(1600) && pause <= secs(20), "{age}: {pause:?}");
            }
        }
        assert!(next_poll(secs(600), None, 500) > next_poll(secs(60), None, 500));
        assert!(first_poll(None) <= secs(1) && first_poll(Some(secs(9))) <= secs(1));
    }

    #[test]
    fn the_upstreams_own_wish_is_honoured_within_reason() {
        assert_eq!(next_poll(secs(5), Some(secs(7)), 500), secs(7));
        assert_eq!(next_poll(secs(5), Some(Duration::ZERO), 500), Duration::from_millis(300));
        assert!(next_poll(secs(60), Some(Duration::ZERO), 500) > secs(2));
        assert_eq!(next_poll(secs(5), Some(secs(1_000_000)), 500), secs(3600));
        assert_eq!(backoff(1, Some(secs(45)), secs(300), 0), secs(45));
    }

    #[test]
    fn failures_double_the_pause_up_to_its_bound() {
        let mut before = Duration::ZERO;
        for failures in 1..40 {
            let pause = backoff(failures, None, secs(300), 500);
            assert!(pause >= before && pause <= secs(300));
            before = pause;
        }
        assert_eq!(before, secs(300));
    }
}
