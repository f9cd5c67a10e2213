//! The still picture of a clip: the first H.264 frame that shows something, or an upstream's
//! thumbnail, always written by us as JPEG. What cannot be drawn is left to the browser.

use std::fs::File;
use std::path::Path;

use image::RgbImage;
use openh264::decoder::{DecodeOptions, DecodedYUV, Decoder, Flush};
use openh264::formats::YUVSource;

use super::boxes::Bytes;
use super::container::Fault;
use super::movie::{Movie, Track};
use super::picture::{self, Bounds, Pixels, Refusal};

const MOST_SAMPLE_BYTES: u64 = 16 * 1024 * 1024;
const MOST_THUMBNAIL_BYTES: usize = 8 * 1024 * 1024;
const MOST_SETTINGS_BYTES: u64 = 64 * 1024;
/// Samples fed before giving up on a first picture.
const PATIENCE: usize = 30;
/// Samples decoded in a row to get past a dark opening (1 s at 60 frames a second).
const LOOK_AHEAD: usize = 60;
/// Frames up to 4096 x 2304, the most the decoder's highest level allows.
const MOST_AREA: u64 = 4096 * 2304;
const EDGE: u32 = 1280;
const QUALITY: u8 = 84;
const THUMBNAIL: Bounds = Bounds { side: 4096, area: 4096 * 4096 };

/// Why there is no poster; never a reason to give up a clip.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPoster {
    /// The clip's structure does not hold.
    #[error("no poster: {0}")]
    Fault(#[from] Fault),
    /// Another codec, a fragmented file, or a size beyond the decoder.
    #[error("no poster: this kind of clip is not decoded here")]
    NotOurs,
    /// The decoder gave no picture.
    #[error("no poster: the first frames could not be decoded")]
    Undecodable,
    /// A thumbnail that is no small PNG, JPEG or WebP.
    #[error("no poster: the thumbnail is not a picture we take")]
    BadThumbnail,
    /// The disk refused.
    #[error("no poster: disk error ({0})")]
    Disk(std::io::ErrorKind),
}

impl From<Refusal> for NoPoster {
    fn from(_: Refusal) -> Self {
        Self::BadThumbnail
    }
}

/// Draws the poster of an H.264 MP4: at most 1280 pixels on its longer edge.
///
/// A nearly black first frame is passed over for one about a second in.
pub fn draw(clip: &Path, out: &Path) -> Result<(), NoPoster> {
    let file = File::open(clip).map_err(|error| NoPoster::Disk(error.kind()))?;
    let mut bytes = Bytes::new(&file)?;
    let movie = Movie::open(&mut bytes)?;
    let track = movie.video().ok_or(NoPoster::NotOurs)?;
    let reel = Reel::open(&mut bytes, track)?;
    let frame = reel.best(&mut bytes)?;
    write(out, &frame)
}

/// Turns an upstream's thumbnail (PNG, JPEG or WebP, 8 MiB and 4096 x 4096 at most) into the poster.
pub fn from_thumbnail(bytes: &[u8], out: &Path) -> Result<(), NoPoster> {
    if bytes.len() > MOST_THUMBNAIL_BYTES {
        return Err(NoPoster::BadThumbnail);
    }
    let (pixels, _) = picture::decode(bytes, THUMBNAIL)?;
    write(out, &pixels.within(EDGE))
}

/// Frames of a sheet: columns and rows.
const SHEET: (u32, u32) = (4, 4);
/// The longer edge of a frame on a sheet, in pixels.
const SHEET_EDGE: u32 = 320;
/// Samples of a clip that are decoded for its sheet: 20 s at 60 frames a second.
const SHEET_SAMPLES: u32 = 1_200;

/// Draws sixteen frames of an H.264 MP4 on one sheet, from its beginning to its end.
pub fn sheet(clip: &Path, out: &Path) -> Result<(), NoPoster> {
    let file = File::open(clip).map_err(|error| NoPoster::Disk(error.kind()))?;
    let mut bytes = Bytes::new(&file)?;
    let movie = Movie::open(&mut bytes)?;
    let track = movie.video().ok_or(NoPoster::NotOurs)?;
    let frames = Reel::open(&mut bytes, track)?.spread(&mut bytes, SHEET.0 * SHEET.1)?;
    let (wide, high) = frames.first().map(RgbImage::dimensions).ok_or(NoPoster::Undecodable)?;
    let mut whole = RgbImage::new(wide * SHEET.0, high * SHEET.1);
    for (number, frame) in (0..).zip(&frames) {
        let (x, y) = (number % SHEET.0 * wide, number / SHEET.0 * high);
        image::imageops::replace(&mut whole, frame, i64::from(x), i64::from(y));
    }
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder).map_err(|error| NoPoster::Disk(error.kind()))?;
    }
    write(out, &whole)
}

fn write(out: &Path, frame: &RgbImage) -> Result<(), NoPoster> {
    let jpeg = picture::jpeg(frame, QUALITY).ok_or(NoPoster::Undecodable)?;
    picture::put(out, &jpeg).map_err(|error| NoPoster::Disk(error.kind()))
}

/// How a clip's brightness and colour numbers are meant.
#[derive(Debug, Clone, Copy)]
struct Colour {
    is_hd: bool,
    is_full_range: bool,
}

/// An H.264 track ready to be decoded.
struct Reel<'t> {
    track: &'t Track,
    /// Parameter sets, each behind a start code.
    settings: Vec<u8>,
    /// Bytes of the length before each unit, 1 to 4.
    length_size: usize,
    colour: Colour,
}

impl<'t> Reel<'t> {
    fn open(bytes: &mut Bytes<'_>, track: &'t Track) -> Result<Self, NoPoster> {
        let area = u64::from(track.wide) * u64::from(track.high);
        let is_ours = matches!(&track.codec, b"avc1" | b"avc3");
        if !is_ours || area == 0 || area > MOST_AREA || track.samples.count == 0 {
            return Err(NoPoster::NotOurs);
        }
        let mut reel = Self {
            track,
            settings: Vec::new(),
            length_size: 0,
            colour: Colour {
                // What browsers assume of a clip that does not say.
                is_hd: track.high.min(track.wide) >= 720,
                is_full_range: false,
            },
        };
        let (from, end) = track.settings;
        bytes.each_atom(from, end, |bytes, atom| {
            let size = atom.end - atom.body;
            match &atom.kind {
                b"avcC" => {
                    let record = bytes.piece(atom.body, size, MOST_SETTINGS_BYTES)?;
                    reel.take_settings(&record).ok_or(Fault::Malformed("its decoder settings are cut"))?;
                }
                b"colr" if size >= 11 && bytes.read::<4>(atom.body)? == *b"nclx" => {
                    reel.colour.is_full_range = bytes.u8(atom.body + 10)? & 0x80 != 0;
                    match bytes.u16(atom.body + 8)? {
                        1 => reel.colour.is_hd = true,
                        5 | 6 => reel.colour.is_hd = false,
                        _ => {}
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        if reel.length_size == 0 {
            return Err(NoPoster::NotOurs);
        }
        Ok(reel)
    }

    /// Reads `avcC`: the length size, then counted lists of parameter sets.
    fn take_settings(&mut self, record: &[u8]) -> Option<()> {
        self.length_size = usize::from(record.get(4)? & 3) + 1;
        let mut at = 5;
        for mask in [0x1F, 0xFF] {
            let count = record.get(at)? & mask;
            at += 1;
            for _ in 0..count {
                let size = u16::from_be_bytes([*record.get(at)?, *record.get(at + 1)?]);
                let unit = record.get(at + 2..at + 2 + usize::from(size))?;
                self.settings.extend_from_slice(&[0, 0, 0, 1]);
                self.settings.extend_from_slice(unit);
                at += 2 + usize::from(size);
            }
        }
        Some(())
    }

    /// The first frame, or a brighter one about a second on when it is nearly black.
    fn best(&self, bytes: &mut Bytes<'_>) -> Result<RgbImage, NoPoster> {
        let samples = &self.track.samples;
        let start = samples.next_sync(bytes, 0)?.ok_or(NoPoster::Undecodable)?;
        let mut is_black = false;
        let first = self.frame(bytes, start, PATIENCE, |picture| {
            is_black = self.colour.is_dark(picture);
            true
        })?;
        if !is_black {
            return Ok(first);
        }
        let second = u64::from(self.track.timescale);
        let soon = samples.at_time(bytes, second)?.unwrap_or(start);
        let last = samples.at_time(bytes, second * 3)?.unwrap_or(samples.count);
        let jump = samples.next_sync(bytes, soon)?;
        // Without a place to jump to, the opening is decoded through.
        let (from, most) = match jump.filter(|sync| *sync > start && *sync <= last) {
            Some(sync) => (sync, PATIENCE),
            None => (start, LOOK_AHEAD),
        };
        let later = self.frame(bytes, from, most, |picture| !self.colour.is_dark(picture));
        Ok(later.unwrap_or(first))
    }

    /// Decodes from a sync sample until a picture pleases, `most` samples at most.
    fn frame(
        &self,
        bytes: &mut Bytes<'_>,
        from: u32,
        most: usize,
        mut pleases: impl FnMut(&DecodedYUV<'_>) -> bool,
    ) -> Result<RgbImage, NoPoster> {
        let mut decoder = Decoder::new().map_err(|_| NoPoster::Undecodable)?;
        let mut stream = self.settings.clone();
        for place in self.track.samples.places(bytes, from, most)? {
            let sample = bytes.piece(place.at, place.size, MOST_SAMPLE_BYTES)?;
            self.append(&mut stream, &sample).ok_or(NoPoster::Undecodable)?;
            // Flushing after each sample would break every picture that leans on a later one.
            let patient = DecodeOptions::new().flush_after_decode(Flush::NoFlush);
            // An error here may only mean "not yet": what follows decides.
            if let Ok(Some(picture)) = decoder.decode_with_options(&stream, patient)
                && pleases(&picture)
            {
                return Ok(self.colour.rgb(&picture)?.within(EDGE));
            }
            stream.clear();
        }
        // A clip of a few frames may still be held back whole.
        let held = decoder.flush_remaining().unwrap_or_default();
        match held.iter().find(|picture| pleases(picture)) {
            Some(picture) => Ok(self.colour.rgb(picture)?.within(EDGE)),
            None => Err(NoPoster::Undecodable),
        }
    }

    /// So many frames at equal distances, in the order they are decoded in.
    fn spread(&self, bytes: &mut Bytes<'_>, many: u32) -> Result<Vec<RgbImage>, NoPoster> {
        let samples = &self.track.samples;
        let start = samples.next_sync(bytes, 0)?.ok_or(NoPoster::Undecodable)?;
        let count = samples.count.saturating_sub(start).min(SHEET_SAMPLES);
        let most = usize::try_from(count).unwrap_or(usize::MAX);
        let mut decoder = Decoder::new().map_err(|_| NoPoster::Undecodable)?;
        let mut stream = self.settings.clone();
        let (mut frames, mut seen) = (Vec::new(), 0_u32);
        let mut keep = |picture: &DecodedYUV<'_>| -> Result<(), NoPoster> {
            let wanted = u32::try_from(frames.len()).unwrap_or(many) * count / many;
            if seen >= wanted && frames.len() < usize::try_from(many).unwrap_or(0) {
                frames.push(self.colour.rgb(picture)?.within(SHEET_EDGE));
            }
            seen += 1;
            Ok(())
        };
        for place in samples.places(bytes, start, most)? {
            let sample = bytes.piece(place.at, place.size, MOST_SAMPLE_BYTES)?;
            self.append(&mut stream, &sample).ok_or(NoPoster::Undecodable)?;
            let patient = DecodeOptions::new().flush_after_decode(Flush::NoFlush);
            if let Ok(Some(picture)) = decoder.decode_with_options(&stream, patient) {
                keep(&picture)?;
            }
            stream.clear();
        }
        for picture in &decoder.flush_remaining().unwrap_or_default() {
            keep(picture)?;
        }
        Ok(frames)
    }

    /// Rewrites one sample's length-prefixed units behind start codes.
    fn append(&self, stream: &mut Vec<u8>, mut sample: &[u8]) -> Option<()> {
        while !sample.is_empty() {
            let (length, rest) = sample.split_at_checked(self.length_size)?;
            let size = length.iter().fold(0, |size, byte| size << 8 | usize::from(*byte));
            let (unit, rest) = rest.split_at_checked(size)?;
            stream.extend_from_slice(&[0, 0, 0, 1]);
            stream.extend_from_slice(unit);
            sample = rest;
        }
        Some(())
    }
}

impl Colour {
    /// Converts a decoded picture to RGB in 16-bit fixed point.
    fn rgb(self, picture: &DecodedYUV<'_>) -> Result<Pixels, NoPoster> {
        let (wide, high) = picture.dimensions();
        let (luma_stride, blue_stride, red_stride) = picture.strides();
        if wide as u64 * high as u64 > MOST_AREA {
            return Err(NoPoster::NotOurs);
        }
        let (floor, scale) = if self.is_full_range { (0, 65_536) } else { (16, 76_309) };
        // Red from Cr, green from Cb and Cr, blue from Cb: BT.709 or BT.601.
        let (rv, gu, gv, bu) = match (self.is_hd, self.is_full_range) {
            (true, false) => (117_489, 13_975, 34_925, 138_438),
            (true, true) => (103_206, 12_276, 30_679, 121_609),
            (false, false) => (104_597, 25_675, 53_279, 132_201),
            (false, true) => (91_881, 22_554, 46_802, 116_130),
        };
        let mut rgb = Vec::with_capacity(wide * high * 3);
        for row in 0..high {
            let luma = picture.y().get(row * luma_stride..);
            let blue = picture.u().get(row / 2 * blue_stride..);
            let red = picture.v().get(row / 2 * red_stride..);
            let (Some(luma), Some(blue), Some(red)) = (luma, blue, red) else {
                return Err(NoPoster::Undecodable);
            };
            for (column, light) in luma.iter().take(wide).enumerate() {
                let cb = blue.get(column / 2).map_or(0, |cb| i32::from(*cb) - 128);
                let cr = red.get(column / 2).map_or(0, |cr| i32::from(*cr) - 128);
                let light = (i32::from(*light) - floor) * scale + 32_768;
                let part = |value: i32| u8::try_from((value >> 16).clamp(0, 255)).unwrap_or(0);
                rgb.extend_from_slice(&[part(light + rv * cr), part(light - gu * cb - gv * cr), part(light + bu * cb)]);
            }
        }
        let size = (u32::try_from(wide).ok(), u32::try_from(high).ok());
        let (Some(wide), Some(high)) = size else {
            return Err(NoPoster::Undecodable);
        };
        let image = RgbImage::from_raw(wide, high, rgb).ok_or(NoPoster::Undecodable)?;
        Ok(Pixels::Opaque(image))
    }

    /// Whether a picture shows next to nothing: 4 in 100 of full brightness on average.
    fn is_dark(self, picture: &DecodedYUV<'_>) -> bool {
        let (wide, high) = picture.dimensions();
        let floor = if self.is_full_range { 0 } else { 16 };
        let rows = picture.y().chunks(picture.strides().0.max(1)).take(high);
        let light: u64 =
            rows.flat_map(|row| row.iter().take(wide)).map(|light| u64::from(light.saturating_sub(floor))).sum();
        light < wide as u64 * high as u64 * 9
    }
}
