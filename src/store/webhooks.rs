//! Webhooks: addresses that are told when somebody's clips end, and what was told to them.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Error, Result, Store, number, word};
use crate::domain::webhook::{DeliveryState, WebhookEvent};
use crate::domain::{DeliveryId, GenerationId, Millis, PersonId, State, WebhookId};

/// Endings are looked for this far back once more: what is written last is not always what ended last.
const OVERLAP: Duration = Duration::from_mins(1);
/// Endings that one look turns into deliveries.
const LOOK: i64 = 500;
/// How long a log is kept after the end.
const KEPT: Duration = Duration::from_hours(24 * 30);

/// An address that is told.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose clips it is told of.
    pub person: PersonId,
    /// Where.
    pub url: String,
    /// With which what is sent is signed: `whsec_` and base64.
    pub secret: SecretString,
    /// Since when.
    pub created_at: Millis,
    /// Since when it is told nothing.
    pub disabled_at: Option<Millis>,
}

impl Webhook {
    fn read(row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            id: WebhookId::from_i64(row.try_get("id")?),
            person: PersonId::from_i64(row.try_get("person_id")?),
            url: row.try_get("url")?,
            secret: row.try_get::<String, _>("secret")?.into(),
            created_at: Millis::from_i64(row.try_get("created_at")?),
            disabled_at: row.try_get::<Option<i64>, _>("disabled_at")?.map(Millis::from_i64),
        })
    }
}

/// One ending for one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id; the receiver gets the same one however often it is sent.
    pub id: DeliveryId,
    /// To which address.
    pub webhook: WebhookId,
    /// The clip.
    pub generation: GenerationId,
    /// What became of it.
    pub event: WebhookEvent,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: u32,
    /// When it is sent next, while it waits.
    pub due_at: Millis,
    /// The status that the address answered last.
    pub status: Option<u16>,
    /// Why it was not taken, in words of ours.
    pub words: Option<String>,
    /// When the clip ended.
    pub happened_at: Millis,
    /// When it was taken or given up.
    pub ended_at: Option<Millis>,
}

impl Delivery {
    fn read(row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            id: DeliveryId::from_i64(row.try_get("id")?),
            webhook: WebhookId::from_i64(row.try_get("webhook_id")?),
            generation: GenerationId::from_i64(row.try_get("generation_id")?),
            event: word(row, "delivery", "event")?,
            state: word(row, "delivery", "state")?,
            attempts: number(row, "delivery", "attempts")?,
            due_at: Millis::from_i64(row.try_get("due_at")?),
            status: row.try_get::<Option<i64>, _>("status")?.and_then(|status| u16::try_from(status).ok()),
            words: row.try_get("words")?,
            happened_at: Millis::from_i64(row.try_get("happened_at")?),
            ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Millis::from_i64),
        })
    }
}

/// How one try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// How often it was sent by now.
    pub attempts: u32,
    /// What was answered.
    pub status: Option<u16>,
    /// Why it was not taken; none when it was.
    pub words: Option<String>,
    /// When it is sent again; none when it is not.
    pub next: Option<Millis>,
}

impl Store {
    /// Keeps a new address, unless the person has `most` already.
    pub async fn add_webhook(&self, webhook: &Webhook, most: u32) -> Result<bool> {
        let done = sqlx::query(
            "insert into webhook (id, person_id, url, secret, created_at, looked_at, told_from)
             select $1, $2, $3, $4, $5, $5, $5 where (select count(*) from webhook where person_id = $2) < $6",
        )
        .bind(webhook.id.as_i64())
        .bind(webhook.person.as_i64())
        .bind(&webhook.url)
        .bind(webhook.secret.expose_secret())
        .bind(webhook.created_at.as_i64())
        .bind(i64::from(most))
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// A person's addresses, the newest first, each with its last delivery.
    pub async fn webhooks(&self, person: PersonId) -> Result<Vec<(Webhook, Option<Delivery>)>> {
        let rows = sqlx::query("select * from webhook where person_id = $1 order by id desc")
            .bind(person.as_i64())
            .fetch_all(&self.read)
            .await?;
        let mut all = Vec::with_capacity(rows.len());
        // A person has no more than a handful.
        for row in &rows {
            let webhook = Webhook::read(row)?;
            let last = self.deliveries(webhook.id, None, 1).await?.pop();
            all.push((webhook, last));
        }
        Ok(all)
    }

    /// An address of this person.
    pub async fn webhook(&self, id: WebhookId, person: PersonId) -> Result<Option<Webhook>> {
        let row = sqlx::query("select * from webhook where id = $1 and person_id = $2")
            .bind(id.as_i64())
            .bind(person.as_i64())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(Webhook::read).transpose()
    }

    /// Forgets an address of this person, and what was told to it.
    pub async fn remove_webhook(&self, id: WebhookId, person: PersonId) -> Result<()> {
        let done = sqlx::query("delete from webhook where id = $1 and person_id = $2")
            .bind(id.as_i64())
            .bind(person.as_i64())
            .execute(&self.write)
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Tells an address nothing from now on, or again; what ended meanwhile is not told.
    pub async fn switch_webhook(&self, id: WebhookId, person: PersonId, is_on: bool, now: Millis) -> Result<()> {
        let done = sqlx::query(
            "update webhook set disabled_at = $3, looked_at = $4, told_from = $4
             where id = $1 and person_id = $2 and (disabled_at is null) <> ($3 is null)",
        )
        .bind(id.as_i64())
        .bind(person.as_i64())
        .bind((!is_on).then_some(now.as_i64()))
        .bind(now.as_i64())
        .execute(&self.write)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// What ended since the last look becomes deliveries; how many.
    pub async fn note_endings(&self, now: Millis, random: impl Fn() -> u32) -> Result<u64> {
        let hooks = sqlx::query(
            "select webhook.id, webhook.person_id, webhook.told_from, webhook.looked_at from webhook
             join person on person.id = webhook.person_id
             where webhook.disabled_at is null and person.disabled_at is null and person.removed_at is null",
        );
        let mut noted = 0;
        for hook in hooks.fetch_all(&self.read).await? {
            let (id, person): (i64, i64) = (hook.try_get("id")?, hook.try_get("person_id")?);
            let looked_at: i64 = hook.try_get("looked_at")?;
            // A clock that was moved back must not hide what ends from now on.
            let since = Millis::from_i64(looked_at.min(now.as_i64())).before(OVERLAP);
            let since = since.as_i64().max(hook.try_get("told_from")?);
            let ended = sqlx::query(
                "select generation.id, generation.state, generation.ended_at from generation
                 join task on task.id = generation.task_id
                 where generation.ended_at >= $1 and task.person_id = $2
                     and generation.upstream <> 'upload' and generation.upstream <> 'seed'
                     and not exists (select 1 from delivery where delivery.webhook_id = $3
                         and delivery.generation_id = generation.id and delivery.happened_at = generation.ended_at)
                 order by generation.ended_at limit $4",
            );
            let ended = ended.bind(since).bind(person).bind(id).bind(LOOK).fetch_all(&self.read).await?;
            let is_late = now.as_i64().saturating_sub(looked_at) > 60_000 || looked_at > now.as_i64();
            if ended.is_empty() && !is_late {
                continue;
            }
            let mut tx = self.begin().await?;
            for row in &ended {
                let state: State = word(row, "generation", "state")?;
                let Some(event) = WebhookEvent::of(state) else { continue };
                noted += sqlx::query(
                    "insert into delivery (id, webhook_id, generation_id, event, state, due_at, created_at, happened_at)
                     values ($1, $2, $3, $4, 'waiting', $5, $5, $6) on conflict do nothing",
                )
                .bind(DeliveryId::new(now, random()).as_i64())
                .bind(id)
                .bind(row.try_get::<i64, _>("id")?)
                .bind(event.as_str())
                .bind(now.as_i64())
                .bind(row.try_get::<i64, _>("ended_at")?)
                .execute(&mut *tx)
                .await?
                .rows_affected();
            }
            // Where more ended than one look takes, the next look begins at the last of them.
            let is_all = i64::try_from(ended.len()).unwrap_or(LOOK) < LOOK;
            let last = ended.last().map(|row| row.try_get::<i64, _>("ended_at")).transpose()?;
            let looked = if is_all { now.as_i64() } else { last.unwrap_or(since) };
            sqlx::query("update webhook set looked_at = $2 where id = $1")
                .bind(id)
                .bind(looked)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
        }
        Ok(noted)
    }

    /// What is to be sent now, with where to and how it is signed; the longest due first.
    pub async fn due_deliveries(&self, now: Millis, limit: u32) -> Result<Vec<(Delivery, Webhook)>> {
        let rows = sqlx::query(
            "select delivery.*, webhook.person_id, webhook.url, webhook.secret, webhook.disabled_at,
                 webhook.created_at as webhook_at
             from delivery join webhook on webhook.id = delivery.webhook_id
             join person on person.id = webhook.person_id
             where delivery.state = 'waiting' and delivery.due_at <= $1 and webhook.disabled_at is null
                 and person.disabled_at is null and person.removed_at is null
             order by delivery.due_at limit $2",
        );
        let rows = rows.bind(now.as_i64()).bind(i64::from(limit)).fetch_all(&self.read).await?;
        let both = |row: &SqliteRow| {
            let delivery = Delivery::read(row)?;
            let webhook = Webhook {
                id: delivery.webhook,
                person: PersonId::from_i64(row.try_get("person_id")?),
                url: row.try_get("url")?,
                secret: row.try_get::<String, _>("secret")?.into(),
                created_at: Millis::from_i64(row.try_get("webhook_at")?),
                disabled_at: None,
            };
            Ok((delivery, webhook))
        };
        rows.iter().map(both).collect()
    }

    /// When the next delivery is due.
    pub async fn next_delivery(&self) -> Result<Option<Millis>> {
        let row = sqlx::query("select min(due_at) as due from delivery where state = 'waiting'");
        let row = row.fetch_one(&self.read).await?;
        Ok(row.try_get::<Option<i64>, _>("due")?.map(Millis::from_i64))
    }

    /// Writes how a try ended.
    pub async fn tried(&self, id: DeliveryId, tried: &Tried, now: Millis) -> Result<()> {
        let state = match (&tried.words, tried.next) {
            (None, _) => DeliveryState::Delivered,
            (Some(_), Some(_)) => DeliveryState::Waiting,
            (Some(_), None) => DeliveryState::Failed,
        };
        sqlx::query(
            "update delivery set state = $2, attempts = $3, status = $4, words = $5, due_at = coalesce($6, due_at),
                 ended_at = $7
             where id = $1 and state = 'waiting'",
        )
        .bind(id.as_i64())
        .bind(state.as_str())
        .bind(i64::from(tried.attempts))
        .bind(tried.status.map(i64::from))
        .bind(&tried.words)
        .bind(tried.next.map(Millis::as_i64))
        .bind((state != DeliveryState::Waiting).then_some(now.as_i64()))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// What was told to an address, the newest first, past that one.
    pub async fn deliveries(
        &self,
        webhook: WebhookId,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>> {
        let rows = sqlx::query("select * from delivery where webhook_id = $1 and id < $2 order by id desc limit $3")
            .bind(webhook.as_i64())
            .bind(before.map_or(i64::MAX, DeliveryId::as_i64))
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(Delivery::read).collect()
    }

    /// Sends something once more that was taken, or given up, at an address of this person.
    pub async fn redeliver(&self, id: DeliveryId, webhook: WebhookId, person: PersonId, now: Millis) -> Result<()> {
        let done = sqlx::query(
            "update delivery set state = 'waiting', attempts = 0, due_at = $4, ended_at = null
             where id = $1 and webhook_id = $2
                 and exists (select 1 from webhook where webhook.id = $2 and webhook.person_id = $3)",
        )
        .bind(id.as_i64())
        .bind(webhook.as_i64())
        .bind(person.as_i64())
        .bind(now.as_i64())
        .execute(&self.write)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Forgets what was told longer ago than logs are kept.
    pub async fn forget_deliveries(&self, now: Millis) -> Result<u64> {
        let done = sqlx::query("delete from delivery where ended_at is not null and ended_at < $1")
            .bind(now.before(KEPT).as_i64())
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected())
    }
}
