//! The line, as people change it: pause, order, and what a waiting task asks for.

use super::create::{CreateError, Submission};
use super::{Error, Studio};
use crate::bus::Change as Told;
use crate::domain::{GenerationId, Options, PersonId, Prompt, TaskId};
use crate::store::turns::{Change, Move};
use crate::store::{self};

use super::{Field, Problem};

impl Studio {
    /// Holds back a person's waiting work, or lets it go on. What was sent goes on either way.
    pub async fn pause(&self, person: PersonId, on: bool) -> Result<(), Error> {
        self.store.pause(person, on.then(|| self.clock.now())).await?;
        self.bus.tell(Told::Upstreams);
        self.wake.notify_one();
        Ok(())
    }

    /// Moves a waiting clip in its line.
    pub async fn move_in_line(&self, id: GenerationId, to: Move) -> Result<(), Error> {
        self.steerable(id).await?;
        let moved = self.store.move_in_line(id, to).await?;
        self.all_changed(&moved).await;
        Ok(())
    }

    /// Changes what a waiting task asks for; it keeps its place. A conflict when part of it was sent.
    pub async fn change_task(&self, person: PersonId, id: TaskId, form: &Submission) -> Result<(), CreateError> {
        let mut problems = Vec::new();
        let prompt = Prompt::parse(&form.prompt);
        if let Err(error) = &prompt {
            problems.push(Problem { field: Field::Prompt, words: error.to_string() });
        }
        let choice = self.choose(form);
        let (Ok(prompt), Ok(choice)) = (&prompt, &choice) else {
            problems.extend(choice.err().unwrap_or_default());
            return Err(CreateError::Invalid(problems));
        };
        let clips = self.store.clips_of(id).await?;
        let Some(first) = clips.first() else { return Err(store::Error::Stale.into()) };
        let mut found = super::choice::Problems::default();
        let wished = self.options(person, form, choice, &mut found).await?;
        if first.options.native && choice.model.key != first.model_key {
            let words = "The upstream makes this of its own clip; another model cannot. Create it anew instead.";
            found.add::<()>(Field::Model, words);
        }
        if !found.0.is_empty() {
            return Err(CreateError::Invalid(found.0));
        }
        // The pictures and what it is made of stay.
        let options = Options {
            style: wished.style,
            cast: wished.cast,
            negative: wished.negative,
            audio: wished.audio,
            ..first.options.clone()
        };
        let change = Change {
            prompt,
            model: &choice.model,
            size: choice.size,
            seconds: choice.seconds,
            price: choice.each(),
            options: &options,
        };
        if !self.viewer.changes(first.person) {
            let words = "Only whoever asked for these clips, an owner or an admin can change them.";
            return Err(CreateError::Invalid(vec![Problem { field: Field::Prompt, words: words.to_owned() }]));
        }
        if let Err(error) = self.store.change_task(id, &change, self.clock.now()).await {
            return Err(self.told(error.into()).await);
        }
        for clip in self.store.clips_of(id).await? {
            self.changed(&clip);
        }
        Ok(())
    }

    /// Whether a task's wish can still be changed: all of it waits.
    pub async fn can_change(&self, id: TaskId) -> Result<bool, store::Error> {
        let clips = self.store.clips_of(id).await?;
        Ok(!clips.is_empty() && clips.iter().all(|clip| clip.state == crate::domain::State::Queued))
    }
}
