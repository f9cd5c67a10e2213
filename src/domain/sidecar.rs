//! The small file beside each clip: what the database knows of it, so that a library outlives its database.

use serde::{Deserialize, Serialize};

/// What a sidecar tells. Times are RFC 3339 in UTC, lengths as named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sidecar {
    /// The clip's id.
    pub generation: String,
    /// Its task's id.
    pub task: String,
    /// Which of its task's variations it is, from 1.
    pub take: u8,
    /// The prompt.
    pub prompt: String,
    /// Who made it.
    pub upstream: String,
    /// By which model.
    pub model: String,
    /// The size asked for, as `1280x720`.
    pub size_asked: String,
    /// The length asked for, in seconds.
    pub seconds_asked: u16,
    /// The seed.
    pub seed: u64,
    /// The reference image, relative to the data folder.
    pub reference: Option<String>,
    /// The upstream's own id.
    pub upstream_id: Option<String>,
    /// What it cost, in dollars.
    pub cost_usd: String,
    /// When it was asked for.
    pub created_at: Option<String>,
    /// When the upstream took it.
    pub accepted_at: Option<String>,
    /// When it was ready there.
    pub rendered_at: Option<String>,
    /// The clip, relative to the data folder.
    pub file: String,
    /// Its media type.
    pub mime: String,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its real width in pixels, where it could be read.
    pub wide: Option<u32>,
    /// Its real height in pixels, where it could be read.
    pub high: Option<u32>,
    /// Its real length in milliseconds, where it could be read.
    pub duration_ms: Option<u64>,
}
