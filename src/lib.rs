//! Rushes: the Sora workspace on your own server.
//!
//! The floors, lowest first; a module uses only floors below its own:
//! `domain`, `address`, `animatic`, `media`, `child` · `ffmpeg`, `helper` · `clock`, `config` · `store`, `upstream`, `files`, `bus`, `metrics` ·
//! `studio`, `work`, `seed`, `keep` · `web`, `console` · this file. `ARCHITECTURE.md` tells the life of one generation through them.

pub mod address;
pub mod animatic;
pub mod bus;
pub mod child;
pub mod client;
pub mod clock;
pub mod config;
pub mod console;
pub mod domain;
pub mod ffmpeg;
pub mod files;
pub mod helper;
pub mod keep;
pub mod kill;
pub mod media;
pub mod metrics;
pub mod seed;
pub mod store;
pub mod studio;
pub mod upstream;
pub mod web;
pub mod work;

use std::future::Future;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::bus::{Bus, Change};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::Viewer;
use crate::files::Files;
use crate::helper::Helper;
use crate::kill::kill_point;
use crate::metrics::Metrics;
use crate::store::Store;
use crate::studio::{Passwords, Studio};
use crate::upstream::animatic::Animatic;
use crate::upstream::ffmpeg::Ffmpeg;
use crate::upstream::openai::{OpenAi, Settings, Timeouts};
use crate::upstream::{Health, Upstream, Upstreams};
use crate::web::App;
use crate::web::app::Inner;
use crate::web::gate::Reach;
use crate::web::listen::Limits;
use crate::web::shared::Shared;
use crate::work::{Arrivals, Messenger, Parts, Worker};

/// How long the first model lists are waited for before the page is called ready.
const FIRST_LISTS: Duration = Duration::from_secs(5);
/// How often a healthy upstream is asked for its models, and one that does not answer.
const REFRESH: Duration = Duration::from_mins(10);
const REFRESH_DOWN: Duration = Duration::from_secs(15);

/// Runs until `shutdown` resolves; owns neither its port nor its signals.
pub async fn run(
    config: Config,
    files: Files,
    clock: Clock,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let database = files.database();
    let was_cut_off = store::guard::was_cut_off(&database);
    let store = Store::open(&database).await.context("the database cannot be opened")?;
    if was_cut_off {
        store.check_after_a_crash(&database).await?;
    }
    files.sweep().context("the data folder cannot be swept")?;
    let helper = match &config.helper {
        Some(program) => Helper::of(program.clone(), child::Limits::default()),
        None => Helper::of_this_program().context("this program does not find itself")?,
    };
    let (upstreams, animatic, ffmpeg) = upstreams(&config, &files, &helper)?;
    let (bus, wake, tasks, stop) = (Bus::new(), Arc::new(Notify::new()), TaskTracker::new(), CancellationToken::new());
    let arrivals = Arrivals::default();
    let metrics = Metrics::new(&upstreams.iter().map(|upstream| upstream.name()).collect::<Vec<_>>())
        .context("the counters cannot be set up")?;
    let messenger = Messenger::new(config.webhook_origins.clone()).context("webhooks cannot be told")?;
    let worker = Worker::new(Parts {
        store: store.clone(),
        files: files.clone(),
        clock: clock.clone(),
        upstreams: upstreams.clone(),
        bus: bus.clone(),
        wake: Arc::clone(&wake),
        tasks: tasks.clone(),
        stop: stop.clone(),
        arrivals: arrivals.clone(),
        helper: helper.clone(),
        messenger: messenger.clone(),
        metrics: metrics.clone(),
    });
    let studio = Studio {
        store: store.clone(),
        files,
        clock: clock.clone(),
        upstreams: upstreams.clone(),
        ffmpeg: Arc::clone(&ffmpeg),
        helper,
        bus: bus.clone(),
        wake,
        viewer: Viewer::ALONE,
        time_zone: config.time_zone.clone(),
    };
    let address = listener.local_addr().context("the address is not known")?;
    let reach = Reach {
        is_loopback: address.ip().is_loopback(),
        open_to_everyone: config.open_to_everyone,
        public_url: config.public_url.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        metrics_token: config.metrics_token.as_ref().map(|token| Passwords::fingerprint(token.expose_secret())),
    };
    if !reach.is_loopback && !reach.open_to_everyone && !store.has_accounts().await? {
        invite_first(&studio, &reach, address, config.setup_code.clone()).await?;
    }
    let app = App::new(Inner {
        whole: studio,
        passwords: Passwords::new(),
        reach,
        worker: worker.clone(),
        messenger,
        limits: web::api::limit::Limits::default(),
        metrics,
        began: clock.now(),
        arrivals,
        tasks: tasks.clone(),
        stop: stop.clone(),
        is_ready: AtomicBool::new(false),
        streams: AtomicU64::new(0),
        guests: Shared::default(),
        bells: Shared::default(),
        lines: Shared::default(),
    });

    tasks.spawn(keep_fresh(app.clone(), clock.clone(), bus));
    let mut working = tasks.spawn(async move { worker.run().await });
    let limits = Limits { exempt: config.trusted_proxies.clone(), ..Limits::default() };
    let server = web::listen::serve(listener, web::router(app), limits, tasks.clone(), stop.clone());
    let mut serving = tasks.spawn(server);

    tokio::select! {
        () = shutdown => info!("stopping"),
        end = &mut working => warn!("the worker ended by itself: {end:?}"),
        end = &mut serving => warn!("the server ended by itself: {end:?}"),
    }
    // Streams end and nothing new is begun; an answer that is on its way is waited for.
    stop.cancel();
    kill_point!("stop.begun");
    tasks.close();
    if tokio::time::timeout(config.grace, tasks.wait()).await.is_err() {
        warn!("some requests were still open after {} s", config.grace.as_secs());
    }
    if let Some(animatic) = animatic {
        tokio::task::spawn_blocking(move || animatic.close()).await.context("the animatic did not stop")?;
    }
    tokio::task::spawn_blocking(move || ffmpeg.close()).await.context("ffmpeg did not stop")?;
    store.close().await;
    info!("stopped");
    Ok(())
}

/// Prints where the first account is made. Nobody who merely arrives first becomes the owner.
async fn invite_first(
    studio: &Studio,
    reach: &Reach,
    address: SocketAddr,
    code: Option<SecretString>,
) -> anyhow::Result<()> {
    let is_chosen = code.is_some();
    let link = studio.accounts().open_setup(code).await.context("the set-up link cannot be kept")?;
    let base = reach
        .public_url
        .as_ref()
        .map_or_else(|| format!("http://{address}"), |url| url.as_str().trim_end_matches('/').to_owned());
    // A code that was chosen beforehand is known to whoever chose it, and stays out of the terminal.
    let words = if is_chosen {
        format!("There are no accounts yet. Make the first one at {base}/setup with the code of RUSHES_SETUP_CODE.")
    } else {
        format!("There are no accounts yet. Make the first one at {base}{}", link.path.expose_secret())
    };
    let _ = writeln!(std::io::stdout(), "{words}");
    Ok(())
}

/// Builds the configured upstreams, the embedded one first.
fn upstreams(
    config: &Config,
    files: &Files,
    helper: &Helper,
) -> anyhow::Result<(Upstreams, Option<Arc<Animatic>>, Arc<Ffmpeg>)> {
    let mut all: Vec<Arc<dyn Upstream>> = Vec::new();
    let mut embedded = None;
    if config.animatic {
        // A render uses two threads of its own: one at a time per pair of cores leaves room for the web.
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let animatic = Arc::new(
            Animatic::start(files.animatic(), (cores / 2).clamp(1, 4), helper.clone())
                .context("the animatic cannot start")?,
        );
        embedded = Some(Arc::clone(&animatic));
        all.push(animatic);
    }
    for upstream in &config.upstreams {
        let settings = Settings {
            name: upstream.name.clone(),
            base_url: upstream.base_url.clone(),
            key: upstream.key.clone(),
            max_in_flight: upstream.max_in_flight,
            models: upstream.models.clone(),
            timeouts: Timeouts::default(),
        };
        all.push(Arc::new(
            OpenAi::new(settings).with_context(|| format!("upstream {} cannot be set up", upstream.name))?,
        ));
    }
    let ffmpeg = Ffmpeg::start(files.ffmpeg(), config.ffmpeg.clone()).context("ffmpeg's jobs cannot be kept")?;
    let ffmpeg = Arc::new(ffmpeg);
    all.push(Arc::clone(&ffmpeg) as Arc<dyn Upstream>);
    Ok((Upstreams::new(all), embedded, ffmpeg))
}

/// Asks each upstream for its models: at the start, and again now and then.
async fn keep_fresh(app: App, clock: Clock, bus: Bus) {
    let each: Vec<_> = app
        .studio
        .upstreams
        .iter()
        .map(|upstream| {
            app.tasks.spawn(keep_one_fresh(Arc::clone(upstream), clock.clone(), bus.clone(), app.stop.clone()))
        })
        .collect();
    let all_known = async {
        let mut changes = bus.listen();
        while app.studio.upstreams.iter().any(|upstream| upstream.health() == Health::Unknown) {
            if changes.recv().await.is_err() {
                tokio::task::yield_now().await;
            }
        }
    };
    tokio::select! {
        () = all_known => {}
        () = clock.sleep(FIRST_LISTS) => {}
        () = app.stop.cancelled() => {}
    }
    app.is_ready.store(true, Ordering::Relaxed);
    for one in each {
        let _ = one.await;
    }
}

async fn keep_one_fresh(upstream: Arc<dyn Upstream>, clock: Clock, bus: Bus, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = upstream.refresh() => {}
            () = stop.cancelled() => return,
        }
        bus.tell(Change::Upstreams);
        let pause = if matches!(upstream.health(), Health::Down(_)) { REFRESH_DOWN } else { REFRESH };
        tokio::select! {
            () = clock.sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
}
