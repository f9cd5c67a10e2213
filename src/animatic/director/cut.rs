//! Cuts a prompt into takes: numbered shots and scenes, "cut to", lists, and timed brackets.
//! Works on bytes for the marks, which are all ASCII, so cuts always fall between characters.

/// A prompt cut up.
pub struct Script {
    /// What stands before the first numbered shot: holds for all of them.
    pub style: String,
    /// The takes in order; at least one.
    pub takes: Vec<Take>,
}

/// One stretch of a prompt.
pub struct Take {
    /// Its words.
    pub text: String,
    /// Its length in tenths of a second, if it says so.
    pub tenths: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Named,
    CutTo,
    Listed,
    Timed,
}

struct Mark {
    kind: Kind,
    start: usize,
    body: usize,
    tenths: Option<u64>,
}

/// Cuts a prompt.
pub fn split(text: &str) -> Script {
    let mut marks = find(text);
    // A single "1." is a sentence, not a list.
    if marks.iter().filter(|m| m.kind == Kind::Listed).count() < 2 || marks.iter().any(|m| m.kind == Kind::Named) {
        marks.retain(|m| m.kind != Kind::Listed);
    }
    let lead = marks.first().map_or(text, |m| &text[..m.start]).trim();
    let mut script = Script { style: String::new(), takes: Vec::new() };
    match marks.first() {
        None | Some(Mark { kind: Kind::CutTo, .. }) => {
            if !lead.is_empty() || marks.is_empty() {
                script.takes.push(take(lead, None));
            }
        }
        Some(_) => lead.clone_into(&mut script.style),
    }
    for (i, mark) in marks.iter().enumerate() {
        let end = marks.get(i + 1).map_or(text.len(), |next| next.start);
        let body = text[mark.body.min(end)..end].trim();
        // "Shot 2: cut to ..." and "[0-3s] Shot 1: ..." are two marks of one take.
        if body.is_empty() {
            if let (Some(next), Some(tenths)) = (marks.get(i + 1), mark.tenths)
                && next.tenths.is_none()
            {
                script.takes.push(take("", Some(tenths)));
            }
            continue;
        }
        match script.takes.last_mut() {
            Some(open) if open.text.is_empty() && open.tenths.is_some() => {
                body.clone_into(&mut open.text);
            }
            _ => script.takes.push(take(body, mark.tenths)),
        }
    }
    script.takes.retain(|t| !t.text.is_empty());
    if script.takes.is_empty() {
        script.takes.push(take(&script.style, None));
    }
    script
}

fn take(text: &str, tenths: Option<u64>) -> Take {
    let said = tenths.or_else(|| stated(text));
    Take { text: text.to_owned(), tenths: said }
}

fn find(text: &str) -> Vec<Mark> {
    let bytes = text.as_bytes();
    let mut marks: Vec<Mark> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let fresh = at == 0 || !bytes[at - 1].is_ascii_alphanumeric() && bytes[at - 1] < 128;
        let mark = if fresh { mark_at(bytes, at) } else { None };
        match mark {
            Some(mark) => {
                at = mark.body.max(at + 1);
                marks.push(mark);
            }
            None => at += 1,
        }
    }
    marks
}

fn mark_at(bytes: &[u8], at: usize) -> Option<Mark> {
    named(bytes, at).or_else(|| cut_to(bytes, at)).or_else(|| timed(bytes, at)).or_else(|| listed(bytes, at))
}

fn word(bytes: &[u8], at: usize, want: &str) -> Option<usize> {
    let end = at + want.len();
    (bytes.len() >= end && bytes[at..end].eq_ignore_ascii_case(want.as_bytes())).then_some(end)
}

fn blanks(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|b| matches!(b, b' ' | b'\t' | b'*' | b'_' | b'#')) {
        at += 1;
    }
    at
}

fn digits(bytes: &[u8], at: usize) -> Option<usize> {
    let n = bytes[at.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    (n > 0).then_some(at + n)
}

fn spelled(bytes: &[u8], at: usize) -> Option<usize> {
    const NUMBERS: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    NUMBERS.iter().find_map(|n| word(bytes, at, n))
}

/// "Shot 2:", "SCENE 3 -", "Shot 1 (3s):".
fn named(bytes: &[u8], at: usize) -> Option<Mark> {
    let after = ["shot", "scene", "clip", "part"].iter().find_map(|w| word(bytes, at, w))?;
    let number = blanks(bytes, after);
    let mut end = blanks(bytes, digits(bytes, number).or_else(|| spelled(bytes, number))?);
    let mut tenths = None;
    if matches!(bytes.get(end), Some(b'(' | b'[')) {
        let close = end + bytes[end..].iter().take(40).position(|b| matches!(b, b')' | b']'))?;
        tenths = span(&bytes[end + 1..close]);
        end = blanks(bytes, close + 1);
    }
    let body = match bytes.get(end) {
        None | Some(b'\n') => end,
        Some(b':' | b'-' | b'.' | b')' | b',' | b'|') => end + 1,
        // En and em dashes.
        Some(0xE2) if matches!(bytes.get(end + 1..end + 3), Some([0x80, 0x93 | 0x94])) => end + 3,
        Some(_) if tenths.is_some() => end,
        Some(_) => return None,
    };
    Some(Mark { kind: Kind::Named, start: at, body, tenths })
}

fn cut_to(bytes: &[u8], at: usize) -> Option<Mark> {
    const MARKS: [&str; 9] = [
        "then cut to",
        "smash cut to",
        "match cut to",
        "hard cut to",
        "we cut to",
        "cut to",
        "cuts to",
        "dissolve to",
        "fade to",
    ];
    let end = MARKS.iter().find_map(|m| word(bytes, at, m))?;
    if bytes.get(end).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let rest = blanks(bytes, end);
    // "Fade to black" ends a shot, it does not begin one.
    if word(bytes, rest, "black").is_some() {
        return None;
    }
    let body = if matches!(bytes.get(rest), Some(b':' | b'-')) { rest + 1 } else { rest };
    Some(Mark { kind: Kind::CutTo, start: at, body, tenths: None })
}

/// "[0-3s]", "(0:03 - 0:06)", and "0-3s:" at the start of a line.
fn timed(bytes: &[u8], at: usize) -> Option<Mark> {
    let (open, close) = if matches!(bytes.get(at), Some(b'[' | b'(')) {
        (at + 1, at + bytes[at..].iter().take(32).position(|b| matches!(b, b']' | b')'))?)
    } else if line_start(bytes, at) && bytes[at].is_ascii_digit() {
        let stop = bytes[at..].iter().take(32).enumerate();
        // The colon that ends the range, not one inside a clock time.
        let colon = stop
            .filter(|&(i, b)| *b == b':' && !bytes.get(at + i + 1).is_some_and(u8::is_ascii_digit))
            .map(|(i, _)| i)
            .next()?;
        (at, at + colon)
    } else {
        return None;
    };
    let inside = &bytes[open..close];
    if !inside.contains(&b'-') && !inside.windows(3).any(|w| matches!(w, [0xE2, 0x80, 0x93 | 0x94])) {
        return None;
    }
    let tenths = span(inside)?;
    Some(Mark { kind: Kind::Timed, start: at, body: close + 1, tenths: Some(tenths) })
}

fn line_start(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take_while(|b| **b != b'\n').all(|b| matches!(b, b' ' | b'\t' | b'*' | b'-'))
}

/// "1. ..." or "2) ..." at the start of a line.
fn listed(bytes: &[u8], at: usize) -> Option<Mark> {
    if !bytes[at].is_ascii_digit() || !line_start(bytes, at) {
        return None;
    }
    let end = digits(bytes, at)?;
    let punctuated = matches!(bytes.get(end), Some(b'.' | b')' | b':'));
    (punctuated && matches!(bytes.get(end + 1), Some(b' ' | b'\t'))).then_some(Mark {
        kind: Kind::Listed,
        start: at,
        body: end + 1,
        tenths: None,
    })
}

/// Length of "0-3s", "0:03-0:06", "3s", "2.5 sec" in tenths of a second.
fn span(bytes: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let timed = text.contains(':') || text.contains('s');
    let mut ends = text.split(['-', '–', '—']).map(clock);
    let first = ends.next()??;
    match ends.next() {
        Some(second) => second?.checked_sub(first).filter(|&d| d > 0),
        None => (timed && first > 0).then_some(first),
    }
}

fn clock(text: &str) -> Option<u64> {
    let text = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '.').trim();
    let mut total: u64 = 0;
    let (whole, tenth) = text.split_once('.').map_or((text, 0), |(whole, part)| {
        (whole, part.bytes().next().filter(u8::is_ascii_digit).map_or(0, |b| u64::from(b - b'0')))
    });
    for part in whole.split(':') {
        total = total.checked_mul(60)?.checked_add(part.trim().parse::<u64>().ok()?)?;
    }
    total.checked_mul(10)?.checked_add(tenth).filter(|&t| t <= 36_000)
}

/// A length said in the words themselves: "for 4 seconds", "3s".
fn stated(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '[' | ']' | ';'))
        .filter(|w| !w.is_empty())
        .collect();
    words.iter().enumerate().find_map(|(i, word)| {
        let word = word.trim_end_matches(['.', ':']);
        let number = ["seconds", "second", "secs", "sec", "s"].iter().find_map(|unit| word.strip_suffix(unit));
        let number = match number {
            Some("") | None => {
                let unit = words.get(i + 1)?.trim_end_matches(['.', ':']);
                matches!(unit, "seconds" | "second" | "secs" | "sec" | "s").then_some(word)?
            }
            Some(number) => number.trim_end_matches('-'),
        };
        number
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'.')
            .then(|| clock(number))
            .flatten()
            .filter(|t| (5..=600).contains(t))
    })
}
