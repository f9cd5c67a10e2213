//! What a test can tell the fake: its script, its jobs' lives, its gates and its manners.

use std::collections::VecDeque;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::script::{Planned, Queue, Script};
use super::state::State;
use super::{ContentFault, CreateFault, FakeUpstream, Fault, Gate, Job, Life, ListFault, PollFault};

type Pick<F> = fn(&mut Script) -> &mut Queue<F>;

/// A fault being planned; it stands once this is dropped, which is at the end of the statement.
#[derive(Debug)]
pub struct Plan<'a, F: Clone> {
    fake: &'a FakeUpstream,
    queue: Pick<F>,
    planned: Option<Planned<F>>,
}

impl<'a, F: Clone> Plan<'a, F> {
    fn new(fake: &'a FakeUpstream, queue: Pick<F>, fault: F) -> Self {
        let planned = Some(Planned { fault, times: Some(1), about: None });
        Self { fake, queue, planned }
    }

    fn changed(mut self, change: impl FnOnce(&mut Planned<F>)) -> Self {
        if let Some(planned) = &mut self.planned {
            change(planned);
        }
        self
    }

    /// Strikes this often instead of once.
    pub fn times(self, times: u32) -> Self {
        self.changed(|planned| planned.times = Some(times))
    }

    /// Strikes for ever, behind the faults that are counted.
    pub fn always(self) -> Self {
        self.changed(|planned| planned.times = None)
    }

    /// Strikes only the video of this id, or the create of this prompt.
    pub fn about(self, id_or_prompt: &str) -> Self {
        self.changed(|planned| planned.about = Some(id_or_prompt.to_owned()))
    }
}

impl<F: Clone> Drop for Plan<'_, F> {
    fn drop(&mut self) {
        let mut state = self.fake.shared.state();
        if let Some(planned) = self.planned.take() {
            (self.queue)(&mut state.script).push(planned);
        }
    }
}

/// The script: each fault strikes once unless `.times(n)` or `.always()` follows.
impl FakeUpstream {
    pub fn on_create(&self, fault: impl Into<CreateFault>) -> Plan<'_, CreateFault> {
        Plan::new(self, |script| &mut script.create, fault.into())
    }

    pub fn on_poll(&self, fault: impl Into<PollFault>) -> Plan<'_, PollFault> {
        Plan::new(self, |script| &mut script.poll, fault.into())
    }

    pub fn on_content(&self, fault: impl Into<ContentFault>) -> Plan<'_, ContentFault> {
        Plan::new(self, |script| &mut script.content, fault.into())
    }

    pub fn on_list(&self, fault: impl Into<ListFault>) -> Plan<'_, ListFault> {
        Plan::new(self, |script| &mut script.list, fault.into())
    }

    pub fn on_delete(&self, fault: Fault) -> Plan<'_, Fault> {
        Plan::new(self, |script| &mut script.delete, fault)
    }

    pub fn on_models(&self, fault: Fault) -> Plan<'_, Fault> {
        Plan::new(self, |script| &mut script.models, fault)
    }

    /// Forgets every fault that has not struck yet: the upstream is healthy again.
    pub fn recovers(&self) {
        self.shared.state().script = Script::default();
    }
}

/// The life of jobs.
impl FakeUpstream {
    /// Jobs to come are completed at their n-th poll; the default is 4.
    pub fn completes_after_polls(&self, polls: u32) {
        self.shared.state().completes_after = polls.max(1);
    }

    /// Jobs to come, and those still rendering, go on until they are finished by name.
    pub fn hold(&self) {
        let mut state = self.shared.state();
        state.holds = true;
        state.jobs.iter_mut().for_each(|job| job.due_poll = None);
    }

    /// Jobs to come finish by polls again; those held stay held.
    pub fn stop_holding(&self) {
        self.shared.state().holds = false;
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Job)) {
        let mut state = self.shared.state();
        let place = state.place(id);
        let place = place.unwrap_or_else(|| panic!("the upstream has no job {id}"));
        change(&mut state.jobs[place]);
    }

    /// The next poll says completed.
    pub fn finish(&self, id: &str) {
        let at = self.shared.state().now();
        self.change(id, |job| job.life = Life::Completed { at });
    }

    /// Every job that is rendering is completed now; later ones follow [`Self::hold`].
    pub fn finish_all(&self) {
        let mut state = self.shared.state();
        let at = state.now();
        let rendering = state.jobs.iter_mut().filter(|job| job.is_rendering());
        rendering.for_each(|job| job.life = Life::Completed { at });
    }

    /// The job has failed, 200 and an error object.
    pub fn fail(&self, id: &str, code: &str, message: &str) {
        let (code, message) = (code.to_owned(), message.to_owned());
        self.change(id, |job| job.life = Life::Failed { code, message });
    }

    /// Percent; said from now on instead of what the polls would say.
    pub fn set_progress(&self, id: &str, percent: u32) {
        self.change(id, |job| job.progress = Some(percent));
    }

    /// A job like this one that somebody else made on the same account, so many seconds later; its id.
    pub fn has_twin_of(&self, id: &str, seconds_later: i64) -> String {
        let mut state = self.shared.state();
        let place = state.place(id).unwrap_or_else(|| panic!("the upstream has no job {id}"));
        let mut twin = state.jobs[place].clone();
        twin.id = format!("{id}_of_another");
        twin.shown_id = Value::String(twin.id.clone());
        twin.created_at += seconds_later;
        let id = twin.id.clone();
        state.jobs.push(twin);
        id
    }

    /// Every job is gone, as after a restart of a server that keeps them in memory. They stay paid.
    pub fn forgets_its_jobs(&self) {
        self.shared.state().jobs.clear();
    }
}

/// Gates: each stops the next request that comes to it, once.
impl FakeUpstream {
    fn gate<T>(&self, wrap: impl FnOnce(Gate) -> T, pick: fn(&mut State) -> &mut VecDeque<T>) -> Gate {
        let gate = Gate::closed();
        pick(&mut self.shared.state()).push_back(wrap(gate.clone()));
        gate
    }

    /// Before the body of a create is read.
    pub fn hold_create_before_reading(&self) -> Gate {
        self.gate(|gate| gate, |state| &mut state.gates.create_body)
    }

    /// After a create was read, accepted and written to the ledger; before the first byte of the answer.
    pub fn hold_create_answer(&self) -> Gate {
        self.gate(|gate| gate, |state| &mut state.gates.create_answer)
    }

    /// After the head of a create's answer, before its body.
    pub fn hold_create_answer_after_head(&self) -> Gate {
        self.gate(|gate| gate, |state| &mut state.gates.create_after_head)
    }

    /// Before the answer to a poll.
    pub fn hold_poll(&self) -> Gate {
        self.gate(|gate| gate, |state| &mut state.gates.poll)
    }

    /// Before the answer to a list.
    pub fn hold_list(&self) -> Gate {
        self.gate(|gate| gate, |state| &mut state.gates.list)
    }

    /// After this many bytes of a download; 0 is after the head.
    pub fn hold_content_after(&self, bytes: usize) -> Gate {
        self.gate(|gate| (bytes, gate), |state| &mut state.gates.content)
    }
}

/// Manners: lasting ways in which one upstream differs from another.
impl FakeUpstream {
    /// The key accepted from now on.
    pub fn change_key(&self, key: &str) {
        key.clone_into(&mut self.shared.state().key);
    }

    /// Offers these models, each with its sizes (`1280x720`).
    pub fn offers(&self, models: &[(&str, &[&str])]) {
        let texts = |sizes: &[&str]| sizes.iter().map(|&s| s.to_owned()).collect();
        let models = models.iter().map(|(name, sizes)| ((*name).to_owned(), texts(sizes)));
        self.shared.state().models = models.collect();
    }

    /// Says this word for one of the provider's four: `calls("completed", "succeeded")`.
    pub fn calls(&self, status: &str, word: &str) {
        let mut state = self.shared.state();
        state.words.insert(status.to_owned(), word.to_owned());
    }

    /// Sends `openai-poll-after-ms` with every poll.
    pub fn asks_for_polls_every(&self, milliseconds: u32) {
        self.shared.state().poll_after_ms = Some(milliseconds);
    }

    /// `expires_at` is this many seconds after completion (default 3600); may be negative.
    pub fn expires_in(&self, seconds: i64) {
        self.shared.state().expires_in = seconds;
    }

    /// What the upstream thinks the time is, in unix seconds.
    pub fn set_now(&self, unix_seconds: i64) {
        self.shared.state().now = Some(unix_seconds);
    }

    /// Serves these bytes as the video: see [`super::clip::clip_of_bytes`].
    pub fn serves(&self, clip: Vec<u8>) {
        self.shared.state().clip = clip;
    }

    /// DELETE ends a rendering job, as vLLM-Omni does, instead of refusing; ids look like its own.
    pub fn aborts_on_delete(&self) {
        self.shared.state().aborts_on_delete = true;
    }
}

/// One line of a script file: `{"on":"create","fault":{"status":500},"times":2}`; 0 times is always.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub on: String,
    pub fault: Value,
    pub times: Option<u32>,
    pub about: Option<String>,
}

impl FakeUpstream {
    /// Plans a step of a script file; the error says what could not be read.
    pub fn plan(&self, step: &Step) -> Result<(), String> {
        match step.on.as_str() {
            "create" => finish_plan(self.on_create(read::<CreateFault>(&step.fault)?), step),
            "poll" => finish_plan(self.on_poll(read::<PollFault>(&step.fault)?), step),
            "content" => finish_plan(self.on_content(read::<ContentFault>(&step.fault)?), step),
            "list" => finish_plan(self.on_list(read::<ListFault>(&step.fault)?), step),
            "delete" => finish_plan(self.on_delete(read(&step.fault)?), step),
            "models" => finish_plan(self.on_models(read(&step.fault)?), step),
            other => return Err(format!("no endpoint is called {other}")),
        }
        Ok(())
    }
}

fn read<F: DeserializeOwned>(fault: &Value) -> Result<F, String> {
    F::deserialize(fault).map_err(|e| format!("{fault}: {e}"))
}

fn finish_plan<F: Clone>(mut plan: Plan<'_, F>, step: &Step) {
    if let Some(about) = &step.about {
        plan = plan.about(about);
    }
    match step.times {
        Some(0) => drop(plan.always()),
        Some(times) => drop(plan.times(times)),
        None => drop(plan),
    }
}
