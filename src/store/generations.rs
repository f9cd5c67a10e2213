//! Every change of a generation. `advance` is the only writer of `state`.

use sqlx::Row;

use super::{Error, Result, Store, Tx, ledger, word};
use crate::domain::{AttemptId, Event, GenerationId, Millis, Reason, State};
use crate::store::clips::ClipFile;

/// What a move leaves behind beside the state.
#[derive(Debug, Clone, Copy, Default)]
pub struct Note<'a> {
    /// What the state has no word for.
    pub reason: Option<Reason>,
    /// For people: the upstream's words, or ours about it.
    pub words: Option<&'a str>,
    /// The upstream's machine-readable code.
    pub code: Option<&'a str>,
}

impl<'a> Note<'a> {
    /// A reason with words.
    pub fn new(reason: Reason, words: &'a str) -> Self {
        Self { reason: Some(reason), words: Some(words), code: None }
    }
}

/// What the first question after a restart, or a person, found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The generation to send.
    pub generation: GenerationId,
    /// The attempt written for it.
    pub attempt: AttemptId,
}

/// Moves a generation by the state machine; the row must still stand where it was read.
pub(super) async fn advance(
    tx: &mut Tx<'_>,
    id: GenerationId,
    event: Event,
    now: Millis,
    due: Millis,
    note: Note<'_>,
) -> Result<State> {
    let row = sqlx::query("select id, state from generation where id = $1")
        .bind(id.as_i64())
        .fetch_optional(&mut **tx)
        .await?
        .ok_or(Error::Stale)?;
    let from: State = word(&row, "generation", "state")?;
    let to = from.on(event).map_err(|_| Error::Stale)?;
    let moved = sqlx::query(
        "update generation set state = $2, reason = $3, words = $4, code = $5, failures = 0, due_at = $6,
             ended_at = case when $7 then $8 end,
             progress = case when $2 in ('queued', 'submitting') then null else progress end,
             let_go = case when $2 = 'queued' then 0 else let_go end,
             queued_at = case when $2 = 'queued' and $9 then $8 else queued_at end,
             turn = case when $2 = 'queued' and $9 then $8 * 1048576 + id % 1048576 else turn end,
             submitted_at = case when $2 = 'submitting' then $8 else submitted_at end,
             accepted_at = case when $10 then $8 else accepted_at end,
             rendered_at = case when $2 = 'downloading' then $8 when $2 = 'in_progress' then null else rendered_at end
         where id = $1 and state = $11",
    )
    .bind(id.as_i64())
    .bind(to.as_str())
    .bind(note.reason.map(Reason::as_str))
    .bind(note.words)
    .bind(note.code)
    .bind(due.as_i64())
    .bind(to.is_final())
    .bind(now.as_i64())
    .bind(event != Event::NotSent)
    .bind(matches!(event, Event::Accepted | Event::Adopted))
    .bind(from.as_str())
    .execute(&mut **tx)
    .await?;
    if moved.rows_affected() != 1 {
        return Err(Error::Stale);
    }
    ledger::follow(tx, id, event, (from, to), now).await?;
    Ok(to)
}

impl Store {
    /// A move that needs nothing else written with it.
    async fn step(&self, id: GenerationId, event: Event, now: Millis, due: Millis, note: Note<'_>) -> Result<State> {
        let mut tx = self.begin().await?;
        let state = advance(&mut tx, id, event, now, due, note).await?;
        tx.commit().await?;
        Ok(state)
    }

    /// The upstream told how far it is; progress never goes back. No reason means all is well.
    pub async fn told(
        &self,
        id: GenerationId,
        progress: Option<u8>,
        expires_at: Option<Millis>,
        due: Millis,
        reason: Option<Reason>,
    ) -> Result<()> {
        sqlx::query(
            "update generation set progress = case when $2 is null then progress
                     when progress is null or progress < $2 then $2 else progress end,
                 expires_at = coalesce($3, expires_at), due_at = $4, failures = 0, reason = $5, words = null, code = null
             where id = $1 and state = 'in_progress'",
        )
        .bind(id.as_i64())
        .bind(progress.map(i64::from))
        .bind(expires_at.map(Millis::as_i64))
        .bind(due.as_i64())
        .bind(reason.map(Reason::as_str))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// A question or a download brought nothing; it is tried again at `due`.
    pub async fn put_off(
        &self,
        id: GenerationId,
        state: State,
        failures: u32,
        due: Millis,
        note: Note<'_>,
    ) -> Result<()> {
        sqlx::query(
            "update generation set failures = $3, due_at = $4, reason = $5, words = $6, code = $7
             where id = $1 and state = $2",
        )
        .bind(id.as_i64())
        .bind(state.as_str())
        .bind(i64::from(failures))
        .bind(due.as_i64())
        .bind(note.reason.map(Reason::as_str))
        .bind(note.words)
        .bind(note.code)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// The upstream reports its end: the slot is free and the download is due at once.
    pub async fn rendered(
        &self,
        id: GenerationId,
        source_url: Option<&str>,
        expires_at: Option<Millis>,
        now: Millis,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("update generation set source_url = $2, expires_at = coalesce($3, expires_at) where id = $1")
            .bind(id.as_i64())
            .bind(source_url)
            .bind(expires_at.map(Millis::as_i64))
            .execute(&mut *tx)
            .await?;
        advance(&mut tx, id, Event::Rendered, now, now, Note::default()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A fresh poll named another place for the finished file.
    pub async fn moved(&self, id: GenerationId, source_url: Option<&str>) -> Result<()> {
        sqlx::query("update generation set source_url = $2 where id = $1 and state = 'downloading'")
            .bind(id.as_i64())
            .bind(source_url)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// The file is safe on disk.
    pub async fn saved(&self, id: GenerationId, file: &ClipFile, now: Millis) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "update generation set file = $2, mime = $3, size_bytes = $4, sha256 = $5, wide = $6, high = $7,
                 duration_ms = $8, poster = null, progress = 100
             where id = $1",
        )
        .bind(id.as_i64())
        .bind(&file.path)
        .bind(&file.mime)
        .bind(i64::try_from(file.size_bytes).unwrap_or(i64::MAX))
        .bind(&file.sha256)
        .bind(file.size.map(|(wide, _)| i64::from(wide)))
        .bind(file.size.map(|(_, high)| i64::from(high)))
        .bind(file.duration_ms.and_then(|ms| i64::try_from(ms).ok()))
        .execute(&mut *tx)
        .await?;
        advance(&mut tx, id, Event::Saved, now, now, Note::default()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The poster was drawn, or there is none to be had.
    pub async fn postered(&self, id: GenerationId, path: Option<&str>) -> Result<()> {
        sqlx::query("update generation set poster = $2 where id = $1")
            .bind(id.as_i64())
            .bind(path.unwrap_or_default())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// An accepted job ended without a clip.
    pub async fn refused_late(&self, id: GenerationId, now: Millis, note: Note<'_>) -> Result<State> {
        self.step(id, Event::Refused, now, now, note).await
    }

    /// Taken out of the queue, or stopped with the upstream's word for it.
    pub async fn canceled(&self, id: GenerationId, now: Millis) -> Result<State> {
        self.step(id, Event::Canceled, now, now, Note::default()).await
    }

    /// A person asks for another attempt.
    pub async fn retried(&self, id: GenerationId, now: Millis) -> Result<State> {
        let mut tx = self.begin().await?;
        ledger::allow_again(&mut tx, id, now).await?;
        let state = advance(&mut tx, id, Event::Retried, now, now, Note::default()).await?;
        // Only now: one that runs keeps its job.
        sqlx::query("update generation set upstream_id = null, source_url = null, expires_at = null where id = $1")
            .bind(id.as_i64())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(state)
    }

    /// A person asks to look once more for a job whose id is known.
    pub async fn resumed(&self, id: GenerationId, now: Millis) -> Result<State> {
        let mut tx = self.begin().await?;
        let known = sqlx::query("select 1 from generation where id = $1 and upstream_id is not null")
            .bind(id.as_i64())
            .fetch_optional(&mut *tx)
            .await?;
        if known.is_none() {
            return Err(Error::Stale);
        }
        let state = advance(&mut tx, id, Event::Resumed, now, now, Note::default()).await?;
        tx.commit().await?;
        Ok(state)
    }

    /// A person stops waiting for a running generation; it still lands in the library.
    pub async fn let_go(&self, id: GenerationId) -> Result<()> {
        let done = sqlx::query(
            "update generation set let_go = 1 where id = $1 and state in ('submitting', 'in_progress', 'downloading')",
        )
        .bind(id.as_i64())
        .execute(&self.write)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Everything due that waits is due now: after a wake from outside.
    pub async fn hurry(&self, id: GenerationId, now: Millis) -> Result<()> {
        sqlx::query("update generation set due_at = $2 where id = $1 and due_at > $2")
            .bind(id.as_i64())
            .bind(now.as_i64())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// What was on the way out when the process ended: nobody can know whether it was accepted.
    pub async fn left_mid_send(&self) -> Result<Vec<Claim>> {
        let rows = sqlx::query(
            "select generation.id as id, attempt.id as attempt from generation
             join attempt on attempt.generation_id = generation.id and attempt.outcome = 'sending'
             where generation.state = 'submitting'",
        )
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Claim {
                    generation: GenerationId::from_i64(row.try_get("id")?),
                    attempt: AttemptId::from_i64(row.try_get("attempt")?),
                })
            })
            .collect()
    }
}
