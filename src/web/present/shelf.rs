//! What stands around a wall, in words: filters, parts of the library, what is empty and why.

use crate::domain::search::{Query, Status};
use crate::domain::{GenerationId, Millis};
use crate::store::library::{Scope, Sort};
use crate::web::App;
use crate::web::error::Error;
use crate::web::library::more;
use crate::web::shelf::{SORTS, Shelf, day_of};
use crate::web::view::action::Tone;
use crate::web::view::shelf::{Chip, Chips, Empty, Found, Item, Jump, Newer, Shelf as Parts, Wall};
use crate::web::view::tile::Tile;
use crate::web::view::{Action, Section};

/// Shapes that the menu offers.
const SHAPES: [(&str, &str); 6] = [
    ("16:9", "Wide, 16:9"),
    ("9:16", "Tall, 9:16"),
    ("1:1", "Square, 1:1"),
    ("4:3", "4:3"),
    ("3:4", "3:4"),
    ("21:9", "Cinema, 21:9"),
];

/// The rail's entry of a part.
pub const fn section(scope: Scope) -> Section {
    match scope {
        Scope::All => Section::All,
        Scope::Mine => Section::Mine,
        Scope::Favorites => Section::Favorites,
        Scope::Uploads => Section::Uploads,
        Scope::Folder(_) => Section::Folders,
        Scope::Trash => Section::Trash,
    }
}

/// A part under its filters.
pub fn parts(app: &App, shelf: &Shelf, tiles: Vec<Tile>, newer: Option<String>, next: Option<GenerationId>) -> Parts {
    let empty = (tiles.is_empty() && next.is_none()).then(|| empty(shelf)).flatten();
    let mut words = shelf.query.problems.clone();
    if tiles.is_empty() && !shelf.query.is_empty() {
        words.push(if next.is_some() {
            "Nothing among the newest; older clips are looked through below.".to_owned()
        } else {
            "Nothing here is like that.".to_owned()
        });
    }
    Parts {
        chips: chips(app, shelf),
        found: Found { words },
        newer: Newer { href: newer },
        wall: Wall { here: shelf.front(), takes_new: shelf.takes_new(), tiles },
        more: more(shelf, next),
        empty,
    }
}

fn chip(kind: &'static str, chosen: Option<String>, items: Vec<Item>) -> Chip {
    let on = chosen.is_some();
    Chip { label: chosen.unwrap_or_else(|| kind.to_owned()), kind, on, items, jump: None }
}

fn chips(app: &App, shelf: &Shelf) -> Chips {
    let mut menus = Vec::new();
    let is_made = matches!(shelf.scope, Scope::All | Scope::Mine | Scope::Favorites | Scope::Folder(_));
    if is_made {
        menus.push(models(app, shelf));
        menus.push(states(shelf));
    }
    menus.push(shapes(shelf));
    menus.push(dates(app, shelf));
    if shelf.scope != Scope::Trash {
        menus.push(sorts(shelf));
    }
    let mut words: Vec<Item> = shelf
        .query
        .chips()
        .into_iter()
        .map(|(label, without)| Item::new(label, shelf.search(&without), false))
        .collect();
    if let Some(day) = shelf.at {
        words.push(Item::new(format!("from {} back", day.shown()), shelf.front(), false));
    }
    Chips { menus, words }
}

fn any(shelf: &Shelf, label: &str, holds: bool, without: impl FnOnce(&mut Query)) -> Item {
    Item::new(label, shelf.search(&shelf.query.with(without)), holds)
}

fn models(app: &App, shelf: &Shelf) -> Chip {
    let chosen = shelf.query.model.clone();
    let mut items = vec![any(shelf, "Any model", chosen.is_none(), |query| query.model = None)];
    let known = app.studio.upstreams.models();
    for model in known.iter().take(40) {
        let query = shelf.query.with(|query| query.model = Some(model.key.clone()));
        let holds = chosen.as_deref().is_some_and(|name| name == model.key || name.eq_ignore_ascii_case(&model.label));
        items.push(Item::new(&model.label, shelf.search(&query), holds));
    }
    let label =
        chosen.map(|name| known.iter().find(|model| model.key == name).map_or(name, |model| model.label.clone()));
    chip("Model", label, items)
}

fn states(shelf: &Shelf) -> Chip {
    let chosen = shelf.query.status;
    let mut items = vec![any(shelf, "Any state", chosen.is_none(), |query| query.status = None)];
    for status in Status::ALL {
        let query = shelf.query.with(|query| query.status = Some(status));
        items.push(Item::new(status.label(), shelf.search(&query), chosen == Some(status)));
    }
    let favorite = shelf.query.with(|query| query.favorite = true);
    if shelf.scope != Scope::Favorites {
        items.push(Item::new("Favorites", shelf.search(&favorite), shelf.query.favorite));
    }
    items.push(Item::new("Best takes", shelf.search(&shelf.query.with(|query| query.best = true)), shelf.query.best));
    chip("State", chosen.map(|status| status.label().to_owned()), items)
}

fn shapes(shelf: &Shelf) -> Chip {
    let chosen = shelf.query.ratio.clone();
    let mut items = vec![any(shelf, "Any shape", chosen.is_none(), |query| query.ratio = None)];
    for (ratio, label) in SHAPES {
        let query = shelf.query.with(|query| query.ratio = Some(ratio.to_owned()));
        items.push(Item::new(label, shelf.search(&query), chosen.as_deref() == Some(ratio)));
    }
    for longer in [5, 10] {
        let query = shelf.query.with(|query| query.longer = Some(longer));
        let holds = shelf.query.longer == Some(longer);
        items.push(Item::new(format!("Longer than {longer} s"), shelf.search(&query), holds));
    }
    chip("Shape", chosen, items)
}

fn dates(app: &App, shelf: &Shelf) -> Chip {
    let now = app.studio.clock.now();
    let ago = |days: i64| day_of(Millis::from_i64(now.as_i64() - days * 24 * 60 * 60 * 1000));
    let mut items = vec![any(shelf, "Any day", shelf.query.after.is_none() && shelf.query.before.is_none(), |query| {
        query.after = None;
        query.before = None;
    })];
    for (days, label) in [(0, "Today"), (6, "Last 7 days"), (29, "Last 30 days")] {
        let query = shelf.query.with(|query| query.after = ago(days));
        items.push(Item::new(
            label,
            shelf.search(&query),
            shelf.query.after.is_some() && shelf.query.after == ago(days),
        ));
    }
    let mut fields = Vec::new();
    if !shelf.query.is_empty() {
        fields.push(("q", shelf.query.to_string()));
    }
    let mut chip = chip("Date", None, items);
    if matches!(shelf.sort, Sort::Newest) && shelf.scope != Scope::Trash {
        let day = shelf.at.map(|day| day.to_string()).unwrap_or_default();
        chip.jump = Some(Jump { action: shelf.path(), fields, day });
    }
    chip
}

fn sorts(shelf: &Shelf) -> Chip {
    let items = SORTS.iter().map(|(sort, label)| Item::new(*label, shelf.sorted(*sort), *sort == shelf.sort)).collect();
    let chosen = SORTS.iter().find(|(sort, _)| *sort == shelf.sort && *sort != Sort::Newest);
    chip("Sort", chosen.map(|(_, label)| (*label).to_owned()), items)
}

/// The menu of parts: where the rail has no room, this is the way to all of them.
pub fn scopes(shelf: &Shelf, folders: &[(String, String)]) -> Vec<Item> {
    let part = |label: &str, href: &str, icon, scope| Item::new(label, href, shelf.scope == scope).icon(icon);
    let mut items = vec![
        part("All", "/", "all", Scope::All),
        part("Mine", "/mine", "mine", Scope::Mine),
        part("Favorites", "/favorites", "heart", Scope::Favorites),
        part("Uploads", "/uploads", "uploads", Scope::Uploads),
    ];
    for (id, name) in folders.iter().take(30) {
        let current = shelf.folder.as_ref().is_some_and(|folder| folder.id.to_string() == *id);
        items.push(Item::new(name, format!("/f/{id}"), current).icon("folder"));
    }
    items.push(Item::new("All folders", "/folders", false).icon("folder-plus"));
    items.push(part("Trash", "/trash", "trash", Scope::Trash));
    items
}

/// What holds for all clips of a part, and what can be done with the whole.
pub async fn about(app: &App, shelf: &Shelf) -> Result<(Option<String>, Vec<Action>), Error> {
    Ok(match shelf.scope {
        Scope::Trash => {
            let note = "Clips are deleted for good 30 days after they were put here.".to_owned();
            let empty = Action::link("Empty trash", "/trash/empty").icon("trash").tone(Tone::Danger).small();
            let tools = if app.studio.store.has_trash().await? { vec![empty] } else { Vec::new() };
            (Some(note), tools)
        }
        Scope::Folder(id) => {
            let rename = Action::link("Rename or remove", format!("/folders#f-{id}")).icon("edit").small();
            let zip = Action::post("Download folder", "/selection/download")
                .with("all", "1")
                .with("here", shelf.path())
                .icon("download")
                .small()
                .plain();
            (None, vec![zip, rename])
        }
        Scope::All | Scope::Mine | Scope::Favorites | Scope::Uploads => (None, Vec::new()),
    })
}

fn empty(shelf: &Shelf) -> Option<Empty> {
    let tell = |title: &str, text: &str, action: Option<Action>| {
        Some(Empty { title: title.to_owned(), text: text.to_owned(), action })
    };
    if !shelf.query.is_empty() || shelf.at.is_some() {
        let all = Action::link("Show all", shelf.path());
        return tell("Nothing found", "Try fewer words, or take a filter away.", Some(all));
    }
    match shelf.scope {
        Scope::All => None,
        Scope::Mine => tell("Nothing of yours yet", "What you create is here.", Some(Action::link("See all", "/"))),
        Scope::Favorites => tell(
            "No favorites yet",
            "Press the heart on a clip, or f on the keyboard, and it is kept here.",
            Some(Action::link("See all", "/")),
        ),
        Scope::Uploads => tell("No uploads yet", "Your own pictures and films are kept here.", None),
        Scope::Folder(_) => tell(
            "This folder is empty",
            "Select clips and add them, or drag them onto it.",
            Some(Action::link("See all", "/")),
        ),
        Scope::Trash => tell("The trash is empty", "What you delete stays here for 30 days.", None),
    }
}

/// Whole days until a deleted clip goes for good.
pub fn days_left(deleted_at: Millis, now: Millis) -> String {
    let end = deleted_at.after(crate::domain::pace::TRASH);
    match end.since(now).as_secs().div_ceil(24 * 60 * 60) {
        0 => "goes today".to_owned(),
        1 => "1 day left".to_owned(),
        days => format!("{days} days left"),
    }
}
