//! Names of files that any system can unpack, and that never lead out of the folder.

use std::collections::HashSet;
use std::hash::BuildHasher;

/// Bytes of a name with its ending.
const LONGEST: usize = 120;
const LONGEST_ENDING: usize = 10;
/// Names of devices on Windows, with any ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// The wanted name made harmless, with `-2`, `-3` and so on where it is taken already, in any case.
/// `names` holds what is taken, in lower case.
pub fn unique<S: BuildHasher>(names: &mut HashSet<String, S>, wanted: &str) -> String {
    let harmless = harmless(wanted);
    let (stem, ending) = parts(&harmless);
    let numbered = |number: usize| {
        let tail = if number == 1 { ending.to_owned() } else { format!("-{number}{ending}") };
        format!("{}{tail}", cut(stem, LONGEST - tail.len()))
    };
    let is_taken = |number: usize| names.contains(&numbered(number).to_lowercase());
    // Thousands of clips can share a name: doubling, then halving, instead of counting up each time.
    let (mut taken, mut free) = (0, 1);
    while is_taken(free) {
        (taken, free) = (free, free * 2);
    }
    while free - taken > 1 {
        let middle = taken.midpoint(free);
        if is_taken(middle) { taken = middle } else { free = middle }
    }
    let name = numbered(free);
    names.insert(name.to_lowercase());
    name
}

fn harmless(wanted: &str) -> String {
    let signs = wanted.chars().filter(|c| !c.is_control() && !turns_text(*c));
    let signs: String = signs.map(|c| if r#"/\:*?"<>|"#.contains(c) { '-' } else { c }).collect();
    let is_edge = |c: char| c == '.' || c.is_whitespace();
    let name = signs.trim_start_matches(|c| is_edge(c) || c == '-').trim_end_matches(is_edge);
    let (stem, ending) = parts(name);
    let name = format!("{}{ending}", cut(stem, LONGEST - 1 - ending.len()));
    if name.is_empty() {
        "file".to_owned()
    } else if is_device(&name) {
        format!("_{name}")
    } else {
        name
    }
}

/// Signs that show a name in another order than it is written.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    DEVICES.contains(&stem.as_str())
        || port.is_some_and(|port| port.chars().count() == 1 && port.contains(char::is_numeric))
}

/// Stem and ending; the ending keeps its dot.
fn parts(name: &str) -> (&str, &str) {
    let dot = name.rfind('.').filter(|dot| {
        let ending = &name[dot + 1..];
        *dot > 0 && (1..=LONGEST_ENDING).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    name.split_at(dot.unwrap_or(name.len()))
}

fn cut(stem: &str, most: usize) -> &str {
    stem[..stem.floor_char_boundary(most)].trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(wanted: &str) -> String {
        unique(&mut HashSet::new(), wanted)
    }

    #[test]
    fn a_taken_name_is_numbered_in_any_case() {
        let mut names = HashSet::from(["manifest.json".to_owned()]);
        let mut next = |wanted| unique(&mut names, wanted);

        assert_eq!(
            [next("River.mp4"), next("river.MP4"), next("River.mp4")],
            ["River.mp4", "river-2.MP4", "River-3.mp4"]
        );
        assert_eq!([next("Manifest.json"), next("Été"), next("été")], ["Manifest-2.json", "Été", "été-2"]);
        assert_eq!([next("river-2.mp4"), next("river.mp4")], ["river-2-2.mp4", "river-4.mp4"]);
    }

    #[test]
    fn thousands_of_clips_may_share_a_name() {
        let mut names = HashSet::new();
        let long = format!("{}.mp4", "é".repeat(200));

        let made: Vec<String> = (0..5_000).map(|_| unique(&mut names, &long)).collect();

        assert_eq!(names.len(), 5_000);
        assert!(made[4_999].ends_with("é-5000.mp4"), "{}", made[4_999]);
        assert!(made.iter().all(|name| name.len() <= LONGEST));
    }

    #[test]
    fn no_name_leads_out_or_fools_a_person_or_a_system() {
        for (wanted, name) in [
            ("../../etc/passwd", "etc-passwd"),
            ("C:\\clips\\a.mp4", "C--clips-a.mp4"),
            (".hidden.mp4", "hidden.mp4"),
            ("..", "file"),
            ("a\0b\n\u{202E}4pm.exe", "ab4pm.exe"),
            ("CON.mp4", "_CON.mp4"),
            ("lpt¹", "_lpt¹"),
            ("nul .txt", "_nul.txt"),
            ("console.mp4", "console.mp4"),
            ("dots and spaces. . ", "dots and spaces"),
            ("What? \"Now\"", "What- -Now-"),
            ("", "file"),
        ] {
            assert_eq!(alone(wanted), name, "{wanted:?}");
        }
    }

    #[test]
    fn a_made_name_is_not_changed_again() {
        let long = "日本".repeat(60) + ".webp";
        for wanted in [
            "../a:b",
            "con",
            "x .mp4",
            "...",
            "a.b.c",
            "-2.mp4",
            &long,
            &("y".repeat(119) + ".mp4"),
            &("z ".repeat(90)),
        ] {
            let made = alone(wanted);

            assert!(made.len() <= LONGEST && !made.is_empty());
            assert_eq!(alone(&made), made);
        }
    }
}
