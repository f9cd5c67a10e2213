//! Where a generation stands: one enum, one function with every legal move.

use super::word::words;

words! {
    /// Where a generation stands. Money may be spent from `Submitting` on: only proof
    /// that nothing was sent, or a person, leads back to `Queued`.
    State {
        /// Waits for a place at its upstream.
        Queued = "queued",
        /// Its create is on the way; a crash here makes it `Uncertain`.
        Submitting = "submitting",
        /// The upstream accepted it and has not finished.
        InProgress = "in_progress",
        /// The upstream finished; the file is on its way here.
        Downloading = "downloading",
        /// The clip is on disk, checked and hashed.
        Completed = "completed",
        /// It ended without a clip.
        Failed = "failed",
        /// Nothing was sent, or the upstream confirmed that it stopped.
        Canceled = "canceled",
        /// Sent, and nobody here can know whether it was accepted.
        Uncertain = "uncertain",
    }
}

/// What happened to a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// The worker took it to send it.
    Claimed,
    /// The upstream took it and gave an id.
    Accepted,
    /// It is certain that nothing was accepted; it may be sent again.
    NotSent,
    /// The upstream said no in its own words, or its job failed.
    Refused,
    /// The create went out and no usable answer came.
    LostContact,
    /// The upstream reports its end.
    Rendered,
    /// The file is safe on disk.
    Saved,
    /// Taken out of the queue, or stopped with the upstream's word for it.
    Canceled,
    /// An uncertain create was found at the upstream.
    Adopted,
    /// A person says: it was not made, send it again.
    Requeued,
    /// A person gives an uncertain one up.
    GivenUp,
    /// A person asks for another attempt.
    Retried,
    /// A person asks to look once more for a job whose id is known.
    Resumed,
}

impl Event {
    /// Every one there is.
    pub const ALL: &[Self] = &[
        Self::Claimed,
        Self::Accepted,
        Self::NotSent,
        Self::Refused,
        Self::LostContact,
        Self::Rendered,
        Self::Saved,
        Self::Canceled,
        Self::Adopted,
        Self::Requeued,
        Self::GivenUp,
        Self::Retried,
        Self::Resumed,
    ];
}

/// A move that the machine does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a generation that is {from} cannot take {event:?}")]
pub struct Illegal {
    /// Where it stood.
    pub from: State,
    /// What was asked of it.
    pub event: Event,
}

impl State {
    /// The whole machine.
    pub fn on(self, event: Event) -> Result<Self, Illegal> {
        use {Event as E, State as S};
        Ok(match (self, event) {
            (S::Queued, E::Claimed) => S::Submitting,
            (S::Submitting, E::Accepted) | (S::Uncertain, E::Adopted) | (S::Failed, E::Resumed) => S::InProgress,
            (S::Submitting, E::NotSent) | (S::Uncertain, E::Requeued) | (S::Failed | S::Canceled, E::Retried) => {
                S::Queued
            }
            (S::Submitting, E::LostContact) => S::Uncertain,
            (S::InProgress, E::Rendered) => S::Downloading,
            (S::Downloading, E::Saved) => S::Completed,
            (S::Submitting | S::InProgress | S::Downloading, E::Refused) | (S::Uncertain, E::GivenUp) => S::Failed,
            (S::Queued | S::InProgress, E::Canceled) => S::Canceled,
            (from, event) => return Err(Illegal { from, event }),
        })
    }

    /// Whether nothing more happens by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled)
    }
}

words! {
    /// What needs more words than a state has.
    Reason {
        /// Queued: the upstream asked us to slow down.
        RateLimited = "rate_limited",
        /// Queued: no connection to the upstream could be made.
        Unreachable = "unreachable",
        /// Waiting: its upstream is no longer configured.
        Unconfigured = "unconfigured",
        /// Waiting: the data folder's disk is full.
        DiskFull = "disk_full",
        /// In progress far longer than any known render.
        Stalled = "stalled",
        /// In progress: the upstream does not answer our questions just now.
        PollFailing = "poll_failing",
        /// Downloading: the file is not there yet, or did not arrive whole; it is asked for again.
        DownloadFailing = "download_failing",
        /// Failed: the content policy of the upstream.
        Policy = "policy",
        /// Failed: a real person or somebody else's property was seen.
        Likeness = "likeness",
        /// Failed: not served in this region.
        Region = "region",
        /// Failed: the key, or its access to the model.
        Access = "access",
        /// Failed: the upstream account is out of money or over its quota.
        Funds = "funds",
        /// Failed: a setting that the upstream does not take.
        Invalid = "invalid",
        /// Failed: the upstream's render failed.
        RenderFailed = "render_failed",
        /// Failed: the upstream no longer knows the job or its file.
        Lost = "lost",
        /// Failed: what the upstream delivered is not a video.
        BadFile = "bad_file",
        /// Failed: a person gave it up.
        GaveUp = "gave_up",
        /// Uncertain: no answer came.
        NoAnswer = "no_answer",
        /// Uncertain: the answer could not be read, or was a server error.
        OddAnswer = "odd_answer",
        /// Uncertain: Rushes itself stopped while sending.
        Restarted = "restarted",
    }
}

words! {
    /// How an attempt at a paid create ended, as far as is known.
    AttemptOutcome {
        /// Written before the request leaves.
        Sending = "sending",
        /// The upstream gave an id: paid for.
        Accepted = "accepted",
        /// Certainly not accepted.
        NotSent = "not_sent",
        /// Refused in the upstream's own words.
        Refused = "refused",
        /// Nobody here can know.
        Uncertain = "uncertain",
        /// A person decided that it was not made.
        Abandoned = "abandoned",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use {Event as E, State as S};

    #[test]
    fn exactly_these_moves_are_legal() {
        let mut legal = Vec::new();
        for &from in S::ALL {
            for &event in E::ALL {
                if let Ok(to) = from.on(event) {
                    legal.push((from, event, to));
                }
            }
        }
        assert_eq!(
            legal,
            [
                (S::Queued, E::Claimed, S::Submitting),
                (S::Queued, E::Canceled, S::Canceled),
                (S::Submitting, E::Accepted, S::InProgress),
                (S::Submitting, E::NotSent, S::Queued),
                (S::Submitting, E::Refused, S::Failed),
                (S::Submitting, E::LostContact, S::Uncertain),
                (S::InProgress, E::Refused, S::Failed),
                (S::InProgress, E::Rendered, S::Downloading),
                (S::InProgress, E::Canceled, S::Canceled),
                (S::Downloading, E::Refused, S::Failed),
                (S::Downloading, E::Saved, S::Completed),
                (S::Failed, E::Retried, S::Queued),
                (S::Failed, E::Resumed, S::InProgress),
                (S::Canceled, E::Retried, S::Queued),
                (S::Uncertain, E::Adopted, S::InProgress),
                (S::Uncertain, E::Requeued, S::Queued),
                (S::Uncertain, E::GivenUp, S::Failed),
            ]
        );
    }

    #[test]
    fn every_word_reads_back() {
        for &state in S::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        for &reason in Reason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
        assert!("done".parse::<State>().is_err());
    }
}
