//! What must hold after any story, however hostile the upstream was: money, files, database and the key.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, Once, PoisonError};

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{AssertSqlSafe, Row};

use crate::app::{Browser, TestApp};
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
pub async fn count(data: &Path, sql: &'static str) -> i64 {
    let database = database(data).await;
    let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&database).await.unwrap();
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
    money_was_spent_once(data.path(), fake, asked).await;
    the_ledger_agrees(data.path()).await;
    files_are_what_the_rows_say(data.path()).await;
    assert!(clips > 0, "a story without a clip proves nothing");
    assert_eq!(fake.unknown_requests(), Vec::<String>::new());
    assert!(!log().contains(&KEY[..16]), "the key is in the log");
    let here = fake.requests_elsewhere();
    assert!(here.iter().all(|record| record.authorization().is_none()), "the key went to another origin");
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

async fn money_was_spent_once(data: &Path, fake: &FakeUpstream, asked: usize) {
    let database = database(data).await;
    let rows =
        sqlx::query("select generation_id, outcome, cost_micros from attempt").fetch_all(&database).await.unwrap();
    let mut sent: HashMap<i64, usize> = HashMap::new();
    let mut paid: HashMap<i64, i64> = HashMap::new();
    for row in &rows {
        let (id, outcome): (i64, String) = (row.get(0), row.get(1));
        if !matches!(outcome.as_str(), "not_sent" | "refused") {
            *sent.entry(id).or_default() += 1;
        }
        if outcome == "accepted" {
            *paid.entry(id).or_default() += row.get::<i64, _>(2);
        }
    }
    let twice = sent.values().map(|times| times - 1).sum::<usize>();
    assert!(twice <= asked, "{twice} clips were sent again, {asked} were asked for");
    assert!(fake.paid().len() <= sent.values().sum(), "the upstream was paid more often than Rushes knows");
    for row in sqlx::query("select id, cost_micros from generation").fetch_all(&database).await.unwrap() {
        let id: i64 = row.get(0);
        assert_eq!(row.get::<i64, _>(1), paid.get(&id).copied().unwrap_or(0), "the cost of {id}");
    }
    database.close().await;
}

/// What the record of money says of each clip is what became of it.
pub async fn the_ledger_agrees(data: &Path) {
    let database = database(data).await;
    let rows = sqlx::query(
        "select g.id, g.state, coalesce(g.reason, ''), coalesce(t.price_micros, 0), coalesce(sum(e.held_micros), 0),
             coalesce(sum(e.spent_micros), 0), coalesce(sum(e.clips), 0), g.upstream,
             count(case when e.kind = 'settle' then 1 end),
             (select count(*) from attempt a where a.generation_id = g.id and a.outcome = 'abandoned')
         from generation g join task t on t.id = g.task_id left join entry e on e.generation_id = g.id group by g.id",
    )
    .fetch_all(&database)
    .await
    .unwrap();
    for row in rows {
        let (id, state, reason): (i64, String, String) = (row.get(0), row.get(1), row.get(2));
        let (price, held, spent, clips): (i64, i64, i64, i64) = (row.get(3), row.get(4), row.get(5), row.get(6));
        let (settled, abandoned): (i64, i64) = (row.get(8), row.get(9));
        let what = format!("the record of {id}, which is {state} {reason}");
        if matches!(row.get::<String, _>(7).as_str(), "upload" | "ffmpeg" | "seed") {
            assert_eq!((held, spent, clips), (0, 0, 0), "{what}");
            continue;
        }
        let is_open = i64::from(!matches!(state.as_str(), "completed" | "failed" | "canceled"));
        assert_eq!((held, spent, clips), (is_open * price, settled * price, is_open + settled), "{what}");
        // Each clip is paid for once; once more for each time that somebody gave it up without knowing.
        let is_paid = i64::from(state == "completed" || reason == "gave_up");
        assert!((is_paid..=is_paid + abandoned).contains(&settled), "{what}: settled {settled} times");
    }
    database.close().await;
}

async fn files_are_what_the_rows_say(data: &Path) {
    let database = database(data).await;
    let word: String = sqlx::query("pragma integrity_check").fetch_one(&database).await.unwrap().get(0);
    assert_eq!(word, "ok");
    let rows = sqlx::query("select file, sha256, size_bytes from generation where state = 'completed'");
    for row in rows.fetch_all(&database).await.unwrap() {
        let (path, sha256): (String, String) = (row.get(0), row.get(1));
        let bytes = std::fs::read(data.join(&path)).unwrap();
        assert_eq!(crate::upstream::sha256(&bytes), sha256, "{path}");
        assert_eq!(i64::try_from(bytes.len()).unwrap(), row.get::<i64, _>(2), "{path}");
    }
    database.close().await;
    for file in files(data) {
        let bytes = std::fs::read(&file).unwrap();
        let leaks = bytes.windows(16).any(|window| window == &KEY.as_bytes()[..16]);
        assert!(!leaks, "the key is in {}", file.display());
    }
}
