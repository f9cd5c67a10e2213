//! Accepts connections, finds the endpoint of each request and does with the socket what the reply says.

use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::Shared;
use super::fault::{Reply, json_answer, no_such_video, spoil};
use super::gate::Gate;
use super::ledger::{Kind, Record};
use super::message::{Answer, Request};
use super::script::{CreateFault, Fault};
use super::state::State;
use super::wire::Wire;

/// Which of the two listeners a connection came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Here,
    Elsewhere,
}

/// A reply, and where it waits before its first byte.
pub struct Turn {
    pub reply: Reply,
    pub gate: Option<Gate>,
}

impl From<Reply> for Turn {
    fn from(reply: Reply) -> Self {
        Self { reply, gate: None }
    }
}

/// Serves until aborted; its connections end with it.
pub async fn accept(listener: TcpListener, shared: Arc<Shared>, origin: Origin) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(converse(stream, shared.clone(), origin));
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// Counts a create from its head to the end of its answer, however that ends.
struct Underway<'a>(&'a Shared);

impl<'a> Underway<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.state().ledger.create_begins();
        Self(shared)
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.0.state().ledger.create_ends();
        self.0.has_changed();
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>, origin: Origin) {
    // Small answers go out at once; a refusal only makes them later.
    drop(stream.set_nodelay(true));
    let mut wire = Wire::new(stream);
    while let Some(mut request) = wire.read_head().await {
        let create = origin == Origin::Here && is_create(&request);
        let _underway = create.then(|| Underway::new(&shared));
        if create {
            let gate = shared.state().gates.create_body.pop_front();
            if let Some(gate) = gate {
                wire.wait_at(&gate).await;
            }
            if shared.state().refuses_to_read(&request) {
                shared.has_changed();
                return wire.reset();
            }
        }
        if wire.read_body(&mut request).await.is_none() {
            if create {
                shared.state().note_unread(&request, "client left");
                shared.has_changed();
            }
            return;
        }
        let turn = match origin {
            Origin::Here => shared.state().answer(&request),
            Origin::Elsewhere => shared.state().answer_elsewhere(&request).into(),
        };
        shared.has_changed();
        if let Some(gate) = &turn.gate {
            wire.wait_at(gate).await;
        }
        match turn.reply {
            Reply::Answer(answer) => {
                if !wire.send(&answer).await {
                    return;
                }
            }
            Reply::Close => return,
            Reply::Reset => return wire.reset(),
            Reply::Silence => return wire.peer_left().await,
        }
    }
}

fn is_create(request: &Request) -> bool {
    let path = request.segments();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let create = matches!(path[..], ["v1", "videos"] | ["v1", "videos", _, "remix"] | ["v1", "videos", "extensions"]);
    request.method == "POST" && create
}

impl State {
    /// True when the script hangs up on this create before its body.
    fn refuses_to_read(&mut self, request: &Request) -> bool {
        let fault = self.script.create.take("", |fault| matches!(fault, CreateFault::Any(Fault::ResetBeforeReading)));
        if fault.is_some() {
            self.note_unread(request, "reset before reading");
        }
        fault.is_some()
    }

    fn note_unread(&mut self, request: &Request, answer: &str) {
        let mut record = Record::new(Kind::CreateUnread, request);
        answer.clone_into(&mut record.answer);
        self.keep(record);
    }

    /// Every route of the fake.
    fn answer(&mut self, request: &Request) -> Turn {
        let path = request.segments();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let mut turn = match (request.method.as_str(), &path[..]) {
            ("GET", ["v1", "models"]) => self.models(request).into(),
            ("POST", ["v1", "videos"]) => self.create(request, None),
            ("POST", ["v1", "videos", id, "remix"]) => self.create(request, Some(id)),
            ("POST", ["v1", "videos", "extensions"]) => {
                let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
                let id = body["video"]["id"].as_str().unwrap_or("missing").to_owned();
                self.create(request, Some(&id))
            }
            ("GET", ["v1", "videos"]) => self.list(request),
            ("GET", ["v1", "videos", id]) => self.poll(request, id),
            ("DELETE", ["v1", "videos", id]) => self.delete(request, id).into(),
            ("GET", ["v1", "videos", id, "content"]) => self.content(request, id).into(),
            ("GET", ["files", _]) => self.file(request, Kind::Content).into(),
            _ => self.unknown(request).into(),
        };
        if let Reply::Answer(answer) = &mut turn.reply {
            let id = format!("req_{:06}", self.ledger.records.len());
            answer.headers.push(("x-request-id".into(), id));
            let processing = ("openai-processing-ms".into(), "12".into());
            answer.headers.push(processing);
        }
        turn
    }

    fn models(&mut self, request: &Request) -> Reply {
        let truth = self.refuses_key(request);
        let truth = truth.unwrap_or_else(|| self.model_list());
        let fault = self.script.models.take("", |_| true);
        let reply = match fault {
            Some(fault) => spoil(&fault, truth, request, &self.elsewhere),
            None => Reply::Answer(truth),
        };
        self.noted(Record::new(Kind::Models, request), reply)
    }

    fn unknown(&mut self, request: &Request) -> Reply {
        let message = format!("Invalid URL ({} {})", request.method, request.target);
        let answer = json_answer(404, &serde_json::json!({ "error": { "message": message } }));
        self.noted(Record::new(Kind::Unknown, request), Reply::Answer(answer))
    }

    /// The second origin: gives a clip to whoever GETs, takes any POST, writes down what it was sent.
    fn answer_elsewhere(&mut self, request: &Request) -> Reply {
        if request.method == "GET" {
            return self.file(request, Kind::Elsewhere);
        }
        let body = serde_json::json!({ "id": "video_elsewhere", "object": "video", "status": "queued" });
        let record = Record::new(Kind::Elsewhere, request);
        self.noted(record, Reply::Answer(json_answer(200, &body)))
    }

    /// Writes the record before anything is sent.
    pub fn noted(&mut self, mut record: Record, reply: Reply) -> Reply {
        reply.label().clone_into(&mut record.answer);
        self.keep(record);
        reply
    }

    /// The answer about an id nobody has.
    pub fn missing(id: &str) -> Answer {
        no_such_video(id)
    }
}
