//! What addresses outside are told: which endings, how it is signed, and how patiently it is tried.

use std::time::Duration;

use super::State;
use super::word::words;

words! {
    /// What is told.
    WebhookEvent {
        /// The video is here.
        Completed = "video.completed",
        /// There will be none: it failed, or was canceled.
        Failed = "video.failed",
    }
}

words! {
    /// How a delivery stands.
    DeliveryState {
        /// It is sent when it is due.
        Waiting = "waiting",
        /// The address took it.
        Delivered = "delivered",
        /// The address did not take it, and it is not tried again by itself.
        Failed = "failed",
    }
}

impl WebhookEvent {
    /// What this ending is told as; nothing before the end.
    pub const fn of(state: State) -> Option<Self> {
        match state {
            State::Completed => Some(Self::Completed),
            State::Failed | State::Canceled => Some(Self::Failed),
            State::Queued | State::Submitting | State::InProgress | State::Downloading | State::Uncertain => None,
        }
    }
}

/// The pauses between tries, as <https://www.standardwebhooks.com> recommends: about three days in all.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// How long to wait after so many tries that failed, with up to a fifth more by `noise` (0 to 999); none when it is
/// enough.
pub fn pause(tries: u32, noise: u64) -> Option<Duration> {
    let pause = PAUSES.get(usize::try_from(tries.checked_sub(1)?).ok()?)?;
    let more = u64::try_from(pause.as_millis()).unwrap_or(0) / 5 * noise.min(999) / 1000;
    Some(*pause + Duration::from_millis(more))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_after_ten_tries() {
        let pauses: Vec<Duration> = (1..).map_while(|tries| pause(tries, 0)).collect();
        assert_eq!(pauses.len(), 9);
        assert!(pauses.is_sorted());
        assert!(pause(1, 999) < Some(Duration::from_secs(6)) && pause(1, 999) > pause(1, 0));
        assert_eq!((pause(0, 0), pause(10, 0)), (None, None));
    }
}
