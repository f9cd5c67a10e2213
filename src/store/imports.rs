//! Clips that come from elsewhere: finished from the start, with what is known of them.

use super::{Result, Store, ledger, words};
use crate::domain::{GenerationId, Millis, PersonId, Pixels, Seconds, TaskId, Usd, Visibility};
use crate::store::clips::ClipFile;

/// A finished clip that another library had.
#[derive(Debug)]
pub struct NewImport<'a> {
    /// The task it had, or a new one.
    pub task: TaskId,
    /// The id it had, or a new one; another near it where that is taken.
    pub id: GenerationId,
    /// Which of its task's variations it is.
    pub take: u8,
    /// The prompt.
    pub prompt: &'a str,
    /// What people call it; empty for none.
    pub title: &'a str,
    /// Who made it.
    pub upstream: &'a str,
    /// By which model.
    pub model: &'a str,
    /// The size asked for.
    pub size: Pixels,
    /// The length asked for.
    pub seconds: Seconds,
    /// Its seed.
    pub seed: u64,
    /// The upstream's own id.
    pub upstream_id: Option<&'a str>,
    /// What it cost.
    pub cost: Usd,
    /// When it was asked for.
    pub created_at: Millis,
    /// Its file, in its place.
    pub file: &'a ClipFile,
    /// Its still, where there is one.
    pub poster: Option<&'a str>,
    /// Whose it is.
    pub person: PersonId,
    /// Who sees it.
    pub visibility: Visibility,
}

impl Store {
    /// Writes an imported clip with its record of money; the id it has now.
    pub async fn add_import(&self, new: &NewImport<'_>) -> Result<GenerationId> {
        let mut tx = self.begin().await?;
        let at = new.created_at.as_i64();
        let mut id = new.id.as_i64();
        while sqlx::query("select 1 from generation where id = $1").bind(id).fetch_optional(&mut *tx).await?.is_some() {
            id += 1;
        }
        let mut task = new.task.as_i64();
        // The task is there when another of its takes came before; another one's id is left alone.
        loop {
            let fits = sqlx::query(
                "select 1 from task where id = $1 and (prompt <> $2 or person_id <> $3
                     or exists (select 1 from generation g where g.task_id = task.id and g.take = $4))",
            )
            .bind(task)
            .bind(new.prompt)
            .bind(new.person.as_i64())
            .bind(i64::from(new.take))
            .fetch_optional(&mut *tx)
            .await?
            .is_none();
            if fits {
                break;
            }
            task += 1;
        }
        sqlx::query(
            "insert into task (id, prompt, upstream, model_key, model, model_label, wide, high, seconds, variations,
                 price_micros, created_at, person_id)
             values ($1, $2, $3, $4, $4, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (id) do update set
                 variations = max(task.variations, excluded.variations)",
        )
        .bind(task)
        .bind(new.prompt)
        .bind(new.upstream)
        .bind(new.model)
        .bind(i64::from(new.size.wide()))
        .bind(i64::from(new.size.high()))
        .bind(i64::from(new.seconds.get()))
        .bind(i64::from(new.take.clamp(1, 4)))
        .bind(new.cost.micros())
        .bind(at)
        .bind(new.person.as_i64())
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "insert into generation (id, task_id, take, upstream, model_key, seconds, state, seed, due_at, queued_at,
                 ended_at, progress, file, mime, size_bytes, sha256, wide, high, duration_ms, poster, person_id,
                 aspect, turn, visibility, title, upstream_id, cost_micros)
             values ($1, $2, $3, $4, $5, $6, 'completed', $7, $8, $8, $8, 100, $9, $10, $11, $12, $13, $14, $15, $16,
                 $17, $18, $1, $19, $20, $21, $22)",
        )
        .bind(id)
        .bind(task)
        .bind(i64::from(new.take))
        .bind(new.upstream)
        .bind(new.model)
        .bind(i64::from(new.seconds.get()))
        .bind(i64::try_from(new.seed).unwrap_or(0))
        .bind(at)
        .bind(&new.file.path)
        .bind(&new.file.mime)
        .bind(i64::try_from(new.file.size_bytes).unwrap_or(i64::MAX))
        .bind(&new.file.sha256)
        .bind(new.file.size.map(|(wide, _)| i64::from(wide)))
        .bind(new.file.size.map(|(_, high)| i64::from(high)))
        .bind(new.file.duration_ms.and_then(|ms| i64::try_from(ms).ok()))
        .bind(new.poster)
        .bind(new.person.as_i64())
        .bind(new.size.aspect())
        .bind(new.visibility.as_str())
        .bind(new.title)
        .bind(new.upstream_id)
        .bind(new.cost.micros())
        .execute(&mut *tx)
        .await?;
        let id = GenerationId::from_i64(id);
        // It was paid for when it was made; the record says so at that time.
        ledger::reserve(&mut tx, id, new.created_at).await?;
        ledger::end(&mut tx, id, "settle", new.created_at).await?;
        words::index(&mut tx, id, new.prompt, new.title, "", true).await?;
        tx.commit().await?;
        Ok(id)
    }
}
