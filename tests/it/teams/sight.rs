//! Who sees what: a private clip is its maker's alone, on every address there is.

use reqwest::StatusCode;

use super::{signed_in, team};
use crate::app::{Browser, TestApp};
use crate::upstream::FakeUpstream;

const SECRET: &str = "Canary swims through a flooded ballroom";

/// A finished clip of Mia's; its page.
async fn finished(app: &TestApp, fake: &FakeUpstream, mia: &Browser, visibility: &'static str) -> String {
    let fields = [("prompt", SECRET), ("model", "sora-2"), ("seconds", "4"), ("visibility", visibility)];
    let task = mia.created(&fields).await;
    let clip = format!("/g/{}", mia.page(&task).await.generations()[0].id);
    app.until("the end", || async {
        fake.finish_all();
        (mia.page(&clip).await.generations()[0].state == "completed").then_some(())
    })
    .await;
    clip
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_anothers_private_clip_not_even_an_owner() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let mia = signed_in(&app, "mia").await;
    let clip = finished(&app, &fake, &mia, "private").await;
    let id = clip.trim_start_matches("/g/").to_owned();
    let task = mia.page(&clip).await.attribute("a[href^='/t/']", "href").unwrap_or_default();
    assert_eq!(mia.get(&format!("{clip}/clip.mp4")).await.status(), 200);
    assert!(mia.page("/").await.text().contains("Canary"));
    for name in ["olga", "adam", "paul", "vera"] {
        let other = signed_in(&app, name).await;
        let mut paths: Vec<String> =
            ["", "/clip.mp4", "/poster.jpg", "/frame?at=first", "/trim", "/remix", "/extend", "/convert"]
                .iter()
                .map(|rest| format!("{clip}{rest}"))
                .collect();
        paths.push(format!("/live/now?page=generation:{id}"));
        if !task.is_empty() {
            paths.extend([task.clone(), format!("{task}/compare"), format!("{task}/edit")]);
        }
        for path in &paths {
            let status = other.get(path).await.status();
            let is_hidden = status == StatusCode::NOT_FOUND || (status == StatusCode::FORBIDDEN && name == "vera");
            assert!(is_hidden, "{name} {path}: {status}");
        }
        for path in
            ["/", "/?q=canary", "/queue", "/activity", "/live/now?page=library", "/live/now?page=queue", "/folders"]
        {
            let text = other.get(path).await.text().await.unwrap();
            assert!(!text.contains("Canary") && !text.contains(&id), "{name} {path}");
        }
        if name != "vera" {
            for verb in [
                "cancel",
                "retry",
                "check",
                "give-up",
                "delete",
                "restore",
                "favorite",
                "best",
                "words",
                "folders",
                "reroll",
                "visibility",
            ] {
                let response = other
                    .post_form(
                        &format!("{clip}/{verb}"),
                        &[("visibility", "team"), ("title", "x"), ("notes", ""), ("on", "1")],
                    )
                    .await;
                let status = response.status().as_u16();
                // What a form for an image refuses, refuses; what an admin may steer has ended.
                assert!(matches!(status, 404 | 409 | 422), "{name} {verb}: {status}");
                assert!(!response.text().await.unwrap().contains("Canary"), "{name} {verb}");
            }
        }
        let zip = other.post_form("/selection/download", &[("id", id.as_str())]).await;
        let bytes = zip.bytes().await.unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("anary"), "{name}: a zip");
    }
    let own = mia.page(&clip).await;
    assert_eq!(own.generations()[0].state, "completed", "nothing of all that did anything");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_that_was_shown_can_be_looked_at_and_not_changed_and_is_hidden_again() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let mia = signed_in(&app, "mia").await;
    let paul = signed_in(&app, "paul").await;
    let clip = finished(&app, &fake, &mia, "team").await;
    let page = paul.page(&clip).await;
    assert!(page.text().contains("Made by") && page.text().contains("mia"));
    assert!(page.all(&format!("form[action='{clip}/delete']")).is_empty(), "no button that would be refused");
    assert!(!page.all(&format!("form[action='{clip}/favorite']")).is_empty());
    for verb in ["delete", "words", "best", "visibility"] {
        let fields = [("title", "mine now"), ("notes", ""), ("on", "1"), ("visibility", "private")];
        let response = paul.post_form(&format!("{clip}/{verb}"), &fields).await;
        assert_eq!(response.status(), 403, "{verb}");
        assert!(response.text().await.unwrap().contains("Only whoever made this"), "{verb}");
    }
    let vera = signed_in(&app, "vera").await;
    assert!(vera.page("/").await.all("form#composer").is_empty(), "a viewer has no composer");
    assert_eq!(vera.create(&[("prompt", "A boat")]).await.status(), 403);
    assert_eq!(mia.post_form(&format!("{clip}/visibility"), &[("visibility", "private")]).await.status(), 303);
    assert_eq!(paul.get(&clip).await.status(), 404);
    let adam = signed_in(&app, "adam").await;
    assert_eq!(adam.get(&clip).await.status(), 404);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_private_work_waits_as_someones_and_an_admin_can_cancel_it_unseen() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = team(&fake, 1).await;
    let (mia, paul, adam) =
        (signed_in(&app, "mia").await, signed_in(&app, "paul").await, signed_in(&app, "adam").await);
    let fields =
        [("prompt", SECRET), ("model", "sora-2"), ("seconds", "4"), ("visibility", "private"), ("variations", "2")];
    let task = mia.created(&fields).await;
    let waiting = app
        .until("a place taken", || async {
            let clips = mia.page(&task).await.generations();
            let is_taken = clips.iter().any(|clip| clip.state == "in_progress");
            clips.into_iter().find(|clip| clip.state == "queued").filter(|_| is_taken)
        })
        .await;
    let page = paul.page("/queue").await;
    assert!(page.text().contains("Someone’s generation") && !page.text().contains("Canary"));
    let cancel = format!("/g/{}/cancel", waiting.id);
    assert_eq!(paul.post(&cancel).await.status(), 404);
    assert_eq!(paul.post_form(&format!("/g/{}/move", waiting.id), &[("to", "front")]).await.status(), 404);
    let answer = adam.post(&cancel).await;
    assert!(answer.status().is_success() || answer.status() == 303, "{}", answer.status());
    assert!(!answer.text().await.unwrap().contains("Canary"));
    let states = mia.page(&task).await.generations();
    assert!(states.iter().any(|clip| clip.id == waiting.id && clip.state == "canceled"), "{states:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_styles_storyboards_and_the_trash_are_everybodys_own_unless_shared() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let (mia, paul) = (signed_in(&app, "mia").await, signed_in(&app, "paul").await);
    let made = mia.post_form("/folders", &[("name", "Canary cuts"), ("visibility", "private")]).await;
    let folder = made.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(mia.get(&folder).await.status(), 200);
    assert_eq!(paul.get(&folder).await.status(), 404);
    assert!(!paul.page("/folders").await.text().contains("Canary"));
    assert_eq!(paul.post_form(&format!("{folder}/rename"), &[("name", "x")]).await.status(), 404);
    assert_eq!(paul.post(&format!("{folder}/remove")).await.status(), 404);
    let same = paul.post_form("/folders", &[("name", "Canary cuts"), ("visibility", "private")]).await;
    assert_eq!(same.status(), 303, "a hidden name is not told by being taken");
    let shared =
        mia.post_form("/folders", &[("name", "For all")]).await.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(paul.get(&shared).await.status(), 200);
    assert_eq!(paul.post(&format!("{shared}/remove")).await.status(), 403);
    let board = mia.post("/storyboards").await.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(
        (mia.get(&board).await.status(), paul.get(&board).await.status()),
        (StatusCode::OK, StatusCode::NOT_FOUND)
    );
    assert_eq!(paul.post(&format!("{board}/remove")).await.status().as_u16() / 100, 4);
    assert_eq!(mia.get(&board).await.status(), 200, "it is still there");

    let clip = finished(&app, &fake, &mia, "team").await;
    mia.press(&clip, "delete").await;
    assert!(mia.page("/trash").await.text().contains("flooded ballroom"));
    assert!(!paul.page("/trash").await.text().contains("flooded ballroom"));
    let all = [("all", "1"), ("here", "/trash"), ("sure", "1")];
    assert_eq!(paul.post_form("/trash/empty", &all).await.status(), 303);
    mia.press(&clip, "restore").await;
    assert_eq!(paul.get(&clip).await.status(), 200);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_no_form_has_change_nothing() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let (mia, olga) = (signed_in(&app, "mia").await, signed_in(&app, "olga").await);
    let smuggled = [
        ("prompt", "A boat"),
        ("model", "sora-2"),
        ("seconds", "4"),
        ("person_id", "1"),
        ("person", "olga"),
        ("price_micros", "0"),
        ("cost", "0"),
        ("relaxed", "0"),
        ("state", "completed"),
        ("upstream", "animatic"),
    ];
    let task = mia.created(&smuggled).await;
    let page = olga.page(&task).await;
    assert_eq!(page.generations().len(), 1);
    let clip = format!("/g/{}", page.generations()[0].id);
    let text = olga.page(&clip).await.text();
    assert!(text.contains("Made by") && text.contains("mia") && text.contains("$0.40"), "{text}");
    let name = [("username", "mia the second"), ("role", "owner"), ("plan", "unlimited"), ("money_per_month", "999")];
    assert_eq!(mia.post_form("/account/name", &name).await.status(), 303);
    let people: serde_json::Value =
        serde_json::from_str(&super::told(app.data.path(), &["user", "list", "--json"])).unwrap();
    let mia = people.as_array().unwrap().iter().find(|one| one["name"] == "mia the second").unwrap().clone();
    assert_eq!((&mia["role"], &mia["plan"]), (&"member".into(), &"plus".into()));
    assert!(mia["money_per_month_micros"].is_null());
    app.stop().await;
}
