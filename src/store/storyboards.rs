//! Storyboards: cards over time, kept whole as JSON.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Error, Result, Store};
use crate::domain::{Millis, PersonId, StoryboardId};

/// A storyboard as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storyboard {
    /// Its id.
    pub id: StoryboardId,
    /// Whose it is.
    pub person: PersonId,
    /// What it is called; empty for nothing yet.
    pub title: String,
    /// Its cards, as JSON.
    pub cards: String,
    /// The composer's settings for it, as JSON.
    pub settings: String,
    /// Counts its changes.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Millis,
}

impl Storyboard {
    fn read(row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            id: StoryboardId::from_i64(row.try_get("id")?),
            person: PersonId::from_i64(row.try_get("person_id")?),
            title: row.try_get("title")?,
            cards: row.try_get("cards")?,
            settings: row.try_get("settings")?,
            version: row.try_get("version")?,
            updated_at: Millis::from_i64(row.try_get("updated_at")?),
        })
    }
}

impl Store {
    /// A person's storyboards, the last changed first.
    pub async fn storyboards(&self, limit: u32) -> Result<Vec<Storyboard>> {
        let rows =
            sqlx::query("select * from storyboard where person_id = $2 order by updated_at desc, id desc limit $1")
                .bind(i64::from(limit))
                .bind(self.eyes.map_or(0, PersonId::as_i64))
                .fetch_all(&self.read)
                .await?;
        rows.iter().map(Storyboard::read).collect()
    }

    /// One storyboard.
    pub async fn storyboard(&self, id: StoryboardId) -> Result<Option<Storyboard>> {
        let row =
            sqlx::query("select * from storyboard where id = $1").bind(id.as_i64()).fetch_optional(&self.read).await?;
        let board = row.as_ref().map(Storyboard::read).transpose()?;
        Ok(board.filter(|board| self.eyes.is_none_or(|person| person == board.person)))
    }

    /// Writes a new storyboard.
    pub async fn add_storyboard(&self, board: &Storyboard) -> Result<()> {
        sqlx::query(
            "insert into storyboard (id, person_id, title, cards, settings, version, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $7)",
        )
        .bind(board.id.as_i64())
        .bind(board.person.as_i64())
        .bind(&board.title)
        .bind(&board.cards)
        .bind(&board.settings)
        .bind(board.version)
        .bind(board.updated_at.as_i64())
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Writes what a storyboard became, unless somebody changed it since `version`. Its new version.
    pub async fn change_storyboard(&self, board: &Storyboard) -> Result<i64> {
        let row = sqlx::query(
            "update storyboard set title = $3, cards = $4, settings = $5, version = version + 1, updated_at = $6
             where id = $1 and version = $2 returning version",
        )
        .bind(board.id.as_i64())
        .bind(board.version)
        .bind(&board.title)
        .bind(&board.cards)
        .bind(&board.settings)
        .bind(board.updated_at.as_i64())
        .fetch_optional(&self.write)
        .await?
        .ok_or(Error::Stale)?;
        Ok(row.try_get("version")?)
    }

    /// Removes a storyboard; what was made from it stays.
    pub async fn remove_storyboard(&self, id: StoryboardId) -> Result<()> {
        sqlx::query("delete from storyboard where id = $1 and ($2 is null or person_id = $2)")
            .bind(id.as_i64())
            .bind(self.eyes.map(PersonId::as_i64))
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
