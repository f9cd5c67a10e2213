//! Storyboards: shots over time. One form holds the whole board, so that every button works without
//! script and nothing typed is lost.

use axum::extract::{Multipart, Path};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::App;
use super::compose;
use super::error::Error;
use super::file;
use super::form::{self, Id};
use super::present::composer::{self, Palette};
use super::present::time::when;
use super::view::storyboard::{self as view, BoardPage, BoardsPage, Entry, Shot};
use super::view::{Message, Section};
use super::wants::{Wants, page};
use crate::domain::StoryboardId;
use crate::domain::storyboard::{Board, Card, Fault, Refused, seconds};
use crate::studio::{self, CreateError, Field, NotMade, Opened, Problem, Studio, Submission, Upload};
use crate::upstream::animatic;

/// Boards of the list.
const LISTED: u32 = 100;
/// A new shot's length in milliseconds.
const NEW_MS: u32 = 2_000;

/// One card as it came.
#[derive(Default)]
struct Typed {
    text: String,
    seconds: String,
    image_key: String,
    upload: Option<Upload>,
}

/// The whole form.
#[derive(Default)]
struct Desk {
    title: String,
    version: i64,
    token: String,
    act: String,
    cards: Vec<Typed>,
    settings: Submission,
}

/// What is wrong with what came.
#[derive(Default)]
struct Faults {
    of_cards: Vec<(usize, String)>,
    whole: Option<String>,
    settings: Vec<Problem>,
}

impl Faults {
    fn of(words: impl Into<String>) -> Self {
        Self { whole: Some(words.into()), ..Self::default() }
    }

    fn is_any(&self) -> bool {
        !self.of_cards.is_empty() || self.whole.is_some() || !self.settings.is_empty()
    }
}

async fn read(app: &App, mut form: Multipart) -> Result<Desk, Error> {
    let mut desk = Desk::default();
    while let Some(part) = form.next_field().await.map_err(|error| form::broken(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "image" {
            if let (Some(upload), Some(card)) = (form::receive(app, part).await?, desk.cards.last_mut()) {
                card.upload = Some(upload);
            }
            continue;
        }
        let (value, _) = form::text(part).await?;
        match (name.as_str(), desk.cards.last_mut()) {
            // The fields of a card begin with its words.
            ("text", _) => desk.cards.push(Typed { text: value.replace("\r\n", "\n"), ..Typed::default() }),
            ("shot_seconds", Some(card)) => card.seconds = value,
            ("image_key", Some(card)) => card.image_key = value,
            ("title", _) => desk.title = value,
            ("version", _) => desk.version = value.parse().unwrap_or_default(),
            ("token", _) => desk.token = value,
            ("do", _) => desk.act = value,
            (name, _) => drop(desk.settings.set(name, &value)),
        }
    }
    Ok(desk)
}

/// Seconds with one decimal, in milliseconds.
fn millis(text: &str) -> Option<u32> {
    let text = text.trim().replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part) {
        return None;
    }
    let whole: u32 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    Some(whole * 1000 + part.parse::<u32>().ok()?)
}

fn image_key(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The board as the form has it: pictures are kept at once, and only those that it had count by their key.
async fn cards(app: &App, kept: &Opened, typed: Vec<Typed>, faults: &mut Faults) -> Board {
    let had: Vec<String> = kept.board.cards.iter().filter_map(|card| card.image.clone()).collect();
    let mut board = Board::default();
    for (at, card) in typed.into_iter().enumerate() {
        let ms = millis(&card.seconds).filter(|ms| (1..=600_000).contains(ms));
        if ms.is_none() {
            faults.of_cards.push((at, "Write its length in seconds, for example 2.5.".to_owned()));
        }
        let mut image = had.iter().find(|path| image_key(path) == card.image_key).cloned();
        if let Some(upload) = card.upload {
            match app.studio.card_picture(kept.row.id, upload).await {
                Ok(path) => image = Some(path),
                Err(words) => faults.of_cards.push((at, words)),
            }
        }
        let text: String = card.text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        board.cards.push(Card { text, image, ..Card::new(ms.unwrap_or(NEW_MS)) });
    }
    board
}

/// One button's change.
fn change(board: &mut Board, act: &str, clip_seconds: u16) -> Result<(), Refused> {
    let (verb, at) = act.split_once(':').unwrap_or((act, ""));
    let place: usize = at.parse().unwrap_or(usize::MAX);
    match verb {
        "add" => board.add(place, Card::new(NEW_MS)),
        "remove" => board.remove(place).map(drop),
        "duplicate" => board.duplicate(place),
        "split" => board.split(place),
        "up" => board.shift(place, place.saturating_sub(1)),
        "down" => board.shift(place, place.saturating_add(1)),
        "unimage" => board.cards.get_mut(place).map(|card| card.image = None).ok_or(Refused::Gone),
        "fit" => {
            board.fit(u32::from(clip_seconds) * 1000);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn clip_seconds(settings: &Submission) -> u16 {
    settings.seconds.as_deref().and_then(|text| text.parse().ok()).unwrap_or(8)
}

async fn shown(
    app: &App,
    wants: &Wants,
    opened: &Opened,
    faults: &Faults,
    token: Option<&str>,
) -> Result<view::Board, Error> {
    let palette = Palette::of(&app.studio, wants.person, &opened.settings).await?;
    let settings = composer::settings(&palette, &opened.settings, &faults.settings);
    let board = &opened.board;
    let shot = |((at, card), (start, end)): ((usize, &Card), (u32, u32))| Shot {
        text: card.text.clone(),
        seconds: seconds(card.ms),
        times: format!("{}–{} s", seconds(start), seconds(end)),
        span: (start, card.ms),
        image: card.image.as_deref().map(|path| format!("/storyboards/{}/{}", opened.row.id, image_key(path))),
        image_key: card.image.as_deref().map(image_key).unwrap_or_default().to_owned(),
        error: faults.of_cards.iter().find(|(card, _)| *card == at).map(|(_, words)| words.clone()),
    };
    let clip = settings.seconds.value().to_owned();
    let total_ms = board.total_ms();
    let price = match settings.cost.total.as_str() {
        "" => String::new(),
        total => format!(" · {total}"),
    };
    Ok(view::Board {
        id: opened.row.id.to_string(),
        title: opened.row.title.clone(),
        version: opened.row.version,
        token: token.map_or_else(|| format!("{:032x}", rand::random::<u128>()), str::to_owned),
        shots: board.cards.iter().enumerate().zip(board.times()).map(shot).collect(),
        total_ms,
        total: format!("{} s", seconds(total_ms)),
        is_even: clip.parse::<u32>().is_ok_and(|clip| clip * 1000 == total_ms) || board.cards.is_empty(),
        clip,
        error: faults.whole.clone(),
        open: !faults.settings.is_empty(),
        settings,
        compiled: board.compile(),
        create: format!("Create{price}"),
    })
}

async fn answer(
    app: &App,
    wants: &Wants,
    opened: &Opened,
    faults: &Faults,
    token: Option<&str>,
    status: StatusCode,
) -> Result<Response, Error> {
    let board = shown(app, wants, opened, faults, token).await?;
    if wants.partial {
        let said = if faults.is_any() { "The storyboard needs a change." } else { "Saved." };
        return Ok((status, Message::new().board(&board).say(said)).into_response());
    }
    let path = format!("/storyboards/{}", opened.row.id);
    let frame = app.frame("Storyboard", Section::Elsewhere, wants, &path, "bell").await?;
    Ok((status, page(&BoardPage { frame, board })?).into_response())
}

/// `GET /storyboards`
pub async fn list(app: App, wants: Wants) -> Result<Response, Error> {
    let now = app.studio.clock.now();
    let entry = |opened: Opened| {
        let many = opened.board.cards.len();
        let shots = if many == 1 { "1 shot".to_owned() } else { format!("{many} shots") };
        let image = opened.board.cards.iter().find_map(|card| card.image.as_deref());
        Entry {
            id: opened.row.id.to_string(),
            title: if opened.row.title.is_empty() { "Untitled".to_owned() } else { opened.row.title },
            facts: format!("{shots} · {} s", seconds(opened.board.total_ms())),
            when: when(opened.row.updated_at, now),
            image: image.map(|path| format!("/storyboards/{}/{}", opened.row.id, image_key(path))),
        }
    };
    let boards = app.studio.boards(LISTED).await?.into_iter().map(entry).collect();
    let frame = app.frame("Storyboards", Section::Elsewhere, &wants, "/storyboards", "bell").await?;
    page(&BoardsPage { frame, boards })
}

/// `POST /storyboards`: a new one.
pub async fn add(app: App, wants: Wants) -> Result<Response, Error> {
    let settings = compose::last_settings(&app, wants.person).await?;
    let id = app.studio.new_board(wants.person, &settings).await?;
    Ok(wants.go(&format!("/storyboards/{id}")))
}

/// `GET /storyboards/{storyboard}`
pub async fn show(app: App, wants: Wants, Id(id): Id<StoryboardId>) -> Result<Response, Error> {
    let opened = app.studio.board(id).await?;
    answer(&app, &wants, &opened, &Faults::default(), None, StatusCode::OK).await
}

/// `POST /storyboards/{storyboard}`: keeps the board, with one button's change; or makes a clip of it.
pub async fn change_board(
    app: App,
    wants: Wants,
    Id(id): Id<StoryboardId>,
    form: Multipart,
) -> Result<Response, Error> {
    let desk = read(&app, form).await?;
    let mut opened = app.studio.board(id).await?;
    let mut faults = Faults::default();
    opened.board = cards(&app, &opened, desk.cards, &mut faults).await;
    opened.row.title = Studio::board_title(&desk.title);
    opened.row.version = desk.version;
    opened.settings = desk.settings;
    if let Err(refused) = change(&mut opened.board, &desk.act, clip_seconds(&opened.settings)) {
        faults.whole = Some(refused.to_string());
    }
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    opened = match app.studio.keep_board(opened.clone()).await {
        Ok(kept) => kept,
        Err(studio::Error::Conflict) => {
            let words = "Somebody changed this storyboard in the meantime. What you have here is not kept yet: press \
                         Save to keep it instead of theirs, or reload the page to see theirs.";
            opened.row.version = app.studio.board(id).await?.row.version;
            return answer(&app, &wants, &opened, &Faults::of(words), None, StatusCode::CONFLICT).await;
        }
        Err(error) => return Err(error.into()),
    };
    let model = match desk.act.as_str() {
        "rehearse" => Some(animatic::ID),
        "create" => None,
        _ => {
            let status = if faults.is_any() { unprocessable } else { StatusCode::OK };
            return answer(&app, &wants, &opened, &faults, None, status).await;
        }
    };
    if !faults.is_any() {
        let (studio, board, token, person) = (app.studio.clone(), opened.clone(), desk.token.clone(), wants.person);
        // Its own task: a browser that goes away half-way must not leave half a task behind.
        let made = app.tasks.spawn(async move { studio.make_board(person, &board, model, Some(&token)).await }).await;
        match made.map_err(|error| Error::Internal(error.into()))? {
            Ok(task) => return Ok(wants.go(&format!("/t/{task}"))),
            Err(NotMade::Unfinished(found)) => {
                for Fault { card, words } in found {
                    match card {
                        Some(card) => faults.of_cards.push((card, words)),
                        None => faults.whole = Some(words),
                    }
                }
            }
            Err(NotMade::Create(CreateError::Invalid(problems))) => {
                let (menus, other): (Vec<_>, Vec<_>) = problems.into_iter().partition(|problem| {
                    !matches!(problem.field, Field::Prompt | Field::Image | Field::LastImage | Field::References)
                });
                faults.whole = other.into_iter().next().map(|problem| problem.words);
                faults.settings = menus;
            }
            Err(NotMade::Create(CreateError::Store(error))) => return Err(error.into()),
            Err(NotMade::Create(CreateError::Image(error))) => return Err(error.into()),
        }
    }
    answer(&app, &wants, &opened, &faults, Some(&desk.token), unprocessable).await
}

/// `POST /storyboards/{storyboard}/duplicate`
pub async fn duplicate(app: App, wants: Wants, Id(id): Id<StoryboardId>) -> Result<Response, Error> {
    let copy = app.studio.copy_board(wants.person, id).await?;
    Ok(wants.go(&format!("/storyboards/{copy}")))
}

/// `POST /storyboards/{storyboard}/remove`
pub async fn remove(app: App, wants: Wants, Id(id): Id<StoryboardId>) -> Result<Response, Error> {
    app.studio.remove_board(id).await?;
    Ok(wants.go("/storyboards"))
}

/// `GET /storyboards/{storyboard}/{file}`: a picture of a card.
pub async fn picture(
    app: App,
    method: Method,
    headers: HeaderMap,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Error> {
    let id: StoryboardId = id.parse().map_err(|_| Error::NotFound)?;
    let opened = app.studio.board(id).await?;
    let path = opened.board.cards.iter().filter_map(|card| card.image.as_deref()).find(|path| image_key(path) == name);
    file::picture(&app, &method, &headers, path.ok_or(Error::NotFound)?).await
}
