//! One shot set up for drawing: its layers, camera and slate, and the making of each frame from them.

use super::camera::{OVERSCAN, Placed as Placement, Rig};
use super::compose::{self, Placed, Scratch};
use super::encode::Picture;
use super::finish::Finish;
use super::lettering::Lettering;
use super::paint::{self, Layer};
use super::plan::Shot;
use super::sheet::Sheets;
use super::slate::Slate;
use super::{Error, Job, plate};

/// What a render draws on. Holds the layers of one shot at a time.
pub struct Stage<'a> {
    job: &'a Job<'a>,
    letters: Lettering,
    finish: Finish,
    scratch: Scratch,
    set: Option<Set>,
}

/// What stands on the stage during a shot.
struct Set {
    rig: Rig,
    planes: Vec<(Placement, Sheets)>,
    slate: Slate,
}

impl<'a> Stage<'a> {
    /// An empty stage for `job`.
    pub fn new(job: &'a Job<'a>) -> Result<Self, Error> {
        Ok(Self {
            job,
            letters: Lettering::new().ok_or(Error::Drawing)?,
            finish: Finish::new(job.wide as usize, job.high as usize, job.seed),
            scratch: Scratch::default(),
            set: None,
        })
    }

    /// A new picture of the job's size.
    pub fn blank(&self) -> Picture {
        Picture::new(self.job.wide as usize, self.job.high as usize)
    }

    /// Paints the layers of `shot`, one of `shots`, and clears away the last shot's.
    pub fn set(&mut self, shot: &Shot, shots: usize) -> Result<(), Error> {
        self.set = None;
        let Job { wide, high, plate, .. } = *self.job;
        let layers = match plate {
            Some(picture) => vec![plate::layer(picture, wide, high, OVERSCAN)],
            None => paint::paint(shot, wide, high, OVERSCAN),
        };
        let mut planes = Vec::with_capacity(layers.len());
        // Each layer's pixels are freed as soon as its planes are made.
        for (at, layer) in layers.into_iter().enumerate() {
            let sheets = Sheets::new(&layer).ok_or(Error::Drawing)?;
            planes.push((placement(&layer, at, sheets.free), sheets));
        }
        if planes.is_empty() {
            return Err(Error::Drawing);
        }
        self.set = Some(Set {
            rig: Rig::new(shot, wide, high),
            planes,
            slate: Slate::new(&mut self.letters, shot, shots, wide, high),
        });
        Ok(())
    }

    /// Draws a frame of the shot that was set; `frame` counts within the shot, `count` within the piece.
    pub fn draw(&mut self, frame: u32, count: u32, picture: &mut Picture) {
        let Some(set) = &self.set else { return };
        let wide = self.job.wide as usize;
        let seen: Vec<_> =
            set.planes.iter().map(|(placement, sheets)| (set.rig.view(placement, frame), sheets)).collect();
        let luma: Vec<_> = seen.iter().map(|(view, s)| Placed::new(&s.luma, *view, wide)).collect();
        for (y, row) in picture.y.chunks_exact_mut(wide).enumerate() {
            compose::row(&luma, y, &mut self.scratch, &mut [&mut *row]);
            self.finish.luma(count, y, row);
        }
        let chroma: Vec<_> = seen.iter().map(|(view, s)| Placed::new(&s.chroma, view.halved(), wide / 2)).collect();
        let half = wide / 2;
        let rows = picture.u.chunks_exact_mut(half).zip(picture.v.chunks_exact_mut(half));
        for (y, (u, v)) in rows.enumerate() {
            compose::row(&chroma, y, &mut self.scratch, &mut [&mut *u, &mut *v]);
            self.finish.difference(y, u);
            self.finish.difference(y, v);
        }
        set.slate.draw(picture, wide, count);
    }
}

#[expect(clippy::cast_precision_loss, clippy::float_arithmetic, reason = "layer sizes are a few thousand pixels")]
fn placement(layer: &Layer, at: usize, free: [bool; 4]) -> Placement {
    Placement {
        wide: layer.wide as f32,
        high: layer.high as f32,
        depth: layer.depth.clamp(0.0, 1.0),
        drift: layer.drift,
        sway: layer.sway,
        // Neighbours never bob together.
        phase: (at as f32 * 0.618).fract(),
        wraps: layer.wraps,
        free,
    }
}
