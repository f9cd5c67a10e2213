//! Faults of the list in which lost creates are looked for: nothing is taken for the clip that is not certain.

use super::{anywhere, same_as_written, stage, step};
use crate::invariants::check_all;
use crate::upstream::{Fault, ListFault};

/// What only a list can meet.
fn lists_only() -> Vec<(&'static str, &'static str, ListFault)> {
    vec![
        ("U40", "nothing is listed yet", ListFault::NothingListed),
        ("U40", "the newest is not listed yet", ListFault::NewestMissing),
        ("U41", "the wrong order", ListFault::WrongOrder),
        ("U41", "the same page without end", ListFault::SamePageAgain),
        ("U41", "no prompts", ListFault::PromptsAreNull),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_answers_the_list_a_lost_create_is_found_once_it_is_well_again_and_never_sent_twice() {
    let (fake, app) = stage().await;
    let mut stories: Vec<(&str, &str, ListFault)> = lists_only();
    stories.extend(anywhere().into_iter().map(|case| (case.number, case.what, case.fault.into())));
    let mut rows = Vec::new();
    for (number, what, fault) in stories {
        let prompt = format!("{number} {what}");
        let before = fake.lists().len();
        fake.on_list(fault).times(2);
        fake.on_create(Fault::VanishAfterReading).about(&prompt);
        let clip = app.browser.paid(&prompt).await;
        app.until(&prompt, || async {
            fake.set_now(app.clock.now().as_i64() / 1000);
            let state = app.browser.page(&clip).await.generations().remove(0).state;
            (fake.lists().len() > before && matches!(state.as_str(), "uncertain" | "completed")).then_some(())
        })
        .await;
        app.until_by(step(what), &prompt, || async {
            fake.set_now(app.clock.now().as_i64() / 1000);
            (app.browser.page(&clip).await.generations()[0].state == "completed").then_some(())
        })
        .await;
        fake.recovers();
        assert_eq!(fake.creates().iter().filter(|record| record.prompt() == prompt).count(), 1, "{prompt}");
        rows.push(format!("| {number} | {what} | 1 | 1 | completed |"));
    }
    let head = "| Fault | The list is answered by | Creates | Paid | In the end, by itself |";
    same_as_written("list.md", "Faults of a list", head, &rows);
    check_all(app, &fake).await;
}
