//! Rushes under test: in this process with a clock of the test's own, or as the real program that can be killed.

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use reqwest::multipart::Form;
use reqwest::{Client, Response, redirect};
use rushes::clock::Clock;
use rushes::config::{Config, UpstreamConfig};
use rushes::domain::{Durations, Millis, Model, Price, Seconds};
use rushes::files::{DataError, Files};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::invariants;
use crate::page::Page;
use crate::upstream::{FakeUpstream, KEY};

/// A moment for clocks to start at: 2026-11-22.
pub const START: Millis = Millis::from_i64(1_795_300_000_000);
/// How far a test's clock moves while it waits for something.
const STEP: Duration = Duration::from_millis(250);
/// How often a test looks, and how long by a real clock, before it gives up: what takes real time, such as a file sent
/// byte by byte, must not be outrun by a quick machine.
const LOOKS: u32 = 2_000;
const PATIENCE: Duration = Duration::from_mins(1);

/// Whether the long tier runs: `./check faults long`.
pub fn is_long() -> bool {
    std::env::var_os("RUSHES_FAULTS").is_some_and(|word| word == "long")
}

/// The seed to repeat, where `RUSHES_SEED` says one.
pub fn seed() -> Option<u64> {
    let text = std::env::var("RUSHES_SEED").ok()?;
    Some(text.parse().expect("RUSHES_SEED is a number"))
}

/// The model of the fake as `rushes.toml` would have it: 10 cents a second.
pub fn sora_2() -> Model {
    Model {
        key: "sora-2".to_owned(),
        id: "sora-2".to_owned(),
        label: "Sora 2".to_owned(),
        upstream: "gateway".to_owned(),
        sizes: vec!["1280x720".parse().unwrap(), "720x1280".parse().unwrap()],
        durations: Durations { offered: [4, 8, 12].into_iter().filter_map(Seconds::new).collect(), any_within: None },
        price: Price { per_second: Some("0.10".parse().unwrap()), silent: None, table: Vec::new() },
        abilities: None,
        references: 0,
        deadline: rushes::domain::model::DEADLINE,
        is_guess: false,
        is_animatic: false,
    }
}

/// A browser of few words, which is what pages without script need.
#[derive(Clone)]
pub struct Browser {
    http: Client,
    base: String,
}

impl Browser {
    pub fn at(base: &str) -> Self {
        // Clients want a provider of TLS, though nothing here speaks it; a second call finds it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap();
        Self { http, base: base.to_owned() }
    }

    /// Another browser at the same address.
    pub fn with(&self, http: Client) -> Self {
        Self { http, base: self.base.clone() }
    }

    pub fn client(&self) -> &Client {
        &self.http
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.http.get(self.url(path)).send().await.unwrap()
    }

    /// A page that must be there.
    pub async fn page(&self, path: &str) -> Page {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        Page::read(&response.text().await.unwrap())
    }

    pub async fn post(&self, path: &str) -> Response {
        self.http.post(self.url(path)).send().await.unwrap()
    }

    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        self.try_form(path, fields).await.unwrap()
    }

    /// The same to a program that may die meanwhile.
    pub async fn try_form(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::Result<Response> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = "application/x-www-form-urlencoded";
        self.http.post(self.url(path)).header("content-type", kind).body(body).send().await
    }

    /// Presses Create with these fields.
    pub async fn create(&self, fields: &[(&'static str, &str)]) -> Response {
        let form = fields.iter().fold(Form::new(), |form, (name, value)| form.text(*name, (*value).to_owned()));
        self.send(form).await
    }

    /// Presses Create with a whole form.
    pub async fn send(&self, form: Form) -> Response {
        self.http.post(self.url("/tasks")).multipart(form).send().await.unwrap()
    }

    /// Presses a button of a generation's page, which must work.
    pub async fn press(&self, clip: &str, verb: &str) {
        let response = self.post(&format!("{clip}/{verb}")).await;
        assert_eq!(response.status(), 303, "{verb}: {}", response.text().await.unwrap());
    }

    /// Presses Create, which must work; the path of the task's page.
    pub async fn created(&self, fields: &[(&'static str, &str)]) -> String {
        let response = self.create(fields).await;
        let status = response.status();
        assert_eq!(status, 303, "{}", response.text().await.unwrap());
        response.headers()["location"].to_str().unwrap().to_owned()
    }

    /// Creates one clip by the fake's model; its own page.
    pub async fn paid(&self, prompt: &str) -> String {
        let task = self.created(&[("prompt", prompt), ("model", "sora-2"), ("seconds", "4")]).await;
        format!("/g/{}", self.page(&task).await.generations()[0].id)
    }
}

/// Rushes in this process.
pub struct TestApp {
    pub browser: Browser,
    pub clock: Clock,
    pub data: TempDir,
    stop: CancellationToken,
    run: JoinHandle<anyhow::Result<()>>,
}

impl TestApp {
    /// With the embedded upstream only.
    pub async fn alone() -> Self {
        Self::with(TempDir::new().unwrap(), true, Vec::new()).await
    }

    /// With a fake upstream called `gateway`, four at once.
    pub async fn before(fake: &FakeUpstream) -> Self {
        Self::with(TempDir::new().unwrap(), false, vec![gateway(fake, 4)]).await
    }

    /// With whatever upstreams, on this data folder.
    pub async fn with(data: TempDir, animatic: bool, upstreams: Vec<UpstreamConfig>) -> Self {
        Self::with_programs(data, animatic, upstreams, None).await
    }

    /// The same with `ffmpeg` and `ffprobe` of a folder.
    pub async fn with_programs(
        data: TempDir,
        animatic: bool,
        upstreams: Vec<UpstreamConfig>,
        ffmpeg: Option<PathBuf>,
    ) -> Self {
        Self::told(data, START, |config| {
            config.animatic = animatic;
            config.ffmpeg = ffmpeg;
            config.upstreams = upstreams;
        })
        .await
    }

    /// With a clock that begins at the machine's time, beside which commands are run.
    pub async fn of_today(data: TempDir, upstreams: Vec<UpstreamConfig>) -> Self {
        Self::told(data, Clock::system().now(), |config| config.upstreams = upstreams).await
    }

    /// With whatever is changed of a configuration without upstreams.
    pub async fn told(data: TempDir, start: Millis, change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listen = listener.local_addr().unwrap();
        let mut config = settings(listen, data.path());
        change(&mut config);
        let clock = Clock::manual(start);
        let files = opened(&config.data).await.keeping_free(config.keep_free_bytes);
        let stop = CancellationToken::new();
        let (time, stopped) = (clock.clone(), stop.clone());
        invariants::listen();
        let run = tokio::task::spawn(async move {
            rushes::run(config, files, time, listener, async move { stopped.cancelled().await }).await
        });
        Self { browser: Browser::at(&format!("http://{listen}")), clock, data, stop, run }
    }

    /// Moves the clock on until `look` finds what it looks for.
    pub async fn until<T, F: Future<Output = Option<T>>>(&self, what: &str, look: impl Fn() -> F) -> T {
        self.until_by(STEP, what, look).await
    }

    /// The same with longer steps of the clock, for what takes minutes.
    pub async fn until_by<T, F: Future<Output = Option<T>>>(
        &self,
        step: Duration,
        what: &str,
        look: impl Fn() -> F,
    ) -> T {
        let began = Instant::now();
        for looks in 0.. {
            if let Some(found) = look().await {
                return found;
            }
            assert!(looks < LOOKS || began.elapsed() < PATIENCE, "{what} never came");
            self.clock.advance(step);
            // A question takes real time, in which the work that is due now gets a turn.
            self.browser.get("/health").await;
        }
        unreachable!("it looks until it finds or panics")
    }

    /// Moves the clock on until a generation's page shows this state; the page.
    pub async fn until_state(&self, path: &str, state: &str) -> Page {
        self.until_state_as(&self.browser, path, state).await
    }

    /// The same as somebody sees it.
    pub async fn until_state_as(&self, browser: &Browser, path: &str, state: &str) -> Page {
        let began = Instant::now();
        for looks in 0.. {
            let page = browser.page(path).await;
            if page.generations()[0].state == state {
                return page;
            }
            let patient = looks < LOOKS || began.elapsed() < PATIENCE;
            assert!(patient, "{path} never became {state}: {}", page.text());
            self.clock.advance(STEP);
            self.browser.get("/health").await;
        }
        unreachable!("it looks until it finds or panics")
    }

    /// Stops as a SIGTERM would; the data folder remains.
    pub async fn stop(self) -> TempDir {
        self.stop.cancel();
        self.clock.advance(Duration::from_mins(1));
        self.run.await.unwrap().unwrap();
        self.data
    }
}

/// A configuration without upstreams.
pub fn settings(listen: SocketAddr, data: &Path) -> Config {
    Config {
        listen,
        data: data.to_owned(),
        public_url: None,
        trusted_proxies: Vec::new(),
        webhook_origins: Vec::new(),
        time_zone: jiff::tz::TimeZone::UTC,
        setup_code: None,
        metrics_token: None,
        grace: Duration::from_secs(12),
        keep_free_bytes: Some(1_000_000),
        open_to_everyone: false,
        log_json: false,
        ffmpeg: None,
        helper: Some(env!("CARGO_BIN_EXE_rushes").into()),
        animatic: false,
        upstreams: Vec::new(),
    }
}

/// A data folder whose last user may just be gone: a child that another test forks at that moment holds the lock with it
/// until it has become another program.
pub async fn opened(data: &Path) -> Files {
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    for _ in 0..500 {
        beat.tick().await;
        match Files::open(data) {
            Err(DataError::InUse(_)) => {}
            opened => return opened.unwrap(),
        }
    }
    panic!("{} is in use for ten seconds", data.display());
}

/// The fake as an upstream of the configuration.
pub fn gateway(fake: &FakeUpstream, places: u32) -> UpstreamConfig {
    UpstreamConfig {
        name: "gateway".to_owned(),
        base_url: fake.base_url().parse().unwrap(),
        key: Some(KEY.to_owned().into()),
        max_in_flight: places,
        models: vec![sora_2()],
    }
}

/// The real program.
pub struct Program {
    pub browser: Browser,
    pub child: Child,
}

impl Program {
    /// Starts it on a data folder, before a fake upstream if there is one, and waits for its line.
    pub async fn start(data: &Path, fake: Option<&FakeUpstream>) -> Self {
        Self::run(Self::command(data, fake), data).await
    }

    /// How it is started on a data folder.
    pub fn command(data: &Path, fake: Option<&FakeUpstream>) -> Command {
        let config = data.join("test.toml");
        std::fs::create_dir_all(data).unwrap();
        let text = fake.map_or(String::new(), |fake| {
            format!(
                "[[upstream]]\nname = \"gateway\"\ndriver = \"openai\"\nbase_url = \"{}\"\napi_key = \"{KEY}\"\n\
                 [[upstream.models]]\nid = \"sora-2\"\nlabel = \"Sora 2\"\nsizes = [\"1280x720\", \"720x1280\"]\n\
                 seconds = [4, 8, 12]\nprice_per_second = \"0.10\"\n",
                fake.base_url()
            )
        });
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_rushes"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).arg("--config").arg(&config);
        command.env_remove("OPENAI_BASE_URL");
        command
    }

    /// Waits until it is dead, however that came about. Half a minute is what it has.
    pub async fn dies(&mut self) {
        let end = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await;
        end.expect("it dies within 30 s").unwrap();
    }

    /// The same, with the line that follows.
    pub async fn run_with_second_line(command: Command, logs: &Path) -> (Self, String) {
        let (program, mut lines) = Self::begin(command, logs).await;
        let line = lines.next_line().await.unwrap().unwrap_or_default();
        (program, line)
    }

    /// Starts it as told, its log in this folder, and waits for its line.
    pub async fn run(command: Command, logs: &Path) -> Self {
        Self::begin(command, logs).await.0
    }

    async fn begin(mut command: Command, logs: &Path) -> (Self, Lines<BufReader<ChildStdout>>) {
        let log = logs.join("test.log");
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(errors).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap_or_default();
        let address = line.rsplit_once("http://").map(|(_, address)| address.trim().to_owned());
        let address: SocketAddr = address.unwrap_or_default().parse().unwrap_or_else(|_| panic!("printed {line:?}"));
        (Self { browser: Browser::at(&format!("http://{address}")), child }, lines)
    }

    /// Stops it as a supervisor does; its exit code. Twenty seconds are what it has.
    pub async fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        let end = tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await;
        end.expect("it ends within 20 s").unwrap().code()
    }

    /// As a power cut does.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Looks until a generation's page shows this state; the page. Bounded by real time.
    pub async fn until_state(&self, path: &str, state: &str) -> Page {
        let mut beat = tokio::time::interval(Duration::from_millis(50));
        let mut last = String::new();
        for _ in 0..2_400 {
            beat.tick().await;
            let page = self.browser.page(path).await;
            last.clone_from(&page.generations()[0].state);
            if last == state {
                return page;
            }
        }
        panic!("{path} stayed {last} and never became {state}");
    }
}
