//! Takes connections in and lets them go: heads that never end, silence, and floods of connections cost nothing.
//! axum's own loop knows no time limit for a request's head.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tower_service::Service as _;
use tracing::{debug, warn};

/// What a connection may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long the head of a request may take, and a connection may be silent between two.
    pub head: Duration,
    /// Bytes of a head.
    pub head_bytes: usize,
    /// Connections at once.
    pub most: usize,
    /// Connections of one address at once; an IPv6 network of 64 bits counts as one.
    pub most_of_one: usize,
    /// How long the body of a request may give no byte.
    pub body: Duration,
    /// How long a guest may take nothing of what is sent.
    pub stalled: Duration,
    /// Addresses that may have more: proxies, and this machine.
    pub exempt: Vec<IpAddr>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            head_bytes: 64 * 1024,
            most: 1_024,
            most_of_one: 64,
            body: Duration::from_secs(30),
            stalled: Duration::from_mins(1),
            exempt: Vec::new(),
        }
    }
}

/// The pause after the system could not give another connection.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// Connections by address.
#[derive(Debug, Default)]
struct Guests(Mutex<HashMap<IpAddr, usize>>);

/// One connection of an address, for as long as it lives.
struct Guest {
    guests: Arc<Guests>,
    address: IpAddr,
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut guests = self.guests.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(many) = guests.get_mut(&self.address) {
            *many -= 1;
            if *many == 0 {
                guests.remove(&self.address);
            }
        }
    }
}

/// Whose connection it is: somebody has a whole IPv6 network of 64 bits.
fn whose(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        IpAddr::V4(v4) => v4.into(),
    }
}

impl Limits {
    fn admit(&self, guests: &Arc<Guests>, peer: IpAddr) -> Option<Guest> {
        let address = whose(peer);
        let is_exempt = peer.to_canonical().is_loopback() || self.exempt.contains(&peer.to_canonical());
        let mut all = guests.0.lock().unwrap_or_else(PoisonError::into_inner);
        let many = all.entry(address).or_default();
        if *many >= self.most_of_one && !is_exempt {
            return None;
        }
        *many += 1;
        Some(Guest { guests: Arc::clone(guests), address })
    }
}

/// Serves until told to stop; then requests that were begun are finished by `tasks`.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, tasks: TaskTracker, stop: CancellationToken) {
    let (guests, places) = (Arc::<Guests>::default(), Arc::new(Semaphore::new(limits.most)));
    let router = router.layer(RequestBodyTimeoutLayer::new(limits.body));
    let limits = Arc::new(limits);
    loop {
        // A place before the connection: what cannot be served waits in the system's own line.
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = stop.cancelled() => return,
        };
        let Ok(place) = place else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // The guest went away again, or there are no more sockets: neither ends the server.
                warn!("a connection could not be taken in: {error}");
                tokio::time::sleep(OUT_OF_SOCKETS).await;
                continue;
            }
        };
        let Some(guest) = limits.admit(&guests, peer.ip()) else {
            debug!(%peer, "too many connections of one address");
            continue;
        };
        let (router, limits, stop) = (router.clone(), Arc::clone(&limits), stop.clone());
        tasks.spawn(async move {
            attend(stream, peer, router, &limits, stop).await;
            drop((place, guest));
        });
    }
}

/// One connection to its end.
async fn attend(stream: TcpStream, peer: SocketAddr, router: Router, limits: &Limits, stop: CancellationToken) {
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut router = router.clone();
        async move { Ok::<_, Infallible>(router.call(request).await.unwrap_or_else(|never| match never {})) }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(limits.head_bytes);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.stalled));
    let stream = Box::pin(stream);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let end = tokio::select! {
        end = connection.as_mut() => end,
        () = stop.cancelled() => {
            // What was begun is answered; nothing new is taken.
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = end {
        debug!(%peer, "a connection ended early: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_so_many_connections_and_a_network_counts_as_one() {
        let limits =
            Limits { most_of_one: 2, exempt: vec!["10.0.0.9".parse().expect("an address")], ..Limits::default() };
        let guests = Arc::<Guests>::default();
        let admit = |text: &str| limits.admit(&guests, text.parse().expect("an address"));
        let (first, second) = (admit("192.0.2.1"), admit("::ffff:192.0.2.1"));
        assert!(first.is_some() && second.is_some() && admit("192.0.2.1").is_none());
        assert!(admit("192.0.2.2").is_some(), "another one");
        drop(second);
        assert!(admit("192.0.2.1").is_some(), "there is room again");
        let here = (admit("2001:db8::1"), admit("2001:db8::2"));
        assert!(here.0.is_some() && here.1.is_some() && admit("2001:db8::ffff:3").is_none());
        assert!(admit("2001:db8:0:1::1").is_some(), "another network");
        let proxy: Vec<_> = (0..9).map(|_| admit("10.0.0.9")).collect();
        assert!(proxy.iter().all(Option::is_some));
    }
}
