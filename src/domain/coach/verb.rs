//! Decides whether a word that can be a verb is one where it stands, form by form; what is left
//! is noun, adjective or adverb.

use super::lexicon::{
    self, ABSTRACT, ADJ, ADV, CONJ, DET, Form, Kinds, LITTLE, MOVE, NOUN, NUM, PREP, PRON, RARE, SPEAK, VERB, Word,
};
use super::role::Role;
use super::tag::{State, next_of, nounish};
use super::token::{Tag, Token};

pub(super) fn gerund(word: Word, state: &State, next: Option<&Token>) -> Option<Tag> {
    let noun = word.kinds & NOUN != 0 && word.kinds & ABSTRACT == 0;
    match state.before {
        // "Wild dancing" without an article tells an act.
        Tag::Adj if !state.opened && !noun && !nounish(next) => Some(Tag::Ing),
        Tag::Det | Tag::Adj | Tag::Prep => Some(if nounish(next) && !noun { Tag::Adj } else { Tag::Noun }),
        Tag::Noun if noun && !state.alive && next.is_none_or(|next| next.kinds() & (DET | PRON) == 0) => {
            Some(Tag::Noun)
        }
        Tag::None
            if nounish(next)
                && !state.listed
                && next.is_some_and(|n| n.kinds() & (VERB | ADJ) == 0 || n.kinds() & NOUN != 0) =>
        {
            // "Falling leaves" is a phrase, "riding bikes" an act; both are events later on.
            Some(Tag::Adj)
        }
        Tag::None if noun => None,
        Tag::None | Tag::Noun | Tag::Adv | Tag::Pron | Tag::Conj | Tag::Aux | Tag::Verb | Tag::Ing | Tag::Part => {
            Some(Tag::Ing)
        }
    }
}

pub(super) fn past(word: Word, state: &State, next: Option<&Token>) -> Option<Tag> {
    let object = next.is_some_and(|next| next.kinds() & (DET | PRON) != 0);
    let moved = next.is_some_and(|next| {
        is_particle(&next.text)
            && !matches!(
                next.text.as_str(),
                "by" | "from" | "at" | "under" | "to" | "behind" | "against" | "open" | "after"
            )
    });
    let noun = word.kinds & NOUN != 0;
    match state.before {
        Tag::Aux if state.being => Some(Tag::Part),
        Tag::Pron | Tag::Aux => Some(Tag::Verb),
        Tag::Det | Tag::Adj | Tag::Prep if noun => Some(Tag::Noun),
        Tag::Det | Tag::Adj | Tag::Prep => Some(if nounish(next) { Tag::Adj } else { Tag::Part }),
        Tag::Noun if noun && !object && !moved && !word.past => None,
        Tag::Noun => Some(
            if word.past
                || object
                || (state.past && word.kinds & (MOVE | SPEAK) != 0 && !state.clause_verb)
                || (moved && word.kinds & MOVE != 0 && !state.clause_verb && (state.alive || state.past))
            {
                Tag::Verb
            } else {
                Tag::Part
            },
        ),
        Tag::None | Tag::Conj if state.listed && state.verb == Some(Form::Ed) => Some(Tag::Verb),
        Tag::None if noun && !object => None,
        Tag::None if nounish(next) => Some(Tag::Adj),
        Tag::None | Tag::Conj | Tag::Adv | Tag::Verb | Tag::Ing | Tag::Part => Some(Tag::Part),
    }
}

pub(super) fn present(word: Word, state: &State, next: Option<&Token>) -> Option<Tag> {
    let also = word.kinds & (NOUN | ADJ) != 0;
    let rare = word.kinds & RARE != 0;
    let s = word.form == Form::S;
    let follows =
        next.is_none_or(|next| next.kinds() & (DET | PRON | PREP | ADV | CONJ | NUM) != 0 || next.text.ends_with("ly"));
    let strong = next.is_some_and(|next| next.kinds() & (DET | PRON | NUM) != 0 || is_particle(&next.text));
    // "Drops, swirls of paint".
    let measure = s && word.kinds & MOVE != 0 && next.is_some_and(|next| next.text == "of");
    match state.before {
        Tag::None | Tag::Conj if measure => None,
        Tag::Aux if state.being => None,
        Tag::Pron | Tag::Aux => Some(Tag::Verb),
        Tag::Noun => {
            // "Two high school rivals talk": the number waits for its plural.
            if s && state.many && !state.plural && word.kinds & NOUN != 0 {
                return None;
            }
            if s && state.single && !state.plural && !state.clause_verb {
                return Some(Tag::Verb);
            }
            // "A stack of coins collapses" agrees with the stack.
            if s && state.plural && state.first == Some(false) {
                return Some(Tag::Verb);
            }
            if state.sees && !s && (strong || !also || next.is_some_and(|next| next.kinds() & PREP != 0)) {
                return Some(Tag::Verb);
            }
            // "All blinds open, every door shut" are states.
            if word.kinds & ADJ != 0 && word.kinds & NOUN == 0 && !s && next.is_none() && !state.alive {
                return Some(Tag::Adj);
            }
            if state.clause_verb && also && !strong {
                return None;
            }
            // "Loose ink lines" is a list's noun, "dog barks" is not.
            if also && next.is_none() && !state.opened && !state.alive {
                return None;
            }
            let agrees = s != state.plural || state.first.is_some_and(|plural| s != plural && follows);
            let verb = if !also {
                s || agrees || follows
            } else if rare {
                agrees && follows && (strong && state.opened || (state.alive && next.is_some()))
            } else {
                agrees
                    && (follows
                        || (s
                            && !state.plural
                            && !state.clause_verb
                            && nounish(next)
                            && next.is_some_and(|next| next.word.is_none_or(|word| word.form != Form::Ing)))
                        || (state.opened && !state.clause_verb))
            };
            verb.then_some(Tag::Verb)
        }
        Tag::None | Tag::Conj if state.listed && state.verb.is_some() => {
            let same = state.verb == Some(word.form);
            let single = next.is_none() && state.verb == Some(Form::S) && s && !rare;
            (!also || single || (same && (follows || !rare))).then_some(Tag::Verb)
        }
        Tag::None | Tag::Conj => {
            let adjective = word.kinds & ADJ != 0 && next.is_none_or(|next| next.kinds() & (DET | PRON) == 0);
            // "Lock the camera": no noun stands before an article.
            let ordered = !s && next.is_some_and(|next| next.kinds() & DET != 0 && next.kinds() & ADJ == 0);
            let starts = !also || (strong && (!rare || ordered) && !adjective);
            (starts && word.kinds & lexicon::LITTLE == 0).then_some(Tag::Verb)
        }
        Tag::Adv | Tag::Det | Tag::Adj | Tag::Prep | Tag::Verb | Tag::Ing | Tag::Part => {
            // "The pale crawls" is no English, but "the last leaps" is a noun.
            (s && !also && state.before == Tag::Adj && state.opened && !nounish(next)).then_some(Tag::Verb)
        }
    }
}

pub(super) fn nominal(kinds: Kinds, state: &State, next: Option<&Token>) -> Tag {
    let noun = kinds & NOUN != 0;
    // "In coral and navy" names the colours.
    let named = kinds & lexicon::COLOR != 0 && matches!(state.before, Tag::Prep | Tag::Conj | Tag::None);
    if named && next.is_some_and(|next| next.kinds() & VERB != 0 && next.kinds() & (NOUN | ADJ) == 0) {
        return Tag::Noun;
    }
    if kinds & ADJ != 0
        && (!noun || (nounish(next) && next.is_some_and(|next| next.kinds() & NOUN != 0 || next.word.is_none())))
    {
        return Tag::Adj;
    }
    if kinds & ADJ != 0 && matches!(state.before, Tag::Aux) {
        return Tag::Adj;
    }
    if noun {
        return Tag::Noun;
    }
    if kinds & ADV != 0 {
        return Tag::Adv;
    }
    if kinds & PREP != 0 {
        return Tag::Prep;
    }
    if kinds & lexicon::NAME_PERSON != 0 {
        return Tag::Noun;
    }
    if nounish(next) { Tag::Adj } else { Tag::Noun }
}

/// Particles after which a verb is surely one.
fn is_particle(text: &str) -> bool {
    Role::Particle.has(text)
}

/// "A beat up truck", "a run down shop": verb and particle together are an adjective.
pub(super) fn worn_out(tokens: &[Token], at: usize, state: &State) -> Option<Tag> {
    let particle = |token: &Token| matches!(token.text.as_str(), "up" | "down" | "out" | "off");
    let verb = |token: &Token| token.kinds() & (VERB | NOUN) != 0 && token.kinds() & LITTLE == 0;
    if state.before == Tag::Det && verb(&tokens[at]) && particle(&tokens[at + 1]) {
        return nounish(next_of(tokens, at + 1)).then_some(Tag::Adj);
    }
    let after =
        at > 1 && particle(&tokens[at]) && state.before == Tag::Adj && state.opened && tokens[at - 2].tag == Tag::Det;
    (after && nounish(next_of(tokens, at))).then_some(Tag::Adj)
}

pub(super) fn unknown(token: &Token, state: &State, next: Option<&Token>) -> Tag {
    let text = token.text.as_str();
    if !token.capital && text.len() > 5 && text.ends_with("ing") {
        let attribute = text.starts_with("un") || (matches!(state.before, Tag::Det | Tag::Adj) && nounish(next));
        return if attribute { Tag::Adj } else { Tag::Ing };
    }
    let object = next.is_some_and(|next| next.kinds() & (DET | PRON) != 0);
    if text.len() > 4
        && text.ends_with('s')
        && object
        && (state.before == Tag::Noun && !state.plural || state.listed && state.verb == Some(Form::S))
    {
        return Tag::Verb;
    }
    // "Speeds up, the brake smoaks, a blade ..."
    if text.len() > 4
        && text.ends_with('s')
        && next.is_none()
        && state.before == Tag::Noun
        && state.opened
        && !state.plural
        && state.verb == Some(Form::S)
        && !state.clause_verb
    {
        return Tag::Verb;
    }
    if !token.capital && text.len() > 4 && (text.ends_with("ed") || text.ends_with("ic") || text.ends_with("al")) {
        return Tag::Adj;
    }
    Tag::Noun
}
