//! Caps, budgets and the record of money.

use std::time::Duration;

use serde_json::Value;

use super::{signed_in, team, told};
use crate::app::{Browser, TestApp};
use crate::invariants;
use crate::upstream::{FakeUpstream, Fault};

async fn create(browser: &Browser, prompt: &str, variations: &str) -> reqwest::Response {
    browser.create(&[("prompt", prompt), ("model", "sora-2"), ("seconds", "4"), ("variations", variations)]).await
}

/// The team, where a second model goes higher.
async fn team_with_two_models(fake: &FakeUpstream) -> TestApp {
    let data = super::people();
    let mut upstream = crate::app::gateway(fake, 2);
    upstream.models[0].sizes.push("1920x1080".parse().unwrap());
    let mut pro = upstream.models[0].clone();
    "sora-2-pro".clone_into(&mut pro.key);
    "sora-2-pro".clone_into(&mut pro.id);
    upstream.models.push(pro);
    TestApp::of_today(data, vec![upstream]).await
}

fn usage(app: &TestApp) -> Value {
    serde_json::from_str(&told(app.data.path(), &["usage", "--json"])).unwrap()
}

async fn all_done(app: &TestApp, fake: &FakeUpstream, browser: &Browser) {
    app.until("the end of everything", || async {
        fake.finish_all();
        let page = browser.page("/").await;
        page.generations()
            .iter()
            .all(|clip| matches!(clip.state.as_str(), "completed" | "failed" | "canceled"))
            .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cap_of_a_day_refuses_with_the_form_the_reason_and_the_time_and_then_moves_on() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    told(app.data.path(), &["plan", "set", "plus", "generations_per_day=3"]);
    let mia = signed_in(&app, "mia").await;
    assert!(mia.page("/").await.text().contains("3 left today"));
    assert_eq!(create(&mia, "A first boat", "2").await.status(), 303);
    app.clock.advance(Duration::from_hours(2));
    assert_eq!(create(&mia, "A second boat", "1").await.status(), 303);
    let refused = create(&mia, "A third boat, typed with care", "1").await;
    assert_eq!(refused.status(), 422);
    let text = refused.text().await.unwrap();
    assert!(text.contains("A third boat, typed with care"), "nothing typed is lost");
    assert!(text.contains("Your plan has 3 generations a day, and 3 are used."), "{text}");
    assert!(text.contains("There is room again to") && text.contains("An owner or admin can raise it."), "{text}");
    // Where there is room for one, there is none for two.
    app.clock.advance(Duration::from_hours(22));
    app.clock.advance(Duration::from_secs(1));
    assert!(mia.page("/").await.text().contains("2 left today"), "the first two are a day old");
    assert_eq!(create(&mia, "A fourth boat", "3").await.status(), 422);
    assert_eq!(create(&mia, "A fifth boat", "2").await.status(), 303);
    // An admin raises it, and the running server knows at once.
    told(app.data.path(), &["plan", "set", "plus", "generations_per_day=9"]);
    assert_eq!(create(&mia, "A sixth boat", "1").await.status(), 303);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_presses_at_once_exactly_as_many_pass_as_the_cap_has() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    told(app.data.path(), &["plan", "set", "plus", "generations_per_day=10"]);
    let mia = signed_in(&app, "mia").await;
    let mut presses = tokio::task::JoinSet::new();
    for number in 0..64 {
        let mia = mia.clone();
        presses.spawn(async move { create(&mia, &format!("Boat {number}"), "1").await.status().as_u16() });
    }
    let statuses = presses.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 10, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 303 | 422)), "{statuses:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_or_was_canceled_is_given_back_and_the_record_is_the_upstreams_own() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 4).await;
    told(app.data.path(), &["user", "budget", "mia", "1.60"]);
    let (mia, paul) = (signed_in(&app, "mia").await, signed_in(&app, "paul").await);
    // Four clips of 40 cents fill it.
    assert_eq!(create(&mia, "Good boats", "3").await.status(), 303);
    fake.on_create(Fault::Moderation).about("Bad boat");
    assert_eq!(create(&mia, "Bad boat", "1").await.status(), 303);
    let full = create(&mia, "One too many", "1").await;
    assert_eq!(full.status(), 422);
    assert!(full.text().await.unwrap().contains("You may spend $1.60 in 30 days, and $1.60 is spent or held."));
    all_done(&app, &fake, &mia).await;
    // The refused one is released, so there is room for another.
    assert_eq!(create(&mia, "Another boat", "1").await.status(), 303);
    assert_eq!(create(&paul, "Paul's boat", "1").await.status(), 303);
    all_done(&app, &fake, &mia).await;
    let paid = i64::try_from(fake.paid().len()).unwrap() * 400_000;
    let usage = usage(&app);
    assert_eq!((usage["spent_micros"].as_i64().unwrap(), usage["held_micros"].as_i64().unwrap()), (paid, 0));
    let of = |name: &str| usage["people"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone();
    assert_eq!((of("mia")["spent_micros"].as_i64().unwrap(), of("mia")["clips"].as_i64().unwrap()), (1_600_000, 4));
    assert_eq!(of("paul")["spent_micros"], 400_000);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn budgets_of_all_stop_before_the_call_and_hold_back_what_waits_when_they_are_lowered() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = team(&fake, 1).await;
    told(app.data.path(), &["budget", "upstream:gateway", "0.80"]);
    let (mia, paul) = (signed_in(&app, "mia").await, signed_in(&app, "paul").await);
    assert_eq!(create(&mia, "A boat", "2").await.status(), 303);
    let refused = create(&paul, "One more boat", "1").await;
    assert_eq!(refused.status(), 422);
    let text = refused.text().await.unwrap();
    assert!(
        text.contains("The team may spend $0.80 at this upstream in 30 days, and $0.80 is spent or held."),
        "{text}"
    );
    assert!(
        text.contains("All of the budget for gateway is used.") && text.contains("An owner or admin can raise it.")
    );
    assert!(signed_in(&app, "adam").await.page("/").await.text().contains("You can raise it."));
    app.until("a call", || async { (fake.paid().len() == 1).then_some(()) }).await;
    told(app.data.path(), &["budget", "instance", "0.40"]);
    fake.stop_holding();
    fake.finish_all();
    app.until("one end", || async {
        fake.finish_all();
        mia.page("/").await.generations().iter().any(|clip| clip.state == "completed").then_some(())
    })
    .await;
    for _ in 0..40 {
        app.clock.advance(Duration::from_secs(5));
        mia.get("/health").await;
    }
    assert_eq!(fake.paid().len(), 1, "nothing is sent beyond the budget");
    told(app.data.path(), &["budget", "instance", "none"]);
    all_done(&app, &fake, &mia).await;
    assert_eq!(fake.paid().len(), 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plan_lacks_is_said_beside_the_form_and_no_access_makes_nothing() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let mia = signed_in(&app, "mia").await;
    for (setting, words) in [
        ("models=another", "Your plan does not have this model."),
        ("largest=480p", "Your plan goes up to 480p."),
        ("longest=2", "Your plan goes up to 2 s a clip."),
        ("seconds_per_month=3", "Your plan has 3 s of video in 30 days, and 0 are used."),
        ("may_create=false", "Your plan is to look, not to make clips."),
    ] {
        told(app.data.path(), &["plan", "set", "plus", setting]);
        let refused = create(&mia, "A boat", "1").await;
        assert_eq!(refused.status(), 422, "{setting}");
        let text = refused.text().await.unwrap();
        assert!(text.contains(words), "{setting}: {text}");
        let back = match setting.split_once('=').unwrap().0 {
            "may_create" => "may_create=true".to_owned(),
            key => format!("{key}="),
        };
        told(app.data.path(), &["plan", "set", "plus", &back]);
    }
    assert_eq!(create(&mia, "A boat", "1").await.status(), 303);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_into_the_storage_of_a_plan_is_not_kept() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    told(app.data.path(), &["plan", "set", "plus", "storage_gb=0"]);
    let mia = signed_in(&app, "mia").await;
    let refused = create(&mia, "A boat", "1").await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("Your clips fill the 0 GB of your plan."));
    let part = reqwest::multipart::Part::bytes(crate::upstream::clip::clip_of_bytes(40_000)).file_name("boat.mp4");
    let form = reqwest::multipart::Form::new().part("file", part);
    let sent = mia.client().post(mia.url("/uploads")).multipart(form).send().await.unwrap();
    let text = sent.text().await.unwrap();
    assert!(text.contains("boat.mp4 was not kept. Your clips fill the 0 GB of your plan."), "{text}");
    assert!(mia.page("/uploads").await.generations().is_empty());
    told(app.data.path(), &["plan", "set", "plus", "storage_gb=1"]);
    assert_eq!(create(&mia, "A boat", "1").await.status(), 303);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_stops_retries_and_rerolls_and_changes_of_what_waits_too() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = team(&fake, 1).await;
    told(app.data.path(), &["plan", "set", "plus", "generations_per_day=2", "seconds_per_day=8"]);
    let mia = signed_in(&app, "mia").await;
    let task = mia.created(&[("prompt", "A boat"), ("model", "sora-2"), ("seconds", "4"), ("variations", "2")]).await;
    let waiting = app
        .until("one waiting", || async {
            let clips = mia.page(&task).await.generations();
            let runs = clips.iter().any(|clip| clip.state == "in_progress");
            clips.into_iter().find(|clip| clip.state == "queued").filter(|_| runs)
        })
        .await;
    mia.press(&format!("/g/{}", waiting.id), "cancel").await;
    // There is room for one again, and another takes it.
    let other = mia.created(&[("prompt", "Another boat"), ("model", "sora-2"), ("seconds", "4")]).await;
    let retried = mia.post(&format!("/g/{}/retry", waiting.id)).await;
    assert_eq!(retried.status(), 422);
    assert!(retried.text().await.unwrap().contains("Your plan has 2 generations a day"));
    let longer = [("prompt", "Another boat"), ("model", "sora-2"), ("seconds", "8")];
    let form = longer.iter().fold(reqwest::multipart::Form::new(), |form, (name, value)| form.text(*name, *value));
    let changed = mia.client().post(mia.url(&format!("{other}/edit"))).multipart(form).send().await.unwrap();
    assert_eq!(changed.status(), 422);
    assert!(changed.text().await.unwrap().contains("8 s of video a day"));
    let data = app.stop().await;
    let sum = "select coalesce(sum(seconds), 0) from entry";
    assert_eq!(invariants::count(data.path(), sum).await, 8, "what was refused changed nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plan_lacks_is_seen_and_cannot_be_chosen_and_a_form_that_asks_for_it_is_told() {
    let fake = FakeUpstream::start().await;
    let app = team_with_two_models(&fake).await;
    let set = ["plan", "set", "plus", "models=sora-2", "largest=720p", "longest=4"];
    told(app.data.path(), &set);
    let mia = signed_in(&app, "mia").await;
    let page = mia.page("/").await;
    let locked = |page: &crate::page::Page, field: &str| -> Vec<String> {
        let choices = page.all(&format!("#sheet input[name={field}][disabled]"));
        choices.iter().map(|choice| choice.value().attr("value").unwrap().to_owned()).collect()
    };
    assert_eq!(locked(&page, "model"), ["sora-2-pro"]);
    assert_eq!(locked(&page, "resolution"), ["1080p"]);
    assert_eq!(locked(&page, "seconds"), ["8", "12"]);
    let sheet = page.one("#sheet").text().collect::<String>();
    for reason in ["Your plan lacks the others.", "Your plan goes up to 720p.", "Your plan goes up to 4 s."] {
        assert!(sheet.contains(reason), "{sheet}");
    }
    for (field, value) in [("model", "sora-2"), ("resolution", "720p"), ("seconds", "4")] {
        let chosen = page.attribute(&format!("#sheet input[name={field}][checked]"), "value");
        assert_eq!(chosen.as_deref(), Some(value));
    }
    // A form that was open before the plan changed is refused as it was typed.
    let fields = [("prompt", "A long boat"), ("model", "sora-2"), ("seconds", "12"), ("resolution", "720p")];
    let refused = mia.create(&fields).await;
    assert_eq!(refused.status(), 422);
    let page = crate::page::Page::read(&refused.text().await.unwrap());
    assert!(page.text().contains("Your plan goes up to 4 s a clip."));
    assert_eq!(page.attribute("#sheet input[name=seconds][checked]", "value").as_deref(), Some("12"));
    let olga = signed_in(&app, "olga").await;
    assert!(olga.page("/").await.all("#sheet input[disabled]").is_empty(), "who has no limits sees none");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_at_the_cap_says_when_there_is_room_again() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    told(app.data.path(), &["plan", "set", "plus", "generations_per_day=1"]);
    let mia = signed_in(&app, "mia").await;
    fake.on_create(Fault::Moderation).about("Bad boat");
    let task = mia.created(&[("prompt", "Bad boat"), ("model", "sora-2"), ("seconds", "4")]).await;
    let clip = format!("/g/{}", mia.page(&task).await.generations()[0].id);
    app.until_state_as(&mia, &clip, "failed").await;
    assert_eq!(create(&mia, "A boat", "1").await.status(), 303);
    let refused = mia.post(&format!("{clip}/retry")).await;
    assert_eq!(refused.status(), 422);
    let text = refused.text().await.unwrap();
    assert!(text.contains("and 1 are used. There is room again to"), "{text}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_an_upstreams_budget_has_room_again_is_told_by_what_was_spent_there() {
    let fake = FakeUpstream::start().await;
    let other = FakeUpstream::start().await;
    let data = tempfile::TempDir::new().unwrap();
    super::add(data.path(), "olga", "owner", "unlimited");
    let mut elsewhere = crate::app::gateway(&other, 2);
    elsewhere.name = "elsewhere".to_owned();
    elsewhere.models[0].upstream = "elsewhere".to_owned();
    elsewhere.models[0].key = "elsewhere/sora-2".to_owned();
    let app = TestApp::of_today(data, vec![crate::app::gateway(&fake, 2), elsewhere]).await;
    told(app.data.path(), &["budget", "upstream:gateway", "0.40"]);
    let olga = signed_in(&app, "olga").await;
    let there = [("prompt", "A boat there"), ("model", "elsewhere/sora-2"), ("seconds", "4")];
    assert_eq!(olga.create(&there).await.status(), 303);
    // A day passes before anything is spent here.
    app.clock.advance(Duration::from_hours(48));
    assert_eq!(create(&olga, "A boat", "1").await.status(), 303);
    let refused = create(&olga, "One more", "1").await;
    assert_eq!(refused.status(), 422);
    let text = refused.text().await.unwrap();
    let at = jiff::Timestamp::from_millisecond(app.clock.now().as_i64()).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
    let back = at.checked_add(jiff::Span::new().days(30)).unwrap().strftime("on %-d %B").to_string();
    assert!(text.contains(&format!("There is room again {back}")), "{back}: {text}");
    app.stop().await;
}
