//! The words of Rushes as types: tasks, generations, attempts, models, money, sizes.
//! Pure and synchronous; refuses I/O, clocks and randomness.

pub mod access;
pub mod coach;
pub mod generation;
pub mod id;
pub mod making;
pub mod media;
pub mod model;
pub mod money;
pub mod pace;
pub mod plan;
pub mod prompt;
pub mod reconcile;
pub mod search;
pub mod sidecar;
pub mod storyboard;
pub mod turn;
pub mod webhook;
pub mod word;

pub use access::{Right, Role, Scope, Viewer, Visibility};
pub use generation::{AttemptOutcome, Event, Illegal, Reason, State};
pub use id::{
    AttemptId, DeliveryId, FolderId, GenerationId, KeyId, PersonId, PresetId, SessionId, StoryboardId, TaskId,
    TicketId, WebhookId,
};
pub use making::{Crop, Operation, Options, Style};
pub use media::{Millis, Pixels, Seconds};
pub use model::{Ability, Charge, Durations, Model, Price, Rate};
pub use money::Usd;
pub use plan::Plan;
pub use prompt::Prompt;
pub use sidecar::Sidecar;
