//! The fake upstream as a process of its own, for tests that kill the real binary and for trying things
//! by hand: `cargo run --example fake_upstream -- --listen 127.0.0.1:9100 --ledger ledger.jsonl`.
//! A script file is a JSON array of steps: `[{"on":"create","fault":{"status":500},"times":2}]`.

#![expect(clippy::disallowed_methods, reason = "this server ends with its process")]

#[expect(dead_code, unused_imports, reason = "the tests use what a process has no flag for")]
#[path = "../tests/it/upstream/mod.rs"]
mod upstream;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use upstream::control::Step;
use upstream::{FakeUpstream, KEY, Options};

#[derive(Debug, Parser)]
struct Flags {
    /// Address and port; port 0 picks a free one and the first line of output says which.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// JSON lines, one for each request, written before it is answered.
    #[arg(long)]
    ledger: Option<PathBuf>,
    /// The bearer key to accept.
    #[arg(long, default_value = KEY)]
    key: String,
    /// JSON array of faults.
    #[arg(long)]
    script: Option<PathBuf>,
    /// Jobs are completed at this poll.
    #[arg(long, default_value_t = 4)]
    completes_after_polls: u32,
    /// Sent as `openai-poll-after-ms`.
    #[arg(long)]
    poll_after_ms: Option<u32>,
    /// Serve a clip of at least this many bytes.
    #[arg(long)]
    clip_bytes: Option<usize>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Flags::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> Result<(), String> {
    let options = Options { listen: flags.listen, key: flags.key, ledger: flags.ledger };
    let started = FakeUpstream::start_with(options).await;
    let fake = started.map_err(|e| format!("cannot start: {e}"))?;
    if let Some(path) = flags.script {
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let steps: Vec<Step> = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        for step in &steps {
            fake.plan(step)?;
        }
    }
    fake.completes_after_polls(flags.completes_after_polls);
    if let Some(milliseconds) = flags.poll_after_ms {
        fake.asks_for_polls_every(milliseconds);
    }
    if let Some(bytes) = flags.clip_bytes {
        fake.serves(upstream::clip::clip_of_bytes(bytes));
    }
    println!("{}", fake.base_url());
    println!("second origin {}", fake.elsewhere());
    tokio::signal::ctrl_c().await.map_err(|e| e.to_string())
}
