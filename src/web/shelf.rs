//! A way to look at the library, as an address says it: part, search, order, place. Reads it, and
//! writes every link that changes one thing of it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;

use super::App;
use super::error::Error;
use crate::domain::search::{Day, Query};
use crate::domain::{FolderId, GenerationId, Millis, Model, PersonId};
use crate::store::folders::Folder;
use crate::store::library::{Filter, From, Scope, Sort};

/// What must not stand in a query's value as it is.
const VALUE: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'&').add(b'+').add(b'<').add(b'>').add(b'?').add(b'\'');

/// What the address may say after `?`.
#[derive(Debug, Default, Deserialize)]
pub struct Address {
    /// The search.
    pub q: Option<String>,
    /// The order.
    pub sort: Option<String>,
    /// The day to begin at.
    pub at: Option<String>,
    /// The clip to begin after.
    pub before: Option<String>,
    /// The clip to end before.
    pub after: Option<String>,
    /// A prompt for the composer.
    pub prompt: Option<String>,
    /// The clip whose prompt and settings go into the composer.
    pub from: Option<String>,
    /// A style for the composer.
    pub preset: Option<String>,
    /// A picture of the library for the composer: `ID:last`.
    pub image: Option<String>,
    /// The moment at which clips were put in the trash, to undo it.
    pub trashed: Option<String>,
}

/// A way to look at the library.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// Which part.
    pub scope: Scope,
    /// What people call the folder, where it is one.
    pub folder: Option<Folder>,
    /// What is looked for.
    pub query: Query,
    /// In which order.
    pub sort: Sort,
    /// Which day it begins at.
    pub at: Option<Day>,
}

/// The word of a sort in an address.
pub const fn sort_word(sort: Sort) -> &'static str {
    match sort {
        Sort::Newest => "newest",
        Sort::Oldest => "oldest",
        Sort::Longest => "longest",
        Sort::Remixed => "remixed",
    }
}

/// Every order, as menus list them.
pub const SORTS: [(Sort, &str); 4] = [
    (Sort::Newest, "Newest first"),
    (Sort::Oldest, "Oldest first"),
    (Sort::Longest, "Longest first"),
    (Sort::Remixed, "Most reused first"),
];

fn midnight(day: Day) -> Option<Millis> {
    let date = Date::new(day.year, i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?).ok()?;
    Some(Millis::from_i64(date.to_zoned(TimeZone::system()).ok()?.timestamp().as_millisecond()))
}

fn next_midnight(day: Day) -> Option<Millis> {
    let date = Date::new(day.year, i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?).ok()?;
    Some(Millis::from_i64(date.tomorrow().ok()?.to_zoned(TimeZone::system()).ok()?.timestamp().as_millisecond()))
}

/// The day of a moment, where this server is.
pub fn day_of(at: Millis) -> Option<Day> {
    let date = jiff::Timestamp::from_millisecond(at.as_i64()).ok()?.to_zoned(TimeZone::system()).date();
    Some(Day { year: date.year(), month: u8::try_from(date.month()).ok()?, day: u8::try_from(date.day()).ok()? })
}

impl Shelf {
    /// Reads what stands after `?`.
    pub fn read(scope: Scope, folder: Option<Folder>, address: &Address) -> Self {
        let sort = address.sort.as_deref().unwrap_or_default();
        let sort = SORTS.iter().find(|(other, _)| sort_word(*other) == sort).map_or(Sort::Newest, |(sort, _)| *sort);
        let at = address.at.as_deref().and_then(Day::read);
        Self { scope, folder, query: Query::read(address.q.as_deref().unwrap_or_default()), sort, at }
    }

    /// Reads a whole path with its query, as links and forms carry it.
    pub async fn of_path(app: &App, path: &str) -> Result<(Self, Address), Error> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut address = Address::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "q" => address.q = Some(value.into_owned()),
                "sort" => address.sort = Some(value.into_owned()),
                "at" => address.at = Some(value.into_owned()),
                _ => {}
            }
        }
        let (scope, folder) = match path {
            "/mine" => (Scope::Mine, None),
            "/favorites" => (Scope::Favorites, None),
            "/uploads" => (Scope::Uploads, None),
            "/trash" => (Scope::Trash, None),
            path => match path.strip_prefix("/f/").and_then(|id| id.parse::<FolderId>().ok()) {
                Some(id) => {
                    let folder = app.studio.store.folder(id).await?.ok_or(Error::NotFound)?;
                    (Scope::Folder(id), Some(folder))
                }
                None => (Scope::All, None),
            },
        };
        Ok((Self::read(scope, folder, &address), address))
    }

    /// Its path without a query.
    pub fn path(&self) -> String {
        match self.scope {
            Scope::All => "/".to_owned(),
            Scope::Mine => "/mine".to_owned(),
            Scope::Favorites => "/favorites".to_owned(),
            Scope::Uploads => "/uploads".to_owned(),
            Scope::Trash => "/trash".to_owned(),
            Scope::Folder(id) => format!("/f/{id}"),
        }
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        match self.scope {
            Scope::All => "All",
            Scope::Mine => "Mine",
            Scope::Favorites => "Favorites",
            Scope::Uploads => "Uploads",
            Scope::Trash => "Trash",
            Scope::Folder(_) => self.folder.as_ref().map_or("Folder", |folder| &folder.name),
        }
    }

    /// Its whole address.
    pub fn href(&self) -> String {
        self.link(&self.query, self.sort, self.at)
    }

    /// The same with another search.
    pub fn search(&self, query: &Query) -> String {
        self.link(query, self.sort, self.at)
    }

    /// The same in another order.
    pub fn sorted(&self, sort: Sort) -> String {
        self.link(&self.query, sort, None)
    }

    /// The same from its front.
    pub fn front(&self) -> String {
        self.link(&self.query, self.sort, None)
    }

    /// The page past a clip.
    pub fn past(&self, id: GenerationId) -> String {
        let here = self.front();
        format!("{here}{}before={id}", if here.contains('?') { '&' } else { '?' })
    }

    /// The page up to a clip.
    pub fn up_to(&self, id: GenerationId) -> String {
        let here = self.front();
        format!("{here}{}after={id}", if here.contains('?') { '&' } else { '?' })
    }

    fn link(&self, query: &Query, sort: Sort, at: Option<Day>) -> String {
        let mut parts = Vec::new();
        if !query.is_empty() {
            parts.push(format!("q={}", value(&query.to_string())));
        }
        if sort != Sort::Newest {
            parts.push(format!("sort={}", sort_word(sort)));
        }
        if let Some(day) = at {
            parts.push(format!("at={day}"));
        }
        let path = self.path();
        if parts.is_empty() { path } else { format!("{path}?{}", parts.join("&")) }
    }

    /// Whether it is a whole part of the library, unfiltered and in its own order.
    pub fn is_plain(&self) -> bool {
        self.query.is_empty() && self.sort == Sort::Newest && self.at.is_none()
    }

    /// Whether a new clip belongs at its front.
    pub fn takes_new(&self) -> bool {
        matches!(self.scope, Scope::All | Scope::Mine) && self.is_plain()
    }

    /// What the database is asked. Names of people and models that nobody knows find nothing.
    pub async fn filter(&self, app: &App, person: PersonId) -> Result<Filter, Error> {
        let query = &self.query;
        let by = match &query.by {
            None => None,
            Some(name) => Some(self.who(app, person, name).await?),
        };
        let mut until = query.before.and_then(midnight);
        if let Some(day) = self.at.filter(|_| self.sort == Sort::Newest) {
            until = [until, next_midnight(day)].into_iter().flatten().min();
        }
        let mut since = query.after.and_then(midnight);
        if let Some(day) = self.at.filter(|_| self.sort == Sort::Oldest) {
            since = [since, midnight(day)].into_iter().flatten().max();
        }
        // Words that nothing can match, such as a lone sign, find nothing rather than everything.
        let words = query.expression().or_else(|| query.words.iter().any(|word| !word.not).then(|| "\"\"".to_owned()));
        Ok(Filter {
            sort: self.sort,
            words,
            model: query.model.as_deref().map(|name| model_key(&app.studio.upstreams.models(), name)),
            by,
            status: query.status,
            favorite: query.favorite,
            best: query.best,
            aspect: query.ratio.clone(),
            longer: query.longer,
            shorter: query.shorter,
            since,
            until,
            from: query.from.as_deref().and_then(|id| id.parse().ok()),
            ..Filter::of(self.scope, person)
        })
    }

    async fn who(&self, app: &App, me: PersonId, name: &str) -> Result<PersonId, Error> {
        if name.eq_ignore_ascii_case("me") {
            return Ok(me);
        }
        let wanted = name.to_lowercase();
        let people = app.studio.store.people().await?;
        let found = people.iter().find(|person| person.name.to_lowercase().starts_with(&wanted));
        Ok(found.map_or(PersonId::from_i64(0), |person| person.id))
    }
}

/// The key of a model that a person named by key or label.
fn model_key(models: &[Model], name: &str) -> String {
    let wanted = name.to_lowercase();
    let found = models.iter().find(|model| model.key == name).or_else(|| {
        models.iter().find(|model| model.label.to_lowercase() == wanted || model.key.to_lowercase() == wanted)
    });
    found.map_or_else(|| name.to_owned(), |model| model.key.clone())
}

/// Where the page of an address begins.
pub fn place(address: &Address) -> From {
    let id = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
    match (id(&address.before), id(&address.after)) {
        (Some(id), _) => From::Past(id),
        (None, Some(id)) => From::UpTo(id),
        (None, None) => From::Front,
    }
}

/// A text as the value of a query.
pub fn value(text: &str) -> String {
    utf8_percent_encode(text, VALUE).to_string()
}

/// A path of ours that came with a form or an address; anything else is another site, or none.
pub fn local(path: &str) -> Option<&str> {
    let ours = path.starts_with('/') && !path[1..].starts_with(['/', '\\']) && !path.contains(char::is_control);
    ours.then_some(path)
}
