//! Creates whose answer was lost: found in the upstream's list where that is certain, told to a person where it is not.

use std::time::Duration;

use crate::app::TestApp;
use crate::invariants::{check_all, check_all_but};
use crate::upstream::{CreateFault, FakeUpstream, Fault, ListFault};

/// Rushes and a fake whose clocks agree.
async fn stage() -> (FakeUpstream, TestApp) {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    agree(&fake, &app);
    (fake, app)
}

/// The fake's clock is set to the time it is here.
fn agree(fake: &FakeUpstream, app: &TestApp) {
    fake.set_now(app.clock.now().as_i64() / 1000);
}

fn job_of(fake: &FakeUpstream, prompt: &str) -> String {
    fake.jobs().into_iter().find(|job| job.prompt == prompt).unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_is_found_in_the_list_whatever_the_answer_was_and_paid_once() {
    let (fake, app) = stage().await;
    let stories: Vec<(&str, CreateFault)> = vec![
        ("vanishes", Fault::VanishAfterReading.into()),
        ("cut", Fault::CutMidAnswer.into()),
        ("paid 500", CreateFault::AcceptedBut(Fault::Status(500))),
        ("page", Fault::HtmlPage(200).into()),
        ("no id", CreateFault::NoId),
        ("half", Fault::TruncatedJson.into()),
    ];
    for (prompt, fault) in stories {
        fake.on_create(fault).about(prompt);
        agree(&fake, &app);
        let clip = app.browser.paid(prompt).await;
        let page = app.until_state(&clip, "completed").await;
        assert!(page.text().contains("$0.40"), "{prompt}");
        assert_eq!(fake.paid_for(prompt), 1, "{prompt}");
        assert_eq!(fake.creates().iter().filter(|record| record.prompt() == prompt).count(), 1, "{prompt}");
    }
    assert!(!fake.lists().is_empty());
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_lags_fails_or_is_out_of_order_is_read_again_until_it_tells() {
    let (fake, app) = stage().await;
    for fault in
        [ListFault::NothingListed, ListFault::NewestMissing, Fault::Status(500).into(), ListFault::PromptsAreNull]
    {
        fake.on_list(fault).times(1);
    }
    fake.on_list(ListFault::WrongOrder).always();
    fake.on_create(Fault::VanishAfterReading).about("A fox");
    let clip = app.browser.paid("A fox").await;
    app.until_state(&clip, "completed").await;
    assert!(fake.lists().len() >= 5, "{} lists", fake.lists().len());
    assert_eq!(fake.paid_for("A fox"), 1);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn takes_of_one_task_are_told_apart_by_nobody_and_each_gets_a_job() {
    let (fake, app) = stage().await;
    fake.on_create(Fault::VanishAfterReading).about("A fox").times(2);
    // The third was never accepted: it is in no list, and a person decides.
    fake.on_create(CreateFault::NotAcceptedAnd(Fault::Status(500))).about("A fox");
    let fields = [("prompt", "A fox"), ("model", "sora-2"), ("seconds", "4"), ("variations", "3")];
    let task = app.browser.created(&fields).await;
    app.until("two of three", || async {
        let mut states: Vec<_> =
            app.browser.page(&task).await.generations().into_iter().map(|clip| clip.state).collect();
        states.sort();
        (states == ["completed", "completed", "uncertain"]).then_some(())
    })
    .await;
    assert_eq!((fake.paid_for("A fox"), fake.creates().len()), (2, 3));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_may_have_made_is_for_a_person_to_choose_and_no_job_is_taken_twice() {
    let (fake, app) = stage().await;
    fake.hold();
    // Until the twin is there, the list is not.
    fake.on_list(Fault::Status(503)).times(3);
    fake.on_create(Fault::VanishAfterReading).about("A fox");
    let clip = app.browser.paid("A fox").await;
    app.until_state(&clip, "uncertain").await;
    let own = job_of(&fake, "A fox");
    let twin = fake.has_twin_of(&own, 7);
    let page = app
        .until("the evidence", || async {
            let page = app.browser.page(&clip).await;
            page.text().contains("It may be one of these jobs").then_some(page)
        })
        .await;
    assert!(page.text().contains(&own) && page.text().contains(&twin), "{}", page.text());
    assert!(page.text().contains("The connection broke before the upstream answered."));
    app.clock.advance(Duration::from_mins(30));
    assert_eq!(app.browser.page(&clip).await.generations()[0].state, "uncertain");
    assert_eq!(app.browser.post_form(&format!("{clip}/adopt"), &[("upstream_id", &own)]).await.status(), 303);
    fake.finish_all();
    app.until_state(&clip, "completed").await;
    assert_eq!(fake.creates().len(), 1);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_never_shows_it_says_so_with_what_was_looked_at_and_sends_nothing() {
    let (fake, app) = stage().await;
    fake.on_create(CreateFault::NotAcceptedAnd(Fault::Status(502))).about("A fox");
    let clip = app.browser.paid("A fox").await;
    let page = app.until_state(&clip, "uncertain").await;
    assert!(page.text().contains("Rushes looks for it in the upstream’s list"), "{}", page.text());
    let settled = "as far as the list tells, it was not made";
    app.until_by(Duration::from_secs(20), "what the list tells", || async {
        app.browser.page(&clip).await.text().contains(settled).then_some(())
    })
    .await;
    assert_eq!(fake.creates().len(), 1, "nothing was sent by itself");
    app.browser.press(&clip, "send-again").await;
    agree(&fake, &app);
    app.until_state(&clip, "completed").await;
    assert_eq!((fake.creates().len(), fake.paid_for("A fox")), (2, 1));
    check_all_but(app, &fake, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_three_unknown_outcomes_no_more_is_sent_for_a_minute_and_the_pages_say_why() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::with(tempfile::TempDir::new().unwrap(), false, vec![crate::app::gateway(&fake, 8)]).await;
    fake.on_list(Fault::NotFound).always();
    fake.on_create(CreateFault::NotAcceptedAnd(Fault::Status(500))).times(3);
    for number in 0..3 {
        let clip = app.browser.paid(&format!("Boat {number}")).await;
        app.until_state(&clip, "uncertain").await;
    }
    let before = app.clock.now();
    let next = app.browser.paid("A fox").await;
    let told = app
        .until("the reason", || async {
            let text = app.browser.page("/").await.text();
            text.contains("gateway left several clips without an answer.").then_some(text)
        })
        .await;
    assert!(told.contains("So that nothing is paid twice, no more are sent until"), "{told}");
    assert_eq!(fake.creates().len(), 3);
    app.until_state(&next, "completed").await;
    let waited = app.clock.now().since(before);
    assert!(waited <= Duration::from_secs(90), "{waited:?}");
    assert!(!app.browser.page("/").await.text().contains("without an answer"), "it is over");
    check_all(app, &fake).await;
}
