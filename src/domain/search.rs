//! What a person types into the search box: words and filters, read without ever failing.
//! What is not understood becomes a sentence in `problems`, never an error. Refuses to know the
//! database: the only SQL here is the text of a full-text match, built so that no syntax comes through.

use std::fmt::{self, Display};

mod fulltext;
mod typed;
mod value;

pub use fulltext::spaced;
pub use value::{Day, Status};

use fulltext::string;
use typed::{Token, Typed, is_quote, key};

/// Longer text is cut, and so is the canonical text, so that it always reads back.
const MOST_CHARS: usize = 1_000;
const MOST_WORDS: usize = 32;
const MOST_PROBLEMS: usize = 5;
/// Characters in the name of a model or a person.
const LONGEST_NAME: usize = 100;
/// Characters of a person's own text that a problem repeats.
const LONGEST_ECHO: usize = 40;

/// One word, or several in quotes that must stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Without quotes; white space is single spaces.
    pub text: String,
    /// `-rain`: clips that do not have it.
    pub not: bool,
}

/// A search as it was understood. Of a repeated filter the last one holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// At most 32, in the order typed.
    pub words: Vec<Word>,
    /// `model:sora-2`, `model:"Sora 2"`
    pub model: Option<String>,
    /// `by:me`, `by:"Ines K"`
    pub by: Option<String>,
    /// `status:done`
    pub status: Option<Status>,
    /// `is:favorite`
    pub favorite: bool,
    /// `is:best`
    pub best: bool,
    /// `ratio:9x16`, kept as `9:16`
    pub ratio: Option<String>,
    /// `longer:8`: more than so many seconds, 8 itself is out
    pub longer: Option<u16>,
    /// `shorter:8`: less than so many seconds, 8 itself is out
    pub shorter: Option<u16>,
    /// `before:2026-11-03`: until the end of the day before
    pub before: Option<Day>,
    /// `after:2026-11-03`: that day or later
    pub after: Option<Day>,
    /// `from:ID`: clips made from that clip; 13 characters
    pub from: Option<String>,
    /// Sentences for a person about what was not understood, at most 5.
    pub problems: Vec<String>,
}

impl Query {
    /// Reads what was typed. Unknown `key:value` pairs and addresses are plain words.
    pub fn read(text: &str) -> Self {
        let mut query = Self::default();
        let mut typed = Typed::new(text);
        let mut is_cut = typed.is_cut;
        while let Some(token) = typed.next_token() {
            match token {
                Token::Word(word) if query.words.len() < MOST_WORDS => query.words.push(word),
                Token::Word(_) => query.problem(format!("Only the first {MOST_WORDS} words are searched.")),
                Token::Filter { not: true, key, value } => query.problem(format!(
                    "“-{key}:{}” is not understood. Only words can be excluded, for example -rain.",
                    echo(&value)
                )),
                Token::Filter { not: false, key, value } => query.filter(key, &value),
            }
        }
        while query.to_string().chars().count() > MOST_CHARS && query.words.pop().is_some() {
            is_cut = true;
        }
        if is_cut {
            query.problem("This search is very long; the end of it is left out.".to_owned());
        }
        query
    }

    /// Whether it finds everything.
    pub fn is_empty(&self) -> bool {
        *self == Self { problems: self.problems.clone(), ..Self::default() }
    }

    /// A changed copy, for a link. Problems stay behind: they speak of what was typed.
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut query = Self { problems: Vec::new(), ..self.clone() };
        change(&mut query);
        query
    }

    /// Each active word and filter as shown, with the query that is left without it.
    /// Model, status and ratio have menus of their own and are not here.
    pub fn chips(&self) -> Vec<(String, Self)> {
        let mut chips: Vec<(String, Self)> = Vec::new();
        for (at, word) in self.words.iter().enumerate() {
            chips.push((word.shown(), self.with(|query| drop(query.words.remove(at)))));
        }
        let mut chip = |shown: Option<String>, without: fn(&mut Self)| {
            chips.extend(shown.map(|shown| (shown, self.with(without))));
        };
        chip(self.favorite.then(|| "Favorites".to_owned()), |query| query.favorite = false);
        chip(self.best.then(|| "Best".to_owned()), |query| query.best = false);
        chip(self.by.as_ref().map(|name| format!("by {name}")), |query| query.by = None);
        chip(self.longer.map(|seconds| format!("longer than {seconds} s")), |query| query.longer = None);
        chip(self.shorter.map(|seconds| format!("shorter than {seconds} s")), |query| query.shorter = None);
        chip(self.after.map(|day| format!("since {}", day.shown())), |query| query.after = None);
        chip(self.before.map(|day| format!("before {}", day.shown())), |query| query.before = None);
        chip(self.from.as_ref().map(|id| format!("made from {id}")), |query| query.from = None);
        chips
    }

    /// The match expression for SQLite's FTS5; `None` when no positive word has a letter or digit.
    /// The word being typed, the last one, also finds words that begin with it.
    pub fn expression(&self) -> Option<String> {
        let searched = |not: bool| {
            self.words.iter().filter(move |word| word.not == not && word.text.contains(char::is_alphanumeric))
        };
        let mut positive: Vec<String> = searched(false).map(|word| string(&word.text)).collect();
        let last = searched(false).next_back()?;
        if !last.is_phrase() && last.text.chars().count() >= 2 {
            positive.last_mut()?.push_str(" *");
        }
        let mut expression = positive.join(" AND ");
        for (at, word) in searched(true).enumerate() {
            if at == 0 {
                expression = format!("({expression})");
            }
            expression.push_str(" NOT ");
            expression.push_str(&string(&word.text));
        }
        Some(expression)
    }

    fn filter(&mut self, key: &'static str, value: &str) {
        if self.try_filter(key, value).is_some() {
            return;
        }
        let example = match key {
            "model" => "model:sora-2",
            "by" => "by:me",
            "status" => "status:done",
            "is" => "is:favorite or is:best",
            "ratio" => "ratio:16:9",
            "longer" => "longer:8",
            "shorter" => "shorter:8",
            "before" => "before:2026-11-03",
            "after" => "after:2026-11-03",
            _ => "from: with the 13 letters and digits that end a clip’s address",
        };
        self.problem(format!("“{key}:{}” is not understood. Write for example {example}.", echo(value)));
    }

    /// `None` leaves an earlier value of the same filter as it was.
    fn try_filter(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "model" => self.model = Some(name(value)?),
            "by" => self.by = Some(name(value)?),
            "status" => self.status = Some(Status::read(value)?),
            "ratio" => self.ratio = Some(value::ratio(value)?),
            "longer" => self.longer = Some(value::seconds(value)?),
            "shorter" => self.shorter = Some(value::seconds(value)?),
            "before" => self.before = Some(Day::read(value)?),
            "after" => self.after = Some(Day::read(value)?),
            "from" => self.from = Some(value::clip(value)?),
            _ => match value.to_lowercase().as_str() {
                "favorite" | "favourite" | "favorites" | "favourites" | "fav" => self.favorite = true,
                "best" => self.best = true,
                _ => return None,
            },
        }
        Some(())
    }

    fn problem(&mut self, sentence: String) {
        if self.problems.len() < MOST_PROBLEMS && !self.problems.contains(&sentence) {
            self.problems.push(sentence);
        }
    }
}

/// The canonical text: reads back to an equal query.
impl Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = self.words.iter().map(Word::typed).collect();
        let mut part = |key: &str, value: Option<String>| parts.extend(value.map(|value| format!("{key}:{value}")));
        part("model", self.model.as_deref().map(|name| quoted(name, false)));
        part("by", self.by.as_deref().map(|name| quoted(name, false)));
        part("status", self.status.map(|status| status.as_str().to_owned()));
        part("is", self.favorite.then(|| "favorite".to_owned()));
        part("is", self.best.then(|| "best".to_owned()));
        part("ratio", self.ratio.clone());
        part("longer", self.longer.map(|seconds| seconds.to_string()));
        part("shorter", self.shorter.map(|seconds| seconds.to_string()));
        part("after", self.after.map(|day| day.to_string()));
        part("before", self.before.map(|day| day.to_string()));
        part("from", self.from.clone());
        f.write_str(&parts.join(" "))
    }
}

impl Word {
    fn is_phrase(&self) -> bool {
        self.text.contains(char::is_whitespace)
    }

    fn shown(&self) -> String {
        let not = if self.not { "not " } else { "" };
        if self.is_phrase() { format!("{not}“{}”", self.text) } else { format!("{not}{}", self.text) }
    }

    fn typed(&self) -> String {
        let chars: Vec<char> = self.text.chars().collect();
        let is_special = chars.first().is_none_or(|first| *first == '-') || key(&chars).is_some();
        format!("{}{}", if self.not { "-" } else { "" }, quoted(&self.text, is_special))
    }
}

fn quoted(value: &str, always: bool) -> String {
    let value: String = value.chars().filter(|c| !is_quote(*c)).collect();
    if always || value.contains(char::is_whitespace) { format!("\"{value}\"") } else { value }
}

fn name(value: &str) -> Option<String> {
    (!value.is_empty() && value.chars().count() <= LONGEST_NAME).then(|| value.to_owned())
}

fn echo(value: &str) -> String {
    let mut echo: String = value.chars().take(LONGEST_ECHO).collect();
    if echo.len() < value.len() {
        echo.push('…');
    }
    echo
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(text: &str) -> Option<String> {
        Query::read(text).expression()
    }

    #[test]
    fn words_phrases_and_filters_are_told_apart() {
        let query =
            Query::read("river “golden  hour” -rain Model:\"Sora 2\" BY:me longer:8s ratio:9X16 is:fav after:2026-11");

        let words: Vec<_> = query.words.iter().map(|word| (word.text.as_str(), word.not)).collect();
        assert_eq!(words, [("river", false), ("golden hour", false), ("rain", true)]);
        assert_eq!((query.model.as_deref(), query.by.as_deref()), (Some("Sora 2"), Some("me")));
        assert_eq!((query.longer, query.ratio.as_deref(), query.favorite), (Some(8), Some("9:16"), true));
        assert_eq!(query.after, Some(Day { year: 2026, month: 11, day: 1 }));
        assert!(query.problems.is_empty(), "{:?}", query.problems);
    }

    #[test]
    fn what_is_no_filter_of_ours_is_searched_as_text() {
        let query = Query::read("https://example.com/a?b=c mood:calm - 5\" \"model:x\" a\0b\u{7}c \"open to the end");

        let words: Vec<_> = query.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(words, ["https://example.com/a?b=c", "mood:calm", "-", "5", "model:x", "abc", "open to the end"]);
        assert!(query.model.is_none() && query.problems.is_empty());
    }

    #[test]
    fn a_filter_that_is_not_understood_says_so_and_changes_nothing() {
        let query = Query::read("longer:8 longer:abc model: -is:best");

        assert_eq!((query.longer, query.best), (Some(8), false));
        assert_eq!(query.problems[0], "“longer:abc” is not understood. Write for example longer:8.");
        assert_eq!(query.problems[1], "“model:” is not understood. Write for example model:sora-2.");
        assert!(query.problems[2].contains("Only words can be excluded"));
        assert_eq!(Query::read(&(0..99).fold(String::new(), |all, n| format!("{all} is:{n}"))).problems.len(), 5);
    }

    #[test]
    fn the_last_of_a_repeated_filter_wins() {
        assert_eq!(Query::read("status:done status:queued").status, Some(Status::Waiting));
    }

    #[test]
    fn a_long_search_is_cut_and_says_so() {
        let many = Query::read(&"word ".repeat(5_000));
        let one = Query::read(&"é".repeat(5_000));

        assert_eq!((many.words.len(), one.words[0].text.chars().count()), (32, 1_000));
        assert!(!many.problems.is_empty() && !one.problems.is_empty());
    }

    #[test]
    fn no_syntax_of_the_full_text_search_comes_through() {
        assert_eq!(matched("riv").as_deref(), Some("\"riv\" *"));
        assert_eq!(
            matched("a OR b* NEAR(x) body:y").as_deref(),
            Some("\"a\" AND \"OR\" AND \"b*\" AND \"NEAR(x)\" AND \"body:y\" *")
        );
        assert_eq!(
            matched("-rain river \"golden hour\" -fog").as_deref(),
            Some("(\"river\" AND \"golden hour\") NOT \"rain\" NOT \"fog\"")
        );
        assert_eq!(matched("日本 🎬").as_deref(), Some("\"日 本\" *"));
        assert_eq!(matched("x").as_deref(), Some("\"x\""));
        assert_eq!(matched("-rain 🎬 ^"), None);
        let forged = Query { words: vec![Word { text: "a\" OR \"\0b".to_owned(), not: false }], ..Query::default() };
        assert_eq!(forged.expression().as_deref(), Some("\"a\"\" OR \"\"b\""));
    }

    #[test]
    fn each_chip_takes_one_thing_away() {
        let query = Query::read(
            "river \"golden hour\" -rain -\"two words\" is:fav longer:8 before:2026-11-03 model:a status:done",
        );
        let chips = query.chips();

        let shown: Vec<_> = chips.iter().map(|(shown, _)| shown.as_str()).collect();
        assert_eq!(
            shown,
            [
                "river",
                "“golden hour”",
                "not rain",
                "not “two words”",
                "Favorites",
                "longer than 8 s",
                "before 3 Nov 2026"
            ]
        );
        assert_eq!(
            chips[2].1.to_string(),
            "river \"golden hour\" -\"two words\" model:a status:done is:favorite longer:8 before:2026-11-03"
        );
        assert!(chips.iter().all(|(_, left)| left.chips().len() == chips.len() - 1));
        assert!(Query::read("is:best").chips()[0].1.is_empty());
    }

    #[test]
    fn the_canonical_text_of_any_search_reads_back_to_the_same_search() {
        const PIECES: [&str; 40] = [
            "river",
            "-",
            "--",
            "\"",
            "“",
            "”",
            " ",
            "  ",
            "\t",
            ":",
            "model:",
            "by:",
            "status:",
            "is:",
            "ratio:",
            "longer:",
            "shorter:",
            "before:",
            "after:",
            "from:",
            "done",
            "fav",
            "best",
            "9x16",
            "16:9",
            "8s",
            "65535",
            "2026-11-03",
            "2024",
            "0123456789abc",
            "日本",
            "é",
            "\0",
            "MODEL:",
            "x",
            "*",
            "OR",
            "(",
            "NOT ",
            "a\u{3000}b",
        ];
        let mut seed: u64 = 7;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((seed >> 33) % below).unwrap_or(0)
        };
        for round in 0..20_000 {
            let pieces = if round % 50 == 0 { 600 } else { 12 };
            let text: String = (0..next(pieces)).map(|_| PIECES[next(40)]).collect();
            let query = Query::read(&text).with(|_| ());

            assert_eq!(Query::read(&query.to_string()).with(|_| ()), query, "{text:?} became {query}");
        }
    }
}
