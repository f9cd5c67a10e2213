//! Lengths, sizes and moments, each in its own type.

use std::fmt;
use std::str::FromStr;

/// A moment: milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(i64);

impl Millis {
    /// As stored.
    pub const fn from_i64(value: i64) -> Self {
        Self(value)
    }

    /// For storage.
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// The moment `span` later.
    pub fn after(self, span: std::time::Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The moment `span` earlier.
    pub fn before(self, span: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long ago `earlier` was; nothing if it lies ahead.
    pub fn since(self, earlier: Self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }
}

/// A clip's length in whole seconds, 1 to 600.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(u16);

impl Seconds {
    /// The shortest.
    pub const ONE: Self = Self(1);

    /// A length; none outside 1 to 600 s.
    pub const fn new(seconds: u16) -> Option<Self> {
        if seconds >= 1 && seconds <= 600 { Some(Self(seconds)) } else { None }
    }

    /// In seconds.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Whole seconds of a film, as far as they can be told; a picture counts as 1.
    pub fn of(duration_ms: Option<u64>) -> Self {
        let whole = duration_ms.unwrap_or(1000).div_ceil(1000).clamp(1, 600);
        u16::try_from(whole).ok().and_then(Self::new).unwrap_or(Self::ONE)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A frame's size in pixels, each side 16 to 8192; written `1280x720`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pixels {
    wide: u16,
    high: u16,
}

/// Text that is not a frame size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a size as width x height in pixels, for example \"1280x720\"")]
pub struct NotASize;

/// The ratios people name, and how each is drawn.
const RATIOS: [(&str, u32, u32); 6] =
    [("16:9", 16, 9), ("9:16", 9, 16), ("1:1", 1, 1), ("4:3", 4, 3), ("3:4", 3, 4), ("21:9", 21, 9)];
/// The short side that gives a resolution its name.
const RESOLUTIONS: [(&str, u32); 3] = [("480p", 480), ("720p", 720), ("1080p", 1080)];

impl Pixels {
    /// The usual 720p.
    pub const HD: Self = Self { wide: 1280, high: 720 };

    /// A size; none when a side is outside 16 to 8192.
    pub const fn new(wide: u16, high: u16) -> Option<Self> {
        if wide >= 16 && wide <= 8192 && high >= 16 && high <= 8192 { Some(Self { wide, high }) } else { None }
    }

    /// The shape of a film, in sides that are kept; 720p where it cannot be told.
    pub fn of(size: Option<(u32, u32)>) -> Self {
        let within = |pixels: u32| u16::try_from(pixels.clamp(16, 8192)).unwrap_or(8192);
        size.and_then(|(wide, high)| Self::new(within(wide), within(high))).unwrap_or(Self::HD)
    }

    /// Width in pixels.
    pub const fn wide(self) -> u16 {
        self.wide
    }

    /// Height in pixels.
    pub const fn high(self) -> u16 {
        self.high
    }

    /// How people call the shape: a usual ratio when within 3 %, else the exact one.
    pub fn aspect(self) -> String {
        let (w, h) = (u32::from(self.wide), u32::from(self.high));
        for (name, rw, rh) in RATIOS {
            let (a, b) = (w * rh, h * rw);
            if a.abs_diff(b) * 100 <= b * 3 {
                return name.to_owned();
            }
        }
        let divisor = gcd(w, h);
        format!("{}:{}", w / divisor, h / divisor)
    }

    /// How people call the fineness: `720p` when this is the usual size of that
    /// name in its shape, else the size itself.
    pub fn resolution(self) -> String {
        let aspect = self.aspect();
        RESOLUTIONS
            .iter()
            .find(|(name, _)| Self::named(&aspect, name) == Some(self))
            .map_or_else(|| self.to_string(), |(name, _)| (*name).to_owned())
    }

    /// The usual size of an aspect and a resolution: 16:9 with 480p is 854x480.
    pub fn named(aspect: &str, resolution: &str) -> Option<Self> {
        let (_, rw, rh) = RATIOS.into_iter().find(|(name, ..)| *name == aspect)?;
        let (_, short) = RESOLUTIONS.into_iter().find(|(name, _)| *name == resolution)?;
        // H.264 with 4:2:0 colour wants even sides, so the long one is rounded to even.
        let long = |more: u32, less: u32| u16::try_from((short * more).div_ceil(less).next_multiple_of(2)).ok();
        let short = u16::try_from(short).ok()?;
        if rw >= rh { Self::new(long(rw, rh)?, short) } else { Self::new(short, long(rh, rw)?) }
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl fmt::Display for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.wide, self.high)
    }
}

impl FromStr for Pixels {
    type Err = NotASize;

    fn from_str(text: &str) -> Result<Self, NotASize> {
        let (wide, high) = text.split_once('x').ok_or(NotASize)?;
        let side = |s: &str| {
            let plain = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
            if plain { s.parse().map_err(|_| NotASize) } else { Err(NotASize) }
        };
        Self::new(side(wide)?, side(high)?).ok_or(NotASize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aspect_and_resolution_name_a_size_and_the_size_names_them() {
        for (aspect, resolution, size) in [
            ("16:9", "480p", "854x480"),
            ("16:9", "720p", "1280x720"),
            ("16:9", "1080p", "1920x1080"),
            ("9:16", "480p", "480x854"),
            ("9:16", "720p", "720x1280"),
            ("1:1", "720p", "720x720"),
            ("4:3", "720p", "960x720"),
            ("21:9", "720p", "1680x720"),
        ] {
            let named = Pixels::named(aspect, resolution).expect(size);
            assert_eq!(named.to_string(), size);
            assert_eq!((named.aspect().as_str(), named.resolution().as_str()), (aspect, resolution));
        }
    }

    #[test]
    fn a_size_without_a_usual_name_goes_under_its_own() {
        let wide: Pixels = "1792x1024".parse().expect("a size");
        assert_eq!((wide.aspect().as_str(), wide.resolution().as_str()), ("16:9", "1792x1024"));
        let odd: Pixels = "1000x400".parse().expect("a size");
        assert_eq!((odd.aspect().as_str(), odd.resolution().as_str()), ("5:2", "1000x400"));
    }

    #[test]
    fn text_that_is_not_a_size_is_refused() {
        for text in ["", "x", "1280", "1280X720", "0x0", "-1x5", "+64x64", "99999x9", "1280x720x3", " 64x64"] {
            assert_eq!(text.parse::<Pixels>(), Err(NotASize), "{text:?}");
        }
    }
}
