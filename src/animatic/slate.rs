//! The slate: a shot's words, number and running timecode in a quiet lower band, and a mark that says
//! what the clip is. Drawn once per shot; a frame only stamps its timecode from ready glyphs.
#![expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "layout in fractions of a pixel"
)]

use super::compose::over;
use super::encode::Picture;
use super::lettering::{Lettering, Mask};
use super::plan::{FRAME_RATE, Shot};

/// The mark in the corner.
const MARK: &str = "ANIMATIC";
/// Longest part of a shot's words that is looked at, in characters.
const WORDS: usize = 400;
/// Luma of the text.
const WHITE: u32 = 232;

/// Something to lay over a rectangle of the picture; all numbers even.
#[derive(Debug)]
struct Overlay {
    left: usize,
    top: usize,
    wide: usize,
    luma: Vec<u8>,
    cover: Vec<u8>,
    /// Grey and coverage at half resolution.
    grey: Vec<u8>,
    half: Vec<u8>,
}

/// Everything written over the frames of one shot.
#[derive(Debug)]
pub struct Slate {
    overlays: Vec<Overlay>,
    figures: Vec<Mask>,
    clock: (i32, i32),
    pitch: Vec<i32>,
}

/// Sizes that follow from the frame's shorter side.
struct Layout {
    wide: usize,
    high: usize,
    margin: f32,
    text: f32,
    small: f32,
}

impl Layout {
    fn new(wide: u32, high: u32) -> Self {
        let short = wide.min(high) as f32;
        Self {
            wide: wide as usize,
            high: high as usize,
            margin: (short * 0.045).round().max(8.0),
            text: (short * 0.029).max(12.5),
            small: (short * 0.0185).max(9.5),
        }
    }
}

impl Slate {
    /// The slate of `shot`, one of `shots`, over frames of `wide` x `high` pixels.
    pub fn new(letters: &mut Lettering, shot: &Shot, shots: usize, wide: u32, high: u32) -> Self {
        let layout = Layout::new(wide, high);
        let clock_size = layout.text * 0.92;
        let figures: Vec<(Mask, f32)> = "0123456789:"
            .chars()
            .map(|c| {
                let text = c.to_string();
                let advance = letters.width(&text, clock_size, 0.0);
                let mut mask = Mask::new(advance.ceil() as usize + 2, clock_size.ceil() as usize + 2);
                letters.draw(&mut mask, &text, clock_size, 0.0, 1.0, clock_size);
                (mask, advance)
            })
            .collect();
        let pitch: Vec<i32> = figures.iter().map(|(_, advance)| advance.round() as i32).collect();
        let clock_wide = 6 * pitch[0] + 2 * pitch[10];
        let baseline = layout.high as f32 - layout.margin;
        let clock_left = layout.wide as i32 - layout.margin as i32 - clock_wide;
        let band = band(letters, shot, shots, &layout, clock_wide as f32);
        let mark = mark(letters, &layout);
        Self {
            overlays: vec![band, mark],
            figures: figures.into_iter().map(|(mask, _)| mask).collect(),
            clock: (clock_left - 1, (baseline - clock_size).round() as i32),
            pitch,
        }
    }

    /// Writes over a picture `wide` pixels across; `frame` counts from the start of the piece.
    pub fn draw(&self, picture: &mut Picture, wide: usize, frame: u32) {
        for overlay in &self.overlays {
            overlay.draw(picture, wide);
        }
        let seconds = frame / FRAME_RATE;
        let code = format!("{:02}:{:02}:{:02}", seconds / 60, seconds % 60, frame % FRAME_RATE);
        let (mut left, top) = self.clock;
        for byte in code.bytes() {
            let at = if byte == b':' { 10 } else { usize::from(byte - b'0') };
            stamp(picture, wide, &self.figures[at], left, top);
            left += self.pitch[at];
        }
    }
}

/// White text straight onto luma; the band below has already taken the colour away.
fn stamp(picture: &mut Picture, wide: usize, mask: &Mask, left: i32, top: i32) {
    for (y, row) in mask.cover.chunks_exact(mask.wide).enumerate() {
        for (x, &cover) in row.iter().enumerate() {
            let (Ok(x), Ok(y)) = (usize::try_from(left + x as i32), usize::try_from(top + y as i32)) else {
                continue;
            };
            if x < wide
                && let Some(value) = picture.y.get_mut(y * wide + x)
            {
                *value = mix(u32::from(*value), WHITE, u32::from(cover));
            }
        }
    }
}

/// The lower band: a scrim that deepens downwards, words left, shot number over the timecode right.
fn band(letters: &mut Lettering, shot: &Shot, shots: usize, layout: &Layout, clock_wide: f32) -> Overlay {
    let Layout { wide, high, margin, text, small } = *layout;
    let number = format!("SHOT {} / {shots}", shot.number);
    let tracking = small * 0.09;
    let number_wide = letters.width(&number, small, tracking);
    let aside = clock_wide.max(number_wide);
    // Two short lines read faster than one across the frame.
    let room = (wide as f32 - 2.0 * margin - aside - margin).min(text * 34.0);
    let words: String = shot.words.chars().take(WORDS).collect();
    let words = letters.showable(words.trim_end_matches([',', ';', ':', '-', ' ']));
    let lines = letters.wrap(&words, text, room);
    let leading = (text * 1.34).round();
    let tall = (leading * 2.0 + margin * 3.2) as usize;
    let tall = (tall + tall % 2).min(high);
    let baseline = tall as f32 - margin;
    let mut bright = Mask::new(wide, tall);
    for (up, line) in lines.iter().rev().enumerate() {
        letters.draw(&mut bright, line, text, 0.0, margin, baseline - leading * up as f32);
    }
    let mut dim = Mask::new(wide, tall);
    let left = wide as f32 - margin - number_wide;
    letters.draw(&mut dim, &number, small, tracking, left, baseline - leading);
    let mut scrim = Mask::new(wide, tall);
    for (y, row) in scrim.cover.chunks_exact_mut(wide).enumerate() {
        let down = y as f32 / tall as f32;
        let depth = down * down * (3.0 - 2.0 * down);
        row.fill((depth * 178.0) as u8);
    }
    // The timecode's own halo, as wide as it ever gets.
    let mut clock = Mask::new(wide, tall);
    let clock_left = wide as f32 - margin - clock_wide;
    letters.draw(&mut clock, "00:00:00", text * 0.92, 0.0, clock_left, baseline);
    shade(&mut scrim, &[&bright, &dim, &clock], small);
    Overlay::new(0, high - tall, &scrim, &[(&bright, 255), (&dim, 205)])
}

/// The mark, right on top, in a shade that falls off from the corner.
fn mark(letters: &mut Lettering, layout: &Layout) -> Overlay {
    let Layout { wide, margin, small, .. } = *layout;
    let tracking = small * 0.2;
    let text_wide = letters.width(MARK, small, tracking);
    let even = |value: f32| (value.ceil() as usize).next_multiple_of(2);
    let across = even((text_wide + margin) * 2.2).min(wide);
    let tall = even((small + margin) * 3.0).min(layout.high);
    let mut bright = Mask::new(across, tall);
    let left = across as f32 - margin - text_wide;
    letters.draw(&mut bright, MARK, small, tracking, left, margin + small * 0.74);
    let mut scrim = Mask::new(across, tall);
    for (y, row) in scrim.cover.chunks_exact_mut(across).enumerate() {
        let down = y as f32 / tall as f32;
        for (x, value) in row.iter_mut().enumerate() {
            let aside = 1.0 - x as f32 / across as f32;
            let near = (1.0 - down * down - aside * aside).max(0.0);
            *value = (near * near * 76.0) as u8;
        }
    }
    shade(&mut scrim, &[&bright], small);
    Overlay::new(wide - across, 0, &scrim, &[(&bright, 225)])
}

/// Darkens the scrim softly around letters, so that they read on white as on black.
fn shade(scrim: &mut Mask, texts: &[&Mask], small: f32) {
    let reach = (small * 0.5).max(3.0) as usize;
    for text in texts {
        let halo = text.halo(reach, 72);
        for (under, over) in scrim.cover.iter_mut().zip(halo.cover) {
            let (under_now, over) = (u32::from(*under), u32::from(over));
            *under = (255 - (255 - under_now) * (255 - over) / 255) as u8;
        }
    }
}

impl Overlay {
    /// Text of given opacities over a scrim of black.
    fn new(left: usize, top: usize, scrim: &Mask, texts: &[(&Mask, u32)]) -> Self {
        let (wide, high) = (scrim.wide, scrim.high);
        let (mut luma, mut cover) = (vec![0; wide * high], vec![0; wide * high]);
        for at in 0..wide * high {
            let shade = u32::from(scrim.cover[at]);
            let (mut light, mut hidden) = (16 * shade, shade);
            for (mask, opacity) in texts {
                let ink = u32::from(mask.cover[at]) * opacity / 255;
                light = (light * (255 - ink) + WHITE * ink * 255) / 255;
                hidden = 255 - (255 - hidden) * (255 - ink) / 255;
            }
            luma[at] = (light / 255).min(255) as u8;
            cover[at] = hidden.min(255) as u8;
        }
        let (grey, half) = (0..high / 2)
            .flat_map(|y| (0..wide / 2).map(move |x| (2 * y) * wide + 2 * x))
            .map(|at| {
                let four = [at, at + 1, at + wide, at + wide + 1];
                let sum: u32 = four.iter().map(|&i| u32::from(cover[i])).sum();
                let mean = (sum + 2) / 4;
                (((128 * mean + 127) / 255) as u8, mean as u8)
            })
            .unzip();
        Self { left, top, wide, luma, cover, grey, half }
    }

    fn draw(&self, picture: &mut Picture, wide: usize) {
        let rows = self.luma.chunks_exact(self.wide).zip(self.cover.chunks_exact(self.wide));
        for (y, (luma, cover)) in rows.enumerate() {
            let at = (self.top + y) * wide + self.left;
            over(&mut picture.y[at..at + self.wide], luma, cover);
        }
        let (half, across) = (wide / 2, self.wide / 2);
        let rows = self.grey.chunks_exact(across).zip(self.half.chunks_exact(across));
        for (y, (grey, cover)) in rows.enumerate() {
            let at = (self.top / 2 + y) * half + self.left / 2;
            over(&mut picture.u[at..at + across], grey, cover);
            over(&mut picture.v[at..at + across], grey, cover);
        }
    }
}

/// `from` towards `to` by `weight` / 255.
fn mix(from: u32, to: u32, weight: u32) -> u8 {
    ((from * (255 - weight) + to * weight + 127) / 255).min(255) as u8
}
