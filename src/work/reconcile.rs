//! Looking for creates whose answer was lost, in the upstream's own list. What is certain is adopted; the rest is told,
//! with what was seen, to whoever pressed Create.

use std::time::Duration;

use tracing::{info, warn};

use super::Worker;
use crate::domain::reconcile::{Finding, Found, SKEW, findings};
use crate::domain::{Millis, State};
use crate::kill::kill_point;
use crate::store::generations::Note;
use crate::store::uncertain::OpenSend;
use crate::upstream::{Upstream, UpstreamId};

/// Pages of a list that are read at once: more than this many jobs back nobody looks.
const PAGES: u32 = 20;
/// When to look again; the last is repeated.
const PAUSES: [Duration; 10] = [
    Duration::from_secs(2),
    Duration::from_secs(3),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(20),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(10),
    Duration::from_hours(1),
];
/// No list is read for what was sent longer ago.
const LONGEST: Duration = Duration::from_hours(48);
/// The most ids that are shown.
const SHOWN: usize = 5;

/// What a list told.
struct Seen {
    /// The jobs that nobody holds.
    free: Vec<Found>,
    /// Whether it was read back to before the first of the lost ones was sent.
    is_whole: bool,
}

impl Worker {
    /// Looks for every create at an upstream whose answer was lost.
    pub(super) async fn reconcile(&self, upstream: &dyn Upstream) {
        let parts = &self.0.parts;
        let now = parts.clock.now();
        let open = self.persist("reading lost creates", || parts.store.open_sends(upstream.name())).await;
        let open = open.unwrap_or_default();
        let is_due = |send: &OpenSend| send.clip.state == State::Uncertain && send.clip.due_at <= now;
        let is_young = |send: &OpenSend| now.since(send.lost.sent_at) < LONGEST;
        let since = open.iter().filter(|send| is_due(send) && is_young(send)).map(|send| send.lost.since()).min();
        let seen = match since {
            Some(since) => self.read_list(upstream, since).await,
            None => None,
        };
        kill_point!("list.read");
        let mut lost: Vec<_> = open.iter().map(|send| send.lost.clone()).collect();
        if let Some(since) = since.map(|since| since.before(SKEW)) {
            let given_up = || parts.store.given_up(upstream.name(), since);
            lost.extend(self.persist("reading creates that were given up", given_up).await.unwrap_or_default());
        }
        let findings = seen.as_ref().map(|seen| findings(&lost, &seen.free));
        for (place, send) in open.iter().enumerate().filter(|(_, send)| is_due(send)) {
            let finding = findings.as_ref().map(|all| &all[place]);
            let is_found = matches!(finding, Some(Finding::Is(_)));
            parts.metrics.looked(upstream.name(), if is_found { "adopted" } else { "open" });
            if let Some(Finding::Is(job)) = finding {
                self.adopt(send, job).await;
            } else {
                self.look_later(send, finding, seen.as_ref().is_some_and(|seen| seen.is_whole)).await;
            }
            self.tell(&send.clip);
        }
        parts.wake.notify_one();
    }

    /// The upstream's jobs back to `since` that no attempt of ours holds; none where there is no list to read.
    async fn read_list(&self, upstream: &dyn Upstream, since: Millis) -> Option<Seen> {
        let store = &self.0.parts.store;
        let (mut free, mut is_whole) = (Vec::<Found>::new(), false);
        let mut after: Option<UpstreamId> = None;
        for _ in 0..PAGES {
            let page = upstream.list(after.as_ref()).await?;
            let ids: Vec<&str> = page.jobs.iter().map(|job| job.id.0.as_str()).collect();
            let held = self.persist("reading known jobs", || store.jobs_held(upstream.name(), &ids)).await?;
            // Lists may be out of order: only a page that is older as a whole ends the walk.
            let is_past = !page.jobs.is_empty()
                && page.jobs.iter().all(|job| job.created_at.is_some_and(|at| at.after(SKEW) < since));
            for job in page.jobs {
                // A list that repeats its pages shows nothing twice here.
                if !held.contains(&job.id.0) && !free.iter().any(|known| known.id == job.id.0) {
                    free.push(Found {
                        id: job.id.0,
                        prompt: job.prompt,
                        model: job.model,
                        size: job.size,
                        seconds: job.seconds,
                        created_at: job.created_at,
                    });
                }
            }
            after = page.after;
            if is_past || after.is_none() {
                is_whole = true;
                break;
            }
        }
        Some(Seen { free, is_whole })
    }

    async fn adopt(&self, send: &OpenSend, job: &str) {
        let (parts, id) = (&self.0.parts, send.clip.id);
        info!(generation.id = %id, "generation {id} was found in the list of {}", send.clip.upstream);
        // Somebody may have decided meanwhile, or another attempt may hold it: then it is read again at the next look.
        let adopted = parts.store.adopted(id, job, parts.clock.now()).await;
        if let Err(error) = adopted {
            warn!(generation.id = %id, "the job that was found for generation {id} could not be noted: {error}");
            self.look_later(send, None, false).await;
        }
    }

    async fn look_later(&self, send: &OpenSend, finding: Option<&Finding>, is_whole: bool) {
        let (parts, clip) = (&self.0.parts, &send.clip);
        let looks = clip.failures + 1;
        let place = usize::try_from(clip.failures).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
        let now = parts.clock.now();
        let words = evidence(send, finding, looks, is_whole && now.since(send.lost.sent_at) >= SKEW);
        let note = Note { reason: clip.reason, words: Some(&words), code: clip.code.as_deref() };
        let due = now.after(PAUSES[place]);
        self.persist("a look for a lost create", || parts.store.put_off(clip.id, State::Uncertain, looks, due, note))
            .await;
    }
}

/// What is known, for whoever decides.
fn evidence(send: &OpenSend, finding: Option<&Finding>, looks: u32, is_settled: bool) -> String {
    let cause = send.cause.as_deref().unwrap_or_default();
    let times = if looks == 1 { "once".to_owned() } else { format!("{looks} times") };
    let seen = match finding {
        None => "The upstream’s list of jobs could not be read.".to_owned(),
        Some(Finding::Perhaps(ids)) => {
            let mut shown = ids.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
            if ids.len() > SHOWN {
                shown.push_str(", …");
            }
            format!("The upstream’s list was read {times}. It may be one of these jobs: {shown}")
        }
        Some(Finding::Absent) if is_settled && looks > 1 => format!(
            "The upstream’s list was read {times}, over more than ten minutes and back to before this was sent. No job \
             like it is there: as far as the list tells, it was not made."
        ),
        Some(Finding::Absent | Finding::TooEarly | Finding::Is(_)) => {
            format!("The upstream’s list was read {times}. No job like it is there so far.")
        }
    };
    [cause, &seen].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}
