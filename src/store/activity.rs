//! What happened lately: clips that were finished, that failed, and that need a decision.

use super::clips::Clip;
use super::{Result, Store, number};
use crate::domain::{GenerationId, Millis, PersonId};

impl Store {
    /// Clips of a person that ended, the last one first, from before `before`; what was canceled is no news.
    pub async fn ended(
        &self,
        person: PersonId,
        before: Option<(Millis, GenerationId)>,
        limit: u32,
    ) -> Result<Vec<Clip>> {
        let (at, id) = before.unwrap_or((Millis::from_i64(i64::MAX), GenerationId::from_i64(i64::MAX)));
        let rows = sqlx::query(
            "select * from clip where id in (
                 select id from generation
                 where person_id = $4 and ended_at is not null and (ended_at, id) < ($1, $2) and deleted_at is null
                     and state <> 'canceled' and upstream <> 'upload'
                 order by ended_at desc, id desc limit $3)
             order by ended_at desc, id desc",
        )
        .bind(at.as_i64())
        .bind(id.as_i64())
        .bind(i64::from(limit))
        .bind(person.as_i64())
        .fetch_all(&self.read)
        .await?;
        self.seen(&rows)
    }

    /// Clips of anybody that were made, the last one first; what is private is veiled. That the others are ruled out, not
    /// `completed` asked for, keeps it on the index of ends: the one of states would gather and sort all that were made.
    pub async fn ended_here(&self, limit: u32) -> Result<Vec<Clip>> {
        let rows = sqlx::query(
            "select * from clip where id in (
                 select id from generation where ended_at is not null and state <> 'failed' and state <> 'canceled'
                     and upstream <> 'upload'
                 order by ended_at desc limit $1)
             order by ended_at desc",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        self.seen_or_veiled(&rows)
    }

    /// Clips that nobody knows the outcome of, the last one first: of a person, or all that can be seen.
    pub async fn undecided(&self, person: Option<PersonId>, limit: u32) -> Result<Vec<Clip>> {
        let rows = sqlx::query(
            "select * from clip where state = 'uncertain' and deleted_at is null and upstream <> 'upload'
                 and ($2 is null or person_id = $2)
             order by id desc limit $1",
        )
        .bind(i64::from(limit))
        .bind(person.map(PersonId::as_i64))
        .fetch_all(&self.read)
        .await?;
        self.seen(&rows)
    }

    /// How many clips of a person ended since then, counted up to `most`.
    pub async fn news(&self, person: PersonId, since: Millis, most: u32) -> Result<u32> {
        let row = sqlx::query(
            "select 0 as id, count(*) as many from (select 1 from generation
                 where person_id = $3 and ended_at is not null and ended_at > $1 and deleted_at is null and state <> 'canceled'
                     and upstream <> 'upload' limit $2) n",
        )
        .bind(since.as_i64())
        .bind(i64::from(most))
        .bind(person.as_i64())
        .fetch_one(&self.read)
        .await?;
        number(&row, "generation", "many")
    }
}
