//! Bars by day or month, drawn on the server in whole units. Refuses fractions and money: whoever fills it
//! says how a value is written.

use askama::Template;

/// The drawing's size, and where its bars stand. As the stylesheet's `.chart` expects them.
const RIGHT: u64 = 906;
const TOP: u64 = 24;
const BASE: u64 = 180;
/// The width of a letter or figure at 12 px, and at most.
const LETTER: u64 = 7;
const WIDEST: u64 = 40;

/// A line across, with what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Units from the top.
    pub y: u64,
    /// `20`, `$5`.
    pub words: String,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// `22 Nov`.
    pub label: String,
    /// `12 generations`.
    pub words: String,
    /// Units from the left.
    pub x: u64,
    /// Units from the top.
    pub y: u64,
    /// Units high; never nothing, so that a day is seen where nothing was made.
    pub high: u64,
    /// Its middle, where its label stands.
    pub middle: u64,
    /// Its label has room.
    pub is_named: bool,
}

/// A bar chart with the same as a table. Its root has the id `chart`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "usage/_chart.html")]
pub struct Chart {
    /// `Generations by day`.
    pub title: String,
    /// `278 in 30 days`.
    pub note: String,
    /// What a bar is: `Day`, `Month`.
    pub what: &'static str,
    /// Lines across, the lowest first.
    pub ticks: Vec<Tick>,
    /// The cap, if there is one.
    pub cap: Option<Tick>,
    /// The first to the last, which is now.
    pub bars: Vec<Bar>,
    /// How wide a bar is.
    pub wide: u64,
    /// Where the lines begin.
    pub left: u64,
    /// The chart in a sentence.
    pub sentence: String,
}

/// The smallest of 1, 2, 5, 10, 20, 50, … that reaches `most` in at most four steps.
fn nice_step(most: u64) -> u64 {
    let enough = most.div_ceil(4).max(1);
    let mut decade: u64 = 1;
    loop {
        for lead in [1, 2, 5] {
            let step = decade.saturating_mul(lead);
            if step >= enough {
                return step;
            }
        }
        decade = decade.saturating_mul(10);
    }
}

/// `part` of `whole` on a scale of `units`, without overflow.
fn share(part: u64, whole: u64, units: u64) -> u64 {
    let scaled = u128::from(part) * u128::from(units) / u128::from(whole.max(1));
    u64::try_from(scaled).unwrap_or(units)
}

impl Chart {
    /// Bars of (label, value, value in words), the first to the last; `write` puts a value on the scale.
    pub fn new(
        title: impl Into<String>,
        what: &'static str,
        values: Vec<(String, u64, String)>,
        write: impl Fn(u64) -> String,
    ) -> Self {
        Self::capped(title, what, values, write, None)
    }

    /// The same under a cap: its value and what stands at its line, such as `30 a day`.
    pub fn capped(
        title: impl Into<String>,
        what: &'static str,
        values: Vec<(String, u64, String)>,
        write: impl Fn(u64) -> String,
        cap: Option<(u64, String)>,
    ) -> Self {
        let title = title.into();
        let highest = values.iter().map(|(_, value, _)| *value).max().unwrap_or_default();
        // A cap far above everything would press the bars flat.
        let cap = cap.filter(|(value, _)| *value > 0 && *value / 4 <= highest);
        let most = cap.as_ref().map_or(highest, |(value, _)| highest.max(*value)).max(1);
        let step = nice_step(most);
        // Under a cap the cap is the top of the drawing, unless a bar is higher.
        let top = if cap.as_ref().is_some_and(|(value, _)| *value == most) {
            most
        } else {
            most.div_ceil(step).saturating_mul(step)
        };
        let y = |value: u64| BASE - share(value, top, BASE - TOP);
        let ticks: Vec<Tick> = (0..=top / step)
            .map(|at| at * step)
            // Words would stand on each other's.
            .filter(|value| cap.as_ref().is_none_or(|(at, _)| y(*value).abs_diff(y(*at)) >= 14))
            .map(|value| Tick { y: y(value), words: write(value) })
            .collect();
        let longest = ticks.iter().map(|tick| tick.words.chars().count()).max().unwrap_or_default();
        let left = (u64::try_from(longest).unwrap_or_default() * LETTER + 14).max(34);
        let sentence = sentence(&title, &values);
        let (wide, bars) = bars(values, left, y);
        let cap = cap.map(|(value, words)| Tick { y: y(value), words });
        Self { title, note: String::new(), what, ticks, cap, bars, wide, left, sentence }
    }

    /// With a line beside its title.
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// Where the numbers of the scale end.
    fn scale(&self) -> u64 {
        self.left - 10
    }
}

/// How wide each bar is, and the bars.
fn bars(values: Vec<(String, u64, String)>, left: u64, y: impl Fn(u64) -> u64) -> (u64, Vec<Bar>) {
    let count = u64::try_from(values.len()).unwrap_or(u64::MAX).max(1);
    let room = RIGHT - left;
    let wide = (room / count * 3 / 4).clamp(2, WIDEST);
    let letters = values.iter().map(|(label, ..)| label.chars().count()).max().unwrap_or_default();
    let letters = u64::try_from(letters).unwrap_or_default();
    // Every how manieth label fits, counted from the last.
    let every = ((letters * LETTER + 18) * count).div_ceil(room).max(1);
    let one = |(at, (label, value, words)): (u64, (String, u64, String))| {
        let middle = left + (2 * at + 1) * room / (2 * count);
        // What is not nothing is seen to be more than nothing.
        let top = y(value).min(if value > 0 { BASE - 3 } else { BASE - 1 });
        let is_named = (count - 1 - at).is_multiple_of(every);
        Bar { label, words, x: middle - wide / 2, y: top, high: BASE - top, middle, is_named }
    };
    (wide, (0..).zip(values).map(one).collect())
}

/// What those hear who do not see the bars.
fn sentence(title: &str, values: &[(String, u64, String)]) -> String {
    let Some((last, _, last_words)) = values.last() else { return format!("{title}: nothing yet.") };
    // The first of several that are as high.
    let highest = values.iter().rev().max_by_key(|(_, value, _)| *value);
    let (label, _, words) = highest.unwrap_or(&values[0]);
    format!(
        "Bar chart of {title}. Highest: {words} on {label}. Last: {last_words} on {last}. \
         A table with every value follows."
    )
}

super::part!(Chart);

#[cfg(test)]
mod tests {
    use super::*;

    fn days(values: &[u64]) -> Vec<(String, u64, String)> {
        (1..)
            .zip(values)
            .map(|(day, value): (u32, &u64)| (format!("{day} Nov"), *value, format!("{value} clips")))
            .collect()
    }

    #[test]
    fn the_scale_has_round_numbers_that_reach_the_highest_bar() {
        for (most, words) in [
            (1, vec!["0", "1"]),
            (3, vec!["0", "1", "2", "3"]),
            (26, vec!["0", "10", "20", "30"]),
            (100, vec!["0", "50", "100"]),
            (7_300_000, vec!["0", "2000000", "4000000", "6000000", "8000000"]),
        ] {
            let chart = Chart::new("Clips", "Day", days(&[most]), |value| value.to_string());
            assert_eq!(chart.ticks.iter().map(|tick| tick.words.as_str()).collect::<Vec<_>>(), words);
        }
    }

    #[test]
    fn bars_stand_on_the_base_and_inside_the_drawing() {
        for many in [1, 2, 12, 30, 31, 90, 366] {
            let values: Vec<u64> = (0..many).collect();
            let chart = Chart::new("Clips", "Day", days(&values), |value| value.to_string());
            for bar in &chart.bars {
                assert_eq!(bar.y + bar.high, BASE);
                assert!(bar.y >= TOP && bar.x >= chart.left && bar.x + chart.wide <= RIGHT, "{bar:?} of {many}");
            }
            assert!(chart.bars.last().is_some_and(|bar| bar.is_named), "{many}");
        }
    }

    #[test]
    fn labels_leave_each_other_room() {
        let chart = Chart::new("Clips", "Day", days(&[1; 30]), |value| value.to_string());
        let named: Vec<u64> = chart.bars.iter().filter(|bar| bar.is_named).map(|bar| bar.middle).collect();
        assert!(named.len() >= 8 && named.windows(2).all(|pair| pair[1] - pair[0] >= 6 * LETTER), "{named:?}");
    }

    #[test]
    fn the_cap_is_a_line_where_its_value_is() {
        let cap = Some((30, "30 a day".to_owned()));
        let chart = Chart::capped("Clips", "Day", days(&[26, 12]), |value| value.to_string(), cap);
        assert_eq!(chart.cap.map(|cap| cap.y), Some(TOP));
        assert_eq!(chart.ticks.len(), 3, "the line at 30 is the cap's");
        let far = Some((3000, "3,000 a day".to_owned()));
        assert!(Chart::capped("Clips", "Day", days(&[26]), |value| value.to_string(), far).cap.is_none());
    }

    #[test]
    fn nothing_and_the_most_there_can_be_are_drawn_too() {
        let none = Chart::new("Clips", "Day", Vec::new(), |value| value.to_string());
        assert!(none.bars.is_empty() && none.sentence.ends_with("nothing yet."));
        let zero = Chart::new("Clips", "Day", days(&[0, 0]), |value| value.to_string());
        assert!(zero.bars.iter().all(|bar| bar.high == 1));
        let full = Chart::new("Clips", "Day", days(&[u64::MAX / 4, 1]), |value| value.to_string());
        assert_eq!((full.bars[0].y >= TOP, full.bars[1].high), (true, 3));
    }
}
