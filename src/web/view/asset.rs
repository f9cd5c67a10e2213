//! The files of `static/`: inside the binary, under a path that changes when any of them does.
//! Refuses a wrong hash, so that no cache keeps a page's script past its page.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// The first 12 hex digits of the SHA-256 over all names and contents. One hash for the whole
/// folder: the stylesheet names the font by a relative path, so both must move together.
static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<Cow<'_, str>> = Files::iter().collect();
    names.sort_unstable();
    let mut digest = Sha256::new();
    for name in names {
        digest.update(name.as_bytes());
        digest.update([0]);
        digest.update(Files::get(&name).map(|file| file.metadata.sha256_hash()).unwrap_or_default());
    }
    let mut hash = String::with_capacity(12);
    for byte in &digest.finalize()[..6] {
        write!(hash, "{byte:02x}").expect("a String takes all that is written to it");
    }
    hash
});

/// `rushes.css` -> `/static/3f9a1c2b4d5e/rushes.css`. An unknown name is a mistake in a template, which a test finds.
pub fn static_url(name: &str) -> String {
    debug_assert!(Files::get(name).is_some(), "static/ has no {name}");
    format!("/static/{}/{name}", *HASH)
}

/// A static file, as it goes over the wire.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
    /// `Content-Type`.
    pub mime: &'static str,
    /// `Cache-Control`: what has a hash in its path never changes.
    pub cache: &'static str,
}

/// The file under `/static/{hash}/{name}`; none for an unknown name or another hash.
pub fn serve(hash: &str, name: &str) -> Option<Asset> {
    if hash != *HASH {
        return None;
    }
    let file = Files::get(name)?;
    Some(Asset { bytes: file.data, mime: mime(name), cache: "public, max-age=31536000, immutable" })
}

fn mime(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_static_file_is_served_under_its_hash_only() {
        let url = static_url("rushes.css");
        let (hash, name) = url.trim_start_matches("/static/").split_once('/').expect("a hash and a name");
        assert!(
            serve(hash, name)
                .is_some_and(|asset| asset.mime.starts_with("text/css") && asset.cache.contains("immutable"))
        );
        assert!(serve("000000000000", name).is_none());
        assert!(serve(hash, "../Cargo.toml").is_none());
    }

    #[test]
    fn every_sample_has_its_still() {
        for sample in super::super::page::Sample::ALL {
            assert!(Files::get(&format!("samples/{}", sample.still)).is_some(), "{}", sample.still);
        }
    }

    #[test]
    #[should_panic(expected = "static/ has no")]
    fn an_unknown_name_is_found_by_a_test() {
        static_url("nothing.css");
    }
}
