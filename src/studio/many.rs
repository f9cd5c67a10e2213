//! Many prompts at once: what a file or a list would make and cost, and then the making, all or nothing.

use super::choice::Choice;
use super::create::{Submission, takes};
use super::prompts::{self, BadSheet};
use super::{CreateError, Problem, Studio};
use crate::bus::Change;
use crate::domain::{Ability, Operation, Options, PersonId, Prompt, TaskId, Usd, Visibility};
use crate::store::tasks::{NewTask, Written};

/// One prompt of a batch.
#[derive(Debug, Clone)]
pub struct BatchRow {
    /// Where it stands in the file, from 1.
    pub line: u64,
    /// The prompt as typed.
    pub prompt: String,
    /// What its clips shall be called; empty for none.
    pub title: String,
    /// The settings that it will have.
    pub choice: Option<Choice>,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// What a file would make.
#[derive(Debug, Clone)]
pub struct Batch {
    /// In order.
    pub rows: Vec<BatchRow>,
    /// The same as text, which reads back to this.
    pub text: String,
    /// A style for all of them.
    pub preset: Option<String>,
    /// Who shall see them; as the person's own setting says where nothing is here.
    pub visibility: Option<Visibility>,
}

impl Batch {
    /// How many clips it makes.
    pub fn clips(&self) -> u32 {
        self.rows.iter().filter_map(|row| row.choice.as_ref()).map(|choice| u32::from(choice.variations)).sum()
    }

    /// What all of it costs; none when a price is not known.
    pub fn cost(&self) -> Option<Usd> {
        let choices = self.rows.iter().filter_map(|row| row.choice.as_ref());
        choices.map(|choice| choice.each().map(|each| each.each(choice.variations))).sum()
    }

    /// Whether every row can be made.
    pub fn is_sound(&self) -> bool {
        self.rows.iter().all(|row| row.problem.is_none())
    }
}

impl Studio {
    /// Reads a file or a list of prompts; a row takes the settings of `form` where it says nothing else.
    pub fn read_batch(&self, bytes: &[u8], form: &Submission) -> Result<Batch, BadSheet> {
        let sheet = prompts::read(bytes)?;
        let text = prompts::lines_back(&sheet);
        let rows = sheet.rows.into_iter().map(|row| self.batch_row(row, form)).collect();
        let visibility = form.visibility.as_deref().and_then(|word| word.parse().ok());
        Ok(Batch { rows, text, preset: form.preset.clone().filter(|key| !key.is_empty()), visibility })
    }

    fn batch_row(&self, row: prompts::Row, form: &Submission) -> BatchRow {
        let asked = Submission {
            prompt: row.prompt.clone(),
            // Another model has other menus: what was chosen for the first need not fit.
            aspect: row.aspect.clone().or_else(|| form.aspect.clone()),
            resolution: row.resolution.clone().or_else(|| form.resolution.clone()),
            seconds: row.seconds.clone().or_else(|| form.seconds.clone()),
            variations: row.variations.clone().or_else(|| form.variations.clone()),
            model: row.model.clone().or_else(|| form.model.clone()),
            ..form.settings()
        };
        let title = Self::title(row.title.as_deref().unwrap_or_default());
        let chosen = self.choose(&asked);
        let problem = row
            .problem
            .or_else(|| Prompt::parse(&row.prompt).err().map(|error| error.to_string()))
            .or_else(|| title.as_ref().err().map(|error| format!("The title: {error}")))
            .or_else(|| chosen.as_ref().err().map(|problems| words(problems)));
        BatchRow {
            line: row.line,
            prompt: row.prompt,
            title: title.unwrap_or_default(),
            choice: chosen.ok().filter(|_| problem.is_none()),
            problem,
        }
    }

    /// Writes all tasks of a batch, each once however often the same token comes; nothing when a row is wrong.
    pub async fn create_batch(&self, person: PersonId, batch: &Batch, token: &str) -> Result<Vec<TaskId>, CreateError> {
        if !batch.is_sound() {
            return Err(CreateError::Invalid(Vec::new()));
        }
        let now = self.clock.now();
        let mut ready = Vec::new();
        for (place, row) in batch.rows.iter().enumerate() {
            let (Ok(prompt), Some(choice)) = (Prompt::parse(&row.prompt), &row.choice) else { continue };
            ready.push((format!("{token}-{place}"), prompt, row, choice, takes(choice.variations, now, None)));
        }
        let style = match &batch.preset {
            Some(key) => self.style(person, key).await?,
            None => None,
        };
        let mut all_options = Vec::with_capacity(ready.len());
        for (_, prompt, _, choice, _) in &ready {
            all_options.push(Options {
                style: style.clone(),
                audio: choice.model.can(Ability::Audio).then_some(choice.audio),
                cast: self.cast(person, prompt.as_str()).await?,
                ..Options::default()
            });
        }
        let visibility = match batch.visibility {
            Some(visibility) => visibility,
            None => self.default_visibility().await?,
        };
        let tasks: Vec<NewTask<'_>> = ready
            .iter()
            .zip(&all_options)
            .map(|((token, prompt, row, choice, takes), options)| NewTask {
                id: TaskId::new(now, rand::random()),
                token: Some(token),
                prompt,
                model: &choice.model,
                size: choice.size,
                seconds: choice.seconds,
                reference: None,
                price: choice.each(),
                person,
                visibility,
                parent: None,
                sources: &[],
                operation: Operation::Create,
                options,
                recipe: None,
                storyboard: None,
                title: &row.title,
                now,
                takes,
            })
            .collect();
        let written = match self.store.add_tasks(&tasks).await {
            Ok(written) => written,
            Err(error) => return Err(self.told(error.into()).await),
        };
        let ids = written.iter().map(|written| match written {
            Written::New(id) | Written::Before(id) => *id,
        });
        let ids: Vec<TaskId> = ids.collect();
        for id in &ids {
            self.bus.tell(Change::Task(*id));
        }
        self.wake.notify_one();
        Ok(ids)
    }
}

fn words(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.words.as_str()).collect::<Vec<_>>().join(" ")
}
