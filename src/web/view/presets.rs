//! The page of styles, and the one that picks a picture from the library.

use askama::Template;

use super::frame::Frame;
use super::icon::Ratio;

/// A style as typed, with what is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PresetForm {
    /// Its name.
    pub name: String,
    /// What it adds.
    pub text: String,
    /// Everyone here may use it.
    pub is_shared: bool,
    /// What is wrong with the name.
    pub name_error: Option<String>,
    /// What is wrong with the text.
    pub text_error: Option<String>,
    /// What is wrong with the picture.
    pub picture_error: Option<String>,
}

/// A style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// What forms post for it.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What it adds, in full.
    pub text: String,
    /// The address of its picture.
    pub picture: Option<String>,
    /// What brings it into a prompt after an `@`.
    pub handle: Option<String>,
    /// Its form is open.
    pub is_open: bool,
    /// The form that changes it, for those who may.
    pub edit: Option<PresetForm>,
}

/// All styles.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "presets/index.html")]
pub struct PresetsPage {
    /// Around it.
    pub frame: Frame,
    /// One's own and shared ones.
    pub own: Vec<Card>,
    /// Those that come with Rushes.
    pub built_in: Vec<Card>,
    /// The form for a new one.
    pub new: PresetForm,
}

/// Something of the library whose picture can go with a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The address of its still.
    pub still: Option<String>,
    /// Its shape.
    pub ratio: Ratio,
    /// Where a press on it leads.
    pub href: String,
    /// A film, of which one takes the first or the last frame.
    pub is_film: bool,
}

/// Pictures of the library.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "presets/attach.html")]
pub struct AttachPage {
    /// Around it.
    pub frame: Frame,
    /// Uploads first, then clips.
    pub candidates: Vec<Candidate>,
    /// Where older ones are.
    pub older: Option<String>,
}
