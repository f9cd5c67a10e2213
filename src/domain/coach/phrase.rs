//! Noun phrases: where each begins and ends, its head, the preposition before it, and whether it
//! is denied ("no people").

use super::lexicon::{
    ABSTRACT, ADV, ANIMATE, AUX, BUILDING, CLOTHING, CONCRETE, CONJ, CRAFT, FOOD, FURNITURE, GROUP, Kinds, LIGHT,
    NAME_PERSON, NAME_PLACE, NEGATIVE, PLACE, THING,
};
use super::pattern::Sense;
use super::role::Role;
use super::token::{Tag, Token};

/// A noun phrase.
#[derive(Clone, Debug)]
pub(super) struct Phrase {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) head: usize,
    /// The kinds of the head, with those of what "of" measures: "a crowd of people".
    pub(super) kinds: Kinds,
    /// The preposition that governs it.
    pub(super) prep: Option<usize>,
    pub(super) denied: bool,
}

/// The kind given to a noun that no list knows.
pub(super) const UNKNOWN: Kinds = 1 << 60;

const LOOK: u32 = Sense::Camera.bit() | Sense::Lighting.bit() | Sense::Style.bit();

/// Finds the noun phrases in order.
pub(super) fn find(tokens: &[Token]) -> Vec<Phrase> {
    let mut out: Vec<Phrase> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        if token.mute || !matches!(token.tag, Tag::Det | Tag::Adj | Tag::Noun | Tag::Part) {
            at += 1;
            continue;
        }
        let end = reach(tokens, at);
        if let Some(head) = (at..end).rev().find(|i| tokens[*i].tag == Tag::Noun) {
            let mut phrase = build(tokens, at, end, head);
            merge(tokens, &mut phrase, &mut out);
            out.push(phrase);
        }
        at = end.max(at + 1);
    }
    out
}

fn reach(tokens: &[Token], start: usize) -> usize {
    let mut at = start;
    let mut noun = false;
    while at < tokens.len() {
        let token = &tokens[at];
        let goes_on = match token.tag {
            Tag::Det => !noun || token.text == "'s",
            Tag::Noun => true,
            Tag::Adj => {
                !noun || token.joined || tokens.get(at + 1).is_some_and(|next| matches!(next.tag, Tag::Noun | Tag::Adj))
            }
            Tag::Part | Tag::Adv => !noun && at > start,
            Tag::None | Tag::Prep | Tag::Pron | Tag::Conj | Tag::Aux | Tag::Verb | Tag::Ing => false,
        };
        if token.mute || !(goes_on || (at == start && token.tag == Tag::Part)) {
            break;
        }
        noun = (noun || token.tag == Tag::Noun) && token.text != "'s";
        at += 1;
    }
    at
}

fn build(tokens: &[Token], start: usize, end: usize, head: usize) -> Phrase {
    let token = &tokens[head];
    let mut kinds = token.kinds();
    if token.word.is_none() || matches!(token.text.as_str(), "one" | "ones") {
        kinds = UNKNOWN;
    }
    // "A baker named Dawn" is nobody's daybreak.
    let named =
        start > 0 && tokens[start].tag == Tag::Part && matches!(tokens[start].text.as_str(), "named" | "called");
    if named {
        kinds = NAME_PERSON;
    }
    // A camera that no pattern took for the film's own is a thing in view.
    let tool = matches!(token.base(), "camera" | "lens" | "tripod" | "projector" | "camcorder");
    if tool && token.cover & Sense::Camera.bit() == 0 {
        kinds = (kinds & !CRAFT) | THING;
    }
    // "Cliff faces" are a place; a picture frame is a thing, a film's frame is not.
    let before = start.max(head.saturating_sub(1));
    let inner = if before < head { tokens[before].kinds() } else { 0 };
    if inner & PLACE != 0
        && matches!(token.base(), "face" | "mouth" | "foot" | "head" | "wall" | "floor" | "side" | "edge")
    {
        kinds = PLACE;
    }
    // "A bar top", "the table edge": where the thing is.
    if inner & (PLACE | BUILDING | FURNITURE) != 0
        && matches!(token.base(), "top" | "side" | "edge" | "end" | "front" | "back" | "bottom" | "center" | "middle")
    {
        kinds = inner;
    }
    if token.base() == "frame" && before < head && Role::Framed.has(&tokens[before].text) {
        kinds = THING;
    }
    // Words that do something or tell something stand in the picture.
    let reads = matches!(token.base(), "caption" | "subtitle" | "headline")
        && tokens.get(end).is_some_and(|next| matches!(next.text.as_str(), "reading" | "saying"));
    let works = !reads && tokens.get(end).is_some_and(|next| matches!(next.tag, Tag::Verb | Tag::Ing) || next.caps);
    if works
        && matches!(
            token.text.trim_end_matches('s'),
            "text" | "word" | "letter" | "title" | "logo" | "caption" | "headline"
        )
    {
        kinds = (kinds & !CRAFT) | THING;
    }
    // "A cat video", "a coffee bag mockup": the thing is named before the film word.
    if kinds & (CRAFT | ABSTRACT) != 0 && kinds & (CONCRETE | PLACE | BUILDING) == 0 {
        let inner = tokens[start..head].iter().rev().find(|token| token.tag == Tag::Noun && token.text != "'s");
        if let Some(inner) = inner
            && (token.kinds() & (CRAFT | LIGHT) == CRAFT || token.cover & Sense::Action.bit() != 0)
            && inner.cover & LOOK == 0
            && !matches!(token.base(), "reflection" | "shadow" | "silhouette" | "outline" | "pattern" | "texture")
        {
            kinds |= inner.kinds() & (CONCRETE | NAME_PERSON);
        }
    }
    let mut place = 0;
    for token in &tokens[start..head] {
        place |= token.kinds() & NAME_PLACE;
    }
    if kinds & (PLACE | BUILDING) != 0 {
        kinds |= place;
    }
    let before = (1..start.max(1)).rev().find(|i| tokens[*i].is_word() || tokens[*i].parts());
    let prep = before.filter(|i| tokens[*i].tag == Tag::Prep);
    let denied = (start.saturating_sub(3)..end).any(|i| {
        tokens[i].kinds() & NEGATIVE != 0
            && (i >= start
                || tokens[i + 1..start].iter().all(|between| {
                    between.is_word() && matches!(between.tag, Tag::Adj | Tag::Adv | Tag::Det | Tag::Prep)
                }))
    });
    let erased = start > 1
        && Role::Erase.has(&tokens[start - 1].text)
        && (!tokens[start - 2].is_word() || tokens[start - 2].kinds() & (CONJ | ADV | AUX) != 0);
    Phrase { start, end, head, kinds, prep, denied: denied || erased }
}

/// Lets "a crowd of people" count as people, and "no driver, no keys" stay denied after "or".
fn merge(tokens: &[Token], phrase: &mut Phrase, out: &mut [Phrase]) {
    let Some(last) = out.last_mut() else { return };
    if let Some(prep) = phrase.prep
        && tokens[prep].text == "of"
        && last.end == prep
        && last.kinds & (GROUP | ABSTRACT | CRAFT) != 0
        && last.kinds & CONCRETE == 0
        && tokens[phrase.head].cover & LOOK == 0
    {
        last.kinds |= phrase.kinds & CONCRETE;
    }
    // "A band of daylight" is light.
    if phrase.prep.is_some_and(|prep| tokens[prep].text == "of" && last.end == prep)
        && phrase.kinds & LIGHT != 0
        && last.kinds & (GROUP | ABSTRACT) != 0
    {
        last.kinds = LIGHT;
    }
    // "A bar of chocolate", "a sea of faces" are no places.
    if phrase.prep.is_some_and(|prep| tokens[prep].text == "of" && last.end == prep)
        && Role::Measure.has(tokens[last.head].base())
        && phrase.kinds & (ANIMATE | FOOD | CLOTHING) != 0
        && phrase.kinds & PLACE == 0
    {
        last.kinds = (last.kinds & !PLACE) | (phrase.kinds & CONCRETE) | GROUP;
    }
    let joined = phrase.start > 0
        && last.end + 1 == phrase.start
        && matches!(tokens[last.end].text.as_str(), "or" | "and" | "nor");
    if joined && last.denied && (tokens[last.end].text != "and") {
        phrase.denied = true;
    }
    if joined && phrase.prep.is_none() && last.prep.is_some() {
        phrase.prep = last.prep;
    }
}
