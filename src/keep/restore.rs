//! `rushes restore`: an archive or a folder of `rushes backup` becomes a data folder again, whole or not at all.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::{DATABASE, Error, MANIFEST, MEDIA, Manifest, SETTINGS, at, below, copy_whole, flush_folder, ours};
use crate::clock::Clock;
use crate::files::Files;
use crate::store::{Store, guard, inventory};

/// The longest description that is read.
const LONGEST_MANIFEST: u64 = 64 * 1024 * 1024;

/// What was brought back.
#[derive(Debug, Clone)]
pub struct Done {
    /// As the archive said of itself.
    pub made_at: String,
    /// Files of media.
    pub files: u64,
    /// Clips that were in line and are not sent by themselves.
    pub held: usize,
    /// Files that rows name and that are not there, or are not as long as they were.
    pub lacking: Vec<String>,
    /// Where the folder is that was there before.
    pub aside: Option<PathBuf>,
}

/// How to restore.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes {
    /// A folder that is there is moved aside.
    pub force: bool,
    /// Each file is read through and compared.
    pub verify: bool,
}

/// Restores into a data folder that is not there, or empty.
pub async fn restore(from: &Path, data: &Path, wishes: Wishes, clock: &Clock) -> Result<Done, Error> {
    let is_there = std::fs::read_dir(data).is_ok_and(|mut entries| entries.next().is_some());
    if is_there && !wishes.force {
        return Err(Error::Unfit(format!(
            "{} is not empty. Choose another folder with --data, or move it aside with --force",
            data.display()
        )));
    }
    if is_there && data.join("lock").is_file() {
        // Refuses while a server has it; let go before it is moved.
        drop(Files::open(data)?);
    }
    let name = data.file_name().map_or_else(|| "data".to_owned(), |name| name.to_string_lossy().into_owned());
    let beside = |what: &str| data.with_file_name(format!("{name}.{what}"));
    let fresh = beside("restoring");
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh).map_err(at(&fresh))?;
    }
    std::fs::create_dir_all(&fresh).map_err(at(&fresh))?;
    let done = match fill(from, &fresh, wishes, clock).await {
        Ok(done) => done,
        Err(error) => {
            let _ = std::fs::remove_dir_all(&fresh);
            return Err(error);
        }
    };
    let aside = beside(&format!("before-{}", clock.now().as_i64()));
    if is_there {
        std::fs::rename(data, &aside).map_err(at(data))?;
    } else if data.exists() {
        std::fs::remove_dir(data).map_err(at(data))?;
    }
    std::fs::rename(&fresh, data).map_err(at(data))?;
    flush_folder(data)?;
    Ok(Done { aside: is_there.then_some(aside), ..done })
}

async fn fill(from: &Path, fresh: &Path, wishes: Wishes, clock: &Clock) -> Result<Done, Error> {
    let made_at = if from.is_dir() { from_folder(from, fresh)? } else { unpack(from, fresh)? };
    let database = Files::database_in(fresh);
    if !database.is_file() {
        return Err(Error::Unfit(format!("{} holds no database of Rushes", from.display())));
    }
    let faults = guard::inspect(&database).await?;
    if let Some(first) = faults.first() {
        return Err(Error::Unfit(format!("the database in {} is damaged: {first}", from.display())));
    }
    let store = Store::open(&database).await?;
    let words = format!(
        "It was in line when the backup of {made_at} was made, and may have been made since. Look in the upstream's \
         list before you queue it again."
    );
    let held = store.settle_restored(clock.now(), &words).await?;
    store.close().await;
    let rows = inventory::read(&database).await?;
    let mut lacking = Vec::new();
    for clip in &rows.clips {
        let path = fresh.join(&clip.file);
        let is_whole = std::fs::metadata(&path).is_ok_and(|file| file.len() == clip.size_bytes)
            && (!wishes.verify || Files::hash(&path).is_ok_and(|(hash, _)| hash == clip.sha256));
        if !is_whole {
            lacking.push(clip.file.clone());
        }
    }
    lacking.extend(rows.pictures.iter().filter(|path| !fresh.join(path).is_file()).cloned());
    let mut files = 0;
    for folder in MEDIA {
        let many = below(fresh, folder).map_err(at(fresh))?.len();
        files += u64::try_from(many).unwrap_or(u64::MAX);
    }
    Ok(Done { made_at, files, held, lacking, aside: None })
}

/// Takes an archive apart; when it was made.
fn unpack(from: &Path, fresh: &Path) -> Result<String, Error> {
    let broken = |error: std::io::Error| Error::Unfit(format!("{} is no whole backup: {error}", from.display()));
    let file = File::open(from).map_err(at(from))?;
    let mut archive = tar::Archive::new(BufReader::new(file));
    let mut made_at = None;
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let path = entry.path().map_err(broken)?.into_owned();
        if !entry.header().entry_type().is_file() || !ours(&path) {
            return Err(Error::Unfit(format!(
                "{} holds {}, which no backup of Rushes has. Nothing was restored",
                from.display(),
                path.display()
            )));
        }
        if path == Path::new(MANIFEST) {
            let mut text = Vec::new();
            (&mut entry).take(LONGEST_MANIFEST).read_to_end(&mut text).map_err(broken)?;
            let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| broken(error.into()))?;
            if manifest.format != 1 {
                return Err(Error::Unfit(format!("{} was made by a newer Rushes", from.display())));
            }
            made_at = Some(manifest.made_at);
            continue;
        }
        if made_at.is_none() {
            return Err(Error::Unfit(format!("{} does not begin as a backup of Rushes does", from.display())));
        }
        let name = if path == Path::new(SETTINGS) { Path::new("rushes.toml") } else { &path };
        let to = fresh.join(name);
        let folder = to.parent().unwrap_or(fresh);
        std::fs::create_dir_all(folder).map_err(at(folder))?;
        let declared = entry.header().size().map_err(broken)?;
        let mut out = File::create_new(&to).map_err(at(&to))?;
        let copied = std::io::copy(&mut entry, &mut out).map_err(broken)?;
        if copied != declared {
            return Err(Error::Unfit(format!("{} breaks off within {}", from.display(), path.display())));
        }
        out.sync_all().map_err(at(&to))?;
    }
    made_at.ok_or_else(|| Error::Unfit(format!("{} is no backup of Rushes", from.display())))
}

/// The newest database of a folder and all of its media; when it was made.
fn from_folder(from: &Path, fresh: &Path) -> Result<String, Error> {
    let entries = std::fs::read_dir(from).map_err(at(from))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let dated = names.filter_map(|name| Some(name.strip_prefix("rushes-")?.strip_suffix(".db")?.to_owned()));
    let Some(newest) = dated.max() else {
        return Err(Error::Unfit(format!("{} holds no database of rushes backup", from.display())));
    };
    let media = from.join("media");
    for folder in MEDIA {
        for (name, _) in below(&media, folder).map_err(at(&media))? {
            copy_whole(&media.join(&name), &fresh.join(&name))?;
        }
    }
    copy_whole(&from.join(format!("rushes-{newest}.db")), &fresh.join(DATABASE))?;
    Ok(newest)
}
