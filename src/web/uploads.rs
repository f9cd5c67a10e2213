//! Uploads: files of one's own, received one after the other at constant memory.

use axum::extract::Multipart;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::App;
use super::error::Error;
use super::form;
use super::library::{self, Desk};
use super::shelf::{Address, Shelf};
use super::view::shelf::UploadForm;
use super::wants::{Wants, page};
use crate::store::library::{From, Scope};
use crate::studio::BadUpload;

/// `POST /uploads`
pub async fn receive(app: App, wants: Wants, mut form: Multipart) -> Result<Response, Error> {
    let mut errors = Vec::new();
    let mut many = 0_u32;
    while let Some(received) = form::next_file(&app, &mut form).await? {
        many += 1;
        let (name, brought) = match received {
            form::File::Received(brought) => (brought.name.clone(), brought),
            form::File::TooLarge(name) => {
                errors.push(format!("{name} is larger than 2 GB. Nothing of it was kept."));
                continue;
            }
            form::File::Empty(name) => {
                errors.push(format!("{name} is empty."));
                continue;
            }
        };
        match app.studio.bring(wants.person, brought).await {
            Ok(_) => {}
            Err(BadUpload::Unfit(words)) => errors.push(format!("{name} was not kept. {words}")),
            Err(BadUpload::Disk(error)) => return Err(error.into()),
            Err(BadUpload::Store(error)) => return Err(error.into()),
        }
    }
    if many == 0 {
        errors.push("Choose a file first.".to_owned());
    }
    if errors.is_empty() {
        return Ok(wants.go("/uploads"));
    }
    let shelf = Shelf::read(Scope::Uploads, None, &Address::default());
    let mut whole = library::whole(&app, &wants, &shelf, From::Front, &Desk::default()).await?;
    whole.upload = Some(UploadForm { errors });
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&whole)?).into_response())
}
