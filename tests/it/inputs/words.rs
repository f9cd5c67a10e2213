//! F12: words that people type, in every field that keeps them, on every page that shows them.

use super::{dice, share};
use crate::app::TestApp;
use crate::invariants::check_all;
use crate::upstream::FakeUpstream;

/// What has broken pages, lists, databases and terminals before.
const CORPUS: [&str; 30] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "{{7*7}} ${7*7} <%= 7*7 %> {% raw %}",
    "<!--",
    "-->",
    "]]>",
    "'; drop table task; --",
    "\" or 1=1 --",
    "%s%n%x %00 %0d%0a",
    "\u{202e}txt.exe",
    "\u{200b}\u{feff}\u{2066}a\u{2069}",
    "Z\u{351}\u{36b}\u{343}\u{36a}a\u{302}\u{36b}l\u{353}g\u{33b}o",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "狐が雪の中を走る",
    "ثعلب يجري في الثلج",
    "शेर और लोमड़ी",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1}\u{2}\u{7f}",
    "\u{fffd}\u{ffff}\u{10ffff}",
    "NULL",
    "undefined",
    "NaN",
    "0",
    "-1",
    "true",
    "CON",
];

#[tokio::test(flavor = "multi_thread")]
async fn words_of_any_kind_are_kept_shown_and_sent_as_they_were_typed() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let tries = share(300);
    let mut dice = dice("F12 words", tries);
    for number in 0..tries {
        let one = CORPUS[number % CORPUS.len()];
        let two = CORPUS[dice.usize(0..CORPUS.len())];
        let words = format!("n{number} {one} {two}");
        let pressed = app.browser.create(&[("prompt", &words), ("model", "sora-2"), ("seconds", "4")]).await;
        // Signs that steer a terminal are no prompt; it is said so, and the words stay in the form.
        if pressed.status() != 303 {
            assert_eq!(pressed.status(), 422, "{words:?}");
            continue;
        }
        let task = pressed.headers()["location"].to_str().unwrap().to_owned();
        let clip = format!("/g/{}", app.browser.page(&task).await.generations()[0].id);
        app.until_state(&clip, "completed").await;
        let sent = fake.creates().last().unwrap().prompt().to_owned();
        assert!(sent.contains(one) || sent == words.trim(), "{words:?} was sent as {sent:?}");
        let short: String = words.chars().take(60).collect();
        let fields = [("title", short.as_str()), ("notes", words.as_str())];
        assert!(app.browser.post_form(&format!("{clip}/words"), &fields).await.status().as_u16() < 500);
        assert!(app.browser.post_form("/folders", &[("name", &short)]).await.status().as_u16() < 500);
        let query = url::form_urlencoded::byte_serialize(words.as_bytes()).collect::<String>();
        let search = format!("/?q={query}");
        for path in ["/", "/queue", "/activity", "/usage", "/compose", clip.as_str(), task.as_str(), search.as_str()] {
            let answer = app.browser.get(path).await;
            assert_eq!(answer.status(), 200, "{path} with {words:?}");
            let text = answer.text().await.unwrap();
            for live in ["<script>alert", "<img src=x", "<svg/onload", "\u{1b}[31m", "49 ${"] {
                assert!(!text.contains(live), "{path} with {words:?} holds {live:?}");
            }
        }
    }
    check_all(app, &fake).await;
}
