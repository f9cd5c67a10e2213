//! The line as people change it: who goes before whom, and what a waiting task asks for.

use sqlx::Row;

use super::clips::Clip;
use super::{Error, Result, Store, ids, ledger, words};
use crate::domain::plan::Asked;
use crate::domain::{GenerationId, Millis, Model, Options, PersonId, Pixels, Prompt, Seconds, TaskId, Usd};

/// How far a clip can be moved at once.
const REACH: i64 = 1_000;

/// Where a waiting clip goes in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Before everything else.
    Front,
    /// One place forward.
    Up,
    /// One place back.
    Down,
}

/// What a task that waits asks for instead.
#[derive(Debug)]
pub struct Change<'a> {
    /// What to make.
    pub prompt: &'a Prompt,
    /// By which model.
    pub model: &'a Model,
    /// Frame size.
    pub size: Pixels,
    /// Length.
    pub seconds: Seconds,
    /// The price of one clip, where it is known.
    pub price: Option<Usd>,
    /// Wishes beyond that.
    pub options: &'a Options,
}

impl Store {
    /// Moves a waiting clip in its line, by exchanging places with those between; which clips moved.
    pub async fn move_in_line(&self, id: GenerationId, to: Move) -> Result<Vec<GenerationId>> {
        let mut tx = self.begin().await?;
        let me = sqlx::query("select upstream, turn, person_id from generation where id = $1 and state = 'queued'")
            .bind(id.as_i64())
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(Error::Stale)?;
        let (upstream, turn): (String, i64) = (me.try_get("upstream")?, me.try_get("turn")?);
        // Turns are exchanged within what one person has waiting: between people, shares decide.
        let person: i64 = me.try_get("person_id")?;
        let (sql, reach) = match to {
            Move::Front | Move::Up => (
                "select id, turn from generation where upstream = $1 and state = 'queued' and person_id = $5 and (turn, id) <= ($2, $3)
                 order by turn desc, id desc limit $4",
                if to == Move::Front { REACH } else { 2 },
            ),
            Move::Down => (
                "select id, turn from generation where upstream = $1 and state = 'queued' and person_id = $5 and (turn, id) >= ($2, $3)
                 order by turn, id limit $4",
                2,
            ),
        };
        let rows = sqlx::query(sql)
            .bind(&upstream)
            .bind(turn)
            .bind(id.as_i64())
            .bind(reach)
            .bind(person)
            .fetch_all(&mut *tx)
            .await?;
        let mut places: Vec<(GenerationId, i64)> = rows
            .iter()
            .map(|row| Ok((GenerationId::from_i64(row.try_get("id")?), row.try_get("turn")?)))
            .collect::<Result<_>>()?;
        // The mover takes the farthest turn, everyone else the next nearer one.
        let turns: Vec<i64> = places.iter().map(|(_, turn)| *turn).collect();
        let farthest = turns.last().copied().unwrap_or(turn);
        for (place, (_, turn)) in places.iter_mut().enumerate() {
            *turn = if place == 0 { farthest } else { turns[place - 1] };
        }
        for (id, turn) in &places {
            sqlx::query("update generation set turn = $2 where id = $1")
                .bind(id.as_i64())
                .bind(turn)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(places.into_iter().map(|(id, _)| id).collect())
    }

    /// Changes what a task asks for, as long as all its clips wait and none was ever sent.
    pub async fn change_task(&self, id: TaskId, change: &Change<'_>, now: Millis) -> Result<()> {
        let mut tx = self.begin().await?;
        let moved = sqlx::query(
            "select 1 from generation where task_id = $1 and (state <> 'queued'
                 or exists (select 1 from attempt where attempt.generation_id = generation.id
                     and attempt.outcome not in ('not_sent', 'refused', 'abandoned'))) limit 1",
        )
        .bind(id.as_i64())
        .fetch_optional(&mut *tx)
        .await?;
        if moved.is_some() {
            return Err(Error::Stale);
        }
        let rows = sqlx::query("select id, person_id from generation where task_id = $1")
            .bind(id.as_i64())
            .fetch_all(&mut *tx)
            .await?;
        // What was reserved for the former wish is released, and the new one is asked for.
        let clips = ids(&rows)?;
        for clip in &clips {
            ledger::end(&mut tx, *clip, "release", now).await?;
        }
        let asked = Asked {
            clips: u32::try_from(clips.len()).unwrap_or(u32::MAX),
            seconds: change.seconds,
            each: change.price,
            model: &change.model.key,
            size: change.size,
        };
        let person = PersonId::from_i64(rows.first().ok_or(Error::Stale)?.try_get("person_id")?);
        let relaxed = ledger::allow(&mut tx, person, &change.model.upstream, &asked, now).await?;
        let done = sqlx::query(
            "update task set prompt = $2, upstream = $3, model_key = $4, model = $5, model_label = $6,
                 wide = $7, high = $8, seconds = $9, price_micros = $10, options = $11
             where id = $1",
        )
        .bind(id.as_i64())
        .bind(change.prompt.as_str())
        .bind(&change.model.upstream)
        .bind(&change.model.key)
        .bind(&change.model.id)
        .bind(&change.model.label)
        .bind(i64::from(change.size.wide()))
        .bind(i64::from(change.size.high()))
        .bind(i64::from(change.seconds.get()))
        .bind(change.price.map(Usd::micros))
        .bind(serde_json::to_string(change.options).unwrap_or_else(|_| "{}".to_owned()))
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(Error::Stale);
        }
        let rows = sqlx::query(
            "update generation set upstream = $2, model_key = $3, seconds = $4, aspect = $5, relaxed = $6
             where task_id = $1 returning id, title, notes",
        )
        .bind(id.as_i64())
        .bind(&change.model.upstream)
        .bind(&change.model.key)
        .bind(i64::from(change.seconds.get()))
        .bind(change.size.aspect())
        .bind(i64::from(relaxed))
        .fetch_all(&mut *tx)
        .await?;
        for row in &rows {
            let id = GenerationId::from_i64(row.try_get("id")?);
            words::index(&mut tx, id, change.prompt.as_str(), row.try_get("title")?, row.try_get("notes")?, false)
                .await?;
            ledger::reserve(&mut tx, id, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// What is on its way at the upstreams or from them, the oldest first.
    pub async fn running(&self, limit: u32) -> Result<Vec<Clip>> {
        let rows = sqlx::query(
            "select * from clip where id in (
                 select id from generation where state in ('submitting', 'in_progress', 'downloading')
                 order by id limit $1)
             order by id",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        self.seen_or_veiled(&rows)
    }
}
