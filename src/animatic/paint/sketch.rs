//! Shapes drawn as outlines: polygons, ovals, strokes and smooth bodies, in frame-heights, to a coverage mask.

use tiny_skia::{FillRule, LineCap, LineJoin, Mask, Path, PathBuilder, Rect, Stroke, Transform};

use super::canvas::Plane;

/// A point in frame-heights, or in a figure's own units.
pub type Point = (f32, f32);

/// A stencil being drawn for one plane, through a placing transform.
pub struct Sketch {
    mask: Option<Mask>,
    wide: usize,
    high: usize,
    base: Transform,
    place: Transform,
}

/// A path from point to point.
fn through(points: &[Point]) -> PathBuilder {
    let mut path = PathBuilder::new();
    for (number, point) in points.iter().enumerate() {
        if number == 0 {
            path.move_to(point.0, point.1);
        } else {
            path.line_to(point.0, point.1);
        }
    }
    path
}

impl Sketch {
    /// An empty stencil the size of `plane`.
    pub fn new(plane: &Plane) -> Self {
        let (d, v) = (plane.density(), plane.view);
        let side = |n: usize| u32::try_from(n).unwrap_or(1);
        let base = Transform::from_row(d, 0.0, 0.0, d, v.margin_x * d, v.margin_y * d);
        let mask = Mask::new(side(plane.wide), side(plane.high));
        Self { mask, wide: plane.wide, high: plane.high, base, place: base }
    }

    /// From here on shapes are in units of `size` (across, down; negative mirrors), from `at`, turned by degrees.
    pub fn place(&mut self, at: Point, size: Point, turn: f32) {
        self.place = Transform::from_scale(size.0, size.1)
            .post_concat(Transform::from_rotate(turn))
            .post_translate(at.0, at.1)
            .post_concat(self.base);
    }

    fn fill(&mut self, path: Option<Path>) {
        if let (Some(mask), Some(path)) = (self.mask.as_mut(), path) {
            mask.fill_path(&path, FillRule::Winding, true, self.place);
        }
    }

    /// A polygon.
    pub fn poly(&mut self, points: &[Point]) {
        let mut b = through(points);
        b.close();
        self.fill(b.finish());
    }

    /// A closed smooth outline through the points.
    pub fn body(&mut self, points: &[Point]) {
        let n = points.len();
        let mut b = PathBuilder::new();
        b.move_to(points[0].0, points[0].1);
        for i in 0..n {
            let (p0, p1, p2, p3) = (points[(i + n - 1) % n], points[i], points[(i + 1) % n], points[(i + 2) % n]);
            b.cubic_to(
                p1.0 + (p2.0 - p0.0) / 6.0,
                p1.1 + (p2.1 - p0.1) / 6.0,
                p2.0 - (p3.0 - p1.0) / 6.0,
                p2.1 - (p3.1 - p1.1) / 6.0,
                p2.0,
                p2.1,
            );
        }
        b.close();
        self.fill(b.finish());
    }

    /// As [`Sketch::body`], the points as one list: x, y, x, y, ...
    pub fn form(&mut self, flat: &[f32]) {
        self.body(&paired(flat));
    }

    /// As [`Sketch::poly`], the points as one list: x, y, x, y, ...
    pub fn facet(&mut self, flat: &[f32]) {
        self.poly(&paired(flat));
    }

    /// An oval about a centre.
    pub fn oval(&mut self, x: f32, y: f32, rx: f32, ry: f32) {
        let rect = Rect::from_ltrb(x - rx, y - ry, x + rx, y + ry);
        self.fill(rect.and_then(PathBuilder::from_oval));
    }

    /// A rectangle by its sides.
    pub fn rect(&mut self, x0: f32, y0: f32, x1: f32, y1: f32) {
        self.poly(&[(x0, y0), (x1, y0), (x1, y1), (x0, y1)]);
    }

    /// Many rectangles at once, each left, top, right, bottom.
    pub fn rects(&mut self, all: &[[f32; 4]]) {
        let mut b = PathBuilder::new();
        for r in all {
            if let Some(rect) = Rect::from_ltrb(r[0], r[1], r[2], r[3]) {
                b.push_rect(rect);
            }
        }
        self.fill(b.finish());
    }

    /// A rectangle with round corners of radius `r`.
    pub fn slab(&mut self, x0: f32, y0: f32, x1: f32, y1: f32, r: f32) {
        let mut b = PathBuilder::new();
        b.move_to(x0 + r, y0);
        b.line_to(x1 - r, y0);
        b.quad_to(x1, y0, x1, y0 + r);
        b.line_to(x1, y1 - r);
        b.quad_to(x1, y1, x1 - r, y1);
        b.line_to(x0 + r, y1);
        b.quad_to(x0, y1, x0, y1 - r);
        b.line_to(x0, y0 + r);
        b.quad_to(x0, y0, x0 + r, y0);
        b.close();
        self.fill(b.finish());
    }

    /// A line through the points, `width` thick, with round ends.
    pub fn line(&mut self, points: &[Point], width: f32) {
        let b = through(points);
        let pen = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        // The stroker needs to know how large a unit ends up, or thin lines turn to polygons.
        let path = b.finish().and_then(|path| path.stroke(&pen, self.place.sx.abs().max(self.place.sy.abs())));
        self.fill(path);
    }

    /// A limb: a line that tapers from `w0` to `w1`.
    pub fn limb(&mut self, a: Point, b: Point, w0: f32, w1: f32) {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let len = (dx * dx + dy * dy).sqrt().max(1e-5);
        let (nx, ny) = (-dy / len / 2.0, dx / len / 2.0);
        self.poly(&[
            (a.0 + nx * w0, a.1 + ny * w0),
            (b.0 + nx * w1, b.1 + ny * w1),
            (b.0 - nx * w1, b.1 - ny * w1),
            (a.0 - nx * w0, a.1 - ny * w0),
        ]);
        self.oval(a.0, a.1, w0 / 2.0, w0 / 2.0);
        self.oval(b.0, b.1, w1 / 2.0, w1 / 2.0);
    }

    /// The coverage, one byte for each pixel of the plane.
    pub fn done(self) -> Vec<u8> {
        self.mask.map_or_else(|| vec![0; self.wide * self.high], Mask::take)
    }
}

fn paired(flat: &[f32]) -> Vec<Point> {
    flat.as_chunks::<2>().0.iter().map(|p| (p[0], p[1])).collect()
}
