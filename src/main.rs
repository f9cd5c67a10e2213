//! Parses, opens, runs; the exit code says how it went: 0 well, 1 broken, 2 told wrongly.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory, Parser};
use rushes::clock::Clock;
use rushes::config::{Cli, Config, Console};
use rushes::files::Files;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, warn};
use tracing_subscriber::EnvFilter;

/// `SIGXFSZ` on Linux, macOS and the BSDs.
const FILE_TOO_LARGE: i32 = 25;

fn main() -> ExitCode {
    #[cfg(debug_assertions)]
    if let Some(plan) = Config::kill_point() {
        rushes::kill::choose(&plan);
    }
    let cli = Cli::parse();
    let cli = match cli.console() {
        Ok(Console::Helper) => return rushes::helper::serve(),
        Ok(command) => {
            return match tokio::runtime::Runtime::new() {
                Ok(runtime) => runtime.block_on(console(command)),
                Err(error) => broken(&error.into()),
            };
        }
        Err(cli) => *cli,
    };
    let config = match Config::load(cli) {
        Ok(config) => config,
        Err(error) => return told_wrongly(&error),
    };
    let logs = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(Config::log_filter()))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if config.log_json {
        logs.json().init();
    } else {
        logs.init();
    }
    let files = match Files::open(&config.data) {
        Ok(files) => files.keeping_free(config.keep_free_bytes),
        Err(error) => return told_wrongly(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return broken(&error.into()),
    };
    let end = runtime.block_on(serve(config, files));
    // Whatever is still blocking (a file being hashed) must not hold up the end.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match end {
        Ok(code) => code,
        Err(error) => broken(&error),
    }
}

/// Anything but serving.
async fn console(command: Console) -> ExitCode {
    let end = if let Console::Client(command) = command {
        rushes::client::run(command, &mut Cli::command()).await
    } else {
        rushes::console::run(command, &Clock::system()).await
    };
    match end {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("rushes: {error:#}");
            ExitCode::from(2)
        }
    }
}

async fn serve(config: Config, files: Files) -> anyhow::Result<ExitCode> {
    let listener = match TcpListener::bind(config.listen).await {
        Ok(listener) => listener,
        Err(error) => {
            return Ok(told_wrongly(&format!("--listen (RUSHES_LISTEN): cannot listen on {}: {error}", config.listen)));
        }
    };
    let address = listener.local_addr().context("the address is not known")?;
    let mut terminated = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let (asked, asked_once) = tokio::sync::oneshot::channel();
    let mut signals = std::pin::pin!(async move {
        let mut asked = Some(asked);
        loop {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            match asked.take() {
                Some(asked) => drop(asked.send(())),
                // Asked twice: now, as if it were killed, which loses nothing either.
                None => return,
            }
        }
    });
    let shutdown = async move {
        let _ = asked_once.await;
    };
    // People and scripts read this line; a closed stdout is no reason not to serve.
    let _ = writeln!(std::io::stdout(), "Rushes is open at http://{address}");
    // A file at its limit is an error to tell, not the end of everything.
    let _too_large = signal(SignalKind::from_raw(FILE_TOO_LARGE)).context("cannot set SIGXFSZ aside")?;
    tokio::select! {
        end = rushes::run(config, files, Clock::system(), listener, shutdown) => end.map(|()| ExitCode::SUCCESS),
        () = rushes::store::unsynced() => {
            error!("the disk did not keep what was written: ending, so that nothing is built on it");
            std::process::exit(1)
        }
        () = &mut signals => {
            warn!("asked to stop a second time: ending at once");
            std::process::exit(1)
        }
    }
}

fn told_wrongly(error: &impl std::fmt::Display) -> ExitCode {
    eprintln!("rushes: {error}");
    ExitCode::from(2)
}

fn broken(error: &anyhow::Error) -> ExitCode {
    eprintln!("rushes: {error:#}");
    ExitCode::FAILURE
}
