//! Connections that begin and do not go on: let go in time, while others are served.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use rushes::web::listen::{Limits, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A server of one page, with limits that a test can wait for.
struct Door {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
    serving: JoinHandle<()>,
}

impl Door {
    async fn open(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let slow = || async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "at last"
        };
        let router = Router::new().route("/", get(|| async { "here" })).route("/slow", get(slow));
        let serving = tokio::spawn(serve(listener, router, limits, tasks.clone(), stop.clone()));
        Self { address, stop, tasks, serving }
    }

    /// Sends this and reads until the server hangs up; what came, and after how long.
    async fn say(&self, words: &[u8]) -> (String, Duration) {
        let began = Instant::now();
        let mut guest = TcpStream::connect(self.address).await.unwrap();
        guest.write_all(words).await.unwrap();
        let mut answer = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(20), guest.read_to_end(&mut answer)).await;
        // A reset is an end, too.
        let _ = end.expect("the server hangs up in time");
        (String::from_utf8_lossy(&answer).into_owned(), began.elapsed())
    }
}

fn quick() -> Limits {
    Limits { head: Duration::from_millis(400), head_bytes: 16 * 1024, ..Limits::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_and_half_a_head_are_hung_up_on_and_others_are_served_meanwhile() {
    let door = Door::open(Limits { most: 64, ..quick() }).await;
    let mut idle = Vec::new();
    for number in 0..60 {
        let mut guest = TcpStream::connect(door.address).await.unwrap();
        if number % 2 == 0 {
            guest.write_all(b"GET / HTTP/1.1\r\nhost: here\r\nx-slow: ").await.unwrap();
        }
        idle.push(guest);
    }
    let (page, _) = door.say(b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").await;
    assert!(page.starts_with("HTTP/1.1 200") && page.ends_with("here"), "{page}");
    for mut guest in idle {
        let mut answer = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(10), guest.read_to_end(&mut answer)).await;
        let _ = end.expect("each is let go");
        assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
    }
    // More than there is room for wait in line, and have their turn.
    for _ in 0..100 {
        let (page, _) = door.say(b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").await;
        assert!(page.ends_with("here"), "{page}");
    }
    door.stop.cancel();
    door.serving.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_are_too_long_or_say_two_things_are_refused() {
    let door = Door::open(quick()).await;
    let long = format!("GET / HTTP/1.1\r\nhost: here\r\nx-long: {}\r\n\r\n", "a".repeat(40_000));
    let (answer, _) = door.say(long.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    for twice in [
        "POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nhost: here\r\ncontent-length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: here\r\ntransfer-encoding: gzip\r\n\r\n",
        "GET / HTTP/9.9\r\nhost: here\r\n\r\n",
        "GET  / HTTP/1.1\r\nho st: here\r\n\r\n",
    ] {
        let (answer, _) = door.say(twice.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{twice:?}: {answer}");
    }
    // What is said twice, by length and by chunks, is one request and not two.
    let smuggled = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 60\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /slow HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
    let (answer, _) = door.say(smuggled).await;
    assert!(answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.1 405"), "{answer}");
    door.stop.cancel();
    door.serving.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_answers_what_was_begun_and_takes_nothing_new() {
    let door = Door::open(quick()).await;
    let mut begun = TcpStream::connect(door.address).await.unwrap();
    begun.write_all(b"GET /slow HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
    // Its head is read: the answer to another, sent later, is there.
    let (page, _) = door.say(b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").await;
    assert!(page.ends_with("here"));
    door.stop.cancel();
    door.tasks.close();
    let mut answer = String::new();
    begun.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("at last"), "{answer}");
    tokio::time::timeout(Duration::from_secs(5), door.tasks.wait()).await.expect("nothing is left");
    door.serving.await.unwrap();
    assert!(TcpStream::connect(door.address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stops_coming_is_told_so_and_a_guest_that_takes_nothing_is_let_go() {
    let short = Duration::from_millis(400);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop, tasks) = (listener.local_addr().unwrap(), CancellationToken::new(), TaskTracker::new());
    let endless = || async {
        let chunks = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 64 * 1024]));
        axum::body::Body::from_stream(chunks)
    };
    let router = Router::new()
        .route("/", axum::routing::post(|body: axum::body::Bytes| async move { body.len().to_string() }))
        .route("/endless", get(endless));
    let limits = Limits { body: short, stalled: short, ..Limits::default() };
    let serving = tokio::spawn(serve(listener, router, limits, tasks.clone(), stop.clone()));
    let door = Door { address, stop, tasks, serving };
    // Half a body, then silence.
    let (answer, after) = door.say(b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 20\r\n\r\nhalf").await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(after < Duration::from_secs(10));
    // A slow one that goes on is heard to its end.
    let mut guest = TcpStream::connect(address).await.unwrap();
    guest.write_all(b"POST / HTTP/1.1\r\nhost: here\r\nconnection: close\r\ncontent-length: 8\r\n\r\n").await.unwrap();
    let mut beat = tokio::time::interval(Duration::from_millis(100));
    for letter in b"sentence" {
        beat.tick().await;
        guest.write_all(&[*letter]).await.unwrap();
    }
    let mut answer = String::new();
    guest.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("\r\n\r\n8"), "{answer}");
    // It asks for everything and reads nothing: its place is free again.
    let mut guest = TcpStream::connect(address).await.unwrap();
    guest.write_all(b"GET /endless HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
    door.stop.cancel();
    door.tasks.close();
    tokio::time::timeout(Duration::from_secs(10), door.tasks.wait()).await.expect("it was let go");
    door.serving.await.unwrap();
}
