//! What will be drawn: the shots of one piece and every choice the director made for them.
//! Owns the vocabulary shared by the director, the painter and the engine; decides nothing itself.

/// What will be drawn: shots in order. Their frames sum to the piece's seconds times [`FRAME_RATE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The shots, first to last; never empty.
    pub shots: Vec<Shot>,
}

/// Frames per second of every piece.
pub const FRAME_RATE: u32 = 24;

/// One shot: a camera looking at a setting in a given light for a number of frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shot {
    /// Place in the piece, from 1.
    pub number: usize,
    /// The shot's own words, trimmed and free of control characters, for the slate.
    pub words: String,
    /// Length in frames.
    pub frames: u32,
    /// How the camera moves.
    pub camera: Camera,
    /// Where the shot is.
    pub setting: Setting,
    /// Time of day.
    pub light: Light,
    /// What the air does.
    pub weather: Weather,
    /// How the colours are graded.
    pub mood: Mood,
    /// Who or what stands in the picture.
    pub subject: Subject,
    /// How large the subject stands.
    pub size: ShotSize,
    /// Source of every chance decision of the drawing.
    pub seed: u64,
}

/// Declares a plain enum together with the list of all its values.
macro_rules! choices {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $value:ident),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $value),+ }
        impl $name {
            /// Every value, in order of declaration.
            pub const ALL: &[Self] = &[$(Self::$value),+];
        }
    };
}

choices! {
    /// How the camera moves during a shot.
    Camera {
        /// Locked off.
        Static,
        /// Turns to the left.
        PanLeft,
        /// Turns to the right.
        PanRight,
        /// Looks up.
        TiltUp,
        /// Looks down.
        TiltDown,
        /// Travels forward (dolly in, push in).
        PushIn,
        /// Travels backward (dolly out, pull back).
        PullOut,
        /// Narrows the lens.
        ZoomIn,
        /// Widens the lens.
        ZoomOut,
        /// Rises.
        CraneUp,
        /// Sinks.
        CraneDown,
        /// Circles to the left.
        OrbitLeft,
        /// Circles to the right.
        OrbitRight,
        /// Travels sideways to the left.
        TrackLeft,
        /// Travels sideways to the right.
        TrackRight,
        /// Carried by hand: small irregular moves.
        Handheld,
    }
}

choices! {
    /// Where a shot is.
    Setting {
        /// Open water to the horizon, or a shore.
        Sea,
        /// Hills and mountains.
        Hills,
        /// Among trees.
        Forest,
        /// A skyline over water, or a street.
        City,
        /// Dunes.
        Desert,
        /// Above or among the clouds.
        Sky,
        /// Snow-covered country, aurora at night.
        Snow,
        /// A road to the horizon.
        Road,
        /// A room with a window.
        Interior,
        /// Below the surface of the sea.
        Underwater,
        /// Off the Earth.
        Space,
        /// Grain, grass or flowers up to the camera.
        Field,
        /// A street between buildings with lit signs.
        Street,
        /// Ink and colour; nothing in particular.
        Abstract,
    }
}

choices! {
    /// Time of day.
    Light {
        /// Before sunrise: pale, pink and cool.
        Dawn,
        /// High sun.
        Day,
        /// Low warm sun.
        GoldenHour,
        /// After sunset: purple and orange.
        Dusk,
        /// Last deep blue before night.
        BlueHour,
        /// Moon, stars, lit windows.
        Night,
        /// Soft grey daylight.
        Overcast,
    }
}

choices! {
    /// What the air does.
    Weather {
        /// Nothing in the air.
        Clear,
        /// A broken sheet of cloud.
        Cloudy,
        /// Rain and wet ground.
        Rain,
        /// Falling flakes.
        Snow,
        /// Haze between the layers.
        Fog,
        /// Dark cloud, driven rain.
        Storm,
    }
}

choices! {
    /// How the colours are graded.
    Mood {
        /// As the light gives them.
        Neutral,
        /// Towards amber.
        Warm,
        /// Towards steel blue.
        Cold,
        /// Low key.
        Dark,
        /// Lifted blacks, soft pastel.
        Dreamy,
        /// Almost black and white, hard contrast.
        Noir,
        /// Saturated.
        Vivid,
    }
}

choices! {
    /// Who or what stands in the picture.
    Subject {
        /// Nobody.
        None,
        /// Someone standing.
        Person,
        /// Two people standing together.
        Couple,
        /// Someone walking.
        Walker,
        /// Someone sitting on a horse.
        Rider,
        /// A car seen from the side.
        Car,
        /// A steam train, or a tram.
        Train,
        /// A sailing boat.
        Boat,
        /// A large ship.
        Ship,
        /// One large bird on the wing.
        Bird,
        /// A flock.
        Birds,
        /// A dog, standing or trotting.
        Dog,
        /// A cat, sitting.
        Cat,
        /// A horse.
        Horse,
        /// A deer with antlers.
        Deer,
        /// A shoal of fish.
        Fish,
        /// A whale.
        Whale,
        /// A lone tree.
        Tree,
        /// A small house.
        House,
        /// A lighthouse with its beam.
        Lighthouse,
        /// Hot-air balloons.
        Balloon,
        /// A rocket.
        Rocket,
        /// A robot.
        Robot,
        /// Someone on a bicycle.
        Bicycle,
        /// An aeroplane.
        Plane,
        /// An astronaut.
        Astronaut,
        /// A vase, cup or other thing on a table.
        StillLife,
        /// A small fire with people's light.
        Campfire,
    }
}

choices! {
    /// How large the subject stands.
    ShotSize {
        /// Small in a large place.
        Wide,
        /// Standing about a third of the frame.
        Medium,
        /// Filling the frame.
        Close,
    }
}
