//! `/v1`: the Videos API out, over real sockets.

mod bad;
mod command;
mod hooks;
mod keys;
mod once;
mod sdk;
mod wire;

use reqwest::multipart::Form;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;

use crate::app::{Browser, TestApp};

/// A client of the API that shows a key, or none.
#[derive(Clone)]
pub struct Api {
    http: Client,
    base: String,
    key: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Told {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub json: Value,
}

impl Told {
    pub async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        let json = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| panic!("{status} is no JSON: {}", String::from_utf8_lossy(&bytes)));
        Self { status, headers, json }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of an error; its envelope is looked at.
    #[track_caller]
    pub fn code(&self) -> &str {
        let error = self.json["error"].as_object().unwrap_or_else(|| panic!("no envelope: {self:?}"));
        assert!(error["message"].as_str().is_some_and(|words| words.len() > 10), "{self:?}");
        assert!(error["type"].is_string() && (error["param"].is_null() || error["param"].is_string()), "{self:?}");
        assert!(!self.header("x-request-id").is_empty(), "{self:?}");
        assert_eq!(self.header("content-type"), "application/json");
        error["code"].as_str().unwrap_or_default()
    }

    #[track_caller]
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.json);
        self.json
    }

    pub fn text(&self, field: &str) -> String {
        self.json[field].as_str().unwrap_or_default().to_owned()
    }
}

impl Api {
    pub fn of(browser: &Browser, key: Option<&str>) -> Self {
        // A body that nobody asked for ends a connection: the next request shall not be sent on it.
        let http = Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        Self { http, base: browser.url(""), key: key.map(str::to_owned) }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base.trim_end_matches('/')));
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Told {
        Told::of(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> Told {
        // As openai-python does: it says JSON and sends nothing.
        let request = self.request(Method::DELETE, path).header("content-type", "application/json");
        Told::of(request.send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Told {
        Told::of(self.request(Method::POST, path).json(&body).send().await.unwrap()).await
    }

    /// As SDKs send: multipart, also without a file.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Told {
        let form =
            fields.iter().fold(Form::new(), |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
        Told::of(self.request(Method::POST, path).multipart(form).send().await.unwrap()).await
    }

    /// Creates a clip by the fake's model.
    pub async fn paid(&self, prompt: &str) -> Value {
        self.form("/v1/videos", &[("prompt", prompt), ("model", "sora-2"), ("seconds", "4")]).await.is(200)
    }

    /// Asks until a video has this status, the clock moving on.
    pub async fn until(&self, app: &TestApp, id: &str, status: &str) -> Value {
        app.until(&format!("{status} of {id}"), || async {
            let video = self.get(&format!("/v1/videos/{id}")).await.is(200);
            (video["status"] == status).then_some(video)
        })
        .await
    }
}
