//! Passwords and the secrets of cookies and links: hashed, compared, and never shown.

use std::fmt::Write as _;
use std::sync::Arc;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::RngCore;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

/// Hashes that run at once, and that wait; more are told to come back.
const AT_ONCE: usize = 2;
const WAITING: usize = 8;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // A String takes all that is written to it.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Hashes passwords, a few at a time: each takes 19 MiB.
#[derive(Clone)]
pub struct Passwords {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// What unknown names are compared with, so that they take as long as known ones.
    nobody: Arc<str>,
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passwords")
    }
}

fn argon() -> Argon2<'static> {
    // 19 MiB, two passes: OWASP's Password Storage Cheat Sheet.
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> Option<String> {
    let mut salt = [0; 16];
    rand::rng().fill_bytes(&mut salt);
    let salt = SaltString::encode_b64(&salt).ok()?;
    argon().hash_password(password.as_bytes(), &salt).ok().map(|hash| hash.to_string())
}

/// Nothing that can be typed has this hash.
fn of_nothing() -> Option<String> {
    hash(&Passwords::secret().expose_secret().repeat(8))
}

impl Passwords {
    /// Nothing runs yet. Takes as long as one hash.
    pub fn new() -> Self {
        Self {
            running: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            nobody: of_nothing().unwrap_or_default().into(),
        }
    }

    /// 256 random bits, to be a cookie or a link.
    pub fn secret() -> SecretString {
        let mut bytes = [0; 32];
        rand::rng().fill_bytes(&mut bytes);
        SecretString::from(hex(&bytes))
    }

    /// What is kept of a secret that was given away: enough to know it again.
    pub fn fingerprint(secret: &str) -> String {
        format!("{:x}", Sha256::digest(secret.as_bytes()))
    }

    async fn apart<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let waiting = Arc::clone(&self.waiting).try_acquire_owned().ok()?;
        let running = Arc::clone(&self.running).acquire_owned().await.ok()?;
        // The permits go with the work: somebody who hangs up must not make room for another hash.
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((running, waiting));
            done
        });
        done.await.ok()
    }

    /// A password's hash; none when too many are at it.
    pub async fn hash(&self, password: SecretString) -> Option<String> {
        self.apart(move || hash(password.expose_secret())).await.flatten()
    }

    /// Whether a password is the one of a hash; without a hash, as long and never.
    pub(super) async fn is(&self, password: SecretString, kept: Option<String>) -> Option<bool> {
        let against = kept.clone().unwrap_or_else(|| self.nobody.to_string());
        let same = move || {
            let parsed = PasswordHash::new(&against);
            parsed.is_ok_and(|hash| argon().verify_password(password.expose_secret().as_bytes(), &hash).is_ok())
        };
        Some(self.apart(same).await? && kept.is_some())
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}
