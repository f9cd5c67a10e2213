//! A fair queue: turns by weight, limits that delay and never refuse, the relaxed lane.

use std::time::Duration;

use super::{signed_in, team, told};
use crate::app::{Browser, TestApp};
use crate::upstream::FakeUpstream;

async fn many(browser: &Browser, prompt: &str, clips: usize) {
    for _ in 0..clips.div_ceil(4) {
        let fields = [("prompt", prompt), ("model", "sora-2"), ("seconds", "4"), ("variations", "4")];
        assert_eq!(browser.create(&fields).await.status(), 303, "at once delays, and never refuses");
    }
}

/// Lets the upstream work until it was sent so many; the prompts in the order in which they came.
async fn sent(app: &TestApp, fake: &FakeUpstream, clips: usize) -> Vec<String> {
    app.until("as many creates", || async {
        fake.finish_all();
        (fake.paid().len() >= clips).then_some(())
    })
    .await;
    fake.paid_prompts().into_iter().take(clips).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pro_has_three_turns_for_one_of_plus_and_plus_is_never_starved() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = team(&fake, 2).await;
    told(app.data.path(), &["plan", "set", "plus", "generations_per_day=100"]);
    let (mia, paul) = (signed_in(&app, "mia").await, signed_in(&app, "paul").await);
    many(&mia, "of plus", 40).await;
    many(&paul, "of pro", 40).await;
    let order = sent(&app, &fake, 44).await;
    // Two of Mia's had begun before Paul came.
    let turns = &order[2..42];
    let pro = turns.iter().filter(|prompt| *prompt == "of pro").count();
    assert!((28..=32).contains(&pro), "{pro} of 40 turns: {order:?}");
    let longest = turns.split(|prompt| prompt == "of plus").map(<[String]>::len).max().unwrap();
    assert!(longest <= 4, "plus waited for {longest} turns: {order:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_of_one_person_run_at_once_than_their_plan_says() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = team(&fake, 6).await;
    told(app.data.path(), &["plan", "set", "plus", "at_once=2", "generations_per_day="]);
    let mia = signed_in(&app, "mia").await;
    many(&mia, "of plus", 8).await;
    sent(&app, &fake, 2).await;
    for _ in 0..20 {
        app.clock.advance(Duration::from_millis(250));
        let running = mia
            .page("/")
            .await
            .generations()
            .iter()
            .filter(|clip| matches!(clip.state.as_str(), "submitting" | "in_progress"))
            .count();
        assert!(running <= 2, "{running} run at once");
    }
    // Raised by an admin, taken at once.
    told(app.data.path(), &["plan", "set", "plus", "at_once=5"]);
    app.until("five at once", || async {
        let clips = mia.page("/").await.generations();
        (clips.iter().filter(|clip| clip.state == "in_progress").count() == 5).then_some(())
    })
    .await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_a_relaxed_cap_clips_run_when_nothing_else_waits_and_the_queue_says_so() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = team(&fake, 1).await;
    told(app.data.path(), &["plan", "set", "plus", "generations_per_day=1", "at_cap=relaxed"]);
    let (mia, paul) = (signed_in(&app, "mia").await, signed_in(&app, "paul").await);
    for prompt in ["first of mia", "beyond the cap"] {
        assert_eq!(mia.create(&[("prompt", prompt), ("model", "sora-2"), ("seconds", "4")]).await.status(), 303);
    }
    many(&paul, "of paul", 8).await;
    let page = mia.page("/queue").await;
    assert!(page.text().contains("relaxed, since a cap is reached: goes when nothing else waits"), "{}", page.text());
    let order = sent(&app, &fake, 10).await;
    assert_eq!(order.last().unwrap(), "beyond the cap", "{order:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_page_tells_the_order_that_comes_and_why() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = team(&fake, 1).await;
    let (mia, paul) = (signed_in(&app, "mia").await, signed_in(&app, "paul").await);
    many(&mia, "of plus", 4).await;
    many(&paul, "of pro", 8).await;
    app.until("the first call", || async { (fake.paid().len() == 1).then_some(()) }).await;
    let page = paul.page("/queue").await;
    assert!(page.text().contains("next, because"), "{}", page.text());
    let told: Vec<String> =
        page.all("li[data-state='queued'] .what a").iter().map(|link| link.text().collect::<String>()).collect();
    assert_eq!(told.len(), 11);
    let came = sent(&app, &fake, 12).await;
    assert_eq!(told, came[1..], "the order told is the order kept");
    app.stop().await;
}
