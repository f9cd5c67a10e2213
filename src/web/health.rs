//! Whether Rushes is well, for a supervisor and for Prometheus.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus::{Encoder, IntGaugeVec, Opts, Registry, TextEncoder};
use serde_json::json;

use super::App;
use super::error::Error;
use crate::upstream::Health;

/// A worker that did not come round for this long is taken for dead.
const PULSE: Duration = Duration::from_mins(1);

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

/// `GET /metrics`: the Prometheus text format.
pub async fn metrics(app: App) -> Result<Response, Error> {
    let internal = |error: prometheus::Error| Error::Internal(error.into());
    let registry = Registry::new();
    let gauge = |name: &str, help: &str, labels: &[&str]| -> Result<IntGaugeVec, Error> {
        let gauge = IntGaugeVec::new(Opts::new(name, help), labels).map_err(internal)?;
        registry.register(Box::new(gauge.clone())).map_err(internal)?;
        Ok(gauge)
    };
    let generations =
        gauge("rushes_generations", "Generations on their way, by upstream and state", &["upstream", "state"])?;
    for (upstream, state, many) in app.studio.store.census().await? {
        generations.with_label_values(&[upstream.as_str(), state.as_str()]).set(many);
    }
    let up = gauge("rushes_upstream_up", "1 when the upstream answered the last time it was asked", &["upstream"])?;
    for upstream in app.studio.upstreams.iter() {
        up.with_label_values(&[upstream.name()]).set(i64::from(upstream.health() == Health::Up));
    }
    let streams = gauge("rushes_live_streams", "Pages that follow what happens", &[])?;
    streams.with_label_values::<&str>(&[]).set(i64::try_from(app.streams.load(Ordering::Relaxed)).unwrap_or(i64::MAX));
    let disk = gauge("rushes_disk_has_room", "1 while there is room for new work", &[])?;
    disk.with_label_values::<&str>(&[]).set(i64::from(app.studio.files.has_room()));
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text).map_err(internal)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
