//! A file with many prompts: a table with a `prompt` column, or simply one prompt a line.
//! Decides encoding and shape by itself. Refuses what is no text, what is too much, and columns it
//! does not know; what is wrong with one row stays on that row.

mod template;

use std::borrow::Cow;
use std::io::Read as _;

use csv::{ReaderBuilder, StringRecord, Writer};
use encoding_rs::{Encoding, WINDOWS_1252};

/// Rows in one file.
pub const MOST_ROWS: usize = 500;
/// Bytes in one file, and in its canonical text.
pub const MOST_BYTES: usize = 2 * 1024 * 1024;

/// The two signs that no cell can hold, since control characters are dropped on reading.
const NO_DELIMITER: u8 = 0x1F;
const END: &str = "\n\u{1E}";
/// Characters of a column's name that an error repeats.
const LONGEST_ECHO: usize = 40;

/// What a person may name a column; the first name is the canonical one.
const COLUMNS: [(Column, &[&str]); 7] = [
    (Column::Prompt, &["prompt"]),
    (Column::Model, &["model"]),
    (Column::Aspect, &["aspect", "ratio", "aspect_ratio"]),
    (Column::Resolution, &["resolution"]),
    (Column::Seconds, &["seconds", "duration", "length"]),
    (Column::Variations, &["variations", "count", "n"]),
    (Column::Title, &["title"]),
];
/// Our own, in canonical text only: the line in the person's file, and what was wrong with the row.
const OURS: [(Column, &[&str]); 2] = [(Column::Line, &["#line"]), (Column::Problem, &["#problem"])];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Prompt,
    Model,
    Aspect,
    Resolution,
    Seconds,
    Variations,
    Title,
    Line,
    Problem,
    /// A spreadsheet's empty column at the edge.
    Nameless,
}

/// The prompts of one file, in its order; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    pub rows: Vec<Row>,
}

/// One prompt with what its row says about it. Cells are trimmed text; empty ones are `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Where it begins in the file, from 1.
    pub line: u64,
    /// Empty only where `problem` says so.
    pub prompt: String,
    pub model: Option<String>,
    pub aspect: Option<String>,
    pub resolution: Option<String>,
    pub seconds: Option<String>,
    pub variations: Option<String>,
    pub title: Option<String>,
    /// A sentence for a person; such a row must not be sent.
    pub problem: Option<String>,
}

/// Why a file cannot be used at all, in words for the person who chose it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSheet {
    #[error("This file is not text. Save it as CSV or as plain text, one prompt a line.")]
    NotText,
    #[error("There is no prompt in this file. Write one prompt a line, or a table with a column called “prompt”.")]
    Empty,
    /// How many prompts the file has.
    #[error("This file has {0} prompts; {MOST_ROWS} is the most at once. Split it into smaller files.")]
    TooMany(u64),
    #[error("This file is too large: 2 MiB is the most. Split it into smaller files.")]
    TooLarge,
    #[error("This looks like a table, but no column is called “prompt”. Give the column with the prompts that name.")]
    NoPromptColumn,
    #[error("There is no column “{0}” here. Rename or remove it; the columns are {columns}.", columns = known())]
    UnknownColumn(String),
    #[error("The column “{0}” is there twice, perhaps under another name. Keep one of them.")]
    TwiceColumn(String),
    /// A whole sentence.
    #[error("{0}")]
    Broken(String),
}

/// Reads a file as it was uploaded. Memory: a few times the file.
pub fn read(bytes: &[u8]) -> Result<Sheet, BadSheet> {
    if bytes.len() > MOST_BYTES {
        return Err(BadSheet::TooLarge);
    }
    let text = text(bytes)?;
    let rows = match Table::find(&text)? {
        Some(table) => table.rows()?,
        None => plain(&text)?,
    };
    let sheet = Sheet { rows };
    match sheet.rows.len() {
        0 => Err(BadSheet::Empty),
        _ if lines_back(&sheet).len() > MOST_BYTES => Err(BadSheet::TooLarge),
        _ => Ok(sheet),
    }
}

/// The sheet as canonical CSV, for a hidden field: reads back to the same rows, lines and problems too.
pub fn lines_back(sheet: &Sheet) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    let columns = || COLUMNS.iter().chain(&OURS);
    let mut record: StringRecord = columns().map(|(_, names)| names[0]).collect();
    // Writing to memory cannot fail, and what is written was text.
    let _ = writer.write_record(&record);
    for row in &sheet.rows {
        record.clear();
        columns().for_each(|(column, _)| record.push_field(&row.cell(*column)));
        let _ = writer.write_record(&record);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// UTF-8, UTF-16 with its mark, or what Windows wrote; lines end in `\n`, other control characters are gone.
fn text(bytes: &[u8]) -> Result<String, BadSheet> {
    let text: Cow<'_, str> = match (Encoding::for_bom(bytes), str::from_utf8(bytes)) {
        (Some((encoding, mark)), _) => {
            encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]).ok_or(BadSheet::NotText)?
        }
        (None, Ok(text)) => text.into(),
        (None, Err(_)) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    };
    let is_noise = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let (all, noise) = (text.chars().count(), text.chars().filter(is_noise).count());
    if text.contains('\0') || noise * 10 > all {
        return Err(BadSheet::NotText);
    }
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    Ok(lines.chars().filter(|c| !is_noise(c)).collect())
}

/// One prompt a line; empty lines and those that begin with `#` say nothing.
fn plain(text: &str) -> Result<Vec<Row>, BadSheet> {
    let prompts = || {
        let lines = (1..).zip(text.lines().map(str::trim));
        lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    };
    at_most(prompts().fold(0, |many: usize, (_, line)| many.saturating_add(template::count(line))))?;
    let rows = prompts().flat_map(|(line, text)| {
        let prompts = template::expand(text).into_iter();
        prompts.map(move |prompt| Row { line, prompt, ..Row::default() })
    });
    Ok(rows.collect())
}

fn at_most(rows: usize) -> Result<(), BadSheet> {
    if rows > MOST_ROWS { Err(BadSheet::TooMany(u64::try_from(rows).unwrap_or(u64::MAX))) } else { Ok(()) }
}

/// Text that turned out to be a table.
struct Table<'a> {
    /// From the header on.
    text: &'a str,
    /// Lines before the header.
    skipped: u64,
    delimiter: u8,
}

impl<'a> Table<'a> {
    /// Looks at the first line that is not empty.
    fn find(text: &'a str) -> Result<Option<Self>, BadSheet> {
        let mut start = 0;
        let Some(first) = text.split_inclusive('\n').find(|line| {
            let is_empty = line.trim().is_empty();
            start += if is_empty { line.len() } else { 0 };
            !is_empty
        }) else {
            return Ok(None);
        };
        let skipped = newlines(&text[..start]);
        let table = |delimiter| Self { text: &text[start..], skipped, delimiter };
        for delimiter in *b",;\t" {
            let header = Self { text: first, ..table(delimiter) }.header();
            if header.iter().any(|name| column(name) == Some(Column::Prompt)) {
                // Commas in a table of one column are part of the prompts.
                return Ok(Some(table(if header.len() == 1 { NO_DELIMITER } else { delimiter })));
            }
            if header.len() > 1 && header.iter().filter(|name| column(name).is_some()).count() * 2 >= header.len() {
                return Err(BadSheet::NoPromptColumn);
            }
        }
        Ok(None)
    }

    fn rows(&self) -> Result<Vec<Row>, BadSheet> {
        at_most(self.count()?)?;
        let mut reader = self.reader(self.text.as_bytes());
        let mut record = StringRecord::new();
        let columns = columns(&self.header())?;
        let mut rows = Vec::new();
        let mut is_header = true;
        while reader.read_record(&mut record).unwrap_or(false) {
            if !is_blank(&record) && !is_header {
                rows.push(row(self.line(&record), &columns, &record));
            }
            is_header = false;
        }
        Ok(rows)
    }

    /// Rows that say something. Builds none, so that a huge file costs nothing.
    fn count(&self) -> Result<usize, BadSheet> {
        let mut reader = self.reader(self.text.as_bytes().chain(END.as_bytes()));
        let mut record = StringRecord::new();
        let (mut rows, mut last_line, mut is_closed) = (0_usize, 0, false);
        while reader.read_record(&mut record).unwrap_or(false) {
            rows += usize::from(!is_blank(&record));
            last_line = self.line(&record);
            is_closed = record == [END.trim_start()][..];
        }
        // An open quote swallows everything after it, and with it the end that was put there.
        if !is_closed {
            let start = format!("The quote (\") that opens in the row on line {last_line} is never closed.");
            return Err(BadSheet::Broken(format!("{start} Close it, or write \"\" for a quote inside a cell.")));
        }
        Ok(rows.saturating_sub(2))
    }

    fn header(&self) -> StringRecord {
        let mut header = StringRecord::new();
        let _ = self.reader(self.text.as_bytes()).read_record(&mut header);
        header.trim();
        header
    }

    fn reader<R: std::io::Read>(&self, from: R) -> csv::Reader<R> {
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(self.delimiter).from_reader(from)
    }

    /// The line of the file on which a record begins; the parser counts from the empty lines before it.
    fn line(&self, record: &StringRecord) -> u64 {
        let (line, byte) = record.position().map_or((1, 0), |at| (at.line(), at.byte()));
        let rest = usize::try_from(byte).ok().and_then(|byte| self.text.get(byte..)).unwrap_or_default();
        let text = rest.trim_start_matches('\n');
        self.skipped + line + newlines(&rest[..rest.len() - text.len()])
    }
}

fn newlines(text: &str) -> u64 {
    u64::try_from(text.matches('\n').count()).unwrap_or(u64::MAX)
}

fn is_blank(record: &StringRecord) -> bool {
    record.iter().all(|cell| cell.trim().is_empty())
}

/// The columns as an error lists them.
fn known() -> String {
    COLUMNS.map(|(_, names)| names[0]).join(", ")
}

fn column(name: &str) -> Option<Column> {
    let name = name.trim().to_lowercase().replace([' ', '-'], "_");
    let mut known = COLUMNS.iter().chain(&OURS);
    known.find(|(_, names)| names.contains(&name.as_str())).map(|(column, _)| *column)
}

fn columns(header: &StringRecord) -> Result<Vec<Column>, BadSheet> {
    let mut columns = Vec::new();
    for name in header {
        let echo = || name.chars().take(LONGEST_ECHO).collect();
        let column = if name.is_empty() { Some(Column::Nameless) } else { column(name) };
        let column = column.ok_or_else(|| BadSheet::UnknownColumn(echo()))?;
        if column != Column::Nameless && columns.contains(&column) {
            return Err(BadSheet::TwiceColumn(echo()));
        }
        columns.push(column);
    }
    Ok(columns)
}

fn row(line: u64, columns: &[Column], record: &StringRecord) -> Row {
    let mut row = Row { line, ..Row::default() };
    let mut is_stray = false;
    for (column, cell) in columns.iter().zip(record) {
        let cell = Some(cell.trim().to_owned()).filter(|cell| !cell.is_empty());
        match column {
            Column::Prompt => row.prompt = cell.unwrap_or_default(),
            Column::Model => row.model = cell,
            Column::Aspect => row.aspect = cell,
            Column::Resolution => row.resolution = cell,
            Column::Seconds => row.seconds = cell,
            Column::Variations => row.variations = cell,
            Column::Title => row.title = cell,
            Column::Line => row.line = cell.and_then(|cell| cell.parse().ok()).unwrap_or(line),
            Column::Problem => row.problem = cell,
            Column::Nameless => is_stray |= cell.is_some(),
        }
    }
    let (has, wants) = (record.len(), columns.len());
    let new = if has != wants {
        let cells = if has == 1 { "cell" } else { "cells" };
        Some(format!("This row has {has} {cells}, but there are {wants} columns. Put cells with commas in quotes."))
    } else if is_stray {
        Some("This row has text in a column without a name.".to_owned())
    } else {
        row.prompt.is_empty().then(|| "This row has no prompt.".to_owned())
    };
    row.problem = row.problem.or(new);
    row
}

impl Row {
    fn cell(&self, column: Column) -> Cow<'_, str> {
        let cell = match column {
            Column::Prompt => return self.prompt.as_str().into(),
            Column::Line => return self.line.to_string().into(),
            Column::Model => &self.model,
            Column::Aspect => &self.aspect,
            Column::Resolution => &self.resolution,
            Column::Seconds => &self.seconds,
            Column::Variations => &self.variations,
            Column::Title => &self.title,
            Column::Problem => &self.problem,
            Column::Nameless => &None,
        };
        cell.as_deref().unwrap_or_default().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompts(bytes: &[u8]) -> Vec<(u64, String)> {
        read(bytes).unwrap().rows.into_iter().map(|row| (row.line, row.prompt)).collect()
    }

    fn row(line: u64, prompt: &str) -> (u64, String) {
        (line, prompt.to_owned())
    }

    #[test]
    fn plain_lines_are_prompts_and_empty_lines_and_comments_are_not() {
        let rows = prompts(b"# Paris\r\n\r\n  A river, at dawn \rRain; fog\n");

        assert_eq!(rows, [row(3, "A river, at dawn"), row(4, "Rain; fog")]);
    }

    #[test]
    fn a_table_is_known_by_its_prompt_column_whatever_parts_its_cells() {
        for text in [
            "\n\nModel,PROMPT ,Aspect Ratio,n\n\nsora-2,\"A \"\"big\"\" river,\nat dawn\",16:9,2\n,,,\n,Rain,,\n",
            "\n\nModel;PROMPT ;ratio;count\n\nsora-2;\"A \"\"big\"\" river,\nat dawn\";16:9;2\n;;;\n;Rain;;\n",
            "\n\nModel\tPROMPT \taspect\tvariations\n\nsora-2\t\"A \"\"big\"\" river,\nat dawn\"\t16:9\t2\n\t\t\t\n\tRain\t\t\n",
        ] {
            let sheet = read(text.as_bytes()).unwrap();

            let first = &sheet.rows[0];
            assert_eq!((first.line, first.prompt.as_str()), (5, "A \"big\" river,\nat dawn"));
            assert_eq!((first.model.as_deref(), first.aspect.as_deref()), (Some("sora-2"), Some("16:9")));
            assert_eq!((first.variations.as_deref(), first.problem.as_deref()), (Some("2"), None));
            assert_eq!(sheet.rows[1], Row { line: 8, prompt: "Rain".to_owned(), ..Row::default() });
        }
    }

    #[test]
    fn a_table_of_one_column_keeps_the_commas_of_its_prompts() {
        let rows = prompts(b"Prompt\nA river, at dawn\n\"Rain, \"\"fog\"\"\"\n# 5; now\n");

        assert_eq!(rows, [row(2, "A river, at dawn"), row(3, "Rain, \"fog\""), row(4, "# 5; now")]);
    }

    #[test]
    fn what_editors_and_spreadsheets_write_is_read() {
        let utf16 = |mark: [u8; 2], unit: fn(u16) -> [u8; 2]| {
            let units = "Été à Zürich, 東京 🎬".encode_utf16().flat_map(unit);
            mark.into_iter().chain(units).collect::<Vec<u8>>()
        };
        assert_eq!(prompts(&utf16([0xFF, 0xFE], u16::to_le_bytes)), [row(1, "Été à Zürich, 東京 🎬")]);
        assert_eq!(prompts(&utf16([0xFE, 0xFF], u16::to_be_bytes)), [row(1, "Été à Zürich, 東京 🎬")]);
        assert_eq!(prompts(b"\xEF\xBB\xBFprompt,title\n\xC3\x89t\xC3\xA9,x"), [row(2, "Été")]);
        assert_eq!(prompts(b"\xC9t\xE9 \x96 5 \x80"), [row(1, "Été – 5 €")]);
    }

    #[test]
    fn what_is_no_text_or_no_prompt_is_refused() {
        for bytes in [b"GIF89a\0\0".as_slice(), b"\x01\x02abc", b"\xFF\xFEa", b"\xEF\xBB\xBF\xC3", b"r\0i\0v\0"] {
            assert_eq!(read(bytes), Err(BadSheet::NotText), "{bytes:?}");
        }
        for bytes in [b"".as_slice(), b"\xEF\xBB\xBF", b" \n\n# nothing\n", b"prompt,model\n,\n"] {
            assert_eq!(read(bytes), Err(BadSheet::Empty), "{bytes:?}");
        }
        assert_eq!(read(&vec![b'a'; MOST_BYTES + 1]), Err(BadSheet::TooLarge));
        // Twice as large once it is UTF-8.
        assert_eq!(read(&vec![0xE9; MOST_BYTES]), Err(BadSheet::TooLarge));
    }

    #[test]
    fn columns_must_be_known_and_there_once() {
        assert_eq!(read(b"prompt,mood\na,b"), Err(BadSheet::UnknownColumn("mood".to_owned())));
        assert_eq!(read(b"prompt,aspect,Ratio\na,b,c"), Err(BadSheet::TwiceColumn("Ratio".to_owned())));
        assert_eq!(read(b"text;model\na;b"), Err(BadSheet::NoPromptColumn));
        assert_eq!(
            BadSheet::UnknownColumn("mood".to_owned()).to_string(),
            "There is no column “mood” here. Rename or remove it; the columns are prompt, model, aspect, resolution, seconds, variations, title."
        );
    }

    #[test]
    fn what_is_wrong_with_one_row_stays_on_that_row() {
        let sheet = read(b"prompt,model,\na,b\na,b,\na,b,,c\n,b,\na,b,c\n").unwrap();

        let problems: Vec<_> = sheet.rows.iter().map(|row| row.problem.as_deref().unwrap_or_default()).collect();
        assert!(problems[0].starts_with("This row has 2 cells, but there are 3 columns."));
        assert_eq!(problems[1], "");
        assert!(problems[2].starts_with("This row has 4 cells"));
        assert_eq!(problems[3..], ["This row has no prompt.", "This row has text in a column without a name."]);
    }

    #[test]
    fn an_open_quote_is_found_where_it_opens() {
        let broken = read(b"prompt,model\na,b\n\n\"open,b\nc,d\n").unwrap_err();

        assert!(broken.to_string().starts_with("The quote (\") that opens in the row on line 4 is never closed."));
    }

    #[test]
    fn too_many_prompts_are_counted_and_refused() {
        assert_eq!(read("river\n\n".repeat(50_000).as_bytes()), Err(BadSheet::TooMany(50_000)));
        assert_eq!(read(format!("prompt,n\n{}", "a,1\n,\n".repeat(50_000)).as_bytes()), Err(BadSheet::TooMany(50_000)));
        assert_eq!(prompts("river\n".repeat(MOST_ROWS).as_bytes()).len(), MOST_ROWS);
        assert_eq!(prompts(format!("prompt\n{}", "a\n".repeat(MOST_ROWS)).as_bytes()).len(), MOST_ROWS);
    }

    #[test]
    fn the_canonical_text_of_any_file_reads_back_to_the_same_rows() {
        const PIECES: [&str; 24] = [
            "prompt",
            "prompt,model\n",
            "title;prompt\n",
            "prompt\tn\n",
            "river",
            " ",
            "\n",
            "\n",
            "\r\n",
            "\r",
            ",",
            ";",
            "\t",
            "\"",
            "\"\"",
            "#",
            "é",
            "🎬",
            "=1",
            "\u{feff}",
            "model",
            "5",
            "prompt,model,aspect\n",
            "\u{b}",
        ];
        let mut seed: u64 = 7;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((seed >> 33) % below).unwrap_or(0)
        };
        let mut read_well = 0;
        for _ in 0..2_000 {
            let text: String = (0..next(30)).map(|_| PIECES[next(24)]).collect();
            if let Ok(sheet) = read(text.as_bytes()) {
                read_well += 1;
                assert_eq!(read(lines_back(&sheet).as_bytes()), Ok(sheet), "{text:?}");
            }
        }
        assert!(read_well > 500, "{read_well}");
    }
}
