//! Which line a byte of a text lies in, for positions that mostly rise.

pub(crate) struct Lines<'a> {
    text: &'a [u8],
    /// Bytes whose line ends have been counted.
    counted: usize,
    line: u32,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a [u8]) -> Self {
        Self { text, counted: 0, line: 1 }
    }

    /// 1-based. Positions past the end are on the last line.
    pub(crate) fn at(&mut self, position: usize) -> u32 {
        let position = position.min(self.text.len());
        if position < self.counted {
            // A little way back: an element's beginning is asked for after its end.
            let between = self.text.get(position..self.counted).unwrap_or_default();
            self.line = self.line.saturating_sub(count(between));
        } else {
            let between = self.text.get(self.counted..position).unwrap_or_default();
            self.line = self.line.saturating_add(count(between));
        }
        self.counted = position;
        self.line
    }
}

fn count(bytes: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_forwards_and_back() {
        let mut lines = Lines::of(b"a\nb\n\nc");
        assert_eq!([0, 1, 2, 5, 3, 99, 0].map(|position| lines.at(position)), [1, 1, 2, 4, 2, 4, 1]);
    }
}
