//! Who uses this workspace: what they are, what they may, what they set.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Error, Result, Store, Tx, number, taken, word};
use crate::domain::{Millis, PersonId, Role, Usd, Viewer, Visibility};

/// Somebody who uses this workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// What they are called, and sign in with.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Their plan's name; none for no limits.
    pub plan: Option<String>,
    /// What they may spend in 30 days, whatever the plan says.
    pub money_per_month: Option<Usd>,
    /// Since when they have an account; none for the one person of a workspace without accounts.
    pub joined_at: Option<Millis>,
    /// Whether they chose a password.
    pub has_password: bool,
    /// Since when they cannot sign in.
    pub disabled_at: Option<Millis>,
    /// When they were last here.
    pub used_at: Option<Millis>,
    /// An IANA name; empty for the server's.
    pub time_zone: String,
    /// Who sees their new clips unless they say otherwise.
    pub visibility: Visibility,
    /// Since when their waiting work stays where it is.
    pub paused_at: Option<Millis>,
    /// Until when they have seen what happened.
    pub seen_at: Millis,
}

impl Person {
    fn read(row: &SqliteRow) -> Result<Self> {
        let moment = |column: &str| -> Result<Option<Millis>> {
            Ok(row.try_get::<Option<i64>, _>(column)?.map(Millis::from_i64))
        };
        Ok(Self {
            id: PersonId::from_i64(row.try_get("id")?),
            name: row.try_get("name")?,
            role: word(row, "person", "role")?,
            plan: row.try_get("plan")?,
            money_per_month: row.try_get::<Option<i64>, _>("money_per_month")?.map(Usd::from_micros),
            joined_at: moment("joined_at")?,
            has_password: row.try_get::<Option<String>, _>("password")?.is_some(),
            disabled_at: moment("disabled_at")?,
            used_at: moment("used_at")?,
            time_zone: row.try_get("time_zone")?,
            visibility: word(row, "person", "visibility")?,
            paused_at: moment("paused_at")?,
            seen_at: Millis::from_i64(row.try_get("seen_at")?),
        })
    }

    /// As somebody who asks for something.
    pub const fn viewer(&self) -> Viewer {
        Viewer { person: self.id, role: self.role }
    }
}

/// An account about to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewAccount<'a> {
    /// Its id, unless it takes over what was made before there were accounts.
    pub id: PersonId,
    /// What they are called.
    pub name: &'a str,
    /// What they are.
    pub role: Role,
    /// Their plan; none for no limits.
    pub plan: Option<&'a str>,
    /// The hash of their password, when they chose one.
    pub password: Option<&'a str>,
    /// This moment.
    pub now: Millis,
}

/// What becomes of a person's clips when they go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estate {
    /// They stay where they are; what was private as well, so that nobody sees it.
    Keep,
    /// Somebody else has them.
    To(PersonId),
    /// They go to the trash.
    Trash,
}

/// Makes an account. The first owner takes over what was made before there were accounts.
pub(super) async fn add_account(tx: &mut Tx<'_>, account: &NewAccount<'_>) -> Result<PersonId> {
    let first = sqlx::query("select id from person where id = $1 and joined_at is null")
        .bind(PersonId::FIRST.as_i64())
        .fetch_optional(&mut **tx)
        .await?;
    let id = if account.role == Role::Owner && first.is_some() { PersonId::FIRST } else { account.id };
    sqlx::query(
        "insert into person (id, name, name_key, role, plan, password, joined_at, seen_at)
         values ($1, $2, $7, $3, $4, $5, $6, $6)
         on conflict (id) do update set name = excluded.name, name_key = excluded.name_key, role = excluded.role, plan = excluded.plan,
             password = excluded.password, joined_at = excluded.joined_at",
    )
    .bind(id.as_i64())
    .bind(account.name)
    .bind(account.role.as_str())
    .bind(account.plan)
    .bind(account.password)
    .bind(account.now.as_i64())
    .bind(account.name.to_lowercase())
    .execute(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(id)
}

/// Whether an owner would be left if this one were none.
async fn has_other_owner(tx: &mut Tx<'_>, id: PersonId) -> Result<bool> {
    let row = sqlx::query(
        "select 1 from person where role = 'owner' and joined_at is not null and disabled_at is null
             and removed_at is null and id <> $1 limit 1",
    )
    .bind(id.as_i64())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.is_some())
}

impl Store {
    /// Whether there are accounts, so that everybody has to sign in.
    pub async fn has_accounts(&self) -> Result<bool> {
        let row = sqlx::query("select 1 from person where joined_at is not null and removed_at is null limit 1")
            .fetch_optional(&self.read)
            .await?;
        Ok(row.is_some())
    }

    /// Everybody who was not removed, by name.
    pub async fn people(&self) -> Result<Vec<Person>> {
        let rows = sqlx::query("select * from person where removed_at is null order by name_key")
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(Person::read).collect()
    }

    /// One person.
    pub async fn person(&self, id: PersonId) -> Result<Option<Person>> {
        let row =
            sqlx::query("select * from person where id = $1").bind(id.as_i64()).fetch_optional(&self.read).await?;
        row.as_ref().map(Person::read).transpose()
    }

    /// Who has this name.
    pub async fn person_named(&self, name: &str) -> Result<Option<Person>> {
        let row = sqlx::query("select * from person where name_key = $1 and removed_at is null")
            .bind(name.to_lowercase())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(Person::read).transpose()
    }

    /// The hash of somebody's password.
    pub async fn password(&self, id: PersonId) -> Result<Option<String>> {
        let row = sqlx::query("select password from person where id = $1")
            .bind(id.as_i64())
            .fetch_optional(&self.read)
            .await?;
        row.map_or(Ok(None), |row| Ok(row.try_get("password")?))
    }

    /// Makes an account; `Taken` when somebody has the name. Who it is.
    pub async fn add_person(&self, account: &NewAccount<'_>) -> Result<PersonId> {
        let mut tx = self.begin().await?;
        let id = add_account(&mut tx, account).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Calls somebody something else; `Taken` when another is called so.
    pub async fn rename_person(&self, id: PersonId, name: &str) -> Result<()> {
        sqlx::query("update person set name = $2, name_key = $3 where id = $1")
            .bind(id.as_i64())
            .bind(name)
            .bind(name.to_lowercase())
            .execute(&self.write)
            .await
            .map_err(taken)?;
        Ok(())
    }

    /// Keeps a new password, and ends every session of theirs but one.
    pub async fn set_password(&self, id: PersonId, hash: &str, but: Option<crate::domain::SessionId>) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("update person set password = $2 where id = $1")
            .bind(id.as_i64())
            .bind(hash)
            .execute(&mut *tx)
            .await?;
        super::sessions::end_all(&mut tx, id, but).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Says what somebody is, may use, and may spend. `Stale` when no owner would be left. A new role ends
    /// their sessions.
    pub async fn appoint(&self, id: PersonId, role: Role, plan: Option<&str>, money: Option<Usd>) -> Result<()> {
        let mut tx = self.begin().await?;
        if role != Role::Owner && !has_other_owner(&mut tx, id).await? {
            let is_owner = sqlx::query("select 1 from person where id = $1 and role = 'owner'")
                .bind(id.as_i64())
                .fetch_optional(&mut *tx)
                .await?;
            if is_owner.is_some() {
                return Err(Error::Stale);
            }
        }
        let changed = sqlx::query("select 1 from person where id = $1 and role <> $2")
            .bind(id.as_i64())
            .bind(role.as_str())
            .fetch_optional(&mut *tx)
            .await?;
        sqlx::query("update person set role = $2, plan = $3, money_per_month = $4 where id = $1")
            .bind(id.as_i64())
            .bind(role.as_str())
            .bind(plan)
            .bind(money.map(Usd::micros))
            .execute(&mut *tx)
            .await?;
        if changed.is_some() {
            super::sessions::end_all(&mut tx, id, None).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Shuts somebody out, or lets them in again. Their sessions end; their waiting work stays where it is.
    pub async fn disable(&self, id: PersonId, since: Option<Millis>) -> Result<()> {
        let mut tx = self.begin().await?;
        if since.is_some() && !has_other_owner(&mut tx, id).await? {
            return Err(Error::Stale);
        }
        sqlx::query("update person set disabled_at = $2 where id = $1")
            .bind(id.as_i64())
            .bind(since.map(Millis::as_i64))
            .execute(&mut *tx)
            .await?;
        super::sessions::end_all(&mut tx, id, None).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Removes somebody whose waiting work is at an end. The record of money keeps its rows; the name is free.
    pub async fn remove_person(&self, id: PersonId, estate: Estate, now: Millis) -> Result<()> {
        let mut tx = self.begin().await?;
        if !has_other_owner(&mut tx, id).await? {
            return Err(Error::Stale);
        }
        match estate {
            Estate::Keep => {}
            Estate::To(heir) => {
                for sql in [
                    "update generation set person_id = $2 where person_id = $1",
                    "update task set person_id = $2 where id in (select task_id from generation where person_id = $2)
                         and person_id = $1",
                    "update folder set person_id = $2, visibility = 'team', name = name || ' (' || id || ')'
                         where person_id = $1 and visibility = 'private'",
                    "update folder set person_id = $2 where person_id = $1",
                ] {
                    sqlx::query(sql).bind(id.as_i64()).bind(heir.as_i64()).execute(&mut *tx).await?;
                }
            }
            Estate::Trash => {
                sqlx::query(
                    "update generation set deleted_at = $2 where person_id = $1 and deleted_at is null
                         and state in ('completed', 'failed', 'canceled')",
                )
                .bind(id.as_i64())
                .bind(now.as_i64())
                .execute(&mut *tx)
                .await?;
            }
        }
        for sql in ["delete from favorite where person_id = $1", "delete from storyboard where person_id = $1"] {
            sqlx::query(sql).bind(id.as_i64()).execute(&mut *tx).await?;
        }
        sqlx::query(
            "update person set removed_at = $2, disabled_at = $2, password = null, draft = '{}', settings = '{}',
                 plan = null
             where id = $1",
        )
        .bind(id.as_i64())
        .bind(now.as_i64())
        .execute(&mut *tx)
        .await?;
        super::sessions::end_all(&mut tx, id, None).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps what somebody set for themselves.
    pub async fn prefer(&self, id: PersonId, time_zone: &str, visibility: Visibility) -> Result<()> {
        sqlx::query("update person set time_zone = $2, visibility = $3 where id = $1")
            .bind(id.as_i64())
            .bind(time_zone)
            .bind(visibility.as_str())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// What somebody has waiting.
    pub async fn waiting_of(&self, id: PersonId) -> Result<Vec<crate::domain::GenerationId>> {
        let rows = sqlx::query("select id from generation where state = 'queued' and person_id = $1")
            .bind(id.as_i64())
            .fetch_all(&self.read)
            .await?;
        super::ids(&rows)
    }

    /// How many clips of somebody are kept, and how many of them are private.
    pub async fn clips_kept(&self, id: PersonId) -> Result<(u32, u32)> {
        let row = sqlx::query(
            "select 0 as id, count(*) as many, coalesce(sum(visibility = 'private'), 0) as private from generation
             where person_id = $1 and deleted_at is null and upstream <> 'upload'",
        )
        .bind(id.as_i64())
        .fetch_one(&self.read)
        .await?;
        Ok((number(&row, "generation", "many")?, number(&row, "generation", "private")?))
    }

    /// Holds back a person's waiting work, or lets it go on.
    pub async fn pause(&self, id: PersonId, since: Option<Millis>) -> Result<()> {
        sqlx::query("update person set paused_at = $2 where id = $1")
            .bind(id.as_i64())
            .bind(since.map(Millis::as_i64))
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// A person has seen what happened until now.
    pub async fn seen_until(&self, id: PersonId, now: Millis) -> Result<()> {
        sqlx::query("update person set seen_at = $2 where id = $1 and seen_at < $2")
            .bind(id.as_i64())
            .bind(now.as_i64())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// What a person was writing: JSON of the composer's fields.
    pub async fn draft(&self, id: PersonId) -> Result<String> {
        self.note(id, "select draft as note from person where id = $1").await
    }

    /// Keeps what a person is writing, on whatever device they go on.
    pub async fn keep_draft(&self, id: PersonId, draft: &str) -> Result<()> {
        self.keep_note(id, "update person set draft = $2 where id = $1", draft).await
    }

    /// What a person chose last: JSON of the composer's settings.
    pub async fn last_settings(&self, id: PersonId) -> Result<String> {
        self.note(id, "select settings as note from person where id = $1").await
    }

    /// Keeps what a person chose, for the next clip.
    pub async fn keep_settings(&self, id: PersonId, settings: &str) -> Result<()> {
        self.keep_note(id, "update person set settings = $2 where id = $1", settings).await
    }

    async fn note(&self, id: PersonId, sql: &'static str) -> Result<String> {
        let row = sqlx::query(sql).bind(id.as_i64()).fetch_optional(&self.read).await?;
        row.map_or(Ok(String::new()), |row| Ok(row.try_get("note")?))
    }

    async fn keep_note(&self, id: PersonId, sql: &'static str, note: &str) -> Result<()> {
        sqlx::query(sql).bind(id.as_i64()).bind(note).execute(&self.write).await?;
        Ok(())
    }

    /// Bytes of all clips on disk.
    pub async fn library_bytes(&self) -> Result<u64> {
        let row = sqlx::query(
            "select 0 as id, coalesce(sum(size_bytes), 0) as bytes from generation
             where size_bytes is not null and erased is null",
        )
        .fetch_one(&self.read)
        .await?;
        number(&row, "generation", "bytes")
    }
}
