//! Webhooks: which addresses may be told.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::RngCore as _;
use secrecy::SecretString;
use url::Url;

use super::{Error, Studio};
use crate::address;
use crate::domain::{PersonId, WebhookId};
use crate::store::webhooks::Webhook;

/// The longest address, in bytes.
const LONGEST: usize = 2_000;
/// Addresses that one person has.
pub const MOST: u32 = 10;

/// 256 random bits, as Standard Webhooks writes them.
fn secret() -> SecretString {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    SecretString::from(format!("whsec_{}", STANDARD.encode(bytes)))
}

impl Studio {
    /// Reads an address that may be told. `inside`: origins within private networks that the configuration allows.
    pub fn webhook_url(text: &str, inside: &[Url]) -> Result<Url, Error> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::Invalid("Write the address that is told, such as https://example.com/rushes."));
        }
        if text.len() > LONGEST {
            return Err(Error::Invalid("This address is longer than 2,000 characters. Shorten it."));
        }
        let url = text.parse::<Url>().map_err(|_| {
            Error::Invalid("This is no address on the web. Write it whole, such as https://example.com/rushes.")
        })?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(Error::Invalid("Only addresses that begin with https:// or http:// can be told."));
        }
        if address::plain(&url).is_err() {
            return Err(Error::Invalid("This address has a password in it. Take it out: what is sent is signed."));
        }
        let is_allowed = inside.iter().any(|ours| address::same_origin(&url, ours));
        if !is_allowed && address::outside(&url).is_err() {
            return Err(Error::Invalid(
                "This address is inside a private network. Whoever runs the server can allow it there: \
                 webhook_origins in rushes.toml.",
            ));
        }
        Ok(url)
    }

    /// Keeps an address that is told how this person's clips end. Its secret is in the answer.
    pub async fn add_webhook(&self, person: PersonId, text: &str, inside: &[Url]) -> Result<Webhook, Error> {
        let url = Self::webhook_url(text, inside)?;
        let now = self.clock.now();
        let webhook = Webhook {
            id: WebhookId::new(now, rand::random()),
            person,
            url: url.into(),
            secret: secret(),
            created_at: now,
            disabled_at: None,
        };
        if self.store.add_webhook(&webhook, MOST).await? {
            Ok(webhook)
        } else {
            Err(Error::Invalid("There are ten addresses already. Remove one first."))
        }
    }
}
