//! How the pages look, for people to look at: screenshots of each, in three sizes and two themes, and
//! what a machine can see of it: nothing scrolls sideways, every control has a name, nothing is refused.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::Desk;
use crate::upstream::{CreateFault, FakeUpstream, Fault};

const SIZES: [(u32, u32); 3] = [(1440, 900), (820, 1180), (390, 844)];
const PROMPTS: [(&str, &str); 8] = [
    ("A lighthouse on a cliff at dusk, slow push in", "16:9"),
    ("Neon street in the rain, a walker, tracking shot", "9:16"),
    ("A rider crosses desert dunes at noon", "16:9"),
    ("A whale under the sea, shafts of light", "1:1"),
    ("Balloons over hills at dawn, crane up", "4:3"),
    ("Snowy pines, a deer, northern lights", "16:9"),
    ("An astronaut on the moon, slow orbit", "16:9"),
    ("A cat in a sunny room, locked camera", "9:16"),
];
/// Controls that nobody could call by a name.
const NAMELESS: &str = "return [...document.querySelectorAll('a, button, input:not([type=hidden]), textarea, summary')]\
    .filter(e => e.checkVisibility() && !(e.labels && [...e.labels].some(l => l.textContent.trim())) \
    && !e.textContent.trim() && !e.getAttribute('aria-label')).map(e => e.outerHTML)";

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artefacts").join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// One page in every size and theme, after a script has made it what it is to be.
pub async fn look(desk: &Desk, name: &str, path: &str, first: &str) {
    desk.sized(1440, 900).await;
    desk.go(path).await;
    desk.run(first).await;
    shoot(desk, name).await;
}

/// The open page in every size and theme.
async fn shoot(desk: &Desk, name: &str) {
    for (wide, high) in SIZES {
        desk.sized(wide, high).await;
        for theme in ["dark", "light"] {
            desk.coloured(theme).await;
            desk.holds("return [...document.images].every(i => i.complete || i.loading === 'lazy')").await;
            let overflow = desk.run("return document.documentElement.scrollWidth - innerWidth").await;
            assert!(overflow.as_i64().unwrap() <= 0, "{name} scrolls sideways at {wide}: {overflow}");
            assert_eq!(desk.run(NAMELESS).await, json!([]), "{name}");
            let png = desk.client.screenshot().await.unwrap();
            std::fs::write(folder().join(format!("{name}-{theme}-{wide}.png")), png).unwrap();
        }
    }
    let mut complaints = desk.complaints().await;
    // The browser notes a page that is not there; nothing else is forgiven.
    complaints.retain(|words| name != "error" || !words.contains("404 (Not Found)"));
    assert_eq!(complaints, Vec::<String>::new(), "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_holds_together_in_every_size_and_theme() {
    let fake = FakeUpstream::start().await;
    let desk = Desk::open(Some(&fake)).await;
    let browser = &desk.program.browser;
    look(&desk, "empty", "/", "").await;

    let mut task = String::new();
    for (prompt, aspect) in PROMPTS {
        task = browser.created(&[("prompt", prompt), ("aspect", aspect), ("resolution", "480p")]).await;
    }
    let takes = browser.created(&[("prompt", PROMPTS[0].0), ("resolution", "480p"), ("variations", "4")]).await;
    for path in [&task, &takes] {
        let clips = browser.page(path).await.generations();
        for clip in clips {
            desk.program.until_state(&format!("/g/{}", clip.id), "completed").await;
        }
    }
    let clip = format!("/g/{}", browser.page(&takes).await.generations()[0].id);

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

    look(&desk, "home", "/", "").await;
    let open = "document.querySelector('#settings').open = true";
    look(&desk, "settings", "/?prompt=A%20steam%20train%20crosses%20a%20viaduct", open).await;
    look(&desk, "task", &takes, "").await;
    look(&desk, "clip", &clip, "").await;
    look(&desk, "running", &running, "").await;
    look(&desk, "failed", &failed, "").await;
    look(&desk, "uncertain", &uncertain, "").await;
    look(&desk, "error", "/g/0000000000001", "").await;
    look(&desk, "queue", "/queue", "").await;
    look(&desk, "compare", &format!("{takes}/compare"), "").await;
    for verb in ["remix", "extend", "trim", "loop", "blend", "convert"] {
        look(&desk, verb, &format!("{clip}/{verb}"), "").await;
    }
    let id = clip.trim_start_matches("/g/");
    look(&desk, "stitch", &format!("/stitch?id={id}&id={id}"), "").await;
    look(&desk, "attach", "/attach", "").await;
    look(&desk, "cropped", &format!("/?prompt=A%20boat%20at%20sea&image={id}:last"), "").await;
    look(&desk, "coach", "/?prompt=A%20boat", "document.querySelector('#coach-camera').open = true").await;
    look(&desk, "presets", "/presets", "").await;
    let board = browser.post("/storyboards").await.headers()["location"].to_str().unwrap().to_owned();
    look(&desk, "board", &board, "").await;
    look(&desk, "boards", "/storyboards", "").await;
    browser.post("/queue/pause").await;
    let waiting = browser.created(&[("prompt", "A clip that waits"), ("model", "sora-2")]).await;
    look(&desk, "edit", &format!("{waiting}/edit"), "").await;
    look(&desk, "queue-paused", "/queue", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_library_holds_together_in_every_size_and_theme() {
    let desk = Desk::seeded(300).await;
    let folder = desk.with_trash().await;
    let open = |menu: &str| format!("document.querySelector(\"{menu}\").open = true");
    let choose = "for (const box of [...document.querySelectorAll('.tile-pick input')].slice(0, 3)) box.click()";
    for (name, path, first) in [
        ("wall", "/", ""),
        ("wall-list", "/", "document.querySelector('#shelf').dataset.view = 'list'"),
        ("wall-small", "/", "document.querySelector('#shelf').dataset.size = 's'"),
        ("wall-search", "/?q=whale%20status:done", ""),
        ("wall-nothing", "/?q=xyzzy%20longer:abc", ""),
        ("wall-selection", "/", choose),
        ("wall-add-to-folder", "/", &format!("{choose}; {}", open("#selection details"))),
        ("wall-scope", "/", &open(".bar > details")),
        ("wall-filter", "/", &open(".chips details:nth-of-type(2)")),
        ("wall-date", "/", &open(".chips details:nth-of-type(4)")),
        ("wall-view", "/", &open("details:has(> .view)")),
        ("wall-bell", "/", &open("#bell")),
        ("wall-keys", "/", "document.querySelector('#keys').showModal()"),
        ("mine", "/mine", ""),
        ("favorites", "/favorites", ""),
        ("uploads", "/uploads", ""),
        ("folders", "/folders", ""),
        ("folder", &folder, ""),
        ("queue-full", "/queue", ""),
        ("activity", "/activity", ""),
        ("trash", "/trash", ""),
        ("trash-empty", "/trash/empty", ""),
        ("settings-page", "/settings", ""),
        ("shortcuts", "/shortcuts", ""),
        ("help", "/help/policy", ""),
        ("styleguide", "/styleguide", ""),
    ] {
        look(&desk, name, path, first).await;
    }
    desk.sized(1440, 900).await;
    desk.go("/many").await;
    desk.press("#text").await;
    desk.keys("A kite over hills\nA lantern on water\n").await;
    let preview = "//main//button[contains(., 'Preview')]";
    desk.client.find(fantoccini::Locator::XPath(preview)).await.unwrap().click().await.unwrap();
    desk.find("#makes").await;
    shoot(&desk, "many").await;
}
