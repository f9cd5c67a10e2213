//! Keeping order: favorites, folders, titles and notes, best takes, the trash.

use super::{Error, Studio};
use crate::domain::{FolderId, GenerationId, Millis, PersonId, Visibility};
use crate::store::folders::Folder;
use crate::store::library::{Filter, From};

/// Characters of a title or of a folder's name.
const LONGEST_NAME: usize = 120;
/// Characters of notes.
const LONGEST_NOTES: usize = 10_000;
/// Clips that one act changes; a zip has no such bound.
const MOST: usize = 10_000;
/// Ids in one statement.
const BATCH: usize = 500;

/// Why a name does not do; for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Nothing but blanks.
    #[error("Give the folder a name.")]
    Empty,
    /// Too long.
    #[error("This has {0} characters; the most is {1}. Shorten it.")]
    TooLong(usize, usize),
}

/// One line without control and direction signs, which would disturb the page around it.
fn line(text: &str) -> String {
    let marks = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let clean: String = clean.chars().filter(|c| !c.is_control() && !marks(*c)).collect();
    clean.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn within(text: String, most: usize) -> Result<String, NameProblem> {
    let length = text.chars().count();
    if length > most { Err(NameProblem::TooLong(length, most)) } else { Ok(text) }
}

impl Studio {
    /// A folder's name as it is kept, or what is wrong with it.
    pub fn folder_name(text: &str) -> Result<String, NameProblem> {
        let name = within(line(text), LONGEST_NAME)?;
        if name.is_empty() { Err(NameProblem::Empty) } else { Ok(name) }
    }

    /// A title as it is kept; empty for none.
    pub fn title(text: &str) -> Result<String, NameProblem> {
        within(line(text), LONGEST_NAME)
    }

    /// Notes as they are kept; line breaks stay.
    pub fn notes(text: &str) -> Result<String, NameProblem> {
        let text = text.replace("\r\n", "\n");
        let clean: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        within(clean.trim().to_owned(), LONGEST_NOTES)
    }

    /// Everything that a filter finds, as far as one act reaches.
    pub async fn found(&self, filter: &Filter) -> Result<Vec<GenerationId>, Error> {
        let (mut ids, mut from) = (Vec::new(), From::Front);
        while ids.len() < MOST {
            let (page, next) = self.store.page_of_ids(filter, from, 500).await?;
            ids.extend(page);
            let Some(next) = next else { break };
            from = From::Past(next);
        }
        ids.truncate(MOST);
        Ok(ids)
    }

    /// Marks clips as favorites, or takes the marks away.
    pub async fn mark(&self, person: PersonId, ids: &[GenerationId], on: bool) -> Result<(), Error> {
        for batch in ids.chunks(BATCH) {
            self.store.mark(person, batch, on, self.clock.now()).await?;
        }
        self.all_changed(ids).await;
        Ok(())
    }

    /// Writes a clip's title and notes, as `title` and `notes` have checked them.
    pub async fn write_words(&self, id: GenerationId, title: &str, notes: &str) -> Result<(), Error> {
        let clip = self.own(id).await?;
        self.store.write_words(id, title, notes).await?;
        self.changed(&clip);
        Ok(())
    }

    /// Picks the best take of a task, or takes that back.
    pub async fn pick(&self, id: GenerationId, is_best: bool) -> Result<(), Error> {
        let clip = self.own(id).await?;
        self.store.pick(id, is_best).await?;
        for take in self.store.clips_of(clip.task).await? {
            self.changed(&take);
        }
        Ok(())
    }

    /// Makes a folder.
    pub async fn add_folder(&self, person: PersonId, name: &str, visibility: Visibility) -> Result<FolderId, Error> {
        let now = self.clock.now();
        let id = FolderId::new(now, rand::random());
        let folder = Folder { id, name: name.to_owned(), person, visibility };
        self.store.add_folder(&folder, now).await?;
        Ok(id)
    }

    /// Calls a folder something else.
    pub async fn rename_folder(&self, id: FolderId, name: &str) -> Result<(), Error> {
        self.own_folder(id).await?;
        Ok(self.store.rename_folder(id, name).await?)
    }

    /// Takes a folder away; the clips stay.
    pub async fn remove_folder(&self, id: FolderId) -> Result<(), Error> {
        self.own_folder(id).await?;
        Ok(self.store.remove_folder(id).await?)
    }

    async fn own_folder(&self, id: FolderId) -> Result<(), Error> {
        let folder = self.store.folder(id).await?.ok_or(Error::NotFound)?;
        if self.viewer.changes(folder.person) {
            return Ok(());
        }
        Err(Error::Forbidden("Only whoever made this folder, an owner or an admin can change it."))
    }

    /// Puts clips into a folder, or takes them out.
    pub async fn put(&self, folder: FolderId, ids: &[GenerationId], into: bool) -> Result<(), Error> {
        self.store.folder(folder).await?.ok_or(Error::NotFound)?;
        for batch in ids.chunks(BATCH) {
            self.store.put(folder, batch, into, self.clock.now()).await?;
        }
        Ok(())
    }

    /// Puts clips that are at their end in the trash; how many went, and the moment that undoes it.
    pub async fn delete(&self, ids: &[GenerationId]) -> Result<(u64, Millis), Error> {
        let now = self.clock.now();
        let mut went = 0;
        for batch in ids.chunks(BATCH) {
            went += self.store.delete(&self.changeable(batch).await?, now).await?;
        }
        self.all_changed(ids).await;
        Ok((went, now))
    }

    /// Takes clips out of the trash; how many came back.
    pub async fn restore(&self, ids: &[GenerationId]) -> Result<u64, Error> {
        let mut came = 0;
        for batch in ids.chunks(BATCH) {
            came += self.store.restore(&self.changeable(batch).await?).await?;
        }
        self.all_changed(ids).await;
        Ok(came)
    }

    /// Takes back what one act put in the trash.
    pub async fn undelete(&self, moment: Millis) -> Result<Vec<GenerationId>, Error> {
        let ids = self.store.undelete(moment, self.viewer).await?;
        self.all_changed(&ids).await;
        Ok(ids)
    }

    /// Gives up clips of the trash for good: these, or all of them. Their files go soon after.
    pub async fn erase(&self, ids: Option<&[GenerationId]>) -> Result<u64, Error> {
        let until = Millis::from_i64(i64::MAX);
        let mut gone = 0;
        match ids {
            Some(ids) => {
                for batch in ids.chunks(BATCH) {
                    gone += self.store.erase(Some(&self.changeable(batch).await?), until, 500).await?;
                }
            }
            None => loop {
                let batch = self.store.erase(None, until, 500).await?;
                gone += batch;
                if batch == 0 {
                    break;
                }
            },
        }
        self.wake.notify_one();
        Ok(gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_that_cannot_disturb_the_page() {
        assert_eq!(Studio::folder_name("  Summer \n 2026\t").as_deref(), Ok("Summer 2026"));
        assert_eq!(Studio::folder_name("\u{202e}gnp.exe").as_deref(), Ok("gnp.exe"));
        assert_eq!(Studio::folder_name("../../etc/<b>").as_deref(), Ok("../../etc/<b>"));
        assert_eq!(Studio::folder_name("سفر").as_deref(), Ok("سفر"));
        assert_eq!(Studio::folder_name(" \u{0} "), Err(NameProblem::Empty));
        assert_eq!(Studio::folder_name(&"ö".repeat(121)), Err(NameProblem::TooLong(121, 120)));
        assert_eq!(Studio::title("").as_deref(), Ok(""));
        assert_eq!(Studio::notes("a\r\nb\u{7}\n").as_deref(), Ok("a\nb"));
    }
}
