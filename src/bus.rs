//! Tells whoever listens *what* changed (ids), never how it looks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::broadcast;

use crate::domain::{GenerationId, PersonId, TaskId};

/// How many changes a slow listener may lag behind before it must read everything again.
const DEPTH: usize = 1024;

/// Something that pages may want to show again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A new task with all its generations.
    Task(TaskId),
    /// One generation, the task it belongs to, and whose it is.
    Generation(GenerationId, TaskId, PersonId),
    /// An upstream's health or models.
    Upstreams,
}

/// The broadcast of changes within this process.
#[derive(Debug, Clone)]
pub struct Bus {
    sender: broadcast::Sender<Change>,
    told: Arc<AtomicU64>,
}

impl Bus {
    /// A bus without listeners.
    pub fn new() -> Self {
        Self { sender: broadcast::Sender::new(DEPTH), told: Arc::default() }
    }

    /// Tells of a change; nobody need listen.
    pub fn tell(&self, change: Change) {
        self.told.fetch_add(1, Ordering::Relaxed);
        let _ = self.sender.send(change);
    }

    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }

    /// How many changes were told: what was read at one number holds until there is another.
    pub fn told(&self) -> u64 {
        self.told.load(Ordering::Relaxed)
    }
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}
