//! The checker is checked: each kind of wrong is planted in a clean folder, and seen.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::app::TestApp;
use crate::invariants::{count, database, files};
use crate::truth::{self, Verdict};
use crate::upstream::{CreateFault, FakeUpstream, Fault, KEY, Record};

/// A folder after a story in which one clip was made, one refused, one is not known, and one is under way.
async fn story() -> (TempDir, Vec<Record>) {
    let fake = FakeUpstream::start().await;
    fake.on_list(Fault::NotFound).always();
    let app = TestApp::before(&fake).await;
    let made = app.browser.paid("A fox").await;
    app.until_state(&made, "completed").await;
    fake.hold();
    fake.on_create(CreateFault::NotAcceptedAnd(Fault::Moderation)).about("An owl");
    let refused = app.browser.paid("An owl").await;
    app.until_state(&refused, "failed").await;
    fake.on_create(Fault::VanishAfterReading).about("A boat");
    let unknown = app.browser.paid("A boat").await;
    app.until_state(&unknown, "uncertain").await;
    let running = app.browser.paid("A kite").await;
    app.until_state(&running, "in_progress").await;
    (app.stop().await, fake.ledger())
}

/// A copy to do harm to.
fn copy(from: &Path) -> TempDir {
    let to = TempDir::new().unwrap();
    for file in files(from) {
        let place = to.path().join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::copy(&file, &place).unwrap();
    }
    to
}

fn film(data: &Path) -> PathBuf {
    let mut all = files(&data.join("library")).into_iter();
    all.find(|file| file.extension().is_some_and(|end| end == "mp4")).unwrap()
}

/// Runs statements without asking whether rows fit together.
async fn harm(data: &Path, statements: &'static str) {
    let database = database(data).await;
    let mut connection = database.acquire().await.unwrap();
    sqlx::raw_sql("pragma foreign_keys = off; pragma ignore_check_constraints = on")
        .execute(&mut *connection)
        .await
        .unwrap();
    sqlx::raw_sql(statements).execute(&mut *connection).await.unwrap();
    drop(connection);
    database.close().await;
}

fn sees(verdict: &Verdict, invariant: &str, what: &str) {
    assert!(verdict.broken().contains(invariant), "{what}: {invariant} is not among {:?}", verdict.wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_the_database_is_seen() {
    let (clean, ledger) = story().await;
    let verdict = truth::compare(clean.path(), &ledger, 0).await;
    verdict.is_clean();
    assert_eq!((verdict.counts.clips, verdict.counts.attempts, verdict.counts.paid), (4, 4, 3));
    let plants: &[(&str, &str)] = &[
        (
            "I1",
            "update attempt set outcome = 'abandoned' where outcome = 'uncertain';
            insert into attempt (id, generation_id, number, upstream, outcome, idempotency_key, cost_micros, sent_at)
            select id + 1, generation_id, number + 1, upstream, 'accepted', 'another', cost_micros, sent_at
            from attempt where outcome = 'abandoned'",
        ),
        ("I2", "delete from attempt where outcome = 'refused'"),
        ("I3", "update attempt set outcome = 'sending' where outcome = 'uncertain'"),
        ("I3", "update generation set state = 'submitting' where state = 'in_progress'"),
        ("I3", "update generation set state = 'queued' where state = 'uncertain'"),
        (
            "I4",
            "update attempt set upstream_id = 'video_of_nobody'
            where id = (select min(id) from attempt where outcome = 'accepted')",
        ),
        ("I4", "update attempt set upstream_id = null where outcome = 'accepted'"),
        ("I6", "update attempt set outcome = 'refused' where outcome = 'accepted'"),
        ("I7", "insert into budget (scope, money_per_month) values ('instance', 1)"),
        ("I7", "insert into budget (scope, money_per_month) values ('upstream:gateway', 1199999)"),
        ("I8", "update attempt set outcome = 'not_sent' where outcome = 'accepted'"),
        ("I8", "update generation set cost_micros = 800000 where state = 'completed'"),
        ("I8", "update generation set state = 'in_progress', ended_at = null where state = 'completed'"),
        ("I8", "delete from entry where kind = 'settle'"),
        ("I8", "delete from entry where kind = 'release'"),
        (
            "I8",
            "insert into entry select id + 1000, kind, person_id, generation_id, upstream, model_key, clips, seconds,
            held_micros, spent_micros, at, reserved_at from entry where kind = 'settle'",
        ),
        ("I8", "delete from entry"),
        ("I11", "update generation set due_at = 9223372036854775807 where state = 'in_progress'"),
        ("I17", "delete from task"),
    ];
    for (invariant, statements) in plants {
        let data = copy(clean.path());
        harm(data.path(), statements).await;
        sees(&truth::compare(data.path(), &ledger, 0).await, invariant, statements);
    }
    // A page of the database that is not what it was.
    let data = copy(clean.path());
    let root = count(data.path(), "select rootpage from sqlite_schema where name = 'entry'").await;
    let page = count(data.path(), "select page_size from pragma_page_size").await;
    let path = data.path().join("rushes.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = usize::try_from((root - 1) * page).unwrap();
    bytes[at + 3..at + 5].copy_from_slice(&[0, 1]);
    std::fs::write(&path, bytes).unwrap();
    sees(&truth::soundness_of(data.path()).await, "I17", "a damaged page");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_at_the_upstream_is_seen() {
    let (clean, ledger) = story().await;
    let taken = ledger.iter().find(|record| record.accepted.is_some()).unwrap();
    let mut twice = ledger.clone();
    twice.push(taken.clone());
    sees(&truth::compare(clean.path(), &twice, 0).await, "I1", "the same create twice");
    let mut unknown = ledger.clone();
    let mut stranger = taken.clone();
    stranger.headers.retain(|(name, _)| name != "idempotency-key");
    unknown.push(stranger);
    sees(&truth::compare(clean.path(), &unknown, 0).await, "I2", "a create that nobody wrote down");
    let mut lost = ledger.clone();
    lost.iter_mut().find(|record| record.accepted == taken.accepted).unwrap().accepted = Some("video_x".to_owned());
    sees(&truth::compare(clean.path(), &lost, 0).await, "I4", "a job that nobody here knows");
    let mut denied = ledger.clone();
    let refused = denied.iter_mut().find(|record| record.prompt() == "An owl").unwrap();
    refused.accepted = Some("video_y".to_owned());
    sees(&truth::compare(clean.path(), &denied, 0).await, "I8", "paid, and called refused");
}

/// What is planted, what sees it, and how it is done to the data folder.
type Plant = (&'static str, &'static str, fn(&Path));

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_on_disk_is_seen() {
    let (clean, ledger) = story().await;
    let plants: Vec<Plant> = vec![
        ("I5", "a clip is missing", |data| std::fs::remove_file(film(data)).unwrap()),
        ("I5", "one byte differs", |data| {
            let mut bytes = std::fs::read(film(data)).unwrap();
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            std::fs::write(film(data), bytes).unwrap();
        }),
        ("I5", "half of it is there", |data| {
            let bytes = std::fs::read(film(data)).unwrap();
            std::fs::write(film(data), &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("I14", "a clip is nobody's", |data| {
            std::fs::copy(film(data), film(data).with_file_name("stray.mp4")).unwrap();
        }),
        ("I14", "something half was left", |data| {
            std::fs::write(film(data).with_extension("part"), "half").unwrap();
        }),
        ("I10", "the key is in a sidecar", |data| {
            std::fs::write(film(data).with_extension("json"), format!("{{\"key\":\"{KEY}\"}}")).unwrap();
        }),
    ];
    for (invariant, what, plant) in plants {
        let data = copy(clean.path());
        plant(data.path());
        sees(&truth::compare(data.path(), &ledger, 0).await, invariant, what);
    }
    // Junk whose row says that it is right.
    let data = copy(clean.path());
    let junk = b"not a film".repeat(100);
    std::fs::write(film(data.path()), &junk).unwrap();
    let database = database(data.path()).await;
    sqlx::query("update generation set sha256 = $1, size_bytes = 1000 where state = 'completed'")
        .bind(crate::upstream::sha256(&junk))
        .execute(&database)
        .await
        .unwrap();
    database.close().await;
    let verdict = truth::compare(data.path(), &ledger, 0).await;
    assert!(verdict.wrong.iter().any(|wrong| wrong.contains("is no film")), "{:?}", verdict.wrong);
}
