//! What every setting paints with: the shot, its light, the frame, and the stack of finished layers.

use super::canvas::{Plane, View};
use super::color::Grade;
use super::noise::Dice;
use super::palette::{Palette, subject_side};
use super::{Blend, Layer};
use crate::animatic::plan::{Shot, ShotSize};

/// Where a subject may stand.
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    /// Height of the ground under the subject, frame-heights from the top.
    pub ground: f32,
    /// Depth of the layer the subject stands on.
    pub depth: f32,
    /// The ground is even and the subject may travel along it.
    pub level: bool,
    /// Place in the stack: how many layers lie behind the subject.
    pub behind: usize,
}

/// One shot being painted.
pub struct Scene<'a> {
    /// What to draw.
    pub shot: &'a Shot,
    /// Frame and margin.
    pub view: View,
    /// The light.
    pub light: Palette,
    /// The finish.
    pub grade: Grade,
    /// Where the subject stands, frame-heights from the left.
    pub mark: f32,
    /// Noise seed of this shot.
    pub grain: u32,
    /// Finished layers, back to front.
    pub layers: Vec<Layer>,
    /// Where the subject goes, once a setting has made a place for it.
    pub stage: Option<Stage>,
}

impl<'a> Scene<'a> {
    /// An empty scene.
    pub fn new(shot: &'a Shot, view: View) -> Self {
        Self {
            shot,
            view,
            light: Palette::of(shot),
            grade: Grade::of(shot.mood),
            mark: subject_side(shot) * view.aspect,
            grain: (Dice::new(shot.seed, 3).next() & 0xFFFF) as u32,
            layers: Vec::new(),
            stage: None,
        }
    }

    /// Chances for one purpose.
    pub fn dice(&self, salt: u64) -> Dice {
        Dice::new(self.shot.seed, salt)
    }

    /// An empty plane.
    pub fn plane(&self, coarse: usize) -> Plane {
        Plane::new(self.view, coarse)
    }

    /// Finishes a plane and puts it in front. The answer may be set moving.
    pub fn push(&mut self, plane: Plane, depth: f32, blend: Blend) -> &mut Layer {
        let at = self.layers.len();
        self.insert(at, plane, depth, blend)
    }

    /// Finishes a plane and puts it before the first `at` layers.
    pub fn insert(&mut self, at: usize, plane: Plane, depth: f32, blend: Blend) -> &mut Layer {
        let at = at.min(self.layers.len());
        self.layers.insert(at, plane.develop(&self.grade, depth, blend));
        &mut self.layers[at]
    }

    /// Where feet stand by shot size.
    pub fn feet(&self) -> f32 {
        match self.shot.size {
            ShotSize::Wide => 0.82,
            ShotSize::Medium => 0.88,
            ShotSize::Close => 0.95,
        }
    }

    /// Where the sun or moon stands over a horizon.
    pub fn sun(&self, horizon: f32) -> (f32, f32) {
        let (x, up) = self.light.sun;
        (x * self.view.aspect, horizon * (1.0 - up))
    }

    /// Opens the stage before everything painted so far.
    pub fn open(&mut self, ground: f32, depth: f32, level: bool) {
        self.stage = Some(Stage { ground, depth, level, behind: self.layers.len() });
    }
}
