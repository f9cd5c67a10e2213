//! Tasks: what was asked for with one press of Create.

use sqlx::Row;

use super::clips::{ClipFile, UPLOAD};
use super::{Error, Result, Store, Tx, ledger, words};
use crate::domain::plan::Asked;
use crate::domain::{
    GenerationId, Millis, Model, Operation, Options, PersonId, Pixels, Prompt, Seconds, StoryboardId, TaskId, Usd,
    Visibility,
};

/// A task about to be written, with its generations.
#[derive(Debug)]
pub struct NewTask<'a> {
    /// Its id.
    pub id: TaskId,
    /// The form's one-time token, if it had one.
    pub token: Option<&'a str>,
    /// What to make.
    pub prompt: &'a Prompt,
    /// By which model.
    pub model: &'a Model,
    /// Frame size.
    pub size: Pixels,
    /// Length.
    pub seconds: Seconds,
    /// The reference image, relative to the data folder.
    pub reference: Option<&'a str>,
    /// The price of one clip, where it is known.
    pub price: Option<Usd>,
    /// Who asks.
    pub person: PersonId,
    /// Who sees it.
    pub visibility: Visibility,
    /// The clip whose prompt this begins with, where it is not made of one.
    pub parent: Option<GenerationId>,
    /// The clips it is made of, in order: it waits for them.
    pub sources: &'a [GenerationId],
    /// How it comes to be.
    pub operation: Operation,
    /// Wishes beyond prompt, size and length.
    pub options: &'a Options,
    /// What ffmpeg does, as JSON.
    pub recipe: Option<&'a str>,
    /// The storyboard it comes from.
    pub storyboard: Option<StoryboardId>,
    /// What people shall call its clips; empty for none.
    pub title: &'a str,
    /// This moment.
    pub now: Millis,
    /// Its takes in order, each with its seed.
    pub takes: &'a [(GenerationId, u64)],
}

/// What became of a new task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is in the queue.
    New(TaskId),
    /// The same form was sent before; this is what it made.
    Before(TaskId),
}

/// A file that a person brought, as a clip that is finished from the start.
#[derive(Debug)]
pub struct NewUpload<'a> {
    /// Its task.
    pub task: TaskId,
    /// Its clip.
    pub id: GenerationId,
    /// The name it had; found by searches.
    pub name: &'a str,
    /// Its size in pixels.
    pub size: Pixels,
    /// Its length; 1 s for a picture.
    pub seconds: Seconds,
    /// The file, in its place.
    pub file: &'a ClipFile,
    /// Its still, where there is one already.
    pub poster: Option<&'a str>,
    /// Who brings it.
    pub person: PersonId,
    /// Who sees it.
    pub visibility: Visibility,
    /// This moment.
    pub now: Millis,
}

impl Store {
    /// Writes a task and its generations in one go, unless its token made one before.
    pub async fn add_task(&self, task: &NewTask<'_>) -> Result<Written> {
        let mut tx = self.begin().await?;
        let written = add(&mut tx, task).await?;
        tx.commit().await?;
        Ok(written)
    }

    /// Writes many tasks in one go, each unless its token made one before.
    pub async fn add_tasks(&self, tasks: &[NewTask<'_>]) -> Result<Vec<Written>> {
        let mut tx = self.begin().await?;
        let mut written = Vec::with_capacity(tasks.len());
        for task in tasks {
            written.push(add(&mut tx, task).await?);
        }
        tx.commit().await?;
        Ok(written)
    }

    /// Writes an upload.
    pub async fn add_upload(&self, upload: &NewUpload<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let (now, seconds) = (upload.now.as_i64(), i64::from(upload.seconds.get()));
        let (wide, high) = (i64::from(upload.size.wide()), i64::from(upload.size.high()));
        sqlx::query(
            "insert into task (id, prompt, upstream, model_key, model, model_label, wide, high, seconds, variations,
                 price_micros, created_at, person_id)
             values ($1, $2, $3, $3, $3, 'Upload', $4, $5, $6, 1, 0, $7, $8)",
        )
        .bind(upload.task.as_i64())
        .bind(upload.name)
        .bind(UPLOAD)
        .bind(wide)
        .bind(high)
        .bind(seconds)
        .bind(now)
        .bind(upload.person.as_i64())
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "insert into generation (id, task_id, take, upstream, model_key, seconds, state, seed, due_at, queued_at,
                 ended_at, progress, file, mime, size_bytes, sha256, wide, high, duration_ms, poster, person_id,
                 aspect, turn, visibility)
             values ($1, $2, 1, $3, $3, $4, 'completed', 0, $5, $5, $5, 100, $6, $7, $8, $9, $10, $11, $12, $13, $14,
                 $15, $1, $16)",
        )
        .bind(upload.id.as_i64())
        .bind(upload.task.as_i64())
        .bind(UPLOAD)
        .bind(seconds)
        .bind(now)
        .bind(&upload.file.path)
        .bind(&upload.file.mime)
        .bind(i64::try_from(upload.file.size_bytes).unwrap_or(i64::MAX))
        .bind(&upload.file.sha256)
        .bind(upload.file.size.map_or(wide, |(wide, _)| i64::from(wide)))
        .bind(upload.file.size.map_or(high, |(_, high)| i64::from(high)))
        .bind(upload.file.duration_ms.and_then(|ms| i64::try_from(ms).ok()))
        .bind(upload.poster)
        .bind(upload.person.as_i64())
        .bind(upload.size.aspect())
        .bind(upload.visibility.as_str())
        .execute(&mut *tx)
        .await?;
        words::index(&mut tx, upload.id, upload.name, "", "", true).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn add(tx: &mut Tx<'_>, task: &NewTask<'_>) -> Result<Written> {
    if let Some(token) = task.token {
        let before = sqlx::query("select id, person_id from task where token = $1")
            .bind(token)
            .fetch_optional(&mut **tx)
            .await?;
        if let Some(row) = before {
            if row.try_get::<i64, _>("person_id")? != task.person.as_i64() {
                return Err(Error::Stale);
            }
            return Ok(Written::Before(TaskId::from_i64(row.try_get("id")?)));
        }
    }
    let asked = Asked {
        clips: u32::try_from(task.takes.len()).unwrap_or(u32::MAX),
        seconds: task.seconds,
        each: task.price,
        model: &task.model.key,
        size: task.size,
    };
    let relaxed = ledger::allow(tx, task.person, &task.model.upstream, &asked, task.now).await?;
    let now = task.now.as_i64();
    let parent = task.sources.first().copied().or(task.parent);
    sqlx::query(
        "insert into task (id, token, prompt, upstream, model_key, model, model_label, wide, high, seconds,
             variations, reference, price_micros, created_at, person_id, parent_id, operation, options, recipe,
             storyboard_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
    )
    .bind(task.id.as_i64())
    .bind(task.token)
    .bind(task.prompt.as_str())
    .bind(&task.model.upstream)
    .bind(&task.model.key)
    .bind(&task.model.id)
    .bind(&task.model.label)
    .bind(i64::from(task.size.wide()))
    .bind(i64::from(task.size.high()))
    .bind(i64::from(task.seconds.get()))
    .bind(i64::try_from(task.takes.len()).unwrap_or(0))
    .bind(task.reference)
    .bind(task.price.map(Usd::micros))
    .bind(now)
    .bind(task.person.as_i64())
    .bind(parent.map(GenerationId::as_i64))
    .bind(task.operation.as_str())
    .bind(serde_json::to_string(task.options).unwrap_or_else(|_| "{}".to_owned()))
    .bind(task.recipe)
    .bind(task.storyboard.map(StoryboardId::as_i64))
    .execute(&mut **tx)
    .await?;
    for (number, (id, seed)) in (1_i64..).zip(task.takes) {
        sqlx::query(
            "insert into generation (id, task_id, take, upstream, model_key, seconds, state, seed, due_at, queued_at,
                 person_id, aspect, title, turn, visibility, relaxed)
             values ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $8, $9, $10, $11, $1, $12, $13)",
        )
        .bind(id.as_i64())
        .bind(task.id.as_i64())
        .bind(number)
        .bind(&task.model.upstream)
        .bind(&task.model.key)
        .bind(i64::from(task.seconds.get()))
        .bind(i64::try_from(*seed).unwrap_or(i64::MAX))
        .bind(now)
        .bind(task.person.as_i64())
        .bind(task.size.aspect())
        .bind(task.title)
        .bind(task.visibility.as_str())
        .bind(i64::from(relaxed))
        .execute(&mut **tx)
        .await?;
        ledger::reserve(tx, *id, task.now).await?;
        words::index(tx, *id, task.prompt.as_str(), task.title, "", true).await?;
    }
    for (position, source) in (1_i64..).zip(task.sources) {
        sqlx::query("insert into source (task_id, position, generation_id) values ($1, $2, $3)")
            .bind(task.id.as_i64())
            .bind(position)
            .bind(source.as_i64())
            .execute(&mut **tx)
            .await?;
    }
    let rest = task.sources.get(1..).unwrap_or_default();
    for (place, used) in parent.iter().chain(rest).enumerate() {
        // A clip may be among its own sources twice; it was used by one task all the same.
        if task.sources.iter().take(place).any(|before| before == used) {
            continue;
        }
        sqlx::query("update generation set remixes = remixes + 1 where id = $1")
            .bind(used.as_i64())
            .execute(&mut **tx)
            .await?;
    }
    Ok(Written::New(task.id))
}
