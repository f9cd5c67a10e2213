//! The pages: every route in one screen, a file a page. Handlers parse, call, show.

mod account;
pub mod api;
pub mod app;
pub mod archive;
mod assets;
mod attach;
mod compose;
mod cut;
mod door;
mod error;
mod file;
mod folders;
mod follow;
mod form;
pub mod gate;
mod generation;
mod health;
mod keeping;
mod keys;
mod layers;
mod library;
pub mod listen;
mod live;
mod many;
mod people;
mod plans;
pub mod present;
mod presets;
mod queue;
mod selection;
pub mod serve;
mod settings;
pub mod shared;
pub mod shelf;
mod standing;
mod status;
mod storyboards;
#[cfg(debug_assertions)]
mod styleguide;
mod task;
mod theme;
mod trash;
mod uploads;
mod usage;
pub mod view;
mod wants;
mod webhooks;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

pub use app::App;

/// Everything but a reference image is small.
const FORM_BYTES: usize = 256 * 1024;
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    media-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Accounts, plans and money.
fn team() -> Router<App> {
    Router::new()
        .route("/usage", get(usage::mine))
        .route("/usage.csv", get(usage::my_table))
        .route("/admin/users", get(people::show))
        .route("/admin/users/{person}", post(people::change))
        .route("/admin/users/{person}/reset", post(people::reset))
        .route("/admin/users/{person}/disable", post(people::disable))
        .route("/admin/users/{person}/enable", post(people::enable))
        .route("/admin/users/{person}/remove", get(people::ask).post(people::remove))
        .route("/admin/invites", post(people::invite))
        .route("/admin/invites/{ticket}/revoke", post(people::revoke))
        .route("/admin/plans", get(plans::show).post(plans::add))
        .route("/admin/plans/{plan}", post(plans::change))
        .route("/admin/plans/{plan}/remove", post(plans::remove))
        .route("/admin/usage", get(usage::team))
        .route("/admin/usage.csv", get(usage::team_table))
        .route("/admin/budgets", post(usage::budget))
        .route("/admin/status", get(status::show))
        .route("/login", get(door::login).post(door::sign_in))
        .route("/logout", post(door::logout))
        .route("/setup", get(door::setup).post(door::set_up))
        .route("/join/{code}", get(door::join).post(door::joined))
        .route("/reset/{code}", get(door::reset).post(door::resets))
        .route("/keys", get(keys::show).post(keys::add))
        .route("/keys/{key}/revoke", post(keys::revoke))
        .route("/webhooks", get(webhooks::show).post(webhooks::add))
        .route("/webhooks/{webhook}", get(webhooks::log))
        .route("/webhooks/{webhook}/remove", post(webhooks::remove))
        .route("/webhooks/{webhook}/on", post(webhooks::on))
        .route("/webhooks/{webhook}/off", post(webhooks::off))
        .route("/webhooks/{webhook}/redeliver/{delivery}", post(webhooks::redeliver))
        .route("/account", get(account::show))
        .route("/account/name", post(account::rename))
        .route("/account/password", post(account::password))
        .route("/account/zone", post(account::zone))
        .route("/account/visibility", post(account::visibility))
        .route("/account/sessions/end-others", post(account::end_others))
        .route("/account/sessions/{session}/end", post(account::end))
}

/// The API: `/v1`.
fn api() -> Router<App> {
    Router::new()
        .route("/v1/videos", get(api::videos::list).post(api::videos::create))
        .route("/v1/videos/edits", post(api::videos::edit))
        .route("/v1/videos/extensions", post(api::videos::extend))
        .route("/v1/videos/characters", post(api::characters::add))
        .route("/v1/videos/characters/{character}", get(api::characters::show))
        .route("/v1/videos/{video}", get(api::videos::retrieve).delete(api::videos::delete))
        .route("/v1/videos/{video}/content", get(api::content::show))
        .route("/v1/videos/{video}/remix", post(api::videos::remix))
        .route("/v1/openapi.json", get(api::document::show))
        .route("/v1/models", get(api::models::list))
        .route("/v1/models/{*model}", get(api::models::show))
        .route("/mcp", get(api::mcp::serve).post(api::mcp::serve).delete(api::mcp::serve))
        .layer(DefaultBodyLimit::disable())
}

/// What nobody need be known for: the gate, which asks the database who comes, is not in its way.
fn bare() -> Router<App> {
    Router::new()
        .route("/health", get(health::show))
        .route("/static/{hash}/{*name}", get(assets::show).layer(CompressionLayer::new()))
}

/// Every route there is.
pub fn router(app: App) -> Router {
    let routes = Router::new()
        .route("/", get(library::all))
        .route("/mine", get(library::mine))
        .route("/favorites", get(library::favorites))
        .route("/uploads", get(library::uploads).post(uploads::receive).layer(DefaultBodyLimit::disable()))
        .route("/folders", get(folders::show).post(folders::add))
        .route("/f/{folder}", get(library::folder))
        .route("/f/{folder}/rename", post(folders::rename))
        .route("/f/{folder}/remove", post(folders::remove))
        .route("/trash", get(library::trash))
        .route("/trash/undo", post(trash::undo))
        .route("/trash/empty", get(trash::confirm).post(trash::empty))
        .route("/selection", post(selection::act))
        .route("/selection/download", post(selection::download))
        .route("/compose", get(compose::settings).post(compose::preview).layer(DefaultBodyLimit::disable()))
        .route("/coach", post(compose::coach).layer(DefaultBodyLimit::disable()))
        .route("/draft", post(compose::draft))
        .route("/tasks", post(compose::create).layer(DefaultBodyLimit::disable()))
        .route("/many", get(many::show).post(many::send).layer(DefaultBodyLimit::disable()))
        .route("/t/{task}", get(task::show))
        .route("/t/{task}/compare", get(task::compare))
        .route("/t/{task}/edit", get(task::edit).post(task::change).layer(DefaultBodyLimit::disable()))
        .route("/g/{generation}", get(generation::show))
        .route("/g/{generation}/cancel", post(generation::cancel))
        .route("/g/{generation}/retry", post(generation::retry))
        .route("/g/{generation}/check", post(generation::check))
        .route("/g/{generation}/adopt", post(generation::adopt))
        .route("/g/{generation}/send-again", post(generation::send_again))
        .route("/g/{generation}/give-up", post(generation::give_up))
        .route("/g/{generation}/move", post(queue::shift))
        .route("/g/{generation}/favorite", post(keeping::favorite))
        .route("/g/{generation}/best", post(keeping::best))
        .route("/g/{generation}/visibility", post(keeping::visibility))
        .route("/g/{generation}/words", post(keeping::words))
        .route("/g/{generation}/folders", post(keeping::folders))
        .route("/g/{generation}/delete", post(keeping::remove))
        .route("/g/{generation}/restore", post(keeping::restore))
        .route("/g/{generation}/reroll", post(follow::reroll))
        .route("/g/{generation}/remix", get(follow::remix))
        .route("/g/{generation}/extend", get(follow::extend))
        .route("/g/{generation}/trim", get(cut::open).post(cut::send))
        .route("/g/{generation}/loop", get(cut::open).post(cut::send))
        .route("/g/{generation}/blend", get(cut::open).post(cut::send))
        .route("/g/{generation}/convert", get(cut::open).post(cut::send))
        .route("/g/{generation}/frame", get(attach::frame))
        .route("/g/{generation}/{file}", get(file::show))
        .route("/storyboards", get(storyboards::list).post(storyboards::add))
        .route(
            "/storyboards/{storyboard}",
            get(storyboards::show).post(storyboards::change_board).layer(DefaultBodyLimit::disable()),
        )
        .route("/storyboards/{storyboard}/duplicate", post(storyboards::duplicate))
        .route("/storyboards/{storyboard}/remove", post(storyboards::remove))
        .route("/storyboards/{storyboard}/{file}", get(storyboards::picture))
        .route("/stitch", get(cut::stitch).post(cut::make_stitch))
        .route("/attach", get(attach::show))
        .route("/presets", get(presets::show).post(presets::add).layer(DefaultBodyLimit::disable()))
        .route("/presets/{preset}", post(presets::change).layer(DefaultBodyLimit::disable()))
        .route("/presets/{preset}/remove", post(presets::remove))
        .route("/presets/{preset}/{file}", get(presets::picture))
        .route("/queue", get(queue::show))
        .route("/queue/pause", post(queue::pause))
        .route("/queue/resume", post(queue::resume))
        .route("/queue/clear", post(queue::clear))
        .route("/activity", get(queue::activity))
        .route("/activity/seen", post(queue::seen))
        .route("/settings", get(settings::show))
        .route("/look", post(settings::look))
        .route("/shortcuts", get(settings::shortcuts))
        .route("/help/{topic}", get(settings::help))
        .route("/docs/api", get(settings::api))
        .route("/live", get(live::stream))
        .route("/live/now", get(live::now))
        .route("/theme", post(theme::update))
        .route("/metrics", get(health::metrics))
        .merge(team())
        .merge(api())
        .fallback(error::no_such_page)
        .method_not_allowed_fallback(error::no_such_method);
    #[cfg(debug_assertions)]
    let routes = routes.route("/styleguide", get(styleguide::show));
    let request_id = HeaderName::from_static("x-request-id");
    routes
        .layer(from_fn_with_state(app.clone(), gate::gate))
        .merge(bare())
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
        .layer(from_fn_with_state(app.clone(), layers::count))
        .layer(TraceLayer::new_for_http().make_span_with(layers::span))
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        .layer(SetRequestIdLayer::new(request_id, MakeRequestUuid))
        .with_state(app)
}

/// A header that a handler may set otherwise.
fn default_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
