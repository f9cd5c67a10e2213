//! How much it holds, beside the floor that this machine has in the same run. They take minutes and want the machine
//! for themselves: `./check faults long` runs them, one after the other, with the numbers of `docs/reliability.md`.

mod guests;
mod litellm;
mod pages;
mod soak;
mod work;

use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Client;
use tokio::task::JoinSet;

use crate::app::Program;

/// How long one load lasts: 20 s, or what `RUSHES_LOAD` says.
fn span() -> Duration {
    let told = std::env::var_os("RUSHES_LOAD").and_then(|text| text.to_str()?.parse().ok());
    Duration::from_secs(told.unwrap_or(20))
}

/// A client like a browser's, of its own connections.
fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// How long questions took.
struct Times {
    sorted: Vec<Duration>,
    failed: usize,
    spent: Duration,
}

impl Times {
    fn of(mut all: Vec<Option<Duration>>, spent: Duration) -> Self {
        all.sort();
        let failed = all.iter().filter(|one| one.is_none()).count();
        Self { sorted: all.into_iter().flatten().collect(), failed, spent }
    }

    fn permille(&self, share: usize) -> Duration {
        let last = self.sorted.len().saturating_sub(1);
        self.sorted.get(self.sorted.len() * share / 1000).or_else(|| self.sorted.get(last)).copied().unwrap_or_default()
    }

    fn p99(&self) -> Duration {
        self.permille(990)
    }

    fn told(&self, what: &str) -> String {
        let a_second = self.sorted.len() as u64 * 1000 / u64::try_from(self.spent.as_millis()).unwrap().max(1);
        let line = format!(
            "| {what} | {a_second}/s | {:.1?} | {:.1?} | {:.1?} | {} |",
            self.permille(500),
            self.p99(),
            self.permille(1000),
            self.failed
        );
        println!("{line}");
        line
    }
}

/// Asks so many times a second, whether the answers come or not.
async fn steadily<F>(a_second: u32, span: Duration, ask: impl Fn(u32) -> F) -> Times
where
    F: Future<Output = bool> + Send + 'static,
{
    let mut beat = tokio::time::interval(Duration::from_secs(1) / a_second);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let (began, mut all) = (Instant::now(), JoinSet::new());
    let most = a_second * u32::try_from(span.as_secs()).unwrap();
    for number in 0..most {
        // Measured from when it was to be asked, so that a server that stalls cannot hide it.
        let due = beat.tick().await.into_std();
        let asked = ask(number);
        all.spawn(async move { asked.await.then(|| due.elapsed()) });
    }
    let mut times = Vec::new();
    while let Some(one) = all.join_next().await {
        times.push(one.unwrap());
    }
    Times::of(times, began.elapsed())
}

/// Whether a page came whole, with this status.
async fn comes(client: Client, url: String) -> bool {
    match client.get(url).send().await {
        Ok(answer) => answer.status() == 200 && answer.bytes().await.is_ok(),
        Err(_) => false,
    }
}

/// Kilobytes of real memory of a program: now, and at its most.
fn memory(program: &Program) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.child.id().unwrap())).unwrap();
    let line = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    (line("VmRSS:"), line("VmHWM:"))
}

/// A library of so many clips, made in seconds.
async fn seeded(data: &Path, many: u32) {
    let mut seed = tokio::process::Command::new(env!("CARGO_BIN_EXE_rushes"));
    seed.args(["seed", "--generations", &many.to_string(), "--data"]).arg(data);
    assert!(seed.stdout(std::process::Stdio::null()).status().await.unwrap().success());
}
