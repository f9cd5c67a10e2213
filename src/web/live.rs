//! What an open page follows: one stream a page, and the same by asking now and then.
//! The first message is the whole present state, so that nothing is missed between two streams.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::HeaderName;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::App;
use super::error::Error;
use super::form::Query;
use super::library;
use super::present::{clip, queue};
use super::view::{Bell, Message};
use super::wants::Wants;
use crate::bus::Change;
use crate::domain::{GenerationId, State as Stand, TaskId};
use crate::store::{self, clips::Clip};

/// Places in line and waits are told again this often while something moves.
const REFRESH: Duration = Duration::from_secs(5);
/// Tiles that are told again at a refresh.
const LIVELY: u32 = 60;

/// Which page follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Library,
    Task(TaskId),
    Generation(GenerationId),
    Queue,
    /// A page that only tells what happened elsewhere.
    Bell,
}

/// What the address says.
#[derive(Debug, Deserialize)]
pub struct Address {
    page: String,
}

impl Page {
    fn read(text: &str) -> Result<Self, Error> {
        let page = match text.split_once(':') {
            None if text == "library" => Some(Self::Library),
            None if text == "queue" => Some(Self::Queue),
            None if text == "bell" => Some(Self::Bell),
            Some(("task", id)) => id.parse().ok().map(Self::Task),
            Some(("generation", id)) => id.parse().ok().map(Self::Generation),
            _ => None,
        };
        page.ok_or(Error::NotFound)
    }

    fn follows(self, change: Change) -> bool {
        match (self, change) {
            (Self::Library | Self::Queue, _) | (_, Change::Upstreams) => true,
            (Self::Task(task), Change::Generation(_, of, _)) => task == of,
            (Self::Generation(id), Change::Generation(other, ..)) => id == other,
            (Self::Bell, _) | (Self::Task(_) | Self::Generation(_), Change::Task(_)) => false,
        }
    }
}

/// `GET /live/now`: the present state.
pub async fn now(app: App, wants: Wants, Query(address): Query<Address>) -> Result<Response, Error> {
    Ok(present(&app, &wants, Page::read(&address.page)?).await?.into_response())
}

/// `GET /live`: the present state, and then every change.
pub async fn stream(app: App, wants: Wants, Query(address): Query<Address>) -> Result<Response, Error> {
    let page = Page::read(&address.page)?;
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    Ok((unbuffered, Sse::new(follow(app, wants, page)).keep_alive(keep_alive)).into_response())
}

/// A stream that is open; counted while it lives.
struct Follower {
    app: App,
    wants: Wants,
    page: Page,
    changes: Receiver<Change>,
    is_new: bool,
    /// The bell as it was told last.
    bell: Option<Bell>,
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.app.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

fn follow(app: App, wants: Wants, page: Page) -> impl Stream<Item = Result<Event, Infallible>> {
    app.streams.fetch_add(1, Ordering::Relaxed);
    let follower = Follower { changes: app.studio.bus.listen(), app, wants, page, is_new: true, bell: None };
    stream::unfold(follower, |mut follower| async move {
        let message = follower.next().await?;
        Some((Ok(Event::default().data(message)), follower))
    })
}

impl Follower {
    /// The next message; none when the process is to end.
    async fn next(&mut self) -> Option<String> {
        loop {
            let changes = if std::mem::take(&mut self.is_new) { None } else { self.wait().await? };
            if !self.is_welcome().await {
                return None;
            }
            let message = match changes {
                Some(changes) => {
                    let bell = self.ring(&changes).await;
                    self.changed(&changes, bell).await
                }
                None => present(&self.app, &self.wants, self.page).await,
            };
            match message {
                Ok(message) if message == Message::new() => {}
                Ok(message) => return Some(message.into_string()),
                // The page keeps what it has; the next change brings the rest.
                Err(_) => return Some(String::new()),
            }
        }
    }

    /// Whether whoever opened this is still signed in, as what they were then.
    async fn is_welcome(&self) -> bool {
        let store = &self.app.whole.store;
        let guests = self.app.guests.get((), || self.app.moment(), async {
            Ok::<_, store::Error>(Arc::new((store.has_accounts().await?, store.live_sessions().await?)))
        });
        match (guests.await, self.wants.session) {
            (Ok(guests), Some(session)) => guests.1.contains(&session),
            // Without accounts everybody is; once there is one, whoever is not signed in is a stranger.
            (Ok(guests), None) => !guests.0,
            (Err(_), _) => true,
        }
    }

    /// Changes that this page follows; an empty set for a refresh, `None` within when too many were missed.
    async fn wait(&mut self) -> Option<Option<Vec<Change>>> {
        let app = self.app.clone();
        let first = tokio::select! {
            () = app.stop.cancelled() => return None,
            () = app.studio.clock.sleep(REFRESH) => return Some(Some(Vec::new())),
            first = self.changes.recv() => first,
        };
        let mut changes = match first {
            Ok(change) => vec![change],
            Err(RecvError::Lagged(_)) => return Some(None),
            Err(RecvError::Closed) => return None,
        };
        // What came at the same time goes out together.
        loop {
            match self.changes.try_recv() {
                Ok(change) => changes.push(change),
                Err(TryRecvError::Lagged(_)) => return Some(None),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Some(Some(changes)),
            }
        }
    }

    /// The bell, when it is another than was told; only one's own clips ring.
    async fn ring(&mut self, changes: &[Change]) -> Option<Bell> {
        let person = self.wants.person;
        if !changes.iter().any(|change| matches!(change, Change::Generation(.., whose) if *whose == person)) {
            return None;
        }
        let bell = self.app.bells.get(person, || self.app.moment(), self.app.bell(person)).await.ok()?;
        if self.bell.as_ref() == Some(&bell) {
            return None;
        }
        self.bell = Some(bell.clone());
        Some(bell)
    }

    async fn changed(&self, changes: &[Change], bell: Option<Bell>) -> Result<Message, Error> {
        let (app, wants, page) = (&self.app, &self.wants, self.page);
        if changes.is_empty() {
            return refresh(app, wants, page).await;
        }
        let followed: Vec<Change> = changes.iter().copied().filter(|change| page.follows(*change)).collect();
        // What ended anywhere is news everywhere.
        let ring = |message: Message| bell.iter().fold(message, Message::bell);
        if followed.is_empty() {
            return Ok(ring(Message::new()));
        }
        if !matches!(page, Page::Library) {
            return Ok(ring(present(app, wants, page).await?));
        }
        let (mut message, mut ids) = (Message::new(), BTreeSet::new());
        for change in followed {
            match change {
                Change::Task(task) => {
                    let mut clips = app.studio.store.clips_of(task).await?;
                    clips.reverse();
                    let scene = app.scene_for(&clips).await?;
                    let tiles: Vec<_> = clips.iter().map(|clip| clip::tile(clip, &scene, false)).collect();
                    message = message.newest(&tiles);
                }
                Change::Generation(id, ..) => drop(ids.insert(id)),
                Change::Upstreams => message = message.notices(&app.notices()),
            }
        }
        let ids: Vec<GenerationId> = ids.into_iter().collect();
        for batch in ids.chunks(200) {
            let clips = app.studio.store.clips(batch).await?;
            message = tiles(app, wants, message, &clips).await?;
        }
        Ok(ring(message.waiting(app.waiting().await?)))
    }
}

/// Tiles that changed; one that was just finished plays at once, one that was deleted goes.
async fn tiles(app: &App, wants: &Wants, mut message: Message, clips: &[Clip]) -> Result<Message, Error> {
    let mut scene = app.scene_for(clips).await?;
    // Tiles keep the way back to the wall that they are on.
    scene.inside = wants.page.clone().filter(|page| page != "/");
    for clip in clips {
        message = if clip.deleted_at.is_some() || clip.is_erased {
            message.gone(&clip.id.to_string())
        } else {
            message.tile(&clip::tile(clip, &scene, clip.state == Stand::Completed))
        };
    }
    Ok(message)
}

/// Places, waits and countdowns move without anything having happened.
async fn refresh(app: &App, wants: &Wants, page: Page) -> Result<Message, Error> {
    let moving = |clip: &Clip| !clip.state.is_final() && clip.state != Stand::Uncertain;
    let clips = match page {
        Page::Library => app.studio.store.lively(app.studio.clock.now(), LIVELY).await?,
        Page::Task(task) => app.studio.store.clips_of(task).await?,
        Page::Generation(id) => app.studio.store.clip(id).await?.into_iter().collect(),
        Page::Queue => app.studio.store.running(1).await?,
        Page::Bell => Vec::new(),
    };
    let clips: Vec<Clip> = clips.into_iter().filter(moving).collect();
    match page {
        _ if clips.is_empty() => Ok(Message::new()),
        Page::Library => tiles(app, wants, Message::new(), &clips).await,
        Page::Task(_) | Page::Generation(_) | Page::Queue | Page::Bell => present(app, wants, page).await,
    }
}

/// A page as it is now.
async fn present(app: &App, wants: &Wants, page: Page) -> Result<Message, Error> {
    let mut message = Message::new().waiting(app.waiting().await?).bell(&app.bell(wants.person).await?);
    if page != Page::Queue {
        message = message.notices(&app.notices());
    }
    Ok(match page {
        Page::Queue => message.queue(&queue::queue(app, wants).await?),
        Page::Bell => message,
        Page::Library => message.newest(&library::front(app, wants).await?),
        Page::Task(task) => {
            let clips = app.studio.store.clips_of(task).await?;
            let scene = app.scene_for(&clips).await?;
            clips.iter().fold(message, |message, clip| message.take(&clip::take(clip, &scene)))
        }
        Page::Generation(id) => {
            let clip = app.studio.store.clip(id).await?.ok_or(Error::NotFound)?;
            let attempts = app.studio.store.attempts_of(id).await?;
            let scene = app.scene_for(std::slice::from_ref(&clip)).await?;
            message.stage(&clip::stage(&clip, &scene, ("", None))).side(&clip::side(&clip, &attempts, &scene))
        }
    })
}
