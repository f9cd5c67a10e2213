//! The storyboard of one clip: cards over time, and the one timed prompt that they become.
//! Every change gives a board that can be kept; what keeps it from being made is told by `check`.

use serde::{Deserialize, Serialize};

use super::prompt::Prompt;

/// The most cards.
pub const MOST_CARDS: usize = 50;
/// The most characters of a card.
pub const MOST_TEXT: usize = 2_000;
/// The shortest card, in milliseconds.
pub const SHORTEST_MS: u32 = 200;
/// The longest card, in milliseconds: longer than any clip.
const LONGEST_MS: u32 = 600_000;
/// Lengths are multiples of this, in milliseconds.
const STEP_MS: u32 = 100;

/// One shot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Card {
    /// What is seen.
    pub text: String,
    /// How long, in milliseconds.
    pub ms: u32,
    /// A picture's path, relative to the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

impl Card {
    /// An empty shot of this length, brought into bounds.
    pub fn new(ms: u32) -> Self {
        Self { ms: bounded(ms), ..Self::default() }
    }
}

fn bounded(ms: u32) -> u32 {
    (ms.saturating_add(STEP_MS / 2) / STEP_MS * STEP_MS).clamp(SHORTEST_MS, LONGEST_MS)
}

/// A length as people read it: `2.5`.
pub fn seconds(ms: u32) -> String {
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}

/// Shots in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Board {
    /// The cards.
    pub cards: Vec<Card>,
}

/// What keeps a board from being made: of one card, or of the whole; for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which card, from 0.
    pub card: Option<usize>,
    /// What is wrong and what to do.
    pub words: String,
}

/// Why a change cannot be made; for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No room.
    #[error("A storyboard has 50 shots at most. Remove one first.")]
    Full,
    /// There is no such card.
    #[error("This shot is gone. Look at the board as it is now.")]
    Gone,
    /// Both halves would be too short.
    #[error("This shot is too short to be split.")]
    TooShort,
}

impl Board {
    /// All cards together, in milliseconds.
    pub fn total_ms(&self) -> u32 {
        self.cards.iter().map(|card| card.ms).fold(0, u32::saturating_add)
    }

    /// When each card begins and ends, in milliseconds.
    pub fn times(&self) -> Vec<(u32, u32)> {
        let mut now = 0_u32;
        let times = self.cards.iter().map(|card| {
            let start = now;
            now = now.saturating_add(card.ms);
            (start, now)
        });
        times.collect()
    }

    /// Puts a card in; behind the end it goes to the end.
    pub fn add(&mut self, at: usize, card: Card) -> Result<(), Refused> {
        if self.cards.len() >= MOST_CARDS {
            return Err(Refused::Full);
        }
        self.cards.insert(at.min(self.cards.len()), card);
        Ok(())
    }

    /// Takes a card out.
    pub fn remove(&mut self, at: usize) -> Result<Card, Refused> {
        if at < self.cards.len() { Ok(self.cards.remove(at)) } else { Err(Refused::Gone) }
    }

    /// Puts the same card once more behind itself.
    pub fn duplicate(&mut self, at: usize) -> Result<(), Refused> {
        let card = self.cards.get(at).cloned().ok_or(Refused::Gone)?;
        self.add(at + 1, card)
    }

    /// Moves a card to another place.
    pub fn shift(&mut self, from: usize, to: usize) -> Result<(), Refused> {
        let card = self.remove(from)?;
        self.cards.insert(to.min(self.cards.len()), card);
        Ok(())
    }

    /// Makes two halves of a card; both have its words, the first has its picture.
    pub fn split(&mut self, at: usize) -> Result<(), Refused> {
        let card = self.cards.get(at).ok_or(Refused::Gone)?;
        if card.ms < 2 * SHORTEST_MS {
            return Err(Refused::TooShort);
        }
        let first = bounded(card.ms / 2).min(card.ms - SHORTEST_MS);
        let second = Card { text: card.text.clone(), ms: card.ms - first, image: None };
        self.add(at + 1, second)?;
        self.cards[at].ms = first;
        Ok(())
    }

    /// Sets a card's length, brought into bounds.
    pub fn set_ms(&mut self, at: usize, ms: u32) {
        if let Some(card) = self.cards.get_mut(at) {
            card.ms = bounded(ms);
        }
    }

    /// Scales all lengths so that they sum to this exactly, as far as no card gets too short.
    pub fn fit(&mut self, to_ms: u32) {
        let total = u64::from(self.total_ms()).max(1);
        let many = u32::try_from(self.cards.len()).unwrap_or(u32::MAX);
        if many == 0 || to_ms < many.saturating_mul(SHORTEST_MS) {
            return;
        }
        for card in &mut self.cards {
            let scaled = u64::from(card.ms) * u64::from(to_ms) / total;
            card.ms = bounded(u32::try_from(scaled).unwrap_or(LONGEST_MS));
        }
        // What rounding left over goes to the longest cards, a step at a time.
        loop {
            let sum = self.total_ms();
            let longest =
                |cards: &mut Vec<Card>| cards.iter().enumerate().max_by_key(|(_, card)| card.ms).map(|(at, _)| at);
            let Some(at) = longest(&mut self.cards) else { return };
            let card = &mut self.cards[at];
            match sum.cmp(&to_ms) {
                std::cmp::Ordering::Equal => return,
                std::cmp::Ordering::Less => card.ms += STEP_MS.min(to_ms - sum),
                std::cmp::Ordering::Greater => card.ms -= STEP_MS.min(sum - to_ms),
            }
        }
    }

    /// What keeps it from being made as a clip of so many seconds.
    pub fn check(&self, clip_seconds: u16) -> Vec<Fault> {
        let whole = |words: String| Fault { card: None, words };
        if self.cards.is_empty() {
            return vec![whole("There is no shot yet. Add one first.".to_owned())];
        }
        let mut faults = Vec::new();
        let clip_ms = u32::from(clip_seconds) * 1000;
        for (at, card) in self.cards.iter().enumerate() {
            let number = at + 1;
            let of_card = |words: String| Fault { card: Some(at), words };
            let length = card.text.chars().count();
            if card.text.trim().is_empty() && card.image.is_none() {
                faults.push(of_card(format!("Describe shot {number}, or remove it.")));
            } else if length > MOST_TEXT {
                let words = format!("Shot {number} has {length} characters; the most is 2,000. Shorten it.");
                faults.push(of_card(words));
            }
            if card.ms > clip_ms {
                let words =
                    format!("Shot {number} lasts {} s, longer than the clip of {clip_seconds} s.", seconds(card.ms));
                faults.push(of_card(words));
            }
        }
        let total = self.total_ms();
        if total != clip_ms {
            faults.push(whole(format!(
                "The shots last {} s, the clip {clip_seconds} s. Fit them, or choose another length.",
                seconds(total)
            )));
        }
        let length = self.compile().chars().count();
        if length > Prompt::MOST && faults.is_empty() {
            let longest = self.cards.iter().enumerate().max_by_key(|(_, card)| card.text.len());
            let number = longest.map_or(1, |(at, _)| at + 1);
            faults.push(whole(format!(
                "Together the shots have {length} characters; the most is 4,000. Shorten shot {number}, the longest."
            )));
        }
        faults
    }

    /// The one prompt that all cards become: readable, and timed shot by shot.
    pub fn compile(&self) -> String {
        if let [card] = &self.cards[..] {
            return line(&card.text);
        }
        let head =
            format!("{} shots in {} seconds, cut one after the other:", self.cards.len(), seconds(self.total_ms()));
        let lines = self.cards.iter().zip(self.times()).map(|(card, (start, end))| {
            let text = line(&card.text);
            let text = if text.is_empty() { "as in the picture".to_owned() } else { text };
            format!("[{}–{} s] {text}", seconds(start), seconds(end))
        });
        std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
    }
}

/// A card's words in one line, so that a line of the prompt is a shot.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(lengths: &[u32]) -> Board {
        let card = |(at, ms): (usize, &u32)| Card { text: format!("shot {at}"), ms: *ms, image: None };
        Board { cards: lengths.iter().enumerate().map(card).collect() }
    }

    fn lengths(board: &Board) -> Vec<u32> {
        board.cards.iter().map(|card| card.ms).collect()
    }

    #[test]
    fn a_board_becomes_one_timed_prompt_that_a_person_can_read() {
        let mut board = board(&[2500, 1500]);
        board.cards[1].text = "a boat\n[turns] back".to_owned();
        assert_eq!(
            board.compile(),
            "2 shots in 4.0 seconds, cut one after the other:\n[0.0–2.5 s] shot 0\n[2.5–4.0 s] a boat [turns] back"
        );
        board.cards.truncate(1);
        assert_eq!(board.compile(), "shot 0", "one shot needs no times");
    }

    #[test]
    fn cards_are_added_split_moved_doubled_and_taken_out() {
        let mut board = board(&[2500, 1500]);
        assert_eq!(board.split(0), Ok(()));
        assert_eq!(lengths(&board), [1300, 1200, 1500]);
        assert_eq!(board.cards[1].text, "shot 0");
        assert_eq!(board.shift(2, 0), Ok(()));
        assert_eq!(lengths(&board), [1500, 1300, 1200]);
        assert_eq!(board.duplicate(0), Ok(()));
        assert_eq!(board.remove(3).map(|card| card.ms), Ok(1200));
        assert_eq!(board.remove(9), Err(Refused::Gone));
        board.set_ms(0, 130);
        assert_eq!(lengths(&board), [200, 1500, 1300], "nothing is too short to be seen");
        assert_eq!(board.split(0), Err(Refused::TooShort));
        while board.cards.len() < MOST_CARDS {
            assert_eq!(board.add(usize::MAX, Card::new(400)), Ok(()));
        }
        assert_eq!(board.duplicate(1), Err(Refused::Full));
    }

    #[test]
    fn lengths_are_fitted_to_the_clip_exactly_whatever_they_were() {
        for (before, clip) in [(vec![2500, 1500], 8000), (vec![333, 333, 333], 4000), (vec![100_000, 200], 4000)] {
            let mut board = board(&before);
            board.fit(clip);
            assert_eq!(board.total_ms(), clip, "{before:?}");
            assert!(board.cards.iter().all(|card| card.ms >= SHORTEST_MS && card.ms % 100 == 0));
        }
        let mut many = board(&[1000; 50]);
        many.fit(4000);
        assert_eq!(many.total_ms(), 50_000, "50 shots do not fit into 4 s");
        many.fit(12_000);
        assert_eq!(many.total_ms(), 12_000);
    }

    #[test]
    fn what_keeps_a_board_from_being_made_is_said_with_what_to_do() {
        let words = |board: &Board, clip| board.check(clip).into_iter().map(|fault| fault.words).collect::<Vec<_>>();
        assert_eq!(words(&Board::default(), 4), ["There is no shot yet. Add one first."]);
        let mut two = board(&[2500, 7000]);
        two.cards[0].text.clear();
        assert_eq!(
            words(&two, 4),
            [
                "Describe shot 1, or remove it.",
                "Shot 2 lasts 7.0 s, longer than the clip of 4 s.",
                "The shots last 9.5 s, the clip 4 s. Fit them, or choose another length."
            ]
        );
        two.cards[0].image = Some("uploads/a.png".to_owned());
        two.fit(4000);
        assert_eq!(words(&two, 4), Vec::<String>::new());
        let mut long = board(&[1000; 4]);
        for card in &mut long.cards {
            card.text = "x".repeat(1_500);
        }
        assert!(words(&long, 4)[0].contains("the most is 4,000. Shorten shot"));
    }
}
