//! Which passwords do: long enough, and none that everybody tries first.

/// The fewest characters.
pub const SHORTEST: usize = 10;

/// Words that common passwords are made of, besides digits; in lower case.
const COMMON: &str = include_str!("passwords/common.txt");

/// Rows of keyboards, and the alphabet, that people walk along.
const WALKS: [&str; 8] = [
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "1qaz2wsx3edc4rfv5tgb6yhn",
];

/// What is wrong with a password; nothing when it does.
pub fn check(password: &str, name: &str) -> Result<(), &'static str> {
    if password.chars().count() < SHORTEST {
        return Err("Use at least 10 characters. A few words in a row are good.");
    }
    let lower = password.to_lowercase();
    // Digits and signs around a word are no letters in disguise.
    let core = lower.trim_matches(|c: char| !c.is_alphabetic() && !matches!(c, '@' | '$'));
    let plain: String = core.chars().map(unleet).collect();
    let letters: String = plain.chars().filter(|c| c.is_alphabetic()).collect();
    let name: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    if name.chars().count() >= 4 && letters.replacen(&name, "", 1).chars().count() < 4 && letters.contains(&name) {
        return Err("This is your name with little else. Choose something nobody can guess.");
    }
    let plain_letters: String = lower.chars().filter(|c| c.is_alphabetic()).collect();
    if is_walk(&lower) || is_walk(&plain_letters) || is_repeated(&lower) || is_common(&lower) || is_common(&plain) {
        return Err("This is one of the passwords that are tried first. A few words in a row are good.");
    }
    Ok(())
}

/// What people write for letters.
fn unleet(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '$' | '5' => 's',
        '7' => 't',
        c => c,
    }
}

/// One or two known words, with digits and signs around and between them.
fn is_common(text: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    if letters.is_empty() {
        // Digits alone, such as dates.
        return text.chars().count() < 14;
    }
    // The fewest words that spell the letters up to each place.
    let mut fewest: Vec<Option<usize>> = vec![None; letters.len() + 1];
    fewest[0] = Some(0);
    for place in 0..letters.len() {
        let Some(words) = fewest[place].filter(|words| *words < 2) else { continue };
        for word in COMMON.lines().filter(|word| !word.starts_with('#')) {
            let end = place + word.chars().count();
            if end <= letters.len() && word.chars().eq(letters[place..end].iter().copied()) {
                fewest[end] = Some(fewest[end].map_or(words + 1, |known| known.min(words + 1)));
            }
        }
    }
    // A letter or two more make no other password.
    fewest.iter().skip(letters.len().saturating_sub(1).max(1)).any(Option::is_some)
}

fn is_walk(text: &str) -> bool {
    let backward = |row: &str| row.chars().rev().collect::<String>();
    let mut rest = text.to_owned();
    for row in WALKS.iter().map(|row| (*row).to_owned()).chain(WALKS.iter().map(|row| backward(row))) {
        for long in (4..=row.len()).rev() {
            for from in 0..=row.len() - long {
                rest = rest.replace(&row[from..from + long], "");
            }
        }
    }
    rest.chars().count() < 3 && rest.chars().count() < text.chars().count()
}

/// The same one to four signs over and over.
fn is_repeated(text: &str) -> bool {
    let signs: Vec<char> = text.chars().collect();
    (1..=4).any(|step| signs.iter().enumerate().all(|(place, sign)| *sign == signs[place % step]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_everybody_tries_first_are_refused() {
        for password in [
            "password12",
            "Password123",
            "P@ssw0rd2026!",
            "qwertyuiop",
            "1234567890",
            "qwerty123456",
            "iloveyou12",
            "aaaaaaaaaa",
            "abcabcabcabc",
            "letmein2026",
            "welcome1234",
            "football99",
            "1q2w3e4r5t",
            "19870412345",
            "adminadmin",
            "sunshine123",
            "dragon12345",
            "changeme123",
            "rushes2026!",
            "short",
            "passwordpassword",
        ] {
            assert!(check(password, "mara").is_err(), "{password}");
        }
        assert!(check("mara.oyelaran1", "Mara Oyelaran").is_err(), "a name");
    }

    #[test]
    fn a_few_words_in_a_row_do_and_nothing_else_is_asked_of_them() {
        for password in [
            "correct horse battery staple",
            "tall ships in november",
            "kolme punaista taloa",
            "пять зелёных лампочек",
            "四つの古い灯台と海の霧",
            "fJ8-kd92-Lmq4",
            "the dragon eats my homework",
        ] {
            assert_eq!(check(password, "mara"), Ok(()), "{password}");
        }
    }
}
