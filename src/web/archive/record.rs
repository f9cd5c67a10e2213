//! The records of a zip, byte by byte (PKWARE APPNOTE 6.3): plain where they fit, zip64 where they do not.

/// “Look in the zip64 field”: the first number that no longer means itself.
const FULL_32: u64 = 0xFFFF_FFFF;
const FULL_16: u64 = 0xFFFF;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
const UNIX: u16 = 3 << 8;
/// The version that knows zip64: 4.5.
const ZIP64: u16 = 45;
const PLAIN_FILE: u32 = 0o100_644 << 16;

/// A stored file.
pub(super) struct Record {
    name: String,
    modified_ms: i64,
    size: u64,
    checksum: u32,
    /// Where its header is, in bytes from the start.
    at: u64,
}

impl Record {
    pub(super) fn new(name: &str, modified_ms: i64, size: u64, checksum: u32, at: u64) -> Self {
        Self { name: name.to_owned(), modified_ms, size, checksum, at }
    }

    /// The header that stands before the file.
    pub(super) fn local(&self) -> Vec<u8> {
        let mut wide = Vec::new();
        if self.size >= FULL_32 {
            wide.extend([self.size, self.size]);
        }
        let mut header = Vec::with_capacity(64 + self.name.len());
        header.extend(0x0403_4B50_u32.to_le_bytes());
        self.shared(&mut header, &wide);
        header.extend(self.name.as_bytes());
        header.extend(self.extra(&wide));
        header
    }

    /// The header in the directory at the end.
    fn central(&self, directory: &mut Vec<u8>) {
        let mut wide = Vec::new();
        if self.size >= FULL_32 {
            wide.extend([self.size, self.size]);
        }
        if self.at >= FULL_32 {
            wide.push(self.at);
        }
        directory.extend(0x0201_4B50_u32.to_le_bytes());
        directory.extend((UNIX | version(&wide)).to_le_bytes());
        self.shared(directory, &wide);
        // No comment, first disk, no internal attributes.
        directory.extend([0; 6]);
        directory.extend(PLAIN_FILE.to_le_bytes());
        directory.extend(low_32(self.at));
        directory.extend(self.name.as_bytes());
        directory.extend(self.extra(&wide));
    }

    /// What both headers have in common, from the version to the length of the extra field.
    fn shared(&self, header: &mut Vec<u8>, wide: &[u64]) {
        let (date, time) = dos(self.modified_ms);
        for number in [version(wide), FLAGS, 0, time, date] {
            header.extend(number.to_le_bytes());
        }
        header.extend(self.checksum.to_le_bytes());
        header.extend(low_32(self.size));
        header.extend(low_32(self.size));
        header.extend(low_16(self.name.len()));
        header.extend(low_16(self.extra(wide).len()));
    }

    /// Sizes and places that need 64 bits, and the time in UTC: the other one has no time zone.
    fn extra(&self, wide: &[u64]) -> Vec<u8> {
        let mut extra = Vec::new();
        if !wide.is_empty() {
            extra.extend(0x0001_u16.to_le_bytes());
            extra.extend(low_16(wide.len() * 8));
            extra.extend(wide.iter().flat_map(|number| number.to_le_bytes()));
        }
        if let Ok(seconds) = i32::try_from(self.modified_ms.div_euclid(1_000)) {
            extra.extend(*b"UT\x05\x00\x01");
            extra.extend(seconds.to_le_bytes());
        }
        extra
    }
}

/// The directory and what ends the archive; `at` is where it begins.
pub(super) fn directory(records: &[Record], at: u64) -> Vec<u8> {
    let mut directory = Vec::new();
    for record in records {
        record.central(&mut directory);
    }
    let (count, size) = (wide(records.len()), wide(directory.len()));
    if count >= FULL_16 || size >= FULL_32 || at >= FULL_32 {
        directory.extend(0x0606_4B50_u32.to_le_bytes());
        directory.extend(44_u64.to_le_bytes());
        directory.extend((UNIX | ZIP64).to_le_bytes());
        directory.extend(ZIP64.to_le_bytes());
        directory.extend([0; 8]);
        for number in [count, count, size, at] {
            directory.extend(number.to_le_bytes());
        }
        directory.extend(0x0706_4B50_u32.to_le_bytes());
        directory.extend([0; 4]);
        directory.extend((at + size).to_le_bytes());
        directory.extend(1_u32.to_le_bytes());
    }
    directory.extend(0x0605_4B50_u32.to_le_bytes());
    directory.extend([0; 4]);
    directory.extend(low_16(records.len()));
    directory.extend(low_16(records.len()));
    directory.extend(low_32(size));
    directory.extend(low_32(at));
    directory.extend([0; 2]);
    directory
}

/// What a reader must understand: zip64, or nothing special.
fn version(wide: &[u64]) -> u16 {
    if wide.is_empty() { 10 } else { ZIP64 }
}

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn low_32(number: u64) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

fn low_16(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes()
}

/// Date and time as DOS had them, in UTC: two-second steps, 1980 to 2107.
fn dos(modified_ms: i64) -> (u16, u16) {
    const FIRST: i64 = 315_532_800;
    const LAST: i64 = 4_354_819_198;
    let seconds = modified_ms.div_euclid(1_000).clamp(FIRST, LAST);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Years counted from March, so that the leap day is the last: Howard Hinnant's civil calendar.
    let era_days = days + 719_468;
    let (era, day) = (era_days / 146_097, era_days % 146_097);
    let of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * of_era + of_era / 4 - of_era / 100);
    let march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = era * 400 + of_era + i64::from(month <= 2);
    let date = ((year - 1980) << 9) | (month << 5) | date;
    let time = ((second / 3_600) << 11) | ((second / 60 % 60) << 5) | (second % 60 / 2);
    (u16::try_from(date).unwrap_or(u16::MAX), u16::try_from(time).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar_and_never_out_of_range() {
        let at = |ms| {
            let (date, time) = dos(ms);
            (1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2)
        };

        assert_eq!(at(1_793_708_245_678), (2026, 11, 3, 12, 17, 24));
        assert_eq!(at(1_709_164_800_000), (2024, 2, 29, 0, 0, 0));
        assert_eq!(at(951_868_799_000), (2000, 2, 29, 23, 59, 58));
        assert_eq!((at(i64::MIN), at(0)), ((1980, 1, 1, 0, 0, 0), (1980, 1, 1, 0, 0, 0)));
        assert_eq!(at(i64::MAX), (2107, 12, 31, 23, 59, 58));
    }

    #[test]
    fn what_does_not_fit_is_written_in_64_bits_and_nothing_else() {
        let lengths = |size, at| {
            let record = Record::new("a", 0, size, 0, at);
            let mut central = Vec::new();
            record.central(&mut central);
            (record.local().len() - 40, central.len() - 56)
        };

        assert_eq!(lengths(FULL_32 - 1, FULL_32 - 1), (0, 0));
        assert_eq!(lengths(FULL_32, 0), (20, 20));
        assert_eq!(lengths(0, FULL_32), (0, 12));
        assert_eq!(lengths(FULL_32, FULL_32), (20, 28));
        let ends = |count: usize, at| {
            let records: Vec<Record> = (0..count).map(|_| Record::new("a", 0, 0, 0, 0)).collect();
            directory(&records, at).len() - count * 56
        };
        assert_eq!((ends(65_534, 9), ends(65_535, 9), ends(0, FULL_32)), (22, 98, 98));
    }
}
