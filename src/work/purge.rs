//! The end of the trash: what lay there for 30 days goes, and the files of what was given up are removed.

use tracing::{info, warn};

use super::Worker;
use crate::domain::{Millis, pace};
use crate::files::Files;
use crate::kill::kill_point;
use crate::store;
use crate::store::trash::Remains;

/// Clips in one round, so that other work gets its turn.
const ROUND: u32 = 100;

impl Worker {
    /// Erases what lay in the trash long enough, and removes the files of what was erased.
    pub(super) async fn purge(&self) -> store::Result<()> {
        let parts = &self.0.parts;
        let kept = i64::try_from(pace::TRASH.as_millis()).unwrap_or(i64::MAX);
        let until = Millis::from_i64(parts.clock.now().as_i64().saturating_sub(kept));
        let gone = parts.store.erase(None, until, ROUND).await?;
        if gone > 0 {
            info!("{gone} clips were 30 days in the trash and are deleted for good");
        }
        let all = parts.store.erasing(ROUND).await?;
        for remains in all {
            let (files, id) = (parts.files.clone(), remains.id);
            let removed = tokio::task::spawn_blocking(move || remove(&files, &remains)).await;
            match removed {
                Ok(Ok(())) => {
                    kill_point!("purge.removed");
                    parts.store.erased(id).await?;
                }
                Ok(Err(error)) => warn!(generation.id = %id, "files of generation {id} could not be removed: {error}"),
                Err(_) => {}
            }
        }
        Ok(())
    }
}

fn remove(files: &Files, remains: &Remains) -> std::io::Result<()> {
    if let Some(file) = &remains.file {
        files.remove(&Files::beside(file, "json"))?;
        files.remove(file)?;
    }
    files.remove(&Files::sheet_path(remains.id))?;
    for path in remains.poster.iter().chain(&remains.reference).chain(&remains.pictures) {
        files.remove(path)?;
    }
    Ok(())
}
