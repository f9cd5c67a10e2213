//! Settings, help and shortcuts.

use axum::Form;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::present::time::bytes;
use super::shelf::local;
use super::view::settings::{HelpPage, ModelRow, Prose, SettingsPage, ShortcutsPage};
use super::view::stage::{Fact, Facts};
use super::view::{Item, Section};
use super::wants::{LOOK, Wants, page};
use crate::domain::{Model, Right};

/// Every page of help: its name, what it is about, its text.
const HELP: [(&str, &str, &str); 17] = [
    ("policy", "Content policy", include_str!("../../docs/failures/policy.md")),
    ("policy-late", "Refused while rendering", include_str!("../../docs/failures/policy-late.md")),
    ("likeness", "Likeness and brands", include_str!("../../docs/failures/likeness.md")),
    ("region", "Region", include_str!("../../docs/failures/region.md")),
    ("access", "Access", include_str!("../../docs/failures/access.md")),
    ("rate-limited", "Rate limit", include_str!("../../docs/failures/rate-limited.md")),
    ("funds", "Funds and quota", include_str!("../../docs/failures/funds.md")),
    ("invalid", "Invalid setting", include_str!("../../docs/failures/invalid.md")),
    ("unreachable", "Upstream down", include_str!("../../docs/failures/unreachable.md")),
    ("lost", "Lost upstream", include_str!("../../docs/failures/lost.md")),
    ("unknown", "Unknown outcome", include_str!("../../docs/failures/unknown.md")),
    ("render-failed", "Render failed", include_str!("../../docs/failures/render-failed.md")),
    ("bad-file", "Bad file", include_str!("../../docs/failures/bad-file.md")),
    ("stalled", "Stalled", include_str!("../../docs/failures/stalled.md")),
    ("disk-full", "Disk full", include_str!("../../docs/failures/disk-full.md")),
    ("not-made", "Not made here", include_str!("../../docs/failures/not-made.md")),
    ("canceled", "Canceled", include_str!("../../docs/failures/canceled.md")),
];

/// `GET /help/{topic}`
pub async fn help(app: App, wants: Wants, Path(topic): Path<String>) -> Result<Response, Error> {
    let (name, title, text) = HELP.into_iter().find(|(name, ..)| *name == topic).ok_or(Error::NotFound)?;
    let links = HELP.iter().map(|(other, title, _)| Item::new(*title, format!("/help/{other}"), *other == name));
    let frame = app.frame(title, Section::Elsewhere, &wants, &format!("/help/{name}"), "bell").await?;
    page(&HelpPage { frame, others: "Other reasons", prose: Prose::of(text), links: links.collect() })
}

/// `GET /docs/api`
pub async fn api(app: App, wants: Wants) -> Result<Response, Error> {
    let text = include_str!("../../docs/api.md");
    let links = vec![
        Item::new("API", "/docs/api", true),
        Item::new("Keys", "/keys", false),
        Item::new("Webhooks", "/webhooks", false),
    ];
    let frame = app.frame("API", Section::Elsewhere, &wants, "/docs/api", "bell").await?;
    page(&HelpPage { frame, others: "Elsewhere", prose: Prose::of(text), links })
}

/// `GET /shortcuts`
pub async fn shortcuts(app: App, wants: Wants) -> Result<Response, Error> {
    let frame = app.frame("Keyboard shortcuts", Section::Elsewhere, &wants, "/shortcuts", "bell").await?;
    page(&ShortcutsPage { frame })
}

/// `GET /settings`
pub async fn show(app: App, wants: Wants) -> Result<Response, Error> {
    let link = |label: &str, href: &str, icon| Item::new(label, href, false).icon(icon);
    let mut team = Vec::new();
    if wants.session.is_some() {
        team.extend([link("Account", "/account", "mine"), link("Usage", "/usage", "chart")]);
        if app.viewer().may(Right::Manage) {
            team.push(link("People", "/admin/users", "people"));
            team.push(link("Plans", "/admin/plans", "list"));
            team.push(link("Usage of the team", "/admin/usage", "chart"));
        }
    }
    let mut links = vec![
        link("Keyboard shortcuts", "/shortcuts", "keyboard"),
        link("Activity", "/activity", "bell"),
        link("Folders", "/folders", "folder"),
        link("Uploads", "/uploads", "uploads"),
        link("Trash", "/trash", "trash"),
        link("Styles", "/presets", "image"),
        link("API", "/keys", "key"),
        link("Why clips fail", "/help/policy", "question"),
    ];
    if app.viewer().may(Right::Manage) {
        links.push(link("Status", "/admin/status", "info"));
    }
    let view = SettingsPage {
        team,
        data: app.studio.files.at("").display().to_string().trim_end_matches('/').to_owned(),
        frame: app.frame("Settings", Section::Settings, &wants, "/settings", "bell").await?,
        look: wants.look,
        links,
        facts: server(&app).await?,
        models: app.studio.models().iter().map(model).collect(),
    };
    page(&view)
}

async fn server(app: &App) -> Result<Facts, Error> {
    let files = &app.studio.files;
    let free = files.free_bytes().map_or_else(|| "not known".to_owned(), bytes);
    let mut rows = vec![
        Fact::new("Rushes", env!("CARGO_PKG_VERSION")),
        Fact::code("Data folder", files.at("").display().to_string(), ""),
        Fact::new("Library on disk", bytes(app.studio.store.library_bytes().await?)),
        Fact::new("Free on its disk", free),
        Fact::new("Sending stops below", bytes(app.studio.files.floor_bytes())),
        Fact::new("The trash keeps", "30 days"),
    ];
    for upstream in app.studio.upstreams.iter() {
        rows.push(Fact::new(format!("At once at {}", upstream.name()), upstream.max_in_flight().to_string()));
    }
    Ok(Facts { heading: "This server".to_owned(), rows })
}

fn model(model: &Model) -> ModelRow {
    let sizes = model.aspects().into_iter().map(|aspect| {
        let resolutions = model.resolutions(&aspect).join(", ");
        format!("{aspect} {resolutions}")
    });
    let lengths = model.durations.offered.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    ModelRow {
        label: model.label.clone(),
        upstream: model.upstream.clone(),
        sizes: sizes.collect::<Vec<_>>().join("; "),
        seconds: format!("{lengths} s"),
        price: model.price.words().unwrap_or_else(|| "No price set".to_owned()),
    }
}

/// How walls shall be shown.
#[derive(Debug, Deserialize)]
pub struct Choice {
    view: Option<String>,
    size: Option<String>,
    back: Option<String>,
}

/// `POST /look`
pub async fn look(wants: Wants, jar: CookieJar, Form(choice): Form<Choice>) -> Response {
    let look = wants.look.with(choice.view.as_deref(), choice.size.as_deref());
    let cookie = Cookie::build((LOOK, look.word())).path("/").http_only(true).same_site(SameSite::Lax).permanent();
    let back = choice.back.as_deref().and_then(local).unwrap_or("/").to_owned();
    (jar.add(cookie), Redirect::to(&back)).into_response()
}
