//! Pages of a large library, beside the least that a page of fifty rows costs on this machine.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use sqlx::{Row, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::{client, comes, memory, seeded, span, steadily};
use crate::app::Program;

/// The floor: nothing but the rows, over HTTP.
async fn floor(data: &Path) -> String {
    let options = SqliteConnectOptions::new().filename(data.join("rushes.db")).read_only(true);
    let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await.unwrap();
    let rows = |pool: SqlitePool| async move {
        let rows = sqlx::query(
            "select g.id, t.prompt, g.state from generation g join task t on t.id = g.task_id order by g.id desc limit 50",
        );
        let rows = rows.fetch_all(&pool).await.unwrap_or_default();
        rows.iter().fold(String::new(), |mut page, row| {
            let _ = write!(page, "{}<p>", row.try_get::<i64, _>(0).unwrap_or(0));
            page
        })
    };
    let router = Router::new().route("/", get(move || rows(pool.clone())));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    at
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures for minutes: ./check faults long"]
async fn a_library_of_a_hundred_thousand_is_listed_searched_and_opened_at_a_steady_pace() {
    let data = TempDir::new().unwrap();
    seeded(data.path(), 100_000).await;
    let program = Program::start(data.path(), None).await;
    let tile = program.browser.page("/").await.generations()[0].id.clone();
    let floor = floor(data.path()).await;
    let client = Arc::new(client());
    let ask = |url: String| {
        let client = Arc::clone(&client);
        move |_| comes((*client).clone(), url.clone())
    };
    // Warm: the pages that are in memory anyhow after a minute of use.
    steadily(20, Duration::from_secs(2), ask(program.browser.url("/"))).await;
    let least = steadily(100, span(), ask(floor)).await;
    least.told("L0 fifty rows and nothing else, 100/s");
    for (what, path, a_second) in [
        ("L1 the library's first page", "/".to_owned(), 20),
        ("L1 a search", "/?q=boat".to_owned(), 20),
        ("L1 a clip", format!("/g/{tile}"), 50),
        ("L1 the queue", "/queue".to_owned(), 50),
        ("L1 the API's list", "/v1/videos?limit=50".to_owned(), 50),
    ] {
        let times = steadily(a_second, span(), ask(program.browser.url(&path))).await;
        times.told(&format!("{what}, {a_second}/s"));
        assert_eq!(times.failed, 0, "{path}");
        assert!(times.p99() < Duration::from_millis(250), "{path}: {:?}", times.p99());
    }
    let (now, most) = memory(&program);
    println!("L14 memory after L1: {now} kB, at most {most} kB");
    assert!(most < 256 * 1024);
    program.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures for minutes: ./check faults long"]
async fn a_million_clips_start_at_once_and_cost_what_a_thousand_do() {
    let data = TempDir::new().unwrap();
    seeded(data.path(), 1_000_000).await;
    let began = Instant::now();
    let program = Program::start(data.path(), None).await;
    let started = began.elapsed();
    println!("L11 start with 1,000,000 clips: {started:.1?}");
    assert!(started < Duration::from_secs(5), "{started:?}");
    let client = client();
    for path in ["/", "/?q=boat", "/queue", "/v1/videos?limit=50"] {
        let url = program.browser.url(path);
        assert!(comes(client.clone(), url.clone()).await);
        let times = steadily(10, span() / 2, |_| comes(client.clone(), url.clone())).await;
        times.told(&format!("L11 {path} of a million, 10/s"));
        assert_eq!(times.failed, 0, "{path}");
        assert!(times.p99() < Duration::from_millis(250), "{path}: {:?}", times.p99());
    }
    program.terminate().await;
}
