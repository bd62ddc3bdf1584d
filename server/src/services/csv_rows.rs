//! Rows of tables to download as CSV, safe to open in a spreadsheet. What stands in them is not known here.

use super::{ServiceError, ServiceResult};

/// Each row's fields, in quotes where they need them.
pub fn csv_rows<const COLUMNS: usize>(rows: impl IntoIterator<Item = [String; COLUMNS]>) -> ServiceResult<Vec<u8>> {
    let broken = |error: String| ServiceError::Broken(error);
    let mut csv = csv::Writer::from_writer(Vec::new());
    for row in rows {
        csv.write_record(row).map_err(|error| broken(error.to_string()))?;
    }
    csv.into_inner().map_err(|error| broken(error.to_string()))
}

/// A text that a spreadsheet would run as a formula gets a quote before it.
pub fn spreadsheet_text(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_told_as_texts_and_separators_are_quoted() {
        for (text, expected) in [
            ("=1+1", "'=1+1\n"),
            ("@sum", "'@sum\n"),
            ("a, \"b\"", "\"a, \"\"b\"\"\"\n"),
            ("a\nb", "\"a\nb\"\n"),
            ("cell", "cell\n"),
        ] {
            let written = csv_rows([[spreadsheet_text(text)]]).unwrap();
            assert_eq!(String::from_utf8(written).unwrap(), expected, "{text:?}");
        }
    }
}
