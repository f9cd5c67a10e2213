//! Which job of an upstream's list is the one whose answer was lost. Nothing is sent here, and nothing is guessed:
//! what is not certain is told to a person.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{GenerationId, Millis, Pixels, Seconds, TaskId};

/// How far an upstream's clock may be off, and how long a create may take to be noted there.
pub const SKEW: Duration = Duration::from_mins(10);

/// A create whose answer was lost, or is still on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The clip.
    pub generation: GenerationId,
    /// What it belongs to: clips of one task are alike.
    pub task: TaskId,
    /// The prompt as it went out.
    pub prompt: String,
    /// The model as the upstream calls it.
    pub model: String,
    /// The size that was asked for.
    pub size: Pixels,
    /// The length that was asked for.
    pub seconds: Seconds,
    /// When it was sent.
    pub sent_at: Millis,
    /// When its answer was given up; none while it is still waited for.
    pub lost_at: Option<Millis>,
    /// A person gave it up, or sent the clip again: it gets no job, but a job may be its own.
    pub is_given_up: bool,
}

/// A job of the upstream's list that no attempt of ours holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// Its prompt, where told.
    pub prompt: Option<String>,
    /// Its model, where told.
    pub model: Option<String>,
    /// Its size as written there.
    pub size: Option<String>,
    /// Its length as written there.
    pub seconds: Option<String>,
    /// When it was made, where told.
    pub created_at: Option<Millis>,
}

/// What a list says of a lost create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// This job is it.
    Is(String),
    /// It may be one of these: a person must say.
    Perhaps(Vec<String>),
    /// Nothing in the list is like it.
    Absent,
    /// Another create like it is still on its way: its job must not be taken for this one's.
    TooEarly,
}

impl Lost {
    /// Whether a job is like what was asked for. What the list does not tell is no difference, but for the prompt.
    fn is_like(&self, found: &Found) -> bool {
        let same = |told: &Option<String>, is: &dyn Fn(&str) -> bool| told.as_deref().is_none_or(is);
        found.prompt.as_deref().is_some_and(|prompt| prompt.trim() == self.prompt.trim())
            // `sora-2` may be listed as `sora-2-2026-04-01`.
            && same(&found.model, &|model| model.starts_with(&self.model) || self.model.ends_with(model))
            && same(&found.size, &|size| size.replace('*', "x") == self.size.to_string())
            && same(&found.seconds, &|text| {
                let whole = text.trim().trim_end_matches('s').split('.').next().unwrap_or_default();
                whole.parse().ok().and_then(Seconds::new).is_none_or(|seconds| seconds == self.seconds)
            })
    }

    /// Whether a job was made when this was sent. One that does not say when could be of any day.
    fn is_then(&self, found: &Found) -> bool {
        let until = self.lost_at.unwrap_or(self.sent_at).after(SKEW);
        found.created_at.is_some_and(|at| at >= self.sent_at.before(SKEW) && at <= until)
    }

    /// When the first job that could be it was made.
    pub fn since(&self) -> Millis {
        self.sent_at.before(SKEW)
    }

    /// What makes two creates alike.
    fn mark(&self) -> (String, String, String, u16) {
        (self.prompt.trim().to_owned(), self.model.clone(), self.size.to_string(), self.seconds.get())
    }
}

/// What the list says of each lost create, in their order. `found`: without those that an attempt of ours holds.
pub fn findings(lost: &[Lost], found: &[Found]) -> Vec<Finding> {
    let mut alike: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    let fits = |one: &Lost| found.iter().any(|job| one.is_like(job) && one.is_then(job));
    for (place, one) in lost.iter().enumerate().filter(|(_, one)| !one.is_given_up || fits(one)) {
        alike.entry(one.mark()).or_default().push(place);
    }
    let mut findings = vec![Finding::Absent; lost.len()];
    for mut places in alike.into_values() {
        places.sort_by_key(|place| lost[*place].sent_at);
        let group: Vec<&Lost> = places.iter().map(|place| &lost[*place]).collect();
        for (place, finding) in places.iter().zip(of_alike(&group, found)) {
            findings[*place] = finding;
        }
    }
    findings
}

/// The same for creates that are alike, the first sent first.
fn of_alike(lost: &[&Lost], found: &[Found]) -> Vec<Finding> {
    let fits = |one: &Lost, job: &Found| one.is_like(job) && one.is_then(job);
    let mut jobs: Vec<&Found> = found.iter().filter(|job| lost.iter().any(|one| fits(one, job))).collect();
    jobs.sort_by_key(|job| job.created_at);
    if jobs.is_empty() {
        return vec![Finding::Absent; lost.len()];
    }
    if lost.iter().any(|one| one.lost_at.is_none()) {
        return vec![Finding::TooEarly; lost.len()];
    }
    // Clips of one task are the same to everybody: fewer jobs than clips are still theirs. More are somebody else's, too.
    // Of fewer, one may be what was given up.
    let is_one_task = lost.iter().all(|one| one.task == lost[0].task);
    let is_ours = lost.iter().all(|one| !one.is_given_up);
    let is_certain = jobs.len() == lost.len() || (jobs.len() < lost.len() && is_one_task && is_ours);
    let mut matched = vec![None; lost.len()];
    let all_fit = jobs.iter().all(|job| {
        let free = (0..lost.len()).find(|place| matched[*place].is_none() && fits(lost[*place], job));
        free.is_some_and(|place| matched[place].replace(job.id.clone()).is_none())
    });
    if is_certain && all_fit {
        return matched.into_iter().map(|id| id.map_or(Finding::Absent, Finding::Is)).collect();
    }
    lost.iter()
        .map(|one| {
            let ids: Vec<String> = jobs.iter().filter(|job| fits(one, job)).map(|job| job.id.clone()).collect();
            if ids.is_empty() { Finding::Absent } else { Finding::Perhaps(ids) }
        })
        .collect()
}

#[cfg(test)]
mod tests;
