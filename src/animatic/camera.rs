//! Moves the camera: owns what each layer's transform is on each frame of a shot.
//! Refuses to show what lies past a layer's edge; travel bends to a halt before it.
#![expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "a camera is arithmetic on small screen quantities"
)]

use std::f32::consts::TAU;

use super::plan::{Camera, FRAME_RATE, Shot};

/// Room painted beyond each side of the frame, in frame widths and heights.
pub const OVERSCAN: f32 = 0.13;
/// Binary digits behind the point of a [`View`]'s numbers.
pub const POINT: u32 = 20;
/// One layer pixel in a [`View`]'s numbers.
pub const ONE: i64 = 1 << POINT;

/// Which part of a layer a frame shows, in layer pixels with [`POINT`] binary digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Left edge of the frame on the layer.
    pub left: i64,
    /// Top edge of the frame on the layer.
    pub top: i64,
    /// Layer pixels per frame pixel.
    pub step: i64,
}

impl View {
    /// The same view on planes of half the size.
    pub fn halved(self) -> Self {
        Self { left: self.left / 2, top: self.top / 2, step: self.step }
    }

    /// Where the middle of the frame's column `x` falls, measured between pixel middles.
    pub fn column(self, x: usize) -> i64 {
        self.left + ((2 * x as i64 + 1) * self.step - ONE) / 2
    }

    /// Where the middle of the frame's row `y` falls.
    pub fn row(self, y: usize) -> i64 {
        self.top + ((2 * y as i64 + 1) * self.step - ONE) / 2
    }
}

/// What the camera needs to know of a layer.
#[derive(Debug, Clone, Copy)]
pub struct Placed {
    /// Width in pixels.
    pub wide: f32,
    /// Height in pixels.
    pub high: f32,
    /// 0 = far .. 1 = near.
    pub depth: f32,
    /// Own motion in frame-heights per second.
    pub drift: (f32, f32),
    /// Amplitude of the bob in frame-heights.
    pub sway: f32,
    /// Phase of the bob, 0..1.
    pub phase: f32,
    /// Repeats in both directions.
    pub wraps: bool,
    /// Nothing is drawn at the left, right, top, bottom edge, so travel past it shows nothing.
    pub free: [bool; 4],
}

/// Where a layer stands: offset of its content in frame pixels, and magnification.
#[derive(Debug, Clone, Copy)]
struct Pose {
    x: f32,
    y: f32,
    scale: f32,
}

/// One shot's camera over a frame.
#[derive(Debug, Clone)]
pub struct Rig {
    camera: Camera,
    frames: f32,
    wide: f32,
    high: f32,
    hand: [f32; 6],
}

impl Rig {
    /// The camera of `shot` over a frame of `wide` x `high` pixels.
    pub fn new(shot: &Shot, wide: u32, high: u32) -> Self {
        let mut state = shot.seed ^ 0x9e37_79b9_7f4a_7c15;
        let hand = std::array::from_fn(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / 16_777_216.0
        });
        Self { camera: shot.camera, frames: shot.frames.max(1) as f32, wide: wide as f32, high: high as f32, hand }
    }

    /// What `frame`, counted from 0, shows of a layer.
    pub fn view(&self, layer: &Placed, frame: u32) -> View {
        let seconds = frame as f32 / FRAME_RATE as f32;
        let mut pose = self.pose(layer.depth, frame);
        let middle = if layer.wraps { 0.0 } else { self.frames / (2.0 * FRAME_RATE as f32) };
        pose.x += layer.drift.0 * self.high * (seconds - middle);
        pose.y += layer.drift.1 * self.high * (seconds - middle);
        let bob = layer.sway * self.high;
        pose.y += bob * (TAU * (seconds / 5.3 + layer.phase)).sin();
        pose.x += bob * 0.35 * (TAU * (seconds / 7.9 + layer.phase * 1.7)).sin();
        if !layer.wraps {
            self.keep_inside(layer, &mut pose);
        }
        let left = layer.wide / 2.0 - (self.wide / 2.0 + pose.x) / pose.scale;
        let top = layer.high / 2.0 - (self.high / 2.0 + pose.y) / pose.scale;
        View { left: fixed(left), top: fixed(top), step: fixed(1.0 / pose.scale) }
    }

    fn pose(&self, depth: f32, frame: u32) -> Pose {
        let along = ease((frame as f32 + 0.5) / self.frames);
        let seconds = self.frames / FRAME_RATE as f32;
        // From -1 to 1, and how far that is: never faster than a calm operator.
        let swing = 2.0 * along - 1.0;
        let reach = (0.022 * seconds).min(OVERSCAN * 0.94);
        let (across, up) = (reach * self.wide, reach * self.high);
        let turn = 0.6 + 0.4 * depth;
        let travel = 0.07 + 0.93 * depth;
        let grow = (0.045 * seconds).min(0.2);
        let push = 0.12 + 0.88 * depth;
        let still = Pose { x: 0.0, y: 0.0, scale: 1.0 };
        match self.camera {
            Camera::Static => still,
            Camera::PanLeft => Pose { x: swing * across * turn, ..still },
            Camera::PanRight => Pose { x: -swing * across * turn, ..still },
            Camera::TiltUp => Pose { y: swing * up * turn, ..still },
            Camera::TiltDown => Pose { y: -swing * up * turn, ..still },
            Camera::PushIn => Pose { scale: 1.0 + grow * along * push, ..still },
            Camera::PullOut => Pose { scale: 1.0 + grow * (1.0 - along) * push, ..still },
            Camera::ZoomIn => Pose { scale: 1.0 + grow * along, ..still },
            Camera::ZoomOut => Pose { scale: 1.0 + grow * (1.0 - along), ..still },
            Camera::CraneUp => Pose { y: swing * up * (0.2 + 0.8 * depth), ..still },
            Camera::CraneDown => Pose { y: -swing * up * (0.2 + 0.8 * depth), ..still },
            Camera::OrbitLeft => orbit(swing * across, depth),
            Camera::OrbitRight => orbit(-swing * across, depth),
            Camera::TrackLeft => Pose { x: swing * across * travel, ..still },
            Camera::TrackRight => Pose { x: -swing * across * travel, ..still },
            Camera::Handheld => self.handheld(depth, frame),
        }
    }

    /// Three slow waves per axis whose lengths share no rhythm, plus a touch of breath.
    fn handheld(&self, depth: f32, frame: u32) -> Pose {
        let seconds = frame as f32 / FRAME_RATE as f32;
        let wave = |hertz: f32, at: usize| (TAU * (seconds * hertz + self.hand[at])).sin();
        let size = 0.013 * self.high * (0.75 + 0.25 * depth);
        Pose {
            x: size * (wave(0.23, 0) + 0.55 * wave(0.61, 1) + 0.18 * wave(1.37, 2)),
            y: size * 0.8 * (wave(0.29, 3) + 0.5 * wave(0.71, 4) + 0.2 * wave(1.53, 5)),
            scale: 1.025 + 0.006 * wave(0.17, 2),
        }
    }

    /// Bends the offset so that the frame stays on the layer, smoothly: no bump where the room ends.
    fn keep_inside(&self, layer: &Placed, pose: &mut Pose) {
        pose.scale = pose.scale.max((self.wide + 2.0) / layer.wide).max((self.high + 2.0) / layer.high);
        let [left, right, top, bottom] = layer.free;
        let room_x = (layer.wide * pose.scale - self.wide) / 2.0 - 1.0;
        let room_y = (layer.high * pose.scale - self.high) / 2.0 - 1.0;
        // Content moving right uncovers the left edge.
        if (pose.x > 0.0 && !left) || (pose.x < 0.0 && !right) {
            pose.x = bend(pose.x, room_x);
        }
        if (pose.y > 0.0 && !top) || (pose.y < 0.0 && !bottom) {
            pose.y = bend(pose.y, room_y);
        }
    }
}

/// Near things swing one way, far things the other, about what stands in the middle.
fn orbit(swing: f32, depth: f32) -> Pose {
    let from_middle = depth - 0.5;
    Pose { x: swing * 1.7 * from_middle, y: 0.0, scale: 1.03 + 0.02 * depth }
}

/// Gentle start and stop with an even middle; 0..1 to 0..1.
fn ease(t: f32) -> f32 {
    const RAMP: f32 = 0.22;
    let speed = 1.0 / (1.0 - RAMP);
    let t = t.clamp(0.0, 1.0);
    // The speed rises and falls as a raised cosine, so the acceleration has no step either.
    let ramp = |s: f32| 0.5 * speed * (s - RAMP / std::f32::consts::PI * (std::f32::consts::PI * s / RAMP).sin());
    if t < RAMP {
        ramp(t)
    } else if t > 1.0 - RAMP {
        1.0 - ramp(1.0 - t)
    } else {
        speed * (t - RAMP / 2.0)
    }
}

/// `value` while well inside `limit`, then ever closer to it.
fn bend(value: f32, limit: f32) -> f32 {
    let limit = limit.max(0.0);
    let soft = limit * 0.8;
    let size = value.abs();
    if size <= soft || limit <= 0.0 {
        return value.clamp(-limit, limit);
    }
    let over = (size - soft) / (limit - soft);
    (soft + (limit - soft) * (over / (1.0 + over))).copysign(value)
}

fn fixed(value: f32) -> i64 {
    (f64::from(value) * ONE as f64).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::animatic::director::direct;

    const FRAME: (u32, u32) = (854, 480);

    fn layer(depth: f32, free: [bool; 4]) -> Placed {
        let grown = |side: u32| (side as f32 * (1.0 + 2.0 * OVERSCAN)).ceil();
        Placed {
            wide: grown(FRAME.0),
            high: grown(FRAME.1),
            depth,
            drift: (0.2, -0.1),
            sway: 0.01,
            phase: 0.3,
            wraps: false,
            free,
        }
    }

    fn rig(camera: Camera, frames: u32) -> Rig {
        let mut shot = direct("a hill", 20, 5).shots.swap_remove(0);
        (shot.camera, shot.frames) = (camera, frames);
        Rig::new(&shot, FRAME.0, FRAME.1)
    }

    #[test]
    fn no_move_ever_shows_past_the_edge_of_a_layer() {
        for &camera in Camera::ALL {
            for depth in [0.0, 0.5, 1.0] {
                let layer = layer(depth, [false; 4]);
                for frames in [24, 96, 480] {
                    let rig = rig(camera, frames);
                    for frame in 0..frames {
                        let view = rig.view(&layer, frame);
                        let (right, bottom) = (view.column(FRAME.0 as usize - 1), view.row(FRAME.1 as usize - 1));
                        assert!(view.column(0) >= 0 && view.row(0) >= 0, "{camera:?} {depth} {frame}");
                        assert!(right <= (layer.wide as i64 - 1) * ONE, "{camera:?} {depth} {frame}");
                        assert!(bottom <= (layer.high as i64 - 1) * ONE, "{camera:?} {depth} {frame}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_move_jumps_from_one_frame_to_the_next() {
        for &camera in Camera::ALL {
            let (rig, layer) = (rig(camera, 96), layer(1.0, [true; 4]));
            let at = |frame| rig.view(&layer, frame).column(0);
            for frame in 2..96 {
                let bend = at(frame) - 2 * at(frame - 1) + at(frame - 2);
                assert!(bend.abs() < ONE / 2, "{camera:?} {frame}: {bend}");
            }
        }
    }

    #[test]
    fn near_layers_travel_further_than_far_ones() {
        for camera in [Camera::PanLeft, Camera::TrackRight, Camera::PushIn] {
            let rig = rig(camera, 96);
            let travel = |depth| {
                let still = Placed { drift: (0.0, 0.0), sway: 0.0, ..layer(depth, [true; 4]) };
                (rig.view(&still, 95).column(0) - rig.view(&still, 0).column(0)).abs()
            };
            assert!(travel(0.9) > travel(0.1), "{camera:?}");
        }
    }

    #[test]
    fn easing_starts_and_ends_at_rest_and_arrives() {
        assert!(ease(0.0).abs() < 1e-6 && (ease(1.0) - 1.0).abs() < 1e-6 && (ease(0.5) - 0.5).abs() < 1e-5);
        assert!(ease(0.01) < 0.002 && ease(0.99) > 0.998);
    }
}
