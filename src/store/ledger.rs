//! The record of money and of what caps count. Entries are only ever added: reserved at Create, settled by a
//! finished clip, released by one that failed or was canceled. Sums are taken of them, never kept beside them.

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::plans::read_plan;
use super::{Error, Result, Store, Tx, number};
use crate::domain::plan::{Asked, Cap, DAY, MONTH, Usage, Used, Verdict};
use crate::domain::{Event, GenerationId, Millis, PersonId, Pixels, Plan, Seconds, State, Usd};

/// What a budget covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everything made here.
    Instance,
    /// Everything sent to one upstream.
    Upstream(String),
}

impl Scope {
    /// As stored and as forms carry it.
    pub fn word(&self) -> String {
        match self {
            Self::Instance => "instance".to_owned(),
            Self::Upstream(name) => format!("upstream:{name}"),
        }
    }

    /// Reads what `word` wrote.
    pub fn read(word: &str) -> Option<Self> {
        match word.strip_prefix("upstream:") {
            Some(name) if !name.is_empty() => Some(Self::Upstream(name.to_owned())),
            _ => (word == "instance").then_some(Self::Instance),
        }
    }
}

/// What somebody has of a plan, with what they have used of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The plan, with the person's own sum of money.
    pub plan: Plan,
    /// What is used.
    pub usage: Usage,
}

/// What follows in the record from a generation's move; the only writer beside `reserve`.
pub(super) async fn follow(
    tx: &mut Tx<'_>,
    id: GenerationId,
    event: Event,
    (from, to): (State, State),
    now: Millis,
) -> Result<()> {
    match (from.is_final(), to) {
        // Nobody came to know whether it was made: giving up does not undo a payment.
        (false, State::Failed) if event == Event::GivenUp => end(tx, id, "settle", now).await,
        (false, State::Completed) => end(tx, id, "settle", now).await,
        (false, State::Failed | State::Canceled) => end(tx, id, "release", now).await,
        (true, State::Queued | State::InProgress) => reserve(tx, id, now).await,
        _ => Ok(()),
    }
}

/// Holds a clip's price, and counts it.
pub(super) async fn reserve(tx: &mut Tx<'_>, id: GenerationId, now: Millis) -> Result<()> {
    sqlx::query(
        "insert into entry (id, kind, person_id, generation_id, upstream, model_key, clips, seconds, held_micros,
             spent_micros, at, reserved_at)
         select (select coalesce(max(id), 0) + 1 from entry), 'reserve', generation.person_id, generation.id,
             generation.upstream, generation.model_key, 1, generation.seconds, coalesce(task.price_micros, 0), 0, $2, $2
         from generation join task on task.id = generation.task_id
         where generation.id = $1 and generation.upstream not in ('upload', 'ffmpeg', 'seed')",
    )
    .bind(id.as_i64())
    .bind(now.as_i64())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Settles or releases what is held for a clip. What was settled stays counted; what was released does not.
pub(super) async fn end(tx: &mut Tx<'_>, id: GenerationId, kind: &'static str, now: Millis) -> Result<()> {
    sqlx::query(
        "insert into entry (id, kind, person_id, generation_id, upstream, model_key, clips, seconds, held_micros,
             spent_micros, at, reserved_at)
         select (select coalesce(max(id), 0) + 1 from entry), $2, person_id, generation_id, upstream, model_key,
             case when $2 = 'release' then -clips else 0 end, case when $2 = 'release' then -seconds else 0 end,
             -held_micros, case when $2 = 'settle' then held_micros else 0 end, $3, reserved_at
         from entry where generation_id = $1 and kind = 'reserve'
             and id = (select max(id) from entry where generation_id = $1)",
    )
    .bind(id.as_i64())
    .bind(kind)
    .bind(now.as_i64())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn used(row: &SqliteRow) -> Result<Used> {
    // Sums of a window never fall below nothing: what is released carries the time it was reserved at.
    Ok(Used {
        clips: number(row, "entry", "clips")?,
        seconds: number(row, "entry", "seconds")?,
        money: Usd::from_micros(row.try_get("micros")?),
    })
}

async fn window(db: &mut SqliteConnection, person: PersonId, since: Millis) -> Result<Used> {
    let row = sqlx::query(
        "select 0 as id, coalesce(sum(clips), 0) as clips, coalesce(sum(seconds), 0) as seconds,
             coalesce(sum(held_micros + spent_micros), 0) as micros
         from entry where person_id = $1 and reserved_at > $2",
    )
    .bind(person.as_i64())
    .bind(since.as_i64())
    .fetch_one(db)
    .await?;
    used(&row)
}

/// What is held and spent under a budget in its window.
async fn under(db: &mut SqliteConnection, scope: &Scope, since: Millis) -> Result<(Usd, Usd)> {
    let query = match scope {
        Scope::Instance => sqlx::query(
            "select coalesce(sum(held_micros), 0) as held, coalesce(sum(spent_micros), 0) as spent
             from entry where reserved_at > $1",
        )
        .bind(since.as_i64()),
        Scope::Upstream(name) => sqlx::query(
            "select coalesce(sum(held_micros), 0) as held, coalesce(sum(spent_micros), 0) as spent
             from entry where reserved_at > $1 and upstream = $2",
        )
        .bind(since.as_i64())
        .bind(name.clone()),
    };
    let row = query.fetch_one(db).await?;
    Ok((Usd::from_micros(row.try_get("held")?), Usd::from_micros(row.try_get("spent")?)))
}

/// The budgets that an upstream's clips come under.
async fn budgets(db: &mut SqliteConnection, upstream: &str) -> Result<Vec<(Scope, Usd)>> {
    let rows = sqlx::query("select scope, money_per_month from budget where scope in ('instance', $1)")
        .bind(Scope::Upstream(upstream.to_owned()).word())
        .fetch_all(db)
        .await?;
    rows.iter()
        .filter_map(|row| {
            let scope = row.try_get::<String, _>("scope").map(|word| Scope::read(&word)).transpose()?;
            Some(scope.and_then(|scope| Ok((scope, Usd::from_micros(row.try_get("money_per_month")?)))))
        })
        .map(|budget| budget.map_err(Error::Database))
        .collect()
}

/// Which budget of an upstream is used up, so that nothing paid is sent there.
pub(super) async fn is_used_up(db: &mut SqliteConnection, upstream: &str, now: Millis) -> Result<bool> {
    for (scope, most) in budgets(db, upstream).await? {
        let (held, spent) = under(db, &scope, now.before(MONTH)).await?;
        if held + spent > most {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn allowance(db: &mut SqliteConnection, person: PersonId, now: Millis) -> Result<Allowance> {
    let row = sqlx::query(
        "select plan.*, person.id as id, person.money_per_month as own_money,
             (select coalesce(sum(size_bytes), 0) from generation where generation.person_id = person.id
                 and size_bytes is not null and erased is null) as bytes
         from person left join plan on plan.name = person.plan where person.id = $1",
    )
    .bind(person.as_i64())
    .fetch_one(&mut *db)
    .await?;
    let mut plan = match row.try_get::<Option<String>, _>("name")? {
        Some(_) => read_plan(&row)?,
        None => Plan::unlimited(),
    };
    if let Some(micros) = row.try_get("own_money")? {
        plan.money_per_month = Some(Usd::from_micros(micros));
    }
    let usage = Usage {
        day: window(db, person, now.before(DAY)).await?,
        month: window(db, person, now.before(MONTH)).await?,
        bytes: number(&row, "generation", "bytes")?,
    };
    Ok(Allowance { plan, usage })
}

/// When enough of what a cap counts has left its window.
async fn free_at(
    db: &mut SqliteConnection,
    person: PersonId,
    upstream: &str,
    cap: Cap,
    asked: Used,
    now: Millis,
) -> Result<Option<Millis>> {
    let Some(span) = cap.window() else { return Ok(None) };
    // Of a budget for all, what others used counts, too; of an upstream's, what was used there.
    let (whose, place) = match cap {
        Cap::Instance(..) => (None, None),
        Cap::Upstream(..) => (None, Some(upstream)),
        Cap::NoAccess
        | Cap::Model
        | Cap::Largest(_)
        | Cap::Longest(_)
        | Cap::ClipsPerDay(..)
        | Cap::ClipsPerMonth(..)
        | Cap::SecondsPerDay(..)
        | Cap::SecondsPerMonth(..)
        | Cap::Money(..)
        | Cap::Storage(..)
        | Cap::NoPrice => (Some(person.as_i64()), None),
    };
    let rows = sqlx::query(
        "select 0 as id, reserved_at, sum(clips) as clips, sum(seconds) as seconds, sum(held_micros + spent_micros) as micros
         from entry where reserved_at > $1 and ($2 is null or person_id = $2) and ($3 is null or upstream = $3)
         group by reserved_at, generation_id having sum(clips) > 0 order by reserved_at",
    )
    .bind(now.before(span).as_i64())
    .bind(whose)
    .bind(place)
    .fetch_all(db)
    .await?;
    let counted = rows.iter().map(|row| Ok((Millis::from_i64(row.try_get("reserved_at")?), used(row)?)));
    let counted: Vec<(Millis, Used)> = counted.collect::<Result<_>>()?;
    let mut left = counted.iter().fold(Used::default(), |sum, (_, used)| sum.and(*used));
    // What was reserved first leaves the window first.
    let enough = counted.iter().find(|(_, gone)| {
        left = left.without(*gone);
        cap.has_room(left, asked)
    });
    Ok(enough.map(|(at, _)| at.after(span)))
}

/// Whether somebody may make this now; in the relaxed lane or not. The one place that decides.
pub(super) async fn allow(
    tx: &mut Tx<'_>,
    person: PersonId,
    upstream: &str,
    asked: &Asked<'_>,
    now: Millis,
) -> Result<bool> {
    if matches!(upstream, "upload" | "ffmpeg" | "seed") {
        return Ok(false);
    }
    let has = allowance(tx, person, now).await?;
    let mut verdict = has.plan.verdict(&has.usage, asked);
    let wanted = asked.used();
    for (scope, most) in budgets(tx, upstream).await? {
        let (held, spent) = under(tx, &scope, now.before(MONTH)).await?;
        let cap = match scope {
            Scope::Instance => Cap::Instance(most, held + spent),
            Scope::Upstream(_) => Cap::Upstream(most, held + spent),
        };
        let is_over = !wanted.money.is_zero() && held + spent + wanted.money > most;
        match verdict {
            Verdict::Go | Verdict::Relaxed(_) if asked.each.is_none() => verdict = Verdict::Stop(Cap::NoPrice),
            Verdict::Go | Verdict::Relaxed(_) if is_over => verdict = Verdict::Stop(cap),
            Verdict::Go | Verdict::Relaxed(_) | Verdict::Stop(_) => {}
        }
    }
    match verdict {
        Verdict::Go => Ok(false),
        Verdict::Relaxed(_) => Ok(true),
        Verdict::Stop(cap) => {
            let free = free_at(tx, person, upstream, cap, wanted, now).await?;
            Err(Error::Capped(cap, free))
        }
    }
}

/// The same for a clip that is there and shall be made once more; it takes the lane that it may.
pub(super) async fn allow_again(tx: &mut Tx<'_>, id: GenerationId, now: Millis) -> Result<()> {
    let row = sqlx::query(
        "select generation.id as id, generation.person_id, generation.upstream, generation.model_key,
             generation.seconds, task.wide, task.high, task.price_micros
         from generation join task on task.id = generation.task_id where generation.id = $1",
    )
    .bind(id.as_i64())
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(Error::Stale)?;
    let (upstream, model): (String, String) = (row.try_get("upstream")?, row.try_get("model_key")?);
    let (wide, high) = (number(&row, "task", "wide")?, number(&row, "task", "high")?);
    let (Some(seconds), Some(size)) = (Seconds::new(number(&row, "generation", "seconds")?), Pixels::new(wide, high))
    else {
        return Err(Error::Stale);
    };
    let each = row.try_get::<Option<i64>, _>("price_micros")?.map(Usd::from_micros);
    let asked = Asked { clips: 1, seconds, each, model: &model, size };
    let person = PersonId::from_i64(row.try_get("person_id")?);
    let relaxed = allow(tx, person, &upstream, &asked, now).await?;
    sqlx::query("update generation set relaxed = $2 where id = $1")
        .bind(id.as_i64())
        .bind(i64::from(relaxed))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl Store {
    /// What somebody has of their plan.
    pub async fn allowance(&self, person: PersonId, now: Millis) -> Result<Allowance> {
        allowance(&mut *self.read.acquire().await?, person, now).await
    }

    /// When there is room again under a cap of somebody's own plan for what was asked.
    pub async fn free_at(&self, person: PersonId, cap: Cap, asked: Used, now: Millis) -> Result<Option<Millis>> {
        free_at(&mut *self.read.acquire().await?, person, "", cap, asked, now).await
    }

    /// Every budget, with what is held and what is spent under it in 30 days.
    pub async fn budgets(&self, now: Millis) -> Result<BTreeMap<Scope, (Usd, Usd, Usd)>> {
        let rows =
            sqlx::query("select scope, money_per_month from budget order by scope").fetch_all(&self.read).await?;
        let mut db = self.read.acquire().await?;
        let mut budgets = BTreeMap::new();
        for row in &rows {
            let Some(scope) = Scope::read(row.try_get("scope")?) else { continue };
            let (held, spent) = under(&mut db, &scope, now.before(MONTH)).await?;
            budgets.insert(scope, (Usd::from_micros(row.try_get("money_per_month")?), held, spent));
        }
        Ok(budgets)
    }

    /// Sets what may be spent in 30 days, or takes the limit away.
    pub async fn set_budget(&self, scope: &Scope, most: Option<Usd>) -> Result<()> {
        let query = match most {
            Some(most) => sqlx::query(
                "insert into budget (scope, money_per_month) values ($1, $2)
                 on conflict (scope) do update set money_per_month = excluded.money_per_month",
            )
            .bind(scope.word())
            .bind(most.micros()),
            None => sqlx::query("delete from budget where scope = $1").bind(scope.word()),
        };
        query.execute(&self.write).await?;
        Ok(())
    }
}
