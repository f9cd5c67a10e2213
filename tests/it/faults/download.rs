//! Faults of a download: the file arrives whole, or nothing is passed off as one.

use super::{anywhere, same_as_written, stage, step};
use crate::invariants::check_all;
use crate::upstream::ContentFault;

/// What only a download can meet.
fn downloads_only() -> Vec<(&'static str, &'static str, ContentFault)> {
    vec![
        ("U38", "not ready, 404", ContentFault::NotReady(404)),
        ("U38", "not ready, 409", ContentFault::NotReady(409)),
        ("U38", "not ready, 425", ContentFault::NotReady(425)),
        ("U43", "a length that is too long", ContentFault::LengthTooLong),
        ("U43", "a length that is too short", ContentFault::LengthTooShort),
        ("U43", "a negative length", ContentFault::LengthNegative),
        ("U43", "two lengths", ContentFault::LengthTwice),
        ("U44", "chunks that stop", ContentFault::ChunkedCutAt(9_000)),
        ("U45", "no length, and it stops", ContentFault::UntilCloseCutAt(9_000)),
        ("U45", "a length, and it stops", ContentFault::CutAt(9_000)),
        ("U45", "a length, and it is reset", ContentFault::ResetAt(9_000)),
        ("U46", "206 from another place", ContentFault::WrongOffset),
        ("U46", "200 to a range", ContentFault::IgnoresRange),
        ("U46", "416", ContentFault::RangeRefused),
        ("U46", "other bytes than before", ContentFault::ContentChanges),
        ("U47", "an error as a video", ContentFault::JsonAsVideo),
        ("U48", "no bytes", ContentFault::NoBytes),
        ("U49", "no MP4", ContentFault::NotMp4),
        ("U49", "an MP4 without its index", ContentFault::WithoutMoov),
        ("U49", "a box of 2^63 bytes", ContentFault::AbsurdBox),
        ("U12", "an address here", ContentFault::UrlHere),
        ("U12", "an address elsewhere", ContentFault::UrlElsewhere),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_answers_a_download_the_clip_arrives_whole_once_it_is_well_again() {
    let (fake, app) = stage().await;
    let mut stories: Vec<(&str, &str, ContentFault)> = downloads_only();
    stories.extend(anywhere().into_iter().map(|case| (case.number, case.what, case.fault.into())));
    let mut rows = Vec::new();
    for (number, what, fault) in stories {
        let prompt = format!("{number} {what}");
        fake.hold();
        let clip = app.browser.paid(&prompt).await;
        app.until_state(&clip, "in_progress").await;
        let job = fake.jobs().into_iter().find(|job| job.prompt == prompt).unwrap().id;
        // What was begun and broke off is asked for from where it was.
        if number == "U46" {
            fake.on_content(ContentFault::CutAt(9_000)).about(&job).times(1);
        }
        fake.on_content(fault).about(&job).times(2);
        fake.finish(&job);
        let end = app
            .until_by(step(what), &prompt, || async {
                let drawn = app.browser.page(&clip).await.generations().remove(0);
                matches!(drawn.state.as_str(), "completed" | "failed").then_some(drawn)
            })
            .await;
        assert_eq!(end.state, "completed", "{prompt}: {}", end.text);
        rows.push(format!("| {number} | {what} | 1 | 1 | {} |", end.state));
    }
    let keys = fake.requests_elsewhere();
    assert!(keys.iter().all(|record| record.authorization().is_none()));
    let head = "| Fault | Two downloads are answered by | Creates | Paid | In the end, by itself |";
    same_as_written("download.md", "Faults of a download", head, &rows);
    check_all(app, &fake).await;
}
