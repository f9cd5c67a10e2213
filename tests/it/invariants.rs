//! What must hold after any story, however hostile the upstream was: the three truths agree, no page shows the key, and
//! no unfinished clip serves a file.

use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, Once, PoisonError};

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{AssertSqlSafe, Row};

use crate::app::{Browser, TestApp};
use crate::truth::{self, Verdict};
use crate::upstream::{FakeUpstream, KEY};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Everything that this process logs.
#[derive(Clone)]
struct Ear;

impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Keeps what is logged from now on, for all tests of this process together.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt().with_env_filter("rushes=trace,warn").with_ansi(false).with_writer(|| Ear).init();
    });
}

/// What was logged so far.
pub fn log() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

/// The database of a data folder that no process has open.
pub async fn database(data: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(data.join("rushes.db"));
    SqlitePool::connect_with(options).await.unwrap()
}

/// Runs one statement on a database that no process has open; how many rows it changed.
pub async fn change(data: &Path, sql: &'static str) -> u64 {
    let database = database(data).await;
    let done = sqlx::query(sql).execute(&database).await.unwrap();
    database.close().await;
    done.rows_affected()
}

/// The only number that a query finds.
pub async fn count(data: &Path, sql: &str) -> i64 {
    let database = database(data).await;
    let row = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_one(&database).await.unwrap();
    database.close().await;
    row.try_get(0).unwrap()
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Stops Rushes and checks all of it; nobody asked for a second attempt.
pub async fn check_all(app: TestApp, fake: &FakeUpstream) {
    check_all_but(app, fake, 0).await;
}

/// The same when a person asked for so many further attempts.
pub async fn check_all_but(app: TestApp, fake: &FakeUpstream, asked: usize) {
    let clips = pages_are_clean(&app.browser).await;
    let data = app.stop().await;
    let verdict = truth::compare(data.path(), &fake.ledger(), asked).await;
    verdict.is_clean();
    assert!(clips > 0, "a story without a clip proves nothing");
    assert_eq!(fake.unknown_requests(), Vec::<String>::new());
    assert!(!log().contains(&KEY[..16]), "the key is in the log");
    let here = fake.requests_elsewhere();
    assert!(here.iter().all(|record| record.authorization().is_none()), "the key went to another origin");
}

/// What the record of money says of each clip is what became of it.
pub async fn the_ledger_agrees(data: &Path) {
    let mut verdict = Verdict::default();
    let database = database(data).await;
    truth::money(&database, &mut verdict).await;
    database.close().await;
    verdict.is_clean();
}

/// No page shows the key, and no unfinished clip serves a file; how many clips there are.
async fn pages_are_clean(browser: &Browser) -> usize {
    let wall = browser.page("/").await.generations();
    let mut paths: Vec<String> = ["/", "/live/now?page=library", "/metrics", "/health"].map(str::to_owned).into();
    paths.extend(wall.iter().map(|clip| format!("/g/{}", clip.id)));
    for path in paths {
        let text = browser.get(&path).await.text().await.unwrap();
        assert!(!text.contains(&KEY[..16]), "the key is on {path}");
    }
    for clip in &wall {
        let file = browser.get(&format!("/g/{}/clip.mp4", clip.id)).await.status();
        // What was on its way when the wall was read may have arrived since; it is read again then.
        let is_done = clip.state == "completed"
            || file == 200 && browser.page(&format!("/g/{}", clip.id)).await.generations()[0].state == "completed";
        assert_eq!(file, if is_done { 200 } else { 404 }, "{clip:?}");
        let part = browser.get(&format!("/g/{0}/{0}.part", clip.id)).await.status();
        assert_eq!(part, 404, "{clip:?}");
    }
    wall.len()
}
