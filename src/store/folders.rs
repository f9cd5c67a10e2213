//! Where people keep clips: favorites of each person, and folders that a clip may lie in many of.

use std::collections::HashSet;

use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{QueryBuilder, Row};

use super::{Error, Result, Store};
use crate::domain::{FolderId, GenerationId, Millis, PersonId};

/// Folders that pages list; more can be made, and found by their address.
const LISTED: i64 = 500;

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its id.
    pub id: FolderId,
    /// What people call it.
    pub name: String,
}

impl Folder {
    fn read(row: &SqliteRow) -> Result<Self> {
        Ok(Self { id: FolderId::from_i64(row.try_get("id")?), name: row.try_get("name")? })
    }
}

/// `insert … select … where id in (…)` of clips that are not erased, so that an id that is none is passed over.
fn known(sql: &mut QueryBuilder<Sqlite>, ids: &[GenerationId]) {
    sql.push(" from generation where erased is null and id in (");
    let mut list = sql.separated(", ");
    for id in ids {
        list.push_bind(id.as_i64());
    }
    sql.push(")");
}

fn taken(error: sqlx::Error) -> Error {
    let is_taken = error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation);
    if is_taken { Error::Taken } else { Error::Database(error) }
}

impl Store {
    /// Marks clips as favorites of a person, or takes the marks away; how many changed.
    pub async fn mark(&self, person: PersonId, ids: &[GenerationId], on: bool, now: Millis) -> Result<u64> {
        if ids.is_empty() {
            return Ok(0);
        }
        let mut sql = QueryBuilder::<Sqlite>::new("");
        if on {
            sql.push("insert into favorite (person_id, generation_id, created_at) select ");
            sql.push_bind(person.as_i64()).push(", id, ").push_bind(now.as_i64());
            known(&mut sql, ids);
            sql.push(" on conflict do nothing");
        } else {
            sql.push("delete from favorite where person_id = ").push_bind(person.as_i64());
            sql.push(" and generation_id in (select id");
            known(&mut sql, ids);
            sql.push(")");
        }
        Ok(sql.build().execute(&self.write).await?.rows_affected())
    }

    /// Which of these clips a person has marked.
    pub async fn marked(&self, person: PersonId, ids: &[GenerationId]) -> Result<HashSet<GenerationId>> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let mut sql = QueryBuilder::<Sqlite>::new("select generation_id as id from favorite where person_id = ");
        sql.push_bind(person.as_i64()).push(" and generation_id in (");
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(id.as_i64());
        }
        sql.push(")");
        let rows = sql.build().fetch_all(&self.read).await?;
        rows.iter().map(|row| Ok(GenerationId::from_i64(row.try_get("id")?))).collect()
    }

    /// Folders by name.
    pub async fn folders(&self) -> Result<Vec<Folder>> {
        let rows = sqlx::query("select id, name from folder order by lower(name) limit $1")
            .bind(LISTED)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(Folder::read).collect()
    }

    /// One folder.
    pub async fn folder(&self, id: FolderId) -> Result<Option<Folder>> {
        let row = sqlx::query("select id, name from folder where id = $1")
            .bind(id.as_i64())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(Folder::read).transpose()
    }

    /// The folders that a clip lies in, by name.
    pub async fn folders_of(&self, id: GenerationId) -> Result<Vec<Folder>> {
        let rows = sqlx::query(
            "select folder.id, folder.name from folder_clip join folder on folder.id = folder_clip.folder_id
             where folder_clip.generation_id = $1 order by lower(folder.name)",
        )
        .bind(id.as_i64())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(Folder::read).collect()
    }

    /// How many clips lie in a folder, counted up to `most`, and the newest with a still.
    pub async fn folder_face(&self, id: FolderId, most: u32) -> Result<(u32, Option<GenerationId>)> {
        let row = sqlx::query(
            "select count(*) as many from (select 1 from folder_clip join generation g on g.id = generation_id
                 where folder_id = $1 and g.deleted_at is null limit $2) c",
        )
        .bind(id.as_i64())
        .bind(i64::from(most))
        .fetch_one(&self.read)
        .await?;
        let many = super::number(&row, "folder_clip", "many")?;
        let face = sqlx::query(
            "select g.id as id from folder_clip m cross join generation g on g.id = m.generation_id
             where m.folder_id = $1 and g.deleted_at is null and g.poster <> ''
             order by m.generation_id desc limit 1",
        )
        .bind(id.as_i64())
        .fetch_optional(&self.read)
        .await?;
        let face = face.map(|row| row.try_get("id").map(GenerationId::from_i64)).transpose()?;
        Ok((many, face))
    }

    /// Makes a folder; `Taken` when there is one of this name.
    pub async fn add_folder(&self, id: FolderId, person: PersonId, name: &str, now: Millis) -> Result<()> {
        sqlx::query("insert into folder (id, person_id, name, created_at) values ($1, $2, $3, $4)")
            .bind(id.as_i64())
            .bind(person.as_i64())
            .bind(name)
            .bind(now.as_i64())
            .execute(&self.write)
            .await
            .map_err(taken)?;
        Ok(())
    }

    /// Calls a folder something else; `Taken` when another is called so.
    pub async fn rename_folder(&self, id: FolderId, name: &str) -> Result<()> {
        let done = sqlx::query("update folder set name = $2 where id = $1")
            .bind(id.as_i64())
            .bind(name)
            .execute(&self.write)
            .await
            .map_err(taken)?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Takes a folder away; the clips stay.
    pub async fn remove_folder(&self, id: FolderId) -> Result<()> {
        let done = sqlx::query("delete from folder where id = $1").bind(id.as_i64()).execute(&self.write).await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Puts clips into a folder, or takes them out; how many changed. `Stale` when the folder is gone.
    pub async fn put(&self, folder: FolderId, ids: &[GenerationId], into: bool, now: Millis) -> Result<u64> {
        let mut tx = self.begin().await?;
        let there =
            sqlx::query("select 1 from folder where id = $1").bind(folder.as_i64()).fetch_optional(&mut *tx).await?;
        if there.is_none() {
            return Err(Error::Stale);
        }
        if ids.is_empty() {
            return Ok(0);
        }
        let mut sql = QueryBuilder::<Sqlite>::new("");
        if into {
            sql.push("insert into folder_clip (folder_id, generation_id, created_at) select ");
            sql.push_bind(folder.as_i64()).push(", id, ").push_bind(now.as_i64());
            known(&mut sql, ids);
            sql.push(" on conflict do nothing");
        } else {
            sql.push("delete from folder_clip where folder_id = ").push_bind(folder.as_i64());
            sql.push(" and generation_id in (select id");
            known(&mut sql, ids);
            sql.push(")");
        }
        let done = sql.build().execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}
