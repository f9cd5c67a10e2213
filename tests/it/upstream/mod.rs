//! The fake upstream: a server on a real socket that speaks the provider's `/v1/videos` to the byte, keeps
//! jobs like the provider did, fails on command and keeps a ledger of what was really paid.
//! It never sleeps to pass time and never renders: see `job.rs`. Start at `control.rs` for what a test can say.

pub mod clip;
mod content;
pub mod control;
mod create;
pub mod fault;
mod gate;
mod job;
mod ledger;
mod message;
mod order;
pub mod picture;
mod script;
mod server;
mod state;
mod videos;
mod wire;
mod witness;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use gate::Gate;
pub use job::{Job, Life};
pub use ledger::{Kind, Record};
pub use order::sha256;
pub use script::{ContentFault, CreateFault, Fault, ListFault, PollFault};

use server::Origin;
use state::State;

/// How long a test may wait for something the fake should see; running out is a failed test.
const PATIENCE: Duration = Duration::from_secs(20);

/// The key the fake accepts unless told otherwise.
pub const KEY: &str = "sk-fake-0123456789abcdefghijklmnopqrstuvwxyz";

/// How to start one that is not for a single test.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address and port; port 0 picks a free one.
    pub listen: String,
    pub key: String,
    /// JSON lines, appended to.
    pub ledger: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { listen: "127.0.0.1:0".into(), key: KEY.into(), ledger: None }
    }
}

/// What connections and the test's handle share.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // A failed assertion elsewhere must not hide behind a poisoned lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes whoever waits for the ledger to grow.
    fn has_changed(&self) {
        self.changed.send_modify(|count| *count += 1);
    }
}

/// One fake upstream. Everything stops when it is dropped.
#[derive(Debug)]
pub struct FakeUpstream {
    shared: Arc<Shared>,
    address: String,
    elsewhere: String,
    here: Option<JoinHandle<()>>,
    there: JoinHandle<()>,
}

impl FakeUpstream {
    /// On a free port of the loopback, with [`KEY`].
    pub async fn start() -> Self {
        let started = Self::start_with(Options::default()).await;
        started.expect("a free port on the loopback")
    }

    /// The error is that of the port or of the ledger file.
    pub async fn start_with(options: Options) -> std::io::Result<Self> {
        let here = TcpListener::bind(&options.listen).await?;
        let there = TcpListener::bind("127.0.0.1:0").await?;
        let address = here.local_addr()?.to_string();
        let elsewhere = format!("http://{}", there.local_addr()?);
        let mut state = State::new(&options.key, &format!("http://{address}"), &elsewhere);
        if let Some(path) = &options.ledger {
            let mut file = std::fs::OpenOptions::new();
            state.ledger.file = Some(file.create(true).append(true).open(path)?);
        }
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: watch::Sender::new(0) });
        Ok(Self {
            here: Some(tokio::spawn(server::accept(here, shared.clone(), Origin::Here))),
            there: tokio::spawn(server::accept(there, shared.clone(), Origin::Elsewhere)),
            shared,
            address,
            elsewhere,
        })
    }

    /// What a client is configured with: `http://127.0.0.1:port/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Host and port, for raw sockets.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The second origin, `http://127.0.0.1:other`, which only records what it is sent.
    pub fn elsewhere(&self) -> &str {
        &self.elsewhere
    }

    /// Stops listening and drops every connection: new ones are refused. Jobs are kept.
    pub async fn go_down(&mut self) {
        if let Some(task) = self.here.take() {
            task.abort();
            // Cancelled, as just asked; when it is over the port is free.
            drop(task.await);
        }
    }

    /// Listens again on the same port.
    pub async fn come_back(&mut self) {
        let listener = TcpListener::bind(&self.address).await;
        let listener = listener.expect("the port is still free");
        let serving = server::accept(listener, self.shared.clone(), Origin::Here);
        self.here = Some(tokio::spawn(serving));
    }
}

impl Drop for FakeUpstream {
    fn drop(&mut self) {
        if let Some(task) = &self.here {
            task.abort();
        }
        self.there.abort();
    }
}
