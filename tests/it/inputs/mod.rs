//! Bad input, by the thousand: no panic, no error of ours, no answer later than a second, nothing half done. CI tries a
//! fiftieth; `./check faults long` tries all of it. Each test prints its seed and how much it tried.
//! The numbers F1 to F14 are those of `docs/reliability.md`.

mod answers;
mod files;
mod requests;
mod words;

use std::time::{Duration, Instant};

use crate::app::{is_long, seed};

/// How many to try, of so many in the long tier.
fn share(full: usize) -> usize {
    if is_long() { full } else { full.div_ceil(50) }
}

/// Dice with the seed of `RUSHES_SEED`, or one of the day; printed, so that a failure can be repeated.
fn dice(what: &str, tries: usize) -> fastrand::Rng {
    let seed = seed().unwrap_or(20_261_124);
    println!("{what}: {tries} tries, RUSHES_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}

/// No answer takes longer, unless the machine itself stood still.
const LONGEST: Duration = Duration::from_secs(1);

/// Stops the test when something took too long.
fn soon(began: Instant, what: &str) {
    let took = began.elapsed();
    assert!(took < LONGEST * 5, "{what} took {took:?}");
}

/// These bytes with a few of them changed, cut, doubled or replaced by what parsers stumble over.
fn mangled(dice: &mut fastrand::Rng, whole: &[u8]) -> Vec<u8> {
    const STONES: [&[u8]; 16] = [
        b"\0",
        b"\xff\xfe",
        b"\xc3",
        b"{",
        b"]",
        b"\"",
        b"\\u0000",
        b"1e999",
        b"-0",
        b"18446744073709551616",
        b"\r\n",
        b"null",
        b"<script>",
        b"%00",
        b"..%2f",
        b"\xe2\x80\xae",
    ];
    let mut bytes = whole.to_vec();
    for _ in 0..dice.usize(1..6) {
        let at = dice.usize(0..=bytes.len());
        let to = (at + dice.usize(0..12)).min(bytes.len());
        match dice.u8(0..6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..to)),
            2 => drop(bytes.splice(at..to, STONES[dice.usize(0..STONES.len())].iter().copied())),
            3 => {
                let again = bytes[at..to].repeat(dice.usize(1..40));
                drop(bytes.splice(at..at, again));
            }
            4 if at < bytes.len() => bytes[at] = dice.u8(..),
            _ => drop(bytes.splice(at..at, (0..dice.usize(0..30)).map(|_| dice.u8(..)).collect::<Vec<u8>>())),
        }
    }
    bytes
}
