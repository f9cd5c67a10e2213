//! Creates, and a long line.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{client, memory, span, steadily};
use crate::app::Program;
use crate::restart::{quick, sound};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures for minutes: ./check faults long"]
async fn fifty_creates_a_second_are_taken_in_time_and_each_is_paid_once() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = Program::start(data.path(), Some(&fake)).await;
    let (client, url) = (client(), program.browser.url("/v1/videos"));
    let times = steadily(50, span(), |number| {
        let (client, url) = (client.clone(), url.clone());
        async move {
            let body = serde_json::json!({ "prompt": format!("Clip {number}"), "model": "sora-2", "seconds": "4" });
            let answer =
                client.post(url).header("content-type", "application/json").body(body.to_string()).send().await;
            answer.is_ok_and(|answer| answer.status() == 200)
        }
    })
    .await;
    times.told("L2 creates by the API, 50/s");
    assert_eq!(times.failed, 0);
    assert!(times.p99() < Duration::from_millis(500), "{:?}", times.p99());
    // All of them are carried through, and the ledger has each prompt once.
    let (began, many) = (Instant::now(), times.sorted.len());
    let mut beat = tokio::time::interval(Duration::from_millis(500));
    loop {
        beat.tick().await;
        let list = program.browser.page("/queue").await;
        if fake.paid().len() == many && list.generations().is_empty() {
            break;
        }
        assert!(began.elapsed() < Duration::from_mins(30), "{} of {many}", fake.paid().len());
    }
    println!(
        "L2 {many} clips: {} creates, {} paid, {:.0?} to the last",
        fake.creates().len(),
        fake.paid().len(),
        began.elapsed()
    );
    assert_eq!(fake.creates().len(), many);
    println!("L14 memory after L2: {:?} kB", memory(&program));
    program.terminate().await;
    sound(data.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures for minutes: ./check faults long"]
async fn a_stop_in_the_middle_of_everything_ends_in_time_and_loses_nothing() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = Program::start(data.path(), Some(&fake)).await;
    let client = client();
    let mut streams = Vec::new();
    for _ in 0..200 {
        streams.push(client.get(program.browser.url("/live?page=bell")).send().await.unwrap());
    }
    let slow = fake.hold_content_after(9_000);
    let running = program.browser.paid("Downloads").await;
    slow.reached().await;
    let gate = fake.hold_create_answer();
    let sending = program.browser.paid("Is sent").await;
    gate.reached().await;
    let began = Instant::now();
    let ended = Arc::new(AtomicUsize::new(0));
    let code = {
        let ended = Arc::clone(&ended);
        tokio::spawn(async move {
            gate.release();
            for mut stream in streams {
                while let Ok(Some(_)) = stream.chunk().await {}
                ended.fetch_add(1, Ordering::Relaxed);
            }
        });
        program.terminate().await
    };
    println!("L12 stopped after {:.1?} with 200 streams, a download and a create under way", began.elapsed());
    assert_eq!(code, Some(0));
    assert!(began.elapsed() < Duration::from_secs(15));
    slow.release();
    let program = Program::start(data.path(), Some(&fake)).await;
    program.until_state(&running, "completed").await;
    program.until_state(&sending, "completed").await;
    assert_eq!((fake.creates().len(), fake.paid().len()), (2, 2));
    program.terminate().await;
    sound(data.path()).await;
}
