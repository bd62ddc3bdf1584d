//! On which line of a document a row stands; rows that stand on one line have none of their own.

use super::scan::Value;
use crate::lines;
use memchr::memchr;

pub(super) struct Lines<'a> {
    /// `None` when all rows stand on one line.
    lines: Option<lines::Lines<'a>>,
}

impl<'a> Lines<'a> {
    /// For the rows of `list`, a part of `document`.
    pub(super) fn of(document: &'a [u8], list: Value<'a>) -> Self {
        Self { lines: memchr(b'\n', list.bytes).map(|_| lines::Lines::of(document)) }
    }

    /// 1-based, or 0. Rows are asked for in their order.
    pub(super) fn line_of(&mut self, row: Value<'_>) -> u32 {
        self.lines.as_mut().map_or(0, |lines| lines.at(row.start))
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
