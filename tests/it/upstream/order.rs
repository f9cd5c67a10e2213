//! Reads the body of a create, multipart or JSON, into an order. Judges nothing but its readability.

use base64::Engine;
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::message::Request;
use super::picture;
use super::wire::find;

/// A reference image as it arrived.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
pub struct Reference {
    pub filename: Option<String>,
    pub content_type: Option<String>,
    pub size_bytes: usize,
    pub sha256: String,
    /// Width and height in pixels; none when the header could not be read.
    pub pixels: Option<(u32, u32)>,
}

/// What a create asked for: JSON values as sent; multipart text is always a string.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Order {
    /// Every field by its name on the wire, the reference file left out; the last of a name wins.
    pub fields: Map<String, Value>,
    pub reference: Option<Reference>,
    /// Every file by its field, in order.
    pub files: Vec<(String, Reference)>,
    /// True when it came as multipart form data.
    pub multipart: bool,
}

impl Order {
    /// A field when it is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }

    pub fn prompt(&self) -> &str {
        self.text("prompt").unwrap_or_default()
    }

    pub fn model(&self) -> &str {
        self.text("model").unwrap_or("sora-2")
    }

    pub fn seconds(&self) -> &str {
        self.text("seconds").unwrap_or("4")
    }

    /// Width x height in pixels, as written on the wire.
    pub fn size(&self) -> &str {
        self.text("size").unwrap_or("720x1280")
    }

    /// Parses by content type; the error is the sentence for the client.
    pub fn read(request: &Request) -> Result<Self, String> {
        let kind = request.header("content-type").unwrap_or_default();
        if let Some((_, boundary)) = kind.split_once("boundary=") {
            let boundary = boundary.split(';').next().unwrap_or_default();
            return Self::from_parts(&request.body, boundary.trim().trim_matches('"'));
        }
        let parsed: Result<Value, _> = serde_json::from_slice(&request.body);
        let Ok(Value::Object(fields)) = parsed else {
            return Err("We could not parse the JSON body of your request.".into());
        };
        let mut order = Self { fields, ..Self::default() };
        let url = order.fields.get("input_reference");
        if let Some(url) = url.and_then(|v| v.get("image_url")).and_then(Value::as_str) {
            order.reference = from_data_url(url);
        }
        Ok(order)
    }

    fn from_parts(body: &[u8], boundary: &str) -> Result<Self, String> {
        let broken = || "Could not parse multipart form".to_owned();
        let fence = format!("--{boundary}");
        let mut order = Self { multipart: true, ..Self::default() };
        let mut rest = body.strip_prefix(fence.as_bytes()).ok_or_else(broken)?;
        let next = format!("\r\n{fence}");
        while !rest.starts_with(b"--") {
            rest = rest.strip_prefix(b"\r\n").ok_or_else(broken)?;
            let end = find(rest, next.as_bytes()).ok_or_else(broken)?;
            order.add_part(&rest[..end]).ok_or_else(broken)?;
            rest = &rest[end + next.len()..];
        }
        Ok(order)
    }

    fn add_part(&mut self, part: &[u8]) -> Option<()> {
        let split = find(part, b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&part[..split]).into_owned();
        let data = &part[split + 4..];
        let name = parameter(&head, "name")?;
        let filename = parameter(&head, "filename");
        if filename.is_some() {
            let content_type = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(n, _)| n.eq_ignore_ascii_case("content-type"))
                .map(|(_, v)| v.trim().to_owned());
            let file = seen(data, filename, content_type);
            if name == "input_reference" {
                self.reference = Some(file.clone());
            }
            self.files.push((name, file));
            return Some(());
        }
        let text = String::from_utf8_lossy(data).into_owned();
        if name == "input_reference[image_url]" {
            self.reference = from_data_url(&text);
        }
        self.fields.insert(name, Value::String(text));
        Some(())
    }
}

/// A quoted parameter of a Content-Disposition line.
fn parameter(head: &str, name: &str) -> Option<String> {
    let line = head.lines().find(|l| l.to_ascii_lowercase().starts_with("content-disposition"))?;
    let mark = format!("; {name}=\"");
    let from = line.find(&mark)? + mark.len();
    line[from..].split('"').next().map(str::to_owned)
}

fn seen(data: &[u8], filename: Option<String>, content_type: Option<String>) -> Reference {
    Reference { filename, content_type, size_bytes: data.len(), sha256: sha256(data), pixels: picture::pixels(data) }
}

fn from_data_url(url: &str) -> Option<Reference> {
    let (kind, data) = url.strip_prefix("data:")?.split_once(";base64,")?;
    let engine = base64::engine::general_purpose::STANDARD;
    let bytes = engine.decode(data).ok()?;
    Some(seen(&bytes, None, Some(kind.to_owned())))
}

/// Lower case hex.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let hex: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.concat()
}
