//! Decides what each word does where it stands: noun, verb at work, participle, little word.
//! Reads left to right with one word of foresight; refuses to look at whole sentences twice.

use super::lexicon::{
    ABSTRACT, ADJ, ADV, ANIMATE, AUX, CONJ, DET, Form, Kinds, LITTLE, MOVE, NOUN, NUM, ORDINAL, PLURAL, PREP, PRON,
    RARE, VERB,
};
use super::pattern::Sense;
use super::role::Role;
use super::token::{Shape, Tag, Token};
use super::verb::{gerund, nominal, past, present, unknown, worn_out};

/// What the reader remembers of the clause so far.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a plain fact about the text")]
pub(super) struct State {
    /// The tag before, adverbs skipped; `None` at a clause start.
    pub(super) before: Tag,
    /// Whether the noun before is plural, or two nouns joined.
    pub(super) plural: bool,
    /// The form of the last verb of the sentence.
    pub(super) verb: Option<Form>,
    /// Whether a comma or a joining word parts this word from that verb.
    pub(super) listed: bool,
    /// Whether a noun phrase has begun with an article or the like.
    pub(super) opened: bool,
    /// Whether this clause has its verb.
    pub(super) clause_verb: bool,
    /// Whether "to" stands before.
    pub(super) infinitive: bool,
    /// Whether "a" or the like opened the noun phrase, so that its noun is singular.
    pub(super) single: bool,
    /// Whether a number opened the noun phrase, so that its noun is plural.
    pub(super) many: bool,
    /// Whether the first noun of the clause was plural, if there is one.
    pub(super) first: Option<bool>,
    /// Whether the noun before is a person or an animal.
    pub(super) alive: bool,
    /// Whether the whole is told in the past tense.
    pub(super) past: bool,
    /// Whether a form of "be" stands before.
    pub(super) being: bool,
    /// Whether somebody is seen, heard or made to act: "we see a boy run".
    pub(super) sees: bool,
    /// Whether a noun and "and" stand before: two make a plural.
    pub(super) pair: bool,
}

const FRESH: State = State {
    before: Tag::None,
    plural: false,
    verb: None,
    listed: false,
    opened: false,
    clause_verb: false,
    infinitive: false,
    single: false,
    many: false,
    first: None,
    alive: false,
    past: false,
    being: false,
    sees: false,
    pair: false,
};

/// Tags every token.
pub(super) fn tag(tokens: &mut [Token]) {
    let mut state = FRESH;
    let told = told_in_past(tokens);
    for at in 0..tokens.len() {
        let token = &tokens[at];
        match token.shape {
            Shape::Stop | Shape::Colon => {
                state = State { verb: if token.text == "." { None } else { state.verb }, ..FRESH };
                continue;
            }
            Shape::Comma => {
                state = State { verb: state.verb, listed: true, ..FRESH };
                continue;
            }
            Shape::Quote => continue,
            Shape::Word | Shape::Number => {}
        }
        if token.mute {
            // What is quoted stands as one noun.
            let plural = state.plural && state.verb != Some(Form::S);
            let noun = State { before: Tag::Noun, single: !plural, plural, clause_verb: false, alive: false, ..state };
            state = if token.quoted { noun } else { FRESH };
            continue;
        }
        state.past = told;
        let tag = choose(tokens, at, &state);
        tokens[at].tag = tag;
        step(&mut state, tag, &tokens[at]);
    }
}

/// Whether helping verbs or irregular forms tell the story in the past tense.
fn told_in_past(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| {
        matches!(token.text.as_str(), "had" | "was" | "were" | "did" | "didn't" | "wasn't")
            || token.word.is_some_and(|word| word.past && word.form == Form::Ed && word.kinds & (NOUN | ADJ) == 0)
    })
}

fn step(state: &mut State, tag: Tag, token: &Token) {
    let text = token.text.as_str();
    match tag {
        Tag::Adv => return,
        Tag::Conj => {
            let and = matches!(text, "and" | "or" | "n" | "&" | "then" | "but" | "plus");
            let pair = matches!(text, "and" | "&" | "n") && state.before == Tag::Noun && !state.clause_verb;
            *state = State { verb: if and { state.verb } else { None }, listed: and, pair, ..FRESH };
            return;
        }
        Tag::Det => {
            state.opened = true;
            state.single = matches!(text, "a" | "an" | "one" | "each" | "every" | "another" | "this");
        }
        Tag::Noun => {
            let form = token.word.map_or(Form::Base, |word| word.form);
            let unknown_s = token.word.is_none() && text.ends_with('s');
            state.alive = token.kinds() & ANIMATE != 0;
            state.plural = form == Form::S
                || (state.pair && token.kinds() & ANIMATE != 0)
                || token.kinds() & PLURAL != 0
                || unknown_s
                || ["people", "men", "women", "children", "police", "folk"].iter().any(|end| text.ends_with(end));
        }
        Tag::Prep => {
            if state.first.is_none() && state.before == Tag::Noun {
                state.first = Some(state.plural);
            }
            state.opened = false;
            state.single = false;
            state.many = false;
        }
        Tag::Pron => {
            state.plural = matches!(text, "they" | "we" | "you" | "i" | "who" | "that" | "which");
        }
        Tag::Verb | Tag::Ing => {
            state.verb = match text {
                "goes" | "gets" => Some(Form::S),
                "go" | "get" => Some(Form::Base),
                _ => token.word.map(|word| word.form),
            };
            state.sees = matches!(token.base(), "see" | "watch" | "hear" | "let" | "make" | "help");
            state.clause_verb = true;
            state.first = None;
            state.opened = false;
            state.single = false;
        }
        Tag::Part => state.opened = false,
        Tag::Adj => {
            let number = token.kinds() & NUM != 0;
            state.opened |= number;
            state.many |= number && token.kinds() & ORDINAL == 0 && !matches!(text, "one" | "single" | "double");
        }
        Tag::None | Tag::Aux => {}
    }
    state.infinitive = tag == Tag::Aux && text == "to";
    state.being = tag == Tag::Aux && Role::Being.has(text);
    state.before = tag;
}

/// The next word, if it belongs to the same clause.
pub(super) fn next_of(tokens: &[Token], at: usize) -> Option<&Token> {
    tokens[at + 1..].iter().find(|token| token.shape != Shape::Quote).filter(|token| token.is_word() && !token.mute)
}

/// Whether a word can stand before a noun or be one.
pub(super) fn nounish(token: Option<&Token>) -> bool {
    token.is_some_and(|token| {
        let kinds = token.kinds();
        kinds & LITTLE == 0
            && (kinds & ADV == 0 || kinds & (ADJ | NOUN) != 0)
            && (kinds & (NOUN | ADJ) != 0
                || token.word.is_none()
                || token.word.is_some_and(|word| matches!(word.form, Form::Ing | Form::Ed)))
    })
}

fn choose(tokens: &[Token], at: usize, state: &State) -> Tag {
    let token = &tokens[at];
    let kinds = token.kinds();
    let next = next_of(tokens, at);
    if token.deed {
        return Tag::Verb;
    }
    if let Some(tag) = worn_out(tokens, at, state) {
        return tag;
    }
    if matches!(token.text.as_str(), "one" | "ones") && matches!(state.before, Tag::Adj | Tag::Det) && !nounish(next) {
        return Tag::Noun;
    }
    if token.text == "doing" && state.before != Tag::Prep {
        return Tag::Ing;
    }
    if token.shape == Shape::Number || kinds & NUM != 0 {
        return Tag::Adj;
    }
    if token.text == "'s" {
        let verb =
            next.is_some_and(|next| next.word.is_some_and(|word| word.form == Form::Ing || word.kinds & DET != 0));
        return if verb { Tag::Aux } else { Tag::Det };
    }
    // "A hand-me-down sweater", "an over-the-top hat": the little words are part of the name.
    let tied = next.is_some_and(|next| next.joined && next.text != "'s");
    if kinds & LITTLE != 0 && (tied || token.joined) && token.text != "'s" && nounish(next) {
        return Tag::Adj;
    }
    if (kinds & (LITTLE | ADV) != 0 || token.text == "go" || token.text == "get")
        && let Some(tag) = little(token, kinds, next, state)
    {
        return tag;
    }
    // Only the last part of a hyphened word speaks for the whole.
    if tied {
        return Tag::Adj;
    }
    // "Before opening a chest" tells a deed.
    if matches!(tokens[at - 1].text.as_str(), "before" | "after")
        && token.word.is_some_and(|word| word.form == Form::Ing && word.kinds & VERB != 0)
        && next.is_some_and(|next| next.kinds() & (DET | PRON) != 0)
    {
        return Tag::Ing;
    }
    let Some(word) = token.word else {
        return unknown(token, state, next);
    };
    if token.joined && matches!(word.form, Form::Ing | Form::Ed) && kinds & NOUN == 0 {
        return if nounish(next) || word.form == Form::Ed { Tag::Adj } else { Tag::Ing };
    }
    let look = token.cover & (Sense::Style.bit() | Sense::Lighting.bit()) != 0
        && kinds & NOUN != 0
        && kinds & ABSTRACT == kinds & NOUN;
    if word.kinds & VERB != 0 && !look {
        let tag = match word.form {
            Form::Ing => gerund(word, state, next),
            Form::Ed => past(word, state, next),
            Form::S | Form::Base => present(word, state, next),
        };
        if let Some(tag) = tag {
            return tag;
        }
    }
    // "The kicker sets the ball. Runs. Kicks." goes on with whoever acted.
    if word.form == Form::S
        && word.kinds & MOVE != 0
        && next.is_none()
        && tokens[at - 1].text == "."
        && tokens[..at]
            .iter()
            .any(|token| token.tag == Tag::Verb && token.word.is_some_and(|word| word.form == Form::S))
    {
        return Tag::Verb;
    }
    nominal(word.kinds, state, next)
}

fn little(token: &Token, kinds: Kinds, next: Option<&Token>, state: &State) -> Option<Tag> {
    let text = token.text.as_str();
    let next_kinds = next.map_or(0, Token::kinds);
    let next_verb = next.is_some_and(|next| next.kinds() & VERB != 0 && next.kinds() & (NOUN | ADJ) == 0);
    let next_ing = next.is_some_and(|next| {
        next.word.is_some_and(|word| word.form == Form::Ing) || next.text.ends_with("ing") || next.text == "to"
    });
    match text {
        "start" | "starts" | "begin" | "begins"
            if !next_ing && matches!(state.before, Tag::Noun | Tag::Pron | Tag::None) && next_kinds & DET == 0 =>
        {
            return Some(Tag::Aux);
        }
        "stop" | "stops" if state.before == Tag::Noun && token.cover & Sense::Setting.bit() != 0 => {
            return Some(Tag::Noun);
        }
        "stop" | "stops" | "start" | "starts" | "begin" | "begins" | "try" | "tries" if !next_ing => {
            return None;
        }
        "can"
            if matches!(state.before, Tag::Noun | Tag::Adj | Tag::Det)
                && !next.is_some_and(|next| {
                    next.word.is_some_and(|word| word.form == Form::Base && word.kinds & VERB != 0)
                }) =>
        {
            return None;
        }
        "round" | "past" | "like" | "inside" | "outside" | "near" | "opposite" | "off" | "down"
            if state.before == Tag::Det || (state.before == Tag::Adj && state.opened && nounish(next)) =>
        {
            return Some(Tag::Adj);
        }
        "to" => {
            let verb = next.is_some_and(|next| {
                next.word.is_some_and(|word| word.kinds & VERB != 0 && word.form == Form::Base)
                    && (next.kinds() & NOUN == 0 || next.kinds() & RARE == 0)
            });
            return Some(if verb { Tag::Aux } else { Tag::Prep });
        }
        "her" | "his" if !nounish(next) => return Some(Tag::Pron),
        "that" | "this" | "these" | "those" | "which" | "who" | "all" | "both" | "each"
            if state.before == Tag::Noun || next_verb || next_kinds & AUX != 0 || text == "who" || text == "which" =>
        {
            return Some(Tag::Pron);
        }
        "something" | "anything" | "everything" | "nothing" | "whatever" | "smth" | "sth" => {
            return Some(Tag::Noun);
        }
        "like" if matches!(state.before, Tag::Pron) => return None,
        "get" | "gets" | "getting" | "got" | "go" | "goes" | "going"
            if next_kinds & (PREP | ADV | DET) != 0 || nounish(next) || next.is_none() =>
        {
            return Some(if text.ends_with("ing") { Tag::Ing } else { Tag::Verb });
        }
        _ => {}
    }
    if kinds & DET != 0 {
        return Some(Tag::Det);
    }
    if kinds & AUX != 0 {
        return Some(Tag::Aux);
    }
    if kinds & PRON != 0 {
        return Some(Tag::Pron);
    }
    if kinds & CONJ != 0 && !(text == "as" && state.before == Tag::None && nounish(next)) {
        return Some(Tag::Conj);
    }
    if kinds & PREP != 0 {
        let object = next_kinds & (DET | PRON | NUM) != 0 || nounish(next) || text == "with" || text == "of";
        if object || kinds & ADV == 0 {
            return Some(Tag::Prep);
        }
    }
    if token.word.is_some_and(|word| word.form == Form::Ing) {
        return None;
    }
    // "flat", "fast", "back" are also other things.
    if kinds & ADV != 0
        && (kinds & (NOUN | ADJ | VERB) == 0 || (!nounish(next) && state.before != Tag::Det && kinds & NOUN == 0))
    {
        return Some(Tag::Adv);
    }
    (kinds & ADV != 0 && kinds & (NOUN | VERB) == 0 && kinds & ADJ == 0).then_some(Tag::Adv)
}
