//! The newcomer's journey: from an empty page to a clip that plays, with and without script.

use serde_json::json;

use super::Desk;

/// Bytes of the clip that the Download link of the page names.
async fn downloaded(desk: &Desk) -> Vec<u8> {
    let link = desk.find("a[href][download]").await;
    let href = link.attr("href").await.unwrap().unwrap();
    assert!(!href.contains('?'), "{href}");
    desk.program.browser.get(&href).await.bytes().await.unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_types_a_prompt_and_watches_it_become_a_playing_clip() {
    let desk = Desk::open(None).await;

    // What is there before anything was made: samples, and a composer that says what it will do.
    assert!(desk.find(".samples").await.text().await.unwrap().contains("steam train"));
    assert_eq!(desk.find("#cost").await.text().await.unwrap(), "Free");
    let chosen = "return [...document.querySelectorAll('.composer input:checked')].map(i => i.name + '=' + i.value)";
    let first = json!(["model=animatic", "aspect=16:9", "resolution=720p", "seconds=4", "variations=1", "preset="]);
    assert_eq!(desk.run(chosen).await, first);

    desk.run("window.sameDocument = true").await;
    desk.create("A lighthouse at dusk, slow push in").await;

    // A tile at once, in this same document, and then the film itself.
    let tile = desk.find("#wall [data-generation]").await;
    let id = tile.attr("data-generation").await.unwrap().unwrap();
    desk.holds("return document.querySelector('#wall [data-state=completed] video')?.currentTime > 0.2").await;
    assert_eq!(desk.run("return window.sameDocument").await, true);
    assert_eq!(desk.run("return document.querySelector('#prompt').value").await, "");

    // Its own page.
    desk.run("document.querySelector('#wall .tile-link').click()").await;
    desk.find(&format!("main [data-generation='{id}'][data-state=completed]")).await;
    desk.run("document.querySelector('video').muted = true; document.querySelector('video').play()").await;
    desk.holds("return document.querySelector('video').currentTime > 0.2").await;
    let source = desk.run("return new URL(document.querySelector('video').currentSrc).search").await;
    assert_eq!(source, "");
    assert_eq!(&downloaded(&desk).await[4..8], b"ftyp");
    assert_eq!(desk.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_journey_needs_no_script() {
    let desk = Desk::without_script().await;

    // An empty prompt comes back with a sentence beside the field.
    desk.find("button[aria-label=Create]").await.click().await.unwrap();
    let error = desk.find("#prompt-error").await.text().await.unwrap();
    assert_eq!(error, "Describe the video first.");

    // Another shape: the sheet opens without script, and what was typed stays.
    desk.find("#prompt").await.send_keys("A boat at dawn").await.unwrap();
    desk.find("#settings summary").await.click().await.unwrap();
    desk.find("input[name=aspect][value='9:16']").await.click().await.unwrap();
    desk.find("#sheet button[formaction='/compose']").await.click().await.unwrap();
    // Only the answer has it chosen in its source.
    desk.find("input[name=aspect][value='9:16'][checked]").await;
    let typed = desk.find("#prompt").await.prop("value").await.unwrap();
    assert_eq!(typed.as_deref(), Some("A boat at dawn"));
    desk.find("button[aria-label=Create]").await.click().await.unwrap();

    let path = desk.until("the task's page", || async {
        let url = desk.client.current_url().await.unwrap();
        url.path().starts_with("/t/").then(|| url.path().to_owned())
    });
    let path = path.await;
    desk.until("a finished take", || async {
        desk.go(&path).await;
        let take = desk.client.find(fantoccini::Locator::Css(".take[data-state=completed] [data-ratio='9:16']")).await;
        take.ok()
    })
    .await;
    desk.find(".tile-link").await.click().await.unwrap();
    let video = desk.find("video").await;
    assert!(video.attr("controls").await.unwrap().is_some(), "the browser's own controls");
    assert_eq!(&downloaded(&desk).await[4..8], b"ftyp");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_in_the_composer_has_a_name_for_those_who_do_not_see_it() {
    let desk = Desk::open(None).await;
    desk.run("document.querySelector('#settings').open = true").await;

    desk.devtools("Accessibility.enable", json!({})).await;
    let tree = desk.devtools("Accessibility.getFullAXTree", json!({})).await;
    let nodes = tree["nodes"].as_array().unwrap();
    let said: Vec<(&str, &str)> = nodes
        .iter()
        .filter_map(|node| Some((node["role"]["value"].as_str()?, node["name"]["value"].as_str()?)))
        .collect();

    for (role, name) in [
        ("form", "Compose"),
        ("textbox", "Prompt"),
        ("group", "Model"),
        ("group", "Aspect ratio"),
        ("group", "Resolution"),
        ("group", "Duration"),
        ("group", "Variations"),
        ("radio", "16:9"),
        ("button", "Create"),
        ("region", "Library"),
    ] {
        assert!(said.contains(&(role, name)), "no {role} is called {name}: {said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_is_enough() {
    let desk = Desk::open(None).await;
    let focus = "return document.activeElement.id || document.activeElement.getAttribute('aria-label') || \
                 document.activeElement.name || document.activeElement.className";
    let tab = fantoccini::key::Key::Tab;

    // Tab alone leads to the prompt and the settings.
    let mut seen = Vec::new();
    for _ in 0..40 {
        desk.client.active_element().await.unwrap().send_keys(&tab.to_string()).await.unwrap();
        seen.push(desk.run(focus).await.as_str().unwrap_or_default().to_owned());
        if seen.last().is_some_and(|name| name == "prompt") {
            break;
        }
    }
    assert_eq!(seen.last().map(String::as_str), Some("prompt"), "{seen:?}");

    // The settings open, an option is chosen by arrow, and Esc leads back to where one was.
    let press = async |keys: &str| desk.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    desk.run("document.querySelector('#settings summary').focus()").await;
    press(&fantoccini::key::Key::Enter.to_string()).await;
    desk.holds("return document.querySelector('#settings').open").await;
    desk.run("document.querySelector('input[name=resolution]:checked').focus()").await;
    press(&fantoccini::key::Key::Left.to_string()).await;
    desk.holds("return document.querySelector('#chip-rest').textContent.includes('480p')").await;
    let outline = "return getComputedStyle(document.activeElement.nextElementSibling).outlineStyle";
    assert_eq!(desk.run(outline).await, "solid", "where the keyboard is can be seen");
    press(&fantoccini::key::Key::Escape.to_string()).await;
    desk.holds("return !document.querySelector('#settings').open && document.activeElement.tagName === 'SUMMARY'")
        .await;

    desk.run("document.querySelector('#prompt').focus()").await;
    let field = desk.client.active_element().await.unwrap();
    field.send_keys("A paper boat in the rain").await.unwrap();
    field.send_keys(&format!("{}{}", fantoccini::key::Key::Control, fantoccini::key::Key::Enter)).await.unwrap();
    desk.find("#wall [data-state=completed]").await;

    desk.run("document.querySelector('#wall .tile-link').focus()").await;
    let tile = desk.client.active_element().await.unwrap();
    tile.send_keys(&fantoccini::key::Key::Enter.to_string()).await.unwrap();
    desk.find(".stage video").await;
}
