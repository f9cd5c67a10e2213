//! The word lists, parsed once, and what a written form means: its kinds, its base and its
//! inflection. Refuses to guess from context; that is the tagger's work.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::inflection::{participle, stems};

/// A set of word kinds, as bits.
pub(super) type Kinds = u64;

macro_rules! kinds {
    ($($name:ident = $bit:literal,)*) => { $(pub(super) const $name: Kinds = 1 << $bit;)* };
}
kinds! {
    PERSON = 0, ANIMAL = 1, THING = 2, CLOTHING = 3, FURNITURE = 4, VEHICLE = 5, FOOD = 6,
    PLANT = 7, BODY = 8, NATURE = 9, PLACE = 10, BUILDING = 11, GROUP = 12, ABSTRACT = 13,
    CRAFT = 14, LIGHT = 15, NAME_PLACE = 16, NAME_PERSON = 17, ADJ = 18, ADV = 19, DET = 20,
    PREP = 21, PRON = 22, CONJ = 23, AUX = 24, NUM = 25, MOVE = 26, SPEAK = 27, STILL = 28,
    RARE = 29, COLOR = 30, WHERE = 31, NEGATIVE = 32, QUALITY = 33, ORDINAL = 34, PLURAL = 35,
}
/// What can stand before a camera.
pub(super) const CONCRETE: Kinds =
    PERSON | ANIMAL | THING | CLOTHING | FURNITURE | VEHICLE | FOOD | PLANT | BODY | NATURE | NAME_PERSON;
pub(super) const ANIMATE: Kinds = PERSON | ANIMAL | NAME_PERSON;
/// Everything that can head a noun phrase.
pub(super) const NOUN: Kinds = CONCRETE | PLACE | BUILDING | GROUP | ABSTRACT | CRAFT | LIGHT | NAME_PLACE;
pub(super) const VERB: Kinds = MOVE | SPEAK | STILL;
pub(super) const LITTLE: Kinds = DET | PREP | PRON | CONJ | AUX;

/// How a form is built from its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Base,
    S,
    Ed,
    Ing,
}

/// One reading of a written form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub(super) kinds: Kinds,
    /// The base form, where it is a known noun or verb.
    pub(super) base: &'static str,
    pub(super) form: Form,
    /// Whether an irregular form can only be a past tense ("ran"), not a participle.
    pub(super) past: bool,
}

/// The parsed word lists.
pub(super) struct Lexicon {
    words: HashMap<&'static str, Kinds>,
    irregular: HashMap<&'static str, (&'static str, bool)>,
    /// Words that only other languages use often.
    pub(super) foreign: HashSet<&'static str>,
    /// Words that tell English apart.
    pub(super) english: HashSet<&'static str>,
}

/// The lexicon, parsed on first use.
pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::parse);

const LISTS: [(&str, Kinds); 25] = [
    (include_str!("words/person.txt"), PERSON),
    (include_str!("words/animal.txt"), ANIMAL),
    (include_str!("words/thing.txt"), THING),
    (include_str!("words/clothing.txt"), CLOTHING),
    (include_str!("words/furniture.txt"), FURNITURE),
    (include_str!("words/vehicle.txt"), VEHICLE),
    (include_str!("words/food.txt"), FOOD),
    (include_str!("words/plant.txt"), PLANT),
    (include_str!("words/body.txt"), BODY),
    (include_str!("words/nature.txt"), NATURE),
    (include_str!("words/place.txt"), PLACE),
    (include_str!("words/building.txt"), BUILDING),
    (include_str!("words/group.txt"), GROUP),
    (include_str!("words/abstract.txt"), ABSTRACT),
    (include_str!("words/craft.txt"), CRAFT),
    (include_str!("words/light.txt"), LIGHT),
    (include_str!("words/name-place.txt"), NAME_PLACE),
    (include_str!("words/name-person.txt"), NAME_PERSON),
    (include_str!("words/adjective.txt"), ADJ),
    (include_str!("words/adverb.txt"), ADV),
    (include_str!("words/color.txt"), COLOR | ADJ),
    (include_str!("words/verb-move.txt"), MOVE),
    (include_str!("words/verb-speak.txt"), SPEAK),
    (include_str!("words/verb-still.txt"), STILL),
    (include_str!("words/verb-rare.txt"), RARE),
];

/// The lines of a list without comments and blanks.
pub(super) fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn class(name: &str) -> Kinds {
    match name {
        "det" => DET,
        "num" => NUM,
        "ordinal" => ORDINAL,
        "pron" => PRON,
        "prep" => PREP,
        "place" => WHERE,
        "conj" => CONJ,
        "aux" => AUX,
        "negative" => NEGATIVE,
        _ => ADV,
    }
}

impl Lexicon {
    fn parse() -> Self {
        let mut words: HashMap<&'static str, Kinds> = HashMap::with_capacity(32_000);
        for (list, kind) in LISTS {
            for word in lines(list).flat_map(str::split_whitespace) {
                *words.entry(word).or_default() |= kind;
            }
        }
        for word in lines(include_str!("words/quality.txt")).flat_map(str::split_whitespace) {
            *words.entry(word).or_default() |= QUALITY;
        }
        for line in lines(include_str!("words/function.txt")) {
            let mut parts = line.split_whitespace();
            let kind = class(parts.next().unwrap_or_default());
            for word in parts {
                *words.entry(word).or_default() |= kind;
            }
        }
        let mut irregular = HashMap::new();
        for line in lines(include_str!("words/irregular.txt")) {
            let mut parts = line.split_whitespace();
            if let (Some(form), Some(base), Some(kind)) = (parts.next(), parts.next(), parts.next()) {
                irregular.insert(form, (base, kind == "v"));
            }
        }
        let set = |list: &'static str| lines(list).flat_map(str::split_whitespace).collect();
        Self {
            words,
            irregular,
            foreign: set(include_str!("words/foreign.txt")),
            english: set(include_str!("words/english.txt")),
        }
    }

    /// Every base form, for the spelling index.
    pub(super) fn bases(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.words.keys().copied()
    }

    /// Whether a list knows the word or the word it is a form of.
    pub(super) fn lists(&self, text: &str) -> bool {
        let mut seen = None;
        self.inflected(text, &mut seen);
        seen.is_some() || self.find(text).is_some()
    }

    fn find(&self, word: &str) -> Option<(&'static str, Kinds)> {
        self.words.get_key_value(word).map(|(base, kinds)| (*base, *kinds))
    }

    /// The kinds of a base form itself, 0 if unknown.
    pub(super) fn kinds(&self, word: &str) -> Kinds {
        self.words.get(word).copied().unwrap_or(0)
    }

    /// Reads a lower-case word; `None` where no list and no rule knows it.
    pub(super) fn read(&self, text: &str) -> Option<Word> {
        let mut seen: Option<Word> = None;
        if let Some((base, kinds)) = self.find(text) {
            add(&mut seen, kinds, base, Form::Base);
        }
        if let Some((base, verb)) = self.irregular.get(text).copied() {
            let kinds = self.kinds(base);
            if verb {
                add(&mut seen, kinds & VERB, base, Form::Ed);
            } else {
                add(&mut seen, (kinds & NOUN) | PLURAL, base, Form::Base);
            }
        }
        self.inflected(text, &mut seen);
        if seen.is_none() && self.is_manner(text) {
            add(&mut seen, ADV, "", Form::Base);
        }
        if seen.is_none() {
            self.derived(text, &mut seen);
        }
        if let Some(word) = &mut seen {
            word.past = word.form == Form::Ed && !participle(text);
        }
        seen
    }

    fn inflected(&self, text: &str, seen: &mut Option<Word>) {
        for stem in stems(text, "s") {
            if let Some((base, kinds)) = self.find(&stem)
                && kinds & LITTLE == 0
            {
                let noun = if kinds & NOUN == 0 { 0 } else { (kinds & NOUN) | PLURAL };
                add(seen, noun | (kinds & (VERB | RARE)), base, Form::S);
                if kinds & VERB != 0 {
                    break;
                }
            }
        }
        for (ending, form) in [("ing", Form::Ing), ("in'", Form::Ing), ("ed", Form::Ed)] {
            for stem in stems(text, ending) {
                if let Some((base, kinds)) = self.find(&stem)
                    && kinds & VERB != 0
                {
                    add(seen, kinds & VERB, base, form);
                    break;
                }
            }
        }
    }

    /// "slowly", "gently", "happily", "dramatically".
    fn is_manner(&self, text: &str) -> bool {
        let Some(stem) = text.strip_suffix("ly").filter(|stem| stem.len() > 2) else {
            return false;
        };
        let known = |word: &str| self.kinds(word) != 0;
        known(stem)
            || known(&format!("{stem}le"))
            || known(&format!("{stem}e"))
            || stem.strip_suffix('i').is_some_and(|root| known(&format!("{root}y")))
            || ["ing", "al", "ed", "ous", "ive", "less", "ful", "ent", "ant", "ic", "ab", "ib", "ar"]
                .iter()
                .any(|end| stem.ends_with(end))
    }

    /// Words made of known parts: "-like", "-ish", "-er" from a verb, closed compounds.
    fn derived(&self, text: &str, seen: &mut Option<Word>) {
        for ending in ["ish", "like", "less", "ful", "esque", "est", "proof", "ier", "iest"] {
            if text.len() > ending.len() + 3
                && let Some(stem) = text.strip_suffix(ending)
                && self.find(stem).is_some()
            {
                add(seen, ADJ, "", Form::Base);
                return;
            }
        }
        // "Gloved", "walled": bearing a thing.
        if stems(text, "ed").iter().any(|stem| stem.len() > 2 && self.kinds(stem) & CONCRETE != 0) {
            add(seen, ADJ, "", Form::Base);
            return;
        }
        // "Wider", "bigger", "paler".
        if let Some(stem) = text.strip_suffix("er").filter(|stem| stem.len() > 2) {
            let double = stem.as_bytes()[stem.len() - 1] == stem.as_bytes()[stem.len() - 2];
            let root = if double && stem.is_ascii() { &stem[..stem.len() - 1] } else { stem };
            if [stem, root, &format!("{stem}e")].iter().any(|word| self.kinds(word) & ADJ != 0) {
                add(seen, ADJ, "", Form::Base);
                return;
            }
        }
        // "Throwin cash around".
        if let Some(stem) = text.strip_suffix("in").filter(|stem| stem.len() > 2) {
            let known = stems(&format!("{stem}ing"), "ing").iter().find_map(|stem| self.find(stem));
            if let Some((base, kinds)) = known.filter(|known| known.1 & MOVE != 0) {
                add(seen, kinds & VERB, base, Form::Ing);
                return;
            }
        }
        if text.len() < 7 || !text.is_ascii() || text.ends_with("ing") {
            return;
        }
        // "skateboarder", "firetruck": the tail says what it is.
        for (at, _) in text.char_indices().skip(3) {
            let (head, tail) = text.split_at(at);
            if tail.len() < 4 {
                break;
            }
            let whole = self
                .find(tail)
                .or_else(|| tail.strip_suffix('s').filter(|stem| stem.len() > 3).and_then(|stem| self.find(stem)));
            if let Some((base, kinds)) = whole
                && kinds & ((CONCRETE & !NAME_PERSON) | PLACE | BUILDING) != 0
                && self.find(head).is_some()
            {
                let form = if base.len() < tail.len() { Form::S } else { Form::Base };
                let verb = if form == Form::S { kinds & MOVE } else { 0 };
                add(seen, verb | kinds & ((CONCRETE & !NAME_PERSON) | PLACE | BUILDING), base, form);
                return;
            }
        }
    }
}

/// Adds a reading to those found before.
fn add(seen: &mut Option<Word>, kinds: Kinds, base: &'static str, form: Form) {
    if kinds == 0 {
        return;
    }
    match seen {
        None => {
            *seen = Some(Word { kinds, base, form, past: false });
        }
        Some(word) => {
            // A verb form outranks a mere listing: "building" is also "build".
            if kinds & VERB != 0 && word.kinds & VERB == 0 {
                word.form = form;
                word.base = base;
            }
            word.kinds |= kinds;
        }
    }
}
