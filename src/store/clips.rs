//! A generation as pages and the worker read it: the `clip` view, one row a clip.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use tracing::error;

use super::{Error, Result, Store, number, word};
use crate::domain::{
    GenerationId, Millis, Operation, Options, PersonId, Pixels, Reason, Seconds, State, StoryboardId, TaskId, Usd,
    Visibility,
};

const VIEW: &str = "clip";
/// The upstream that uploads are stored under; no configured one may have this name.
pub const UPLOAD: &str = "upload";
/// The upstream that makes clips of other clips on this machine.
pub const FFMPEG: &str = "ffmpeg";

/// A generation with what its task says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    /// The generation.
    pub id: GenerationId,
    /// Its task.
    pub task: TaskId,
    /// Which variation of its task, from 1.
    pub take: u8,
    /// The upstream's name in the configuration.
    pub upstream: String,
    /// What forms post for the model.
    pub model_key: String,
    /// The model as the upstream calls it.
    pub model: String,
    /// The model as people saw it.
    pub model_label: String,
    /// The prompt.
    pub prompt: String,
    /// The size asked for.
    pub size: Pixels,
    /// The length asked for.
    pub seconds: Seconds,
    /// How many takes its task has.
    pub variations: u8,
    /// The reference image, relative to the data folder.
    pub reference: Option<String>,
    /// What one clip costs; none when nobody said.
    pub price: Option<Usd>,
    /// When Create was pressed.
    pub created_at: Millis,
    /// Where it stands.
    pub state: State,
    /// What the state has no word for.
    pub reason: Option<Reason>,
    /// The upstream's words, or ours about it.
    pub words: Option<String>,
    /// The upstream's code.
    pub code: Option<String>,
    /// 0 to 100, where the upstream tells.
    pub progress: Option<u8>,
    /// What makes this take differ, where the model takes a seed.
    pub seed: u64,
    /// The job's id at the upstream.
    pub upstream_id: Option<String>,
    /// Where the upstream said the file is.
    pub source_url: Option<String>,
    /// Until when the upstream keeps the file.
    pub expires_at: Option<Millis>,
    /// Paid so far.
    pub cost: Usd,
    /// Failures in a row of the present step.
    pub failures: u32,
    /// A person stopped waiting for it.
    pub let_go: bool,
    /// When the worker looks at it next.
    pub due_at: Millis,
    /// When it joined the line, the last time.
    pub queued_at: Millis,
    /// When its create was last sent.
    pub submitted_at: Option<Millis>,
    /// When the upstream accepted it.
    pub accepted_at: Option<Millis>,
    /// When the upstream reported its end.
    pub rendered_at: Option<Millis>,
    /// When it reached a final state.
    pub ended_at: Option<Millis>,
    /// The file, once it is safe.
    pub file: Option<ClipFile>,
    /// The poster, relative to the data folder.
    pub poster: Option<String>,
    /// When it was put in the trash.
    pub deleted_at: Option<Millis>,
    /// Who made it.
    pub person: PersonId,
    /// What a person calls it; empty for none.
    pub title: String,
    /// What a person wrote about it; empty for nothing.
    pub notes: String,
    /// Picked among the takes of its task.
    pub is_best: bool,
    /// How many tasks began with its prompt.
    pub remixes: u32,
    /// Its place in line; lower goes first.
    pub turn: i64,
    /// Deleted for good: only the record of money is left.
    pub is_erased: bool,
    /// The clip that it was made of, or whose prompt its own began with.
    pub parent: Option<GenerationId>,
    /// How it came to be.
    pub operation: Operation,
    /// Wishes beyond prompt, size and length.
    pub options: Options,
    /// What ffmpeg does, as JSON, where it is that which makes it.
    pub recipe: Option<String>,
    /// The storyboard it was made from.
    pub storyboard: Option<StoryboardId>,
    /// Who sees it.
    pub visibility: Visibility,
    /// When its turn comes.
    pub lane: Lane,
    /// How much of it whoever looks may see.
    pub sight: Sight,
}

/// When a clip's turn comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// With everybody's.
    Ordinary,
    /// When nothing else waits.
    Relaxed,
}

/// How much of a clip is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// All of it.
    Whole,
    /// Where it stands.
    Veiled,
}

/// A clip's file on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClipFile {
    /// Relative to the data folder.
    pub path: String,
    /// Its media type.
    pub mime: String,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// Its hash, in hexadecimal.
    pub sha256: String,
    /// Its real size in pixels, where it could be read.
    pub size: Option<(u32, u32)>,
    /// Its real length in milliseconds, where it could be read.
    pub duration_ms: Option<u64>,
}

fn moment(row: &SqliteRow, column: &str) -> Result<Option<Millis>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Millis::from_i64))
}

fn optional<T: TryFrom<i64>>(row: &SqliteRow, column: &'static str) -> Result<Option<T>> {
    let value: Option<i64> = row.try_get(column)?;
    Ok(value.and_then(|value| T::try_from(value).ok()))
}

/// A task's options; what an older or a newer Rushes wrote is read as far as it is known.
pub(super) fn options(row: &SqliteRow) -> Result<Options> {
    let text: String = row.try_get("options")?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

impl Clip {
    /// What people call it: its title, or else its prompt.
    pub fn name(&self) -> &str {
        if self.title.is_empty() { &self.prompt } else { &self.title }
    }

    /// The prompt as it goes out, with what a style, a remix or an extension adds.
    pub fn sent_prompt(&self) -> String {
        self.options.sent(self.operation, &self.prompt)
    }

    /// Whether it is somebody else's who keeps it private: nothing but its place in the queue is here.
    pub fn is_veiled(&self) -> bool {
        self.sight == Sight::Veiled
    }

    /// Whether it runs only when nothing else waits.
    pub fn is_relaxed(&self) -> bool {
        self.lane == Lane::Relaxed
    }

    /// Whether this server makes it of other clips, so that nothing is paid.
    pub fn is_local(&self) -> bool {
        self.upstream == FFMPEG
    }

    /// Whether a person uploaded it, so that it was never generated here.
    pub fn is_upload(&self) -> bool {
        self.upstream == UPLOAD
    }

    pub(super) fn read(row: &SqliteRow) -> Result<Self> {
        let id: i64 = row.try_get("id")?;
        let odd = |column, value: String| Error::Inconsistent { table: VIEW, column, id, value };
        let reason: Option<String> = row.try_get("reason")?;
        let reason = reason.map(|r| r.parse().map_err(|_| odd("reason", r))).transpose()?;
        let (wide, high) = (number(row, VIEW, "asked_wide")?, number(row, VIEW, "asked_high")?);
        let seconds: u16 = number(row, VIEW, "seconds")?;
        Ok(Self {
            id: GenerationId::from_i64(id),
            task: TaskId::from_i64(row.try_get("task_id")?),
            take: number(row, VIEW, "take")?,
            upstream: row.try_get("upstream")?,
            model_key: row.try_get("model_key")?,
            model: row.try_get("model")?,
            model_label: row.try_get("model_label")?,
            prompt: row.try_get("prompt")?,
            size: Pixels::new(wide, high).ok_or_else(|| odd("asked_wide", format!("{wide}x{high}")))?,
            seconds: Seconds::new(seconds).ok_or_else(|| odd("seconds", seconds.to_string()))?,
            variations: number(row, VIEW, "variations")?,
            reference: row.try_get("reference")?,
            price: row.try_get::<Option<i64>, _>("price_micros")?.map(Usd::from_micros),
            created_at: Millis::from_i64(row.try_get("created_at")?),
            state: word(row, VIEW, "state")?,
            reason,
            words: row.try_get("words")?,
            code: row.try_get("code")?,
            progress: optional(row, "progress")?,
            seed: number(row, VIEW, "seed")?,
            upstream_id: row.try_get("upstream_id")?,
            source_url: row.try_get("source_url")?,
            expires_at: moment(row, "expires_at")?,
            cost: Usd::from_micros(row.try_get("cost_micros")?),
            failures: number(row, VIEW, "failures")?,
            let_go: row.try_get::<i64, _>("let_go")? != 0,
            due_at: Millis::from_i64(row.try_get("due_at")?),
            queued_at: Millis::from_i64(row.try_get("queued_at")?),
            submitted_at: moment(row, "submitted_at")?,
            accepted_at: moment(row, "accepted_at")?,
            rendered_at: moment(row, "rendered_at")?,
            ended_at: moment(row, "ended_at")?,
            file: Self::file(row)?,
            poster: row.try_get::<Option<String>, _>("poster")?.filter(|path| !path.is_empty()),
            deleted_at: moment(row, "deleted_at")?,
            person: PersonId::from_i64(row.try_get("person_id")?),
            title: row.try_get("title")?,
            notes: row.try_get("notes")?,
            is_best: row.try_get::<i64, _>("is_best")? != 0,
            remixes: number(row, VIEW, "remixes")?,
            turn: row.try_get("turn")?,
            is_erased: row.try_get::<Option<i64>, _>("erased")?.is_some(),
            parent: row.try_get::<Option<i64>, _>("parent_id")?.map(GenerationId::from_i64),
            operation: word(row, VIEW, "operation")?,
            options: options(row)?,
            recipe: row.try_get("recipe")?,
            storyboard: row.try_get::<Option<i64>, _>("storyboard_id")?.map(StoryboardId::from_i64),
            visibility: word(row, VIEW, "visibility")?,
            lane: if row.try_get::<i64, _>("relaxed")? == 0 { Lane::Ordinary } else { Lane::Relaxed },
            sight: Sight::Whole,
        })
    }

    fn file(row: &SqliteRow) -> Result<Option<ClipFile>> {
        let Some(path) = row.try_get("file")? else { return Ok(None) };
        let size = optional(row, "wide")?.zip(optional(row, "high")?);
        Ok(Some(ClipFile {
            path,
            mime: row.try_get::<Option<String>, _>("mime")?.unwrap_or_else(|| "video/mp4".to_owned()),
            size_bytes: number(row, VIEW, "size_bytes")?,
            sha256: row.try_get::<Option<String>, _>("sha256")?.unwrap_or_default(),
            size,
            duration_ms: optional(row, "duration_ms")?,
        }))
    }
}

impl Clip {
    /// What others may know of a clip that is kept private: where it stands.
    fn veiled(self) -> Self {
        Self {
            prompt: String::new(),
            title: String::new(),
            notes: String::new(),
            reference: None,
            words: None,
            code: None,
            upstream_id: None,
            source_url: None,
            file: None,
            poster: None,
            parent: None,
            options: Options::default(),
            recipe: None,
            storyboard: None,
            sight: Sight::Veiled,
            ..self
        }
    }
}

/// Each row is told once in a run: lists are read over and over.
fn told_once(error: &Error) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    const MOST: usize = 1_000;
    let words = error.to_string();
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if told.len() < MOST && told.insert(words.clone()) {
        error!("left out: {words}; rushes doctor looks at all of them");
    }
}

/// Those of these rows that make sense. One that does not, since something else wrote into the database, must not hold
/// up the others.
pub(super) fn legible<T>(read: impl Iterator<Item = Result<T>>) -> Result<Vec<T>> {
    let mut all = Vec::new();
    for one in read {
        match one {
            Ok(one) => all.push(one),
            Err(error @ (Error::Inconsistent { .. } | Error::Database(sqlx::Error::ColumnDecode { .. }))) => {
                told_once(&error);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

impl Store {
    fn shows(&self, clip: &Clip) -> bool {
        self.eyes.is_none_or(|person| clip.visibility == Visibility::Team || clip.person == person)
    }

    /// Those of these rows that whoever looks may see.
    pub(super) fn seen(&self, rows: &[SqliteRow]) -> Result<Vec<Clip>> {
        let clips = rows.iter().map(Clip::read);
        legible(clips.filter(|clip| !clip.as_ref().is_ok_and(|clip| !self.shows(clip))))
    }

    /// All of these rows; of what whoever looks may not see, only where it stands.
    pub(super) fn seen_or_veiled(&self, rows: &[SqliteRow]) -> Result<Vec<Clip>> {
        legible(rows.iter().map(|row| Clip::read(row).map(|clip| self.veil(clip))))
    }

    fn veil(&self, clip: Clip) -> Clip {
        if self.shows(&clip) { clip } else { clip.veiled() }
    }

    /// One clip, in the trash or not.
    pub async fn clip(&self, id: GenerationId) -> Result<Option<Clip>> {
        let row = sqlx::query("select * from clip where id = $1").bind(id.as_i64()).fetch_optional(&self.read).await?;
        Ok(row.as_ref().map(Clip::read).transpose()?.filter(|clip| self.shows(clip)))
    }

    /// One clip, or where it stands.
    pub async fn clip_or_veiled(&self, id: GenerationId) -> Result<Option<Clip>> {
        let row = sqlx::query("select * from clip where id = $1").bind(id.as_i64()).fetch_optional(&self.read).await?;
        Ok(row.as_ref().map(Clip::read).transpose()?.map(|clip| self.veil(clip)))
    }

    /// A task's clips that are not in the trash, by take.
    pub async fn clips_of(&self, task: TaskId) -> Result<Vec<Clip>> {
        let rows = sqlx::query("select * from clip where task_id = $1 and deleted_at is null order by take")
            .bind(task.as_i64())
            .fetch_all(&self.read)
            .await?;
        self.seen(&rows)
    }

    /// Clips of the wall that move by themselves, or ended after `since`; newest first.
    pub async fn lively(&self, since: Millis, limit: u32) -> Result<Vec<Clip>> {
        let rows = sqlx::query(
            "select * from clip where deleted_at is null and id in (
                 select id from generation
                 where state in ('queued', 'submitting', 'in_progress', 'downloading', 'uncertain')
                 union all
                 select id from generation where ended_at is not null and ended_at > $1
             ) order by id desc limit $2",
        )
        .bind(since.as_i64())
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        self.seen(&rows)
    }

    /// What a person made and did not delete, by id, past that one; uploads are not among it.
    pub async fn made_by(
        &self,
        person: PersonId,
        after: Option<GenerationId>,
        ascends: bool,
        limit: u32,
    ) -> Result<Vec<Clip>> {
        // Ids first, by the index; then the rows of this page alone.
        let sql = if ascends {
            "select id from generation where person_id = $1 and deleted_at is null and upstream <> 'upload' and id > $2
             order by id limit $3"
        } else {
            "select id from generation where person_id = $1 and deleted_at is null and upstream <> 'upload' and id < $2
             order by id desc limit $3"
        };
        let end = if ascends { 0 } else { i64::MAX };
        let rows = sqlx::query(sql)
            .bind(person.as_i64())
            .bind(after.map_or(end, GenerationId::as_i64))
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await?;
        self.clips(&super::ids(&rows)?).await
    }

    /// The takes of these tasks, in order.
    pub async fn takes_of(&self, tasks: &[TaskId]) -> Result<std::collections::HashMap<TaskId, Vec<GenerationId>>> {
        let mut found = std::collections::HashMap::<TaskId, Vec<GenerationId>>::new();
        if tasks.is_empty() {
            return Ok(found);
        }
        let mut sql =
            sqlx::QueryBuilder::<sqlx::sqlite::Sqlite>::new("select task_id, id from generation where task_id in (");
        let mut list = sql.separated(", ");
        for task in tasks {
            list.push_bind(task.as_i64());
        }
        sql.push(") order by task_id, take");
        for row in sql.build().fetch_all(&self.read).await? {
            let task = TaskId::from_i64(row.try_get("task_id")?);
            found.entry(task).or_default().push(GenerationId::from_i64(row.try_get("id")?));
        }
        Ok(found)
    }

    /// The newest task whose token begins so, if it is not older: the token and the task.
    pub async fn task_marked(&self, begins: &str, since: Millis) -> Result<Option<(String, TaskId)>> {
        // The first text that is larger than all that begin so.
        let end = format!("{begins}\u{10ffff}");
        let row = sqlx::query(
            "select token, id from task where token >= $1 and token < $2 and created_at >= $3
             order by created_at desc, id desc limit 1",
        )
        .bind(begins)
        .bind(end)
        .bind(since.as_i64())
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((row.try_get("token")?, TaskId::from_i64(row.try_get("id")?))))
    }
}
