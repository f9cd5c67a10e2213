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
    Manual(Arc<watch::Sender<Shown>>),
}

/// What a manual clock shows. Machines have both hands too: one is set by people and time servers, one only runs.
#[derive(Debug, Clone, Copy)]
struct Shown {
    wall: Millis,
    run: Duration,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Hand::System)
    }

    /// A clock that moves only when told to.
    pub fn manual(start: Millis) -> Self {
        Self(Hand::Manual(Arc::new(watch::Sender::new(Shown { wall: start, run: Duration::ZERO }))))
    }

    /// This moment.
    #[expect(clippy::disallowed_methods, reason = "the one reader of the wall clock")]
    pub fn now(&self) -> Millis {
        match &self.0 {
            Hand::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Millis::default().after(since)
            }
            Hand::Manual(hand) => hand.borrow().wall,
        }
    }

    /// Measures how long something of ours takes: by the machine, whatever the hands show.
    pub fn stopwatch() -> Instant {
        Instant::now()
    }

    /// Waits until `span` has passed, whatever becomes of the wall clock meanwhile.
    pub async fn sleep(&self, span: Duration) {
        match &self.0 {
            Hand::System => tokio::time::sleep(span).await,
            Hand::Manual(hand) => {
                let end = hand.borrow().run.saturating_add(span);
                // The sender lives as long as this clock, so the wait cannot fail.
                let _ = hand.subscribe().wait_for(|shown| shown.run >= end).await;
            }
        }
    }

    /// Moves a manual clock on; a system clock does not obey.
    pub fn advance(&self, span: Duration) {
        if let Hand::Manual(hand) = &self.0 {
            hand.send_modify(|shown| {
                shown.wall = shown.wall.after(span);
                shown.run = shown.run.saturating_add(span);
            });
        }
    }

    /// Sets the wall clock of a manual clock, as a person or a time server does; no waiting is shortened by it.
    pub fn set(&self, wall: Millis) {
        if let Hand::Manual(hand) = &self.0 {
            hand.send_modify(|shown| shown.wall = wall);
        }
    }
}
