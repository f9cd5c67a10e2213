//! The web as a browser, a script and another website meet it.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use reqwest::{Method, Response};

use crate::app::TestApp;
use crate::invariants::check_all;
use crate::page::Page;
use crate::upstream::clip::CLIP;
use crate::upstream::{FakeUpstream, Fault};

/// Rushes with one finished clip; the clip's page, and the address of its film.
async fn with_a_clip() -> (FakeUpstream, TestApp, String, String) {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let clip = app.browser.paid("A fox").await;
    app.until_state(&clip, "completed").await;
    let poster = format!("{clip}/poster.jpg");
    app.until("the still", || async { (app.browser.get(&poster).await.status() == 200).then_some(()) }).await;
    let video = app.browser.page(&clip).await.attribute("video", "src").unwrap();
    (fake, app, clip, video)
}

async fn ask(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let request = app.browser.client().request(method, app.browser.url(path));
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
}

/// An event stream, event by event.
struct Events {
    bytes: BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    buffer: String,
}

impl Events {
    async fn open(app: &TestApp, path: &str) -> Self {
        let response = app.browser.get(path).await;
        assert_eq!(header(&response, "content-type"), "text/event-stream");
        Self { bytes: response.bytes_stream().boxed(), buffer: String::new() }
    }

    /// The data of the next event, which must have no name; none at the end.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.buffer = rest;
                let data: Vec<&str> = event.lines().filter_map(|line| line.strip_prefix("data:")).collect();
                assert!(!event.lines().any(|line| line.starts_with("event:")), "{event}");
                if !data.is_empty() {
                    let lines = data.iter().map(|line| line.strip_prefix(' ').unwrap_or(line));
                    return Some(lines.collect::<Vec<_>>().join("\n"));
                }
                continue;
            }
            let more = tokio::time::timeout(Duration::from_secs(20), self.bytes.next()).await;
            let bytes = more.expect("an event comes in time")?.unwrap();
            self.buffer.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// The next event that holds all of these.
    async fn with(&mut self, parts: &[&str]) -> String {
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("the stream ended without {parts:?}"));
            if parts.iter().all(|part| event.contains(part)) {
                return event;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers_that_keep_a_browser_safe() {
    let (fake, app, clip, video) = with_a_clip().await;
    let page = app.browser.page("/").await;
    let style = page.attribute("link[rel=stylesheet]", "href").unwrap();
    let poster = format!("{clip}/poster.jpg");
    for path in [
        "/",
        "/compose",
        &clip,
        &video,
        &poster,
        &style,
        "/live?page=library",
        "/live/now?page=library",
        "/health",
        "/metrics",
        "/nowhere",
        "/g/nope",
        "/t/nope",
        "/static/x/y.css",
        "/?before=nonsense",
        "/live?page=nonsense",
    ] {
        let response = app.browser.get(path).await;
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{path}");
        let policy = header(&response, "content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") || policy.starts_with("sandbox"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header(&response, "referrer-policy"), "same-origin", "{path}");
        assert!(!header(&response, "x-request-id").is_empty(), "{path}");
        assert!(!header(&response, "cache-control").is_empty(), "{path}");
    }
    assert_eq!(header(&app.browser.get("/").await, "cache-control"), "no-store");
    assert!(header(&app.browser.get(&style).await, "cache-control").contains("immutable"));
    assert_eq!(page.all("script:not([src])").len() + page.all("[style], [onclick]").len(), 0);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_is_not_answered_and_another_website_changes_nothing() {
    let (fake, app, clip, _) = with_a_clip().await;
    for host in ["evil.example", "127.0.0.1.evil.example", "192.168.1.2:8787"] {
        let response = ask(&app, Method::GET, "/", &[("host", host)]).await;
        assert_eq!(response.status(), 421, "{host}");
        assert!(!response.text().await.unwrap().contains("A fox"), "{host}");
    }
    let form = "prompt=An+owl&model=sora-2";
    for foreign in [("sec-fetch-site", "cross-site"), ("origin", "http://evil.example"), ("origin", "null")] {
        for path in ["/tasks", &format!("{clip}/delete"), "/theme"] {
            let request = app.browser.client().post(app.browser.url(path)).header(foreign.0, foreign.1);
            let response = request.header("content-type", "application/x-www-form-urlencoded").body(form).send().await;
            assert_eq!(response.unwrap().status(), 403, "{path} {foreign:?}");
        }
    }
    assert_eq!(app.browser.page("/").await.generations().len(), 1);
    assert_eq!(fake.creates().len(), 1);
    let own = app.browser.url("");
    let response = ask(&app, Method::POST, &format!("{clip}/delete"), &[("origin", &own)]).await;
    assert_eq!(response.status(), 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_is_served_whole_in_parts_and_not_again() {
    let (_fake, app, clip, video) = with_a_clip().await;
    let whole = app.browser.get(&video).await;
    let tag = header(&whole, "etag");
    assert_eq!((header(&whole, "accept-ranges"), header(&whole, "content-type")), ("bytes".into(), "video/mp4".into()));
    assert!(header(&whole, "cache-control").contains("immutable"));
    assert_eq!(whole.bytes().await.unwrap(), CLIP);
    let last = CLIP.len() - 1;
    for (range, from, to) in [("bytes=0-99", 0, 99), ("bytes=-10", last - 9, last), ("bytes=20000-", 20_000, last)] {
        let part = ask(&app, Method::GET, &video, &[("range", range)]).await;
        assert_eq!(part.status(), 206, "{range}");
        assert_eq!(header(&part, "content-range"), format!("bytes {from}-{to}/{}", CLIP.len()));
        assert_eq!(part.bytes().await.unwrap(), CLIP[from..=to]);
    }
    let beyond = ask(&app, Method::GET, &video, &[("range", "bytes=999999-")]).await;
    assert_eq!((beyond.status().as_u16(), header(&beyond, "content-range")), (416, format!("bytes */{}", CLIP.len())));
    let known = ask(&app, Method::GET, &video, &[("if-none-match", &tag)]).await;
    assert_eq!((known.status().as_u16(), known.bytes().await.unwrap().len()), (304, 0));
    let changed = ask(&app, Method::GET, &video, &[("range", "bytes=0-9"), ("if-range", "\"other\"")]).await;
    assert_eq!((changed.status().as_u16(), changed.bytes().await.unwrap().len()), (200, CLIP.len()));
    let head = ask(&app, Method::HEAD, &video, &[]).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, CLIP.len().to_string()));
    assert_eq!(header(&app.browser.get(&format!("{clip}/poster.jpg")).await, "content-type"), "image/jpeg");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_leads_nowhere_says_so_with_a_way_on() {
    let app = TestApp::alone().await;
    for path in [
        "/nowhere",
        "/g/nope",
        "/g/0000000000000",
        "/g/1m8044hyw6p76",
        "/g/%2e%2e%2f%2e%2e",
        "/t/nope",
        "/t/1m8044hyw6p76",
        "/g/1m8044hyw6p76/clip.mp4",
        "/g/1m8044hyw6p76/%2e%2e%2frushes.db",
        "/g/☃",
        "/live?page=generation:nope",
        "/live/now?page=nonsense",
        "/?from=1m8044hyw6p76",
    ] {
        let response = app.browser.get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        let page = Page::read(&response.text().await.unwrap());
        assert!(page.text().contains("Nothing at this address"), "{path}");
        assert_eq!(page.attribute("main a.btn", "href").as_deref(), Some("/"), "{path}");
    }
    for verb in ["cancel", "retry", "check", "send-again", "give-up", "delete", "restore"] {
        assert_eq!(app.browser.post(&format!("/g/1m8044hyw6p76/{verb}")).await.status(), 404, "{verb}");
    }
    for (method, path) in [(Method::PUT, "/"), (Method::DELETE, "/g/nope"), (Method::from_bytes(b"FOO").unwrap(), "/")]
    {
        assert_eq!(ask(&app, method, path, &[]).await.status(), 405, "{path}");
    }
    assert_eq!(app.browser.get("/live").await.status(), 422);
    assert_eq!(app.browser.get("/?before=nonsense").await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_changes_nothing() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = TestApp::before(&fake).await;
    let clip = app.browser.paid("A fox").await;
    app.until_state(&clip, "in_progress").await;
    for verb in ["cancel", "retry", "check", "adopt", "send-again", "give-up", "delete", "restore"] {
        for method in [Method::GET, Method::HEAD] {
            let status = ask(&app, method, &format!("{clip}/{verb}"), &[]).await.status();
            assert_eq!(status, 405, "{verb}");
        }
    }
    for path in ["/tasks", "/theme"] {
        assert_eq!(app.browser.get(path).await.status(), 405, "{path}");
    }
    app.browser.get("/?prompt=An+owl&model=sora-2&token=x").await;
    let wall = app.browser.page("/").await.generations();
    assert_eq!((wall.len(), wall[0].state.as_str()), (1, "in_progress"));
    assert_eq!((fake.creates().len(), fake.deletes().len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_starting_until_the_first_lists_are_in_or_were_waited_for() {
    let fake = FakeUpstream::start().await;
    fake.on_models(Fault::Silence).always();
    let app = TestApp::before(&fake).await;
    let first = app.browser.get("/health").await;
    assert_eq!(first.status(), 503);
    assert!(first.text().await.unwrap().contains("\"starting\""));
    app.clock.advance(Duration::from_secs(6));
    app.until("readiness", || async { (app.browser.get("/health").await.status() == 200).then_some(()) }).await;
    let text = app.browser.get("/health").await.text().await.unwrap();
    assert!(text.contains("\"ok\"") && text.contains("\"gateway\":\"unknown\""), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_lines_that_prometheus_reads() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = TestApp::before(&fake).await;
    let clip = app.browser.paid("A fox").await;
    app.until_state(&clip, "in_progress").await;
    let _stream = Events::open(&app, "/live?page=library").await;
    let response = app.browser.get("/metrics").await;
    assert!(header(&response, "content-type").starts_with("text/plain; version=0.0.4"));
    let text = response.text().await.unwrap();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
        assert!(name.starts_with("rushes_") || name.starts_with("process_"), "{line}");
    }
    let running = "rushes_generations{state=\"in_progress\",upstream=\"gateway\"} 1";
    for line in [running, "rushes_upstream_up{upstream=\"gateway\"} 1", "rushes_live_streams 1"] {
        assert!(text.lines().any(|other| other == line), "{line} is not in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_hears_the_present_first_then_every_change_and_then_the_end() {
    let (fake, app, clip, _) = with_a_clip().await;
    let id = clip.trim_start_matches("/g/");
    let mut events = Events::open(&app, "/live?page=library").await;
    let first = events.next().await.unwrap();
    let now = app.browser.get("/live/now?page=library").await.text().await.unwrap();
    assert_eq!(first.trim(), now.trim());
    assert!(first.contains(&format!("data-generation=\"{id}\" data-state=\"completed\"")));

    let second = app.browser.paid("An owl").await;
    let other = second.trim_start_matches("/g/").to_owned();
    events.with(&["hx-target=\"#wall\"", &format!("data-generation=\"{other}\"")]).await;
    app.until_state(&second, "completed").await;
    let tile = format!("hx-target=\"#g-{other}\"");
    events.with(&[&tile, "data-state=\"completed\"", "<video", &format!("{second}/clip.mp4")]).await;

    app.browser.press(&second, "delete").await;
    events.with(&[&tile, "hx-swap=\"delete\""]).await;
    let mut page = Events::open(&app, &format!("/live?page=generation:{id}")).await;
    assert!(page.next().await.unwrap().contains("hx-target=\"#side\""));
    app.stop().await;
    while events.next().await.is_some() {}
    // The bell may still have had something to say; then this stream ends too.
    while page.next().await.is_some() {}
    assert_eq!(fake.creates().len(), 2);
}
