//! Styles: those that come with Rushes, one's own, and those that others share.

use axum::extract::{Multipart, Path};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::App;
use super::error::Error;
use super::file;
use super::form::{self, Id};
use super::present::styles;
use super::view::Section;
use super::view::presets::{Card, PresetForm, PresetsPage};
use super::wants::{Wants, page};
use crate::domain::{PresetId, making};
use crate::store::presets::Preset;
use crate::studio::{BadStyle, StyleForm, Upload, handle};

/// What was typed for one style, and what is wrong with it; for none, the empty form is the new one's.
#[derive(Default)]
struct Desk {
    of: Option<PresetId>,
    form: StyleForm,
    errors: [Option<String>; 3],
}

impl Desk {
    fn form(&self) -> PresetForm {
        let [name_error, text_error, picture_error] = self.errors.clone();
        PresetForm {
            name: self.form.name.clone(),
            text: self.form.text.clone(),
            is_shared: self.form.is_shared,
            name_error,
            text_error,
            picture_error,
        }
    }
}

fn card(preset: &Preset, wants: &Wants, desk: &Desk) -> Card {
    let is_own = preset.person == wants.person;
    let typed = (desk.of == Some(preset.id)).then(|| desk.form());
    let kept = PresetForm {
        name: preset.name.clone(),
        text: preset.text.clone(),
        is_shared: preset.is_shared,
        ..PresetForm::default()
    };
    Card {
        key: preset.id.to_string(),
        name: preset.name.clone(),
        text: preset.text.clone(),
        picture: styles::picture(preset),
        handle: Some(handle(&preset.name)),
        is_open: typed.is_some(),
        edit: is_own.then(|| typed.unwrap_or(kept)),
    }
}

async fn whole(app: &App, wants: &Wants, desk: &Desk) -> Result<Response, Error> {
    let own = app.studio.store.presets(wants.person).await?;
    let built_in = making::STYLES.into_iter().map(|(key, name, text)| Card {
        key: key.to_owned(),
        name: name.to_owned(),
        text: text.to_owned(),
        picture: Some(super::view::static_url(&format!("presets/{key}.webp"))),
        handle: None,
        is_open: false,
        edit: None,
    });
    let new = if desk.of.is_none() { desk.form() } else { PresetForm::default() };
    page(&PresetsPage {
        frame: app.frame("Styles", Section::Elsewhere, wants, "/presets", "bell").await?,
        own: own.iter().map(|preset| card(preset, wants, desk)).collect(),
        built_in: built_in.collect(),
        new,
    })
}

/// `GET /presets`
pub async fn show(app: App, wants: Wants) -> Result<Response, Error> {
    whole(&app, &wants, &Desk::default()).await
}

async fn read(app: &App, mut form: Multipart) -> Result<(StyleForm, Option<Upload>), Error> {
    let (mut typed, mut picture) = (StyleForm::default(), None);
    while let Some(part) = form.next_field().await.map_err(|error| form::broken(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "picture" {
            picture = form::receive(app, part).await?.or(picture);
            continue;
        }
        let (value, _) = form::text(part).await?;
        match name.as_str() {
            "name" => typed.name = value,
            "text" => typed.text = value,
            "shared" => typed.is_shared = value == "1",
            _ => {}
        }
    }
    Ok((typed, picture))
}

async fn keep(app: &App, wants: &Wants, of: Option<PresetId>, form: Multipart) -> Result<Response, Error> {
    let (form, picture) = read(app, form).await?;
    match app.studio.keep_style(wants.person, of, &form, picture).await {
        Ok(_) => Ok(wants.go("/presets")),
        Err(BadStyle::Invalid(errors)) => {
            let answer = whole(app, wants, &Desk { of, form, errors }).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
        }
        Err(BadStyle::Other(error)) => Err(error.into()),
        Err(BadStyle::Disk(error)) => Err(error.into()),
    }
}

/// `POST /presets`: a new style.
pub async fn add(app: App, wants: Wants, form: Multipart) -> Result<Response, Error> {
    keep(&app, &wants, None, form).await
}

/// `POST /presets/{preset}`: changes one's own.
pub async fn change(app: App, wants: Wants, Id(id): Id<PresetId>, form: Multipart) -> Result<Response, Error> {
    keep(&app, &wants, Some(id), form).await
}

/// `POST /presets/{preset}/remove`
pub async fn remove(app: App, wants: Wants, Id(id): Id<PresetId>) -> Result<Response, Error> {
    app.studio.remove_style(wants.person, id).await?;
    Ok(wants.go("/presets"))
}

/// `GET /presets/{preset}/{file}`: its picture.
pub async fn picture(
    app: App,
    wants: Wants,
    method: Method,
    headers: HeaderMap,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Error> {
    let id: PresetId = id.parse().map_err(|_| Error::NotFound)?;
    let preset = app.studio.store.preset(id).await?.filter(|preset| preset.is_shared || preset.person == wants.person);
    let path = preset.and_then(|preset| preset.picture).filter(|path| path.ends_with(&format!("/{name}")));
    file::picture(&app, &method, &headers, path.as_deref().ok_or(Error::NotFound)?).await
}
