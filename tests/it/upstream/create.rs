//! `POST /v1/videos` and `/remix`: judges the order as the provider did, starts the job, and fails as told.

use base64::Engine;
use serde_json::{Value, json};

use super::fault::{Reply, bad_field, json_answer, no_such_model, refusal, spoil};
use super::job::Job;
use super::ledger::{Kind, Record};
use super::message::{Answer, Request};
use super::order::Order;
use super::script::CreateFault;
use super::server::Turn;
use super::state::State;

/// One past what a double can count: a client that reads numbers as doubles gets another id.
const FIRST_NUMERIC_ID: usize = 9_007_199_254_740_993;

impl State {
    /// One create whose body was read to its end.
    pub fn create(&mut self, request: &Request, remix_of: Option<&str>) -> Turn {
        let mut record = Record::new(Kind::Create, request);
        record.id = remix_of.map(str::to_owned);
        let order = Order::read(request).map(|order| self.remixed(order, remix_of));
        record.order = order.as_ref().ok().cloned();
        let checked = match self.refuses_key(request) {
            Some(refused) => Err(refused.into()),
            None => order
                .map_err(|message| refusal(400, None, &message).into())
                .and_then(|order| self.judge(&order).map(|()| order)),
        };
        let order = match checked {
            Ok(order) => order,
            Err(refused) => return self.noted(record, Reply::Answer(*refused)).into(),
        };
        let fault = self.script.create.take(order.prompt(), |_| true);
        let job = self.new_job(&order, fault.as_ref(), remix_of);
        let truth = self.create_answer(&job, fault.as_ref());
        if fault.as_ref().is_none_or(accepts) {
            record.accepted = Some(job.id.clone());
            self.jobs.push(job);
        }
        let mut reply = match fault {
            Some(CreateFault::Any(fault) | CreateFault::AcceptedBut(fault) | CreateFault::NotAcceptedAnd(fault)) => {
                spoil(&fault, truth, request, &self.elsewhere)
            }
            _ => Reply::Answer(truth),
        };
        if let Reply::Answer(answer) = &mut reply
            && let Some(gate) = self.gates.create_after_head.pop_front()
        {
            answer.hold = Some((0, gate));
        }
        let reply = self.noted(record, reply);
        Turn { reply, gate: self.gates.create_answer.pop_front() }
    }

    /// Fills what a remix takes from its source.
    fn remixed(&self, mut order: Order, remix_of: Option<&str>) -> Order {
        let source = remix_of.and_then(|id| self.jobs.iter().find(|job| job.id == id));
        if let Some(job) = source {
            for (name, value) in [("model", &job.model), ("seconds", &job.seconds), ("size", &job.size)] {
                // An extension says how long it shall be; a remix is as long as its source.
                order.fields.entry(name.to_owned()).or_insert(json!(value));
            }
        }
        order
    }

    fn new_job(&mut self, order: &Order, fault: Option<&CreateFault>, from: Option<&str>) -> Job {
        self.made += 1;
        let number = self.made;
        let id = match fault {
            Some(CreateFault::NumericId) => (FIRST_NUMERIC_ID + number).to_string(),
            Some(CreateFault::LongId) => format!("{}{}", self.fresh_id(), "x".repeat(10_240)),
            Some(CreateFault::PathId) => format!("vid/../x=+{number}"),
            Some(CreateFault::LiteLlmId) => litellm_id(&self.fresh_id(), number),
            _ => self.fresh_id(),
        };
        let due = (!self.holds).then_some(self.completes_after);
        let mut job = Job::new(id, order, self.now(), due);
        job.remixed_from = from.map(str::to_owned);
        if matches!(fault, Some(CreateFault::NumericId)) {
            job.shown_id = json!(FIRST_NUMERIC_ID + number);
        }
        job
    }

    fn create_answer(&self, job: &Job, fault: Option<&CreateFault>) -> Answer {
        let mut video = self.video(job);
        match fault {
            Some(CreateFault::NoId) => {
                video.as_object_mut().map(|fields| fields.remove("id"));
            }
            Some(CreateFault::NullId) => video["id"] = Value::Null,
            Some(CreateFault::IdOfAnother) => {
                let last = self.jobs.last();
                video["id"] = last.map_or(job.shown_id.clone(), |other| other.shown_id.clone());
            }
            _ => {}
        }
        let accepted_only = matches!(fault, Some(CreateFault::Status202));
        json_answer(if accepted_only { 202 } else { 200 }, &video)
    }

    /// the provider's own checks, in its words where they are known.
    fn judge(&self, order: &Order) -> Result<(), Box<Answer>> {
        if order.prompt().is_empty() {
            let code = "missing_required_parameter";
            let message = "Missing required parameter: 'prompt'.";
            return Err(bad_field("prompt", code, message).into());
        }
        let Some((_, sizes)) = self.models.iter().find(|(name, _)| name == order.model()) else {
            return Err(no_such_model(order.model()).into());
        };
        let seconds = order.fields.get("seconds");
        if seconds.is_some_and(|value| !value.is_string()) {
            let message = "Invalid type for 'seconds': expected one of '4', '8', or '12', but got an integer instead.";
            return Err(bad_field("seconds", "invalid_type", message).into());
        }
        one_of("seconds", order.seconds(), &self.seconds)?;
        one_of("size", order.size(), sizes)?;
        judge_reference(order)
    }
}

/// True when a job was started although this fault struck.
fn accepts(fault: &CreateFault) -> bool {
    match fault {
        CreateFault::Any(fault) => fault.comes_after_accepting(),
        CreateFault::NotAcceptedAnd(_) => false,
        CreateFault::AcceptedBut(_)
        | CreateFault::NoId
        | CreateFault::NullId
        | CreateFault::NumericId
        | CreateFault::LongId
        | CreateFault::PathId
        | CreateFault::LiteLlmId
        | CreateFault::IdOfAnother
        | CreateFault::Status202 => true,
    }
}

fn one_of(field: &str, value: &str, known: &[String]) -> Result<(), Box<Answer>> {
    if known.iter().any(|k| k == value) {
        return Ok(());
    }
    let quoted: Vec<String> = known.iter().map(|k| format!("'{k}'")).collect();
    let message = format!("Invalid value: '{value}'. Supported values are: {}.", quoted.join(", "));
    Err(bad_field(field, "invalid_value", &message).into())
}

fn judge_reference(order: &Order) -> Result<(), Box<Answer>> {
    let field = "input_reference";
    if order.text("input_reference").is_some() {
        let wanted = if order.multipart { "a file" } else { "an object" };
        let message = format!("Invalid type for 'input_reference': expected {wanted}, but got a string instead.");
        return Err(bad_field(field, "invalid_type", &message).into());
    }
    let Some(reference) = &order.reference else {
        return Ok(());
    };
    let kind = reference.content_type.as_deref().unwrap_or_default();
    if !["image/jpeg", "image/png", "image/webp"].contains(&kind) {
        let message = format!(
            "Invalid file 'input_reference': unsupported mimetype ('{kind}'). Supported file formats are 'image/jpeg', 'image/png', and 'image/webp'."
        );
        return Err(bad_field(field, "unsupported_file_mimetype", &message).into());
    }
    let size = reference.pixels.map(|(wide, high)| format!("{wide}x{high}"));
    if size.as_deref() == Some(order.size()) {
        return Ok(());
    }
    let message = "Inpaint image must match the requested width and height";
    Err(refusal(400, None, message).into())
}

/// `video_` and base64 whose text holds `+`, `/` and `=`.
fn litellm_id(raw: &str, number: usize) -> String {
    let text = format!(
        "litellm:custom_llm_provider:openai;model_id:fake>>>???~~~;video_id:{raw};served_model:sora-2;requested_model:{number:07}"
    );
    let engine = base64::engine::general_purpose::STANDARD;
    let mut encoded = engine.encode(&text);
    for pad in 1..=2 {
        if encoded.ends_with('=') {
            break;
        }
        encoded = engine.encode(format!("{text}{}", ";".repeat(pad)));
    }
    format!("video_{encoded}")
}
