//! The doors of Rushes (signing in, setting up, joining, a new password), and one's own account.

use std::fmt;

use askama::Template;

use super::frame::{Frame, Theme};
use super::stage::When;

/// What opens a door once: a code, or the link that holds it. Its `Debug` hides it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Once(String);

impl Once {
    /// Wraps it.
    pub fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }
}

impl fmt::Display for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once(…)")
    }
}

/// A field of a door.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoorField {
    /// As posted.
    pub name: &'static str,
    /// As people read it.
    pub label: &'static str,
    /// `text` or `password`.
    pub kind: &'static str,
    /// What was typed; never a password.
    pub value: String,
    /// What browsers fill in.
    pub autocomplete: &'static str,
    /// What does.
    pub hint: &'static str,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl DoorField {
    /// A name to sign in with.
    pub fn username(value: &str, error: Option<String>) -> Self {
        Self {
            name: "username",
            label: "Username",
            kind: "text",
            value: value.to_owned(),
            autocomplete: "username",
            hint: "",
            error,
        }
    }

    /// The password that one has.
    pub fn password() -> Self {
        Self {
            name: "password",
            label: "Password",
            kind: "password",
            autocomplete: "current-password",
            ..Self::default()
        }
    }

    /// A password that one chooses.
    pub fn new_password(error: Option<String>) -> Self {
        Self {
            autocomplete: "new-password",
            hint: "At least 10 characters. A few words in a row are good.",
            error,
            ..Self::password()
        }
    }

    fn described_by(&self) -> Option<String> {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let error = self.error.is_some().then(|| format!("{}-error", self.name));
        let ids: Vec<String> = hint.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// A page for people who are not signed in: one form, or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account/door.html")]
pub struct DoorPage {
    /// The chosen colours.
    pub theme: Theme,
    /// `Sign in to Rushes`.
    pub title: String,
    /// What it is about.
    pub text: String,
    /// What went wrong.
    pub error: Option<String>,
    /// Where the form is sent.
    pub action: String,
    /// What it carries along.
    pub hidden: Vec<(&'static str, String)>,
    /// Whose password it is, for those who keep passwords.
    pub whose: Option<String>,
    /// In order; none for a page that only tells.
    pub fields: Vec<DoorField>,
    /// What the button says.
    pub verb: &'static str,
    /// What else helps.
    pub small: &'static str,
}

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its id.
    pub id: String,
    /// `Firefox on Linux`.
    pub device: String,
    /// Where it signed in from.
    pub address: String,
    /// When it was last used.
    pub used: When,
    /// Whether it is this one.
    pub is_this: bool,
}

/// One's own account.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account/index.html")]
pub struct AccountPage {
    /// Around it.
    pub frame: Frame,
    /// `Member · Plus`.
    pub about: String,
    /// What one is called, or typed to be called.
    pub name: String,
    /// What is wrong with it.
    pub name_error: Option<String>,
    /// What is wrong with the password that was given as the present one.
    pub current_error: Option<String>,
    /// What is wrong with the new one.
    pub password_error: Option<String>,
    /// The chosen time zone; empty for the server's.
    pub zone: String,
    /// The server's.
    pub server_zone: String,
    /// All that can be chosen.
    pub zones: Vec<String>,
    /// New clips are one's own to see.
    pub is_private: bool,
    /// The last used first.
    pub sessions: Vec<SessionRow>,
    /// What was just done.
    pub done: Option<&'static str>,
}
