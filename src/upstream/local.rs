//! What the embedded upstreams share: names of jobs that are safe as file names, and their finished files.

use std::path::Path;

use futures_util::stream::StreamExt;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::{Body, Resume};

/// A job's id. The same create, should it ever come twice, is the same job.
pub(super) fn job(upstream: &str, idempotency_key: &str) -> String {
    let hash = format!("{:x}", Sha256::digest(idempotency_key.as_bytes()));
    format!("{upstream}_{}", &hash[..32])
}

/// Whether an id is one that `job` makes, and so safe as a file name.
pub(super) fn is_job(upstream: &str, id: &str) -> bool {
    id.strip_prefix(upstream)
        .and_then(|rest| rest.strip_prefix('_'))
        .is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Opens a finished file where a copy of it broke off.
pub(super) async fn open(path: &Path, resume: Option<&Resume>) -> std::io::Result<Body> {
    let mut file = tokio::fs::File::open(path).await?;
    let total = file.metadata().await?.len();
    let offset = resume.map_or(0, |resume| resume.offset).min(total);
    file.seek(std::io::SeekFrom::Start(offset)).await?;
    let stream = ReaderStream::with_capacity(file.take(total - offset), 256 * 1024);
    Ok(Body {
        offset,
        total: Some(total),
        // One id is one file, so what was copied of it can be gone on with.
        etag: Some("\"local\"".to_owned()),
        stream: stream.map(|bytes| bytes.map_err(|error| format!("The file could not be read: {error}."))).boxed(),
    })
}
