//! Rows of a library that never was, for benches and screenshots: written without the worker's steps.

use super::{Result, Store, words};
use crate::domain::{FolderId, GenerationId, PersonId, Pixels, State, TaskId};

/// A real file that many seeded clips share.
#[derive(Debug, Clone)]
pub struct SeedFile {
    /// Relative to the data folder.
    pub path: String,
    /// Its still, likewise.
    pub still: String,
    /// Width in pixels.
    pub wide: u16,
    /// Height in pixels.
    pub high: u16,
    /// Its hash, in hexadecimal.
    pub sha256: String,
    /// Its length in bytes.
    pub size_bytes: u64,
}

/// A task with its clips.
#[derive(Debug)]
pub struct Seed {
    /// Its id.
    pub task: TaskId,
    /// Its clips.
    pub takes: Vec<GenerationId>,
    /// Where each stands.
    pub states: Vec<State>,
    /// An upstream that nobody configured.
    pub upstream: &'static str,
    /// The model's key and id.
    pub model: &'static str,
    /// The model's label.
    pub label: &'static str,
    /// The prompt.
    pub prompt: String,
    /// The title; empty for none.
    pub title: String,
    /// The length in seconds.
    pub seconds: u16,
    /// What one clip costs, in micro-dollars.
    pub price_micros: i64,
    /// What it shows.
    pub file: SeedFile,
    /// Why those that failed did: reason, code, words.
    pub reason: (&'static str, &'static str, &'static str),
    /// When it was asked for, in ms since 1970 UTC.
    pub at: i64,
    /// Its first clip is a favorite.
    pub is_favorite: bool,
    /// Its first clip is the best take.
    pub is_best: bool,
    /// Where its clips lie.
    pub folder: Option<FolderId>,
    /// When its clips were put in the trash, in ms since 1970 UTC.
    pub deleted_at: Option<i64>,
}

impl Store {
    /// Writes seeded tasks in one go.
    pub async fn seed(&self, tasks: &[Seed]) -> Result<()> {
        let mut tx = self.begin().await?;
        for seed in tasks {
            let size = Pixels::new(seed.file.wide * 2, seed.file.high * 2).unwrap_or(Pixels::HD);
            sqlx::query(
                "insert into task (id, prompt, upstream, model_key, model, model_label, wide, high, seconds,
                     variations, price_micros, created_at)
                 values ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11)",
            )
            .bind(seed.task.as_i64())
            .bind(&seed.prompt)
            .bind(seed.upstream)
            .bind(seed.model)
            .bind(seed.label)
            .bind(i64::from(size.wide()))
            .bind(i64::from(size.high()))
            .bind(i64::from(seed.seconds))
            .bind(i64::try_from(seed.takes.len()).unwrap_or(1))
            .bind(seed.price_micros)
            .bind(seed.at)
            .execute(&mut *tx)
            .await?;
            for (place, (id, state)) in seed.takes.iter().zip(&seed.states).enumerate() {
                let (done, ended) = (*state == State::Completed, state.is_final());
                let failed = *state == State::Failed;
                let is_best = seed.is_best && place == 0 && done;
                sqlx::query(
                    "insert into generation (id, task_id, take, upstream, model_key, seconds, state, reason, code,
                         words, progress, seed, upstream_id, cost_micros, due_at, queued_at, submitted_at,
                         accepted_at, rendered_at, ended_at, file, mime, size_bytes, sha256, wide, high,
                         duration_ms, poster, deleted_at, aspect, title, is_best, turn)
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $13, $14, $14, $15, $16, $17,
                         $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $1)",
                )
                .bind(id.as_i64())
                .bind(seed.task.as_i64())
                .bind(i64::try_from(place + 1).unwrap_or(1))
                .bind(seed.upstream)
                .bind(seed.model)
                .bind(i64::from(seed.seconds))
                .bind(state.as_str())
                .bind(match state {
                    State::Failed => Some(seed.reason.0),
                    State::Uncertain => Some("no_answer"),
                    State::Queued
                    | State::Submitting
                    | State::InProgress
                    | State::Downloading
                    | State::Completed
                    | State::Canceled => None,
                })
                .bind(failed.then_some(seed.reason.1))
                .bind(failed.then_some(seed.reason.2))
                .bind(done.then_some(100_i64))
                .bind(done.then(|| format!("seed-{id}")))
                .bind(if done { seed.price_micros } else { 0 })
                .bind(seed.at)
                .bind((*state != State::Queued).then_some(seed.at + 1_000))
                .bind(done.then_some(seed.at + 2_000))
                .bind(done.then_some(seed.at + 60_000))
                .bind(ended.then_some(seed.at + 61_000))
                .bind(done.then_some(seed.file.path.as_str()))
                .bind(done.then_some("video/mp4"))
                .bind(done.then(|| i64::try_from(seed.file.size_bytes).unwrap_or(i64::MAX)))
                .bind(done.then_some(seed.file.sha256.as_str()))
                .bind(done.then_some(i64::from(seed.file.wide)))
                .bind(done.then_some(i64::from(seed.file.high)))
                .bind(done.then_some(4_000_i64))
                .bind(done.then_some(seed.file.still.as_str()))
                .bind(seed.deleted_at.filter(|_| ended))
                .bind(size.aspect())
                .bind(&seed.title)
                .bind(i64::from(is_best))
                .execute(&mut *tx)
                .await?;
                words::index(&mut tx, *id, &seed.prompt, &seed.title, "", true).await?;
                if let Some(folder) = seed.folder {
                    sqlx::query("insert into folder_clip (folder_id, generation_id, created_at) values ($1, $2, $3)")
                        .bind(folder.as_i64())
                        .bind(id.as_i64())
                        .bind(seed.at)
                        .execute(&mut *tx)
                        .await?;
                }
                if seed.is_favorite && place == 0 && done {
                    sqlx::query("insert into favorite (person_id, generation_id, created_at) values ($1, $2, $3)")
                        .bind(PersonId::FIRST.as_i64())
                        .bind(id.as_i64())
                        .bind(seed.at)
                        .execute(&mut *tx)
                        .await?;
                }
            }
        }
        tx.commit().await?;
        Ok(())
    }
}
