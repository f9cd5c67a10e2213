//! The fake upstream keeps its word: driven by a real client and by raw sockets. The client is here.

mod content;
mod create;
mod jobs;

use reqwest::multipart::{Form, Part};
use reqwest::{Client, Response, redirect};
use serde_json::Value;

use crate::upstream::{FakeUpstream, KEY};

/// A client as the worker builds it: no redirects, no retries, one new connection for each request.
struct Caller {
    http: Client,
    base: String,
}

impl Caller {
    fn of(fake: &FakeUpstream) -> Self {
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()
            .unwrap();
        let base = fake.base_url();
        Self { http, base }
    }

    async fn send_form(&self, form: Form) -> reqwest::Result<Response> {
        let url = format!("{}/videos", self.base);
        let request = self.http.post(url).bearer_auth(KEY).multipart(form);
        request.send().await
    }

    async fn try_create(&self, prompt: &str) -> reqwest::Result<Response> {
        self.send_form(order(prompt)).await
    }

    async fn create(&self, prompt: &str) -> String {
        let video = json_of(self.try_create(prompt).await.unwrap()).await;
        video["id"].as_str().unwrap().to_owned()
    }

    async fn try_get(&self, path: &str) -> reqwest::Result<Response> {
        let url = format!("{}/{path}", self.base);
        self.http.get(url).bearer_auth(KEY).send().await
    }

    async fn get(&self, path: &str) -> Response {
        self.try_get(path).await.unwrap()
    }

    async fn poll(&self, id: &str) -> Value {
        json_of(self.get(&format!("videos/{}", encoded(id))).await).await
    }

    async fn content(&self, id: &str) -> Response {
        self.get(&format!("videos/{}/content", encoded(id))).await
    }

    async fn part(&self, id: &str, range: &str) -> Response {
        let url = format!("{}/videos/{id}/content", self.base);
        let request = self.http.get(url).bearer_auth(KEY).header("range", range);
        request.send().await.unwrap()
    }
}

fn order(prompt: &str) -> Form {
    let form = Form::new().text("prompt", prompt.to_owned()).text("model", "sora-2");
    form.text("seconds", "4").text("size", "1280x720")
}

fn encoded(id: &str) -> String {
    let escapes: Vec<String> = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
    escapes.concat()
}

async fn json_of(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

async fn message_of(response: Response) -> String {
    let body = json_of(response).await;
    body["error"]["message"].as_str().unwrap().to_owned()
}

/// The first bytes of a PNG of this size in pixels.
fn png(wide: u32, high: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(wide.to_be_bytes());
    bytes.extend(high.to_be_bytes());
    bytes
}

fn with_reference(image: Vec<u8>) -> Form {
    let part = Part::bytes(image).file_name("first.png");
    order("a fox").part("input_reference", part.mime_str("image/png").unwrap())
}

async fn finished(fake: &FakeUpstream) -> (Caller, String) {
    let caller = Caller::of(fake);
    let id = caller.create("a fox").await;
    fake.finish_all();
    (caller, id)
}
