//! Reads a prompt as a director would: where, when, who, how the camera moves, and for how long.
//! Any text is safe; what it does not understand it decides by the seed.

mod camera;
mod cut;
mod read;
mod timed;
mod timing;
mod vocabulary;
mod words;

#[cfg(test)]
mod tests;

use self::read::Reading;
use crate::animatic::plan::{FRAME_RATE, Plan, Shot};

/// The longest part of a prompt that is read, in characters; the rest adds nothing a picture could show.
const LONGEST_READ: usize = 6_000;

/// The longest text kept for a slate, in characters.
const LONGEST_SLATE: usize = 280;

/// Plans the shots of a prompt. Frames sum to `seconds` (at least 1) times [`FRAME_RATE`]; the same three
/// arguments always give the same plan.
pub fn direct(prompt: &str, seconds: u32, seed: u64) -> Plan {
    let text: String = prompt.chars().take(LONGEST_READ).map(plain).collect();
    let frames = seconds.clamp(1, 3_600) * FRAME_RATE;
    let (style, takes) = if let Some(sheet) = timed::read(&text) {
        let takes = sheet.takes(frames);
        (sheet.style, takes)
    } else {
        let script = cut::split(&text);
        (script.style, timing::share(script.takes, frames))
    };
    let mut known = Reading::of(&style);
    let mut shots = Vec::with_capacity(takes.len());
    for (i, take) in takes.into_iter().enumerate() {
        let own = seed.wrapping_add((i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let here = Reading::of(&take.text);
        known = here.after(&known);
        let mut shot = known.shoot(&here, seed, own);
        (shot.number, shot.frames, shot.words) = (i + 1, take.frames, slate(&take.text));
        shots.push(shot);
    }
    Plan { shots }
}

/// Control characters and marks that turn the direction of text become spaces; line ends stay.
fn plain(c: char) -> char {
    match c {
        '\n' | '\u{2028}' | '\u{2029}' => '\n',
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => ' ',
        c if c.is_control() => ' ',
        c => c,
    }
}

fn slate(text: &str) -> String {
    let mut words = String::new();
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    let kept = words.trim_start_matches([':', '-', '–', '—', '.', ')', ',']).trim();
    kept.chars().take(LONGEST_SLATE).collect()
}

/// A number below `n` for one question, from a seed.
fn toss(seed: u64, question: u64, n: u64) -> u64 {
    let mut z = seed ^ question.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    z = (z ^ (z >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    z = (z ^ (z >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (z ^ (z >> 32)) % n.max(1)
}

impl Reading {
    /// Decides everything still open and makes a shot of it. `place` is the piece's seed, `own` the shot's.
    fn shoot(&self, here: &Self, place: u64, own: u64) -> Shot {
        let subject = self.subject_or_none();
        let setting = self.setting_for(subject, place);
        let weather = self.weather_or_clear();
        let light = self.light_for(setting, weather, place);
        Shot {
            number: 1,
            words: String::new(),
            frames: FRAME_RATE,
            camera: here.camera_for(own),
            setting,
            light,
            weather,
            mood: self.mood_or_neutral(),
            subject,
            size: here.size_for(subject, own),
            seed: own,
        }
    }
}
