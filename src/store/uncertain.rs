//! Creates whose outcome nobody knows yet: what is looked for in an upstream's list, and what holds further ones back.

use std::collections::HashSet;
use std::time::Duration;

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::clips::{Clip, legible};
use super::{Result, Store};
use crate::domain::Millis;
use crate::domain::reconcile::Lost;

/// The most creates that are looked for at once.
const MOST: i64 = 200;
/// So many unknown outcomes within `GATE_MS` hold back further creates at an upstream, until one of them is that old.
const GATE: i64 = 3;
/// As long as an uncertain generation keeps its place.
const GATE_MS: i64 = 60_000;

/// A clip whose create is open, and what is known of it.
#[derive(Debug, Clone)]
pub struct OpenSend {
    /// The clip: `submitting` or `uncertain`.
    pub clip: Clip,
    /// What to look for.
    pub lost: Lost,
    /// What was noted when its answer was given up.
    pub cause: Option<String>,
}

impl Store {
    /// Until when no more is sent to an upstream, since several creates lately ended without an answer.
    pub async fn gated_until(&self, upstream: &str, now: Millis) -> Result<Option<Millis>> {
        let rows = sqlx::query(
            "select answered_at from attempt where upstream = $1 and outcome = 'uncertain' and answered_at > $2
                 and answered_at <= $3
             order by answered_at desc limit $4",
        )
        .bind(upstream)
        .bind(now.as_i64() - GATE_MS)
        .bind(now.as_i64())
        .bind(GATE)
        .fetch_all(&self.read)
        .await?;
        let oldest = rows.get(usize::try_from(GATE - 1).unwrap_or(0));
        oldest.map(|row| Ok(Millis::from_i64(row.try_get::<i64, _>("answered_at")? + GATE_MS))).transpose()
    }

    /// Every create at an upstream whose end is open, the uncertain ones that wait longest first.
    pub async fn open_sends(&self, upstream: &str) -> Result<Vec<OpenSend>> {
        let rows = sqlx::query(
            "select clip.*, attempt.sent_at as sent_at, attempt.answered_at as answered_at, attempt.words as cause
             from clip join attempt on attempt.generation_id = clip.id and attempt.outcome in ('sending', 'uncertain')
             where clip.state in ('submitting', 'uncertain') and clip.upstream = $1
             order by clip.due_at limit $2",
        )
        .bind(upstream)
        .bind(MOST)
        .fetch_all(&self.read)
        .await?;
        let open = rows.iter().map(|row| {
            let clip = Clip::read(row)?;
            Ok(OpenSend { lost: lost(&clip, row, false)?, clip, cause: row.try_get("cause")? })
        });
        legible(open)
    }

    /// What a person gave up or sent again at an upstream, sent after `since`: its jobs may be in the list, too.
    pub async fn given_up(&self, upstream: &str, since: Millis) -> Result<Vec<Lost>> {
        let rows = sqlx::query(
            "select clip.*, attempt.sent_at as sent_at, attempt.answered_at as answered_at
             from attempt join clip on clip.id = attempt.generation_id
             where attempt.upstream = $1 and attempt.outcome = 'abandoned' and attempt.sent_at > $2
             order by attempt.sent_at desc limit $3",
        )
        .bind(upstream)
        .bind(since.as_i64())
        .bind(MOST)
        .fetch_all(&self.read)
        .await?;
        legible(rows.iter().map(|row| lost(&Clip::read(row)?, row, true)))
    }

    /// Which of these jobs an attempt of ours holds already.
    pub async fn jobs_held(&self, upstream: &str, jobs: &[&str]) -> Result<HashSet<String>> {
        let mut held = HashSet::new();
        // SQLite takes so many parameters at once and no more.
        for some in jobs.chunks(500) {
            let mut sql = QueryBuilder::<Sqlite>::new("select upstream_id from attempt where upstream = ");
            sql.push_bind(upstream.to_owned()).push(" and upstream_id is not null and upstream_id in (");
            let mut list = sql.separated(", ");
            for job in some {
                list.push_bind((*job).to_owned());
            }
            sql.push(")");
            for row in sql.build().fetch_all(&self.read).await? {
                held.insert(row.try_get("upstream_id")?);
            }
        }
        Ok(held)
    }

    /// The clock was moved back by so much, to `now`: what waits is due as much sooner.
    pub async fn moved_back(&self, now: Millis, by: Duration) -> Result<u64> {
        let span = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        sqlx::query("update delivery set due_at = due_at - $1 where state = 'waiting' and due_at > $2")
            .bind(span)
            .bind(now.as_i64())
            .execute(&self.write)
            .await?;
        let done = sqlx::query(
            "update generation set due_at = due_at - $1
             where state in ('queued', 'in_progress', 'downloading', 'uncertain') and due_at > $2",
        )
        .bind(span)
        .bind(now.as_i64())
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected())
    }

    /// What was put off further than any wait is long, since the clock was moved back, is due now.
    pub async fn hurry_all(&self, now: Millis, longest: Millis) -> Result<u64> {
        let done = sqlx::query(
            "update generation set due_at = $1
             where state in ('queued', 'in_progress', 'downloading', 'uncertain') and due_at > $2",
        )
        .bind(now.as_i64())
        .bind(longest.as_i64())
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected())
    }
}

fn lost(clip: &Clip, row: &SqliteRow, is_given_up: bool) -> Result<Lost> {
    Ok(Lost {
        generation: clip.id,
        task: clip.task,
        prompt: clip.sent_prompt(),
        model: clip.model.clone(),
        size: clip.size,
        seconds: clip.seconds,
        sent_at: Millis::from_i64(row.try_get("sent_at")?),
        lost_at: row.try_get::<Option<i64>, _>("answered_at")?.map(Millis::from_i64),
        is_given_up,
    })
}
