//! Plans: what people may use.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Error, Result, Store, number, word};
use crate::domain::{Plan, Usd};

pub(super) fn read_plan(row: &SqliteRow) -> Result<Plan> {
    let limit = |column: &'static str| -> Result<Option<u32>> {
        Ok(row.try_get::<Option<i64>, _>(column)?.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX)))
    };
    let bytes: Option<i64> = row.try_get("storage_bytes")?;
    let models: String = row.try_get("models")?;
    Ok(Plan {
        name: row.try_get("name")?,
        may_create: row.try_get::<i64, _>("may_create")? != 0,
        generations_per_day: limit("generations_per_day")?,
        generations_per_month: limit("generations_per_month")?,
        seconds_per_day: limit("seconds_per_day")?,
        seconds_per_month: limit("seconds_per_month")?,
        money_per_month: row.try_get::<Option<i64>, _>("money_per_month")?.map(Usd::from_micros),
        at_once: limit("at_once")?,
        weight: number(row, "plan", "weight")?,
        models: serde_json::from_str(&models).unwrap_or_default(),
        largest: limit("largest")?,
        longest: limit("longest")?,
        storage_bytes: bytes.map(|bytes| u64::try_from(bytes).unwrap_or(u64::MAX)),
        api: row.try_get::<i64, _>("api")? != 0,
        api_per_minute: limit("api_per_minute")?,
        at_cap: word(row, "plan", "at_cap")?,
    })
}

impl Store {
    /// Every plan, by name.
    pub async fn plans(&self) -> Result<Vec<Plan>> {
        let rows = sqlx::query("select * from plan order by name").fetch_all(&self.read).await?;
        rows.iter().map(read_plan).collect()
    }

    /// One plan.
    pub async fn plan(&self, name: &str) -> Result<Option<Plan>> {
        let row = sqlx::query("select * from plan where name = $1").bind(name).fetch_optional(&self.read).await?;
        row.as_ref().map(read_plan).transpose()
    }

    /// Writes a plan, new or known.
    pub async fn keep_plan(&self, plan: &Plan) -> Result<()> {
        sqlx::query(
            "insert into plan (name, may_create, generations_per_day, generations_per_month, seconds_per_day,
                 seconds_per_month, money_per_month, at_once, weight, models, largest, longest, storage_bytes, api,
                 api_per_minute, at_cap)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
             on conflict (name) do update set may_create = excluded.may_create,
                 generations_per_day = excluded.generations_per_day,
                 generations_per_month = excluded.generations_per_month,
                 seconds_per_day = excluded.seconds_per_day, seconds_per_month = excluded.seconds_per_month,
                 money_per_month = excluded.money_per_month, at_once = excluded.at_once, weight = excluded.weight,
                 models = excluded.models, largest = excluded.largest, longest = excluded.longest,
                 storage_bytes = excluded.storage_bytes, api = excluded.api,
                 api_per_minute = excluded.api_per_minute, at_cap = excluded.at_cap",
        )
        .bind(&plan.name)
        .bind(i64::from(plan.may_create))
        .bind(plan.generations_per_day)
        .bind(plan.generations_per_month)
        .bind(plan.seconds_per_day)
        .bind(plan.seconds_per_month)
        .bind(plan.money_per_month.map(Usd::micros))
        .bind(plan.at_once)
        .bind(plan.weight)
        .bind(serde_json::to_string(&plan.models).unwrap_or_else(|_| "[]".to_owned()))
        .bind(plan.largest)
        .bind(plan.longest)
        .bind(plan.storage_bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX)))
        .bind(i64::from(plan.api))
        .bind(plan.api_per_minute)
        .bind(plan.at_cap.as_str())
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Removes a plan that nobody has; `Stale` when somebody does.
    pub async fn remove_plan(&self, name: &str) -> Result<()> {
        let done = sqlx::query(
            "delete from plan where name = $1
                 and not exists (select 1 from person where person.plan = $1)
                 and not exists (select 1 from ticket where ticket.plan = $1 and used_at is null)",
        )
        .bind(name)
        .execute(&self.write)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
