//! The parts of a prompt that are form, not prose: field names ("Camera: ..."), JSON keys,
//! screenplay headings and speakers. Mutes them, and says what a filled field names.

use super::lexicon::{CRAFT, NEGATIVE};
use super::role::Role;
use super::token::{Shape, Token};
use super::{Mark, aside};

/// What the form alone tells.
#[derive(Default)]
pub(super) struct Form {
    pub(super) named: [bool; 6],
    /// Whether a screenplay speaker has a line.
    pub(super) dialogue: bool,
    /// Whether shots or beats are numbered.
    pub(super) numbered: bool,
    /// Whether it is written in fields.
    pub(super) fields: bool,
    /// Token ranges of fields that describe something else than the subject.
    other: Vec<(usize, usize)>,
    /// Token ranges of screenplay headings.
    pub(super) headings: Vec<(usize, usize)>,
}

impl Form {
    /// Whether a token stands in a field for the place, the light, the camera or the look.
    pub(super) fn describes(&self, at: usize) -> bool {
        self.other.iter().any(|(from, to)| (*from..*to).contains(&at))
    }
}

fn mark_of(name: &str) -> Option<Mark> {
    Some(match name.strip_suffix(" notes").unwrap_or(name) {
        "subject" | "subjects" | "who" | "character" | "characters" | "product" | "hero" | "protagonist"
        | "main subject" | "object" | "talent" | "cast" | "model" | "animal" | "person" => Mark::Subject,
        "action" | "actions" | "does" | "motion" | "move" | "moves" | "movement" | "activity" | "doing"
        | "subject action" | "subject motion" | "what happens" | "event" | "events" | "verb" => Mark::Action,
        "setting" | "location" | "place" | "where" | "environment" | "background" | "backdrop" | "scene location"
        | "set" | "world" => Mark::Setting,
        "lighting" | "light" | "lights" | "time of day" | "time" | "light source" | "illumination" => Mark::Lighting,
        "camera" | "framing" | "angle" | "lens" | "lenses" | "camera movement" | "camera angle" | "camera move"
        | "cinematography" | "shot type" | "shot size" | "camera work" | "cam" | "pov" | "composition"
        | "focal length" | "camera motion" => Mark::Camera,
        "style" | "look" | "aesthetic" | "genre" | "mood" | "palette" | "color grade" | "colour grade" | "tone"
        | "visual style" | "medium" | "grade" | "color palette" | "colour palette" | "era" | "film stock"
        | "colors" | "colours" | "vibe" | "art style" | "atmosphere" | "art direction" | "color" | "colour" => {
            Mark::Style
        }
        _ => return None,
    })
}

/// Names of fields whose value is heard, or is not to be seen.
fn is_unseen(name: &str) -> bool {
    matches!(
        name,
        "audio"
            | "sound"
            | "sounds"
            | "sound design"
            | "sfx"
            | "music"
            | "ambience"
            | "ambient sound"
            | "negative"
            | "negative prompt"
            | "avoid"
            | "exclude"
            | "seed"
    )
}

/// Names of fields and of numbered parts that say nothing themselves.
fn is_plain(name: &str) -> bool {
    matches!(
        name,
        "shot"
            | "scene"
            | "beat"
            | "cut"
            | "duration"
            | "title"
            | "prompt"
            | "label text"
            | "text"
            | "notes"
            | "note"
            | "aspect"
            | "aspect ratio"
            | "ratio"
            | "format"
            | "length"
            | "fps"
            | "resolution"
            | "description"
            | "dialogue"
            | "label"
            | "props"
            | "wardrobe"
            | "details"
            | "quality"
            | "shots"
            | "caption"
            | "panel"
            | "frame"
            | "step"
            | "part"
            | "act"
            | "version"
            | "brief"
            | "idea"
            | "concept"
            | "type"
            | "clip"
            | "video"
            | "visual"
            | "visuals"
            | "timestamp"
            | "weather"
            | "vfx"
            | "effects"
            | "transition"
            | "name"
            | "camera notes"
    )
}

/// Reads the form and mutes it.
pub(super) fn read(tokens: &mut [Token]) -> Form {
    let mut form = Form::default();
    headings(tokens, &mut form);
    speakers(tokens, &mut form);
    aside::quotations(tokens);
    let mut at = 1;
    while at < tokens.len() {
        if let Some((colon, name)) = name_at(tokens, at) {
            let numbered = tokens[at..colon].iter().any(|token| token.text.starts_with(|c: char| c.is_ascii_digit()));
            if is_shot_size(&name) {
                form.named[Mark::Camera as usize] = true;
                mute(tokens, at, colon);
            } else if let Some(mark) = mark_of(&name).map(|mark| camera_instead(tokens, colon, mark)) {
                let value = filled(tokens, colon + 1, mark);
                form.named[mark as usize] |= value;
                if !matches!(mark, Mark::Subject | Mark::Action) || !value {
                    form.other.push((colon, value_end(tokens, colon + 1)));
                }
                if !value {
                    mute(tokens, colon + 1, value_end(tokens, colon + 1));
                }
                mute(tokens, at, colon);
                form.fields = true;
            } else if is_unseen(&name) {
                mute(tokens, at, value_end(tokens, colon + 1));
            } else if is_plain(&name) {
                form.dialogue |= name == "dialogue" && speaks(tokens, colon);
                mute(tokens, at, colon);
                form.numbered |= numbered || matches!(name.as_str(), "beat" | "shot" | "cut" | "panel" | "step");
                form.fields |= !numbered;
            }
            at = colon + 1;
        } else {
            form.numbered |= tokens[at].opens_line && tokens[at].text == "2" && tokens[at + 1].text == ".";
            at += 1;
        }
    }
    form
}

/// "movement: slow orbit" is the camera's.
fn camera_instead(tokens: &[Token], colon: usize, mark: Mark) -> Mark {
    let moves = tokens[colon + 1..]
        .iter()
        .filter(|token| token.is_word())
        .take(3)
        .any(|token| Role::CameraMotion.has(token.text.as_str()));
    if mark == Mark::Action && moves { Mark::Camera } else { mark }
}

fn is_shot_size(name: &str) -> bool {
    matches!(
        name,
        "wide"
            | "medium"
            | "close"
            | "close up"
            | "closeup"
            | "aerial"
            | "insert"
            | "overhead"
            | "establishing"
            | "wide shot"
            | "medium shot"
            | "cu"
            | "ecu"
            | "ws"
            | "ms"
            | "tight"
            | "long shot"
            | "extreme wide"
    )
}

/// Where the value of a field ends.
fn value_end(tokens: &[Token], from: usize) -> usize {
    (from..tokens.len())
        .find(|at| {
            tokens[*at].shape == Shape::Stop
                || tokens[*at].text == "}"
                || (*at > from && name_at(tokens, *at).is_some())
        })
        .unwrap_or(tokens.len())
}

fn mute(tokens: &mut [Token], from: usize, to: usize) {
    tokens[from..to].iter_mut().for_each(|token| token.mute = true);
}

/// A field name of up to three words that ends in a colon: where the colon is, and the name
/// without its number.
fn name_at(tokens: &[Token], at: usize) -> Option<(usize, String)> {
    let opens = tokens[at].opens_line || tokens[at - 1].parts() || tokens[at - 1].shape == Shape::Quote;
    if !opens || !tokens[at].is_word() {
        return None;
    }
    let mut end = at;
    while end < tokens.len() && end < at + 4 && tokens[end].is_word() {
        end += 1;
    }
    let words: Vec<&str> =
        tokens[at..end].iter().filter(|token| token.shape == Shape::Word).map(|token| token.text.as_str()).collect();
    if tokens.get(end).is_some_and(|token| token.shape == Shape::Quote) {
        end += 1;
    }
    tokens.get(end).filter(|token| token.shape == Shape::Colon)?;
    Some((end, words.join(" ")))
}

/// Whether a field has a value that says something.
fn filled(tokens: &[Token], from: usize, mark: Mark) -> bool {
    let mut words = 0;
    for (offset, token) in tokens[from..].iter().enumerate() {
        let at = from + offset;
        if token.text == "\n" && words == 0 && offset < 3 {
            continue;
        }
        if matches!(token.shape, Shape::Stop) || (offset > 0 && name_at(tokens, at).is_some()) {
            break;
        }
        if token.text == "}" {
            break;
        }
        if !token.is_word() {
            continue;
        }
        let text = token.text.as_str();
        // "Empty" alone is nothing, an empty chapel is a place.
        let lone = text != "empty" || !tokens[at + 1].is_word();
        if words == 0 && lone && (token.kinds() & NEGATIVE != 0 || Role::Blank.has(text)) {
            return false;
        }
        if words == 0 && mark == Mark::Action && Role::Still.has(text) {
            return false;
        }
        if words == 0 && mark == Mark::Setting && token.kinds() & CRAFT != 0 && text != "studio" {
            return false;
        }
        words += 1;
    }
    words > 0
}

/// Whether a field for spoken lines holds any.
fn speaks(tokens: &[Token], colon: usize) -> bool {
    let first = tokens[colon + 1..].iter().take(8).find(|token| token.is_word());
    first.is_some_and(|token| token.kinds() & NEGATIVE == 0 && !Role::Blank.has(&token.text))
}

fn headings(tokens: &mut [Token], form: &mut Form) {
    for at in 1..tokens.len() {
        let token = &tokens[at];
        let heading = token.opens_line
            && matches!(token.text.as_str(), "int" | "ext" | "i")
            && (token.caps || tokens[at + 1].text == "." || tokens[at + 1].joined);
        if !heading {
            continue;
        }
        let end = (at + 1..tokens.len()).find(|i| tokens[*i].text == "\n").unwrap_or(tokens.len() - 1);
        form.named[Mark::Setting as usize] |= end > at + 1;
        let time = tokens[at..end]
            .iter()
            .rev()
            .find(|token| token.is_word())
            .is_some_and(|token| Role::HeadingTime.has(token.text.as_str()));
        form.named[Mark::Lighting as usize] |= time;
        form.headings.push((at, end));
        tokens[at..end].iter_mut().for_each(|token| token.mute = true);
    }
}

/// A line of capitals above a line of prose is a speaker with something to say.
fn speakers(tokens: &mut [Token], form: &mut Form) {
    let mut at = 1;
    while at + 1 < tokens.len() {
        let end = (at..tokens.len()).find(|i| tokens[*i].text == "\n").unwrap_or(tokens.len() - 1);
        let line = &tokens[at..end];
        let words = line.iter().filter(|token| token.is_word()).count();
        let bare = (1..=3).contains(&words)
            && !line[0].mute
            && line.iter().all(|token| {
                (token.is_word() && (token.caps || token.shape == Shape::Number))
                    || matches!(token.text.as_str(), "(" | ")" | ".")
            })
            && line.iter().all(|token| token.kinds() & CRAFT == 0 && !is_direction(&token.text));
        let next = tokens.get(end + 1).filter(|token| token.is_word() || matches!(token.text.as_str(), "(" | "\""));
        if bare
            && at > 1
            && next.is_some_and(|token| !token.caps)
            && (!form.headings.is_empty() || tokens[at - 1].text == "\n")
        {
            form.dialogue = true;
            form.named[Mark::Subject as usize] = true;
            form.named[Mark::Action as usize] = true;
            let stop = (end + 1..tokens.len()).find(|i| tokens[*i].text == "\n").unwrap_or(tokens.len() - 1);
            mute(tokens, at, stop);
            at = stop + 1;
        } else {
            at = end + 1;
        }
    }
}

fn is_direction(text: &str) -> bool {
    Role::Direction.has(text)
}
