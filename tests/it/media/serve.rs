//! Sending files over a real socket, asked in raw HTTP so that odd headers arrive as written.
#![expect(clippy::unwrap_used, reason = "a test without its server has nothing to say")]

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, serve};
use rushes::web::serve::{NotServed, Served, file};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ETAG: &str = "\"9f86d081\"";

/// A shelf of files behind a socket.
struct Shelf {
    home: TempDir,
    at: SocketAddr,
}

/// One answer, taken apart.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

async fn show(State(home): State<PathBuf>, Path(name): Path<String>, method: Method, headers: HeaderMap) -> Response {
    let save_as = headers.get("save-as").map(|name| String::from_utf8_lossy(name.as_bytes()));
    let served = Served {
        mime: "video/mp4",
        etag: ETAG.to_owned(),
        download_as: save_as.as_deref(),
        immutable: name != "draft",
    };
    match file(&method, &headers, &home.join(name), served).await {
        Ok(answer) => answer,
        Err(NotServed::Missing) => StatusCode::NOT_FOUND.into_response(),
        Err(NotServed::Unreadable(_)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Shelf {
    async fn open() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("digits"), "0123456789").unwrap();
        fs::write(home.path().join("draft"), "draft").unwrap();
        fs::write(home.path().join("empty"), "").unwrap();
        let app = Router::new().route("/{name}", get(show)).with_state(home.path().to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(async move { serve(listener, app).await });
        Self { home, at }
    }

    async fn ask(&self, method: &str, name: &str, headers: &str) -> Answer {
        let mut line = TcpStream::connect(self.at).await.unwrap();
        let request = format!("{method} /{name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        line.write_all(request.as_bytes()).await.unwrap();
        let mut all = Vec::new();
        line.read_to_end(&mut all).await.unwrap();
        let cut = all.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(all[..cut].to_vec()).unwrap();
        Answer { status: head[9..12].parse().unwrap(), body: all[cut + 4..].to_vec(), head }
    }

    async fn get(&self, name: &str, headers: &str) -> Answer {
        self.ask("GET", name, headers).await
    }
}

#[tokio::test]
async fn a_whole_file_is_sent_under_headers_that_keep_it_inert() {
    let shelf = Shelf::open().await;

    let answer = shelf.get("digits", "").await;

    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"0123456789"[..]));
    for (name, value) in [
        ("content-length", "10"),
        ("content-type", "video/mp4"),
        ("etag", ETAG),
        ("accept-ranges", "bytes"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "private, max-age=31536000, immutable"),
        ("content-disposition", "inline"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert_eq!(answer.header("content-range"), None);
    let draft = shelf.get("draft", "").await;
    assert_eq!(draft.header("cache-control"), Some("private, no-cache"));
    let empty = shelf.get("empty", "").await;
    assert_eq!((empty.status, empty.header("content-length")), (200, Some("0")));
}

#[tokio::test]
async fn head_tells_the_length_and_sends_nothing() {
    let shelf = Shelf::open().await;

    let answer = shelf.ask("HEAD", "digits", "Range: bytes=0-1\r\n").await;

    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-length"), Some("10"));
}

#[tokio::test]
async fn one_range_is_cut_out_exactly() {
    let shelf = Shelf::open().await;
    for (asked, body, span) in [
        ("bytes=0-3", "0123", "bytes 0-3/10"),
        ("bytes=0-", "0123456789", "bytes 0-9/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=-50", "0123456789", "bytes 0-9/10"),
        ("bytes=9-18446744073709551615", "9", "bytes 9-9/10"),
    ] {
        let answer = shelf.get("digits", &format!("Range: {asked}\r\n")).await;
        assert_eq!((answer.status, answer.body.as_slice()), (206, body.as_bytes()), "{asked}");
        assert_eq!(answer.header("content-range"), Some(span), "{asked}");
        assert_eq!(answer.header("content-length"), Some(body.len().to_string().as_str()));
    }
}

#[tokio::test]
async fn a_range_beyond_the_file_is_told_the_length() {
    let shelf = Shelf::open().await;
    for (name, asked) in
        [("digits", "bytes=10-"), ("digits", "bytes=-0"), ("digits", "bytes=99-100"), ("empty", "bytes=0-")]
    {
        let answer = shelf.get(name, &format!("Range: {asked}\r\n")).await;
        let length = if name == "empty" { "bytes */0" } else { "bytes */10" };
        assert_eq!((answer.status, answer.body.len()), (416, 0), "{asked}");
        assert_eq!(answer.header("content-range"), Some(length));
    }
}

#[tokio::test]
async fn odd_many_and_endless_ranges_get_the_whole_file_at_once() {
    let shelf = Shelf::open().await;
    let endless = format!("bytes={}0-1", "0-1,".repeat(25_000));
    let zeros = format!("bytes=0-{}", "0".repeat(300));
    for asked in ["bytes=0-1,4-5", "bytes=5-2", "bytes=x-", "lines=0-1", "bytes=", &endless, &zeros] {
        let started = Instant::now();
        let answer = shelf.get("digits", &format!("Range: {asked}\r\n")).await;
        assert!(started.elapsed() < Duration::from_secs(1));
        assert_eq!((answer.status, answer.body.len()), (200, 10), "{asked:.30}");
    }
    let doubled = shelf.get("digits", "Range: bytes=0-1\r\nRange: bytes=2-3\r\n").await;
    assert_eq!(doubled.status, 200);
}

#[tokio::test]
async fn a_range_holds_only_for_the_bytes_it_was_asked_of() {
    let shelf = Shelf::open().await;
    for (known, status) in
        [(ETAG, 206), ("\"other\"", 200), ("W/\"9f86d081\"", 200), ("Sun, 06 Nov 1994 08:49:37 GMT", 200)]
    {
        let answer = shelf.get("digits", &format!("Range: bytes=0-3\r\nIf-Range: {known}\r\n")).await;
        assert_eq!(answer.status, status, "{known}");
    }
}

#[tokio::test]
async fn bytes_the_asker_holds_are_not_sent_again() {
    let shelf = Shelf::open().await;
    for (known, status) in
        [(ETAG, 304), ("*", 304), ("\"a\", W/\"9f86d081\"", 304), ("\"a\", \"b\"", 200), ("9f86d081", 200)]
    {
        let answer = shelf.get("digits", &format!("If-None-Match: {known}\r\nRange: bytes=0-1\r\n")).await;
        let status = if status == 200 { 206 } else { status };
        assert_eq!(answer.status, status, "{known}");
        assert_eq!(answer.header("etag"), Some(ETAG));
    }
}

#[tokio::test]
async fn only_a_plain_file_of_ours_is_served() {
    let shelf = Shelf::open().await;
    let home = shelf.home.path();
    fs::create_dir(home.join("folder")).unwrap();
    std::os::unix::fs::symlink(home.join("digits"), home.join("link")).unwrap();
    let piped = std::process::Command::new("mkfifo").arg(home.join("pipe")).status();
    assert!(piped.unwrap().success());

    for name in ["none", "folder", "link", "pipe", "digits%2Fmore"] {
        assert_eq!(shelf.get(name, "").await.status, 404, "{name}");
    }
}

#[tokio::test]
async fn nasty_download_names_stay_one_header() {
    let shelf = Shelf::open().await;
    let long = "n".repeat(300);
    for name in [
        "a\"b.mp4",
        "a;b=c.mp4",
        "../../x",
        "C:\\x.mp4",
        "日本.mp4",
        "\u{202E}4pm.mp4",
        "",
        "...",
        "a\tb",
        &long,
        "%0d%0aX: y",
    ] {
        let answer = shelf.get("digits", &format!("Save-As: {name}\r\n")).await;
        let value = answer.header("content-disposition").unwrap();
        assert_eq!(answer.status, 200);
        assert!(value.starts_with("attachment; filename=\"") && value.is_ascii(), "{value}");
        assert_eq!(value.matches('"').count(), 2, "{value}");
        assert!(!value.contains('/') && !value.contains('\\'), "{value}");
    }
}

#[tokio::test]
async fn a_file_that_shrinks_while_it_is_sent_ends_the_connection_early() {
    let shelf = Shelf::open().await;
    let path = shelf.home.path().join("big");
    let big = fs::File::create(&path).unwrap();
    big.set_len(64 << 20).unwrap();
    let mut line = TcpStream::connect(shelf.at).await.unwrap();
    line.write_all(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 1024];
    line.read_exact(&mut first).await.unwrap();

    big.set_len(0).unwrap();
    let mut rest = Vec::new();
    // A reset counts as an early end too.
    line.read_to_end(&mut rest).await.ok();

    assert!(rest.len() < 64 << 20);
}
