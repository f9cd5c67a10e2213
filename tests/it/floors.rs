//! The floors of the source: a module uses only floors below its own, and nothing beside it.

use std::path::{Path, PathBuf};

use crate::invariants::files;

/// What each module may use of its own crate.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("kill", &[]),
    ("address", &[]),
    ("animatic", &[]),
    ("media", &[]),
    ("child", &[]),
    ("ffmpeg", &["child"]),
    ("helper", &["animatic", "child", "media"]),
    ("clock", &["domain"]),
    ("config", &["domain"]),
    ("store", &["domain"]),
    ("files", &["domain"]),
    ("bus", &["domain"]),
    ("metrics", &[]),
    ("upstream", &["domain", "address", "ffmpeg", "child", "helper"]),
    ("studio", &["domain", "address", "media", "ffmpeg", "helper", "clock", "store", "upstream", "files", "bus"]),
    ("work", &["domain", "address", "media", "helper", "clock", "store", "upstream", "files", "bus", "metrics"]),
    ("seed", &["domain", "clock", "store", "files"]),
    ("keep", &["domain", "media", "clock", "store", "files"]),
    ("client", &["config"]),
    ("console", &["domain", "clock", "config", "files", "store", "studio", "seed", "keep"]),
    (
        "web",
        &[
            "domain", "animatic", "media", "ffmpeg", "helper", "clock", "config", "store", "upstream", "files", "bus",
            "metrics", "studio", "work",
        ],
    ),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The first names after every `crate::`, grouped ones too; comments are no use.
fn used(text: &str) -> Vec<String> {
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut names = Vec::new();
    for (at, word) in code.match_indices("crate::") {
        // `$crate::` is a macro's own way to say `crate::`, and `xcrate::` is another word.
        if code[..at].ends_with(|sign: char| sign.is_alphanumeric() || sign == '_') {
            continue;
        }
        let rest = &code[at + word.len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(firsts(group)),
            None => names.push(first(rest)),
        }
    }
    names
}

fn first(path: &str) -> String {
    path.trim_start().chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect()
}

/// The first name of each entry of a group, whose opening brace is gone.
fn firsts(group: &str) -> Vec<String> {
    let (mut depth, mut entry, mut names) = (0, String::new(), Vec::new());
    for sign in group.chars() {
        match sign {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut entry)),
            _ => {}
        }
        if sign != ',' || depth > 0 {
            entry.push(sign);
        }
    }
    names.push(entry);
    names.iter().map(|entry| first(entry)).filter(|name| !name.is_empty()).collect()
}

#[test]
fn no_module_uses_one_of_its_own_floor_or_above() {
    let root = source();
    let mut breaches = Vec::new();
    let mut looked_at = 0;
    for file in files(&root) {
        let below = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let module = below.split(['/', '.']).next().unwrap().to_owned();
        if file.extension().is_none_or(|end| end != "rs") || matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        looked_at += 1;
        let (_, allowed) =
            MAY_USE.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("{module} has no floor"));
        for name in used(&std::fs::read_to_string(&file).unwrap()) {
            let is_known = MAY_USE.iter().any(|(other, _)| *other == name);
            // Tests kill the program on every floor; in a release build there is nothing to use.
            if is_known && name != module && name != "kill" && !allowed.contains(&name.as_str()) {
                breaches.push(format!("src/{below} uses {name}"));
            }
        }
    }
    assert!(looked_at > 50, "only {looked_at} files were found");
    assert_eq!(breaches, Vec::<String>::new());
}

#[test]
fn grouped_and_nested_uses_are_seen() {
    let text = "use crate::{a, b::{c, d}, self::e};\nuse crate::f::g; // crate::no\nlet x = crate::h(); $crate::i";
    assert_eq!(used(text), ["a", "b", "self", "f", "h", "i"]);
}
