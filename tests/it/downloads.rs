//! Downloads from upstreams at their worst: the file arrives whole, or nothing is passed off as one.

use std::time::Duration;

use tempfile::TempDir;

use crate::app::{TestApp, gateway};
use crate::invariants::check_all;
use crate::upstream::{ContentFault, FakeUpstream, Fault, PollFault};

/// A fake that holds its jobs, and Rushes with room for all of them.
async fn stage() -> (FakeUpstream, TestApp) {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = TestApp::with(TempDir::new().unwrap(), false, vec![gateway(&fake, 64)]).await;
    (fake, app)
}

/// Creates a clip whose job stays unfinished; its page, and the job's id.
async fn running(app: &TestApp, fake: &FakeUpstream, prompt: &str) -> (String, String) {
    let clip = app.browser.paid(prompt).await;
    app.until_state(&clip, "in_progress").await;
    let job = fake.jobs().into_iter().find(|job| job.prompt == prompt).unwrap().id;
    (clip, job)
}

/// Downloads of the film of one job.
fn asked(fake: &FakeUpstream, job: &str) -> usize {
    let all = fake.content_requests();
    all.iter().filter(|r| r.id.as_deref() == Some(job) && !r.target.contains("thumbnail")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_goes_wrong_once_or_a_few_times_still_arrives_whole() {
    let (fake, app) = stage().await;
    let faults: Vec<(ContentFault, u32)> = vec![
        (ContentFault::CutAt(5_000), 3),
        (ContentFault::ResetAt(5_000), 1),
        (ContentFault::ChunkedCutAt(5_000), 1),
        (ContentFault::UntilCloseCutAt(5_000), 1),
        (ContentFault::LengthTooLong, 1),
        (ContentFault::LengthTooShort, 1),
        (ContentFault::NoBytes, 1),
        (ContentFault::JsonAsVideo, 2),
        (ContentFault::NotMp4, 2),
        (ContentFault::WithoutMoov, 1),
        (ContentFault::AbsurdBox, 1),
        (ContentFault::NotReady(404), 8),
        (ContentFault::NotReady(409), 8),
        (Fault::HtmlPage(200).into(), 2),
        (Fault::HtmlPage(502).into(), 2),
        (Fault::KeyRejected.into(), 2),
        (Fault::EchoesKey.into(), 1),
        (Fault::VanishAfterReading.into(), 1),
        (ContentFault::UrlHere, 1),
        (ContentFault::UrlElsewhere, 1),
        (Fault::RedirectElsewhere(307).into(), 1),
    ];
    let mut clips = Vec::new();
    for (fault, times) in faults {
        let name = format!("{fault:?}");
        let (clip, job) = running(&app, &fake, &name).await;
        fake.on_content(fault).about(&job).times(times);
        clips.push((name, clip));
    }
    fake.finish_all();
    for (name, clip) in &clips {
        app.until_by(Duration::from_secs(1), name, || async {
            let state = app.browser.page(clip).await.generations()[0].state.clone();
            assert_ne!(state, "failed", "{name}");
            (state == "completed").then_some(())
        })
        .await;
    }
    assert_eq!(fake.creates().len(), clips.len());
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_becomes_a_video_fails_in_words_and_can_be_fetched_later_for_nothing() {
    let (fake, app) = stage().await;
    let inside = || "http://169.254.169.254/latest/meta-data/clip.mp4".to_owned();
    let faults: Vec<(ContentFault, &str)> = vec![
        (ContentFault::NotMp4, "not a video"),
        (ContentFault::WithoutMoov, ""),
        (ContentFault::LengthTooShort, ""),
        (ContentFault::UntilCloseCutAt(5_000), ""),
        (Fault::RedirectToSelf(302).into(), "from one address to the next without end"),
        (Fault::RedirectTo(302, inside()).into(), "an address inside a private network"),
        (Fault::RedirectTo(302, "file:///etc/passwd".to_owned()).into(), "not on the web"),
    ];
    let mut clips = Vec::new();
    for (fault, words) in faults {
        let name = format!("{fault:?}");
        let (clip, job) = running(&app, &fake, &name).await;
        fake.on_content(fault).about(&job).always();
        clips.push((name, clip, words));
    }
    fake.finish_all();
    for (name, clip, words) in &clips {
        app.until_by(Duration::from_secs(2), name, || async {
            (app.browser.page(clip).await.generations()[0].state == "failed").then_some(())
        })
        .await;
        let text = app.browser.page(clip).await.text();
        for part in [words, "The file that came is not a playable video", "it may charge $0.40"] {
            assert!(text.contains(part), "{name}: {part:?} is not on: {text}");
        }
        assert!(asked(&fake, &fake.jobs().iter().find(|job| job.prompt == *name).unwrap().id) > 1, "{name}");
    }
    fake.recovers();
    for (name, clip, _) in &clips {
        app.browser.press(clip, "check").await;
        app.until_by(Duration::from_secs(1), name, || async {
            (app.browser.page(clip).await.generations()[0].state == "completed").then_some(())
        })
        .await;
    }
    assert_eq!(fake.creates().len(), clips.len());
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_an_answer_names_is_not_followed_into_a_private_network() {
    let (fake, app) = stage().await;
    let (clip, job) = running(&app, &fake, "A fox").await;
    fake.on_poll(PollFault::Url("http://10.0.0.1/clip.mp4".to_owned())).about(&job).always();
    fake.finish_all();
    app.until_by(Duration::from_secs(2), "the end", || async {
        (app.browser.page(&clip).await.generations()[0].state == "failed").then_some(())
    })
    .await;
    assert!(app.browser.page(&clip).await.text().contains("an address inside a private network"));
    assert_eq!(asked(&fake, &job), 0);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_falls_silent_holds_up_neither_the_others_nor_the_end() {
    let (fake, app) = stage().await;
    let (silent, job) = running(&app, &fake, "A fox").await;
    fake.on_content(ContentFault::StallAt(5_000)).about(&job);
    fake.finish_all();
    app.until_state(&silent, "downloading").await;
    fake.until_content_requests(1).await;
    let (other, _) = running(&app, &fake, "An owl").await;
    fake.finish_all();
    app.until_state(&other, "completed").await;
    assert_eq!(app.browser.page(&silent).await.generations()[0].state, "downloading");
    check_all(app, &fake).await;
}
