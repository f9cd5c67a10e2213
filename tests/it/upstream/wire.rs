//! HTTP/1.1 by hand on a TCP socket, so that an answer can be cut, stalled or reset at an exact byte.
//! Knows nothing about videos. Refuses heads over 64 KiB and bodies over 64 MiB by hanging up.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::gate::Gate;
use super::message::{Answer, Ending, Framing, Request, piece_of};

const HEAD_LIMIT: usize = 64 * 1024;
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// One accepted connection.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Wire {
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    async fn more(&mut self) -> Option<()> {
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }

    /// Reads a request line and headers; `None` when the peer is gone or talks nonsense.
    pub async fn read_head(&mut self) -> Option<Request> {
        let end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at;
            }
            if self.buffer.len() > HEAD_LIMIT {
                return None;
            }
            self.more().await?;
        };
        let text = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        self.buffer.drain(..end + 4);
        let mut lines = text.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(n, v)| (n.to_ascii_lowercase(), v.trim().to_owned()))
            .collect();
        Some(Request { method, target, headers, body: Vec::new() })
    }

    /// Reads the body into `request`; `None` when the peer left in the middle of it.
    pub async fn read_body(&mut self, request: &mut Request) -> Option<()> {
        if request.header("expect").is_some() {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.ok()?;
        }
        if request.header("transfer-encoding").is_some_and(|v| v.contains("chunked")) {
            loop {
                let line = self.take_line().await?;
                let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
                let chunk = self.take(size).await?;
                request.body.extend(chunk);
                self.take_line().await?;
                if size == 0 {
                    return Some(());
                }
            }
        }
        let length = request.header("content-length").map_or(Some(0), |v| v.parse().ok())?;
        request.body = self.take(length).await?;
        Some(())
    }

    async fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        if count > BODY_LIMIT {
            return None;
        }
        while self.buffer.len() < count {
            self.more().await?;
        }
        Some(self.buffer.drain(..count).collect())
    }

    async fn take_line(&mut self) -> Option<String> {
        loop {
            if let Some(at) = find(&self.buffer, b"\r\n") {
                let line = self.take(at + 2).await?;
                return Some(String::from_utf8_lossy(&line[..at]).into_owned());
            }
            self.more().await?;
        }
    }

    /// Waits for a gate, or until the peer hangs up.
    pub async fn wait_at(&self, gate: &Gate) {
        gate.arrive();
        tokio::select! {
            () = gate.opened() => {}
            () = self.peer_left() => gate.peer_left(),
        }
    }

    /// Ends when the peer has closed its side; never while it sends or waits.
    pub async fn peer_left(&self) {
        let mut byte = [0];
        match self.stream.peek(&mut byte).await {
            Ok(0) | Err(_) => {}
            Ok(_) => std::future::pending().await,
        }
    }

    /// Sends an answer; true when the connection can carry another request.
    pub async fn send(&mut self, answer: &Answer) -> bool {
        let keep = matches!(answer.framing, Framing::Length | Framing::Chunked);
        match self.try_send(answer).await {
            Ok(true) => keep,
            Ok(false) | Err(_) => false,
        }
    }

    async fn try_send(&mut self, answer: &Answer) -> std::io::Result<bool> {
        self.put(&answer.head(), answer.drip).await?;
        let mut sent = 0;
        let mut hold = answer.hold.as_ref();
        loop {
            if let Some((at, gate)) = hold
                && *at as u64 <= sent
            {
                self.stream.flush().await?;
                self.wait_at(gate).await;
                hold = None;
            }
            if let Some((at, ending)) = &answer.cut
                && *at as u64 <= sent
            {
                if *ending == Ending::Reset {
                    self.stream.set_zero_linger()?;
                }
                return Ok(false);
            }
            let stop = [hold.map(|h| h.0), answer.cut.as_ref().map(|c| c.0)];
            let until = stop.into_iter().flatten().min().map_or(u64::MAX, |n| n as u64);
            let piece = piece_of(&answer.body, sent, until);
            if piece.is_empty() {
                break;
            }
            sent += piece.len() as u64;
            if answer.framing == Framing::Chunked {
                let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
                chunk.extend(piece);
                chunk.extend(b"\r\n");
                self.put(&chunk, answer.drip).await?;
            } else {
                self.put(&piece, answer.drip).await?;
            }
        }
        if answer.framing == Framing::Chunked {
            self.put(b"0\r\n\r\n", answer.drip).await?;
        }
        self.stream.flush().await?;
        Ok(true)
    }

    async fn put(&mut self, bytes: &[u8], drip: Option<Duration>) -> std::io::Result<()> {
        let Some(pause) = drip else {
            return self.stream.write_all(bytes).await;
        };
        for byte in bytes {
            self.stream.write_all(std::slice::from_ref(byte)).await?;
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }

    /// Hangs up with a RST instead of a FIN.
    pub fn reset(self) {
        // When the option is refused the peer sees a FIN, which the caller's test will notice.
        drop(self.stream.set_zero_linger());
    }
}

/// Where `needle` starts in `hay`.
pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|w| w == needle)
}
