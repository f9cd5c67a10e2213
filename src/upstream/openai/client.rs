//! The connections to one upstream, and the only place that holds its key. Four clients,
//! since each kind of request has its own rules; none follows redirects or sends twice.

use std::error::Error as _;
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, Response, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::answer::{Answer, Content, Outcome};
use super::mask::Mask;
use super::{Timeouts, Unusable};
use crate::address::{Inside, PublicOnly, same_origin};

/// Signs that mean nothing special anywhere in a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// How one upstream is reached.
pub(super) struct Wire {
    base: Url,
    key: Option<HeaderValue>,
    /// Cleans what the upstream says.
    pub mask: Mask,
    /// For the paid create: a fresh connection each time, so that a connection which the
    /// upstream has just closed can never make it unknown whether the create arrived.
    pub create: Client,
    /// For questions with small answers.
    pub ask: Client,
    /// For files from the upstream's own host.
    pub file: Client,
    /// For files from anywhere else: public addresses only.
    pub stranger: Client,
}

impl Wire {
    /// Checks the address and the key, and opens nothing yet.
    pub fn new(base: &Url, key: Option<SecretString>, timeouts: &Timeouts) -> Result<Self, Unusable> {
        // reqwest wants a process-wide choice; whoever made one before us is left alone.
        drop(rustls::crypto::ring::default_provider().install_default());
        let header = key.as_ref().map(|key| bearer(key.expose_secret())).transpose()?;
        let builder = || {
            Client::builder()
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .referer(false)
                .connect_timeout(timeouts.connect)
        };
        let file = || builder().read_timeout(timeouts.idle);
        Ok(Self {
            base: checked(base)?,
            key: header,
            mask: Mask::new(key),
            create: built(builder().http1_only().pool_max_idle_per_host(0).timeout(timeouts.create))?,
            ask: built(builder().timeout(timeouts.ask))?,
            file: built(file())?,
            // A proxy would look the names up itself, behind our back.
            stranger: built(file().no_proxy().dns_resolver(Arc::new(PublicOnly)))?,
        })
    }

    /// The configured address.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// A route below the base address; none when a part cannot stand in a path.
    pub fn route(&self, parts: &[&str]) -> Option<Url> {
        let mut path = self.base.path().to_owned();
        for part in parts {
            if matches!(*part, "" | "." | "..") {
                return None;
            }
            path.push('/');
            path.extend(utf8_percent_encode(part, PLAIN));
        }
        let mut url = self.base.clone();
        url.set_path(&path);
        Some(url)
    }

    /// A request that carries the key if, and only if, it goes to the configured origin.
    pub fn request(&self, client: &Client, method: Method, url: Url) -> RequestBuilder {
        let home = same_origin(&url, &self.base);
        let request = client.request(method, url);
        match &self.key {
            Some(key) if home => request.header(AUTHORIZATION, key.clone()),
            Some(_) | None => request,
        }
    }

    /// Sends once and reads the answer, at most `most` bytes of it.
    pub async fn send(&self, request: RequestBuilder, most: usize) -> Outcome {
        match request.send().await {
            Ok(response) => Outcome::Answered(read(response, most).await),
            Err(error) if error.is_builder() => {
                Outcome::Unsendable("The request could not be written down.".to_owned())
            }
            Err(error) if error.is_connect() => Outcome::Unreachable(self.why(&error)),
            Err(error) => Outcome::Silent(self.why(&error)),
        }
    }

    /// Why a request failed, for people; never with an address.
    pub fn why(&self, error: &reqwest::Error) -> String {
        match (error.is_connect(), error.is_timeout()) {
            (true, true) => return "No connection could be made in time.".to_owned(),
            (false, true) => return "No answer came in time.".to_owned(),
            (_, false) => {}
        }
        let mut cause = error.source();
        let mut deepest = "unknown cause".to_owned();
        while let Some(error) = cause {
            deepest = error.to_string();
            cause = error.source();
        }
        let what = if error.is_connect() { "No connection could be made" } else { "The connection broke off" };
        self.mask.words(&format!("{what}: {deepest}."))
    }
}

/// Whether a request failed because its name leads inside a network.
pub(super) fn leads_inside(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<Inside>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Reads an answer whose head is here, at most `most` bytes of its body.
pub(super) async fn read(mut response: Response, most: usize) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut bytes = Vec::new();
    let content = loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > most => break Content::TooLong,
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => break Content::Whole(bytes.into()),
            Err(_) => break Content::Cut,
        }
    };
    Answer { status, headers, content }
}

/// What an address may say in an error: no path, no query, no user.
pub(super) fn origin(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

fn built(builder: ClientBuilder) -> Result<Client, Unusable> {
    builder.user_agent(concat!("rushes/", env!("CARGO_PKG_VERSION"))).build().map_err(|_| Unusable::Tls)
}

fn bearer(key: &str) -> Result<HeaderValue, Unusable> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", key.trim())).map_err(|_| Unusable::Key)?;
    value.set_sensitive(true);
    Ok(value)
}

fn checked(base: &Url) -> Result<Url, Unusable> {
    if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
        return Err(Unusable::Address);
    }
    if !base.username().is_empty() || base.password().is_some() {
        return Err(Unusable::Userinfo);
    }
    let mut base = base.clone();
    let path = base.path().trim_end_matches('/').to_owned();
    base.set_path(&path);
    base.set_fragment(None);
    Ok(base)
}
