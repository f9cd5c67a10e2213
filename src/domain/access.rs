//! Who may do what: one table of roles and rights, and who sees a clip.

use super::PersonId;
use super::word::words;

words! {
    /// What somebody is in a team.
    Role {
        /// Everything, also who else is owner or admin.
        Owner = "owner",
        /// Members and viewers, plans, budgets, everybody's queue.
        Admin = "admin",
        /// Makes clips, and keeps those of their own.
        Member = "member",
        /// Looks.
        Viewer = "viewer",
    }
}

words! {
    /// Who sees a clip or a folder.
    Visibility {
        /// Everybody who is signed in.
        Team = "team",
        /// Whoever made it, and nobody else.
        Private = "private",
    }
}

words! {
    /// What a key of the API may do.
    Scope {
        /// Look: videos, models, content.
        Read = "read",
        /// Make clips, and spend.
        Create = "create",
        /// Put clips in the trash.
        Delete = "delete",
    }
}

words! {
    /// What a link is for that works once.
    TicketKind {
        /// The first account.
        Setup = "setup",
        /// An account.
        Invite = "invite",
        /// A new password.
        Reset = "reset",
    }
}

/// What a page or a button needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// See what the team made.
    Look,
    /// One's own marks, drafts, account and usage.
    Own,
    /// Make clips and organise: spend, upload, name, sort, delete one's own.
    Make,
    /// Everybody's waiting work, and everybody's clips that the team sees.
    Steer,
    /// People, plans, budgets and everybody's usage.
    Manage,
    /// Who is owner or admin.
    Appoint,
}

impl Role {
    /// The table: what each role may do.
    pub const fn may(self, right: Right) -> bool {
        match right {
            Right::Look | Right::Own => true,
            Right::Make => matches!(self, Self::Owner | Self::Admin | Self::Member),
            Right::Steer | Right::Manage => matches!(self, Self::Owner | Self::Admin),
            Right::Appoint => matches!(self, Self::Owner),
        }
    }

    /// As people read it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Admin => "Admin",
            Self::Member => "Member",
            Self::Viewer => "Viewer",
        }
    }

    /// What somebody must be allowed to give or take this role.
    pub const fn needs(self) -> Right {
        match self {
            Self::Owner | Self::Admin => Right::Appoint,
            Self::Member | Self::Viewer => Right::Manage,
        }
    }
}

/// Somebody who asks for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    /// Who.
    pub person: PersonId,
    /// What they are.
    pub role: Role,
}

impl Viewer {
    /// The one person of a workspace without accounts.
    pub const ALONE: Self = Self { person: PersonId::FIRST, role: Role::Owner };

    /// Whether they may do this at all.
    pub const fn may(self, right: Right) -> bool {
        self.role.may(right)
    }

    /// Whether they see what this person made.
    pub fn sees(self, maker: PersonId, visibility: Visibility) -> bool {
        visibility == Visibility::Team || maker == self.person
    }

    /// Whether they may change what this person made and they see.
    pub fn changes(self, maker: PersonId) -> bool {
        if maker == self.person { self.may(Right::Make) } else { self.may(Right::Steer) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_what_the_one_above_it_may_and_less() {
        let rights = [Right::Look, Right::Own, Right::Make, Right::Steer, Right::Manage, Right::Appoint];
        let many = |role: Role| rights.iter().filter(|right| role.may(**right)).count();
        assert_eq!(Role::ALL.iter().map(|role| many(*role)).collect::<Vec<_>>(), [6, 5, 3, 2]);
        for right in rights {
            let allowed: Vec<bool> = Role::ALL.iter().map(|role| role.may(right)).collect();
            assert!(allowed.windows(2).all(|pair| pair[0] || !pair[1]), "{right:?}: {allowed:?}");
        }
    }

    #[test]
    fn a_private_clip_is_its_makers_alone() {
        let (ann, ben) = (PersonId::from_i64(7), PersonId::from_i64(8));
        for role in Role::ALL.iter().copied() {
            let viewer = Viewer { person: ann, role };
            assert!(viewer.sees(ann, Visibility::Private) && viewer.sees(ben, Visibility::Team), "{role}");
            assert!(!viewer.sees(ben, Visibility::Private), "{role}");
        }
        assert!(Viewer { person: ann, role: Role::Member }.changes(ann));
        assert!(!Viewer { person: ann, role: Role::Member }.changes(ben));
        assert!(!Viewer { person: ann, role: Role::Viewer }.changes(ann));
        assert!(Viewer { person: ann, role: Role::Admin }.changes(ben));
    }
}
