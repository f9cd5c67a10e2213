//! What is due, who stands where in line, and how long things took before.

use sqlx::Row;

use super::clips::Clip;
use super::{Result, Store, number, word};
use crate::domain::{Millis, Seconds, State};

/// How far into the line places are counted; beyond it, a page says "over 1,000".
pub const COUNTED: u32 = 1_000;

/// Since when an upstream's clips wait, and are due.
#[derive(Debug)]
pub struct Age {
    /// The upstream.
    pub upstream: String,
    /// When the oldest in line came into it.
    pub queued_at: Option<Millis>,
    /// When the first of those that it holds is to be asked about or fetched.
    pub due_at: Option<Millis>,
}

impl Store {
    /// Clips of an upstream in this state whose time has come, most overdue first.
    pub async fn due(&self, state: State, upstream: &str, now: Millis, limit: u32) -> Result<Vec<Clip>> {
        let rows = sqlx::query(
            "select * from clip where state = $1 and upstream = $2 and due_at <= $3 order by due_at limit $4",
        )
        .bind(state.as_str())
        .bind(upstream)
        .bind(now.as_i64())
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        self.seen(&rows)
    }

    /// When the worker is needed next. What is queued and due waits for a place, not for a time.
    pub async fn next_due(&self, now: Millis) -> Result<Option<Millis>> {
        let row = sqlx::query(
            "select min(due_at) as due from generation
             where state in ('in_progress', 'downloading', 'uncertain') or (state = 'queued' and due_at > $1)",
        )
        .bind(now.as_i64())
        .fetch_one(&self.read)
        .await?;
        Ok(row.try_get::<Option<i64>, _>("due")?.map(Millis::from_i64))
    }

    /// Finished clips whose poster was not looked for yet.
    pub async fn without_poster(&self, limit: u32) -> Result<Vec<Clip>> {
        let rows = sqlx::query(
            "select * from clip where id in (
                 select id from generation where state = 'completed' and poster is null order by id limit $1)",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        self.seen(&rows)
    }

    /// How many generations stand in each state that moves, and at which upstream.
    pub async fn census(&self) -> Result<Vec<(String, State, i64)>> {
        let rows = sqlx::query(
            "select 0 as id, upstream, state, count(*) as many from generation
             where state in ('queued', 'submitting', 'in_progress', 'downloading', 'uncertain')
             group by upstream, state",
        )
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("upstream")?, word(row, "generation", "state")?, row.try_get("many")?)))
            .collect()
    }

    /// For each upstream, since when its oldest clip waits and when the first of its next steps was or is due.
    pub async fn ages(&self) -> Result<Vec<Age>> {
        let rows = sqlx::query(
            "select 0 as id, upstream, min(queued_at) as queued_at, null as due_at from generation
             where state = 'queued' group by upstream
             union all
             select 0 as id, upstream, null as queued_at, min(due_at) as due_at from generation
             where state in ('in_progress', 'downloading', 'uncertain') group by upstream",
        )
        .fetch_all(&self.read)
        .await?;
        let mut ages: Vec<Age> = Vec::new();
        for row in &rows {
            let upstream: String = row.try_get("upstream")?;
            let at = |column| row.try_get::<Option<i64>, _>(column).map(|at| at.map(Millis::from_i64));
            let (queued_at, due_at) = (at("queued_at")?, at("due_at")?);
            match ages.iter_mut().find(|age| age.upstream == upstream) {
                Some(age) => {
                    age.queued_at = age.queued_at.or(queued_at);
                    age.due_at = age.due_at.or(due_at);
                }
                None => ages.push(Age { upstream, queued_at, due_at }),
            }
        }
        Ok(ages)
    }

    /// How long the last 20 clips of a model and length took from acceptance to their end, in
    /// milliseconds, shortest first; without those during which the clock was set back.
    pub async fn durations(&self, model_key: &str, seconds: Seconds) -> Result<Vec<u64>> {
        let rows = sqlx::query(
            "select 0 as id, rendered_at - accepted_at as took from generation
             where model_key = $1 and seconds = $2 and rendered_at is not null and accepted_at is not null
                 and rendered_at >= accepted_at
             order by rendered_at desc limit 20",
        )
        .bind(model_key)
        .bind(i64::from(seconds.get()))
        .fetch_all(&self.read)
        .await?;
        let mut took = rows.iter().map(|row| number(row, "generation", "took")).collect::<Result<Vec<u64>>>()?;
        took.sort_unstable();
        Ok(took)
    }
}
