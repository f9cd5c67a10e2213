//! The command line of admins: what the pages do, against the data folder. A running server sees it at once,
//! since it asks the database each time.

mod keeping;
mod keys;

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::config::{BudgetArgs, Clips, Console, InviteArgs, PlanCommand, UserCommand, Where};
use crate::domain::plan::{self, MONTH};
use crate::domain::{PersonId, Plan, Role, Usd};
use crate::files::Files;
use crate::store::ledger::Scope;
use crate::store::people::{Estate, NewAccount, Person};
use crate::store::usage::{By, Sums};
use crate::store::{self, Store};
use crate::studio::{Accounts, CONSOLE, Link, Passwords, person_name};

/// What a command answers: for people, and for programs.
struct Answer {
    text: String,
    json: Value,
}

/// Does what was asked for and prints the answer. A mistake is one sentence.
/// False when there is something left to do.
pub async fn run(command: Console, clock: &Clock) -> anyhow::Result<bool> {
    let mut is_well = true;
    let (at, answer) = match command {
        Console::Client(_) | Console::Helper => anyhow::bail!("this is nothing for the console"),
        Console::Seed(args) => {
            crate::seed::fill(&args.data, args.generations, clock).await?;
            return Ok(true);
        }
        Console::Backup(args) => keeping::put_away(args, clock).await?,
        Console::Restore(args) => keeping::bring_back(args, clock).await?,
        Console::Doctor(args) => {
            let (at, answer, is_left) = keeping::examine(args, clock).await?;
            is_well = !is_left;
            (at, answer)
        }
        Console::Import(args) => keeping::take_in(args, clock).await?,
        Console::User(command) => user(command, clock).await?,
        Console::Plan(command) => plans(command, clock).await?,
        Console::Key(command) => keys::keys(command, clock).await?,
        Console::Invite(args) => invite(args, clock).await?,
        Console::Budget(args) => budget(args, clock).await?,
        Console::Usage(at) => {
            let answer = usage(&open(&at, clock).await?).await?;
            (at, answer)
        }
    };
    if at.json {
        println!("{}", answer.json);
    } else {
        print!("{}", answer.text);
    }
    Ok(is_well)
}

async fn open(at: &Where, clock: &Clock) -> anyhow::Result<Accounts> {
    std::fs::create_dir_all(&at.data)
        .with_context(|| format!("--data (RUSHES_DATA): cannot use {}", at.data.display()))?;
    let store = Store::open(&Files::database_in(Path::new(&at.data))).await.context("the database cannot be opened")?;
    Ok(Accounts { store, clock: clock.clone(), viewer: CONSOLE })
}

async fn find(desk: &Accounts, name: &str) -> anyhow::Result<Person> {
    let found = desk.store.person_named(name).await?.filter(|person| person.joined_at.is_some());
    found.with_context(|| format!("there is nobody called {name:?}; see rushes user list"))
}

/// A plan by its name; `unlimited` is none.
async fn named(desk: &Accounts, name: &str) -> anyhow::Result<Option<String>> {
    if name == "unlimited" {
        return Ok(None);
    }
    match desk.store.plan(name).await? {
        Some(plan) => Ok(Some(plan.name)),
        None => bail!("there is no plan called {name:?}; see rushes plan list"),
    }
}

/// The plan that somebody has unless told otherwise.
const fn usual(role: Role) -> Option<&'static str> {
    match role {
        Role::Owner | Role::Admin => None,
        Role::Member => Some(plan::USUAL),
        Role::Viewer => Some("none"),
    }
}

fn about(person: &Person) -> Value {
    json!({
        "name": person.name,
        "role": person.role.as_str(),
        "plan": person.plan,
        "money_per_month_micros": person.money_per_month.map(Usd::micros),
        "state": state(person),
        "used_at": person.used_at.map(crate::domain::Millis::as_i64),
    })
}

fn state(person: &Person) -> &'static str {
    match (person.disabled_at, person.has_password) {
        (Some(_), _) => "disabled",
        (None, true) => "active",
        (None, false) => "invited",
    }
}

fn link(link: &Link, what: &str) -> Answer {
    let path = link.path.expose_secret();
    Answer {
        text: format!("{what}, once, under the address of your server:\n{path}\n"),
        json: json!({ "path": path, "expires_at": link.expires_at.as_i64() }),
    }
}

fn done(text: &str, json: Value) -> Answer {
    Answer { text: format!("{text}\n"), json }
}

/// One line of standard input.
fn password_of_stdin() -> anyhow::Result<SecretString> {
    let mut text = String::new();
    std::io::stdin().take(4_096).read_to_string(&mut text).context("--password-stdin: cannot read standard input")?;
    Ok(SecretString::from(text.lines().next().unwrap_or_default().to_owned()))
}

async fn user(command: UserCommand, clock: &Clock) -> anyhow::Result<(Where, Answer)> {
    Ok(match command {
        UserCommand::Add { name, role, plan, password_stdin, at } => {
            let password = if password_stdin { Some(password_of_stdin()?) } else { None };
            let desk = open(&at, clock).await?;
            let plan = match plan {
                Some(name) => named(&desk, &name).await?,
                None => usual(role).map(str::to_owned),
            };
            let answer = add(&desk, &name, role, plan.as_deref(), password).await?;
            (at, answer)
        }
        UserCommand::List { at } => {
            let desk = open(&at, clock).await?;
            let people: Vec<Person> =
                desk.store.people().await?.into_iter().filter(|person| person.joined_at.is_some()).collect();
            let mut text = String::new();
            for person in &people {
                let plan = person.plan.as_deref().unwrap_or("unlimited");
                writeln!(text, "{:<24} {:<8} {plan:<12} {}", person.name, person.role, state(person))?;
            }
            (at, Answer { text, json: people.iter().map(about).collect() })
        }
        UserCommand::Role { name, role, at } => {
            let desk = open(&at, clock).await?;
            let person = find(&desk, &name).await?;
            desk.appoint(person.id, role, person.plan.as_deref(), person.money_per_month).await?;
            (
                at,
                done(&format!("{} is {role} now.", person.name), json!({ "name": person.name, "role": role.as_str() })),
            )
        }
        UserCommand::Plan { name, plan, at } => {
            let desk = open(&at, clock).await?;
            let (person, plan) = (find(&desk, &name).await?, named(&desk, &plan).await?);
            desk.appoint(person.id, person.role, plan.as_deref(), person.money_per_month).await?;
            let words = plan.as_deref().unwrap_or("unlimited");
            (
                at,
                done(
                    &format!("{} has the plan {words} now.", person.name),
                    json!({ "name": person.name, "plan": plan }),
                ),
            )
        }
        UserCommand::Budget { name, money, at } => {
            let desk = open(&at, clock).await?;
            let person = find(&desk, &name).await?;
            let most = plan::money(&money).map_err(|what| anyhow::anyhow!("{money:?}: {what}"))?;
            desk.appoint(person.id, person.role, person.plan.as_deref(), most).await?;
            let words = most.map_or_else(|| "as the plan says".to_owned(), |most| most.to_string());
            let json = json!({ "name": person.name, "money_per_month_micros": most.map(Usd::micros) });
            (at, done(&format!("{} may spend {words} in 30 days.", person.name), json))
        }
        UserCommand::Reset { name, at } => {
            let desk = open(&at, clock).await?;
            let person = find(&desk, &name).await?;
            let answer =
                link(&desk.invite_to_reset(person.id).await?, &format!("{} chooses a new password", person.name));
            (at, answer)
        }
        UserCommand::Disable { name, at } => (at.clone(), shut(&at, clock, &name, true).await?),
        UserCommand::Enable { name, at } => (at.clone(), shut(&at, clock, &name, false).await?),
        UserCommand::Remove { name, clips, to, at } => {
            let desk = open(&at, clock).await?;
            let person = find(&desk, &name).await?;
            let estate = match (clips, to) {
                (_, Some(heir)) => Estate::To(find(&desk, &heir).await?.id),
                (Some(Clips::Trash), None) => Estate::Trash,
                (Some(Clips::Keep) | None, None) => Estate::Keep,
            };
            desk.remove_person(person.id, estate).await?;
            (at, done(&format!("{} is removed.", person.name), json!({ "name": person.name, "state": "removed" })))
        }
    })
}

async fn shut(at: &Where, clock: &Clock, name: &str, on: bool) -> anyhow::Result<Answer> {
    let desk = open(at, clock).await?;
    let person = find(&desk, name).await?;
    desk.disable(person.id, on).await?;
    let words = if on { "cannot sign in any more" } else { "can sign in again" };
    let state = if on { "disabled" } else { "active" };
    Ok(done(&format!("{} {words}.", person.name), json!({ "name": person.name, "state": state })))
}

async fn add(
    desk: &Accounts,
    name: &str,
    role: Role,
    plan: Option<&str>,
    password: Option<SecretString>,
) -> anyhow::Result<Answer> {
    let name = person_name(name).map_err(|what| anyhow::anyhow!("{name:?}: {what}"))?;
    let hash = match password {
        None => None,
        Some(password) => {
            crate::studio::fit_password(&password, &name).map_err(|what| anyhow::anyhow!("the password: {what}"))?;
            Some(Passwords::new().hash(password).await.context("the password cannot be hashed")?)
        }
    };
    let now = desk.clock.now();
    let id = PersonId::new(now, rand::random());
    let account = NewAccount { id, name: &name, role, plan, password: hash.as_deref(), now };
    let id = match desk.store.add_person(&account).await {
        Ok(id) => id,
        Err(store::Error::Taken) => bail!("somebody is called {name:?} already"),
        Err(error) => return Err(error.into()),
    };
    let mut json = json!({ "name": name, "role": role.as_str(), "plan": plan });
    if hash.is_some() {
        return Ok(done(&format!("{name} can sign in, as {role}."), json));
    }
    let made = desk.invite_to_reset(id).await?;
    let mut answer = link(&made, &format!("{name} is {role} and chooses a password"));
    json["path"] = Value::String(made.path.expose_secret().to_owned());
    json["expires_at"] = json!(made.expires_at.as_i64());
    answer.json = json;
    Ok(answer)
}

async fn plans(command: PlanCommand, clock: &Clock) -> anyhow::Result<(Where, Answer)> {
    let shown = |plan: &Plan| {
        let settings = Plan::KEYS.iter().map(|key| ((*key).to_owned(), Value::String(plan.get(key))));
        let mut object: serde_json::Map<String, Value> = settings.collect();
        object.insert("name".to_owned(), Value::String(plan.name.clone()));
        Value::Object(object)
    };
    let line = |plan: &Plan| {
        let set = Plan::KEYS.iter().map(|key| (*key, plan.get(key))).filter(|(_, value)| !value.is_empty());
        let set = set.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>();
        format!("{:<10} {}\n", plan.name, set.join(" "))
    };
    Ok(match command {
        PlanCommand::List { at } => {
            let plans = open(&at, clock).await?.store.plans().await?;
            let text = plans.iter().map(line).collect();
            (at, Answer { text, json: plans.iter().map(shown).collect() })
        }
        PlanCommand::Set { name, settings, at } => {
            let desk = open(&at, clock).await?;
            let mut plan = match desk.store.plan(&name).await? {
                Some(plan) => plan,
                None => Plan::new(&name)?,
            };
            for setting in &settings {
                let Some((key, value)) = setting.split_once('=') else {
                    bail!("{setting:?}: write key=value, for example generations_per_day=3");
                };
                plan.set(key, value)?;
            }
            desk.store.keep_plan(&plan).await?;
            (at, Answer { text: line(&plan), json: shown(&plan) })
        }
        PlanCommand::Remove { name, at } => {
            let desk = open(&at, clock).await?;
            match desk.store.remove_plan(&name).await {
                Ok(()) => {}
                Err(store::Error::Stale) => bail!("somebody has the plan {name:?}, or there is none of that name"),
                Err(error) => return Err(error.into()),
            }
            (at, done(&format!("The plan {name} is removed."), json!({ "name": name })))
        }
    })
}

async fn invite(args: InviteArgs, clock: &Clock) -> anyhow::Result<(Where, Answer)> {
    let desk = open(&args.at, clock).await?;
    let plan = match &args.plan {
        Some(name) => named(&desk, name).await?,
        None => usual(args.role).map(str::to_owned),
    };
    let made = desk.invite(args.role, plan.as_deref(), args.days, &args.note).await?;
    Ok((args.at, link(&made, &format!("Somebody joins as {}", args.role))))
}

async fn budget(args: BudgetArgs, clock: &Clock) -> anyhow::Result<(Where, Answer)> {
    let desk = open(&args.at, clock).await?;
    let scope =
        Scope::read(&args.scope).with_context(|| format!("{:?}: write instance, or upstream:NAME", args.scope))?;
    let most = plan::money(&args.money).map_err(|what| anyhow::anyhow!("{:?}: {what}", args.money))?;
    desk.store.set_budget(&scope, most).await?;
    let words = most.map_or_else(|| "as much as it likes".to_owned(), |most| most.to_string());
    let json = json!({ "scope": scope.word(), "money_per_month_micros": most.map(Usd::micros) });
    Ok((args.at, done(&format!("{} may spend {words} in 30 days.", scope.word()), json)))
}

/// What everybody spent in the last 30 days.
async fn usage(desk: &Accounts) -> anyhow::Result<Answer> {
    let now = desk.clock.now();
    let spending = desk.store.sums(By::Person, None, now.before(MONTH)).await?;
    let all = desk.store.people().await?;
    let name = |one: &Sums| {
        let person = all.iter().find(|person| Some(person.id) == one.person());
        person.map_or_else(|| "(removed)".to_owned(), |person| person.name.clone())
    };
    let mut text = String::new();
    let mut people = Vec::new();
    for one in &spending {
        writeln!(
            text,
            "{:<24} {:>6} clips {:>8} s  spent {:>10}  held {}",
            name(one),
            one.clips,
            one.seconds,
            one.spent,
            one.held
        )?;
        people.push(json!({
            "name": name(one),
            "clips": one.clips,
            "seconds": one.seconds,
            "spent_micros": one.spent.micros(),
            "held_micros": one.held.micros(),
        }));
    }
    let (spent, held): (Usd, Usd) =
        (spending.iter().map(|one| one.spent).sum(), spending.iter().map(|one| one.held).sum());
    writeln!(text, "In all, in 30 days: spent {spent}, held {held}")?;
    let json = json!({ "people": people, "spent_micros": spent.micros(), "held_micros": held.micros(), "since": now.before(MONTH).as_i64() });
    Ok(Answer { text, json })
}
