//! Words as SQLite's full-text search takes them: harmless strings, and a space between the signs
//! of scripts that have none. The text that is indexed must go through `spaced` as well.

/// Scripts written without spaces: puts a space around each of their characters, so that the
/// tokenizer `unicode61` sees every one as a word. Other text is unchanged, and so is spaced text.
pub fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    let mut before: Option<char> = None;
    for now in text.chars() {
        let is_joined = before.is_some_and(|before| {
            let (left, right) = (is_spaceless(before), is_spaceless(now));
            (left && (right || now.is_alphanumeric())) || (right && before.is_alphanumeric())
        });
        if is_joined {
            spaced.push(' ');
        }
        spaced.push(now);
        before = Some(now);
    }
    spaced
}

/// Han, Hiragana, Katakana, Thai, Lao, Khmer and Myanmar.
fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' // Thai, Lao
        | '\u{1000}'..='\u{109F}' | '\u{A9E0}'..='\u{A9FF}' | '\u{AA60}'..='\u{AA7F}' // Myanmar
        | '\u{1780}'..='\u{17FF}' | '\u{19E0}'..='\u{19FF}' // Khmer
        | '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4DBF}' // Han
        | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}'
        | '\u{3041}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9F}' // Kana
    )
}

/// A string of FTS5: inside the quotes only a doubled quote means anything.
pub(super) fn string(word: &str) -> String {
    format!("\"{}\"", spaced(word).replace('\0', "").replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_spaces_is_spaced_and_other_text_is_not() {
        assert_eq!(spaced("第3話 wow東京タワー!"), "第 3 話 wow 東 京 タ ワ ー!");
        assert_eq!(spaced("golden hour, été — Ωμέγα 한국어"), "golden hour, été — Ωμέγα 한국어");
        assert_eq!(spaced(&spaced("ภาษาไทย")), spaced("ภาษาไทย"));
    }
}
