//! Upstreams at their worst: after each story the money, the files and the words are right.

use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::app::{TestApp, gateway};
use crate::invariants::{check_all, log};
use crate::upstream::{CreateFault, FakeUpstream, Fault, KEY, PollFault};

/// Room for every story of a test at once: uncertain ones keep their place for a while.
async fn roomy(fake: &FakeUpstream) -> TestApp {
    TestApp::with(TempDir::new().unwrap(), false, vec![gateway(fake, 64)]).await
}

/// Creates a clip whose job stays unfinished; its page, and the job's id.
async fn running(app: &TestApp, fake: &FakeUpstream, prompt: &str) -> (String, String) {
    let clip = app.browser.paid(prompt).await;
    app.until_state(&clip, "in_progress").await;
    let job = fake.jobs().into_iter().find(|job| job.prompt == prompt).unwrap().id;
    (clip, job)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_may_have_been_paid_is_never_sent_again_by_itself() {
    let fake = FakeUpstream::start().await;
    let app = roomy(&fake).await;
    let stories: Vec<(&str, CreateFault, usize, &str)> = vec![
        ("vanishes", Fault::VanishAfterReading.into(), 1, "The connection broke before the upstream answered."),
        ("resets", Fault::ResetAfterReading.into(), 1, "The connection broke before the upstream answered."),
        ("hangs up early", Fault::ResetBeforeReading.into(), 0, "The connection broke before the upstream answered."),
        ("cut", Fault::CutMidAnswer.into(), 1, "the answer broke off"),
        ("500", Fault::Status(500).into(), 0, "HTTP 500: The server had an error"),
        ("paid 500", CreateFault::AcceptedBut(Fault::Status(500)), 1, "HTTP 500: The server had an error"),
        ("502 page", Fault::HtmlPage(502).into(), 0, "HTTP 502: answered with a web page"),
        ("200 page", Fault::HtmlPage(200).into(), 1, "HTTP 200: answered with a web page"),
        ("204", Fault::Raw(204, "text/plain".to_owned(), String::new()).into(), 1, "HTTP 204 with an empty answer"),
        ("empty", Fault::Empty.into(), 1, "HTTP 200 with an empty answer"),
        ("half", Fault::TruncatedJson.into(), 1, "with an answer that is not JSON"),
        ("array", Fault::Json(json!([1])).into(), 1, "without a usable job id"),
        ("deep", Fault::Nested(100_000).into(), 1, "with an answer that is not JSON"),
        ("huge", Fault::HugeJson(8 << 20).into(), 1, "the answer is too long to be one"),
        ("no id", CreateFault::NoId, 1, "without a usable job id"),
        ("null id", CreateFault::NullId, 1, "without a usable job id"),
        ("long id", CreateFault::LongId, 1, "without a usable job id"),
    ];
    let mut clips = Vec::new();
    for (prompt, fault, paid, words) in stories {
        // The early hang-up comes before the prompt is known.
        let early = matches!(fault, CreateFault::Any(Fault::ResetBeforeReading));
        fake.on_create(fault).about(if early { "" } else { prompt });
        let clip = app.browser.paid(prompt).await;
        let page = app.until_state(&clip, "uncertain").await;
        assert!(page.text().contains("We can’t tell if this was made"), "{prompt}: {}", page.text());
        assert!(page.text().contains("You may have paid $0.40."), "{prompt}: {}", page.text());
        assert!(page.text().contains(words), "{prompt}: {}", page.text());
        clips.push((prompt, clip, paid));
    }
    app.clock.advance(Duration::from_hours(24));
    // One more goes all the way: the worker came round after that day.
    let last = app.browser.paid("last").await;
    app.until_state(&last, "completed").await;
    for (prompt, clip, paid) in &clips {
        assert_eq!(app.browser.page(clip).await.generations()[0].state, "uncertain", "{prompt}");
        assert_eq!(fake.paid_for(prompt), *paid, "{prompt}");
        let sent = fake.creates().iter().filter(|record| record.prompt() == *prompt).count();
        assert!(sent <= 1, "{prompt} was sent {sent} times");
    }
    assert_eq!(fake.creates_unread().len(), 1);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_is_told_in_its_family_and_costs_nothing() {
    let fake = FakeUpstream::start().await;
    let app = roomy(&fake).await;
    let bare = json!({ "error": { "message": format!("Incorrect key: {KEY}.") } });
    let bare = Fault::Raw(401, "application/json".to_owned(), bare.to_string());
    let stories: Vec<(&str, Fault, &str, &str)> = vec![
        ("key", Fault::KeyRejected, "The upstream refused the key", "mend the key in rushes.toml"),
        ("forbidden", Fault::Forbidden, "The upstream refused the key", "Your organization must be verified"),
        ("no model", Fault::ModelNotFound, "The upstream", "does not exist or you do not have access"),
        ("quota", Fault::QuotaSpent, "out of funds or over its quota", "Add credit"),
        ("hard limit", Fault::HardLimit, "out of funds or over its quota", "Add credit"),
        ("invalid", Fault::Invalid, "does not take these settings", "Invalid value for 'prompt'."),
        ("fastapi", Fault::ErrorIsList, "does not take these settings", "seconds: Input should be a valid integer"),
        (
            "moved",
            Fault::RedirectElsewhere(307),
            "does not take these settings",
            "Set its base_url to where it really is",
        ),
        ("echo", Fault::EchoesKey, "The upstream refused the key", "[key]"),
        ("bare key", bare, "The upstream refused the key", "Incorrect key: [key]"),
        ("markup", Fault::Markup, "does not take these settings", "<script>window.stolen=1</script>"),
    ];
    for (prompt, fault, title, words) in stories {
        let status = matches!(fault, Fault::EchoesKey | Fault::Markup);
        fake.on_create(CreateFault::NotAcceptedAnd(fault)).about(prompt);
        let clip = app.browser.paid(prompt).await;
        let page = app.until_state(&clip, "failed").await;
        for part in [title, words, "Nothing was charged."] {
            assert!(page.text().contains(part), "{prompt}: {part:?} is not on: {}", page.text());
        }
        if status {
            let live = app.browser.get("/live/now?page=library").await.text().await.unwrap();
            assert!(!live.contains("<script>window") && !live.contains(KEY));
        }
        assert_eq!(page.all("[onmouseover], [onerror]").len(), 0, "{prompt}: markup came alive");
        assert!(page.all("script").iter().all(|script| !script.html().contains("stolen")), "{prompt}");
    }
    assert_eq!((fake.paid().len(), fake.requests_elsewhere().len()), (0, 0));
    let log = log();
    assert!(log.contains("was refused by gateway") && !log.contains("\nforged=log line"));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_of_another_job_is_not_believed() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = roomy(&fake).await;
    running(&app, &fake, "first").await;
    fake.on_create(CreateFault::IdOfAnother);
    let clip = app.browser.paid("second").await;
    let page = app.until_state(&clip, "uncertain").await;
    assert!(page.text().contains("the id of another job"), "{}", page.text());
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_ids_are_good_ids() {
    let fake = FakeUpstream::start().await;
    let app = roomy(&fake).await;
    for (prompt, fault) in [
        ("number", CreateFault::NumericId),
        ("path", CreateFault::PathId),
        ("litellm", CreateFault::LiteLlmId),
        ("202", CreateFault::Status202),
        ("mark", Fault::ByteOrderMark.into()),
    ] {
        fake.on_create(fault).about(prompt);
        let clip = app.browser.paid(prompt).await;
        app.until_state(&clip, "completed").await;
        assert_eq!(fake.paid_for(prompt), 1);
    }
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_polls_fail_no_clip_and_progress_never_goes_back() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = roomy(&fake).await;
    let (clip, job) = running(&app, &fake, "A fox").await;
    fake.set_progress(&job, 60);
    let percent = || async { app.browser.page(&clip).await.attribute("[role=progressbar]", "aria-valuenow") };
    app.until("60 %", || async { (percent().await.as_deref() == Some("60")).then_some(()) }).await;
    let faults: Vec<PollFault> = vec![
        PollFault::Progress(json!(20)),
        PollFault::Progress(json!("NaN")),
        PollFault::Says("quantum".to_owned()),
        PollFault::AnotherJob,
        Fault::Status(500).into(),
        Fault::HtmlPage(502).into(),
        Fault::HtmlPage(200).into(),
        Fault::TruncatedJson.into(),
        Fault::Json(json!(null)).into(),
        Fault::Raw(204, "text/plain".to_owned(), String::new()).into(),
        Fault::KeyRejected.into(),
        Fault::NotFound.into(),
        Fault::CutMidAnswer.into(),
        Fault::VanishAfterReading.into(),
        Fault::RateLimited(Some("2".to_owned())).into(),
        Fault::RedirectElsewhere(302).into(),
        Fault::EchoesKey.into(),
    ];
    for fault in faults {
        let name = format!("{fault:?}");
        let before = fake.polls(&job);
        fake.on_poll(fault).about(&job).times(2);
        app.until(&name, || async {
            let page = app.browser.page(&clip).await;
            assert_eq!(page.generations()[0].state, "in_progress", "{name}");
            assert_eq!(page.attribute("[role=progressbar]", "aria-valuenow").as_deref(), Some("60"), "{name}");
            (fake.polls(&job) > before + 2).then_some(())
        })
        .await;
    }
    fake.finish_all();
    app.until_state(&clip, "completed").await;
    assert_eq!((fake.creates().len(), fake.requests_elsewhere().len()), (1, 0));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_its_upstream_forgot_is_lost_after_minutes_and_can_be_looked_for_again() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = roomy(&fake).await;
    let (clip, job) = running(&app, &fake, "A fox").await;
    fake.on_poll(Fault::NotFound).about(&job).always();
    let began = app.clock.now();
    app.until_by(Duration::from_secs(2), "its loss", || async {
        (app.browser.page(&clip).await.generations()[0].state == "failed").then_some(())
    })
    .await;
    assert!(app.clock.now().since(began) > Duration::from_mins(5));
    let page = app.browser.page(&clip).await;
    assert!(page.text().contains("The upstream lost this job") && page.text().contains("it may charge $0.40"));
    fake.recovers();
    fake.finish_all();
    app.browser.press(&clip, "check").await;
    app.until_state(&clip, "completed").await;
    assert_eq!(fake.creates().len(), 1);
    check_all(app, &fake).await;
}
