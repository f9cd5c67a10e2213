//! What other tools write about clips: a text beside each, and manifests of many. Every tool has its own words for the
//! same few things, so what is read is lenient and nothing in it is trusted.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use super::text_of;
use crate::domain::Millis;

/// What is known of one clip.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct About {
    pub(super) prompt: Option<String>,
    pub(super) title: Option<String>,
    pub(super) model: Option<String>,
    pub(super) id: Option<String>,
    pub(super) created: Option<Millis>,
}

fn plain(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// Keys of lines that are not part of a prompt above them.
const AFTER: [&str; 19] = [
    "id",
    "generation",
    "generationid",
    "genid",
    "task",
    "taskid",
    "date",
    "created",
    "createdat",
    "size",
    "ratio",
    "aspectratio",
    "width",
    "height",
    "duration",
    "seed",
    "model",
    "url",
    "filename",
];

/// One of the few things, by the words that tools have for it.
fn slot(key: &str) -> Option<&'static str> {
    Some(match plain(key).as_str() {
        "prompt" | "text" | "caption" | "description" => "prompt",
        "title" | "name" => "title",
        "model" => "model",
        "id" | "generation" | "generationid" | "genid" | "postid" | "draftid" => "id",
        "date" | "created" | "createdat" | "creationdate" | "timestamp" | "time" => "created",
        "file" | "filename" | "path" | "filepath" | "localpath" | "media" | "output" => "file",
        _ => return None,
    })
}

/// A moment as tools write it: RFC 3339, a date with or without a time in UTC, or seconds or milliseconds since 1970.
pub(super) fn moment(text: &str) -> Option<Millis> {
    let text = text.trim();
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(Millis::from_i64(at.as_millisecond()));
    }
    if let Ok(at) = text.trim_end_matches(" UTC").parse::<jiff::civil::DateTime>() {
        let zoned = at.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        return Some(Millis::from_i64(zoned.timestamp().as_millisecond()));
    }
    let whole: i64 = text.split('.').next()?.parse().ok()?;
    match whole {
        1_000_000_000..100_000_000_000 => Some(Millis::from_i64(whole * 1_000)),
        1_000_000_000_000..100_000_000_000_000 => Some(Millis::from_i64(whole)),
        _ => None,
    }
}

impl About {
    fn set(&mut self, slot: &str, value: &str) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        let place = match slot {
            "prompt" => &mut self.prompt,
            "title" => &mut self.title,
            "model" => &mut self.model,
            "id" => &mut self.id,
            "created" => {
                self.created = moment(value).or(self.created);
                return;
            }
            _ => return,
        };
        *place = Some(value.to_owned());
    }

    /// Lines of `Key: value`; the prompt goes on to the next of those or to the end. Without any, the whole text is the prompt.
    pub(super) fn of_text(text: &str) -> Self {
        let mut about = Self::default();
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let Some((key, value)) = line.split_once(':') else { continue };
            match slot(key) {
                Some("prompt") => {
                    let mut whole = value.to_owned();
                    let goes_on =
                        |line: &&str| line.split_once(':').is_none_or(|(key, _)| !AFTER.contains(&plain(key).as_str()));
                    while let Some(rest) = lines.next_if(goes_on) {
                        whole.push('\n');
                        whole.push_str(rest);
                    }
                    about.set("prompt", &whole);
                }
                Some(slot) => about.set(slot, value),
                None => {}
            }
        }
        if about == Self::default() {
            about.set("prompt", text);
        }
        about
    }

    fn or(self, other: &Self) -> Self {
        Self {
            prompt: self.prompt.or_else(|| other.prompt.clone()),
            title: self.title.or_else(|| other.title.clone()),
            model: self.model.or_else(|| other.model.clone()),
            id: self.id.or_else(|| other.id.clone()),
            created: self.created.or(other.created),
        }
    }
}

/// What manifests tell, by the name of the file.
pub(super) struct Notes(HashMap<String, About>);

impl Notes {
    /// Reads every JSON file that may be one.
    pub(super) fn of(from: &Path, files: &[String]) -> Self {
        let mut notes = Self(HashMap::new());
        for file in files {
            let read = text_of(&from.join(file)).and_then(|text| serde_json::from_str::<Value>(&text).ok());
            if let Some(value) = read {
                notes.walk(&value, &About::default(), 0);
            }
        }
        notes
    }

    /// Objects that name a file, anywhere; what lies around them holds for them too.
    fn walk(&mut self, value: &Value, above: &About, depth: u8) {
        if depth > 16 {
            return;
        }
        match value {
            Value::Array(all) => all.iter().for_each(|one| self.walk(one, above, depth + 1)),
            Value::Object(fields) => {
                let (mut about, mut file) = (About::default(), None);
                for (key, value) in fields {
                    let text = match value {
                        Value::String(text) => text.clone(),
                        Value::Number(number) => number.to_string(),
                        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => continue,
                    };
                    match slot(key) {
                        Some("file") => file = Some(text),
                        Some(slot) => about.set(slot, &text),
                        None => {}
                    }
                }
                let about = about.or(above);
                if let Some(file) = file {
                    let base = file.rsplit(['/', '\\']).next().unwrap_or(&file).to_owned();
                    self.0.insert(base, about.clone());
                }
                for value in fields.values() {
                    self.walk(value, &about, depth + 1);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// What is known of a file: the text beside it first, then the manifest.
    pub(super) fn about(&self, file: &str, text: Option<&str>) -> About {
        let base = file.rsplit('/').next().unwrap_or(file);
        let told = text.map(About::of_text).unwrap_or_default();
        match self.0.get(base) {
            Some(noted) => told.or(noted),
            None => told,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_beside_clips_are_read_as_tools_write_them() {
        let about = About::of_text(
            "Generation ID: gen_01\nTask: task_2\nDate: 2025-03-04T10:11:12Z\nSize: 1280x720\nTitle: Fox\nPrompt:\nA fox: red\nruns\n",
        );
        assert_eq!(about.prompt.as_deref(), Some("A fox: red\nruns"));
        assert_eq!((about.id.as_deref(), about.title.as_deref()), (Some("gen_01"), Some("Fox")));
        assert_eq!(about.created, Some(Millis::from_i64(1_741_083_072_000)));
        let first = About::of_text("Prompt: A fox\nCamera: slow pan\nSize: 1280x720\nModel: sora-2\n");
        assert_eq!(
            (first.prompt.as_deref(), first.model.as_deref()),
            (Some("A fox\nCamera: slow pan"), Some("sora-2"))
        );
        assert_eq!(About::of_text("A boat at noon\nby the sea").prompt.as_deref(), Some("A boat at noon\nby the sea"));
    }

    #[test]
    fn moments_are_read_in_many_forms_and_nonsense_is_none() {
        let wanted = Some(Millis::from_i64(1_741_083_072_000));
        for text in [
            "2025-03-04T10:11:12Z",
            "2025-03-04 10:11:12",
            "2025-03-04 10:11:12 UTC",
            "1741083072",
            "1741083072.5",
            "1741083072000",
        ] {
            assert_eq!(moment(text).map(|at| at.as_i64() / 1000 * 1000), wanted.map(Millis::as_i64), "{text}");
        }
        assert_eq!(moment("2025-03-04"), Some(Millis::from_i64(1_741_046_400_000)));
        for text in ["", "yesterday", "99", "-5", "9999999999999999999999", "2025-13-40"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
