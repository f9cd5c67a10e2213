//! What a test can ask the fake: the ledger, and waiting for it to grow. Nothing here changes anything.

use super::state::State;
use super::{FakeUpstream, Job, Kind, Record};

/// The ledger.
impl FakeUpstream {
    fn all(&self, kind: Kind) -> Vec<Record> {
        self.shared.state().ledger.of(kind).cloned().collect()
    }

    /// Every request in order of arrival.
    pub fn ledger(&self) -> Vec<Record> {
        self.shared.state().ledger.records.clone()
    }

    /// Creates whose body was read to its end, whatever was answered.
    pub fn creates(&self) -> Vec<Record> {
        self.all(Kind::Create)
    }

    /// Creates whose body never came to its end, or was not read: nothing was paid for these.
    pub fn creates_unread(&self) -> Vec<Record> {
        self.all(Kind::CreateUnread)
    }

    /// Ids of the jobs that were started and must be paid, in order, forgotten and deleted ones too.
    pub fn paid(&self) -> Vec<String> {
        let state = self.shared.state();
        let creates = state.ledger.of(Kind::Create);
        creates.filter_map(|r| r.accepted.clone()).collect()
    }

    /// The prompts of the jobs that were paid, in the order in which they came.
    pub fn paid_prompts(&self) -> Vec<String> {
        let state = self.shared.state();
        let creates = state.ledger.of(Kind::Create);
        creates.filter(|record| record.accepted.is_some()).map(|record| record.prompt().to_owned()).collect()
    }

    /// How many jobs were paid for this prompt.
    pub fn paid_for(&self, prompt: &str) -> usize {
        let state = self.shared.state();
        let creates = state.ledger.of(Kind::Create);
        creates.filter(|r| r.accepted.is_some() && r.prompt() == prompt).count()
    }

    /// Polls of one video.
    pub fn polls(&self, id: &str) -> usize {
        polls(&self.shared.state(), id)
    }

    /// Downloads, of all variants, with the headers they carried.
    pub fn content_requests(&self) -> Vec<Record> {
        self.all(Kind::Content)
    }

    pub fn lists(&self) -> Vec<Record> {
        self.all(Kind::List)
    }

    pub fn deletes(&self) -> Vec<Record> {
        self.all(Kind::Delete)
    }

    pub fn model_requests(&self) -> Vec<Record> {
        self.all(Kind::Models)
    }

    /// What reached the second origin; none of it may carry the key.
    pub fn requests_elsewhere(&self) -> Vec<Record> {
        self.all(Kind::Elsewhere)
    }

    /// Requests the fake does not know; a harness fails its test on any.
    pub fn unknown_requests(&self) -> Vec<String> {
        let state = self.shared.state();
        let unknown = state.ledger.of(Kind::Unknown);
        unknown.map(|r| format!("{} {}", r.method, r.target)).collect()
    }

    /// The most creates that were underway at one time, from head to end of answer.
    pub fn most_creates_at_once(&self) -> usize {
        self.shared.state().ledger.most_creates_at_once
    }

    /// The most jobs that were unfinished at one time.
    pub fn most_unfinished(&self) -> usize {
        self.shared.state().ledger.most_unfinished
    }

    /// Where the jobs really stand.
    pub fn jobs(&self) -> Vec<Job> {
        self.shared.state().jobs.clone()
    }
}

/// Waiting, without sleeping; running out of patience fails the test.
impl FakeUpstream {
    async fn until(&self, what: &str, holds: impl Fn(&State) -> bool) {
        let mut changes = self.shared.changed.subscribe();
        let waiting = async {
            while !holds(&self.shared.state()) {
                // The sender lives in `self`, so waiting cannot fail.
                drop(changes.changed().await);
            }
        };
        let done = tokio::time::timeout(super::PATIENCE, waiting).await;
        assert!(done.is_ok(), "waited in vain for {what}");
    }

    async fn until_count(&self, kind: Kind, count: usize) {
        let what = format!("{count} x {kind:?}");
        self.until(&what, |s| s.ledger.of(kind).count() >= count).await;
    }

    /// Until so many creates were read.
    pub async fn until_creates(&self, count: usize) {
        self.until_count(Kind::Create, count).await;
    }

    /// Until one video was polled so often.
    pub async fn until_polls(&self, id: &str, count: usize) {
        let what = format!("{count} polls of {id}");
        self.until(&what, |state| polls(state, id) >= count).await;
    }

    /// Until so many downloads were asked for, of all videos and variants.
    pub async fn until_content_requests(&self, count: usize) {
        self.until_count(Kind::Content, count).await;
    }

    /// Until so many lists were asked for.
    pub async fn until_lists(&self, count: usize) {
        self.until_count(Kind::List, count).await;
    }

    /// Until so many creates ended unread.
    pub async fn until_creates_unread(&self, count: usize) {
        self.until_count(Kind::CreateUnread, count).await;
    }

    /// Until no create is underway.
    pub async fn until_creates_are_over(&self) {
        self.until("creates to end", |s| s.ledger.creates_now == 0).await;
    }
}

fn polls(state: &State, id: &str) -> usize {
    let polls = state.ledger.of(Kind::Poll);
    polls.filter(|r| r.id.as_deref() == Some(id)).count()
}
