//! Storyboards: kept as they are written, and made into clips when they are sound.

use super::create::{CreateError, Field, Problem, Submission};
use super::pictures::{Checked, Pictures, Upload, check};
use super::{Error, Studio};
use crate::domain::storyboard::{Board, Card, Fault};
use crate::domain::{PersonId, StoryboardId, TaskId};
use crate::files::Files;
use crate::store;
use crate::store::storyboards::Storyboard;

/// The most characters of a title.
const LONGEST_TITLE: usize = 120;

/// A storyboard with its cards read.
#[derive(Debug, Clone)]
pub struct Opened {
    /// As it is kept.
    pub row: Storyboard,
    /// Its cards.
    pub board: Board,
    /// Its settings.
    pub settings: Submission,
}

/// Why a board was not made into a clip.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// The board has faults.
    #[error("the storyboard is not finished")]
    Unfinished(Vec<Fault>),
    /// Its settings or its picture have.
    #[error(transparent)]
    Create(#[from] CreateError),
}

fn opened(row: Storyboard) -> Opened {
    let board = serde_json::from_str(&row.cards).unwrap_or_default();
    let settings = serde_json::from_str(&row.settings).unwrap_or_default();
    Opened { row, board, settings }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

impl Studio {
    /// A new board of two empty shots, with the settings that were chosen last.
    pub async fn new_board(&self, person: PersonId, settings: &Submission) -> Result<StoryboardId, store::Error> {
        let now = self.clock.now();
        let id = StoryboardId::new(now, rand::random());
        let ms = settings.seconds.as_deref().and_then(|text| text.parse::<u32>().ok()).unwrap_or(8).min(600) * 500;
        let board = Board { cards: vec![Card::new(ms), Card::new(ms)] };
        let seconds = settings.seconds.clone().or_else(|| Some("8".to_owned()));
        let settings = Submission { seconds, ..settings.settings() };
        self.keep_new(id, person, String::new(), &board, &settings).await?;
        Ok(id)
    }

    async fn keep_new(
        &self,
        id: StoryboardId,
        person: PersonId,
        title: String,
        board: &Board,
        settings: &Submission,
    ) -> Result<(), store::Error> {
        let (cards, settings) = (json(board), json(settings));
        let row = Storyboard { id, person, title, cards, settings, version: 1, updated_at: self.clock.now() };
        self.store.add_storyboard(&row).await
    }

    /// A copy of a board, pictures and all.
    pub async fn copy_board(&self, person: PersonId, id: StoryboardId) -> Result<StoryboardId, Error> {
        let mut from = self.board(id).await?;
        let copy = StoryboardId::new(self.clock.now(), rand::random());
        for card in &mut from.board.cards {
            if let Some(path) = &card.image {
                let picture = self.copied(path).await.map_err(|error| Error::Unfit(lost(&error)))?;
                card.image = Some(self.place_card(copy, picture).await.map_err(|error| Error::Unfit(lost(&error)))?);
            }
        }
        let title = if from.row.title.is_empty() { String::new() } else { format!("{} (copy)", from.row.title) };
        self.keep_new(copy, person, title, &from.board, &from.settings).await?;
        Ok(copy)
    }

    /// A board as it is kept.
    pub async fn board(&self, id: StoryboardId) -> Result<Opened, Error> {
        self.store.storyboard(id).await?.map(opened).ok_or(Error::NotFound)
    }

    /// The boards that were changed last.
    pub async fn boards(&self, limit: u32) -> Result<Vec<Opened>, store::Error> {
        Ok(self.store.storyboards(limit).await?.into_iter().map(opened).collect())
    }

    /// A board's title as it is kept.
    pub fn board_title(text: &str) -> String {
        let line: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
        line.chars().filter(|c| !c.is_control()).take(LONGEST_TITLE).collect::<String>().trim().to_owned()
    }

    /// Keeps what a board became; `Conflict` when somebody changed it meanwhile. Pictures that no card has
    /// any more go.
    pub async fn keep_board(&self, mut board: Opened) -> Result<Opened, Error> {
        let before = self.board(board.row.id).await?;
        (board.row.cards, board.row.settings) = (json(&board.board), json(&board.settings));
        board.row.updated_at = self.clock.now();
        board.row.version = self.store.change_storyboard(&board.row).await?;
        self.drop_pictures(&before.board, Some(&board.board)).await;
        Ok(board)
    }

    async fn drop_pictures(&self, before: &Board, after: Option<&Board>) {
        for path in before.cards.iter().filter_map(|card| card.image.as_ref()) {
            let kept = after.is_some_and(|board| board.cards.iter().any(|card| card.image.as_ref() == Some(path)));
            if !kept {
                let _ = tokio::fs::remove_file(self.files.at(path)).await;
            }
        }
    }

    /// Removes a board; what was made from it stays.
    pub async fn remove_board(&self, id: StoryboardId) -> Result<(), Error> {
        let board = self.board(id).await?;
        self.store.remove_storyboard(id).await?;
        self.drop_pictures(&board.board, None).await;
        Ok(())
    }

    /// Keeps a picture for a card; where it lies, or a sentence.
    pub async fn card_picture(&self, id: StoryboardId, upload: Upload) -> Result<String, String> {
        let mut problems = super::choice::Problems::default();
        let picture = check(upload, Field::Image, &mut problems).await;
        let words = problems.0.into_iter().next().map(|Problem { words, .. }| words);
        let picture = picture.ok_or_else(|| words.unwrap_or_default())?;
        self.place_card(id, picture).await.map_err(|error| lost(&error))
    }

    async fn place_card(&self, id: StoryboardId, (incoming, extension): Checked) -> std::io::Result<String> {
        let relative = Files::card_path(id, rand::random(), extension);
        let (files, to) = (self.files.clone(), relative.clone());
        tokio::task::spawn_blocking(move || files.settle(incoming.path(), &to))
            .await
            .unwrap_or_else(|_| Err(std::io::Error::other("the picture was lost")))?;
        Ok(relative)
    }

    /// The same for a model that may lack its shape or resolution: a rehearsal takes the usual one then.
    fn fitting(&self, mut form: Submission) -> Submission {
        let models = self.models();
        let Some(model) = models.iter().find(|model| model.is_animatic && form.model.as_ref() == Some(&model.key))
        else {
            return form;
        };
        form.aspect = form.aspect.filter(|aspect| model.aspects().contains(aspect));
        let shape = form.aspect.clone().unwrap_or_else(|| "16:9".to_owned());
        form.resolution = form.resolution.filter(|resolution| model.resolutions(&shape).contains(resolution));
        (form.negative, form.audio) = (None, None);
        form
    }

    /// Makes a clip of a board: one timed prompt, and the first card's picture as its first frame.
    pub async fn make_board(
        &self,
        person: PersonId,
        board: &Opened,
        model: Option<&str>,
        token: Option<&str>,
    ) -> Result<TaskId, NotMade> {
        let form = Submission {
            prompt: board.board.compile(),
            model: model.map(str::to_owned).or_else(|| board.settings.model.clone()),
            token: token.map(str::to_owned),
            storyboard: Some(board.row.id),
            ..board.settings.clone()
        };
        let form = self.fitting(form);
        // The length is the clip's; which model draws it says what it can be.
        let seconds = form.seconds.as_deref().and_then(|text| text.parse().ok()).unwrap_or_default();
        let faults = board.board.check(seconds);
        if !faults.is_empty() {
            return Err(NotMade::Unfinished(faults));
        }
        let mut pictures = Pictures::default();
        if let Some(path) = board.board.cards.first().and_then(|card| card.image.as_ref()) {
            let (incoming, _) = self.copied(path).await.map_err(CreateError::Image)?;
            pictures.first = Some(Upload::Received(incoming));
        }
        Ok(self.create(person, &form, pictures).await?)
    }
}

fn lost(error: &std::io::Error) -> String {
    format!("The picture could not be kept: {error}.")
}
