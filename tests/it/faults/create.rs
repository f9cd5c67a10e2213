//! Faults of a create: the only question that costs money.

use super::{anywhere, same_as_written, sentence, stage, step};
use crate::invariants::check_all;
use crate::upstream::{CreateFault, Fault, ListFault};

/// What only a create can meet.
fn creates_only() -> Vec<(&'static str, &'static str, CreateFault)> {
    vec![
        ("U18", "no id", CreateFault::NoId),
        ("U18", "the id is null", CreateFault::NullId),
        ("U18", "the id is a number", CreateFault::NumericId),
        ("U18", "an id of 10 kB", CreateFault::LongId),
        ("U18", "an id with `/../`", CreateFault::PathId),
        ("U18", "an id like LiteLLM's", CreateFault::LiteLlmId),
        ("U32", "the id of another job", CreateFault::IdOfAnother),
        ("U10", "400, the content policy", CreateFault::NotAcceptedAnd(Fault::Moderation)),
        ("U11", "404, no such model", CreateFault::NotAcceptedAnd(Fault::ModelNotFound)),
        ("U24", "400, a setting that it does not take", CreateFault::NotAcceptedAnd(Fault::Invalid)),
        ("U1", "500, and the job was made", CreateFault::AcceptedBut(Fault::Status(500))),
        ("U2", "502, a web page, and the job was made", CreateFault::AcceptedBut(Fault::HtmlPage(502))),
        ("U4", "504, and the job was made", CreateFault::AcceptedBut(Fault::Status(504))),
        ("U27", "reset before it was read", Fault::ResetBeforeReading.into()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_answers_a_create_it_is_sent_once_and_the_person_reads_what_became_of_it() {
    let (fake, app) = stage().await;
    let mut stories: Vec<(&str, &str, CreateFault)> = creates_only();
    stories.extend(anywhere().into_iter().map(|case| (case.number, case.what, case.fault.into())));
    // Some job must be there whose id can be told wrongly.
    let first = app.browser.paid("The first").await;
    app.until_state(&first, "completed").await;
    let mut rows = Vec::new();
    for (number, what, fault) in stories {
        let prompt = format!("{number} {what}");
        let early = matches!(fault, CreateFault::Any(Fault::ResetBeforeReading));
        fake.on_create(fault).about(if early { "" } else { &prompt });
        // Nobody finds it in the list before it was looked at.
        fake.on_list(ListFault::NothingListed).always();
        let before = fake.creates_unread().len();
        let clip = app.browser.paid(&prompt).await;
        let ends = ["uncertain", "failed", "completed"];
        // What it is once the answer was taken in: a queued one says why it was put off.
        let told = app
            .until(&prompt, || async {
                let drawn = app.browser.page(&clip).await.generations().remove(0);
                let sent = fake.creates().iter().any(|record| record.prompt() == prompt)
                    || fake.creates_unread().len() > before;
                let is_put_off = drawn.state == "queued" && drawn.text.contains("Nothing was charged");
                (sent && (is_put_off || ends.contains(&drawn.state.as_str()))).then_some(drawn)
            })
            .await;
        fake.recovers();
        // What becomes of it without anybody doing anything.
        let end = app
            .until_by(step(what), &prompt, || async {
                fake.set_now(app.clock.now().as_i64() / 1000);
                let page = app.browser.page(&clip).await;
                let drawn = page.generations().remove(0);
                let is_settled = drawn.state == "uncertain" && page.text().contains("it was not made");
                (is_settled || matches!(drawn.state.as_str(), "completed" | "failed")).then_some(drawn)
            })
            .await;
        let creates = fake.creates().iter().filter(|record| record.prompt() == prompt).count()
            + (fake.creates_unread().len() - before);
        let paid = fake.paid_for(&prompt);
        assert!(paid <= 1, "{prompt}: paid {paid} times");
        let words = if told.state == "completed" { String::new() } else { sentence(&told.text, &prompt) };
        rows.push(format!("| {number} | {what} | {} | {creates} | {paid} | {} | {words} |", told.state, end.state));
    }
    let head = "| Fault | The create is answered by | The clip is then | Creates | Paid | In the end | What the person reads |";
    same_as_written("create.md", "Faults of a create", head, &rows);
    check_all(app, &fake).await;
}
