//! The prompt coach on labelled prompts (`tests/it/coach/*.txt`): four sets it was built on, one that it was not.
//! Labels were given before the coach was written, by people who did not write it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rushes::domain::coach::{Mark, Warning, read};

const BUILT_ON: &str = include_str!("coach/build.txt");
const JUDGED_BY: &str = include_str!("coach/judge.txt");
/// Built on later, once their errors had been looked at.
const FROM_THE_FIELD: &str = include_str!("coach/field.txt");
const FROM_THE_STREET: &str = include_str!("coach/street.txt");
const OF_TRADES: &str = include_str!("coach/trades.txt");

struct Case<'a> {
    marks: Vec<&'a str>,
    warnings: Vec<&'a str>,
    kind: &'a str,
    prompt: String,
}

/// Blocks between lines of dashes: `marks:`, `warns:`, `kind:`, and the prompt.
fn cases(text: &str) -> Vec<Case<'_>> {
    let blocks = text.split("\n---\n").map(|block| block.trim_end_matches("\n---").trim_matches('\n'));
    blocks
        .filter(|block| !block.is_empty())
        .map(|block| {
            let mut lines = block.lines();
            let mut words = |key: &str| -> Vec<&str> {
                lines.next().unwrap().strip_prefix(key).unwrap().split_whitespace().collect()
            };
            let (marks, warnings, kind) = (words("marks:"), words("warns:"), words("kind:"));
            Case { marks, warnings, kind: kind[0], prompt: lines.collect::<Vec<_>>().join("\n") }
        })
        .collect()
}

#[derive(Default)]
struct Score {
    hit: usize,
    clear: usize,
    missed: Vec<String>,
    wrong: Vec<String>,
}

impl Score {
    fn add(&mut self, wanted: bool, given: bool, case: &Case<'_>) {
        let line = || format!("[{}] {}", case.kind, case.prompt.replace('\n', " / "));
        match (wanted, given) {
            (true, true) => self.hit += 1,
            (false, false) => self.clear += 1,
            (false, true) => self.wrong.push(line()),
            // What is not English may go unmarked.
            (true, false) if case.kind == "foreign" => {}
            (true, false) => self.missed.push(line()),
        }
    }

    /// Precision, recall and specificity, in thousandths.
    fn rates(&self) -> [usize; 3] {
        let rate = |part: usize, whole: usize| (part * 1000).checked_div(whole).unwrap_or(1000);
        let (wrong, missed) = (self.wrong.len(), self.missed.len());
        [rate(self.hit, self.hit + wrong), rate(self.hit, self.hit + missed), rate(self.clear, self.clear + wrong)]
    }
}

fn measure(text: &'static str) -> BTreeMap<&'static str, Score> {
    let mut scores: BTreeMap<&'static str, Score> = BTreeMap::new();
    for case in cases(text) {
        let reading = read(&case.prompt, 5, "16:9");
        for mark in Mark::ALL {
            let score = scores.entry(mark.name()).or_default();
            score.add(case.marks.contains(&mark.name()), reading.names(mark), &case);
        }
        for warning in [Warning::TooShort, Warning::TooManyActions, Warning::FacesHands, Warning::TextInImage] {
            let score = scores.entry(warning.name()).or_default();
            score.add(case.warnings.contains(&warning.name()), reading.warnings().contains(&warning), &case);
        }
    }
    scores
}

/// Holds every rate above its floor; all figures are printed, and what went wrong where one is not.
fn holds(name: &str, text: &'static str, floor: impl Fn(&str) -> usize) {
    let (mut table, mut fallen) = (String::new(), String::new());
    for (mark, score) in measure(text) {
        let [precision, recall, specificity] = score.rates();
        writeln!(table, "{name} {mark:17} precision {precision:4} recall {recall:4} specificity {specificity:4}")
            .unwrap();
        if precision.min(recall).min(specificity) < floor(mark) {
            for line in score.missed.iter().map(|line| format!("missed {line}")) {
                writeln!(fallen, "{mark}: {line}").unwrap();
            }
            for line in score.wrong.iter().map(|line| format!("wrong {line}")) {
                writeln!(fallen, "{mark}: {line}").unwrap();
            }
        }
    }
    println!("{table}");
    assert!(fallen.is_empty(), "{table}{fallen}");
}

#[test]
fn there_are_enough_prompts_and_no_mark_is_nearly_always_there() {
    for text in [BUILT_ON, JUDGED_BY] {
        let cases = cases(text);
        assert!(cases.len() >= 120, "{}", cases.len());
        for mark in Mark::ALL {
            let named = cases.iter().filter(|case| case.marks.contains(&mark.name())).count();
            assert!((cases.len() / 3..cases.len() * 3 / 4).contains(&named), "{}: {named}", mark.name());
        }
    }
}

#[test]
fn on_the_half_it_was_built_on_the_coach_is_right() {
    holds("built on", BUILT_ON, |_| 950);
    holds("field", FROM_THE_FIELD, |mark| if mark == "too_many_actions" { 900 } else { 950 });
    holds("street", FROM_THE_STREET, |_| 950);
    holds("of trades", OF_TRADES, |_| 950);
}

#[test]
fn on_prompts_it_never_saw_the_coach_is_right_as_often_as_was_measured() {
    // What was measured, rounded down: the goal is 900 for each, and a change that loses ground is seen.
    let floor = |mark: &str| match mark {
        "subject" => 550,
        "too_many_actions" => 650,
        "action" => 800,
        _ => 830,
    };
    holds("judged by", JUDGED_BY, floor);
}

#[test]
fn any_text_is_read_at_once() {
    let long = BUILT_ON.chars().take(4_000).collect::<String>();
    for text in
        [long.as_str(), &"🦊\u{200d}\u{202e}".repeat(1_000), &"a,".repeat(2_000), &"\"".repeat(4_000), "", "\0\n\r"]
    {
        // The first reading also reads the words that it knows.
        read(text, 4, "16:9");
        let begun = Instant::now();
        read(text, u16::MAX, "no:such");
        assert!(begun.elapsed() < Duration::from_millis(250), "{:?}", begun.elapsed());
    }
}
