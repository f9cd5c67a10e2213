//! Typed ids: 63-bit, ordered by time of making, written as 13 lower-case base-32 signs.
//! Made by the program and not by the database, so that a restored backup never hands out an old one.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};

use super::media::Millis;

/// Crockford's alphabet: no i, l, o or u, so an id read aloud or typed off a screen survives.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 13;
const RANDOM_BITS: u32 = 20;

/// Text that is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

fn write(value: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for place in (0..LENGTH).rev() {
        let digit = usize::try_from((value >> (5 * place)) & 31).unwrap_or(0);
        write!(f, "{}", char::from(ALPHABET[digit]))?;
    }
    Ok(())
}

fn read(text: &str) -> Result<i64, NotAnId> {
    if text.len() != LENGTH {
        return Err(NotAnId);
    }
    let mut value: i64 = 0;
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|&sign| sign == byte).ok_or(NotAnId)?;
        let digit = i64::try_from(digit).map_err(|_| NotAnId)?;
        value = value.checked_mul(32).and_then(|v| v.checked_add(digit)).ok_or(NotAnId)?;
    }
    if value == 0 { Err(NotAnId) } else { Ok(value) }
}

/// Hands out ids that grow with time and never repeat within a process; the random
/// low bits keep two processes (a restored backup, say) apart.
fn next(now: Millis, random: u32) -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(0);
    let noise = i64::from(random) & ((1 << RANDOM_BITS) - 1);
    let wish = (now.as_i64().clamp(0, (1 << 42) - 1) << RANDOM_BITS) | noise;
    let last = LAST
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(wish.max(last + 1)))
        .unwrap_or_else(|last| last);
    wish.max(last + 1)
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// A new id for this moment; `random` supplies its low bits.
            pub fn new(now: Millis, random: u32) -> Self {
                Self(next(now, random))
            }

            /// The least id that this moment can have: ids are ordered by time.
            pub fn first_of(moment: Millis) -> Self {
                Self(moment.as_i64().clamp(0, (1 << 42) - 1) << RANDOM_BITS)
            }

            /// As stored in a database column.
            pub const fn from_i64(value: i64) -> Self {
                Self(value)
            }

            /// For a database column.
            pub const fn as_i64(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                read(text).map(Self)
            }
        }
    )*};
}

id! {
    /// One press of Create.
    TaskId
    /// One clip of a task: the unit of queue, state, cost and file.
    GenerationId
    /// One paid create at an upstream.
    AttemptId
    /// Somebody who uses this workspace.
    PersonId
    /// A folder of the library.
    FolderId
    /// A style or template that somebody keeps.
    PresetId
    /// A storyboard.
    StoryboardId
    /// A browser that is signed in.
    SessionId
    /// A link that works once.
    TicketId
    /// A key of the API.
    KeyId
    /// An address that is told when a clip ends.
    WebhookId
    /// One telling of it.
    DeliveryId
}

impl PersonId {
    /// The only person, as long as there are no accounts.
    pub const FIRST: Self = Self(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_and_survive_being_written_and_read() {
        let now = Millis::from_i64(1_790_000_000_000);
        let first = TaskId::new(now, 7);
        let second = TaskId::new(now, 3);
        assert!(second > first, "same millisecond, still ordered");
        assert_eq!(first.to_string().len(), 13);
        assert_eq!(first.to_string().parse::<TaskId>(), Ok(first));
    }

    #[test]
    fn text_that_is_not_an_id_is_refused() {
        for text in ["", "1", "../../etc/pas", "ooooooooooooo", "zzzzzzzzzzzzz", "0000000000000", "ÄÄÄÄÄÄÄ"] {
            assert_eq!(text.parse::<TaskId>(), Err(NotAnId), "{text:?}");
        }
    }
}
