//! Who or what stands in the picture: where, how large, and how light falls on it.

mod animals;
mod figure;
mod people;
mod things;
mod vehicles;

use self::figure::Figure;
use super::Blend;
use super::scene::Scene;
use crate::animatic::plan::{Setting, ShotSize, Subject};

/// How a subject is built: height against a person's, half its width against its own height, and how it moves.
struct Build {
    tall: f32,
    half: f32,
    /// Frame-heights a second it travels by itself at person size.
    pace: f32,
    /// Up in the air rather than on the ground.
    aloft: bool,
}

const fn build(tall: f32, half: f32, pace: f32, aloft: bool) -> Build {
    Build { tall, half, pace, aloft }
}

fn measure(subject: Subject) -> Option<Build> {
    Some(match subject {
        Subject::None => return None,
        Subject::Person => build(1.0, 0.2, 0.0, false),
        Subject::Couple => build(1.0, 0.42, 0.0, false),
        Subject::Walker => build(1.0, 0.28, 0.09, false),
        Subject::Rider => build(1.45, 0.5, 0.09, false),
        Subject::Car => build(0.62, 1.6, 0.22, false),
        Subject::Train => build(0.70, 3.0, 0.20, false),
        Subject::Boat => build(1.45, 0.5, 0.03, false),
        Subject::Ship => build(0.85, 1.7, 0.03, false),
        Subject::Bird => build(0.62, 1.0, 0.05, true),
        Subject::Birds => build(1.0, 1.1, 0.05, true),
        Subject::Dog => build(0.66, 0.8, 0.09, false),
        Subject::Cat => build(0.60, 0.6, 0.0, false),
        Subject::Horse => build(1.20, 0.68, 0.10, false),
        Subject::Deer => build(1.25, 0.5, 0.0, false),
        Subject::Fish => build(1.3, 0.8, 0.03, false),
        Subject::Whale => build(0.85, 1.2, 0.03, false),
        Subject::Tree => build(2.2, 0.42, 0.0, false),
        Subject::House => build(1.20, 0.75, 0.0, false),
        Subject::Lighthouse => build(2.1, 0.32, 0.0, false),
        Subject::Balloon => build(1.55, 0.42, 0.015, true),
        Subject::Rocket => build(1.7, 0.24, 0.0, false),
        Subject::Robot => build(1.05, 0.36, 0.0, false),
        Subject::Bicycle => build(1.05, 0.56, 0.12, false),
        Subject::Plane => build(0.45, 1.5, 0.10, true),
        Subject::Astronaut => build(1.0, 0.32, 0.0, false),
        Subject::StillLife => build(1.55, 0.3, 0.0, false),
        Subject::Campfire => build(0.78, 0.8, 0.0, false),
    })
}

/// Draws the subject where the setting made room for it.
pub fn place(scene: &mut Scene) {
    let shot = scene.shot;
    let (Some(build), Some(stage)) = (measure(shot.subject), scene.stage) else {
        return;
    };
    let view = scene.view;
    let afloat = matches!(shot.setting, Setting::Underwater | Setting::Space | Setting::Sky | Setting::Abstract)
        && !stands(scene);
    let unit = match shot.size {
        ShotSize::Wide => 0.18,
        ShotSize::Medium => 0.36,
        ShotSize::Close => 0.62,
    };
    let most = view.aspect * 0.88 / (2.0 * build.half);
    let roof = if build.aloft || afloat { 0.72 } else { stage.ground - 0.06 };
    let high = (unit * build.tall).min(most).min(roof);
    let half = build.half * high;
    let x = if half * 2.0 > view.aspect * 0.6 {
        view.aspect * 0.5
    } else {
        scene.mark.clamp(half + 0.04, (view.aspect - half - 0.04).max(half + 0.04))
    };
    let right = x < view.aspect * 0.5
        + if half * 2.0 > view.aspect * 0.6 { if shot.seed.is_multiple_of(2) { 1.0 } else { -1.0 } } else { 0.0 };
    let y = if build.aloft {
        (0.36 + high * 0.45).min(0.78)
    } else if afloat {
        0.5 + high * 0.42
    } else {
        stage.ground
    };
    let swims = matches!(shot.subject, Subject::Boat | Subject::Ship | Subject::Whale);
    let wet = if swims && matches!(shot.setting, Setting::Sea | Setting::City) {
        0.5
    } else if matches!(shot.setting, Setting::Street | Setting::Road) {
        scene.light.wet * 0.4
    } else {
        0.0
    };
    let mut plane = scene.plane(1);
    let grounded = !afloat && !build.aloft;
    let mut figure = Figure::new(scene, &mut plane, (x, y), high, right, if grounded { wet } else { 0.0 });
    let hidden =
        shot.setting == Setting::Field || shot.subject == Subject::Lighthouse || shot.subject == Subject::Train;
    if grounded && wet < 0.1 && !hidden {
        figure.shadow(build.half);
    }
    draw(&mut figure, scene);
    let seconds = (shot.frames as f32 / 24.0).max(1.0);
    let pace = if stage.level || build.aloft || afloat { build.pace } else { 0.0 };
    // Whatever travels stays in the frame to the end of the shot.
    let speed = (pace * (high / build.tall / 0.36).sqrt()).min(0.26 * view.aspect / seconds);
    let depth = if build.aloft { (stage.depth * 0.8).max(0.2) } else { stage.depth };
    let floats =
        matches!(shot.subject, Subject::Boat | Subject::Ship | Subject::Balloon | Subject::Bird | Subject::Birds)
            || afloat;
    let layer = scene.insert(stage.behind, plane, depth, Blend::Over);
    layer.drift = (if right { speed } else { -speed }, 0.0);
    layer.sway = if floats { 0.005 } else { 0.0 };
    if shot.subject == Subject::Lighthouse {
        things::beam(scene, (x, y), high, stage.behind + 1, stage.depth);
    }
}

/// Whether this subject stands on ground the setting has drawn.
fn stands(scene: &Scene) -> bool {
    scene.shot.setting == Setting::Space && scene.stage.is_some_and(|s| !s.level)
}

fn draw(f: &mut Figure, scene: &Scene) {
    let below = scene.shot.setting == Setting::Underwater;
    let mut dice = scene.dice(301);
    match scene.shot.subject {
        Subject::None => {}
        Subject::Person | Subject::Walker | Subject::Couple if below => people::diver(f),
        Subject::Person => people::person(f, &mut dice),
        Subject::Couple => people::couple(f, &mut dice),
        Subject::Walker => people::walker(f, &mut dice),
        Subject::Rider => people::rider(f, &mut dice),
        Subject::Bicycle => people::cyclist(f, &mut dice),
        Subject::Astronaut => people::astronaut(f),
        Subject::Robot => people::robot(f, &mut dice),
        Subject::Car if matches!(scene.shot.setting, Setting::Road | Setting::Street) => {
            vehicles::car_behind(f, &mut dice);
        }
        Subject::Car => vehicles::car(f, &mut dice),
        Subject::Train => vehicles::train(f),
        Subject::Boat => vehicles::boat(f, &mut dice),
        Subject::Ship => vehicles::ship(f),
        Subject::Plane => vehicles::plane(f),
        Subject::Rocket => vehicles::rocket(f),
        Subject::Balloon => things::balloons(f, &mut dice),
        Subject::Bird => animals::bird(f),
        Subject::Birds => animals::flock(f, &mut dice),
        Subject::Dog => animals::dog(f, &mut dice),
        Subject::Cat => animals::cat(f, &mut dice),
        Subject::Horse => animals::horse(f, &mut dice),
        Subject::Deer => animals::deer(f),
        Subject::Fish if below => animals::shoal(f, &mut dice),
        Subject::Fish => animals::fish(f),
        Subject::Whale if below || scene.shot.setting != Setting::Sea => animals::whale(f),
        Subject::Whale => animals::fluke(f),
        Subject::Tree => things::tree(f, &mut dice),
        Subject::House => things::house(f),
        Subject::Lighthouse => things::lighthouse(f),
        Subject::StillLife => things::still_life(f, &mut dice),
        Subject::Campfire => things::campfire(f),
    }
}
