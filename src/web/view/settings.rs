//! Settings, folders, help, shortcuts, and the page that shows every part to those who build it.

use askama::Template;
use askama::filters::HtmlSafe;

use super::frame::{Frame, Theme};
use super::shelf::{Item, Look, Size};
use super::stage::Facts;

/// One model of the settings' table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRow {
    /// Its label.
    pub label: String,
    /// Its upstream.
    pub upstream: String,
    /// Its shapes and resolutions.
    pub sizes: String,
    /// Its lengths.
    pub seconds: String,
    /// Its price.
    pub price: String,
}

/// The settings' page.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "settings/index.html")]
pub struct SettingsPage {
    /// Around it.
    pub frame: Frame,
    /// How walls are shown.
    pub look: Look,
    /// The data folder, for the command that makes the first account.
    pub data: String,
    /// Pages of accounts; none without them.
    pub team: Vec<Item>,
    /// Other pages, such as the trash.
    pub links: Vec<Item>,
    /// Storage and limits.
    pub facts: Facts,
    /// Every model.
    pub models: Vec<ModelRow>,
}

/// One folder of the folders' page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderCard {
    /// Its id.
    pub id: String,
    /// What it is called, or was typed to be called.
    pub name: String,
    /// `12 clips`.
    pub count: String,
    /// The address of a still.
    pub still: Option<String>,
    /// What is wrong with what was typed.
    pub error: Option<String>,
}

/// The folders.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "folders/index.html")]
pub struct FoldersPage {
    /// Around it.
    pub frame: Frame,
    /// By name.
    pub folders: Vec<FolderCard>,
    /// What was typed as a new folder's name.
    pub name: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// HTML that was made of a text of ours, which is the only thing that may be put here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prose(String);

impl Prose {
    /// From a Markdown text that is part of this program; HTML in it is shown as text.
    pub fn of(markdown: &'static str) -> Self {
        use pulldown_cmark::{Event, Options, Parser, html};
        let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES).map(|event| {
            if let Event::Html(text) | Event::InlineHtml(text) = event { Event::Text(text) } else { event }
        });
        let mut out = String::new();
        html::push_html(&mut out, parser);
        // Links between the pages are written for readers of the files.
        Self(with_places(&out.replace(".md\"", "\"")))
    }
}

/// Each second heading gets its words as its id, so that a link may lead there.
fn with_places(html: &str) -> String {
    let mut parts = html.split("<h2>");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let words = part.split_once("</h2>").map_or("", |(words, _)| words);
        let place: String =
            words.chars().map(|sign| if sign.is_alphanumeric() { sign.to_ascii_lowercase() } else { '-' }).collect();
        out.extend(["<h2 id=\"", &place, "\">", part]);
    }
    out
}

impl std::fmt::Display for Prose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Prose {}

/// A page that explains something.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "settings/help.html")]
pub struct HelpPage {
    /// Around it.
    pub frame: Frame,
    /// What the other pages are.
    pub others: &'static str,
    /// The text.
    pub prose: Prose,
    /// The other pages.
    pub links: Vec<Item>,
}

/// The keyboard shortcuts, for those who read them without script.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "settings/shortcuts.html")]
pub struct ShortcutsPage {
    /// Around it.
    pub frame: Frame,
}

/// A question before something that cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "settings/confirm.html")]
pub struct ConfirmPage {
    /// Around it.
    pub frame: Frame,
    /// What is asked.
    pub title: String,
    /// What it means.
    pub text: String,
    /// Where yes is sent.
    pub action: String,
    /// Hidden fields of the form.
    pub fields: Vec<(String, String)>,
    /// What yes says.
    pub verb: String,
    /// Where no leads.
    pub back: String,
}

/// Every part in every state, for those who build it.
#[cfg(debug_assertions)]
#[derive(Debug, Clone, Template)]
#[template(path = "settings/styleguide.html")]
pub struct StyleguidePage {
    /// Around it.
    pub frame: Frame,
    /// Names of colours.
    pub colours: &'static [&'static str],
    /// Buttons in every tone and size.
    pub actions: Vec<super::action::Action>,
    /// Tiles in every state.
    pub tiles: Vec<super::tile::Tile>,
    /// Takes in every state.
    pub takes: Vec<super::tile::Take>,
    /// A queue with something in each of its parts.
    pub queue: super::queue::Queue,
    /// The bar of chosen clips, on a wall and in the trash.
    pub selections: [super::shelf::Selection; 2],
    /// The bell, with unread news.
    pub bell: super::shelf::Bell,
    /// A player without a clip.
    pub player: super::stage::Player,
    /// An empty part of the library.
    pub empty: super::shelf::Empty,
    /// Failure cards of every family.
    pub failures: Vec<super::failure::Failure>,
    /// Banners.
    pub notices: Vec<super::frame::Notice>,
    /// Messages.
    pub flashes: Vec<super::frame::Flash>,
    /// Icons by name.
    pub icons: Vec<&'static str>,
    /// The composer, with everything wrong.
    pub composer: super::composer::Composer,
}
