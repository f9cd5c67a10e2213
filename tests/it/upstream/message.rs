//! A request as it came and an answer as it will go, with every way of sending it wrong. No sockets here.

use std::time::Duration;

use super::gate::Gate;

/// Bytes handed to the socket at once.
const PIECE: usize = 16 * 1024;

/// One request as it came over the socket. Header names are in lower case.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub method: String,
    /// Path and query as sent, still percent-encoded.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of that (lower case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Path segments, each decoded on its own, so that an id may hold a slash.
    pub fn segments(&self) -> Vec<String> {
        let path = self.target.split('?').next().unwrap_or_default();
        path.split('/').skip(1).map(decoded).collect()
    }

    /// A query value, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(n, _)| *n == name).map(|(_, v)| decoded(v))
    }
}

/// Percent-decodes; `+` stays a plus, because ids hold it.
pub fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        out.push(hex.unwrap_or(bytes[at]));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// How the length of a body is announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framing {
    /// The true Content-Length.
    Length,
    /// These Content-Length values, true or not; the connection closes afterwards.
    Claimed(Vec<String>),
    Chunked,
    /// No length: the end of the connection is the end of the body.
    UntilClose,
}

/// What happens when an answer stops before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    Close,
    Reset,
}

/// The bytes of a body; `Filler` is made up while sending, so it may be huge.
#[derive(Debug, Clone)]
pub enum Body {
    Bytes(Vec<u8>),
    Filler { before: Vec<u8>, byte: u8, count: u64, after: Vec<u8> },
}

/// One answer with every way of sending it wrong.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Body,
    pub framing: Framing,
    /// Stop after this many body bytes, in this way.
    pub cut: Option<(usize, Ending)>,
    /// Wait here, after this many body bytes; 0 means head sent, body not.
    pub hold: Option<(usize, Gate)>,
    /// Send one byte at a time with this pause, head included.
    pub drip: Option<Duration>,
    /// What the ledger says about this answer.
    pub label: String,
}

impl Answer {
    /// A healthy answer.
    pub fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), content_type.into())],
            body: Body::Bytes(body),
            framing: Framing::Length,
            cut: None,
            hold: None,
            drip: None,
            label: status.to_string(),
        }
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| n != name);
        self
    }

    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Bytes of the body.
    pub fn len(&self) -> u64 {
        match &self.body {
            Body::Bytes(bytes) => bytes.len() as u64,
            Body::Filler { before, count, after, .. } => before.len() as u64 + count + after.len() as u64,
        }
    }

    /// Status line and headers as sent.
    pub fn head(&self) -> Vec<u8> {
        let mut lines = vec![format!("HTTP/1.1 {} {}", self.status, reason(self.status))];
        lines.extend(self.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        match &self.framing {
            Framing::Length => lines.push(format!("content-length: {}", self.len())),
            Framing::Claimed(values) => {
                lines.extend(values.iter().map(|value| format!("content-length: {value}")));
            }
            Framing::Chunked => lines.push("transfer-encoding: chunked".to_owned()),
            Framing::UntilClose => lines.push("connection: close".to_owned()),
        }
        format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes()
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Other",
    }
}

/// The next bytes of a body from offset `sent`, never past offset `until`.
pub fn piece_of(body: &Body, sent: u64, until: u64) -> Vec<u8> {
    let room = usize::try_from(until.saturating_sub(sent)).unwrap_or(usize::MAX);
    let room = room.min(PIECE);
    let slice = |bytes: &[u8], from: u64| -> Vec<u8> {
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(bytes.len());
        bytes[from..].iter().take(room).copied().collect()
    };
    match body {
        Body::Bytes(bytes) => slice(bytes, sent),
        Body::Filler { before, byte, count, after } => {
            let first = before.len() as u64;
            if sent < first {
                slice(before, sent)
            } else if sent < first + count {
                let left = usize::try_from(first + count - sent).unwrap_or(usize::MAX);
                vec![*byte; left.min(room)]
            } else {
                slice(after, sent - first - count)
            }
        }
    }
}
