//! The words of Rushes as types: tasks, generations, attempts, models, money, sizes.
//! Pure and synchronous; refuses I/O, clocks and randomness.

pub mod coach;
pub mod generation;
pub mod id;
pub mod making;
pub mod media;
pub mod model;
pub mod money;
pub mod pace;
pub mod prompt;
pub mod search;
pub mod storyboard;

pub use generation::{AttemptOutcome, Event, Illegal, Reason, State};
pub use id::{AttemptId, FolderId, GenerationId, PersonId, PresetId, StoryboardId, TaskId};
pub use making::{Crop, Operation, Options, Style};
pub use media::{Millis, Pixels, Seconds};
pub use model::{Ability, Durations, Model, Price};
pub use money::Usd;
pub use prompt::Prompt;
