//! The queue as it is watched and steered: what runs, whose turn is next, and what was finished meanwhile.

use super::Desk;
use crate::upstream::FakeUpstream;

const PROMPTS: [&str; 8] =
    ["Clip one", "Clip two", "Clip three", "Clip four", "Clip five", "Clip six", "Clip seven", "Clip eight"];
const WAITING: &str = "return [...document.querySelectorAll('#waits ~ *, section:has(#waits) li[data-state=queued]')]\
                       .filter(e => e.matches('li')).map(row => row.querySelector('.what a').textContent)";

/// Eight clips before an upstream that has four places and keeps them.
async fn full(fake: &FakeUpstream) -> (Desk, Vec<String>) {
    let desk = Desk::open(Some(fake)).await;
    fake.hold();
    let mut clips = Vec::new();
    for prompt in PROMPTS {
        clips.push(desk.program.browser.paid(prompt).await);
    }
    for clip in &clips[..4] {
        desk.program.until_state(clip, "in_progress").await;
    }
    desk.go("/queue").await;
    desk.run("window.sameDocument = true").await;
    (desk, clips)
}

async fn waits(desk: &Desk, names: &[&str]) {
    desk.until("the line", || async { (desk.list(WAITING).await == names).then_some(()) }).await;
}

/// Presses a button of a row of the queue.
async fn press(desk: &Desk, clip: &str, button: &str) {
    let id = clip.trim_start_matches("/g/");
    desk.press(&format!("#q-{id} {button}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_is_shown_live_and_changed_by_hand() {
    let fake = FakeUpstream::start().await;
    let (desk, clips) = full(&fake).await;
    assert!(desk.find("#queue").await.text().await.unwrap().contains("4 running, 4 waiting."));
    waits(&desk, &["Clip five", "Clip six", "Clip seven", "Clip eight"]).await;

    press(&desk, &clips[7], "form:has([value=front]) button").await;
    waits(&desk, &["Clip eight", "Clip five", "Clip six", "Clip seven"]).await;
    press(&desk, &clips[6], "form:has([value=up]) button").await;
    waits(&desk, &["Clip eight", "Clip five", "Clip seven", "Clip six"]).await;
    press(&desk, &clips[4], "form:has([value=down]) button").await;
    waits(&desk, &["Clip eight", "Clip seven", "Clip five", "Clip six"]).await;
    press(&desk, &clips[5], "form[action$='/cancel'] button").await;
    waits(&desk, &["Clip eight", "Clip seven", "Clip five"]).await;

    // While a prompt waits it can be changed, and keeps its place.
    press(&desk, &clips[6], "a[href$='/edit']").await;
    desk.until("the editor", || async { desk.place().await.ends_with("/edit").then_some(()) }).await;
    let field = desk.find("#prompt").await;
    field.clear().await.unwrap();
    field.send_keys("Clip seven, in snow").await.unwrap();
    desk.press("#composer .send").await;
    desk.until("the task", || async { (!desk.place().await.ends_with("/edit")).then_some(()) }).await;
    desk.go("/queue").await;
    waits(&desk, &["Clip eight", "Clip seven, in snow", "Clip five"]).await;

    // Paused, a free place stays free; resumed, the first in line goes.
    desk.run("window.sameDocument = true").await;
    desk.press("form[action='/queue/pause'] button").await;
    desk.find("form[action='/queue/resume']").await;
    assert_eq!(fake.paid().len(), 4);
    fake.finish(&fake.jobs()[0].id);
    desk.holds("return document.querySelector('#queue').textContent.includes('3 running, 3 waiting.')").await;
    assert_eq!(fake.paid().len(), 4);
    desk.press("form[action='/queue/resume'] button").await;
    waits(&desk, &["Clip seven, in snow", "Clip five"]).await;
    desk.holds("return document.querySelector('#queue').textContent.includes('4 running, 2 waiting.')").await;
    assert_eq!(fake.paid().len(), 5);
    assert_eq!(fake.paid_for("Clip eight"), 1);
    assert_eq!(desk.run("return window.sameDocument").await, true, "all of that in one document");
    assert_eq!(desk.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bell_and_the_title_tell_what_was_finished_elsewhere() {
    let fake = FakeUpstream::start().await;
    let desk = Desk::open(Some(&fake)).await;
    fake.hold();
    let clip = desk.program.browser.paid("A fox in snow").await;
    desk.program.until_state(&clip, "in_progress").await;
    desk.go("/folders").await;
    desk.go("/queue").await;
    assert_eq!(desk.client.title().await.unwrap(), "Queue · Rushes");
    let rail = "return document.querySelector('.rail #waiting').textContent.includes('1')";
    desk.holds(rail).await;

    fake.finish_all();
    desk.holds("return document.title === '(1) Queue · Rushes'").await;
    desk.holds("return document.querySelector('#bell summary').getAttribute('aria-label') === 'Activity, 1 new'").await;
    desk.holds("return document.querySelector('.rail .count') === null").await;

    // Opened, it tells, and counts no more; not after a reload either.
    desk.press("#bell summary").await;
    desk.holds("return document.querySelector('#bell .feed')?.textContent.includes('A fox in snow')").await;
    desk.holds("return document.title === 'Queue · Rushes'").await;
    desk.until("a title without a count", || async {
        desk.client.refresh().await.unwrap();
        (desk.client.title().await.unwrap() == "Queue · Rushes").then_some(())
    })
    .await;
    desk.press("#bell summary").await;
    desk.press("#bell a[href='/activity']").await;
    assert!(desk.find("main").await.text().await.unwrap().contains("A fox in snow"));
}

/// A page in the background, in a browser that may notify; the half minute between two looks shortened.
const ELSEWHERE: &str = "localStorage.setItem('rushes:notify', 'on'); window.told = []; \
    window.Notification = class { static permission = 'granted'; constructor(title, { body }) { told.push(`${title}: ${body}`); } }; \
    Object.defineProperty(document, 'hidden', { value: true }); \
    const usual = window.setInterval; window.setInterval = (act, ms) => usual(act, ms / 100); \
    document.dispatchEvent(new Event('visibilitychange'))";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_the_background_notifies_whoever_wished_for_it_and_once() {
    let fake = FakeUpstream::start().await;
    let desk = Desk::open(Some(&fake)).await;
    fake.hold();
    let clip = desk.program.browser.paid("A fox in snow").await;
    desk.program.until_state(&clip, "in_progress").await;
    desk.go("/queue").await;
    desk.run(ELSEWHERE).await;
    fake.finish_all();
    desk.holds("return window.told.length > 0").await;
    // One more look brings nothing that was not told.
    let looks = "return performance.getEntriesByType('resource').length";
    let before = desk.run(looks).await.as_u64().unwrap();
    desk.until("one more look", || async { (desk.run(looks).await.as_u64().unwrap() > before).then_some(()) }).await;
    assert_eq!(desk.list("return window.told").await, ["Rushes: A fox in snow: Ready"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_prompts_are_seen_with_their_price_before_they_are_sent() {
    let fake = FakeUpstream::start().await;
    let desk = Desk::open(Some(&fake)).await;
    fake.hold();
    desk.go("/queue").await;
    desk.press("a[href='/many']").await;
    desk.press("#text").await;
    desk.keys("A lighthouse at dusk\nA fox in fresh snow\nA tram in the rain\n").await;
    desk.press(".many-settings summary").await;
    desk.press("input[name=model][value='sora-2']").await;
    desk.holds("return document.querySelector('#chip-model').textContent.includes('Sora 2')").await;
    desk.press("h1").await;
    let preview = "//main//button[contains(., 'Preview')]";
    desk.client.find(fantoccini::Locator::XPath(preview)).await.unwrap().click().await.unwrap();
    assert_eq!(desk.find("#makes").await.text().await.unwrap(), "3 prompts, 3 clips");
    assert_eq!(desk.find("#total").await.text().await.unwrap(), "$1.20");
    assert_eq!(fake.paid().len(), 0, "nothing is sent before the yes");
    let yes = desk.find("button[name=confirm]").await;
    assert_eq!(yes.text().await.unwrap(), "Create 3 clips · $1.20");
    yes.click().await.unwrap();
    desk.arrives("/queue").await;
    desk.holds("return document.querySelector('#queue').textContent.includes('3 running, 0 waiting.')").await;
    assert_eq!(fake.paid().len(), 3);

    // A line that cannot be sent is told before anything is.
    desk.go("/many").await;
    desk.press("#text").await;
    desk.keys(&format!("A kite\n{}", "x".repeat(40))).await;
    desk.run("document.querySelector('#text').value = 'A kite\\n' + 'x'.repeat(4010)").await;
    desk.client.find(fantoccini::Locator::XPath(preview)).await.unwrap().click().await.unwrap();
    let told = desk.find("main table .error").await.text().await.unwrap();
    assert!(told.contains("4010 characters"), "{told}");
    assert!(desk.client.find(fantoccini::Locator::Css("button[name=confirm]")).await.is_err());
}
