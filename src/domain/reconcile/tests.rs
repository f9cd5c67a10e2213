//! Lists as upstreams give them, and a few thousand that nobody would.

use super::*;

const NOON: Millis = Millis::from_i64(1_795_300_000_000);

fn at(seconds: i64) -> Millis {
    Millis::from_i64(NOON.as_i64() + seconds * 1000)
}

fn lost(number: i64, task: i64, prompt: &str, sent: i64) -> Lost {
    Lost {
        generation: GenerationId::from_i64(number),
        task: TaskId::from_i64(task),
        prompt: prompt.to_owned(),
        model: "sora-2".to_owned(),
        size: Pixels::new(1280, 720).expect("a size"),
        seconds: Seconds::new(8).expect("a length"),
        sent_at: at(sent),
        lost_at: Some(at(sent + 60)),
        is_given_up: false,
    }
}

fn job(id: &str, prompt: &str, made: i64) -> Found {
    Found {
        id: id.to_owned(),
        prompt: Some(prompt.to_owned()),
        model: Some("sora-2".to_owned()),
        size: Some("1280x720".to_owned()),
        seconds: Some("8".to_owned()),
        created_at: Some(at(made)),
    }
}

#[test]
fn one_lost_create_and_one_job_like_it_belong_together() {
    let one = [lost(1, 1, "A boat", 0)];
    let is = |found: &[Found]| findings(&one, found).remove(0);
    assert_eq!(is(&[job("a", "A boat", 2), job("b", "A fox", 2)]), Finding::Is("a".to_owned()));
    assert_eq!(is(&[]), Finding::Absent);
    assert_eq!(is(&[job("a", "A boat!", 2)]), Finding::Absent);
    assert_eq!(is(&[Found { prompt: None, ..job("a", "", 2) }]), Finding::Absent, "a job without a prompt is nobody's");
    assert_eq!(is(&[Found { created_at: None, ..job("a", "A boat", 0) }]), Finding::Absent, "nor one without a time");
    for odd in [
        Found { size: Some("720x1280".to_owned()), ..job("a", "A boat", 2) },
        Found { seconds: Some("4".to_owned()), ..job("a", "A boat", 2) },
        Found { model: Some("veo-3".to_owned()), ..job("a", "A boat", 2) },
        job("a", "A boat", -601),
        job("a", "A boat", 661),
    ] {
        assert_eq!(is(std::slice::from_ref(&odd)), Finding::Absent, "{odd:?}");
    }
    for told in [
        Found { size: None, seconds: None, model: None, ..job("a", " A boat\n", -599) },
        Found {
            seconds: Some("8.0".to_owned()),
            model: Some("sora-2-2026-04-01".to_owned()),
            ..job("a", "A boat", 659)
        },
    ] {
        assert_eq!(is(std::slice::from_ref(&told)), Finding::Is("a".to_owned()), "{told:?}");
    }
}

#[test]
fn more_jobs_than_lost_creates_are_for_a_person_to_tell_apart() {
    let found = [job("a", "A boat", 2), job("b", "A boat", 5)];
    let perhaps = Finding::Perhaps(vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(findings(&[lost(1, 1, "A boat", 0)], &found), [perhaps]);
    let two = [lost(1, 1, "A boat", 0), lost(2, 2, "A boat", 1)];
    assert_eq!(findings(&two, &found), [Finding::Is("a".to_owned()), Finding::Is("b".to_owned())]);
    let only = Finding::Perhaps(vec!["a".to_owned()]);
    assert_eq!(findings(&two, &found[..1]), [only.clone(), only], "whose it is nobody knows");
    let takes = [lost(1, 1, "A boat", 0), lost(2, 1, "A boat", 1)];
    assert_eq!(
        findings(&takes, &found[..1]),
        [Finding::Is("a".to_owned()), Finding::Absent],
        "takes of one task are alike"
    );
}

#[test]
fn what_was_given_up_may_be_what_the_list_shows() {
    let both = [lost(1, 1, "A boat", 60), Lost { is_given_up: true, ..lost(1, 1, "A boat", 0) }];
    let perhaps = Finding::Perhaps(vec!["a".to_owned()]);
    assert_eq!(findings(&both, &[job("a", "A boat", 2)])[0], perhaps, "it may be the one of before");
    let two = [job("a", "A boat", 2), job("b", "A boat", 62)];
    assert_eq!(findings(&both, &two)[0], Finding::Is("b".to_owned()));
    let long_ago = Lost { is_given_up: true, ..lost(1, 1, "A boat", -7_200) };
    assert_eq!(findings(&[both[0].clone(), long_ago], &two[1..])[0], Finding::Is("b".to_owned()));
}

#[test]
fn while_another_like_it_is_on_its_way_nothing_is_decided() {
    let both = [lost(1, 1, "A boat", 0), Lost { lost_at: None, ..lost(2, 2, "A boat", 1) }];
    assert_eq!(findings(&both, &[job("a", "A boat", 2)]), [Finding::TooEarly, Finding::TooEarly]);
    assert_eq!(findings(&both, &[]), [Finding::Absent, Finding::Absent]);
}

#[test]
fn whatever_the_list_no_job_is_given_twice_and_none_that_is_not_like_it() {
    let mut random = 7_u64;
    let mut next = move |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let number = |value: u64| i64::try_from(value).expect("small");
    for round in 0..5_000 {
        let prompts = ["A boat", "A fox", "A lamp"];
        let many: Vec<Lost> = (0..next(6))
            .map(|place| {
                let prompt = prompts[usize::try_from(next(3)).expect("small")];
                let mut one = lost(number(place), number(next(3)), prompt, number(next(2_000)));
                if next(12) == 0 {
                    one.lost_at = None;
                }
                one
            })
            .collect();
        let list: Vec<Found> = (0..next(8))
            .map(|place| {
                let prompt = prompts[usize::try_from(next(3)).expect("small")];
                let mut found = job(&format!("j{place}"), prompt, number(next(3_000)) - 500);
                if next(6) == 0 {
                    found.prompt = None;
                }
                found
            })
            .collect();
        let said = findings(&many, &list);
        let mut given = Vec::new();
        for (one, finding) in many.iter().zip(&said) {
            if let Finding::Is(id) = finding {
                let found = list.iter().find(|found| found.id == *id).expect("of the list");
                assert!(one.is_like(found) && one.is_then(found), "round {round}: {one:?} {found:?}");
                assert!(one.lost_at.is_some() && !given.contains(id), "round {round}: {id} twice");
                given.push(id.clone());
                // Nothing is attached by elimination: nowhere are there more jobs like it than creates.
                let rivals = list.iter().filter(|job| one.is_like(job) && one.is_then(job)).count();
                let alike = many.iter().filter(|other| other.mark() == one.mark()).count();
                assert!(rivals <= alike, "round {round}");
            }
        }
    }
}
