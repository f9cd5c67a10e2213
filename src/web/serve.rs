//! Sends one stored file: whole or one byte range, in 64 KiB steps, under headers that keep a
//! hostile body inert. Never follows a symlink, never serves more than one range.

use std::fmt::Write as _;
use std::io::{ErrorKind, SeekFrom};
use std::path::Path;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

const STEP: usize = 64 * 1024;
/// A longer `Range` header is answered with the whole file.
const MOST_RANGE_CHARS: usize = 256;
const MOST_NAME_BYTES: usize = 150;

/// What we know of a file from our own records.
#[derive(Debug, Clone)]
pub struct Served<'a> {
    /// Type by its sniffed bytes.
    pub mime: &'static str,
    /// Strong entity tag with its quotes, made from the SHA-256.
    pub etag: String,
    /// File name to save it under; shown in the page when `None`.
    pub download_as: Option<&'a str>,
    /// Whether these bytes never change under this address.
    pub immutable: bool,
}

/// Why a file was not sent.
#[derive(Debug, thiserror::Error)]
pub enum NotServed {
    /// No regular file is there: answer 404.
    #[error("there is no such file")]
    Missing,
    /// The disk refused: answer 500 and log it.
    #[error("the file could not be read")]
    Unreadable(#[source] std::io::Error),
}

/// Answers GET or HEAD for one file. The path must be made by us, from ids.
pub async fn file(
    method: &Method,
    headers: &HeaderMap,
    path: &Path,
    served: Served<'_>,
) -> Result<Response, NotServed> {
    let (mut file, len) = open(path).await?;
    let mut answer = Response::new(Body::empty());
    served.dress(answer.headers_mut());
    if is_known(headers, &served.etag) {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(answer);
    }
    let wanted = match wanted_range(method, headers, &served.etag) {
        Some(range) => range.within(len),
        None => Reply::Whole,
    };
    let (start, size) = match wanted {
        Reply::Whole => (0, len),
        Reply::Part { start, size } => {
            let span = format!("bytes {start}-{}/{len}", start + size - 1);
            put(answer.headers_mut(), header::CONTENT_RANGE, &span);
            *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
            (start, size)
        }
        Reply::Unsatisfiable => {
            put(answer.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{len}"));
            put(answer.headers_mut(), header::CONTENT_LENGTH, "0");
            *answer.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return Ok(answer);
        }
    };
    put(answer.headers_mut(), header::CONTENT_TYPE, served.mime);
    put(answer.headers_mut(), header::CONTENT_LENGTH, &size.to_string());
    if method != Method::HEAD && size > 0 {
        let seek = file.seek(SeekFrom::Start(start)).await;
        seek.map_err(NotServed::Unreadable)?;
        *answer.body_mut() = Body::from_stream(ReaderStream::with_capacity(file.take(size), STEP));
    }
    Ok(answer)
}

async fn open(path: &Path) -> Result<(File, u64), NotServed> {
    let mut options = OpenOptions::new();
    options.read(true);
    // A symlink is an error, and a pipe put in place of a file cannot hold us up.
    #[cfg(unix)]
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let mut file = options.open(path).await.map_err(|error| {
        let is_missing = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) || is_symlink(&error);
        if is_missing { NotServed::Missing } else { NotServed::Unreadable(error) }
    })?;
    let about = file.metadata().await.map_err(NotServed::Unreadable)?;
    if !about.is_file() {
        return Err(NotServed::Missing);
    }
    file.set_max_buf_size(STEP);
    Ok((file, about.len()))
}

#[cfg(unix)]
fn is_symlink(error: &std::io::Error) -> bool {
    // FreeBSD says EMLINK where the rest says ELOOP.
    matches!(error.raw_os_error(), Some(libc::ELOOP | libc::EMLINK))
}

#[cfg(not(unix))]
fn is_symlink(_: &std::io::Error) -> bool {
    false
}

impl Served<'_> {
    /// Sets every header that does not depend on the range.
    fn dress(&self, headers: &mut HeaderMap) {
        let cache = if self.immutable { "private, max-age=31536000, immutable" } else { "private, no-cache" };
        let disposition = self.download_as.map(attachment);
        put(headers, header::ETAG, &self.etag);
        put(headers, header::CACHE_CONTROL, cache);
        put(headers, header::ACCEPT_RANGES, "bytes");
        put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        put(headers, header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'");
        put(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
        put(headers, header::CONTENT_DISPOSITION, disposition.as_deref().unwrap_or("inline"));
    }
}

/// Sets a header; a value that cannot stand in one (never ours) is left out.
fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Whether the asker already holds these bytes (`If-None-Match`, compared weakly).
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag)
}

/// One byte range as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    From(u64),
    Between(u64, u64),
    Last(u64),
}

/// What a range comes to for a file of a known length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    Whole,
    Part { start: u64, size: u64 },
    Unsatisfiable,
}

/// The one range to honour; `None` means the whole file.
fn wanted_range(method: &Method, headers: &HeaderMap, etag: &str) -> Option<Range> {
    let mut asked = headers.get_all(header::RANGE).iter();
    let (Some(range), None, &Method::GET) = (asked.next(), asked.next(), method) else {
        return None;
    };
    let is_stale = headers.get(header::IF_RANGE).is_some_and(|known| known.as_bytes() != etag.as_bytes());
    if is_stale || range.len() > MOST_RANGE_CHARS {
        return None;
    }
    Range::parse(range.to_str().ok()?)
}

impl Range {
    fn parse(header: &str) -> Option<Self> {
        let (unit, range) = header.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        match (first, last) {
            (first, "") => number(first).map(Self::From),
            ("", count) => number(count).map(Self::Last),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::Between(first, last))
            }
        }
    }

    fn within(self, len: u64) -> Reply {
        let (start, end) = match self {
            Self::From(first) => (first, len),
            Self::Between(first, last) => (first, last.saturating_add(1).min(len)),
            Self::Last(count) => (len.saturating_sub(count), len),
        };
        match end.checked_sub(start) {
            Some(size) if size > 0 => Reply::Part { start, size },
            _ => Reply::Unsatisfiable,
        }
    }
}

/// Reads one end of a range; digits that do not fit are simply beyond any file.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// `Content-Disposition` for saving under a name: a plain-ASCII form, and the true one encoded.
fn attachment(name: &str) -> String {
    let name = safe_name(name);
    let plain: String =
        name.chars().map(|letter| if letter.is_ascii() && letter != '%' { letter } else { '_' }).collect();
    let mut value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(value, "%{byte:02X}");
        }
    }
    value
}

/// A name every file system takes: no separators, quotes or invisible letters, at most 150
/// bytes with its extension kept.
fn safe_name(name: &str) -> String {
    let cleaned: String = name
        .chars()
        .filter(|letter| !is_invisible(*letter))
        .map(|letter| if "/\\\"'<>:|?*;".contains(letter) || letter.is_control() { '_' } else { letter })
        .collect();
    let cleaned = cleaned.trim_matches(|edge: char| edge == '.' || edge.is_whitespace());
    if cleaned.is_empty() {
        return "video".to_owned();
    }
    let (stem, extension) = match cleaned.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 8 => (stem, Some(extension)),
        _ => (cleaned, None),
    };
    let room = MOST_NAME_BYTES - extension.map_or(0, |extension| extension.len() + 1);
    let stem = &stem[..stem.floor_char_boundary(room)];
    match extension {
        Some(extension) => format!("{stem}.{extension}"),
        None => stem.to_owned(),
    }
}

/// Letters that reorder or hide others (bidirectional marks, zero-width joiners, byte-order mark).
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::{Range, Reply, attachment};

    #[test]
    fn a_range_is_cut_to_the_file_or_refused() {
        let reply = |text: &str, len| Range::parse(text).map(|range| range.within(len));
        let part = |start, size| Some(Reply::Part { start, size });

        assert_eq!(reply("bytes=0-0", 10), part(0, 1));
        assert_eq!(reply("bytes=4-", 10), part(4, 6));
        assert_eq!(reply("Bytes = 4-99999999999999999999", 10), part(4, 6));
        assert_eq!(reply("bytes=-3", 10), part(7, 3));
        assert_eq!(reply("bytes=-99", 10), part(0, 10));
        for beyond in ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99999999999999999999-"] {
            assert_eq!(reply(beyond, 10), Some(Reply::Unsatisfiable), "{beyond}");
        }
        assert_eq!(reply("bytes=0-", 0), Some(Reply::Unsatisfiable));
        for odd in ["bytes=5-4", "bytes=-", "bytes=a-b", "bytes=+1-2", "items=0-1", "bytes=0-1,3-4", "0-1", ""] {
            assert_eq!(reply(odd, 10), None, "{odd}");
        }
    }

    #[test]
    fn a_download_name_is_harmless_and_still_readable() {
        let plain = |name: &str| attachment(name).split('"').nth(1).map(str::to_owned);

        assert_eq!(plain("../../etc/passwd\r\nX: y").as_deref(), Some("_.._etc_passwd__X_ y"));
        assert_eq!(plain("say \"hi\".mp4").as_deref(), Some("say _hi_.mp4"));
        assert_eq!(plain("gpj.\u{202E}4pm.exe").as_deref(), Some("gpj.4pm.exe"));
        assert_eq!(plain(" ... ").as_deref(), Some("video"));
        assert_eq!(
            attachment("été 1%.mp4"),
            "attachment; filename=\"_t_ 1_.mp4\"; filename*=UTF-8''%C3%A9t%C3%A9%201%25.mp4"
        );
        let long = plain(&format!("{}.mp4", "é".repeat(300))).unwrap_or_default();
        assert_eq!(long, format!("{}.mp4", "_".repeat(73)));
    }
}
