//! Does a page cost the same at a hundred times the clips? Seeds two libraries, serves both from this
//! process, asks for every page in turn, and prints the medians beside each other.
//!
//! `cargo run --release --example library_bench -- [SMALL] [LARGE] [ROUNDS]` (1000, 100000, 60).
//! Ends with 1 when a page of the large library takes more than 1.5 times as long, as long as it
//! shows no more tiles than that of the small one: a page with more on it is another page.
#![expect(
    clippy::disallowed_methods,
    clippy::float_arithmetic,
    reason = "a bench owns its processes and prints ratios"
)]

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use rushes::clock::Clock;
use rushes::config::Config;
use rushes::files::Files;
use tokio::net::TcpListener;

const PAGES: [&str; 27] = [
    "/",
    "/?q=river",
    "/?q=riv",
    "/?q=river%20-night",
    "/?q=%22wide%20river%22",
    "/?q=golden%20hour",
    "/?q=status:done",
    "/?q=status:failed",
    "/?q=status:waiting",
    "/?q=model:ltx",
    "/?q=ratio:9:16",
    "/?q=is:favorite",
    "/?q=is:best",
    "/?q=longer:10",
    "/?q=fox%20longer:4",
    "/?q=nothinglikethis",
    "/?q=river&sort=longest",
    "/?sort=oldest",
    "/?sort=longest",
    "/?sort=remixed",
    "/mine",
    "/favorites",
    "/uploads",
    "/trash",
    "/queue",
    "/activity",
    "/folders",
];

async fn serve(data: &Path, many: u32) -> anyhow::Result<SocketAddr> {
    // In a process of its own: ids grow within one, and both libraries shall end today.
    let rushes = std::env::current_exe()?.parent().and_then(Path::parent).context("target")?.join("rushes");
    let mut seed = Command::new(&rushes);
    seed.args(["seed", "--generations", &many.to_string(), "--data"]).arg(data).stdout(Stdio::null());
    anyhow::ensure!(seed.status().with_context(|| rushes.display().to_string())?.success(), "seed failed");
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let listen = listener.local_addr()?;
    let config = Config {
        listen,
        data: data.to_owned(),
        public_url: None,
        trusted_proxies: Vec::new(),
        webhook_origins: Vec::new(),
        time_zone: jiff::tz::TimeZone::UTC,
        setup_code: None,
        metrics_token: None,
        grace: Duration::from_secs(12),
        keep_free_bytes: Some(0),
        open_to_everyone: false,
        log_json: false,
        ffmpeg: None,
        helper: None,
        animatic: true,
        upstreams: Vec::new(),
    };
    let files = Files::open(data)?;
    tokio::spawn(rushes::run(config, files, Clock::system(), listener, std::future::pending()));
    Ok(listen)
}

async fn ask(client: &reqwest::Client, at: SocketAddr, page: &str) -> anyhow::Result<(Duration, usize)> {
    let began = Instant::now();
    let text = client.get(format!("http://{at}{page}")).send().await?.error_for_status()?.text().await?;
    Ok((began.elapsed(), text.matches("data-generation=").count()))
}

async fn bench(small: u32, large: u32, rounds: usize) -> anyhow::Result<bool> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (one, other) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let (a, b) = (serve(one.path(), small).await?, serve(other.path(), large).await?);
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut is_well = true;
    println!("{:32} {small:>10} {large:>10}  ratio  tiles", "median of a page, ms");
    for page in PAGES {
        let (mut times, mut shown) = ([Vec::new(), Vec::new()], [0, 0]);
        for round in 0..rounds + 5 {
            // In turn, so that what else the machine does falls on both.
            for (place, at) in [a, b].into_iter().enumerate() {
                let (took, many) = ask(&client, at, page).await?;
                shown[place] = many;
                if round >= 5 {
                    times[place].push(took.as_secs_f64() * 1000.0);
                }
            }
        }
        let [first, second] = times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        });
        let ratio = second / first;
        let is_slow = ratio > 1.5 && shown[1] <= shown[0];
        is_well &= !is_slow;
        println!(
            "{page:32} {first:>10.2} {second:>10.2}  {ratio:>5.2}  {} {}{}",
            shown[0],
            shown[1],
            if is_slow { "  SLOW" } else { "" }
        );
    }
    Ok(is_well)
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let mut next = |usual| numbers.next().and_then(Result::ok).unwrap_or(usual);
    let (small, large, rounds) = (next(1_000), next(100_000), next(60));
    match bench(small, large, usize::try_from(rounds).unwrap_or(60)).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}
