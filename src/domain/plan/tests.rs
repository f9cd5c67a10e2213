use super::*;

fn asked(clips: u32, seconds: u16) -> Asked<'static> {
    Asked {
        clips,
        seconds: Seconds::new(seconds).expect("a length"),
        each: Some(Usd::from_micros(100_000).times(Seconds::new(seconds).expect("a length"))),
        model: "sora-2",
        size: Pixels::new(1280, 720).expect("a size"),
    }
}

fn used(clips: u32, seconds: u32, micros: i64) -> Used {
    Used { clips, seconds, money: Usd::from_micros(micros) }
}

fn plan(settings: &[(&str, &str)]) -> Plan {
    let mut plan = Plan::new("test").expect("a name");
    for (key, value) in settings {
        plan.set(key, value).expect("a setting");
    }
    plan
}

#[test]
fn every_setting_is_read_back_as_it_was_typed() {
    for (key, value) in [
        ("generations_per_day", "3"),
        ("seconds_per_month", "600"),
        ("money_per_month", "12.5"),
        ("at_once", "2"),
        ("weight", "3"),
        ("models", "sora-2,veo"),
        ("largest", "720p"),
        ("longest", "8"),
        ("storage_gb", "20"),
        ("api", "true"),
        ("at_cap", "relaxed"),
        ("may_create", "false"),
    ] {
        let mut plan = plan(&[(key, value)]);
        let back = plan.get(key);
        assert!(back == value || back == "12.50", "{key}: {back}");
        assert_ne!(plan, Plan::new("test").expect("a name"), "{key}");
        if !matches!(key, "weight" | "at_cap" | "may_create" | "api") {
            plan.set(key, "").expect("no limit");
            assert_eq!(plan, Plan::new("test").expect("a name"), "{key}");
        }
    }
}

#[test]
fn a_setting_that_does_not_do_says_what_to_write() {
    for (key, value, words) in [
        ("generations_per_dya", "3", "is no setting of a plan"),
        ("generations_per_day", "-1", "whole number"),
        ("at_once", "0", "1 or more"),
        ("weight", "0", "1 to 100"),
        ("money_per_month", "lots", "dollars"),
        ("api", "perhaps", "true or false"),
        ("at_cap", "stop", "refuse or relaxed"),
        ("largest", "big", "720p"),
    ] {
        let error = Plan::new("test").expect("a name").set(key, value).expect_err(key).to_string();
        assert!(error.contains(words), "{error}");
    }
    assert!(Plan::new("../../etc").is_err() && Plan::new("").is_err());
}

#[test]
fn the_fourth_of_three_a_day_is_refused_or_goes_to_the_relaxed_lane() {
    let three = plan(&[("generations_per_day", "3")]);
    let at = |clips| Usage { day: used(clips, 0, 0), ..Usage::default() };
    assert_eq!(three.verdict(&at(2), &asked(1, 4)), Verdict::Go);
    assert_eq!(three.verdict(&at(3), &asked(1, 4)), Verdict::Stop(Cap::ClipsPerDay(3, 3)));
    assert_eq!(three.verdict(&at(2), &asked(2, 4)), Verdict::Stop(Cap::ClipsPerDay(3, 2)));
    let relaxed = plan(&[("generations_per_day", "3"), ("at_cap", "relaxed")]);
    assert_eq!(relaxed.verdict(&at(3), &asked(1, 4)), Verdict::Relaxed(Cap::ClipsPerDay(3, 3)));
}

#[test]
fn money_stops_whatever_the_lane_and_what_is_free_goes_on() {
    let dollar = plan(&[("money_per_month", "1"), ("at_cap", "relaxed")]);
    let at = |micros| Usage { month: used(0, 0, micros), ..Usage::default() };
    assert_eq!(dollar.verdict(&at(600_000), &asked(1, 4)), Verdict::Go);
    let cap = Cap::Money(Usd::from_micros(1_000_000), Usd::from_micros(600_001));
    assert_eq!(dollar.verdict(&at(600_001), &asked(1, 4)), Verdict::Stop(cap));
    assert_eq!(dollar.verdict(&at(0), &Asked { each: None, ..asked(1, 4) }), Verdict::Stop(Cap::NoPrice));
    assert_eq!(dollar.verdict(&at(5_000_000), &Asked { each: Some(Usd::ZERO), ..asked(1, 4) }), Verdict::Go);
}

#[test]
fn what_a_plan_lacks_is_told_apart() {
    let usage = Usage { bytes: 2_000_000_000, ..Usage::default() };
    for (settings, cap) in [
        (("may_create", "false"), Cap::NoAccess),
        (("models", "veo"), Cap::Model),
        (("largest", "480p"), Cap::Largest(480)),
        (("longest", "4"), Cap::Longest(4)),
        (("seconds_per_day", "7"), Cap::SecondsPerDay(7, 0)),
        (("storage_gb", "1"), Cap::Storage(1_000_000_000, 2_000_000_000)),
    ] {
        assert_eq!(plan(&[settings]).verdict(&usage, &asked(1, 8)), Verdict::Stop(cap));
    }
    assert_eq!(Plan::unlimited().verdict(&usage, &asked(4, 600)), Verdict::Go);
}
