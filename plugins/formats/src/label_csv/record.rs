//! Where the columns of one row lie, after RFC 4180: a column may be quoted, and then hold separators, line ends and
//! doubled quotes.
//!
//! Kinder than the RFC: spaces around a quoted column are passed over, a quote inside an unquoted one is text.
//! A quote that is never closed costs one look to the end of the document, not one a row: after it, quotes occur in
//! pairs only, so every later quoted column is settled within its own run of quotes.

use memchr::{memchr, memchr_iter, memchr2};
use std::borrow::Cow;

/// Columns whose place is kept: as many as the widest layout has.
pub(super) const MAX_COLUMNS: usize = 6;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Span {
    start: usize,
    end: usize,
    /// Holds doubled quotes.
    doubled: bool,
}

/// One row's columns as places in the bytes that it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    spans: [Span; MAX_COLUMNS],
    pub(super) columns: usize,
    /// Bytes of the row without its line end.
    pub(super) length: usize,
}

/// A quoted column that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct QuoteFault {
    /// Where the quote opens.
    pub(super) opens: usize,
    /// Where it closes although the column goes on; `None` when it never closes.
    pub(super) closes: Option<usize>,
}

impl Record {
    /// Reads a line that holds no quote.
    pub(super) fn plain(line: &[u8], separator: u8) -> Self {
        let mut record = Self::empty();
        let mut start = 0;
        for at in memchr_iter(separator, line) {
            record.push(Span { start, end: at, doubled: false });
            start = at + 1;
        }
        let end = if line.ends_with(b"\r") { line.len() - 1 } else { line.len() };
        record.push(Span { start, end: end.max(start), doubled: false });
        record.length = line.len();
        record
    }

    /// Reads the row at the start of `bytes`, over as many lines as it takes.
    pub(super) fn quoted(bytes: &[u8], separator: u8, line_end: u8) -> Result<Self, QuoteFault> {
        let mut record = Self::empty();
        let mut at = 0;
        loop {
            let (span, end) = read_column(bytes, at, separator, line_end)?;
            record.push(span);
            match bytes.get(end) {
                Some(byte) if *byte == separator => at = end + 1,
                _ => {
                    record.length = end;
                    return Ok(record);
                }
            }
        }
    }

    /// The text of a column of `row`, the text that this record was read from; empty past the last column.
    pub(super) fn column<'a>(&self, row: &'a str, index: usize) -> Cow<'a, str> {
        let span = self.spans.get(index).copied().unwrap_or_default();
        let text = row.get(span.start..span.end).unwrap_or_default();
        if span.doubled { Cow::Owned(text.replace("\"\"", "\"")) } else { Cow::Borrowed(text) }
    }

    /// Bytes of the first column.
    pub(super) fn first_column<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(self.spans[0].start..self.spans[0].end).unwrap_or_default()
    }

    fn empty() -> Self {
        Self { spans: [Span::default(); MAX_COLUMNS], columns: 0, length: 0 }
    }

    fn push(&mut self, span: Span) {
        if let Some(slot) = self.spans.get_mut(self.columns) {
            *slot = span;
        }
        self.columns += 1;
    }
}

/// The column that starts at `at`, and where it ends: at a separator, at a line end or at the end of the bytes.
fn read_column(bytes: &[u8], at: usize, separator: u8, line_end: u8) -> Result<(Span, usize), QuoteFault> {
    let start = pass_over(bytes, at, b" ");
    if bytes.get(start) == Some(&b'"') {
        return read_quoted(bytes, start, separator, line_end);
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let end = at + memchr2(separator, line_end, rest).unwrap_or(rest.len());
    let ends_line = bytes.get(end) != Some(&separator);
    let text_end = if ends_line && end > at && bytes.get(end - 1) == Some(&b'\r') { end - 1 } else { end };
    Ok((Span { start: at, end: text_end, doubled: false }, end))
}

fn read_quoted(bytes: &[u8], opens: usize, separator: u8, line_end: u8) -> Result<(Span, usize), QuoteFault> {
    let start = opens + 1;
    let (mut at, mut doubled) = (start, false);
    loop {
        let found = bytes.get(at..).and_then(|rest| memchr(b'"', rest));
        let end = at + found.ok_or(QuoteFault { opens, closes: None })?;
        if bytes.get(end + 1) == Some(&b'"') {
            doubled = true;
            at = end + 2;
            continue;
        }
        let after = pass_over(bytes, end + 1, b" \r");
        let is_end = bytes.get(after).is_none_or(|byte| *byte == separator || *byte == line_end);
        let span = Span { start, end, doubled };
        return if is_end { Ok((span, after)) } else { Err(QuoteFault { opens, closes: Some(end) }) };
    }
}

fn pass_over(bytes: &[u8], at: usize, passed: &[u8]) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| passed.contains(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(text: &str) -> Vec<String> {
        let record = Record::quoted(text.as_bytes(), b',', b'\n').unwrap();
        (0..record.columns).map(|index| record.column(text, index).into_owned()).collect()
    }

    #[test]
    fn quoted_columns_hold_separators_line_ends_and_quotes() {
        let table: [(&str, &[&str]); 9] = [
            ("a,b", &["a", "b"]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("\"say \"\"x\"\"\",c", &["say \"x\"", "c"]),
            ("\"two\nlines\",c\nnext", &["two\nlines", "c"]),
            ("\"\",", &["", ""]),
            ("a, \"b\" ,c", &["a", "b", "c"]),
            ("a\"b,c", &["a\"b", "c"]),
            ("a,\"b\"\r\nnext", &["a", "b"]),
            ("\"a\",b\r\nnext", &["a", "b"]),
        ];
        for (text, expected) in table {
            assert_eq!(columns(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_quote_that_never_closes_is_told_from_one_that_closes_too_early() {
        let fault = |text: &str| Record::quoted(text.as_bytes(), b',', b'\n').unwrap_err();
        assert_eq!(fault("a,\"b\nc,d\n"), QuoteFault { opens: 2, closes: None });
        assert_eq!(fault("a,\"b\"c\n"), QuoteFault { opens: 2, closes: Some(4) });
    }

    #[test]
    fn lines_without_quotes_read_the_same_both_ways() {
        for line in ["", "a", "a,b", ",", ",,", "a,b,c,d,e,f,g,h", "a,b\r"] {
            let mut quoted = Record::quoted(line.as_bytes(), b',', b'\n').unwrap();
            quoted.length = line.len();
            assert_eq!(Record::plain(line.as_bytes(), b','), quoted, "{line:?}");
        }
    }
}
