//! Keys of the API.

use askama::Template;

use super::account::Once;
use super::frame::Frame;
use super::stage::When;

/// A key of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its first and last signs.
    pub hint: String,
    /// `read, create`.
    pub scopes: String,
    /// When it was made.
    pub made: When,
    /// When it was last used.
    pub used: Option<When>,
    /// Until when it works.
    pub until: Option<When>,
    /// `Revoked` or `Expired`; none while it works.
    pub ended: Option<&'static str>,
}

/// The form of a new key: `name`, `scope` (each), `days`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyForm {
    /// The name, as typed.
    pub name: String,
    /// Each scope: its word, what it lets one do, whether it is chosen.
    pub scopes: Vec<(&'static str, &'static str, bool)>,
    /// How long it works: value, words, whether it is chosen.
    pub days: Vec<(&'static str, &'static str, bool)>,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// Keys, and how to use them.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account/keys.html")]
pub struct KeysPage {
    /// Around it.
    pub frame: Frame,
    /// The address that clients are given.
    pub base_url: String,
    /// There are no accounts: any key will do on this machine.
    pub is_alone: bool,
    /// The plan does not have the API.
    pub is_barred: bool,
    /// A key that was just made, shown this once.
    pub made: Option<Once>,
    /// The form.
    pub form: KeyForm,
    /// The newest first.
    pub keys: Vec<KeyRow>,
}
