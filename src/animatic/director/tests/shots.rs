//! How prompts are cut into shots, and that any text is safe.

use crate::animatic::director::direct;
use crate::animatic::plan::{Light, Mood, Setting, ShotSize, Subject, Weather};

fn lengths(prompt: &str, seconds: u32) -> Vec<u32> {
    direct(prompt, seconds, 1).shots.iter().map(|s| s.frames).collect()
}

#[test]
fn every_way_of_numbering_shots_is_cut() {
    for (prompt, want) in [
        ("Shot 1: a beach. Shot 2: a boat.", 2),
        ("SHOT 1 - a beach\nSHOT 2 - a boat\nSHOT 3 - a whale", 3),
        ("Shot one: beach. Shot two: boat.", 2),
        ("scene 1: a city\nscene 2: a room", 2),
        ("1. A beach\n2. A boat\n3. A whale\n4. Night", 4),
        ("1) A beach\n2) A boat", 2),
        ("[0-3s] a beach [3-8s] a boat", 2),
        ("[0:00-0:03] a beach\n[0:03-0:08] a boat", 2),
        ("A beach at dawn. Cut to: a boat. Cut to the harbour.", 3),
        ("**Shot 1** (2s): beach\n**Shot 2** (6s): boat", 2),
        ("Shot 1 — a beach\nShot 2 — a boat", 2),
        ("0-4s: a beach\n4-8s: a boat", 2),
        ("One shot of a beach. It was shot 20 years ago in 1999", 1),
        ("A man of 40. 2 dogs.", 1),
    ] {
        assert_eq!(direct(prompt, 8, 1).shots.len(), want, "{prompt}");
    }
}

#[test]
fn shots_get_the_seconds_they_state() {
    assert_eq!(lengths("Shot 1 (2s): beach\nShot 2 (6s): boat", 8), [48, 144]);
    assert_eq!(lengths("[0-3s] a beach [3-8s] a boat", 8), [72, 120]);
    assert_eq!(lengths("Shot 1: beach for 2 seconds. Shot 2: boat.", 8), [48, 144]);
    assert_eq!(lengths("Shot 1: beach. Shot 2: boat. Shot 3: whale.", 4), [32, 32, 32]);
    assert_eq!(lengths("Shot 1 (1.5s): beach. Shot 2 (2.5s): boat.", 4), [36, 60]);
    assert_eq!(lengths("Shot 1 (10s): beach. Shot 2 (10s): boat.", 4), [48, 48]);
}

#[test]
fn too_many_shots_join_the_last() {
    use std::fmt::Write as _;
    let mut prompt = String::new();
    for n in 1..=40 {
        write!(prompt, "Shot {n}: beach number{n}. ").unwrap();
    }
    let plan = direct(&prompt, 4, 1);
    assert_eq!(plan.shots.len(), 8);
    assert!(plan.shots.iter().all(|s| s.frames == 12));
    assert!(plan.shots[7].words.contains("number8") && plan.shots[7].words.contains("number9"));
}

#[test]
fn later_shots_go_on_where_silent() {
    let plan = direct(
        "Shot 1: a dog on a foggy beach at dawn. Shot 2: close-up, it looks up. Shot 3: a city at night.",
        12,
        1,
    );
    let [a, b, c] = &plan.shots[..] else { unreachable!("three shots are written") };
    assert_eq!((a.setting, a.light, a.weather, a.subject), (b.setting, b.light, b.weather, b.subject));
    assert_eq!((b.setting, b.size), (Setting::Sea, ShotSize::Close));
    assert_eq!((c.setting, c.light, c.subject), (Setting::City, Light::Night, Subject::Dog));
}

#[test]
fn a_style_before_the_shots_holds_for_all() {
    let plan = direct("Black and white, rain.\nShot 1: a street.\nShot 2: a room.", 8, 1);
    assert!(plan.shots.iter().all(|s| s.mood == Mood::Noir && s.weather == Weather::Rain));
    assert_eq!(plan.shots[0].words, "a street.");
}

#[test]
fn slates_carry_clean_words() {
    let words = direct("  A\u{202E}  dog\u{0007}\n on\ta hill ", 8, 7).shots[0].words.clone();
    assert_eq!(words, "A dog on a hill");
}

#[test]
fn seeds_change_what_the_prompt_leaves_open() {
    let cameras: std::collections::HashSet<_> = (0..40).map(|seed| direct("a hill", 4, seed).shots[0].camera).collect();
    let lights: std::collections::HashSet<_> = (0..40).map(|seed| direct("a hill", 4, seed).shots[0].light).collect();
    assert!(cameras.len() >= 4 && lights.len() >= 3);
    assert_eq!(direct("a hill", 4, 9), direct("a hill", 4, 9));
}

#[test]
fn any_text_gives_a_plan_whose_frames_sum() {
    let mut state = 0x0123_4567_89AB_CDEF_u64;
    let mut next = move |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let pieces = [
        "Shot ",
        "999999999999999999999999",
        ":",
        "[",
        "0-",
        "3s]",
        "cut to",
        "\n",
        "1. ",
        "é",
        "🎬",
        "\u{202E}",
        "شاطئ",
        "-",
        "(",
        ")",
        " 4 seconds ",
        "\0",
        "scene 2",
        "—",
        "0:59",
        ".",
        "'s",
        "dog",
        " ",
    ];
    for _ in 0..3_000 {
        let mut text = String::new();
        for _ in 0..next(40) {
            if next(6) == 0 {
                text.extend(char::from_u32(u32::try_from(next(0x11_0000)).unwrap()));
            } else {
                text.push_str(pieces[usize::try_from(next(pieces.len() as u64)).unwrap()]);
            }
        }
        let seconds = u32::try_from(next(21)).unwrap();
        let plan = direct(&text, seconds, next(1 << 40));
        let sum: u32 = plan.shots.iter().map(|s| s.frames).sum();
        assert_eq!(sum, seconds.max(1) * 24, "{text:?}");
        assert!(plan.shots.iter().all(|s| s.frames >= 12), "{text:?}");
        assert!(plan.shots.iter().enumerate().all(|(i, s)| s.number == i + 1));
    }
}

#[test]
fn a_very_long_prompt_is_planned_at_once() {
    let start = std::time::Instant::now();
    for text in [
        "[0-".repeat(60_000),
        "shot 1 (".repeat(20_000),
        "cut to dog ".repeat(20_000),
        "1. ".repeat(60_000),
        "a".repeat(200_000),
    ] {
        assert_eq!(direct(&text, 20, 3).shots.iter().map(|s| s.frames).sum::<u32>(), 480);
    }
    assert!(start.elapsed().as_secs() < 5, "took {:?}", start.elapsed());
}
