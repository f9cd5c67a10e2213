//! The way to a file, over at most five hops. Each address is checked before it is asked,
//! and the key goes along only while no hop has left the configured origin.

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, LOCATION};
use reqwest::{Method, Response};
use url::Url;

use super::client::{Wire, leads_inside};
use crate::address::{check, same_origin};
use crate::upstream::FetchError;

/// The most redirects and named addresses on the way to one file.
const MOST_HOPS: u8 = 5;

/// A way being gone.
pub(super) struct Trip<'a> {
    wire: &'a Wire,
    url: Url,
    /// No hop has left the configured origin.
    at_home: bool,
    /// The address was named by the upstream, and is no content route.
    pub named: bool,
    hops: u8,
}

impl<'a> Trip<'a> {
    /// Begins at one of the upstream's own routes.
    pub const fn new(wire: &'a Wire, route: Url) -> Self {
        Self { wire, url: route, at_home: true, named: false, hops: 0 }
    }

    /// Goes on to an address that the upstream named.
    pub fn turn(&mut self, to: &str) -> Result<(), FetchError> {
        self.hops += 1;
        if self.hops > MOST_HOPS {
            return Err(refused("it sends us from one address to the next without end"));
        }
        let next = self.url.join(to).map_err(|_| refused("it names an address that cannot be read"))?;
        check(&next, self.wire.base()).map_err(refused)?;
        self.at_home &= same_origin(&next, self.wire.base());
        // Some name their own content route; then "not found" still means "not ready".
        self.named = !(self.at_home && next.path().ends_with("/content"));
        self.url = next;
        Ok(())
    }

    /// Asks, following redirects, until there is an answer that is none.
    pub async fn go(&mut self, headers: &HeaderMap) -> Result<Response, FetchError> {
        loop {
            let response = self.ask(headers).await?;
            let moved = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
            match response.headers().get(LOCATION) {
                Some(to) if moved => {
                    let to = to.to_str().map_err(|_| refused("it names an address that cannot be read"))?.to_owned();
                    self.turn(&to)?;
                }
                Some(_) | None => return Ok(response),
            }
        }
    }

    async fn ask(&self, headers: &HeaderMap) -> Result<Response, FetchError> {
        let own_host = self.url.host() == self.wire.base().host();
        let client = if own_host { &self.wire.file } else { &self.wire.stranger };
        let request = if self.at_home {
            self.wire.request(client, Method::GET, self.url.clone())
        } else {
            client.get(self.url.clone())
        };
        let request = request.header(ACCEPT, "*/*").header(ACCEPT_ENCODING, "identity").headers(headers.clone());
        request.send().await.map_err(|error| {
            if leads_inside(&error) {
                return refused("it names an address inside a private network");
            }
            FetchError::Later { retry_after: None, words: self.wire.why(&error) }
        })
    }
}

/// A download that will not be tried again, told about the upstream as "it".
pub(super) fn refused(what: &str) -> FetchError {
    FetchError::Refused { words: format!("The file is not fetched: {what}.") }
}
