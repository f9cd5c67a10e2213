//! Every move of a generation that a person or an upstream can cause, seen from outside.

use std::time::Duration;

use tempfile::TempDir;

use crate::app::{TestApp, gateway};
use crate::invariants::{check_all, check_all_but};
use crate::page::Page;
use crate::upstream::{FakeUpstream, Fault, PollFault};

/// With this many places at the fake.
async fn with_places(fake: &FakeUpstream, places: u32) -> TestApp {
    TestApp::with(TempDir::new().unwrap(), false, vec![gateway(fake, places)]).await
}

/// The id that the fake gave to the job of this prompt.
fn job(fake: &FakeUpstream, prompt: &str) -> String {
    fake.jobs().into_iter().find(|job| job.prompt == prompt).unwrap().id
}

fn says(page: &Page, words: &str) {
    assert!(page.text().contains(words), "{words:?} is not on: {}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_canceled_in_line_is_never_sent_and_can_be_queued_again() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = with_places(&fake, 1).await;
    let first = app.browser.paid("first").await;
    app.until_state(&first, "in_progress").await;
    let second = app.browser.paid("second").await;
    app.browser.press(&second, "cancel").await;
    let page = app.browser.page(&second).await;
    assert_eq!(page.generations()[0].state, "canceled");
    says(&page, "Nothing was charged.");
    assert_eq!(app.browser.post(&format!("{second}/cancel")).await.status(), 409);

    fake.stop_holding();
    fake.finish_all();
    app.until_state(&first, "completed").await;
    assert_eq!(fake.creates().len(), 1);
    app.browser.press(&second, "retry").await;
    app.until_state(&second, "completed").await;
    assert_eq!(fake.creates().len(), 2);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_clip_that_cannot_be_stopped_is_let_go_and_still_lands() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = TestApp::before(&fake).await;
    let clip = app.browser.paid("A fox").await;
    app.until_state(&clip, "in_progress").await;
    says(&app.browser.page(&clip).await, "Stop waiting");
    app.browser.press(&clip, "cancel").await;
    let page = app.browser.page(&clip).await;
    assert_eq!(page.generations()[0].state, "in_progress");
    says(&page, "you stopped waiting; gateway still makes it and bills it, and it lands here");
    assert_eq!(app.browser.post(&format!("{clip}/delete")).await.status(), 409);
    fake.finish_all();
    app.until_state(&clip, "completed").await;
    assert_eq!(fake.deletes().len(), 0);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_clip_is_stopped_where_the_upstream_can_stop_it() {
    let fake = FakeUpstream::start().await;
    fake.aborts_on_delete();
    fake.hold();
    let app = TestApp::before(&fake).await;
    let clip = app.browser.paid("A fox").await;
    app.until_state(&clip, "in_progress").await;
    app.browser.press(&clip, "cancel").await;
    let page = app.browser.page(&clip).await;
    assert_eq!(page.generations()[0].state, "canceled");
    says(&page, "it may charge $0.40");
    assert_eq!(fake.deletes().len(), 1);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_that_nobody_waits_for_is_not_sent_after_all_when_the_upstream_puts_it_off() {
    let fake = FakeUpstream::start().await;
    fake.on_create(Fault::RateLimited(Some("5".to_owned())));
    let gate = fake.hold_create_answer();
    let app = TestApp::before(&fake).await;
    let clip = app.browser.paid("A fox").await;
    gate.reached().await;
    assert_eq!(app.browser.page(&clip).await.generations()[0].state, "submitting");
    app.browser.press(&clip, "cancel").await;
    gate.release();
    says(&app.until_state(&clip, "canceled").await, "Nothing was charged.");
    // Another one is sent meanwhile: the pause is over, and the first stays out.
    let other = app.browser.paid("An owl").await;
    app.until_state(&other, "completed").await;
    assert_eq!((fake.paid_for("A fox"), fake.paid_for("An owl")), (0, 1));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_clip_costs_nothing_and_a_retry_is_a_new_attempt() {
    let fake = FakeUpstream::start().await;
    fake.on_create(Fault::Moderation);
    let app = TestApp::before(&fake).await;
    let clip = app.browser.paid("A fox").await;
    let page = app.until_state(&clip, "failed").await;
    says(&page, "Refused by the content policy");
    says(&page, "Nothing was charged.");
    says(&page, "Your request was blocked by our moderation system.");
    assert_eq!(app.browser.post(&format!("{clip}/check")).await.status(), 409, "there is no job to look for");
    app.browser.press(&clip, "retry").await;
    let page = app.until_state(&clip, "completed").await;
    says(&page, "Attempt 2");
    assert_eq!((fake.creates().len(), fake.paid().len()), (2, 1));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_render_that_failed_says_that_it_was_paid_and_a_retry_is_paid_again() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = with_places(&fake, 8).await;
    let faults = [
        ("no error", PollFault::FailedWithoutError),
        ("status 500", PollFault::FailedAs500),
        ("no code", PollFault::FailedMessageOnly),
        ("bare text", PollFault::FailedAsText),
    ];
    let mut clips = Vec::new();
    for (prompt, fault) in faults {
        let clip = app.browser.paid(prompt).await;
        app.until_state(&clip, "in_progress").await;
        fake.on_poll(fault).about(&job(&fake, prompt));
        clips.push((prompt, clip));
    }
    for (prompt, clip) in &clips {
        let page = app.until_state(clip, "failed").await;
        says(&page, "The render failed");
        says(&page, "The upstream had accepted it, so it may charge $0.40.");
        let words = if *prompt == "no error" { "gives no reason" } else { "The engine ran out of memory." };
        says(&page, words);
    }
    fake.stop_holding();
    let clip = &clips[0].1;
    app.browser.press(clip, "retry").await;
    says(&app.until_state(clip, "completed").await, "$0.80");
    assert_eq!(fake.paid_for("no error"), 2);
    check_all_but(app, &fake, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uncertain_clip_waits_for_a_person_who_knows_its_id() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let known = app.browser.paid("An owl").await;
    app.until_state(&known, "completed").await;
    fake.on_create(Fault::VanishAfterReading);
    let clip = app.browser.paid("A fox").await;
    let page = app.until_state(&clip, "uncertain").await;
    says(&page, "You may have paid $0.40.");
    for verb in ["retry", "cancel", "check", "delete"] {
        assert_eq!(app.browser.post(&format!("{clip}/{verb}")).await.status(), 409, "{verb}");
    }
    let adopt = format!("{clip}/adopt");
    for (id, words) in [("  ", "Paste the id"), (&job(&fake, "An owl"), "Another clip here already has this id.")] {
        let response = app.browser.post_form(&adopt, &[("upstream_id", id)]).await;
        assert_eq!(response.status(), 422);
        let page = Page::read(&response.text().await.unwrap());
        assert!(page.error_of("upstream_id").unwrap().contains(words));
        assert_eq!(page.attribute("[name=upstream_id]", "value").as_deref(), Some(id));
    }
    let id = job(&fake, "A fox");
    assert_eq!(app.browser.post_form(&adopt, &[("upstream_id", &format!(" {id} "))]).await.status(), 303);
    says(&app.until_state(&clip, "completed").await, "$0.40");
    assert_eq!(fake.creates().len(), 2);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uncertain_clip_is_sent_again_or_given_up_only_by_a_person() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    fake.on_create(Fault::VanishAfterReading).times(2);
    let (again, over) = (app.browser.paid("A fox").await, app.browser.paid("An owl").await);
    app.until_state(&again, "uncertain").await;
    app.until_state(&over, "uncertain").await;
    app.browser.press(&again, "send-again").await;
    app.browser.press(&over, "give-up").await;
    let given_up = app.until_state(&over, "failed").await;
    says(&given_up, "Given up");
    // It was paid for, as the fake knows; here nobody can say, so nobody says that it was not.
    says(&given_up, "You may have paid $0.40.");
    assert!(!given_up.text().contains("Nothing was charged"), "{}", given_up.text());
    app.until_state(&again, "completed").await;
    assert_eq!((fake.paid_for("A fox"), fake.paid_for("An owl")), (2, 1));
    // The button pressed twice in two windows.
    assert_eq!(app.browser.post(&format!("{again}/send-again")).await.status(), 409);
    assert_eq!(app.browser.post(&format!("{over}/give-up")).await.status(), 409);
    check_all_but(app, &fake, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_clip_leaves_the_wall_and_comes_back_with_undo() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let clip = app.browser.paid("A fox").await;
    let page = app.until_state(&clip, "completed").await;
    let video = page.attribute("video", "src").unwrap();
    let response = app.browser.post(&format!("{clip}/delete")).await;
    let to = response.headers()["location"].to_str().unwrap().to_owned();
    let wall = app.browser.page(&to).await;
    assert_eq!(wall.generations(), []);
    assert_eq!(wall.attribute("#flash form", "action").as_deref(), Some("/trash/undo"));
    let moment = wall.attribute("#flash [name=moment]", "value").unwrap();
    says(&app.browser.page(&clip).await, "In the trash");
    assert_eq!(app.browser.post(&format!("{clip}/delete")).await.status(), 409);
    assert_eq!(app.browser.page("/trash").await.generations().len(), 1);
    assert_eq!(app.browser.post_form("/trash/undo", &[("moment", &moment)]).await.status(), 303);
    assert_eq!(app.browser.post_form("/trash/undo", &[("moment", &moment)]).await.status(), 409);
    assert_eq!(app.browser.page("/").await.generations().len(), 1);
    assert_eq!(app.browser.get(&video).await.status(), 200);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_asks_for_patience_gets_it_and_then_the_clip_once() {
    let fake = FakeUpstream::start().await;
    fake.on_create(Fault::RateLimited(Some("30".to_owned())));
    let app = TestApp::before(&fake).await;
    let clip = app.browser.paid("A fox").await;
    fake.until_creates(1).await;
    let began = app.clock.now();
    app.until("the slowdown", || async {
        app.browser.page(&clip).await.text().contains("Rate limited, resumes at").then_some(())
    })
    .await;
    app.until("the second try", || async { (fake.creates().len() == 2).then_some(()) }).await;
    assert!(app.clock.now().since(began) >= Duration::from_secs(30));
    app.until_state(&clip, "completed").await;
    assert_eq!((fake.creates().len(), fake.paid().len()), (2, 1));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_waits_for_an_upstream_that_is_down_and_is_then_sent_once() {
    let mut fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    fake.go_down().await;
    let clip = app.browser.paid("A fox").await;
    app.until("the news", || async {
        let text = app.browser.page(&clip).await.text();
        (text.contains("Can’t reach the upstream") && text.contains("Nothing was sent")).then_some(())
    })
    .await;
    fake.come_back().await;
    app.until_state(&clip, "completed").await;
    assert_eq!((fake.creates().len(), fake.paid().len()), (1, 1));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_jobs_run_at_an_upstream_than_it_has_places() {
    let fake = FakeUpstream::start().await;
    let app = with_places(&fake, 2).await;
    let fields = [("prompt", "A fox"), ("model", "sora-2"), ("variations", "4")];
    let (one, two) = (app.browser.created(&fields).await, app.browser.created(&fields).await);
    for task in [one, two] {
        app.until("four clips", || async {
            let takes = app.browser.page(&task).await.generations();
            takes.iter().all(|take| take.state == "completed").then_some(())
        })
        .await;
    }
    assert_eq!((fake.most_unfinished(), fake.paid().len()), (2, 8));
    assert!(fake.most_creates_at_once() <= 2);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_free_once_the_upstream_is_done_even_while_the_download_hangs() {
    let fake = FakeUpstream::start().await;
    let gate = fake.hold_content_after(1_000);
    let app = with_places(&fake, 1).await;
    let (first, second) = (app.browser.paid("A fox").await, app.browser.paid("An owl").await);
    app.until_state(&second, "completed").await;
    gate.reached().await;
    let page = app.browser.page(&first).await;
    assert_eq!(page.generations()[0].state, "downloading");
    assert_eq!(app.browser.get(&format!("{first}/clip.mp4")).await.status(), 404);
    gate.release();
    app.until_state(&first, "completed").await;
    check_all(app, &fake).await;
}
