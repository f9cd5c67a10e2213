//! Many people on one account: who comes in, what they see, and what they may spend.

mod accounts;
mod commands;
mod doors;
mod money;
mod queue;
pub mod rules;
mod sight;
mod story;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use reqwest::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use reqwest::{Client, redirect};
use tempfile::TempDir;

use crate::app::{Browser, TestApp, gateway};
use crate::upstream::FakeUpstream;

/// A password that does.
pub const PASSWORD: &str = "tall ships in november";

/// Runs a command against a data folder; what it printed.
pub fn rushes(data: &Path, args: &[&str]) -> Output {
    with_input(data, args, "")
}

/// The same with something on its standard input.
pub fn with_input(data: &Path, args: &[&str], input: &str) -> Output {
    use std::io::Write as _;
    let mut command = Command::new(env!("CARGO_BIN_EXE_rushes"));
    command.args(args).arg("--data").arg(data).env_clear();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// A command that must work; its answer.
pub fn told(data: &Path, args: &[&str]) -> String {
    let output = rushes(data, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Adds an account with `PASSWORD`.
pub fn add(data: &Path, name: &str, role: &str, plan: &str) {
    let args = ["user", "add", name, "--role", role, "--plan", plan, "--password-stdin"];
    let output = with_input(data, &args, PASSWORD);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A team on a fake upstream with so many places: Olga owns, Adam is admin, Mia is a member (Plus), Paul too
/// (Pro), Vera looks.
pub async fn team(fake: &FakeUpstream, places: u32) -> TestApp {
    TestApp::of_today(people(), vec![gateway(fake, places)]).await
}

/// A data folder with the five of them.
pub fn people() -> TempDir {
    let data = TempDir::new().unwrap();
    for (name, role, plan) in [
        ("olga", "owner", "unlimited"),
        ("adam", "admin", "unlimited"),
        ("mia", "member", "plus"),
        ("paul", "member", "pro"),
        ("vera", "viewer", "none"),
    ] {
        add(data.path(), name, role, plan);
    }
    data
}

/// The cookie that an answer sets.
pub fn cookie_of(response: &reqwest::Response) -> Option<String> {
    let all = response.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut ours = all.filter(|cookie| cookie.starts_with("rushes=") || cookie.starts_with("__Host-rushes="));
    ours.next().map(|cookie| cookie.split(';').next().unwrap().to_owned())
}

/// A browser with this cookie.
pub fn holding(app: &TestApp, cookie: &str) -> Browser {
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, HeaderValue::from_str(cookie).unwrap());
    let http =
        Client::builder().redirect(redirect::Policy::none()).no_proxy().default_headers(headers).build().unwrap();
    app.browser.with(http)
}

/// A browser in which somebody signed in.
pub async fn signed_in(app: &TestApp, name: &str) -> Browser {
    let response = app.browser.post_form("/login", &[("username", name), ("password", PASSWORD)]).await;
    assert_eq!(response.status(), 303, "{name}: {}", response.text().await.unwrap());
    let cookie = cookie_of(&response).expect("a session");
    holding(app, &cookie)
}
