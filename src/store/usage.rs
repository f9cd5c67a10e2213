//! What was used, by hour, by what and by whom: sums of the record.

use std::collections::HashMap;

use sqlx::sqlite::Sqlite;
use sqlx::{QueryBuilder, Row};

use super::{Result, Store, number};
use crate::domain::plan::Used;
use crate::domain::{GenerationId, Millis, PersonId, Usd};

const HOUR_MS: i64 = 3_600_000;

/// What sums are taken by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The model's key.
    Model,
    /// The upstream's name.
    Upstream,
    /// The person's id.
    Person,
}

impl By {
    const fn column(self) -> &'static str {
        match self {
            Self::Model => "model_key",
            Self::Upstream => "upstream",
            Self::Person => "person_id",
        }
    }
}

/// What one model, upstream or person made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// Whose: a key, a name, or an id as digits.
    pub of: String,
    /// Clips, without those that came to nothing.
    pub clips: u32,
    /// Their seconds.
    pub seconds: u32,
    /// What is held for those on their way.
    pub held: Usd,
    /// What is spent.
    pub spent: Usd,
    /// Finished clips that nobody deleted.
    pub kept: u32,
}

impl Sums {
    /// Whose, where sums are taken by person.
    pub fn person(&self) -> Option<PersonId> {
        self.of.parse().ok().map(PersonId::from_i64)
    }
}

/// A line of the record as a table gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Millis,
    /// `reserve`, `settle` or `release`.
    pub kind: String,
    /// Who.
    pub person: PersonId,
    /// The clip.
    pub generation: GenerationId,
    /// The upstream's name.
    pub upstream: String,
    /// The model's key.
    pub model: String,
    /// Seconds of video that are counted from now on, or no longer.
    pub seconds: i64,
    /// What is held from now on, or no longer.
    pub held: Usd,
    /// What is spent.
    pub spent: Usd,
}

fn of(sql: &mut QueryBuilder<Sqlite>, person: Option<PersonId>) {
    if let Some(person) = person {
        sql.push(" and person_id = ").push_bind(person.as_i64());
    }
}

impl Store {
    /// What was used in each hour since then, by one person or all: hours in which nothing was are left out.
    pub async fn hours(&self, person: Option<PersonId>, since: Millis) -> Result<Vec<(Millis, Used)>> {
        let mut sql = QueryBuilder::<Sqlite>::new("select 0 as id, reserved_at / ");
        sql.push_bind(HOUR_MS);
        sql.push(
            " as hour, sum(clips) as clips, sum(seconds) as seconds, sum(held_micros + spent_micros) as micros
             from entry where reserved_at > ",
        );
        sql.push_bind(since.as_i64());
        of(&mut sql, person);
        sql.push(" group by hour order by hour");
        let rows = sql.build().fetch_all(&self.read).await?;
        rows.iter()
            .map(|row| {
                let used = Used {
                    clips: number(row, "entry", "clips")?,
                    seconds: number(row, "entry", "seconds")?,
                    money: Usd::from_micros(row.try_get("micros")?),
                };
                Ok((Millis::from_i64(row.try_get::<i64, _>("hour")? * HOUR_MS), used))
            })
            .collect()
    }

    /// Sums since then, the dearest first.
    pub async fn sums(&self, by: By, person: Option<PersonId>, since: Millis) -> Result<Vec<Sums>> {
        let mut sql = QueryBuilder::<Sqlite>::new("select 0 as id, cast(");
        sql.push(by.column()).push(
            " as text) as whose, sum(clips) as clips, sum(seconds) as seconds, sum(held_micros) as held,
             sum(spent_micros) as spent from entry where reserved_at > ",
        );
        sql.push_bind(since.as_i64());
        of(&mut sql, person);
        sql.push(" group by whose order by spent desc, clips desc, whose");
        let rows = sql.build().fetch_all(&self.read).await?;
        let kept = self.kept(by, person, since).await?;
        rows.iter()
            .map(|row| {
                let whose: String = row.try_get("whose")?;
                Ok(Sums {
                    clips: number(row, "entry", "clips")?,
                    seconds: number(row, "entry", "seconds")?,
                    held: Usd::from_micros(row.try_get("held")?),
                    spent: Usd::from_micros(row.try_get("spent")?),
                    kept: kept.get(&whose).copied().unwrap_or(0),
                    of: whose,
                })
            })
            .collect()
    }

    async fn kept(&self, by: By, person: Option<PersonId>, since: Millis) -> Result<HashMap<String, u32>> {
        let mut sql = QueryBuilder::<Sqlite>::new("select 0 as id, cast(");
        sql.push(by.column()).push(" as text) as whose, count(*) as many from generation where id >= ");
        sql.push_bind(GenerationId::first_of(since).as_i64());
        sql.push(" and state = 'completed' and deleted_at is null and upstream not in ('upload', 'ffmpeg', 'seed')");
        of(&mut sql, person);
        sql.push(" group by whose");
        let rows = sql.build().fetch_all(&self.read).await?;
        rows.iter().map(|row| Ok((row.try_get("whose")?, number(row, "generation", "many")?))).collect()
    }

    /// What is held for clips of which nobody knows whether they were made.
    pub async fn unknown(&self, person: Option<PersonId>) -> Result<Usd> {
        let row = sqlx::query(
            "select coalesce(sum(task.price_micros), 0) as micros from generation join task on task.id = generation.task_id
             where generation.state = 'uncertain' and generation.upstream not in ('upload', 'ffmpeg', 'seed') and ($1 is null or generation.person_id = $1)",
        )
        .bind(person.map(PersonId::as_i64))
        .fetch_one(&self.read)
        .await?;
        Ok(Usd::from_micros(row.try_get("micros")?))
    }

    /// The record since then, the newest first, up to `most` lines.
    pub async fn lines(&self, person: Option<PersonId>, since: Millis, most: u32) -> Result<Vec<Line>> {
        let mut sql = QueryBuilder::<Sqlite>::new("select * from entry where reserved_at > ");
        sql.push_bind(since.as_i64());
        of(&mut sql, person);
        sql.push(" order by reserved_at desc, id desc limit ").push_bind(i64::from(most));
        let rows = sql.build().fetch_all(&self.read).await?;
        rows.iter()
            .map(|row| {
                Ok(Line {
                    at: Millis::from_i64(row.try_get("at")?),
                    kind: row.try_get("kind")?,
                    person: PersonId::from_i64(row.try_get("person_id")?),
                    generation: GenerationId::from_i64(row.try_get("generation_id")?),
                    upstream: row.try_get("upstream")?,
                    model: row.try_get("model_key")?,
                    seconds: row.try_get("seconds")?,
                    held: Usd::from_micros(row.try_get("held_micros")?),
                    spent: Usd::from_micros(row.try_get("spent_micros")?),
                })
            })
            .collect()
    }
}
