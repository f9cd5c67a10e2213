//! The workspace for those who do not see it, or not well, or have no mouse.

use serde_json::{Value, json};

use super::Desk;
use crate::upstream::{CreateFault, FakeUpstream, Fault};

/// axe-core 4.14.1, Mozilla Public License 2.0.
const AXE: &str = include_str!("axe.min.js");
/// What an open menu or the bar of the selection covers in part is no target meanwhile.
const RUN: &str = "const done = arguments[arguments.length - 1]; \
    const covered = document.querySelector('[data-menu][open], dialog[open]') !== null; \
    axe.run(document, { resultTypes: ['violations'], runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', \
    'wcag21aa', 'wcag22aa', 'best-practice'] } }).then(found => done(found.violations.flatMap(rule => rule.nodes\
    .filter(node => !(covered && rule.id === 'target-size' && document.querySelector(node.target[0]).closest('#wall')))\
    .map(node => `${rule.id}: ${node.target.join(' ')}: ${node.html.slice(0, 160)} \
    ${node.any.concat(node.all, node.none).map(check => check.message).join('; ')}`))), error => done([String(error)]))";
/// What is wider than the window, with the innermost culprits.
const WIDE: &str = "const wide = document.documentElement.clientWidth; \
    return document.documentElement.scrollWidth <= wide ? [] : [...document.body.querySelectorAll('*')]\
    .filter(e => e.getBoundingClientRect().right > wide + 1).slice(-3).map(e => e.outerHTML.slice(0, 160))";

/// Opens a page, makes it what it is to be, and has it judged in both themes and at both widths.
pub async fn judge(desk: &Desk, name: &str, path: &str, first: &str, faults: &mut Vec<String>) {
    desk.sized(1440, 900).await;
    desk.go(path).await;
    desk.run(first).await;
    assess(desk, name, faults).await;
}

/// The open page, in both themes and at both widths.
async fn assess(desk: &Desk, name: &str, faults: &mut Vec<String>) {
    desk.client.execute(AXE, Vec::new()).await.unwrap();
    for wide in [1440, 320] {
        desk.sized(wide, 900).await;
        let beyond = desk.list(WIDE).await;
        faults.extend(beyond.iter().map(|words| format!("{name} at {wide} scrolls sideways: {words}")));
        for theme in ["dark", "light"] {
            desk.coloured(theme).await;
            let found = desk.client.execute_async(RUN, Vec::new()).await.unwrap();
            let found = found.as_array().unwrap().iter().filter_map(Value::as_str);
            faults.extend(found.map(|words| format!("{name} at {wide}, {theme}: {words}")));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_the_library() {
    let desk = Desk::with(120, None, true).await;
    let folder = desk.with_trash().await;
    let choose = "for (const box of [...document.querySelectorAll('.tile-pick input')].slice(0, 2)) box.click()";
    let menu = |which: &str| format!("document.querySelector('{which}').open = true");
    let mut faults = Vec::new();
    for (name, path, first) in [
        ("home", "/", ""),
        ("search", "/?q=whale%20longer:abc", ""),
        ("nothing found", "/?q=xyzzy", ""),
        ("selection", "/", choose),
        ("add to folder", "/", &format!("{choose}; {}", menu("#selection details"))),
        ("scope", "/", &menu(".bar > details")),
        ("filters", "/", &menu(".chips details:nth-of-type(4)")),
        ("view", "/", &menu("details:has(> .view)")),
        ("bell", "/", &menu("#bell")),
        ("composer", "/?prompt=A%20boat", &menu("#settings")),
        ("coach", "/?prompt=A%20boat%20says%20hello", &menu("#coach-subject")),
        ("attach menu", "/?prompt=A%20boat", &menu("#attach")),
        ("keys", "/", "document.querySelector('#keys').showModal()"),
        ("mine", "/mine", ""),
        ("favorites", "/favorites", ""),
        ("uploads", "/uploads", ""),
        ("folders", "/folders", ""),
        ("folder", &folder, ""),
        ("trash", "/trash", choose),
        ("list", "/", "document.querySelector('#shelf').dataset.view = 'list'"),
    ] {
        judge(&desk, name, path, first, &mut faults).await;
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_before_the_first_clip() {
    let desk = Desk::open(None).await;
    let mut faults = Vec::new();
    for path in ["/", "/mine", "/favorites", "/uploads", "/folders", "/queue", "/activity", "/trash"] {
        judge(&desk, path, path, "", &mut faults).await;
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_other_pages() {
    let fake = FakeUpstream::start().await;
    let desk = Desk::with(120, Some(&fake), true).await;
    let browser = &desk.program.browser;
    let task = browser.created(&[("prompt", "A paper boat"), ("resolution", "480p"), ("variations", "2")]).await;
    for clip in browser.page(&task).await.generations() {
        desk.program.until_state(&format!("/g/{}", clip.id), "completed").await;
    }
    let done = format!("/g/{}", browser.page(&task).await.generations()[0].id);
    fake.on_create(CreateFault::from(Fault::Moderation));
    let failed = browser.paid("Something that is refused").await;
    desk.program.until_state(&failed, "failed").await;
    fake.on_list(Fault::NotFound).always();
    fake.on_create(CreateFault::from(Fault::VanishAfterReading));
    let uncertain = browser.paid("A boat that is never answered for").await;
    desk.program.until_state(&uncertain, "uncertain").await;
    fake.hold();
    let running = browser.paid("A storm that takes its time").await;
    desk.program.until_state(&running, "in_progress").await;
    browser.post("/queue/pause").await;
    let waiting = browser.created(&[("prompt", "A clip that waits"), ("model", "sora-2")]).await;

    let stitch = format!("/stitch?id={0}&id={0}", done.trim_start_matches("/g/"));
    let board = browser.post("/storyboards").await.headers()["location"].to_str().unwrap().to_owned();

    let mut faults = Vec::new();
    for (name, path) in [
        ("queue", "/queue"),
        ("activity", "/activity"),
        ("empty the trash", "/trash/empty"),
        ("settings", "/settings"),
        ("shortcuts", "/shortcuts"),
        ("help", "/help/policy"),
        ("task", &task),
        ("compare", &format!("{task}/compare")),
        ("edit", &format!("{waiting}/edit")),
        ("clip", &done),
        ("failed", &failed),
        ("uncertain", &uncertain),
        ("running", &running),
        ("error", "/g/0000000000001"),
        ("remix", &format!("{done}/remix")),
        ("extend", &format!("{done}/extend")),
        ("trim", &format!("{done}/trim")),
        ("loop", &format!("{done}/loop")),
        ("blend", &format!("{done}/blend")),
        ("other forms", &format!("{done}/convert")),
        ("stitch", &stitch),
        ("styles", "/presets"),
        ("attach", "/attach"),
        ("boards", "/storyboards"),
        ("board", &board),
        ("styleguide", "/styleguide"),
    ] {
        judge(&desk, name, path, "", &mut faults).await;
    }
    // The preview of many prompts has no address: the form is sent by the page itself.
    desk.sized(1440, 900).await;
    desk.go("/many").await;
    desk.press("#text").await;
    desk.keys("A kite over hills\nA lantern on water\n").await;
    let preview = "//main//button[contains(., 'Preview')]";
    desk.client.find(fantoccini::Locator::XPath(preview)).await.unwrap().click().await.unwrap();
    desk.find("#makes").await;
    assess(&desk, "many", &mut faults).await;
    desk.sized(1440, 900).await;
    desk.press(".many-settings summary").await;
    assess(&desk, "settings of many", &mut faults).await;
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tile_is_in_the_tab_order_and_keys_lead_to_the_rest() {
    let desk = Desk::seeded(120).await;
    let order = "return [...document.querySelectorAll('#wall .tile-link')].filter(link => link.tabIndex === 0).length";
    assert_eq!(desk.count(order).await, 1);
    desk.keys("j").await;
    desk.keys(&fantoccini::key::Key::Down.to_string()).await;
    assert_eq!(desk.count(order).await, 1);
    let second = "const tile = document.activeElement.closest('.tile'); \
                  return tile.getBoundingClientRect().top > document.querySelector('.tile').getBoundingClientRect().bottom";
    assert_eq!(desk.run(second).await, true, "down leads to the next row");
    // Tab goes through the controls of this tile and then leaves the wall.
    let mut within = 0;
    while desk.run("return !!document.activeElement.closest('#wall')").await == true {
        desk.keys(&fantoccini::key::Key::Tab.to_string()).await;
        within += 1;
        assert!(within < 8, "Tab never leaves the wall");
    }

    desk.run("document.activeElement.blur()").await;
    desk.keys("?").await;
    desk.devtools("Accessibility.enable", json!({})).await;
    desk.holds("return document.querySelector('#keys').open").await;
    let said = said(&desk).await;
    assert!(said.contains(&("dialog".to_owned(), "Keyboard shortcuts".to_owned(), String::new())), "{said:?}");
    desk.keys(&fantoccini::key::Key::Escape.to_string()).await;
    desk.holds("return !document.querySelector('#keys').open").await;
    desk.keys("/").await;
    desk.holds("return document.activeElement.id === 'q'").await;
    desk.keys("?").await;
    assert_eq!(
        desk.run("return document.querySelector('#q').value + document.querySelector('#keys').open").await,
        "?false"
    );
}

/// Role, name and description of everything in the accessibility tree.
async fn said(desk: &Desk) -> Vec<(String, String, String)> {
    let tree = desk.devtools("Accessibility.getFullAXTree", json!({})).await;
    let text = |node: &Value, part: &str| node[part]["value"].as_str().unwrap_or_default().to_owned();
    let nodes = tree["nodes"].as_array().unwrap().iter();
    nodes.map(|node| (text(node, "role"), text(node, "name"), text(node, "description"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn how_many_wait_describes_the_queue_and_is_no_part_of_its_name() {
    let fake = FakeUpstream::start().await;
    let desk = Desk::open(Some(&fake)).await;
    fake.hold();
    let clip = desk.program.browser.paid("A fox in snow").await;
    desk.program.until_state(&clip, "in_progress").await;
    desk.go("/folders").await;
    desk.devtools("Accessibility.enable", json!({})).await;
    let said = said(&desk).await;
    let queue = ("link".to_owned(), "Queue".to_owned(), "1 on the way".to_owned());
    assert!(said.contains(&queue), "{said:?}");
}
