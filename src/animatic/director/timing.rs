//! Shares the frames of a piece among its takes.

use super::cut::Take;

/// The fewest frames a shot may have: half a second.
pub const FEWEST_FRAMES: u32 = 12;

/// A take with its length settled.
pub struct Timed {
    /// Its words.
    pub text: String,
    /// Its length in frames.
    pub frames: u32,
}

/// Gives every take its frames: what it asked for as far as the total allows, the rest evenly.
/// Takes beyond the room there is join the last one. Lengths sum to `total` exactly.
pub fn share(takes: Vec<Take>, total: u32) -> Vec<Timed> {
    let room = usize::try_from((total / FEWEST_FRAMES).max(1)).unwrap_or(1);
    let takes = merged(takes, room);
    let lengths = settle(&takes.iter().map(|t| t.tenths).collect::<Vec<_>>(), total);
    takes.into_iter().zip(lengths).map(|(take, frames)| Timed { text: take.text, frames }).collect()
}

fn merged(mut takes: Vec<Take>, room: usize) -> Vec<Take> {
    let rest = takes.split_off(room.min(takes.len()));
    if let Some(last) = takes.last_mut() {
        for take in rest {
            last.text.push(' ');
            last.text.push_str(&take.text);
        }
    }
    takes
}

fn settle(wishes: &[Option<u64>], total: u32) -> Vec<u32> {
    let count = wishes.len() as u64;
    let total = u64::from(total);
    let said: u64 = wishes.iter().flatten().sum();
    let silent = wishes.iter().filter(|w| w.is_none()).count() as u64;
    // Tenths of a second to frames is 24/10; shares are kept as frames times ten until the end.
    let left = (total * 10).saturating_sub(said * 24);
    let even = total * 10 / count.max(1);
    let plain = left.checked_div(silent).map_or(0, |each| each.max(even / 3).max(1));
    let wants: Vec<u64> = wishes.iter().map(|w| w.map_or(plain, |t| (t * 24).max(1))).collect();
    let sum: u64 = wants.iter().sum::<u64>().max(1);
    let least = u64::from(FEWEST_FRAMES).min(total / count.max(1));
    let mut frames: Vec<u64> = wants.iter().map(|w| (w * total / sum).max(least)).collect();
    let mut given: u64 = frames.iter().sum();
    while given < total {
        // Rounding loses less than a frame a shot; the first shots get it back.
        for f in &mut frames {
            if given < total {
                *f += 1;
                given += 1;
            }
        }
    }
    while given > total {
        let Some(longest) = frames.iter_mut().max() else {
            break;
        };
        *longest -= 1;
        given -= 1;
    }
    frames.into_iter().map(|f| u32::try_from(f).unwrap_or(u32::MAX)).collect()
}
