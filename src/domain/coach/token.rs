//! Cuts a prompt into words and stops, remembering case, hyphens and line starts. Takes any
//! Unicode; refuses to judge meaning.

use super::lexicon::{Kinds, Word};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Word,
    Number,
    /// Ends a sentence: a full stop, a mark, a line end.
    Stop,
    /// Parts clauses: a comma, a semicolon, a bracket, a dash.
    Comma,
    Colon,
    Quote,
}

/// What a word does where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    None,
    Noun,
    Adj,
    Adv,
    Det,
    Prep,
    Pron,
    Conj,
    Aux,
    /// A verb with a tense, or an order.
    Verb,
    /// An -ing form at work.
    Ing,
    /// A participle of a state or a passive.
    Part,
}

/// One token of a prompt.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a plain fact about the text")]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) shape: Shape,
    pub(super) word: Option<Word>,
    pub(super) tag: Tag,
    /// Begins with a capital, or is all capitals.
    pub(super) capital: bool,
    pub(super) caps: bool,
    /// Tied to the token before by a hyphen or a slash.
    pub(super) joined: bool,
    /// First token of its line.
    pub(super) opens_line: bool,
    /// Bits of the patterns that cover it.
    pub(super) cover: u32,
    /// Not to be read at all: a field name, a spoken line's speaker.
    pub(super) mute: bool,
    /// Inside a quotation of words that are told or written.
    pub(super) quoted: bool,
    /// Can only be a verb at work where it stands.
    pub(super) deed: bool,
}

impl Token {
    fn new(text: String, shape: Shape) -> Self {
        Self {
            text,
            shape,
            word: None,
            tag: Tag::None,
            capital: false,
            caps: false,
            joined: false,
            opens_line: false,
            cover: 0,
            mute: false,
            quoted: false,
            deed: false,
        }
    }

    /// The kinds of the word, 0 if unknown.
    pub(super) fn kinds(&self) -> Kinds {
        self.word.map_or(0, |word| word.kinds)
    }

    /// The base form, or the text itself.
    pub(super) fn base(&self) -> &str {
        match self.word {
            Some(word) if !word.base.is_empty() => word.base,
            Some(_) | None => &self.text,
        }
    }

    pub(super) fn is_word(&self) -> bool {
        matches!(self.shape, Shape::Word | Shape::Number)
    }

    /// Whether it ends a clause.
    pub(super) fn parts(&self) -> bool {
        !self.is_word() && self.shape != Shape::Quote
    }
}

fn is_mark(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '\u{2010}'..='\u{205e}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff0f}'
            | '\u{ff1a}'..='\u{ff20}' | '\u{a1}' | '\u{ab}' | '\u{b7}' | '\u{bb}' | '\u{bf}' | '\u{60c}'
            | '\u{61b}' | '\u{61f}' | '\u{964}' | '\u{965}' | '\u{2190}'..='\u{2bff}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{1f000}'..='\u{1faff}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
}

/// A plain letter for accented Latin ones, so that "café" is found.
fn plain(c: char) -> char {
    match c {
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'à' | 'á' | 'â' | 'ä' | 'å' => 'a',
        'ï' | 'î' | 'í' => 'i',
        'ô' | 'ö' | 'ó' => 'o',
        'û' | 'ü' | 'ú' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        '\u{2019}' | '\u{2018}' => '\'',
        _ => c,
    }
}

fn stop(c: char, next: Option<char>) -> Option<(Shape, char)> {
    Some(match c {
        '\n' | '!' | '?' | '。' | '！' | '？' | '।' | '…' | '|' => (Shape::Stop, c),
        '.' if next.is_none_or(|n| !n.is_alphanumeric()) => (Shape::Stop, c),
        ',' | ';' | '(' | ')' | '[' | ']' | '{' | '}' | '—' | '–' | '、' | '，' | '；' | '•' | '*' | '>' | '<'
        | '+' | '~' | '=' | '→' => (Shape::Comma, c),
        ':' | '：' => (Shape::Colon, c),
        '"' | '\u{201c}' | '\u{201d}' | '«' | '»' | '「' | '」' | '„' => (Shape::Quote, c),
        _ => return None,
    })
}

/// Splits "35mm" into number and unit, as lenses are written both ways.
fn push_word(out: &mut Vec<Token>, raw: &str, joined: bool) {
    let lower: String = raw.chars().flat_map(char::to_lowercase).map(plain).collect();
    let letters = raw.chars().filter(|c| c.is_alphabetic()).count();
    let capital = raw.chars().next().is_some_and(char::is_uppercase);
    let caps = letters > 1 && !raw.chars().any(char::is_lowercase);
    let digits = lower.chars().all(|c| c.is_ascii_digit() || c == '.');
    if let Some(number) = lower.strip_suffix("mm")
        && !number.is_empty()
        && number.chars().all(|c| c.is_ascii_digit())
    {
        let mut token = Token::new(number.to_owned(), Shape::Number);
        token.joined = joined;
        out.push(token);
        let mut unit = Token::new("mm".to_owned(), Shape::Word);
        unit.joined = true;
        out.push(unit);
        return;
    }
    let (text, owner) = match lower.strip_suffix("'s").or_else(|| lower.strip_suffix("s'")) {
        Some(stem) if stem.len() > 1 && !matches!(stem, "it" | "he" | "she" | "that" | "there" | "let") => {
            (stem.to_owned(), true)
        }
        Some(_) | None => (lower, false),
    };
    let mut token = Token::new(text, if digits { Shape::Number } else { Shape::Word });
    token.capital = capital;
    token.caps = caps;
    token.joined = joined;
    out.push(token);
    if owner {
        let mut sign = Token::new("'s".to_owned(), Shape::Word);
        sign.joined = true;
        out.push(sign);
    }
}

/// Cuts the prompt. The first and the last token are stops.
pub(super) fn cut(prompt: &str) -> Vec<Token> {
    let chars: Vec<char> = prompt.chars().map(|c| if c == '\u{2019}' { '\'' } else { c }).collect();
    let mut out = vec![Token::new("\n".to_owned(), Shape::Stop)];
    let mut raw = String::new();
    let mut joined = false;
    for (at, &c) in chars.iter().enumerate() {
        let next = chars.get(at + 1).copied();
        let inside = !raw.is_empty() && next.is_some_and(char::is_alphanumeric);
        let keeps = (c == '\'' && inside)
            || (c == '.' && inside && raw.chars().all(|r| r.is_ascii_digit()))
            || (c == '\'' && raw.ends_with("in") && next.is_none_or(char::is_whitespace));
        if keeps || !(c.is_whitespace() || c.is_control() || is_mark(c)) {
            raw.push(c);
            continue;
        }
        let was_word = !raw.is_empty();
        if was_word {
            push_word(&mut out, &raw, joined);
            raw.clear();
            joined = false;
        }
        if was_word && matches!(c, '-' | '/' | '\u{2010}' | '\u{2011}' | '_') && inside_next(next) {
            joined = true;
        } else if c == '&' {
            out.push(Token::new("&".to_owned(), Shape::Word));
        } else if matches!(c, '-' | '\u{2013}') && !was_word && next.is_none_or(char::is_whitespace) {
            out.push(Token::new("-".to_owned(), Shape::Comma));
        } else if c == '\'' {
            // A lone apostrophe opens or closes a quotation.
            out.push(Token::new("'".to_owned(), Shape::Quote));
        } else if let Some((shape, mark)) = stop(c, next) {
            out.push(Token::new(mark.to_string(), shape));
        }
    }
    if !raw.is_empty() {
        push_word(&mut out, &raw, joined);
    }
    out.push(Token::new("\n".to_owned(), Shape::Stop));
    let mut fresh = true;
    for token in &mut out {
        if token.text == "\n" {
            fresh = true;
        } else if token.is_word() {
            token.opens_line = fresh;
            fresh = false;
        }
    }
    out
}

fn inside_next(next: Option<char>) -> bool {
    next.is_some_and(char::is_alphanumeric)
}
