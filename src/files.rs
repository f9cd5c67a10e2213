//! The data folder: where everything lies, and how it gets there whole. Names are made of ids,
//! dates and a plain slug of the prompt, never of what somebody sent.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::{GenerationId, Millis, PresetId, Prompt, StoryboardId, TaskId};
use crate::kill::kill_point;

/// Below this many free bytes nothing new is sent, unless told otherwise.
const FLOOR_BYTES: u64 = 256 * 1024 * 1024;

/// Whether a write failed for want of room, by the disk, a quota or a limit: it may work later.
pub fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(error.kind(), Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge)
}

/// Why a data folder cannot be used, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// It cannot be made or written to.
    #[error("--data (RUSHES_DATA): cannot use {folder}: {source}")]
    Unusable {
        /// The folder.
        folder: String,
        /// Why.
        source: io::Error,
    },
    /// Another process has it open.
    #[error("--data (RUSHES_DATA): {0} is in use by another Rushes; stop that one first, or choose another folder")]
    InUse(String),
}

/// The data folder of this process.
#[derive(Debug, Clone)]
pub struct Files {
    root: Arc<Path>,
    // Below so many free bytes nothing new is sent: a clip that is paid for must find room.
    floor_bytes: u64,
    // Held for as long as anything uses the folder.
    _lock: Arc<File>,
}

impl Files {
    /// Opens the folder for this process alone, and makes what is missing in it.
    pub fn open(folder: &Path) -> Result<Self, DataError> {
        let unusable = |source| DataError::Unusable { folder: folder.display().to_string(), source };
        for below in ["library", "uploads", "partial", "animatic", "ffmpeg"] {
            std::fs::create_dir_all(folder.join(below)).map_err(unusable)?;
        }
        let root = folder.canonicalize().map_err(unusable)?;
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(root.join("lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DataError::InUse(folder.display().to_string())),
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        // A folder that can be listed but not written to shows itself now, not at the first clip.
        let probe = root.join("partial").join("probe");
        File::create(&probe).and_then(|mut file| file.write_all(b"ok")).map_err(unusable)?;
        std::fs::remove_file(&probe).map_err(unusable)?;
        Ok(Self { root: root.into(), floor_bytes: FLOOR_BYTES, _lock: Arc::new(lock) })
    }

    /// The same, where new work stops with less than so many bytes free on the disk; none for the usual.
    pub fn keeping_free(self, floor_bytes: Option<u64>) -> Self {
        Self { floor_bytes: floor_bytes.unwrap_or(self.floor_bytes), ..self }
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        Self::database_in(&self.root)
    }

    /// The database of a data folder that another process may hold.
    pub fn database_in(root: &Path) -> PathBuf {
        root.join("rushes.db")
    }

    /// Where the animatic keeps its jobs.
    pub fn animatic(&self) -> PathBuf {
        self.root.join("animatic")
    }

    /// Where ffmpeg's jobs are kept.
    pub fn ffmpeg(&self) -> PathBuf {
        self.root.join("ffmpeg")
    }

    /// A path that a row names, below the data folder.
    pub fn at(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where a download grows.
    pub fn part(&self, id: GenerationId) -> PathBuf {
        self.root.join("partial").join(format!("{id}.part"))
    }

    /// What is known of a growing download, so that it can go on.
    pub fn part_note(&self, id: GenerationId) -> PathBuf {
        self.root.join("partial").join(format!("{id}.etag"))
    }

    /// A fresh place for an upload that is being received.
    pub fn incoming(&self, noise: u64) -> PathBuf {
        self.root.join("partial").join(format!("upload-{noise:016x}.part"))
    }

    /// Whether there is room for new work; unknown counts as yes.
    pub fn has_room(&self) -> bool {
        fs4::available_space(&self.root).map_or(true, |free| free >= self.floor_bytes)
    }

    /// Free bytes below which there is no room for new work.
    pub const fn floor_bytes(&self) -> u64 {
        self.floor_bytes
    }

    /// Where a clip will lie: `library/2026/11/a-lighthouse-at-dusk-<id>.mp4`.
    pub fn clip_path(id: GenerationId, prompt: &str, created: Millis, extension: &str) -> String {
        format!("library/{}/{}-{id}.{extension}", month(created), Prompt::slug(prompt))
    }

    /// Where frames of a clip on one sheet are kept once they were drawn.
    pub fn sheet_path(id: GenerationId) -> String {
        format!("cache/{id}.jpg")
    }

    /// The path of something that belongs to a clip: its sidecar or poster.
    pub fn beside(clip: &str, extension: &str) -> String {
        let stem = clip.rsplit_once('.').map_or(clip, |(stem, _)| stem);
        format!("{stem}.{extension}")
    }

    /// Where a task's pictures lie: the reference image is number 0.
    pub fn upload_path(task: TaskId, created: Millis, number: u8, extension: &str) -> String {
        let number = if number == 0 { String::new() } else { format!("-{number}") };
        format!("uploads/{}/{task}{number}.{extension}", month(created))
    }

    /// Where a style's picture lies. Each one has another name, since browsers keep what they have seen.
    pub fn style_path(id: PresetId, noise: u32, extension: &str) -> String {
        format!("uploads/styles/{id}-{noise:08x}.{extension}")
    }

    /// Where a picture of a storyboard lies.
    pub fn card_path(id: StoryboardId, noise: u64, extension: &str) -> String {
        format!("uploads/storyboards/{id}-{noise:016x}.{extension}")
    }

    /// A file's SHA-256 in hexadecimal and its length in bytes. Blocking.
    pub fn hash(path: &Path) -> io::Result<(String, u64)> {
        let mut file = File::open(path)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        let mut length = 0_u64;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hasher.update(&buffer[..read]);
            length = length.saturating_add(u64::try_from(read).unwrap_or(0));
        }
        Ok((format!("{:x}", hasher.finalize()), length))
    }

    /// Where something that a person uploaded lies: `uploads/2026/11/harbour-<id>.mp4`.
    pub fn brought_path(id: GenerationId, name: &str, at: Millis, extension: &str) -> String {
        format!("uploads/{}/{}-{id}.{extension}", month(at), Prompt::slug(name))
    }

    /// Free bytes on the disk of the data folder, where that can be told.
    pub fn free_bytes(&self) -> Option<u64> {
        fs4::available_space(&self.root).ok()
    }

    /// Removes a file that a row names; one that is gone already is no error. Blocking.
    pub fn remove(&self, relative: &str) -> io::Result<()> {
        match std::fs::remove_file(self.root.join(relative)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Puts a finished file in its place: durable before this returns. Blocking.
    pub fn settle(&self, from: &Path, relative: &str) -> io::Result<()> {
        let to = self.root.join(relative);
        let folder = to.parent().unwrap_or(&self.root);
        if !folder.is_dir() {
            std::fs::create_dir_all(folder)?;
            // A new month's folder is itself an entry of one that must not be lost.
            for above in folder.ancestors().skip(1).take_while(|above| above.starts_with(&self.root)) {
                File::open(above)?.sync_all()?;
            }
        }
        File::open(from)?.sync_all()?;
        kill_point!("settle.flushed");
        match std::fs::rename(from, &to) {
            // The library may be a disk of its own.
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy_over(from, &to)?,
            renamed => renamed?,
        }
        kill_point!("settle.renamed");
        File::open(folder)?.sync_all()
    }

    /// Writes a small file beside a clip, whole or not at all. Blocking.
    pub fn write_json(&self, relative: &str, value: &impl Serialize) -> io::Result<()> {
        let to = self.root.join(relative);
        let part = to.with_extension("json.part");
        let mut file = File::create(&part)?;
        serde_json::to_writer_pretty(&mut file, value)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        std::fs::rename(part, to)
    }

    /// Removes uploads that were never finished. Blocking; at start only, when none can be growing.
    pub fn sweep(&self) -> io::Result<()> {
        for entry in std::fs::read_dir(self.root.join("partial"))? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("upload-") {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// Moves a file to another disk: whole and durable before it has its name there.
fn copy_over(from: &Path, to: &Path) -> io::Result<()> {
    let mut beside = to.as_os_str().to_owned();
    beside.push(".part");
    let copied = std::fs::copy(from, &beside).and_then(|_| File::open(&beside)?.sync_all());
    if let Err(error) = copied.and_then(|()| std::fs::rename(&beside, to)) {
        let _ = std::fs::remove_file(&beside);
        return Err(error);
    }
    std::fs::remove_file(from)
}

/// `2026/11` of a moment, in UTC, so that a file keeps its place when the server moves.
fn month(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at.as_i64())
        .map_or_else(|_| "1970/01".to_owned(), |at| at.strftime("%Y/%m").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_lies_under_its_month_with_its_first_words() {
        let at = Millis::from_i64(1_795_300_000_000);
        let id = GenerationId::from_i64(42);
        let path = Files::clip_path(id, "A boat, ../at dusk", at, "mp4");
        assert_eq!(path, format!("library/2026/11/a-boat-at-dusk-{id}.mp4"));
        assert_eq!(Files::beside(&path, "json"), format!("library/2026/11/a-boat-at-dusk-{id}.json"));
    }
}
