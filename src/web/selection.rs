//! What is done with many clips at once: those that were chosen, or everything that a wall finds.

use std::collections::VecDeque;

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;

use super::App;
use super::archive::{self, Entry, Outcome};
use super::error::Error;
use super::keeping::{named, wall};
use super::library;
use super::shelf::Shelf;
use super::view::{Flash, Message};
use super::wants::{Wants, page};
use crate::domain::{FolderId, GenerationId, Millis, Visibility};
use crate::files::Files;
use crate::store::clips::Clip;
use crate::store::library::{Filter, From};

/// What came with the form.
#[derive(Debug, Default)]
pub struct Chosen {
    ids: Vec<GenerationId>,
    verb: String,
    here: String,
    folder_name: String,
    all: bool,
}

impl Chosen {
    /// Reads the form; what is no id is passed over.
    pub fn read(body: &[u8]) -> Self {
        let mut chosen = Self::default();
        for (field, value) in url::form_urlencoded::parse(body) {
            match &*field {
                "id" => chosen.ids.extend(value.parse::<GenerationId>()),
                "do" => chosen.verb = value.into_owned(),
                "here" => chosen.here = value.into_owned(),
                "folder_name" => chosen.folder_name = value.into_owned(),
                "all" => chosen.all = value == "1",
                _ => {}
            }
        }
        chosen.ids.sort_unstable();
        chosen.ids.dedup();
        chosen
    }

    /// The wall it was chosen on.
    pub async fn shelf(&self, app: &App) -> Result<Shelf, Error> {
        wall(app, &self.here).await
    }

    /// The clips themselves.
    pub async fn ids(&self, app: &App, wants: &Wants, wall: &Shelf) -> Result<Vec<GenerationId>, Error> {
        if self.all {
            return Ok(app.studio.found(&wall.filter(app, wants.person).await?).await?);
        }
        Ok(self.ids.clone())
    }

    /// Whether everything of the wall is meant.
    pub const fn all(&self) -> bool {
        self.all
    }
}

fn count(many: usize, done: &str) -> String {
    if many == 1 { format!("1 clip {done}.") } else { format!("{many} clips {done}.") }
}

/// `POST /selection`
pub async fn act(app: App, wants: Wants, body: Bytes) -> Result<Response, Error> {
    let chosen = Chosen::read(&body);
    let shelf = chosen.shelf(&app).await?;
    let ids = chosen.ids(&app, &wants, &shelf).await?;
    if ids.is_empty() && chosen.verb != "new-folder" {
        return Err(Error::BadRequest("No clip is selected. Select some first.".to_owned()));
    }
    let flash;
    let mut gone = false;
    match chosen.verb.as_str() {
        "favorite" | "unfavorite" => {
            let on = chosen.verb == "favorite";
            app.studio.mark(wants.person, &ids, on).await?;
            gone = !on && shelf.scope == crate::store::library::Scope::Favorites;
            flash = count(ids.len(), if on { "marked as favorite" } else { "no longer marked" });
        }
        "trash" => {
            let (went, moment) = app.studio.delete(&ids).await?;
            return trashed(&app, &wants, &shelf, &ids, went, moment).await;
        }
        "stitch" => {
            let query: Vec<String> = ids.iter().take(20).map(|id| format!("id={id}")).collect();
            return Ok(wants.go(&format!("/stitch?{}", query.join("&"))));
        }
        "restore" => {
            app.studio.restore(&ids).await?;
            gone = true;
            flash = count(ids.len(), "restored");
        }
        "new-folder" => match named(&app, &wants, &chosen.folder_name, Visibility::Team).await? {
            Ok(folder) => {
                app.studio.put(folder, &ids, true).await?;
                flash = count(ids.len(), "added to the new folder");
            }
            Err(words) => return wrong_name(&app, &wants, &shelf, chosen, words).await,
        },
        verb => {
            let (into, id) = match verb.split_once(':') {
                Some(("folder", id)) => (true, id),
                Some(("out", id)) => (false, id),
                _ => return Err(Error::BadRequest("This button is not known here. Reload the page.".to_owned())),
            };
            let folder: FolderId = id.parse().map_err(|_| Error::NotFound)?;
            app.studio.put(folder, &ids, into).await?;
            gone = !into;
            flash = count(ids.len(), if into { "added to the folder" } else { "taken out of the folder" });
        }
    }
    if !wants.partial {
        return Ok(wants.go(&shelf.href()));
    }
    let mut message = Message::new().selection(&library::selection(&app, &shelf).await?);
    if gone {
        message = ids.iter().take(600).fold(message, |message, id| message.gone(&id.to_string()));
    } else {
        message = tiles(&app, message, &ids).await?;
    }
    Ok(message.say(&flash).flash(&Flash { text: flash, action: None }).into_response())
}

/// The chosen clips as tiles: favorites show themselves.
async fn tiles(app: &App, message: Message, ids: &[GenerationId]) -> Result<Message, Error> {
    let clips = app.studio.store.clips(&ids[..ids.len().min(600)]).await?;
    let scene = app.scene_for(&clips).await?;
    Ok(clips.iter().fold(message, |message, clip| message.tile(&super::present::clip::tile(clip, &scene, false))))
}

async fn trashed(
    app: &App,
    wants: &Wants,
    shelf: &Shelf,
    ids: &[GenerationId],
    went: u64,
    moment: Millis,
) -> Result<Response, Error> {
    if went == 0 {
        let words = "None of these can be deleted now: what is on its way has to be canceled first.";
        return Err(Error::BadRequest(words.to_owned()));
    }
    if !wants.partial {
        let here = shelf.href();
        let sign = if here.contains('?') { '&' } else { '?' };
        return Ok(wants.go(&format!("{here}{sign}trashed={}", moment.as_i64())));
    }
    let left = app.studio.store.clips(&ids[..ids.len().min(600)]).await?;
    let mut message = Message::new().selection(&library::selection(app, shelf).await?);
    for clip in left.iter().filter(|clip| clip.deleted_at.is_some()) {
        message = message.gone(&clip.id.to_string());
    }
    if let Some(flash) = library::trashed(app, moment, &shelf.href()).await? {
        message = message.say(&flash.text).flash(&flash);
    }
    Ok(message.into_response())
}

async fn wrong_name(app: &App, wants: &Wants, shelf: &Shelf, chosen: Chosen, words: String) -> Result<Response, Error> {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut selection = library::selection(app, shelf).await?;
    (selection.new_folder, selection.error) = (chosen.folder_name, Some(words.clone()));
    if wants.partial {
        let flash = Flash { text: words, action: None };
        return Ok((status, Message::new().selection(&selection).flash(&flash)).into_response());
    }
    let mut whole = library::whole(app, wants, shelf, From::Front, &library::Desk::default()).await?;
    whole.selection = selection;
    whole.frame.flash = Some(Flash { text: words, action: None });
    Ok((status, page(&whole)?).into_response())
}

/// What the archive tells of a clip.
#[derive(Debug, Serialize)]
struct Told {
    file: String,
    id: String,
    task: String,
    take: u8,
    title: String,
    /// The first 300 characters; the sidecar beside the file has all.
    prompt: String,
    model: String,
    size: String,
    seconds: u16,
    created_at_ms: i64,
    sha256: String,
}

#[derive(Debug, Serialize)]
struct Manifest {
    made_by: &'static str,
    clips: Vec<Told>,
    /// What could not be put in, and why.
    left_out: Vec<(String, String)>,
}

/// Clips of an archive, read as they are needed.
struct Source {
    app: App,
    filter: Option<Filter>,
    next: Option<From>,
    ids: VecDeque<GenerationId>,
    ready: VecDeque<Entry>,
    told: std::sync::Arc<std::sync::Mutex<Vec<Told>>>,
}

impl Source {
    async fn next(&mut self) -> Option<Entry> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Some(entry);
            }
            let store = &self.app.studio.store;
            if self.ids.is_empty() {
                let (filter, from) = (self.filter.as_ref()?, self.next?);
                let (ids, next) = store.page_of_ids(filter, from, 200).await.ok()?;
                self.ids = ids.into();
                self.next = next.map(From::Past);
                if self.ids.is_empty() && self.next.is_none() {
                    return None;
                }
            }
            let batch: Vec<GenerationId> = self.ids.drain(..self.ids.len().min(200)).collect();
            for clip in store.clips(&batch).await.ok()? {
                self.take(&clip);
            }
            if self.ready.is_empty() && self.ids.is_empty() && (self.filter.is_none() || self.next.is_none()) {
                return None;
            }
        }
    }

    fn take(&mut self, clip: &Clip) {
        let Some(file) = &clip.file else { return };
        let name = file.path.rsplit('/').next().unwrap_or("clip.mp4").to_owned();
        let modified_ms = clip.ended_at.unwrap_or(clip.created_at).as_i64();
        let files = &self.app.studio.files;
        let entry = |name, path: &str| Entry { name, modified_ms, body: archive::Body::File(files.at(path)) };
        self.ready.push_back(entry(name.clone(), &file.path));
        if !clip.is_upload() {
            self.ready.push_back(entry(Files::beside(&name, "json"), &Files::beside(&file.path, "json")));
        }
        self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(Told {
            file: name,
            id: clip.id.to_string(),
            task: clip.task.to_string(),
            take: clip.take,
            title: clip.title.clone(),
            prompt: clip.prompt.chars().take(300).collect(),
            model: clip.model.clone(),
            size: clip.size.to_string(),
            seconds: clip.seconds.get(),
            created_at_ms: clip.created_at.as_i64(),
            sha256: file.sha256.clone(),
        });
    }
}

/// `POST /selection/download`: a zip that is made while it is sent.
pub async fn download(app: App, wants: Wants, body: Bytes) -> Result<Response, Error> {
    let chosen = Chosen::read(&body);
    let shelf = chosen.shelf(&app).await?;
    let filter = if chosen.all { Some(shelf.filter(&app, wants.person).await?) } else { None };
    if filter.is_none() && chosen.ids.is_empty() {
        return Err(Error::BadRequest("No clip is selected. Select some first.".to_owned()));
    }
    let told = std::sync::Arc::default();
    let source = Source {
        app: app.clone(),
        next: filter.as_ref().map(|_| From::Front),
        filter,
        ids: chosen.ids.into(),
        ready: VecDeque::new(),
        told: std::sync::Arc::clone(&told),
    };
    let entries = stream::unfold(source, |mut source| async move { source.next().await.map(|entry| (entry, source)) });
    let manifest = move |outcomes: &[Outcome]| {
        let left_out =
            outcomes.iter().filter_map(|(name, outcome)| outcome.as_ref().err().map(|why| (name.clone(), why.clone())));
        let clips = std::mem::take(&mut *told.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let manifest = Manifest { made_by: "Rushes", clips, left_out: left_out.collect() };
        serde_json::to_vec_pretty(&manifest).unwrap_or_default()
    };
    let name = file_name(&shelf, app.studio.clock.now());
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(archive::stream(&app.tasks, entries, manifest))).into_response())
}

/// `rushes-summer-2026-2026-11-22.zip`: plain letters alone, since a folder's name is anybody's text.
fn file_name(shelf: &Shelf, now: Millis) -> String {
    let day = super::shelf::day_of(now).map_or_else(String::new, |day| format!("-{day}"));
    let scope = crate::domain::Prompt::slug(shelf.name());
    format!("rushes-{scope}{day}.zip")
}
