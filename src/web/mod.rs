//! The pages: every route in one screen, a file a page. Handlers parse, call, show.

pub mod app;
mod assets;
mod compose;
mod error;
mod file;
mod form;
mod generation;
mod health;
mod layers;
mod library;
mod live;
pub mod present;
pub mod serve;
mod task;
mod theme;
pub mod view;
mod wants;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

pub use app::App;

/// Everything but a reference image is small.
const FORM_BYTES: usize = 256 * 1024;
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    media-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Every route there is.
pub fn router(app: App) -> Router {
    let routes = Router::new()
        .route("/", get(library::show))
        .route("/compose", get(compose::settings).post(compose::preview).layer(DefaultBodyLimit::disable()))
        .route("/tasks", post(compose::create).layer(DefaultBodyLimit::disable()))
        .route("/t/{task}", get(task::show))
        .route("/g/{generation}", get(generation::show))
        .route("/g/{generation}/cancel", post(generation::cancel))
        .route("/g/{generation}/retry", post(generation::retry))
        .route("/g/{generation}/check", post(generation::check))
        .route("/g/{generation}/adopt", post(generation::adopt))
        .route("/g/{generation}/send-again", post(generation::send_again))
        .route("/g/{generation}/give-up", post(generation::give_up))
        .route("/g/{generation}/delete", post(generation::remove))
        .route("/g/{generation}/restore", post(generation::restore))
        .route("/g/{generation}/{file}", get(file::show))
        .route("/live", get(live::stream))
        .route("/live/now", get(live::now))
        .route("/theme", post(theme::update))
        .route("/health", get(health::show))
        .route("/metrics", get(health::metrics))
        .route("/static/{hash}/{*name}", get(assets::show))
        .fallback(error::no_such_page)
        .method_not_allowed_fallback(error::no_such_method);
    let request_id = HeaderName::from_static("x-request-id");
    routes
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(app.clone(), layers::guard))
        .layer(from_fn_with_state(app.clone(), error::render))
        .layer(from_fn(layers::caching))
        .layer(default_header(header::CONTENT_SECURITY_POLICY, CSP))
        .layer(default_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(default_header(header::REFERRER_POLICY, "same-origin"))
        .layer(default_header(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(default_header(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .layer(TraceLayer::new_for_http().make_span_with(layers::span))
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        .layer(SetRequestIdLayer::new(request_id, MakeRequestUuid))
        .with_state(app)
}

/// A header that a handler may set otherwise.
fn default_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
