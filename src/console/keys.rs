//! `rushes key`: keys of the API.

use anyhow::Context;
use secrecy::ExposeSecret;
use serde_json::json;

use super::{Answer, done, find, open};
use crate::clock::Clock;
use crate::config::{KeyCommand, Where};
use crate::domain::{PersonId, Scope};
use crate::store::keys::Key;
use crate::studio::NewKey;

fn about(key: &Key, owner: &str) -> serde_json::Value {
    json!({
        "id": key.id.to_string(),
        "user": owner,
        "name": key.name,
        "hint": key.hint,
        "scopes": key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(),
        "created_at": key.created_at.as_i64(),
        "expires_at": key.expires_at.map(crate::domain::Millis::as_i64),
        "used_at": key.used_at.map(crate::domain::Millis::as_i64),
        "revoked_at": key.revoked_at.map(crate::domain::Millis::as_i64),
    })
}

pub(super) async fn keys(command: KeyCommand, clock: &Clock) -> anyhow::Result<(Where, Answer)> {
    Ok(match command {
        KeyCommand::Create { user, name, scopes, days, at } => {
            let desk = open(&at, clock).await?;
            let person = match &user {
                Some(user) => find(&desk, user).await?,
                None => desk.store.person(PersonId::FIRST).await?.context("say whose it is with --user NAME")?,
            };
            let scopes = if scopes.is_empty() { Scope::ALL.to_vec() } else { scopes };
            let new = NewKey { name: name.unwrap_or_default(), scopes, days };
            let (key, secret) = desk.make_key(person.id, &new).await?;
            let plan = match &person.plan {
                Some(plan) => desk.store.plan(plan).await?,
                None => None,
            };
            let barred = plan.filter(|plan| !plan.api).map(|plan| plan.name);
            let mut text = format!("{}\n", secret.expose_secret());
            if let Some(plan) = &barred {
                eprintln!("The plan {plan} does not include the API: rushes plan set {plan} api=true");
            }
            let mut json = about(&key, &person.name);
            json["key"] = json!(secret.expose_secret());
            if at.json {
                text.clear();
            }
            (at, Answer { text, json })
        }
        KeyCommand::List { at } => {
            let desk = open(&at, clock).await?;
            let people = desk.store.people().await?;
            let owner = |key: &Key| {
                let person = people.iter().find(|person| person.id == key.person);
                person.map_or("(removed)", |person| person.name.as_str()).to_owned()
            };
            let keys = desk.store.keys(None).await?;
            let now = clock.now();
            let mut text = String::new();
            for key in &keys {
                let state = match (key.revoked_at, key.works(now)) {
                    (Some(_), _) => "revoked",
                    (None, false) => "expired",
                    (None, true) => "works",
                };
                text.push_str(&key.id.to_string());
                for part in [owner(key).as_str(), &key.hint, state, &key.name] {
                    text.push_str("  ");
                    text.push_str(part);
                }
                text.push('\n');
            }
            (at, Answer { text, json: keys.iter().map(|key| about(key, &owner(key))).collect() })
        }
        KeyCommand::Revoke { id, at } => {
            let desk = open(&at, clock).await?;
            let key = id.parse().map_err(|_| anyhow::anyhow!("{id:?} is no id of a key; see rushes key list"))?;
            let ended = desk.store.revoke_key(key, None, clock.now()).await;
            ended.map_err(|_| anyhow::anyhow!("there is no key {id} that works; see rushes key list"))?;
            (at, done(&format!("The key {id} is revoked."), json!({ "id": id, "revoked": true })))
        }
    })
}
