//! The error envelope of the API, as the SDKs read it: `error.message`, `type`, `param`, `code`.
//! Shape and codes as in OpenAI's API reference; how SDKs act on them was probed with openai-python 3.54 and
//! openai-node 7.57.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::studio::{CreateError, Field, Problem};
use crate::web::error::Error;
use crate::{store, studio};

/// Tells an SDK that it must not send the same again by itself.
pub const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// What went wrong, in the words of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The status.
    pub status: StatusCode,
    /// A sentence that says what to do.
    pub message: String,
    /// The field that is wrong, as it was sent.
    pub param: Option<String>,
    /// For programs.
    pub code: &'static str,
    /// When to come back.
    pub retry_after: Option<Duration>,
}

/// The envelope.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub struct Envelope {
    /// What went wrong.
    pub error: Inner,
}

/// What went wrong.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ErrorBody")]
pub struct Inner {
    /// A sentence that says what to do.
    pub message: String,
    /// What kind of error it is: `invalid_request_error`, `rate_limit_error`, `server_error` and so on.
    pub r#type: &'static str,
    /// The field that is wrong, as it was sent.
    pub param: Option<String>,
    /// For programs.
    pub code: Option<String>,
}

impl ApiError {
    /// An error with a code and a sentence.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), param: None, code, retry_after: None }
    }

    /// A field that is not right.
    pub fn field(param: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { param: Some(param.to_owned()), ..Self::new(StatusCode::BAD_REQUEST, code, message) }
    }

    /// There is no such video, or it is somebody else's: the two are not told apart.
    pub fn no_video() -> Self {
        Self::new(StatusCode::NOT_FOUND, "video_not_found", "There is no such video, or this key may not see it.")
    }

    fn kind(&self) -> &'static str {
        match self.status.as_u16() {
            401 => "authentication_error",
            403 => "permission_error",
            429 if self.code == "insufficient_quota" => "insufficient_quota",
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let envelope = Envelope {
            error: Inner {
                r#type: self.kind(),
                message: self.message,
                param: self.param,
                code: (!self.code.is_empty()).then(|| self.code.to_owned()),
            },
        };
        let mut response = (self.status, Json(envelope)).into_response();
        let headers = response.headers_mut();
        if let Some(pause) = self.retry_after {
            let seconds = pause.as_secs().max(1).to_string();
            if let Ok(value) = HeaderValue::from_str(&seconds) {
                headers.insert(header::RETRY_AFTER, value);
            }
        } else if !matches!(self.status.as_u16(), 502..=504) {
            // SDKs send 409, 429 and 5xx again by themselves: a POST among them could pay twice.
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// What pages say, in the envelope: `title` and `text` of an error page.
pub fn of_page(status: StatusCode, title: &str, text: &str) -> ApiError {
    let (status, code) = match status.as_u16() {
        404 => (status, "not_found"),
        405 => (status, "method_not_allowed"),
        409 => (StatusCode::CONFLICT, "conflict"),
        413 => (status, "request_too_large"),
        421 => (StatusCode::MISDIRECTED_REQUEST, "wrong_host"),
        403 => (status, "forbidden"),
        408 => (status, "request_timeout"),
        503 => (status, "busy"),
        507 => (StatusCode::INSUFFICIENT_STORAGE, "disk_full"),
        500.. => (status, "server_error"),
        _ => (StatusCode::BAD_REQUEST, "invalid_request"),
    };
    let message = match status.as_u16() {
        404 => "There is nothing at this address. See /docs/api for those there are.".to_owned(),
        405 => "This address takes other methods. See /docs/api.".to_owned(),
        _ => format!("{title}. {text}"),
    };
    ApiError::new(status, code, message)
}

impl From<store::Error> for ApiError {
    fn from(error: store::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<std::io::Error> for ApiError {
    fn from(error: std::io::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::no_video(),
            Error::Method => Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Use another method."),
            Error::Conflict => Self::new(
                StatusCode::BAD_REQUEST,
                "video_moved_on",
                "The video has moved on in the meantime. Retrieve it and decide again.",
            ),
            Error::BadRequest(words) => Self::new(StatusCode::BAD_REQUEST, "invalid_value", words),
            Error::Forbidden(words) | Error::Misdirected(words) => Self::new(StatusCode::FORBIDDEN, "forbidden", words),
            Error::NotYours(words) => Self::new(StatusCode::FORBIDDEN, "forbidden", words),
            Error::DiskFull => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "disk_full",
                "The disk of the server is full. Nothing was changed.",
            ),
            Error::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "The database is busy. Nothing was changed; try again in a few seconds.",
            ),
            Error::Internal(error) => {
                tracing::error!("a request of the API failed: {error:#}");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "server_error",
                    "Something broke here. The log of the server says more; name it the x-request-id.",
                )
            }
        }
    }
}

impl From<studio::Error> for ApiError {
    fn from(error: studio::Error) -> Self {
        if let studio::Error::Capped(words) = error {
            return Self::new(StatusCode::TOO_MANY_REQUESTS, "insufficient_quota", words);
        }
        Error::from(error).into()
    }
}

/// A field of the composer as the API calls it.
const fn param(field: Field) -> &'static str {
    match field {
        Field::Prompt => "prompt",
        Field::Model => "model",
        Field::Aspect | Field::Resolution => "size",
        Field::Seconds => "seconds",
        Field::Variations => "variations",
        Field::Image | Field::LastImage | Field::References => "input_reference",
        Field::Preset => "style",
        Field::Negative => "negative_prompt",
        Field::Seed => "seed",
        Field::Strength => "strength",
        Field::Quota => "",
    }
}

impl From<CreateError> for ApiError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Invalid(problems) => {
                let Some(Problem { field, words }) = problems.into_iter().next() else {
                    return Self::new(StatusCode::BAD_REQUEST, "invalid_request", "The request cannot be read.");
                };
                if field == Field::Quota {
                    return Self::new(StatusCode::TOO_MANY_REQUESTS, "insufficient_quota", words);
                }
                let code = if field == Field::Model { "model_not_found" } else { "invalid_value" };
                Self::field(param(field), code, words)
            }
            CreateError::Store(error) => error.into(),
            CreateError::Image(error) => error.into(),
        }
    }
}
