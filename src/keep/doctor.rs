//! `rushes doctor`: whether files, rows and money agree; mends what is safe and says what it did. Deletes nothing but
//! the remains of downloads that ended.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::{Error, MEDIA, at, below, flush_folder};
use crate::clock::Clock;
use crate::domain::{GenerationId, Millis};
use crate::files::Files;
use crate::store::inventory::Inventory;
use crate::store::{Store, guard, inventory};

/// What is younger and unknown may be on its way.
const YOUNG: Duration = Duration::from_hours(24);

/// Something that is not as it should be.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// `missing_file`, `altered_file`, `orphan`, …
    pub code: &'static str,
    /// What it is, and what to do.
    pub words: String,
    /// Whether it was mended now.
    pub mended: bool,
}

/// How to look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes {
    /// Mend what is safe.
    pub repair: bool,
    /// Read every file through and compare its hash.
    pub full: bool,
}

/// The look at one folder.
struct Round<'a> {
    data: &'a Path,
    now: Millis,
    findings: Vec<Finding>,
}

/// Looks through a data folder; with `repair` no server may have it.
pub async fn look(data: &Path, wishes: Wishes, clock: &Clock) -> Result<Vec<Finding>, Error> {
    let database = Files::database_in(data);
    if !database.is_file() {
        return Err(Error::Unfit(format!("--data (RUSHES_DATA): there is no database in {}", data.display())));
    }
    let mut round = Round { data, now: clock.now(), findings: Vec::new() };
    let faults = match guard::inspect(&database).await {
        Ok(faults) => faults,
        Err(error) => vec![error.to_string()],
    };
    if !faults.is_empty() {
        for fault in faults {
            round.tell("database", format!("The database is damaged: {fault}. Restore a backup with rushes restore."));
        }
        // Rows of a damaged database tell nothing that one could act upon.
        return Ok(round.findings);
    }
    let rows = inventory::read(&database).await?;
    for (code, words) in &rows.contradictions {
        round.tell(code, words.clone());
    }
    let held = if wishes.repair { Some((Files::open(data)?, Store::open(&database).await?)) } else { None };
    let store = held.as_ref().map(|(_, store)| store);
    round.clips(&rows, wishes.full, store).await?;
    round.pictures(&rows);
    round.orphans(&rows, wishes.repair)?;
    round.remains(&rows, wishes.repair)?;
    if let Some((_files, store)) = held {
        store.close().await;
    }
    Ok(round.findings)
}

impl Round<'_> {
    fn tell(&mut self, code: &'static str, words: String) {
        self.findings.push(Finding { code, words, mended: false });
    }

    fn mended(&mut self, code: &'static str, words: String) {
        self.findings.push(Finding { code, words, mended: true });
    }

    async fn clips(&mut self, rows: &Inventory, full: bool, store: Option<&Store>) -> Result<(), Error> {
        for clip in &rows.clips {
            let path = self.data.join(&clip.file);
            match std::fs::metadata(&path) {
                Err(_) => self.tell(
                    "missing_file",
                    format!("{} of generation {} is not there. Put it back from a backup.", clip.file, clip.id),
                ),
                Ok(file) if file.len() != clip.size_bytes => self.tell(
                    "altered_file",
                    format!(
                        "{} has {} bytes, and had {}. Put it back from a backup.",
                        clip.file,
                        file.len(),
                        clip.size_bytes
                    ),
                ),
                Ok(_) if full && Files::hash(&path).is_ok_and(|(hash, _)| hash != clip.sha256) => {
                    self.tell("altered_file", format!("{} is not what it was. Put it back from a backup.", clip.file));
                }
                Ok(_) => {}
            }
            if let Some(poster) = clip.poster.as_ref().filter(|poster| !self.data.join(poster).is_file()) {
                let words = format!("{poster}, the still of generation {}, is not there.", clip.id);
                match store {
                    Some(store) => {
                        store.forget_poster(clip.id).await?;
                        self.mended("missing_poster", format!("{words} It is drawn again by the server."));
                    }
                    None => self.tell("missing_poster", format!("{words} rushes doctor --repair has it drawn again.")),
                }
            }
        }
        Ok(())
    }

    fn pictures(&mut self, rows: &Inventory) {
        let mut gone: Vec<&String> = rows.pictures.iter().filter(|path| !self.data.join(path).is_file()).collect();
        gone.sort();
        for path in gone {
            self.tell("missing_picture", format!("{path}, a picture that somebody uploaded, is not there."));
        }
    }

    /// Files that no row names. Mending puts them where nothing looks, and deletes nothing.
    fn orphans(&mut self, rows: &Inventory, repair: bool) -> Result<(), Error> {
        let mut named: HashSet<String> = rows.pictures.clone();
        for clip in &rows.clips {
            named.insert(clip.file.clone());
            named.insert(Files::beside(&clip.file, "json"));
            named.insert(Files::beside(&clip.file, "jpg"));
            named.extend(clip.poster.clone());
        }
        for folder in MEDIA {
            for (path, _) in below(self.data, folder).map_err(at(&self.data.join(folder)))? {
                if named.contains(&path) || self.is_young(&path) {
                    continue;
                }
                if !repair {
                    self.tell(
                        "orphan",
                        format!("No row names {path}. rushes doctor --repair moves it to lost+found/."),
                    );
                    continue;
                }
                let to = self.data.join("lost+found").join(&path);
                let place = to.parent().unwrap_or(self.data).to_owned();
                std::fs::create_dir_all(&place).map_err(at(&place))?;
                std::fs::rename(self.data.join(&path), &to).map_err(at(&to))?;
                flush_folder(&to)?;
                self.mended("orphan", format!("No row names {path}. It is in lost+found/ now."));
            }
        }
        Ok(())
    }

    /// What is left of downloads whose clips have ended.
    fn remains(&mut self, rows: &Inventory, repair: bool) -> Result<(), Error> {
        let folder = self.data.join("partial");
        let entries = std::fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let id = name.split('.').next().and_then(|id| id.parse::<GenerationId>().ok());
            let is_needed = id.is_none_or(|id| rows.moving.contains(&id));
            if is_needed {
                continue;
            }
            if repair {
                std::fs::remove_file(entry.path()).map_err(at(&entry.path()))?;
                self.mended("remains", format!("partial/{name}, the rest of a download that ended, is gone."));
            } else {
                let words =
                    format!("partial/{name} is the rest of a download that ended. rushes doctor --repair removes it.");
                self.tell("remains", words);
            }
        }
        Ok(())
    }

    /// Whether a file was written so lately that its row may be on its way.
    fn is_young(&self, path: &str) -> bool {
        let written = std::fs::metadata(self.data.join(path)).and_then(|file| file.modified());
        let since = written.ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        since.is_none_or(|since| self.now.since(Millis::default().after(since)) < YOUNG)
    }
}
