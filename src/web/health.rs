//! Whether Rushes is well, for a supervisor and for Prometheus.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus::{Encoder, GaugeVec, Opts, Registry, TextEncoder};
use serde_json::json;

use super::App;
use super::error::Error;
use super::standing::{PULSE, Standing};
use crate::domain::State;
use crate::upstream::Health;
use crate::work::breaker::Gate;

fn upstream(health: &Health) -> &'static str {
    match health {
        Health::Unknown => "unknown",
        Health::Up => "up",
        Health::Down(_) => "down",
    }
}

/// `GET /health`: 200 only when the database answers, the worker lives and the start is over.
pub async fn show(app: App) -> Response {
    let database = app.studio.store.answers().await.is_ok();
    let worker = app.studio.clock.now().since(app.worker.pulse()) < PULSE;
    let ready = app.is_ready.load(Ordering::Relaxed);
    let upstreams: serde_json::Map<_, _> =
        app.studio.upstreams.iter().map(|u| (u.name().to_owned(), upstream(&u.health()).into())).collect();
    let is_well = database && worker && ready;
    let status = if is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = if is_well {
        "ok"
    } else if ready {
        "failing"
    } else {
        "starting"
    };
    let body = json!({
        "status": word, "version": env!("CARGO_PKG_VERSION"),
        "database": database, "worker": worker, "upstreams": upstreams,
    });
    (status, Json(body)).into_response()
}

/// Gauges of one answer.
struct Gauges(Registry);

impl Gauges {
    fn all(&self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<GaugeVec> {
        let gauge = GaugeVec::new(Opts::new(name, help), labels)?;
        self.0.register(Box::new(gauge.clone()))?;
        Ok(gauge)
    }

    fn one(&self, name: &str, help: &str, value: f64) -> prometheus::Result<()> {
        self.all(name, help, &[])?.with_label_values::<&str>(&[]).set(value);
        Ok(())
    }
}

/// A figure as Prometheus takes it: exact up to 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "nothing here comes near 2^53")]
fn figure(value: u64) -> f64 {
    value as f64
}

fn gauges(standing: &Standing) -> prometheus::Result<Registry> {
    let gauges = Gauges(Registry::new());
    let of = |name, help| gauges.all(name, help, &["upstream"]);
    let generations =
        gauges.all("rushes_generations", "Generations on their way, by upstream and state", &["upstream", "state"])?;
    let up = of("rushes_upstream_up", "1 when the upstream answered the last time it was asked")?;
    let places = of("rushes_places", "Jobs that an upstream may hold at once")?;
    let taken = of("rushes_places_taken", "Jobs that it holds, or is being asked to")?;
    let age = of("rushes_queue_age_seconds", "How long the oldest clip has waited in line")?;
    let lag = of("rushes_poll_lag_seconds", "How late the latest question, download or look in a list is")?;
    let breaker = of("rushes_breaker_open", "1 while an upstream is left alone, 0.5 while one question finds out")?;
    let paused = of("rushes_creates_paused", "1 while an upstream gets no creates")?;
    let states = [State::Queued, State::Submitting, State::InProgress, State::Downloading, State::Uncertain];
    for upstream in &standing.upstreams {
        let name = [upstream.name.as_str()];
        for state in states {
            let many = u64::try_from(upstream.many(state)).unwrap_or(0);
            generations.with_label_values(&[upstream.name.as_str(), state.as_str()]).set(figure(many));
        }
        up.with_label_values(&name).set(f64::from(u8::from(upstream.health == Health::Up)));
        places.with_label_values(&name).set(f64::from(upstream.places));
        taken.with_label_values(&name).set(figure(u64::try_from(upstream.taken()).unwrap_or(0)));
        age.with_label_values(&name).set(upstream.oldest.unwrap_or_default().as_secs_f64());
        lag.with_label_values(&name).set(upstream.lag.as_secs_f64());
        breaker.with_label_values(&name).set(match upstream.gate {
            Gate::Closed => 0.0,
            Gate::HalfOpen => 0.5,
            Gate::Open(_) => 1.0,
        });
        paused.with_label_values(&name).set(f64::from(u8::from(upstream.pause.is_some())));
    }
    gauges.one("rushes_worker_pulse_seconds", "How long ago the worker came round", standing.pulse.as_secs_f64())?;
    if let Some(free) = standing.free_bytes {
        gauges.one("rushes_disk_free_bytes", "Free bytes on the disk of the data folder", figure(free))?;
    }
    gauges.one("rushes_disk_floor_bytes", "Below this nothing new is sent", figure(standing.floor_bytes))?;
    let has_room = u64::from(standing.has_room());
    gauges.one("rushes_disk_has_room", "1 while there is room for new work", figure(has_room))?;
    gauges.one("rushes_database_bytes", "Bytes of the database", figure(standing.database_bytes))?;
    gauges.one("rushes_database_log_bytes", "Bytes of the database's write-ahead log", figure(standing.log_bytes))?;
    gauges.one("rushes_live_streams", "Pages that follow what happens", figure(standing.streams))?;
    gauges.one("rushes_uptime_seconds", "How long the server runs", standing.uptime.as_secs_f64())?;
    if let Some(memory) = standing.memory_bytes {
        gauges.one("process_resident_memory_bytes", "Resident memory", figure(memory))?;
    }
    let build = gauges.all("rushes_build_info", "Which version runs", &["version"])?;
    build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1.0);
    Ok(gauges.0)
}

/// `GET /metrics`: the Prometheus text format.
pub async fn metrics(app: App) -> Result<Response, Error> {
    let internal = |error: prometheus::Error| Error::Internal(error.into());
    let standing = Standing::read(&app).await?;
    let mut families = gauges(&standing).map_err(internal)?.gather();
    families.extend(app.metrics.gather());
    let mut text = Vec::new();
    TextEncoder::new().encode(&families, &mut text).map_err(internal)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
