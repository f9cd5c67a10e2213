//! People: who is here, what they are and may use, invitations, and what becomes of those who go.

use axum::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::App;
use super::error::Error;
use super::form::Id;
use super::present::time::when;
use super::view::account::Once;
use super::view::people::{Invite, InviteForm, Leave, Made, PeoplePage, PersonForm, PersonRow, RemovePersonPage, Who};
use super::view::{Choice, Section};
use super::wants::{Wants, page};
use crate::domain::plan::{self, MONTH};
use crate::domain::{PersonId, Plan, Role, TicketId, Usd};
use crate::store::people::{Estate, Person};
use crate::store::usage::By;
use crate::studio::{self, Link};

/// What a form says of no plan.
const UNLIMITED: &str = "unlimited";

/// What was typed, what is wrong with it, and what was just made.
#[derive(Default)]
struct Typed {
    invite: Option<InviteForm>,
    person: Option<(PersonId, PersonFields, PersonErrors)>,
    made: Option<Made>,
}

#[derive(Default)]
struct PersonErrors {
    role: Option<String>,
    plan: Option<String>,
    money: Option<String>,
}

fn plan_choices(plans: &[Plan], chosen: &str) -> Vec<Choice> {
    let named = plans.iter().map(|plan| (plan.name.as_str(), title(&plan.name)));
    let all = named.chain([(UNLIMITED, "No limits".to_owned())]);
    all.map(|(value, label)| Choice::new(value, label, value == chosen)).collect()
}

/// A plan's name as people read it.
pub fn title(name: &str) -> String {
    match name {
        "none" => "No access".to_owned(),
        "api" => "API".to_owned(),
        name => {
            let mut letters = name.chars();
            letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
        }
    }
}

fn role_choices(app: &App, chosen: &str) -> Vec<Choice> {
    let may = |role: &&Role| app.viewer().may(role.needs());
    let roles = Role::ALL.iter().filter(may);
    roles.map(|role| Choice::new(role.as_str(), role.label(), role.as_str() == chosen)).collect()
}

fn row(app: &App, person: &Person, plans: &[Plan], typed: Option<&(PersonFields, PersonErrors)>) -> PersonForm {
    let own = PersonFields {
        role: person.role.as_str().to_owned(),
        plan: person.plan.clone().unwrap_or_else(|| UNLIMITED.to_owned()),
        money_per_month: person.money_per_month.map(Usd::plain).unwrap_or_default(),
    };
    let none = PersonErrors::default();
    let (fields, errors) = typed.map_or((&own, &none), |(fields, errors)| (fields, errors));
    let money = plans.iter().find(|plan| plan.name == fields.plan).and_then(|plan| plan.money_per_month);
    PersonForm {
        roles: role_choices(app, &fields.role),
        plans: plan_choices(plans, &fields.plan),
        money: fields.money_per_month.clone(),
        plan_money: money.map_or_else(|| "No limit".to_owned(), |most| format!("{most}, as the plan")),
        role_error: errors.role.clone(),
        plan_error: errors.plan.clone(),
        money_error: errors.money.clone(),
        is_open: typed.is_some(),
    }
}

async fn whole(app: &App, wants: &Wants, typed: Typed) -> Result<Response, Error> {
    let (store, now) = (&app.studio.store, app.studio.clock.now());
    let plans = store.plans().await?;
    let people: Vec<Person> = store.people().await?.into_iter().filter(|person| person.joined_at.is_some()).collect();
    let spending = store.sums(By::Person, None, now.before(MONTH)).await?;
    let disabled = people.iter().filter(|person| person.disabled_at.is_some()).count();
    let name = |id: PersonId| people.iter().find(|person| person.id == id).map(|person| person.name.clone());
    let typed_person = typed.person.map(|(id, fields, errors)| (id, (fields, errors)));
    let rows = people.iter().map(|person| {
        let used = spending.iter().find(|one| one.person() == Some(person.id));
        let clips = used.map_or(0, |one| one.clips);
        PersonRow {
            id: person.id.to_string(),
            who: Who::new(&person.name),
            role: person.role.label().to_owned(),
            plan: person.plan.as_deref().map(title),
            is_disabled: person.disabled_at.is_some(),
            last_seen: person.used_at.map(|at| when(at, now)),
            clips: if clips == 1 { "1 clip".to_owned() } else { format!("{clips} clips") },
            spent: used.map_or(Usd::ZERO, |one| one.spent).to_string(),
            is_you: person.id == wants.person,
            edit: app.viewer().may(person.role.needs()).then(|| {
                let typed = typed_person.as_ref().filter(|(id, _)| *id == person.id).map(|(_, typed)| typed);
                row(app, person, &plans, typed)
            }),
        }
    });
    let invites = store.invites(now).await?.into_iter().map(|ticket| Invite {
        id: ticket.id.to_string(),
        role: ticket.role.map_or("Viewer", Role::label).to_owned(),
        plan: ticket.plan.as_deref().map(title),
        note: ticket.note,
        by: ticket.made_by.and_then(name).unwrap_or_else(|| "the command line".to_owned()),
        until: when(ticket.expires_at, now),
    });
    let summary = match (people.len(), disabled) {
        (1, _) => "One account.".to_owned(),
        (many, 0) => format!("{many} accounts."),
        (many, some) => format!("{many} accounts, {some} of them disabled."),
    };
    let view = PeoplePage {
        frame: app.frame("People", Section::Settings, wants, "/admin/users", "bell").await?,
        summary: format!("{summary} Clips and money are of the last 30 days."),
        made: typed.made,
        invite: typed.invite.unwrap_or_else(|| InviteForm {
            roles: role_choices(app, Role::Member.as_str()),
            plans: plan_choices(&plans, plan::USUAL),
            days: "7".to_owned(),
            ..InviteForm::default()
        }),
        invites: invites.collect(),
        people: rows.collect(),
    };
    page(&view)
}

/// `GET /admin/users`
pub async fn show(app: App, wants: Wants) -> Result<Response, Error> {
    whole(&app, &wants, Typed::default()).await
}

/// A whole link, as it is given away.
fn made(app: &App, title: String, link: &Link) -> Made {
    let base = app.reach.public_url.as_ref().map_or("", |url| url.as_str().trim_end_matches('/'));
    let until = when(link.expires_at, app.studio.clock.now()).words;
    let under = if base.is_empty() { " Put the address of this server before it." } else { "" };
    Made {
        title,
        link: Once::new(format!("{base}{}", link.path.expose_secret())),
        note: format!("It works once, until {until}, and is shown only now.{under}"),
    }
}

/// The form of an invitation.
#[derive(Debug, Deserialize)]
pub struct InviteFields {
    role: String,
    #[serde(default)]
    plan: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    note: String,
}

/// `POST /admin/invites`
pub async fn invite(app: App, wants: Wants, Form(form): Form<InviteFields>) -> Result<Response, Error> {
    let plans = app.studio.store.plans().await?;
    let role = form.role.parse::<Role>().ok().filter(|role| app.viewer().may(role.needs()));
    let known = form.plan == UNLIMITED || plans.iter().any(|plan| plan.name == form.plan);
    let days = if form.days.trim().is_empty() { Some(7) } else { form.days.trim().parse::<u16>().ok() };
    let days = days.filter(|days| (1..=30).contains(days));
    if let (Some(role), true, Some(days)) = (role, known, days) {
        let plan = Some(form.plan.as_str()).filter(|plan| *plan != UNLIMITED);
        let link = app.studio.accounts().invite(role, plan, days, &form.note).await?;
        let title = format!("Invitation, {}", role.label().to_lowercase());
        return whole(&app, &wants, Typed { made: Some(made(&app, title, &link)), ..Typed::default() }).await;
    }
    let again = InviteForm {
        roles: role_choices(&app, &form.role),
        plans: plan_choices(&plans, &form.plan),
        days: form.days,
        note: form.note,
        role_error: role.is_none().then(|| "Choose one of these roles.".to_owned()),
        plan_error: (!known).then(|| "There is no such plan. Choose one of these.".to_owned()),
        days_error: days.is_none().then(|| "Use a whole number from 1 to 30.".to_owned()),
        note_error: None,
        is_open: true,
    };
    let answer = whole(&app, &wants, Typed { invite: Some(again), ..Typed::default() }).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
}

/// `POST /admin/invites/{ticket}/revoke`
pub async fn revoke(app: App, wants: Wants, Id(id): Id<TicketId>) -> Result<Response, Error> {
    if !app.studio.store.revoke_ticket(id).await? {
        return Err(Error::NotFound);
    }
    Ok(wants.go("/admin/users"))
}

/// What may be changed of somebody.
#[derive(Debug, Clone, Deserialize)]
pub struct PersonFields {
    role: String,
    #[serde(default)]
    plan: String,
    #[serde(default)]
    money_per_month: String,
}

/// `POST /admin/users/{person}`
pub async fn change(
    app: App,
    wants: Wants,
    Id(id): Id<PersonId>,
    Form(form): Form<PersonFields>,
) -> Result<Response, Error> {
    let desk = app.studio.accounts();
    let mut errors = PersonErrors::default();
    let role = form.role.parse::<Role>().ok();
    if role.is_none() {
        errors.role = Some("Choose one of these roles.".to_owned());
    }
    let money = plan::money(&form.money_per_month);
    if let Err(what) = money {
        errors.money = Some(format!("Please {what}."));
    }
    if let (Some(role), Ok(money)) = (role, money) {
        let plan = Some(form.plan.as_str()).filter(|plan| !matches!(*plan, UNLIMITED | ""));
        match desk.appoint(id, role, plan, money).await {
            Ok(()) => {
                app.whole.wake.notify_one();
                return Ok(wants.go("/admin/users"));
            }
            Err(studio::Error::Invalid(words)) if words.contains("plan") => errors.plan = Some(words.to_owned()),
            Err(studio::Error::Invalid(words)) => errors.role = Some(words.to_owned()),
            Err(error) => return Err(error.into()),
        }
    }
    let answer = whole(&app, &wants, Typed { person: Some((id, form, errors)), ..Typed::default() }).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
}

/// `POST /admin/users/{person}/reset`
pub async fn reset(app: App, wants: Wants, Id(id): Id<PersonId>) -> Result<Response, Error> {
    let desk = app.studio.accounts();
    let link = desk.invite_to_reset(id).await?;
    let name = app.studio.store.person(id).await?.map(|person| person.name).unwrap_or_default();
    let made = made(&app, format!("New password for {name}"), &link);
    whole(&app, &wants, Typed { made: Some(made), ..Typed::default() }).await
}

/// `POST /admin/users/{person}/disable`
pub async fn disable(app: App, wants: Wants, Id(id): Id<PersonId>) -> Result<Response, Error> {
    app.studio.accounts().disable(id, true).await?;
    Ok(wants.go("/admin/users"))
}

/// `POST /admin/users/{person}/enable`
pub async fn enable(app: App, wants: Wants, Id(id): Id<PersonId>) -> Result<Response, Error> {
    app.studio.accounts().disable(id, false).await?;
    app.whole.wake.notify_one();
    Ok(wants.go("/admin/users"))
}

async fn remove_page(
    app: &App,
    wants: &Wants,
    id: PersonId,
    typed: &RemoveFields,
    error: Option<String>,
) -> Result<Response, Error> {
    let person = app.studio.accounts().managed(id).await?;
    let (clips, private) = app.studio.store.clips_kept(id).await?;
    let people = app.studio.store.people().await?;
    let heirs = people.iter().filter(|one| one.id != id && one.joined_at.is_some() && one.disabled_at.is_none());
    let heirs = heirs.map(|one| {
        let value = one.id.to_string();
        let checked = typed.to.as_ref().map_or(one.id == wants.person, |to| *to == value);
        Choice::new(value, &one.name, checked)
    });
    let leave = match typed.clips.as_deref() {
        Some("hand") => Leave::Hand,
        Some("trash") => Leave::Trash,
        Some(_) | None => Leave::Keep,
    };
    let view = RemovePersonPage {
        frame: app.frame("Remove somebody", Section::Settings, wants, "/admin/users", "bell").await?,
        id: id.to_string(),
        who: Who::new(person.name),
        clips: (clips > 0).then(|| {
            let clips = if clips == 1 { "1 clip".to_owned() } else { format!("{clips} clips") };
            if private == 0 {
                clips
            } else {
                format!("{clips}, {private} of them private. What is private stays unseen.")
            }
        }),
        leave,
        heirs: heirs.collect(),
        to_error: error.clone().filter(|_| leave == Leave::Hand),
        leave_error: error.filter(|_| leave != Leave::Hand),
    };
    page(&view)
}

/// What becomes of somebody's clips.
#[derive(Debug, Default, Deserialize)]
pub struct RemoveFields {
    clips: Option<String>,
    to: Option<String>,
}

/// `GET /admin/users/{person}/remove`
pub async fn ask(app: App, wants: Wants, Id(id): Id<PersonId>) -> Result<Response, Error> {
    remove_page(&app, &wants, id, &RemoveFields::default(), None).await
}

/// `POST /admin/users/{person}/remove`
pub async fn remove(
    app: App,
    wants: Wants,
    Id(id): Id<PersonId>,
    Form(form): Form<RemoveFields>,
) -> Result<Response, Error> {
    let heir = form.to.as_deref().and_then(|to| to.parse().ok());
    let estate = match (form.clips.as_deref(), heir) {
        (Some("keep"), _) => Ok(Estate::Keep),
        (Some("trash"), _) => Ok(Estate::Trash),
        (Some("hand"), Some(heir)) => Ok(Estate::To(heir)),
        (Some("hand"), None) => Err("Choose somebody to hand the clips to."),
        (Some(_) | None, _) => Err("Say what happens to their clips."),
    };
    let error = match estate {
        Ok(estate) => match app.studio.accounts().remove_person(id, estate).await {
            Ok(()) => {
                app.whole.wake.notify_one();
                return Ok(wants.go("/admin/users"));
            }
            Err(studio::Error::Invalid(words)) => words,
            Err(error) => return Err(error.into()),
        },
        Err(words) => words,
    };
    let answer = remove_page(&app, &wants, id, &form, Some(error.to_owned())).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
}
