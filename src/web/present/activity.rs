//! What happened, in words: the bell and the page behind it. Takes of one task that ended one after
//! the other are one piece of news.

use super::time::when;
use crate::domain::{Millis, PersonId, State, TaskId};
use crate::store::clips::Clip;
use crate::store::{self, Store};
use crate::web::view::Bell;
use crate::web::view::shelf::News;

/// Unseen ends are counted as far as this.
const COUNTED: u32 = 99;
/// Ends that the bell reads to tell a few pieces of news.
const READ: u32 = 24;
/// Pieces of news in the bell.
const TOLD: usize = 6;

/// The bell of a person.
pub async fn bell(store: &Store, person: PersonId, now: Millis) -> store::Result<Bell> {
    let seen = store.person(person).await?.map_or(now, |person| person.seen_at);
    let undecided = store.undecided(Some(person), 3).await?;
    let ended = store.ended(person, None, READ).await?;
    let counted = store.news(person, seen, COUNTED + 1).await?;
    let unread = counted.min(COUNTED) + u32::try_from(undecided.len()).unwrap_or(0);
    let latest = ended.first().and_then(|clip| clip.ended_at).into_iter();
    let latest = latest.chain(undecided.iter().filter_map(|clip| clip.submitted_at)).max();
    let mut news: Vec<News> = undecided.iter().map(|clip| undecided_news(clip, now)).collect();
    news.extend(of_ends(&ended, seen, now));
    news.truncate(TOLD);
    Ok(Bell { unread, is_more: counted > COUNTED, latest: latest.map_or(0, Millis::as_i64), news })
}

/// A clip that needs a decision.
pub fn undecided_news(clip: &Clip, now: Millis) -> News {
    News {
        title: short(clip.name()),
        text: "Nobody can tell if it was made. Decide.".to_owned(),
        href: format!("/g/{}", clip.id),
        tone: "warn",
        when: when(clip.submitted_at.unwrap_or(clip.queued_at), now),
        is_new: true,
        still: None,
    }
}

/// Ends, the last first, as pieces of news.
pub fn of_ends(clips: &[Clip], seen: Millis, now: Millis) -> Vec<News> {
    let mut news = Vec::new();
    let mut rest = clips;
    while let Some(first) = rest.first() {
        let alike = |clip: &&Clip| clip.task == first.task && clip.state == first.state;
        let many = rest.iter().take_while(alike).count();
        news.push(piece(&rest[..many], first.task, seen, now));
        rest = &rest[many..];
    }
    news
}

fn piece(clips: &[Clip], task: TaskId, seen: Millis, now: Millis) -> News {
    let first = &clips[0];
    let is_good = first.state == State::Completed;
    let text = match (clips.len(), first.variations) {
        (_, 1) if is_good => "Ready".to_owned(),
        (1, of) if is_good => format!("Take {} of {of} is ready", first.take),
        (many, of) if is_good => format!("{many} of {of} takes are ready"),
        (1, _) => format!("{}. {}", super::failure::title(first), super::cost::charged(first)),
        (many, _) => format!("{many} takes failed. {}", super::failure::title(first)),
    };
    let href = if clips.len() > 1 { format!("/t/{task}") } else { format!("/g/{}", first.id) };
    let ended = first.ended_at.unwrap_or(first.queued_at);
    News {
        title: short(first.name()),
        text,
        href,
        tone: if is_good { "good" } else { "bad" },
        when: when(ended, now),
        is_new: ended > seen,
        still: first.poster.as_ref().filter(|_| is_good).map(|_| format!("/g/{}/poster.jpg", first.id)),
    }
}

/// The first words of a name.
pub fn short(name: &str) -> String {
    const MOST: usize = 70;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    let cut: String = name.chars().take(MOST).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(cut, _)| cut);
    format!("{}…", cut.trim_end_matches([',', '.', ';']))
}
