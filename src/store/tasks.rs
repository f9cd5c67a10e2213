//! Tasks: what was asked for with one press of Create.

use sqlx::Row;

use super::{Result, Store};
use crate::domain::{GenerationId, Millis, Model, Pixels, Prompt, Seconds, TaskId, Usd};

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

impl Store {
    /// Writes a task and its generations in one go, unless its token made one before.
    pub async fn add_task(&self, task: &NewTask<'_>) -> Result<Written> {
        let mut tx = self.begin().await?;
        if let Some(token) = task.token {
            let before =
                sqlx::query("select id from task where token = $1").bind(token).fetch_optional(&mut *tx).await?;
            if let Some(row) = before {
                return Ok(Written::Before(TaskId::from_i64(row.try_get("id")?)));
            }
        }
        let now = task.now.as_i64();
        sqlx::query(
            "insert into task (id, token, prompt, upstream, model_key, model, model_label, wide, high, seconds,
                 variations, reference, price_micros, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
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
        .execute(&mut *tx)
        .await?;
        for (number, (id, seed)) in (1_i64..).zip(task.takes) {
            sqlx::query(
                "insert into generation (id, task_id, take, upstream, model_key, seconds, state, seed, due_at, queued_at)
                 values ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $8)",
            )
            .bind(id.as_i64())
            .bind(task.id.as_i64())
            .bind(number)
            .bind(&task.model.upstream)
            .bind(&task.model.key)
            .bind(i64::from(task.seconds.get()))
            .bind(i64::try_from(*seed).unwrap_or(i64::MAX))
            .bind(now)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(Written::New(task.id))
    }

    /// Whether there is such a task, with or without clips left.
    pub async fn has_task(&self, id: TaskId) -> Result<bool> {
        let row = sqlx::query("select 1 from task where id = $1").bind(id.as_i64()).fetch_optional(&self.read).await?;
        Ok(row.is_some())
    }
}
