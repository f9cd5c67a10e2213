//! The database guards itself: what is opened is whole and of a schema that is known, and before it is brought up to
//! date a copy is put aside.

use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Row};

use super::{Error, MIGRATIONS, Result, Store};
use crate::domain::{Event, GenerationId, Millis};
use crate::kill::kill_point;
use crate::store::generations::{Note, advance};

/// Copies from before an upgrade that are kept.
const KEPT_COPIES: usize = 3;
/// A write-ahead log that is longer is folded in at once.
const LONGEST_LOG_BYTES: u64 = 8 * 1024 * 1024;
/// A larger database is not read through at a start: it would take minutes.
const LARGEST_CHECKED_BYTES: u64 = 1024 * 1024 * 1024;

/// The newest schema that this program knows.
pub fn newest_schema() -> i64 {
    MIGRATIONS.iter().map(|(version, ..)| *version).max().unwrap_or(0)
}

/// The schema of a database; none where there is no database yet.
pub(super) async fn schema(db: &mut SqliteConnection) -> Result<Option<i64>> {
    let known = sqlx::query("select 1 from sqlite_schema where name = '_sqlx_migrations'").fetch_optional(&mut *db);
    if known.await?.is_none() {
        return Ok(None);
    }
    Ok(sqlx::query("select max(version) from _sqlx_migrations").fetch_one(db).await?.try_get(0)?)
}

/// Refuses a database of a newer program, and puts a copy of an older one aside.
pub(super) async fn before_migrations(path: &Path, db: &mut SqliteConnection) -> Result<()> {
    let (Some(found), known) = (schema(db).await?, newest_schema()) else { return Ok(()) };
    if found > known {
        return Err(Error::NewerSchema { found, known });
    }
    if found == known {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new(".")).join("backups");
    std::fs::create_dir_all(&folder).map_err(Error::Copy)?;
    let copy = folder.join(format!("before-{known:04}-from-{found:04}.db"));
    // One that is there was made by an upgrade that was cut short: what is in the database now is as good.
    let part = copy.with_extension("part");
    copy_to(db, &part).await?;
    std::fs::rename(&part, &copy).map_err(Error::Copy)?;
    let mut copies: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map_err(Error::Copy)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("before-")))
        .collect();
    copies.sort();
    for old in copies.iter().rev().skip(KEPT_COPIES) {
        std::fs::remove_file(old).map_err(Error::Copy)?;
    }
    Ok(())
}

/// Writes a whole, settled copy of a database beside it: readers and the writer go on meanwhile.
async fn copy_to(db: &mut SqliteConnection, to: &Path) -> Result<()> {
    let _ = std::fs::remove_file(to);
    sqlx::query("vacuum into $1").bind(to.to_string_lossy().into_owned()).execute(db).await?;
    std::fs::File::open(to).and_then(|file| file.sync_all()).map_err(Error::Copy)
}

async fn connect(path: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(false).busy_timeout(super::PATIENCE);
    Ok(SqliteConnection::connect_with(&options).await?)
}

/// What is wrong with the bytes of a database, in SQLite's words; empty when it is whole.
async fn faults(db: &mut SqliteConnection, check: &'static str) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for row in sqlx::query(check).fetch_all(&mut *db).await? {
        let words: String = row.try_get(0)?;
        if words != "ok" {
            faults.push(words);
        }
    }
    for row in sqlx::query("pragma foreign_key_check").fetch_all(db).await? {
        let (table, parent): (String, String) = (row.try_get(0)?, row.try_get(2)?);
        faults.push(format!("a row of {table} names a row of {parent} that is not there"));
    }
    faults.truncate(20);
    Ok(faults)
}

/// Copies a database, which another process may have open, and checks the copy; its schema.
pub async fn snapshot(from: &Path, to: &Path) -> Result<i64> {
    let mut db = connect(from).await?;
    let part = to.with_extension("part");
    copy_to(&mut db, &part).await?;
    db.close().await?;
    kill_point!("snapshot.copied");
    let mut copy = connect(&part).await?;
    let faults = faults(&mut copy, "pragma integrity_check").await?;
    let schema = schema(&mut copy).await?.unwrap_or(0);
    copy.close().await?;
    if let Some(first) = faults.first() {
        return Err(Error::Damaged(first.clone()));
    }
    std::fs::rename(&part, to).map_err(Error::Copy)?;
    Ok(schema)
}

/// Everything that is wrong with the bytes of a database, which another process may have open.
pub async fn inspect(path: &Path) -> Result<Vec<String>> {
    let mut db = connect(path).await?;
    let faults = faults(&mut db, "pragma integrity_check(20)").await.map_err(Error::or_damaged);
    let _ = db.close().await;
    faults
}

/// Whether the last process that had this database open ended without closing it.
pub fn was_cut_off(path: &Path) -> bool {
    std::fs::metadata(path.with_extension("db-wal")).is_ok_and(|log| log.len() > 0)
}

impl Store {
    /// Reads a database through that was not closed; one that is too large for a start is taken as it is.
    pub async fn check_after_a_crash(&self, path: &Path) -> Result<()> {
        if std::fs::metadata(path).is_ok_and(|file| file.len() > LARGEST_CHECKED_BYTES) {
            return Ok(());
        }
        let mut db = self.read.acquire().await?;
        match faults(&mut db, "pragma quick_check(1)").await.map_err(Error::or_damaged)?.first() {
            Some(fault) => Err(Error::Damaged(fault.clone())),
            None => Ok(()),
        }
    }

    /// Folds a long write-ahead log into the database. True if it was long.
    pub async fn fold(&self, path: &Path) -> Result<bool> {
        let length = std::fs::metadata(path.with_extension("db-wal")).map_or(0, |log| log.len());
        if length <= LONGEST_LOG_BYTES {
            return Ok(false);
        }
        sqlx::query("pragma wal_checkpoint(restart)").execute(&self.write).await?;
        Ok(true)
    }

    /// What a restored backup must not do by itself: send what may have been sent after it was made, or let in whoever
    /// was signed in then. How many clips were taken out of the line.
    pub async fn settle_restored(&self, now: Millis, words: &str) -> Result<usize> {
        let mut tx = self.begin().await?;
        let rows =
            sqlx::query("select id from generation where state = 'queued' and upstream not in ('animatic', 'ffmpeg')")
                .fetch_all(&mut *tx)
                .await?;
        for row in &rows {
            let id = GenerationId::from_i64(row.try_get("id")?);
            let note = Note { words: Some(words), ..Note::default() };
            advance(&mut tx, id, Event::Canceled, now, now, note).await?;
        }
        sqlx::query("delete from session").execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(rows.len())
    }
}
