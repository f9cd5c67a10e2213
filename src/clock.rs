//! The only reader of the wall clock, so that tests own time.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::domain::Millis;

/// Tells the time and waits for it to pass.
#[derive(Debug, Clone)]
pub struct Clock(Hand);

#[derive(Debug, Clone)]
enum Hand {
    System,
    Manual(Arc<watch::Sender<Millis>>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Hand::System)
    }

    /// A clock that moves only when told to.
    pub fn manual(start: Millis) -> Self {
        Self(Hand::Manual(Arc::new(watch::Sender::new(start))))
    }

    /// This moment.
    #[expect(clippy::disallowed_methods, reason = "the one reader of the wall clock")]
    pub fn now(&self) -> Millis {
        match &self.0 {
            Hand::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Millis::default().after(since)
            }
            Hand::Manual(hand) => *hand.borrow(),
        }
    }

    /// Measures how long something of ours takes: by the machine, whatever the hands show.
    pub fn stopwatch() -> Instant {
        Instant::now()
    }

    /// Waits until `span` has passed.
    pub async fn sleep(&self, span: Duration) {
        match &self.0 {
            Hand::System => tokio::time::sleep(span).await,
            Hand::Manual(hand) => {
                let end = self.now().after(span);
                // The sender lives as long as this clock, so the wait cannot fail.
                let _ = hand.subscribe().wait_for(|now| *now >= end).await;
            }
        }
    }

    /// Moves a manual clock on; a system clock does not obey.
    pub fn advance(&self, span: Duration) {
        if let Hand::Manual(hand) = &self.0 {
            hand.send_modify(|now| *now = now.after(span));
        }
    }
}
