//! The trash: what is in it, the way back, and the end. What is erased keeps its row, without a word
//! of what it showed: the record of money refers to it.

use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{QueryBuilder, Row};

use super::clips::options;
use super::{Result, Store, among, ids, words};
use crate::domain::{GenerationId, Millis, PersonId, Right, Viewer};

/// A clip whose files are to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remains {
    /// The clip.
    pub id: GenerationId,
    /// Its file, if no other clip is made of the same, relative to the data folder.
    pub file: Option<String>,
    /// Its poster, likewise.
    pub poster: Option<String>,
    /// Its task's reference image, when this was the last clip that had one.
    pub reference: Option<String>,
    /// Other pictures of its task, once all its clips are erased.
    pub pictures: Vec<String>,
}

fn path(row: &SqliteRow, column: &str) -> Result<Option<String>> {
    Ok(row.try_get::<Option<String>, _>(column)?.filter(|path| !path.is_empty()))
}

impl Store {
    /// Puts clips that are at their end in the trash, all at this moment, which undoes it; how many went.
    pub async fn delete(&self, ids: &[GenerationId], now: Millis) -> Result<u64> {
        if ids.is_empty() {
            return Ok(0);
        }
        let mut sql = QueryBuilder::<Sqlite>::new("update generation set deleted_at = ");
        sql.push_bind(now.as_i64());
        sql.push(" where deleted_at is null and state in ('completed', 'failed', 'canceled') and id in (");
        among(&mut sql, ids);
        Ok(sql.build().execute(&self.write).await?.rows_affected())
    }

    /// Takes clips out of the trash; how many came back.
    pub async fn restore(&self, ids: &[GenerationId]) -> Result<u64> {
        if ids.is_empty() {
            return Ok(0);
        }
        let mut sql = QueryBuilder::<Sqlite>::new(
            "update generation set deleted_at = null where deleted_at is not null and erased is null and id in (",
        );
        among(&mut sql, ids);
        Ok(sql.build().execute(&self.write).await?.rows_affected())
    }

    /// Takes back what went into the trash at one moment, as far as this viewer may; which clips came back.
    pub async fn undelete(&self, moment: Millis, viewer: Viewer) -> Result<Vec<GenerationId>> {
        let rows = sqlx::query(
            "update generation set deleted_at = null where deleted_at = $1 and deleted_at is not null
                 and erased is null and (person_id = $2 or ($3 and visibility = 'team')) returning id",
        )
        .bind(moment.as_i64())
        .bind(viewer.person.as_i64())
        .bind(viewer.may(Right::Steer))
        .fetch_all(&self.write)
        .await?;
        ids(&rows)
    }

    /// How many clips went into the trash at one moment that this viewer may take back.
    pub async fn deleted_at(&self, moment: Millis, viewer: Viewer) -> Result<u32> {
        let row = sqlx::query(
            "select 0 as id, count(*) as many from generation
             where deleted_at = $1 and deleted_at is not null and erased is null
                 and (person_id = $2 or ($3 and visibility = 'team'))",
        )
        .bind(moment.as_i64())
        .bind(viewer.person.as_i64())
        .bind(viewer.may(Right::Steer))
        .fetch_one(&self.read)
        .await?;
        super::number(&row, "generation", "many")
    }

    /// A person's failed clips, the newest first.
    pub async fn failed(&self, person: PersonId, limit: u32) -> Result<Vec<GenerationId>> {
        let rows = sqlx::query(
            "select id from generation where deleted_at is null and upstream <> 'upload' and state = 'failed'
                 and person_id = $2
             order by id desc limit $1",
        )
        .bind(i64::from(limit))
        .bind(person.as_i64())
        .fetch_all(&self.read)
        .await?;
        ids(&rows)
    }

    /// Gives up clips for good: those named, or all of whoever looks that went into the trash before `until`.
    /// Their words are gone when this returns; `erasing` names the files.
    pub async fn erase(&self, ids: Option<&[GenerationId]>, until: Millis, limit: u32) -> Result<u64> {
        let mut tx = self.begin().await?;
        let mut sql = QueryBuilder::<Sqlite>::new(
            "update generation set erased = 1, title = '', notes = '', words = null, source_url = null
             where id in (select id from generation where deleted_at is not null and erased is null and deleted_at < ",
        );
        sql.push_bind(until.as_i64());
        if let Some(person) = self.eyes {
            sql.push(" and person_id = ").push_bind(person.as_i64());
        }
        if let Some(ids) = ids {
            if ids.is_empty() {
                return Ok(0);
            }
            sql.push(" and id in (");
            among(&mut sql, ids);
        }
        sql.push(" order by deleted_at limit ").push_bind(i64::from(limit)).push(") returning id, task_id");
        let rows = sql.build().fetch_all(&mut *tx).await?;
        for row in &rows {
            let (id, task): (i64, i64) = (row.try_get("id")?, row.try_get("task_id")?);
            words::forget(&mut tx, GenerationId::from_i64(id)).await?;
            for sql in
                ["delete from favorite where generation_id = $1", "delete from folder_clip where generation_id = $1"]
            {
                sqlx::query(sql).bind(id).execute(&mut *tx).await?;
            }
            sqlx::query(
                "update task set prompt = '' where id = $1
                     and not exists (select 1 from generation where task_id = $1 and erased is null)",
            )
            .bind(task)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }

    /// Erased clips whose files are still there.
    pub async fn erasing(&self, limit: u32) -> Result<Vec<Remains>> {
        let rows = sqlx::query(
            "select g.id as id,
                 case when exists (select 1 from generation o where o.file = g.file and o.id <> g.id
                     and coalesce(o.erased, 0) <> 2) then null else g.file end as file,
                 case when exists (select 1 from generation o where o.file = g.file and o.id <> g.id
                     and coalesce(o.erased, 0) <> 2) then null else g.poster end as poster,
                 case when task.prompt = '' then task.reference end as reference,
                 case when task.prompt = '' then task.options else '{}' end as options
             from generation g join task on task.id = g.task_id
             where g.erased = 1 order by g.id limit $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Remains {
                    id: GenerationId::from_i64(row.try_get("id")?),
                    file: path(row, "file")?,
                    poster: path(row, "poster")?,
                    reference: path(row, "reference")?,
                    pictures: options(row)?.pictures().cloned().collect(),
                })
            })
            .collect()
    }

    /// The files of an erased clip are gone.
    pub async fn erased(&self, id: GenerationId) -> Result<()> {
        sqlx::query("update generation set erased = 2 where id = $1 and erased = 1")
            .bind(id.as_i64())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Whether anything is in the trash.
    pub async fn has_trash(&self) -> Result<bool> {
        let row = sqlx::query(
            "select 1 from generation where deleted_at is not null and erased is null
                 and ($1 is null or person_id = $1) limit 1",
        )
        .bind(self.eyes.map(PersonId::as_i64))
        .fetch_optional(&self.read)
        .await?;
        Ok(row.is_some())
    }
}
