//! Signing in and out, the first account, invitations, links for a new password.

use std::time::Duration;

use tempfile::TempDir;

use super::{PASSWORD, add, cookie_of, holding, signed_in, team, told};
use crate::app::{Browser, TestApp};
use crate::upstream::FakeUpstream;

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_sent_to_sign_in_and_back_to_where_they_wanted() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let sent = app.browser.get("/queue?x=1").await;
    assert_eq!(
        (sent.status(), sent.headers()["location"].to_str().unwrap()),
        (303.try_into().unwrap(), "/login?next=%2Fqueue%3Fx%3D1")
    );
    for path in ["/", "/g/0000000000000", "/no-such-page", "/settings", "/usage"] {
        let sent = app.browser.get(path).await;
        assert_eq!(sent.status(), 303, "{path}");
        assert!(sent.headers()["location"].to_str().unwrap().starts_with("/login"), "{path}");
    }
    assert_eq!(app.browser.get("/live?page=library").await.status(), 401);
    let page = app.browser.page("/login?next=%2Fqueue").await;
    assert!(!page.all("input[name=username]").is_empty() && !page.all("input[name=password]").is_empty());
    let form = [("username", "mia"), ("password", PASSWORD), ("next", "/queue")];
    let signed = app.browser.post_form("/login", &form).await;
    assert_eq!((signed.status().as_u16(), signed.headers()["location"].to_str().unwrap()), (303, "/queue"));
    let cookie = signed.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    for next in ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\t/evil.example"]
    {
        let form = [("username", "mia"), ("password", PASSWORD), ("next", next)];
        let signed = app.browser.post_form("/login", &form).await;
        assert_eq!(signed.headers()["location"], "/", "{next}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_name_are_told_alike_and_typed_names_stay() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let mut told = Vec::new();
    for name in ["mia", "nobody"] {
        let response = app.browser.post_form("/login", &[("username", name), ("password", "wrong wrong wrong")]).await;
        assert_eq!(response.status(), 422);
        assert!(cookie_of(&response).is_none());
        let text = response.text().await.unwrap();
        assert!(text.contains(&format!("value=\"{name}\"")), "{text}");
        told.push(text.replace(name, "NAME"));
    }
    assert_eq!(told[0], told[1]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_stopped_and_shuts_nobody_out_who_was_here_before() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    for _ in 0..10 {
        let response = app.browser.post_form("/login", &[("username", "mia"), ("password", "guess guess")]).await;
        assert_eq!(response.status(), 422);
    }
    let form = [("username", "mia"), ("password", PASSWORD)];
    assert_eq!(app.browser.post_form("/login", &form).await.status(), 429, "even with the right one");
    let other = [("username", "paul"), ("password", PASSWORD)];
    assert_eq!(app.browser.post_form("/login", &other).await.status(), 303, "another account is not touched");
    app.clock.advance(Duration::from_mins(16));
    assert_eq!(app.browser.post_form("/login", &form).await.status(), 303);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_and_each_sign_in_begins_another() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let form = [("username", "mia"), ("password", PASSWORD)];
    // Whatever cookie a browser comes with is worth nothing afterwards.
    let planted = holding(&app, "rushes=0000000000000000000000000000000000000000000000000000000000000000");
    let first = cookie_of(&planted.post_form("/login", &form).await).unwrap();
    let second = cookie_of(&app.browser.post_form("/login", &form).await).unwrap();
    assert_ne!(first, second);
    assert_eq!(planted.get("/").await.status(), 303);
    let mia = holding(&app, &first);
    assert_eq!(mia.get("/").await.status(), 200);
    let out = mia.post("/logout").await;
    assert_eq!(out.headers()["location"], "/login");
    assert!(out.headers().contains_key("clear-site-data"));
    assert_eq!(mia.get("/").await.status(), 303, "the cookie is worth nothing any more");
    assert_eq!(holding(&app, &second).get("/").await.status(), 200, "the other browser stays");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_other_sessions_and_needs_the_present_one() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let (here, there) = (signed_in(&app, "mia").await, signed_in(&app, "mia").await);
    let wrong = [("current", "not it at all"), ("password", "five green lamps burn")];
    assert_eq!(here.post_form("/account/password", &wrong).await.status(), 422);
    let weak = [("current", PASSWORD), ("password", "password1234")];
    let response = here.post_form("/account/password", &weak).await;
    assert_eq!(response.status(), 422);
    assert!(response.text().await.unwrap().contains("tried first"));
    let good = [("current", PASSWORD), ("password", "five green lamps burn")];
    assert_eq!(here.post_form("/account/password", &good).await.status(), 303);
    assert_eq!(
        (here.get("/").await.status(), there.get("/").await.status()),
        (200.try_into().unwrap(), 303.try_into().unwrap())
    );
    let old = app.browser.post_form("/login", &[("username", "mia"), ("password", PASSWORD)]).await;
    assert_eq!(old.status(), 422);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_can_be_ended_from_elsewhere() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let (here, there) = (signed_in(&app, "mia").await, signed_in(&app, "mia").await);
    let paul = signed_in(&app, "paul").await;
    let page = here.page("/account").await;
    let forms = page.all("form[action^='/account/sessions/'][action$='/end']");
    let ends: Vec<String> = forms.iter().map(|form| form.value().attr("action").unwrap().to_owned()).collect();
    assert_eq!(ends.len(), 1, "all but this one");
    assert_eq!(paul.post(&ends[0]).await.status(), 404, "not his to end");
    assert_eq!(there.get("/").await.status(), 200);
    let ended = here.post(&ends[0]).await;
    assert_eq!(ended.status(), 303, "{} {}", ends[0], ended.text().await.unwrap());
    assert_eq!(there.get("/").await.status(), 303);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_shut_out_is_out_at_once_and_their_stream_ends() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let mia = signed_in(&app, "mia").await;
    let mut stream = mia.get("/live?page=library").await;
    assert_eq!(stream.status(), 200);
    assert!(stream.chunk().await.unwrap().is_some());
    // On the command line, seen by the running server at once.
    told(app.data.path(), &["user", "disable", "mia"]);
    assert_eq!(mia.get("/").await.status(), 303);
    let login = app.browser.post_form("/login", &[("username", "mia"), ("password", PASSWORD)]).await;
    assert_eq!(login.status(), 422, "told as any other wrong one");
    app.until("the stream's end", || async {
        app.clock.advance(Duration::from_secs(5));
        Some(())
    })
    .await;
    let ended = tokio::time::timeout(Duration::from_secs(10), async {
        while stream.chunk().await.ok().flatten().is_some() {
            app.clock.advance(Duration::from_secs(5));
        }
    });
    ended.await.expect("the stream ends");
    told(app.data.path(), &["user", "enable", "mia"]);
    signed_in(&app, "mia").await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_and_a_link_for_a_new_password_work_once() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let link = told(app.data.path(), &["invite", "--role", "member", "--plan", "pro"]);
    let path = link.lines().last().unwrap().to_owned();
    assert!(app.browser.page(&path).await.text().contains("member"));
    let taken = app.browser.post_form(&path, &[("username", "MIA"), ("password", PASSWORD)]).await;
    assert_eq!(taken.status(), 422);
    let joined = app.browser.post_form(&path, &[("username", "nils"), ("password", PASSWORD)]).await;
    assert_eq!(joined.status(), 303);
    let nils = holding(&app, &cookie_of(&joined).unwrap());
    assert!(nils.page("/account").await.text().contains("Member · plan pro"));
    assert_eq!(app.browser.post_form(&path, &[("username", "eve"), ("password", PASSWORD)]).await.status(), 410);
    assert_eq!(app.browser.get(&path).await.status(), 410);

    let link = told(app.data.path(), &["user", "reset", "nils"]);
    let path = link.lines().last().unwrap().to_owned();
    let reset = app.browser.post_form(&path, &[("password", "five green lamps burn")]).await;
    assert_eq!(reset.status(), 303);
    assert_eq!(nils.get("/").await.status(), 303, "sessions of the old password ended");
    assert_eq!(app.browser.post_form(&path, &[("password", "six green lamps burn")]).await.status(), 410);
    let late = told(app.data.path(), &["user", "reset", "nils"]);
    app.clock.advance(Duration::from_hours(25));
    assert_eq!(app.browser.get(late.lines().last().unwrap()).await.status(), 410, "after a day");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_owner_takes_over_what_was_made_without_accounts() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let clip = app.browser.paid("A lighthouse").await;
    add(app.data.path(), "olga", "owner", "unlimited");
    assert_eq!(app.browser.get("/").await.status(), 303, "from now on everybody signs in");
    let olga = signed_in(&app, "olga").await;
    assert_eq!(olga.get(&clip).await.status(), 200);
    assert!(olga.page("/mine").await.generations().iter().any(|drawn| clip.ends_with(&drawn.id)));
    app.stop().await;
}

/// Rushes on all addresses of this machine, without accounts; where it is and the link that it printed.
async fn exposed(data: &TempDir, code: Option<&str>) -> (crate::app::Program, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_rushes"));
    command.args(["serve", "--listen", "0.0.0.0:0", "--data"]).arg(data.path()).env_remove("RUSHES_SETUP_CODE");
    if let Some(code) = code {
        command.env("RUSHES_SETUP_CODE", code);
    }
    crate::app::Program::run_with_second_line(command, data.path()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_this_machine_only_the_printed_link_makes_the_first_account_and_only_one_does() {
    let data = TempDir::new().unwrap();
    let (program, line) = exposed(&data, None).await;
    let base = program.browser.url("").replace("0.0.0.0", "127.0.0.1");
    let browser = Browser::at(&base);
    for path in ["/", "/queue", "/settings", "/live?page=library"] {
        let status = browser.get(path).await.status().as_u16();
        assert!(matches!(status, 303 | 401), "{path}: {status}");
    }
    assert_eq!(browser.create(&[("prompt", "A boat")]).await.headers()["location"], "/setup");
    let printed = line.split_whitespace().last().unwrap();
    let path = printed[printed.find("/setup").unwrap()..].to_owned();
    let code = path.split_once("code=").unwrap().1.to_owned();
    assert_eq!(browser.get(&format!("{path}x")).await.status(), 410);
    assert_eq!(browser.get(&path).await.status(), 200);
    let mut asked = tokio::task::JoinSet::new();
    for number in 0..50 {
        let (browser, code) = (browser.clone(), code.clone());
        asked.spawn(async move {
            let name = format!("owner {number}");
            loop {
                let form = [("code", code.as_str()), ("username", name.as_str()), ("password", PASSWORD)];
                let response = browser.post_form("/setup", &form).await;
                // More than a few at once are told to come back.
                if response.status() != 503 {
                    return response.status().as_u16();
                }
            }
        });
    }
    let mut statuses = Vec::new();
    while let Some(status) = asked.join_next().await {
        statuses.push(status.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 303 | 410)), "{statuses:?}");
    let people = told(data.path(), &["user", "list", "--json"]);
    let people: serde_json::Value = serde_json::from_str(&people).unwrap();
    assert_eq!(people.as_array().unwrap().len(), 1);
    assert_eq!(people[0]["role"], "owner");
    program.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_chosen_beforehand_works_and_is_not_printed() {
    let data = TempDir::new().unwrap();
    let (program, line) = exposed(&data, Some("canary-code-of-my-own")).await;
    assert!(line.contains("RUSHES_SETUP_CODE") && !line.contains("canary"), "{line}");
    let browser = Browser::at(&program.browser.url("").replace("0.0.0.0", "127.0.0.1"));
    let form = [("code", "canary-code-of-my-own"), ("username", "olga"), ("password", PASSWORD)];
    assert_eq!(browser.post_form("/setup", &form).await.status(), 303);
    let log = std::fs::read_to_string(data.path().join("test.log")).unwrap();
    assert!(!log.contains("canary") && !log.contains(PASSWORD), "{log}");
    program.kill().await;
}
