//! Where people keep clips: favorites of each person, and folders that a clip may lie in many of.

use std::collections::HashSet;

use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{QueryBuilder, Row};

use super::{Error, Result, Store, among, ids, taken, word};
use crate::domain::{FolderId, GenerationId, Millis, PersonId, Visibility};

/// Folders that pages list; more can be made, and found by their address.
const LISTED: i64 = 500;

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its id.
    pub id: FolderId,
    /// What people call it.
    pub name: String,
    /// Who made it.
    pub person: PersonId,
    /// Who sees it.
    pub visibility: Visibility,
}

impl Folder {
    fn read(row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            id: FolderId::from_i64(row.try_get("id")?),
            name: row.try_get("name")?,
            person: PersonId::from_i64(row.try_get("person_id")?),
            visibility: word(row, "folder", "visibility")?,
        })
    }
}

/// Where clips are kept by somebody or in something: a table, and the column of who or what.
struct Place {
    table: &'static str,
    owner: &'static str,
}

const FAVORITES: Place = Place { table: "favorite", owner: "person_id" };
const FOLDERS: Place = Place { table: "folder_clip", owner: "folder_id" };

impl Place {
    /// Writes clips into it or takes them out. Those that are erased or never were are passed over.
    fn keep(
        &self,
        eyes: Option<PersonId>,
        owner: i64,
        ids: &[GenerationId],
        into: bool,
        now: Millis,
    ) -> QueryBuilder<Sqlite> {
        let Self { table, owner: column } = self;
        let mut sql = QueryBuilder::<Sqlite>::new("");
        if into {
            sql.push("insert into ").push(table).push(" (").push(column).push(", generation_id, created_at) select ");
            sql.push_bind(owner).push(", id, ").push_bind(now.as_i64());
        } else {
            sql.push("delete from ").push(table).push(" where ").push(column).push(" = ").push_bind(owner);
            sql.push(" and generation_id in (select id");
        }
        sql.push(" from generation where erased is null");
        if let Some(person) = eyes {
            sql.push(" and (visibility = 'team' or person_id = ").push_bind(person.as_i64()).push(")");
        }
        sql.push(" and id in (");
        among(&mut sql, ids);
        sql.push(if into { " on conflict do nothing" } else { ")" });
        sql
    }
}

impl Store {
    /// Marks clips as favorites of a person, or takes the marks away; how many changed.
    pub async fn mark(&self, person: PersonId, ids: &[GenerationId], on: bool, now: Millis) -> Result<u64> {
        if ids.is_empty() {
            return Ok(0);
        }
        let mut sql = FAVORITES.keep(self.eyes, person.as_i64(), ids, on, now);
        Ok(sql.build().execute(&self.write).await?.rows_affected())
    }

    /// Which of these clips a person has marked.
    pub async fn marked(&self, person: PersonId, clips: &[GenerationId]) -> Result<HashSet<GenerationId>> {
        if clips.is_empty() {
            return Ok(HashSet::new());
        }
        let mut sql = QueryBuilder::<Sqlite>::new("select generation_id as id from favorite where person_id = ");
        sql.push_bind(person.as_i64()).push(" and generation_id in (");
        among(&mut sql, clips);
        let rows = sql.build().fetch_all(&self.read).await?;
        Ok(ids(&rows)?.into_iter().collect())
    }

    /// Folders by name.
    pub async fn folders(&self) -> Result<Vec<Folder>> {
        let rows = sqlx::query(
            "select * from folder where $2 is null or visibility = 'team' or person_id = $2
             order by lower(name), id limit $1",
        )
        .bind(LISTED)
        .bind(self.eyes.map(PersonId::as_i64))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(Folder::read).collect()
    }

    /// One folder.
    pub async fn folder(&self, id: FolderId) -> Result<Option<Folder>> {
        let row =
            sqlx::query("select * from folder where id = $1 and ($2 is null or visibility = 'team' or person_id = $2)")
                .bind(id.as_i64())
                .bind(self.eyes.map(PersonId::as_i64))
                .fetch_optional(&self.read)
                .await?;
        row.as_ref().map(Folder::read).transpose()
    }

    /// The folders that a clip lies in, by name.
    pub async fn folders_of(&self, id: GenerationId) -> Result<Vec<Folder>> {
        let rows = sqlx::query(
            "select folder.* from folder_clip join folder on folder.id = folder_clip.folder_id
             where folder_clip.generation_id = $1 and ($2 is null or folder.visibility = 'team' or folder.person_id = $2)
             order by lower(folder.name)",
        )
        .bind(id.as_i64())
        .bind(self.eyes.map(PersonId::as_i64))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(Folder::read).collect()
    }

    /// How many clips lie in a folder, counted up to `most`, and the newest with a still.
    pub async fn folder_face(&self, id: FolderId, most: u32) -> Result<(u32, Option<GenerationId>)> {
        let row = sqlx::query(
            "select count(*) as many from (select 1 from folder_clip join generation g on g.id = generation_id
                 where folder_id = $1 and g.deleted_at is null
                     and ($3 is null or g.visibility = 'team' or g.person_id = $3) limit $2) c",
        )
        .bind(id.as_i64())
        .bind(i64::from(most))
        .bind(self.eyes.map(PersonId::as_i64))
        .fetch_one(&self.read)
        .await?;
        let many = super::number(&row, "folder_clip", "many")?;
        let face = sqlx::query(
            "select g.id as id from folder_clip m cross join generation g on g.id = m.generation_id
             where m.folder_id = $1 and g.deleted_at is null and g.poster <> ''
                 and ($2 is null or g.visibility = 'team' or g.person_id = $2)
             order by m.generation_id desc limit 1",
        )
        .bind(id.as_i64())
        .bind(self.eyes.map(PersonId::as_i64))
        .fetch_optional(&self.read)
        .await?;
        let face = face.map(|row| row.try_get("id").map(GenerationId::from_i64)).transpose()?;
        Ok((many, face))
    }

    /// Makes a folder; `Taken` when there is one of this name.
    pub async fn add_folder(&self, folder: &Folder, now: Millis) -> Result<()> {
        sqlx::query("insert into folder (id, person_id, name, created_at, visibility) values ($1, $2, $3, $4, $5)")
            .bind(folder.id.as_i64())
            .bind(folder.person.as_i64())
            .bind(&folder.name)
            .bind(now.as_i64())
            .bind(folder.visibility.as_str())
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
        let mut sql = FOLDERS.keep(self.eyes, folder.as_i64(), ids, into, now);
        let done = sql.build().execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}
