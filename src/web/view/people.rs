//! Who is here: people, invitations, links that were just made, and the page before somebody goes.

use askama::Template;

use super::account::Once;
use super::composer::Choice;
use super::frame::Frame;
use super::stage::When;

/// Somebody in a circle: initials on one of five quiet colours, the same for the same name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// What they are called.
    pub name: String,
    /// One or two letters.
    pub initials: String,
    /// 0 to 4, as the stylesheet knows them.
    pub hue: u8,
}

impl Who {
    /// From a name.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        let first = |word: &str| word.chars().find(|c| c.is_alphanumeric()).map(|c| c.to_uppercase().to_string());
        let mut letters = name.split_whitespace().filter_map(first);
        let mut initials = letters.next().unwrap_or_else(|| "?".to_owned());
        initials.extend(letters.next_back());
        let hue = name.bytes().fold(0, |sum, byte| (sum * 3 + byte % 5) % 5);
        Self { name, initials, hue }
    }
}

/// A link that works once, shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// `Invitation for a member with Plus`, `New password for Noor`.
    pub title: String,
    /// The whole link.
    pub link: Once,
    /// `Works once, until 30 November. It is shown only now.`
    pub note: String,
}

/// The form of an invitation: fields `role`, `plan`, `days`, `note`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InviteForm {
    /// The roles that one may give.
    pub roles: Vec<Choice>,
    /// Every plan.
    pub plans: Vec<Choice>,
    /// How many days it works, as typed; `7` to begin with.
    pub days: String,
    /// For whom it is, as typed.
    pub note: String,
    /// What is wrong with the role.
    pub role_error: Option<String>,
    /// What is wrong with the plan.
    pub plan_error: Option<String>,
    /// What is wrong with the days.
    pub days_error: Option<String>,
    /// What is wrong with the note.
    pub note_error: Option<String>,
    /// It is unfolded; it always is when something in it is wrong.
    pub is_open: bool,
}

impl InviteForm {
    /// Whether it must be seen.
    fn is_seen(&self) -> bool {
        let errors = [&self.role_error, &self.plan_error, &self.days_error, &self.note_error];
        self.is_open || errors.into_iter().any(Option::is_some)
    }
}

/// An invitation that nobody has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// Its id.
    pub id: String,
    /// `Member`.
    pub role: String,
    /// `Plus`; none for no limits.
    pub plan: Option<String>,
    /// For whom it is; may be empty.
    pub note: String,
    /// Who made it.
    pub by: String,
    /// The last moment at which it works.
    pub until: When,
}

/// What may be changed of somebody: fields `role`, `plan`, `money_per_month`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonForm {
    /// The roles that one may give them.
    pub roles: Vec<Choice>,
    /// Every plan.
    pub plans: Vec<Choice>,
    /// Their own budget in dollars, as typed; empty for the plan's.
    pub money: String,
    /// What an empty one means: `$150, as Plus`.
    pub plan_money: String,
    /// What is wrong with the role.
    pub role_error: Option<String>,
    /// What is wrong with the plan.
    pub plan_error: Option<String>,
    /// What is wrong with the money.
    pub money_error: Option<String>,
    /// It is unfolded; it always is when something in it is wrong.
    pub is_open: bool,
}

impl PersonForm {
    /// Whether it must be seen.
    fn is_seen(&self) -> bool {
        let errors = [&self.role_error, &self.plan_error, &self.money_error];
        self.is_open || errors.into_iter().any(Option::is_some)
    }
}

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Their id.
    pub id: String,
    /// Who.
    pub who: Who,
    /// `Member`.
    pub role: String,
    /// `Plus`; none for no limits.
    pub plan: Option<String>,
    /// They cannot sign in.
    pub is_disabled: bool,
    /// When they were last here; none for never.
    pub last_seen: Option<When>,
    /// `278 clips`.
    pub clips: String,
    /// `$63.80`.
    pub spent: String,
    /// It is the one who asks: nobody shuts themselves out.
    pub is_you: bool,
    /// What may be changed; none where the one who asks may not.
    pub edit: Option<PersonForm>,
}

/// `GET /admin/users`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "admin/people.html")]
pub struct PeoplePage {
    /// Around it.
    pub frame: Frame,
    /// `41 people, 2 of them disabled. Clips and money are of the last 30 days.`
    pub summary: String,
    /// A link that was just made.
    pub made: Option<Made>,
    /// The form of a new invitation.
    pub invite: InviteForm,
    /// Invitations that nobody has used, the last made first.
    pub invites: Vec<Invite>,
    /// By name.
    pub people: Vec<PersonRow>,
}

/// What becomes of somebody's clips.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Leave {
    /// They stay.
    #[default]
    Keep,
    /// Somebody else has them.
    Hand,
    /// They go to the trash.
    Trash,
}

impl Leave {
    /// As the form carries it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Hand => "hand",
            Self::Trash => "trash",
        }
    }
}

/// `GET /admin/users/{id}/remove`; the form posts `clips` and `to`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "admin/remove.html")]
pub struct RemovePersonPage {
    /// Around it.
    pub frame: Frame,
    /// Their id.
    pub id: String,
    /// Who.
    pub who: Who,
    /// `278 clips, 12 of them private`; none when there is nothing to decide about.
    pub clips: Option<String>,
    /// What was chosen.
    pub leave: Leave,
    /// Those who can have the clips.
    pub heirs: Vec<Choice>,
    /// What is wrong with the choice.
    pub leave_error: Option<String>,
    /// What is wrong with whom they go to.
    pub to_error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_name() {
        let cases = [
            ("Mara Oyelaran", "MO"),
            ("ines", "I"),
            ("Ana de la Cruz", "AC"),
            ("نور حداد", "نح"),
            ("(Tom)", "T"),
            ("", "?"),
        ];
        for (name, initials) in cases {
            assert_eq!(Who::new(name).initials, initials);
        }
    }

    #[test]
    fn a_form_with_an_error_is_seen() {
        assert!(!InviteForm::default().is_seen());
        assert!(InviteForm { days_error: Some("Use 1 to 30.".to_owned()), ..InviteForm::default() }.is_seen());
        assert!(PersonForm { money_error: Some("Use dollars.".to_owned()), ..PersonForm::default() }.is_seen());
    }
}
