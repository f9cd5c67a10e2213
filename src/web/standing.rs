//! How things stand: read from rows, from the worker and from the machine, for `/metrics` and for the status page alike.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::App;
use crate::domain::{Millis, State};
use crate::store;
use crate::upstream::Health;
use crate::work::breaker::Gate;
use crate::work::pause::Pause;

/// A worker that did not come round for this long is taken for dead.
pub const PULSE: Duration = Duration::from_mins(1);

/// One upstream.
#[derive(Debug)]
pub struct UpstreamStanding {
    /// Its name.
    pub name: String,
    /// Whether it answers.
    pub health: Health,
    /// Jobs that it holds at once.
    pub places: u32,
    /// Generations by state; a state that is not there has none.
    pub states: BTreeMap<&'static str, i64>,
    /// How long the oldest has waited in line.
    pub oldest: Option<Duration>,
    /// How late the latest question or download is.
    pub lag: Duration,
    /// Whether it may be asked.
    pub gate: Gate,
    /// Why it gets no creates.
    pub pause: Option<Pause>,
}

impl UpstreamStanding {
    /// Generations in a state.
    pub fn many(&self, state: State) -> i64 {
        self.states.get(state.as_str()).copied().unwrap_or(0)
    }

    /// Places that are taken.
    pub fn taken(&self) -> i64 {
        self.many(State::Submitting) + self.many(State::InProgress)
    }
}

/// Everything.
#[derive(Debug)]
pub struct Standing {
    /// Every upstream, the embedded ones too.
    pub upstreams: Vec<UpstreamStanding>,
    /// How long ago the worker came round.
    pub pulse: Duration,
    /// Free bytes on the disk of the data folder.
    pub free_bytes: Option<u64>,
    /// Free bytes below which nothing new is sent.
    pub floor_bytes: u64,
    /// Bytes of the database.
    pub database_bytes: u64,
    /// Bytes of its log, which is folded in now and then.
    pub log_bytes: u64,
    /// Resident memory in bytes, where the system tells.
    pub memory_bytes: Option<u64>,
    /// Pages that follow what happens.
    pub streams: u64,
    /// How long the server runs.
    pub uptime: Duration,
}

impl Standing {
    /// Reads it.
    pub async fn read(app: &App) -> store::Result<Self> {
        let (studio, now) = (&app.studio, app.studio.clock.now());
        let census = studio.store.census().await?;
        let ages = studio.store.ages().await?;
        let pauses = app.worker.pauses();
        let since = |at: Option<Millis>| at.map(|at| now.since(at));
        let one = |name: &str| {
            let states = census.iter().filter(|(of, ..)| of == name);
            let age = ages.iter().find(|age| age.upstream == name);
            (
                states.map(|(_, state, many)| (state.as_str(), *many)).collect::<BTreeMap<_, _>>(),
                age.and_then(|age| since(age.queued_at)),
                age.and_then(|age| since(age.due_at)).unwrap_or_default(),
            )
        };
        let upstreams = studio.upstreams.iter().map(|upstream| {
            let name = upstream.name();
            let (states, oldest, lag) = one(name);
            UpstreamStanding {
                name: name.to_owned(),
                health: upstream.health(),
                places: upstream.max_in_flight(),
                states,
                oldest,
                lag,
                gate: app.worker.gate(name, now),
                pause: pauses.iter().find(|pause| pause.upstream == name).cloned(),
            }
        });
        let (files, database) = (studio.files.clone(), studio.files.database());
        let sizes = tokio::task::spawn_blocking(move || {
            let length = |path: PathBuf| std::fs::metadata(path).map_or(0, |meta| meta.len());
            let mut log = database.clone().into_os_string();
            log.push("-wal");
            (files.free_bytes(), length(database), length(log.into()), memory())
        });
        let (free_bytes, database_bytes, log_bytes, memory_bytes) = sizes.await.unwrap_or_default();
        Ok(Self {
            upstreams: upstreams.collect(),
            pulse: now.since(app.worker.pulse()),
            free_bytes,
            floor_bytes: studio.files.floor_bytes(),
            database_bytes,
            log_bytes,
            memory_bytes,
            streams: app.streams.load(Ordering::Relaxed),
            uptime: now.since(app.began),
        })
    }

    /// Whether the disk has room for new work.
    pub fn has_room(&self) -> bool {
        self.free_bytes.is_none_or(|free| free >= self.floor_bytes)
    }
}

/// Resident bytes of this process; Linux tells.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}
