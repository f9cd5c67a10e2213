//! The words of Rushes as types: tasks, generations, attempts, models, money, sizes.
//! Pure and synchronous; refuses I/O, clocks and randomness.

pub mod generation;
pub mod id;
pub mod media;
pub mod model;
pub mod money;
pub mod pace;
pub mod prompt;
pub mod search;

pub use generation::{AttemptOutcome, Event, Illegal, Reason, State};
pub use id::{AttemptId, FolderId, GenerationId, PersonId, TaskId};
pub use media::{Millis, Pixels, Seconds};
pub use model::{Durations, Model, Price};
pub use money::Usd;
pub use prompt::Prompt;
