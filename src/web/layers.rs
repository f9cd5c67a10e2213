//! What every request passes: who may ask, under which name, and what may be kept.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Span;
use url::Url;

use super::App;
use super::error::Error;
use super::gate::Reach;
use crate::clock::Clock;

/// Refuses foreign names and requests that another website caused: without accounts, whoever
/// can make this browser send a request could spend its owner's money.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    match allowed(request.method(), request.uri(), request.headers(), &app.reach) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn allowed(method: &Method, uri: &Uri, headers: &HeaderMap, reach: &Reach) -> Result<(), Error> {
    let host = one(headers, &header::HOST)?.or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
    let Some(host) = host else {
        return Err(Error::Misdirected("The request names no host. Use the address that Rushes printed.".to_owned()));
    };
    if !is_ours(host, reach) {
        return Err(Error::Misdirected(
            "Rushes does not answer under this name. Use the address that it printed, or set public_url in rushes.toml."
                .to_owned(),
        ));
    }
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let foreign = || {
        Err(Error::Forbidden("Another website sent this. Open Rushes itself and press the button there.".to_owned()))
    };
    match one(headers, &header::HeaderName::from_static("sec-fetch-site"))? {
        None | Some("same-origin" | "none") => {}
        Some(_) => return foreign(),
    }
    match one(headers, &header::ORIGIN)? {
        // Neither header: not a browser, so nobody's session can be ridden.
        None => Ok(()),
        Some(origin) => match Url::parse(origin) {
            Ok(url) if same_host(&url, host) => Ok(()),
            // A proxy may call us by another name than the browser calls it.
            Ok(url) if reach.public_url.as_ref().is_some_and(|ours| ours.origin() == url.origin()) => Ok(()),
            _ => foreign(),
        },
    }
}

/// A header that may come once only: two of them are read differently by different programs.
fn one<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Result<Option<&'a str>, Error> {
    let mut all = headers.get_all(name).iter();
    let (first, second) = (all.next(), all.next());
    if second.is_some() {
        return Err(Error::BadRequest(format!("The request names {name} twice.")));
    }
    let text = first.map(|value| value.to_str().map_err(|_| Error::BadRequest(format!("{name} is not plain text."))));
    text.transpose()
}

fn same_host(origin: &Url, host: &str) -> bool {
    let Some(name) = origin.host_str().filter(|_| matches!(origin.scheme(), "http" | "https")) else { return false };
    let with_port = match origin.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    };
    with_port.eq_ignore_ascii_case(host)
}

/// Whether a name is one that we answer to. Another one on loopback is a website that had its name point here.
/// Beyond loopback a session is needed anyway, which no other name has.
fn is_ours(host: &str, reach: &Reach) -> bool {
    let public = reach.public_url.as_ref().is_some_and(|url| same_host(url, host));
    is_loopback(host) || public || (!reach.is_loopback && reach.public_url.is_none())
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost")
        || name == "[::1]"
        || name.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// Pages are made for this moment and person; what may be kept says so itself.
pub async fn caching(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.append(header::VARY, HeaderValue::from_static("HX-Request-Type"));
    response
}

/// Counts what was answered, and how long the head of the answer took.
pub async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Clock::stopwatch();
    let response = next.run(request).await;
    app.metrics.request(response.status().as_u16(), began.elapsed().as_secs_f64());
    response
}

/// A request in the log: method and path, never the query, which may hold a prompt.
pub fn span<B>(request: &axum::http::Request<B>) -> Span {
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or("-");
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), request.id = id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: &Method, pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let reach = Reach {
            is_loopback: true,
            open_to_everyone: false,
            public_url: None,
            trusted_proxies: Vec::new(),
            metrics_token: None,
        };
        allowed(method, &Uri::from_static("/tasks"), &headers, &reach).is_ok()
    }

    #[test]
    fn only_loopback_names_are_answered() {
        for host in ["127.0.0.1:8787", "localhost", "LOCALHOST:1", "[::1]:8787", "127.9.9.9"] {
            assert!(ask(&Method::GET, &[("host", host)]), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.com",
            "127.0.0.1.evil.com",
            "0.0.0.0",
            "10.0.0.1",
            "localhost.",
            "",
            "2130706433",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(!ask(&Method::GET, &[("host", host)]), "{host}");
        }
        assert!(!ask(&Method::GET, &[]));
        assert!(!ask(&Method::GET, &[("host", "localhost"), ("host", "evil.example")]));
    }

    #[test]
    fn another_website_cannot_change_anything() {
        let host = ("host", "127.0.0.1:8787");
        for headers in [
            &[host][..],
            &[host, ("sec-fetch-site", "same-origin")],
            &[host, ("sec-fetch-site", "none")],
            &[host, ("origin", "http://127.0.0.1:8787")],
            &[host, ("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:8787")],
        ] {
            assert!(ask(&Method::POST, headers), "{headers:?}");
        }
        for headers in [
            &[host, ("sec-fetch-site", "cross-site")][..],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("origin", "null")],
            &[host, ("origin", "http://evil.example")],
            &[host, ("origin", "http://127.0.0.1:9999")],
            &[host, ("sec-fetch-site", "same-origin"), ("origin", "http://evil.example")],
            &[host, ("origin", "http://127.0.0.1:8787"), ("origin", "http://evil.example")],
        ] {
            assert!(!ask(&Method::POST, headers), "{headers:?}");
        }
    }
}
