//! What rows refer to each other by: whole numbers as COCO has it, or texts as some tools write.

use super::scan::Value;
use std::fmt;

/// A number and a text of the same digits are the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Id {
    Number(i64),
    Text(String),
}

impl Id {
    /// `None` for null, a list, an object, an empty or broken text.
    pub(super) fn read(value: Value<'_>) -> Option<Self> {
        let text = value.text()?;
        let has_plain_digits = text == "0" || !text.trim_start_matches('-').starts_with('0');
        match text.parse::<i64>() {
            Ok(number) if has_plain_digits && !text.starts_with('+') => Some(Self::Number(number)),
            _ if text.trim().is_empty() => None,
            _ => Some(Self::whole(&text).unwrap_or_else(|| Self::Text(text.into_owned()))),
        }
    }

    /// `7.0` is 7: what tables of floats write.
    fn whole(text: &str) -> Option<Self> {
        let (digits, zeros) = text.split_once('.')?;
        let is_whole = !digits.starts_with('0') && !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0');
        digits.parse().ok().filter(|_| is_whole).map(Self::Number)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(out, "{number}"),
            Self::Text(text) => write!(out, "{text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<String> {
        Id::read(Value { bytes: json.as_bytes(), start: 0 }).map(|id| format!("{id:?}"))
    }

    #[test]
    fn numbers_texts_and_what_is_neither() {
        let table = [
            ("17", Some("Number(17)")),
            ("-1", Some("Number(-1)")),
            ("0", Some("Number(0)")),
            ("\"17\"", Some("Number(17)")),
            ("17.0", Some("Number(17)")),
            ("\"000017\"", Some("Text(\"000017\")")),
            ("\"a\\u0062\"", Some("Text(\"ab\")")),
            ("1.5", Some("Text(\"1.5\")")),
            ("99999999999999999999", Some("Text(\"99999999999999999999\")")),
            ("NaN", Some("Text(\"NaN\")")),
            ("null", None),
            ("\"\"", None),
            ("[1]", None),
        ];
        for (json, expected) in table {
            assert_eq!(read(json).as_deref(), expected, "{json}");
        }
    }
}
