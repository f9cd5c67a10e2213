//! `LiteLLM`'s proxy, before Rushes and behind it, and beside it under load. It is large, so that it is installed only
//! where it is asked for: `cargo test --release --test it -- --ignored --nocapture litellm`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use super::{Times, client, span};
use crate::app::Program;
use crate::restart::{quick, sound};
use crate::upstream::KEY;
use crate::upstream::clip::CLIP;

const MASTER: &str = "sk-litellm-for-tests";

/// A `LiteLLM` proxy on a real socket, as its own documents say to start it.
struct Proxy {
    url: String,
    child: Child,
}

/// Where it is installed.
fn place() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("litellm");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk/install-litellm");
    let output = std::process::Command::new(script).arg(&place).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    place
}

impl Proxy {
    /// Before the API at `base`, with this key there.
    async fn start(folder: &Path, base: &str, key: &str) -> Self {
        let config = folder.join("litellm.yaml");
        let text = format!(
            "model_list:\n  - model_name: sora-2\n    litellm_params: {{ model: openai/sora-2, api_base: \"{base}\", \
             api_key: \"{key}\" }}\ngeneral_settings: {{ master_key: {MASTER} }}\n\
             litellm_settings: {{ telemetry: false, num_retries: 0 }}\n"
        );
        std::fs::write(&config, text).unwrap();
        let free: SocketAddr = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let log = std::fs::File::create(folder.join("litellm.log")).unwrap();
        let child = Command::new(place().join("python/bin/litellm"))
            .args(["--host", "127.0.0.1", "--port", &free.port().to_string(), "--config"])
            .arg(&config)
            .stdout(log.try_clone().unwrap())
            .stderr(Stdio::from(log))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let proxy = Self { url: format!("http://{free}/v1"), child };
        let (began, mut beat) = (Instant::now(), tokio::time::interval(Duration::from_millis(250)));
        let client = client();
        loop {
            beat.tick().await;
            let alive = client.get(format!("http://{free}/health/liveliness")).send().await;
            if alive.is_ok_and(|answer| answer.status() == 200) {
                return proxy;
            }
            assert!(began.elapsed() < Duration::from_mins(2), "LiteLLM does not answer");
        }
    }

    /// Kilobytes of real memory of it and what it started.
    fn memory(&self) -> u64 {
        let mut sum = 0;
        let mut all = vec![self.child.id().unwrap()];
        while let Some(id) = all.pop() {
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
            sum += line.split_whitespace().next().unwrap().parse::<u64>().unwrap();
            let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
            all.extend(children.split_whitespace().map(|id| id.parse::<u32>().unwrap()));
        }
        sum
    }
}

/// Rushes before an API that speaks `/v1/videos`.
async fn rushes_before(data: &Path, base: &str, key: &str) -> Program {
    let command = Program::command(data, None);
    let text = format!(
        "animatic = false\n[[upstream]]\nname = \"litellm\"\ndriver = \"openai\"\nbase_url = \"{base}\"\napi_key = \"{key}\"\n\
         [[upstream.models]]\nid = \"sora-2\"\nsizes = [\"1280x720\"]\nseconds = [4]\nprice_per_second = \"0.10\"\n"
    );
    std::fs::write(data.join("test.toml"), text).unwrap();
    Program::run(command, data).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "installs LiteLLM: ./check faults long"]
async fn a_clip_goes_through_rushes_litellm_and_rushes_and_is_paid_once() {
    let (fake, back, front) = (quick().await, TempDir::new().unwrap(), TempDir::new().unwrap());
    let behind = Program::start(back.path(), Some(&fake)).await;
    let proxy = Proxy::start(front.path(), &behind.browser.url("/v1"), "rsh_any").await;
    // An official client's way: create at the proxy, ask, fetch.
    let client = client();
    let asked = |request: reqwest::RequestBuilder| async move {
        let answer = request.bearer_auth(MASTER).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert_eq!(status, 200, "{text}");
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let body = json!({ "prompt": "By the proxy", "model": "sora-2", "seconds": "4", "size": "1280x720" }).to_string();
    let create = client.post(format!("{}/videos", proxy.url)).header("content-type", "application/json").body(body);
    let made = asked(create).await;
    let video = format!("{}/videos/{}", proxy.url, made["id"].as_str().unwrap());
    let mut beat = tokio::time::interval(Duration::from_millis(250));
    while asked(client.get(&video)).await["status"] != "completed" {
        beat.tick().await;
    }
    let film = client.get(format!("{video}/content")).bearer_auth(MASTER).send().await.unwrap();
    assert_eq!(film.bytes().await.unwrap(), CLIP);
    // And with Rushes before it.
    let before = rushes_before(front.path(), &proxy.url, MASTER).await;
    let clip = before.browser.paid("Through all three").await;
    let page = before.until_state(&clip, "completed").await;
    assert!(page.text().contains("litellm"));
    assert_eq!(before.browser.get(&format!("{clip}/clip.mp4")).await.bytes().await.unwrap(), CLIP);
    assert_eq!((fake.paid_for("By the proxy"), fake.paid_for("Through all three"), fake.creates().len()), (1, 1, 2));
    assert_eq!(before.terminate().await, Some(0));
    assert_eq!(behind.terminate().await, Some(0));
    sound(front.path()).await;
    sound(back.path()).await;
}

/// As many as come, 16 at once, for a while.
async fn eagerly(ask: impl Fn(u32) -> reqwest::RequestBuilder + Clone + Send + 'static) -> Times {
    let began = Instant::now();
    let end = began + span();
    let mut lanes = tokio::task::JoinSet::new();
    for lane in 0..16_u32 {
        let ask = ask.clone();
        lanes.spawn(async move {
            let mut times = Vec::new();
            let mut number = lane;
            while Instant::now() < end {
                let asked = Instant::now();
                let is_good = match ask(number).send().await {
                    Ok(answer) => answer.status() == 200 && answer.bytes().await.is_ok(),
                    Err(_) => false,
                };
                times.push(is_good.then(|| asked.elapsed()));
                number += 16;
            }
            times
        });
    }
    let mut all = Vec::new();
    while let Some(times) = lanes.join_next().await {
        all.extend(times.unwrap());
    }
    Times::of(all, began.elapsed())
}

fn create(client: &Client, base: &str, key: &str, number: u32) -> reqwest::RequestBuilder {
    let body = json!({ "prompt": format!("Clip {number}"), "model": "sora-2", "seconds": "4", "size": "1280x720" });
    let request = client.post(format!("{base}/videos")).bearer_auth(key).header("content-type", "application/json");
    request.body(body.to_string())
}

/// Makes one and asks for it, as everybody who waits does.
async fn asking(client: &Client, base: &str, key: &'static str) -> Times {
    let made = create(client, base, key, 0).send().await.unwrap().text().await.unwrap();
    let made: Value = serde_json::from_str(&made).unwrap();
    let (client, url) = (client.clone(), format!("{base}/videos/{}", made["id"].as_str().unwrap()));
    eagerly(move |_| client.get(&url).bearer_auth(key)).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "installs LiteLLM: ./check faults long"]
async fn creates_and_asks_beside_litellm_on_the_same_machine() {
    let (fake, folder, data) = (quick().await, TempDir::new().unwrap(), TempDir::new().unwrap());
    fake.hold();
    let client = client();
    println!("| | per second | p50 | p99 | longest | failed |");
    let proxy = Proxy::start(folder.path(), &fake.base_url(), KEY).await;
    let (one, base) = (client.clone(), proxy.url.clone());
    let theirs = eagerly(move |number| create(&one, &base, MASTER, number)).await;
    theirs.told("LiteLLM, create");
    // Its list goes to OpenAI's own address alone, as of 1.104.4; asking for one goes to the configured one.
    asking(&client, &proxy.url, MASTER).await.told("LiteLLM, ask for one");
    println!("LiteLLM: {} kB", proxy.memory());
    drop(proxy);
    let program = Program::start(data.path(), Some(&fake)).await;
    let (one, base) = (client.clone(), program.browser.url("/v1"));
    let ours = eagerly(move |number| create(&one, &base, "rsh_any", number)).await;
    ours.told("Rushes, create");
    let polls = asking(&client, &program.browser.url("/v1"), "rsh_any").await;
    polls.told("Rushes, ask for one");
    let (one, base) = (client.clone(), program.browser.url("/v1"));
    let our_lists = eagerly(move |_| one.get(format!("{base}/videos?limit=20")).bearer_auth("rsh_any")).await;
    our_lists.told("Rushes, list");
    let (now, most) = super::memory(&program);
    println!("Rushes: {now} kB, at most {most} kB");
    assert_eq!((ours.failed, polls.failed, our_lists.failed), (0, 0, 0));
    drop(program);
}
