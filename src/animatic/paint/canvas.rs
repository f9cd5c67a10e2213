//! The plane a layer is painted on: linear light, coverage, and the way to finished bytes.
//! Coordinates are frame-heights: the frame runs 0..aspect by 0..1, the plane a margin beyond it.

use std::sync::Mutex;
use std::thread;

use super::color::{Grade, Rgb, rgb};
use super::{Blend, Layer};

/// The frame and the margin drawn around it.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Layer width in pixels.
    pub wide: usize,
    /// Layer height in pixels.
    pub high: usize,
    /// Frame width over frame height.
    pub aspect: f32,
    /// Frame height in pixels.
    pub scale: f32,
    /// Margin beyond the frame, right and left, in frame-heights.
    pub margin_x: f32,
    /// Margin beyond the frame, above and below, in frame-heights.
    pub margin_y: f32,
}

impl View {
    /// The view of a frame with a margin of `overscan` of its width and height on each side.
    pub fn new(wide: u32, high: u32, overscan: f32) -> Self {
        let (w, h) = (wide.clamp(2, 8192) as f32, high.clamp(2, 8192) as f32);
        let grown = |side: f32| {
            let side = (side * (1.0 + 2.0 * overscan.clamp(0.0, 1.0)) - 0.001).ceil() as usize;
            side + side % 2
        };
        let (lw, lh) = (grown(w), grown(h));
        Self {
            wide: lw,
            high: lh,
            aspect: w / h,
            scale: h,
            margin_x: (lw as f32 - w) / 2.0 / h,
            margin_y: (lh as f32 - h) / 2.0 / h,
        }
    }

    /// Leftmost painted place.
    pub fn left(&self) -> f32 {
        -self.margin_x
    }

    /// Rightmost painted place.
    pub fn right(&self) -> f32 {
        self.aspect + self.margin_x
    }

    /// Lowest painted place.
    pub fn bottom(&self) -> f32 {
        1.0 + self.margin_y
    }

    /// Highest painted place.
    pub fn top(&self) -> f32 {
        -self.margin_y
    }

    /// Painted width.
    pub fn span(&self) -> f32 {
        self.aspect + 2.0 * self.margin_x
    }
}

/// A place on the plane.
#[derive(Debug, Clone, Copy)]
pub struct At {
    /// Frame-heights from the frame's left edge.
    pub x: f32,
    /// Frame-heights from the frame's top edge.
    pub y: f32,
    /// Pixel column.
    pub i: usize,
    /// Pixel row.
    pub j: usize,
}

/// A plane being painted.
pub struct Plane {
    /// The frame it belongs to.
    pub view: View,
    /// Pixels of the finished layer per pixel painted.
    pub coarse: usize,
    /// Width in painted pixels.
    pub wide: usize,
    /// Height in painted pixels.
    pub high: usize,
    cells: Vec<[f32; 4]>,
}

/// Runs `work` over the rows of `cells`, on as many threads as help.
fn rows<T: Send>(cells: &mut [T], wide: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    const BAND: usize = 24;
    let threads = thread::available_parallelism().map_or(1, usize::from).min(4);
    let bands = Mutex::new(cells.chunks_mut(wide * BAND).enumerate());
    let run = || {
        loop {
            let next = bands.lock().ok().and_then(|mut bands| bands.next());
            let Some((band, cells)) = next else { return };
            for (j, row) in cells.chunks_mut(wide).enumerate() {
                work(band * BAND + j, row);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(run);
        }
        run();
    });
}

impl Plane {
    /// An empty plane. `coarse` of 2 paints at half size, for what is soft anyway.
    pub fn new(view: View, coarse: usize) -> Self {
        let (wide, high) = (view.wide.div_ceil(coarse), view.high.div_ceil(coarse));
        Self { view, coarse, wide, high, cells: vec![[0.0; 4]; wide * high] }
    }

    /// Painted pixels per frame-height.
    pub fn density(&self) -> f32 {
        self.view.scale / self.coarse as f32
    }

    /// The place of column `i`.
    pub fn x(&self, i: usize) -> f32 {
        (i as f32 + 0.5) / self.density() - self.view.margin_x
    }

    /// The place of row `j`.
    pub fn y(&self, j: usize) -> f32 {
        (j as f32 + 0.5) / self.density() - self.view.margin_y
    }

    /// One value for each column.
    pub fn profile(&self, f: impl Fn(f32) -> f32) -> Vec<f32> {
        (0..self.wide).map(|i| f(self.x(i))).collect()
    }

    fn each(&mut self, from: f32, to: f32, f: impl Fn(At, &mut [f32; 4]) + Sync) {
        let (view, density, wide) = (self.view, self.density(), self.wide);
        let first = ((from + view.margin_y) * density - 1.0).clamp(0.0, self.high as f32) as usize;
        let last = ((to + view.margin_y) * density + 2.0).clamp(first as f32, self.high as f32) as usize;
        rows(&mut self.cells[first * wide..last * wide], wide, |j, row| {
            let y = ((first + j) as f32 + 0.5) / density - view.margin_y;
            for (i, cell) in row.iter_mut().enumerate() {
                let x = (i as f32 + 0.5) / density - view.margin_x;
                f(At { x, y, i, j: first + j }, cell);
            }
        });
    }

    /// Covers rows `from..to` (frame-heights) with a colour and how much of it.
    pub fn cover(&mut self, from: f32, to: f32, f: impl Fn(At) -> (Rgb, f32) + Sync) {
        self.each(from, to, |at, cell| {
            let (c, a) = f(at);
            if a > 0.0 {
                let keep = 1.0 - a.min(1.0);
                let a = a.min(1.0);
                *cell =
                    [cell[0] * keep + c.r * a, cell[1] * keep + c.g * a, cell[2] * keep + c.b * a, cell[3] * keep + a];
            }
        });
    }

    /// Covers everything.
    pub fn fill(&mut self, f: impl Fn(At) -> Rgb + Sync) {
        self.each(-9.0, 9.0, |at, cell| {
            let c = f(at);
            *cell = [c.r, c.g, c.b, 1.0];
        });
    }

    /// Adds light in rows `from..to`, only where something is covered if `on_paint`.
    pub fn light(&mut self, from: f32, to: f32, on_paint: bool, f: impl Fn(At) -> Rgb + Sync) {
        self.each(from, to, |at, cell| {
            let k = if on_paint { cell[3] } else { 1.0 };
            if k > 0.0 {
                let c = f(at) * k;
                cell[0] += c.r;
                cell[1] += c.g;
                cell[2] += c.b;
            }
        });
    }

    /// Changes what is painted: the colour with coverage taken out, and the coverage.
    pub fn retouch(&mut self, from: f32, to: f32, f: impl Fn(At, Rgb, f32) -> (Rgb, f32) + Sync) {
        self.each(from, to, |at, cell| {
            let a = cell[3];
            if a > 0.0 {
                let (c, a) = f(at, rgb(cell[0] / a, cell[1] / a, cell[2] / a), a);
                *cell = [c.r * a, c.g * a, c.b * a, a];
            }
        });
    }

    /// Lays a stencil of coverage bytes (one per painted pixel) with a colour by place.
    pub fn stencil(&mut self, mask: &[u8], f: impl Fn(At, f32) -> (Rgb, f32) + Sync) {
        let wide = self.wide;
        self.cover(-9.0, 9.0, |at| match mask[at.j * wide + at.i] {
            0 => (Rgb::BLACK, 0.0),
            m => f(at, f32::from(m) / 255.0),
        });
    }

    /// A soft dot of light, `r` in frame-heights.
    pub fn spark(&mut self, x: f32, y: f32, r: f32, c: Rgb) {
        let (d, v) = (self.density(), self.view);
        let (px, py, pr) = ((x + v.margin_x) * d, (y + v.margin_y) * d, (r * d).max(0.55));
        let reach = pr * 2.6;
        let span = |at: f32, n: usize| {
            ((at - reach).clamp(0.0, n as f32) as usize, (at + reach + 1.0).clamp(0.0, n as f32) as usize)
        };
        let ((x0, x1), (y0, y1)) = (span(px, self.wide), span(py, self.high));
        for j in y0..y1 {
            for i in x0..x1 {
                let (dx, dy) = (i as f32 + 0.5 - px, j as f32 + 0.5 - py);
                let k = (-(dx * dx + dy * dy) / (pr * pr)).exp();
                let cell = &mut self.cells[j * self.wide + i];
                cell[0] += c.r * k;
                cell[1] += c.g * k;
                cell[2] += c.b * k;
            }
        }
    }

    /// What is painted at a pixel, clamped to the plane: colour with its coverage in it, and coverage.
    pub fn cell(&self, i: usize, j: usize) -> (Rgb, f32) {
        let c = self.cells[j.min(self.high - 1) * self.wide + i.min(self.wide - 1)];
        (rgb(c[0], c[1], c[2]), c[3])
    }

    /// Tones, encodes and enlarges the plane to a layer at rest.
    pub fn develop(mut self, grade: &Grade, depth: f32, blend: Blend) -> Layer {
        let (wide, high, coarse, view) = (self.wide, self.high, self.coarse, self.view);
        rows(&mut self.cells, wide, |_, row| {
            for cell in row.iter_mut() {
                *cell = toned(*cell, grade, blend);
            }
        });
        let cells = self.cells;
        let mut rgba = vec![0u8; view.wide * view.high * 4];
        rows(&mut rgba, view.wide * 4, |j, row| {
            let (lines, steps) = row.as_chunks_mut::<4>();
            debug_assert!(steps.is_empty());
            for (i, out) in lines.iter_mut().enumerate() {
                let cell = if coarse == 1 { cells[j * wide + i] } else { enlarged(&cells, wide, high, coarse, i, j) };
                if cell[3] > 0.0 {
                    *out = bytes(cell, i, j);
                }
            }
        });
        let (wide, high) = (u32::try_from(view.wide).unwrap_or(2), u32::try_from(view.high).unwrap_or(2));
        Layer { wide, high, rgba, depth, drift: (0.0, 0.0), sway: 0.0, wraps: false, blend }
    }
}

fn toned(cell: [f32; 4], grade: &Grade, blend: Blend) -> [f32; 4] {
    match blend {
        Blend::Over => {
            let a = cell[3];
            if a < 0.002 {
                return [0.0; 4];
            }
            let [r, g, b] = grade.finish(rgb(cell[0] / a, cell[1] / a, cell[2] / a));
            [r * a, g * a, b * a, a]
        }
        Blend::Add => {
            if cell[0] + cell[1] + cell[2] < 0.0002 {
                return [0.0; 4];
            }
            let [r, g, b] = grade.finish_light(rgb(cell[0], cell[1], cell[2]));
            [r, g, b, r.max(g).max(b)]
        }
    }
}

fn enlarged(cells: &[[f32; 4]], wide: usize, high: usize, coarse: usize, i: usize, j: usize) -> [f32; 4] {
    let split = |at: usize, n: usize| {
        let p = ((at as f32 + 0.5) / coarse as f32 - 0.5).max(0.0);
        let a = (p as usize).min(n - 1);
        (a, (a + 1).min(n - 1), p - a as f32)
    };
    let ((x0, x1, fx), (y0, y1, fy)) = (split(i, wide), split(j, high));
    let (a, b) = (cells[y0 * wide + x0], cells[y0 * wide + x1]);
    let (c, d) = (cells[y1 * wide + x0], cells[y1 * wide + x1]);
    std::array::from_fn(|k| {
        let (top, low) = (a[k] + (b[k] - a[k]) * fx, c[k] + (d[k] - c[k]) * fx);
        top + (low - top) * fy
    })
}

/// Rounds with a fixed dither, so that long gradients show no steps.
fn bytes(cell: [f32; 4], i: usize, j: usize) -> [u8; 4] {
    let hash = (i.wrapping_mul(0x9E37_79B1) ^ j.wrapping_mul(0x85EB_CA77)).wrapping_mul(0xC2B2_AE3D);
    let dither = ((hash >> 13) & 255) as f32 / 256.0 + 0.002;
    let a = (cell[3] * 255.0 + 0.5).min(255.0) as u8;
    let part = |v: f32| ((v * 255.0 + dither) as u8).min(a);
    [part(cell[0]), part(cell[1]), part(cell[2]), a]
}
