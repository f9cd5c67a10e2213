//! Every route has a rule, and every role meets it as the rule says.

use std::path::Path;

use reqwest::Method;
use rushes::domain::{Right, Role};
use rushes::web::gate::{self, Need};
use sqlx::{AssertSqlSafe, Row as _};

use super::{signed_in, team};
use crate::app::Browser;
use crate::upstream::FakeUpstream;

/// Every route that the source names, with its methods.
pub fn routes() -> Vec<(String, bool, bool)> {
    let source = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/mod.rs")).unwrap();
    let mut found = Vec::new();
    for piece in source.split(".route(").skip(1) {
        let path = piece.split('"').nth(1).unwrap().to_owned();
        // Up to where the next call of the router begins.
        let call = piece.split("\n        .").next().unwrap();
        found.push((path, call.contains("get("), call.contains("post(") || call.contains("delete(")));
    }
    found
}

#[test]
fn every_route_has_a_rule_for_each_of_its_methods_and_no_rule_is_for_nothing() {
    let routes = routes();
    assert!(routes.len() > 90, "{} routes were read", routes.len());
    for (path, reads, changes) in &routes {
        for (method, has) in [(Method::GET, *reads), (Method::POST, *changes)] {
            assert_eq!(
                gate::need(path, &method).is_some(),
                has,
                "{method} {path}: every route needs a rule in web/gate.rs"
            );
        }
    }
    for (path, ..) in gate::RULES {
        assert!(routes.iter().any(|(route, ..)| route == path), "{path} has a rule and is no route");
    }
    // What strangers reach is written down twice, so that nothing joins it by a slip.
    let open: Vec<&str> = gate::RULES
        .iter()
        .filter(|(_, read, change)| *read == Some(Need::Open) || *change == Some(Need::Open))
        .map(|(path, ..)| *path)
        .collect();
    assert_eq!(
        open,
        [
            "/theme",
            "/login",
            "/logout",
            "/setup",
            "/join/{code}",
            "/reset/{code}",
            "/v1/openapi.json",
            "/health",
            "/static/{hash}/{*name}"
        ]
    );
}

/// The status of a request by somebody; the answer keeps their browser safe, whatever it says.
async fn asked(browser: &Browser, method: &Method, path: &str) -> u16 {
    let request = browser.client().request(method.clone(), browser.url(path));
    let response = request.send().await.unwrap();
    let header = |name: &str| response.headers().get(name).map_or("", |value| value.to_str().unwrap());
    let policy = header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{method} {path}: {policy}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{method} {path}");
    assert_eq!(header("referrer-policy"), "same-origin", "{method} {path}");
    assert!(!header("cache-control").is_empty() && !header("x-request-id").is_empty(), "{method} {path}");
    assert!(!response.headers().keys().any(|name| name.as_str().starts_with("access-control-")), "{method} {path}");
    response.status().as_u16()
}

/// A route's address with ids that are none: whoever may ask learns that there is nothing.
pub fn nowhere(route: &str) -> String {
    let named = route
        .replace("{*name}", "x.css")
        .replace("{*model}", "none")
        .replace("{hash}", "0")
        .replace("{code}", "none")
        .replace("{file}", "clip.mp4")
        .replace("{topic}", "policy");
    let parts = named.split('/').map(|part| if part.starts_with('{') { "0000000000000" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// What the database holds, but for when somebody was last seen.
async fn held(data: &Path) -> Vec<String> {
    let database = crate::invariants::database(data).await;
    let tables =
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name <> 'session'
                  and name not like '%_fts%' order by name";
    let mut held = Vec::new();
    for table in sqlx::query(tables).fetch_all(&database).await.unwrap() {
        let table: String = table.get(0);
        let columns: Vec<String> = sqlx::query(AssertSqlSafe(format!("select name from pragma_table_info('{table}')")))
            .fetch_all(&database)
            .await
            .unwrap()
            .iter()
            .map(|column| column.get(0))
            .filter(|column: &String| column != "used_at")
            .map(|column| format!("quote({column})"))
            .collect();
        let whole = format!("select coalesce(group_concat({}, ' '), '') from {table}", columns.join(" || ' ' || "));
        let rows = sqlx::query(AssertSqlSafe(whole)).fetch_one(&database).await.unwrap();
        held.push(format!("{table}: {}", rows.get::<String, _>(0)));
    }
    database.close().await;
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_meets_every_route_as_its_rule_says() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let mut people = Vec::new();
    for (name, role) in [("vera", Role::Viewer), ("mia", Role::Member), ("adam", Role::Admin), ("olga", Role::Owner)] {
        people.push((signed_in(&app, name).await, role));
    }
    // Somebody whose session was good until a moment ago.
    let gone = signed_in(&app, "paul").await;
    assert_eq!(asked(&gone, &Method::GET, "/").await, 200);
    super::told(app.data.path(), &["user", "disable", "paul"]);
    let mut refused = 0;
    for (route, reads, changes) in routes() {
        let path = nowhere(&route);
        for (method, has) in [(Method::GET, reads), (Method::POST, changes)] {
            // Streams stay open, and leaving would end the session that the rest needs.
            if !has || matches!(route.as_str(), "/live" | "/logout" | "/account/sessions/end-others") {
                continue;
            }
            let Some(need) = gate::need(&route, &method) else { panic!("{route} has no rule") };
            let stranger = asked(&app.browser, &method, &path).await;
            match need {
                Need::Open => assert!(!matches!(stranger, 401 | 403), "{method} {path}: {stranger}"),
                // A browser's session opens nothing of the API: another website could ride it.
                Need::Key(_) => {
                    assert_eq!(stranger, 401, "a stranger, {method} {path}");
                    for (browser, role) in &people {
                        assert_eq!(asked(browser, &method, &path).await, 401, "{role}, {method} {path}");
                    }
                    continue;
                }
                Need::Right(_) | Need::Clip => {
                    assert!(matches!(stranger, 303 | 401), "a stranger, {method} {path}: {stranger}");
                }
            }
            assert_eq!(asked(&gone, &method, &path).await, stranger, "who was shut out, {method} {path}");
            for (browser, role) in &people {
                let status = asked(browser, &method, &path).await;
                let may = need.right().is_none_or(|right| role.may(right));
                assert!(status < 500, "{role}, {method} {path}: {status}");
                assert_eq!(status == 403, !may, "{role}, {method} {path}: {status}");
                refused += usize::from(!may);
            }
        }
    }
    assert!(refused > 60, "{refused} were refused");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_changes_nothing_whoever_looks_and_odd_methods_are_refused() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let mia = signed_in(&app, "mia").await;
    let task = mia.created(&[("prompt", "A boat"), ("model", "sora-2"), ("seconds", "4")]).await;
    let clip = mia.page(&task).await.generations()[0].id.clone();
    app.until_state_as(&mia, &format!("/g/{clip}"), "completed").await;
    app.until("the still", || async {
        (mia.get(&format!("/g/{clip}/poster.jpg")).await.status() == 200).then_some(())
    })
    .await;
    let mut everybody = Vec::new();
    for name in ["vera", "adam", "olga"] {
        everybody.push(signed_in(&app, name).await);
    }
    everybody.push(mia);
    let before = held(app.data.path()).await;
    assert!(before.iter().any(|table| table.starts_with("generation: ") && table.contains("completed")));
    for (route, reads, _) in routes() {
        let path = nowhere(&route.replace("{generation}", &clip).replace("{task}", task.trim_start_matches("/t/")));
        for browser in &everybody {
            for method in [Method::GET, Method::HEAD] {
                if reads && route != "/live" {
                    assert!(asked(browser, &method, &path).await < 500, "{method} {path}");
                }
            }
            for method in [Method::TRACE, Method::PUT, Method::from_bytes(b"BREW").unwrap()] {
                let status = asked(browser, &method, &path).await;
                let refusals: &[u16] =
                    if path.starts_with("/v1/") || path == "/mcp" { &[401, 405] } else { &[403, 405] };
                assert!(refusals.contains(&status), "{method} {path}: {status}");
            }
        }
    }
    let after = held(app.data.path()).await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }
    app.stop().await;
}

#[test]
fn only_owners_appoint_owners_and_admins() {
    for role in Role::ALL.iter().copied() {
        assert_eq!(role.may(Role::Admin.needs()), role == Role::Owner);
        assert_eq!(role.may(Role::Owner.needs()), role == Role::Owner);
        assert_eq!(role.may(Role::Member.needs()), role.may(Right::Manage));
    }
}

/// The tests that a page of the documents names, which must all be there.
pub fn named_by(page: &str) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join(page)).unwrap();
    let mut sources = String::new();
    for folder in ["tests/it", "src"] {
        for file in crate::invariants::files(&root.join(folder)) {
            if file.extension().is_some_and(|end| end == "rs") {
                sources.push_str(&std::fs::read_to_string(file).unwrap());
            }
        }
    }
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let mut named = 0;
    for row in rows {
        let tests = row.trim_end_matches(['|', ' ']).rsplit('|').next().unwrap();
        for test in tests.split('`').skip(1).step_by(2) {
            assert!(sources.contains(&format!("fn {test}(")), "{test} is named by {page} and is not there");
            named += 1;
        }
    }
    named
}

#[test]
fn every_promise_of_the_security_page_has_the_test_that_it_names() {
    assert!(named_by("docs/security.md") > 20);
}
