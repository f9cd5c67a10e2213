//! Plans: what each lets people make, spend and run at once.

use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::App;
use super::error::Error;
use super::people::title;
use super::present::quota;
use super::view::plans::{Limit, PlanCard, PlanForm, PlansPage};
use super::view::{Choice, Section};
use super::wants::{Wants, page};
use crate::domain::Plan;
use crate::domain::plan::{AtCap, PlanError};
use crate::store;

/// What is typed as text, in the order of the form.
const TYPED: [&str; 10] = [
    "generations_per_day",
    "generations_per_month",
    "seconds_per_day",
    "seconds_per_month",
    "money_per_month",
    "at_once",
    "weight",
    "longest",
    "storage_gb",
    "api_per_minute",
];
const RESOLUTIONS: [&str; 5] = ["480p", "720p", "1080p", "1440p", "2160p"];

type Fields = Vec<(String, String)>;
/// What is wrong, by setting.
type Errors = Vec<(String, String)>;

/// What was typed and what is wrong with it.
#[derive(Default)]
struct Typed {
    plan: Option<(String, Fields, Errors)>,
    new: Option<(String, String)>,
}

fn typed<'a>(fields: &'a Fields, key: &str) -> Option<&'a str> {
    fields.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

fn form(app: &App, plan: &Plan, written: Option<(&Fields, &[(String, String)])>) -> PlanForm {
    let value = |key: &str| match written {
        Some((fields, _)) => typed(fields, key).unwrap_or_default().to_owned(),
        None => plan.get(key),
    };
    let wrong = |key: &str| {
        let errors = written.map(|(_, errors)| errors).unwrap_or_default();
        errors.iter().find(|(name, _)| name == key).map(|(_, words)| words.clone())
    };
    let is_on = |key: &str, now: bool| written.map_or(now, |(fields, _)| typed(fields, key).is_some());
    let largest = value("largest");
    let mut sizes = vec![Choice::new("", "No limit", largest.is_empty())];
    sizes.extend(RESOLUTIONS.map(|lines| Choice::new(lines, lines, lines == largest)));
    if !largest.is_empty() && !RESOLUTIONS.contains(&largest.as_str()) {
        sizes.push(Choice::new(&largest, &largest, true));
    }
    let chosen: Vec<String> = match written {
        Some((fields, _)) => {
            fields.iter().filter(|(name, _)| name == "models").map(|(_, value)| value.clone()).collect()
        }
        None => plan.models.clone(),
    };
    let mut models: Vec<Choice> = app
        .studio
        .upstreams
        .models()
        .iter()
        .map(|model| Choice::new(&model.key, &model.label, chosen.contains(&model.key)))
        .collect();
    for gone in
        chosen.iter().filter(|key| !models.iter().any(|model| model.value == **key)).cloned().collect::<Vec<_>>()
    {
        models.push(Choice::new(gone.clone(), format!("{gone} (not here now)"), true));
    }
    PlanForm {
        may_create: is_on("may_create", plan.may_create),
        limits: TYPED.into_iter().map(|key| Limit::new(key, value(key), wrong(key))).collect(),
        largest: sizes,
        largest_error: wrong("largest"),
        models,
        models_error: wrong("models"),
        api: is_on("api", plan.api),
        is_relaxed: value("at_cap") == AtCap::Relaxed.as_str(),
        error: wrong(""),
    }
}

async fn whole(app: &App, wants: &Wants, written: Typed) -> Result<Response, Error> {
    let store = &app.studio.store;
    let mut plans = store.plans().await?;
    // Those that make nothing first, then by their weight.
    plans.sort_by_key(|plan| (plan.may_create, plan.weight, plan.generations_per_day.unwrap_or(u32::MAX)));
    let people = store.people().await?;
    let cards = plans.iter().map(|plan| {
        let many = people.iter().filter(|person| person.plan.as_deref() == Some(&plan.name)).count();
        let written = written.plan.as_ref().filter(|(name, ..)| *name == plan.name);
        let at_cap = match plan.at_cap {
            AtCap::Refuse => "refuses at the cap",
            AtCap::Relaxed => "goes on relaxed",
        };
        let summary = quota::summary(plan);
        PlanCard {
            name: plan.name.clone(),
            title: title(&plan.name),
            people: match many {
                0 => "nobody".to_owned(),
                1 => "1 person".to_owned(),
                many => format!("{many} people"),
            },
            summary: if plan.may_create { format!("{summary} · {at_cap}") } else { summary },
            may_remove: many == 0,
            is_open: written.is_some(),
            form: form(app, plan, written.map(|(_, fields, errors)| (fields, errors.as_slice()))),
        }
    });
    let (new_name, new_error) = written.new.clone().unzip();
    let view = PlansPage {
        frame: app.frame("Plans", Section::Settings, wants, "/admin/plans", "bell").await?,
        plans: cards.collect(),
        new_name: new_name.unwrap_or_default(),
        new_name_error: new_error,
    };
    page(&view)
}

async fn again(app: &App, wants: &Wants, written: Typed) -> Result<Response, Error> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, whole(app, wants, written).await?).into_response())
}

/// `GET /admin/plans`
pub async fn show(app: App, wants: Wants) -> Result<Response, Error> {
    whole(&app, &wants, Typed::default()).await
}

/// `POST /admin/plans`
pub async fn add(app: App, wants: Wants, Form(fields): Form<Fields>) -> Result<Response, Error> {
    let name = typed(&fields, "name").unwrap_or_default().trim().to_owned();
    let error = match Plan::new(&name) {
        Err(error) => sentence(&error.to_string()),
        Ok(_) if app.studio.store.plan(&name).await?.is_some() => "There is a plan of this name already.".to_owned(),
        Ok(plan) => {
            app.studio.store.keep_plan(&plan).await?;
            return Ok(wants.go("/admin/plans"));
        }
    };
    again(&app, &wants, Typed { new: Some((name, error)), ..Typed::default() }).await
}

/// `POST /admin/plans/{plan}`
pub async fn change(
    app: App,
    wants: Wants,
    Path(name): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    let mut plan = app.studio.store.plan(&name).await?.ok_or(Error::NotFound)?;
    let mut errors = Vec::new();
    let models =
        fields.iter().filter(|(name, _)| name == "models").map(|(_, key)| key.as_str()).collect::<Vec<_>>().join(",");
    for key in Plan::KEYS {
        let value = match key {
            "models" => models.as_str(),
            // A box that is not checked is not sent.
            "may_create" | "api" => {
                if typed(&fields, key).is_some() {
                    "true"
                } else {
                    "false"
                }
            }
            key => match typed(&fields, key) {
                Some(value) => value,
                None => continue,
            },
        };
        if let Err(error) = plan.set(key, value) {
            let words = match error {
                PlanError::Value { what, .. } => what.to_owned(),
                PlanError::NoSuchKey(_) | PlanError::Name => error.to_string(),
            };
            errors.push((key.to_owned(), sentence(&words)));
        }
    }
    if !errors.is_empty() {
        return again(&app, &wants, Typed { plan: Some((name, fields, errors)), ..Typed::default() }).await;
    }
    app.studio.store.keep_plan(&plan).await?;
    // More may run at once now.
    app.whole.wake.notify_one();
    Ok(wants.go("/admin/plans"))
}

/// `POST /admin/plans/{plan}/remove`
pub async fn remove(app: App, wants: Wants, Path(name): Path<String>) -> Result<Response, Error> {
    match app.studio.store.remove_plan(&name).await {
        Ok(()) => Ok(wants.go("/admin/plans")),
        Err(store::Error::Stale) if app.studio.store.plan(&name).await?.is_none() => Err(Error::NotFound),
        Err(store::Error::Stale) => {
            let words = "Somebody has this plan, or is invited with it. Give them another one first.".to_owned();
            Err(Error::BadRequest(words))
        }
        Err(error) => Err(error.into()),
    }
}

/// With a capital letter and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
