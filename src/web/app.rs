//! What every handler has at hand.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::present::{Scene, activity};
use super::view::{Bell, Frame, Mood, Notice, Section};
use super::wants::Wants;
use crate::domain::{PersonId, State};
use crate::store;
use crate::store::clips::Clip;
use crate::studio::Studio;
use crate::work::{Arrivals, Worker};

/// Shared by all requests.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What is shared.
pub struct Inner {
    /// The use cases.
    pub studio: Studio,
    /// The worker, to see that it lives.
    pub worker: Worker,
    /// How far downloads are.
    pub arrivals: Arrivals,
    /// Every task that outlives a request.
    pub tasks: TaskTracker,
    /// Set when the process is to end: streams close.
    pub stop: CancellationToken,
    /// Whether each upstream's first model list answered, or was waited for long enough.
    pub is_ready: AtomicBool,
    /// Whether anybody who reaches the address may come in.
    pub open_to_everyone: bool,
    /// Streams that are open now.
    pub streams: AtomicU64,
}

impl App {
    /// Shares this among requests.
    pub fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// What pages need to know beside these clips.
    pub async fn scene(&self, clips: &[Clip]) -> store::Result<Scene> {
        let studio = &self.studio;
        let now = studio.clock.now();
        Scene::of(clips, now, &studio.store, &studio.upstreams, &self.arrivals, studio.files.has_room()).await
    }

    /// The same, with what a person marked.
    pub async fn scene_for(&self, clips: &[Clip], person: PersonId) -> store::Result<Scene> {
        self.scene(clips).await?.seen_by(person, clips, &self.studio.store).await
    }

    /// How many generations wait or run.
    pub async fn waiting(&self) -> store::Result<u32> {
        let census = self.studio.store.census().await?;
        let moving = census.into_iter().filter(|(_, state, _)| *state != State::Uncertain);
        Ok(moving.map(|(.., many)| u32::try_from(many).unwrap_or(u32::MAX)).sum())
    }

    /// What happened lately.
    pub async fn bell(&self, person: PersonId) -> store::Result<Bell> {
        activity::bell(&self.studio.store, person, self.studio.clock.now()).await
    }

    /// What holds for more than one clip.
    pub fn notices(&self) -> Vec<Notice> {
        let mut notices: Vec<Notice> = self
            .studio
            .upstreams
            .down()
            .into_iter()
            .map(|(name, words)| Notice {
                mood: Some(Mood::Warn),
                icon: "unplug",
                title: format!("{name} is not answering."),
                text: format!("{words} Waiting clips keep their place."),
                action: None,
            })
            .collect();
        if !self.studio.files.has_room() {
            notices.push(Notice {
                mood: Some(Mood::Bad),
                icon: "disk",
                title: "The disk is nearly full.".to_owned(),
                text: "Nothing new is sent until there is room for its clip.".to_owned(),
                action: None,
            });
        }
        notices
    }

    /// The frame of a page that follows what happens.
    pub async fn frame(
        &self,
        title: &str,
        section: Section,
        wants: &Wants,
        here: &str,
        live: &str,
    ) -> store::Result<Frame> {
        let mut frame = Frame::new(title, section, wants.theme, here, self.studio.clock.now().as_i64());
        frame.rail.waiting.count = self.waiting().await?;
        frame.bell = Some(self.bell(wants.person).await?);
        frame.live = Some(live.to_owned());
        frame.notices = self.notices();
        Ok(frame)
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
