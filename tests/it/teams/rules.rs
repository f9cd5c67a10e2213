//! Every route has a rule, and every role meets it as the rule says.

use std::path::Path;

use reqwest::Method;
use rushes::domain::{Right, Role};
use rushes::web::gate::{self, Need};

use super::{signed_in, team};
use crate::app::Browser;
use crate::upstream::FakeUpstream;

/// Every route that the source names, with its methods.
fn routes() -> Vec<(String, bool, bool)> {
    let source = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/mod.rs")).unwrap();
    let mut found = Vec::new();
    for piece in source.split(".route(").skip(1) {
        let path = piece.split('"').nth(1).unwrap().to_owned();
        // Up to where the next call of the router begins.
        let call = piece.split("\n        .").next().unwrap();
        found.push((path, call.contains("get("), call.contains("post(")));
    }
    found
}

#[test]
fn every_route_has_a_rule_for_each_of_its_methods_and_no_rule_is_for_nothing() {
    let routes = routes();
    assert!(routes.len() > 80, "{} routes were read", routes.len());
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
        ["/theme", "/login", "/logout", "/setup", "/join/{code}", "/reset/{code}", "/health", "/static/{hash}/{*name}"]
    );
}

/// The status of a request by somebody.
async fn asked(browser: &Browser, method: &Method, path: &str) -> u16 {
    let request = browser.client().request(method.clone(), browser.url(path));
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_meets_every_route_as_its_rule_says() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let mut people = Vec::new();
    for (name, role) in [("vera", Role::Viewer), ("mia", Role::Member), ("adam", Role::Admin), ("olga", Role::Owner)] {
        people.push((signed_in(&app, name).await, role));
    }
    let mut refused = 0;
    for (route, reads, changes) in routes() {
        // Ids that are none: whoever may ask learns that there is nothing.
        let path = route
            .replace("{*name}", "x.css")
            .replace("{hash}", "0")
            .replace("{code}", "none")
            .replace("{file}", "clip.mp4")
            .split('/')
            .map(|part| if part.starts_with('{') { "0000000000000" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        for (method, has) in [(Method::GET, reads), (Method::POST, changes)] {
            // Streams stay open, and leaving would end the session that the rest needs.
            if !has || matches!(route.as_str(), "/live" | "/logout" | "/account/sessions/end-others") {
                continue;
            }
            let Some(need) = gate::need(&route, &method) else { panic!("{route} has no rule") };
            let stranger = asked(&app.browser, &method, &path).await;
            match need {
                Need::Open => assert!(!matches!(stranger, 401 | 403), "{method} {path}: {stranger}"),
                Need::Right(_) | Need::Clip => {
                    assert!(matches!(stranger, 303 | 401), "a stranger, {method} {path}: {stranger}");
                }
            }
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

#[test]
fn only_owners_appoint_owners_and_admins() {
    for role in Role::ALL.iter().copied() {
        assert_eq!(role.may(Role::Admin.needs()), role == Role::Owner);
        assert_eq!(role.may(Role::Owner.needs()), role == Role::Owner);
        assert_eq!(role.may(Role::Member.needs()), role.may(Right::Manage));
    }
}

#[test]
fn every_promise_of_the_security_page_has_the_test_that_it_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let mut sources = String::new();
    for folder in ["tests/it", "src"] {
        for file in crate::invariants::files(&root.join(folder)) {
            if file.extension().is_some_and(|end| end == "rs") {
                sources.push_str(&std::fs::read_to_string(file).unwrap());
            }
        }
    }
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let mut named = 0;
    for row in rows {
        let tests = row.trim_end_matches(['|', ' ']).rsplit('|').next().unwrap();
        for test in tests.split('`').skip(1).step_by(2) {
            assert!(sources.contains(&format!("fn {test}(")), "{test} is named by docs/security.md and is not there");
            named += 1;
        }
    }
    assert!(named > 20, "{named} tests are named");
}
