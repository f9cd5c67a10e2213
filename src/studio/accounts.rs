//! Accounts: signing in, joining, passwords. Says as little as can be to whoever guesses.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::{Error, Passwords, Studio, passwords};
use crate::clock::Clock;
use crate::domain::access::TicketKind;
use crate::domain::{Millis, PersonId, Role, SessionId, TicketId, Viewer};
use crate::store::people::{NewAccount, Person};
use crate::store::sessions::Session;
use crate::store::tickets::Ticket;
use crate::store::{self, Store};

/// Bytes of a password.
const LONGEST: usize = 256;
/// Wrong passwords in a quarter of an hour: for one account from one address, from one address, and for one
/// account from addresses that it never signed in from.
const PAIR: u32 = 10;
const ADDRESS: u32 = 100;
const ACCOUNT: u32 = 50;
/// How long links work.
pub const RESET_LASTS: Duration = Duration::from_hours(24);

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum NotSignedIn {
    /// Name or password; nobody is told which.
    #[error("The name or the password is wrong.")]
    Wrong,
    /// Too often of late.
    #[error("Too many wrong passwords. Try again in a quarter of an hour, or ask an owner or admin for a reset link.")]
    TooOften,
    /// Too many sign in at once.
    #[error("Too many people sign in just now. Try again in a few seconds.")]
    Busy,
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What is wrong with an account that somebody wants to make, field by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountProblems {
    /// With the name.
    pub name: Option<String>,
    /// With the password.
    pub password: Option<String>,
}

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// What was typed does not do.
    #[error("the form has mistakes")]
    Invalid(AccountProblems),
    /// The link does not work any more.
    #[error("the link is used up, expired or wrong")]
    Gone,
    /// Too many sign in at once.
    #[error("Too many people sign in just now. Try again in a few seconds.")]
    Busy,
    /// The database.
    #[error(transparent)]
    Store(store::Error),
}

impl From<store::Error> for NotMade {
    fn from(error: store::Error) -> Self {
        if matches!(error, store::Error::Stale) { Self::Gone } else { Self::Store(error) }
    }
}

/// A link to be given away: shown once.
#[derive(Debug)]
pub struct Link {
    /// `/join/…`, `/reset/…` or `/setup?code=…`.
    pub path: SecretString,
    /// Until when it works.
    pub expires_at: Millis,
}

/// What a browser is called by its `User-Agent`: `Firefox on Linux`.
pub fn device(agent: &str) -> String {
    let find =
        |known: &[(&str, &'static str)]| known.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Another program".to_owned(),
    }
}

/// A person's name as it is kept: 1 to 40 letters, digits, blanks, dots, dashes, underscores or @.
pub fn person_name(text: &str) -> Result<String, String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '@' | '\'' | '’');
    if name.is_empty() {
        return Err("Choose a name.".to_owned());
    }
    if name.chars().count() > 60 {
        return Err("Use at most 60 characters.".to_owned());
    }
    if !name.chars().all(fits) {
        return Err("Use letters, digits, blanks and . - _ @ only.".to_owned());
    }
    Ok(name)
}

/// Whether a password does, or what is wrong with it.
pub fn fit_password(password: &SecretString, name: &str) -> Result<(), String> {
    let text = password.expose_secret();
    if text.len() > LONGEST {
        return Err("Use at most 256 characters.".to_owned());
    }
    passwords::check(text, name).map_err(str::to_owned)
}

/// The use cases of people: they need no upstream and no file.
#[derive(Debug, Clone)]
pub struct Accounts {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Who asks.
    pub viewer: Viewer,
}

impl Studio {
    /// The use cases of people, for whoever asks.
    pub fn accounts(&self) -> Accounts {
        Accounts { store: self.store.clone(), clock: self.clock.clone(), viewer: self.viewer }
    }
}

impl Accounts {
    /// Signs somebody in. The cookie's secret is returned once and not kept.
    pub async fn sign_in(
        &self,
        passwords: &Passwords,
        (name, password): (&str, SecretString),
        (agent, address): (&str, &str),
    ) -> Result<(SecretString, Person), NotSignedIn> {
        let now = self.clock.now();
        let name: String = name.trim().chars().take(200).collect();
        let account = Passwords::fingerprint(&format!("account {}", name.to_lowercase()));
        let pair = Passwords::fingerprint(&format!("pair {} {address}", name.to_lowercase()));
        let subjects = [pair.clone(), format!("address {address}"), account.clone()];
        let person = self.store.person_named(&name).await?;
        let is_known = match &person {
            Some(person) => self.store.sessions(person.id).await?.iter().any(|session| session.address == address),
            None => false,
        };
        // Whoever guesses a name from everywhere must not shut its owner out, who comes from where they were before.
        let is_many = self.store.misses(&account, now).await? >= ACCOUNT && !is_known;
        if is_many
            || self.store.misses(&subjects[0], now).await? >= PAIR
            || self.store.misses(&subjects[1], now).await? >= ADDRESS
        {
            return Err(NotSignedIn::TooOften);
        }
        let is_long = password.expose_secret().len() > LONGEST;
        let kept = match &person {
            Some(person) if person.disabled_at.is_none() && !is_long => self.store.password(person.id).await?,
            Some(_) | None => None,
        };
        let password = if is_long { SecretString::from("too long") } else { password };
        let is_right = passwords.is(password, kept).await.ok_or(NotSignedIn::Busy)?;
        let Some(person) = person.filter(|_| is_right) else {
            self.store.missed(&subjects, now).await?;
            return Err(NotSignedIn::Wrong);
        };
        self.store.forgive(&pair).await?;
        Ok((self.begin_session(person.id, agent, address).await?, person))
    }

    /// Opens a session for somebody who proved who they are.
    pub async fn begin_session(
        &self,
        person: PersonId,
        agent: &str,
        address: &str,
    ) -> Result<SecretString, store::Error> {
        let now = self.clock.now();
        let secret = Passwords::secret();
        let session = Session {
            id: SessionId::new(now, rand::random()),
            person,
            device: device(agent),
            address: address.to_owned(),
            created_at: now,
            used_at: now,
        };
        self.store.begin_session(&session, &Passwords::fingerprint(secret.expose_secret())).await?;
        Ok(secret)
    }

    /// Checks what somebody wants to be called and to sign in with.
    fn account_problems(name: &str, password: &SecretString) -> Result<String, AccountProblems> {
        let (checked, fits) = (person_name(name), fit_password(password, name));
        match (checked, fits) {
            (Ok(name), Ok(())) => Ok(name),
            (name, password) => Err(AccountProblems { name: name.err(), password: password.err() }),
        }
    }

    /// A link for the first account. Those before it stop working.
    pub async fn open_setup(&self, code: Option<SecretString>) -> Result<Link, store::Error> {
        let secret = code.unwrap_or_else(Passwords::secret);
        let link = self
            .keep_ticket(TicketKind::Setup, None, None, (None, ""), Duration::from_hours(24 * 365), &secret)
            .await?;
        Ok(link)
    }

    async fn keep_ticket(
        &self,
        kind: TicketKind,
        person: Option<PersonId>,
        role: Option<Role>,
        (plan, note): (Option<&str>, &str),
        lasts: Duration,
        secret: &SecretString,
    ) -> Result<Link, store::Error> {
        let now = self.clock.now();
        let made_by = (self.viewer.person.as_i64() > 0 && kind != TicketKind::Setup).then_some(self.viewer.person);
        let ticket = Ticket {
            id: TicketId::new(now, rand::random()),
            kind,
            made_by,
            person,
            role,
            plan: plan.map(str::to_owned),
            note: note.to_owned(),
            created_at: now,
            expires_at: now.after(lasts),
        };
        self.store.add_ticket(&ticket, &Passwords::fingerprint(secret.expose_secret())).await?;
        let code = secret.expose_secret();
        let path = match kind {
            TicketKind::Setup => format!("/setup?code={code}"),
            TicketKind::Invite => format!("/join/{code}"),
            TicketKind::Reset => format!("/reset/{code}"),
        };
        Ok(Link { path: SecretString::from(path), expires_at: ticket.expires_at })
    }

    /// Whoever asks may give this role.
    fn may_appoint(&self, role: Role) -> Result<(), Error> {
        if self.viewer.may(role.needs()) {
            Ok(())
        } else {
            Err(Error::Forbidden("Only an owner can say who is owner or admin."))
        }
    }

    async fn known_plan(&self, plan: Option<&str>) -> Result<(), Error> {
        match plan {
            Some(name) if self.store.plan(name).await?.is_none() => Err(Error::Invalid("There is no such plan.")),
            Some(_) | None => Ok(()),
        }
    }

    /// A link to join with.
    pub async fn invite(&self, role: Role, plan: Option<&str>, days: u16, note: &str) -> Result<Link, Error> {
        self.may_appoint(role)?;
        self.known_plan(plan).await?;
        let lasts = Duration::from_hours(24 * u64::from(days.clamp(1, 30)));
        let note: String = note.trim().chars().filter(|c| !c.is_control()).take(120).collect();
        Ok(self.keep_ticket(TicketKind::Invite, None, Some(role), (plan, &note), lasts, &Passwords::secret()).await?)
    }

    /// A link to choose a new password with.
    pub async fn invite_to_reset(&self, id: PersonId) -> Result<Link, Error> {
        let person = self.managed(id).await?;
        Ok(self
            .keep_ticket(TicketKind::Reset, Some(person.id), None, (None, ""), RESET_LASTS, &Passwords::secret())
            .await?)
    }

    /// Makes the first account: of all who come with the code, exactly one.
    pub async fn set_up(
        &self,
        passwords: &Passwords,
        code: &str,
        name: &str,
        password: SecretString,
    ) -> Result<PersonId, NotMade> {
        let secret = Passwords::fingerprint(code);
        let ticket = self.store.ticket(TicketKind::Setup, &secret, self.clock.now()).await?;
        ticket.ok_or(NotMade::Gone)?;
        let name = Self::account_problems(name, &password).map_err(NotMade::Invalid)?;
        let hash = passwords.hash(password).await.ok_or(NotMade::Busy)?;
        let now = self.clock.now();
        let id = PersonId::new(now, rand::random());
        let account = NewAccount { id, name: &name, role: Role::Owner, plan: None, password: Some(&hash), now };
        Ok(self.store.set_up(&secret, &account).await?)
    }

    /// Makes an account with an invitation.
    pub async fn join(
        &self,
        passwords: &Passwords,
        code: &str,
        name: &str,
        password: SecretString,
    ) -> Result<PersonId, NotMade> {
        let secret = Passwords::fingerprint(code);
        self.store.ticket(TicketKind::Invite, &secret, self.clock.now()).await?.ok_or(NotMade::Gone)?;
        let name = Self::account_problems(name, &password).map_err(NotMade::Invalid)?;
        let hash = passwords.hash(password).await.ok_or(NotMade::Busy)?;
        let now = self.clock.now();
        let joined = self.store.join(&secret, PersonId::new(now, rand::random()), &name, &hash, now).await;
        match joined {
            Err(store::Error::Taken) => Err(NotMade::Invalid(AccountProblems {
                name: Some("Somebody is called so already. Choose another name.".to_owned()),
                password: None,
            })),
            other => Ok(other?),
        }
    }

    /// Keeps a new password with a link for it.
    pub async fn reset(&self, passwords: &Passwords, code: &str, password: SecretString) -> Result<PersonId, NotMade> {
        let secret = Passwords::fingerprint(code);
        let now = self.clock.now();
        let ticket = self.store.ticket(TicketKind::Reset, &secret, now).await?.ok_or(NotMade::Gone)?;
        let whose = ticket.person.ok_or(NotMade::Gone)?;
        let name = self.store.person(whose).await?.map(|person| person.name).unwrap_or_default();
        if let Err(words) = fit_password(&password, &name) {
            return Err(NotMade::Invalid(AccountProblems { name: None, password: Some(words) }));
        }
        let hash = passwords.hash(password).await.ok_or(NotMade::Busy)?;
        Ok(self.store.reset(&secret, &hash, now).await?)
    }

    /// Changes one's own password; other sessions end.
    pub async fn change_password(
        &self,
        passwords: &Passwords,
        (current, new): (SecretString, SecretString),
        session: Option<SessionId>,
    ) -> Result<(), NotMade> {
        let id = self.viewer.person;
        let person = self.store.person(id).await?.ok_or(NotMade::Gone)?;
        let kept = self.store.password(id).await?;
        let current = if current.expose_secret().len() > LONGEST { SecretString::from("") } else { current };
        if !passwords.is(current, kept).await.ok_or(NotMade::Busy)? {
            let words = "This is not your password now.".to_owned();
            return Err(NotMade::Invalid(AccountProblems { name: Some(words), password: None }));
        }
        if let Err(words) = fit_password(&new, &person.name) {
            return Err(NotMade::Invalid(AccountProblems { name: None, password: Some(words) }));
        }
        let hash = passwords.hash(new).await.ok_or(NotMade::Busy)?;
        Ok(self.store.set_password(id, &hash, session).await?)
    }

    /// Somebody whom whoever asks may manage.
    pub async fn managed(&self, id: PersonId) -> Result<Person, Error> {
        let person = self.store.person(id).await?.filter(|person| person.joined_at.is_some()).ok_or(Error::NotFound)?;
        self.may_appoint(person.role)?;
        Ok(person)
    }

    /// Says what somebody is and may use.
    pub async fn appoint(
        &self,
        id: PersonId,
        role: Role,
        plan: Option<&str>,
        money: Option<crate::domain::Usd>,
    ) -> Result<(), Error> {
        self.managed(id).await?;
        self.may_appoint(role)?;
        self.known_plan(plan).await?;
        self.store.appoint(id, role, plan, money).await.map_err(last_owner)?;
        Ok(())
    }

    /// Shuts somebody out, or lets them in again.
    pub async fn disable(&self, id: PersonId, on: bool) -> Result<(), Error> {
        self.managed(id).await?;
        if on && id == self.viewer.person {
            return Err(Error::Invalid("You cannot shut yourself out."));
        }
        self.store.disable(id, on.then(|| self.clock.now())).await.map_err(last_owner)?;
        Ok(())
    }

    /// Removes somebody: what they have waiting is canceled, their clips go where `estate` says.
    pub async fn remove_person(&self, id: PersonId, estate: store::people::Estate) -> Result<(), Error> {
        self.managed(id).await?;
        if id == self.viewer.person {
            return Err(Error::Invalid("You cannot remove yourself."));
        }
        if let store::people::Estate::To(heir) = estate
            && (heir == id || self.store.person(heir).await?.is_none_or(|heir| heir.joined_at.is_none()))
        {
            return Err(Error::Invalid("Choose somebody who is here to hand the clips to."));
        }
        let now = self.clock.now();
        self.store.disable(id, Some(now)).await.map_err(last_owner)?;
        for clip in self.store.waiting_of(id).await? {
            match self.store.canceled(clip, now).await {
                Ok(_) | Err(store::Error::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.store.remove_person(id, estate, now).await.map_err(last_owner)
    }
}

fn last_owner(error: store::Error) -> Error {
    if matches!(error, store::Error::Stale) {
        Error::Invalid("Somebody has to be owner: make another person owner first.")
    } else {
        error.into()
    }
}

/// The command line: it has the data folder, so it may everything.
pub const CONSOLE: Viewer = Viewer { person: PersonId::from_i64(0), role: Role::Owner };
