//! What prompts become.

mod shots;

use super::direct;
use crate::animatic::plan::{Camera, Light, Mood, Setting, Shot, ShotSize, Subject, Weather};

fn only(prompt: &str) -> Shot {
    let plan = direct(prompt, 8, 7);
    assert_eq!(plan.shots.len(), 1, "{prompt}");
    plan.shots.into_iter().next().unwrap()
}

/// One thing a prompt must come out as.
enum Is {
    At(Setting),
    When(Light),
    Air(Weather),
    Mood(Mood),
    Who(Subject),
    Size(ShotSize),
    Cam(Camera),
}
use Is::{Air, At, Cam, When, Who};

fn check(prompt: &str, facts: &[Is]) {
    let shot = only(prompt);
    for fact in facts {
        match fact {
            At(want) => assert_eq!(shot.setting, *want, "{prompt}"),
            When(want) => assert_eq!(shot.light, *want, "{prompt}"),
            Air(want) => assert_eq!(shot.weather, *want, "{prompt}"),
            Is::Mood(want) => assert_eq!(shot.mood, *want, "{prompt}"),
            Who(want) => assert_eq!(shot.subject, *want, "{prompt}"),
            Is::Size(want) => assert_eq!(shot.size, *want, "{prompt}"),
            Cam(want) => assert_eq!(shot.camera, *want, "{prompt}"),
        }
    }
}

#[test]
fn places_on_land_are_recognised() {
    check(
        "A lone hiker on a mountain ridge at sunrise",
        &[At(Setting::Hills), When(Light::Dawn), Who(Subject::Walker)],
    );
    check("Red fox crossing a snowy field", &[At(Setting::Snow), Who(Subject::Dog)]);
    check("Wheat field swaying in the wind, golden hour", &[At(Setting::Field), When(Light::GoldenHour)]);
    check("Camel caravan over sand dunes at noon", &[At(Setting::Desert), When(Light::Day)]);
    check("Fog drifting through a pine forest at dawn", &[At(Setting::Forest), Air(Weather::Fog), When(Light::Dawn)]);
    check("Northern lights over a frozen lake", &[At(Setting::Snow), When(Light::Night)]);
    check(
        "A vintage car drives down an empty highway at dusk",
        &[At(Setting::Road), Who(Subject::Car), When(Light::Dusk)],
    );
    check("A red car on an empty road at noon", &[At(Setting::Road), Who(Subject::Car)]);
    check("An empty road at noon", &[At(Setting::Road), Who(Subject::None)]);
    check("Steam train crossing a viaduct in the mist", &[At(Setting::Hills), Who(Subject::Train), Air(Weather::Fog)]);
    check("A deer in the woods", &[At(Setting::Forest), Who(Subject::Deer)]);
    check("cherry tree in a meadow, spring morning", &[At(Setting::Field), Who(Subject::Tree), When(Light::Day)]);
    check("Hot air balloons over a valley at sunrise", &[At(Setting::Hills), Who(Subject::Balloon), When(Light::Dawn)]);
    check(
        "cabin in the snow, blizzard, night",
        &[At(Setting::Snow), Who(Subject::House), Air(Weather::Snow), When(Light::Night)],
    );
    check("A cowboy rides across the desert at sunset", &[At(Setting::Desert), Who(Subject::Rider), When(Light::Dusk)]);
}

#[test]
fn places_by_the_water_are_recognised() {
    check(
        "A lighthouse on a cliff in a storm at night",
        &[At(Setting::Sea), Who(Subject::Lighthouse), Air(Weather::Storm), When(Light::Night)],
    );
    check("A couple walking on the beach at sunset", &[At(Setting::Sea), Who(Subject::Couple), When(Light::Dusk)]);
    check("sailboat on a moonlit ocean", &[At(Setting::Sea), Who(Subject::Boat), When(Light::Night)]);
    check("Coral reef with tropical fish", &[At(Setting::Underwater), Who(Subject::Fish)]);
    check("a diver swims above the seabed", &[At(Setting::Underwater), Who(Subject::Person)]);
    check("A humpback whale breaches in the bay", &[At(Setting::Sea), Who(Subject::Whale)]);
    check("Golden retriever running on the beach", &[At(Setting::Sea), Who(Subject::Dog)]);
    check("Seagulls above the harbour, overcast", &[At(Setting::Sea), Who(Subject::Birds), When(Light::Overcast)]);
    check("A cruise ship leaves the pier", &[At(Setting::Sea), Who(Subject::Ship)]);
}

#[test]
fn towns_rooms_and_heavens_are_recognised() {
    check(
        "Neon-lit alley in the rain, a woman with an umbrella",
        &[At(Setting::Street), When(Light::Night), Air(Weather::Rain), Who(Subject::Person)],
    );
    check("Tokyo skyline at blue hour", &[At(Setting::City), When(Light::BlueHour), Who(Subject::None)]);
    check(
        "A robot walks through a cyberpunk street",
        &[At(Setting::Street), Who(Subject::Robot), Is::Mood(Mood::Vivid)],
    );
    check("a cat asleep on a sofa by the window", &[At(Setting::Interior), Who(Subject::Cat)]);
    check(
        "Sunlight moves across a kitchen table with a ceramic vase",
        &[At(Setting::Interior), Who(Subject::StillLife), When(Light::Day)],
    );
    check("An astronaut drifts past a nebula", &[At(Setting::Space), Who(Subject::Astronaut)]);
    check("Rocket leaving a ringed planet behind, deep space", &[At(Setting::Space), Who(Subject::Rocket)]);
    check(
        "Airplane above the clouds at golden hour",
        &[At(Setting::Sky), Who(Subject::Plane), When(Light::GoldenHour)],
    );
    check(
        "Film noir detective under a street lamp",
        &[At(Setting::Street), Is::Mood(Mood::Noir), When(Light::Night), Who(Subject::Person)],
    );
    check("Abstract ink in water, vivid colors", &[At(Setting::Abstract), Is::Mood(Mood::Vivid)]);
    check("a girl riding a bicycle through the city", &[At(Setting::City), Who(Subject::Bicycle)]);
}

#[test]
fn what_a_prompt_leaves_open_suits_what_it_says() {
    check("a whale", &[At(Setting::Sea)]);
    check("a sleeping cat", &[At(Setting::Interior), Who(Subject::Cat)]);
    check("astronaut", &[At(Setting::Space)]);
    check("An eagle soaring", &[At(Setting::Sky), Who(Subject::Bird)]);
    check("It is raining in the street", &[When(Light::Night), Air(Weather::Rain)]);
    check("", &[At(Setting::Abstract), Who(Subject::None)]);
    check("愛と時間", &[At(Setting::Abstract)]);
    check("wind over the wilderness", &[At(Setting::Hills)]);
    check("Boats", &[Who(Subject::Boat)]);
    check("PUPPIES IN A MEADOW", &[Who(Subject::Dog), At(Setting::Field)]);
}

#[test]
fn words_count_only_whole() {
    check("a category of carpets", &[Who(Subject::None)]);
    check("the catalog of the seaman's season", &[Who(Subject::None), At(Setting::Abstract)]);
    check("a frying pan on the stove in the kitchen", &[At(Setting::Interior)]);
}

#[test]
fn camera_moves_are_recognised() {
    for (words, want) in [
        ("slow pan left over the hills", Camera::PanLeft),
        ("The camera pans right across the valley", Camera::PanRight),
        ("tilt up to the peak", Camera::TiltUp),
        ("tilting down from the sky", Camera::TiltDown),
        ("slow dolly in on the house", Camera::PushIn),
        ("push in on her face", Camera::PushIn),
        ("camera pulls back to reveal the sea", Camera::PullOut),
        ("dolly out", Camera::PullOut),
        ("zoom in on the door", Camera::ZoomIn),
        ("zooms out slowly", Camera::ZoomOut),
        ("crane up above the trees", Camera::CraneUp),
        ("the camera descends to the street", Camera::CraneDown),
        ("orbit left around the statue", Camera::OrbitLeft),
        ("handheld, documentary style", Camera::Handheld),
        ("locked-off static shot", Camera::Static),
        ("tracking left with the train", Camera::TrackLeft),
        ("truck right past the shops", Camera::TrackRight),
        ("drone shot, orbit right around the tower", Camera::OrbitRight),
    ] {
        check(words, &[Cam(want)]);
    }
    assert!(matches!(only("orbit around the statue").camera, Camera::OrbitLeft | Camera::OrbitRight));
    assert!(matches!(only("aerial view of the coast").camera, Camera::CraneUp | Camera::PushIn));
    assert!(!matches!(only("a hill").camera, Camera::Static | Camera::Handheld));
}

#[test]
fn shot_sizes_are_recognised() {
    check("Close-up of a robot", &[Is::Size(ShotSize::Close)]);
    check("macro, a fish", &[Is::Size(ShotSize::Close)]);
    check("medium shot of a horse", &[Is::Size(ShotSize::Medium)]);
    check("establishing shot, a horse on a vast plain", &[Is::Size(ShotSize::Wide)]);
}
