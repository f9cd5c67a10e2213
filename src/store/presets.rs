//! Styles that people keep: words added to a prompt, and a picture.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Error, Result, Store};
use crate::domain::{Millis, PersonId, PresetId};

/// Styles that pages list.
const MOST: i64 = 200;

/// A style of somebody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// Its id.
    pub id: PresetId,
    /// Whose it is.
    pub person: PersonId,
    /// What it is called.
    pub name: String,
    /// What it adds to a prompt.
    pub text: String,
    /// Its picture, relative to the data folder.
    pub picture: Option<String>,
    /// Everyone here may use it.
    pub is_shared: bool,
}

impl Preset {
    fn read(row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            id: PresetId::from_i64(row.try_get("id")?),
            person: PersonId::from_i64(row.try_get("person_id")?),
            name: row.try_get("name")?,
            text: row.try_get("text")?,
            picture: row.try_get("picture")?,
            is_shared: row.try_get::<i64, _>("shared")? != 0,
        })
    }
}

impl Store {
    /// The styles that a person may use: their own, and what others share.
    pub async fn presets(&self, person: PersonId) -> Result<Vec<Preset>> {
        let rows = sqlx::query(
            "select * from preset where id in (
                 select id from preset where person_id = $1
                 union select id from preset where shared = 1
             ) order by lower(name), id limit $2",
        )
        .bind(person.as_i64())
        .bind(MOST)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(Preset::read).collect()
    }

    /// One style.
    pub async fn preset(&self, id: PresetId) -> Result<Option<Preset>> {
        let row =
            sqlx::query("select * from preset where id = $1").bind(id.as_i64()).fetch_optional(&self.read).await?;
        let preset = row.as_ref().map(Preset::read).transpose()?;
        Ok(preset.filter(|preset| preset.is_shared || self.eyes.is_none_or(|person| person == preset.person)))
    }

    /// Writes a style, new or changed. Its picture stays where none is given.
    pub async fn keep_preset(&self, preset: &Preset, now: Millis) -> Result<()> {
        sqlx::query(
            "insert into preset (id, person_id, name, text, picture, shared, created_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (id) do update set name = excluded.name, text = excluded.text, shared = excluded.shared,
                 picture = coalesce(excluded.picture, picture)",
        )
        .bind(preset.id.as_i64())
        .bind(preset.person.as_i64())
        .bind(&preset.name)
        .bind(&preset.text)
        .bind(&preset.picture)
        .bind(i64::from(preset.is_shared))
        .bind(now.as_i64())
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Removes a style; what was made with it keeps its words. Its picture's path, if it had one.
    pub async fn remove_preset(&self, id: PresetId) -> Result<Option<String>> {
        let row = sqlx::query("delete from preset where id = $1 returning picture")
            .bind(id.as_i64())
            .fetch_optional(&self.write)
            .await?
            .ok_or(Error::Stale)?;
        Ok(row.try_get("picture")?)
    }
}
