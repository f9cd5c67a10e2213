//! From what is stored to what pages print: words, places, prices and times for people.
//! Refuses to decide anything; `studio` and `work` did that.

pub mod activity;
pub mod clip;
pub mod coach;
pub mod composer;
pub mod cost;
pub mod failure;
pub mod lineage;
pub mod pause;
pub mod queue;
pub mod quota;
pub mod shelf;
pub mod styles;
pub mod time;
pub mod wait;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::domain::turn::Why;
use crate::domain::{GenerationId, Millis, PersonId, Right, Seconds, State, Viewer};
use axum::http::Method;

use crate::store::clips::Clip;
use crate::store::{self, Store};
use crate::upstream::Upstreams;
use crate::web::gate::{self, Need};
use crate::web::view::Action;
use crate::web::view::action::Go;
use crate::work::Arrivals;

/// A line at an upstream: whose turn comes when, and why.
pub type Line = Vec<(GenerationId, Why)>;

/// What is known beside the clips themselves, read once for a page or a message.
pub struct Scene {
    /// This moment.
    pub now: Millis,
    lines: Vec<Arc<Line>>,
    people: HashMap<PersonId, String>,
    viewer: Viewer,
    durations: HashMap<(String, Seconds), Vec<u64>>,
    upstreams: Upstreams,
    arrivals: Arrivals,
    has_room: bool,
    favorites: HashSet<GenerationId>,
    /// The wall that clips are shown in, for the way back; none for the wall of everything.
    pub inside: Option<String>,
    /// The wall is the trash.
    pub in_trash: bool,
    /// A clip whose file is not where it should be.
    pub missing: Option<GenerationId>,
    /// The person holds their waiting work back.
    pub is_paused: bool,
}

impl Scene {
    /// Reads the histories that these clips need: a query for each kind of clip on its way, however many clips there
    /// are.
    pub async fn of(
        clips: &[Clip],
        now: Millis,
        store: &Store,
        upstreams: &Upstreams,
        arrivals: &Arrivals,
        has_room: bool,
        lines: Vec<Arc<Line>>,
    ) -> store::Result<Self> {
        let mut scene = Self {
            now,
            lines,
            people: HashMap::new(),
            viewer: Viewer::ALONE,
            durations: HashMap::new(),
            upstreams: upstreams.clone(),
            arrivals: arrivals.clone(),
            has_room,
            favorites: HashSet::new(),
            inside: None,
            in_trash: false,
            missing: None,
            is_paused: false,
        };
        for clip in clips {
            let kind = (clip.model_key.clone(), clip.seconds);
            if matches!(clip.state, State::Queued | State::InProgress) && !scene.durations.contains_key(&kind) {
                let took = store.durations(&clip.model_key, clip.seconds).await?;
                scene.durations.insert(kind, took);
            }
        }
        Ok(scene)
    }

    /// With the favorites of a person among these clips.
    pub async fn seen_by(mut self, viewer: Viewer, clips: &[Clip], store: &Store) -> store::Result<Self> {
        let person = viewer.person;
        self.viewer = viewer;
        self.people = store.people().await?.into_iter().map(|person| (person.id, person.name)).collect();
        let ids: Vec<GenerationId> = clips.iter().map(|clip| clip.id).collect();
        self.favorites = store.marked(person, &ids).await?;
        if clips.iter().any(|clip| clip.state == State::Queued) {
            self.is_paused = store.person(person).await?.is_some_and(|person| person.paused_at.is_some());
        }
        Ok(self)
    }

    /// Whether the person who looks has marked a clip.
    pub fn is_favorite(&self, clip: &Clip) -> bool {
        self.favorites.contains(&clip.id)
    }

    /// The place of a waiting clip in its line, from 1.
    pub fn place(&self, clip: &Clip) -> Option<usize> {
        self.lines.iter().find_map(|line| line.iter().position(|(id, _)| *id == clip.id)).map(|before| before + 1)
    }

    /// Why a waiting clip is where it is.
    pub fn why(&self, clip: &Clip) -> Option<Why> {
        self.lines.iter().flat_map(|line| line.iter()).find_map(|(id, why)| (*id == clip.id).then_some(*why))
    }

    /// Who made a clip, where there is more than one who could have.
    pub fn maker(&self, clip: &Clip) -> Option<&str> {
        (self.people.len() > 1).then(|| self.people.get(&clip.person).map_or("Somebody who left", String::as_str))
    }

    /// Whether whoever looks may change a clip.
    pub fn changes(&self, clip: &Clip) -> bool {
        self.viewer.changes(clip.person)
    }

    /// Those of a clip's buttons that whoever looks may press.
    pub fn allowed(&self, clip: &Clip, actions: Vec<Action>) -> Vec<Action> {
        actions.into_iter().filter(|action| self.may_press(clip, &action.go)).collect()
    }

    fn may_press(&self, clip: &Clip, go: &Go) -> bool {
        let (href, is_change) = go.target();
        let method = if is_change { Method::POST } else { Method::GET };
        let path = href.split('?').next().unwrap_or_default();
        let verb = path.rsplit('/').next().unwrap_or_default();
        let need = if path == "/" {
            // The composer, begun with something of this clip.
            Some(Need::Right(Right::Make))
        } else if path.starts_with("/t/") && verb == "edit" {
            Some(Need::Clip)
        } else if verb.contains('.') {
            gate::need("/g/{generation}/{file}", &method)
        } else {
            gate::need(&format!("/g/{{generation}}/{verb}"), &method)
        };
        match need {
            Some(Need::Clip) => self.changes(clip),
            Some(Need::Right(right)) => self.viewer.may(right),
            Some(Need::Open | Need::Key(_)) | None => true,
        }
    }

    /// Whether whoever looks made a clip.
    pub fn is_own(&self, clip: &Clip) -> bool {
        self.viewer.person == clip.person
    }

    /// Whether whoever looks may make clips.
    pub fn may_make(&self) -> bool {
        self.viewer.may(Right::Make)
    }

    fn durations(&self, clip: &Clip) -> &[u64] {
        self.durations.get(&(clip.model_key.clone(), clip.seconds)).map_or(&[], Vec::as_slice)
    }
}

/// The upstream as a sentence names it.
pub fn upstream_name(clip: &Clip) -> &str {
    &clip.upstream
}
