//! Words that must be legible in the picture: signs, titles, captions, labels. Refuses quoted
//! speech and people who read.

use super::event::Event;
use super::lexicon::{ANIMATE, NAME_PERSON, NEGATIVE, PERSON};
use super::phrase::UNKNOWN;
use super::role::Role;
use super::token::{Shape, Tag, Token};

/// Nouns that are written words themselves.
fn is_writing(text: &str) -> bool {
    Role::Writing.has(text)
}

/// Nouns that may bear words.
fn is_bearer(text: &str) -> bool {
    Role::Bearer.has(text)
}

fn is_telling(token: &Token) -> bool {
    Role::Telling.has(token.text.as_str())
}

/// Whether the prompt asks for legible words.
pub(super) fn asks(tokens: &[Token], events: &[Event]) -> bool {
    let refused = (1..tokens.len()).any(|at| {
        matches!(
            tokens[at].text.as_str(),
            "text" | "captions" | "subtitles" | "words" | "lettering" | "titles" | "typography"
        ) && denied(tokens, at)
    });
    (1..tokens.len()).any(|at| {
        let token = &tokens[at];
        if !token.is_word() || denied(tokens, at) {
            return false;
        }
        let text = token.text.as_str();
        if tokens.get(at + 1).is_some_and(|next| next.joined && next.text == "free") {
            return false;
        }
        let reader = events.iter().any(|event| {
            event.at < at
                && at - event.at < 4
                && tokens[event.at].base() == "read"
                && event.actor & (PERSON | NAME_PERSON) != 0
        });
        (is_writing(text) && !reader && token.tag != Tag::Verb && !spoken_about(tokens, at))
            || (!refused && named_text(tokens, at) && !left_empty(tokens, at))
            || (!refused && written_on(tokens, at))
            || told_by_thing(tokens, events, at)
            || ((is_bearer(text) || text.strip_suffix('s').is_some_and(is_bearer))
                && token.tag != Tag::Verb
                && bears(tokens, events, at))
    })
}

/// "arrows saying NORTH": a thing that tells words.
fn told_by_thing(tokens: &[Token], events: &[Event], at: usize) -> bool {
    let tells = matches!(tokens[at].text.as_str(), "reads" | "reading" | "saying" | "says" | "spelling");
    tells
        && quoted_or_caps(tokens, at + 1, 4)
        && events.iter().any(|event| {
            let strange = event.actor & UNKNOWN != 0 && tokens[at - 1].text != "that";
            event.at == at
                && (event.who.is_some() || tokens[at - 1].text == "it")
                && event.actor & ANIMATE == 0
                && !strange
        })
}

/// `"onscreen_text": "none"` asks for nothing.
fn left_empty(tokens: &[Token], at: usize) -> bool {
    (at..(at + 4).min(tokens.len())).any(|i| tokens[i].shape == Shape::Colon) && !filled_quote(tokens, at)
}

/// "HELP scrawled on its wing", `SUPER: "Day one"`.
fn written_on(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    let next = |offset: usize| tokens.get(at + offset);
    let scrawled =
        token.caps && token.text.len() > 1 && next(1).is_some_and(|next| Role::Inscribed.has(&next.text) && !next.caps);
    let titled = matches!(token.text.as_str(), "super" | "chyron" | "title" | "supertitle" | "caption")
        && next(1).is_some_and(|next| next.shape == Shape::Colon)
        && next(2).is_some_and(|next| next.shape == Shape::Quote);
    let writes = matches!(
        token.text.as_str(),
        "write" | "writes" | "writing" | "wrote" | "scrawl" | "scrawls" | "scrawling" | "spray" | "sprays" | "carves"
    ) && !token.caps
        && next(1).is_some_and(|next| next.caps && next.text.len() > 1)
        && (next(2).is_none_or(|next| next.caps || next.parts()));
    scrawled || titled || writes
}

fn denied(tokens: &[Token], at: usize) -> bool {
    (at.saturating_sub(6)..at).rev().take_while(|i| tokens[*i].is_word() || tokens[*i].text == ",").any(|i| {
        (tokens[i].kinds() & NEGATIVE != 0
            || matches!(tokens[i].text.as_str(), "unreadable" | "illegible" | "blank" | "hide" | "remove" | "avoid"))
            && tokens[i + 1..at].iter().all(|between| !matches!(between.tag, Tag::Verb | Tag::Ing))
    })
}

/// "a font designer", "studies typography": the trade, not the words.
fn spoken_about(tokens: &[Token], at: usize) -> bool {
    tokens.get(at + 1).is_some_and(|next| {
        next.kinds() & PERSON != 0
            || matches!(next.text.as_str(), "class" | "teacher" | "brush" | "contest" | "lesson" | "set" | "pen")
    })
}

/// Phrases that ask for text whatever they stand on.
fn named_text(tokens: &[Token], at: usize) -> bool {
    let text = |offset: usize| tokens.get(at + offset).map_or("", |token| token.text.as_str());
    match text(0) {
        "title" | "opening" | "end" | "closing" | "rolling" => {
            matches!(
                (text(0), text(1)),
                (
                    "title",
                    "card"
                        | "cards"
                        | "sequence"
                        | "screen"
                        | "text"
                        | "reveal"
                        | "overlay"
                        | "appears"
                        | "fades"
                        | "treatment"
                ) | (_, "credits" | "titles")
            )
        }
        "lower" => matches!(text(1), "third" | "thirds"),
        "text" => Role::AfterText.has(text(1)),
        "speech" | "thought" => text(1) == "bubble" || text(1) == "bubbles",
        "on" => text(1) == "screen" && matches!(text(2), "text" | "captions" | "words" | "lyrics" | "title"),
        "onscreen" => matches!(text(1), "text" | "captions" | "words" | "lyrics"),
        "spell" | "spells" | "spelling" => {
            text(1) == "out" || text(1) == "the" && matches!(text(2), "word" | "words" | "name")
        }
        "the" => {
            matches!(
                text(1),
                "word"
                    | "words"
                    | "letters"
                    | "slogan"
                    | "title"
                    | "phrase"
                    | "headline"
                    | "sentence"
                    | "initials"
                    | "number"
                    | "name"
                    | "message"
                    | "quote"
                    | "date"
            ) && quoted_or_caps(tokens, at + 2, 3)
        }
        "name" => quoted_or_caps(tokens, at + 1, 1),
        "kinetic" => text(1) == "typography",
        _ => false,
    }
}

/// Whether a quotation or a word in capitals comes within `span` tokens, before the sentence ends.
fn quoted_or_caps(tokens: &[Token], from: usize, span: usize) -> bool {
    let mostly_caps =
        tokens.iter().filter(|token| token.caps).count() * 2 > tokens.iter().filter(|token| token.is_word()).count();
    for token in tokens.iter().skip(from).take(span) {
        if token.shape == Shape::Quote || (token.caps && !mostly_caps && token.text.len() > 1) {
            return true;
        }
        if token.shape == Shape::Stop {
            return false;
        }
    }
    false
}

fn bears(tokens: &[Token], events: &[Event], at: usize) -> bool {
    let reader = events.iter().any(|event| {
        event.at < at
            && at - event.at <= 5
            && matches!(tokens[event.at].base(), "read" | "write" | "say" | "shout")
            && event.actor & (PERSON | NAME_PERSON) != 0
    });
    let text = tokens[at].text.as_str();
    let plainly = Role::Plainly.has(text);
    let end = (at + 1..tokens.len()).find(|i| tokens[*i].shape == Shape::Stop).unwrap_or(tokens.len() - 1);
    let window = (at + 1)..(at + 9).min(end + 1);
    for i in window {
        let token = &tokens[i];
        if token.kinds() & (PERSON | NAME_PERSON) != 0 && token.tag == Tag::Noun && !token.caps {
            return false;
        }
        let person = events.iter().any(|event| event.at == i && event.actor & (PERSON | NAME_PERSON) != 0);
        if is_telling(token) && !reader && !person {
            let weak = Role::WeakTelling.has(token.text.as_str());
            let by = tokens.get(i + 1).is_some_and(|next| next.text == "by");
            let content = tokens.get(i + 1).is_some_and(Token::is_word)
                || tokens.get(i + 1).is_some_and(|next| next.shape != Shape::Stop && next.shape != Shape::Comma);
            if (!weak && content && !by) || (weak && quoted_or_caps(tokens, i + 1, 6)) {
                return true;
            }
        }
        if plainly
            && token.shape == Shape::Colon
            && tokens.get(i + 1).is_some_and(|next| next.is_word() || next.shape == Shape::Quote)
            && !left_empty(tokens, at)
            && !tokens[at].mute
        {
            return true;
        }
    }
    let named = matches!(text, "logo" | "wordmark" | "title" | "words" | "letters" | "text");
    if named && !reader && !tokens[at].mute && !left_empty(tokens, at) && quoted_or_caps(tokens, at + 1, 4) {
        return true;
    }
    if tokens[at].mute {
        return matches!(text, "text" | "label" | "caption" | "title" | "logo")
            && tokens
                .get(at + 1)
                .is_some_and(|next| next.shape == Shape::Colon || next.shape == Shape::Quote || next.text == "text")
            && filled_quote(tokens, at);
    }
    plainly && !reader && quoted_in(tokens, events, at, end)
}

/// A field such as `label text: "FIZZ"` that holds something.
fn filled_quote(tokens: &[Token], at: usize) -> bool {
    let colon = (at..(at + 4).min(tokens.len())).find(|i| tokens[*i].shape == Shape::Colon);
    colon.is_some_and(|colon| {
        tokens[colon + 1..].iter().take(3).find(|token| token.is_word()).is_some_and(|first| {
            first.kinds() & NEGATIVE == 0
                && !matches!(first.text.as_str(), "none" | "null" | "false" | "off" | "tbd" | "n" | "na")
                && first.text != "no"
        })
    })
}

/// Quoted words in the sentence of a sign or a text, not spoken by anybody.
fn quoted_in(tokens: &[Token], events: &[Event], at: usize, end: usize) -> bool {
    let start = (0..at).rev().find(|i| tokens[*i].shape == Shape::Stop).unwrap_or(0);
    let opening =
        (start..end).find(|i| tokens[*i].shape == Shape::Quote && tokens.get(i + 1).is_some_and(Token::is_word));
    let json = tokens.iter().any(|token| token.text == "{");
    opening.is_some_and(|quote| {
        let spoken = events.iter().any(|event| {
            event.speech && event.at < quote && quote - event.at <= 4 && event.actor & (PERSON | NAME_PERSON) != 0
        });
        !spoken && !json
    })
}
