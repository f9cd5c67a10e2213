//! The library of somebody who made much: endless and small in the browser, found by words, seen as they like.

use std::collections::BTreeSet;

use fantoccini::key::Key;
use serde_json::json;

use super::Desk;

const IDS: &str = "return [...document.querySelectorAll('#wall > .tile')].map(tile => tile.dataset.generation)";
/// A tile in the window, and how far from the top it is.
const MIDDLE: &str = "const tile = [...document.querySelectorAll('#wall > .tile')].find(tile => { \
                      const area = tile.getBoundingClientRect(); return area.bottom > 200 && area.top < innerHeight; }); \
                      return [tile.id, Math.round(tile.getBoundingClientRect().top)]";

/// Where a tile is now.
async fn top_of(desk: &Desk, tile: &str) -> i64 {
    let script = "return Math.round(document.getElementById(arguments[0]).getBoundingClientRect().top)";
    desk.tell(script, tile).await.as_i64().unwrap()
}

/// Scrolls as far as the loaded tiles go, waits for others, and sees that nothing moved meanwhile.
async fn walk(desk: &Desk, to_end: &str, offer: &str, edge: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for _ in 0..80 {
        let tiles = desk.list(IDS).await;
        assert!(tiles.len() <= 600, "{} tiles are in the document", tiles.len());
        assert_eq!(tiles.iter().collect::<BTreeSet<_>>().len(), tiles.len(), "a tile is there twice");
        seen.extend(tiles);
        if desk.run(&format!("return !document.querySelector('{offer} a')")).await == true {
            break;
        }
        desk.run(&format!("window.edge = document.querySelector('#wall').{edge}.id; {to_end}")).await;
        // A tile in the window stays where it is while tiles come and go around it.
        let middle = desk.run(MIDDLE).await;
        let (tile, top) = (middle[0].as_str().unwrap(), middle[1].as_i64().unwrap());
        let came = format!("document.querySelector('#wall').{edge}.id !== window.edge");
        desk.holds(&format!("return {came} || !document.querySelector('{offer} a')")).await;
        if desk.run(&format!("return !({came})")).await == true {
            // The last page was full to its last tile: the offer goes, and the wall moves into its place.
            continue;
        }
        let moved = top_of(desk, tile).await - top;
        assert!(moved.abs() <= 2, "{tile} jumped by {moved}");
    }
    seen
}

/// The tiles that a person sees first.
fn first(ids: &[String]) -> &[String] {
    &ids[..ids.len().min(20)]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_wall_stays_small_in_the_browser_and_nothing_seen_moves() {
    let desk = Desk::seeded(900).await;
    let newest = desk.list(IDS).await[0].clone();

    let down = walk(&desk, "scrollTo({ top: 1e7, behavior: 'instant' })", "#more", "lastElementChild").await;
    assert!(down.len() > 700, "{} clips were seen", down.len());
    let left = desk.list(IDS).await;
    assert!((120..=600).contains(&left.len()) && !left.contains(&newest), "{} tiles", left.len());
    assert_eq!(desk.run("return 'top' in document.querySelector('#wall').dataset").await, false);

    let up = walk(&desk, "scrollTo({ top: 0, behavior: 'instant' })", "#newer", "firstElementChild").await;
    desk.holds("return 'top' in document.querySelector('#wall').dataset").await;
    let left = desk.list(IDS).await;
    assert!((120..=600).contains(&left.len()) && left[0] == newest, "{} tiles", left.len());
    assert_eq!(down, up.union(&down).cloned().collect(), "there is nothing that was not seen on the way down");
    assert_eq!(desk.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_into_search_filters_at_once_and_the_address_follows() {
    let desk = Desk::seeded(300).await;
    desk.run("window.sameDocument = true").await;
    let all = desk.list(IDS).await;
    desk.keys("/").await;
    desk.holds("return document.activeElement.id === 'q'").await;
    desk.keys("whale").await;
    desk.arrives("/?q=whale").await;

    let found = desk.list(IDS).await;
    assert!(!found.is_empty() && found != all);
    let names = "return [...document.querySelectorAll('#wall .tile-link .sr')].map(name => name.textContent)";
    for name in desk.list(names).await {
        assert!(name.to_lowercase().contains("whale"), "{name}");
    }
    assert_eq!(desk.run("return window.sameDocument").await, true);
    assert!(desk.find("#chips").await.text().await.unwrap().contains("whale"));

    desk.client.refresh().await.unwrap();
    // More may come by itself below what was seen.
    assert_eq!(first(&desk.list(IDS).await), first(&found));
    assert_eq!(desk.run("return document.querySelector('#q').value").await, "whale");

    // What finds nothing says so, what is not understood as well, and Esc empties the box.
    desk.press("#q").await;
    desk.keys(" longer:abc xyzzy").await;
    desk.holds("return document.querySelector('#found').textContent.includes('Nothing here is like that.')").await;
    assert!(desk.find("#found").await.text().await.unwrap().contains("“longer:abc” is not understood"));
    desk.keys(&Key::Escape.to_string()).await;
    desk.arrives("/").await;
    assert_eq!(first(&desk.list(IDS).await), first(&all));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filters_menu_and_its_words_in_the_box_say_the_same() {
    let desk = Desk::seeded(300).await;
    let menu = |kind: &str| format!("//*[@id='chips']//summary[contains(., '{kind}')]");
    let open = async |kind: &str| {
        let path = menu(kind);
        let find = || async { desk.client.find(fantoccini::Locator::XPath(&path)).await.ok() };
        desk.until(kind, find).await.click().await.unwrap();
    };

    open("State").await;
    desk.press("#chips a[href='/?q=status:failed']").await;
    desk.arrives("/?q=status:failed").await;
    assert_eq!(desk.run("return document.querySelector('#q').value").await, "status:failed");
    let states = "return [...new Set([...document.querySelectorAll('#wall > .tile')].map(t => t.dataset.state))]";
    assert_eq!(desk.run(states).await, json!(["failed"]));

    // The other way: the words are typed, and the menu knows.
    desk.press("#q").await;
    desk.keys(" ratio:9:16").await;
    desk.holds("return document.querySelectorAll('#chips summary.on').length === 2").await;
    open("9:16").await;
    let chosen =
        desk.list("return [...document.querySelectorAll('#chips [aria-current=true]')].map(a => a.textContent.trim())");
    let chosen = chosen.await;
    assert!(chosen.contains(&"Tall, 9:16".to_owned()) && chosen.contains(&"Failed".to_owned()), "{chosen:?}");
    let shapes = "return [...new Set([...document.querySelectorAll('#wall > .tile')].map(t => t.dataset.ratio))]";
    assert_eq!(desk.run(shapes).await, json!(["9:16"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn list_view_and_the_size_of_tiles_are_kept() {
    let desk = Desk::seeded(120).await;
    let wide = "return document.querySelector('#wall > .tile').getBoundingClientRect().height";
    let medium = desk.run(wide).await.as_f64().unwrap();
    let saved = "return performance.getEntriesByType('resource').filter(r => r.name.endsWith('/look')).length";

    desk.press("summary[aria-label=View]").await;
    desk.press("[data-look] button[value=l]").await;
    desk.holds("return document.querySelector('#shelf').dataset.size === 'l'").await;
    assert!(desk.run(wide).await.as_f64().unwrap() > medium, "large tiles are larger");
    desk.press("[data-look] button[value=list]").await;
    desk.holds("return document.querySelector('#shelf').dataset.view === 'list'").await;
    desk.holds(&format!("{saved} === 2")).await;

    desk.client.refresh().await.unwrap();
    assert_eq!(
        desk.run("return {...document.querySelector('#shelf').dataset}").await,
        json!({ "size": "l", "view": "list" })
    );
    let facts = desk.find("#wall .tile-facts").await.text().await.unwrap();
    assert!(facts.contains("16:9") || facts.contains("9:16") || facts.contains("1:1"), "{facts}");
    let pressed = "return [...document.querySelectorAll('[data-look] [aria-pressed=true]')].map(b => b.value)";
    assert_eq!(desk.run(pressed).await, json!(["list", "l"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_jumps_to_a_day_and_sorts_as_one_likes() {
    let desk = Desk::seeded(300).await;
    let date = "//*[@id='chips']//summary[contains(., 'Date')]";
    desk.client.find(fantoccini::Locator::XPath(date)).await.unwrap().click().await.unwrap();
    let day = desk.run("return new Date(Date.now() - 365 * 864e5).toISOString().slice(0, 10)").await;
    let day = day.as_str().unwrap();
    desk.tell("document.querySelector('#at').value = arguments[0]", day).await;
    desk.press(".jump button").await;
    desk.until("the day", || async { desk.place().await.contains(day).then_some(()) }).await;
    // The day is what one sees; newer clips may come above, out of sight.
    let times = "return [...document.querySelectorAll('#wall time')].map(time => time.dateTime)";
    desk.until("newer clips", || async { (desk.list(times).await[0].as_str() > day).then_some(()) }).await;
    desk.holds("return scrollY > 0").await;
    let seen = "const tile = [...document.querySelectorAll('#wall > .tile')].find(tile => \
                tile.querySelector('time').dateTime < arguments[0]), area = tile.getBoundingClientRect(); \
                return area.top > 0 && area.bottom < innerHeight && Date.parse(arguments[0].slice(0, 10)) \
                - Date.parse(tile.querySelector('time').dateTime) < 30 * 864e5";
    assert_eq!(desk.tell(seen, &format!("{day}T24")).await, true, "the clips of {day} are in the window");

    desk.go("/?sort=longest").await;
    let lengths = desk.list("return [...document.querySelectorAll('#wall .len')].map(l => l.lastChild.data)").await;
    let lengths: Vec<u32> = lengths.iter().map(|text| text.trim_end_matches('s').parse().unwrap()).collect();
    assert!(!lengths.is_empty() && lengths.is_sorted_by(|one, next| one >= next), "{lengths:?}");
    let sort = "//*[@id='chips']//summary[contains(., 'Longest first')]";
    desk.client.find(fantoccini::Locator::XPath(sort)).await.unwrap().click().await.unwrap();
    desk.press("#chips a[href='/?sort=oldest']").await;
    desk.arrives("/?sort=oldest").await;
    let shown = desk.list(times).await;
    assert!(shown.is_sorted() && shown.len() > 40, "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pointing_at_a_clip_plays_that_one_alone_and_leaving_lets_its_file_go() {
    let desk = Desk::seeded(60).await;
    let ids = desk.list("return [...document.querySelectorAll('#wall [data-preview]')].map(a => a.closest('li').id)");
    let ids = ids.await;
    let plays = "const all = [...document.querySelectorAll('#wall video')]; \
                 return all.length === 1 && all[0].currentTime > 0.1 && all[0].closest('li').id";
    for id in &ids[..2] {
        desk.mouse("mouseMoved", &format!("#{id}"), 0).await;
        desk.until("it plays", || async { (desk.run(plays).await == id.as_str()).then_some(()) }).await;
    }
    desk.run("window.last = document.querySelector('#wall video')").await;
    desk.mouse("mouseMoved", ".rail .logo", 0).await;
    desk.holds("return !document.querySelector('#wall video')").await;
    assert_eq!(
        desk.run("return last.hasAttribute('src') || last.networkState === HTMLMediaElement.NETWORK_LOADING").await,
        false
    );

    // Who moves by keyboard sees the same.
    desk.tell("document.querySelector('#' + arguments[0] + ' .tile-link').focus()", &ids[1]).await;
    desk.until("it plays", || async { (desk.run(plays).await == ids[1].as_str()).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_wall_lets_nobody_wait() {
    let desk = Desk::seeded(300).await;
    let watch = "window.long = []; new PerformanceObserver(list => long.push(...list.getEntries()\
                 .map(task => [Math.round(task.startTime), Math.round(task.duration)]))).observe({ type: 'longtask', buffered: true })";
    desk.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": watch })).await;
    desk.go("/").await;
    for edge in [60, 120] {
        desk.run("scrollTo({ top: 1e7, behavior: 'instant' })").await;
        desk.holds(&format!("return document.querySelectorAll('#wall > .tile').length > {edge}")).await;
    }
    desk.mouse("mouseMoved", "#wall > .tile:last-child", 0).await;
    let painted = desk.run("return performance.getEntriesByName('first-contentful-paint')[0].startTime").await;
    let tasks = desk.run("return long").await;
    let paint = painted.as_f64().unwrap();
    let after: Vec<_> = tasks.as_array().unwrap().iter().filter(|task| task[0].as_f64().unwrap() > paint).collect();
    println!("first paint at {paint} ms, long tasks after it [start, ms]: {after:?}, of all {tasks}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_found_the_search_and_the_filters_stay_in_sight() {
    let desk = Desk::seeded(60).await;
    for path in ["/?q=xyzzy", "/uploads", "/trash"] {
        desk.go(path).await;
        let seen = "const area = document.querySelector('#search').getBoundingClientRect(), \
                    at = document.elementFromPoint(area.left + area.width / 2, area.top + area.height / 2); \
                    return !!at?.closest('#search')";
        assert_eq!(desk.run(seen).await, true, "{path}");
    }
}
