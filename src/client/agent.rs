//! `rushes mcp`: tools for agents that start a program and speak with it by standard input and output. What they ask is
//! passed on to `/mcp` of a running server, with the key of the environment, and the answers come back.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

use super::Server;

/// The longest message, in bytes: a picture of 20 MB as base64, and a little.
const LONGEST: u64 = 32 * 1024 * 1024;
/// Questions that are under way at once.
const AT_ONCE: usize = 16;
/// The version of the protocol where nobody has agreed on another.
const VERSION: &str = "2025-06-18";
/// Where a message says by which version of the protocol it is meant.
const META_VERSION: &str = "/params/_meta/io.modelcontextprotocol~1protocolVersion";

/// A program that asks, by its standard streams.
pub(super) async fn serve(server: Server) -> anyhow::Result<bool> {
    let server = Arc::new(server);
    let agreed = Arc::new(Mutex::new(None::<String>));
    let places = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
    let out = Arc::new(tokio::sync::Mutex::new(tokio::io::stdout()));
    let mut input = BufReader::new(tokio::io::stdin());
    let mut running = tokio::task::JoinSet::new();
    loop {
        let mut line = Vec::new();
        // Whoever started this has gone once there is nothing more to read.
        if (&mut input).take(LONGEST).read_until(b'\n', &mut line).await? == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let place = Arc::clone(&places).acquire_owned().await?;
        let is_settled = agreed_on(&agreed).is_some();
        let (server, agreed, out) = (Arc::clone(&server), Arc::clone(&agreed), Arc::clone(&out));
        let work = async move {
            for answer in answers(&server, &line, &agreed).await {
                let mut text = answer.to_string();
                text.push('\n');
                let mut out = out.lock().await;
                if out.write_all(text.as_bytes()).await.is_err() || out.flush().await.is_err() {
                    return;
                }
            }
            drop(place);
        };
        // The first words settle the version that all others need; what follows may go side by side.
        if is_settled {
            running.spawn(work);
        } else {
            work.await;
        }
        while running.try_join_next().is_some() {}
    }
    while running.join_next().await.is_some() {}
    Ok(true)
}

fn agreed_on(agreed: &Mutex<Option<String>>) -> Option<String> {
    agreed.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn trouble(message: &Value, words: &str) -> Vec<Value> {
    match message.get("id") {
        Some(id) => vec![json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32_603, "message": words } })],
        // Nobody waits for an answer to a notification.
        None => Vec::new(),
    }
}

async fn answers(server: &Server, line: &[u8], agreed: &Mutex<Option<String>>) -> Vec<Value> {
    let Ok(message) = serde_json::from_slice::<Value>(line) else {
        return vec![
            json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32_700, "message": "This is no JSON." } }),
        ];
    };
    let method = message["method"].as_str().unwrap_or_default().to_owned();
    let stated = message.pointer(META_VERSION).and_then(Value::as_str).map(str::to_owned);
    let version = stated.or_else(|| agreed_on(agreed)).unwrap_or_else(|| VERSION.to_owned());
    let url = format!("{}/mcp", server.base.as_str().trim_end_matches('/'));
    let mut request = server
        .http
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, "application/json, text/event-stream")
        .body(line.to_vec());
    if method != "initialize" {
        request = request.header("mcp-protocol-version", &version).header("mcp-method", &method);
        if let Some(name) = message["params"]["name"].as_str() {
            request = request.header("mcp-name", name);
        }
    }
    if let Some(key) = &server.key {
        request = request.bearer_auth(secrecy::ExposeSecret::expose_secret(key));
    }
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => return trouble(&message, &format!("no answer from {}: {}", server.base, error.without_url())),
    };
    let (status, is_stream) = (
        response.status(),
        response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")),
    );
    let text = response.text().await.unwrap_or_default();
    let told: Vec<Value> = if is_stream {
        text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data:")?.trim()).ok()).collect()
    } else {
        serde_json::from_str::<Value>(&text).ok().into_iter().collect()
    };
    if method == "initialize"
        && let Some(version) = told.iter().find_map(|answer| answer["result"]["protocolVersion"].as_str())
    {
        *agreed.lock().unwrap_or_else(PoisonError::into_inner) = Some(version.to_owned());
    }
    let spoken: Vec<Value> = told.into_iter().filter(|answer| answer.get("jsonrpc").is_some()).collect();
    if spoken.is_empty() && !status.is_success() {
        let words = serde_json::from_str::<Value>(&text).ok();
        let words = words.as_ref().and_then(|told| told["error"]["message"].as_str()).unwrap_or("the server refused");
        return trouble(&message, words);
    }
    spoken
}
