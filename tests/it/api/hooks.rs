//! Webhooks: each ending told once it is there, signed, until it is taken; and only to where it may go.

use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::sdk::{before, python};
use crate::app::{Browser, Program, START, TestApp, gateway};
use crate::invariants::{change, check_all, count};
use crate::restart::{quick, sound};
use crate::teams::{signed_in, team};
use crate::upstream::{FakeUpstream, Fault};

/// What a receiver keeps.
#[derive(Default)]
struct Kept {
    told: Vec<(HeaderMap, String)>,
    /// What it answers next; 204 afterwards.
    answers: VecDeque<u16>,
}

/// A receiver of webhooks on a real socket.
#[derive(Clone)]
struct Receiver {
    origin: String,
    kept: Arc<Mutex<Kept>>,
}

async fn take(State(kept): State<Arc<Mutex<Kept>>>, headers: HeaderMap, body: Bytes) -> Response {
    let mut kept = kept.lock().unwrap();
    kept.told.push((headers, String::from_utf8(body.to_vec()).unwrap()));
    let status = StatusCode::from_u16(kept.answers.pop_front().unwrap_or(204)).unwrap();
    let mut answer = (status, "words that are not for whoever asks").into_response();
    if status.is_redirection() {
        answer.headers_mut().insert("location", HeaderValue::from_static("/elsewhere"));
    }
    answer
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let kept = Arc::<Mutex<Kept>>::default();
        let router = axum::Router::new().fallback(take).with_state(Arc::clone(&kept));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { origin, kept }
    }

    fn answers(&self, with: &[u16]) {
        self.kept.lock().unwrap().answers.extend(with);
    }

    fn told(&self) -> Vec<(HeaderMap, String)> {
        self.kept.lock().unwrap().told.clone()
    }

    /// Type, id of the event and id of the video of all that came, in order.
    fn events(&self) -> Vec<(String, String, String)> {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let read = |(_, body): &(HeaderMap, String)| {
            let event: Value = serde_json::from_str(body).unwrap();
            assert_eq!(event["object"], "event");
            (word(&event["type"]), word(&event["id"]), word(&event["data"]["id"]))
        };
        self.told().iter().map(read).collect()
    }
}

async fn before_both(fake: &FakeUpstream, receiver: &Receiver) -> TestApp {
    TestApp::told(TempDir::new().unwrap(), START, |config| {
        config.upstreams = vec![gateway(fake, 8)];
        config.webhook_origins = vec![receiver.origin.parse().unwrap()];
    })
    .await
}

/// Adds an address; its page and its secret.
async fn added(browser: &Browser, url: &str) -> (String, String) {
    let answer = browser.post_form("/webhooks", &[("url", url)]).await;
    assert_eq!(answer.status(), 200, "{url}");
    let page = crate::page::Page::read(&answer.text().await.unwrap());
    let secret = page.attribute(".link-made input", "value").unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() > 40, "{secret}");
    // It is not shown again.
    let page = browser.page("/webhooks").await;
    assert!(page.attribute(".link-made input", "value").is_none());
    (page.attribute(".rows a", "href").unwrap(), secret)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ending_is_told_once_until_it_is_taken_and_can_be_told_again() {
    let (fake, receiver) = (FakeUpstream::start().await, Receiver::start().await);
    let app = before_both(&fake, &receiver).await;
    let early = app.browser.paid("Before anybody listened").await;
    app.until_state(&early, "completed").await;
    let (log, _) = added(&app.browser, &format!("{}/hook?team=1", receiver.origin)).await;
    receiver.answers(&[500, 302]);
    let good = app.browser.paid("A fox").await;
    app.until_state(&good, "completed").await;
    app.until("the third try", || async { (receiver.told().len() == 3).then_some(()) }).await;
    fake.on_create(Fault::Moderation).about("Refused");
    let bad = app.browser.paid("Refused").await;
    app.until_state(&bad, "failed").await;
    app.until("both", || async { (receiver.told().len() == 4).then_some(()) }).await;
    let id = |clip: &str| format!("video_{}", clip.trim_start_matches("/g/"));
    let events = receiver.events();
    let told: Vec<_> = events.iter().map(|(kind, _, video)| (kind.as_str(), video.clone())).collect();
    let completed = ("video.completed", id(&good));
    assert_eq!(told, [completed.clone(), completed.clone(), completed, ("video.failed", id(&bad))]);
    // The same event has the same id however often it is sent, and the header says it, too.
    assert!(events[0].1 == events[1].1 && events[1].1 == events[2].1 && events[2].1 != events[3].1);
    for ((headers, _), (_, event, _)) in receiver.told().iter().zip(&events) {
        assert_eq!(headers["webhook-id"], event.as_str());
        assert!(headers["webhook-signature"].to_str().unwrap().starts_with("v1,"));
        assert_eq!(headers["content-type"], "application/json");
        assert!(headers.get("authorization").is_none() && headers.get("cookie").is_none());
    }
    // The log says how it went, and nothing of what the address answered beyond its status.
    let page = app
        .until("the log", || async {
            let page = app.browser.page(&log).await;
            page.text().contains("Sent 3 times.").then_some(page)
        })
        .await;
    assert!(page.text().contains("Delivered · It answered 204. Sent 3 times."), "{}", page.text());
    assert!(!page.text().contains("not for whoever asks"));
    // Told again by hand.
    let again = page.attribute("form[action*=redeliver]", "action").unwrap();
    assert_eq!(app.browser.post(&again).await.status(), 303);
    app.until("once more", || async { (receiver.told().len() == 5).then_some(()) }).await;
    assert_eq!(receiver.events()[4], receiver.events()[3]);
    // Nothing of what was before, and no more than that: days go by.
    for _ in 0..20 {
        app.clock.advance(Duration::from_hours(6));
        app.browser.get("/health").await;
    }
    let late = app.browser.paid("The last one").await;
    app.until_state(&late, "completed").await;
    app.until("the last", || async { (receiver.told().len() >= 6).then_some(()) }).await;
    assert_eq!(receiver.events()[5].2, id(&late));
    // What nobody takes is given up after ten tries over three days, and what is gone is told nothing more.
    receiver.answers(&[503; 10]);
    let never = app.browser.paid("Nobody takes it").await;
    app.until_state(&never, "completed").await;
    app.until_by(Duration::from_mins(10), "ten tries", || async { (receiver.told().len() >= 16).then_some(()) }).await;
    app.until("the end", || async {
        app.browser.page(&log).await.text().contains("Given up · It answered 503. Sent 10 times.").then_some(())
    })
    .await;
    receiver.answers(&[410]);
    let gone = app.browser.paid("It is gone").await;
    app.until_state(&gone, "completed").await;
    app.until("the switch", || async { app.browser.page(&log).await.text().contains("Switch on").then_some(()) }).await;
    let silent = app.browser.paid("Nobody listens").await;
    app.until_state(&silent, "completed").await;
    assert_eq!(app.browser.post(&format!("{log}/on")).await.status(), 303);
    let heard = app.browser.paid("Somebody listens again").await;
    app.until_state(&heard, "completed").await;
    app.until("one more", || async { (receiver.told().len() >= 18).then_some(()) }).await;
    assert_eq!(receiver.events()[17].2, id(&heard));
    assert_eq!(app.browser.post(&format!("{log}/remove")).await.status(), 303);
    assert_eq!(app.browser.get(&log).await.status(), 404);
    assert_eq!(count(app.data.path(), "select count(*) from delivery").await, 0);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_leads_inside_and_no_answer_leads_elsewhere() {
    let (fake, receiver) = (FakeUpstream::start().await, Receiver::start().await);
    let app = TestApp::before(&fake).await;
    for url in [
        "",
        "nowhere",
        "ftp://example.com/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://user:word@example.com/x",
        "http://127.0.0.1/x",
        "http://2130706433/x",
        "http://[::1]:8787/keys",
        "http://[::ffff:10.0.0.1]/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://192.168.0.1:22/",
        receiver.origin.as_str(),
        &format!("https://example.com/{}", "x".repeat(2_000)),
    ] {
        let answer = app.browser.post_form("/webhooks", &[("url", url)]).await;
        assert_eq!(answer.status(), 422, "{url}");
        let page = crate::page::Page::read(&answer.text().await.unwrap());
        assert!(!page.text().contains("signing secret"), "{url}");
        // What was typed is still there, with a sentence beside it.
        assert_eq!(page.attribute("#hook-url", "value").unwrap_or_default(), url);
        assert!(page.attribute("#hook-error", "id").is_some(), "{url}");
    }
    // A name that leads inside, or an address that was written past the form, is found out when it is asked for.
    let (log, _) = added(&app.browser, "https://localhost/hook").await;
    change(app.data.path(), "insert into webhook select id + 1, person_id, 'http://127.0.0.1:9/x', secret, created_at, null, looked_at, told_from from webhook").await;
    let clip = app.browser.paid("A fox").await;
    app.until_state(&clip, "completed").await;
    let words = app
        .until("a word", || async {
            let words = app.browser.page(&log).await.text();
            words.contains("Sent again at").then_some(words)
        })
        .await;
    assert!(words.contains("It could not be reached.") && words.contains("Sent once."), "{words}");
    let inside = "select count(*) from delivery where words = 'The address is inside a private network.'";
    app.until("the other", || async { (count(app.data.path(), inside).await == 1).then_some(()) }).await;
    assert!(receiver.told().is_empty());
    // Ten are enough.
    for number in 0..8 {
        added(&app.browser, &format!("https://localhost/{number}")).await;
    }
    let answer = app.browser.post_form("/webhooks", &[("url", "https://example.com/one-more")]).await;
    assert!(answer.status() == 422 && answer.text().await.unwrap().contains("There are ten addresses already"));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_of_their_own_clips_alone_and_nobody_who_was_shut_out() {
    let (fake, receiver) = (FakeUpstream::start().await, Receiver::start().await);
    let app = team(&fake, 4).await;
    for plan in ["plus", "pro"] {
        crate::teams::told(app.data.path(), &["plan", "set", plan, "api=true"]);
    }
    let (adam, mia) = (signed_in(&app, "adam").await, signed_in(&app, "mia").await);
    // Within a test's network no address may be told: a name stands in, and what would be sent is looked at.
    let (hers, _) = added(&mia, "https://localhost/mia").await;
    let (his, _) = added(&adam, "https://localhost/adam").await;
    assert!(receiver.told().is_empty());
    for (browser, other) in [(&adam, &hers), (&mia, &his)] {
        assert_eq!(browser.get(other).await.status(), 404);
        for act in ["remove", "on", "off", "redeliver/0000000000000"] {
            assert_eq!(browser.post(&format!("{other}/{act}")).await.status(), 404, "{act}");
        }
    }
    let made = |browser: Browser, prompt: &'static str| {
        let app = &app;
        async move {
            let task = browser.created(&[("prompt", prompt), ("model", "sora-2"), ("seconds", "4")]).await;
            let clip = format!("/g/{}", browser.page(&task).await.generations()[0].id);
            app.until_state_as(&browser, &clip, "completed").await;
        }
    };
    made(mia.clone(), "Hers").await;
    made(adam.clone(), "His").await;
    let of = |who: &str| {
        format!(
            "select count(*) from delivery join webhook on webhook.id = delivery.webhook_id where url like '%{who}'"
        )
    };
    let both = "select count(*) from delivery";
    app.until("both", || async { (count(app.data.path(), both).await == 2).then_some(()) }).await;
    assert_eq!(count(app.data.path(), &of("mia")).await, 1);
    assert_eq!(count(app.data.path(), &of("adam")).await, 1);
    change(app.data.path(), "update person set disabled_at = 1 where name = 'mia'").await;
    let tries = "select sum(attempts) from delivery join webhook on webhook.id = webhook_id where url like '%mia'";
    let before = count(app.data.path(), tries).await;
    app.clock.advance(Duration::from_hours(20));
    let adams =
        "select count(*) from delivery join webhook on webhook.id = webhook_id where url like '%adam' and attempts > 1";
    app.until("his", || async { (count(app.data.path(), adams).await == 1).then_some(()) }).await;
    assert_eq!(count(app.data.path(), tries).await, before);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_while_the_power_went_is_told_afterwards_and_the_official_client_believes_it() {
    let (fake, receiver, data) = (quick().await, Receiver::start().await, TempDir::new().unwrap());
    let program = before(&fake, data.path()).await;
    assert_eq!(program.terminate().await, Some(0));
    let start = || async {
        let command = Program::command(data.path(), Some(&fake));
        let config = data.path().join("test.toml");
        let text = std::fs::read_to_string(&config).unwrap();
        let own = format!("animatic = false\nwebhook_origins = [\"{}\"]\n", receiver.origin);
        std::fs::write(&config, own + &text).unwrap();
        Program::run(command, data.path()).await
    };
    let program = start().await;
    let (_, secret) = added(&program.browser, &format!("{}/hook", receiver.origin)).await;
    receiver.answers(&[500]);
    let first = program.browser.paid("A fox").await;
    program.until_state(&first, "completed").await;
    fake.on_create(Fault::Moderation).about("Refused");
    let second = program.browser.paid("Refused").await;
    program.kill().await;
    let program = start().await;
    // Whether the refusal came before or after the power went, a person settles it; both ends are told.
    let page = program.browser.page(&second).await;
    if page.generations()[0].state == "uncertain" {
        program.browser.post(&format!("{second}/give-up")).await;
    }
    program.until_state(&second, "failed").await;
    let mut beat = tokio::time::interval(Duration::from_millis(50));
    while receiver.events().iter().map(|event| &event.1).collect::<std::collections::HashSet<_>>().len() < 2
        || receiver.events().iter().filter(|event| event.0 == "video.completed").count() < 2
    {
        beat.tick().await;
    }
    let mut child = python()
        .arg(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk/unwrap.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    for (headers, body) in receiver.told() {
        let headers: serde_json::Map<String, Value> =
            headers.iter().map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap()))).collect();
        let line = json!({ "secret": secret, "headers": headers, "body": body }).to_string() + "\n";
        pipe.write_all(line.as_bytes()).await.unwrap();
    }
    drop(pipe);
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success());
    let read: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read.len(), receiver.told().len());
    for (read, (kind, id, video)) in read.iter().zip(receiver.events()) {
        assert_eq!((&read["type"], &read["id"], &read["video"]), (&json!(kind), &json!(id), &json!(video)));
    }
    assert_eq!(program.terminate().await, Some(0));
    sound(data.path()).await;
}
