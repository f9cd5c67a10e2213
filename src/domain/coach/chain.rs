//! Deeds told one after another without the grammar of a sentence: "run, jump, slide", numbered
//! beats, "steels a banana". Says which words must be verbs there; refuses to judge them.

use super::lexicon::{ADJ, ANIMATE, DET, Form, LITTLE, MOVE, NOUN, NUM, PLURAL, PRON};
use super::role::Role;
use super::token::{Shape, Token};

/// As many items in a row make a list of deeds.
const FEW: usize = 4;

/// Marks the words that can only be deeds where they stand.
pub(super) fn mark(tokens: &mut [Token]) {
    lists(tokens);
    beats(tokens);
    for at in 2..tokens.len().saturating_sub(1) {
        if takes_object(tokens, at) {
            tokens[at].deed = true;
        }
    }
}

fn is_verb(token: &Token, form: Form) -> bool {
    !token.mute
        && !token.joined
        && token.kinds() & MOVE != 0
        && token.kinds() & LITTLE == 0
        && token.word.is_some_and(|word| word.form == form)
}

/// Whether nothing but a verb can be meant: it is nothing else, or something follows as after a verb.
fn is_sure(tokens: &[Token], at: usize) -> bool {
    let next = &tokens[at + 1];
    tokens[at].kinds() & (NOUN | ADJ) == 0
        || next.is_word() && (next.kinds() & (DET | PRON) != 0 || Role::Particle.has(&next.text))
}

/// The first word of the clause that opens at `from`, past "then" and "and".
fn opening(tokens: &[Token], from: usize) -> usize {
    let skips = |token: &Token| {
        token.shape == Shape::Quote || matches!(token.text.as_str(), "then" | "and" | "n" | "finally" | "next" | "&")
    };
    (from..tokens.len()).find(|at| !skips(&tokens[*at])).unwrap_or(tokens.len() - 1)
}

/// "Run, jump, slide, roll, throw a star": items that all open with the same form of a verb.
fn lists(tokens: &mut [Token]) {
    for form in [Form::Base, Form::S] {
        let mut run: Vec<usize> = Vec::new();
        let mut sure = 0;
        let mut from = 1;
        while from < tokens.len() {
            let at = opening(tokens, from);
            // Without a doer before it, "sparks, drops, splashes" lists things.
            let fits = at + 1 < tokens.len()
                && is_verb(&tokens[at], form)
                && tokens[at + 1].text != "of"
                && (form == Form::Base || at > 1);
            if fits {
                sure += usize::from(is_sure(tokens, at));
                run.push(at);
            }
            let end = (at..tokens.len()).find(|i| tokens[*i].parts()).unwrap_or(tokens.len() - 1);
            let ends = tokens[end].text != "," && tokens[end].text != ";";
            if !fits || ends || end + 1 >= tokens.len() {
                let enough = if form == Form::S { run.len().div_ceil(2) } else { 1 };
                if run.len() >= FEW && sure >= enough {
                    for deed in &run {
                        tokens[*deed].deed = true;
                    }
                }
                run.clear();
                sure = 0;
            }
            from = end + 1;
        }
    }
}

/// "1. valve opens", "2. spark fires": one thing and what it does, as a line of a numbered list.
fn beats(tokens: &mut [Token]) {
    let mut found: Vec<usize> = Vec::new();
    let mut sure = 0;
    for at in 1..tokens.len() {
        if !tokens[at].opens_line || tokens[at].shape != Shape::Number {
            continue;
        }
        let from = at + 1 + usize::from(tokens.get(at + 1).is_some_and(Token::parts));
        let Some(end) = (from..tokens.len()).find(|i| tokens[*i].parts()) else { continue };
        let doer = end.checked_sub(2).map(|i| &tokens[i]);
        let single = doer.is_some_and(|token| match token.word {
            Some(word) => word.kinds & NOUN != 0 && word.kinds & PLURAL == 0 && word.form == Form::Base,
            None => token.is_word() && !token.text.ends_with('s'),
        });
        if end >= from + 2 && end <= from + 3 && single && is_verb(&tokens[end - 1], Form::S) {
            sure += usize::from(tokens[end - 1].kinds() & (NOUN | ADJ) == 0);
            found.push(end - 1);
        }
    }
    if found.len() > 2 && sure > 0 {
        for at in found {
            tokens[at].deed = true;
        }
    }
}

/// "A monkey steels a banana, peals it": whatever the word is, it has an object like a verb.
fn takes_object(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    let plural = token.word.map_or(token.text.ends_with('s'), |word| word.form == Form::S);
    let next = &tokens[at + 1];
    let object = next.is_word()
        && (matches!(
            next.text.as_str(),
            "it" | "a" | "an" | "the" | "them" | "its" | "itself" | "himself" | "herself"
        ) || next.kinds() & NUM != 0 && next.kinds() & NOUN == 0);
    if !plural
        || !object
        || token.mute
        || token.joined
        || token.capital
        || token.kinds() & (LITTLE | PLURAL & ANIMATE) != 0
    {
        return false;
    }
    let before = &tokens[at - 1];
    let alive = before.kinds() & ANIMATE != 0
        && before.word.is_some_and(|word| word.form == Form::Base)
        && tokens[at - 2].kinds() & DET != 0;
    let listed = before.text == ","
        && (at.saturating_sub(12)..at - 1).any(|i| tokens[i].deed || is_verb(&tokens[i], Form::S))
        && token.kinds() & ANIMATE == 0
        && !matches!(next.text.as_str(), "a" | "an" | "the")
        && next.kinds() & NUM == 0;
    (alive || listed) && next.kinds() & NUM == 0
}
