//! Camera moves, as they are written in prompts.

use super::toss;
use super::words::Words;
use crate::animatic::plan::Camera;

/// What a phrase asks of the camera.
#[derive(Clone, Copy)]
enum Move {
    One(Camera),
    /// Either way; the seed decides.
    Either(Camera, Camera),
}

use Camera as C;
use Move::{Either, One};

/// Phrases by move. Bare words that also name things ("pan", "track", "crane") count only with company.
const PHRASES: &[(Move, &str)] = &[
    (
        One(C::PanLeft),
        "pan left|panning left|pan to the left|panning to the left|pan slowly left|\
         leftward pan|whip pan left",
    ),
    (
        One(C::PanRight),
        "pan right|panning right|pan to the right|panning to the right|pan slowly right|\
         rightward pan|whip pan right",
    ),
    (
        Either(C::PanLeft, C::PanRight),
        "panning|camera pan|slow pan|slowly pan|gentle pan|pan across|pan over|pan along|\
         pan around|pan shot|pan to|pans|whip pan",
    ),
    (One(C::TiltUp), "tilt up|tilting up|tilt upward|camera looks up|look up at"),
    (One(C::TiltDown), "tilt down|tilting down|tilt downward|camera looks down"),
    (Either(C::TiltUp, C::TiltDown), "camera tilt|slow tilt"),
    (
        One(C::PullOut),
        "dolly out|dolly back|dolly away|dollying out|pull back|pulling back|pull out|\
         pulling out|pull away|pulling away|camera backs away|camera retreats|reveal shot",
    ),
    (
        One(C::PushIn),
        "dolly in|dolly forward|dollying in|dolly toward|dolly towards|dolly|dollying|\
         push in|pushing in|push toward|push towards|push forward|camera pushes|camera push|\
         slow push|move in|moving in|creep in|camera moves forward|camera glides forward|\
         fly through|flying through|fpv",
    ),
    (One(C::ZoomOut), "zoom out|zooming out|zoom back"),
    (One(C::ZoomIn), "zoom in|zooming in|zoom|zooming|crash zoom|zoom to"),
    (
        One(C::CraneDown),
        "crane down|craning down|camera descends|camera lowers|boom down|jib down|\
         camera sinks",
    ),
    (
        One(C::CraneUp),
        "crane up|craning up|crane shot|camera crane|camera rises|camera rising|\
         camera lifts|boom up|jib up|pedestal up|ascending shot",
    ),
    (One(C::OrbitLeft), "orbit left|orbiting left|arc left|circle left|counterclockwise orbit"),
    (One(C::OrbitRight), "orbit right|orbiting right|arc right|circle right|clockwise orbit"),
    (
        Either(C::OrbitLeft, C::OrbitRight),
        "orbit around|orbit shot|camera orbit|orbiting shot|orbiting camera|camera circles|\
         camera circling|arc shot|arcing|camera arc|360 shot|360 degree|rotate around|\
         rotating around|orbit",
    ),
    (
        One(C::TrackLeft),
        "track left|tracking left|truck left|trucking left|camera moves left|slide left|\
         dolly left",
    ),
    (
        One(C::TrackRight),
        "track right|tracking right|truck right|trucking right|camera moves right|\
         slide right|dolly right",
    ),
    (
        Either(C::TrackLeft, C::TrackRight),
        "tracking shot|tracking camera|camera tracks|camera track|tracking alongside|\
         tracking|camera follows|following shot|follow shot|lateral move|sideways dolly|\
         side scrolling|trucking shot",
    ),
    (
        One(C::Handheld),
        "handheld|hand held|shaky|shaky cam|shaky camera|documentary style|found footage|\
         vlog|selfie|pov|point of view|vérité",
    ),
    (
        One(C::Static),
        "static camera|static shot|static|locked off|locked camera|locked down|tripod|\
         fixed camera|still camera|stationary camera|camera is still|no camera movement|\
         motionless camera|stays still",
    ),
    (
        Either(C::CraneUp, C::PushIn),
        "aerial|drone|drone shot|flyover|fly over|flying over|helicopter shot|bird's eye|\
         birds eye|overhead shot",
    ),
];

/// The move a text asks for, as a choice still open to the seed.
#[derive(Clone, Copy)]
pub struct Asked(Move);

/// The first move named in the words; of two that begin together the longer phrase.
pub fn asked(words: &Words) -> Option<Asked> {
    let mut best: Option<(usize, usize, Move)> = None;
    for (order, phrases) in PHRASES {
        for phrase in phrases.split('|') {
            let Some(at) = words.find(phrase) else {
                continue;
            };
            // A move beats the craft that carries it: "drone shot, orbit left".
            let rank = match order {
                Either(C::CraneUp, _) | One(C::Handheld) => at + 10_000,
                // "The camera pans right" begins with "camera pan", which leaves the side open.
                Either(..) => at + 4,
                One(_) => at,
            };
            let long = phrase.len();
            if best.is_none_or(|(r, l, _)| rank < r || rank == r && long > l) {
                best = Some((rank, long, *order));
            }
        }
    }
    best.map(|(_, _, order)| Asked(order))
}

/// The camera for a shot: as asked, or a gentle move by the seed.
pub fn choose(asked: Option<Asked>, seed: u64) -> Camera {
    match asked {
        Some(Asked(One(camera))) => camera,
        Some(Asked(Either(a, b))) => {
            if toss(seed, 11, 2) == 0 {
                a
            } else {
                b
            }
        }
        None => {
            const GENTLE: [Camera; 6] = [C::PushIn, C::PushIn, C::PanLeft, C::PanRight, C::PullOut, C::TrackRight];
            usize::try_from(toss(seed, 12, 6)).map_or(C::PushIn, |i| GENTLE[i % 6])
        }
    }
}
