//! From what is stored to what pages print: words, places, prices and times for people.
//! Refuses to decide anything; `studio` and `work` did that.

pub mod activity;
pub mod clip;
pub mod coach;
pub mod composer;
pub mod cost;
pub mod failure;
pub mod lineage;
pub mod queue;
pub mod shelf;
pub mod styles;
pub mod time;
pub mod wait;

use std::collections::{HashMap, HashSet};

use crate::domain::{GenerationId, Millis, PersonId, Seconds, State};
use crate::store::clips::Clip;
use crate::store::{self, Store};
use crate::upstream::Upstreams;
use crate::work::Arrivals;

/// What is known beside the clips themselves, read once for a page or a message.
pub struct Scene {
    /// This moment.
    pub now: Millis,
    places: HashMap<GenerationId, usize>,
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
    /// Reads the lines and histories that these clips need: a query for each upstream with a
    /// line and for each kind of clip on its way, however many clips there are.
    pub async fn of(
        clips: &[Clip],
        now: Millis,
        store: &Store,
        upstreams: &Upstreams,
        arrivals: &Arrivals,
        has_room: bool,
    ) -> store::Result<Self> {
        let mut scene = Self {
            now,
            places: HashMap::new(),
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
        let mut lines = Vec::new();
        for clip in clips {
            if clip.state == State::Queued && !lines.contains(&&clip.upstream) {
                lines.push(&clip.upstream);
                scene.places.extend(store.line(&clip.upstream).await?);
            }
            let kind = (clip.model_key.clone(), clip.seconds);
            if matches!(clip.state, State::Queued | State::InProgress) && !scene.durations.contains_key(&kind) {
                let took = store.durations(&clip.model_key, clip.seconds).await?;
                scene.durations.insert(kind, took);
            }
        }
        Ok(scene)
    }

    /// With the favorites of a person among these clips.
    pub async fn seen_by(mut self, person: PersonId, clips: &[Clip], store: &Store) -> store::Result<Self> {
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
        self.places.get(&clip.id).copied()
    }

    fn durations(&self, clip: &Clip) -> &[u64] {
        self.durations.get(&(clip.model_key.clone(), clip.seconds)).map_or(&[], Vec::as_slice)
    }
}

/// The upstream as a sentence names it.
pub fn upstream_name(clip: &Clip) -> &str {
    &clip.upstream
}
