//! English endings: what a written form may have been before one was put on. Refuses to know words.

/// The bases that `text` may have had before `ending` was put on.
pub(super) fn stems(text: &str, ending: &str) -> Vec<String> {
    let Some(stem) = text.strip_suffix(ending) else {
        return Vec::new();
    };
    if stem.len() < 2 || !stem.is_ascii() {
        return Vec::new();
    }
    let mut all = vec![stem.to_owned()];
    if ending == "s" {
        if let Some(root) = stem.strip_suffix("ie") {
            all.insert(0, format!("{root}y"));
        }
        if let Some(root) = stem.strip_suffix('e')
            && ["s", "x", "z", "ch", "sh", "o"].iter().any(|end| root.ends_with(end))
        {
            all.push(root.to_owned());
        }
        if let Some(root) = stem.strip_suffix("ve") {
            all.push(format!("{root}f"));
            all.push(format!("{root}fe"));
        }
        if stem.ends_with('s') || stem.ends_with('u') {
            all.clear();
        }
        return all;
    }
    all.push(format!("{stem}e"));
    let bytes = stem.as_bytes();
    if bytes.len() > 2 && bytes[bytes.len() - 1] == bytes[bytes.len() - 2] {
        all.push(stem[..stem.len() - 1].to_owned());
    }
    if let Some(root) = stem.strip_suffix('i') {
        all.push(format!("{root}y"));
    }
    if let Some(root) = stem.strip_suffix('y') {
        all.push(format!("{root}ie"));
    }
    all
}

/// Irregular pasts that are participles too, or end like one, say nothing about tense.
pub(super) fn participle(text: &str) -> bool {
    text.ends_with("ed")
        || text.ends_with('n')
        || text.ends_with("ught")
        || text.ends_with("ne")
        || [
            "hit", "put", "cut", "set", "let", "shut", "hurt", "burst", "cast", "split", "spread", "held", "stood",
            "sat", "lit", "made", "built", "bent", "hung", "left", "lost", "kept", "felt", "shot", "met", "fed", "led",
            "laid", "paid", "read", "found", "bound", "wound", "struck", "stuck", "swept", "spilt", "burnt", "dealt",
            "slung", "strung", "spun", "wrung", "dug", "clad", "shod", "sold", "told", "said", "heard", "won", "come",
            "become", "run", "overcome",
        ]
        .contains(&text)
}
