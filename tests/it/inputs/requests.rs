//! F3, F4, F6, F7, F9, F11, F13: what comes in by the port.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{dice, mangled, share, soon};
use crate::app::TestApp;
use crate::invariants::{check_all, count, files};
use crate::teams::rules::{nowhere, routes};
use crate::upstream::FakeUpstream;
use crate::upstream::clip::CLIP;

/// A server with one clip; its address.
async fn with_a_clip(fake: &FakeUpstream) -> (TestApp, String) {
    let app = TestApp::before(fake).await;
    let clip = app.browser.paid("A fox").await;
    app.until_state(&clip, "completed").await;
    (app, clip)
}

/// Text that a header may hold.
fn header(dice: &mut fastrand::Rng, whole: &str) -> String {
    let bytes = mangled(dice, whole.as_bytes());
    bytes.into_iter().filter(|byte| (32..127).contains(byte)).map(char::from).collect()
}

/// RFC 9110, read once more and plainly: a single range of bytes, or the whole.
fn range(text: &str, size: usize) -> Option<Result<(usize, usize), ()>> {
    let (unit, set) = text.split_once('=')?;
    let (first, last) = set.trim().split_once('-')?;
    if unit != "bytes" || !format!("{first}{last}").bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // More digits than fit are a very large number.
    let number = |text: &str| Some(text.parse::<u64>().unwrap_or(u64::MAX));
    let size = size as u64;
    let (from, to) = match (first, last) {
        ("", "") => return None,
        ("", last) => match number(last)? {
            0 => return Some(Err(())),
            last => (size.saturating_sub(last), size - 1),
        },
        (first, "") => (number(first)?, size - 1),
        (first, last) => (number(first)?, number(last)?.min(size - 1)),
    };
    if first.is_empty() || last.is_empty() || number(first)? <= number(last)? {
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Some(if from < size { Ok((whole(from), whole(to))) } else { Err(()) })
    } else {
        None
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_range_gets_its_bytes_or_the_whole_film_or_its_length() {
    let fake = FakeUpstream::start().await;
    let (app, clip) = with_a_clip(&fake).await;
    let film = app.browser.url(&format!("{clip}/clip.mp4"));
    let tries = share(100_000);
    let mut dice = dice("F3 ranges", tries);
    let (mut parts, mut beyond, mut whole) = (0, 0, 0);
    for _ in 0..tries {
        let number = |dice: &mut fastrand::Rng| match dice.u8(0..8) {
            0 => String::new(),
            1 => dice.u64(..).to_string(),
            2 => format!("00{}", dice.u16(..)),
            _ => dice.usize(0..CLIP.len() + 500).to_string(),
        };
        let mut text = format!("bytes={}-{}", number(&mut dice), number(&mut dice));
        if dice.u8(0..4) == 0 {
            text = header(&mut dice, &text);
        }
        let began = Instant::now();
        let answer = app.browser.client().get(&film).header("range", &text).send().await.unwrap();
        let status = answer.status();
        let told = answer.headers().get("content-range").map(|value| value.to_str().unwrap().to_owned());
        let bytes = answer.bytes().await.unwrap();
        soon(began, &text);
        match (status, range(&text, CLIP.len())) {
            (StatusCode::PARTIAL_CONTENT, Some(Ok((from, to)))) => {
                assert_eq!(told, Some(format!("bytes {from}-{to}/{}", CLIP.len())), "{text}");
                assert_eq!(bytes, CLIP[from..=to], "{text}");
                parts += 1;
            }
            (StatusCode::RANGE_NOT_SATISFIABLE, Some(Err(()))) => {
                assert_eq!(told, Some(format!("bytes */{}", CLIP.len())), "{text}");
                beyond += 1;
            }
            // Whoever does not understand a range may send all of it, and we do; numbers that no film has are one.
            (StatusCode::OK, told) if told.is_none() || text.len() > 60 => {
                assert_eq!(bytes, CLIP, "{text}");
                whole += 1;
            }
            (status, told) => panic!("{text}: {status}, and a plain reader reads {told:?}"),
        }
    }
    println!("F3: {parts} parts, {beyond} beyond the end, {whole} whole");
    assert!(parts > tries / 10 && whole > 0 && beyond > 0);
    check_all(app, &fake).await;
}

/// The rules of the door, written down once more and plainly: what may change something on loopback.
fn may(host: &str, site: Option<&str>, origin: Option<&str>) -> StatusCode {
    let name = host.strip_suffix(":8787").unwrap_or(host).to_ascii_lowercase();
    if !["127.0.0.1", "127.8.9.10", "localhost", "[::1]"].contains(&name.as_str()) {
        return StatusCode::MISDIRECTED_REQUEST;
    }
    let is_same_site = matches!(site, None | Some("same-origin" | "none"));
    let host = host.to_ascii_lowercase();
    let is_same_origin = origin.is_none_or(|origin| {
        let after =
            |scheme: &str| origin.strip_prefix(scheme).map(|rest| rest.trim_end_matches('/').to_ascii_lowercase());
        after("http://").or_else(|| after("https://")).is_some_and(|name| name == host)
    });
    if is_same_site && is_same_origin { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_our_own_pages_under_our_own_name_change_anything() {
    const HOSTS: [&str; 14] = [
        "127.0.0.1:8787",
        "127.0.0.1",
        "127.8.9.10:8787",
        "localhost:8787",
        "LOCALHOST",
        "[::1]:8787",
        "evil.example",
        "evil.example:8787",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8787",
        "192.168.1.2:8787",
        "0.0.0.0:8787",
        "rushes",
        "169.254.169.254",
    ];
    const SITES: [Option<&str>; 7] =
        [None, Some("same-origin"), Some("none"), Some("same-site"), Some("cross-site"), Some(""), Some("SAME-ORIGIN")];
    let app = TestApp::alone().await;
    let tries = share(100_000);
    let mut dice = dice("F4 hosts, origins and sites", tries);
    let mut passed = 0;
    for _ in 0..tries {
        let host = HOSTS[dice.usize(0..HOSTS.len())];
        let site = SITES[dice.usize(0..SITES.len())];
        let origin = match dice.u8(0..6) {
            0 => None,
            1 => Some("null".to_owned()),
            2 => Some(format!("file://{host}")),
            3 => Some(format!("http://{host}")),
            4 => Some(format!("https://{host}.evil.example")),
            _ => Some(format!("http://{}", HOSTS[dice.usize(0..HOSTS.len())])),
        };
        let request = app.browser.client().post(app.browser.url("/theme")).header("host", host);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body("theme=dark");
        let request = site.iter().fold(request, |request, site| request.header("sec-fetch-site", *site));
        let request = origin.iter().fold(request, |request, origin| request.header("origin", origin));
        let status = request.send().await.unwrap().status();
        let wanted = may(host, site, origin.as_deref());
        assert_eq!(status, wanted, "host {host}, site {site:?}, origin {origin:?}");
        passed += usize::from(status == StatusCode::SEE_OTHER);
    }
    println!("F4: {passed} passed");
    assert!(passed > 0 && passed < tries / 2);
    app.stop().await;
}

/// Fields that forms have, and one that none has.
const FIELDS: [&str; 24] = [
    "prompt",
    "model",
    "seconds",
    "size",
    "variations",
    "token",
    "title",
    "notes",
    "name",
    "folder",
    "ids",
    "act",
    "to",
    "back",
    "id",
    "start",
    "end",
    "curve",
    "format",
    "shots",
    "theme",
    "zone",
    "password",
    "nobody",
];

/// A body that a form might send, in one of the ways that bodies are sent; its type and its bytes.
fn body(dice: &mut fastrand::Rng, clip: &str) -> (String, Vec<u8>) {
    let mut fields = Vec::new();
    for _ in 0..dice.usize(0..7) {
        let value = match dice.u8(0..9) {
            0 => String::new(),
            1 => clip.to_owned(),
            2 => dice.i64(..).to_string(),
            3 => "x".repeat(dice.usize(0..50_000)),
            4 => "\u{0}\u{202e}<script>'\"--;".to_owned(),
            5 => "../../etc/passwd".to_owned(),
            6 => "sora-2".to_owned(),
            7 => "1e400".to_owned(),
            _ => dice.u8(..).to_string(),
        };
        fields.push((FIELDS[dice.usize(0..FIELDS.len())], value));
    }
    let form = || url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish().into_bytes();
    let parts = |edge: &str| {
        let part = |(name, value): &(&str, String)| {
            format!("--{edge}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        (fields.iter().map(part).collect::<String>() + &format!("--{edge}--\r\n")).into_bytes()
    };
    let urlencoded = "application/x-www-form-urlencoded".to_owned();
    match dice.u8(0..7) {
        0 => (urlencoded, form()),
        1 => (urlencoded, mangled(dice, &form())),
        2 => ("multipart/form-data; boundary=X".to_owned(), parts("X")),
        3 => ("multipart/form-data; boundary=X".to_owned(), mangled(dice, &parts("X"))),
        4 => ("application/json".to_owned(), serde_json::to_vec(&fields).unwrap()),
        5 => ("multipart/form-data".to_owned(), parts("X")),
        _ => (header(dice, "text/plain; charset=utf-7"), form()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_body_that_any_form_is_sent_breaks_anything_or_is_paid() {
    let fake = FakeUpstream::start().await;
    let (app, clip) = with_a_clip(&fake).await;
    let id = clip.trim_start_matches("/g/").to_owned();
    let tries = share(50_000);
    let mut dice = dice("F6 bodies", tries);
    // What moves clips on by itself is left out: each try must find the clip as it was.
    let ends = |route: &str| route.starts_with("/v1/") || route == "/mcp" || route.contains("reroll");
    let forms: Vec<String> =
        routes().into_iter().filter(|(route, _, posts)| *posts && !ends(route)).map(|all| all.0).collect();
    let mut told = std::collections::BTreeMap::<u16, usize>::new();
    for number in 0..tries {
        let route = &forms[number % forms.len()];
        let path = if dice.bool() { nowhere(&route.replace("{generation}", &id)) } else { nowhere(route) };
        let (kind, body) = body(&mut dice, &id);
        let began = Instant::now();
        let request = app.browser.client().post(app.browser.url(&path)).header("content-type", &kind);
        // A body that is too large is answered before it was read, which some call a broken connection.
        let Ok(answer) = request.body(body.clone()).send().await else { continue };
        let status = answer.status().as_u16();
        assert!(
            status < 500,
            "{path}, {kind}: {status}\n{}\n{}",
            String::from_utf8_lossy(&body),
            answer.text().await.unwrap()
        );
        soon(began, &path);
        *told.entry(status).or_default() += 1;
    }
    println!("F6: {} forms, answers {told:?}", forms.len());
    assert!(told.len() > 3);
    let paid = count(app.data.path(), "select count(*) from task where upstream = 'gateway'").await;
    // Where all fields happened to be right a clip was asked for, as it should be; no more than a few.
    assert!(paid <= 1 + i64::try_from(tries / 50).unwrap(), "{paid} tasks");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_the_library() {
    let fake = FakeUpstream::start().await;
    let (app, clip) = with_a_clip(&fake).await;
    let at = app.browser.url("").trim_start_matches("http://").to_owned();
    let tries = share(65_536);
    let mut dice = dice("F7 paths", tries);
    let roots = [
        clip.clone(),
        format!("{clip}/clip.mp4"),
        "/static/x/app.css".to_owned(),
        "/presets/1/picture".to_owned(),
        "/f/1m8044hyw6p76".to_owned(),
        "/help/policy".to_owned(),
        "/v1/videos/x/content".to_owned(),
        "/t/0000000000000".to_owned(),
    ];
    let mut found = 0;
    for _ in 0..tries {
        let root = &roots[dice.usize(0..roots.len())];
        let steps = [
            "../",
            "..%2f",
            "%2e%2e/",
            "..%5c",
            "%00",
            "%c0%ae%c0%ae/",
            "....//",
            "/",
            "%25%32%66",
            "~",
            ";",
            "\u{7f}",
        ];
        let mut path = match dice.u8(0..3) {
            0 => root.clone(),
            1 => String::from_utf8_lossy(&mangled(&mut dice, root.as_bytes())).into_owned(),
            _ => format!("/g/{}", (0..13).map(|_| dice.alphanumeric()).collect::<String>()),
        };
        for _ in 0..dice.usize(0..4) {
            path.push_str(steps[dice.usize(0..steps.len())]);
        }
        if dice.u8(0..4) == 0 {
            path.push_str(["rushes.db", "etc/passwd", "library", "secrets", ".."][dice.usize(0..5)]);
        }
        let line: Vec<u8> = path.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != 0).collect();
        let head = [b"GET /".as_slice(), line.strip_prefix(b"/").unwrap_or(&line), b" HTTP/1.1\r\nHost: "].concat();
        let request = [head, format!("{at}\r\nConnection: close\r\n\r\n").into_bytes()].concat();
        let began = Instant::now();
        let answer = say(&at, &request, false).await;
        soon(began, &path);
        let status = status(&answer).unwrap_or_else(|| panic!("{path}: {:?}", String::from_utf8_lossy(&answer)));
        assert!(status < 500, "{path}: {}", String::from_utf8_lossy(&answer));
        for secret in [b"SQLite format 3".as_slice(), b"root:x:0", b"create table"] {
            assert!(!answer.windows(secret.len()).any(|part| part == secret), "{path}");
        }
        found += usize::from(status == 200);
    }
    println!("F7: {found} led to something that is for everybody");
    assert!(found < tries / 2);
    check_all(app, &fake).await;
}

/// Sends these bytes, and that no more come where `is_all`; reads until the server hangs up.
async fn say(at: &str, bytes: &[u8], is_all: bool) -> Vec<u8> {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let mut answer = Vec::new();
    if stream.write_all(bytes).await.is_ok() {
        if is_all {
            let _ = stream.shutdown().await;
        }
        let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
    }
    answer
}

fn status(answer: &[u8]) -> Option<u16> {
    std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bytes_on_the_port_hurt_anybody() {
    let fake = FakeUpstream::start().await;
    let (app, clip) = with_a_clip(&fake).await;
    let at = app.browser.url("").trim_start_matches("http://").to_owned();
    let tries = share(20_000);
    let mut dice = dice("F11 bytes on the port", tries);
    let whole = format!(
        "GET {clip} HTTP/1.1\r\nHost: {at}\r\nAccept: */*\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
    );
    let mut told = std::collections::BTreeMap::<Option<u16>, usize>::new();
    for _ in 0..tries {
        let bytes = match dice.u8(0..6) {
            0 => (0..dice.usize(0..2_000)).map(|_| dice.u8(..)).collect(),
            1 => b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".repeat(dice.usize(1..4)),
            2 => [b"\x16\x03\x01\x02\x00".as_slice(), &(0..300).map(|_| dice.u8(..)).collect::<Vec<u8>>()].concat(),
            _ => mangled(&mut dice, whole.as_bytes()),
        };
        let answer = say(&at, &bytes, true).await;
        let status = status(&answer);
        assert!(status.is_none_or(|status| status < 500), "{:?}", String::from_utf8_lossy(&bytes));
        *told.entry(status).or_default() += 1;
        if dice.u8(0..50) == 0 {
            assert_eq!(app.browser.get("/health").await.status(), 200);
        }
    }
    println!("F11: answers {told:?}");
    assert!(told.contains_key(&Some(400)));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cookie_breaks_a_page_or_opens_a_door() {
    let fake = FakeUpstream::start().await;
    let app = crate::teams::team(&fake, 2).await;
    let tries = share(50_000);
    let mut dice = dice("F9 cookies", tries);
    for _ in 0..tries {
        let names = ["session", "rushes_session", "__Host-session", "theme", "look", "", "a b", "$Version"];
        let mut text = String::new();
        for _ in 0..dice.usize(1..6) {
            let name = names[dice.usize(0..names.len())];
            let value = match dice.u8(0..5) {
                0 => "x".repeat(dice.usize(0..3_000)),
                1 => "dark".to_owned(),
                2 => format!("{:032x}", dice.u128(..)),
                3 => "\"a;b\"".to_owned(),
                _ => header(&mut dice, "list-large-1"),
            };
            let _ = write!(text, "{name}={value}; ");
        }
        let path = ["/", "/login", "/queue", "/admin/users", "/v1/videos"][dice.usize(0..5)];
        let began = Instant::now();
        let answer =
            app.browser.client().get(app.browser.url(path)).header("cookie", text.trim()).send().await.unwrap();
        let status = answer.status().as_u16();
        let wanted: &[u16] = if path == "/login" { &[200, 431] } else { &[303, 401, 431] };
        assert!(wanted.contains(&status), "{path} with {text}: {status}");
        soon(began, path);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_edge_between_parts_is_read_in_two_ways() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let tries = share(20_000);
    let mut dice = dice("F13 edges of parts", tries);
    let mut made = 0;
    for number in 0..tries {
        let edge = match dice.u8(0..6) {
            0 => "-".repeat(dice.usize(1..70)),
            1 => format!("\"{}\"", dice.u64(..)),
            2 => "x".repeat(dice.usize(60..300)),
            3 => header(&mut dice, "----WebKitFormBoundary7MA4YWxk"),
            _ => format!("b{}", dice.u32(..)),
        };
        let between = ["\r\n", "\n", "\r\n\r\n", " \r\n", "\t\r\n"][dice.usize(0..5)];
        let inside = edge.trim_matches('"');
        let field = |name: &str, value: &str| {
            format!("--{inside}{between}Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        // One of the values holds what looks like an edge.
        let body = field("prompt", &format!("Edge {number} --{inside}x"))
            + &field("model", "sora-2")
            + &field("seconds", "4")
            + &format!("--{inside}{}", ["--\r\n", "--", "\r\n", ""][dice.usize(0..4)]);
        let kind = format!("{}; boundary={edge}", ["multipart/form-data", "Multipart/Form-Data"][dice.usize(0..2)]);
        let began = Instant::now();
        let request = app.browser.client().post(app.browser.url("/tasks")).header("content-type", kind);
        let status = request.body(body.clone()).send().await.unwrap().status().as_u16();
        assert!(status < 500, "{status}: {body}");
        soon(began, &edge);
        made += usize::from(status == 303);
    }
    println!("F13: {made} were whole forms");
    // Each that was taken is one clip with the prompt that it said, to the letter.
    let held = count(app.data.path(), "select count(*) from task where prompt like 'Edge %'").await;
    assert_eq!(usize::try_from(held).unwrap(), made);
    assert!(files(&app.data.path().join("partial")).is_empty());
    app.stop().await;
}
