//! The faults, in the product's words, and the queues they wait in. One variant is one fault.
//! Says nothing about bytes: see `fault.rs`, `videos.rs` and `content.rs` for those.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::Value;

/// What can go wrong at any endpoint.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 400 `moderation_blocked`.
    Moderation,
    /// 400 `invalid_value`.
    Invalid,
    /// 401 `invalid_api_key`.
    KeyRejected,
    /// 403: no access to the model.
    Forbidden,
    /// 404 `model_not_found`.
    ModelNotFound,
    /// 404: no such video.
    NotFound,
    /// 429 `rate_limit_exceeded`, with this Retry-After as it stands (number, date, junk).
    RateLimited(Option<String>),
    /// 429 `insufficient_quota`.
    QuotaSpent,
    /// 400 `billing_hard_limit_reached`.
    HardLimit,
    /// Any status with the `server_error` envelope: 408, 409, 500, 503, 504, 599…
    Status(u16),
    /// The same with a Retry-After.
    StatusThenRetry(u16, String),
    /// An HTML page with this status: 502, or 200.
    HtmlPage(u16),
    /// 200 and no body.
    Empty,
    /// 200, the first half of the true JSON, with a matching length.
    TruncatedJson,
    /// 200 and this JSON instead: array, null, number.
    Json(Value),
    /// Exactly this: status, content type, body.
    Raw(u16, String, String),
    /// 200 and JSON nested this deep.
    Nested(usize),
    /// 200 and JSON text that is not UTF-8.
    NotUtf8,
    /// 200 and the true JSON behind a byte order mark.
    ByteOrderMark,
    /// The true answer, compressed although nobody asked for it.
    Zipped,
    /// 400 whose message holds markup, a newline and an ANSI code: nothing of it may run or be printed raw.
    Markup,
    /// 401 whose message repeats the Authorization header: it may not reach a page or a log.
    EchoesKey,
    /// The error is a bare string: 400 `{"error":"…"}`.
    ErrorIsText,
    /// The error is a list, `FastAPI`'s way: 422 `{"detail":[…]}`.
    ErrorIsList,
    /// This redirect to the same path; with `.always()` a loop.
    RedirectToSelf(u16),
    /// This redirect to the same path on the second origin, which records what it is sent.
    RedirectElsewhere(u16),
    /// This redirect to this place, such as `http://169.254.169.254/`.
    RedirectTo(u16, String),
    /// 200 and valid JSON of this many bytes, sent as fast as it is read.
    HugeJson(u64),
    /// The true answer one byte at a time, this many milliseconds apart.
    Drip(u64),
    /// Half of the true answer, then silence until the client leaves.
    StallMidAnswer,
    /// Half of the true answer, then hung up, whatever the length said.
    CutMidAnswer,
    /// The whole request was read (a create is accepted and paid), then hung up with no answer.
    VanishAfterReading,
    /// The same with a RST.
    ResetAfterReading,
    /// The request head was read, then hung up with a RST: a create is not accepted.
    ResetBeforeReading,
    /// The whole request was read (a create is accepted and paid), and no answer ever comes.
    Silence,
}

impl Fault {
    /// True when the real server would have started a job before this happened.
    pub fn comes_after_accepting(&self) -> bool {
        matches!(
            self,
            Self::Empty
                | Self::TruncatedJson
                | Self::Json(_)
                | Self::Nested(_)
                | Self::NotUtf8
                | Self::ByteOrderMark
                | Self::Zipped
                | Self::HugeJson(_)
                | Self::Drip(_)
                | Self::StallMidAnswer
                | Self::CutMidAnswer
                | Self::VanishAfterReading
                | Self::ResetAfterReading
                | Self::Silence
                | Self::HtmlPage(200)
                | Self::Raw(200..=299, ..)
        )
    }
}

/// What can go wrong with a create.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreateFault {
    /// The job is made and paid, and then this happens.
    AcceptedBut(Fault),
    /// The body is read, no job is made, and then this happens.
    NotAcceptedAnd(Fault),
    /// The job is made, the answer has no id.
    NoId,
    /// The job is made, the answer's id is null.
    NullId,
    /// The job has a number for its id, and the answer holds it as a number.
    NumericId,
    /// The job has an id of 10 kB.
    LongId,
    /// The job has the id `vid/../x=+` and its arrival number.
    PathId,
    /// The job has a long base64 id with `=`, `+` and `/`, as `LiteLLM` makes them.
    LiteLlmId,
    /// The job is made, the answer carries the id of the job before it.
    IdOfAnother,
    /// Answered 202 instead of 200.
    Status202,
    /// What can go wrong anywhere.
    #[serde(untagged)]
    Any(Fault),
}

/// What can go wrong with a poll. All but the failures change one answer, not the job.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PollFault {
    /// This word as the status.
    Says(String),
    /// This as the progress: `"33%"`, `0.5`, `250`, `"NaN"`, null, a number going backwards.
    Progress(Value),
    /// This field set to this.
    With(String, Value),
    /// This field left out.
    Without(String),
    /// 200, failed, with this code and message. The job has failed for good.
    Failed(String, String),
    /// 200, failed, and no error. The job has failed for good.
    FailedWithoutError,
    /// HTTP 500 whose body is the failed video, as vLLM-Omni does. The job has failed for good.
    FailedAs500,
    /// 200, failed, the error without a code, as `SGLang` does. The job has failed for good.
    FailedMessageOnly,
    /// 200, failed, the error a bare string, as `TensorRT-LLM` does. The job has failed for good.
    FailedAsText,
    /// `in_progress` at 50 even when it was completed before.
    BackToInProgress,
    /// The answer to another job: its id and its state.
    AnotherJob,
    /// This `openai-poll-after-ms`, as it stands.
    PollAfter(String),
    /// The video stands behind a `url` of this origin that needs no key; /content is 404.
    UrlHere,
    /// The video stands behind a `url` of the second origin; /content is 404.
    UrlElsewhere,
    /// The video stands behind this `url`.
    Url(String),
    /// What can go wrong anywhere.
    #[serde(untagged)]
    Any(Fault),
}

/// What can go wrong with a download. Numbers are bytes of the body.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentFault {
    /// This status (400, 404, 409, 425) and "Video is not ready yet".
    NotReady(u16),
    /// An error in JSON, as 200 `video/mp4`.
    JsonAsVideo,
    /// 200 JSON `{"video_url"}` pointing to this origin.
    UrlHere,
    /// 200 JSON `{"video_url"}` pointing to the second origin.
    UrlElsewhere,
    /// The right Content-Length, hung up after this many bytes.
    CutAt(usize),
    /// The same with a RST.
    ResetAt(usize),
    /// Chunked, hung up after this many bytes.
    ChunkedCutAt(usize),
    /// No length, hung up after this many bytes: looks like a good end.
    UntilCloseCutAt(usize),
    /// All bytes, no length: a good download.
    UntilClose,
    /// All bytes, chunked: a good download.
    Chunked,
    /// Silent after this many bytes, until the client leaves.
    StallAt(usize),
    /// Chunked and never ending: a terabyte.
    Endless,
    /// Content-Length 1000 more than there is.
    LengthTooLong,
    /// Content-Length 1000 less than there is.
    LengthTooShort,
    /// A negative Content-Length.
    LengthNegative,
    /// Two Content-Lengths that differ.
    LengthTwice,
    /// 206 from another offset than asked for.
    WrongOffset,
    /// 200 and everything, whatever Range was asked for.
    IgnoresRange,
    /// 416, whatever was asked for.
    RangeRefused,
    /// Another `ETag`, and other bytes behind it, from now on.
    ContentChanges,
    /// Bytes that are no MP4, as 200 `video/mp4`.
    NotMp4,
    /// An MP4 with its `moov` box left out.
    WithoutMoov,
    /// An MP4 whose second box claims a size of 2^63.
    AbsurdBox,
    /// 200 `video/mp4` and 0 bytes.
    NoBytes,
    /// What can go wrong anywhere.
    #[serde(untagged)]
    Any(Fault),
}

/// What can go wrong with a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListFault {
    /// The newest job is not in the list yet.
    NewestMissing,
    /// Nothing is in the list.
    NothingListed,
    /// Prompts are null.
    PromptsAreNull,
    /// The other order than asked for.
    WrongOrder,
    /// The first page again and again, with `has_more`.
    SamePageAgain,
    /// What can go wrong anywhere.
    #[serde(untagged)]
    Any(Fault),
}

macro_rules! any {
    ($($kind:ident),*) => {$(
        impl From<Fault> for $kind {
            fn from(fault: Fault) -> Self {
                Self::Any(fault)
            }
        }
    )*};
}
any!(CreateFault, PollFault, ContentFault, ListFault);

/// A fault and when it strikes.
#[derive(Debug)]
pub struct Planned<F> {
    pub fault: F,
    /// None: always.
    pub times: Option<u32>,
    /// Only for the job of this id, or the create of this prompt.
    pub about: Option<String>,
}

/// Faults of one endpoint: counted ones strike first, in order, then the lasting ones.
#[derive(Debug)]
pub struct Queue<F>(VecDeque<Planned<F>>);

impl<F> Default for Queue<F> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<F: Clone> Queue<F> {
    pub fn push(&mut self, planned: Planned<F>) {
        self.0.push_back(planned);
    }

    /// The fault for a request about this id or prompt, used up by one, if `wanted`.
    pub fn take(&mut self, about: &str, wanted: impl Fn(&F) -> bool) -> Option<F> {
        let fits = |p: &Planned<F>| p.about.as_deref().is_none_or(|a| a == about);
        let counted = self.0.iter().position(|p| fits(p) && p.times.is_some());
        let at = counted.or_else(|| self.0.iter().position(fits))?;
        let planned = &mut self.0[at];
        if !wanted(&planned.fault) {
            return None;
        }
        let fault = planned.fault.clone();
        if let Some(times) = &mut planned.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.0.remove(at);
            }
        }
        Some(fault)
    }
}

/// Every queue.
#[derive(Debug, Default)]
pub struct Script {
    pub create: Queue<CreateFault>,
    pub poll: Queue<PollFault>,
    pub content: Queue<ContentFault>,
    pub list: Queue<ListFault>,
    pub delete: Queue<Fault>,
    pub models: Queue<Fault>,
}
