//! The whole of it: an admin, a Plus and a Pro member over one upstream with two slots; and the record of money
//! under stories that nobody wrote.

use std::time::Duration;

use super::{signed_in, team, told};
use crate::app::{Browser, TestApp};
use crate::invariants;
use crate::upstream::{FakeUpstream, Fault};

async fn press(browser: &Browser, prompt: &str, visibility: &str) -> u16 {
    let fields =
        [("prompt", prompt), ("model", "sora-2"), ("seconds", "4"), ("variations", "2"), ("visibility", visibility)];
    browser.create(&fields).await.status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_a_plus_and_a_pro_member_share_an_account_fairly_within_budget_and_unseen() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = team(&fake, 2).await;
    told(app.data.path(), &["plan", "set", "plus", "generations_per_day=12"]);
    told(app.data.path(), &["plan", "set", "pro", "generations_per_day=24"]);
    let (adam, mia, paul) =
        (signed_in(&app, "adam").await, signed_in(&app, "mia").await, signed_in(&app, "paul").await);
    // All three press at once, the members until they are told to stop.
    let spree = |browser: Browser, prompt: &'static str, visibility: &'static str| async move {
        let mut passed = 0;
        loop {
            match press(&browser, prompt, visibility).await {
                303 => passed += 2,
                422 => return passed,
                other => panic!("{prompt}: {other}"),
            }
        }
    };
    let (plus, pro, _) = tokio::join!(
        spree(mia.clone(), "plus, kept to herself", "private"),
        spree(paul.clone(), "pro, kept to himself", "private"),
        press(&adam, "an admin's, for all", "team"),
    );
    assert_eq!((plus, pro), (12, 24), "caps bite at the right moment");
    let refused = mia.create(&[("prompt", "one more"), ("model", "sora-2"), ("seconds", "4")]).await;
    assert!(refused.text().await.unwrap().contains("Your plan has 12 generations a day, and 12 are used."));
    app.until("everything was sent", || async {
        fake.finish_all();
        (fake.paid().len() == 38).then_some(())
    })
    .await;
    let order = fake.paid_prompts();
    // While both wait, Pro has three turns for one of Plus, and Plus is never left out for long.
    let both = &order[6..34];
    let of = |who: &str| both.iter().filter(|prompt| prompt.starts_with(who)).count();
    assert!(of("pro") > of("plus") * 2, "{order:?}");
    let longest = both.split(|prompt| prompt.starts_with("plus")).map(<[String]>::len).max().unwrap();
    assert!(longest <= 6, "plus waited for {longest} turns: {order:?}");
    app.until("everything is there", || async {
        fake.finish_all();
        let usage = told(app.data.path(), &["usage", "--json"]);
        let usage: serde_json::Value = serde_json::from_str(&usage).unwrap();
        (usage["held_micros"] == 0).then_some(usage)
    })
    .await;
    let usage: serde_json::Value = serde_json::from_str(&told(app.data.path(), &["usage", "--json"])).unwrap();
    let paid = i64::try_from(fake.paid().len()).unwrap() * 400_000;
    assert_eq!(usage["spent_micros"].as_i64().unwrap(), paid, "to the cent");
    for (browser, own) in [(&adam, ""), (&mia, "herself"), (&paul, "himself")] {
        let wall = browser.page("/").await.text() + &browser.page("/queue").await.text();
        for secret in ["herself", "himself"] {
            assert_eq!(wall.contains(secret), secret == own, "{own} sees {secret}");
        }
        assert!(wall.contains("an admin's, for all"));
    }
    app.stop().await;
}

/// Presses something at random on what the wall shows.
async fn meddle(app: &TestApp, fake: &FakeUpstream, browser: &Browser, random: &mut fastrand::Rng) {
    let clips = browser.page("/").await.generations();
    let Some(clip) = random.choice(&clips) else { return };
    let verb = match clip.state.as_str() {
        "queued" | "submitting" | "in_progress" => "cancel",
        "failed" | "canceled" => "retry",
        "uncertain" => random.choice(["send-again", "give-up"]).unwrap(),
        "completed" => "delete",
        _ => "check",
    };
    if random.u8(0..3) > 0 {
        browser.post(&format!("/g/{}/{verb}", clip.id)).await;
    }
    if random.bool() {
        fake.finish_all();
    }
    app.clock.advance(Duration::from_millis(random.u64(100..20_000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn under_any_interleaving_the_record_of_money_says_what_became_of_each_clip() {
    for seed in 0..6 {
        let fake = FakeUpstream::start().await;
        fake.hold();
        let app = TestApp::before(&fake).await;
        let mut random = fastrand::Rng::with_seed(seed);
        for step in 0..40 {
            match random.u8(0..6) {
                0 | 1 => drop(press(&app.browser, &format!("story {seed}, step {step}"), "team").await),
                2 => drop(fake.on_create(Fault::Moderation)),
                3 => drop(fake.on_create(Fault::Status(500))),
                _ => meddle(&app, &fake, &app.browser, &mut random).await,
            }
        }
        let data = app.stop().await;
        invariants::the_ledger_agrees(data.path()).await;
    }
}
