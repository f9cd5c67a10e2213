//! Makes upstream words fit to be shown: without the key, without the secret parts of
//! addresses, without control characters or markup of whole pages, and never long.

use secrecy::{ExposeSecret, SecretString};

/// The most characters of a sentence, as the contract has it.
const LONGEST_WORDS: usize = 2_000;
/// The most characters of a code.
const LONGEST_CODE: usize = 200;
/// So many signs of a key in a row are an echo of it.
const ECHO: usize = 8;
/// What stands where a key stood.
const HIDDEN: &str = "[key]";
/// Said instead of a web page.
pub(super) const PAGE: &str = "answered with a web page, not JSON";

/// Knows the key, so that it can be taken out.
pub(super) struct Mask {
    key: Option<SecretString>,
}

impl Mask {
    /// A mask for this key.
    pub const fn new(key: Option<SecretString>) -> Self {
        Self { key }
    }

    /// A sentence for people, at most 2,000 characters.
    pub fn words(&self, text: &str) -> String {
        self.clean(text, LONGEST_WORDS)
    }

    /// A machine-readable code, at most 200 characters.
    pub fn code(&self, text: &str) -> String {
        self.clean(text, LONGEST_CODE)
    }

    fn clean(&self, text: &str, most: usize) -> String {
        // What is hidden shrinks the text, so more is looked at than is kept.
        let head: String = text.chars().take(most * 4).filter(|sign| !is_invisible(*sign)).collect();
        if is_page(&head) {
            return PAGE.to_owned();
        }
        let calm: String = head.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
        let calm = calm.split_whitespace().collect::<Vec<_>>().join(" ");
        let clean = plain_addresses(&without_bearer(&self.without_key(&calm)));
        if clean.chars().count() <= most {
            return clean;
        }
        clean.chars().take(most - 1).chain(['…']).collect()
    }

    fn without_key(&self, text: &str) -> String {
        let Some(key) = self.key.as_ref().map(ExposeSecret::expose_secret).filter(|key| !key.is_empty()) else {
            return text.to_owned();
        };
        let least = ECHO.min(key.len());
        let echo = |at: usize| {
            let mut end = None;
            for to in at + least..=text.len() {
                match text.get(at..to) {
                    Some(piece) if key.contains(piece) => end = Some(to),
                    Some(_) => break,
                    None => {}
                }
            }
            end
        };
        let mut kept = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(sign) = text[at..].chars().next() {
            if let Some(end) = echo(at) {
                kept.push_str(HIDDEN);
                at = end;
            } else {
                kept.push(sign);
                at += sign.len_utf8();
            }
        }
        kept
    }
}

fn is_invisible(sign: char) -> bool {
    matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn is_page(text: &str) -> bool {
    let start = text.trim_start().to_ascii_lowercase();
    start.starts_with('<') && ["<!doctype", "<html", "<head", "<body", "<?xml"].iter().any(|tag| start.contains(tag))
}

/// Hides whatever somebody sent as a bearer token, ours or not.
fn without_bearer(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.to_ascii_lowercase().find("bearer ") {
        let (before, token) = rest.split_at(at + "bearer ".len());
        kept.push_str(before);
        let end = token.find(char::is_whitespace).unwrap_or(token.len());
        kept.push_str(if end >= ECHO { HIDDEN } else { &token[..end] });
        rest = &token[end..];
    }
    kept + rest
}

/// Addresses keep host and path; what grants access (user, query, fragment) goes.
fn plain_addresses(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        kept.push_str(before);
        let end = after.find(|sign: char| sign.is_whitespace() || "\"'<>`".contains(sign)).unwrap_or(after.len());
        let address = &after[..end];
        let host = address.find(['/', '?', '#']).unwrap_or(address.len());
        let start = address[..host].rfind('@').map_or(0, |at| at + 1);
        let stop = address.find(['?', '#']).unwrap_or(end);
        kept.push_str(&address[start..stop]);
        rest = &after[end..];
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask() -> Mask {
        Mask::new(Some(SecretString::from("sk-canary-0123456789abcdef".to_owned())))
    }

    #[test]
    fn the_key_is_taken_out_whole_and_in_pieces() {
        for (text, shown) in [
            ("Incorrect key: sk-canary-0123456789abcdef.", "Incorrect key: [key]."),
            ("sk-canar****cdef, 56789abc", "[key]****cdef, [key]"),
            ("sent Bearer tok_12345678 to us", "sent Bearer [key] to us"),
            ("BEARER abc", "BEARER abc"),
            ("é sk-canary-0123456789abcdefé", "é [key]é"),
        ] {
            assert_eq!(mask().words(text), shown);
        }
        let short = Mask::new(Some(SecretString::from("EMPTY".to_owned())));
        assert_eq!(short.words("key EMPTY is wrong"), "key [key] is wrong");
    }

    #[test]
    fn words_are_one_bounded_line_without_what_opens_doors() {
        assert_eq!(mask().words(" a\u{7}b\r\n\u{202e}c "), "a b c");
        assert_eq!(mask().words("<!DOCTYPE html><p>canary"), PAGE);
        assert_eq!(mask().words("get https://u:p@cdn.example/x.mp4?sig=1#f now"), "get https://cdn.example/x.mp4 now");
        assert_eq!(mask().words("5 < 6 is <b>true</b>"), "5 < 6 is <b>true</b>");
        let long = mask().words(&"é".repeat(9_000));
        assert_eq!((long.chars().count(), long.ends_with('…')), (2_000, true));
        assert_eq!(mask().code(&"x".repeat(9_000)).chars().count(), 200);
    }
}
