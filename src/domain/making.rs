//! How a clip came to be: made anew, made of other clips, and with which wishes beyond size and length.

use serde::{Deserialize, Serialize};

/// What a task does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A new clip of a prompt.
    #[default]
    Create,
    /// The same prompt and settings once more.
    Reroll,
    /// A clip changed as described.
    Remix,
    /// A clip that goes on.
    Extend,
    /// A part of a clip.
    Trim,
    /// A clip that ends where it begins.
    Loop,
    /// Clips one after the other.
    Stitch,
    /// Two clips that pass into each other.
    Blend,
    /// A clip in another form: GIF, WebM, one frame.
    Convert,
}

impl Operation {
    /// All of them with their stored words and what people read.
    const ALL: [(Self, &'static str, &'static str); 9] = [
        (Self::Create, "create", "New"),
        (Self::Reroll, "reroll", "Re-roll"),
        (Self::Remix, "remix", "Remix"),
        (Self::Extend, "extend", "Extension"),
        (Self::Trim, "trim", "Trim"),
        (Self::Loop, "loop", "Loop"),
        (Self::Stitch, "stitch", "Stitch"),
        (Self::Blend, "blend", "Blend"),
        (Self::Convert, "convert", "Other form"),
    ];

    fn entry(self) -> (Self, &'static str, &'static str) {
        Self::ALL.into_iter().find(|(operation, ..)| *operation == self).unwrap_or(Self::ALL[0])
    }

    /// As stored.
    pub fn as_str(self) -> &'static str {
        self.entry().1
    }

    /// As people read it.
    pub fn label(self) -> &'static str {
        self.entry().2
    }
}

/// A word that is no operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such operation")]
pub struct NotAnOperation;

impl std::str::FromStr for Operation {
    type Err = NotAnOperation;

    fn from_str(word: &str) -> Result<Self, NotAnOperation> {
        Self::ALL.into_iter().find(|(_, stored, _)| *stored == word).map(|(found, ..)| found).ok_or(NotAnOperation)
    }
}

/// A style that was chosen: a name, and words added to the prompt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Style {
    /// What forms post for it.
    pub key: String,
    /// As people see it.
    pub name: String,
    /// What it adds to the prompt.
    pub text: String,
}

/// Which part of a picture is seen when it is cut to the frame's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crop {
    /// Where the seen part lies between left (0) and right (100).
    pub x: u8,
    /// Where it lies between top (0) and bottom (100).
    pub y: u8,
    /// How much larger than needed the picture is shown, in percent: 100 to 300.
    pub zoom: u16,
}

impl Crop {
    /// The whole middle.
    pub const MIDDLE: Self = Self { x: 50, y: 50, zoom: 100 };

    /// Whatever was typed, brought into bounds.
    pub fn new(x: u8, y: u8, zoom: u16) -> Self {
        Self { x: x.min(100), y: y.min(100), zoom: zoom.clamp(100, 300) }
    }
}

impl Default for Crop {
    fn default() -> Self {
        Self::MIDDLE
    }
}

/// Wishes beyond prompt, size and length, kept with the task as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// A style.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<Style>,
    /// What shall not be seen, for models that take it apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative: Option<String>,
    /// With or without sound, for models that let one choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<bool>,
    /// The seed of the first take, as a person wished it; each further take has the next number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The part of the reference image that is seen.
    #[serde(skip_serializing_if = "is_middle")]
    pub crop: Crop,
    /// The last frame: a picture's path, relative to the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_frame: Option<String>,
    /// More reference images: paths, relative to the data folder.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Characters and things of the team's that the prompt names by `@key`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cast: Vec<Style>,
    /// How far a remix may go, in the words that are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strength: Option<String>,
    /// The prompt of the clip that is remixed or extended, where the upstream has to be told it anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The upstream remixes or extends its own job.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub native: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn is_middle(crop: &Crop) -> bool {
    *crop == Crop::MIDDLE
}

/// Ends a text with a full stop, unless it has an end already.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', '…', '。', ':']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// A text with `@handle` replaced, where it stands as a whole word.
fn named(text: &str, handle: &str, by: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('@') {
        let (before, after) = rest.split_at(at + 1);
        let found = after.get(..handle.len()).is_some_and(|word| word.to_lowercase() == handle);
        let ends = found && !after[handle.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '-');
        if ends {
            out.push_str(&before[..at]);
            out.push_str(by);
            rest = &after[handle.len()..];
        } else {
            out.push_str(before);
            rest = after;
        }
    }
    out + rest
}

impl Options {
    /// The prompt as it goes out: what was typed, with what a remix, its strength and a style add to it.
    pub fn sent(&self, operation: Operation, prompt: &str) -> String {
        let mut parts = Vec::new();
        match (&self.base, operation) {
            (Some(base), Operation::Remix) => {
                parts.push(base.trim().to_owned());
                parts.push(format!("The same shot, with this change: {}", sentence(prompt)));
            }
            (Some(base), Operation::Extend) => {
                parts.push(format!("The shot goes on from its last frame. What it showed so far: {}", sentence(base)));
                parts.push(format!("Now: {}", sentence(prompt)));
            }
            _ => parts.push(prompt.to_owned()),
        }
        for part in &mut parts {
            for member in &self.cast {
                *part = named(part, &member.key, &format!("{} ({})", member.name, member.text.trim()));
            }
        }
        parts.extend(self.strength.as_deref().map(sentence).filter(|words| !words.is_empty()));
        if let Some(style) = self.style.as_ref().filter(|style| !style.text.trim().is_empty()) {
            let last = parts.last_mut().filter(|part| !part.contains('\n'));
            if let Some(last) = last {
                *last = sentence(last);
            }
            parts.push(format!("Style: {}", sentence(&style.text)));
        }
        let separator = if parts.iter().any(|part| part.contains('\n')) || self.base.is_some() { "\n\n" } else { " " };
        parts.retain(|part| !part.is_empty());
        parts.join(separator)
    }

    /// Whether a prompt names somebody by `@handle`.
    pub fn names(prompt: &str, handle: &str) -> bool {
        named(prompt, handle, "") != prompt
    }

    /// Files of pictures that go with the task, apart from the reference image.
    pub fn pictures(&self) -> impl Iterator<Item = &String> {
        self.last_frame.iter().chain(&self.references)
    }
}

/// The largest seed: every model server that takes one takes 31 bits.
pub const LARGEST_SEED: u32 = u32::MAX >> 1;

/// How far a remix may go: a word of the form, what people read, and what the upstream is told.
pub const STRENGTHS: [(&str, &str, &str); 4] = [
    ("subtle", "Subtle", "Change nothing else: keep composition, subject, motion, light and colours as they are"),
    ("mild", "Mild", "Keep the composition and the subject; details may follow the change"),
    ("strong", "Strong", "Keep only the idea of the shot; composition, motion and light may become new"),
    ("custom", "Custom", ""),
];

/// Styles that come with Rushes: what forms post, the name, and what is added to the prompt.
pub const STYLES: [(&str, &str, &str); 9] = [
    (
        "film-noir",
        "Film noir",
        "Black and white, hard side light through blinds, deep shadows, wet streets, low angles, slow tense camera, fine film grain.",
    ),
    (
        "16mm-archive",
        "16 mm archive",
        "Shot on worn 16 mm film, faded warm colours, heavy grain, dust and scratches, soft focus, slight gate weave, light leaks at the edges.",
    ),
    (
        "paper-cutout",
        "Paper cutout",
        "Layered cut-paper animation, visible paper fibre, flat bold colours, small drop shadows between the layers, hinged figures moving in simple steps.",
    ),
    (
        "stop-motion",
        "Stop motion",
        "Stop-motion puppets on a miniature set, felt, wood and wire, tiny uneven movements at twelve frames a second, shallow focus, warm practical lamps.",
    ),
    (
        "claymation",
        "Claymation",
        "Hand-shaped modelling clay with fingerprints and soft lumps, rounded forms, saturated colours, gentle studio light, stepped frame-by-frame movement.",
    ),
    (
        "watercolor",
        "Watercolor",
        "Loose watercolor on rough paper, pigment blooms and wet edges, pale washes with white paper showing through, shapes that bleed softly as they move.",
    ),
    (
        "neon-night",
        "Neon night",
        "Night city in magenta and cyan neon, wet asphalt reflections, haze and glowing signs, dark contrast, slow gliding camera, anamorphic flares.",
    ),
    (
        "golden-hour",
        "Golden hour",
        "Low warm sun just before dusk, long shadows, glowing backlight and rim light, amber haze, gentle lens flare, calm handheld camera.",
    ),
    (
        "documentary",
        "Documentary",
        "Observational documentary, natural light, true muted colours, handheld camera at eye level, real places and unposed moments, long unhurried takes.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_out_is_what_was_typed_and_what_was_chosen_to_add() {
        let plain = Options::default();
        assert_eq!(plain.sent(Operation::Create, "A fox in snow"), "A fox in snow");
        let style = Style { key: "noir".into(), name: "Noir".into(), text: "hard shadows".into() };
        let styled = Options { style: Some(style), ..Options::default() };
        assert_eq!(styled.sent(Operation::Create, "A fox in snow"), "A fox in snow. Style: hard shadows.");
        let remix = Options { base: Some("A fox.".into()), strength: Some("Keep all else".into()), ..styled };
        assert_eq!(
            remix.sent(Operation::Remix, "at night"),
            "A fox.\n\nThe same shot, with this change: at night.\n\nKeep all else.\n\nStyle: hard shadows."
        );
    }

    #[test]
    fn options_are_kept_as_json_that_older_rows_lack() {
        assert_eq!(serde_json::to_string(&Options::default()).unwrap_or_default(), "{}");
        assert_eq!(serde_json::from_str::<Options>("{}").ok(), Some(Options::default()));
        let crop = Options { crop: Crop::new(10, 200, 50), ..Options::default() };
        let text = serde_json::to_string(&crop).unwrap_or_default();
        assert_eq!(text, r#"{"crop":{"x":10,"y":100,"zoom":100}}"#);
        assert_eq!(serde_json::from_str::<Options>(&text).ok(), Some(crop));
        for (_, word, label) in Operation::ALL {
            assert_eq!(word.parse::<Operation>().map(Operation::label), Ok(label));
        }
    }
}
