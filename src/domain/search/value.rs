//! The values that filters take: states, days, lengths, picture ratios and clip ids.
//! Each is `None` when it is not understood; no guesses.

use std::fmt::{self, Display};

/// The states a person tells apart; several of ours can stand behind one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Waiting,
    Running,
    Done,
    Failed,
    Canceled,
    Uncertain,
}

impl Status {
    /// In the order of a menu.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Running, Self::Done, Self::Failed, Self::Canceled, Self::Uncertain];

    /// As typed after `status:`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Uncertain => "uncertain",
        }
    }

    /// As shown in a menu.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Running => "Rendering",
            Self::Done => "Done",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
            Self::Uncertain => "Needs you",
        }
    }

    /// Understands the words of providers and pages too, in any case: `in_progress`, `In progress`.
    pub fn read(text: &str) -> Option<Self> {
        Some(match text.to_lowercase().replace([' ', '-'], "_").as_str() {
            "waiting" | "queued" => Self::Waiting,
            "running" | "in_progress" | "rendering" => Self::Running,
            "done" | "completed" => Self::Done,
            "failed" | "error" | "refused" => Self::Failed,
            "canceled" | "cancelled" => Self::Canceled,
            "uncertain" | "unknown" | "needs_you" => Self::Uncertain,
            _ => return None,
        })
    }
}

/// A day of the calendar, in nobody's time zone yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// 1 to 9999
    pub year: i16,
    /// 1 to 12
    pub month: u8,
    /// 1 to 31
    pub day: u8,
}

impl Day {
    /// `2026-11-03`; `2026-11` and `2026` are the first day of it.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let year: i16 = parts.next().filter(|year| year.len() == 4).and_then(number)?;
        let mut small = || parts.next().map_or(Some(1), |part| number(part).filter(|_| part.len() <= 2));
        let (month, day) = (small()?, small()?);
        let is_real = year > 0 && (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
        (is_real && parts.next().is_none()).then_some(Self { year, month, day })
    }

    /// `3 Nov 2026`
    pub fn shown(self) -> String {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let month = usize::from(self.month).checked_sub(1).and_then(|at| MONTHS.get(at)).unwrap_or(&"?");
        format!("{} {month} {}", self.day, self.year)
    }
}

/// `2026-11-03`
impl Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn days(year: i16, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Digits only: the standard parser would let a sign through.
fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// `8` or `8s`
pub(super) fn seconds(text: &str) -> Option<u16> {
    number(text.strip_suffix(['s', 'S']).unwrap_or(text))
}

/// `16:9`, `16x9` or `16×9`, each side 1 to 99, as `16:9`.
pub(super) fn ratio(text: &str) -> Option<String> {
    let (wide, high) = text.split_once([':', 'x', 'X', '×'])?;
    let side = |text: &str| number::<u8>(text).filter(|side| (1..=99).contains(side));
    Some(format!("{}:{}", side(wide)?, side(high)?))
}

/// The id of a clip, in lower case.
pub(super) fn clip(text: &str) -> Option<String> {
    let id = text.to_ascii_lowercase();
    let is_sign =
        |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b't' | b'v'..=b'z');
    (id.len() == 13 && id.bytes().all(is_sign)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_days() {
        let shown = |text| Day::read(text).map(|day| day.to_string());

        assert_eq!(shown("2024-02-29").as_deref(), Some("2024-02-29"));
        assert_eq!(shown("2000-2-29").as_deref(), Some("2000-02-29"));
        assert_eq!(shown("2026-11").as_deref(), Some("2026-11-01"));
        assert_eq!(shown("0900").as_deref(), Some("0900-01-01"));
        for wrong in [
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-13",
            "2026-00-01",
            "0000",
            "26",
            "+026",
            "2026-",
            "2026-1-1-1",
            "2026-001",
            "today",
            "",
        ] {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
        assert_eq!(Day { year: 2026, month: 11, day: 3 }.shown(), "3 Nov 2026");
    }

    #[test]
    fn every_status_reads_back_and_knows_its_other_names() {
        for status in Status::ALL {
            assert_eq!(Status::read(status.as_str()), Some(status));
            assert_eq!(Status::read(status.label()), Some(status));
        }
        assert_eq!(Status::read("In progress"), Some(Status::Running));
        assert_eq!(Status::read("cancelled"), Some(Status::Canceled));
        assert_eq!(Status::read("almost"), None);
    }

    #[test]
    fn lengths_ratios_and_ids_are_taken_only_whole() {
        assert_eq!((seconds("8"), seconds("08S"), seconds("65535")), (Some(8), Some(8), Some(65_535)));
        assert_eq!(
            (seconds("65536"), seconds("-1"), seconds("+1"), seconds("s"), seconds("8.5")),
            (None, None, None, None, None)
        );
        assert_eq!((ratio("9×16").as_deref(), ratio("01:1").as_deref()), (Some("9:16"), Some("1:1")));
        assert_eq!((ratio("0:9"), ratio("16:100"), ratio("16:9:1"), ratio("16")), (None, None, None, None));
        assert_eq!(clip("0123456789ABC").as_deref(), Some("0123456789abc"));
        assert_eq!((clip("0123456789abu"), clip("0123456789ab")), (None, None));
    }
}
