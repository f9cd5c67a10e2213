//! What `docs/reliability.md` promises and no other file has: kills at any moment, starts over and over, a long log, and
//! that each test that it names is there.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::multipart::Form;
use tempfile::TempDir;

use crate::app::{Program, START, TestApp, gateway, is_long, seed};
use crate::invariants::{check_all, count, database, files};
use crate::restart::{quick, sound};
use crate::teams::rules::named_by;
use crate::truth;
use crate::upstream::FakeUpstream;

#[test]
fn every_promise_of_the_reliability_page_has_the_test_that_it_names() {
    assert!(named_by("docs/reliability.md") > 80);
}

#[test]
fn every_write_takes_the_lock_at_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut begins = 0;
    for file in files(&root) {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        for line in text.lines().map(str::trim) {
            // `Store::begin` is the one that takes the lock at once; sqlx's own would wait for the first write, and
            // then fail at once where another came first.
            let is_ours = line.contains("self.begin()") || line.contains("store.begin()");
            assert!(!line.contains(".begin()") || is_ours, "{}: {line}", file.display());
            assert!(!line.contains("begin_with(") || line.contains("begin_with(BEGIN)"), "{}: {line}", file.display());
            begins += usize::from(is_ours);
        }
    }
    assert!(begins > 20, "{begins} writes were found");
}

/// What became of each clip, by its prompt.
async fn states(data: &Path) -> HashMap<String, String> {
    let database = database(data).await;
    let rows = sqlx::query_as("select prompt, state from generation join task on task.id = task_id");
    let states: Vec<(String, String)> = rows.fetch_all(&database).await.unwrap();
    database.close().await;
    states.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_over_and_over_each_clip_is_paid_once_and_arrives() {
    let rounds = if is_long() { 1_000 } else { 20 };
    let seed = seed().unwrap_or(7);
    println!("K25: {rounds} kills, RUSHES_SEED={seed}");
    let mut dice = fastrand::Rng::with_seed(seed);
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    for round in 0..rounds {
        let program = Program::start(data.path(), Some(&fake)).await;
        for press in 0..dice.usize(0..4) {
            let form = Form::new().text("prompt", format!("Clip {round}.{press}"));
            let form = form.text("model", "sora-2").text("seconds", "4");
            let request = program.browser.client().post(program.browser.url("/tasks")).multipart(form).send();
            tokio::spawn(async move { drop(request.await) });
        }
        // Not to wait for anything: the moment of the kill is what is drawn by lot.
        tokio::time::sleep(Duration::from_millis(dice.u64(0..500))).await;
        program.kill().await;
    }
    let program = Program::start(data.path(), Some(&fake)).await;
    let mut beat = tokio::time::interval(Duration::from_millis(200));
    let began = Instant::now();
    loop {
        beat.tick().await;
        let states = states(data.path()).await;
        let open: Vec<_> = states
            .iter()
            // What certainly was not made waits for a person, who is not here.
            .filter(|(prompt, state)| *state != "completed" && (*state != "uncertain" || fake.paid_for(prompt) > 0))
            .collect();
        if open.is_empty() {
            let unknown = states.values().filter(|state| *state == "uncertain").count();
            println!(
                "K25: {} clips, {} creates, {} paid, {unknown} for a person",
                states.len(),
                fake.creates().len(),
                fake.paid().len()
            );
            break;
        }
        assert!(began.elapsed() < Duration::from_mins(3), "{open:?}");
    }
    assert_eq!(program.terminate().await, Some(0));
    truth::compare(data.path(), &fake.ledger(), 0).await.is_clean();
    sound(data.path()).await;
    let clips = count(data.path(), "select count(*) from generation").await;
    assert!(clips > i64::from(rounds) / 4, "{clips} clips");
}

#[tokio::test(flavor = "multi_thread")]
async fn started_and_stopped_over_and_over_it_ends_each_time_and_loses_nothing() {
    let fake = FakeUpstream::start().await;
    fake.set_now(START.as_i64() / 1000);
    let mut data = TempDir::new().unwrap();
    let mut clips = Vec::new();
    for round in 0_u64..25 {
        let start = START.after(Duration::from_mins(5 * round));
        let app = TestApp::told(data, start, |config| config.upstreams = vec![gateway(&fake, 4)]).await;
        clips.push(app.browser.paid(&format!("Clip {round}")).await);
        // It is stopped wherever it happens to be by then.
        for _ in 0..round % 7 {
            app.clock.advance(Duration::from_millis(400));
            app.browser.get("/health").await;
        }
        let began = Instant::now();
        data = app.stop().await;
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
    let start = START.after(Duration::from_mins(200));
    let app = TestApp::told(data, start, |config| config.upstreams = vec![gateway(&fake, 4)]).await;
    for clip in &clips {
        // One that is called stalled by now is asked about every five minutes.
        app.until_by(Duration::from_secs(10), "the end", || async {
            (app.browser.page(clip).await.generations()[0].state == "completed").then_some(())
        })
        .await;
    }
    assert_eq!((fake.creates().len(), fake.paid().len()), (25, 25));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_that_a_crash_left_is_folded_in_at_the_start() {
    let megabytes: i64 = if is_long() { 1_024 } else { 100 };
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = Program::start(data.path(), Some(&fake)).await;
    let clip = program.browser.paid("Before").await;
    program.until_state(&clip, "completed").await;
    assert_eq!(program.terminate().await, Some(0));
    // Somebody wrote, and read all the while, so that nothing was folded in.
    let reader = database(data.path()).await;
    let mut reading = reader.begin().await.unwrap();
    sqlx::query("select count(*) from task").fetch_one(&mut *reading).await.unwrap();
    let writer = database(data.path()).await;
    for _ in 0..megabytes / 20 {
        sqlx::query("update task set prompt = prompt || $1").bind("x".repeat(20)).execute(&writer).await.unwrap();
        sqlx::query("insert into _sqlx_migrations values (-1, hex(zeroblob(10000000)), 0, 1, x'00', 0)")
            .execute(&writer)
            .await
            .unwrap();
        sqlx::query("delete from _sqlx_migrations where version = -1").execute(&writer).await.unwrap();
    }
    let crashed = TempDir::new().unwrap();
    for file in files(data.path()) {
        let to = crashed.path().join(file.strip_prefix(data.path()).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(&file, to).unwrap();
    }
    let log = crashed.path().join("rushes.db-wal");
    let before = std::fs::metadata(&log).unwrap().len();
    assert!(before > u64::try_from(megabytes).unwrap() * 500_000, "the log has {before} bytes");
    drop((reading, reader, writer));
    let began = Instant::now();
    let program = Program::start(crashed.path(), Some(&fake)).await;
    println!("D11: a log of {before} bytes, started after {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(20));
    let clip = program.browser.paid("Afterwards").await;
    program.until_state(&clip, "completed").await;
    assert_eq!(program.terminate().await, Some(0));
    let after = std::fs::metadata(&log).map_or(0, |log| log.len());
    assert!(after < 64 << 20, "{after} bytes are left");
    sound(crashed.path()).await;
}
