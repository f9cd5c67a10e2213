//! The wall, however it is looked at: pages by keyset that cost the same at a million clips.
//! The narrowest index there is gives candidates in order, a bounded number for each page; what
//! else was asked for is checked on those. A page may therefore be short and still have a next one.

use sqlx::sqlite::Sqlite;
use sqlx::{QueryBuilder, Row};

use super::clips::Clip;
use super::{Result, Store, among, ids};
use crate::domain::search::Status;
use crate::domain::{FolderId, GenerationId, Millis, PersonId, State};

/// Candidates that one page looks at.
const WINDOW: i64 = 500;

/// Which part of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything made here.
    All,
    /// What this person made.
    Mine,
    /// What this person marked.
    Favorites,
    /// What lies in a folder.
    Folder(FolderId),
    /// What was uploaded.
    Uploads,
    /// What was deleted and is not yet gone.
    Trash,
}

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// The longest first.
    Longest,
    /// What most others began with first.
    Remixed,
}

/// What to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Which part of the library.
    pub scope: Scope,
    /// In which order.
    pub sort: Sort,
    /// Who looks: favorites and `Mine` are theirs.
    pub person: PersonId,
    /// A full-text expression, see `domain::search`.
    pub words: Option<String>,
    /// A model's key.
    pub model: Option<String>,
    /// Who made it.
    pub by: Option<PersonId>,
    /// Where it stands.
    pub status: Option<Status>,
    /// Marked by this person.
    pub favorite: bool,
    /// Picked among its takes.
    pub best: bool,
    /// The shape asked for.
    pub aspect: Option<String>,
    /// Longer than this, in seconds.
    pub longer: Option<u16>,
    /// Shorter than this, in seconds.
    pub shorter: Option<u16>,
    /// Made at this moment or later.
    pub since: Option<Millis>,
    /// Made before this moment.
    pub until: Option<Millis>,
    /// Began with the prompt of this clip.
    pub from: Option<GenerationId>,
}

impl Filter {
    /// Everything in one part of the library.
    pub fn of(scope: Scope, person: PersonId) -> Self {
        Self {
            scope,
            sort: Sort::Newest,
            person,
            words: None,
            model: None,
            by: None,
            status: None,
            favorite: false,
            best: false,
            aspect: None,
            longer: None,
            shorter: None,
            since: None,
            until: None,
            from: None,
        }
    }
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// At the front.
    Front,
    /// After this clip, in the order of the sort.
    Past(GenerationId),
    /// Up to this clip, which is not on it.
    UpTo(GenerationId),
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// In order.
    pub clips: Vec<Clip>,
    /// Past which clip the next page begins, if there may be one.
    pub next: Option<GenerationId>,
}

/// What gives the candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    Words,
    Folder(FolderId),
    Favorites,
    From,
    Generation,
}

/// The order of the candidates: a column, and whether it falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Order {
    key: &'static str,
    falls: bool,
}

impl Order {
    fn of(filter: &Filter) -> Self {
        match (filter.scope, filter.sort) {
            (Scope::Trash, _) if filter.words.is_none() => Self { key: "deleted_at", falls: true },
            (Scope::Trash, _) | (_, Sort::Newest) => Self { key: "id", falls: true },
            (_, Sort::Oldest) => Self { key: "id", falls: false },
            (_, Sort::Longest) => Self { key: "seconds", falls: true },
            (_, Sort::Remixed) => Self { key: "remixes", falls: true },
        }
    }

    const fn turned(self) -> Self {
        Self { falls: !self.falls, ..self }
    }

    const fn word(self) -> &'static str {
        if self.falls { "desc" } else { "asc" }
    }

    const fn sign(self) -> &'static str {
        if self.falls { "<" } else { ">" }
    }
}

fn base(filter: &Filter) -> Base {
    match filter.scope {
        _ if filter.words.is_some() => Base::Words,
        Scope::Folder(folder) => Base::Folder(folder),
        Scope::Favorites => Base::Favorites,
        _ if filter.favorite => Base::Favorites,
        _ if filter.from.is_some() => Base::From,
        Scope::All | Scope::Mine | Scope::Uploads | Scope::Trash => Base::Generation,
    }
}

fn states(status: Status) -> &'static [State] {
    match status {
        Status::Waiting => &[State::Queued],
        Status::Running => &[State::Submitting, State::InProgress, State::Downloading],
        Status::Done => &[State::Completed],
        Status::Failed => &[State::Failed],
        Status::Canceled => &[State::Canceled],
        Status::Uncertain => &[State::Uncertain],
    }
}

/// A query that is being written.
struct Writer<'f> {
    sql: QueryBuilder<Sqlite>,
    filter: &'f Filter,
    base: Base,
    order: Order,
}

impl<'f> Writer<'f> {
    fn new(filter: &'f Filter, order: Order) -> Self {
        Self { sql: QueryBuilder::new(""), filter, base: base(filter), order }
    }

    fn text(&mut self, sql: &'static str) -> &mut Self {
        self.sql.push(sql);
        self
    }

    fn number(&mut self, value: i64) -> &mut Self {
        self.sql.push_bind(value);
        self
    }

    fn word(&mut self, value: &str) -> &mut Self {
        self.sql.push_bind(value.to_owned());
        self
    }

    /// Whether the candidates come in the order of the page: sets that are kept by clip come by clip.
    fn is_ordered(&self) -> bool {
        self.base == Base::Generation || self.order.key == "id"
    }

    /// The candidates: at most `WINDOW`, past the cursor, in order. `whole`: with what is checked on
    /// them; otherwise ids alone, which their index has.
    fn candidates(&mut self, cursor: Option<(i64, GenerationId)>, whole: bool) {
        let id = match self.base {
            Base::Words => "clip_search.rowid",
            Base::Folder(_) | Base::Favorites => "m.generation_id",
            Base::From | Base::Generation => "g.id",
        };
        if whole {
            self.text(
                "select g.id, g.state, g.model_key, g.aspect, g.seconds, g.remixes, g.person_id, g.upstream,
                     g.deleted_at, g.erased, g.is_best, g.visibility from ",
            );
        } else {
            self.text("select ").text(id).text(" as id from ");
        }
        let join = |joined: &'static str| if whole { joined } else { "" };
        match self.base {
            Base::Words => {
                let words = self.filter.words.clone().unwrap_or_default();
                self.text("clip_search ").text(join("cross join generation g on g.id = clip_search.rowid "));
                self.text("where clip_search match ").word(&words);
            }
            Base::Folder(folder) => {
                self.text("folder_clip m ").text(join("cross join generation g on g.id = m.generation_id "));
                self.text("where m.folder_id = ").number(folder.as_i64());
            }
            Base::Favorites => {
                let person = self.filter.person;
                self.text("favorite m ").text(join("cross join generation g on g.id = m.generation_id "));
                self.text("where m.person_id = ").number(person.as_i64());
            }
            Base::From => {
                let parent = self.filter.from.map_or(0, GenerationId::as_i64);
                self.text("generation g where g.task_id in (select id from task where parent_id = ");
                self.number(parent).text(")");
            }
            Base::Generation => self.generation(),
        }
        let ordered = self.is_ordered();
        // Sets that cannot come in the order of the page give their newest.
        let Order { key: column, falls } = if ordered { self.order } else { Order { key: "id", falls: true } };
        let sign = if falls { " < " } else { " > " };
        if ordered && let Some((value, past)) = cursor {
            if column == "id" {
                self.text(" and ").text(id).text(sign).number(past.as_i64());
            } else {
                self.text(" and (g.").text(column).text(", g.id)").text(sign).text("(").number(value).text(", ");
                self.number(past.as_i64()).text(")");
            }
        }
        self.days(id);
        let way = if falls { " desc" } else { "" };
        self.text(" order by ");
        if column != "id" {
            self.text("g.").text(column).text(way).text(", ");
        }
        self.text(id).text(way).text(" limit ").number(WINDOW);
    }

    /// The table itself, by its narrowest index.
    fn generation(&mut self) {
        let filter = self.filter;
        self.text("generation g where ");
        match filter.scope {
            Scope::Trash => {
                self.text("g.deleted_at is not null and g.erased is null");
            }
            Scope::Uploads => {
                self.text("g.deleted_at is null and g.upstream = 'upload'");
            }
            Scope::All | Scope::Mine | Scope::Favorites | Scope::Folder(_) => {
                self.text("g.deleted_at is null and g.upstream <> 'upload'");
                if self.order.key != "id" {
                    return;
                }
                if filter.best {
                    self.text(" and g.is_best = 1");
                } else if let Some(status) = filter.status {
                    self.states("g.state", status);
                } else if let Some(model) = &filter.model {
                    self.text(" and g.model_key = ").word(model);
                } else if let Some(aspect) = &filter.aspect {
                    self.text(" and g.aspect = ").word(aspect);
                } else if let Some(person) = filter.by.or((filter.scope == Scope::Mine).then_some(filter.person)) {
                    self.text(" and g.person_id = ").number(person.as_i64());
                }
            }
        }
    }

    fn states(&mut self, column: &'static str, status: Status) {
        let wanted = states(status);
        self.text(" and ").text(column);
        if let [only] = wanted {
            self.text(" = ").word(only.as_str());
            return;
        }
        self.text(" in (");
        for (place, state) in wanted.iter().enumerate() {
            self.text(if place == 0 { "" } else { ", " }).word(state.as_str());
        }
        self.text(")");
    }

    /// Ids grow with time, so a day is a range of them.
    fn days(&mut self, id: &'static str) {
        let bound = |at: Millis| GenerationId::first_of(at).as_i64();
        if let Some(since) = self.filter.since {
            self.text(" and ").text(id).text(" >= ").number(bound(since));
        }
        if let Some(until) = self.filter.until {
            self.text(" and ").text(id).text(" < ").number(bound(until));
        }
    }

    /// What else was asked for, on the candidates.
    fn rest(&mut self) {
        let filter = self.filter;
        match filter.scope {
            Scope::Trash => self.text("c.deleted_at is not null and c.erased is null"),
            Scope::All | Scope::Mine => self.text("c.deleted_at is null and c.upstream <> 'upload'"),
            Scope::Uploads => self.text("c.deleted_at is null and c.upstream = 'upload'"),
            Scope::Favorites | Scope::Folder(_) => self.text("c.deleted_at is null"),
        };
        // The trash is everybody's own; elsewhere, what others keep private is not there.
        let bound = if filter.scope == Scope::Trash {
            " and (c.person_id = "
        } else {
            " and (c.visibility = 'team' or c.person_id = "
        };
        self.text(bound).number(filter.person.as_i64()).text(")");
        if let Some(status) = filter.status {
            self.states("c.state", status);
        }
        if let Some(model) = &filter.model {
            self.text(" and c.model_key = ").word(model);
        }
        if let Some(aspect) = &filter.aspect {
            self.text(" and c.aspect = ").word(aspect);
        }
        if let Some(longer) = filter.longer {
            self.text(" and c.seconds > ").number(longer.into());
        }
        if let Some(shorter) = filter.shorter {
            self.text(" and c.seconds < ").number(shorter.into());
        }
        if filter.best {
            self.text(" and c.is_best = 1");
        }
        for person in [filter.by, (filter.scope == Scope::Mine).then_some(filter.person)].into_iter().flatten() {
            self.text(" and c.person_id = ").number(person.as_i64());
        }
        if let Scope::Folder(folder) = filter.scope
            && self.base != Base::Folder(folder)
        {
            self.text(" and exists (select 1 from folder_clip m where m.folder_id = ").number(folder.as_i64());
            self.text(" and m.generation_id = c.id)");
        }
        if (filter.favorite || filter.scope == Scope::Favorites) && self.base != Base::Favorites {
            self.text(" and exists (select 1 from favorite m where m.person_id = ").number(filter.person.as_i64());
            self.text(" and m.generation_id = c.id)");
        }
        if let Some(parent) = filter.from
            && self.base != Base::From
        {
            self.text(
                " and c.id in (select g.id from generation g join task t on t.id = g.task_id where t.parent_id = ",
            );
            self.number(parent.as_i64()).text(")");
        }
    }

    /// The ids of a page, in order.
    fn page(mut self, cursor: Option<(i64, GenerationId)>, limit: u32) -> QueryBuilder<Sqlite> {
        self.text("select c.id from (");
        self.candidates(cursor, true);
        self.text(") c where ");
        self.rest();
        let (key, sign, way) = (self.order.key, self.order.sign(), self.order.word());
        if !self.is_ordered()
            && let Some((value, past)) = cursor
        {
            self.text(" and (c.").text(key).text(", c.id) ").text(sign).text(" (").number(value);
            self.text(", ").number(past.as_i64()).text(")");
        }
        // Candidates that come in order are taken as they come: sorting them again would read all of
        // them for every page. Their own limit keeps SQLite from dropping their order.
        if !self.is_ordered() {
            self.text(" order by c.").text(key).text(" ").text(way).text(", c.id ").text(way);
        }
        self.text(" limit ").number(limit.into());
        self.sql
    }

    /// The last of the candidates, if there are as many as may be looked at.
    fn last_candidate(mut self, cursor: Option<(i64, GenerationId)>) -> QueryBuilder<Sqlite> {
        self.text("select c.id from (");
        self.candidates(cursor, false);
        self.text(") c limit 1 offset ").number(WINDOW - 1);
        self.sql
    }
}

impl Store {
    /// A page of what the filter finds, from there.
    pub async fn page(&self, filter: &Filter, from: From, limit: u32) -> Result<Slice> {
        let (ids, next) = self.page_of_ids(filter, from, limit).await?;
        Ok(Slice { clips: self.clips(&ids).await?, next })
    }

    /// The same, ids alone.
    pub async fn page_of_ids(
        &self,
        filter: &Filter,
        from: From,
        limit: u32,
    ) -> Result<(Vec<GenerationId>, Option<GenerationId>)> {
        let order = Order::of(filter);
        let (order, past) = match from {
            From::Front => (order, None),
            From::Past(id) => (order, Some(id)),
            From::UpTo(id) => (order.turned(), Some(id)),
        };
        let cursor = match past {
            Some(id) => Some((self.key_of(order.key, id).await?, id)),
            None => None,
        };
        let rows = Writer::new(filter, order).page(cursor, limit).build().fetch_all(&self.read).await?;
        let mut found = ids(&rows)?;
        let is_full = u32::try_from(found.len()).is_ok_and(|count| count == limit);
        let mut next = found.last().copied().filter(|_| is_full);
        if !is_full && Writer::new(filter, order).is_ordered() {
            // Short: either all were seen, or only as many as one page looks at.
            let rows = Writer::new(filter, order).last_candidate(cursor).build().fetch_all(&self.read).await?;
            next = ids(&rows)?.first().copied();
        }
        if matches!(from, From::UpTo(_)) {
            found.reverse();
        }
        Ok((found, next))
    }

    async fn key_of(&self, key: &'static str, id: GenerationId) -> Result<i64> {
        if key == "id" {
            return Ok(id.as_i64());
        }
        let row =
            sqlx::query("select seconds, remixes, coalesce(deleted_at, 0) as deleted_at from generation where id = $1")
                .bind(id.as_i64())
                .fetch_optional(&self.read)
                .await?;
        row.map_or(Ok(0), |row| Ok(row.try_get(key)?))
    }

    /// These clips, in this order; what is not there is left out.
    pub async fn clips(&self, ids: &[GenerationId]) -> Result<Vec<Clip>> {
        let mut clips = self.clips_or_veiled(ids).await?;
        clips.retain(|clip| !clip.is_veiled());
        Ok(clips)
    }

    /// The same, and of those that others keep private, where they stand.
    pub async fn clips_or_veiled(&self, ids: &[GenerationId]) -> Result<Vec<Clip>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = QueryBuilder::<Sqlite>::new("select * from clip where id in (");
        among(&mut sql, ids);
        let rows = sql.build().fetch_all(&self.read).await?;
        let mut found: std::collections::HashMap<_, _> =
            self.seen_or_veiled(&rows)?.into_iter().map(|clip| (clip.id, clip)).collect();
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}

#[cfg(test)]
mod tests;
