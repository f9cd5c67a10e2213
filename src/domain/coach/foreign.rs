//! Tells a prompt that is not in English, so that it is not misread. Refuses to translate.

use super::lexicon::LEXICON;
use super::spelling;
use super::token::{Shape, Token};

/// Whether most of the prompt is in another language.
pub(super) fn is_foreign(tokens: &[Token]) -> bool {
    let (mut letters, mut other) = (0_usize, 0_usize);
    let (mut words, mut english, mut known, mut foreign, mut exclusive) = (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    for token in tokens.iter().filter(|token| token.shape == Shape::Word) {
        let text = token.text.as_str();
        if text.len() < 2 {
            continue;
        }
        let count = text.chars().filter(|c| c.is_alphabetic()).count();
        letters += count;
        other += text.chars().filter(|c| c.is_alphabetic() && *c > '\u{24f}').count();
        words += 1;
        let lists = (LEXICON.foreign.contains(text), LEXICON.english.contains(text));
        english += usize::from(lists.1);
        known += usize::from(token.word.is_some());
        foreign += usize::from(lists.0);
        exclusive += usize::from(lists.0 && !lists.1 && token.word.is_none());
    }
    if other * 2 > letters {
        return true;
    }
    if words < 2 {
        return false;
    }
    let strange = words - known;
    (exclusive >= 2 && exclusive > english && strange * 10 >= words * 3)
        || (foreign > english && exclusive >= 1 && strange * 2 >= words)
        || (words >= 4 && english == 0 && strange * 10 >= words * 7 && !is_misspelt(tokens))
}

/// Whether most of the strange words are English ones with a slip.
fn is_misspelt(tokens: &[Token]) -> bool {
    let strange =
        tokens.iter().filter(|token| token.shape == Shape::Word && token.word.is_none() && token.text.len() > 1);
    let (mut all, mut slips) = (0_usize, 0_usize);
    for token in strange.take(spelling::TRIES) {
        all += 1;
        slips += usize::from(token.text.len() > 4 && spelling::mend(&token.text).is_some());
    }
    slips * 2 >= all
}

/// How many words a text in a script without spaces is worth.
pub(super) fn weight(text: &str) -> usize {
    let dense = text
        .chars()
        .filter(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{e00}'..='\u{e7f}' | '\u{20000}'..='\u{2ffff}'))
        .count();
    if dense > 0 { dense.div_ceil(2) } else { 1 }
}
