//! Typed text taken apart into words and filters: quotes, dashes, keys. Knows no values.

use super::{MOST_CHARS, Word};

const KEYS: [&str; 10] = ["model", "by", "status", "is", "ratio", "longer", "shorter", "before", "after", "from"];

pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '＂')
}

/// The filter that these characters begin with, colon included.
pub(super) fn key(chars: &[char]) -> Option<&'static str> {
    KEYS.into_iter().find(|key| {
        chars.get(key.len()) == Some(&':') && key.chars().zip(chars).all(|(key, c)| key == c.to_ascii_lowercase())
    })
}

/// What stands between two spaces.
pub(super) enum Token {
    Word(Word),
    Filter { not: bool, key: &'static str, value: String },
}

/// The typed characters, and how far they are read.
pub(super) struct Typed {
    chars: Vec<char>,
    at: usize,
    pub(super) is_cut: bool,
}

impl Typed {
    pub(super) fn new(text: &str) -> Self {
        let mut typed = text.chars();
        let chars = typed
            .by_ref()
            .take(MOST_CHARS)
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .filter(|c| !c.is_control())
            .collect();
        Self { chars, at: 0, is_cut: typed.next().is_some() }
    }

    pub(super) fn next_token(&mut self) -> Option<Token> {
        loop {
            while self.peek()? == ' ' {
                self.at += 1;
            }
            // A dash alone is a dash; before anything else it means “not”.
            let not = self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|c| *c != ' ');
            self.at += usize::from(not);
            if let Some(key) = key(&self.chars[self.at..]) {
                self.at += key.len() + 1;
                return Some(Token::Filter { not, key, value: self.value() });
            }
            let text = self.value();
            if !text.is_empty() {
                return Some(Token::Word(Word { text, not }));
            }
        }
    }

    /// To the closing quote, or to the next space.
    fn value(&mut self) -> String {
        let is_quoted = self.peek().is_some_and(is_quote);
        self.at += usize::from(is_quoted);
        let rest = &self.chars[self.at..];
        let length = rest.iter().position(|c| if is_quoted { is_quote(*c) } else { *c == ' ' }).unwrap_or(rest.len());
        self.at += length + usize::from(is_quoted && length < rest.len());
        let text: String = rest[..length].iter().filter(|c| !is_quote(**c)).collect();
        text.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }
}
