//! Webhooks: each ending is sent to who asked for it, signed, until they take it. The signatures are those of Standard
//! Webhooks (<https://www.standardwebhooks.com>), which the official SDKs verify by `webhooks.unwrap`.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, StatusCode, redirect, retry};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use tracing::{info, warn};
use url::Url;

use super::{Step, Worker};
use crate::address::{self, PublicOnly};
use crate::domain::webhook::pause;
use crate::domain::{DeliveryId, GenerationId, Millis};
use crate::store;
use crate::store::webhooks::{Delivery, Tried, Webhook};

/// An address must answer within this.
const PATIENCE: Duration = Duration::from_secs(15);
/// A connection must come about within this.
const CONNECT: Duration = Duration::from_secs(5);
/// Deliveries on their way at once.
const AT_ONCE: u32 = 8;

/// Sends what is told. A wish of whoever typed the address leads only to the web, or to where the configuration allows.
#[derive(Clone)]
pub struct Messenger {
    /// Origins inside private networks that may be told.
    inside: Arc<[Url]>,
    near: Client,
    far: Client,
}

impl Messenger {
    /// # Errors
    /// If no client can be made, which would be a mistake in how this was built.
    pub fn new(inside: Vec<Url>) -> reqwest::Result<Self> {
        drop(rustls::crypto::ring::default_provider().install_default());
        let builder = || {
            let builder = Client::builder().redirect(redirect::Policy::none()).retry(retry::never()).referer(false);
            // A proxy would look the names up itself, behind our back.
            builder.no_proxy().connect_timeout(CONNECT).timeout(PATIENCE).user_agent("Rushes-Webhooks/1")
        };
        let far = builder().dns_resolver(Arc::new(PublicOnly)).build()?;
        Ok(Self { inside: inside.into(), near: builder().build()?, far })
    }

    /// The allowed origins.
    pub fn inside(&self) -> &[Url] {
        &self.inside
    }

    /// Sends once; the status, or why there is none in words for people.
    async fn send(&self, delivery: &Delivery, webhook: &Webhook, now: Millis) -> Result<StatusCode, &'static str> {
        let url = webhook.url.parse::<Url>().map_err(|_| "The address is no address any more.")?;
        address::plain(&url).map_err(|_| "The address is not allowed.")?;
        let is_near = self.inside.iter().any(|ours| address::same_origin(&url, ours));
        if !is_near {
            address::outside(&url).map_err(|_| "The address is inside a private network.")?;
        }
        let body = body(delivery, now);
        let id = event_id(delivery.id);
        let seconds = (now.as_i64() / 1000).to_string();
        let signed = signature(&webhook.secret, &id, &seconds, &body).ok_or("Its secret cannot be read.")?;
        let client = if is_near { &self.near } else { &self.far };
        let request = client.post(url).header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let request = request.header("webhook-id", id).header("webhook-timestamp", seconds);
        let answer = request.header("webhook-signature", signed).body(body).send().await;
        // What it answers is not read, let alone shown: it may not be meant for whoever typed the address.
        answer.map(|answer| answer.status()).map_err(|error| {
            if error.is_timeout() {
                "It did not answer in time."
            } else if error.is_connect() {
                "It could not be reached."
            } else {
                "The connection broke off."
            }
        })
    }
}

/// The id of an event, the same however often it is sent.
fn event_id(id: DeliveryId) -> String {
    format!("evt_{id}")
}

/// The event as OpenAI's API writes it.
fn body(delivery: &Delivery, now: Millis) -> String {
    let happened = if delivery.happened_at.as_i64() > 0 { delivery.happened_at } else { now };
    serde_json::json!({
        "id": event_id(delivery.id),
        "object": "event",
        "created_at": happened.as_i64() / 1000,
        "type": delivery.event.as_str(),
        "data": { "id": format!("video_{}", delivery.generation) },
    })
    .to_string()
}

/// `v1,` and the base64 of the HMAC-SHA-256 over id, time and body, with the decoded secret.
fn signature(secret: &SecretString, id: &str, seconds: &str, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.expose_secret().strip_prefix("whsec_")?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// Why an answer is none that takes it; none where it does.
fn unfit(status: StatusCode) -> Option<String> {
    if status.is_success() {
        return None;
    }
    let words = match status.as_u16() {
        410 => "It says that it is gone (410) and is told nothing more.".to_owned(),
        300..=399 => format!("It sends on to another address ({}), which is not followed.", status.as_u16()),
        other => format!("It answered {other}."),
    };
    Some(words)
}

impl Worker {
    /// Turns what ended into deliveries, and sends those that are due.
    pub(super) async fn tell_endings(&self) -> store::Result<()> {
        let parts = &self.0.parts;
        let now = parts.clock.now();
        parts.store.note_endings(now, rand::random).await?;
        for (delivery, webhook) in parts.store.due_deliveries(now, AT_ONCE).await? {
            if self.busy_with(Step::Deliver, "") >= usize::try_from(AT_ONCE).unwrap_or(1) {
                break;
            }
            let id = GenerationId::from_i64(delivery.id.as_i64());
            if let Some(busy) = self.hold(Step::Deliver, id, "") {
                let worker = self.clone();
                self.spawn(busy, async move { worker.deliver(&delivery, &webhook).await });
            }
        }
        Ok(())
    }

    async fn deliver(&self, delivery: &Delivery, webhook: &Webhook) {
        let parts = &self.0.parts;
        let answer = parts.messenger.send(delivery, webhook, parts.clock.now()).await;
        let now = parts.clock.now();
        let attempts = delivery.attempts.saturating_add(1);
        let (status, words) = match answer {
            Ok(status) => (Some(status.as_u16()), unfit(status)),
            Err(words) => (None, Some(words.to_owned())),
        };
        let is_gone = status == Some(StatusCode::GONE.as_u16());
        let next = pause(attempts, Self::noise()).filter(|_| words.is_some() && !is_gone).map(|pause| now.after(pause));
        let (id, event, clip) = (delivery.id, delivery.event, delivery.generation);
        let outcome = match (&words, next) {
            (None, _) => "delivered",
            (Some(_), Some(_)) => "set_back",
            (Some(_), None) => "given_up",
        };
        match &words {
            None => info!(generation.id = %clip, "{event} {id} was delivered"),
            Some(words) if next.is_some() => info!(generation.id = %clip, "{event} {id} is sent again: {words}"),
            Some(words) => warn!(generation.id = %clip, "{event} {id} is given up: {words}"),
        }
        parts.metrics.delivery(outcome);
        let tried = Tried { attempts, status, words, next };
        self.persist("a delivery", || parts.store.tried(id, &tried, now)).await;
        if is_gone {
            let off = || parts.store.switch_webhook(webhook.id, webhook.person, false, now);
            self.persist("an address that is gone", off).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_specification() {
        // The example of <https://github.com/standard-webhooks/standard-webhooks>.
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = r#"{"test": 2432232314}"#;
        let signed = signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert_eq!(signature(&SecretString::from("whsec_?"), "a", "1", body), None);
    }
}
