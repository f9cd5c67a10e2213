//! Browsers that are signed in, and wrong passwords. Secrets are here as hashes only.

use std::collections::HashSet;
use std::time::Duration;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Result, Store, Tx, number};
use crate::domain::{Millis, PersonId, SessionId, Viewer};

/// A session ends after this long without use, and this long after it began.
const IDLE: Duration = Duration::from_hours(24 * 30);
const WHOLE: Duration = Duration::from_hours(24 * 90);
/// Its last use is written at most this often.
const NOTED: Duration = Duration::from_mins(1);
/// Wrong passwords are forgotten after this long.
const FORGOTTEN: Duration = Duration::from_mins(15);

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub person: PersonId,
    /// `Firefox on Linux`.
    pub device: String,
    /// Where it signed in from.
    pub address: String,
    /// When it signed in.
    pub created_at: Millis,
    /// When it was last used.
    pub used_at: Millis,
}

impl Session {
    fn read(row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            id: SessionId::from_i64(row.try_get("id")?),
            person: PersonId::from_i64(row.try_get("person_id")?),
            device: row.try_get("device")?,
            address: row.try_get("address")?,
            created_at: Millis::from_i64(row.try_get("created_at")?),
            used_at: Millis::from_i64(row.try_get("used_at")?),
        })
    }
}

/// Ends every session of somebody, but one.
pub(super) async fn end_all(tx: &mut Tx<'_>, person: PersonId, but: Option<SessionId>) -> Result<()> {
    sqlx::query("delete from session where person_id = $1 and id <> $2")
        .bind(person.as_i64())
        .bind(but.map_or(0, SessionId::as_i64))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl Store {
    /// Signs a browser in; `secret` is the hash of what its cookie holds.
    pub async fn begin_session(&self, session: &Session, secret: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("delete from session where used_at < $1")
            .bind(session.created_at.before(IDLE).as_i64())
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "insert into session (id, person_id, secret, device, address, created_at, used_at)
             values ($1, $2, $3, $4, $5, $6, $6)",
        )
        .bind(session.id.as_i64())
        .bind(session.person.as_i64())
        .bind(secret)
        .bind(&session.device)
        .bind(&session.address)
        .bind(session.created_at.as_i64())
        .execute(&mut *tx)
        .await?;
        sqlx::query("update person set used_at = $2 where id = $1")
            .bind(session.person.as_i64())
            .bind(session.created_at.as_i64())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whose session this is, if it is one and its owner may come in.
    pub async fn session(&self, secret: &str, now: Millis) -> Result<Option<(SessionId, Viewer)>> {
        let row = sqlx::query(
            "select session.id as id, session.used_at as used_at, person.id as person, person.role as role
             from session join person on person.id = session.person_id
             where session.secret = $1 and session.used_at > $2 and session.created_at > $3
                 and person.disabled_at is null and person.removed_at is null",
        )
        .bind(secret)
        .bind(now.before(IDLE).as_i64())
        .bind(now.before(WHOLE).as_i64())
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (id, person): (i64, i64) = (row.try_get("id")?, row.try_get("person")?);
        if now.since(Millis::from_i64(row.try_get("used_at")?)) >= NOTED {
            // A full disk is no reason to shut somebody out who only looks.
            let _ = self.note_use(id, person, now).await;
        }
        let viewer = Viewer { person: PersonId::from_i64(person), role: super::word(&row, "person", "role")? };
        Ok(Some((SessionId::from_i64(id), viewer)))
    }

    async fn note_use(&self, session: i64, person: i64, now: Millis) -> Result<()> {
        let mut tx = self.begin().await?;
        for (sql, id) in [
            ("update session set used_at = $2 where id = $1", session),
            ("update person set used_at = $2 where id = $1", person),
        ] {
            sqlx::query(sql).bind(id).bind(now.as_i64()).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The sessions of those who may come in, so that what they opened may stay open.
    pub async fn live_sessions(&self) -> Result<HashSet<SessionId>> {
        let rows = sqlx::query(
            "select session.id as id from person join session on session.person_id = person.id
             where person.disabled_at is null",
        )
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(|row| Ok(SessionId::from_i64(row.try_get("id")?))).collect()
    }

    /// Somebody's sessions, the last used first.
    pub async fn sessions(&self, person: PersonId) -> Result<Vec<Session>> {
        let rows = sqlx::query("select * from session where person_id = $1 order by used_at desc, id desc")
            .bind(person.as_i64())
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(Session::read).collect()
    }

    /// Ends one session of somebody; whether there was one.
    pub async fn end_session(&self, person: PersonId, id: SessionId) -> Result<bool> {
        let done = sqlx::query("delete from session where id = $1 and person_id = $2")
            .bind(id.as_i64())
            .bind(person.as_i64())
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends every session of somebody, but one.
    pub async fn end_sessions(&self, person: PersonId, but: Option<SessionId>) -> Result<()> {
        let mut tx = self.begin().await?;
        end_all(&mut tx, person, but).await?;
        tx.commit().await?;
        Ok(())
    }

    /// How often this went wrong of late.
    pub async fn misses(&self, subject: &str, now: Millis) -> Result<u32> {
        let row = sqlx::query("select 0 as id, many from misses where subject = $1 and latest > $2")
            .bind(subject)
            .bind(now.before(FORGOTTEN).as_i64())
            .fetch_optional(&self.read)
            .await?;
        row.map_or(Ok(0), |row| number(&row, "misses", "many"))
    }

    /// It went wrong once more for each of these.
    pub async fn missed(&self, subjects: &[String], now: Millis) -> Result<()> {
        let mut tx = self.begin().await?;
        let forgotten = now.before(FORGOTTEN).as_i64();
        sqlx::query("delete from misses where latest <= $1").bind(forgotten).execute(&mut *tx).await?;
        for subject in subjects {
            sqlx::query(
                "insert into misses (subject, many, since, latest) values ($1, 1, $2, $2)
                 on conflict (subject) do update set many = misses.many + 1, latest = excluded.latest",
            )
            .bind(subject)
            .bind(now.as_i64())
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// It went right: what went wrong before is forgotten.
    pub async fn forgive(&self, subject: &str) -> Result<()> {
        sqlx::query("delete from misses where subject = $1").bind(subject).execute(&self.write).await?;
        Ok(())
    }
}
