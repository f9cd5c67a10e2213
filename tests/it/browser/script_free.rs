//! The same workspace where script is switched off: everything is a link or a form.

use fantoccini::Locator;

use super::Desk;

/// Presses the first button that says so, waited for.
async fn say(desk: &Desk, words: &str) {
    let path = format!("//main//button[contains(., '{words}')] | //*[@class='dock']//button[contains(., '{words}')]");
    let find = || async { desk.client.find(Locator::XPath(&path)).await.ok() };
    desk.until(words, find).await.click().await.unwrap();
}

/// How many elements there are.
async fn many(desk: &Desk, selector: &str) -> usize {
    desk.client.find_all(Locator::Css(selector)).await.unwrap().len()
}

/// Ids of the first clips that are done.
async fn done(desk: &Desk, count: usize) -> Vec<String> {
    desk.find("#wall > .tile").await;
    let tiles = desk.client.find_all(Locator::Css("#wall > .tile[data-state=completed]")).await.unwrap();
    let mut ids = Vec::new();
    for tile in &tiles[..count] {
        ids.push(tile.attr("data-generation").await.unwrap().unwrap());
    }
    ids
}

async fn check(desk: &Desk, id: &str) {
    desk.press(&format!("#g-{id} .tile-pick")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn searching_and_filtering_need_no_script() {
    let desk = Desk::with(200, None, false).await;
    desk.press("#q").await;
    desk.keys(&format!("whale{}", fantoccini::key::Key::Enter)).await;
    desk.arrives("/?q=whale").await;
    let found = many(&desk, "#wall > .tile").await;
    assert!(found > 0 && found < 48, "{found}");

    let state = "//*[@id='chips']//summary[contains(., 'State')]";
    desk.client.find(Locator::XPath(state)).await.unwrap().click().await.unwrap();
    desk.press("#chips a[href$='status:done']").await;
    desk.arrives("/?q=whale%20status:done").await;
    assert_eq!(many(&desk, "#wall > .tile:not([data-state=completed])").await, 0);

    // Older clips are behind a link, newer ones behind another.
    desk.go("/").await;
    desk.press("#more a").await;
    desk.find("#newer a").await;
    assert!(desk.place().await.contains("before="));
}

#[tokio::test(flavor = "multi_thread")]
async fn keeping_and_throwing_away_need_no_script() {
    let desk = Desk::with(120, None, false).await;
    let ids = done(&desk, 4).await;

    // A favorite, from its tile.
    desk.press(&format!("#g-{} .tile-fav button", ids[0])).await;
    desk.find(&format!("#g-{} .tile-fav [aria-pressed=true], .tools [aria-pressed=true]", ids[0])).await;
    desk.go("/favorites").await;
    desk.find(&format!("#g-{}", ids[0])).await;

    // Two into a new folder.
    desk.go("/").await;
    check(&desk, &ids[1]).await;
    check(&desk, &ids[2]).await;
    desk.press("#selection details summary").await;
    desk.press("#new-folder").await;
    desk.keys("Of paper").await;
    desk.press("button[value=new-folder]").await;
    desk.until("the page anew", || async { (many(&desk, "#selection [name=do]").await > 0).then_some(()) }).await;
    desk.go("/folders").await;
    let folder = "//a[contains(., 'Of paper')]";
    desk.client.find(Locator::XPath(folder)).await.unwrap().click().await.unwrap();
    desk.until("the folder", || async { desk.place().await.starts_with("/f/").then_some(()) }).await;
    assert_eq!(many(&desk, "#wall > .tile").await, 2);
    desk.find(&format!("#g-{}", ids[1])).await;

    // Two into the trash, and back; then one again, and back from the trash's own page.
    desk.go("/").await;
    check(&desk, &ids[1]).await;
    check(&desk, &ids[2]).await;
    desk.press("#selection button[value=trash]").await;
    // It comes in slowly; an element that cannot be seen has no text.
    let said = desk.until("the words", || async {
        Some(desk.find("#flash .toast").await.text().await.unwrap()).filter(|words| !words.is_empty())
    });
    assert!(said.await.contains("2 clips moved to the trash."));
    assert_eq!(many(&desk, &format!("#g-{}, #g-{}", ids[1], ids[2])).await, 0);
    say(&desk, "Undo").await;
    desk.find(&format!("#g-{}", ids[1])).await;
    desk.find(&format!("#g-{}", ids[2])).await;
    check(&desk, &ids[3]).await;
    desk.press("#selection button[value=trash]").await;
    desk.find("#flash .toast").await;
    desk.go("/trash").await;
    check(&desk, &ids[3]).await;
    desk.press("#selection button[value=restore]").await;
    desk.until("an emptier trash", || async { (many(&desk, &format!("#g-{}", ids[3])).await == 0).then_some(()) })
        .await;
    desk.go("/").await;
    desk.find(&format!("#g-{}", ids[3])).await;

    // A title, on the clip's page.
    desk.go(&format!("/g/{}", ids[0])).await;
    desk.find("#title").await.send_keys("The quiet one").await.unwrap();
    desk.find("#notes").await.send_keys("For the opening").await.unwrap();
    say(&desk, "Save").await;
    desk.find("#title[value='The quiet one']").await;
    desk.go("/?q=quiet").await;
    desk.find(&format!("#g-{}", ids[0])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_and_many_prompts_need_no_script() {
    let desk = Desk::with(120, None, false).await;
    desk.go("/queue").await;
    say(&desk, "Pause mine").await;
    let resume = "//button[contains(., 'Resume')]";
    desk.until("Resume", || async { desk.client.find(Locator::XPath(resume)).await.ok() }).await;

    desk.go("/many").await;
    desk.press("#text").await;
    desk.keys("A kite over hills\nA lantern on water\n").await;
    say(&desk, "Preview").await;
    assert_eq!(desk.find("#makes").await.text().await.unwrap(), "2 prompts, 2 clips");
    assert_eq!(desk.find("#total").await.text().await.unwrap(), "Free");
    say(&desk, "Create 2 clips").await;
    desk.arrives("/queue").await;
    let kite = "//li[@data-state='queued'][contains(., 'A kite over hills')]";
    let row = desk.until("the kite", || async { desk.client.find(Locator::XPath(kite)).await.ok() }).await;
    row.find(Locator::Css("form[action$='/cancel'] button")).await.unwrap().click().await.unwrap();
    desk.until("no kite", || async { desk.client.find(Locator::XPath(kite)).await.is_err().then_some(()) }).await;
    say(&desk, "Resume").await;
    desk.until("the lantern", || async {
        desk.go("/?q=lantern%20water").await;
        desk.client.find(Locator::Css("#wall [data-state=completed][data-ratio]")).await.ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn theme_and_list_need_no_script() {
    let desk = Desk::with(60, None, false).await;
    desk.press("summary[aria-label^=Theme]").await;
    desk.press("[data-theme-form] button[value=light]").await;
    desk.find("html[data-theme=light]").await;
    desk.press("summary[aria-label=View]").await;
    desk.press("[data-look] button[value=list]").await;
    desk.find("#shelf[data-view=list]").await;
    desk.go("/settings").await;
    desk.press("form[action='/theme'].choice-row button[value=dark]").await;
    desk.find("html[data-theme=dark]").await;
    desk.press("form[action='/look'] button[value=wall]").await;
    desk.find("form[action='/look'] button[value=wall][aria-pressed=true]").await;
    desk.go("/").await;
    desk.find("#shelf[data-view=wall]").await;
}
