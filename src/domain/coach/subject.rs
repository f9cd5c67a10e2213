//! Who or what is singled out to be seen: a doer, a being, a thing. Refuses places, the scenery of
//! a place, materials, lamps that only light, and talk about the film.

use super::event::{CAMERA, Event};
use super::label::Form;
use super::lexicon::{
    ANIMATE, BODY, BUILDING, CLOTHING, COLOR, CONCRETE, CRAFT, FOOD, GROUP, LEXICON, LIGHT, NAME_PLACE, NATURE, NUM,
    PERSON, PLACE, PLANT, PLURAL, QUALITY, VEHICLE,
};
use super::pattern::Sense;
use super::phrase::{Phrase, UNKNOWN};
use super::role::Role;
use super::token::{Shape, Tag, Token};

const LOOK: u32 = Sense::Camera.bit() | Sense::Lighting.bit() | Sense::Style.bit();

/// Whether something is seen.
pub(super) fn has_subject(tokens: &[Token], phrases: &[Phrase], events: &[Event], form: &Form) -> bool {
    let mut scenery = !form.headings.is_empty();
    let seen = phrases.iter().filter(|phrase| !form.describes(phrase.head)).any(|phrase| {
        let found = is_subject(tokens, phrase, scenery);
        scenery |= is_told_place(tokens, phrase);
        found
    });
    seen || (1..tokens.len()).any(|at| is_someone(tokens, at))
        || events.iter().any(|event| is_doer(tokens, phrases, event, form))
}

/// "He", "someone"; "they" and "them" may be anything, so they must do something.
fn is_someone(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    let text = token.text.as_str();
    let next = |offset: usize| tokens.get(at + offset).map_or(Tag::None, |token| token.tag);
    let acts = match next(1) {
        Tag::Verb | Tag::Adv => text != "them",
        Tag::Ing => true,
        Tag::Aux => next(2) == Tag::Ing,
        Tag::None | Tag::Noun | Tag::Adj | Tag::Det | Tag::Prep | Tag::Pron | Tag::Conj | Tag::Part => false,
    };
    token.tag == Tag::Pron
        && !token.mute
        && Role::Someone.has(text)
        && !matches!(tokens[at - 1].text.as_str(), "after" | "since" | "for" | "before")
        && (acts || !matches!(text, "they" | "them" | "they're"))
}

/// Whoever does something is seen.
fn is_doer(tokens: &[Token], phrases: &[Phrase], event: &Event, form: &Form) -> bool {
    let Some(phrase) = event.who.map(|index| &phrases[index]).filter(|_| event.counts()) else {
        return false;
    };
    let place = phrase.kinds & PLACE != 0;
    let known = phrase.kinds & (CONCRETE | BUILDING | GROUP) != 0 && !place;
    let acts = tokens[event.at].tag == Tag::Verb;
    let shown = acts && (phrase.kinds & UNKNOWN != 0 || tokens[phrase.start].tag == Tag::Det);
    event.actor & CAMERA == 0
        && phrase.kinds & (CRAFT | LIGHT) == 0
        && tokens[phrase.head].cover & LOOK == 0
        && (known || shown)
        && !phrase.denied
        && !form.describes(phrase.head)
        && !is_talk(tokens, phrase)
        && !is_production(tokens, phrase)
}

/// Whether a phrase tells a place, so that what follows only furnishes it.
fn is_told_place(tokens: &[Token], phrase: &Phrase) -> bool {
    let inside = phrase.prep.is_some_and(|prep| {
        tokens[prep].text != "of"
            || matches!(tokens[prep - 1].text.as_str(), "interior" | "inside" | "exterior" | "outside")
    });
    let building = inside && phrase.kinds & BUILDING != 0 && !behind_camera(tokens, phrase);
    !phrase.denied && tokens[phrase.head].cover & LOOK == 0 && (is_place(tokens, phrase) || building)
}

/// A flea market is a place, whatever a flea is.
fn is_place(tokens: &[Token], phrase: &Phrase) -> bool {
    // "Candlelit barn": a building whose inside is lit.
    let lit = tokens[phrase.start..phrase.head].iter().any(|token| token.cover & Sense::Lighting.bit() != 0);
    if lit && phrase.kinds & BUILDING != 0 && phrase.kinds & CONCRETE == 0 {
        return true;
    }
    let within = phrase.prep.is_some_and(|prep| {
        tokens[prep].text == "of" && matches!(tokens[prep - 1].text.as_str(), "interior" | "inside" | "cabin" | "deck")
    });
    if within && phrase.kinds & ANIMATE == 0 {
        return true;
    }
    let told = phrase.kinds & (PLACE | NAME_PLACE) != 0 || tokens[phrase.head].cover & Sense::Setting.bit() != 0;
    told && phrase.kinds & (ANIMATE | VEHICLE | FOOD) == 0
}

/// Whether a phrase singles something out; `scenery` where a place has been told before.
fn is_subject(tokens: &[Token], phrase: &Phrase, scenery: bool) -> bool {
    let head = &tokens[phrase.head];
    if phrase.denied
        || head.kinds() & QUALITY != 0
        || is_place(tokens, phrase)
        || is_talk(tokens, phrase)
        || is_production(tokens, phrase)
        || phrase.prep.is_some_and(|at| tokens[at].cover & Sense::Style.bit() != 0)
        || phrase.kinds & (LIGHT | CRAFT) == LIGHT | CRAFT
        || is_means(tokens, phrase)
    {
        return false;
    }
    let one = is_one(tokens, phrase);
    // Windows, pipes and palm trees furnish a place, told or not.
    let many = head.word.is_some_and(|word| word.form == super::lexicon::Form::S) || phrase.kinds & PLURAL != 0;
    if many && Role::Fixture.has(head.base()) && !tokens[phrase.start..phrase.head].iter().any(|t| t.kinds() & NUM != 0)
    {
        return false;
    }
    let being = phrase.kinds & ANIMATE != 0 || is_aged(tokens, phrase);
    let aimed = behind_camera(tokens, phrase);
    let amid = phrase.prep.is_some_and(|at| !matches!(tokens[at].text.as_str(), "of" | "with" | "and" | "about"));
    if scenery && !aimed && ((!being && (!one || phrase.prep.is_some())) || (being && amid)) {
        return false;
    }
    // Rain, sand and leaves are weather and ground until one of them is meant.
    let ground = phrase.kinds & NATURE != 0 && phrase.kinds & (CONCRETE & !NATURE) & !super::lexicon::THING == 0;
    let growth = phrase.kinds & PLANT != 0 && Role::Growth.has(&head.text) && phrase.prep.is_none();
    if growth
        && !one
        && tokens[phrase.start].tag == Tag::Noun
        && !tokens[phrase.start - 1].is_word()
        && scenery_list(tokens, phrase)
    {
        return false;
    }
    if ground && (!one || Role::MereWeather.has(&head.text)) {
        return false;
    }
    let person =
        phrase.kinds & PERSON != 0 && tokens[phrase.start].tag == Tag::Det && head.cover & Sense::Style.bit() == 0;
    let known = phrase.kinds & CONCRETE != 0 && (head.cover & LOOK == 0 || person);
    let prep = phrase.prep.map(|at| tokens[at].text.as_str());
    if known || unknown_thing(tokens, phrase) {
        return prep.is_none_or(|word| carries(tokens, phrase, word));
    }
    let building = phrase.kinds & BUILDING != 0 && phrase.kinds & (CRAFT | LIGHT) == 0 && head.cover & LOOK == 0;
    building && prep.is_none_or(|word| matches!(word, "of" | "on" | "around") && behind_camera(tokens, phrase))
}

/// "Black water, duckweed, a jetty": a bare word between commas.
fn scenery_list(tokens: &[Token], phrase: &Phrase) -> bool {
    let comma = |at: usize| tokens.get(at).is_some_and(|token| token.text == ",");
    comma(phrase.start - 1) && comma(phrase.end)
}

/// Whether the phrase picks out one: "a", "one", "a lone", "two".
fn is_one(tokens: &[Token], phrase: &Phrase) -> bool {
    tokens[phrase.start..phrase.head].iter().any(|token| {
        matches!(token.text.as_str(), "a" | "an" | "one" | "another" | "lone" | "single" | "solitary")
            || token.kinds() & NUM != 0
    })
}

/// What something is made of, lit by or compared with: "carved from wood", "lit by a lamp".
fn is_means(tokens: &[Token], phrase: &Phrase) -> bool {
    let Some(prep) = phrase.prep else {
        return false;
    };
    let before = &tokens[prep - 1];
    let lit = before.cover & Sense::Lighting.bit() != 0 && matches!(tokens[prep].text.as_str(), "by" | "from" | "with");
    let made = matches!(tokens[prep].text.as_str(), "of" | "from" | "in" | "with" | "out")
        && matches!(
            before.text.as_str(),
            "made" | "built" | "painted" | "drawn" | "rendered" | "carved" | "sculpted" | "knitted" | "woven" | "out"
        );
    lit || made
}

/// Words that speak of the picture or of anything but what is in it: "the feel", "a light workload", "greens".
fn is_talk(tokens: &[Token], phrase: &Phrase) -> bool {
    let head = &tokens[phrase.head];
    let told = Role::Generic.has(&head.text) || matches!(tokens[phrase.start - 1].base(), "think" | "look" | "feel");
    // "The rich muted greens" are colours.
    let colour =
        tokens[phrase.start..phrase.head].iter().all(|token| matches!(token.tag, Tag::Adj | Tag::Det | Tag::Part))
            && head
                .text
                .strip_suffix('s')
                .is_some_and(|base| LEXICON.read(base).is_some_and(|word| word.kinds & COLOR != 0));
    // "practical lamps dimmed" are how it is lit; "a lamp on a table" is seen.
    let lit = tokens[phrase.start..phrase.head].iter().any(|token| token.text == "practical");
    // "Thick paint, visible canvas" tell the look; "use the same seed" is said to the maker.
    let bare = tokens[phrase.start].tag != Tag::Det && phrase.prep.is_none();
    let acts = tokens
        .get(phrase.end)
        .is_some_and(|next| matches!(next.tag, Tag::Verb | Tag::Ing) && next.cover & super::pattern::NO_ACTION == 0);
    let material = bare && !acts && Role::Material.has(head.base());
    let before = &tokens[phrase.start - 1];
    let ordered = before.tag == Tag::Verb
        && phrase.kinds & (ANIMATE | VEHICLE) == 0
        && phrase.start > 1
        && !tokens[phrase.start - 2].is_word()
        && Role::Edit.has(&before.text);
    // "Less gore, more waiting" compares with another version.
    let compared = matches!(tokens[phrase.start].text.as_str(), "less" | "more" | "fewer" | "same") && !acts;
    told || colour || lit || material || ordered || compared
}

/// A word that no list knows is a thing if an article or a verb treats it as one.
fn unknown_thing(tokens: &[Token], phrase: &Phrase) -> bool {
    let head = &tokens[phrase.head];
    phrase.kinds & UNKNOWN != 0
        && head.cover == 0
        && head.text.len() > 2
        && !matches!(head.text.as_str(), "one" | "ones")
        && !head.joined
        && head.text.chars().all(char::is_alphabetic)
        && (is_aged(tokens, phrase)
            || tokens[phrase.start..phrase.head]
                .iter()
                .any(|token| token.tag == Tag::Noun && token.kinds() & CONCRETE != 0 && token.cover & LOOK == 0)
            || (tokens[phrase.start].tag == Tag::Det && !is_plural_talk(&tokens[phrase.start].text))
            || tokens.get(phrase.end).is_some_and(|next| matches!(next.tag, Tag::Verb | Tag::Ing)))
}

/// "DEJA, 20, stands up": a name and an age.
fn is_aged(tokens: &[Token], phrase: &Phrase) -> bool {
    let next = |offset: usize| tokens.get(phrase.end + offset);
    tokens[phrase.head].capital
        && next(0).is_some_and(|token| matches!(token.text.as_str(), "," | "("))
        && next(1).is_some_and(|token| token.shape == Shape::Number || token.text.ends_with("0s"))
        && next(2).is_some_and(Token::parts)
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
pub(super) fn behind_camera(tokens: &[Token], phrase: &Phrase) -> bool {
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
