//! What an upstream says when it says no: finds its words in any envelope, and tells
//! which family of no they belong to. Refuses web pages; cleaning is the mask's work.

use serde_json::{Map, Value};

use super::family;
use super::mask::Mask;
use crate::domain::Reason;
use crate::upstream::Refusal;

/// Where error objects, lists and sentences are kept, the most telling first.
const SPEAKERS: [&str; 13] = [
    "error",
    "errors",
    "detail",
    "failure",
    "failure_reason",
    "fail_reason",
    "error_message",
    "error_msg",
    "message",
    "msg",
    "reason",
    "status_msg",
    "base_resp",
];
/// Where codes are kept.
const CODES: [&str; 6] = ["code", "failureCode", "failure_code", "error_code", "status_code", "errorCode"];
/// Codes that say nothing is wrong.
const NO_CODE: [&str; 5] = ["", "0", "200", "success", "ok"];
/// How deep an error may be wrapped.
const DEEPEST: u8 = 6;

/// An upstream's error in its own words, not cleaned yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    code: Option<String>,
    kind: Option<String>,
    message: Option<String>,
}

impl Said {
    /// Finds the words in a body of any known shape; none when there are none.
    pub fn read(body: &Value) -> Option<Self> {
        let mut said = Self::default();
        said.listen(body, 0);
        (said.message.is_some() || said.code.is_some()).then_some(said)
    }

    fn listen(&mut self, value: &Value, depth: u8) {
        match value {
            Value::String(text) if depth > 0 => self.hear(text),
            Value::Array(items) if depth > 0 && depth < DEEPEST => {
                let lines: Vec<String> = items.iter().take(3).filter_map(|item| complaint(item, depth + 1)).collect();
                self.hear(&lines.join("; "));
                if let Some(Value::Object(first)) = items.first() {
                    self.label(first);
                }
            }
            Value::Object(map) if depth < DEEPEST => {
                // Within an error object its own code counts more than that of the envelope around it.
                for speaker in SPEAKERS {
                    if let Some(inner) = map.get(speaker) {
                        self.listen(inner, depth + 1);
                    }
                }
                self.label(map);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            }
        }
    }

    fn hear(&mut self, text: &str) {
        if self.message.is_none() && !text.trim().is_empty() && !NO_CODE.contains(&text.trim()) {
            self.message = Some(text.trim().to_owned());
        }
    }

    fn label(&mut self, map: &Map<String, Value>) {
        let told = CODES.iter().find_map(|name| map.get(*name).and_then(plain));
        if self.code.is_none() {
            self.code = told;
        }
        if self.kind.is_none() {
            self.kind = map.get("type").and_then(plain);
        }
    }

    /// The family that its code, then its type, then its wording names.
    pub fn family(&self) -> Option<Reason> {
        self.named().or_else(|| family::worded(self.message.as_deref()?))
    }

    /// The family of an answer that asks for patience (429): most are about speed, so only
    /// a code, or a sentence about money, makes it final.
    pub fn family_of_429(&self) -> Option<Reason> {
        self.named().filter(|reason| *reason != Reason::Access).or_else(|| {
            let text = self.message.as_deref()?;
            family::worded(text).filter(|reason| *reason == Reason::Funds && !family::about_speed(text))
        })
    }

    fn named(&self) -> Option<Reason> {
        [&self.code, &self.kind].into_iter().flatten().find_map(|name| family::named(name))
    }

    /// Its sentence, cleaned; its code when it has no sentence.
    pub fn words(&self, mask: &Mask) -> String {
        mask.words(self.message.as_deref().or(self.code.as_deref()).unwrap_or_default())
    }

    /// As a final no of this family.
    pub fn refusal(&self, reason: Reason, mask: &Mask) -> Refusal {
        Refusal { reason, code: self.code.as_deref().map(|code| mask.code(code)), words: self.words(mask) }
    }
}

/// A code or type as text: strings and whole numbers, unless it means "fine".
fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (!NO_CODE.contains(&text.to_lowercase().as_str())).then_some(text)
}

/// One entry of a list of errors; `FastAPI` says which field it is about.
fn complaint(item: &Value, depth: u8) -> Option<String> {
    let mut said = Said::default();
    said.listen(item, depth);
    let message = said.message?;
    let place = item.get("loc").and_then(Value::as_array).and_then(|loc| loc.last()).and_then(plain);
    Some(place.map_or_else(|| message.clone(), |place| format!("{place}: {message}")))
}

#[cfg(test)]
mod tests;
