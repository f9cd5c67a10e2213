//! The faces of clips that are not there yet: where they stand, how long it may still take, and why.

use std::time::Duration;

use super::time::{about, bytes, range};
use super::{Scene, upstream_name};
use crate::domain::{Operation, Reason, State, Usd};
use crate::store::clips::Clip;
use crate::studio::Canceled;
use crate::web::view::plate::Elapsed;
use crate::web::view::{Action, Plate};

/// Fewer finished clips of a kind than this say nothing about the next.
const ENOUGH: usize = 3;

fn seed(clip: &Clip) -> usize {
    usize::try_from(clip.id.as_i64().unsigned_abs() % 3).unwrap_or(0)
}

fn post(clip: &Clip, verb: &str) -> String {
    format!("/g/{}/{verb}", clip.id)
}

/// The button that takes a waiting clip out of the line.
pub fn cancel(clip: &Clip) -> Action {
    Action::post("Cancel", post(clip, "cancel")).named(format!("Cancel take {}", clip.take)).icon("x")
}

/// `, bills it`, where it may cost something.
fn bills(clip: &Clip) -> &'static str {
    if clip.price.is_some_and(Usd::is_zero) { "" } else { " and bills it" }
}

/// What a cancel did, and whether the upstream still bills.
pub fn canceled(clip: &Clip, end: Canceled) -> String {
    let upstream = &clip.upstream;
    let is_free = clip.price.is_some_and(Usd::is_zero);
    match (end, clip.state) {
        (Canceled::Stopped, State::Queued) => "Canceled. Nothing was sent, so nothing is charged.".to_owned(),
        (Canceled::Stopped, _) if is_free => format!("Stopped at {upstream}."),
        (Canceled::Stopped, _) => format!("Stopped at {upstream}. It had accepted the clip, so it may still bill it."),
        (Canceled::LetGo, _) => {
            format!("{upstream} cannot stop it: it still makes it{}. The clip lands in the library.", bills(clip))
        }
    }
}

/// The plate of a clip on its way; none for one at its end.
pub fn plate(clip: &Clip, scene: &Scene) -> Option<Plate> {
    Some(match clip.state {
        State::Queued => queued(clip, scene),
        State::Submitting => Plate::ring(None, "Sending", format!("to {}", upstream_name(clip)), seed(clip)),
        State::InProgress => in_progress(clip, scene),
        State::Downloading => downloading(clip, scene),
        State::Completed | State::Failed | State::Canceled | State::Uncertain => return None,
    })
}

fn queued(clip: &Clip, scene: &Scene) -> Plate {
    let retry = || if clip.due_at > scene.now { about(clip.due_at.since(scene.now)) } else { "a moment".to_owned() };
    let (icon, title, detail) = if scene.upstreams.named(&clip.upstream).is_none() {
        ("unplug", "Waiting".to_owned(), format!("{} is no longer configured in rushes.toml", clip.upstream))
    } else if !scene.has_room {
        ("disk", "Waiting".to_owned(), "The disk is nearly full; nothing is sent until there is room".to_owned())
    } else {
        match clip.reason {
            Some(Reason::RateLimited) => (
                "hourglass",
                "Rate limited".to_owned(),
                format!("{} asked us to wait; next try in {}", clip.upstream, retry()),
            ),
            Some(Reason::Unreachable) => {
                ("unplug", "Can’t reach the upstream".to_owned(), format!("Nothing was sent. Next try in {}", retry()))
            }
            _ => in_line(clip, scene),
        }
    };
    Plate::icon(icon, title, detail).action(cancel(clip))
}

fn in_line(clip: &Clip, scene: &Scene) -> (&'static str, String, String) {
    let Some(place) = scene.place(clip) else {
        return ("hourglass", "In line".to_owned(), "behind more than 1,000 others".to_owned());
    };
    let title = if place == 1 { "Next in line".to_owned() } else { format!("{} in line", ordinal(place)) };
    let detail = if clip.is_local() && clip.operation == Operation::Extend {
        "as soon as the clip that it is joined to is there".to_owned()
    } else if scene.is_paused {
        "held back, because you paused your waiting clips".to_owned()
    } else {
        starts(clip, scene, place).map_or(String::new(), |range| format!("starts in {range}"))
    };
    ("hourglass", title, detail)
}

/// When a clip at this place starts: a range from how long others of its kind took. What runs now
/// is on average half done, so the first in line waits for half of one.
pub fn starts(clip: &Clip, scene: &Scene, place: usize) -> Option<String> {
    let (quick, slow) = quarter_and_nine_tenths(scene.durations(clip))?;
    let slots = scene.upstreams.named(&clip.upstream).map_or(1, |upstream| upstream.max_in_flight().max(1));
    let rounds = u64::try_from(place).unwrap_or(u64::MAX).div_ceil(u64::from(slots));
    let least = quick.saturating_mul(rounds.saturating_mul(2).saturating_sub(1)) / 2;
    Some(range(Duration::from_millis(least), Duration::from_millis(slow.saturating_mul(rounds))))
}

/// What a kind of clip usually takes, as far as enough are known.
pub fn usual(durations: &[u64]) -> Option<String> {
    let (quick, slow) = quarter_and_nine_tenths(durations)?;
    Some(range(Duration::from_millis(quick), Duration::from_millis(slow)))
}

/// How long the quicker and the slower of a kind took, in ms; none when too few are known.
fn quarter_and_nine_tenths(durations: &[u64]) -> Option<(u64, u64)> {
    let many = durations.len();
    (many >= ENOUGH).then(|| (durations[many / 4], durations[many * 9 / 10]))
}

fn ordinal(place: usize) -> String {
    let ending = match (place % 100, place % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{place}{ending}")
}

fn in_progress(clip: &Clip, scene: &Scene) -> Plate {
    let since = clip.accepted_at.unwrap_or(clip.queued_at);
    let detail = if scene.upstreams.named(&clip.upstream).is_none() {
        format!("{} is no longer configured; put it back to get this clip", clip.upstream)
    } else {
        match clip.reason {
            Some(Reason::Stalled) => "far longer than it may take; still asked about every 5 min for a day".to_owned(),
            Some(Reason::Lost) => "the upstream does not know this job just now; asking again".to_owned(),
            // One missed answer is nothing to worry a person with.
            Some(Reason::PollFailing) if clip.failures > 1 => {
                format!("{} does not answer; asking again. The job goes on there", clip.upstream)
            }
            _ if clip.let_go => {
                format!("you stopped waiting; {} still makes it{}, and it lands here", clip.upstream, bills(clip))
            }
            _ => left(clip, scene),
        }
    };
    let plate = Plate::ring(clip.progress, if clip.is_local() { "Making" } else { "Rendering" }, detail, seed(clip));
    plate.elapsed(Elapsed::new(since.as_i64(), scene.now.as_i64())).action(cancel_running(clip, scene))
}

/// Cancel where the upstream can stop it, else the honest alternative.
pub fn cancel_running(clip: &Clip, scene: &Scene) -> Action {
    let job = clip.upstream_id.clone().map(crate::upstream::UpstreamId);
    let stops = scene.upstreams.named(&clip.upstream).zip(job).is_some_and(|(upstream, job)| upstream.can_stop(&job));
    if stops {
        cancel(clip)
    } else {
        Action::post("Stop waiting", post(clip, "cancel"))
            .named(format!("Stop waiting for take {}", clip.take))
            .icon("x")
    }
}

/// How long it may still take: from its own progress, else from others of its kind.
fn left(clip: &Clip, scene: &Scene) -> String {
    let elapsed = clip.accepted_at.map_or(0, |at| u64::try_from(scene.now.since(at).as_millis()).unwrap_or(0));
    let durations = scene.durations(clip);
    let remaining = |total: u64| Duration::from_millis(total.saturating_sub(elapsed));
    match clip.progress.map(u64::from) {
        Some(percent @ 5..=99) if elapsed > 1_000 => format!("{} left", about(remaining(elapsed * 100 / percent))),
        _ if durations.len() >= ENOUGH => {
            let (typical, slowest) = (durations[durations.len() / 2], durations[durations.len() - 1]);
            if elapsed > slowest {
                "longer than the last ones took".to_owned()
            } else {
                format!("{} left", about(remaining(typical.max(elapsed))))
            }
        }
        _ => "no estimate yet".to_owned(),
    }
}

fn downloading(clip: &Clip, scene: &Scene) -> Plate {
    let arrival = scene.arrivals.of(clip.id);
    let detail = match (clip.reason, arrival) {
        (Some(Reason::DiskFull), _) => "The disk is full. Make room; it goes on by itself".to_owned(),
        (_, Some((here, Some(total)))) => format!("{} of {}", bytes(here), bytes(total)),
        (_, Some((here, None))) if here > 0 => bytes(here),
        (Some(Reason::DownloadFailing | Reason::BadFile | Reason::Lost), _) => {
            let words = clip.words.as_deref().unwrap_or("The file did not arrive whole.");
            let pause =
                if clip.due_at > scene.now { about(clip.due_at.since(scene.now)) } else { "a moment".to_owned() };
            let kept = clip.expires_at.filter(|until| *until > scene.now);
            let kept = kept.map_or(String::new(), |until| {
                format!(". {} keeps it for {} more", clip.upstream, about(until.since(scene.now)))
            });
            format!("{words} Next try in {pause}{kept}")
        }
        _ => "The clip is made".to_owned(),
    };
    let percent = arrival.and_then(|(here, total)| {
        let percent = here.saturating_mul(100).checked_div(total?)?;
        u8::try_from(percent.min(100)).ok()
    });
    Plate::ring(percent, "Saving", detail, seed(clip))
}
