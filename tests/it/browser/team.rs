//! Accounts, plans and money as people meet them.

use super::Desk;
use super::access::judge;
use super::looks::look;
use crate::teams::{PASSWORD, add, told};
use crate::upstream::FakeUpstream;

/// A team before a seeded library: the window is signed in as this one of Olga, Adam, Mia, Paul and Vera.
async fn team(fake: Option<&FakeUpstream>, clips: u32, who: &str) -> Desk {
    let desk = Desk::with(clips, fake, true).await;
    for (name, role, plan) in [
        ("olga", "owner", "unlimited"),
        ("adam", "admin", "unlimited"),
        ("mia", "member", "plus"),
        ("paul", "member", "pro"),
        ("Vera van der Berg-Öhlund", "viewer", "none"),
    ] {
        add(desk.data.path(), name, role, plan);
    }
    sign_in(&desk, who).await;
    desk
}

/// Types name and password where the server sent the window.
async fn sign_in(desk: &Desk, who: &str) {
    desk.go("/").await;
    desk.arrives("/login").await;
    desk.find("#username").await.send_keys(who).await.unwrap();
    desk.find("#password").await.send_keys(&format!("{PASSWORD}\n")).await.unwrap();
    desk.arrives("/").await;
}

/// Unfolds everything that can be unfolded.
const UNFOLD: &str = "document.querySelectorAll('main details').forEach(d => { d.open = true })";

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_pages_of_a_team_and_they_are_pictured() {
    let fake = FakeUpstream::start().await;
    let desk = team(Some(&fake), 40, "olga").await;
    told(desk.data.path(), &["invite", "--role", "member", "--note", "the editor"]);
    told(desk.data.path(), &["budget", "instance", "120"]);
    told(desk.data.path(), &["user", "disable", "paul"]);
    let person = desk
        .run("return fetch('/admin/users').then(r => r.text()).then(t => t.match(/users\\/(\\w+)\\/remove/)[1])")
        .await;
    let hook =
        "return fetch('/webhooks', {method: 'POST', body: new URLSearchParams({url: 'https://localhost/rushes'})})
        .then(r => r.text()).then(t => t.match(/webhooks\\/(\\w+)\\/remove/)[1])";
    let hook = format!("/webhooks/{}", desk.run(hook).await.as_str().unwrap());
    told(desk.data.path(), &["key", "create", "--user", "olga", "--name", "Render script"]);
    let remove = format!("/admin/users/{}/remove", person.as_str().unwrap());
    let mut faults = Vec::new();
    for (name, path, first) in [
        ("team-home", "/", ""),
        ("team-settings", "/settings", ""),
        ("account", "/account", ""),
        ("usage", "/usage", UNFOLD),
        ("keys", "/keys", UNFOLD),
        ("webhooks", "/webhooks", ""),
        ("webhook", &hook, ""),
        ("documents", "/docs/api", ""),
        ("people", "/admin/users", ""),
        ("people-open", "/admin/users", UNFOLD),
        ("remove-person", &remove, ""),
        ("plans", "/admin/plans", ""),
        ("plans-open", "/admin/plans", UNFOLD),
        ("team-usage", "/admin/usage", UNFOLD),
        ("status", "/admin/status", ""),
    ] {
        judge(&desk, name, path, first, &mut faults).await;
        look(&desk, name, path, first).await;
    }
    desk.go("/account").await;
    desk.press("form[action='/logout'] button").await;
    desk.arrives("/login").await;
    judge(&desk, "login", "/login", "", &mut faults).await;
    look(&desk, "login", "/login", "").await;
    assert_eq!(desk.complaints().await, Vec::<String>::new());
    judge(&desk, "no such invitation", "/join/none", "", &mut faults).await;
    assert_eq!(faults, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_sees_what_is_left_and_is_told_at_the_cap_with_nothing_lost() {
    let fake = FakeUpstream::start().await;
    let desk = team(Some(&fake), 0, "mia").await;
    told(desk.data.path(), &["plan", "set", "plus", "generations_per_day=1"]);
    desk.go("/?prompt=A%20boat").await;
    desk.holds("return document.querySelector('#quota').textContent.includes('1 left today')").await;
    desk.run("document.querySelector('#settings').open = true").await;
    desk.press("label:has(#visibility-private)").await;
    desk.run("document.querySelector('#settings').open = false").await;
    desk.create("A boat that Mia keeps to herself").await;
    desk.holds("return document.querySelector('.tile') !== null").await;
    desk.holds("return document.querySelector('#quota').textContent.includes('0 left today')").await;
    desk.create("One boat too many, typed with care").await;
    desk.holds(
        "return document.querySelector('#compose-error')?.textContent.includes('1 generations a day, and 1 are used')",
    )
    .await;
    desk.holds("return document.querySelector('#prompt').value === 'One boat too many, typed with care'").await;
    // Somebody else at the same machine sees none of it, Back included.
    desk.go("/account").await;
    desk.press("form[action='/logout'] button").await;
    desk.arrives("/login").await;
    for _ in 0..2 {
        desk.run("history.back()").await;
        desk.holds("return location.pathname === '/login' && document.querySelector('#password') !== null").await;
        desk.holds("return !document.documentElement.textContent.includes('keeps to herself')").await;
    }
    desk.holds("return localStorage.length + sessionStorage.length === 0").await;
    sign_in(&desk, "olga").await;
    desk.holds("return !document.body.textContent.includes('keeps to herself')").await;
    desk.go("/queue").await;
    desk.holds("return !document.body.textContent.includes('keeps to herself')").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_invites_changes_a_plan_and_a_budget_and_removes_somebody_by_the_pages() {
    let fake = FakeUpstream::start().await;
    let desk = team(Some(&fake), 0, "olga").await;
    desk.go("/admin/users").await;
    desk.press("form[action='/admin/invites'] button, details:has(form[action='/admin/invites']) > summary").await;
    desk.find("form[action='/admin/invites'] [name=note]").await.send_keys("Nils").await.unwrap();
    desk.press("form[action='/admin/invites'] button").await;
    let link = desk.find(".link-made input").await.prop("value").await.unwrap().unwrap();
    assert!(link.starts_with("/join/"), "{link}");
    desk.go("/admin/plans").await;
    desk.run("document.querySelector('#plan-plus details').open = true").await;
    let field = desk.find("#plan-plus [name=weight]").await;
    field.clear().await.unwrap();
    field.send_keys("500").await.unwrap();
    desk.press("#plan-plus form .actions .btn").await;
    desk.holds("return document.querySelector('#plan-plus [name=weight]').getAttribute('aria-invalid') === 'true'")
        .await;
    desk.holds("return document.querySelector('#plan-plus [name=weight]').value === '500'").await;
    let field = desk.find("#plan-plus [name=weight]").await;
    field.clear().await.unwrap();
    field.send_keys("2").await.unwrap();
    desk.press("#plan-plus form .actions .btn").await;
    desk.holds("return document.querySelector('#plan-plus .line').textContent.includes('weight 2')").await;
    desk.go("/admin/usage").await;
    desk.find("#budget-1").await.send_keys("75\n").await.unwrap();
    desk.holds("return document.querySelector('.budgets .meter') !== null && document.querySelector('#budget-1').value.startsWith('75')").await;
    desk.go("/admin/users").await;
    let vera = "[...document.querySelectorAll('.people > li')].find(li => li.textContent.includes('Vera'))";
    desk.run(&format!("{vera}.querySelector('details').open = true")).await;
    desk.run(&format!("location.href = {vera}.querySelector('a[href$=remove]').href")).await;
    desk.press("form[action$='/remove'] .btn.danger").await;
    desk.arrives("/admin/users").await;
    desk.holds(&format!("return {vera} === undefined")).await;
}
