//! Who goes next at an upstream: the rows that `domain::turn` decides on.

use std::collections::HashMap;

use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, Row};

use super::queue::COUNTED;
use super::{Result, Store, Tx, among, ledger, number};
use crate::domain::turn::{self, Turn, Waiter, Why};
use crate::domain::{GenerationId, Millis, PersonId};

/// An uncertain generation may be running at its upstream: it keeps its place this long.
const UNCERTAIN_MS: i64 = 60_000;
/// The one whose pass is the clock of an upstream.
const CLOCK: i64 = 0;

/// Somebody who waits, and the clip of theirs that would go.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    waiter: Waiter,
    head: GenerationId,
}

/// Counts the places of an upstream that are taken.
pub(super) async fn taken(db: &mut SqliteConnection, upstream: &str, now: Millis) -> Result<i64> {
    let row = sqlx::query(
        "select count(*) as many from generation
         where upstream = $1 and state in ('submitting', 'in_progress', 'uncertain')
             and (state <> 'uncertain' or submitted_at > $2)",
    )
    .bind(upstream)
    .bind(now.as_i64() - UNCERTAIN_MS)
    .fetch_one(db)
    .await?;
    Ok(row.try_get("many")?)
}

/// How many clips of each person run, wherever.
async fn running(db: &mut SqliteConnection, now: Millis) -> Result<HashMap<i64, u32>> {
    let rows = sqlx::query(
        "select person_id as id, count(*) as many from generation
         where state in ('submitting', 'in_progress', 'uncertain') and upstream <> 'ffmpeg'
             and (state <> 'uncertain' or submitted_at > $1)
         group by person_id",
    )
    .bind(now.as_i64() - UNCERTAIN_MS)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, number(row, "generation", "many")?))).collect()
}

/// The clock of an upstream.
async fn clock(db: &mut SqliteConnection, upstream: &str) -> Result<i64> {
    let row = sqlx::query("select pass from share where upstream = $1 and person_id = $2")
        .bind(upstream)
        .bind(CLOCK)
        .fetch_optional(db)
        .await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("pass")?))
}

/// Everybody who has a clip that could go now. `paid`: also what costs something.
async fn candidates(db: &mut SqliteConnection, upstream: &str, now: Millis, paid: bool) -> Result<Vec<Candidate>> {
    let running = running(db, now).await?;
    let rows = sqlx::query(
        "select person.id as id, coalesce(plan.weight, 1) as weight, plan.at_once as at_once,
             coalesce(share.pass, 0) as pass, coalesce(share.served_at, 0) as served_at, head.id as head,
             head.queued_at as queued_at, head.relaxed as relaxed
         from person
         left join plan on plan.name = person.plan
         left join share on share.upstream = $1 and share.person_id = person.id
         join generation head on head.id = (
             select g.id from generation g
             where g.upstream = $1 and g.person_id = person.id and g.state = 'queued' and g.due_at <= $2
                 and ($3 or exists (select 1 from task where task.id = g.task_id and coalesce(task.price_micros, 0) = 0))
                 and not exists (
                     select 1 from source join generation as input on input.id = source.generation_id
                     where source.task_id = g.task_id and input.state <> 'completed')
             order by g.relaxed, g.turn, g.id limit 1)
         where person.paused_at is null and person.disabled_at is null",
    )
    .bind(upstream)
    .bind(now.as_i64())
    .bind(paid)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let since = Millis::from_i64(row.try_get("queued_at")?);
            let relaxed = row.try_get::<i64, _>("relaxed")? != 0;
            let waiter = waiter(row, upstream, &running, (since, relaxed))?;
            Ok(Candidate { waiter, head: GenerationId::from_i64(row.try_get("head")?) })
        })
        .collect()
}

/// What counts of somebody who waits at an upstream: since when, and in which lane, their first clip does.
fn waiter(
    row: &SqliteRow,
    upstream: &str,
    running: &HashMap<i64, u32>,
    (since, relaxed): (Millis, bool),
) -> Result<Waiter> {
    let person: i64 = row.try_get("id")?;
    let at_once: Option<i64> = row.try_get("at_once")?;
    // Clips made of clips on this machine have a line of their own.
    let at_once = at_once.filter(|_| upstream != super::clips::FFMPEG);
    Ok(Waiter {
        person: PersonId::from_i64(person),
        weight: number(row, "plan", "weight")?,
        at_once: at_once.map(|most| u32::try_from(most).unwrap_or(u32::MAX)),
        running: running.get(&person).copied().unwrap_or(0),
        pass: row.try_get("pass")?,
        served_at: Millis::from_i64(row.try_get("served_at")?),
        since,
        relaxed,
    })
}

/// The clip that goes next, and writes down that its owner had a turn.
pub(super) async fn take_turn(tx: &mut Tx<'_>, upstream: &str, now: Millis) -> Result<Option<GenerationId>> {
    let paid = !ledger::is_used_up(tx, upstream, now).await?;
    let candidates = candidates(tx, upstream, now, paid).await?;
    let waiters: Vec<Waiter> = candidates.iter().map(|candidate| candidate.waiter).collect();
    let Some(Turn { person, clock: at, pass, .. }) = turn::next(&waiters, clock(tx, upstream).await?, now) else {
        return Ok(None);
    };
    for (whose, pass) in [(CLOCK, at), (person.as_i64(), pass)] {
        sqlx::query(
            "insert into share (upstream, person_id, pass, served_at) values ($1, $2, $3, $4)
             on conflict (upstream, person_id) do update set pass = excluded.pass, served_at = excluded.served_at",
        )
        .bind(upstream)
        .bind(whose)
        .bind(pass)
        .bind(now.as_i64())
        .execute(&mut **tx)
        .await?;
    }
    Ok(candidates.iter().find(|candidate| candidate.waiter.person == person).map(|candidate| candidate.head))
}

/// A clip went back in line without having been made: its owner's turn did not count.
pub(super) async fn give_back(tx: &mut Tx<'_>, id: GenerationId) -> Result<()> {
    sqlx::query(
        "update share set pass = pass - $2 / coalesce((select plan.weight from plan join person on person.plan = plan.name
             where person.id = share.person_id), 1)
         where (upstream, person_id) in (select upstream, person_id from generation where id = $1)",
    )
    .bind(id.as_i64())
    .bind(turn::STRIDE)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

impl Store {
    /// The line at an upstream in the order in which it moves, as far as `COUNTED`, and why each is where it is.
    pub async fn line(&self, upstream: &str, now: Millis) -> Result<Vec<(GenerationId, Why)>> {
        let mut db = self.read.acquire().await?;
        let rows = sqlx::query(
            // Of each person as many as could be told: who queues a hundred thousand costs no more than a thousand.
            "select waits.id as id, waits.person_id as person_id, waits.relaxed as relaxed, waits.queued_at as queued_at
             from person join generation waits on waits.id in (
                 select n.id from generation n
                 where n.upstream = $1 and n.person_id = person.id and n.state = 'queued'
                 order by n.relaxed, n.turn, n.id limit $2)
             order by waits.person_id, waits.relaxed, waits.turn, waits.id",
        )
        .bind(upstream)
        .bind(i64::from(COUNTED))
        .fetch_all(&mut *db)
        .await?;
        let mut of: HashMap<PersonId, Vec<(GenerationId, bool, Millis)>> = HashMap::new();
        for row in &rows {
            let person = PersonId::from_i64(row.try_get("person_id")?);
            let waits = GenerationId::from_i64(row.try_get("id")?);
            let since = Millis::from_i64(row.try_get("queued_at")?);
            of.entry(person).or_default().push((waits, row.try_get::<i64, _>("relaxed")? != 0, since));
        }
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let waiters = waiters(&mut db, upstream, &of, now).await?;
        let waiting: Vec<(u32, u32)> = waiters
            .iter()
            .map(|waiter| {
                let theirs = &of[&waiter.person];
                let relaxed = theirs.iter().filter(|(_, relaxed, _)| *relaxed).count();
                let many = |count| u32::try_from(count).unwrap_or(u32::MAX);
                (many(theirs.len() - relaxed), many(relaxed))
            })
            .collect();
        let clock = clock(&mut db, upstream).await?;
        let most = usize::try_from(COUNTED).unwrap_or(usize::MAX);
        let turns = turn::order(&waiters, &waiting, clock, now, most);
        let mut queues: HashMap<PersonId, std::vec::IntoIter<_>> =
            of.into_iter().map(|(person, waits)| (person, waits.into_iter())).collect();
        let next = |(person, why)| Some((queues.get_mut(&person)?.next()?.0, why));
        Ok(turns.into_iter().filter_map(next).collect())
    }
}

/// What counts of these people who wait at an upstream.
async fn waiters(
    db: &mut SqliteConnection,
    upstream: &str,
    of: &HashMap<PersonId, Vec<(GenerationId, bool, Millis)>>,
    now: Millis,
) -> Result<Vec<Waiter>> {
    let running = running(db, now).await?;
    let mut sql = QueryBuilder::<Sqlite>::new(
        "select person.id as id, coalesce(plan.weight, 1) as weight, plan.at_once as at_once,
             coalesce(share.pass, 0) as pass, coalesce(share.served_at, 0) as served_at
         from person left join plan on plan.name = person.plan
         left join share on share.person_id = person.id and share.upstream = ",
    );
    sql.push_bind(upstream.to_owned()).push(" where person.id in (");
    let ids: Vec<GenerationId> = of.keys().map(|person| GenerationId::from_i64(person.as_i64())).collect();
    among(&mut sql, &ids);
    let rows = sql.build().fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            let first = of.get(&PersonId::from_i64(row.try_get("id")?)).and_then(|waits| waits.first());
            let (since, relaxed) = first.map_or((now, false), |(_, relaxed, since)| (*since, *relaxed));
            waiter(row, upstream, &running, (since, relaxed))
        })
        .collect()
}
