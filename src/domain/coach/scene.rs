//! Who or what is seen, and where: reads the noun phrases.

use super::label::Form;
use super::lexicon::{
    ANIMAL, ANIMATE, BODY, BUILDING, CLOTHING, COLOR, CONCRETE, CRAFT, FOOD, FURNITURE, GROUP, Kinds, LEXICON, LIGHT,
    NAME_PLACE, NATURE, PERSON, PLACE, PLANT, QUALITY, THING, VEHICLE, WHERE,
};
use super::pattern::{NO_SETTING, Sense};
use super::phrase::{Phrase, UNKNOWN};
use super::role::Role;
use super::token::{Tag, Token};

const LOOK: u32 = Sense::Camera.bit() | Sense::Lighting.bit() | Sense::Style.bit();

/// Whether something is seen.
pub(super) fn has_subject(tokens: &[Token], phrases: &[Phrase], form: &Form) -> bool {
    let someone =
        tokens.iter().any(|token| token.tag == Tag::Pron && !token.mute && Role::Someone.has(token.text.as_str()));
    someone || phrases.iter().any(|phrase| !form.describes(phrase.head) && is_subject(tokens, phrase))
}

fn is_subject(tokens: &[Token], phrase: &Phrase) -> bool {
    let filler = matches!(
        head_text(tokens, phrase),
        "pls" | "idk" | "tbd" | "ngl" | "lol" | "lmao" | "ok" | "thx" | "surprise" | "crazy" | "tba"
    );
    if phrase.denied
        || filler
        || is_talk(tokens, phrase)
        || tokens[phrase.head].kinds() & QUALITY != 0
        || is_production(tokens, phrase)
    {
        return false;
    }
    let head = &tokens[phrase.head];
    if phrase.prep.is_some_and(|at| tokens[at].cover & Sense::Style.bit() != 0) {
        return false;
    }
    let stirs = tokens.get(phrase.end).is_some_and(|next| matches!(next.tag, Tag::Verb | Tag::Ing));
    if is_mere_weather(&head.text) && !stirs {
        return false;
    }
    // A flea market is a place, whatever a flea is.
    let is_place = head.kinds() & (PLACE | BUILDING) != 0 && head.kinds() & CONCRETE & !BUILDING == 0;
    if is_place && phrase.prep.is_some_and(|at| !matches!(tokens[at].text.as_str(), "of" | "featuring" | "about")) {
        return false;
    }
    let thing = phrase.kinds & CONCRETE != 0;
    let known = thing
        && (head.cover & LOOK == 0
            || (phrase.kinds & PERSON != 0
                && tokens[phrase.start].tag == Tag::Det
                && head.cover & Sense::Style.bit() == 0));
    let prep = phrase.prep.map(|at| tokens[at].text.as_str());
    let troop = phrase.kinds & GROUP != 0 && phrase.prep.is_none() && stirs && head.cover & LOOK == 0;
    if troop {
        return true;
    }
    if known || unknown_thing(tokens, phrase) {
        return prep.is_none_or(|word| carries(tokens, phrase, word));
    }
    let view = phrase.kinds & (PLACE | BUILDING) != 0
        && phrase.kinds & (CRAFT | LIGHT) == 0
        && head.cover & (LOOK | NO_SETTING) == 0;
    view && prep.is_none_or(|word| matches!(word, "of" | "on" | "around") && behind_camera(tokens, phrase))
}

/// Words that speak of the picture or of anything but what is in it: "the feel", "a light workload", "greens".
fn is_talk(tokens: &[Token], phrase: &Phrase) -> bool {
    let head = &tokens[phrase.head];
    let lone = phrase.start == phrase.head;
    let told = matches!(
        head.text.as_str(),
        "feel"
            | "focus"
            | "workload"
            | "forward"
            | "backward"
            | "side"
            | "shot"
            | "shots"
            | "look"
            | "glow"
            | "interior"
            | "exterior"
            | "interiors"
            | "exteriors"
            | "angle"
            | "angles"
            | "lens"
            | "palette"
            | "grade"
            | "take"
            | "contents"
            | "highlights"
            | "shadows"
            | "blacks"
            | "whites"
            | "mids"
            | "tones"
            | "kiss"
    );
    let colour = lone
        && head
            .text
            .strip_suffix('s')
            .is_some_and(|base| LEXICON.read(base).is_some_and(|word| word.kinds & COLOR != 0));
    // "practical lamps dimmed" are how it is lit; "a lamp on a table" is seen.
    let lit = phrase.kinds & LIGHT != 0
        && tokens[phrase.start..phrase.head]
            .iter()
            .any(|token| matches!(token.text.as_str(), "practical" | "key" | "fill" | "rim"));
    told || colour || lit
}

fn head_text<'a>(tokens: &'a [Token], phrase: &Phrase) -> &'a str {
    tokens[phrase.head].text.as_str()
}

/// A word that no list knows is a thing if an article or a verb treats it as one.
fn unknown_thing(tokens: &[Token], phrase: &Phrase) -> bool {
    let head = &tokens[phrase.head];
    phrase.kinds & UNKNOWN != 0
        && head.cover == 0
        && head.text.len() > 2
        && !head.joined
        && head.text.chars().all(char::is_alphabetic)
        && (tokens[phrase.start..phrase.head]
            .iter()
            .any(|token| token.tag == Tag::Noun && token.kinds() & CONCRETE != 0 && token.cover & LOOK == 0)
            || (tokens[phrase.start].tag == Tag::Det && !is_plural_talk(&tokens[phrase.start].text))
            || tokens.get(phrase.end).is_some_and(|next| matches!(next.tag, Tag::Verb | Tag::Ing)))
}

fn is_plural_talk(text: &str) -> bool {
    matches!(text, "no" | "any" | "every" | "this" | "that" | "all" | "more")
}

/// Whether a preposition still leaves its noun in view.
fn carries(tokens: &[Token], phrase: &Phrase, prep: &str) -> bool {
    let body = phrase.kinds & (BODY | CLOTHING) != 0 && phrase.kinds & ANIMATE == 0;
    match prep {
        "of" | "featuring" | "about" => true,
        "with" | "and" | "by" | "w" | "between" | "behind" => !body || behind_camera(tokens, phrase),
        "as" | "after" | "like" => phrase.kinds & ANIMATE != 0,
        "on" | "at" | "around" | "past" | "over" | "from" | "across" | "through" | "into" | "toward" | "towards"
        | "under" | "near" | "beside"
            if phrase.kinds & ANIMATE != 0 && !body =>
        {
            true
        }
        "on" | "around" | "past" | "at" | "to" | "into" | "onto" | "toward" | "towards" | "over" | "through"
        | "across" | "from" | "under" => behind_camera(tokens, phrase) && phrase.kinds & (PLACE | BUILDING) == 0,
        _ => false,
    }
}

/// Whether the preposition follows a camera word: "close-up of", "low angle on".
fn behind_camera(tokens: &[Token], phrase: &Phrase) -> bool {
    if phrase.prep.is_some_and(|at| tokens[at].cover & Sense::Style.bit() != 0) {
        return false;
    }
    let Some(prep) = phrase.prep else {
        return false;
    };
    let before = (1..prep).rev().find(|at| tokens[*at].tag != Tag::Adv || tokens[*at].cover != 0);
    before.is_some_and(|at| {
        (tokens[at].cover & Sense::Camera.bit() != 0 || tokens[prep].cover & Sense::Camera.bit() != 0)
            || (tokens[prep].text == "of" && tokens[at].kinds() & CRAFT != 0)
    })
}

/// Talk about the making and its audience: "for my grandmother", "our investors", "viewers".
fn is_production(tokens: &[Token], phrase: &Phrase) -> bool {
    let prep = phrase.prep.map(|at| tokens[at].text.as_str());
    let own = matches!(tokens[phrase.start].text.as_str(), "our" | "your" | "my") && phrase.kinds & ANIMATE != 0;
    let future = tokens.get(phrase.end).is_some_and(|next| matches!(next.text.as_str(), "will" | "would" | "should"));
    matches!(prep, Some("for" | "without" | "to" | "than" | "suitable")) && (own || prep != Some("to")) || future
}

/// Whether a place is told.
pub(super) fn has_setting(tokens: &[Token], phrases: &[Phrase], form: &Form) -> bool {
    let told = tokens
        .iter()
        .enumerate()
        .any(|(at, token)| token.cover & Sense::Setting.bit() != 0 && !token.mute && !form.describes(at));
    told || form.named[super::Mark::Setting as usize]
        || phrases.iter().any(|phrase| !form.describes(phrase.head) && is_setting(tokens, phrase))
}

fn is_setting(tokens: &[Token], phrase: &Phrase) -> bool {
    let head = &tokens[phrase.head];
    if phrase.denied || head.cover & (Sense::Camera.bit() | Sense::Style.bit() | NO_SETTING) != 0 {
        return false;
    }
    let place = phrase.kinds & (PLACE | NAME_PLACE) != 0 && phrase.kinds & (PERSON | ANIMAL) == 0;
    let Some(prep) = phrase.prep else {
        if phrase.start > 0
            && matches!(tokens[phrase.start - 1].tag, Tag::Verb | Tag::Ing)
            && !is_way(tokens[phrase.start - 1].base())
        {
            return false;
        }
        let named = head.kinds() & NAME_PLACE != 0 && (head.capital || phrase.kinds & !NAME_PLACE == 0);
        return (place && phrase.kinds & NAME_PLACE == 0) || named || (place && head.kinds() & PLACE != 0);
    };
    if tokens[prep].cover & NO_SETTING != 0 {
        return false;
    }
    let word = relation(tokens, prep);
    // A strange capitalised name after "in" or "at" is a place nobody listed.
    let strange = phrase.kinds & UNKNOWN != 0 && head.capital && !head.caps && phrase.end == phrase.start + 1;
    if strange && matches!(word, "in" | "at" | "near" | "outside") {
        return true;
    }
    let part = word == "of"
        && prep > 0
        && phrase.kinds & PLACE != 0
        && tokens[prep - 1].kinds() & (NATURE | PLACE | BUILDING) != 0
        && tokens[prep - 1].kinds() & CRAFT == 0;
    if part {
        return true;
    }
    if word == "of" || word == "for" || word == "with" || word == "about" {
        return phrase.kinds & NAME_PLACE != 0 || (place && behind_camera(tokens, phrase));
    }
    let Some(kinds) = accepted(tokens, phrase, prep, word) else {
        return false;
    };
    phrase.kinds & kinds != 0
}

/// "in front of", "on top of", "at the edge of" put what follows where the first word says.
fn relation(tokens: &[Token], prep: usize) -> &str {
    let text = tokens[prep].text.as_str();
    let side = prep > 1 && text == "of" && Role::Side.has(tokens[prep - 1].text.as_str());
    if side { "against" } else { text }
}

/// The kinds of things that a preposition makes a place of.
fn accepted(tokens: &[Token], phrase: &Phrase, prep: usize, word: &str) -> Option<Kinds> {
    if tokens[prep].kinds() & WHERE == 0 && word != "against" {
        return None;
    }
    let places = PLACE | BUILDING | NAME_PLACE;
    let at_rest = prep == 0 || !matches!(tokens[prep - 1].tag, Tag::Verb | Tag::Ing);
    let plant = if is_growth(&tokens[phrase.head].text) { PLANT } else { 0 };
    let ground = NATURE & if is_weather(&tokens[phrase.head].text) { 0 } else { NATURE };
    Some(
        match word {
            "on" | "upon" | "atop" => {
                let small = if at_rest && !is_device(&tokens[phrase.head].text) { THING } else { 0 };
                let rides = if is_ship(&tokens[phrase.head].text) { VEHICLE } else { 0 };
                places | FURNITURE | ground | small | rides | if at_rest { plant } else { 0 }
            }
            "in" | "inside" | "aboard" | "within" => places | VEHICLE | ground | plant | FURNITURE,
            "under" | "beneath" | "underneath" | "behind" | "beside" | "between" | "among" | "amid" | "amidst"
            | "amongst" | "against" | "near" | "outside" | "opposite" => {
                let thing = if matches!(word, "behind" | "beside" | "near") { THING } else { 0 };
                places | FURNITURE | VEHICLE | plant | thing | if at_rest { ground } else { 0 }
            }
            "through" | "across" | "along" | "around" | "past" | "over" | "above" | "below" | "down" | "up"
            | "round" | "into" | "onto" | "alongside" => {
                let round = if word == "around" { FURNITURE } else { 0 };
                places | plant | ground | round
            }
            "at" | "from" | "off" | "out" | "to" | "toward" | "towards" | "beyond" | "throughout" => {
                places | if word == "at" { FURNITURE } else { 0 }
            }
            _ => places,
        } & !(FOOD | BODY | CLOTHING),
    )
}

fn is_weather(text: &str) -> bool {
    Role::Weather.has(text)
}

/// Plants that one can be in or on.
fn is_growth(text: &str) -> bool {
    Role::Growth.has(text)
}

/// Weather that nothing happens to is no subject.
fn is_mere_weather(text: &str) -> bool {
    Role::MereWeather.has(text)
}

fn is_device(text: &str) -> bool {
    Role::Device.has(text)
}

/// Verbs whose object is where they happen.
fn is_way(base: &str) -> bool {
    Role::Way.has(base)
}

fn is_ship(text: &str) -> bool {
    Role::Ship.has(text)
}
