//! Tells whoever listens *what* changed (ids), never how it looks.

use tokio::sync::broadcast;

use crate::domain::{GenerationId, TaskId};

/// How many changes a slow listener may lag behind before it must read everything again.
const DEPTH: usize = 1024;

/// Something that pages may want to show again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A new task with all its generations.
    Task(TaskId),
    /// One generation and the task it belongs to.
    Generation(GenerationId, TaskId),
    /// An upstream's health or models.
    Upstreams,
}

/// The broadcast of changes within this process.
#[derive(Debug, Clone)]
pub struct Bus(broadcast::Sender<Change>);

impl Bus {
    /// A bus without listeners.
    pub fn new() -> Self {
        Self(broadcast::Sender::new(DEPTH))
    }

    /// Tells of a change; nobody need listen.
    pub fn tell(&self, change: Change) {
        let _ = self.0.send(change);
    }

    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.0.subscribe()
    }
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}
