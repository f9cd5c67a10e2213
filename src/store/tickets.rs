//! Links that work once: to set up, to join, to choose a new password. Secrets are here as hashes only.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::people::{NewAccount, add_account};
use super::{Error, Result, Store, Tx, word};
use crate::domain::access::TicketKind;
use crate::domain::{Millis, PersonId, Role, TicketId};
use crate::kill::kill_point;

/// A link that works once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// What it is for.
    pub kind: TicketKind,
    /// Who made it; none when it came from the command line.
    pub made_by: Option<PersonId>,
    /// Whose password it changes.
    pub person: Option<PersonId>,
    /// What somebody who joins becomes.
    pub role: Option<Role>,
    /// Their plan.
    pub plan: Option<String>,
    /// For whoever made it: whom it is for.
    pub note: String,
    /// When it was made.
    pub created_at: Millis,
    /// Until when it works.
    pub expires_at: Millis,
}

impl Ticket {
    fn read(row: &SqliteRow) -> Result<Self> {
        let person = |column: &str| -> Result<Option<PersonId>> {
            Ok(row.try_get::<Option<i64>, _>(column)?.map(PersonId::from_i64))
        };
        let role: Option<String> = row.try_get("role")?;
        Ok(Self {
            id: TicketId::from_i64(row.try_get("id")?),
            kind: word(row, "ticket", "kind")?,
            made_by: person("made_by")?,
            person: person("person_id")?,
            role: role.and_then(|role| role.parse().ok()),
            plan: row.try_get("plan")?,
            note: row.try_get("note")?,
            created_at: Millis::from_i64(row.try_get("created_at")?),
            expires_at: Millis::from_i64(row.try_get("expires_at")?),
        })
    }
}

/// Uses a ticket up; `Stale` when it was used, has expired or never was.
async fn tear(tx: &mut Tx<'_>, kind: TicketKind, secret: &str, now: Millis) -> Result<Ticket> {
    let row = sqlx::query(
        "update ticket set used_at = $3 where secret = $1 and kind = $2 and used_at is null and expires_at > $3
         returning *",
    )
    .bind(secret)
    .bind(kind.as_str())
    .bind(now.as_i64())
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(Error::Stale)?;
    Ticket::read(&row)
}

impl Store {
    /// Keeps a ticket; a new one to set up, or to change somebody's password, ends those before it.
    pub async fn add_ticket(&self, ticket: &Ticket, secret: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        if ticket.kind != TicketKind::Invite {
            sqlx::query("delete from ticket where kind = $1 and used_at is null and coalesce(person_id, 0) = $2")
                .bind(ticket.kind.as_str())
                .bind(ticket.person.map_or(0, PersonId::as_i64))
                .execute(&mut *tx)
                .await?;
        }
        sqlx::query(
            "insert into ticket (id, kind, secret, made_by, person_id, role, plan, note, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(ticket.id.as_i64())
        .bind(ticket.kind.as_str())
        .bind(secret)
        .bind(ticket.made_by.map(PersonId::as_i64))
        .bind(ticket.person.map(PersonId::as_i64))
        .bind(ticket.role.map(Role::as_str))
        .bind(&ticket.plan)
        .bind(&ticket.note)
        .bind(ticket.created_at.as_i64())
        .bind(ticket.expires_at.as_i64())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// A ticket that still works.
    pub async fn ticket(&self, kind: TicketKind, secret: &str, now: Millis) -> Result<Option<Ticket>> {
        let row =
            sqlx::query("select * from ticket where secret = $1 and kind = $2 and used_at is null and expires_at > $3")
                .bind(secret)
                .bind(kind.as_str())
                .bind(now.as_i64())
                .fetch_optional(&self.read)
                .await?;
        row.as_ref().map(Ticket::read).transpose()
    }

    /// Invitations that still work, the newest first.
    pub async fn invites(&self, now: Millis) -> Result<Vec<Ticket>> {
        let rows = sqlx::query(
            "select * from ticket where kind = 'invite' and used_at is null and expires_at > $1 order by id desc",
        )
        .bind(now.as_i64())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(Ticket::read).collect()
    }

    /// Takes a ticket back; whether there was one.
    pub async fn revoke_ticket(&self, id: TicketId) -> Result<bool> {
        let done = sqlx::query("delete from ticket where id = $1 and used_at is null")
            .bind(id.as_i64())
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Makes the first account with the ticket of a set-up: one of all who come at once. `Stale` when it does
    /// not work any more or there is an account.
    pub async fn set_up(&self, secret: &str, account: &NewAccount<'_>) -> Result<PersonId> {
        let mut tx = self.begin().await?;
        tear(&mut tx, TicketKind::Setup, secret, account.now).await?;
        let before = sqlx::query("select 1 from person where joined_at is not null limit 1");
        if before.fetch_optional(&mut *tx).await?.is_some() {
            return Err(Error::Stale);
        }
        let id = add_account(&mut tx, account).await?;
        kill_point!("set_up.inside");
        tx.commit().await?;
        Ok(id)
    }

    /// Makes an account with an invitation, which says what it is.
    pub async fn join(&self, secret: &str, id: PersonId, name: &str, password: &str, now: Millis) -> Result<PersonId> {
        let mut tx = self.begin().await?;
        let ticket = tear(&mut tx, TicketKind::Invite, secret, now).await?;
        let role = ticket.role.unwrap_or(Role::Viewer);
        let plan = ticket.plan.as_deref();
        let account = NewAccount { id, name, role, plan, password: Some(password), now };
        let id = add_account(&mut tx, &account).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps a new password with a ticket for it, and ends that person's sessions. Whose it is.
    pub async fn reset(&self, secret: &str, password: &str, now: Millis) -> Result<PersonId> {
        let mut tx = self.begin().await?;
        let ticket = tear(&mut tx, TicketKind::Reset, secret, now).await?;
        let person = ticket.person.ok_or(Error::Stale)?;
        let done = sqlx::query("update person set password = $2 where id = $1 and removed_at is null")
            .bind(person.as_i64())
            .bind(password)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() != 1 {
            return Err(Error::Stale);
        }
        super::sessions::end_all(&mut tx, person, None).await?;
        tx.commit().await?;
        Ok(person)
    }
}
