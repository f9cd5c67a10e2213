//! Faults of a poll: none of them fails a clip that its upstream still makes.

use serde_json::json;

use super::{anywhere, same_as_written, sentence, stage, step};
use crate::invariants::check_all;
use crate::upstream::PollFault;

/// What only a poll can meet.
fn polls_only() -> Vec<(&'static str, &'static str, PollFault)> {
    vec![
        ("U19", "a status that nobody knows", PollFault::Says("quantum".to_owned())),
        ("U19", "fields that nobody knows", PollFault::With("flux".to_owned(), json!({ "a": [1] }))),
        ("U19", "no status", PollFault::Without("status".to_owned())),
        ("U35", "progress goes backwards", PollFault::Progress(json!(3))),
        ("U35", "progress of 250", PollFault::Progress(json!(250))),
        ("U35", "progress is NaN", PollFault::Progress(json!("NaN"))),
        ("U35", "progress is a share", PollFault::Progress(json!(0.5))),
        ("U35", "progress is null", PollFault::Progress(json!(null))),
        ("U32", "the answer about another job", PollFault::AnotherJob),
        ("U18", "the id is a number", PollFault::With("id".to_owned(), json!(7))),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_answers_a_poll_the_clip_goes_on_and_arrives_once_it_is_well_again() {
    let (fake, app) = stage().await;
    fake.hold();
    let mut stories: Vec<(&str, &str, PollFault)> = polls_only();
    stories.extend(anywhere().into_iter().map(|case| (case.number, case.what, case.fault.into())));
    let mut rows = Vec::new();
    for (number, what, fault) in stories {
        let prompt = format!("{number} {what}");
        let clip = app.browser.paid(&prompt).await;
        app.until_state(&clip, "in_progress").await;
        let job = fake.jobs().into_iter().find(|job| job.prompt == prompt).unwrap().id;
        fake.set_progress(&job, 60);
        let percent = || async { app.browser.page(&clip).await.attribute("[role=progressbar]", "aria-valuenow") };
        app.until("60 %", || async { (percent().await.as_deref() == Some("60")).then_some(()) }).await;
        let before = fake.polls(&job);
        fake.on_poll(fault).about(&job).times(3);
        // Two wrong answers were read once the third question is there.
        app.until_by(step(what), &prompt, || async { (fake.polls(&job) >= before + 3).then_some(()) }).await;
        let drawn = app.browser.page(&clip).await.generations().remove(0);
        assert_eq!((drawn.state.as_str(), percent().await.as_deref()), ("in_progress", Some("60")), "{prompt}");
        fake.finish(&job);
        app.until_by(step(what), &prompt, || async {
            let state = app.browser.page(&clip).await.generations().remove(0).state;
            assert_ne!(state, "failed", "{prompt}");
            (state == "completed").then_some(())
        })
        .await;
        let words = sentence(&drawn.text, &prompt);
        let words =
            words.split_once("so far · ").map_or("", |(_, words)| words).trim_end_matches("Stop waiting").trim();
        let words = if words.starts_with("about") { "how long it will take" } else { words };
        rows.push(format!("| {number} | {what} | {} | 1 | completed | {words} |", drawn.state));
    }
    assert_eq!(fake.requests_elsewhere().len(), 0);
    let head = "| Fault | Three polls are answered by | The clip is then | Paid | In the end | What the person reads meanwhile |";
    same_as_written("poll.md", "Faults of a poll", head, &rows);
    assert_eq!(fake.paid().len(), rows.len());
    check_all(app, &fake).await;
}
