//! Words of a text, and whether a term of the vocabulary occurs among them.

/// The words of a text in lower case, in order; anything but letters, digits and apostrophes separates.
pub struct Words(Vec<String>);

impl Words {
    /// Splits a text.
    pub fn of(text: &str) -> Self {
        let split = text.split(|c: char| !(c.is_alphanumeric() || c == '\''));
        Self(split.map(|w| w.trim_matches('\'')).filter(|w| !w.is_empty()).map(str::to_lowercase).collect())
    }

    /// Whether there are no words at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where a term (one or more words in lower case) first occurs, if it does.
    pub fn find(&self, term: &str) -> Option<usize> {
        (0..self.0.len()).find(|&at| self.starts(at, term))
    }

    /// Whether any of the terms, which have bars between them, occurs.
    pub fn any(&self, terms: &str) -> bool {
        terms.split('|').any(|term| self.find(term).is_some())
    }

    fn starts(&self, at: usize, term: &str) -> bool {
        term.split(' ').enumerate().all(|(i, want)| self.0.get(at + i).is_some_and(|word| same(word, want)))
    }
}

/// The same word, give or take an English plural, third person or possessive.
fn same(word: &str, want: &str) -> bool {
    let word = word.strip_suffix("'s").unwrap_or(word);
    if let Some(rest) = word.strip_prefix(want) {
        return matches!(rest, "" | "s" | "es");
    }
    want.strip_suffix('y').is_some_and(|stem| word.strip_suffix("ies") == Some(stem))
}
