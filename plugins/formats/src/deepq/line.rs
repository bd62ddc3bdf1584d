//! One line of `label.csv`, quoted after RFC 4180.

/// Characters for which a column is quoted: the RFC's, and those that readers take for separators.
const SPECIAL: &[char] = &[',', '"', '\r', '\n', ';', '\t', '\u{feff}'];

/// Columns with commas between them, and a line end.
#[derive(Default)]
pub(super) struct Line {
    text: String,
}

impl Line {
    pub(super) fn push(&mut self, column: &str) {
        self.separate();
        if needs_quotes(column) {
            self.text.push('"');
            self.text.push_str(&column.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(column);
        }
    }

    /// In the shortest decimal form that reads back as the same number.
    pub(super) fn push_number(&mut self, number: f64) {
        self.separate();
        self.text.push_str(&number.to_string());
    }

    /// The line's bytes; the line is empty again.
    pub(super) fn end_into(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.text.as_bytes());
        out.push(b'\n');
        self.text.clear();
    }

    fn separate(&mut self) {
        if !self.text.is_empty() {
            self.text.push(',');
        }
    }
}

/// All digits are quoted too, so that a class `001` is not taken for the number 1.
fn needs_quotes(column: &str) -> bool {
    let is_padded = column.trim() != column;
    let is_digits = column.bytes().all(|byte| byte.is_ascii_digit());
    column.contains(SPECIAL) || is_padded || is_digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_quoted_where_a_reader_could_mistake_them() {
        let table = [
            ("a b", "a b"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("001", "\"001\""),
            ("1.5", "1.5"),
            (" a", "\" a\""),
            ("a;b", "\"a;b\""),
            ("", "\"\""),
        ];
        for (column, expected) in table {
            let (mut line, mut out) = (Line::default(), Vec::new());
            line.push("p");
            line.push(column);
            line.end_into(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("p,{expected}\n"));
        }
    }
}
