//! What really reached the upstream: the truth about money. Append-only; in process mode also a file
//! of JSON lines, each written before its answer is sent.

use std::fs::File;
use std::io::Write;

use serde::Serialize;

use super::message::Request;
use super::order::Order;

/// What a request was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A create whose body was read to its end.
    Create,
    /// A create whose body never came, or was not read.
    CreateUnread,
    Poll,
    Content,
    List,
    Delete,
    Models,
    /// Whatever reached the second origin.
    Elsewhere,
    /// A path or method the fake does not know: a harness should fail on it.
    Unknown,
}

/// One request and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// Counts from 1 over all requests.
    pub arrival: usize,
    pub kind: Kind,
    pub method: String,
    pub target: String,
    /// The video asked about, decoded.
    pub id: Option<String>,
    /// Headers as seen, names in lower case, `authorization` included.
    pub headers: Vec<(String, String)>,
    /// What a create asked for, when it was readable.
    pub order: Option<Order>,
    /// The id of the job that was started, and must be paid, because of this request.
    pub accepted: Option<String>,
    /// Status and code, or `vanished`, `reset`, `silence`.
    pub answer: String,
}

impl Record {
    pub fn new(kind: Kind, request: &Request) -> Self {
        Self {
            arrival: 0,
            kind,
            method: request.method.clone(),
            target: request.target.clone(),
            id: None,
            headers: request.headers.clone(),
            order: None,
            accepted: None,
            answer: String::new(),
        }
    }

    /// The first header of that (lower case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The Authorization value it carried.
    pub fn authorization(&self) -> Option<&str> {
        self.header("authorization")
    }

    /// The prompt of a create, or nothing.
    pub fn prompt(&self) -> &str {
        self.order.as_ref().map_or("", Order::prompt)
    }
}

/// All records, and the two peaks.
#[derive(Debug, Default)]
pub struct Ledger {
    pub records: Vec<Record>,
    pub creates_now: usize,
    pub most_creates_at_once: usize,
    pub most_unfinished: usize,
    pub file: Option<File>,
}

impl Ledger {
    /// Numbers and keeps a record; a ledger file that cannot be written stops the fake.
    pub fn add(&mut self, mut record: Record) {
        record.arrival = self.records.len() + 1;
        if let Some(file) = &mut self.file {
            let mut line = serde_json::to_vec(&record).expect("a record is plain data");
            line.push(b'\n');
            file.write_all(&line).expect("the ledger can be written");
        }
        self.records.push(record);
    }

    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |r| r.kind == kind)
    }

    /// A create has begun to arrive.
    pub fn create_begins(&mut self) {
        self.creates_now += 1;
        self.most_creates_at_once = self.most_creates_at_once.max(self.creates_now);
    }

    /// A create was answered or given up.
    pub fn create_ends(&mut self) {
        self.creates_now = self.creates_now.saturating_sub(1);
    }
}
