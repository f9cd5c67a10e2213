//! What a file that somebody brings turns out to be, by its bytes.

use std::path::Path;

use super::{container, reference};

/// The largest picture that is kept, in bytes.
const PICTURE_BYTES: u64 = 20 * 1024 * 1024;

/// A picture or a film that can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The usual end of its name.
    pub extension: &'static str,
    /// Its media type.
    pub mime: &'static str,
    /// Width and height in pixels, where the file tells them.
    pub size: Option<(u32, u32)>,
    /// How long it is in milliseconds; none for a picture.
    pub duration_ms: Option<u64>,
    /// Whether it stands still.
    pub is_picture: bool,
}

/// Why a file is not kept.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It is no picture and no film that is kept; the sentence says why.
    #[error("{0}")]
    Kind(String),
    /// The disk.
    #[error(transparent)]
    Disk(#[from] std::io::Error),
}

/// Looks at a file. Blocking.
pub fn look(path: &Path) -> Result<Known, Unfit> {
    // A picture is decoded whole, so that a huge one is not even looked at as one.
    let is_small = std::fs::metadata(path)?.len() <= PICTURE_BYTES;
    let inspected = if is_small { reference::inspect(path) } else { Err(reference::BadImage::NotAPicture) };
    match inspected {
        Ok(picture) => {
            return Ok(Known {
                extension: picture.format.extension(),
                mime: picture.format.mime(),
                size: Some((picture.wide, picture.high)),
                duration_ms: None,
                is_picture: true,
            });
        }
        Err(reference::BadImage::NotAPicture) => {}
        Err(error) => return Err(Unfit::Kind(error.to_string())),
    }
    let probe = container::check(&mut std::fs::File::open(path)?).map_err(|fault| {
        let is_image = matches!(fault, container::Fault::NotVideo { looks_like: container::LooksLike::Image });
        Unfit::Kind(if is_image && !is_small {
            "This picture is larger than 20 MB. Save it smaller, as JPEG for example.".to_owned()
        } else if matches!(fault, container::Fault::NotVideo { .. }) {
            "This is neither a PNG, JPEG or WebP picture nor an MP4, MOV or WebM film.".to_owned()
        } else {
            fault.to_string()
        })
    })?;
    Ok(Known {
        extension: probe.container.extension(),
        mime: probe.container.mime(),
        size: probe.wide.zip(probe.high),
        duration_ms: probe.duration_ms,
        is_picture: false,
    })
}
