//! Attempts at paid creates: the write-ahead record of money. Rows are never deleted.

use sqlx::Row;

use super::generations::{Claim, Note, advance};
use super::{Error, Result, Store, Tx, dispatch, taken, word};
use crate::domain::{AttemptId, AttemptOutcome, Event, GenerationId, Millis, Options, State, Usd};
use crate::kill::kill_point;

/// One paid create at an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// Counts from 1 within its generation.
    pub number: i64,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// Sent as `Idempotency-Key`, the same for every try.
    pub idempotency_key: String,
    /// The job it made.
    pub upstream_id: Option<String>,
    /// The upstream's code.
    pub code: Option<String>,
    /// The upstream's words, or ours about it.
    pub words: Option<String>,
    /// When it was written, just before it was sent.
    pub sent_at: Millis,
    /// When its outcome was written.
    pub answered_at: Option<Millis>,
}

/// Writes how an attempt ended; it must still be open.
async fn close(
    tx: &mut Tx<'_>,
    attempt: AttemptId,
    outcome: AttemptOutcome,
    upstream_id: Option<&str>,
    note: Note<'_>,
    now: Millis,
) -> Result<()> {
    let done = sqlx::query(
        "update attempt set outcome = $2, upstream_id = $3, words = $4, code = $5, answered_at = $6
         where id = $1 and outcome in ('sending', 'uncertain')",
    )
    .bind(attempt.as_i64())
    .bind(outcome.as_str())
    .bind(upstream_id)
    .bind(note.words)
    .bind(note.code)
    .bind(now.as_i64())
    .execute(&mut **tx)
    .await
    .map_err(taken)?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale) }
}

/// The attempt of a generation whose end is open.
async fn open_attempt(tx: &mut Tx<'_>, id: GenerationId) -> Result<AttemptId> {
    let row = sqlx::query("select id from attempt where generation_id = $1 and outcome in ('sending', 'uncertain')")
        .bind(id.as_i64())
        .fetch_optional(&mut **tx)
        .await?
        .ok_or(Error::Stale)?;
    Ok(AttemptId::from_i64(row.try_get("id")?))
}

/// Notes on a generation which job is its, and that the attempt is paid for.
async fn adopt_job(tx: &mut Tx<'_>, claim: Claim, upstream_id: &str) -> Result<()> {
    sqlx::query(
        "update generation set upstream_id = $2,
             cost_micros = cost_micros + (select cost_micros from attempt where id = $3)
         where id = $1",
    )
    .bind(claim.generation.as_i64())
    .bind(upstream_id)
    .bind(claim.attempt.as_i64())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

impl Store {
    /// Takes the next generation in line for an upstream that has a place free, and writes
    /// its attempt: durable before the request leaves.
    pub async fn claim(
        &self,
        upstream: &str,
        places: u32,
        attempt: AttemptId,
        key: &str,
        now: Millis,
    ) -> Result<Option<Claim>> {
        let mut tx = self.begin().await?;
        if dispatch::taken(&mut tx, upstream, now).await? >= i64::from(places) {
            return Ok(None);
        }
        let Some(generation) = dispatch::take_turn(&mut tx, upstream, now).await? else { return Ok(None) };
        kill_point!("claim.before");
        let next = sqlx::query(
            "select coalesce(task.price_micros, 0) as price from generation join task on task.id = generation.task_id
             where generation.id = $1",
        )
        .bind(generation.as_i64())
        .fetch_one(&mut *tx)
        .await?;
        let price = Usd::from_micros(next.try_get("price")?);
        sqlx::query(
            "insert into attempt (id, generation_id, number, upstream, outcome, idempotency_key, cost_micros, sent_at)
             values ($1, $2, (select coalesce(max(number), 0) + 1 from attempt where generation_id = $2),
                 $3, 'sending', $4, $5, $6)",
        )
        .bind(attempt.as_i64())
        .bind(generation.as_i64())
        .bind(upstream)
        .bind(key)
        .bind(price.micros())
        .bind(now.as_i64())
        .execute(&mut *tx)
        .await?;
        advance(&mut tx, generation, Event::Claimed, now, now, Note::default()).await?;
        kill_point!("claim.inside");
        tx.commit().await?;
        kill_point!("claim.done");
        Ok(Some(Claim { generation, attempt }))
    }

    /// The upstream accepted: the clip is paid for, and its first poll is due.
    pub async fn accepted(&self, claim: Claim, upstream_id: &str, now: Millis, due: Millis) -> Result<State> {
        let mut tx = self.begin().await?;
        close(&mut tx, claim.attempt, AttemptOutcome::Accepted, Some(upstream_id), Note::default(), now).await?;
        adopt_job(&mut tx, claim, upstream_id).await?;
        let state = advance(&mut tx, claim.generation, Event::Accepted, now, due, Note::default()).await?;
        kill_point!("accepted.inside");
        tx.commit().await?;
        kill_point!("accepted.done");
        Ok(state)
    }

    /// Certainly not accepted: back in the line where it stood, to be sent at `due`; or out of it,
    /// when somebody stopped waiting while it was on the way.
    pub async fn not_sent(&self, claim: Claim, now: Millis, due: Millis, note: Note<'_>) -> Result<State> {
        let mut tx = self.begin().await?;
        close(&mut tx, claim.attempt, AttemptOutcome::NotSent, None, note, now).await?;
        dispatch::give_back(&mut tx, claim.generation).await?;
        let unwanted = sqlx::query("select 1 from generation where id = $1 and let_go <> 0")
            .bind(claim.generation.as_i64())
            .fetch_optional(&mut *tx)
            .await?;
        let mut state = advance(&mut tx, claim.generation, Event::NotSent, now, due, note).await?;
        if unwanted.is_some() {
            state = advance(&mut tx, claim.generation, Event::Canceled, now, now, Note::default()).await?;
        }
        tx.commit().await?;
        Ok(state)
    }

    /// Certainly not accepted, since the upstream lacks what was asked: it is asked for otherwise, at once.
    pub async fn made_anew(&self, claim: Claim, options: &Options, now: Millis, note: Note<'_>) -> Result<State> {
        let mut tx = self.begin().await?;
        close(&mut tx, claim.attempt, AttemptOutcome::NotSent, None, note, now).await?;
        dispatch::give_back(&mut tx, claim.generation).await?;
        sqlx::query(
            "update task set options = $2 where id = (select task_id from generation where generation.id = $1)",
        )
        .bind(claim.generation.as_i64())
        .bind(serde_json::to_string(options).unwrap_or_else(|_| "{}".to_owned()))
        .execute(&mut *tx)
        .await?;
        let state = advance(&mut tx, claim.generation, Event::NotSent, now, now, Note::default()).await?;
        tx.commit().await?;
        Ok(state)
    }

    /// Refused in the upstream's own words: final.
    pub async fn refused(&self, claim: Claim, now: Millis, note: Note<'_>) -> Result<State> {
        let mut tx = self.begin().await?;
        close(&mut tx, claim.attempt, AttemptOutcome::Refused, None, note, now).await?;
        let state = advance(&mut tx, claim.generation, Event::Refused, now, now, note).await?;
        tx.commit().await?;
        Ok(state)
    }

    /// Sent, and no usable answer: nobody can know, and it is not sent again by itself.
    pub async fn lost_contact(&self, claim: Claim, now: Millis, note: Note<'_>) -> Result<State> {
        let mut tx = self.begin().await?;
        close(&mut tx, claim.attempt, AttemptOutcome::Uncertain, None, note, now).await?;
        let state = advance(&mut tx, claim.generation, Event::LostContact, now, now, note).await?;
        tx.commit().await?;
        Ok(state)
    }

    /// A person says: it was made, and this is its id.
    pub async fn adopted(&self, id: GenerationId, upstream_id: &str, now: Millis) -> Result<State> {
        let mut tx = self.begin().await?;
        let attempt = open_attempt(&mut tx, id).await?;
        close(&mut tx, attempt, AttemptOutcome::Accepted, Some(upstream_id), Note::default(), now).await?;
        adopt_job(&mut tx, Claim { generation: id, attempt }, upstream_id).await?;
        let state = advance(&mut tx, id, Event::Adopted, now, now, Note::default()).await?;
        tx.commit().await?;
        Ok(state)
    }

    /// A person says: it was not made. Sent again, or given up, as `event` tells.
    pub async fn abandoned(&self, id: GenerationId, event: Event, now: Millis, note: Note<'_>) -> Result<State> {
        let mut tx = self.begin().await?;
        let attempt = open_attempt(&mut tx, id).await?;
        close(&mut tx, attempt, AttemptOutcome::Abandoned, None, note, now).await?;
        let state = advance(&mut tx, id, event, now, now, note).await?;
        tx.commit().await?;
        Ok(state)
    }

    /// A generation's attempts, first to last.
    pub async fn attempts_of(&self, id: GenerationId) -> Result<Vec<Attempt>> {
        let rows = sqlx::query("select * from attempt where generation_id = $1 order by number")
            .bind(id.as_i64())
            .fetch_all(&self.read)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Attempt {
                    id: AttemptId::from_i64(row.try_get("id")?),
                    number: row.try_get("number")?,
                    outcome: word(row, "attempt", "outcome")?,
                    idempotency_key: row.try_get("idempotency_key")?,
                    upstream_id: row.try_get("upstream_id")?,
                    code: row.try_get("code")?,
                    words: row.try_get("words")?,
                    sent_at: Millis::from_i64(row.try_get("sent_at")?),
                    answered_at: row.try_get::<Option<i64>, _>("answered_at")?.map(Millis::from_i64),
                })
            })
            .collect()
    }
}
