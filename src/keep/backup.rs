//! `rushes backup`: the database, the media and the settings in one archive, or kept up to date in a folder.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use tar::{Builder, Header};

use super::{DATABASE, Error, MANIFEST, MEDIA, Manifest, SETTINGS, at, below, copy_whole, flush_folder};
use crate::clock::Clock;
use crate::files::Files;
use crate::store::{guard, inventory};

/// What was put away.
#[derive(Debug, Clone)]
pub struct Done {
    /// As the archive says of itself.
    pub manifest: Manifest,
    /// Files that were copied now: all of them, but for a folder that had some already.
    pub copied: u64,
    /// What is worth knowing.
    pub remarks: Vec<String>,
}

/// A settled copy of a database, gone when this is dropped.
struct Copy {
    path: std::path::PathBuf,
    schema: i64,
}

impl Drop for Copy {
    fn drop(&mut self) {
        // Whatever is left is swept by the next backup.
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn copy_of(data: &Path) -> Result<Copy, Error> {
    let database = Files::database_in(data);
    if !database.is_file() {
        let words = format!("--data (RUSHES_DATA): there is no database in {}", data.display());
        return Err(Error::Unfit(words));
    }
    let folder = data.join("backups");
    std::fs::create_dir_all(&folder).map_err(at(&folder))?;
    // One name: a copy that a kill left behind is written over.
    let path = folder.join("under-way.db");
    let schema = guard::snapshot(&database, &path).await?;
    Ok(Copy { path, schema })
}

fn stamp(clock: &Clock) -> String {
    let now = jiff::Timestamp::from_millisecond(clock.now().as_i64()).unwrap_or_default();
    now.strftime("%Y-%m-%dT%H-%M-%SZ").to_string()
}

/// Every file of media, with its length, and what rows name without its being there.
async fn media(data: &Path, copy: &Copy) -> Result<(Vec<(String, u64)>, Vec<String>), Error> {
    let rows = inventory::read(&copy.path).await?;
    let mut files = Vec::new();
    for folder in MEDIA {
        files.extend(below(data, folder).map_err(at(&data.join(folder)))?);
    }
    let there: HashSet<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    let named = rows.clips.iter().map(|clip| clip.file.as_str()).chain(rows.pictures.iter().map(String::as_str));
    let missing = named.filter(|path| !there.contains(path)).map(str::to_owned).collect();
    Ok((files, missing))
}

/// The settings without what opens an account elsewhere; none where keys cannot be told from the rest.
fn without_keys(text: &str) -> Option<String> {
    let secret = |line: &&str| {
        let key = line.split('=').next().unwrap_or_default().trim().trim_matches('"');
        matches!(key, "api_key" | "metrics_token")
    };
    let kept: Vec<&str> = text.lines().filter(|line| !secret(line)).collect();
    let kept = kept.join("\n") + "\n";
    let holds_key = |table: &toml::Table| table.contains_key("api_key") || table.contains_key("metrics_token");
    let read: toml::Table = kept.parse().ok()?;
    let upstreams = read.get("upstream").and_then(toml::Value::as_array);
    let clean = !holds_key(&read)
        && upstreams.is_none_or(|all| all.iter().filter_map(toml::Value::as_table).all(|one| !holds_key(one)));
    clean.then_some(kept)
}

fn manifest(copy: &Copy, files: &[(String, u64)], missing: Vec<String>, made_at: String) -> Manifest {
    Manifest {
        format: 1,
        rushes: env!("CARGO_PKG_VERSION").to_owned(),
        schema: copy.schema,
        made_at,
        files: u64::try_from(files.len()).unwrap_or(u64::MAX),
        bytes: files.iter().map(|(_, length)| *length).sum(),
        missing,
    }
}

fn remarks(manifest: &Manifest) -> Vec<String> {
    let mut remarks =
        vec!["Keys of upstreams are not in it: keep rushes.toml or the environment elsewhere.".to_owned()];
    if !manifest.missing.is_empty() {
        remarks.push(format!("{} files that rows name were not there; see rushes doctor.", manifest.missing.len()));
    }
    remarks
}

/// Writes an archive to a file, or to standard output for `-`. Nothing half-written is left under its name.
pub async fn to_file(
    data: &Path,
    to: &Path,
    settings: Option<&Path>,
    database_only: bool,
    clock: &Clock,
) -> Result<Done, Error> {
    let copy = copy_of(data).await?;
    let (files, missing) = media(data, &copy).await?;
    let files = if database_only { Vec::new() } else { files };
    let mut done = Done { manifest: manifest(&copy, &files, missing, stamp(clock)), copied: 0, remarks: Vec::new() };
    done.remarks = remarks(&done.manifest);
    let settings = settings.filter(|path| path.is_file());
    let settings = settings.map(|path| std::fs::read_to_string(path).map_err(at(path))).transpose()?;
    let kept = settings.as_deref().and_then(without_keys);
    if settings.is_some() && kept.is_none() {
        done.remarks.push("rushes.toml holds a key in a form that could not be taken out; it is not in it.".to_owned());
    }
    if to == Path::new("-") {
        write(data, &copy, &files, kept.as_deref(), &mut done, std::io::stdout().lock()).map_err(at(to))?;
        return Ok(done);
    }
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = std::path::PathBuf::from(part);
    let file = File::create(&part).map_err(at(&part))?;
    let written = write(data, &copy, &files, kept.as_deref(), &mut done, BufWriter::new(&file));
    if let Err(error) = written.and_then(|()| file.sync_all()) {
        let _ = std::fs::remove_file(&part);
        return Err(at(to)(error));
    }
    std::fs::rename(&part, to).map_err(at(to))?;
    flush_folder(to)?;
    Ok(done)
}

fn write(
    data: &Path,
    copy: &Copy,
    files: &[(String, u64)],
    settings: Option<&str>,
    done: &mut Done,
    to: impl Write,
) -> std::io::Result<()> {
    let mut archive = Builder::new(to);
    let add = |archive: &mut Builder<_>, name: &str, bytes: &[u8]| {
        let mut header = Header::new_gnu();
        header.set_size(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        header.set_mode(0o600);
        archive.append_data(&mut header, name, bytes)
    };
    let manifest = serde_json::to_vec_pretty(&done.manifest).map_err(std::io::Error::other)?;
    add(&mut archive, MANIFEST, &manifest)?;
    archive.append_file(DATABASE, &mut File::open(&copy.path)?)?;
    if let Some(settings) = settings {
        add(&mut archive, SETTINGS, settings.as_bytes())?;
    }
    for (name, _) in files {
        match File::open(data.join(name)) {
            Ok(mut file) => archive.append_file(name, &mut file)?,
            // The trash was emptied meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        }
        done.copied += 1;
    }
    archive.into_inner()?.flush()
}

/// Brings a folder up to date: a dated copy of the database, and those files of media that it does not have yet. What
/// it has stays, also when it is gone here.
pub async fn to_folder(data: &Path, to: &Path, clock: &Clock) -> Result<Done, Error> {
    std::fs::create_dir_all(to).map_err(at(to))?;
    let copy = copy_of(data).await?;
    let (files, missing) = media(data, &copy).await?;
    let stamp = stamp(clock);
    let mut done = Done { manifest: manifest(&copy, &files, missing, stamp.clone()), copied: 0, remarks: Vec::new() };
    done.remarks = remarks(&done.manifest);
    for (name, length) in &files {
        let place = to.join("media").join(name);
        if std::fs::metadata(&place).is_ok_and(|there| there.len() == *length) {
            continue;
        }
        match copy_whole(&data.join(name), &place) {
            Err(Error::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
            copied => {
                copied?;
                done.copied += 1;
            }
        }
    }
    // The database comes last: whatever it names is there already.
    copy_whole(&copy.path, &to.join(format!("rushes-{stamp}.db")))?;
    let text = serde_json::to_vec_pretty(&done.manifest).map_err(|error| Error::Unfit(error.to_string()))?;
    let about = to.join(format!("manifest-{stamp}.json"));
    std::fs::write(&about, text).map_err(at(&about))?;
    flush_folder(&about)?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_put_away_without_keys_or_not_at_all() {
        let text =
            "listen = \"127.0.0.1:1\"\n[[upstream]]\nname = \"a\"\napi_key = \"sk-secret\"\napi_key_env = \"KEY\"\n";
        let kept = without_keys(text).expect("it can be told apart");
        assert!(!kept.contains("sk-secret") && kept.contains("api_key_env") && kept.contains("listen"));
        let odd = "upstream = [{ name = \"a\", api_key = \"sk-secret\" }]\n";
        assert_eq!(without_keys(odd), None);
        assert_eq!(without_keys("metrics_token = \"abc\"\n").as_deref(), Some("\n"));
    }
}
