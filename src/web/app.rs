//! What every handler has at hand.

use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::api::limit::Limits;
use super::gate::Reach;
use super::present::{Line, Scene, activity, pause};
use super::shared::{Moment, Shared};
use super::view::people::Who;
use super::view::{Action, Bell, Frame, Mood, Notice, Section};
use super::wants::Wants;
use crate::domain::{Millis, PersonId, Right, Role, SessionId, State, Viewer};
use crate::metrics::Metrics;
use crate::store;
use crate::store::clips::Clip;
use crate::store::ledger::Scope;
use crate::studio::{Passwords, Studio};
use crate::work::{Arrivals, Messenger, Worker};

/// What a request is answered with: what all requests share, and the use cases as whoever asks sees them.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
    /// The use cases.
    pub studio: Studio,
}

/// What is shared.
pub struct Inner {
    /// The use cases, as the worker sees them.
    pub whole: Studio,
    /// Passwords.
    pub passwords: Passwords,
    /// Under which names and behind which proxies this is reached.
    pub reach: Reach,
    /// The worker, to see that it lives.
    pub worker: Worker,
    /// What tells webhooks, to know where it may.
    pub messenger: Messenger,
    /// What holds for requests of one caller of the API together.
    pub limits: Limits,
    /// What is counted.
    pub metrics: Metrics,
    /// When this run began.
    pub began: Millis,
    /// How far downloads are.
    pub arrivals: Arrivals,
    /// Every task that outlives a request.
    pub tasks: TaskTracker,
    /// Set when the process is to end: streams close.
    pub stop: CancellationToken,
    /// Whether each upstream's first model list answered, or was waited for long enough.
    pub is_ready: AtomicBool,
    /// Streams that are open now.
    pub streams: AtomicU64,
    /// Whether there are accounts and which sessions live, asked once for all streams.
    pub guests: Shared<(), Arc<(bool, HashSet<SessionId>)>>,
    /// Bells, asked once for all pages that somebody has open.
    pub bells: Shared<PersonId, Bell>,
    /// Lines, asked once for all who wait in them.
    pub lines: Shared<String, Arc<Line>>,
}

impl App {
    /// Shares this among requests.
    pub fn new(inner: Inner) -> Self {
        // Nobody asks yet: a person who made nothing sees nothing private.
        let nobody = Viewer { person: PersonId::from_i64(0), role: Role::Viewer };
        let studio = inner.whole.seen_by(nobody);
        Self { inner: Arc::new(inner), studio }
    }

    /// The same for somebody who asks.
    pub fn seen_by(&self, viewer: Viewer) -> Self {
        Self { inner: Arc::clone(&self.inner), studio: self.whole.seen_by(viewer) }
    }

    /// Who asks.
    pub const fn viewer(&self) -> Viewer {
        self.studio.viewer
    }

    /// What pages need to know beside these clips.
    pub async fn scene(&self, clips: &[Clip]) -> store::Result<Scene> {
        let studio = &self.studio;
        let now = studio.clock.now();
        let mut lines = HashMap::new();
        for clip in clips.iter().filter(|clip| clip.state == State::Queued) {
            if !lines.contains_key(&clip.upstream) {
                lines.insert(clip.upstream.clone(), self.line(&clip.upstream).await?);
            }
        }
        let lines = lines.into_values().collect();
        Scene::of(clips, now, &studio.store, &studio.upstreams, &self.arrivals, studio.files.has_room(), lines).await
    }

    /// The line at an upstream in the order in which it moves.
    pub async fn line(&self, upstream: &str) -> store::Result<Arc<Line>> {
        let ask = async { Ok(Arc::new(self.whole.store.line(upstream, self.studio.clock.now()).await?)) };
        self.lines.get(upstream.to_owned(), || self.moment(), ask).await
    }

    /// The same, with what whoever asks marked and may do.
    pub async fn scene_for(&self, clips: &[Clip]) -> store::Result<Scene> {
        self.scene(clips).await?.seen_by(self.viewer(), clips, &self.studio.store).await
    }

    /// How many generations wait or run.
    pub async fn waiting(&self) -> store::Result<u32> {
        let census = self.studio.store.census().await?;
        let moving = census.into_iter().filter(|(_, state, _)| *state != State::Uncertain);
        Ok(moving.map(|(.., many)| u32::try_from(many).unwrap_or(u32::MAX)).sum())
    }

    /// Now, for what is shared among many pages.
    pub fn moment(&self) -> Moment {
        Moment { second: self.studio.clock.now().as_i64() / 1_000, told: self.studio.bus.told() }
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
        let now = self.studio.clock.now();
        let down = self.studio.upstreams.down();
        let is_told = |name: &str| down.iter().any(|(other, _)| other == name);
        let pauses = self.worker.pauses().into_iter().filter(|pause| !is_told(&pause.upstream));
        notices.extend(pauses.filter_map(|rest| pause::notice(&rest, now)));
        if !self.studio.files.has_room() {
            notices.push(Notice {
                mood: Some(Mood::Bad),
                icon: "disk",
                title: "The disk is nearly full.".to_owned(),
                text: "Nothing new is sent until there is room for its clip.".to_owned(),
                action: None,
            });
        }
        if self.reach.is_overheard() && self.viewer().may(Right::Manage) {
            notices.push(Notice {
                mood: Some(Mood::Warn),
                icon: "lock",
                title: "This connection is not encrypted.".to_owned(),
                text: "Whoever shares the network can read passwords. Put a server with a certificate in front, and \
                       set public_url to its https address."
                    .to_owned(),
                action: None,
            });
        }
        notices
    }

    /// Budgets of which four fifths are used: nobody shall be surprised by the end of one.
    async fn money_notices(&self) -> store::Result<Vec<Notice>> {
        let budgets = self.studio.store.budgets(self.studio.clock.now()).await?;
        let may = self.viewer().may(Right::Manage);
        let near = budgets.into_iter().filter_map(|(scope, (most, held, spent))| {
            let used = held + spent;
            if used.micros().saturating_mul(5) < most.micros().saturating_mul(4) {
                return None;
            }
            let whose = match scope {
                Scope::Instance => "the team’s budget".to_owned(),
                Scope::Upstream(name) => format!("the budget for {name}"),
            };
            let is_gone = used >= most;
            let raise = if may { "You can raise it." } else { "An owner or admin can raise it." };
            Some(Notice {
                mood: Some(if is_gone { Mood::Bad } else { Mood::Warn }),
                icon: "warning",
                title: if is_gone { format!("All of {whose} is used.") } else { format!("Most of {whose} is used.") },
                text: format!("{used} of {most} is spent or held in 30 days. {raise}"),
                action: may.then(|| Action::link("Budgets", "/admin/usage").small()),
            })
        });
        Ok(near.collect())
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
        if wants.session.is_some() {
            frame.rail.me = self.studio.store.person(wants.person).await?.map(|person| Who::new(person.name));
        }
        frame.bell = Some(self.bell(wants.person).await?);
        frame.live = Some(live.to_owned());
        frame.notices = self.notices();
        if wants.session.is_some() {
            frame.notices.extend(self.money_notices().await?);
        }
        Ok(frame)
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl FromRequestParts<Self> for App {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Self) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Viewer>().map_or_else(|| app.clone(), |viewer| app.seen_by(*viewer)))
    }
}
