//! The queue's page, and what a person does to the line.

use axum::Form;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::form::{Id, Query};
use super::present::{activity, queue};
use super::view::queue::{ActivityPage, QueuePage};
use super::view::{Action, Message, Section};
use super::wants::{Wants, page};
use crate::domain::{GenerationId, Millis};
use crate::store::turns::Move;

/// Ends on one page of the activity.
const ENDS: u32 = 60;
/// Failed clips that one press clears.
const CLEARED: u32 = 10_000;

/// `GET /queue`
pub async fn show(app: App, wants: Wants) -> Result<Response, Error> {
    let frame = app.frame("Queue", Section::Queue, &wants, "/queue", "queue").await?;
    // The queue tells of what holds for many clips itself.
    let frame = super::view::Frame { notices: Vec::new(), ..frame };
    page(&QueuePage { frame, queue: queue::queue(&app, &wants).await? })
}

/// What the page shows after something was done on it.
pub async fn again(app: &App, wants: &Wants) -> Result<Response, Error> {
    if !wants.partial {
        return Ok(wants.go("/queue"));
    }
    let message = Message::new().queue(&queue::queue(app, wants).await?).waiting(app.waiting().await?);
    Ok(message.into_response())
}

/// `POST /queue/pause`
pub async fn pause(app: App, wants: Wants) -> Result<Response, Error> {
    app.studio.pause(wants.person, true).await?;
    again(&app, &wants).await
}

/// `POST /queue/resume`
pub async fn resume(app: App, wants: Wants) -> Result<Response, Error> {
    app.studio.pause(wants.person, false).await?;
    again(&app, &wants).await
}

/// `POST /queue/clear`: failed clips go to the trash.
pub async fn clear(app: App, wants: Wants) -> Result<Response, Error> {
    let ids = app.studio.store.failed(wants.person, CLEARED).await?;
    let (_, moment) = app.studio.delete(&ids).await?;
    if wants.partial {
        let mut message = Message::new().queue(&queue::queue(&app, &wants).await?);
        if let Some(flash) = super::library::trashed(&app, moment, "/queue").await? {
            message = message.flash(&flash);
        }
        return Ok(message.into_response());
    }
    Ok(wants.go("/queue"))
}

/// Where to.
#[derive(Debug, Deserialize)]
pub struct To {
    to: String,
}

/// `POST /g/{generation}/move`
pub async fn shift(app: App, wants: Wants, Id(id): Id<GenerationId>, Form(to): Form<To>) -> Result<Response, Error> {
    let to = match to.to.as_str() {
        "front" => Move::Front,
        "up" => Move::Up,
        "down" => Move::Down,
        _ => return Err(Error::BadRequest("A waiting clip can be moved to the front, up or down.".to_owned())),
    };
    app.studio.move_in_line(id, to).await?;
    again(&app, &wants).await
}

/// Where the page of activity begins.
#[derive(Debug, Deserialize)]
pub struct Place {
    before: Option<String>,
}

/// `GET /activity`
pub async fn activity(app: App, wants: Wants, Query(place): Query<Place>) -> Result<Response, Error> {
    let store = &app.studio.store;
    let before = place.before.as_deref().and_then(|text| {
        let (at, id) = text.split_once('-')?;
        Some((Millis::from_i64(at.parse().ok()?), id.parse().ok()?))
    });
    let now = app.studio.clock.now();
    let seen = store.person(wants.person).await?.map_or(now, |person| person.seen_at);
    let ended = store.ended(wants.person, before, ENDS).await?;
    let older = ended.last().filter(|_| u32::try_from(ended.len()).is_ok_and(|many| many == ENDS));
    let older = older.and_then(|clip| Some(format!("/activity?before={}-{}", clip.ended_at?.as_i64(), clip.id)));
    let mut news = Vec::new();
    if before.is_none() {
        news.extend(
            store.undecided(Some(wants.person), ENDS).await?.iter().map(|clip| activity::undecided_news(clip, now)),
        );
    }
    news.extend(activity::of_ends(&ended, seen, now));
    let is_new = news.iter().any(|news| news.is_new);
    let frame = app.frame("Activity", Section::Elsewhere, &wants, "/activity", "bell").await?;
    let seen = is_new.then(|| Action::post("Mark all as seen", "/activity/seen").icon("check").plain());
    page(&ActivityPage { frame, news, older, seen })
}

/// `POST /activity/seen`
pub async fn seen(app: App, wants: Wants) -> Result<Response, Error> {
    app.studio.store.seen_until(wants.person, app.studio.clock.now()).await?;
    if wants.partial {
        return Ok(Message::new().bell(&app.bell(wants.person).await?).into_response());
    }
    Ok(wants.go("/activity"))
}
