//! Finds the word that a misspelt one was meant to be: by a sound-like skeleton first, then by one
//! slip of the finger. Refuses short words and words that are known.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::lexicon::LEXICON;
use super::pattern::PATTERNS;

/// At most this many unknown words of one prompt are looked up, so that noise costs no time.
pub(super) const TRIES: usize = 60;

struct Index {
    skeletons: HashMap<String, &'static str>,
    /// Words by first letter and length, those of the film trade first.
    shelves: HashMap<(u8, usize), Vec<&'static str>>,
    trade: HashSet<&'static str>,
}

static INDEX: LazyLock<Index> = LazyLock::new(Index::build);

/// What is left of a word once doubled letters and sound-alike spellings are levelled.
fn skeleton(word: &str) -> String {
    let levelled = word
        .replace("ph", "f")
        .replace("ck", "k")
        .replace("ea", "ee")
        .replace("ie", "ei")
        .replace("ce", "se")
        .replace("ci", "si");
    let mut out = String::with_capacity(levelled.len());
    for c in levelled.chars() {
        let c = match c {
            'z' => 's',
            'y' => 'i',
            other => other,
        };
        if !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

impl Index {
    fn build() -> Self {
        let trade: HashSet<&'static str> = PATTERNS.literals().filter(|word| word.len() > 3).collect();
        let mut all: Vec<&'static str> = LEXICON.bases().filter(|word| word.len() > 3).collect();
        all.extend(trade.iter());
        all.sort_unstable_by_key(|word| (!trade.contains(word), *word));
        all.dedup();
        let mut skeletons = HashMap::with_capacity(all.len());
        let mut shelves: HashMap<(u8, usize), Vec<&'static str>> = HashMap::new();
        for word in all {
            if !word.bytes().all(|b| b.is_ascii_lowercase()) {
                continue;
            }
            skeletons.entry(skeleton(word)).or_insert(word);
            shelves.entry((word.as_bytes()[0], word.len())).or_default().push(word);
        }
        Self { skeletons, shelves, trade }
    }
}

/// How a written word differs from a known one: 1 swapped letters, 2 a letter missing or too many,
/// 3 another letter; `None` for more than one slip.
fn slip(written: &[u8], known: &[u8]) -> Option<u8> {
    let (long, short) = if written.len() >= known.len() { (written, known) } else { (known, written) };
    let same = long.iter().zip(short).take_while(|(a, b)| a == b).count();
    if long.len() == short.len() {
        if same == long.len() {
            return Some(0);
        }
        if long[same + 1..] == short[same + 1..] {
            return Some(3);
        }
        let swapped = same + 1 < long.len()
            && long[same] == short[same + 1]
            && long[same + 1] == short[same]
            && long[same + 2..] == short[same + 2..];
        return swapped.then_some(1);
    }
    (long.len() == short.len() + 1 && long[same + 1..] == short[same..]).then_some(2)
}

/// Little words as hurried people write them.
const LITTLE_SLIPS: &str = "wit with wiht with wth with ove over ovr over teh the hte the taht that adn and nad and \
    fo of frm from fron from neer near nera near tward toward twards towards inot into undr under behnd behind \
    thier their befor before aftr after agianst against accross across arond around mor more les less zom zoom \
    verry very becuase because beetween between bak back opns opens flys flies";

fn one_slip(word: &str) -> Option<(u8, &'static str)> {
    let bytes = word.as_bytes();
    let mut best: Option<((u8, bool), &'static str)> = None;
    for len in bytes.len() - 1..=bytes.len() + 1 {
        let Some(shelf) = INDEX.shelves.get(&(bytes[0], len)) else {
            continue;
        };
        for known in shelf {
            let Some(kind) = slip(bytes, known.as_bytes()) else {
                continue;
            };
            let trade = INDEX.trade.contains(known);
            // Short words have too many neighbours for another letter to mean a slip.
            let allowed = match kind {
                0 | 1 => true,
                2 if known.len() > bytes.len() => known.len() > 5 || (trade && known.len() > 4),
                2 => trade && known.len() > 5,
                _ => (trade && known.len() > 5) || known.len() > 8,
            };
            let rank = (kind, !trade);
            if allowed && best.is_none_or(|(old, _)| rank < old) {
                best = Some((rank, known));
            }
        }
    }
    best.map(|((kind, _), known)| (kind, known))
}

/// The known word that `word` was meant to be, as it should be written.
pub(super) fn mend(word: &str) -> Option<String> {
    let mut slips = LITTLE_SLIPS.split_whitespace();
    while let (Some(slip), Some(meant)) = (slips.next(), slips.next()) {
        if slip == word {
            return Some(meant.to_owned());
        }
    }
    if word.len() < 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    if let Some(known) = INDEX.skeletons.get(&skeleton(word)) {
        return Some((*known).to_owned());
    }
    if word.len() < 4 {
        return None;
    }
    // Two letters swapped in an inflected form: "jumsp".
    for at in 1..word.len() - 1 {
        let mut letters = word.as_bytes().to_vec();
        letters.swap(at, at + 1);
        if let Ok(swapped) = String::from_utf8(letters)
            && swapped != word
            && LEXICON.lists(&swapped)
        {
            return Some(swapped);
        }
    }
    let whole = one_slip(word);
    if let Some((kind, known)) = whole
        && (kind < 3 || INDEX.trade.contains(known))
    {
        return Some(known.to_owned());
    }
    for ending in ["ing", "ng", "ed", "s", "z"] {
        if let Some(stem) = word.strip_suffix(ending)
            && stem.len() > 3
        {
            let known = INDEX
                .skeletons
                .get(&skeleton(stem))
                .or_else(|| INDEX.skeletons.get(&skeleton(&format!("{stem}e"))))
                .copied()
                .or_else(|| one_slip(stem).filter(|_| stem.len() > 4).map(|(_, known)| known));
            if let Some(known) = known {
                let root = if ending.ends_with('g') { known.strip_suffix('e').unwrap_or(known) } else { known };
                let ending = match ending {
                    "ng" => "ing",
                    "z" => "s",
                    other => other,
                };
                return Some(format!("{root}{ending}"));
            }
        }
    }
    whole.map(|(_, known)| known.to_owned())
}
