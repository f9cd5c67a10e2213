//! Money: whole micro-dollars, only the arithmetic that makes sense.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::str::FromStr;

use super::media::Seconds;

/// US dollars in millionths: upstream prices run below a cent a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i64);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From micro-dollars, as stored.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// In micro-dollars, for storage and logs.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whether nothing is owed.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// As people type it: `12.50`.
    pub fn plain(self) -> String {
        self.to_string().replace('$', "")
    }

    /// This sum shared among so many; none among nobody.
    pub fn shared(self, many: u32) -> Option<Self> {
        self.0.checked_div(i64::from(many)).map(Self)
    }

    /// What is left after this is taken away; never less than nothing.
    pub fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }

    /// This price per second over a length.
    pub fn times(self, seconds: Seconds) -> Self {
        Self(self.0.saturating_mul(i64::from(seconds.get())))
    }

    /// This cost for several clips.
    pub fn each(self, clips: u8) -> Self {
        Self(self.0.saturating_mul(i64::from(clips)))
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Add::add)
    }
}

/// Two decimals at least, more where the amount has them: `$0.40`, `$0.0125`.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let digits = format!("{:06}", micros % 1_000_000);
        let kept = digits.trim_end_matches('0').len().max(2);
        write!(f, "{sign}${}.{}", micros / 1_000_000, &digits[..kept])
    }
}

/// Text that is not an exact price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write a price as US dollars with at most six decimals, for example \"0.10\"")]
pub struct NotAPrice;

impl FromStr for Usd {
    type Err = NotAPrice;

    fn from_str(text: &str) -> Result<Self, NotAPrice> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 6 || whole.len() > 9 {
            return Err(NotAPrice);
        }
        let whole: i64 = whole.parse().map_err(|_| NotAPrice)?;
        let micros: i64 = format!("{part:0<6}").parse().map_err(|_| NotAPrice)?;
        Ok(Self(whole * 1_000_000 + micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_exactly_and_shown_as_people_write_them() {
        for (text, micros, shown) in [
            ("0.10", 100_000, "$0.10"),
            ("3", 3_000_000, "$3.00"),
            ("0.0125", 12_500, "$0.0125"),
            ("0.000001", 1, "$0.000001"),
        ] {
            let price: Usd = text.parse().expect(text);
            assert_eq!((price.micros(), price.to_string().as_str()), (micros, shown));
        }
    }

    #[test]
    fn anything_but_a_plain_decimal_is_refused() {
        for text in ["", ".", "0.1234567", "-1", "1e3", "0,10", "$1", "NaN", "1.", "99999999999"] {
            assert_eq!(text.parse::<Usd>(), Err(NotAPrice), "{text:?}");
        }
    }

    #[test]
    fn a_task_costs_price_times_length_times_clips() {
        let price: Usd = "0.10".parse().expect("a price");
        let seconds = Seconds::new(8).expect("a length");
        assert_eq!(price.times(seconds).each(3).to_string(), "$2.40");
    }
}
