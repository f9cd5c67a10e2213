//! Keys of the API: made, shown once, and ended.

use std::time::Duration;

use rand::RngCore;
use secrecy::{ExposeSecret, SecretString};

use super::{Accounts, Error, Passwords, Studio};
use crate::domain::{KeyId, PersonId, Scope};
use crate::store::keys::Key;

/// What every key begins with, so that a leaked one is found by whoever looks for such.
pub const PREFIX: &str = "rsh_";
/// The longest name of a key, in characters.
const LONGEST_NAME: usize = 60;
/// The longest life of a key, in days.
const LONGEST_LIFE: u16 = 3_650;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What it is called; empty for `API key`.
    pub name: String,
    /// What it may do; at least one.
    pub scopes: Vec<Scope>,
    /// How long it works, in days; none for as long as nobody ends it.
    pub days: Option<u16>,
}

/// 200 random bits as base-32 signs that survive being read aloud.
fn secret() -> SecretString {
    const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0; 40];
    rand::rng().fill_bytes(&mut bytes);
    let signs = bytes.iter().map(|byte| char::from(SIGNS[usize::from(byte & 31)]));
    SecretString::from(PREFIX.chars().chain(signs).collect::<String>())
}

impl Accounts {
    /// Makes a key for somebody. The key itself is given this once; what is kept is its hash.
    pub async fn make_key(&self, person: PersonId, new: &NewKey) -> Result<(Key, SecretString), Error> {
        if new.scopes.is_empty() {
            return Err(Error::Invalid("Choose at least one thing that the key may do."));
        }
        if new.days.is_some_and(|days| days == 0 || days > LONGEST_LIFE) {
            return Err(Error::Invalid("A key works for 1 to 3,650 days, or until somebody ends it."));
        }
        let name = Studio::title(&new.name).map_err(|_| Error::Invalid("This name is too long. Shorten it."))?;
        if name.chars().count() > LONGEST_NAME {
            return Err(Error::Invalid("The name is longer than 60 characters. Shorten it."));
        }
        let now = self.clock.now();
        let secret = secret();
        let shown = secret.expose_secret();
        let hint = format!("{}…{}", shown.get(..8).unwrap_or(PREFIX), shown.get(40..).unwrap_or_default());
        let key = Key {
            id: KeyId::new(now, rand::random()),
            person,
            name: if name.is_empty() { "API key".to_owned() } else { name },
            hint,
            scopes: new.scopes.clone(),
            created_at: now,
            expires_at: new.days.map(|days| now.after(Duration::from_hours(24 * u64::from(days)))),
            used_at: None,
            revoked_at: None,
        };
        self.store.add_key(&key, &Passwords::fingerprint(shown)).await?;
        Ok((key, secret))
    }
}
