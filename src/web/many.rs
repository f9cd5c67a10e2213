//! Many prompts at once: a list or a file, a look at what it makes and costs, and then Create.

use axum::extract::Multipart;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::App;
use super::error::Error;
use super::form;
use super::present::composer::{self, Palette};
use super::present::cost;
use super::view::Section;
use super::view::queue::{ManyPage, ManyRow, Preview};
use super::wants::{Wants, page};
use crate::studio::{Batch, BatchRow, CreateError, Submission};

/// Rows that are listed; wrong ones always are, up to this number again.
const LISTED: usize = 30;

/// What is shown.
#[derive(Default)]
struct Desk {
    token: String,
    text: String,
    error: Option<String>,
    preview: Option<Preview>,
    form: Submission,
}

async fn whole(app: &App, wants: &Wants, desk: Desk) -> Result<Response, Error> {
    let token = if desk.token.is_empty() { format!("{:032x}", rand::random::<u128>()) } else { desk.token };
    let palette = Palette::of(&app.studio, wants.person, &desk.form).await?;
    let view = ManyPage {
        frame: app.frame("Add many", Section::Queue, wants, "/many", "bell").await?,
        token,
        text: desk.text,
        error: desk.error,
        settings: composer::settings(&palette, &desk.form, &[]),
        preview: desk.preview,
    };
    page(&view)
}

/// `GET /many`
pub async fn show(app: App, wants: Wants) -> Result<Response, Error> {
    whole(&app, &wants, Desk::default()).await
}

fn row(row: &BatchRow) -> ManyRow {
    let choice = row.choice.as_ref();
    ManyRow {
        line: row.line,
        prompt: super::present::activity::short(&row.prompt),
        settings: choice.map_or(String::new(), |choice| {
            let (aspect, resolution) = (choice.size.aspect(), choice.size.resolution());
            format!("{} · {aspect} · {resolution} · {} s · ×{}", choice.model.label, choice.seconds, choice.variations)
        }),
        cost: choice
            .map_or(String::new(), |choice| cost::price(choice.each().map(|each| each.each(choice.variations)))),
        problem: row.problem.clone(),
    }
}

fn preview(batch: &Batch) -> Preview {
    let wrong: Vec<&BatchRow> = batch.rows.iter().filter(|row| row.problem.is_some()).collect();
    let clips = batch.clips();
    let plural = |many: usize, word: &str| if many == 1 { format!("1 {word}") } else { format!("{many} {word}s") };
    let total = cost::price(batch.cost());
    let clip_words = plural(usize::try_from(clips).unwrap_or(usize::MAX), "clip");
    let shown: Vec<&BatchRow> = if wrong.is_empty() {
        batch.rows.iter().take(LISTED).collect()
    } else {
        wrong.iter().take(LISTED).copied().collect()
    };
    let of = if wrong.is_empty() { batch.rows.len() } else { wrong.len() };
    let price = batch.cost().filter(|cost| !cost.is_zero()).map_or(String::new(), |cost| format!(" · {cost}"));
    Preview {
        summary: format!("{}, {clip_words}", plural(batch.rows.len(), "prompt")),
        total,
        hidden: of.saturating_sub(shown.len()),
        rows: shown.into_iter().map(row).collect(),
        confirm: wrong.is_empty().then(|| format!("Create {clip_words}{price}")),
        error: (!wrong.is_empty()).then(|| {
            let lines = plural(wrong.len(), "prompt");
            format!("{lines} cannot be sent as they are. Change them above, or take them out; nothing was sent.")
        }),
    }
}

/// `POST /many`: shows what it makes; with a yes, makes it.
pub async fn send(app: App, wants: Wants, form: Multipart) -> Result<Response, Error> {
    let typed = form::many(form).await?;
    let mut desk =
        Desk { token: typed.token.clone(), text: typed.text.clone(), form: typed.form.clone(), ..Desk::default() };
    let bytes = typed.file.as_deref().unwrap_or(typed.text.as_bytes());
    let batch = match app.studio.read_batch(bytes, &typed.form) {
        Ok(batch) => batch,
        Err(error) => {
            desk.error = Some(error.to_string());
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, whole(&app, &wants, desk).await?).into_response());
        }
    };
    if typed.file.is_some() {
        // From now on the text is what counts: a browser does not send a chosen file twice.
        desk.text.clone_from(&batch.text);
    }
    let shown = preview(&batch);
    if !typed.confirm || shown.confirm.is_none() || typed.token.is_empty() || typed.token.len() > 64 {
        let status = if batch.is_sound() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        desk.preview = Some(shown);
        return Ok((status, whole(&app, &wants, desk).await?).into_response());
    }
    let (studio, token, person) = (app.studio.clone(), typed.token.clone(), wants.person);
    // Its own task: a browser that goes away half-way must not leave half a batch behind.
    let made = app.tasks.spawn(async move { studio.create_batch(person, &batch, &token).await }).await;
    match made.map_err(|error| Error::Internal(error.into()))? {
        Ok(_) => Ok(wants.go("/queue")),
        Err(CreateError::Store(error)) => Err(error.into()),
        Err(CreateError::Image(error)) => Err(error.into()),
        Err(CreateError::Invalid(problems)) => match problems.first() {
            Some(problem) => {
                desk.error = Some(problem.words.clone());
                desk.preview = Some(shown);
                Ok((StatusCode::UNPROCESSABLE_ENTITY, whole(&app, &wants, desk).await?).into_response())
            }
            None => Err(Error::Conflict),
        },
    }
}
