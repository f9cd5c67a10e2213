//! Finding: search, filters, order and pages of the wall, over a seeded library and over clips of one's own.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitStatus;

use tempfile::TempDir;
use tokio::process::Command;

use crate::app::TestApp;
use crate::page::{Drawn, Page};
use crate::upstream::FakeUpstream;

/// Rushes over so many seeded clips. Another process sows: ids only grow within one.
async fn seeded(many: u32) -> TestApp {
    let data = TempDir::new().unwrap();
    let status = sow(data.path(), many).await;
    assert!(status.success());
    TestApp::with(data, false, Vec::new()).await
}

async fn sow(data: &Path, many: u32) -> ExitStatus {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rushes"));
    command.args(["seed", "--generations", &many.to_string(), "--data"]).arg(data);
    command.stderr(std::process::Stdio::null()).status().await.unwrap()
}

/// The day so many days ago, as filters are typed.
fn day(ago: i64) -> String {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::system());
    now.date().saturating_sub(jiff::Span::new().days(ago)).to_string()
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn find(app: &TestApp, words: &str) -> Page {
    app.browser.page(&format!("/?q={}", encoded(words))).await
}

/// Every clip that an address leads to, page by page, as a person without script turns them.
async fn all(app: &TestApp, address: &str) -> Vec<Drawn> {
    let (mut found, mut next) = (Vec::new(), Some(address.to_owned()));
    let mut pages = 0;
    while let Some(path) = next {
        let page = app.browser.page(&path).await;
        found.extend(page.generations());
        next = page.attribute("#more a", "href");
        pages += 1;
        assert!(pages < 200, "{address} never ends");
    }
    found
}

fn ids(clips: &[Drawn]) -> Vec<&str> {
    clips.iter().map(|clip| clip.id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_clip_is_on_the_wall_once_and_the_newest_comes_first() {
    let app = seeded(700).await;
    let wall = all(&app, "/").await;
    let trash = all(&app, "/trash").await;
    assert_eq!(wall.len() + trash.len(), 700);
    assert!(!trash.is_empty());
    let mut sorted = ids(&wall);
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(ids(&wall), sorted);
    let mut oldest = all(&app, "/?sort=oldest").await;
    oldest.reverse();
    assert_eq!(ids(&oldest), ids(&wall));
    assert_eq!(ids(&all(&app, "/mine").await), ids(&wall));
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_together_find_what_each_of_them_finds() {
    let app = seeded(700).await;
    let every = all(&app, "/").await;
    let set = async |words: &str| -> BTreeSet<String> {
        let clips = all(&app, &format!("/?q={}", encoded(words))).await;
        let set: BTreeSet<String> = clips.iter().map(|clip| clip.id.clone()).collect();
        assert_eq!(set.len(), clips.len(), "{words} shows a clip twice");
        set
    };
    let mut states = 0;
    for word in ["done", "failed", "waiting", "canceled", "uncertain", "running"] {
        let found = set(&format!("status:{word}")).await;
        states += found.len();
        let known = [("done", "completed"), ("failed", "failed"), ("waiting", "queued"), ("canceled", "canceled")];
        if let Some((_, state)) = known.iter().find(|(other, _)| *other == word) {
            assert_eq!(found.len(), every.iter().filter(|clip| clip.state == *state).count(), "{word}");
        }
    }
    assert_eq!(states, every.len());
    let (river, model, ratio) = (set("river").await, set("model:\"sora-2\"").await, set("ratio:9x16").await);
    assert!(river.len() > 30 && river.len() < every.len() / 2, "{}", river.len());
    let (favorite, longer) = (set("is:favorite").await, set("longer:8").await);
    let together = set("river model:sora-2 ratio:9:16 longer:8").await;
    let expected: BTreeSet<String> =
        river.iter().filter(|id| model.contains(*id) && ratio.contains(*id) && longer.contains(*id)).cloned().collect();
    assert_eq!(together, expected);
    assert_eq!(set("river is:favorite").await, river.intersection(&favorite).cloned().collect());
    assert_eq!(set("-river").await.len(), every.len(), "what is only left out leaves everything");
    assert_eq!(set("fox -river").await, set("fox").await.difference(&river).cloned().collect());
    assert_eq!(set("status:failed is:best").await, BTreeSet::new());
    let (before, after) = (set(&format!("before:{}", day(200))).await, set(&format!("after:{}", day(200))).await);
    assert_eq!(before.len() + after.len(), every.len());
    assert!(before.intersection(&after).next().is_none() && !before.is_empty() && !after.is_empty());
    assert_eq!(set("by:me").await.len(), every.len());
    assert_eq!(set("by:nobody").await, BTreeSet::new());
    let longest = all(&app, "/?q=river&sort=longest").await;
    assert_eq!(longest.len(), river.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_leads_to_the_newer_ones_and_a_date_into_the_middle() {
    let app = seeded(400).await;
    let wall = all(&app, "/").await;
    let second = app.browser.page("/").await.attribute("#more a", "href").unwrap();
    let page = app.browser.page(&second).await;
    assert_eq!(ids(&page.generations()), ids(&wall[48..96]));
    let newer = app.browser.page(&page.attribute("#newer a", "href").unwrap()).await;
    assert_eq!(ids(&newer.generations()), ids(&wall[..48]));

    let middle = day(300);
    let from = app.browser.page(&format!("/?at={middle}")).await;
    assert_eq!(from.attribute("#at", "value"), Some(middle));
    let first = from.generations()[0].id.clone();
    let place = wall.iter().position(|clip| clip.id == first).unwrap();
    assert!(place > 48, "{place}");
    let back = app.browser.page(&from.attribute("#newer a", "href").unwrap()).await;
    assert_eq!(back.generations().last().unwrap().id, wall[place - 1].id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_titles_notes_and_prompts_in_any_script() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let fox = app.browser.paid("Ein Füchslein läuft über den Schnee").await;
    let sun = app.browser.paid("夕阳下的河流，慢镜头").await;
    for clip in [&fox, &sun] {
        app.until_state(clip, "completed").await;
    }
    let words = [("title", "Winter teaser"), ("notes", "Client liked <b>this</b>\nsecond line")];
    assert_eq!(app.browser.post_form(&format!("{fox}/words"), &words).await.status(), 303);
    for (typed, found) in [
        ("fuchslein", &fox),
        ("FÜCHSLEIN schnee", &fox),
        ("schn", &fox),
        ("teaser", &fox),
        ("\"second line\"", &fox),
        ("夕阳", &sun),
        ("河流", &sun),
        ("“den Schnee”", &fox),
    ] {
        let page = find(&app, typed).await;
        let clips = page.generations();
        assert_eq!(clips.iter().map(|clip| format!("/g/{}", clip.id)).collect::<Vec<_>>().join(" "), *found, "{typed}");
        assert!(!page.attribute("#q", "value").unwrap().is_empty());
    }
    assert_eq!(find(&app, "\"Schnee den\"").await.generations(), []);
    let page = app.browser.page(&fox).await;
    assert_eq!(page.one("#notes").text().collect::<String>().trim(), "Client liked <b>this</b>\nsecond line");
    assert!(page.text().contains("Winter teaser") || page.attribute("#title", "value").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_searches_are_answered_with_a_sentence_and_keep_what_was_typed() {
    let app = seeded(60).await;
    for text in [
        "\"",
        "'",
        "\"\"",
        "*",
        "NEAR(",
        "a OR",
        "AND",
        "NOT",
        "(river",
        "river)",
        "^",
        "prompt:river",
        "river*",
        "-",
        "--",
        ":",
        "{}",
        "x' or '1'='1",
        "river; drop table generation",
        "\u{0}",
        "\u{202e}reviR",
        "🎬",
        "a\nb",
        "longer:abc",
        "is:nothing",
        "before:2026-13-45",
        "ratio:0:0",
        "status:",
        "from:zzz",
        "model:",
        "<script>alert(1)</script>",
    ] {
        let page = find(&app, text).await;
        assert!(page.all("#wall").len() == 1, "{text:?}");
        assert!(!page.text().contains("Something broke"), "{text:?}");
    }
    let page = find(&app, "longer:abc river").await;
    assert!(page.text().contains("“longer:abc” is not understood. Write for example longer:8."));
    let huge = find(&app, &"river ".repeat(1_700)).await;
    assert!(huge.text().contains("very long"));
    let path = format!("/?q={}", encoded(&"ä".repeat(10_000)));
    assert_eq!(app.browser.get(&path).await.status(), 200);
    let empty = find(&app, "nothinglikethis").await;
    assert!(empty.text().contains("Nothing found") && empty.text().contains("Nothing here is like that."));
    assert_eq!(empty.attribute("#q", "value").as_deref(), Some("nothinglikethis"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chip_and_the_words_in_the_box_are_the_same_thing() {
    let app = seeded(200).await;
    let page = find(&app, "river").await;
    let link = |page: &Page, label: &str| {
        let items = page.all("#chips a.item");
        let item = items.into_iter().find(|item| item.text().collect::<String>().contains(label)).unwrap();
        item.value().attr("href").unwrap().to_owned()
    };
    let failed = app.browser.page(&link(&page, "Failed")).await;
    assert_eq!(failed.attribute("#q", "value").as_deref(), Some("river status:failed"));
    assert!(failed.generations().iter().all(|clip| clip.state == "failed"));
    let tall = app.browser.page(&link(&failed, "Tall, 9:16")).await;
    assert_eq!(tall.attribute("#q", "value").as_deref(), Some("river status:failed ratio:9:16"));
    let without = tall.all("#chips a.chip").into_iter().next().unwrap().value().attr("href").unwrap().to_owned();
    let page = app.browser.page(&without).await;
    assert_eq!(page.attribute("#q", "value").as_deref(), Some("status:failed ratio:9:16"));
    let longest = app.browser.page(&link(&page, "Longest first")).await;
    assert_eq!(longest.attribute("#search [name=sort]", "value").as_deref(), Some("longest"));
}

#[tokio::test(flavor = "multi_thread")]
async fn seed_fills_empty_folders_only_and_sends_nothing() {
    let data = TempDir::new().unwrap();
    std::fs::write(data.path().join("letter.txt"), "keep me").unwrap();
    assert_eq!(sow(data.path(), 10).await.code(), Some(2));
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 1);

    let app = seeded(300).await;
    let before = app.browser.get("/?q=status:waiting").await.text().await.unwrap();
    let waiting = Page::read(&before).generations().len();
    assert!(waiting > 0);
    app.clock.advance(std::time::Duration::from_hours(2));
    assert_eq!(all(&app, "/?q=status:waiting").await.len(), waiting);
    let unfinished =
        waiting + all(&app, "/?q=status:uncertain").await.len() + all(&app, "/?q=status:running").await.len();
    assert!(unfinished <= 60, "{unfinished}");
}
