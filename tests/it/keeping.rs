//! Keeping: favorites, folders, best takes, many at once, the archive, the trash and its end.

use std::io::Read;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;

use crate::app::TestApp;
use crate::invariants::check_all;
use crate::upstream::FakeUpstream;
use crate::upstream::clip::CLIP;

/// Rushes with so many finished clips; their pages, the oldest first.
async fn with_clips(many: usize) -> (FakeUpstream, TestApp, Vec<String>) {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let mut clips = Vec::new();
    for number in 0..many {
        clips.push(app.browser.paid(&format!("Shot number {number}")).await);
    }
    for clip in &clips {
        app.until_state(clip, "completed").await;
        let poster = format!("{clip}/poster.jpg");
        app.until("the still", || async { (app.browser.get(&poster).await.status() == 200).then_some(()) }).await;
    }
    (fake, app, clips)
}

fn id(clip: &str) -> &str {
    clip.trim_start_matches("/g/")
}

/// A selection of these, with a verb, as the bar sends it.
async fn select(app: &TestApp, clips: &[String], verb: &str, more: &[(&str, &str)]) -> reqwest::Response {
    let mut fields: Vec<(&str, &str)> = clips.iter().map(|clip| ("id", id(clip))).collect();
    fields.extend([("do", verb), ("here", "/")]);
    fields.extend(more);
    app.browser.post_form("/selection", &fields).await
}

async fn shown(app: &TestApp, path: &str) -> Vec<String> {
    let page = app.browser.page(path).await;
    let mut clips: Vec<String> = page.generations().into_iter().map(|clip| format!("/g/{}", clip.id)).collect();
    clips.sort();
    clips
}

#[tokio::test(flavor = "multi_thread")]
async fn favorites_folders_and_best_takes_are_found_where_they_were_put() {
    let (fake, app, clips) = with_clips(3).await;
    let on = [("on", "1")];
    assert_eq!(app.browser.post_form(&format!("{}/favorite", clips[0]), &on).await.status(), 303);
    assert_eq!(app.browser.post_form(&format!("{}/favorite", clips[0]), &on).await.status(), 303);
    assert_eq!(select(&app, &clips[1..2], "favorite", &[]).await.status(), 303);
    assert_eq!(shown(&app, "/favorites").await, clips[..2]);
    assert_eq!(app.browser.post_form(&format!("{}/favorite", clips[0]), &[("on", "0")]).await.status(), 303);
    assert_eq!(shown(&app, "/favorites").await, clips[1..2]);

    let made = app.browser.post_form("/folders", &[("name", " Client \n review ")]).await;
    let folder = made.headers()["location"].to_str().unwrap().to_owned();
    let verb = format!("folder:{}", folder.trim_start_matches("/f/"));
    assert_eq!(select(&app, &clips, &verb, &[]).await.status(), 303);
    assert_eq!(select(&app, &clips[..1], "new-folder", &[("folder_name", "Second")]).await.status(), 303);
    assert_eq!(shown(&app, &folder).await, clips);
    let page = app.browser.page(&clips[0]).await;
    assert_eq!(page.all("#keep input[name=folder][checked]").len(), 2, "in both at once");
    let out = format!("out:{}", folder.trim_start_matches("/f/"));
    assert_eq!(select(&app, &clips[2..], &out, &[]).await.status(), 303);
    assert_eq!(shown(&app, &folder).await, clips[..2]);
    assert!(app.browser.page("/folders").await.text().contains("Client review 2 clips"));
    let named = [("name", "Finals")];
    assert_eq!(app.browser.post_form(&format!("{folder}/rename"), &named).await.status(), 303);
    assert!(app.browser.page(&folder).await.one("h1").text().collect::<String>().contains("Finals"));
    assert_eq!(app.browser.post(&format!("{folder}/remove")).await.status(), 303);
    assert_eq!(app.browser.get(&folder).await.status(), 404);
    assert_eq!(shown(&app, "/").await, clips, "the clips stay");

    let task = app.browser.created(&[("prompt", "Four"), ("model", "sora-2"), ("variations", "4")]).await;
    let takes = shown(&app, &task).await;
    for take in &takes {
        app.until_state(take, "completed").await;
    }
    for take in [&takes[1], &takes[3]] {
        assert_eq!(app.browser.post_form(&format!("{take}/best"), &on).await.status(), 303);
    }
    assert_eq!(shown(&app, "/?q=is:best").await, [takes[3].clone()], "one is the best");
    assert!(app.browser.page(&task).await.all(".take.best").len() == 1);
    let two = app.browser.page(&format!("{task}/compare?take=2&take=4")).await;
    let videos: Vec<_> = two.all("video").iter().map(|video| video.value().attr("src").unwrap().to_owned()).collect();
    assert_eq!(videos, [format!("{}/clip.mp4", takes[1]), format!("{}/clip.mp4", takes[3])]);
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_do_not_do_come_back_with_a_sentence_beside_the_field() {
    let (fake, app, clips) = with_clips(1).await;
    let long = "ö".repeat(121);
    assert_eq!(app.browser.post_form("/folders", &[("name", "Taken")]).await.status(), 303);
    for (name, words) in [
        ("", "Give the folder a name."),
        (" \u{0}\u{202e} ", "Give the folder a name."),
        (long.as_str(), "This has 121 characters; the most is 120."),
        ("taken", "There is a folder called “taken” already."),
    ] {
        let response = app.browser.post_form("/folders", &[("name", name)]).await;
        assert_eq!(response.status(), 422, "{name:?}");
        let page = crate::page::Page::read(&response.text().await.unwrap());
        assert!(page.error_of("name").unwrap().contains(words), "{name:?}");
        assert_eq!(
            page.attribute("#name", "value").unwrap(),
            name.replace('\u{0}', "\u{fffd}"),
            "nothing typed is lost"
        );
    }
    for name in ["../../etc/passwd", "<script>alert(1)</script>", "سفر", "con", "a/b"] {
        let made = app.browser.post_form("/folders", &[("name", name)]).await;
        assert_eq!(made.status(), 303, "{name}");
        let page = app.browser.page(made.headers()["location"].to_str().unwrap()).await;
        assert_eq!(page.one("h1").text().collect::<String>(), name);
        assert!(page.all("script:not([src])").is_empty());
    }
    let (title, notes) = ("t".repeat(121), "n".repeat(10_001));
    let response = app.browser.post_form(&format!("{}/words", clips[0]), &[("title", &title), ("notes", &notes)]).await;
    assert_eq!(response.status(), 422);
    let page = crate::page::Page::read(&response.text().await.unwrap());
    assert!(page.error_of("title").unwrap().contains("121 characters"));
    assert!(page.error_of("notes").unwrap().contains("10001 characters"));
    assert_eq!(page.attribute("#title", "value"), Some(title));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_people_do_at_once_is_done_once() {
    let (fake, app, clips) = with_clips(2).await;
    let paths: Vec<String> = (0..6).map(|_| format!("{}/delete", clips[0])).collect();
    let ends = join_all(paths.iter().map(|path| app.browser.post(path))).await;
    let went = ends.iter().filter(|end| end.status() == 303).count();
    assert_eq!(went, 1, "{:?}", ends.iter().map(reqwest::Response::status).collect::<Vec<_>>());
    assert!(ends.iter().all(|end| [303, 409].contains(&end.status().as_u16())));

    let name = [("name", "Same")];
    let ends = join_all((0..6).map(|_| app.browser.post_form("/folders", &name))).await;
    assert_eq!(ends.iter().filter(|end| end.status() == 303).count(), 1);
    assert!(ends.iter().all(|end| [303, 422].contains(&end.status().as_u16())));
    let folder =
        ends.iter().find(|end| end.status() == 303).unwrap().headers()["location"].to_str().unwrap().to_owned();
    let (remove, rename) = (format!("{folder}/remove"), format!("{folder}/rename"));
    let (first, second) = tokio::join!(app.browser.post(&remove), app.browser.post_form(&rename, &[("name", "Other")]));
    assert_eq!(first.status(), 303);
    assert!([303, 404].contains(&second.status().as_u16()));
    let put = format!("folder:{}", folder.trim_start_matches("/f/"));
    assert_eq!(
        select(&app, &clips[1..], &put, &[]).await.status(),
        404,
        "the folder is gone, and nothing is half done"
    );
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_deleted_at_once_brought_back_and_in_the_end_gone_for_good() {
    let (_fake, app, clips) = with_clips(4).await;
    app.browser.post_form(&format!("{}/words", clips[3]), &[("title", "Secret"), ("notes", "of ours")]).await;
    let response = select(&app, &clips[1..], "trash", &[]).await;
    let to = response.headers()["location"].to_str().unwrap().to_owned();
    let page = app.browser.page(&to).await;
    assert!(page.one("#flash").text().collect::<String>().contains("3 clips moved to the trash."));
    assert_eq!(shown(&app, "/").await, clips[..1]);
    let trash = app.browser.page("/trash").await;
    assert!(trash.text().contains("deleted for good 30 days after") && trash.text().contains("30 days left"));
    assert_eq!(select(&app, &clips[1..2], "restore", &[("here", "/trash")]).await.status(), 303);
    assert_eq!(shown(&app, "/").await, clips[..2]);

    let kept: Vec<_> = crate::invariants::files(&app.data.path().join("library"));
    assert_eq!(kept.len(), 12, "film, still and details of four: {kept:?}");
    // One is given up by hand, which is asked about first; the other goes by itself.
    let chosen = [("id", id(&clips[2])), ("here", "/trash")];
    let asked = app.browser.post_form("/trash/empty", &chosen).await;
    assert_eq!(asked.status(), 200);
    assert!(asked.text().await.unwrap().contains("1 clip will be deleted."));
    assert_eq!(shown(&app, "/trash").await.len(), 2, "nothing went yet");
    let sure = [chosen[0], chosen[1], ("sure", "1")];
    assert_eq!(app.browser.post_form("/trash/empty", &sure).await.status(), 303);
    assert_eq!(app.browser.get(&clips[2]).await.status(), 404);
    assert_eq!(app.browser.post(&format!("{}/restore", clips[2])).await.status(), 404);
    let library = app.data.path().join("library");
    let left = |many: usize| {
        let library = library.clone();
        move || {
            let found = crate::invariants::files(&library).len();
            async move { (found == many).then_some(()) }
        }
    };
    app.until_by(Duration::from_secs(30), "its files are gone", left(9)).await;
    app.until_by(Duration::from_hours(24), "thirty days", left(6)).await;
    assert_eq!(app.browser.get(&clips[3]).await.status(), 404);
    assert_eq!(shown(&app, "/?q=secret").await, Vec::<String>::new());
    assert_eq!(app.browser.get(&format!("{}/clip.mp4", clips[3])).await.status(), 404);
    assert_eq!(app.browser.get(&clips[0]).await.status(), 200);
    let data = app.stop().await;
    let words = "select count(*) from clip where title <> '' or notes <> '' or (erased is not null and prompt <> '')";
    assert_eq!(crate::invariants::count(data.path(), words).await, 0);
    assert_eq!(
        crate::invariants::count(data.path(), "select count(*) from attempt").await,
        4,
        "the record of money stays"
    );
}

/// Names, lengths and checksums in the directory of an archive, as the format has them.
fn directory(zip: &[u8]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(place) = zip[at..].windows(4).position(|four| four == b"PK\x01\x02") {
        let entry = &zip[at + place..];
        let number =
            |from: usize, bytes: usize| entry[from..from + bytes].iter().rev().fold(0, |n, b| n << 8 | usize::from(*b));
        let name = String::from_utf8(entry[46..46 + number(28, 2)].to_vec()).unwrap();
        found.push((name, number(24, 4)));
        at += place + 46;
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_clips_come_as_one_archive_with_a_manifest_and_a_missing_file_is_told() {
    let (_fake, app, clips) = with_clips(3).await;
    let mut fields: Vec<(&str, &str)> = clips.iter().map(|clip| ("id", id(clip))).collect();
    fields.push(("here", "/"));
    let films: Vec<_> = crate::invariants::files(&app.data.path().join("library"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "mp4"))
        .collect();
    std::fs::remove_file(films.iter().find(|path| path.to_string_lossy().contains(id(&clips[0]))).unwrap()).unwrap();
    let response = app.browser.post_form("/selection/download", &fields).await;
    assert_eq!(response.headers()["content-type"], "application/zip");
    let name = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(name, "attachment; filename=\"rushes-all-2026-11-21.zip\"");
    let zip = response.bytes().await.unwrap();
    let found = directory(&zip);
    let is = |kind: &str| found.iter().filter(|(name, _)| name.ends_with(kind)).count();
    assert_eq!((is(".mp4"), is(".json")), (2, 4), "{found:?}");
    let films = found.iter().filter(|(name, _)| !name.contains("json"));
    assert!(films.map(|(_, length)| *length).all(|length| length == CLIP.len()));
    let text = String::from_utf8_lossy(&zip).into_owned();
    assert!(
        text.contains("\"made_by\": \"Rushes\"") && text.contains("Shot number 1") && text.contains("\"left_out\"")
    );

    // A clip whose file vanished says so, and everything else goes on.
    assert_eq!(app.browser.get(&format!("{}/clip.mp4", clips[0])).await.status(), 404);
    assert!(app.browser.page(&clips[0]).await.text().contains("The file is missing"));
    let none = app.browser.post_form("/selection/download", &[("here", "/")]).await;
    assert_eq!(none.status(), 422);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_thousands_that_is_broken_off_leaves_nothing_running() {
    let clock = rushes::clock::Clock::manual(rushes::domain::Millis::from_i64(1_795_300_000_000));
    let data = tempfile::TempDir::new().unwrap();
    let folder = data.path().join("data");
    rushes::seed::fill(&folder, 5_000, &clock).await.unwrap();
    let program = crate::app::Program::start(&folder, None).await;
    let high = || {
        let id = program.child.id().unwrap();
        let mut status = String::new();
        std::fs::File::open(format!("/proc/{id}/status")).unwrap().read_to_string(&mut status).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    program.browser.page("/").await;
    let before = high();
    let all = [("all", "1"), ("here", "/?q=status:done")];
    let whole = program.browser.post_form("/selection/download", &all).await;
    let mut bytes = whole.bytes_stream();
    let mut length = 0;
    while let Some(chunk) = bytes.next().await {
        length += chunk.unwrap().len();
    }
    assert!(length > 100_000_000, "{length}");
    let half = program.browser.post_form("/selection/download", &all).await;
    let mut bytes = half.bytes_stream();
    for _ in 0..20 {
        bytes.next().await.unwrap().unwrap();
    }
    drop(bytes);
    let grown = high() - before;
    assert!(grown < 40_000, "{grown} kB more for {length} bytes");
    assert_eq!(program.browser.get("/").await.status(), 200);
    assert_eq!(program.terminate().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_that_began_with_a_clip_leads_back_to_it() {
    let (fake, app, clips) = with_clips(1).await;
    let form = app.browser.page(&format!("/?from={}", id(&clips[0]))).await;
    assert_eq!(form.one("textarea[name=prompt]").text().collect::<String>().trim(), "Shot number 0");
    let from = form.attribute("#composer [name=from]", "value").unwrap();
    let fields =
        [("prompt", "Shot number 0, at night"), ("model", "sora-2"), ("seconds", "4"), ("from", from.as_str())];
    let task = app.browser.created(&fields).await;
    let child = shown(&app, &task).await.remove(0);
    app.until_state(&child, "completed").await;
    let page = app.browser.page(&child).await;
    assert_eq!(page.attribute(&format!(".facts a[href='{}']", clips[0]), "href"), Some(clips[0].clone()));
    let parent = app.browser.page(&clips[0]).await;
    assert!(parent.text().contains("1 task"));
    assert_eq!(shown(&app, &format!("/?q=from:{}", id(&clips[0]))).await, [child]);
    assert_eq!(app.browser.page("/?sort=remixed").await.generations()[0].id, id(&clips[0]));
    check_all(app, &fake).await;
}
