//! Everything the fake knows: jobs, script, gates, ledger and the test's settings. No socket, no wire.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::clip::CLIP;
use super::fault::{json_answer, wrong_key};
use super::gate::Gate;
use super::job::Job;
use super::ledger::{Ledger, Record};
use super::message::{Answer, Request};
use super::order::sha256;
use super::script::Script;

/// Gates not yet reached; each stops one request.
#[derive(Debug, Default)]
pub struct Gates {
    pub create_body: VecDeque<Gate>,
    pub create_answer: VecDeque<Gate>,
    pub create_after_head: VecDeque<Gate>,
    pub poll: VecDeque<Gate>,
    pub list: VecDeque<Gate>,
    /// After so many body bytes.
    pub content: VecDeque<(usize, Gate)>,
}

#[derive(Debug)]
pub struct State {
    pub key: String,
    /// `http://host:port` of this origin and of the second one.
    pub here: String,
    pub elsewhere: String,
    /// Model names and the sizes each takes.
    pub models: Vec<(String, Vec<String>)>,
    pub seconds: Vec<String>,
    pub jobs: Vec<Job>,
    pub made: usize,
    pub completes_after: u32,
    pub holds: bool,
    pub poll_after_ms: Option<u32>,
    pub expires_in: i64,
    /// Unix seconds the test has set; none: the real clock.
    pub now: Option<i64>,
    pub aborts_on_delete: bool,
    /// Status words said instead of the provider's.
    pub words: BTreeMap<String, String>,
    /// Jobs whose bytes are not at /content.
    pub behind_url: BTreeSet<String>,
    pub clip: Vec<u8>,
    pub script: Script,
    pub gates: Gates,
    pub ledger: Ledger,
}

impl State {
    pub fn new(key: &str, here: &str, elsewhere: &str) -> Self {
        let texts = |all: &[&str]| all.iter().map(|&s| s.to_owned()).collect::<Vec<_>>();
        let small = ["720x1280", "1280x720"];
        let large = ["1024x1792", "1792x1024", "1080x1920", "1920x1080"];
        let models = vec![
            ("sora-2".to_owned(), texts(&small)),
            ("sora-2-pro".to_owned(), texts(&[&small[..], &large].concat())),
        ];
        Self {
            key: key.to_owned(),
            here: here.to_owned(),
            elsewhere: elsewhere.to_owned(),
            models,
            seconds: texts(&["4", "8", "12", "16", "20"]),
            jobs: Vec::new(),
            made: 0,
            completes_after: 4,
            holds: false,
            poll_after_ms: None,
            expires_in: 3600,
            now: None,
            aborts_on_delete: false,
            words: BTreeMap::new(),
            behind_url: BTreeSet::new(),
            clip: CLIP.to_vec(),
            script: Script::default(),
            gates: Gates::default(),
            ledger: Ledger::default(),
        }
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        self.now.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            since.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
        })
    }

    /// The answer for a request without the right key.
    pub fn refuses_key(&self, request: &Request) -> Option<Answer> {
        let expected = format!("Bearer {}", self.key);
        let fits = request.header("authorization") == Some(expected.as_str());
        (!fits).then(wrong_key)
    }

    pub fn place(&self, id: &str) -> Option<usize> {
        self.jobs.iter().position(|job| job.id == id)
    }

    /// The Video object of a job, in the words this upstream uses.
    pub fn video(&self, job: &Job) -> Value {
        let mut video = job.video(self.expires_in);
        let word = video["status"].as_str().and_then(|w| self.words.get(w));
        if let Some(word) = word {
            video["status"] = json!(word);
        }
        video
    }

    /// A fresh id as the provider (or vLLM-Omni) makes them, the same in every run for the same port.
    pub fn fresh_id(&self) -> String {
        let hash = sha256(format!("{}#{}", self.here, self.made).as_bytes());
        let kind = if self.aborts_on_delete { "video_gen" } else { "video" };
        format!("{kind}_{}", &hash[..48])
    }

    /// Keeps the record, and notes how many jobs are unfinished.
    pub fn keep(&mut self, record: Record) {
        let unfinished = self.jobs.iter().filter(|job| job.is_rendering()).count();
        self.ledger.most_unfinished = self.ledger.most_unfinished.max(unfinished);
        self.ledger.add(record);
    }

    /// `GET /v1/models`.
    pub fn model_list(&self) -> Answer {
        let model = |(name, _): &(String, Vec<String>)| json!({ "id": name, "object": "model", "created": 1_759_708_800, "owned_by": "openai" });
        let data: Vec<Value> = self.models.iter().map(model).collect();
        json_answer(200, &json!({ "object": "list", "data": data }))
    }
}

/// Where the bytes of a job stand without a key.
pub fn file_url(origin: &str, id: &str) -> String {
    format!("{origin}/files/{}.mp4", &sha256(id.as_bytes())[..16])
}
