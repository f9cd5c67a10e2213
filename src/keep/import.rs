//! `rushes import`: clips of another library, or of this one without its database, become clips again. What is here
//! already is known by its hash and passed over, so that an import can be run again until nothing is left.

mod about;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde::Serialize;

use self::about::{Notes, moment};
use super::{Error, at};
use crate::clock::Clock;
use crate::domain::{
    FolderId, GenerationId, Millis, PersonId, Pixels, Prompt, Seconds, Sidecar, TaskId, Usd, Visibility,
};
use crate::files::Files;
use crate::media::known::{self, Known};
use crate::store::clips::ClipFile;
use crate::store::folders::Folder;
use crate::store::imports::NewImport;
use crate::store::{self, Store, inventory};

/// Who made what came without a word about it.
const ELSEWHERE: &str = "imported";
/// Ends of names that are looked at.
const MEDIA: [&str; 8] = ["mp4", "mov", "m4v", "webm", "png", "jpg", "jpeg", "webp"];
/// The longest sidecar or manifest that is read, in bytes.
const LONGEST_NOTE: u64 = 64 * 1024 * 1024;
/// Characters of a title or a folder's name.
const LONGEST_NAME: usize = 200;

/// How to import.
#[derive(Debug, Clone, Copy)]
pub struct Wishes<'a> {
    /// Say what would be done, and do nothing.
    pub dry_run: bool,
    /// Whose they become; none for the first owner.
    pub user: Option<&'a str>,
    /// Who sees them.
    pub visibility: Visibility,
}

/// A file that was not taken, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Refused {
    /// Below the folder.
    pub file: String,
    /// A sentence.
    pub why: String,
}

/// What came of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Done {
    /// Clips that are in the library now, or would be.
    pub imported: u64,
    /// Clips that were there already.
    pub known: u64,
    /// Folders that clips were put in, by name.
    pub folders: Vec<String>,
    /// What was not taken.
    pub refused: Vec<Refused>,
}

/// One import under way.
struct Round<'a> {
    from: PathBuf,
    root: PathBuf,
    files: Option<Files>,
    store: Option<Store>,
    wishes: Wishes<'a>,
    person: PersonId,
    now: Millis,
    hashes: HashMap<String, GenerationId>,
    // Two clips of one library may be alike to the last byte: those that tell who they are, are known by that.
    ids: HashSet<(String, String)>,
    folders: HashMap<String, FolderId>,
    done: Done,
}

/// Imports a folder. No server may have the data folder, unless nothing is written.
pub async fn import(data: &Path, from: &Path, wishes: Wishes<'_>, clock: &Clock) -> Result<Done, Error> {
    if !from.is_dir() {
        return Err(Error::Unfit(format!("{}: there is no such folder", from.display())));
    }
    let database = Files::database_in(data);
    let (mut files, mut opened) = (None, None);
    if !wishes.dry_run {
        std::fs::create_dir_all(data).map_err(at(data))?;
        files = Some(Files::open(data)?);
        opened = Some(Store::open(&database).await?);
    }
    let person = match (&opened, wishes.user) {
        (Some(store), user) => owner(store, user).await?,
        (None, _) => PersonId::FIRST,
    };
    let known = if database.is_file() { inventory::read(&database).await?.clips } else { Vec::new() };
    let mut round = Round {
        from: from.canonicalize().map_err(at(from))?,
        root: data.canonicalize().unwrap_or_else(|_| data.to_owned()),
        files,
        store: opened,
        wishes,
        person,
        now: clock.now(),
        ids: known.iter().map(|clip| (clip.id.to_string(), clip.sha256.clone())).collect(),
        hashes: known.into_iter().map(|clip| (clip.sha256, clip.id)).collect(),
        folders: HashMap::new(),
        done: Done::default(),
    };
    let mut all = media_below(&round.from).map_err(at(from))?;
    let notes = Notes::of(&round.from, &all.notes);
    // Those with words beside them come first: of two copies the one that tells more is taken.
    all.media.sort_by_key(|file| !round.from.join(format!("{}.txt", stem(file))).is_file());
    for file in &all.media {
        match round.take(file, &notes).await {
            Ok(true) => round.done.imported += 1,
            Ok(false) => {}
            Err(Fault::Unfit(why)) => round.done.refused.push(Refused { file: file.clone(), why }),
            Err(Fault::Stop(error)) => return Err(error),
        }
    }
    if let Some(store) = &round.store {
        store.close().await;
    }
    round.done.folders.sort();
    Ok(round.done)
}

async fn owner(store: &Store, user: Option<&str>) -> Result<PersonId, Error> {
    if let Some(name) = user {
        let found = store.person_named(name).await?;
        return found
            .map(|person| person.id)
            .ok_or_else(|| Error::Unfit(format!("there is nobody called {name:?}; see rushes user list")));
    }
    let people = store.people().await?;
    let first = people.iter().find(|person| person.id == PersonId::FIRST).or_else(|| people.first());
    first.map(|person| person.id).ok_or_else(|| Error::Unfit("say whose they become with --user NAME".to_owned()))
}

/// Why one file is not taken, or why nothing goes on.
enum Fault {
    Unfit(String),
    Stop(Error),
}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Self {
        Self::Stop(Error::Store(error))
    }
}

/// A folder's media and notes about them, relative to it and in order.
#[derive(Default)]
struct Below {
    media: Vec<String>,
    notes: Vec<String>,
}

fn media_below(from: &Path) -> std::io::Result<Below> {
    let mut found = Below::default();
    for (path, _) in super::below(from, "")? {
        let hidden = path.split('/').any(|part| part.starts_with('.'));
        let end = path.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
        if hidden || path.starts_with("partial/") || path.starts_with("lost+found/") {
            continue;
        }
        if MEDIA.contains(&end.as_str()) {
            found.media.push(path);
        } else if end == "json" {
            found.notes.push(path);
        }
    }
    // What the still of a clip is can be told by the clip beside it.
    let films: HashSet<String> = found.media.iter().filter(|path| !is_picture(path)).map(|path| stem(path)).collect();
    found.media.retain(|path| !is_picture(path) || !films.contains(&stem(path.trim_end_matches(".still.jpg"))));
    Ok(found)
}

fn is_picture(path: &str) -> bool {
    ["png", "jpg", "jpeg", "webp"].iter().any(|end| path.to_ascii_lowercase().ends_with(&format!(".{end}")))
}

fn stem(path: &str) -> String {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem).to_owned()
}

fn short(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}

/// A small text file; none when it is not there, not text or too long.
fn text_of(path: &Path) -> Option<String> {
    let about = std::fs::metadata(path).ok().filter(|about| about.is_file() && about.len() <= LONGEST_NOTE);
    about.and_then(|_| std::fs::read(path).ok()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

impl Round<'_> {
    /// Takes one file in; false when it is here already.
    async fn take(&mut self, file: &str, notes: &Notes) -> Result<bool, Fault> {
        let path = self.from.join(file);
        let known = known::look(&path).map_err(|error| Fault::Unfit(error.to_string()))?;
        let (sha256, size_bytes) = Files::hash(&path).map_err(|error| Fault::Unfit(error.to_string()))?;
        let beside = text_of(&self.from.join(format!("{}.json", stem(file))));
        let sidecar = beside.and_then(|text| serde_json::from_str::<Sidecar>(&text).ok());
        if sidecar.as_ref().is_some_and(|sidecar| sidecar.sha256 != sha256) {
            return Err(Fault::Unfit("it is not what its sidecar says: altered or cut off".to_owned()));
        }
        let here = match &sidecar {
            Some(sidecar) => !self.ids.insert((sidecar.generation.clone(), sha256.clone())),
            None => self.hashes.contains_key(&sha256),
        };
        if here {
            self.done.known += 1;
            // A copy in another collection is the same clip in one more folder.
            if let (None, Some(folder), Some(id)) = (&sidecar, collection(file), self.hashes.get(&sha256).copied()) {
                self.put(&folder, id).await?;
            }
            return Ok(false);
        }
        let clip_file = ClipFile {
            path: String::new(),
            mime: known.mime.to_owned(),
            size_bytes,
            sha256,
            size: known.size,
            duration_ms: known.duration_ms,
        };
        match sidecar {
            Some(sidecar) => self.own(&path, known, clip_file, sidecar).await?,
            None => self.foreign(file, &path, known, clip_file, notes).await?,
        }
        Ok(true)
    }

    /// Puts the file where clips lie, unless it lies there. Its path below the data folder.
    fn place(&self, path: &Path, wanted: String) -> Result<String, Fault> {
        let Some(files) = &self.files else { return Ok(wanted) };
        if let Ok(here) = path.strip_prefix(&self.root) {
            let here = here.to_string_lossy().into_owned();
            if here.starts_with("library/") || here.starts_with("uploads/") {
                return Ok(here);
            }
        }
        let part = files.incoming(rand::random());
        let settled = std::fs::copy(path, &part).and_then(|_| files.settle(&part, &wanted));
        if settled.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        settled.map_err(|error| Fault::Stop(at(path)(error)))?;
        Ok(wanted)
    }

    /// A clip of Rushes, as its sidecar tells.
    async fn own(&mut self, path: &Path, known: Known, mut file: ClipFile, told: Sidecar) -> Result<(), Fault> {
        let created = told.created_at.as_deref().and_then(moment).unwrap_or(self.now);
        let id = told.generation.parse().unwrap_or_else(|_| id_of(created, &file.sha256));
        let task = told.task.parse().unwrap_or_else(|_| TaskId::from_i64(id.as_i64()));
        file.path = self.place(path, Files::clip_path(id, &told.prompt, created, known.extension))?;
        let still = Files::beside(&file.path, "jpg");
        let (Some(files), Some(store)) = (&self.files, &self.store) else { return Ok(()) };
        let prompt = Prompt::parse(&told.prompt).map_err(|error| Fault::Unfit(error.to_string()))?;
        let new = NewImport {
            task,
            id,
            take: told.take.max(1),
            prompt: prompt.as_str(),
            title: "",
            upstream: &told.upstream,
            model: &told.model,
            size: told.size_asked.parse().unwrap_or_else(|_| Pixels::of(known.size)),
            seconds: Seconds::new(told.seconds_asked).unwrap_or_else(|| Seconds::of(known.duration_ms)),
            seed: told.seed,
            upstream_id: told.upstream_id.as_deref(),
            cost: told.cost_usd.parse().unwrap_or(Usd::ZERO),
            created_at: created,
            file: &file,
            poster: files.at(&still).is_file().then_some(still.as_str()),
            person: self.person,
            visibility: self.wishes.visibility,
        };
        let id = store.add_import(&new).await?;
        let told = Sidecar { generation: id.to_string(), file: file.path.clone(), ..told };
        self.describe(&told)
    }

    fn describe(&self, told: &Sidecar) -> Result<(), Fault> {
        let Some(files) = &self.files else { return Ok(()) };
        let beside = Files::beside(&told.file, "json");
        files.write_json(&beside, told).map_err(|error| Fault::Stop(at(Path::new(&beside))(error)))
    }

    /// A clip of another tool: what a text beside it and a manifest tell, or else its name and its date.
    async fn foreign(
        &mut self,
        name: &str,
        path: &Path,
        known: Known,
        mut file: ClipFile,
        notes: &Notes,
    ) -> Result<(), Fault> {
        let about = notes.about(name, text_of(&self.from.join(format!("{}.txt", stem(name)))).as_deref());
        let written = std::fs::metadata(path).and_then(|file| file.modified()).ok();
        let written = written.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let created = about.created.or_else(|| written.map(|since| Millis::default().after(since))).unwrap_or(self.now);
        let created = created.clamp(Millis::default(), self.now);
        let base = name.rsplit('/').next().unwrap_or(name);
        let cut: String = about.prompt.unwrap_or_default().chars().take(Prompt::MOST).collect();
        let prompt = Prompt::parse(&cut).or_else(|_| Prompt::parse(&stem(base)));
        let prompt = prompt.map_err(|_| Fault::Unfit("neither its name nor a text says what it is".to_owned()))?;
        let id = id_of(created, &file.sha256);
        let wanted = Files::clip_path(id, prompt.as_str(), created, known.extension);
        file.path = self.place(path, wanted)?;
        let Some(store) = &self.store else {
            self.hashes.insert(file.sha256, id);
            return self.filed(name, id).await;
        };
        let (size, seconds) = (Pixels::of(known.size), Seconds::of(known.duration_ms));
        let model = about.model.as_deref().map(short).filter(|model| !model.is_empty());
        let title = about.title.as_deref().map(short).unwrap_or_default();
        let new = NewImport {
            task: TaskId::from_i64(id.as_i64()),
            id,
            take: 1,
            prompt: prompt.as_str(),
            title: &title,
            upstream: ELSEWHERE,
            model: model.as_deref().unwrap_or(ELSEWHERE),
            size,
            seconds,
            seed: 0,
            upstream_id: about.id.as_deref(),
            cost: Usd::ZERO,
            created_at: created,
            file: &file,
            // A picture is its own still; a film's is drawn by the server.
            poster: known.is_picture.then_some(file.path.as_str()),
            person: self.person,
            visibility: self.wishes.visibility,
        };
        let id = store.add_import(&new).await?;
        let told = Sidecar {
            generation: id.to_string(),
            task: new.task.to_string(),
            take: 1,
            prompt: prompt.as_str().to_owned(),
            upstream: ELSEWHERE.to_owned(),
            model: new.model.to_owned(),
            size_asked: size.to_string(),
            seconds_asked: seconds.get(),
            seed: 0,
            reference: None,
            upstream_id: about.id.clone(),
            cost_usd: "0.00".to_owned(),
            created_at: jiff::Timestamp::from_millisecond(created.as_i64()).ok().map(|at| at.to_string()),
            accepted_at: None,
            rendered_at: None,
            file: file.path.clone(),
            mime: file.mime.clone(),
            size_bytes: file.size_bytes,
            sha256: file.sha256.clone(),
            wide: file.size.map(|(wide, _)| wide),
            high: file.size.map(|(_, high)| high),
            duration_ms: file.duration_ms,
        };
        self.describe(&told)?;
        self.hashes.insert(told.sha256, id);
        self.filed(name, id).await
    }

    /// Puts a clip in the folder of its collection, if it has one.
    async fn filed(&mut self, name: &str, id: GenerationId) -> Result<(), Fault> {
        match collection(name) {
            Some(folder) => self.put(&folder, id).await,
            None => Ok(()),
        }
    }

    async fn put(&mut self, name: &str, id: GenerationId) -> Result<(), Fault> {
        if !self.done.folders.iter().any(|known| known == name) {
            self.done.folders.push(name.to_owned());
        }
        let Some(store) = &self.store else { return Ok(()) };
        let folder = match self.folders.get(name).copied() {
            Some(folder) => folder,
            None => self.folder(store, name).await?,
        };
        self.folders.insert(name.to_owned(), folder);
        store.put(folder, &[id], true, self.now).await?;
        Ok(())
    }
}

impl Round<'_> {
    /// The folder of this name, made where there is none.
    async fn folder(&self, store: &Store, name: &str) -> Result<FolderId, Fault> {
        let there = store.folders().await?;
        if let Some(folder) = there.iter().find(|folder| folder.name.to_lowercase() == name.to_lowercase()) {
            return Ok(folder.id);
        }
        let folder = Folder {
            id: FolderId::new(self.now, rand::random()),
            name: name.to_owned(),
            person: self.person,
            visibility: self.wishes.visibility,
        };
        store.add_folder(&folder, self.now).await?;
        Ok(folder.id)
    }
}

/// The folder of a collection that a file lies in.
fn collection(file: &str) -> Option<String> {
    let (first, _) = file.split_once('/')?;
    let plain = ["media", "videos", "images", "library", "uploads"].contains(&first.to_lowercase().as_str());
    // Years of a library are no collection.
    let is_year = first.chars().all(|sign| sign.is_ascii_digit());
    Some(short(first)).filter(|name| !plain && !is_year && !name.is_empty())
}

/// An id that lies where its moment lies in the order of the library, the same each time.
fn id_of(created: Millis, sha256: &str) -> GenerationId {
    let noise = i64::from_str_radix(sha256.get(..5).unwrap_or("0"), 16).unwrap_or(0);
    GenerationId::from_i64(GenerationId::first_of(created).as_i64() | noise | i64::from(created.as_i64() == 0))
}
