//! Every use case that changes something: pages, the API and the command line all call these.

mod accounts;
mod boards;
mod bring;
mod caps;
mod choice;
mod create;
mod cut;
mod follow;
mod keys;
mod many;
mod passwords;
mod pictures;
mod prompts;
mod secrets;
mod shelve;
mod steer;
mod styles;
mod turns;
mod webhooks;

use std::sync::Arc;

use tokio::sync::Notify;

use crate::bus::{Bus, Change};
use crate::clock::Clock;
use jiff::tz::TimeZone;

use crate::domain::{GenerationId, Viewer};
use crate::files::Files;
use crate::helper::Helper;
use crate::store::clips::Clip;
use crate::store::{self, Store};
use crate::upstream::Upstreams;
use crate::upstream::ffmpeg::Ffmpeg;

pub use accounts::{
    AccountProblems, Accounts, CONSOLE, Link, NotMade as AccountNotMade, NotSignedIn, fit_password, person_name,
};
pub use boards::{NotMade, Opened};
pub use bring::{BadUpload, Brought};
pub use caps::moment;
pub use choice::Choice;
pub use create::{CreateError, Field, Problem, Submission};
pub use cut::CutError;
pub use follow::Source;
pub use keys::{NewKey, PREFIX as KEY_PREFIX};
pub use many::{Batch, BatchRow};
pub use pictures::{Frame, Incoming, Pictures, Upload, picture_of};
pub use prompts::{BadSheet, MOST_BYTES, MOST_ROWS};
pub use secrets::Passwords;
pub use shelve::NameProblem;
pub use steer::Canceled;
pub use styles::{BadStyle, StyleForm, handle};

/// The use cases and what they need.
#[derive(Clone)]
pub struct Studio {
    /// The database.
    pub store: Store,
    /// The data folder.
    pub files: Files,
    /// The time.
    pub clock: Clock,
    /// The video servers.
    pub upstreams: Upstreams,
    /// What makes clips of clips on this machine.
    pub ffmpeg: Arc<Ffmpeg>,
    /// What decodes frames.
    pub helper: Helper,
    /// Where changes are told.
    pub bus: Bus,
    /// Rung when the worker may have something to do.
    pub wake: Arc<Notify>,
    /// Who asks.
    pub viewer: Viewer,
    /// Where the days of this team begin.
    pub time_zone: TimeZone,
}

/// Why something could not be done to a clip.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such clip.
    #[error("there is no such clip")]
    NotFound,
    /// It has moved on, so that this no longer applies.
    #[error("the clip has moved on in the meantime")]
    Conflict,
    /// What was typed does not do; the words say why.
    #[error("{0}")]
    Invalid(&'static str),
    /// A clip cannot be used for it; the words say why.
    #[error("{0}")]
    Unfit(String),
    /// Whoever asks may not; the words say who may.
    #[error("{0}")]
    Forbidden(&'static str),
    /// A cap stops it; the words say which, and until when.
    #[error("{0}")]
    Capped(String),
    /// There is one of this name already.
    #[error("the name is taken")]
    Taken,
    /// The database.
    #[error(transparent)]
    Store(store::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Stale => Self::Conflict,
            store::Error::Taken => Self::Taken,
            store::Error::Capped(cap, free) => Self::Capped(caps::words(cap, free, None)),
            error @ (store::Error::Inconsistent { .. }
            | store::Error::Database(_)
            | store::Error::Migrate(_)
            | store::Error::NewerSchema { .. }
            | store::Error::Damaged(_)
            | store::Error::Copy(_)
            | store::Error::OldSqlite(_)) => Self::Store(error),
        }
    }
}

impl Studio {
    /// The same for somebody who asks: what they may not see is not there.
    pub fn seen_by(&self, viewer: Viewer) -> Self {
        Self { store: self.store.seen_by(viewer.person), viewer, ..self.clone() }
    }

    /// Lets pages know that these clips changed.
    async fn all_changed(&self, ids: &[GenerationId]) {
        // Pages that miss some read everything again, so more than this need not be told one by one.
        for batch in ids.chunks(400).take(3) {
            for clip in self.store.clips(batch).await.unwrap_or_default() {
                self.bus.tell(Change::Generation(clip.id, clip.task, clip.person));
            }
        }
    }

    /// Lets pages and the worker know that a clip changed.
    fn changed(&self, clip: &Clip) {
        self.bus.tell(Change::Generation(clip.id, clip.task, clip.person));
        self.wake.notify_one();
    }
}
