//! What a picture file says of itself in its first bytes: kind and size, for pictures of our own making.

/// A picture's kind and size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Still {
    /// Its media type.
    pub mime: &'static str,
    /// The end of its name.
    pub extension: &'static str,
    /// Width in pixels.
    pub wide: u32,
    /// Height in pixels.
    pub high: u32,
}

/// How many bytes `sniff` needs.
pub const HEAD_BYTES: usize = 24;

/// Reads the head of a PNG or a GIF (PNG 1.2 section 4.1.1, `GIF89a` section 18); none for anything else.
pub fn sniff(head: &[u8]) -> Option<Still> {
    let four = |at: usize| head.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    let two = |at: usize| head.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes).map(u32::from);
    let (mime, extension, wide, high) = if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        ("image/png", "png", four(16)?, four(20)?)
    } else if head.starts_with(b"GIF89a") || head.starts_with(b"GIF87a") {
        ("image/gif", "gif", two(6)?, two(8)?)
    } else {
        return None;
    };
    (wide > 0 && high > 0).then_some(Still { mime, extension, wide, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pngs_and_gifs_tell_their_size_and_nothing_else_is_one() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x05\0\0\0\x02\xd0";
        assert_eq!(sniff(png), Some(Still { mime: "image/png", extension: "png", wide: 1280, high: 720 }));
        let gif = b"GIF89a\xe0\x01\x0e\x01";
        assert_eq!(sniff(gif), Some(Still { mime: "image/gif", extension: "gif", wide: 480, high: 270 }));
        assert_eq!(sniff(&png[..20]), None);
        assert_eq!(sniff(b"\0\0\0\x18ftypmp42"), None);
    }
}
