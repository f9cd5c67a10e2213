//! What changes on a page that is open: `<hx-partial>` messages, for answers and for the stream alike.
//! Refuses to know who listens: a part that the page does not have is passed over by htmx.

use std::fmt::{Display, Write as _};

use askama::Template;
use askama::filters::HtmlSafe;

use super::composer::{Composer, Settings};
use super::frame::{Flash, Notice, Waiting};
use super::queue::Queue;
use super::shelf::{Bell, Newer, Selection, Shelf};
use super::stage::{Keep, Side, Stage};
use super::tile::{More, Take, Tile, Tiles};

#[derive(Template)]
#[template(path = "live/partial.html")]
struct Partial<'a, T: Display + HtmlSafe> {
    target: &'a str,
    swap: &'a str,
    content: T,
}

/// Parts of a page, as they are now. Chain what changed, then send it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message(String);

impl Message {
    /// Nothing changed yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn put<T: Display + HtmlSafe>(mut self, target: &str, swap: &str, content: T) -> Self {
        let partial = Partial { target, swap, content };
        writeln!(self.0, "{partial}").expect("a String takes all that is written to it");
        self
    }

    /// A tile of the wall changed; not for a task's page, where the same id is a take.
    pub fn tile(self, tile: &Tile) -> Self {
        self.put(&format!("#g-{}", tile.id), "outerMorph", tile)
    }

    /// A take on its task's page changed.
    pub fn take(self, take: &Take) -> Self {
        self.put(&format!("#g-{}", take.id), "outerMorph", take)
    }

    /// These are the newest tiles, newest first: new ones go on top, known ones change in place.
    pub fn newest(self, tiles: &[Tile]) -> Self {
        self.put("#wall", "afterbegin", Tiles { tiles })
    }

    /// The next page of the wall.
    pub fn older(self, tiles: &[Tile], more: &More) -> Self {
        self.put("#wall", "beforeend", Tiles { tiles }).put("#more", "outerMorph", more)
    }

    /// A generation is no longer in the library.
    pub fn gone(self, id: &str) -> Self {
        self.put(&format!("#g-{id}"), "delete", Text(""))
    }

    /// How many wait or run.
    pub fn waiting(self, count: u32) -> Self {
        self.put("#waiting", "outerMorph", Waiting { count })
    }

    /// What a search found: everything of a wall that changes with it.
    pub fn found(self, found: &Shelf) -> Self {
        self.put("#wall", "outerMorph", &found.wall)
            .put("#newer", "outerMorph", &found.newer)
            .put("#more", "outerMorph", &found.more)
            .put("#chips", "outerMorph", &found.chips)
            .put("#found", "outerMorph", &found.found)
    }

    /// The page of the wall before what is shown.
    pub fn newer(self, tiles: &[Tile], newer: &Newer) -> Self {
        self.put("#wall", "afterbegin", Tiles { tiles }).put("#newer", "outerMorph", newer)
    }

    /// What can be done with chosen clips: nothing is chosen any more.
    pub fn selection(self, selection: &Selection) -> Self {
        self.put("#selection", "outerMorph", selection).put("#drop", "outerMorph", selection.drop())
    }

    /// The bell.
    pub fn bell(self, bell: &Bell) -> Self {
        self.put("#bell", "outerMorph", bell)
    }

    /// The storyboard, whole.
    pub fn board(self, board: &super::storyboard::Board) -> Self {
        self.put("#board", "outerMorph", board)
    }

    /// The queue, whole.
    pub fn queue(self, queue: &Queue) -> Self {
        self.put("#queue", "outerMorph", queue)
    }

    /// What people keep with a clip.
    pub fn keep(self, keep: &Keep) -> Self {
        self.put("#keep", "outerMorph", keep)
    }

    /// The picture of a generation's page changed.
    pub fn stage(self, stage: &Stage) -> Self {
        self.put(&format!("#g-{}", stage.id), "outerMorph", stage)
    }

    /// The words of a generation's page changed.
    pub fn side(self, side: &Side) -> Self {
        self.put("#side", "outerMorph", side)
    }

    /// The menus follow what was chosen: sheet, chip and cost.
    pub fn settings(self, settings: &Settings) -> Self {
        self.put("#sheet", "outerMorph", settings)
            .put("#chip-model", "textContent", Text(settings.chosen_model()))
            .put("#chip-rest", "textContent", Text(&settings.chosen_rest()))
            .put("#chip-style", "textContent", Text(settings.chosen_style()))
            .put("#cost", "textContent", Text(&settings.cost.total))
    }

    /// The composer: as it was sent, with what is wrong (the chosen file stays), or after a
    /// success empty and with the next token.
    pub fn composer(self, composer: &Composer) -> Self {
        self.put("#composer", "outerMorph", composer)
    }

    /// The banners.
    pub fn notices(self, notices: &[Notice]) -> Self {
        self.put("#notices", "innerMorph", Notices { notices })
    }

    /// A message about what was just done.
    pub fn flash(self, flash: &Flash) -> Self {
        self.put("#flash", "innerHTML", flash)
    }

    /// Tells those who listen rather than look.
    pub fn say(self, text: &str) -> Self {
        self.put("#said", "textContent", Text(text))
    }

    /// The HTML, for a body or for the data of an unnamed event.
    pub fn into_string(self) -> String {
        self.0
    }
}

#[derive(Template)]
#[template(source = "{% for notice in notices %}{{ notice }}{% endfor %}", ext = "html")]
struct Notices<'a> {
    notices: &'a [Notice],
}

#[derive(Template)]
#[template(source = "{{ self.0 }}", ext = "html")]
struct Text<'a>(&'a str);

super::part!(Notices<'_>, Text<'_>);

#[cfg(test)]
mod tests {
    use super::super::{Clip, Elapsed, Face, Picture, Plate, Ratio};
    use super::*;
    use crate::domain::State;

    fn tile(prompt: &str, picture: Picture) -> Tile {
        let face = Face {
            href: "/g/7".to_owned(),
            label: prompt.to_owned(),
            prompt: prompt.to_owned(),
            length: "4s".to_owned(),
            badges: Vec::new(),
            actions: Vec::new(),
            picture,
        };
        Tile {
            id: "7".to_owned(),
            state: State::InProgress,
            ratio: Ratio::named("16:9"),
            best: false,
            favorite: None,
            facts: super::super::tile::Facts::default(),
            face,
        }
    }

    #[test]
    fn a_changed_tile_replaces_its_own_root_and_nothing_else() {
        let plate = Plate::ring(Some(62), "Rendering", "about 40 s left", 0).elapsed(Elapsed::new(1_000, 81_000));
        let sent = Message::new().tile(&tile("A fox", Picture::Plate(plate))).waiting(2).into_string();
        assert!(sent.starts_with(r##"<hx-partial hx-target="#g-7" hx-swap="outerMorph"><li class="tile" id="g-7" data-generation="7" data-state="in_progress""##), "{sent}");
        assert!(sent.contains(r#"<span data-since="1000">1 min 20 s</span> so far · about 40 s left"#), "{sent}");
        assert_eq!(sent.matches("<hx-partial").count(), 2);
    }

    #[test]
    fn what_a_person_typed_never_becomes_markup() {
        let evil = r#"<script>alert("x")</script></hx-partial>"#;
        let clip = Clip { poster: None, video: "/g/7/clip.mp4".to_owned(), wide: 1280, high: 720, fresh: true };
        let sent = Message::new().tile(&tile(evil, Picture::Clip(clip))).say(evil).into_string();
        assert!(!sent.contains("<script"), "{sent}");
        assert_eq!(sent.matches("</hx-partial>").count(), 2);
        assert!(sent.contains("<video"), "a part inside a part is not escaped twice: {sent}");
    }
}
