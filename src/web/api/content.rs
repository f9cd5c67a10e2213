//! `GET /v1/videos/{video}/content`: the file of a video, its still, or its frames on one sheet.

use axum::extract::Path;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use super::error::ApiError;
use super::videos::own;
use crate::domain::State;
use crate::files::Files;
use crate::helper::Task;
use crate::store::clips::Clip;
use crate::web::App;
use crate::web::file;
use crate::web::form::Query;
use crate::web::serve::{self, Served};

/// Which file of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Which {
    variant: Option<String>,
}

fn not_ready(clip: &Clip) -> ApiError {
    let words = match clip.state {
        State::Failed | State::Canceled => "This video failed, so that there is no content. Retrieve it to see why.",
        State::Uncertain => {
            "Nobody knows yet whether this video was made. Rushes looks for it; decide on its page if you know more."
        }
        State::Queued | State::Submitting | State::InProgress | State::Downloading | State::Completed => {
            "Video is not ready yet. Retrieve it until its status is completed."
        }
    };
    ApiError::new(StatusCode::NOT_FOUND, "video_not_ready", words)
}

/// `GET /v1/videos/{video}/content?variant=video|thumbnail|spritesheet`
pub async fn show(
    app: App,
    method: Method,
    headers: HeaderMap,
    Path(video): Path<String>,
    which: Result<Query<Which>, crate::web::error::Error>,
) -> Result<Response, ApiError> {
    let Query(which) = which?;
    let clip = own(&app, &video).await?;
    let Some(kept) = clip.file.as_ref().filter(|_| clip.state == State::Completed) else {
        return Err(not_ready(&clip));
    };
    let etag = format!("\"{}\"", kept.sha256);
    let (relative, mime) = match which.variant.as_deref().unwrap_or("video") {
        "video" | "" => (kept.path.clone(), file::mime(&kept.mime)),
        "thumbnail" => {
            let still = clip.poster.clone().filter(|path| !path.is_empty());
            let words = "The still of this video is not drawn yet. Ask again in a moment.";
            (still.ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "not_ready", words))?, file::poster_mime(&clip))
        }
        "spritesheet" => return sheet(&app, &clip, &method, &headers).await,
        _ => {
            let words = "variant is video, thumbnail or spritesheet.";
            return Err(ApiError::field("variant", "invalid_value", words));
        }
    };
    let name = format!("video_{}.{}", clip.id, relative.rsplit('.').next().unwrap_or("mp4"));
    let served = Served { mime, etag, download_as: Some(&name), immutable: false };
    sent(serve::file(&method, &headers, &app.studio.files.at(&relative), served).await)
}

fn sent(answer: Result<Response, serve::NotServed>) -> Result<Response, ApiError> {
    answer.map_err(|error| match error {
        serve::NotServed::Missing => {
            let words =
                "The file of this video is not where it was kept. Whoever runs the server can run rushes doctor.";
            ApiError::new(StatusCode::NOT_FOUND, "file_missing", words)
        }
        serve::NotServed::Unreadable(error) => crate::web::error::Error::Internal(error.into()).into(),
    })
}

/// Frames of the whole video on one sheet, drawn when it is first asked for.
async fn sheet(app: &App, clip: &Clip, method: &Method, headers: &HeaderMap) -> Result<Response, ApiError> {
    let Some(kept) = &clip.file else { return Err(not_ready(clip)) };
    let relative = Files::sheet_path(clip.id);
    let (from, to) = (app.studio.files.at(&kept.path), app.studio.files.at(&relative));
    if !tokio::fs::try_exists(&to).await.unwrap_or(false) {
        let _alone = app.limits.alone(&relative).await;
        let task = Task::Sheet { clip: from, out: to.clone() };
        if app.studio.helper.moment(task).await.is_err() {
            let words = "No frames could be read from this video, so that there is no spritesheet of it.";
            return Err(ApiError::new(StatusCode::NOT_FOUND, "no_spritesheet", words));
        }
    }
    let etag = format!("\"{}-sheet\"", kept.sha256);
    let name = format!("video_{}_sheet.jpg", clip.id);
    let served = Served { mime: "image/jpeg", etag, download_as: Some(&name), immutable: false };
    sent(serve::file(method, headers, &to, served).await)
}
