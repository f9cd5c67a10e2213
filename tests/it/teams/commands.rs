//! The command line of admins.

use serde_json::Value;
use tempfile::TempDir;

use super::{add, rushes, told, with_input};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn accounts_are_made_and_changed_from_nothing_but_a_folder_name() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("new/data");
    let made = json(&told(&data, &["user", "add", "olga", "--role", "owner", "--json"]));
    assert!(made["path"].as_str().unwrap().starts_with("/reset/"), "{made}");
    add(&data, "Mia Öhlund", "member", "plus");
    let people = json(&told(&data, &["user", "list", "--json"]));
    let states: Vec<_> = people
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["state"].as_str().unwrap()))
        .collect();
    assert_eq!(states, [("Mia Öhlund", "active"), ("olga", "invited")]);
    told(&data, &["user", "plan", "mia öhlund", "pro"]);
    told(&data, &["user", "budget", "mia öhlund", "12.50"]);
    told(&data, &["user", "role", "mia öhlund", "viewer"]);
    let people = json(&told(&data, &["user", "list", "--json"]));
    assert_eq!(people[0]["plan"], "pro");
    assert_eq!(people[0]["role"], "viewer");
    assert_eq!(people[0]["money_per_month_micros"], 12_500_000);
    told(&data, &["user", "remove", "mia öhlund", "--clips", "keep"]);
    assert_eq!(json(&told(&data, &["user", "list", "--json"])).as_array().unwrap().len(), 1);
    add(&data, "Mia Öhlund", "member", "plus");
}

#[test]
fn a_plan_changes_only_where_it_is_told_to() {
    let home = TempDir::new().unwrap();
    let before = json(&told(home.path(), &["plan", "list", "--json"]));
    let plan =
        |all: &Value, name: &str| all.as_array().unwrap().iter().find(|plan| plan["name"] == name).unwrap().clone();
    for (name, weight) in [("plus", "1"), ("pro", "3")] {
        let plan = plan(&before, name);
        assert_eq!((plan["weight"].as_str().unwrap(), plan["at_cap"].as_str().unwrap()), (weight, "refuse"));
        for key in ["seconds_per_day", "generations_per_month", "seconds_per_month", "money_per_month", "storage_gb"] {
            assert_eq!(plan[key], "", "{name} {key}");
        }
        assert_ne!(plan["generations_per_day"], "");
        assert_ne!(plan["at_once"], "");
    }
    told(home.path(), &["plan", "set", "plus", "generations_per_day=3", "at_once=2", "weight=1", "api=false"]);
    let after = json(&told(home.path(), &["plan", "list", "--json"]));
    assert_eq!(plan(&after, "plus")["generations_per_day"], "3");
    assert_eq!(plan(&after, "pro"), plan(&before, "pro"));
    told(home.path(), &["plan", "set", "interns", "money_per_month=5", "at_cap=relaxed"]);
    assert!(told(home.path(), &["plan", "list"]).contains("interns"));
    told(home.path(), &["plan", "remove", "interns"]);
}

#[test]
fn a_mistake_is_one_sentence_and_changes_nothing() {
    let home = TempDir::new().unwrap();
    add(home.path(), "olga", "owner", "unlimited");
    for (args, words) in [
        (&["user", "add", "OLGA"][..], "somebody is called \"OLGA\" already"),
        (&["user", "add", "<b>"], "letters, digits"),
        (&["user", "add", "mia", "--plan", "gold"], "no plan called \"gold\""),
        (&["user", "role", "nobody", "admin"], "nobody called \"nobody\""),
        (&["user", "role", "olga", "member"], "Somebody has to be owner"),
        (&["user", "disable", "olga"], "Somebody has to be owner"),
        (&["user", "remove", "olga", "--clips", "keep"], "Somebody has to be owner"),
        (&["plan", "set", "plus", "generations_per_dya=3"], "is no setting of a plan"),
        (&["plan", "set", "plus", "weight=0"], "1 to 100"),
        (&["plan", "set", "Plus!", "weight=1"], "lower-case letters"),
        (&["plan", "remove", "gold"], "there is none of that name"),
        (&["budget", "everything", "5"], "write instance, or upstream:NAME"),
        (&["budget", "instance", "lots"], "write dollars"),
    ] {
        let output = rushes(home.path(), args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(words) && said.trim().lines().count() == 1, "{args:?}: {said}");
    }
    let weak = with_input(home.path(), &["user", "add", "mia", "--password-stdin"], "password123");
    assert!(String::from_utf8(weak.stderr).unwrap().contains("the password: "));
    assert_eq!(json(&told(home.path(), &["user", "list", "--json"])).as_array().unwrap().len(), 1);
}
