//! Where it happens: reads the noun phrases and their prepositions for a place.

use super::label::Form;
use super::lexicon::{
    ANIMAL, BODY, BUILDING, CLOTHING, CONCRETE, CRAFT, FOOD, FURNITURE, Kinds, NAME_PLACE, NATURE, PERSON, PLACE,
    PLANT, THING, VEHICLE, WHERE,
};
use super::pattern::{NO_SETTING, Sense};
use super::phrase::{Phrase, UNKNOWN};
use super::role::Role;
use super::subject::behind_camera;
use super::token::{Tag, Token};

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
    let lit = tokens[phrase.start..phrase.head].iter().any(|token| token.cover & Sense::Lighting.bit() != 0);
    if lit && phrase.kinds & BUILDING != 0 && phrase.kinds & CONCRETE == 0 {
        return true;
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
        return (phrase.kinds & NAME_PLACE != 0 && word != "about") || (place && behind_camera(tokens, phrase));
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
    let alone = matches!(tokens[phrase.start].text.as_str(), "a" | "an" | "one");
    // Light comes through a window and guests through a door, wherever that is.
    let whose = tokens[phrase.start..phrase.head].iter().any(|token| token.kinds() & (PLACE | BUILDING) != 0);
    let opening = Role::Opening.has(tokens[phrase.head].base()) && !whose;
    let plant = if is_growth(&tokens[phrase.head].text) { PLANT } else { 0 };
    let of_place = whose && phrase.kinds & (PLACE | BUILDING) == 0;
    let ground = NATURE & if !of_place && is_weather(&tokens[phrase.head].text) { 0 } else { NATURE };
    Some(
        match word {
            "on" | "upon" | "atop" => {
                let small = if at_rest && !behind_camera(tokens, phrase) && !is_device(&tokens[phrase.head].text) {
                    THING
                } else {
                    0
                };
                let rides = if is_ship(&tokens[phrase.head].text) { VEHICLE } else { 0 };
                places | FURNITURE | ground | small | rides | if at_rest { plant } else { 0 }
            }
            "in" | "inside" | "aboard" | "within" => {
                places | VEHICLE | ground | plant | FURNITURE | if word == "inside" { THING } else { 0 }
            }
            "under" | "beneath" | "underneath" | "behind" | "beside" | "between" | "among" | "amid" | "amidst"
            | "amongst" | "against" | "near" | "outside" | "opposite" => {
                let thing = if word == "behind" { THING } else { 0 };
                places | FURNITURE | VEHICLE | plant | thing | if at_rest { ground } else { 0 }
            }
            "through" | "across" | "along" | "around" | "past" | "over" | "above" | "below" | "down" | "up"
            | "round" | "into" | "onto" | "alongside" => {
                let round = if word == "around" { FURNITURE } else { 0 };
                let plant = if alone { 0 } else { plant };
                if opening { 0 } else { places | plant | ground | round }
            }
            "at" | "from" | "off" | "out" | "to" | "toward" | "towards" | "beyond" | "throughout" => {
                let origin = if word == "from" && !behind_camera(tokens, phrase) { NAME_PLACE } else { 0 };
                if opening && word != "at" { 0 } else { (places & !origin) | if word == "at" { FURNITURE } else { 0 } }
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
