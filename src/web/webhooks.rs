//! Webhooks: addresses of one's own that are told when one's clips end, and the log of it.

use axum::extract::{Path, RawForm};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::form::{Id, Query};
use super::keys::may;
use super::present::time::{clock, when};
use super::view::Section;
use super::view::account::Once;
use super::view::webhooks::{HookRow, ToldRow, WebhookPage, WebhooksPage};
use super::wants::{Wants, page};
use crate::domain::webhook::DeliveryState;
use crate::domain::{DeliveryId, Millis, WebhookId};
use crate::store;
use crate::store::webhooks::{Delivery, Webhook};
use crate::studio;

/// Lines of the log in one part.
const PART: u32 = 50;

fn told(delivery: &Delivery, now: Millis) -> ToldRow {
    let state = match delivery.state {
        DeliveryState::Delivered => "Delivered".to_owned(),
        DeliveryState::Failed => "Given up".to_owned(),
        DeliveryState::Waiting if delivery.attempts == 0 => "On its way".to_owned(),
        DeliveryState::Waiting => format!("Sent again at {}", clock(delivery.due_at, now)),
    };
    let answer = match (&delivery.words, delivery.status) {
        (Some(words), _) => words.clone(),
        (None, Some(status)) => format!("It answered {status}."),
        (None, None) => String::new(),
    };
    let tries = match delivery.attempts {
        0 => String::new(),
        1 => " Sent once.".to_owned(),
        many => format!(" Sent {many} times."),
    };
    ToldRow {
        id: delivery.id.to_string(),
        event: delivery.event.as_str(),
        href: format!("/g/{}", delivery.generation),
        at: when(delivery.happened_at, now),
        state,
        is_bad: delivery.words.is_some(),
        is_waiting: delivery.state == DeliveryState::Waiting,
        words: format!("{answer}{tries}").trim().to_owned(),
    }
}

fn row(webhook: &Webhook, last: Option<&Delivery>, now: Millis) -> HookRow {
    HookRow {
        id: webhook.id.to_string(),
        url: webhook.url.clone(),
        made: when(webhook.created_at, now),
        is_on: webhook.disabled_at.is_none(),
        last: last.map(|delivery| told(delivery, now)),
    }
}

async fn whole(
    app: &App,
    wants: &Wants,
    typed: String,
    made: Option<Once>,
    error: Option<String>,
) -> Result<Response, Error> {
    let now = app.studio.clock.now();
    let hooks = app.studio.store.webhooks(app.viewer().person).await?;
    let view = WebhooksPage {
        frame: app.frame("Webhooks", Section::Settings, wants, "/webhooks", "bell").await?,
        is_barred: !may(app).await?,
        made,
        typed,
        error,
        hooks: hooks.iter().map(|(hook, last)| row(hook, last.as_ref(), now)).collect(),
    };
    page(&view)
}

/// `GET /webhooks`
pub async fn show(app: App, wants: Wants) -> Result<Response, Error> {
    whole(&app, &wants, String::new(), None, None).await
}

/// `POST /webhooks`
pub async fn add(app: App, wants: Wants, RawForm(form): RawForm) -> Result<Response, Error> {
    if !may(&app).await? {
        return Err(Error::NotYours("Your plan does not include the API. Ask an owner or admin to enable it."));
    }
    let url = url::form_urlencoded::parse(&form).find(|(name, _)| name == "url");
    let typed = url.map(|(_, url)| url.into_owned()).unwrap_or_default();
    match app.studio.add_webhook(app.viewer().person, &typed, app.messenger.inside()).await {
        Ok(made) => whole(&app, &wants, String::new(), Some(Once::new(made.secret.expose_secret())), None).await,
        Err(studio::Error::Invalid(words)) => {
            let answer = whole(&app, &wants, typed, None, Some(words.to_owned())).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Where the log goes on.
#[derive(Debug, Deserialize)]
pub struct Part {
    before: Option<String>,
}

/// `GET /webhooks/{webhook}`
pub async fn log(app: App, wants: Wants, Id(id): Id<WebhookId>, Query(part): Query<Part>) -> Result<Response, Error> {
    let store = &app.studio.store;
    let now = app.studio.clock.now();
    let hook = store.webhook(id, app.viewer().person).await?.ok_or(Error::NotFound)?;
    let before = part.before.map(|text| text.parse::<DeliveryId>().map_err(|_| Error::NotFound)).transpose()?;
    let all = store.deliveries(id, before, PART + 1).await?;
    let (shown, more) = all.split_at(all.len().min(PART as usize));
    let older = shown.last().filter(|_| !more.is_empty()).map(|last| format!("/webhooks/{id}?before={}", last.id));
    let view = WebhookPage {
        frame: app.frame("Webhook", Section::Settings, &wants, &format!("/webhooks/{id}"), "bell").await?,
        hook: row(&hook, None, now),
        told: shown.iter().map(|delivery| told(delivery, now)).collect(),
        older,
    };
    page(&view)
}

fn found(error: store::Error) -> Error {
    if matches!(error, store::Error::Stale) { Error::NotFound } else { error.into() }
}

/// `POST /webhooks/{webhook}/remove`
pub async fn remove(app: App, wants: Wants, Id(id): Id<WebhookId>) -> Result<Response, Error> {
    app.studio.store.remove_webhook(id, app.viewer().person).await.map_err(found)?;
    Ok(wants.go("/webhooks"))
}

async fn switch(app: &App, wants: &Wants, id: WebhookId, is_on: bool) -> Result<Response, Error> {
    let store = &app.studio.store;
    let person = app.viewer().person;
    store.webhook(id, person).await?.ok_or(Error::NotFound)?;
    match store.switch_webhook(id, person, is_on, app.studio.clock.now()).await {
        // Pressed twice, it is as it should be.
        Ok(()) | Err(store::Error::Stale) => Ok(wants.go(&format!("/webhooks/{id}"))),
        Err(error) => Err(error.into()),
    }
}

/// `POST /webhooks/{webhook}/on`
pub async fn on(app: App, wants: Wants, Id(id): Id<WebhookId>) -> Result<Response, Error> {
    switch(&app, &wants, id, true).await
}

/// `POST /webhooks/{webhook}/off`
pub async fn off(app: App, wants: Wants, Id(id): Id<WebhookId>) -> Result<Response, Error> {
    switch(&app, &wants, id, false).await
}

/// `POST /webhooks/{webhook}/redeliver/{delivery}`
pub async fn redeliver(
    app: App,
    wants: Wants,
    Path((webhook, delivery)): Path<(String, String)>,
) -> Result<Response, Error> {
    let (webhook, delivery): (WebhookId, DeliveryId) = match (webhook.parse(), delivery.parse()) {
        (Ok(webhook), Ok(delivery)) => (webhook, delivery),
        (Err(_), _) | (_, Err(_)) => return Err(Error::NotFound),
    };
    let now = app.studio.clock.now();
    app.studio.store.redeliver(delivery, webhook, app.viewer().person, now).await.map_err(found)?;
    app.studio.wake.notify_one();
    Ok(wants.go(&format!("/webhooks/{webhook}")))
}
