//! Clocks that are set: by people, by time servers, by a night's sleep. Nothing is paid twice, nothing waits for years.

use std::time::Duration;

use rushes::domain::Millis;
use tempfile::TempDir;

use crate::app::{START, TestApp, gateway};
use crate::invariants::check_all;
use crate::upstream::{ContentFault, FakeUpstream, Fault};

const HOUR: i64 = 3_600_000;
/// What the clock is set to, from START.
const JUMPS: [(&str, i64); 6] = [
    ("an hour on", HOUR),
    ("an hour back", -HOUR),
    ("eight hours of sleep", 8 * HOUR),
    ("ten years on", 10 * 365 * 24 * HOUR),
    ("a leap second back", -1_000),
    ("1970", -1_795_300_000_000),
];

fn moved(by: i64) -> Millis {
    Millis::from_i64((START.as_i64() + by).max(0))
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_clock_is_set_to_every_clip_goes_on_within_minutes_and_is_paid_once() {
    for (what, by) in JUMPS {
        let fake = FakeUpstream::start().await;
        fake.set_now(START.as_i64() / 1000);
        let app = TestApp::with(TempDir::new().unwrap(), false, vec![gateway(&fake, 8)]).await;
        fake.hold();
        let running = app.browser.paid("Running").await;
        app.until_state(&running, "in_progress").await;
        // One whose file breaks off, and one that was put off for a while.
        let broken = fake.jobs()[0].id.clone();
        fake.on_content(ContentFault::CutAt(9_000)).about(&broken).always();
        fake.finish(&broken);
        app.until_state(&running, "downloading").await;
        fake.on_create(Fault::RateLimited(Some("600".to_owned()))).about("Put off");
        let put_off = app.browser.paid("Put off").await;
        app.until("a wait", || async {
            app.browser.page(&put_off).await.text().contains("Rate limited").then_some(())
        })
        .await;

        app.clock.set(moved(by));
        fake.set_now(moved(by).as_i64() / 1000);
        fake.stop_holding();
        fake.recovers();
        let begun = app.clock.now();
        app.until_state(&running, "completed").await;
        app.until_by(Duration::from_secs(5), "the end of a wait", || async {
            (app.browser.page(&put_off).await.generations()[0].state == "completed").then_some(())
        })
        .await;
        // The wait was ten minutes, and nothing else is longer than an hour.
        assert!(app.clock.now().since(begun) <= Duration::from_mins(61), "{what}");
        let later = app.browser.paid("Afterwards").await;
        app.until_state(&later, "completed").await;
        for page in ["/", "/queue", "/trash", "/settings", "/usage", "/health"] {
            assert_eq!(app.browser.get(page).await.status(), 200, "{what}: {page}");
        }
        for prompt in ["Running", "Put off", "Afterwards"] {
            assert_eq!(fake.paid_for(prompt), 1, "{what}: {prompt}");
        }
        check_all(app, &fake).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_set_while_the_server_was_off_holds_nothing_up() {
    for (what, by) in JUMPS {
        let fake = FakeUpstream::start().await;
        fake.set_now(START.as_i64() / 1000);
        let app = TestApp::with(TempDir::new().unwrap(), false, vec![gateway(&fake, 8)]).await;
        fake.on_create(Fault::RateLimited(Some("600".to_owned()))).about("Put off");
        let put_off = app.browser.paid("Put off").await;
        app.until("a wait", || async {
            app.browser.page(&put_off).await.text().contains("Rate limited").then_some(())
        })
        .await;
        let data = app.stop().await;
        fake.set_now(moved(by).as_i64() / 1000);
        let app = TestApp::told(data, moved(by), |config| config.upstreams = vec![gateway(&fake, 8)]).await;
        let begun = app.clock.now();
        app.until_by(Duration::from_secs(10), "the end of a wait", || async {
            (app.browser.page(&put_off).await.generations()[0].state == "completed").then_some(())
        })
        .await;
        // Nothing that ran saw the clock go back; no wait is taken for longer than three hours.
        assert!(app.clock.now().since(begun) <= Duration::from_mins(182), "{what}");
        assert_eq!(fake.paid_for("Put off"), 1, "{what}");
        check_all(app, &fake).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_whose_clock_is_wrong_is_never_taken_at_its_word_and_paid_once() {
    for minutes in [-10, 10, -3 * 60, 3 * 60] {
        let fake = FakeUpstream::start().await;
        fake.set_now(START.as_i64() / 1000 + minutes * 60);
        let app = TestApp::before(&fake).await;
        fake.on_create(Fault::VanishAfterReading).about("Lost");
        let lost = app.browser.paid("Lost").await;
        let end = app
            .until("an end", || async {
                let page = app.browser.page(&lost).await;
                let is_told = page.text().contains("No job like it");
                let state = page.generations()[0].state.clone();
                (state == "completed" || (state == "uncertain" && is_told)).then_some(state)
            })
            .await;
        println!("upstream {minutes} min off: {end}");
        assert_eq!((fake.creates().len(), fake.paid_for("Lost")), (1, 1));
        // An expiry that lies in its own time is no reason to give a file up.
        let other = app.browser.paid("Kept").await;
        app.until_state(&other, "completed").await;
        check_all(app, &fake).await;
    }
}
