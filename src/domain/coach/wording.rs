//! The coach's own words: names, labels, phrases to insert, advice.

use super::{Mark, Warning};

impl Mark {
    /// All marks, in the order they are shown.
    pub const ALL: [Self; 6] = [Self::Subject, Self::Action, Self::Setting, Self::Lighting, Self::Camera, Self::Style];

    /// The name in data and addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Action => "action",
            Self::Setting => "setting",
            Self::Lighting => "lighting",
            Self::Camera => "camera",
            Self::Style => "style",
        }
    }

    /// The name on the page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Subject => "Subject",
            Self::Action => "Action",
            Self::Setting => "Setting",
            Self::Lighting => "Lighting",
            Self::Camera => "Camera",
            Self::Style => "Style",
        }
    }

    /// Short phrases that a person can add to a prompt.
    pub const fn phrases(self) -> &'static [&'static str] {
        match self {
            Self::Subject => &[
                "an old fisherman in a yellow raincoat",
                "a red fox with a torn ear",
                "a girl with a paper kite",
                "a dented silver robot",
                "a steaming bowl of noodles",
                "a black horse with a white blaze",
                "two brothers in matching sweaters",
            ],
            Self::Action => &[
                "turns around and smiles",
                "runs towards the water",
                "pours tea into a cup",
                "leaps over a puddle",
                "opens the door and steps outside",
                "shakes the snow off its fur",
                "slowly sinks below the surface",
            ],
            Self::Setting => &[
                "in a misty pine forest",
                "on a rain-soaked city street",
                "inside a cluttered workshop",
                "on an empty beach",
                "in a small farmhouse kitchen",
                "at a crowded night market",
                "on a rooftop above the city",
            ],
            Self::Lighting => &[
                "warm light of the late afternoon",
                "soft overcast light",
                "candlelight in a dark room",
                "cold blue moonlight",
                "neon reflections on wet ground",
                "hard side light with deep shadows",
                "hazy backlight at sunrise",
            ],
            Self::Camera => &[
                "wide shot, the camera stays still",
                "close-up with a shallow depth of field",
                "slow push in at eye level",
                "low angle on a wide lens",
                "handheld, following from behind",
                "high view from a drone",
                "the camera circles slowly",
                "over the shoulder, 50mm lens",
            ],
            Self::Style => &[
                "grainy 16mm film",
                "hand-drawn animation",
                "1970s home movie",
                "clay stop motion",
                "black and white film noir",
                "nature documentary look",
                "soft pastel palette",
                "watercolour illustration",
            ],
        }
    }
}

impl Warning {
    /// All warnings, in the order they are given.
    pub const ALL: [Self; 6] = [
        Self::TooShort,
        Self::TooManyActions,
        Self::FacesHands,
        Self::TextInImage,
        Self::LongDuration,
        Self::UnusualRatio,
    ];

    /// The name in data and addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooManyActions => "too_many_actions",
            Self::FacesHands => "faces_hands",
            Self::TextInImage => "text_in_image",
            Self::LongDuration => "long_duration",
            Self::UnusualRatio => "unusual_ratio",
        }
    }

    /// One sentence: what suffers, and what to do.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::TooShort => {
                "With so few words the model makes up most of the picture, so add what you want to see and where."
            }
            Self::TooManyActions => {
                "Many actions in a row get merged or skipped, so keep two or three and put the rest into another clip."
            }
            Self::FacesHands => {
                "Close faces, busy hands and moving lips often come out wrong, so show them from further away or hide them in part."
            }
            Self::TextInImage => "Letters in the picture are often misspelt, so add the words afterwards in an editor.",
            Self::LongDuration => {
                "Long clips drift away from the prompt towards the end, so make two shorter ones if it matters."
            }
            Self::UnusualRatio => {
                "Models know wide and tall pictures best and may crop others badly, so use 16:9 or 9:16 if you can."
            }
        }
    }
}
