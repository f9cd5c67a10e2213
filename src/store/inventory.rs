//! What the rows say is on disk, and where rows contradict each other: for backups and the doctor.

use std::collections::HashSet;
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, Row, SqliteConnection};

use super::{Result, number};
use crate::domain::GenerationId;

/// A file that a finished clip names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The clip.
    pub id: GenerationId,
    /// Relative to the data folder.
    pub file: String,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// Its hash in hexadecimal.
    pub sha256: String,
    /// Its still, where one was drawn.
    pub poster: Option<String>,
}

/// Everything that the rows say is on disk.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Finished clips whose files were not erased.
    pub clips: Vec<Kept>,
    /// Pictures of tasks, styles and storyboards, relative to the data folder.
    pub pictures: HashSet<String>,
    /// Clips that are not at their end.
    pub moving: HashSet<GenerationId>,
    /// Contradictions of rows: a code and a sentence.
    pub contradictions: Vec<(&'static str, String)>,
}

/// Every path below `uploads/` or `library/` in a text, which may be JSON.
fn paths(text: &str, found: &mut HashSet<String>) {
    for start in ["uploads/", "library/"] {
        for (at, _) in text.match_indices(start) {
            let ends = |c: char| matches!(c, '"' | '\\' | '\n' | ' ');
            let path = text[at..].split(ends).next().unwrap_or_default();
            found.insert(path.to_owned());
        }
    }
}

/// Reads a database that another process may have open, without changing it.
pub async fn read(path: &Path) -> Result<Inventory> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(false).busy_timeout(super::PATIENCE);
    let mut db = SqliteConnection::connect_with(&options.pragma("query_only", "on")).await?;
    let mut inventory = Inventory::default();
    let rows = sqlx::query(
        "select id, file, size_bytes, sha256, poster from generation
         where state = 'completed' and file is not null and erased is null",
    )
    .fetch_all(&mut db)
    .await?;
    for row in &rows {
        let poster: Option<String> = row.try_get("poster")?;
        inventory.clips.push(Kept {
            id: GenerationId::from_i64(row.try_get("id")?),
            file: row.try_get("file")?,
            size_bytes: number(row, "generation", "size_bytes")?,
            sha256: row.try_get("sha256")?,
            poster: poster.filter(|path| !path.is_empty()),
        });
    }
    for text in [
        "select reference as text from task where reference is not null",
        "select options as text from task where options like '%uploads/%'",
        "select picture as text from preset where picture is not null",
        "select cards as text from storyboard where cards like '%uploads/%'",
    ] {
        for row in sqlx::query(text).fetch_all(&mut db).await? {
            paths(&row.try_get::<String, _>("text")?, &mut inventory.pictures);
        }
    }
    let moving = "select id from generation where state not in ('completed', 'failed', 'canceled')";
    for row in sqlx::query(moving).fetch_all(&mut db).await? {
        inventory.moving.insert(GenerationId::from_i64(row.try_get("id")?));
    }
    contradictions(&mut db, &mut inventory).await?;
    db.close().await?;
    Ok(inventory)
}

async fn contradictions(db: &mut SqliteConnection, inventory: &mut Inventory) -> Result<()> {
    for (code, sql) in [
        (
            "open_attempt",
            "select g.id, g.state || ' with ' || count(a.id) || ' open attempts' as what from generation g
             left join attempt a on a.generation_id = g.id and a.outcome in ('sending', 'uncertain')
             group by g.id having (g.state in ('submitting', 'uncertain')) <> (count(a.id) = 1)",
        ),
        (
            "money_held",
            "select g.id, g.state || ' holds ' || sum(e.held_micros) || ' micro-dollars' as what from generation g
             join entry e on e.generation_id = g.id where g.state in ('completed', 'failed', 'canceled')
             group by g.id having sum(e.held_micros) <> 0",
        ),
        (
            "money_unspent",
            "select g.id, 'finished and never settled' as what from generation g
             where g.state = 'completed' and g.upstream not in ('upload', 'ffmpeg', 'seed') and g.erased is null
                 and not exists (select 1 from entry e where e.generation_id = g.id and e.kind = 'settle')",
        ),
        (
            "job_unknown",
            "select g.id, g.state || ' without the job that was paid for' as what from generation g
             where g.state in ('in_progress', 'downloading') and g.upstream_id is null",
        ),
    ] {
        for row in sqlx::query(sql).fetch_all(&mut *db).await? {
            let id = GenerationId::from_i64(row.try_get("id")?);
            let what: String = row.try_get("what")?;
            inventory.contradictions.push((code, format!("Generation {id}: {what}.")));
        }
    }
    Ok(())
}

impl super::Store {
    /// A still that is not there is drawn again.
    pub async fn forget_poster(&self, id: GenerationId) -> Result<()> {
        sqlx::query("update generation set poster = null where id = $1 and state = 'completed'")
            .bind(id.as_i64())
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
