//! What every template keeps to. Tests only.

use std::fs;
use std::path::{Path, PathBuf};

use super::icon;

/// Every template: its path and its text.
fn templates() -> Vec<(PathBuf, String)> {
    fn read(folder: &Path, into: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).expect("the templates are beside the sources") {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                read(&path, into);
            } else {
                let text = fs::read_to_string(&path).expect("templates are text");
                into.push((path, text));
            }
        }
    }
    let mut all = Vec::new();
    read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")), &mut all);
    assert!(all.len() > 20, "the walk found {} templates", all.len());
    all
}

/// The tags of a name, without what is between them.
fn tags<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    text.split(&format!("<{name} ")).skip(1).map(|rest| rest.split_once('\n').map_or(rest, |(line, _)| line)).collect()
}

#[test]
fn templates_keep_to_the_content_security_policy() {
    let banned = [
        " style=",
        "<style",
        " onclick",
        " onload",
        " onsubmit",
        "hx-on",
        "js:",
        "javascript:",
        "<script>",
        "|safe",
        "http:",
    ];
    for (path, text) in templates() {
        for word in banned {
            assert!(!text.contains(word), "{word} in {}", path.display());
        }
    }
}

#[test]
fn a_template_fits_on_two_screens() {
    for (path, text) in templates() {
        assert!(text.lines().count() <= 120, "{}", path.display());
    }
}

#[test]
fn every_form_works_without_script() {
    let mut forms = 0;
    for (path, text) in templates() {
        for form in tags(&text, "form") {
            // A search changes nothing; the form of a dialog closes it.
            let is_sent = ["post", "get"].iter().any(|method| form.contains(&format!("method=\"{method}\"")));
            let is_whole = is_sent && form.contains("action=\"") || form.contains("method=\"dialog\"");
            assert!(is_whole, "{} has <form {form}", path.display());
            forms += 1;
        }
    }
    assert!(forms >= 4, "found {forms} forms");
}

#[test]
fn answers_name_what_they_change() {
    for (path, text) in templates() {
        let own = text.matches("hx-swap=\"").count();
        let none = text.matches("hx-swap=\"none\"").count() + text.matches("hx-swap=\"{{ swap }}\"").count();
        // A part whose answer is itself names nothing else.
        let itself = text.matches("hx-target=\"this\" hx-swap=\"outerMorph\"").count();
        assert_eq!(own, none + itself, "{}", path.display());
    }
}

#[test]
fn every_icon_that_a_template_names_is_there() {
    let mut seen = 0;
    for (path, text) in templates() {
        for call in text.split("icon::small(\"").skip(1).chain(text.split("super::icon(\"").skip(1)) {
            let name = call.split('"').next().unwrap_or_default();
            assert!(icon::body(name).is_some(), "no icon {name}, which {} draws", path.display());
            seen += 1;
        }
    }
    assert!(seen > 10, "found {seen} icons");
}
