//! Poll, list and delete: the true answers, and what the script makes of them.

use serde_json::{Value, json};

use super::fault::{Reply, json_answer, refusal, spoil};
use super::job::{Job, Life};
use super::ledger::{Kind, Record};
use super::message::{Answer, Request};
use super::script::{ListFault, PollFault};
use super::server::Turn;
use super::state::{State, file_url};

impl State {
    /// `GET /v1/videos/{id}`.
    pub fn poll(&mut self, request: &Request, id: &str) -> Turn {
        let mut record = Record::new(Kind::Poll, request);
        record.id = Some(id.to_owned());
        let reply = match self.refuses_key(request) {
            Some(refused) => Reply::Answer(refused),
            None => self.poll_reply(request, id),
        };
        let reply = self.noted(record, reply);
        Turn { reply, gate: self.gates.poll.pop_front() }
    }

    fn poll_reply(&mut self, request: &Request, id: &str) -> Reply {
        let fault = self.script.poll.take(id, |_| true);
        let now = self.now();
        let place = self.place(id);
        if let Some(place) = place {
            self.jobs[place].poll(now);
            if let Some((code, message)) = fault.as_ref().and_then(failure) {
                self.jobs[place].life = Life::Failed { code, message };
            }
        }
        let truth = match place {
            None => Self::missing(id),
            Some(place) => self.polled(place, fault.as_ref()),
        };
        match fault {
            Some(PollFault::Any(fault)) => spoil(&fault, truth, request, &self.elsewhere),
            _ => Reply::Answer(truth),
        }
    }

    fn polled(&mut self, place: usize, fault: Option<&PollFault>) -> Answer {
        let job = self.jobs[place].clone();
        let mut video = self.video(&job);
        if let Some(fault) = fault {
            self.bend(&mut video, &job, fault);
        }
        let failed_loudly = matches!(fault, Some(PollFault::FailedAs500));
        let mut answer = json_answer(if failed_loudly { 500 } else { 200 }, &video);
        let word = video["status"].as_str().unwrap_or("no status");
        answer.label = format!("{} {word}", answer.status);
        let wait = match fault {
            Some(PollFault::PollAfter(wait)) => Some(wait.clone()),
            _ => self.poll_after_ms.map(|ms| ms.to_string()),
        };
        match wait {
            Some(wait) => answer.with("openai-poll-after-ms", wait),
            None => answer,
        }
    }

    /// Changes the Video object as the fault says.
    fn bend(&mut self, video: &mut Value, job: &Job, fault: &PollFault) {
        match fault {
            PollFault::Says(word) => video["status"] = json!(word),
            PollFault::Progress(value) => video["progress"] = value.clone(),
            PollFault::With(field, value) => video[field.as_str()] = value.clone(),
            PollFault::Without(field) => {
                video.as_object_mut().map(|fields| fields.remove(field));
            }
            PollFault::FailedWithoutError => video["error"] = Value::Null,
            PollFault::FailedAs500 => video["error"]["code"] = json!(500),
            PollFault::FailedMessageOnly => {
                video["error"] = json!({ "message": video["error"]["message"] });
            }
            PollFault::FailedAsText => video["error"] = video["error"]["message"].clone(),
            PollFault::BackToInProgress => {
                video["status"] = json!("in_progress");
                video["progress"] = json!(50);
                video["completed_at"] = Value::Null;
            }
            PollFault::AnotherJob => {
                let other = self.jobs.iter().find(|other| other.id != job.id);
                if let Some(other) = other {
                    *video = self.video(other);
                }
            }
            PollFault::UrlHere => self.move_behind(video, job, &file_url(&self.here, &job.id)),
            PollFault::UrlElsewhere => {
                self.move_behind(video, job, &file_url(&self.elsewhere, &job.id));
            }
            PollFault::Url(url) => self.move_behind(video, job, url),
            PollFault::Failed(..) | PollFault::PollAfter(_) | PollFault::Any(_) => {}
        }
    }

    fn move_behind(&mut self, video: &mut Value, job: &Job, url: &str) {
        self.behind_url.insert(job.id.clone());
        if job.is_completed() {
            video["url"] = json!(url);
        }
    }

    /// `GET /v1/videos`.
    pub fn list(&mut self, request: &Request) -> Turn {
        let record = Record::new(Kind::List, request);
        let refused = self.refuses_key(request).map(Reply::Answer);
        let reply = refused.unwrap_or_else(|| self.list_reply(request));
        let reply = self.noted(record, reply);
        Turn { reply, gate: self.gates.list.pop_front() }
    }

    fn list_reply(&mut self, request: &Request) -> Reply {
        let fault = self.script.list.take("", |_| true);
        let truth = self.listed(request, fault.as_ref());
        match fault {
            Some(ListFault::Any(fault)) => spoil(&fault, truth, request, &self.elsewhere),
            _ => Reply::Answer(truth),
        }
    }

    fn listed(&self, request: &Request, fault: Option<&ListFault>) -> Answer {
        let mut jobs: Vec<&Job> = self.jobs.iter().collect();
        match fault {
            Some(ListFault::NewestMissing) => drop(jobs.pop()),
            Some(ListFault::NothingListed) => jobs.clear(),
            _ => {}
        }
        let oldest_first = request.query("order").as_deref() == Some("asc");
        if oldest_first == matches!(fault, Some(ListFault::WrongOrder)) {
            jobs.reverse();
        }
        let same_page = matches!(fault, Some(ListFault::SamePageAgain));
        if let Some(after) = request.query("after").filter(|_| !same_page) {
            let seen = jobs.iter().position(|job| job.id == after);
            jobs.drain(..seen.map_or(jobs.len(), |at| at + 1));
        }
        let limit = request.query("limit").and_then(|n| n.parse().ok());
        let limit: usize = limit.unwrap_or(20);
        let has_more = same_page || jobs.len() > limit;
        jobs.truncate(limit);
        let mut data: Vec<Value> = jobs.iter().map(|job| self.video(job)).collect();
        if matches!(fault, Some(ListFault::PromptsAreNull)) {
            for video in &mut data {
                video["prompt"] = Value::Null;
            }
        }
        let id_of = |video: Option<&Value>| video.map_or(Value::Null, |video| video["id"].clone());
        let (first, last) = (id_of(data.first()), id_of(data.last()));
        json_answer(
            200,
            &json!({ "object": "list", "data": data, "first_id": first, "last_id": last, "has_more": has_more }),
        )
    }

    /// `DELETE /v1/videos/{id}`.
    pub fn delete(&mut self, request: &Request, id: &str) -> Reply {
        let mut record = Record::new(Kind::Delete, request);
        record.id = Some(id.to_owned());
        let reply = match self.refuses_key(request) {
            Some(refused) => Reply::Answer(refused),
            None => match self.script.delete.take(id, |_| true) {
                Some(fault) => {
                    let truth = json_answer(200, &deleted(id));
                    spoil(&fault, truth, request, &self.elsewhere)
                }
                None => Reply::Answer(self.deleted_if_over(id)),
            },
        };
        self.noted(record, reply)
    }

    fn deleted_if_over(&mut self, id: &str) -> Answer {
        let Some(place) = self.place(id) else {
            return Self::missing(id);
        };
        if self.jobs[place].is_rendering() && !self.aborts_on_delete {
            let message = "Only completed or failed videos can be deleted.";
            return refusal(400, None, message);
        }
        self.jobs.remove(place);
        json_answer(200, &deleted(id))
    }
}

fn deleted(id: &str) -> Value {
    json!({ "id": id, "object": "video.deleted", "deleted": true })
}

/// Code and message of the faults that end a job.
fn failure(fault: &PollFault) -> Option<(String, String)> {
    match fault {
        PollFault::Failed(code, message) => Some((code.clone(), message.clone())),
        PollFault::FailedWithoutError
        | PollFault::FailedAs500
        | PollFault::FailedMessageOnly
        | PollFault::FailedAsText => {
            let message = "The engine ran out of memory.";
            Some(("internal_error".to_owned(), message.to_owned()))
        }
        PollFault::Says(_)
        | PollFault::Progress(_)
        | PollFault::With(..)
        | PollFault::Without(_)
        | PollFault::BackToInProgress
        | PollFault::AnotherJob
        | PollFault::PollAfter(_)
        | PollFault::UrlHere
        | PollFault::UrlElsewhere
        | PollFault::Url(_)
        | PollFault::Any(_) => None,
    }
}
