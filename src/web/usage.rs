//! What was used and what is left: one's own, and everybody's with the budgets.

use axum::Form;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::form::Query;
use super::people::title;
use super::present::activity::short;
use super::present::time::when;
use super::view::chart::Chart;
use super::view::failure::Mood;
use super::view::usage::{Budget, By, Hero, LedgerRow, Meter, Sum, TeamUsagePage, UsagePage, UseRow};
use super::view::{Item, Section};
use super::wants::{Wants, page};
use crate::domain::plan::{self, Cap, MONTH, Used};
use crate::domain::{Millis, PersonId, Right, Usd};
use crate::store::ledger::{Allowance, Scope};
use crate::store::usage::{self as sums, Sums};
use crate::studio::moment;

/// Lines of the record on the page, and at most in a table.
const LINES: u32 = 12;
const MOST_LINES: u32 = 100_000;

/// How far back.
#[derive(Debug, Deserialize)]
pub struct Period {
    period: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Span {
    Days,
    Months,
}

impl Period {
    fn span(&self) -> Span {
        if self.period.as_deref() == Some("year") { Span::Months } else { Span::Days }
    }
}

impl Span {
    const fn word(self) -> &'static str {
        match self {
            Self::Days => "month",
            Self::Months => "year",
        }
    }

    /// The first moment that counts, in whole days or months of this time zone.
    fn since(self, now: Millis, zone: &TimeZone) -> Millis {
        let today = zoned(now, zone).start_of_day().unwrap_or_else(|_| zoned(now, zone));
        let first = match self {
            Self::Days => today.checked_sub(29.days()),
            Self::Months => today.first_of_month().and_then(|first| first.checked_sub(11.months())),
        };
        first.map_or(now.before(MONTH), |first| Millis::from_i64(first.timestamp().as_millisecond()))
    }
}

fn zoned(at: Millis, zone: &TimeZone) -> jiff::Zoned {
    Timestamp::from_millisecond(at.as_i64()).unwrap_or_default().to_zoned(zone.clone())
}

fn periods(path: &str, span: Span) -> Vec<Item> {
    vec![
        Item::new("30 days", path, span == Span::Days),
        Item::new("12 months", format!("{path}?period=year"), span == Span::Months),
    ]
}

/// Sums by day or month, those in which nothing was made, too.
fn by_time(hours: &[(Millis, Used)], span: Span, now: Millis, zone: &TimeZone) -> Vec<(String, Used)> {
    let label = |at: &jiff::Zoned| match span {
        Span::Days => at.strftime("%-d %b").to_string(),
        Span::Months => at.strftime("%b %Y").to_string(),
    };
    let mut at = zoned(span.since(now, zone), zone);
    let last = zoned(now, zone);
    let mut all: Vec<(String, Used)> = Vec::new();
    while at <= last && all.len() < 400 {
        all.push((label(&at), Used::default()));
        let next = match span {
            Span::Days => at.checked_add(1.day()),
            Span::Months => at.checked_add(1.month()),
        };
        let Ok(next) = next else { break };
        at = next;
    }
    for (hour, used) in hours {
        let of = label(&zoned(*hour, zone));
        if let Some((_, sum)) = all.iter_mut().rev().find(|(label, _)| *label == of) {
            *sum = sum.and(*used);
        }
    }
    all
}

fn clips(many: u32) -> String {
    if many == 1 { "1 generation".to_owned() } else { format!("{many} generations") }
}

fn table(
    id: &'static str,
    title: &'static str,
    what: &'static str,
    rows: Vec<Sums>,
    name: impl Fn(&str) -> String,
) -> By {
    let row = |sums: Sums| UseRow {
        name: name(&sums.of),
        href: String::new(),
        clips: sums.clips.to_string(),
        seconds: sums.seconds.to_string(),
        cost: sums.spent.to_string(),
        kept: sums.kept.to_string(),
        per_kept: sums.spent.shared(sums.kept).map(|each| each.to_string()).unwrap_or_default(),
    };
    By { id, title, what, rows: rows.into_iter().map(row).collect() }
}

fn mood(used: u64, most: u64) -> Option<Mood> {
    if used >= most {
        Some(Mood::Bad)
    } else if used.saturating_mul(5) >= most.saturating_mul(4) {
        Some(Mood::Warn)
    } else {
        None
    }
}

fn counted(label: &str, used: u32, most: u32, unit: &str, span: &str) -> Meter {
    Meter {
        label: label.to_owned(),
        words: format!("{}{unit} of {most}{unit} left {span}", most.saturating_sub(used)),
        value: u64::from(used.min(most)),
        max: u64::from(most.max(1)),
        mood: mood(u64::from(used), u64::from(most)),
        aria: format!("{label} used {span}"),
    }
}

fn money_meter(label: &str, used: Usd, most: Usd) -> Meter {
    let units = |sum: Usd| u64::try_from(sum.micros()).unwrap_or(0);
    Meter {
        label: label.to_owned(),
        words: format!("{} of {most} left in 30 days", most.less(used)),
        value: units(used).min(units(most)),
        max: units(most).max(1),
        mood: mood(units(used), units(most)),
        aria: format!("{label} used in 30 days"),
    }
}

fn meters(has: &Allowance) -> Vec<Meter> {
    let (plan, usage) = (&has.plan, &has.usage);
    let count = |label: &str, used: u32, most: Option<u32>, unit: &str, span: &str| {
        most.map(|most| counted(label, used, most, unit, span))
    };
    let all = [
        plan.money_per_month.map(|most| money_meter("Money", usage.month.money, most)),
        count("Generations", usage.day.clips, plan.generations_per_day, "", "today"),
        count("Generations", usage.month.clips, plan.generations_per_month, "", "in 30 days"),
        count("Seconds", usage.day.seconds, plan.seconds_per_day, " s", "today"),
        count("Seconds", usage.month.seconds, plan.seconds_per_month, " s", "in 30 days"),
        plan.storage_bytes.map(|most| {
            let gigabytes = |bytes: u64| format!("{}.{}", bytes / 1_000_000_000, bytes % 1_000_000_000 / 100_000_000);
            Meter {
                label: "Storage".to_owned(),
                words: format!("{} of {} GB used", gigabytes(usage.bytes), gigabytes(most)),
                value: usage.bytes.min(most),
                max: most.max(1),
                mood: mood(usage.bytes, most),
                aria: "Storage used".to_owned(),
            }
        }),
    ];
    all.into_iter().flatten().collect()
}

/// The one large number: what runs out first in the plan's order.
async fn hero(app: &App, has: &Allowance, zone: &TimeZone) -> Result<Hero, Error> {
    let (plan, usage) = (&has.plan, &has.usage);
    if !plan.may_create {
        return Ok(Hero {
            number: "0".to_owned(),
            words: "generations".to_owned(),
            detail: "Your plan is to look. An owner or admin can give you another one.".to_owned(),
        });
    }
    let one = Used { clips: 1, seconds: 1, money: Usd::from_micros(1) };
    let (number, words, used, cap) = if let Some(most) = plan.generations_per_day {
        let left = most.saturating_sub(usage.day.clips).to_string();
        let used = format!("{} of {most} used.", usage.day.clips);
        (left, "generations left today", used, Cap::ClipsPerDay(usage.day.clips, usage.day.clips))
    } else if let Some(most) = plan.money_per_month {
        let left = most.less(usage.month.money).to_string();
        let used = format!("{} of {most} spent or held.", usage.month.money);
        (left, "left in 30 days", used, Cap::Money(usage.month.money, usage.month.money))
    } else if let Some(most) = plan.generations_per_month {
        let left = most.saturating_sub(usage.month.clips).to_string();
        let used = format!("{} of {most} used.", usage.month.clips);
        (left, "generations left in 30 days", used, Cap::ClipsPerMonth(usage.month.clips, usage.month.clips))
    } else {
        return Ok(Hero {
            number: "No limit".to_owned(),
            words: format!("{} in 30 days, {}", clips(usage.month.clips), usage.month.money),
            detail: String::new(),
        });
    };
    // What is used stands as its own cap, so that this is when the first of it comes back.
    let now = app.studio.clock.now();
    let free = app.studio.store.free_at(app.viewer().person, cap, one, now).await?;
    let resets = free.map(|at| format!(" The first comes back {}.", moment(at, now, zone))).unwrap_or_default();
    Ok(Hero { number, words: words.to_owned(), detail: format!("{used}{resets}") })
}

fn chart(
    title: &str,
    span: Span,
    bars: Vec<(String, u64, String)>,
    write: impl Fn(u64) -> String,
    note: String,
) -> Chart {
    let (title, what) = match span {
        Span::Days => (format!("{title} by day"), "Day"),
        Span::Months => (format!("{title} by month"), "Month"),
    };
    Chart::new(title, what, bars, write).note(note)
}

/// `GET /usage`
pub async fn mine(app: App, wants: Wants, Query(period): Query<Period>) -> Result<Response, Error> {
    let (store, now, span) = (&app.studio.store, app.studio.clock.now(), period.span());
    let me = app.viewer().person;
    let zone = app.studio.zone().await;
    let since = span.since(now, &zone);
    let has = store.allowance(me, now).await?;
    let hours = store.hours(Some(me), since).await?;
    let by_time = by_time(&hours, span, now, &zone);
    let total: u32 = by_time.iter().map(|(_, used)| used.clips).sum();
    let bars = by_time
        .iter()
        .map(|(label, used)| (label.clone(), u64::from(used.clips), format!("{}, {}", clips(used.clips), used.money)));
    let person = store.person(me).await?;
    let plan = person.as_ref().and_then(|person| person.plan.as_deref()).map_or_else(
        || "No plan limits you.".to_owned(),
        |name| format!("Plan: {}. An owner or admin can raise it.", title(name)),
    );
    let lines = store.lines(Some(me), now.before(MONTH), LINES).await?;
    let ids: Vec<_> = lines.iter().map(|line| line.generation).collect();
    let known = store.clips(&ids).await?;
    let ledger = lines.iter().map(|line| {
        let clip = known.iter().find(|clip| clip.id == line.generation && !clip.is_erased);
        let (sum, amount) = match line.kind.as_str() {
            "settle" => (Sum::Spent, line.spent),
            "release" => {
                (Sum::Released, Usd::ZERO.less(line.held) + Usd::from_micros(line.held.micros().saturating_neg()))
            }
            _ => (Sum::Held, line.held),
        };
        LedgerRow {
            when: when(line.at, now),
            what: clip.map_or_else(|| "A clip that is gone".to_owned(), |clip| short(clip.name())),
            href: clip.map_or(String::new(), |clip| format!("/g/{}", clip.id)),
            amount: amount.to_string(),
            sum,
        }
    });
    let unknown = store.unknown(Some(me)).await?;
    let models = store.sums(sums::By::Model, Some(me), since).await?;
    let view = UsagePage {
        frame: app.frame("Usage", Section::Usage, &wants, "/usage", "bell").await?,
        has_team: app.viewer().may(Right::Manage),
        periods: periods("/usage", span),
        hero: hero(&app, &has, &zone).await?,
        meters: meters(&has),
        plan,
        unknown: (!unknown.is_zero()).then(|| unknown.to_string()),
        chart: chart("Generations", span, bars.collect(), |value| value.to_string(), format!("{total} in all")),
        models: table("model", "By model", "Model", models, label_of(&app)),
        ledger: ledger.collect(),
        csv: format!("/usage.csv?period={}", span.word()),
    };
    page(&view)
}

/// A model's label, where it is still known.
fn label_of(app: &App) -> impl Fn(&str) -> String {
    let models = app.studio.upstreams.models();
    move |key: &str| {
        models.iter().find(|model| model.key == key).map_or_else(|| key.to_owned(), |model| model.label.clone())
    }
}

/// What was typed as a budget and what is wrong with it.
type Typed<'a> = Option<(&'a Scope, &'a str, String)>;

async fn budgets(app: &App, now: Millis, typed: Typed<'_>) -> Result<Vec<Budget>, Error> {
    let known = app.studio.store.budgets(now).await?;
    let mut scopes = vec![(Scope::Instance, "Everything".to_owned())];
    let paid = app.studio.upstreams.iter().map(|upstream| upstream.name().to_owned());
    let paid = paid.filter(|name| !matches!(name.as_str(), "animatic" | "ffmpeg"));
    scopes.extend(paid.map(|name| (Scope::Upstream(name.clone()), name)));
    for scope in known.keys() {
        if let Scope::Upstream(name) = scope
            && !scopes.iter().any(|(other, _)| other == scope)
        {
            scopes.push((scope.clone(), format!("{name} (not here now)")));
        }
    }
    let all = scopes.into_iter().map(|(scope, title)| {
        let typed = typed.as_ref().filter(|(of, ..)| **of == scope);
        let budget = known.get(&scope);
        Budget {
            scope: scope.word(),
            meter: budget.map(|(most, held, spent)| money_meter(&title, *held + *spent, *most)),
            words: "No budget".to_owned(),
            money: typed.map_or_else(
                || budget.map(|(most, ..)| most.plain()).unwrap_or_default(),
                |(_, text, _)| (*text).to_owned(),
            ),
            error: typed.map(|(.., words)| words.clone()),
            title,
        }
    });
    Ok(all.collect())
}

async fn team_page(app: &App, wants: &Wants, span: Span, typed: Typed<'_>) -> Result<Response, Error> {
    let (store, now) = (&app.studio.store, app.studio.clock.now());
    let zone = app.studio.zone().await;
    let since = span.since(now, &zone);
    let by_time = by_time(&store.hours(None, since).await?, span, now, &zone);
    let units = |sum: Usd| u64::try_from(sum.micros()).unwrap_or(0);
    let Used { clips: many, seconds, money } = by_time.iter().fold(Used::default(), |sum, (_, used)| sum.and(*used));
    // Cents on the scale: micro-dollars would make odd ticks.
    let bars = by_time.iter().map(|(label, used)| {
        (label.clone(), units(used.money) / 10_000, format!("{}, {}", used.money, clips(used.clips)))
    });
    let people = store.people().await?;
    let name = |id: &str| {
        let id = id.parse().map(PersonId::from_i64).ok();
        people
            .iter()
            .find(|person| Some(person.id) == id)
            .map_or_else(|| "Somebody who left".to_owned(), |person| person.name.clone())
    };
    let unknown = store.unknown(None).await?;
    let view = TeamUsagePage {
        frame: app.frame("Usage of the team", Section::Usage, wants, "/admin/usage", "bell").await?,
        periods: periods("/admin/usage", span),
        hero: Hero {
            number: money.to_string(),
            words: if span == Span::Days { "spent or held in 30 days" } else { "spent or held in 12 months" }
                .to_owned(),
            detail: format!("{}, {seconds} seconds", clips(many)),
        },
        budgets: budgets(app, now, typed).await?,
        unknown: (!unknown.is_zero()).then(|| unknown.to_string()),
        chart: chart(
            "Money",
            span,
            bars.collect(),
            |cents| {
                Usd::from_micros(i64::try_from(cents).unwrap_or(i64::MAX / 10_000).saturating_mul(10_000)).to_string()
            },
            format!("{money} in all"),
        ),
        people: table("person", "By person", "Person", store.sums(sums::By::Person, None, since).await?, name),
        models: table("model", "By model", "Model", store.sums(sums::By::Model, None, since).await?, label_of(app)),
        upstreams: table(
            "upstream",
            "By upstream",
            "Upstream",
            store.sums(sums::By::Upstream, None, since).await?,
            str::to_owned,
        ),
        csv: format!("/admin/usage.csv?period={}", span.word()),
    };
    page(&view)
}

/// `GET /admin/usage`
pub async fn team(app: App, wants: Wants, Query(period): Query<Period>) -> Result<Response, Error> {
    team_page(&app, &wants, period.span(), None).await
}

/// What may be spent.
#[derive(Debug, Deserialize)]
pub struct BudgetFields {
    scope: String,
    money_per_month: String,
}

/// `POST /admin/budgets`
pub async fn budget(app: App, wants: Wants, Form(form): Form<BudgetFields>) -> Result<Response, Error> {
    let scope = Scope::read(&form.scope).ok_or(Error::NotFound)?;
    match plan::money(&form.money_per_month) {
        Ok(most) => {
            app.studio.store.set_budget(&scope, most).await?;
            app.whole.wake.notify_one();
            Ok(wants.go("/admin/usage"))
        }
        Err(what) => {
            let typed = Some((&scope, form.money_per_month.as_str(), format!("Please {what}.")));
            let answer = team_page(&app, &wants, Span::Days, typed).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
        }
    }
}

/// A cell that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

async fn csv(app: &App, person: Option<PersonId>, span: Span) -> Result<Response, Error> {
    let (store, now) = (&app.studio.store, app.studio.clock.now());
    let since = span.since(now, &app.studio.zone().await);
    let people = store.people().await?;
    let mut table = csv::Writer::from_writer(Vec::new());
    let broken = |error: csv::Error| Error::Internal(error.into());
    table
        .write_record([
            "time",
            "kind",
            "person",
            "clip",
            "upstream",
            "model",
            "seconds",
            "held_dollars",
            "spent_dollars",
        ])
        .map_err(broken)?;
    for line in store.lines(person, since, MOST_LINES).await? {
        let who = people.iter().find(|person| person.id == line.person).map_or("", |person| &person.name);
        let time = Timestamp::from_millisecond(line.at.as_i64()).unwrap_or_default().to_string();
        let record = [
            time,
            line.kind,
            cell(who),
            line.generation.to_string(),
            cell(&line.upstream),
            cell(&line.model),
            line.seconds.to_string(),
            line.held.plain(),
            line.spent.plain(),
        ];
        table.write_record(record).map_err(broken)?;
    }
    let bytes = table.into_inner().map_err(|error| Error::Internal(error.into_error().into()))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"rushes-usage.csv\""),
    ];
    Ok((headers, bytes).into_response())
}

/// `GET /usage.csv`
pub async fn my_table(app: App, Query(period): Query<Period>) -> Result<Response, Error> {
    csv(&app, Some(app.viewer().person), period.span()).await
}

/// `GET /admin/usage.csv`
pub async fn team_table(app: App, Query(period): Query<Period>) -> Result<Response, Error> {
    csv(&app, None, period.span()).await
}
