//! The line: what runs and waits, order, pause, changes, many prompts at once, and what is told of ends.

use reqwest::multipart::{Form, Part};
use tempfile::TempDir;

use crate::app::{TestApp, gateway};
use crate::invariants::{check_all, check_all_but};
use crate::page::Page;
use crate::upstream::{FakeUpstream, Fault};

/// One place at the fake, and jobs that do not end until they may.
async fn narrow() -> (FakeUpstream, TestApp) {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = TestApp::with(TempDir::new().unwrap(), false, vec![gateway(&fake, 1)]).await;
    (fake, app)
}

/// Lets jobs end.
fn release(fake: &FakeUpstream) {
    fake.stop_holding();
    fake.finish_all();
}

/// The prompts of the waiting rows, in their order.
async fn waiting(app: &TestApp) -> Vec<String> {
    let page = app.browser.page("/queue").await;
    let rows = page.all("li[data-state=queued] .what a");
    rows.into_iter().map(|row| row.text().collect::<String>()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_is_seen_explained_and_reordered() {
    let (fake, app) = narrow().await;
    let first = app.browser.paid("First").await;
    app.until_state(&first, "in_progress").await;
    let (second, _third, fourth) =
        (app.browser.paid("Second").await, app.browser.paid("Third").await, app.browser.paid("Fourth").await);
    let page = app.browser.page("/queue").await;
    assert!(page.text().contains("1 running, 3 waiting."));
    assert!(page.text().contains("next, because it has waited longest for gateway"));
    assert!(page.text().contains("waits for the place at gateway"));
    assert!(page.text().contains("gateway 1 of 1"));
    assert_eq!(waiting(&app).await, ["Second", "Third", "Fourth"]);

    assert_eq!(app.browser.post_form(&format!("{fourth}/move"), &[("to", "front")]).await.status(), 303);
    assert_eq!(waiting(&app).await, ["Fourth", "Second", "Third"]);
    assert!(app.browser.page("/queue").await.text().contains("next, because you moved it to the front"));
    assert_eq!(app.browser.post_form(&format!("{second}/move"), &[("to", "down")]).await.status(), 303);
    assert_eq!(waiting(&app).await, ["Fourth", "Third", "Second"]);
    assert_eq!(app.browser.post_form(&format!("{second}/move"), &[("to", "up")]).await.status(), 303);
    assert_eq!(waiting(&app).await, ["Fourth", "Second", "Third"]);
    assert_eq!(app.browser.post_form(&format!("{second}/move"), &[("to", "sideways")]).await.status(), 422);
    assert_eq!(app.browser.post_form(&format!("{first}/move"), &[("to", "up")]).await.status(), 409, "it runs");
    assert_eq!(app.browser.post(&format!("{second}/cancel")).await.status(), 303);
    assert_eq!(waiting(&app).await, ["Fourth", "Third"]);

    release(&fake);
    app.until_state(&fourth, "completed").await;
    app.until("all done", || async { waiting(&app).await.is_empty().then_some(()) }).await;
    let order: Vec<String> = fake.creates().into_iter().map(|record| record.prompt().to_owned()).collect();
    assert_eq!(order, ["First", "Fourth", "Third"]);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_holds_back_what_waits_and_lets_go_on_what_was_sent() {
    let (fake, app) = narrow().await;
    let first = app.browser.paid("First").await;
    app.until_state(&first, "in_progress").await;
    let second = app.browser.paid("Second").await;
    assert_eq!(app.browser.post("/queue/pause").await.status(), 303);
    release(&fake);
    app.until_state(&first, "completed").await;
    app.clock.advance(std::time::Duration::from_mins(10));
    let page = app.browser.page(&second).await;
    assert_eq!(page.generations()[0].state, "queued");
    assert!(page.text().contains("held back, because you paused"), "{}", page.text());
    assert!(app.browser.page("/queue").await.text().contains("held back until you resume"));
    assert_eq!(fake.creates().len(), 1);
    assert_eq!(app.browser.post("/queue/resume").await.status(), 303);
    app.until_state(&second, "completed").await;
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_task_can_be_changed_and_keeps_its_place() {
    let (fake, app) = narrow().await;
    let first = app.browser.paid("First").await;
    app.until_state(&first, "in_progress").await;
    let wish = [("prompt", "A fox"), ("model", "sora-2"), ("seconds", "4"), ("variations", "2")];
    let task = app.browser.created(&wish).await;
    app.browser.paid("Last").await;
    let edit = format!("{task}/edit");
    let form = app.browser.page(&edit).await;
    assert_eq!(form.one("textarea[name=prompt]").text().collect::<String>().trim(), "A fox");
    assert_eq!(form.attribute("#composer", "action").as_deref(), Some(edit.as_str()));

    let send = async |prompt: &str, seconds: &str| {
        let fields = [("prompt", prompt), ("model", "sora-2"), ("seconds", seconds), ("aspect", "9:16")];
        let form = fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value.to_owned()));
        app.browser.client().post(app.browser.url(&edit)).multipart(form).send().await.unwrap()
    };
    let wrong = send("", "5").await;
    assert_eq!(wrong.status(), 422);
    let page = Page::read(&wrong.text().await.unwrap());
    assert_eq!(page.error_of("prompt").as_deref(), Some("Describe the video first."));
    assert_eq!(send("A grey wolf", "8").await.status(), 303);
    assert_eq!(waiting(&app).await, ["A grey wolf", "A grey wolf", "Last"]);
    assert_eq!(app.browser.page("/?q=wolf").await.generations().len(), 2);
    assert_eq!(app.browser.page("/?q=fox").await.generations().len(), 0);

    release(&fake);
    app.until("both made", || async {
        let takes = app.browser.page(&task).await.generations();
        takes.iter().all(|take| take.state == "completed").then_some(())
    })
    .await;
    let late = send("Too late", "4").await;
    assert_eq!(late.status(), 409);
    let text = late.text().await.unwrap();
    assert!(text.contains("cannot be changed any more") && text.contains("Too late"), "what was typed is kept");
    let wolf: Vec<_> = fake.creates().into_iter().filter(|record| record.prompt() == "A grey wolf").collect();
    assert_eq!(wolf.len(), 2);
    check_all(app, &fake).await;
}

async fn many(app: &TestApp, fields: &[(&'static str, &str)], file: Option<Vec<u8>>) -> reqwest::Response {
    let mut form = fields.iter().fold(Form::new(), |form, (name, value)| form.text(*name, (*value).to_owned()));
    if let Some(bytes) = file {
        form = form.part("file", Part::bytes(bytes).file_name("prompts.csv"));
    }
    app.browser.client().post(app.browser.url("/many")).multipart(form).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_prompts_are_shown_with_their_cost_first_and_made_once() {
    let (fake, app) = narrow().await;
    release(&fake);
    let csv = "prompt;seconds;variations;title\r\nA fox;8;2;Fox\r\n\"A \"\"big\"\" wolf\";4;;\r\n";
    let settings = [("model", "sora-2"), ("token", "t1")];
    let shown = many(&app, &settings, Some(csv.as_bytes().to_vec())).await;
    assert_eq!(shown.status(), 200);
    let page = Page::read(&shown.text().await.unwrap());
    assert!(page.text().contains("2 prompts, 3 clips"), "{}", page.text());
    assert_eq!(page.one("#total").text().collect::<String>(), "$2.00");
    assert!(page.text().contains("Create 3 clips · $2.00"));
    assert_eq!(fake.creates().len(), 0, "nothing is sent before a yes");
    let text = page.one("#text").text().collect::<String>();

    let sure = [("model", "sora-2"), ("token", "t1"), ("text", text.trim_start_matches('\n')), ("confirm", "1")];
    for _ in 0..2 {
        assert_eq!(many(&app, &sure, None).await.status(), 303);
    }
    app.until("three clips", || async {
        let clips = app.browser.page("/?q=status:done").await.generations();
        (clips.len() == 3).then_some(())
    })
    .await;
    assert_eq!(app.browser.page("/").await.generations().len(), 3, "pressed twice, made once");
    assert!(app.browser.page("/?q=title:x").await.generations().is_empty());
    assert_eq!(app.browser.page("/?q=\"big wolf\"").await.generations().len(), 1);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_do_not_do_are_answered_with_a_sentence_and_send_nothing() {
    let (_fake, app) = narrow().await;
    let lines = "A shot of the sea\n".repeat(50_000);
    let stories: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "There is no prompt"),
        (b"model,seconds\nsora-2,4\n".to_vec(), "no column is called “prompt”"),
        (b"prompt,colour\nA fox,red\n".to_vec(), "There is no column “colour” here."),
        (b"prompt,prompt\nA,B\n".to_vec(), "prompt"),
        (b"prompt,seconds\nA fox,five\n".to_vec(), "makes clips of 4, 8, 12 seconds"),
        (b"prompt,model\nA fox,unheard-of\n".to_vec(), "There is no model"),
        (b"prompt,variations\nA fox,9\n".to_vec(), "Choose 1 to 4 variations."),
        (b"\x00\x01\x02\x03PNG".to_vec(), "This file is not text."),
        (lines.into_bytes(), "50000 prompts; 500 is the most"),
        (vec![b'a'; 3 << 20], "too large"),
    ];
    for (bytes, words) in stories {
        let shown: String = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
        let file = if bytes.is_empty() { None } else { Some(bytes) };
        let response = many(&app, &[("model", "sora-2"), ("token", "t"), ("confirm", "1")], file).await;
        let status = response.status();
        let text = Page::read(&response.text().await.unwrap()).text();
        assert_eq!(status, 422, "{shown}: {text}");
        assert!(text.contains(words), "{shown}: {text}");
    }
    let latin = b"prompt\nEin Fl\xfcsschen\n".to_vec();
    let page = Page::read(&many(&app, &[("model", "sora-2"), ("token", "u")], Some(latin)).await.text().await.unwrap());
    assert!(page.text().contains("Ein Flüsschen"));
    let sixteen: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("prompt\n夕阳\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let page =
        Page::read(&many(&app, &[("model", "sora-2"), ("token", "v")], Some(sixteen)).await.text().await.unwrap());
    assert!(page.text().contains("夕阳"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_is_told_by_the_bell_until_it_was_seen() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let unread = async || app.browser.page("/settings").await.attribute("#bell", "data-unread");
    let clip = app.browser.paid("A fox").await;
    app.until_state(&clip, "completed").await;
    fake.on_create(Fault::Moderation);
    let refused = app.browser.paid("Something refused").await;
    app.until_state(&refused, "failed").await;
    let home = app.browser.page("/").await;
    assert_eq!(home.attribute("#bell", "data-unread").as_deref(), Some("2"));
    assert_eq!(home.attribute("#bell summary", "aria-label").as_deref(), Some("Activity, 2 new"));
    assert!(home.one("#bell").text().collect::<String>().contains("Something refused"));
    let page = app.browser.page("/activity").await;
    assert_eq!(page.all("main li .badge").len(), 2);
    assert!(page.text().contains("Refused by the content policy. Nothing was charged."));
    assert_eq!(app.browser.post("/activity/seen").await.status(), 303);
    assert_eq!(app.browser.page("/").await.attribute("#bell", "data-unread").as_deref(), Some("0"));
    assert_eq!(unread().await, None, "a page without a bell");

    let queue = app.browser.page("/queue").await;
    assert!(queue.text().contains("Did not finish"));
    assert_eq!(app.browser.post("/queue/clear").await.status(), 303);
    assert!(!app.browser.page("/queue").await.text().contains("Did not finish"));
    assert_eq!(app.browser.page("/trash").await.generations().len(), 1);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_failure_has_a_card_with_a_page_that_explains_it() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::with(TempDir::new().unwrap(), false, vec![gateway(&fake, 64)]).await;
    for (fault, title, topic) in [
        (Fault::Moderation, "Refused by the content policy", "policy"),
        (Fault::Status(500), "We can’t tell if this was made", "unknown"),
    ] {
        fake.on_create(fault);
        let clip = app.browser.paid(&format!("About {topic}")).await;
        let page = app
            .until("its end", || async {
                let page = app.browser.page(&clip).await;
                ["failed", "uncertain"].contains(&page.generations()[0].state.as_str()).then_some(page)
            })
            .await;
        assert!(page.text().contains(title), "{}", page.text());
        let href = page.attribute(".fail a[href^='/help/']", "href").unwrap();
        assert_eq!(href, format!("/help/{topic}"));
    }
    for topic in [
        "policy",
        "policy-late",
        "likeness",
        "region",
        "access",
        "rate-limited",
        "funds",
        "invalid",
        "unreachable",
        "lost",
        "unknown",
        "render-failed",
        "bad-file",
        "stalled",
        "disk-full",
        "canceled",
    ] {
        let page = app.browser.page(&format!("/help/{topic}")).await;
        assert_eq!(page.all(".prose h1").len(), 1, "{topic}");
        for link in page.all(".prose a") {
            let to = link.value().attr("href").unwrap();
            assert_eq!(app.browser.get(&format!("/help/{to}")).await.status(), 200, "{topic} links to {to}");
        }
    }
    assert_eq!(app.browser.get("/help/nothing").await.status(), 404);
    check_all_but(app, &fake, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_makes_a_prompt_of_each_combination() {
    let (fake, app) = narrow().await;
    release(&fake);
    let text = "A {who: fox|owl} in {rain|snow}, the {who} close up";
    let shown = many(&app, &[("model", "sora-2"), ("token", "t1"), ("text", text)], None).await;
    assert_eq!(shown.status(), 200);
    let page = Page::read(&shown.text().await.unwrap());
    assert!(page.text().contains("4 prompts, 4 clips"), "{}", page.text());
    assert!(page.text().contains("A owl in rain, the owl close up"), "{}", page.text());
    let sure = [("model", "sora-2"), ("token", "t1"), ("text", text), ("confirm", "1")];
    assert_eq!(many(&app, &sure, None).await.status(), 303);
    app.until("four clips", || async {
        (app.browser.page("/?q=status:done").await.generations().len() == 4).then_some(())
    })
    .await;
    let wide = "{a|b|c|d|e|f|g|h}".repeat(4);
    let many_more = many(&app, &[("model", "sora-2"), ("token", "t2"), ("text", &wide)], None).await;
    assert_eq!(many_more.status(), 422, "4,096 are too many");
    check_all(app, &fake).await;
}
