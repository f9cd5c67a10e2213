//! Sets short lines of text in the bundled typeface and draws them as coverage.
//! Letters the face lacks are left out, never boxed; no bidirectional or vertical setting.
#![expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "glyph positions are fractions of a pixel"
)]

use swash::scale::{Render, ScaleContext, Source};
use swash::shape::ShapeContext;
use swash::zeno::{Format, Vector};
use swash::{FontRef, GlyphId};

/// Inter Medium, cut down to Latin, Greek and Cyrillic. SIL Open Font License 1.1.
const FACE: &[u8] = include_bytes!("../../assets/fonts/inter-slate.otf");

/// Coverage, one byte per pixel, row-major.
#[derive(Debug, Clone, Default)]
pub struct Mask {
    /// Width in pixels.
    pub wide: usize,
    /// Height in pixels.
    pub high: usize,
    /// `wide * high` bytes.
    pub cover: Vec<u8>,
}

impl Mask {
    /// An empty mask.
    pub fn new(wide: usize, high: usize) -> Self {
        Self { wide, high, cover: vec![0; wide * high] }
    }

    /// Adds `other` with its left top corner at `left`, `top`; what falls outside is dropped.
    pub fn stamp(&mut self, other: &Self, left: i32, top: i32) {
        for (y, row) in other.cover.chunks_exact(other.wide.max(1)).enumerate() {
            let Ok(y) = usize::try_from(top + y as i32) else {
                continue;
            };
            if y >= self.high {
                break;
            }
            for (x, &cover) in row.iter().enumerate() {
                let Ok(x) = usize::try_from(left + x as i32) else {
                    continue;
                };
                if x < self.wide {
                    let value = &mut self.cover[y * self.wide + x];
                    *value = value.saturating_add(cover);
                }
            }
        }
    }

    /// A soft halo of what is covered: blurred over `reach` pixels each way, made three times as strong
    /// and then held to `most`.
    pub fn halo(&self, reach: usize, most: u8) -> Self {
        let across = blurred(&self.cover, self.wide, 1, reach);
        let mut cover = blurred(&across, self.wide, self.wide, reach);
        for value in &mut cover {
            *value = value.saturating_mul(3).min(most);
        }
        Self { cover, ..Self::new(self.wide, self.high) }
    }
}

/// Two running means over neighbours `stride` bytes apart. Rows run together at their ends, where a mask
/// of text is empty.
fn blurred(cover: &[u8], wide: usize, stride: usize, reach: usize) -> Vec<u8> {
    let mut from = cover.to_vec();
    let mut to = vec![0; cover.len()];
    let (taps, lines) = (2 * reach as u32 + 1, if stride == 1 { 1 } else { wide });
    for _ in 0..2 {
        for line in 0..lines {
            let count = cover.len() / stride;
            let mut sum: u32 = (0..reach.min(count)).map(|at| u32::from(from[at * stride + line])).sum();
            for at in 0..count {
                if at + reach < count {
                    sum += u32::from(from[(at + reach) * stride + line]);
                }
                if at > reach {
                    sum -= u32::from(from[(at - reach - 1) * stride + line]);
                }
                to[at * stride + line] = (sum / taps) as u8;
            }
        }
        std::mem::swap(&mut from, &mut to);
    }
    from
}

/// A glyph of a line and where it stands.
#[derive(Debug, Clone, Copy)]
struct Placed {
    glyph: GlyphId,
    x: f32,
    y: f32,
}

/// The typeface and the state needed to set and draw it.
pub struct Lettering {
    face: FontRef<'static>,
    shapes: ShapeContext,
    scales: ScaleContext,
}

impl Lettering {
    /// Opens the bundled typeface; `None` if the program was built with a broken one.
    pub fn new() -> Option<Self> {
        Some(Self { face: FontRef::from_index(FACE, 0)?, shapes: ShapeContext::new(), scales: ScaleContext::new() })
    }

    /// `text` in one line, without what the typeface cannot show; white space runs become one space.
    pub fn showable(&self, text: &str) -> String {
        let map = self.face.charmap();
        let known: String =
            text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|&c| map.map(c) != 0).collect();
        known.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Width of `text` in pixels at `size` pixels per em, `tracking` pixels between letters.
    pub fn width(&mut self, text: &str, size: f32, tracking: f32) -> f32 {
        self.set(text, size, tracking).1
    }

    /// Draws `text` with its left end and baseline at `x`, `baseline`.
    pub fn draw(&mut self, mask: &mut Mask, text: &str, size: f32, tracking: f32, x: f32, baseline: f32) {
        let (glyphs, _) = self.set(text, size, tracking);
        let mut scaler = self.scales.builder(self.face).size(size).hint(false).build();
        for Placed { glyph, x: dx, y: dy } in glyphs {
            let (left, top) = (x + dx, baseline - dy);
            let part = Vector::new(left - left.floor(), top.floor() - top);
            let image = Render::new(&[Source::Outline]).format(Format::Alpha).offset(part).render(&mut scaler, glyph);
            if let Some(image) = image {
                let drawn = Mask {
                    wide: image.placement.width as usize,
                    high: image.placement.height as usize,
                    cover: image.data,
                };
                let left = left.floor() as i32 + image.placement.left;
                mask.stamp(&drawn, left, top.floor() as i32 - image.placement.top);
            }
        }
    }

    /// Glyphs of a line from its left end, and its width.
    fn set(&mut self, text: &str, size: f32, tracking: f32) -> (Vec<Placed>, f32) {
        // Figures of one width, so that a running timecode stands still.
        let mut shaper = self.shapes.builder(self.face).size(size).features([("tnum", 1)]).build();
        shaper.add_str(text);
        let (mut glyphs, mut pen) = (Vec::new(), 0.0);
        shaper.shape_with(|cluster| {
            for glyph in cluster.glyphs {
                if glyph.id != 0 {
                    glyphs.push(Placed { glyph: glyph.id, x: pen + glyph.x, y: glyph.y });
                    pen += glyph.advance + tracking;
                }
            }
        });
        (glyphs, (pen - tracking).max(0.0))
    }

    /// `text` on at most two lines of `room` pixels, of like length if it needs two; an ellipsis marks
    /// what was left out.
    pub fn wrap(&mut self, text: &str, size: f32, room: f32) -> Vec<String> {
        let whole = self.width(text, size, 0.0);
        if text.is_empty() || whole <= room {
            return text.lines().map(str::to_owned).collect();
        }
        // Words break unevenly, so an even split needs a little more than half.
        let even = (whole / 2.0 + size).min(room);
        for line in [even, even + 2.0 * size, even + 4.0 * size] {
            let (first, rest) = self.split(text, size, line.min(room), "");
            if self.width(rest, size, 0.0) <= line.min(room) {
                return vec![first.to_owned(), rest.to_owned()];
            }
        }
        let (first, rest) = self.split(text, size, room, "");
        if self.width(rest, size, 0.0) <= room {
            return vec![first.to_owned(), rest.to_owned()];
        }
        let (second, _) = self.split(rest, size, room, "\u{2026}");
        let second = second.trim_end_matches([',', ';', ':', '.', ' ', '-']);
        vec![first.to_owned(), format!("{second}\u{2026}")]
    }

    /// As much of `text` as fits into `room` with `tail` behind it, and the rest. Breaks between words,
    /// unless a single word is longer than the line.
    fn split<'t>(&mut self, text: &'t str, size: f32, room: f32, tail: &str) -> (&'t str, &'t str) {
        let fits = self.fitting(text, size, room, tail);
        let (head, next) = text.split_at(fits);
        let end = if next.is_empty() || next.starts_with(' ') { fits } else { head.rfind(' ').unwrap_or(fits) };
        (text[..end].trim_end(), text[end..].trim_start())
    }

    /// How many bytes of `text`, with `tail` behind them, fit into `room` pixels.
    fn fitting(&mut self, text: &str, size: f32, room: f32, tail: &str) -> usize {
        let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
        let fits = ends.partition_point(|&end| self.width(&format!("{}{tail}", &text[..end]), size, 0.0) <= room);
        fits.checked_sub(1).map_or(0, |at| ends[at])
    }
}
