//! Rushes as a person meets it: the real program in a real Chromium, with and without script.

mod access;
mod compose;
mod desk;
mod journey;
mod library;
mod looks;
mod organise;
mod queue;
mod script_free;
mod team;

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

/// Scrolls what lies under the composer out from there, as a person would.
const BARE: &str = "const thing = arguments[0], area = thing.getBoundingClientRect(), \
                    at = document.elementFromPoint(area.left + area.width / 2, area.top + area.height / 2); \
                    if (!thing.contains(at) && !at?.contains(thing)) thing.scrollIntoView({ block: 'center' })";

/// A browser window before a running Rushes.
pub struct Desk {
    pub client: Client,
    pub program: Program,
    _driver: Child,
    pub data: TempDir,
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
        Self::with(0, fake, true).await
    }

    /// A window whose script is switched off.
    pub async fn without_script() -> Self {
        Self::with(0, None, false).await
    }

    /// A window with script, before a library of so many clips of `rushes seed`.
    pub async fn seeded(clips: u32) -> Self {
        Self::with(clips, None, true).await
    }

    /// A window before a library of so many seeded clips.
    pub async fn with(clips: u32, fake: Option<&FakeUpstream>, script: bool) -> Self {
        let place = DESKS.acquire().await.unwrap();
        let data = TempDir::new().unwrap();
        if clips > 0 {
            let mut seed = Command::new(env!("CARGO_BIN_EXE_rushes"));
            seed.arg("seed").arg("--data").arg(data.path()).args(["--generations", &clips.to_string()]);
            assert!(seed.status().await.unwrap().success());
        }
        let program = Program::start(data.path(), fake).await;
        let profile = TempDir::new().unwrap();
        let (driver, address) = driver().await;
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(&profile, script))
            .connect(&address)
            .await
            .unwrap();
        client.set_window_size(1440, 900).await.unwrap();
        let desk = Self { client, program, _driver: driver, data, profile, _place: place };
        desk.go("/").await;
        desk
    }

    /// Opens a path of Rushes.
    pub async fn go(&self, path: &str) {
        self.client.goto(&self.program.browser.url(path)).await.unwrap();
    }

    /// Puts two finished clips of the open wall in the trash; the address of the first folder.
    pub async fn with_trash(&self) -> String {
        let folders = "return [...document.querySelectorAll(\".bar a[href^='/f/']\")].map(a => a.pathname)";
        let done =
            "return [...document.querySelectorAll('.tile[data-state=completed]')].map(t => t.dataset.generation)";
        let (folders, ids) = (self.list(folders).await, self.list(done).await);
        let (one, other) = (("id", ids[8].as_str()), ("id", ids[9].as_str()));
        self.program.browser.post_form("/selection", &[one, other, ("do", "trash")]).await;
        folders[0].clone()
    }

    /// The first element that a selector finds, waited for.
    pub async fn find(&self, selector: &str) -> Element {
        self.until(selector, || async { self.client.find(Locator::Css(selector)).await.ok() }).await
    }

    /// What a script returns.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// What a script that gets one text returns.
    pub async fn tell(&self, script: &str, text: &str) -> Value {
        self.client.execute(script, vec![text.into()]).await.unwrap()
    }

    /// A number that a script returns.
    pub async fn count(&self, script: &str) -> i64 {
        self.run(script).await.as_i64().unwrap_or_else(|| panic!("{script} is no whole number"))
    }

    /// Texts that a script returns.
    pub async fn list(&self, script: &str) -> Vec<String> {
        let list = self.run(script).await;
        list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    /// Presses the first element that a selector finds, waited for.
    pub async fn press(&self, selector: &str) {
        let element = self.find(selector).await;
        self.client.execute(BARE, vec![serde_json::to_value(&element).unwrap()]).await.unwrap();
        element.click().await.unwrap();
    }

    /// Types where the focus is.
    pub async fn keys(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Path and query of the open page.
    pub async fn place(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
    }

    /// Waits for the page at a path.
    pub async fn arrives(&self, path: &str) {
        self.until(path, || async { (self.place().await == path).then_some(()) }).await;
    }

    /// Something that the mouse does in the middle of an element; `mouseDragged` moves with the button held.
    pub async fn mouse(&self, kind: &str, selector: &str, modifiers: u8) {
        let script = "const area = document.querySelector(arguments[0]).getBoundingClientRect(); \
                      return [Math.round(area.left + area.width / 2), Math.round(area.top + area.height / 2)]";
        let element = self.find(selector).await;
        self.client.execute(BARE, vec![serde_json::to_value(&element).unwrap()]).await.unwrap();
        let spot = self.tell(script, selector).await;
        let kind_sent = kind.replace("Dragged", "Moved");
        let mut event = json!({ "type": kind_sent, "x": spot[0], "y": spot[1], "modifiers": modifiers });
        if kind != "mouseMoved" {
            event["button"] = "left".into();
            event["buttons"] = u8::from(kind != "mouseReleased").into();
            event["clickCount"] = u8::from(kind != "mouseDragged").into();
        }
        self.devtools("Input.dispatchMouseEvent", event).await;
    }

    /// The window's width and height.
    pub async fn sized(&self, wide: u32, high: u32) {
        let size = json!({ "width": wide, "height": high, "deviceScaleFactor": 1, "mobile": wide < 500 });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// The system's theme, and no motion.
    pub async fn coloured(&self, theme: &str) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": theme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
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
        let words = entries.iter().map(|entry| entry["message"].as_str().unwrap_or_default().to_owned());
        // After a sign-out Chromium reports, sooner or later, that it forgot what it was asked to: no complaint.
        words.filter(|words| !words.contains("Clear-Site-Data header on") || !words.contains("Cleared data")).collect()
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
