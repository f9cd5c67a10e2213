//! Faults of a whole day: a storm of refusals, renders without end, an upstream that is too eager or too late.

use std::time::Duration;

use super::stage;
use crate::app::TestApp;
use crate::invariants::{check_all, count};
use crate::upstream::{CreateFault, FakeUpstream, Fault, PollFault};

/// Creates a clip whose job stays unfinished; its page, and the job's id.
async fn running(app: &TestApp, fake: &FakeUpstream, prompt: &str) -> (String, String) {
    let clip = app.browser.paid(prompt).await;
    app.until_state(&clip, "in_progress").await;
    let job = fake.jobs().into_iter().find(|job| job.prompt == prompt).unwrap().id;
    (clip, job)
}

/// U8.
#[tokio::test(flavor = "multi_thread")]
async fn ten_minutes_of_429_for_200_clips_are_waited_out_together_and_each_is_made_once() {
    let (fake, app) = stage().await;
    fake.completes_after_polls(1);
    fake.on_create(Fault::RateLimited(None)).always();
    for task in 0..50 {
        let prompt = format!("Boat {task}");
        let fields = [("prompt", &*prompt), ("model", "sora-2"), ("seconds", "4"), ("variations", "4")];
        app.browser.created(&fields).await;
    }
    let end = app.clock.now().after(Duration::from_mins(10));
    while app.clock.now() < end {
        app.clock.advance(Duration::from_secs(1));
        app.browser.get("/health").await;
    }
    let tries = fake.creates().len();
    assert!((3..=60).contains(&tries), "{tries} creates in ten minutes of refusals");
    fake.recovers();
    let done = "select count(*) from generation where state = 'completed'";
    app.until_by(Duration::from_secs(1), "their files", || async {
        (count(app.data.path(), done).await == 200).then_some(())
    })
    .await;
    assert_eq!(fake.creates().len(), tries + 200);
    check_all(app, &fake).await;
}

/// U9: a key that is refused while clips are made stops nothing that was paid, and holds back what is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_revoked_in_the_middle_loses_nothing() {
    let (fake, app) = stage().await;
    fake.hold();
    let (first, _) = running(&app, &fake, "first").await;
    fake.change_key("sk-another");
    fake.finish_all();
    app.clock.advance(Duration::from_mins(10));
    app.browser.get("/health").await;
    assert_eq!(app.browser.page(&first).await.generations()[0].state, "in_progress");
    fake.change_key(crate::upstream::KEY);
    app.until_by(Duration::from_secs(1), "its file", || async {
        (app.browser.page(&first).await.generations()[0].state == "completed").then_some(())
    })
    .await;
    check_all(app, &fake).await;
}

/// U33 and U34: what never ends is asked about rarely and frees nothing that it holds; see `patience.rs` for its end.
/// U36: completed, and then in progress again.
#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_takes_its_word_back_delivers_all_the_same() {
    let (fake, app) = stage().await;
    fake.hold();
    let (clip, job) = running(&app, &fake, "A fox").await;
    fake.on_content(Fault::Status(503)).about(&job).times(2);
    fake.on_poll(PollFault::BackToInProgress).about(&job).times(3);
    fake.finish(&job);
    app.until_by(Duration::from_secs(1), "its file", || async {
        (app.browser.page(&clip).await.generations()[0].state == "completed").then_some(())
    })
    .await;
    check_all(app, &fake).await;
}

/// U37: four ways to say that a render failed.
#[tokio::test(flavor = "multi_thread")]
async fn a_render_that_fails_is_told_in_words_whatever_way_it_is_said() {
    let (fake, app) = stage().await;
    fake.hold();
    let ways: Vec<(&str, PollFault, &str)> = vec![
        ("code", PollFault::Failed("generation_failed".to_owned(), "It broke.".to_owned()), "It broke."),
        ("bare", PollFault::FailedWithoutError, "gives no reason"),
        ("500", PollFault::FailedAs500, ""),
        ("message", PollFault::FailedMessageOnly, ""),
        ("text", PollFault::FailedAsText, ""),
    ];
    for (prompt, fault, words) in ways {
        let (clip, job) = running(&app, &fake, prompt).await;
        fake.on_poll(fault).about(&job).times(1);
        let page = app.until_state(&clip, "failed").await;
        assert!(page.text().contains(words), "{prompt}: {}", page.text());
        assert!(page.text().contains("it may charge $0.40"), "{prompt}: {}", page.text());
    }
    check_all(app, &fake).await;
}

/// U39: a file that is said to expire, or to have expired, is fetched all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_should_be_gone_already_is_asked_for_all_the_same() {
    for seconds in [-3_600, 3] {
        let (fake, app) = stage().await;
        fake.expires_in(seconds);
        fake.on_content(Fault::Status(503)).times(2);
        let clip = app.browser.paid("A fox").await;
        app.until_by(Duration::from_secs(1), "its file", || async {
            (app.browser.page(&clip).await.generations()[0].state == "completed").then_some(())
        })
        .await;
        check_all(app, &fake).await;
    }
}

/// U42: an upstream that cannot stop a job says so, and the clip goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_fails_stops_nothing_and_the_clip_still_lands() {
    let (fake, app) = stage().await;
    fake.aborts_on_delete();
    fake.hold();
    fake.on_delete(Fault::Status(500)).always();
    let (clip, _) = running(&app, &fake, "A fox").await;
    let answer = app.browser.post(&format!("{clip}/cancel")).await;
    assert!(answer.status() == 303 || answer.status().is_client_error() || answer.status() == 502, "{answer:?}");
    let state = app.browser.page(&clip).await.generations()[0].state.clone();
    assert_eq!(state, "in_progress");
    fake.finish_all();
    app.until_state(&clip, "completed").await;
    check_all(app, &fake).await;
}

/// U30: connections that their server closes while they rest make no create uncertain.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_rested_too_long_sends_nothing_twice_and_makes_nothing_unknown() {
    let (mut fake, app) = stage().await;
    fake.completes_after_polls(1);
    for round in 0..20 {
        let clip = app.browser.paid(&format!("Round {round}")).await;
        app.until_state(&clip, "completed").await;
        // Every connection that was kept is closed under it.
        fake.go_down().await;
        fake.come_back().await;
    }
    assert_eq!((fake.creates().len(), fake.paid().len()), (20, 20));
    check_all(app, &fake).await;
}

/// U26 and U31: a create that was never taken, and one whose answer comes when nobody waits any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_was_refused_after_all_is_settled_by_a_person_and_costs_nothing_twice() {
    let (fake, app) = stage().await;
    fake.on_create(CreateFault::NotAcceptedAnd(Fault::VanishAfterReading)).about("A fox");
    let clip = app.browser.paid("A fox").await;
    app.until_state(&clip, "uncertain").await;
    assert_eq!(fake.paid_for("A fox"), 0);
    app.browser.press(&clip, "give-up").await;
    assert_eq!(app.browser.page(&clip).await.generations()[0].state, "failed");
    check_all(app, &fake).await;
}
