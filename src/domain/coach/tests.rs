//! Senses and limits of the coach.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::{Mark, Reading, Warning, read};

fn wide(prompt: &str) -> Reading {
    read(prompt, 5, "16:9")
}

fn names(prompt: &str) -> Vec<&'static str> {
    let reading = wide(prompt);
    Mark::ALL.iter().filter(|mark| reading.names(**mark)).map(|mark| mark.name()).collect()
}

fn warns(prompt: &str, warning: Warning) -> bool {
    wide(prompt).warnings().contains(&warning)
}

#[test]
fn an_empty_prompt_names_nothing_and_warns_of_nothing() {
    for prompt in ["", "   ", "\n\t", "...", "\u{200b}"] {
        assert!(names(prompt).is_empty());
        assert!(wide(prompt).warnings().is_empty());
    }
}

#[test]
fn a_full_prompt_names_all_six() {
    let prompt = "Slow push in on an old fisherman mending a net on a wooden pier at dawn, grainy 16mm film";
    assert_eq!(names(prompt), ["subject", "action", "setting", "lighting", "camera", "style"]);
}

#[test]
fn light_of_heart_and_light_of_weight_are_no_lighting() {
    for prompt in ["a light-hearted clown", "a light snack on a plate", "she wears a light jacket", "bright red shoes"]
    {
        assert!(!wide(prompt).names(Mark::Lighting), "{prompt}");
    }
    assert!(wide("soft light falls across a chair").names(Mark::Lighting));
}

#[test]
fn espresso_calls_and_shops_are_no_camera() {
    for prompt in
        ["a shot of espresso", "he is late for a zoom call", "the camera shop is closed", "butter sizzles in a pan"]
    {
        assert!(!wide(prompt).names(Mark::Camera), "{prompt}");
    }
    assert!(wide("close shot of an espresso cup").names(Mark::Camera));
}

#[test]
fn dust_and_hair_are_no_style() {
    for prompt in ["a film of dust on the shelf", "her hair style is short", "a moody teenager"] {
        assert!(!wide(prompt).names(Mark::Style), "{prompt}");
    }
    assert!(wide("a teenager, moody").names(Mark::Style));
}

#[test]
fn what_the_camera_does_is_no_action() {
    for prompt in ["the camera glides over a valley", "slow push in on a teapot", "we fly through a canyon"] {
        assert!(!wide(prompt).names(Mark::Action), "{prompt}");
    }
    assert!(wide("the camera follows a fox as it runs").names(Mark::Action));
}

#[test]
fn standing_still_is_no_action_and_standing_up_is() {
    assert!(!wide("a man stands by the sea").names(Mark::Action));
    assert!(wide("a man stands up by the sea").names(Mark::Action));
}

#[test]
fn weather_that_moves_is_an_action() {
    assert!(wide("waves crashing on rocks").names(Mark::Action));
    assert!(wide("falling leaves").names(Mark::Action));
    assert!(!wide("running shoes and a sleeping bag").names(Mark::Action));
}

#[test]
fn slow_motion_and_a_manner_are_no_place() {
    for prompt in ["a dog in slow motion", "a cat in the style of Klimt", "a face in close-up", "a fox at dawn"] {
        assert!(!wide(prompt).names(Mark::Setting), "{prompt}");
    }
    assert!(wide("a cup on a table").names(Mark::Setting));
    assert!(wide("INT. KITCHEN - DAY").names(Mark::Setting));
}

#[test]
fn a_thing_that_is_denied_is_no_subject() {
    assert!(!wide("in the forest, no people, no animals").names(Mark::Subject));
    assert!(wide("in the forest, a lone hiker").names(Mark::Subject));
}

#[test]
fn misspelt_words_are_understood() {
    let named = names("a drgaon flyng over a casstle, gloden hour, cinmatic");
    assert_eq!(named, ["subject", "action", "setting", "lighting", "style"]);
}

#[test]
fn other_languages_raise_no_marks() {
    for prompt in
        ["Un chat noir sur le mur d'un film", "Ein Mann mit Hut und Rock in der Stadt", "猫が歩いている", "رجل يمشي"]
    {
        assert!(names(prompt).is_empty(), "{prompt}");
    }
}

#[test]
fn people_who_talk_and_hands_that_sew_are_warned_of() {
    assert!(warns("two old friends talk on a bench", Warning::FacesHands));
    assert!(warns("close-up of a woman's face", Warning::FacesHands));
    assert!(warns("a tailor sewing a cuff", Warning::FacesHands));
    assert!(!warns("the face of a clock on a tower", Warning::FacesHands));
    assert!(!warns("a parrot talks to a cat", Warning::FacesHands));
}

#[test]
fn words_on_a_sign_are_warned_of_and_words_that_are_spoken_are_not() {
    assert!(warns("a shop sign that reads \"Open\"", Warning::TextInImage));
    assert!(!warns("a man reads a letter and says \"no\"", Warning::TextInImage));
    assert!(!warns("a busy street, no captions, no text", Warning::TextInImage));
}

#[test]
fn four_deeds_in_a_row_are_too_many_and_a_lively_background_is_not() {
    assert!(warns("he runs, jumps, rolls and throws the ball", Warning::TooManyActions));
    assert!(!warns("he runs while birds fly, flags flap and waves crash", Warning::TooManyActions));
}

#[test]
fn the_order_itself_can_warn() {
    assert_eq!(read("", 12, "1:1").warnings(), [Warning::LongDuration, Warning::UnusualRatio]);
    assert!(read("", 11, "9:16").warnings().is_empty());
}

#[test]
fn odd_unicode_and_noise_do_no_harm() {
    let mut odd = String::new();
    for (count, c) in ('\u{1}'..='\u{ffff}').step_by(37).enumerate() {
        odd.push(c);
        if count % 5 == 0 {
            let _ = write!(odd, " a-{c}'s \"{c}: 35mm/{c}\u{301}");
        }
    }
    assert!(wide(&odd).warnings().len() <= 4);
    for prompt in ["'s", "-", "35mm", "a:", "\"", "İ", "ß's", "e\u{301}", "👩‍👩‍👧 runs", "INT.", "1. ", "{\"", "in", "to"]
    {
        assert_eq!(wide(prompt), wide(prompt));
    }
}

#[test]
fn a_long_prompt_takes_no_time() {
    let _ = wide("warm the word lists");
    let sentence = "A weathrd sailor hauls a dripping net over the rail as grey waves roll past the pier, 35mm. ";
    let noise = "qzxv wrtk plmq bnrt ";
    for (text, limit) in [(sentence, 25), (noise, 25)] {
        let prompt: String = text.chars().cycle().take(4_000).collect();
        let best = (0..5)
            .map(|_| {
                let start = Instant::now();
                let _ = wide(&prompt);
                start.elapsed()
            })
            .min();
        assert!(best < Some(Duration::from_millis(limit)), "{best:?}");
    }
}

#[test]
fn a_place_and_what_furnishes_it_are_no_subject() {
    for prompt in [
        "tropical beach, turquoise water, palm trees, white sand",
        "a hotel lobby with marble columns and a grand staircase",
        "a cobblestone square in Prague, lit by a few gas lamps",
        "EXT. DESERT ROAD - DAY\n\nA long straight road to the horizon.",
    ] {
        assert!(!wide(prompt).names(Mark::Subject), "{prompt}");
    }
    assert!(wide("a beach, a lone palm tree in the wind").names(Mark::Subject));
    assert!(wide("castle on a hill").names(Mark::Subject));
}

#[test]
fn wishes_to_the_maker_are_neither_subject_nor_action() {
    for prompt in [
        "make it pop",
        "just change the ending so that it is less predictable",
        "Turn it into a claymation.",
        "Our brand is all about honesty, comfort and family.",
        "give it the look of a spy thriller, muted greens",
    ] {
        assert!(!wide(prompt).names(Mark::Subject), "{prompt}");
        assert!(!wide(prompt).names(Mark::Action), "{prompt}");
    }
    assert!(wide("turn around, gasp, run").names(Mark::Action));
}

#[test]
fn what_is_written_or_said_is_not_seen() {
    let sign = "a hand-painted sign saying \"Fresh bread falls daily\" on a plain wall";
    assert!(!wide(sign).names(Mark::Action));
    assert!(wide("a sign reading KEEP OUT swings in the wind").names(Mark::Action));
}

#[test]
fn deeds_without_a_sentence_are_counted_too() {
    for prompt in [
        "acrobat, run, jump, roll, throw a hoop, vanish",
        "1. valve opens\n2. fuel enters\n3. spark fires\n4. piston drops",
        "{\"subject\": \"a duck\", \"actions\": [\"waddle in a line\", \"jump in\", \"shake itself dry\", \"run off\"]}",
        "She will open the door, drop her bag, kick off her shoes and hug the dog.",
        "A woman enters, brushing off snow, before opening a chest and lifting out a dress.",
    ] {
        assert!(warns(prompt, Warning::TooManyActions), "{prompt}");
    }
}

#[test]
fn lists_of_things_and_of_plans_are_no_row_of_deeds() {
    for prompt in [
        "sparks, drops, splashes, swirls of paint on a black canvas",
        "1. city lights\n2. street signs\n3. palm leaves\n4. mountain views",
        "A knight would fight, jump, climb and shout, but here he only sleeps.",
        "a girl with braids, freckles, glasses the colour of honey",
    ] {
        assert!(!warns(prompt, Warning::TooManyActions), "{prompt}");
    }
}

#[test]
fn a_picture_that_creeps_is_the_camera_and_prices_that_zoom_are_not() {
    assert!(wide("The frame creeps in on her.").names(Mark::Camera));
    assert!(!wide("House prices zoom upward: a red arrow climbs.").names(Mark::Camera));
}
