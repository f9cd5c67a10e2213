//! What a person can do to a clip that exists: cancel, stop waiting, retry, decide.

use super::{Error, Studio, caps};
use crate::domain::{Event, GenerationId, Reason, State, Visibility};
use crate::store;
use crate::store::clips::Clip;
use crate::store::generations::Note;
use crate::upstream::{Stop, UpstreamId};

/// How the wish to cancel ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Canceled {
    /// Nothing more happens and nothing more is paid.
    Stopped,
    /// It cannot be called off: it was let go, and still lands in the library.
    LetGo,
}

impl Studio {
    pub(super) async fn find(&self, id: GenerationId) -> Result<Clip, Error> {
        self.store.clip(id).await?.ok_or(Error::NotFound)
    }

    /// A clip that whoever asks may change.
    pub async fn own(&self, id: GenerationId) -> Result<Clip, Error> {
        let clip = self.find(id).await?;
        if self.viewer.changes(clip.person) {
            return Ok(clip);
        }
        Err(Error::Forbidden("Only whoever made this clip, an owner or an admin can do that."))
    }

    /// Those of these clips that whoever asks may change.
    pub(super) async fn changeable(&self, ids: &[GenerationId]) -> Result<Vec<GenerationId>, Error> {
        let clips = self.store.clips(ids).await?;
        Ok(clips.iter().filter(|clip| self.viewer.changes(clip.person)).map(|clip| clip.id).collect())
    }

    /// Waiting and running work that whoever asks may steer: their own, or anybody's, seen or not.
    pub async fn steerable(&self, id: GenerationId) -> Result<Clip, Error> {
        let clip = self.store.clip_or_veiled(id).await?.ok_or(Error::NotFound)?;
        match (self.viewer.changes(clip.person), clip.is_veiled()) {
            (true, _) => Ok(clip),
            (false, true) => Err(Error::NotFound),
            (false, false) => Err(Error::Forbidden("Only whoever made this clip, an owner or an admin can do that.")),
        }
    }

    /// Lets the team see a clip, or keeps it to oneself. Nobody but its maker may.
    pub async fn show(&self, id: GenerationId, visibility: Visibility) -> Result<(), Error> {
        let clip = self.find(id).await?;
        if clip.person != self.viewer.person || !self.viewer.changes(clip.person) {
            return Err(Error::Forbidden("Only whoever made this clip can say who sees it."));
        }
        self.store.show(id, visibility).await?;
        self.changed(&clip);
        Ok(())
    }

    /// Takes a clip out of the queue, stops it where its upstream can, and lets it go otherwise.
    pub async fn cancel(&self, id: GenerationId) -> Result<Canceled, Error> {
        let clip = self.steerable(id).await?;
        let now = self.clock.now();
        let end = match clip.state {
            State::Queued => {
                self.store.canceled(id, now).await?;
                Canceled::Stopped
            }
            State::InProgress if self.stops(&clip).await => {
                // A poll may have seen the end in the meantime; then that stands.
                self.store.canceled(id, now).await?;
                Canceled::Stopped
            }
            State::Submitting | State::InProgress | State::Downloading => {
                self.store.let_go(id).await?;
                Canceled::LetGo
            }
            State::Completed | State::Failed | State::Canceled | State::Uncertain => return Err(Error::Conflict),
        };
        self.changed(&clip);
        Ok(end)
    }

    async fn stops(&self, clip: &Clip) -> bool {
        let (Some(upstream), Some(job)) = (self.upstreams.named(&clip.upstream), &clip.upstream_id) else {
            return false;
        };
        let job = UpstreamId(job.clone());
        upstream.can_stop(&job) && upstream.stop(&job).await == Stop::Stopped
    }

    /// Another attempt at a clip that failed or was canceled.
    pub async fn retry(&self, id: GenerationId) -> Result<(), Error> {
        let clip = self.own(id).await?;
        let now = self.clock.now();
        match self.store.retried(id, now).await {
            Ok(_) => {}
            Err(store::Error::Capped(cap, free)) => {
                let words = caps::words(cap, free, Some((now, &self.zone().await)));
                return Err(Error::Capped(words));
            }
            Err(error) => return Err(error.into()),
        }
        self.changed(&clip);
        Ok(())
    }

    /// Looks once more for a job that failed after it had been accepted.
    pub async fn check_again(&self, id: GenerationId) -> Result<(), Error> {
        let clip = self.own(id).await?;
        match clip.state {
            State::Failed => drop(self.store.resumed(id, self.clock.now()).await?),
            State::InProgress | State::Downloading => self.store.hurry(id, self.clock.now()).await?,
            State::Queued | State::Submitting | State::Completed | State::Canceled | State::Uncertain => {
                return Err(Error::Conflict);
            }
        }
        self.changed(&clip);
        Ok(())
    }

    /// "It was made, and this is its id."
    pub async fn adopt(&self, id: GenerationId, upstream_id: &str) -> Result<(), Error> {
        let upstream_id = upstream_id.trim();
        if upstream_id.is_empty() || upstream_id.len() > 4096 || upstream_id.chars().any(char::is_control) {
            return Err(Error::Invalid("Paste the id that the upstream shows for this video."));
        }
        let clip = self.own(id).await?;
        let adopted = self.store.adopted(id, upstream_id, self.clock.now()).await;
        if matches!(adopted, Err(store::Error::Taken)) {
            return Err(Error::Invalid("Another clip here already has this id."));
        }
        adopted?;
        self.changed(&clip);
        Ok(())
    }

    /// "It was not made, send it again."
    pub async fn send_again(&self, id: GenerationId) -> Result<(), Error> {
        let clip = self.own(id).await?;
        self.store.abandoned(id, Event::Requeued, self.clock.now(), Note::default()).await?;
        self.changed(&clip);
        Ok(())
    }

    /// "Give it up."
    pub async fn give_up(&self, id: GenerationId) -> Result<(), Error> {
        let clip = self.own(id).await?;
        let note = Note::new(Reason::GaveUp, "You gave this one up.");
        self.store.abandoned(id, Event::GivenUp, self.clock.now(), note).await?;
        self.changed(&clip);
        Ok(())
    }
}
