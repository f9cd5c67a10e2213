//! What clips were made of, and what was made of them.

use super::clips::Clip;
use super::{Result, Store};
use crate::domain::{GenerationId, TaskId};

impl Store {
    /// The clips that a task is made of, in order; or the one whose prompt it began with.
    pub async fn sources_of(&self, task: TaskId) -> Result<Vec<Clip>> {
        let rows = sqlx::query(
            "select clip.* from source join clip on clip.id = source.generation_id
             where source.task_id = $1 and clip.erased is null order by source.position",
        )
        .bind(task.as_i64())
        .fetch_all(&self.read)
        .await?;
        if !rows.is_empty() {
            return self.seen(&rows);
        }
        let rows = sqlx::query(
            "select clip.* from task join clip on clip.id = task.parent_id where task.id = $1 and clip.erased is null",
        )
        .bind(task.as_i64())
        .fetch_all(&self.read)
        .await?;
        self.seen(&rows)
    }

    /// What was made of a clip or with its prompt, newest first: one clip of each take.
    pub async fn made_of(&self, id: GenerationId, limit: u32) -> Result<Vec<Clip>> {
        let rows = sqlx::query(
            "select * from clip where deleted_at is null and task_id in (
                 select task_id from source where generation_id = $1
                 union
                 select id from task where parent_id = $1
             ) order by id desc limit $2",
        )
        .bind(id.as_i64())
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        self.seen(&rows)
    }
}
