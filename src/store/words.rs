//! The words that clips are found by, and what people write on clips: titles, notes, the best take.

use sqlx::Row;

use super::{Error, Result, Store, Tx};
use crate::domain::search::spaced;
use crate::domain::{GenerationId, Pixels, Visibility};

/// Rows that one write takes in when an index is filled from nothing.
const BATCH: i64 = 1_000;

/// Puts the words of a clip where searches find them, instead of those that were there.
pub(super) async fn index(
    tx: &mut Tx<'_>,
    id: GenerationId,
    prompt: &str,
    title: &str,
    notes: &str,
    is_new: bool,
) -> Result<()> {
    if !is_new {
        forget(tx, id).await?;
    }
    sqlx::query("insert into clip_search (rowid, prompt, title, notes) values ($1, $2, $3, $4)")
        .bind(id.as_i64())
        .bind(spaced(prompt))
        .bind(spaced(title))
        .bind(spaced(notes))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes the words of a clip out of the searches.
pub(super) async fn forget(tx: &mut Tx<'_>, id: GenerationId) -> Result<()> {
    sqlx::query("delete from clip_search where rowid = $1").bind(id.as_i64()).execute(&mut **tx).await?;
    Ok(())
}

impl Store {
    /// Writes what a person calls a clip and says about it.
    pub async fn write_words(&self, id: GenerationId, title: &str, notes: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            "update generation set title = $2, notes = $3 where id = $1 and erased is null
             returning (select prompt from task where task.id = generation.task_id) as prompt",
        )
        .bind(id.as_i64())
        .bind(title)
        .bind(notes)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::Stale)?;
        index(&mut tx, id, row.try_get("prompt")?, title, notes, false).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Says who sees a clip.
    pub async fn show(&self, id: GenerationId, visibility: Visibility) -> Result<()> {
        sqlx::query("update generation set visibility = $2 where id = $1 and erased is null")
            .bind(id.as_i64())
            .bind(visibility.as_str())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Picks a clip as the best take of its task, or takes that back; at most one is.
    pub async fn pick(&self, id: GenerationId, is_best: bool) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "update generation set is_best = 0
             where is_best = 1 and task_id = (select task_id from generation where id = $1)",
        )
        .bind(id.as_i64())
        .execute(&mut *tx)
        .await?;
        let done = sqlx::query("update generation set is_best = $2 where id = $1 and erased is null")
            .bind(id.as_i64())
            .bind(i64::from(is_best))
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() != 1 {
            return Err(Error::Stale);
        }
        tx.commit().await?;
        Ok(())
    }

    /// Fills the searches of a database that has none yet: after an upgrade, once.
    pub(super) async fn index_words(&self) -> Result<()> {
        if sqlx::query("select rowid from clip_search limit 1").fetch_optional(&self.read).await?.is_some() {
            return Ok(());
        }
        let mut past = 0_i64;
        loop {
            let mut tx = self.begin().await?;
            let rows = sqlx::query(
                "select id, prompt, title, notes from clip where id > $1 and erased is null order by id limit $2",
            )
            .bind(past)
            .bind(BATCH)
            .fetch_all(&mut *tx)
            .await?;
            for row in &rows {
                past = row.try_get("id")?;
                let (prompt, title, notes): (&str, &str, &str) =
                    (row.try_get("prompt")?, row.try_get("title")?, row.try_get("notes")?);
                index(&mut tx, GenerationId::from_i64(past), prompt, title, notes, true).await?;
            }
            tx.commit().await?;
            if rows.is_empty() {
                return Ok(());
            }
        }
    }

    /// Names the shape of clips from before shapes were stored: after an upgrade, once.
    pub(super) async fn name_shapes(&self) -> Result<()> {
        loop {
            let mut tx = self.begin().await?;
            let row = sqlx::query(
                "select id, task_id, asked_wide, asked_high from clip where aspect = '' order by id limit 1",
            )
            .fetch_optional(&mut *tx)
            .await?;
            let Some(row) = row else { return Ok(()) };
            let (wide, high): (i64, i64) = (row.try_get("asked_wide")?, row.try_get("asked_high")?);
            let size = u16::try_from(wide).ok().zip(u16::try_from(high).ok());
            let aspect = size.and_then(|(wide, high)| Pixels::new(wide, high)).map_or("?".to_owned(), Pixels::aspect);
            sqlx::query(
                "update generation set aspect = $1 where aspect = ''
                     and task_id in (select id from task where wide = $2 and high = $3)",
            )
            .bind(aspect)
            .bind(wide)
            .bind(high)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
        }
    }
}
