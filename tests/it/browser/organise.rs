//! Order in the library: favorites, folders, choosing, the trash, titles, the best take.

use fantoccini::key::Key;
use serde_json::json;

use super::Desk;

/// Clips that are done, as the wall shows them.
const DONE: &str = "return [...document.querySelectorAll('#wall > .tile[data-state=completed]')]\
                    .map(tile => tile.dataset.generation)";
const CHOSEN: &str = "return [...document.querySelectorAll('.tile-pick :checked')].map(box => box.value)";
const SHIFT: u8 = 8;
const CONTROL: u8 = 2;

/// A click of the left button with keys held.
async fn click(desk: &Desk, selector: &str, modifiers: u8) {
    for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
        desk.mouse(kind, selector, modifiers).await;
    }
}

async fn there(desk: &Desk, id: &str) {
    desk.holds(&format!("return !!document.getElementById('g-{id}')")).await;
}

async fn gone(desk: &Desk, id: &str) {
    desk.holds(&format!("return !document.getElementById('g-{id}')")).await;
}

/// Creates clips of the embedded upstream, and waits until they are done; the task's path and their ids.
async fn made(desk: &Desk, prompt: &str, variations: &str) -> (String, Vec<String>) {
    let browser = &desk.program.browser;
    let fields = [("prompt", prompt), ("resolution", "480p"), ("variations", variations)];
    let task = browser.created(&fields).await;
    let mut ids = Vec::new();
    for clip in browser.page(&task).await.generations() {
        desk.program.until_state(&format!("/g/{}", clip.id), "completed").await;
        ids.push(clip.id);
    }
    (task, ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heart_on_a_tile_and_the_key_f_mark_a_favorite() {
    let desk = Desk::seeded(120).await;
    let plain = "return document.querySelector('.tile-fav [aria-pressed=false]').closest('.tile').dataset.generation";
    let id = desk.run(plain).await.as_str().unwrap().to_owned();
    desk.mouse("mouseMoved", &format!("#g-{id}"), 0).await;
    desk.press(&format!("#g-{id} .tile-fav button")).await;
    desk.find(&format!("#g-{id} .tile-fav [aria-pressed=true]")).await;
    desk.go("/favorites").await;
    there(&desk, &id).await;

    desk.run(&format!("document.querySelector('#g-{id} .tile-link').focus()")).await;
    desk.keys("f").await;
    desk.holds(&format!("return !document.querySelector('#g-{id} .tile-fav [aria-pressed=true]')")).await;
    desk.client.refresh().await.unwrap();
    gone(&desk, &id).await;
    assert_eq!(desk.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_clips_go_into_a_new_folder_and_others_are_dragged_there() {
    let desk = Desk::seeded(120).await;
    let ids = desk.list(DONE).await;
    assert_eq!(desk.run("return document.querySelector('#selection').checkVisibility()").await, false);
    for id in &ids[..2] {
        desk.press(&format!("#g-{id} .tile-pick")).await;
    }
    desk.holds("return document.querySelector('[data-chosen]').parentElement.textContent === '2 clips'").await;
    desk.press("#selection details summary").await;
    desk.press("#new-folder").await;
    desk.keys("Of paper").await;
    desk.press("button[value=new-folder]").await;
    desk.holds("return document.querySelector('#flash').textContent.includes('2 clips added to the new folder.')")
        .await;
    assert_eq!(desk.list(CHOSEN).await, Vec::<String>::new());

    // The strip of folders that a drag shows knows the new one only on the next page.
    desk.go("/").await;
    let spot = "return [...document.querySelectorAll('#drop [data-drop]')].find(c => c.textContent === 'Of paper').dataset.drop";
    let drop = desk.run(spot).await.as_str().unwrap().to_owned();
    desk.devtools("Input.setInterceptDrags", json!({ "enabled": true })).await;
    let tile = format!("#g-{}", ids[2]);
    desk.mouse("mouseMoved", &tile, 0).await;
    desk.mouse("mousePressed", &tile, 0).await;
    desk.mouse("mouseDragged", ".search", 0).await;
    desk.holds("return !document.querySelector('#drop').hidden").await;
    let script = "const area = document.querySelector(arguments[0]).getBoundingClientRect(); \
                  return [area.left + area.width / 2, area.top + area.height / 2]";
    let at = desk.tell(script, &format!("[data-drop='{drop}']")).await;
    for kind in ["dragEnter", "dragOver", "drop"] {
        let data = json!({ "items": [{ "mimeType": "text/plain", "data": "clip" }], "dragOperationsMask": 1 });
        let event = json!({ "type": kind, "x": at[0], "y": at[1], "data": data });
        desk.devtools("Input.dispatchDragEvent", event).await;
        if kind == "dragOver" {
            assert_eq!(desk.run("return document.querySelector('.over')?.dataset.drop").await, drop.as_str());
        }
    }
    desk.mouse("mouseReleased", ".search", 0).await;
    desk.holds("return document.querySelector('#flash').textContent.includes('1 clip added to the folder.')").await;
    desk.holds("return document.querySelector('#drop').hidden").await;

    desk.go(&format!("/f/{}", drop.trim_start_matches("folder:"))).await;
    assert_eq!(desk.find(".scope h1").await.text().await.unwrap(), "Of paper");
    let mut inside = desk.list(DONE).await;
    inside.sort();
    let mut wished = ids[..3].to_vec();
    wished.sort();
    assert_eq!(inside, wished);

    // And out again.
    desk.press(&format!("#g-{} .tile-pick", ids[2])).await;
    desk.press("#selection button[value^=out]").await;
    gone(&desk, &ids[2]).await;
    assert_eq!(desk.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_are_chosen_by_mouse_and_by_keyboard() {
    let desk = Desk::seeded(120).await;
    // The rest comes by itself when the page has nothing else to do.
    desk.holds("return !document.querySelector('#more a')").await;
    let all = desk.list("return [...document.querySelectorAll('#wall > .tile')].map(t => t.dataset.generation)").await;
    let link = |at: usize| format!("#g-{} .tile-link", all[at]);
    // In the middle of an unfinished clip there may be a button.
    let done = desk.list(DONE).await;
    let place = |id: &String| all.iter().position(|other| other == id).unwrap();
    let (one, other) = (place(&done[0]), place(&done[3]));
    click(&desk, &link(one), CONTROL).await;
    click(&desk, &link(other), SHIFT).await;
    assert_eq!(desk.list(CHOSEN).await, all[one..=other]);
    assert_eq!(desk.place().await, "/", "a click with a key does not open");

    // While something is chosen a plain click takes away and adds; Esc chooses nothing.
    click(&desk, &link(one), 0).await;
    assert_eq!(desk.list(CHOSEN).await.len(), other - one);
    desk.keys(&Key::Escape.to_string()).await;
    desk.holds("return document.querySelectorAll('.tile-pick :checked').length === 0").await;

    desk.run(&format!("document.querySelector('{}').focus()", link(0))).await;
    desk.keys(&format!("{}{}{}", Key::Shift, Key::Right, Key::Right)).await;
    assert_eq!(desk.list(CHOSEN).await, all[..=2]);
    desk.keys("x").await;
    assert_eq!(desk.list(CHOSEN).await, all[..2], "x takes away the one that has the focus");
    desk.keys(&format!("{}a", Key::Control)).await;
    assert_eq!(desk.list(CHOSEN).await, all);
    assert_eq!(
        desk.run("return document.querySelector('#said').textContent").await,
        format!("{} clips selected", all.len())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_comes_back_by_undo_or_from_the_trash() {
    let desk = Desk::seeded(120).await;
    let ids = desk.list(DONE).await;
    for id in &ids[..3] {
        desk.press(&format!("#g-{id} .tile-pick")).await;
    }
    desk.press("#selection button[value=trash]").await;
    desk.holds("return document.querySelector('#flash').textContent.includes('3 clips moved to the trash.')").await;
    for id in &ids[..3] {
        gone(&desk, id).await;
    }
    desk.press("#flash form button").await;
    for id in &ids[..3] {
        there(&desk, id).await;
    }

    // One by the key, from the tile that has the focus.
    desk.run(&format!("document.querySelector('#g-{} .tile-link').focus()", ids[3])).await;
    desk.keys(&Key::Delete.to_string()).await;
    gone(&desk, &ids[3]).await;
    assert_eq!(desk.run("return !!document.activeElement.closest('#wall')").await, true, "the focus stays in the wall");
    desk.go("/trash").await;
    there(&desk, &ids[3]).await;
    let words = desk.find(&format!("#g-{}", ids[3])).await.text().await.unwrap();
    assert!(words.contains("30 days left"), "{words}");
    desk.mouse("mouseMoved", &format!("#g-{}", ids[3]), 0).await;
    desk.press(&format!("#g-{} form[action$='/restore'] button", ids[3])).await;
    gone(&desk, &ids[3]).await;
    desk.go("/").await;
    there(&desk, &ids[3]).await;

    // From its own page, and for good.
    desk.go(&format!("/g/{}", ids[4])).await;
    desk.press("form[action$='/delete'] button").await;
    desk.holds("return document.querySelector('#flash').textContent.includes('Moved to the trash.')").await;
    desk.go("/trash").await;
    desk.press(&format!("#g-{} .tile-pick", ids[4])).await;
    desk.press("#selection button[value=erase]").await;
    desk.arrives("/trash/empty").await;
    assert!(desk.find("main").await.text().await.unwrap().contains("1 clip will be deleted."));
    desk.press("main .btn.danger").await;
    desk.arrives("/trash").await;
    gone(&desk, &ids[4]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_and_notes_are_kept_and_found() {
    let desk = Desk::seeded(120).await;
    let id = desk.list(DONE).await[5].clone();
    desk.go(&format!("/g/{id}")).await;
    desk.run("window.sameDocument = true").await;
    let title = desk.find("#title").await;
    title.clear().await.unwrap();
    title.send_keys("Zeppelin one").await.unwrap();
    desk.find("#notes").await.send_keys("for the quokka reel").await.unwrap();
    desk.press("form[action$='/words'] button").await;
    desk.holds("return document.querySelector('#said').textContent === 'Saved.'").await;
    assert_eq!(desk.run("return window.sameDocument").await, true);
    for word in ["zeppelin", "quokka"] {
        desk.go(&format!("/?q={word}")).await;
        assert_eq!(desk.list(DONE).await, std::slice::from_ref(&id));
    }
    assert!(desk.find("#wall .tile-prompt").await.html(true).await.unwrap().contains("Zeppelin one"));

    // Folders, on the same page.
    desk.go(&format!("/g/{id}")).await;
    desk.find("#folder_name").await.send_keys("Reel").await.unwrap();
    desk.press("form[action$='/folders'] button").await;
    desk.holds("return [...document.querySelectorAll('#keep .check')].some(l => l.textContent === 'Reel' && l.control.checked)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_takes_play_in_step_and_the_better_one_is_marked() {
    let desk = Desk::open(None).await;
    let (task, ids) = made(&desk, "A paper boat in the rain", "2").await;
    desk.go(&task).await;
    desk.press(&format!("#g-{} form[action$='/best'] button", ids[1])).await;
    desk.find(&format!("#g-{}.best [action$='/best'] [aria-pressed=true]", ids[1])).await;
    // There is one best take of a task.
    desk.press(&format!("#g-{} form[action$='/best'] button", ids[0])).await;
    desk.find(&format!("#g-{}.best", ids[0])).await;
    desk.holds(&format!("return !document.querySelector('#g-{}.best')", ids[1])).await;

    desk.press("a[href$='/compare']").await;
    desk.holds("return [...document.querySelectorAll('video')].filter(v => v.readyState > 2).length === 2").await;
    desk.run("document.querySelectorAll('video').forEach(v => v.muted = true)").await;
    desk.press("[data-do=play]").await;
    desk.holds("return [...document.querySelectorAll('video')].every(v => v.currentTime > 0.8 && !v.paused)").await;
    let apart = "const [one, two] = document.querySelectorAll('video'); \
                 return Math.abs(one.currentTime - two.currentTime) <= 1 / 24";
    desk.holds(apart).await;
    desk.press("[data-do=play]").await;
    desk.holds("return [...document.querySelectorAll('video')].every(v => v.paused)").await;
    desk.holds(apart).await;
    // Frame by frame, and by the bar.
    desk.run("window.before = document.querySelector('video').currentTime").await;
    desk.press("[data-do=forward]").await;
    desk.holds(
        "return [...document.querySelectorAll('video')].every(v => Math.abs(v.currentTime - before - 1 / 24) < 1 / 48)",
    )
    .await;
    desk.run("const s = document.querySelector('[data-seek]'); s.value = 3; s.dispatchEvent(new Event('input', {bubbles: true}))").await;
    desk.holds("return [...document.querySelectorAll('video')].every(v => Math.abs(v.currentTime - 3) < 1 / 24)").await;
    assert_eq!(desk.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn j_and_k_lead_from_clip_to_clip() {
    let desk = Desk::seeded(60).await;
    let ids = desk.list("return [...document.querySelectorAll('#wall > .tile')].map(t => t.dataset.generation)").await;
    desk.go(&format!("/g/{}", ids[3])).await;
    desk.keys("j").await;
    desk.arrives(&format!("/g/{}", ids[4])).await;
    desk.find("a[rel=prev]").await;
    desk.keys("k").await;
    desk.arrives(&format!("/g/{}", ids[3])).await;
    desk.press("a[rel=prev]").await;
    desk.arrives(&format!("/g/{}", ids[2])).await;
    // On the wall the same keys move the focus.
    desk.go("/").await;
    desk.keys("j").await;
    desk.keys("j").await;
    desk.holds(&format!("return document.activeElement.closest('.tile')?.id === 'g-{}'", ids[1])).await;
    desk.keys(&Key::Enter.to_string()).await;
    desk.arrives(&format!("/g/{}", ids[1])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_clips_are_saved_as_one_archive() {
    let desk = Desk::open(None).await;
    let (_, ids) = made(&desk, "A lantern over water", "2").await;
    desk.go("/").await;
    for id in &ids {
        desk.press(&format!("#g-{id} .tile-pick")).await;
    }
    // What the browser would send, sent by a client that can read the answer.
    let script = "const form = document.querySelector('#selection'), button = form.querySelector('[value=download]'); \
                  return [new URL(button.formAction).pathname, new URLSearchParams(new FormData(form, button)).toString()]";
    let sent = desk.list(script).await;
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(sent[1].as_bytes()).into_owned().collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let response = desk.program.browser.post_form(&sent[0], &fields).await;
    assert_eq!(response.headers()["content-type"], "application/zip");
    let named = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(named.contains(".zip"), "{named}");
    let bytes = response.bytes().await.unwrap();
    assert_eq!(&bytes[..4], b"PK\x03\x04");
    let has = |needle: &[u8]| bytes.windows(needle.len()).filter(|window| *window == needle).count();
    assert_eq!(has(b"PK\x05\x06"), 1, "one end of the directory");
    assert!(has(b"manifest.json") >= 2, "once before the file and once in the directory");
    for id in &ids {
        let page = desk.program.browser.page(&format!("/g/{id}")).await;
        let name = page.attribute("a[download]", "download").unwrap();
        assert!(has(name.as_bytes()) >= 2, "{name}");
    }
    // Pressing it saves a file and leaves the page as it is.
    desk.run("window.sameDocument = true").await;
    let folder = tempfile::TempDir::new().unwrap();
    let to = json!({ "behavior": "allow", "downloadPath": folder.path() });
    desk.devtools("Browser.setDownloadBehavior", to).await;
    desk.press("#selection [value=download]").await;
    desk.until("the file", || async {
        let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        files.into_iter().find(|name| name.to_string_lossy().ends_with(".zip"))
    })
    .await;
    assert_eq!(desk.run("return window.sameDocument").await, true);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_ones_own_go_up_as_soon_as_they_are_chosen() {
    let desk = Desk::open(None).await;
    let folder = tempfile::tempdir().unwrap();
    let (film, note) = (folder.path().join("Harbour.mp4"), folder.path().join("note.mp4"));
    std::fs::write(&film, crate::upstream::clip::CLIP).unwrap();
    std::fs::write(&note, "a letter").unwrap();

    desk.go("/uploads").await;
    desk.find("#file").await.send_keys(&film.display().to_string()).await.unwrap();
    desk.holds("return document.querySelectorAll('#wall > .tile[data-state=completed]').length === 1").await;
    assert!(desk.find("#wall .tile-link").await.text().await.unwrap().contains("Harbour"));

    // What is none says so, and what is there stays.
    desk.find("#file").await.send_keys(&note.display().to_string()).await.unwrap();
    desk.holds("return /note.mp4 was not kept/.test(document.querySelector('#file-error')?.textContent)").await;
    assert_eq!(desk.list(DONE).await.len(), 1);
}
