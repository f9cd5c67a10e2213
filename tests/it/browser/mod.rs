//! Rushes as a person meets it: the real program in a real Chromium, with and without script.

mod compose;
mod journey;
mod looks;

use std::future::Future;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::app::Program;
use crate::upstream::FakeUpstream;

/// Browsers at once: more would only take each other's time.
static DESKS: Semaphore = Semaphore::const_new(2);

/// A browser window before a running Rushes.
pub struct Desk {
    pub client: Client,
    pub program: Program,
    _driver: Child,
    _data: TempDir,
    profile: TempDir,
    _place: SemaphorePermit<'static>,
}

/// The driver, killed, leaves its browser behind: the browser goes by its profile's name.
impl Drop for Desk {
    fn drop(&mut self) {
        let profile = self.profile.path().display().to_string();
        let _ = std::process::Command::new("pkill").args(["-9", "-f", &profile]).status();
    }
}

/// Driver commands of Chromium's own, beside those that every browser has.
#[derive(Debug)]
struct Own(&'static str, Value);

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.1.to_string()))
    }
}

impl Desk {
    /// A window with script, before Rushes with the embedded upstream and perhaps a fake one.
    pub async fn open(fake: Option<&FakeUpstream>) -> Self {
        Self::with(fake, true).await
    }

    /// A window whose script is switched off.
    pub async fn without_script() -> Self {
        Self::with(None, false).await
    }

    async fn with(fake: Option<&FakeUpstream>, script: bool) -> Self {
        let place = DESKS.acquire().await.unwrap();
        let data = TempDir::new().unwrap();
        let program = Program::start(data.path(), fake).await;
        let profile = TempDir::new().unwrap();
        let (driver, address) = driver().await;
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(&profile, script))
            .connect(&address)
            .await
            .unwrap();
        client.set_window_size(1440, 900).await.unwrap();
        let desk = Self { client, program, _driver: driver, _data: data, profile, _place: place };
        desk.go("/").await;
        desk
    }

    /// Opens a path of Rushes.
    pub async fn go(&self, path: &str) {
        self.client.goto(&self.program.browser.url(path)).await.unwrap();
    }

    /// The first element that a selector finds, waited for.
    pub async fn find(&self, selector: &str) -> Element {
        self.until(selector, || async { self.client.find(Locator::Css(selector)).await.ok() }).await
    }

    /// What a script returns.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Looks until there is something, for at most 30 s.
    pub async fn until<T, F: Future<Output = Option<T>>>(&self, what: &str, look: impl Fn() -> F) -> T {
        let mut beat = tokio::time::interval(Duration::from_millis(50));
        for _ in 0..600 {
            beat.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
        let url = self.client.current_url().await.unwrap();
        panic!("{what} never came at {url}");
    }

    /// Waits until a script returns true.
    pub async fn holds(&self, script: &str) {
        self.until(script, || async { (self.run(script).await == true).then_some(()) }).await;
    }

    /// Types a prompt and presses Create.
    pub async fn create(&self, prompt: &str) {
        let field = self.find("#prompt").await;
        field.clear().await.unwrap();
        field.send_keys(prompt).await.unwrap();
        self.find("button[aria-label=Create]").await.click().await.unwrap();
    }

    /// Chromium's own protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let own = Own("goog/cdp/execute", json!({ "cmd": command, "params": parameters }));
        self.client.issue_cmd(own).await.unwrap()
    }

    /// What the browser complained of: scripts, policies, missing files.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.client.issue_cmd(Own("se/log", json!({ "type": "browser" }))).await.unwrap();
        let entries = log.as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

async fn driver() -> (Child, String) {
    let mut driver =
        Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, port)) = line.rsplit_once("successfully on port ") {
            let port: u16 = port.trim_end_matches('.').parse().unwrap();
            return (driver, format!("http://127.0.0.1:{port}"));
        }
    }
    panic!("chromedriver did not say where it is");
}

fn capabilities(profile: &TempDir, script: bool) -> Capabilities {
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        &format!("--user-data-dir={}", profile.path().display()),
    ];
    let javascript = if script { 1 } else { 2 };
    let wanted = json!({
        "goog:chromeOptions": {
            "args": arguments,
            "prefs": { "profile.managed_default_content_settings.javascript": javascript },
        },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    wanted.as_object().unwrap().clone()
}
