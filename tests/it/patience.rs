//! Upstreams that keep silent, ask for a pause, take for ever, or forget: asked rarely, never given up too early.

use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::app::{TestApp, gateway, sora_2};
use crate::invariants::check_all;
use crate::upstream::{ContentFault, FakeUpstream, Fault, PollFault};

async fn state(app: &TestApp, clip: &str) -> String {
    app.browser.page(clip).await.generations()[0].state.clone()
}

/// Creates a clip whose job stays unfinished; its page, and the job's id.
async fn running(app: &TestApp, fake: &FakeUpstream, prompt: &str) -> (String, String) {
    let clip = app.browser.paid(prompt).await;
    app.until_state(&clip, "in_progress").await;
    let job = fake.jobs().into_iter().find(|job| job.prompt == prompt).unwrap().id;
    (clip, job)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_does_not_answer_is_asked_once_in_a_while_by_all_together_and_loses_nothing() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = TestApp::with(TempDir::new().unwrap(), false, vec![gateway(&fake, 20)]).await;
    let mut clips = Vec::new();
    for number in 0..12 {
        clips.push(running(&app, &fake, &format!("Boat {number}")).await);
    }
    fake.on_poll(Fault::Status(502)).always();
    let told = app
        .until("the banner", || async {
            let text = app.browser.page("/").await.text();
            text.contains("gateway does not answer.").then_some(text)
        })
        .await;
    assert!(told.contains("What it makes goes on there"), "{told}");
    let polls = || clips.iter().map(|(_, job)| fake.polls(job)).sum::<usize>();
    let (before, began) = (polls(), app.clock.now());
    // A clip that is wanted now waits: what is sent to such a server might be paid and lost.
    let late = app.browser.paid("A late boat").await;
    let step = Duration::from_secs(1);
    app.until_by(step, "twelve more questions", || async { (polls() >= before + 12).then_some(()) }).await;
    // Twelve of them, each on its own at most a minute apart, would have asked so often within that minute.
    let took = app.clock.now().since(began);
    assert!(took >= Duration::from_mins(4), "{took:?}");
    assert_eq!(state(&app, &late).await, "queued");
    fake.recovers();
    fake.stop_holding();
    fake.finish_all();
    for (clip, _) in &clips {
        app.until_state(clip, "completed").await;
    }
    app.until_state(&late, "completed").await;
    assert!(!app.browser.page("/").await.text().contains("does not answer"));
    assert_eq!(fake.creates().len(), 13);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_one_question_is_asked_for_holds_for_all_of_them() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = TestApp::with(TempDir::new().unwrap(), false, vec![gateway(&fake, 20)]).await;
    let mut jobs = Vec::new();
    for number in 0..4 {
        jobs.push(running(&app, &fake, &format!("Boat {number}")).await.1);
    }
    fake.on_poll(Fault::RateLimited(Some("120".to_owned())));
    app.until("the banner", || async {
        app.browser.page("/").await.text().contains("gateway asked for a pause until").then_some(())
    })
    .await;
    // What was on its way when the answer came may still arrive.
    app.clock.advance(Duration::from_secs(1));
    app.browser.get("/health").await;
    let polls = || jobs.iter().map(|job| fake.polls(job)).sum::<usize>();
    let (before, began) = (polls(), app.clock.now());
    let late = app.browser.paid("A late boat").await;
    app.until("most of it", || async { (app.clock.now().since(began) >= Duration::from_secs(100)).then_some(()) })
        .await;
    assert!(polls() - before <= 8, "{} polls in a pause", polls() - before);
    assert_eq!((state(&app, &late).await.as_str(), fake.creates().len()), ("queued", 4));
    fake.finish_all();
    fake.stop_holding();
    app.until_state(&late, "completed").await;
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_render_past_its_deadline_is_called_stalled_asked_about_rarely_for_a_day_and_then_kept_by_its_id() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let mut upstream = gateway(&fake, 4);
    let mut model = sora_2();
    model.deadline = Duration::from_mins(10);
    upstream.models = vec![model];
    let app = TestApp::with(TempDir::new().unwrap(), false, vec![upstream]).await;
    let (clip, job) = running(&app, &fake, "A fox").await;
    fake.set_progress(&job, 99);
    app.until_by(Duration::from_secs(10), "the deadline", || async {
        app.browser.page(&clip).await.text().contains("far longer than it may take").then_some(())
    })
    .await;
    let before = fake.polls(&job);
    let began = app.clock.now();
    app.until_by(Duration::from_mins(1), "two hours", || async {
        (app.clock.now().since(began) >= Duration::from_hours(2)).then_some(())
    })
    .await;
    let asked = fake.polls(&job) - before;
    assert!((1..=30).contains(&asked), "{asked} polls in two hours");
    assert_eq!(state(&app, &clip).await, "in_progress", "a day is not over");
    app.until_by(Duration::from_mins(3), "the end of a day", || async {
        (state(&app, &clip).await == "failed").then_some(())
    })
    .await;
    let text = app.browser.page(&clip).await.text();
    assert!(text.contains("The upstream lost this job") && text.contains("unfinished a day after its time"), "{text}");
    fake.finish(&job);
    app.browser.press(&clip, "check").await;
    app.until_state(&clip, "completed").await;
    assert_eq!(fake.creates().len(), 1);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_asked_for_as_long_as_it_is_kept_and_setbacks_of_one_kind_do_not_count_for_another() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    fake.expires_in(7200);
    let app = TestApp::before(&fake).await;
    fake.set_now(app.clock.now().as_i64() / 1000);
    let (slow, job) = running(&app, &fake, "not there for long").await;
    fake.on_content(ContentFault::NotReady(404)).about(&job).times(30);
    let (broken, job) = running(&app, &fake, "breaks off").await;
    fake.on_content(ContentFault::CutAt(5_000)).about(&job).times(25);
    let (mixed, job) = running(&app, &fake, "mixed").await;
    fake.on_content(Fault::HtmlPage(502)).about(&job).times(20);
    fake.on_content(ContentFault::NotMp4).about(&job).times(3);
    fake.on_content(Fault::HtmlPage(502)).about(&job).times(5);
    fake.on_content(ContentFault::NotMp4).about(&job).times(3);
    fake.finish_all();
    app.until_by(Duration::from_secs(2), "the words", || async {
        app.browser.page(&broken).await.text().contains("gateway keeps it for").then_some(())
    })
    .await;
    for clip in [&slow, &broken, &mixed] {
        app.until_by(Duration::from_secs(5), clip, || async {
            let state = state(&app, clip).await;
            assert_ne!(state, "failed", "{clip}");
            (state == "completed").then_some(())
        })
        .await;
    }
    // What is not there when the upstream keeps it no longer is lost, and says so.
    let (gone, job) = running(&app, &fake, "never there").await;
    fake.on_content(Fault::Status(500)).about(&job).always();
    fake.finish_all();
    let began = app.clock.now();
    app.until_by(Duration::from_secs(30), "the end", || async { (state(&app, &gone).await == "failed").then_some(()) })
        .await;
    let waited = app.clock.now().since(began);
    assert!(waited > Duration::from_hours(1) && waited < Duration::from_hours(4), "{waited:?}");
    assert!(app.browser.page(&gone).await.text().contains("keeps its file no longer"));
    assert_eq!(fake.creates().len(), 4);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_forgotten_after_it_was_made_is_lost_and_one_refused_after_it_was_made_is_refused() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = TestApp::before(&fake).await;
    let (lost, job) = running(&app, &fake, "forgotten").await;
    fake.finish(&job);
    fake.on_content(Fault::NotFound).about(&job).always();
    app.until_state(&lost, "downloading").await;
    fake.on_poll(Fault::NotFound).about(&job).always();
    let began = app.clock.now();
    app.until_by(Duration::from_secs(5), "the loss", || async { (state(&app, &lost).await == "failed").then_some(()) })
        .await;
    assert!(app.clock.now().since(began) >= Duration::from_mins(10), "a server that starts anew has its time");
    assert!(app.browser.page(&lost).await.text().contains("The upstream lost this job"));

    let (refused, job) = running(&app, &fake, "refused late").await;
    fake.finish(&job);
    fake.on_content(Fault::NotFound).about(&job).always();
    app.until_state(&refused, "downloading").await;
    fake.fail(&job, "moderation_blocked", "Your request was blocked by our moderation system.");
    app.until_state(&refused, "failed").await;
    assert!(app.browser.page(&refused).await.text().contains("Refused while rendering"));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_refused_twice_holds_the_others_back_until_it_is_mended() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::with(TempDir::new().unwrap(), false, vec![gateway(&fake, 1)]).await;
    fake.on_create(Fault::KeyRejected).always();
    let mut clips = Vec::new();
    for number in 0..8 {
        clips.push(app.browser.paid(&format!("Boat {number}")).await);
    }
    app.until("the banner", || async {
        app.browser.page("/").await.text().contains("gateway refuses the key.").then_some(())
    })
    .await;
    let failed = || async {
        let wall = app.browser.page("/").await.generations();
        wall.iter().filter(|clip| clip.state == "failed").count()
    };
    assert_eq!(failed().await, 2, "the others keep their place");
    fake.recovers();
    app.until("the rest", || async {
        let wall = app.browser.page("/").await.generations();
        (wall.iter().filter(|clip| clip.state == "completed").count() == 6).then_some(())
    })
    .await;
    assert!(!app.browser.page("/").await.text().contains("refuses the key."));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_that_lies_and_words_nobody_knows_change_nothing_about_the_end() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = TestApp::before(&fake).await;
    let (clip, job) = running(&app, &fake, "A fox").await;
    for odd in [json!(250), json!(-3), json!("NaN"), json!(null), json!({"a": 1}), json!(1e300)] {
        fake.on_poll(PollFault::Progress(odd)).about(&job);
    }
    for word in ["pondering", "", "COMPLETED?", "cancelling"] {
        fake.on_poll(PollFault::Says(word.to_owned())).about(&job);
    }
    let polls = fake.polls(&job);
    app.until("all of it", || async { (fake.polls(&job) > polls + 10).then_some(()) }).await;
    assert_eq!(state(&app, &clip).await, "in_progress");
    fake.finish(&job);
    app.until_state(&clip, "completed").await;
    check_all(app, &fake).await;
}
