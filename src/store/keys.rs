//! Keys of the API: as hashes, with whose they are and what they may.

use std::time::Duration;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Error, Result, Store, word};
use crate::domain::{KeyId, Millis, PersonId, Scope, Viewer};

/// Its last use is written at most this often.
const NOTED: Duration = Duration::from_mins(1);
/// Keys that pages list.
const LISTED: i64 = 200;

/// A key, as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// Whose.
    pub person: PersonId,
    /// What it is called.
    pub name: String,
    /// Its first and last signs.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Millis,
    /// Until when it works.
    pub expires_at: Option<Millis>,
    /// When it was last used.
    pub used_at: Option<Millis>,
    /// Since when it does not work any more.
    pub revoked_at: Option<Millis>,
}

impl Key {
    fn read(row: &SqliteRow) -> Result<Self> {
        let moment = |column: &str| -> Result<Option<Millis>> {
            Ok(row.try_get::<Option<i64>, _>(column)?.map(Millis::from_i64))
        };
        let scopes: String = row.try_get("scopes")?;
        Ok(Self {
            id: KeyId::from_i64(row.try_get("id")?),
            person: PersonId::from_i64(row.try_get("person_id")?),
            name: row.try_get("name")?,
            hint: row.try_get("hint")?,
            scopes: scopes.split(' ').filter_map(|scope| scope.parse().ok()).collect(),
            created_at: Millis::from_i64(row.try_get("created_at")?),
            expires_at: moment("expires_at")?,
            used_at: moment("used_at")?,
            revoked_at: moment("revoked_at")?,
        })
    }

    /// Whether it works at this moment.
    pub fn works(&self, now: Millis) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }
}

/// Who shows a key, and what their plan says of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The key.
    pub key: Key,
    /// Whose it is.
    pub viewer: Viewer,
    /// Whether they may come in at all.
    pub is_welcome: bool,
    /// Whether their plan has the API.
    pub has_api: bool,
    /// Requests in a minute that it allows.
    pub per_minute: Option<u32>,
}

impl Store {
    /// Keeps a new key; `secret` is the hash of what its owner has.
    pub async fn add_key(&self, key: &Key, secret: &str) -> Result<()> {
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        sqlx::query(
            "insert into api_key (id, person_id, name, secret, hint, scopes, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(key.id.as_i64())
        .bind(key.person.as_i64())
        .bind(&key.name)
        .bind(secret)
        .bind(&key.hint)
        .bind(scopes.join(" "))
        .bind(key.created_at.as_i64())
        .bind(key.expires_at.map(Millis::as_i64))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Keys of a person, or of everybody, newest first.
    pub async fn keys(&self, person: Option<PersonId>) -> Result<Vec<Key>> {
        let rows = sqlx::query("select * from api_key where ($1 is null or person_id = $1) order by id desc limit $2")
            .bind(person.map(PersonId::as_i64))
            .bind(LISTED)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(Key::read).collect()
    }

    /// Ends a key, of this person only where one is named.
    pub async fn revoke_key(&self, id: KeyId, person: Option<PersonId>, now: Millis) -> Result<()> {
        let done = sqlx::query(
            "update api_key set revoked_at = $3 where id = $1 and ($2 is null or person_id = $2) and revoked_at is null",
        )
        .bind(id.as_i64())
        .bind(person.map(PersonId::as_i64))
        .bind(now.as_i64())
        .execute(&self.write)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Whose key this is, whether it works or not.
    pub async fn bearer(&self, secret: &str, now: Millis) -> Result<Option<Bearer>> {
        let row = sqlx::query(
            "select api_key.*, person.role as role, person.disabled_at as disabled_at, person.removed_at as removed_at,
                 person.plan as plan, plan.api as api, plan.api_per_minute as api_per_minute
             from api_key join person on person.id = api_key.person_id left join plan on plan.name = person.plan
             where api_key.secret = $1",
        )
        .bind(secret)
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let key = Key::read(&row)?;
        let shut = row.try_get::<Option<i64>, _>("disabled_at")?.or(row.try_get("removed_at")?);
        let plan: Option<String> = row.try_get("plan")?;
        let api: Option<i64> = row.try_get("api")?;
        let per_minute: Option<i64> = row.try_get("api_per_minute")?;
        let bearer = Bearer {
            viewer: Viewer { person: key.person, role: word(&row, "person", "role")? },
            is_welcome: shut.is_none(),
            has_api: plan.is_none() || api == Some(1),
            per_minute: per_minute.and_then(|many| u32::try_from(many).ok()),
            key,
        };
        if bearer.key.works(now) && bearer.key.used_at.is_none_or(|used| now.since(used) >= NOTED) {
            // A full disk is no reason to shut somebody out who only looks.
            let note = sqlx::query("update api_key set used_at = $2 where id = $1")
                .bind(bearer.key.id.as_i64())
                .bind(now.as_i64());
            let _ = note.execute(&self.write).await;
        }
        Ok(Some(bearer))
    }
}
