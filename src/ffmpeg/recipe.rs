//! What can be made of clips, whether these clips do for it, and how long it becomes.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::Probe;

/// The longest film that is made, in milliseconds.
const LONGEST_MS: u64 = 600_000;
/// Bytes of frames that may lie in memory while a film is turned around.
const MOST_REVERSED: u64 = 1_200_000_000;
/// The shortest part that is worth a clip, in milliseconds.
const SHORTEST_MS: u64 = 100;

/// How a loop closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopStyle {
    /// There and back.
    PingPong,
    /// The end fades into the beginning.
    CrossFade,
}

/// How long a cross-faded seam is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Length {
    /// Half a second.
    Short,
    /// A second.
    Normal,
    /// Two seconds.
    Long,
}

/// How two clips pass into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Curve {
    /// The first fades into the second where they meet.
    Transition,
    /// Both all the time.
    Mix,
    /// The second comes into the first and goes again.
    Sample,
}

/// What is made of clips.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Recipe {
    /// A part, exact to the frame; moments in milliseconds.
    Trim {
        /// Where it begins.
        from_ms: u64,
        /// Where it ends.
        to_ms: u64,
    },
    /// Clips one after the other, in the size and rate of the first.
    Stitch,
    /// A clip and its continuation, which begins with the clip's last frame.
    Extend,
    /// A part that ends where it begins.
    Loop {
        /// How it closes.
        style: LoopStyle,
        /// How long a cross-faded seam is.
        length: Length,
        /// Where the part begins, in milliseconds.
        from_ms: u64,
        /// Where it ends.
        to_ms: u64,
    },
    /// Two clips that pass into each other.
    Blend {
        /// How.
        curve: Curve,
        /// For how long they are both seen, or how long the second comes and goes, in milliseconds.
        overlap_ms: u64,
    },
    /// An animated GIF.
    Gif {
        /// Width in pixels at most.
        wide: u16,
        /// Frames a second.
        fps: u8,
    },
    /// A WebM film.
    Webm,
    /// One frame as PNG.
    Frame {
        /// Which moment, in milliseconds.
        at_ms: u64,
        /// The last one instead.
        last: bool,
    },
}

/// Why these clips do not do; for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Mistake(pub String);

fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

/// Frames of a part, by the film's own rate: the first, and how many.
pub(super) fn part(probe: &Probe, from_ms: u64, to_ms: u64) -> (u64, u64) {
    let all = probe.frames(probe.duration_ms);
    let first = probe.frames(from_ms).min(all.saturating_sub(1));
    let end = probe.frames(to_ms).clamp(first + 1, all.max(first + 1));
    (first, end - first)
}

/// Frames of a cross-faded seam: at most a third of the part.
pub(super) fn seam(probe: &Probe, length: Length, frames: u64) -> u64 {
    let ms = match length {
        Length::Short => 500,
        Length::Normal => 1000,
        Length::Long => 2000,
    };
    probe.frames(ms).min(frames / 3).max(1)
}

impl Recipe {
    /// How many clips it takes.
    pub const fn inputs(&self) -> RangeInclusive<usize> {
        match self {
            Self::Stitch => 2..=20,
            Self::Extend | Self::Blend { .. } => 2..=2,
            Self::Trim { .. } | Self::Loop { .. } | Self::Gif { .. } | Self::Webm | Self::Frame { .. } => 1..=1,
        }
    }

    /// The end of the name of what it makes.
    pub const fn extension(&self) -> &'static str {
        match self {
            Self::Gif { .. } => "gif",
            Self::Webm => "webm",
            Self::Frame { .. } => "png",
            Self::Trim { .. } | Self::Stitch | Self::Extend | Self::Loop { .. } | Self::Blend { .. } => "mp4",
        }
    }

    /// How long it becomes, in milliseconds; one frame has no length.
    pub fn expected_ms(&self, inputs: &[Probe]) -> u64 {
        let Some(first) = inputs.first() else { return 0 };
        let frames_of = |probe: &Probe| first.frames(probe.duration_ms);
        let second = inputs.get(1).map_or(0, frames_of);
        let whole = frames_of(first);
        let frames = match self {
            Self::Trim { from_ms, to_ms } => part(first, *from_ms, *to_ms).1,
            Self::Stitch => inputs.iter().map(frames_of).sum(),
            Self::Extend => whole + second.saturating_sub(1),
            Self::Loop { style, length, from_ms, to_ms } => {
                let (_, frames) = part(first, *from_ms, *to_ms);
                match style {
                    LoopStyle::PingPong => frames + frames.saturating_sub(2),
                    LoopStyle::CrossFade => frames - seam(first, *length, frames),
                }
            }
            Self::Blend { curve, overlap_ms } => match curve {
                Curve::Transition => (whole + second).saturating_sub(first.frames(*overlap_ms)),
                Curve::Mix => whole.min(second),
                Curve::Sample => whole,
            },
            Self::Gif { .. } | Self::Webm => whole,
            Self::Frame { .. } => 0,
        };
        first.millis(frames)
    }

    /// Whether it can be made of these clips.
    pub fn check(&self, inputs: &[Probe]) -> Result<(), Mistake> {
        let wrong = |words: String| Err(Mistake(words));
        let takes = self.inputs();
        let Some(first) = inputs.first().filter(|_| takes.contains(&inputs.len())) else {
            return wrong(format!("This takes {} to {} clips.", takes.start(), takes.end()));
        };
        match self {
            Self::Trim { from_ms, to_ms } | Self::Loop { from_ms, to_ms, .. } => {
                if from_ms >= to_ms {
                    return wrong("The end lies before the beginning.".to_owned());
                }
                if *from_ms >= first.duration_ms {
                    return wrong(format!("The clip is over after {}.", seconds(first.duration_ms)));
                }
                let (_, frames) = part(first, *from_ms, *to_ms);
                if first.millis(frames) < SHORTEST_MS {
                    return wrong("This part is shorter than a tenth of a second. Choose a longer one.".to_owned());
                }
                if let Self::Loop { style, .. } = self {
                    if frames < 6 {
                        return wrong("This part is too short for a loop. Choose a longer one.".to_owned());
                    }
                    let bytes = frames * u64::from(first.wide) * u64::from(first.high) * 3 / 2;
                    if *style == LoopStyle::PingPong && bytes > MOST_REVERSED {
                        let most = MOST_REVERSED * first.millis(frames) / bytes;
                        return wrong(format!(
                            "This part is too long to be turned around. Choose {} at most, or cross-fade the seam.",
                            seconds(most)
                        ));
                    }
                }
            }
            Self::Blend { curve, overlap_ms } => {
                let shorter = inputs.iter().map(|probe| probe.duration_ms).min().unwrap_or(0);
                let most = if *curve == Curve::Sample { shorter / 3 } else { shorter / 2 };
                if *curve != Curve::Mix && (*overlap_ms < SHORTEST_MS || *overlap_ms > most) {
                    return wrong(format!("With these clips the overlap can be from 0.1 s to {}.", seconds(most)));
                }
            }
            Self::Frame { at_ms, last } => {
                if !last && *at_ms >= first.duration_ms {
                    return wrong(format!("The clip is over after {}.", seconds(first.duration_ms)));
                }
            }
            Self::Stitch | Self::Extend | Self::Gif { .. } | Self::Webm => {}
        }
        let length = self.expected_ms(inputs);
        if length > LONGEST_MS {
            return wrong(format!("This would last {}; ten minutes are the most.", seconds(length)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(duration_ms: u64) -> Probe {
        Probe { duration_ms, wide: 1280, high: 720, rate: (24, 1), has_audio: false, codec: "h264".to_owned() }
    }

    #[test]
    fn lengths_are_known_to_the_frame_before_anything_is_made() {
        let (four, two) = (film(4000), film(2000));
        let trim = Recipe::Trim { from_ms: 1010, to_ms: 2000 };
        assert_eq!(trim.expected_ms(std::slice::from_ref(&four)), 1000, "24 frames");
        assert_eq!(Recipe::Stitch.expected_ms(&[four.clone(), two.clone(), two.clone()]), 8000);
        assert_eq!(Recipe::Extend.expected_ms(&[four.clone(), two.clone()]), 5958);
        let there = |style| Recipe::Loop { style, length: Length::Normal, from_ms: 0, to_ms: 4000 };
        assert_eq!(there(LoopStyle::PingPong).expected_ms(std::slice::from_ref(&four)), 7917);
        assert_eq!(there(LoopStyle::CrossFade).expected_ms(std::slice::from_ref(&four)), 3000);
        let blend = |curve| Recipe::Blend { curve, overlap_ms: 500 };
        assert_eq!(blend(Curve::Transition).expected_ms(&[four.clone(), two.clone()]), 5500);
        assert_eq!(blend(Curve::Mix).expected_ms(&[four.clone(), two.clone()]), 2000);
        assert_eq!(blend(Curve::Sample).expected_ms(&[four, two]), 4000);
    }

    #[test]
    fn what_cannot_be_made_is_said_in_a_sentence() {
        let four = [film(4000)];
        let words = |recipe: Recipe, inputs: &[Probe]| recipe.check(inputs).err().map(|mistake| mistake.0);
        let trim = |from_ms, to_ms| Recipe::Trim { from_ms, to_ms };
        assert_eq!(words(trim(3000, 1000), &four).as_deref(), Some("The end lies before the beginning."));
        assert_eq!(words(trim(5000, 6000), &four).as_deref(), Some("The clip is over after 4.0 s."));
        assert_eq!(words(trim(3000, 9000), &four), None, "an end behind the end is the end");
        assert_eq!(words(Recipe::Stitch, &four).as_deref(), Some("This takes 2 to 20 clips."));
        let blend = Recipe::Blend { curve: Curve::Transition, overlap_ms: 3000 };
        let said = words(blend, &[film(4000), film(2000)]);
        assert_eq!(said.as_deref(), Some("With these clips the overlap can be from 0.1 s to 1.0 s."));
        let long = Recipe::Loop { style: LoopStyle::PingPong, length: Length::Short, from_ms: 0, to_ms: 600_000 };
        assert!(words(long, &[film(600_000)]).unwrap_or_default().starts_with("This part is too long to be turned"));
    }
}
