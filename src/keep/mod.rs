//! Keeping: copies of a data folder, and a look at whether what it holds is whole. Works beside a running server where
//! it only reads; what changes something needs the folder for itself.

pub mod backup;
pub mod doctor;
pub mod import;
pub mod restore;

use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Folders of media below a data folder.
const MEDIA: [&str; 2] = ["library", "uploads"];
/// The name of the database in a data folder and in an archive.
const DATABASE: &str = "rushes.db";
/// The description that an archive begins with.
const MANIFEST: &str = "manifest.json";
/// The configuration in an archive, without keys.
const SETTINGS: &str = "settings/rushes.toml";

/// What an archive says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the archive.
    pub format: u32,
    /// The program that made it.
    pub rushes: String,
    /// The schema of its database.
    pub schema: i64,
    /// When it was made, in UTC.
    pub made_at: String,
    /// Files of media.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that rows name and that were not there.
    pub missing: Vec<String>,
}

/// Why keeping did not work, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// It will not do as it is.
    #[error("{0}")]
    Unfit(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] crate::store::Error),
    /// The folder.
    #[error(transparent)]
    Data(#[from] crate::files::DataError),
}

fn at(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    move |source| Error::File { path: path.display().to_string(), source }
}

/// Every file below a folder of a root, relative to the root with `/`; half-written ones are left out.
fn below(root: &Path, folder: &str) -> io::Result<Vec<(String, u64)>> {
    let (mut found, mut open) = (Vec::new(), vec![root.join(folder)]);
    while let Some(folder) = open.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let (path, about) = (entry.path(), entry.metadata()?);
            if about.is_dir() {
                open.push(path);
            } else if about.is_file() && path.extension().is_none_or(|end| end != "part") {
                let relative = path.strip_prefix(root).unwrap_or(&path);
                let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
                found.push((parts.join("/"), about.len()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies a file whole: beside its place, flushed, then renamed.
fn copy_whole(from: &Path, to: &Path) -> Result<(), Error> {
    let folder = to.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    std::fs::copy(from, &part).map_err(at(from))?;
    File::open(&part).and_then(|file| file.sync_all()).map_err(at(&part))?;
    std::fs::rename(&part, to).map_err(at(to))
}

/// Makes a rename last.
fn flush_folder(of: &Path) -> Result<(), Error> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}

/// A path of an archive that is one of ours and leads nowhere else.
fn ours(path: &Path) -> bool {
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    let text = path.to_string_lossy();
    plain
        && (matches!(text.as_ref(), DATABASE | MANIFEST | SETTINGS)
            || MEDIA.iter().any(|folder| text.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))))
}

/// Bytes as people read them.
pub fn bytes(many: u64) -> String {
    let (number, unit) = match many {
        0..1_000_000 => (many / 1_000, "kB"),
        1_000_000..10_000_000_000 => (many / 1_000_000, "MB"),
        _ => (many / 1_000_000_000, "GB"),
    };
    format!("{number} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_come_out_of_an_archive() {
        for good in ["rushes.db", "manifest.json", "settings/rushes.toml", "library/2026/11/a.mp4", "uploads/a"] {
            assert!(ours(Path::new(good)), "{good}");
        }
        for bad in ["../rushes.db", "/etc/passwd", "library/../../x", "library", "lock", "other/a", "./x", ""] {
            assert!(!ours(Path::new(bad)), "{bad}");
        }
    }
}
