//! The bytes a finished job serves: one real H.264 clip (1280x720, 4 s), made larger or broken on demand.

/// 1280x720, 4 s, 24 frames a second, with a silent sound track.
pub const CLIP: &[u8] = include_bytes!("clip.mp4");
/// 320x180.
pub const THUMBNAIL: &[u8] = include_bytes!("thumbnail.webp");
/// Four frames of 160x90 in a row.
pub const SPRITESHEET: &[u8] = include_bytes!("spritesheet.jpg");

/// The clip with a `free` box behind it: still a good MP4, at least `size_bytes` long.
/// The filling differs at every offset, so that pieces joined wrongly hash differently.
pub fn clip_of_bytes(size_bytes: usize) -> Vec<u8> {
    let mut clip = CLIP.to_vec();
    let filling = size_bytes.saturating_sub(clip.len() + 8);
    let length = u32::try_from(filling + 8).expect("a test clip is under 4 GiB");
    clip.extend(length.to_be_bytes());
    clip.extend(b"free");
    let words = (0_u32..).flat_map(|word| word.wrapping_mul(2_654_435_761).to_le_bytes());
    clip.extend(words.take(filling));
    clip
}

/// The same pictures in other bytes, at the start (the creation time) and at the end (one more box):
/// a file joined from both takes is neither.
pub fn another_take(clip: &[u8]) -> Vec<u8> {
    let mut take = clip.to_vec();
    if let Some(at) = clip.windows(4).position(|name| name == b"mvhd") {
        take[at + 11] = take[at + 11].wrapping_add(1);
    }
    take.extend(b"\0\0\0\x10freetake two");
    take
}

/// The clip without its `moov` box: no player can read it.
pub fn without_moov(clip: &[u8]) -> Vec<u8> {
    boxes(clip).filter(|(name, _)| name != b"moov").flat_map(|(_, bytes)| bytes.iter().copied()).collect()
}

/// The clip's first box, and then one that claims 2^63 bytes.
pub fn with_absurd_box(clip: &[u8]) -> Vec<u8> {
    let mut bytes = boxes(clip).next().map_or(Vec::new(), |(_, b)| b.to_vec());
    bytes.extend(1_u32.to_be_bytes());
    bytes.extend(b"moov");
    bytes.extend((1_u64 << 63).to_be_bytes());
    bytes.extend([0; 64]);
    bytes
}

/// Name and bytes (header included) of each top-level box.
fn boxes(clip: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = clip;
    std::iter::from_fn(move || {
        let size = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?);
        let name = rest.get(4..8)?.try_into().ok()?;
        let (whole, after) = rest.split_at_checked(usize::try_from(size).ok()?)?;
        rest = after;
        Some((name, whole))
    })
}
