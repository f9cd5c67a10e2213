//! All SQL of Rushes, a file per table. Two pools: one writer, so that writes queue fairly and
//! are durable before anything acts on them, and readers that never block it.

pub mod activity;
pub mod attempts;
pub mod clips;
pub mod dispatch;
pub mod folders;
pub mod generations;
pub mod guard;
pub mod imports;
pub mod inventory;
pub mod keys;
pub mod ledger;
pub mod library;
pub mod lineage;
pub mod people;
pub mod plans;
pub mod presets;
pub mod queue;
pub mod seed;
pub mod sessions;
pub mod storyboards;
pub mod tasks;
pub mod tickets;
pub mod trash;
pub mod turns;
pub mod uncertain;
pub mod usage;
pub mod webhooks;
pub mod words;

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{QueryBuilder, Row, SqlSafeStr, Sqlite};
use tokio::sync::Notify;

use crate::domain::plan::Cap;
use crate::domain::{GenerationId, Millis, PersonId};
use crate::kill::kill_point;

/// Every migration in order; forward only, never edited once released.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "tasks", include_str!("../../migrations/0001_tasks.sql")),
    (2, "library", include_str!("../../migrations/0002_library.sql")),
    (3, "desk", include_str!("../../migrations/0003_desk.sql")),
    (4, "teams", include_str!("../../migrations/0004_teams.sql")),
    (5, "reliability", include_str!("../../migrations/0005_reliability.sql")),
    (6, "age", include_str!("../../migrations/0006_age.sql")),
    (7, "api", include_str!("../../migrations/0007_api.sql")),
    (8, "given_up", include_str!("../../migrations/0008_given_up.sql")),
    (9, "webhooks", include_str!("../../migrations/0009_webhooks.sql")),
    (10, "posters", include_str!("../../migrations/0010_posters.sql")),
];
/// SQLite before this release can corrupt a database in WAL mode (sqlite.org/wal.html#walresetbug).
const OLDEST_SQLITE: &str = "3.51.3";

/// How long a statement waits for another process that has the lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes the lock at once, so that a write never fails half-way for want of it.
const BEGIN: &str = "begin immediate";

/// What a caller can do about a failed query.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The row moved on since it was read, or never allowed this: read again.
    #[error("the record changed in the meantime")]
    Stale,
    /// A name or a job id that another row already holds.
    #[error("another row already holds this")]
    Taken,
    /// A cap stops it; where waiting helps, until when.
    #[error("a cap stops it: {0:?}")]
    Capped(Cap, Option<Millis>),
    /// A row that fits no type: names where to look.
    #[error("{table}.{column} of row {id} holds {value:?}")]
    Inconsistent {
        /// The table or view.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row.
        id: i64,
        /// What it holds.
        value: String,
    },
    /// The database itself.
    #[error("the database failed: {0}")]
    Database(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A newer Rushes made it.
    #[error(
        "the database has schema {found} and this Rushes knows {known}: a newer one has used it. Start that one, or \
         restore a backup from before into another folder"
    )]
    NewerSchema {
        /// What the database has.
        found: i64,
        /// What this program knows.
        known: i64,
    },
    /// Its bytes are not what they were.
    #[error(
        "the database is damaged ({0}). Nothing was changed. Restore a backup with rushes restore, or look with rushes doctor"
    )]
    Damaged(String),
    /// A copy could not be put aside.
    #[error("a copy of the database could not be written: {0}")]
    Copy(std::io::Error),
    /// The linked SQLite is too old to be trusted.
    #[error("SQLite {0} is older than {OLDEST_SQLITE} and can damage this database")]
    OldSqlite(String),
}

/// Rung when the disk did not keep what was written.
static UNSYNCED: Notify = Notify::const_new();

/// Returns once the disk has failed to make a write last. What came before is then as unsure as what comes after, and
/// asking once more would be told that all is well (PostgreSQL's "fsyncgate" of 2018): only a new start finds out.
pub async fn unsynced() {
    UNSYNCED.notified().await;
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC.
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        if code.is_some_and(|code| matches!(&*code, "1034" | "1290")) {
            UNSYNCED.notify_one();
        }
        Self::Database(error)
    }
}

impl Error {
    /// The same, where SQLite cannot make sense of the file's bytes.
    fn or_damaged(self) -> Self {
        // 11 = SQLITE_CORRUPT and its kin, 26 = SQLITE_NOTADB.
        let is_damaged = |error: &sqlx::Error| {
            let code = error.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
            code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| matches!(code & 0xff, 11 | 26))
        };
        let words = match &self {
            Self::Database(error) if is_damaged(error) => Some(error.to_string()),
            Self::Migrate(error) => {
                let text = error.to_string();
                let marks = ["malformed", "not a database"];
                marks.iter().any(|mark| text.contains(mark)).then_some(text)
            }
            Self::Stale
            | Self::Taken
            | Self::Capped(..)
            | Self::Inconsistent { .. }
            | Self::Database(_)
            | Self::NewerSchema { .. }
            | Self::Damaged(_)
            | Self::Copy(_)
            | Self::OldSqlite(_) => None,
        };
        words.map_or(self, Self::Damaged)
    }

    /// Whether something else held the database for too long: nothing was written and it may work later.
    pub fn is_busy(&self) -> bool {
        let Self::Database(error) = self else { return false };
        // SQLITE_BUSY and its kin; or others of ours stand in line before it.
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
        matches!(error, sqlx::Error::PoolTimedOut) || code.is_some_and(|code| code & 0xff == 5)
    }

    /// Whether the disk had no room: nothing was written and it may work later.
    pub fn is_disk_full(&self) -> bool {
        // 13 = SQLITE_FULL; 778 = SQLITE_IOERR_WRITE, what a size limit gives.
        matches!(self, Self::Database(sqlx::Error::Database(error))
            if matches!(error.code().as_deref(), Some("13" | "778")))
    }
}

/// A result of the store.
pub type Result<T> = std::result::Result<T, Error>;
/// A write transaction: begun immediately, so that it never fails half-way for want of the lock.
pub(crate) type Tx<'a> = sqlx::Transaction<'a, Sqlite>;

/// The database.
#[derive(Debug, Clone)]
pub struct Store {
    write: SqlitePool,
    read: SqlitePool,
    /// Who looks: clips that this person may not see are as if they were not there. None for the worker.
    eyes: Option<PersonId>,
}

impl Store {
    /// Opens the database at `path`, makes it when absent, and brings its schema up to date; of an older one a copy is
    /// put into `backups/` beside it first.
    pub async fn open(path: &Path) -> Result<Self> {
        Self::open_as_it_is(path).await.map_err(Error::or_damaged)
    }

    async fn open_as_it_is(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: a lost "sending" row is a clip paid for twice.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE)
            .foreign_keys(true)
            .pragma("journal_size_limit", "8388608");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options.clone())
            .await?;
        let version: String = sqlx::query("select sqlite_version()").fetch_one(&write).await?.try_get(0)?;
        let number = |v: &str| v.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>();
        if number(&version) < number(OLDEST_SQLITE) {
            return Err(Error::OldSqlite(version));
        }
        guard::before_migrations(path, &mut *write.acquire().await?).await?;
        kill_point!("migrate.copied");
        migrator().run(&write).await?;
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options.read_only(true).create_if_missing(false).pragma("query_only", "on"))
            .await?;
        let store = Self { write, read, eyes: None };
        store.name_shapes().await?;
        store.index_words().await?;
        Ok(store)
    }

    /// The same as this person sees it.
    pub fn seen_by(&self, person: PersonId) -> Self {
        Self { eyes: Some(person), ..self.clone() }
    }

    /// Whether the database answers.
    pub async fn answers(&self) -> Result<()> {
        sqlx::query("select 1").execute(&self.read).await?;
        Ok(())
    }

    /// Closes both pools; the write-ahead log is folded in.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    /// Begins a write.
    async fn begin(&self) -> Result<Tx<'_>> {
        let begun = self.write.begin_with(BEGIN).await;
        if matches!(begun, Err(sqlx::Error::InvalidSavePointStatement)) {
            // A full disk makes SQLite roll back by itself, of which sqlx does not hear: it believes for
            // ever to be inside a transaction, so that connection is put away.
            self.write.acquire().await?.close().await?;
            return Ok(self.write.begin_with(BEGIN).await?);
        }
        Ok(begun?)
    }
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS
        .iter()
        .map(|&(version, name, sql)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        })
        .collect::<Vec<_>>();
    Migrator { migrations: migrations.into(), ..Migrator::DEFAULT }
}

/// `$1, $2, …)` of these ids after an `in (`; they must not be none: SQL has no empty list.
fn among(sql: &mut QueryBuilder<Sqlite>, ids: &[GenerationId]) {
    let mut list = sql.separated(", ");
    for id in ids {
        list.push_bind(id.as_i64());
    }
    sql.push(")");
}

/// The column `id` of these rows.
fn ids(rows: &[SqliteRow]) -> Result<Vec<GenerationId>> {
    rows.iter().map(|row| Ok(GenerationId::from_i64(row.try_get("id")?))).collect()
}

/// What must be unique and is not is `Taken`.
fn taken(error: sqlx::Error) -> Error {
    let is_taken = error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation);
    if is_taken { Error::Taken } else { Error::Database(error) }
}

/// Reads a stored word as its type, or says where the odd one lies.
fn word<T: std::str::FromStr>(row: &SqliteRow, table: &'static str, column: &'static str) -> Result<T> {
    let value: String = row.try_get(column)?;
    value.parse().map_err(|_| Error::Inconsistent { table, column, id: row.try_get("id").unwrap_or(0), value })
}

/// Reads a stored number that must fit a narrower type.
fn number<T: TryFrom<i64>>(row: &SqliteRow, table: &'static str, column: &'static str) -> Result<T> {
    let value: i64 = row.try_get(column)?;
    T::try_from(value).map_err(|_| Error::Inconsistent {
        table,
        column,
        id: row.try_get("id").unwrap_or(0),
        value: value.to_string(),
    })
}
