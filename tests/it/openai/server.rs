//! A server on a real socket: keeps each request as it came and answers with scripted bytes.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub head: String,
    pub body: Vec<u8>,
}

impl Request {
    /// Method and target.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap().strip_suffix(" HTTP/1.1").unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }
}

/// What follows the scripted bytes.
#[derive(Debug, Clone, Copy)]
pub enum End {
    Close,
    Reset,
    /// Nothing, until the client leaves.
    Silence,
    /// As many more bytes, one at a time, with this pause before each.
    Drip(usize, Duration),
}

/// An answer to the byte.
#[derive(Debug, Clone)]
pub struct Reply(pub Vec<u8>, pub End);

/// A whole answer with a right length.
pub fn reply(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let headers = if headers.is_empty() { String::new() } else { format!("{headers}\r\n") };
    let head = format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    Reply([head.as_bytes(), body].concat(), End::Close)
}

/// A JSON answer.
pub fn json(status: u16, body: &str) -> Reply {
    reply(status, "Content-Type: application/json", body)
}

/// A server that lives as long as its test.
pub struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Listens on 127.0.0.1.
    pub async fn start(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", script).await
    }

    pub async fn start_at(address: &str, script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let server = Self { address: listener.local_addr().unwrap(), seen: Arc::default() };
        let (seen, script) = (Arc::clone(&server.seen), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&seen), Arc::clone(&script)));
            }
        });
        server
    }

    /// One answer for everything.
    pub async fn always(reply: Reply) -> Self {
        Self::start(move |_| reply.clone()).await
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The address of its API.
    pub fn base(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// All requests so far, in the order of their arrival.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: Arc<Mutex<Vec<Request>>>,
    script: Arc<impl Fn(&Request) -> Reply + Send + Sync>,
) {
    let Some(request) = read(&mut stream).await else { return };
    let Reply(bytes, end) = script(&request);
    seen.lock().unwrap().push(request);
    // The client may leave at any moment; that is its right.
    let _gone = stream.write_all(&bytes).await;
    match end {
        End::Close => {
            let _gone = stream.shutdown().await;
        }
        End::Reset => stream.set_zero_linger().unwrap(),
        End::Silence => {
            let mut left = [0; 64];
            while matches!(stream.read(&mut left).await, Ok(count) if count > 0) {}
        }
        End::Drip(count, pause) => {
            let mut clock = tokio::time::interval(pause);
            for _ in 0..count {
                clock.tick().await;
                let _gone = stream.write_all(b".").await;
            }
            let _gone = stream.shutdown().await;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let mut request = Request { head: String::from_utf8_lossy(&bytes[..head]).into_owned(), body: Vec::new() };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    request.body = bytes.split_off(head + 4);
    Some(request)
}
