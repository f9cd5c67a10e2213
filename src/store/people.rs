//! Who uses this workspace, and what they set: pause, what they have seen.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Result, Store};
use crate::domain::{Millis, PersonId};

/// Somebody who uses this workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// What they are called.
    pub name: String,
    /// Since when their waiting work stays where it is.
    pub paused_at: Option<Millis>,
    /// Until when they have seen what happened.
    pub seen_at: Millis,
}

impl Person {
    fn read(row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            id: PersonId::from_i64(row.try_get("id")?),
            name: row.try_get("name")?,
            paused_at: row.try_get::<Option<i64>, _>("paused_at")?.map(Millis::from_i64),
            seen_at: Millis::from_i64(row.try_get("seen_at")?),
        })
    }
}

impl Store {
    /// Everybody, by name.
    pub async fn people(&self) -> Result<Vec<Person>> {
        let rows = sqlx::query("select * from person order by lower(name)").fetch_all(&self.read).await?;
        rows.iter().map(Person::read).collect()
    }

    /// One person.
    pub async fn person(&self, id: PersonId) -> Result<Option<Person>> {
        let row =
            sqlx::query("select * from person where id = $1").bind(id.as_i64()).fetch_optional(&self.read).await?;
        row.as_ref().map(Person::read).transpose()
    }

    /// Holds back a person's waiting work, or lets it go on.
    pub async fn pause(&self, id: PersonId, since: Option<Millis>) -> Result<()> {
        sqlx::query("update person set paused_at = $2 where id = $1")
            .bind(id.as_i64())
            .bind(since.map(Millis::as_i64))
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// A person has seen what happened until now.
    pub async fn seen(&self, id: PersonId, now: Millis) -> Result<()> {
        sqlx::query("update person set seen_at = $2 where id = $1 and seen_at < $2")
            .bind(id.as_i64())
            .bind(now.as_i64())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// What a person was writing: JSON of the composer's fields.
    pub async fn draft(&self, id: PersonId) -> Result<String> {
        self.note(id, "select draft as note from person where id = $1").await
    }

    /// Keeps what a person is writing, on whatever device they go on.
    pub async fn keep_draft(&self, id: PersonId, draft: &str) -> Result<()> {
        self.keep_note(id, "update person set draft = $2 where id = $1", draft).await
    }

    /// What a person chose last: JSON of the composer's settings.
    pub async fn last_settings(&self, id: PersonId) -> Result<String> {
        self.note(id, "select settings as note from person where id = $1").await
    }

    /// Keeps what a person chose, for the next clip.
    pub async fn keep_settings(&self, id: PersonId, settings: &str) -> Result<()> {
        self.keep_note(id, "update person set settings = $2 where id = $1", settings).await
    }

    async fn note(&self, id: PersonId, sql: &'static str) -> Result<String> {
        let row = sqlx::query(sql).bind(id.as_i64()).fetch_optional(&self.read).await?;
        row.map_or(Ok(String::new()), |row| Ok(row.try_get("note")?))
    }

    async fn keep_note(&self, id: PersonId, sql: &'static str, note: &str) -> Result<()> {
        sqlx::query(sql).bind(id.as_i64()).bind(note).execute(&self.write).await?;
        Ok(())
    }

    /// Bytes of all clips on disk.
    pub async fn library_bytes(&self) -> Result<u64> {
        let row = sqlx::query(
            "select 0 as id, coalesce(sum(size_bytes), 0) as bytes from generation
             where size_bytes is not null and erased is null",
        )
        .fetch_one(&self.read)
        .await?;
        super::number(&row, "generation", "bytes")
    }
}
