//! On which line of a document a row stands.

use super::scan::Value;
use memchr::{memchr, memchr_iter};

/// Counts on from the row asked for last.
pub(super) struct Lines<'a> {
    document: &'a [u8],
    at: usize,
    line: u32,
    /// All rows on one line have no lines of their own.
    has_lines: bool,
}

impl<'a> Lines<'a> {
    /// For the rows of `list`, a part of `document`.
    pub(super) fn of(document: &'a [u8], list: Value<'a>) -> Self {
        Self { document, at: 0, line: 1, has_lines: memchr(b'\n', list.bytes).is_some() }
    }

    /// 1-based; 0 when the rows stand on one line. Rows are asked for in their order.
    pub(super) fn line_of(&mut self, row: Value<'_>) -> u32 {
        if !self.has_lines {
            return 0;
        }
        let passed = self.document.get(self.at..row.start).unwrap_or_default();
        self.line = self.line.saturating_add(u32::try_from(memchr_iter(b'\n', passed).count()).unwrap_or(u32::MAX));
        self.at = row.start.max(self.at);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightbox_sdk::Call;

    fn lines(text: &str) -> Vec<u32> {
        let call = Call::unlimited();
        let list = Value::of_document(text.as_bytes());
        let mut lines = Lines::of(text.as_bytes(), list);
        list.items(&call).map(|item| lines.line_of(item.unwrap())).collect()
    }

    #[test]
    fn rows_have_the_line_that_they_begin_on() {
        assert_eq!(lines("\n[1,\n2, 3,\n\n{\n}]"), [2, 3, 3, 5]);
        assert_eq!(lines("\n\n[1, 2]\n"), [0, 0]);
    }
}
