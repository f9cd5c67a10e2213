//! What is told but not to be seen: the words on a sign or from a mouth, and talk about the sender's
//! trade. Mutes both; refuses to judge what is left.

use super::lexicon::SPEAK;
use super::pattern::Sense;
use super::role::Role;
use super::token::{Shape, Token};

/// Mutes what a sign, a title or a speaker tells between quotation marks; JSON quotes everything.
pub(super) fn quotations(tokens: &mut [Token]) {
    const LONGEST: usize = 24;
    if tokens.iter().any(|token| matches!(token.text.as_str(), "{" | "[")) {
        return;
    }
    let mut at = 1;
    while at < tokens.len() {
        let tells = |text: &str| Role::Telling.has(text) || Role::Plainly.has(text);
        if tokens[at].caps && tells(&tokens[at - 1].text) && !tokens[at - 1].caps {
            let end = (at..tokens.len()).find(|i| !tokens[*i].caps && !tokens[*i].joined).unwrap_or(at);
            for token in &mut tokens[at..end] {
                (token.mute, token.quoted) = (true, true);
            }
            at = end;
            continue;
        }
        let opens = tokens[at].shape == Shape::Quote && tokens[at].text != "'";
        let close = (at + 2..(at + LONGEST).min(tokens.len()))
            .find(|i| tokens[*i].shape == Shape::Quote && tokens[*i].text != "'");
        let Some(close) = close.filter(|_| opens) else {
            at += 1;
            continue;
        };
        let told = tokens[at.saturating_sub(5)..at]
            .iter()
            .rev()
            .take_while(|token| token.shape != Shape::Stop && token.shape != Shape::Quote)
            .any(|token| {
                let text = token.text.as_str();
                token.kinds() & SPEAK != 0
                    || [Role::Telling, Role::Writing, Role::Bearer, Role::Plainly].iter().any(|role| role.has(text))
            });
        if told {
            for token in &mut tokens[at + 1..close] {
                (token.mute, token.quoted) = (true, true);
            }
        }
        at = close + 1;
    }
}

/// Mutes sentences about the sender's trade: "our brand is about trust", "target audience: families".
pub(super) fn pitches(tokens: &mut [Token]) {
    const LOOK: u32 = Sense::Camera.bit() | Sense::Lighting.bit() | Sense::Style.bit();
    let mut start = 0;
    for at in 1..tokens.len() {
        // "Like from when grandma got hitched": remembered, not to be seen.
        let when = tokens[at].text == "when"
            && matches!(tokens[at - 1].text.as_str(), "from" | "since" | "like" | "remember" | "back");
        if when {
            let end = (at..tokens.len()).find(|i| tokens[*i].parts()).unwrap_or(at);
            tokens[at..end].iter_mut().for_each(|token| token.mute = true);
        }
        if tokens[at].shape != Shape::Stop {
            continue;
        }
        let sentence = &tokens[start..at];
        let trade = sentence.iter().any(|token| Role::Pitch.has(&token.text));
        let sender = sentence
            .iter()
            .any(|token| matches!(token.text.as_str(), "we" | "our" | "us" | "i" | "my" | "target" | "i'm" | "we're"));
        if trade && sender && sentence.iter().all(|token| token.cover & LOOK == 0) {
            tokens[start..at].iter_mut().for_each(|token| token.mute = true);
        }
        start = at;
    }
}
