//! Whoever runs the server can see how it is: figures, a page in words, and a log in which one clip can be followed.

use std::path::Path;
use std::time::Duration;

use rushes::clock::Clock;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::app::{Program, TestApp, gateway};
use crate::invariants::change;
use crate::restart::quick;
use crate::teams::{people, signed_in, team};
use crate::upstream::{FakeUpstream, Fault, KEY};

/// The value of a metric, its labels included in the name.
async fn figure(app: &TestApp, name: &str) -> f64 {
    let text = app.browser.get("/metrics").await.text().await.unwrap();
    let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
    let line = line.unwrap_or_else(|| panic!("{name} is not told:\n{text}"));
    line.rsplit_once(' ').unwrap().1.parse().unwrap()
}

#[track_caller]
fn same(found: f64, wanted: f64) {
    assert_eq!(format!("{found:.6}"), format!("{wanted:.6}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_promise_has_a_figure() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::of_today(TempDir::new().unwrap(), vec![gateway(&fake, 4)]).await;
    fake.set_now(app.clock.now().as_i64() / 1000);
    same(figure(&app, "rushes_creates_total{outcome=\"accepted\",upstream=\"gateway\"}").await, 0.0);
    let clip = app.browser.paid("A fox").await;
    app.until_state(&clip, "completed").await;
    let outcome = |outcome: &str| format!("rushes_creates_total{{outcome=\"{outcome}\",upstream=\"gateway\"}}");
    same(figure(&app, &outcome("accepted")).await, 1.0);
    let download = |outcome: &str| format!("rushes_downloads_total{{outcome=\"{outcome}\",upstream=\"gateway\"}}");
    same(figure(&app, &download("begun")).await, 1.0);
    same(figure(&app, &download("saved")).await, 1.0);
    let bytes = app.browser.get(&format!("{clip}/clip.mp4")).await.bytes().await.unwrap().len();
    same(
        figure(&app, "rushes_download_bytes_total{upstream=\"gateway\"}").await,
        f64::from(u32::try_from(bytes).unwrap()),
    );
    assert!(figure(&app, "rushes_polls_total{outcome=\"answered\",upstream=\"gateway\"}").await >= 1.0);

    // An answer is lost and found again.
    fake.on_create(Fault::VanishAfterReading);
    let lost = app.browser.paid("An owl").await;
    app.until_state(&lost, "completed").await;
    same(figure(&app, &outcome("uncertain")).await, 1.0);
    same(figure(&app, "rushes_reconciled_total{outcome=\"adopted\",upstream=\"gateway\"}").await, 1.0);
    // One that nobody can tell, and what is refused.
    fake.on_list(Fault::NotFound).always();
    fake.on_create(Fault::VanishAfterReading);
    let unknown = app.browser.paid("A hare").await;
    app.until_state(&unknown, "uncertain").await;
    same(figure(&app, "rushes_generations{state=\"uncertain\",upstream=\"gateway\"}").await, 1.0);
    same(figure(&app, "rushes_breaker_open{upstream=\"gateway\"}").await, 0.0);
    same(figure(&app, "rushes_places{upstream=\"gateway\"}").await, 4.0);
    assert!(figure(&app, "rushes_disk_free_bytes").await > 1e6);
    same(figure(&app, "rushes_disk_floor_bytes").await, 1e6);
    let database = figure(&app, "rushes_database_bytes").await + figure(&app, "rushes_database_log_bytes").await;
    assert!(database > 1e5);
    assert!(figure(&app, "rushes_http_requests_total{class=\"2xx\"}").await >= 5.0);
    assert!(figure(&app, "process_resident_memory_bytes").await > 1e6);

    // In line for 90 seconds.
    app.browser.press("/queue", "pause").await;
    app.browser.paid("A wolf").await;
    app.clock.advance(Duration::from_secs(90));
    assert!(figure(&app, "rushes_queue_age_seconds{upstream=\"gateway\"}").await >= 90.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_example_of_an_alert_asks_for_figures_that_are_served_and_says_what_to_do() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::of_today(TempDir::new().unwrap(), vec![gateway(&fake, 4)]).await;
    let served = app.browser.get("/metrics").await.text().await.unwrap();
    let rules = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/alerts.yml")).unwrap();
    let table = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operate.md")).unwrap();
    let names = |text: &str| -> Vec<String> {
        let words = text.split(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '_'));
        words.filter(|word| word.starts_with("rushes_") || word.starts_with("process_")).map(str::to_owned).collect()
    };
    let (asked, told) = (names(&rules), names(&table));
    assert!(asked.len() > 10 && told.len() > 15);
    for name in asked.iter().chain(&told) {
        assert!(
            served.contains(&format!("\n{name}{{"))
                || served.contains(&format!("\n{name} "))
                || served.contains(&format!("# TYPE {name} ")),
            "{name}"
        );
    }
    let many = rules.matches("- alert:").count();
    for word in ["expr:", "summary:", "action:", "severity:"] {
        assert_eq!(rules.matches(word).count(), many, "each rule has its {word}");
    }
    for family in
        served.lines().filter_map(|line| line.strip_prefix("# TYPE ")).filter_map(|line| line.split(' ').next())
    {
        assert!(
            told.iter().any(|name| name == family) || family == "rushes_build_info",
            "{family} is not in docs/operate.md"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_for_admins_and_for_whoever_has_the_token() {
    let fake = FakeUpstream::start().await;
    let token = "a token of the scraper";
    let app = TestApp::told(people(), Clock::system().now(), |config| {
        config.upstreams = vec![gateway(&fake, 2)];
        config.metrics_token = Some(token.to_owned().into());
    })
    .await;
    let ask = |path: &'static str, shown: Option<String>| {
        let mut request = app.browser.client().get(app.browser.url(path));
        if let Some(shown) = shown {
            request = request.header("authorization", shown);
        }
        async move { request.send().await.unwrap() }
    };
    let refused = ask("/metrics", None).await;
    assert_eq!((refused.status().as_u16(), refused.headers()["www-authenticate"].to_str().unwrap()), (401, "Bearer"));
    assert!(refused.text().await.unwrap().contains("RUSHES_METRICS_TOKEN"));
    for wrong in ["Bearer a token of the scrapeR", "Bearer ", "a token of the scraper", "Basic a token of the scraper"]
    {
        assert_eq!(ask("/metrics", Some(wrong.to_owned())).await.status(), 401, "{wrong}");
    }
    let right = Some(format!("Bearer {token}"));
    assert!(ask("/metrics", right.clone()).await.text().await.unwrap().contains("rushes_build_info"));
    // It opens nothing else.
    for page in ["/", "/admin/status", "/usage.csv"] {
        assert_ne!(ask(page, right.clone()).await.status(), 200, "{page}");
    }
    let (adam, mia) = (signed_in(&app, "adam").await, signed_in(&app, "mia").await);
    assert_eq!(adam.get("/metrics").await.status(), 200);
    assert_eq!(mia.get("/metrics").await.status(), 403);
    assert_eq!(mia.get("/admin/status").await.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_page_says_in_words_what_is_wrong_and_what_to_do() {
    let mut fake = FakeUpstream::start().await;
    let app = team(&fake, 4).await;
    let (adam, mia) = (signed_in(&app, "adam").await, signed_in(&app, "mia").await);
    let status = || async { adam.page("/admin/status").await.text() };
    app.until("the upstream is known", || async { status().await.contains("It answers.").then_some(()) }).await;
    assert!(status().await.contains("Everything is well."));
    assert!(status().await.contains("0 of 4 places taken."));
    fake.on_list(Fault::NotFound).always();
    fake.on_create(Fault::VanishAfterReading);
    let clip = mia.paid("A fox").await;
    app.until_state_as(&mia, &clip, "uncertain").await;
    let told = status().await;
    assert!(told.contains("One thing waits.") && told.contains("Nobody knows whether 1 clip will be made."), "{told}");
    assert!(told.contains("Open the queue"));
    fake.on_create(Fault::KeyRejected).times(2);
    for prompt in ["An owl", "A hare"] {
        let refused = mia.paid(prompt).await;
        app.until_state_as(&mia, &refused, "failed").await;
    }
    let told = status().await;
    assert!(told.contains("One thing needs you.") && told.contains("It refuses the key."), "{told}");
    assert!(told.contains("Mend its api_key in rushes.toml"));
    fake.go_down().await;
    app.until_by(Duration::from_mins(1), "it is seen to be away", || async {
        status().await.contains("It is not answering.").then_some(())
    })
    .await;
    assert!(status().await.contains("See that it runs and that base_url"));
}

/// The lines of a program's log, each of which must be JSON.
fn lines(data: &Path) -> Vec<Value> {
    let log = std::fs::read_to_string(data.join("test.log")).unwrap();
    log.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not one line of JSON: {line}")))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_clip_can_be_followed_through_the_log_by_its_id_and_its_prompt_is_not_there() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let mut command = Program::command(data.path(), Some(&fake));
    command.env("RUSHES_LOG_JSON", "1").env("RUSHES_LOG", "rushes=debug,tower_http=debug,info");
    let program = Program::run(command, data.path()).await;
    fake.on_create(Fault::RateLimited(Some("1".to_owned())));
    let clip = program.browser.paid("A fox with a very particular scarf").await;
    program.until_state(&clip, "completed").await;
    assert_eq!(program.terminate().await, Some(0));
    let id = clip.strip_prefix("/g/").unwrap();
    let steps: Vec<String> = lines(data.path())
        .iter()
        .filter(|line| line["fields"]["generation.id"] == id)
        .map(|line| line["fields"]["message"].as_str().unwrap().to_owned())
        .collect();
    for step in ["was not sent", "was accepted by gateway", "is rendered", "is in the library"] {
        assert!(steps.iter().any(|line| line.contains(step)), "{step}: {steps:?}");
    }
    let log = std::fs::read_to_string(data.path().join("test.log")).unwrap();
    assert!(!log.contains("particular scarf") && !log.contains(KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_server_has_a_line_with_the_id_that_the_page_shows() {
    let data = TempDir::new().unwrap();
    let mut command = Program::command(data.path(), None);
    command.env("RUSHES_LOG_JSON", "1");
    let program = Program::run(command, data.path()).await;
    assert_eq!(program.browser.get("/folders").await.status(), 200);
    change(data.path(), "alter table folder rename to folder_gone").await;
    let broken = program.browser.get("/folders").await;
    assert_eq!(broken.status(), 500);
    let id = broken.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert!(broken.text().await.unwrap().contains(&id), "the page shows it");
    program.kill().await;
    let told = lines(data.path());
    assert!(told.iter().any(|line| line["level"] == "ERROR" && line.to_string().contains(&id)), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_sent_forges_a_line_of_the_log() {
    for json in [false, true] {
        let data = TempDir::new().unwrap();
        let mut command = Program::command(data.path(), None);
        command.env("RUSHES_LOG", "rushes=trace,tower_http=trace,hyper=warn,info");
        if json {
            command.env("RUSHES_LOG_JSON", "1");
        }
        let program = Program::run(command, data.path()).await;
        let address = program.browser.url("").replace("http://", "").trim_end_matches('/').to_owned();
        let forged = "2026-11-22T09:00:00Z ERROR rushes: forged";
        for head in [
            format!("GET /%0A{} HTTP/1.1\r\n", forged.replace(' ', "%20")),
            "GET /g/\u{1b}[31m HTTP/1.1\r\nuser-agent: a\u{1b}[31mred\r\n".to_owned(),
            "GET /x HTTP/1.1\r\nuser-agent: a\rforged\r\nx-request-id: a\u{1b}[31m\r\n".to_owned(),
            "GET /y HTTP/1.1\r\nx-request-id: id with {\"json\": 1} and \"quotes\"\r\nreferer: \t\u{9b}31m\r\n"
                .to_owned(),
            format!("GET /{forged} HTTP/1.1\r\n"),
            "BAD\u{1b}[2J / HTTP/1.1\r\n".to_owned(),
        ] {
            let mut guest = TcpStream::connect(&address).await.unwrap();
            guest.write_all(format!("{head}host: {address}\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let _ = tokio::time::timeout(Duration::from_secs(15), guest.read_to_end(&mut answer)).await.unwrap();
        }
        assert_eq!(program.browser.get("/").await.status(), 200);
        assert_eq!(program.terminate().await, Some(0));
        let log = std::fs::read_to_string(data.path().join("test.log")).unwrap();
        assert!(log.contains("/y"), "requests are told at this level: {log}");
        assert!(!log.contains(['\u{1b}', '\r', '\u{9b}']), "no sign that a terminal obeys: {log:?}");
        assert!(!log.lines().any(|line| line.starts_with(forged)), "{log}");
        if json {
            lines(data.path());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_twice_to_stop_it_ends_at_once_and_the_answer_is_looked_for_later() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let gate = fake.hold_create_answer();
    let mut command = Program::command(data.path(), Some(&fake));
    command.env("RUSHES_GRACE", "3000");
    let mut program = Program::run(command, data.path()).await;
    let clip = program.browser.paid("A fox").await;
    gate.reached().await;
    let id = program.child.id().unwrap().to_string();
    let term = || tokio::process::Command::new("kill").args(["-TERM", &id]).status();
    assert!(term().await.unwrap().success());
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    while program.browser.client().get(program.browser.url("/health")).send().await.is_ok() {
        beat.tick().await;
    }
    assert!(program.child.try_wait().unwrap().is_none(), "it waits for the answer");
    assert!(term().await.unwrap().success());
    program.dies().await;
    gate.release();
    let program = Program::start(data.path(), Some(&fake)).await;
    program.until_state(&clip, "completed").await;
    assert_eq!(fake.creates().len(), 1);
    program.kill().await;
}
