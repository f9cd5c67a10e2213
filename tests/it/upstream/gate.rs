//! A place where an answer waits until the test lets it go on. Used once, for one request.

use std::sync::Arc;

use tokio::sync::watch;

/// Held by the test and by the connection that waits at it.
#[derive(Debug, Clone)]
pub struct Gate {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    arrived: watch::Sender<bool>,
    open: watch::Sender<bool>,
    left: watch::Sender<bool>,
}

impl Gate {
    /// A closed gate that nobody has reached.
    pub fn closed() -> Self {
        Self {
            inner: Arc::new(Inner {
                arrived: watch::Sender::new(false),
                open: watch::Sender::new(false),
                left: watch::Sender::new(false),
            }),
        }
    }

    /// Ends when a request waits here.
    pub async fn reached(&self) {
        became_true(&self.inner.arrived, "a request to reach the gate").await;
    }

    /// Lets the waiting request (or the one still to come) go on.
    pub fn release(&self) {
        self.inner.open.send_replace(true);
    }

    /// Ends when the client hung up while it was held here. Seen only once all it sent has been read:
    /// a body still in the socket hides the hang-up until the gate is released.
    pub async fn client_left(&self) {
        became_true(&self.inner.left, "the client to leave the gate").await;
    }

    pub(super) fn arrive(&self) {
        self.inner.arrived.send_replace(true);
    }

    pub(super) fn peer_left(&self) {
        self.inner.left.send_replace(true);
    }

    pub(super) async fn opened(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        drop(self.inner.open.subscribe().wait_for(|open| *open).await);
    }
}

async fn became_true(flag: &watch::Sender<bool>, what: &str) {
    let mut seen = flag.subscribe();
    let waiting = seen.wait_for(|yes| *yes);
    let done = tokio::time::timeout(super::PATIENCE, waiting).await;
    assert!(done.is_ok(), "waited in vain for {what}");
}
