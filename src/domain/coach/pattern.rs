//! The phrase lists of the trade in a small language: `a|b` is a choice, `x?` may be left out,
//! `@kind` is any word of a kind. Says which tokens each list covers; longer "not" phrases win.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::lexicon::{self, Kinds, lines};
use super::token::{Shape, Token};

/// What a phrase names; the bit is used in `Token::cover`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    Camera,
    Lighting,
    Style,
    Setting,
    Action,
}

impl Sense {
    /// Its bit.
    pub(super) const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// The bit of a phrase that is an event word used in another sense, or no event at all.
pub(super) const NO_ACTION: u32 = 1 << 10;
/// The bit of a phrase that says nothing about a place.
pub(super) const NO_SETTING: u32 = 1 << 11;

#[derive(Debug)]
enum Part {
    Words(Vec<&'static str>),
    Kind(Kinds),
    Name,
    Number,
    Stop,
    Verb,
    Any,
}

#[derive(Debug)]
struct Phrase {
    parts: Vec<Part>,
    sense: Sense,
    /// Whether it denies the sense.
    not: bool,
}

/// All phrases, by first word.
pub(super) struct Patterns {
    phrases: Vec<Phrase>,
    first: HashMap<&'static str, Vec<usize>>,
    open: Vec<usize>,
    known: HashSet<&'static str>,
}

/// The phrases, compiled on first use.
pub(super) static PATTERNS: LazyLock<Patterns> = LazyLock::new(Patterns::compile);

const LISTS: [(&str, Sense, bool); 10] = [
    (include_str!("words/camera.txt"), Sense::Camera, false),
    (include_str!("words/lighting.txt"), Sense::Lighting, false),
    (include_str!("words/style.txt"), Sense::Style, false),
    (include_str!("words/setting.txt"), Sense::Setting, false),
    (include_str!("words/action.txt"), Sense::Action, false),
    (include_str!("words/not-camera.txt"), Sense::Camera, true),
    (include_str!("words/not-lighting.txt"), Sense::Lighting, true),
    (include_str!("words/not-style.txt"), Sense::Style, true),
    (include_str!("words/not-setting.txt"), Sense::Setting, true),
    (include_str!("words/not-action.txt"), Sense::Action, true),
];

fn part(text: &'static str) -> Part {
    match text {
        "@name" => Part::Name,
        "@num" => Part::Number,
        "@stop" => Part::Stop,
        "@verb" => Part::Verb,
        "*" => Part::Any,
        _ => text.strip_prefix('@').and_then(kind).map_or_else(
            || Part::Words(text.split('|').filter(|word| !word.starts_with('@') && !is_several(word)).collect()),
            Part::Kind,
        ),
    }
}

fn kind(name: &str) -> Option<Kinds> {
    Some(match name {
        "det" => lexicon::DET,
        "adj" => lexicon::ADJ,
        "adv" => lexicon::ADV,
        "prep" => lexicon::PREP,
        "noun" => lexicon::NOUN,
        "color" => lexicon::COLOR,
        "ordinal" => lexicon::ORDINAL,
        "food" => lexicon::FOOD,
        "person" => lexicon::PERSON | lexicon::NAME_PERSON | lexicon::PRON,
        "animal" => lexicon::ANIMAL,
        "thing" => lexicon::CONCRETE,
        "place" => lexicon::PLACE | lexicon::BUILDING,
        "abstract" => lexicon::ABSTRACT,
        "clothing" => lexicon::CLOTHING,
        _ => return None,
    })
}

/// Whether a listed word is cut into several tokens: "ukiyo-e", "b/w", "mother's".
fn is_several(word: &str) -> bool {
    word.len() > 2 && (word.contains(['-', '/', '&']) || word.ends_with("'s"))
}

/// A listed word as the tokens it is cut into.
fn written(word: &'static str) -> Vec<&'static str> {
    if !is_several(word) {
        return vec![word];
    }
    if let Some(stem) = word.strip_suffix("'s") {
        return vec![stem, "'s"];
    }
    if word.contains('&') {
        return word
            .split_inclusive('&')
            .flat_map(|part| part.strip_suffix('&').map_or_else(|| vec![part], |stem| vec![stem, "&"]))
            .collect();
    }
    word.split(['-', '/']).filter(|part| !part.is_empty()).collect()
}

impl Patterns {
    fn compile() -> Self {
        let mut all = Self { phrases: Vec::new(), first: HashMap::new(), open: Vec::new(), known: HashSet::new() };
        for (list, sense, not) in LISTS {
            for line in lines(list) {
                all.add(line, sense, not);
            }
        }
        for line in lines(include_str!("words/name-places.txt")) {
            all.add(line, Sense::Setting, false);
        }
        all
    }

    /// Adds one line; every optional word and every mixed choice becomes a phrase of its own.
    fn add(&mut self, line: &'static str, sense: Sense, not: bool) {
        let mut variants: Vec<Vec<&'static str>> = vec![Vec::new()];
        for word in line.split_whitespace() {
            let (word, optional) = word.strip_suffix('?').map_or((word, false), |word| (word, true));
            let mut choices: Vec<&'static str> =
                word.split('|').filter(|one| one.starts_with('@') || is_several(one)).collect();
            if choices.len() < word.split('|').count() {
                choices.push(word);
            }
            let mut next = Vec::new();
            for variant in &variants {
                if optional {
                    next.push(variant.clone());
                }
                for choice in &choices {
                    let mut longer = variant.clone();
                    if choice.contains('|') {
                        longer.push(choice);
                    } else {
                        longer.extend(written(choice));
                    }
                    next.push(longer);
                }
            }
            variants = next;
        }
        for variant in variants.into_iter().filter(|variant| !variant.is_empty()) {
            let parts: Vec<Part> = variant.into_iter().map(part).collect();
            for part in &parts {
                if let Part::Words(words) = part {
                    self.known.extend(words);
                }
            }
            let at = self.phrases.len();
            match &parts[0] {
                Part::Words(words) => words.iter().for_each(|word| self.first.entry(word).or_default().push(at)),
                Part::Kind(_) | Part::Name | Part::Number | Part::Stop | Part::Verb | Part::Any => {
                    self.open.push(at);
                }
            }
            self.phrases.push(Phrase { parts, sense, not });
        }
    }

    /// Whether a phrase begins with or holds this very word.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.known.contains(word)
    }

    /// Every literal word of the phrases that affirm something.
    pub(super) fn literals(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.phrases
            .iter()
            .filter(|phrase| !phrase.not && phrase.sense != Sense::Setting)
            .flat_map(|phrase| {
                phrase.parts.iter().flat_map(|part| match part {
                    Part::Words(words) => words.as_slice(),
                    Part::Kind(_) | Part::Name | Part::Number | Part::Stop | Part::Verb | Part::Any => &[],
                })
            })
            .copied()
    }

    /// Writes into each token the senses that cover it.
    pub(super) fn cover(&self, tokens: &mut [Token]) {
        let mut hits: Vec<(usize, usize, Sense, bool)> = Vec::new();
        for at in 0..tokens.len() {
            let named = self.first.get(tokens[at].text.as_str()).map_or(&[][..], Vec::as_slice);
            for &index in named.iter().chain(&self.open) {
                let phrase = &self.phrases[index];
                if let Some(len) = reach(&phrase.parts, &tokens[at..]) {
                    hits.push((at, len, phrase.sense, phrase.not));
                }
            }
        }
        let mut denied: Vec<[usize; 5]> = vec![[0; 5]; tokens.len()];
        for &(at, len, sense, _) in hits.iter().filter(|hit| hit.3) {
            for cell in &mut denied[at..at + len] {
                cell[sense as usize] = cell[sense as usize].max(len);
            }
        }
        for &(at, len, sense, _) in hits.iter().filter(|hit| hit.3) {
            let bit = match sense {
                Sense::Action => NO_ACTION,
                Sense::Setting => NO_SETTING,
                Sense::Camera | Sense::Lighting | Sense::Style => 0,
            };
            tokens[at..at + len].iter_mut().for_each(|token| token.cover |= bit);
        }
        for &(at, len, sense, _) in hits.iter().filter(|hit| !hit.3) {
            // Stops at the edges of a phrase are not part of what may be denied.
            let lost = (at..at + len).any(|i| tokens[i].is_word() && denied[i][sense as usize] >= len);
            if !lost {
                let words = tokens[at..at + len].iter_mut().filter(|token| token.is_word());
                words.for_each(|token| token.cover |= sense.bit());
            }
        }
    }
}

/// How many tokens the parts match from the start, if they do.
fn reach(parts: &[Part], tokens: &[Token]) -> Option<usize> {
    if tokens.len() < parts.len() {
        return None;
    }
    let fits = parts.iter().zip(tokens).enumerate().all(|(i, (part, token))| match part {
        Part::Words(words) => token.is_word() && !token.mute && words.contains(&token.text.as_str()),
        Part::Kind(kinds) => token.shape == Shape::Word && !token.mute && token.kinds() & kinds != 0,
        Part::Name => token.shape == Shape::Word && token.capital,
        Part::Number => token.shape == Shape::Number || token.text.starts_with(|c: char| c.is_ascii_digit()),
        Part::Stop => !token.is_word() || (i > 0 && token.mute),
        Part::Verb => token.kinds() & lexicon::VERB != 0,
        Part::Any => token.shape == Shape::Word && !token.mute,
    });
    fits.then_some(parts.len())
}
