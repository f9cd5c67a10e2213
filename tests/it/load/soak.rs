//! Hours of ordinary use with faults now and then: memory, descriptors and threads stay what they were.

use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{client, comes, memory, steadily};
use crate::app::Program;
use crate::restart::{quick, sound};
use crate::upstream::{ContentFault, Fault};

/// Minutes: 60, or what `RUSHES_SOAK` says.
fn minutes() -> u64 {
    std::env::var_os("RUSHES_SOAK").and_then(|text| text.to_str()?.parse().ok()).unwrap_or(60)
}

fn held(program: &Program) -> (usize, usize) {
    let of = |what: &str| std::fs::read_dir(format!("/proc/{}/{what}", program.child.id().unwrap())).unwrap().count();
    (of("fd"), of("task"))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures for minutes: ./check faults long"]
async fn an_hour_of_use_with_faults_leaves_memory_descriptors_and_threads_as_they_were() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let mut program = Program::start(data.path(), Some(&fake)).await;
    let client = client();
    let (began, mut number, mut rows) = (Instant::now(), 0_u32, Vec::new());
    for minute in 0..minutes() {
        let url = program.browser.url("/");
        let (asking, queue) = (client.clone(), program.browser.url("/queue"));
        let pages = tokio::spawn(steadily(10, Duration::from_secs(50), move |turn| {
            comes(asking.clone(), if turn % 2 == 0 { url.clone() } else { queue.clone() })
        }));
        while began.elapsed() < Duration::from_secs(minute * 60 + 50) {
            number += 1;
            match number % 11 {
                3 => drop(fake.on_create(Fault::RateLimited(Some("1".to_owned()))).times(1)),
                5 => drop(fake.on_poll(Fault::Status(500)).times(2)),
                7 => drop(fake.on_content(ContentFault::CutAt(9_000)).times(1)),
                9 => drop(fake.on_create(Fault::VanishAfterReading).times(1)),
                _ => {}
            }
            let clip = program.browser.paid(&format!("Clip {number}")).await;
            program.until_state(&clip, "completed").await;
        }
        let pages = pages.await.unwrap();
        let ((now, most), (descriptors, threads)) = (memory(&program), held(&program));
        println!(
            "minute {minute}: {number} clips, {now} kB (at most {most}), {descriptors} descriptors, {threads} threads, \
             p99 {:.1?}, {} pages failed",
            pages.p99(),
            pages.failed
        );
        assert_eq!(pages.failed, 0);
        // Each ten minutes somebody pulls the plug.
        if minute % 10 == 9 {
            program.kill().await;
            program = Program::start(data.path(), Some(&fake)).await;
        } else {
            rows.push((now, descriptors, threads));
        }
    }
    let (first, last) = (rows[rows.len() / 5], rows[rows.len() - 1]);
    println!(
        "soak: {number} clips, {} creates, {} paid; {first:?} early, {last:?} at the end",
        fake.creates().len(),
        fake.paid().len()
    );
    assert_eq!(fake.paid().len(), number as usize);
    assert!(last.0 < first.0 + 32 * 1024, "memory grew: {rows:?}");
    assert!(last.1 < first.1 + 16 && last.2 < first.2 + 16, "{rows:?}");
    program.terminate().await;
    sound(data.path()).await;
}
