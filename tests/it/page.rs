//! A page as a reader sees it: by role, name and text, not by its markup.

use scraper::{ElementRef, Html, Selector};

/// A page that was read.
pub struct Page {
    html: Html,
}

/// A generation as a page draws it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    pub id: String,
    pub state: String,
    pub text: String,
}

fn text(element: ElementRef<'_>) -> String {
    element.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

impl Page {
    pub fn read(html: &str) -> Self {
        Self { html: Html::parse_document(html) }
    }

    pub fn all(&self, selector: &str) -> Vec<ElementRef<'_>> {
        self.html.select(&Selector::parse(selector).unwrap()).collect()
    }

    /// The first element that a selector finds, which must be there.
    pub fn one(&self, selector: &str) -> ElementRef<'_> {
        *self.all(selector).first().unwrap_or_else(|| panic!("nothing is {selector}"))
    }

    /// An attribute of the first element that a selector finds.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        self.all(selector).first()?.value().attr(name).map(ToOwned::to_owned)
    }

    /// Everything drawn of generations, in order.
    pub fn generations(&self) -> Vec<Drawn> {
        self.all("[data-generation]")
            .into_iter()
            .map(|element| Drawn {
                id: element.value().attr("data-generation").unwrap().to_owned(),
                state: element.value().attr("data-state").unwrap_or_default().to_owned(),
                text: text(element),
            })
            .collect()
    }

    /// All words on the page.
    pub fn text(&self) -> String {
        self.all("body").into_iter().map(text).collect()
    }

    /// The words of the error that a field names as its description.
    pub fn error_of(&self, field: &str) -> Option<String> {
        let id = self
            .attribute(&format!("[name={field}][aria-describedby], #{field}[aria-describedby]"), "aria-describedby")?;
        let ids = id.split_whitespace();
        Some(ids.filter_map(|id| self.all(&format!("[id='{id}']")).first().copied().map(text)).collect())
    }
}
