//! One job of the fake: its life is stepped by polls and by the test, never by a clock.

use serde_json::{Value, json};

use super::order::Order;

/// Where a job really stands, whatever a faulty answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Life {
    Rendering,
    Completed {
        at: i64,
    },
    /// Code and message.
    Failed {
        code: String,
        message: String,
    },
}

/// A paid job.
#[derive(Debug, Clone)]
pub struct Job {
    pub id: String,
    /// The id as the answers hold it: text, or a number.
    pub shown_id: Value,
    /// Unix seconds.
    pub created_at: i64,
    pub model: String,
    pub prompt: String,
    pub seconds: String,
    pub size: String,
    pub remixed_from: Option<String>,
    pub polls: u32,
    /// Completed at this poll; none while the test holds it.
    pub due_poll: Option<u32>,
    /// Set by the test; overrides what the polls say.
    pub progress: Option<u32>,
    pub life: Life,
}

impl Job {
    pub fn new(id: String, order: &Order, created_at: i64, due_poll: Option<u32>) -> Self {
        Self {
            shown_id: json!(id),
            id,
            created_at,
            model: order.model().to_owned(),
            prompt: order.prompt().to_owned(),
            seconds: order.seconds().to_owned(),
            size: order.size().to_owned(),
            remixed_from: None,
            polls: 0,
            due_poll,
            progress: None,
            life: Life::Rendering,
        }
    }

    /// Counts a poll and moves on.
    pub fn poll(&mut self, now: i64) {
        self.polls += 1;
        if self.life == Life::Rendering && self.due_poll.is_some_and(|due| self.polls >= due) {
            self.life = Life::Completed { at: now };
        }
    }

    pub fn is_rendering(&self) -> bool {
        self.life == Life::Rendering
    }

    pub fn is_completed(&self) -> bool {
        matches!(self.life, Life::Completed { .. })
    }

    /// Status word and progress percent. The first poll still says `queued`.
    fn standing(&self) -> (&'static str, u32) {
        match self.life {
            Life::Completed { .. } => ("completed", 100),
            Life::Failed { .. } => ("failed", self.progress.unwrap_or(0)),
            Life::Rendering => match (self.progress, self.polls, self.due_poll) {
                (Some(progress), ..) => ("in_progress", progress),
                (None, 0 | 1, _) => ("queued", 0),
                (None, polls, Some(due)) => ("in_progress", 100 * (polls - 1) / (due - 1).max(1)),
                (None, _, None) => ("in_progress", 33),
            },
        }
    }

    /// The whole Video object. `expires_in` is in seconds after completion.
    pub fn video(&self, expires_in: i64) -> Value {
        let (status, progress) = self.standing();
        let (completed_at, expires_at) = match self.life {
            Life::Completed { at } => (json!(at), json!(at + expires_in)),
            Life::Rendering | Life::Failed { .. } => (Value::Null, Value::Null),
        };
        let error = match &self.life {
            Life::Failed { code, message } => json!({ "code": code, "message": message }),
            Life::Rendering | Life::Completed { .. } => Value::Null,
        };
        json!({
            "id": self.shown_id,
            "object": "video",
            "created_at": self.created_at,
            "completed_at": completed_at,
            "expires_at": expires_at,
            "status": status,
            "progress": progress,
            "model": self.model,
            "prompt": self.prompt,
            "seconds": self.seconds,
            "size": self.size,
            "remixed_from_video_id": self.remixed_from,
            "error": error,
        })
    }
}
