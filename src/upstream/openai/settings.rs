//! What one upstream's section of the configuration becomes, and why it may be unusable.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::client::origin;
use crate::domain::Model;

/// What one upstream's section of the configuration says.
#[derive(Clone)]
pub struct Settings {
    /// Its name in the configuration.
    pub name: String,
    /// Where its API begins; ends in `/v1`, with or without a slash after it.
    pub base_url: Url,
    /// Sent as a bearer token, to this address only.
    pub key: Option<SecretString>,
    /// How many jobs it may hold at once.
    pub max_in_flight: u32,
    /// Its models; when empty it is asked for them.
    pub models: Vec<Model>,
    /// How long each kind of request may take.
    pub timeouts: Timeouts,
}

impl fmt::Debug for Settings {
    /// Without the key, and without what an address may hold besides its server.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("name", &self.name)
            .field("base_url", &origin(&self.base_url))
            .field("max_in_flight", &self.max_in_flight)
            .finish_non_exhaustive()
    }
}

/// How long each kind of request may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until a connection stands, name lookup and TLS included. Shorter than `create`, else an
    /// upstream that is merely unreachable makes creates uncertain.
    pub connect: Duration,
    /// A whole create: some servers answer only when the film is nearly made.
    pub create: Duration,
    /// A whole poll, list or stop.
    pub ask: Duration,
    /// A whole question for models.
    pub refresh: Duration,
    /// A whole still.
    pub thumbnail: Duration,
    /// Without a single byte, while a film comes. How long all of it takes is no matter.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            create: Duration::from_mins(2),
            ask: Duration::from_secs(30),
            refresh: Duration::from_secs(10),
            thumbnail: Duration::from_secs(5),
            idle: Duration::from_secs(30),
        }
    }
}

/// Why settings cannot be used; written for whoever edits the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Not a web address.
    #[error("base_url must begin with http:// or https:// and name a host")]
    Address,
    /// A user or password in the address would end up in logs.
    #[error("base_url must not hold a user name or password; put the key in its own field")]
    Userinfo,
    /// The key cannot be a header.
    #[error("the key holds characters that no key has, for example a line break")]
    Key,
    /// No TLS here.
    #[error("secure connections are not available on this machine (no trusted certificates?)")]
    Tls,
}
