//! F1, F5, F8: what an upstream answers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rushes::upstream::{CreateError, FetchError, Phase, Source, Upstream as _, UpstreamId};

use super::{dice, mangled, share, soon};
use crate::openai::creating::order;
use crate::openai::driver;
use crate::openai::server::{Reply, Server, json, reply};

/// Answers as they should be, to begin from.
const WHOLE: [&str; 6] = [
    r#"{"id":"video_1","object":"video","status":"queued","progress":0,"created_at":1795300000,"seconds":"8"}"#,
    r#"{"id":"video_1","status":"completed","progress":100,"expires_at":1795303600,"error":null}"#,
    r#"{"id":"video_1","status":"failed","error":{"code":"moderation_blocked","message":"No.","type":"x"}}"#,
    r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded","param":null}}"#,
    r#"{"object":"list","data":[{"id":"video_1","prompt":"A fox","status":"queued","created_at":1}],"has_more":true}"#,
    r#"{"id":"job-7","status":"running","video":{"url":"https://cdn.example/a.mp4"},"poll_after_seconds":2.5}"#,
];
const STATUSES: [u16; 16] = [200, 200, 200, 201, 202, 204, 301, 400, 401, 403, 404, 408, 409, 429, 500, 503];

/// An answer that is nearly one.
fn answer(dice: &mut fastrand::Rng) -> Reply {
    let whole = WHOLE[dice.usize(0..WHOLE.len())].as_bytes();
    let body = if dice.u8(0..20) == 0 { whole.to_vec() } else { mangled(dice, whole) };
    let kind = ["application/json", "text/html", "application/json; charset=utf-16", "", "video/mp4"];
    let kind = kind[dice.usize(0..kind.len())];
    let header = if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}") };
    reply(STATUSES[dice.usize(0..STATUSES.len())], &header, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_upstream_answers_is_read_to_one_of_the_known_ends() {
    let tries = share(300_000);
    let mut dice = dice("F1 answers to create, poll and list", tries);
    let next = Arc::new(Mutex::new(answer(&mut dice)));
    let server = Server::start({
        let next = Arc::clone(&next);
        move |_| next.lock().unwrap().clone()
    })
    .await;
    let (driver, id) = (driver(&server.base()), UpstreamId("video_1".to_owned()));
    let (mut accepted, mut told, mut polled, mut listed) = (0, 0, 0, 0);
    for number in 0..tries {
        let reply = answer(&mut dice);
        let text = String::from_utf8_lossy(&reply.0).into_owned();
        *next.lock().unwrap() = reply;
        let began = Instant::now();
        match number % 3 {
            0 => match driver.create(&order()).await {
                Ok(made) => {
                    assert!(text.starts_with("HTTP/1.1 20"), "accepted: {text}");
                    assert!(!made.id.0.is_empty() && made.id.0.len() <= 4096, "{text}");
                    assert!(made.poll_after.is_none_or(|pause| pause <= Duration::from_hours(1)), "{text}");
                    accepted += 1;
                }
                Err(CreateError::NotSent { .. }) => assert!(text.starts_with("HTTP/1.1 429"), "it was sent: {text}"),
                Err(CreateError::NotOffered | CreateError::Refused(_) | CreateError::Uncertain { .. }) => told += 1,
            },
            1 => {
                if let Ok(poll) = driver.poll(&id).await {
                    assert!(poll.progress.is_none_or(|progress| progress <= 100), "{text}");
                    assert!(poll.poll_after.is_none_or(|pause| pause <= Duration::from_hours(1)), "{text}");
                    if matches!(poll.phase, Phase::Done(_)) {
                        assert!(["ompleted", "ucce", "one", "url"].iter().any(|word| text.contains(word)), "{text}");
                    }
                    polled += 1;
                }
            }
            _ => listed += usize::from(driver.list(None).await.is_some()),
        }
        soon(began, &text);
    }
    println!("F1: {accepted} accepted, {told} refused or unknown, {polled} polls read, {listed} lists read");
    assert!(accepted > tries / 300 && told > tries / 60 && polled > tries / 100 && listed > 0);
    // Each create went out once.
    let creates = server.seen().iter().filter(|request| request.line() == "POST /v1/videos").count();
    assert_eq!(creates, tries.div_ceil(3));
}

/// What the answer's clock says when `Retry-After` is a date.
const NOW: &str = "Tue, 24 Nov 2026 12:00:00 GMT";

#[tokio::test(flavor = "multi_thread")]
async fn no_wish_for_patience_is_longer_than_an_hour_or_breaks_anything() {
    let tries = share(100_000);
    let mut dice = dice("F8 Retry-After", tries);
    let next = Arc::new(Mutex::new(String::new()));
    let server = Server::start({
        let next = Arc::clone(&next);
        move |_| {
            let head = format!("Content-Type: application/json\r\nDate: {NOW}\r\n{}", next.lock().unwrap());
            reply(429, &head, r#"{"error":{"message":"Slow down","code":"rate_limit_exceeded"}}"#)
        }
    })
    .await;
    let driver = driver(&server.base());
    let mut heard = 0;
    for _ in 0..tries {
        let number = dice.i64(-5..7200);
        let (wish, exactly) = match dice.u8(0..6) {
            0 => (number.to_string(), u64::try_from(number).ok().map(|number| number.min(3600) * 1000)),
            1 => (format!("{}", dice.u64(..)), None),
            2 => (format!("Tue, 24 Nov 2026 12:{:02}:{:02} GMT", dice.u8(0..60), dice.u8(0..60)), None),
            3 => (format!("{}.{}", dice.u16(..), dice.u16(..)), None),
            4 => (
                String::from_utf8(
                    mangled(&mut dice, b"120").into_iter().filter(|byte| (32..127).contains(byte)).collect(),
                )
                .unwrap_or_default(),
                None,
            ),
            _ => {
                (["", "soon", "-1", "1e9", "0x10", "NaN", "99999999999999999999999"][dice.usize(0..7)].to_owned(), None)
            }
        };
        *next.lock().unwrap() = format!("Retry-After: {wish}");
        match driver.create(&order()).await {
            Err(CreateError::NotSent { retry_after, .. }) => {
                assert!(retry_after.is_none_or(|pause| pause <= Duration::from_hours(1)), "{wish}: {retry_after:?}");
                if let Some(exactly) = exactly {
                    assert_eq!(retry_after, Some(Duration::from_millis(exactly)), "{wish}");
                }
                heard += usize::from(retry_after.is_some());
            }
            other => panic!("{wish}: {other:?}"),
        }
    }
    println!("F8: {heard} of {tries} were heard");
    assert!(heard > tries / 4);
}

/// A second opinion, written from the registries of special addresses alone.
fn is_outside(ip: IpAddr) -> bool {
    const INSIDE_4: [(u32, u32); 16] = [
        (0x0000_0000, 8),
        (0x0a00_0000, 8),
        (0x6440_0000, 10),
        (0x7f00_0000, 8),
        (0xa9fe_0000, 16),
        (0xac10_0000, 12),
        (0xc000_0000, 24),
        (0xc000_0200, 24),
        (0xc058_6300, 24),
        (0xc0a8_0000, 16),
        (0xc612_0000, 15),
        (0xc633_6400, 24),
        (0xcb00_7100, 24),
        (0xe000_0000, 4),
        (0xf000_0000, 4),
        (0xffff_ffff, 32),
    ];
    match ip {
        IpAddr::V4(ip) => {
            let number = u32::from(ip);
            !INSIDE_4.iter().any(|(net, bits)| number >> (32 - bits) == net >> (32 - bits))
        }
        IpAddr::V6(ip) => {
            let number = u128::from(ip);
            let carried = IpAddr::V4(Ipv4Addr::from((number & 0xffff_ffff) as u32));
            let inside =
                [(0x2001_0000_u128 << 96, 23), (0x2001_0db8 << 96, 32), (0x2002 << 112, 16), (0x3fff << 112, 16)];
            let within = |net: u128, bits: u32| number >> (128 - bits) == net >> (128 - bits);
            if within(0xffff << 32, 96) || within(0x0064_ff9b << 96, 96) {
                is_outside(carried)
            } else {
                within(0x2000 << 112, 3) && !inside.iter().any(|(net, bits)| within(*net, *bits))
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_that_an_answer_names_leads_inside() {
    let tries = share(100_000);
    let mut dice = dice("F5 addresses", tries);
    let next = Arc::new(Mutex::new(String::new()));
    let server = Server::start({
        let next = Arc::clone(&next);
        move |_| json(200, &format!(r#"{{"video_url":{}}}"#, serde_json::json!(*next.lock().unwrap())))
    })
    .await;
    let (driver, id) = (driver(&server.base()), UpstreamId("v".to_owned()));
    let (mut refused, mut odd) = (0, 0);
    for _ in 0..tries {
        // Only addresses that must be refused: nothing here may reach for the world.
        let four = loop {
            let ip = Ipv4Addr::from(match dice.u8(0..4) {
                0 => 0x7f00_0000 | dice.u32(0..1 << 24),
                1 => 0xa9fe_0000 | dice.u32(0..1 << 16),
                2 => 0xc0a8_0000 | dice.u32(0..1 << 16),
                _ => dice.u32(..),
            });
            if !is_outside(IpAddr::V4(ip)) && ip != Ipv4Addr::LOCALHOST {
                break ip;
            }
        };
        let number = u32::from(four);
        let [a, b, c, d] = four.octets();
        let host = match dice.u8(0..9) {
            0 => four.to_string(),
            1 => number.to_string(),
            2 => format!("0x{number:x}"),
            3 => format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
            4 => format!("{a}.{}", number & 0x00ff_ffff),
            5 => format!("[::ffff:{four}]"),
            6 => format!("[{}]", Ipv6Addr::from(dice.u128(..) | (0xfe80 << 112))),
            7 => format!("[fd{:02x}::{:x}]", dice.u8(..), dice.u16(..)),
            _ => format!("{four}."),
        };
        let scheme = ["http", "https", "HTTP", "ftp", "file", "gopher"][dice.usize(0..6)];
        let at = ["", "user@", "user:word@"][dice.usize(0..3)];
        let port = ["", ":80", ":22", ":65535", ":0"][dice.usize(0..5)];
        let address = format!("{scheme}://{at}{host}{port}/film.mp4");
        *next.lock().unwrap() = address.clone();
        let began = Instant::now();
        match driver.fetch(&id, &Source::default(), None).await {
            Ok(_) => panic!("{address} was fetched"),
            Err(FetchError::Refused { .. }) => refused += 1,
            Err(_) => odd += 1,
        }
        soon(began, &address);
    }
    println!("F5: {refused} refused by rule, {odd} read as no address");
    assert!(refused > tries / 3, "{refused} and {odd} of {tries}");
    // The film was asked for at the upstream, and nowhere else; a busy machine may have broken off a few.
    let seen = server.seen().len();
    assert!(seen <= tries && seen > tries / 10 * 9, "{seen}");
}
