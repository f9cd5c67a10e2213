//! Many guests: streams, slow readers, slow senders, silent ones, and a flood at the door.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use reqwest::Client;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{Times, client, comes, memory, seeded, span, steadily};
use crate::app::Program;
use crate::restart::quick;
use crate::upstream::clip::clip_of_bytes;

/// Streams at once; 1,024 connections are the most.
const STREAMS: usize = 900;

/// Waits until a stream has told its first state.
async fn opened(client: &Client, program: &Program) -> reqwest::Response {
    let mut stream = client.get(program.browser.url("/live?page=bell")).send().await.unwrap();
    assert!(stream.chunk().await.unwrap().is_some());
    stream
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures for minutes: ./check faults long"]
async fn nine_hundred_streams_hear_of_each_clip_while_pages_are_served_and_come_back_after_a_restart() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = Program::start(data.path(), Some(&fake)).await;
    let client = client();
    let mut streams = Vec::new();
    for _ in 0..STREAMS {
        streams.push(opened(&client, &program).await);
    }
    // Each is told that the clip is there, by a message with its number on the bell.
    let mut all = JoinSet::new();
    for mut stream in streams {
        all.spawn(async move {
            let mut heard = Vec::new();
            while let Ok(Ok(Some(_))) = tokio::time::timeout(Duration::from_secs(10), stream.chunk()).await {
                heard.push(Instant::now());
            }
            heard
        });
    }
    let url = program.browser.url("/queue");
    let pages = tokio::spawn(steadily(30, span(), move |_| comes(client.clone(), url.clone())));
    let mut moments = Vec::new();
    let mut beat = tokio::time::interval(Duration::from_secs(1));
    for number in 0..span().as_secs() {
        beat.tick().await;
        let clip = program.browser.paid(&format!("Clip {number}")).await;
        program.until_state(&clip, "completed").await;
        moments.push(Instant::now());
    }
    let pages = pages.await.unwrap();
    let first = moments[0];
    let mut delays = Vec::new();
    while let Some(heard) = all.join_next().await {
        let heard = heard.unwrap();
        // The message that followed the first clip, as each of them heard it.
        let after = heard.iter().map(|at| at.saturating_duration_since(first)).find(|late| !late.is_zero());
        delays.push(Some(after.unwrap_or_default()));
    }
    let times = Times::of(delays, span());
    times.told(&format!("L4 from a clip that is saved to {STREAMS} streams that hear of it"));
    pages.told("L4 the queue page meanwhile, 30/s");
    let (now, most) = memory(&program);
    println!("L4 memory: {now} kB, at most {most} kB");
    assert_eq!(pages.failed, 0);
    assert!(pages.p99() < Duration::from_millis(500), "{:?}", pages.p99());
    assert!(most < 256 * 1024);
    program.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures for minutes: ./check faults long"]
async fn a_hundred_who_read_a_large_film_and_twenty_who_stop_cost_little_memory() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    fake.serves(clip_of_bytes(200_000_000));
    let program = Program::start(data.path(), Some(&fake)).await;
    let clip = program.browser.paid("A long film").await;
    let page = program.until_state(&clip, "completed").await;
    let id = page.generations()[0].id.clone();
    let film = program.browser.url(&format!("/v1/videos/{}/content", page_id(&program, &id).await));
    let client = client();
    let (before, _) = memory(&program);
    let mut stopped = Vec::new();
    for _ in 0..20 {
        let mut answer = client.get(&film).send().await.unwrap();
        assert!(answer.chunk().await.unwrap().is_some());
        stopped.push(answer);
    }
    let mut readers = JoinSet::new();
    for number in 0_u64..100 {
        let (client, film) = (client.clone(), film.clone());
        readers.spawn(async move {
            let (from, to) = (number * 1_900_000, number * 1_900_000 + 5_000_000);
            let answer = client.get(film).header("range", format!("bytes={from}-{to}")).send().await.unwrap();
            assert_eq!(answer.status(), 206);
            let mut bytes = 0_u64;
            let mut stream = answer.bytes_stream();
            while let Some(chunk) = stream.next().await {
                bytes += chunk.unwrap().len() as u64;
            }
            assert_eq!(bytes, 5_000_001);
        });
    }
    let (asking, url) = (client.clone(), program.browser.url("/queue"));
    let pages = steadily(20, span(), |_| comes(asking.clone(), url.clone())).await;
    while let Some(one) = readers.join_next().await {
        one.unwrap();
    }
    pages.told("L6 the queue page meanwhile, 20/s");
    let (_, most) = memory(&program);
    println!("L6 memory: {before} kB before, at most {most} kB");
    assert!(most < before + 64 * 1024, "{before} {most}");
    assert_eq!(pages.failed, 0);
    drop(stopped);
    program.terminate().await;
}

/// The API's name of the newest clip.
async fn page_id(program: &Program, _id: &str) -> String {
    let list: serde_json::Value =
        serde_json::from_str(&program.browser.get("/v1/videos?limit=1").await.text().await.unwrap()).unwrap();
    list["data"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures for minutes: ./check faults long"]
async fn a_thousand_who_never_finish_their_head_are_gone_in_time_and_pages_are_served_meanwhile() {
    let data = TempDir::new().unwrap();
    seeded(data.path(), 100).await;
    let program = Program::start(data.path(), None).await;
    let at = program.browser.url("").trim_start_matches("http://").to_owned();
    let began = Instant::now();
    let mut guests = JoinSet::new();
    for number in 0..900 {
        // One after the other: of a thousand at once, some are forgotten in the system's own line and never told so.
        let mut guest = TcpStream::connect(&at).await.unwrap();
        guests.spawn(async move {
            if number % 10 != 0 {
                let _ = guest.write_all(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ").await;
            }
            let mut answer = Vec::new();
            let end = tokio::io::AsyncReadExt::read_to_end(&mut guest, &mut answer);
            tokio::time::timeout(Duration::from_secs(30), end).await.is_ok()
        });
    }
    let client = client();
    let url = program.browser.url("/queue");
    let pages = steadily(20, Duration::from_secs(8), |_| comes(client.clone(), url.clone())).await;
    while let Some(one) = guests.join_next().await {
        assert!(one.unwrap(), "a guest who says nothing is still there");
    }
    println!("L7 900 silent and half heads were gone after {:.1?}", began.elapsed());
    pages.told("L7 the queue page meanwhile, 20/s");
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_eq!(pages.failed, 0);
    program.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures for minutes: ./check faults long"]
async fn a_hundred_slow_uploads_cost_little_memory_and_leave_nothing() {
    let data = TempDir::new().unwrap();
    seeded(data.path(), 100).await;
    let program = Program::start(data.path(), None).await;
    let at = program.browser.url("").trim_start_matches("http://").to_owned();
    let (before, _) = memory(&program);
    let mut guests = JoinSet::new();
    for number in 0..120 {
        let at = at.clone();
        guests.spawn(async move {
            let mut guest = TcpStream::connect(&at).await.unwrap();
            let head = format!(
                "POST /uploads HTTP/1.1\r\nhost: {at}\r\ncontent-type: multipart/form-data; boundary=X\r\n\
                 content-length: 100000000\r\n\r\n--X\r\ncontent-disposition: form-data; name=\"files\"; \
                 filename=\"a.mp4\"\r\n\r\n"
            );
            let _ = guest.write_all(head.as_bytes()).await;
            // A hundred at a kilobyte now and then, twenty as fast as it goes for a while.
            let (piece, pause, most) = if number < 100 { (1_000, 1_000, 15) } else { (100_000, 1, 400) };
            let piece = vec![7_u8; piece];
            for _ in 0..most {
                if guest.write_all(&piece).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
        });
    }
    let client = client();
    let url = program.browser.url("/queue");
    let pages = steadily(20, Duration::from_secs(15), |_| comes(client.clone(), url.clone())).await;
    let (_, most) = memory(&program);
    while let Some(one) = guests.join_next().await {
        one.unwrap();
    }
    pages.told("L8 the queue page meanwhile, 20/s");
    println!("L8 memory: {before} kB before, at most {most} kB");
    assert!(most < before + 48 * 1024, "{before} {most}");
    assert_eq!(pages.failed, 0);
    let mut beat = tokio::time::interval(Duration::from_millis(200));
    let began = Instant::now();
    loop {
        beat.tick().await;
        if std::fs::read_dir(data.path().join("partial")).unwrap().count() == 0 {
            break;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "half uploads are left");
    }
    program.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures for minutes: ./check faults long"]
async fn a_flood_at_the_door_is_turned_away_and_others_are_served() {
    let data = TempDir::new().unwrap();
    seeded(data.path(), 100).await;
    let mut add = tokio::process::Command::new(env!("CARGO_BIN_EXE_rushes"));
    add.args(["user", "add", "ada", "--role", "owner", "--password-stdin", "--data"]).arg(data.path());
    let mut add = add.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().unwrap();
    add.stdin.take().unwrap().write_all(b"a few quiet words here\n").await.unwrap();
    assert!(add.wait().await.unwrap().success());
    let program = Program::start(data.path(), None).await;
    let url = program.browser.url("/login");
    let from = |number: u32| {
        let host =
            Ipv4Addr::new(127, 0, u8::try_from(1 + number / 250).unwrap(), u8::try_from(1 + number % 250).unwrap());
        Client::builder().no_proxy().local_address(IpAddr::V4(host)).build().unwrap()
    };
    let clients: Vec<_> = (0..500).map(from).collect();
    let door = {
        let url = url.clone();
        tokio::spawn(steadily(100, span(), move |number| {
            let (client, url) = (clients[(number % 500) as usize].clone(), url.clone());
            async move {
                let body = format!("name=guess{number}&password=wrong+words+of+some+length");
                let kind = "application/x-www-form-urlencoded";
                let answer = client.post(url).header("content-type", kind).header("sec-fetch-site", "same-origin");
                answer
                    .body(body)
                    .send()
                    .await
                    .is_ok_and(|answer| answer.status().is_client_error() || answer.status() == 503)
            }
        }))
    };
    let client = client();
    let pages = steadily(20, span(), |_| comes(client.clone(), url.clone())).await;
    let door = door.await.unwrap();
    door.told("L9 sign-ins that are refused, 100/s from 500 addresses");
    pages.told("L9 the sign-in page meanwhile, 20/s");
    let (now, most) = memory(&program);
    println!("L9 memory: {now} kB, at most {most} kB");
    assert_eq!(pages.failed, 0);
    assert!(pages.p99() < Duration::from_secs(1), "{:?}", pages.p99());
    assert!(most < 256 * 1024);
    program.terminate().await;
}
