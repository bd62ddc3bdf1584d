//! Cuts a document into rows. A row that cannot be read becomes a finding, and reading goes on with the next line.

use super::encoding;
use super::layout::Layout;
use super::record::{MAX_COLUMNS, QuoteFault, Record};
use crate::code;
use lightbox_sdk::Finding;
use memchr::{memchr, memchr_iter};
use std::borrow::Cow;

/// What stands between the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    Comma,
    Semicolon,
    Tab,
}

impl Separator {
    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }
}

/// One row. Columns past the sixth are counted, not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// 1-based physical line on which the row starts.
    pub line: u32,
    pub columns: usize,
    pub separator: Separator,
    cells: [Cow<'a, str>; MAX_COLUMNS],
}

impl Row<'_> {
    /// The text of a column; empty past the last one.
    pub fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", |cell| cell)
    }

    pub fn path(&self) -> &str {
        self.cell(0)
    }

    pub fn class(&self) -> &str {
        self.cell(1)
    }
}

/// The rows of a document in UTF-8, blank lines passed over.
pub struct Rows<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
    /// `\n`, or `\r` in a document that has no `\n`.
    line_end: u8,
    // What the document holds nowhere is looked for once, not in every row.
    has_quotes: bool,
    has_nul: bool,
    /// Those besides the comma that the document holds.
    separators: Vec<Separator>,
}

impl<'a> Rows<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let holds = |byte: u8| memchr(byte, bytes).is_some();
        let old_mac = !holds(b'\n') && holds(b'\r');
        Self {
            bytes,
            at: 0,
            line: 1,
            line_end: if old_mac { b'\r' } else { b'\n' },
            has_quotes: holds(b'"'),
            has_nul: holds(0),
            separators: [Separator::Semicolon, Separator::Tab].into_iter().filter(|each| holds(each.byte())).collect(),
        }
    }

    /// The line that starts here, without its end; `None` after the last one.
    fn peek_line(&self) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        rest.get(..memchr(self.line_end, rest).unwrap_or(rest.len()))
    }

    /// Goes past `length` bytes and the line end after them.
    fn advance(&mut self, length: usize) {
        let end = self.at.saturating_add(length);
        let passed = self.bytes.get(self.at..end).unwrap_or_default();
        let lines = if self.has_quotes { memchr_iter(self.line_end, passed).count() + 1 } else { 1 };
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at = end + 1;
    }

    fn read_row(&mut self, line: &'a [u8]) -> Result<Row<'a>, Finding> {
        let first_line = self.line;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (record, separator) = match self.find_record(rest, line) {
            Ok(found) => found,
            Err(fault) => return Err(self.recover(rest, fault)),
        };
        self.advance(record.length);
        let raw = rest.get(..record.length).unwrap_or_default();
        let text =
            self.readable(raw).map_err(|message| Finding::error(code::BAD_ENCODING, message).at_line(first_line))?;
        let cells = std::array::from_fn(|index| record.column(text, index));
        Ok(Row { line: first_line, columns: record.columns, separator, cells })
    }

    /// Reads with commas; with what else the row uses, when that gives a layout and commas do not.
    fn find_record(&self, rest: &[u8], line: &[u8]) -> Result<(Record, Separator), QuoteFault> {
        let is_quoted = self.has_quotes && memchr(b'"', line).is_some();
        let read = |separator: Separator| match is_quoted {
            false => Ok(Record::plain(line, separator.byte())),
            true => Record::quoted(rest, separator.byte(), self.line_end),
        };
        let by_comma = read(Separator::Comma);
        for separator in self.separators.iter().copied() {
            let first = by_comma.as_ref().map_or(line, |record| record.first_column(rest));
            if memchr(separator.byte(), first).is_none() {
                continue;
            }
            if let Ok(other) = read(separator)
                && fits_better(&other, by_comma.as_ref().ok(), rest)
            {
                return Ok((other, separator));
            }
        }
        by_comma.map(|record| (record, Separator::Comma))
    }

    /// The row as text, or why it is none.
    fn readable(&self, row: &'a [u8]) -> Result<&'a str, String> {
        if self.has_nul && memchr(0, row).is_some() {
            return Err("the row holds a NUL byte; save the file as UTF-8".to_owned());
        }
        str::from_utf8(row).map_err(|_| encoding::complaint(row))
    }

    /// Goes to the line after the one on which the faulty quote opens.
    fn recover(&mut self, rest: &[u8], fault: QuoteFault) -> Finding {
        let before = rest.get(..fault.opens).unwrap_or_default();
        let from_quote = rest.get(fault.opens..).unwrap_or_default();
        let line = self.line.saturating_add(memchr_iter(self.line_end, before).count() as u32);
        let line_length = memchr(self.line_end, from_quote).unwrap_or(from_quote.len());
        let closes_later = fault.closes.is_none_or(|closes| closes >= fault.opens + line_length);
        self.advance(fault.opens + line_length);
        let message = if closes_later {
            "a quote opens here and is not closed before the end of its column; the line is refused"
        } else {
            "a quote closes in the middle of a column: double quotes inside a quoted column, or quote the whole column"
        };
        Finding::error(code::BAD_QUOTE, message).at_line(line)
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Row<'a>, Finding>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = self.peek_line()?;
            if !line.trim_ascii().is_empty() {
                return Some(self.read_row(line));
            }
            self.advance(line.len());
        }
    }
}

/// Whether the reading with another separator is the row's own: it gives a layout of more than a path, and commas
/// give none, or only because numbers or a path hold them.
fn fits_better(other: &Record, by_comma: Option<&Record>, bytes: &[u8]) -> bool {
    let is_layout = other.columns > 1 && Layout::of_columns(other.columns).is_some();
    let commas_fail = by_comma.is_none_or(|record| record.columns == 1);
    let is_path = other.columns == 2 && by_comma.is_some_and(|record| is_image_path(record.first_column(bytes)));
    is_layout && (commas_fail || other.columns >= Layout::Mask.columns()) && !is_path
}

/// Whether the whole ends like an image file, so that `left;right.png` is one path and no path and class.
fn is_image_path(text: &[u8]) -> bool {
    str::from_utf8(text).is_ok_and(super::recognise::has_image_extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line and cells, or code and line.
    type Seen = Result<(u32, Vec<String>), (String, u32)>;

    fn read(text: &str) -> Vec<Seen> {
        Rows::new(text.as_bytes())
            .map(|row| {
                row.map(|row| (row.line, (0..row.columns).map(|index| row.cell(index).to_owned()).collect()))
                    .map_err(|finding| (finding.code, finding.line.unwrap_or(0)))
            })
            .collect()
    }

    fn row(line: u32, cells: &[&str]) -> Seen {
        Ok((line, cells.iter().map(|cell| (*cell).to_owned()).collect()))
    }

    #[test]
    fn lines_are_physical_and_blank_ones_are_passed_over() {
        let expected = [row(2, &["a", "b"]), row(5, &["c\nd", "e"]), row(7, &["f"])];
        assert_eq!(read("\na,b\r\n  \r\n\n\"c\nd\",e\nf"), expected);
        assert_eq!(read("a,b\rc\r\rd"), [row(1, &["a", "b"]), row(2, &["c"]), row(4, &["d"])]);
    }

    #[test]
    fn an_unclosed_quote_costs_its_own_line_only() {
        let bad = |line| Err((code::BAD_QUOTE.to_owned(), line));
        assert_eq!(read("a,b\nc,\"d\ne,f\n"), [row(1, &["a", "b"]), bad(2), row(3, &["e", "f"])]);
        assert_eq!(read("a,\"b\nc,\"d\ne,f"), [bad(1), bad(2), row(3, &["e", "f"])]);
        assert_eq!(read("a,\"b\nb\",\"c\nd"), [bad(2), row(3, &["d"])]);
        assert_eq!(read("a,\"b\"c\nd"), [bad(1), row(2, &["d"])]);
    }

    #[test]
    fn semicolons_and_tabs_are_read_where_they_make_a_layout() {
        let separators = |text: &str| {
            Rows::new(text.as_bytes()).flatten().map(|row| (row.separator, row.columns)).collect::<Vec<_>>()
        };
        use Separator::*;
        assert_eq!(separators("a;b\na\tb\tc\na,b"), [(Semicolon, 2), (Tab, 3), (Comma, 2)]);
        assert_eq!(separators("\"a\";\"b\"\na;b;1,5;2;3;4"), [(Semicolon, 2), (Semicolon, 6)]);
        assert_eq!(separators("left;right.png\na;b,c\na;b;c;d"), [(Comma, 1), (Comma, 2), (Comma, 1)]);
    }

    #[test]
    fn a_row_that_is_not_utf_8_costs_itself_only() {
        let rows: Vec<_> = Rows::new(b"a,b\nc,\xba\xec\nd\0,e\nf,g").collect();
        let codes: Vec<_> =
            rows.iter().map(|row| row.as_ref().map(|row| row.line).map_err(|f| f.code.as_str())).collect();
        assert_eq!(codes, [Ok(1), Err(code::BAD_ENCODING), Err(code::BAD_ENCODING), Ok(4)]);
    }
}
