//! Malformed requests: never a 5xx, always the envelope, nothing made.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::{Api, Told};
use crate::app::TestApp;
use crate::invariants::{check_all, count};
use crate::upstream::FakeUpstream;

/// Requests at each address; `RUSHES_BAD` asks for more.
fn many() -> usize {
    std::env::var("RUSHES_BAD").ok().and_then(|text| text.parse().ok()).unwrap_or(500)
}

/// A value that a field should not have, mostly.
fn value(rng: &mut fastrand::Rng, depth: u8) -> Value {
    match rng.u8(0..14) {
        0 => Value::Null,
        1 => json!(rng.bool()),
        2 => json!(rng.i64(..)),
        3 => json!(1.5e300),
        4 => json!(-4),
        5 => json!("x".repeat(rng.usize(0..20_000))),
        6 => json!("\u{0}\u{202e}\u{ffff}<script>'\"--;"),
        7 => json!("4".repeat(rng.usize(1..40))),
        8 => json!("1280x720"),
        9 => json!("sora-2"),
        10 if depth < 6 => Value::Array((0..rng.usize(0..5)).map(|_| value(rng, depth + 1)).collect()),
        11 if depth < 6 => {
            let keys = ["id", "image_url", "file_id", "", "a[b]", "__proto__"];
            (0..rng.usize(0..4)).map(|_| (rng.choice(keys).unwrap_or("id").to_owned(), value(rng, depth + 1))).collect()
        }
        12 => json!("../../etc/passwd%00"),
        _ => json!("data:image/png;base64,AAAA"),
    }
}

const FIELDS: [&str; 18] = [
    "prompt",
    "model",
    "seconds",
    "size",
    "input_reference",
    "characters",
    "variations",
    "n",
    "seed",
    "negative_prompt",
    "audio",
    "style",
    "visibility",
    "max_cost_usd",
    "strength",
    "video",
    "name",
    "nobody knows",
];

const PATHS: [(&str, Method); 13] = [
    ("/v1/videos", Method::POST),
    ("/v1/videos", Method::GET),
    ("/v1/videos/edits", Method::POST),
    ("/v1/videos/extensions", Method::POST),
    ("/v1/videos/characters", Method::POST),
    ("/v1/videos/characters/{}", Method::GET),
    ("/v1/videos/{}", Method::GET),
    ("/v1/videos/{}", Method::DELETE),
    ("/v1/videos/{}/content", Method::GET),
    ("/v1/videos/{}/remix", Method::POST),
    ("/v1/models", Method::GET),
    ("/v1/models/{}", Method::GET),
    ("/v1/{}", Method::POST),
];

fn id(rng: &mut fastrand::Rng, known: &str) -> String {
    match rng.u8(0..8) {
        0 => known.to_owned(),
        1 => "..%2f..%2fetc%2fpasswd".to_owned(),
        2 => "%00%ff%fe".to_owned(),
        3 => format!("video_{}", "z".repeat(rng.usize(0..300))),
        4 => "video_0000000000001".to_owned(),
        5 => "video_+%2B==".to_owned(),
        6 => (0..rng.usize(1..30)).map(|_| rng.choice(['a', '0', '-', '~', '_']).unwrap_or('a')).collect(),
        _ => known.to_uppercase(),
    }
}

fn request(api: &Api, rng: &mut fastrand::Rng, path: &str, method: &Method, known: &str) -> reqwest::RequestBuilder {
    let mut path = path.replace("{}", &id(rng, known));
    if rng.u8(0..4) == 0 {
        path.push_str(
            rng.choice([
                "?limit=-1",
                "?variant=%00",
                "?after=%2e%2e&order=",
                "?limit=1&limit=2",
                "?%ff=%ff",
                "?order=asc&order=desc",
            ])
            .unwrap_or("?"),
        );
    }
    let request = api.request(method.clone(), &path);
    let fields: Vec<(String, Value)> =
        (0..rng.usize(0..6)).map(|_| (rng.choice(FIELDS).unwrap_or("prompt").to_owned(), value(rng, 0))).collect();
    match rng.u8(0..9) {
        0 => request.header("content-type", "application/json").body(vec![0xff; rng.usize(0..200)]),
        1 => request.header("content-type", "application/json").body("[".repeat(rng.usize(0..100_000))),
        2 => request.header("content-type", "multipart/form-data").body("no boundary"),
        3 => request
            .header("content-type", "multipart/form-data; boundary=x")
            .body("--x\r\ncontent-disposition: form-data; name=\"prompt\"\r\n\r\ncut"),
        4 => request.header("content-type", "text/csv").body("a,b"),
        5 => request.header("content-type", "application/x-www-form-urlencoded").body("prompt=%ff&prompt=b&a[b=c"),
        6 => {
            let mut form = Form::new();
            for (name, value) in fields {
                let name = if rng.bool() {
                    name
                } else {
                    format!("{name}[{}]", rng.choice(["", "id", "][", "a][b"]).unwrap_or(""))
                };
                form = match rng.u8(0..3) {
                    0 => {
                        form.part(name, Part::bytes(vec![rng.u8(..); rng.usize(0..3_000)]).file_name("../a\"\r\n.mp4"))
                    }
                    _ => form.text(name, value.to_string()),
                };
            }
            request.multipart(form)
        }
        _ => request.json(&fields.into_iter().filter(|(name, _)| name != "prompt").collect::<serde_json::Map<_, _>>()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_malformed_request_breaks_anything_or_makes_a_video() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let api = Api::of(&app.browser, None);
    let made = api.paid("A fox").await;
    let known = made["id"].as_str().unwrap().to_owned();
    api.until(&app, &known, "completed").await;
    let (seed, mut tried, mut good) = (0x5eed_u64, 0, 0);
    let mut rng = fastrand::Rng::with_seed(seed);
    for (path, method) in &PATHS {
        for number in 0..many() {
            // What is right by chance would delete the only video, or answer a file.
            let is_right = |url: &str| url.ends_with(&known) || url.ends_with("/content");
            let request = request(&api, &mut rng, path, method, &known);
            let (http, request) = request.build_split();
            let Ok(request) = request else { continue };
            if *method == Method::DELETE && is_right(request.url().path()) {
                continue;
            }
            let sent = format!(
                "{:?} {:?}",
                request.headers(),
                request
                    .body()
                    .and_then(|body| body.as_bytes())
                    .map(|bytes| String::from_utf8_lossy(&bytes[..bytes.len().min(500)]).into_owned())
            );
            let response = http
                .execute(request)
                .await
                .unwrap_or_else(|error| panic!("{method} {path} number {number} of seed {seed}: {error}: {sent}"));
            tried += 1;
            let status = response.status().as_u16();
            assert!(status < 500, "{method} {path} number {number} of seed {seed}: {status}");
            // Some are right by chance.
            good += usize::from(*method == Method::POST && status == 200);
            if status >= 400 {
                let told = Told::of(response).await;
                assert!(matches!(status, 400 | 404 | 405 | 413) && !told.code().is_empty(), "{status}: {told:?}");
            }
        }
    }
    assert!(tried >= many() * (PATHS.len() - 1), "{tried} were tried");
    let tasks = count(app.data.path(), "select count(*) from task where upstream <> 'upload'").await;
    assert!(usize::try_from(tasks).unwrap() <= 1 + good && good * 50 < tried, "{tasks} tasks of {good} good requests");
    check_all(app, &fake).await;
}
