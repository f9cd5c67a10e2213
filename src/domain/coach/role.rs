//! Small closed word groups that the rules ask for by name. Refuses open vocabulary, which the
//! lexicon holds.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lexicon::lines;

macro_rules! roles {
    ($($role:ident $name:literal,)*) => {
        /// The part that a word plays in a rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Role { $($role,)* }

        impl Role {
            fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$role),)*
                    _ => None,
                }
            }
        }
    };
}
roles! {
    CameraMove "cameramove",
    Extent "extent",
    Deed "deed",
    CameraOrder "cameraorder",
    Water "water",
    FreeChange "freechange",
    CameraMotion "cameramotion",
    Blank "blank",
    Still "still",
    HeadingTime "headingtime",
    Direction "direction",
    Writing "writing",
    Bearer "bearer",
    Telling "telling",
    AfterText "aftertext",
    Plainly "plainly",
    WeakTelling "weaktelling",
    CameraQualifier "cameraqualifier",
    Face "face",
    Hand "hand",
    FacedThing "facedthing",
    PortraitForm "portraitform",
    PortraitKind "portraitkind",
    Feature "feature",
    Call "call",
    LoudCall "loudcall",
    Talk "talk",
    Fine "fine",
    Instrument "instrument",
    Handiwork "handiwork",
    HandObject "handobject",
    Gesture "gesture",
    Someone "someone",
    Side "side",
    Weather "weather",
    Growth "growth",
    MereWeather "mereweather",
    Device "device",
    Way "way",
    Ship "ship",
    Particle "particle",
    Being "being",
    Generic "generic",
    Framed "framed",
    Measure "measure",
    Opening "opening",
    Inscribed "inscribed",
    Edit "edit",
    Erase "erase",
    Pitch "pitch",
    Material "material",
    Fixture "fixture",
    State "state",
}

static ROLES: LazyLock<HashMap<&'static str, u64>> = LazyLock::new(|| {
    let mut all: HashMap<&'static str, u64> = HashMap::new();
    for line in lines(include_str!("words/roles.txt")) {
        let mut words = line.split_whitespace();
        if let Some(role) = words.next().and_then(Role::named) {
            for word in words {
                *all.entry(word).or_default() |= 1 << role as u32;
            }
        }
    }
    all
});

impl Role {
    /// Whether a lower-case word plays this part.
    pub(super) fn has(self, word: &str) -> bool {
        ROLES.get(word).is_some_and(|bits| bits & (1 << self as u32) != 0)
    }
}
