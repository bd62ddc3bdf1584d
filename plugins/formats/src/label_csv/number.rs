//! Numbers as people write them into `label.csv`.

use crate::code;
pub(crate) use crate::shortened::shortened;
use lightbox_sdk::Finding;

/// Longest text that is certainly a whole number that fits `f64` exactly.
const EXACT_DIGITS: usize = 15;

/// A finite decimal number, spaces around it passed over: `12`, `-0.5`, `.5`, `1.`, `1e2`.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let text = text.trim_ascii();
    if !text.is_empty() && text.len() <= EXACT_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.bytes().fold(0u64, |number, byte| number * 10 + u64::from(byte - b'0')) as f64);
    }
    let number: f64 = text.parse().ok()?;
    number.is_finite().then_some(number)
}

/// The number in a column, or the finding that names the column, what it holds and what it should.
pub(super) fn require(text: &str, column: &str) -> Result<f64, Finding> {
    parse(text).ok_or_else(|| bad(text, column, hint(text)))
}

/// A whole number of pixels, 1 or more.
pub(super) fn require_pixels(text: &str, column: &str) -> Result<u32, Finding> {
    let number = require(text, column)?;
    let whole = number.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(&number);
    if whole { Ok(number as u32) } else { Err(bad(text, column, "a whole number of pixels above 0 is expected")) }
}

/// 0 or 1.
pub(super) fn require_flag(text: &str, column: &str) -> Result<u8, Finding> {
    match parse(text) {
        Some(0.0) => Ok(0),
        Some(1.0) => Ok(1),
        _ => Err(bad(text, column, "0 or 1 is expected")),
    }
}

fn bad(text: &str, column: &str, expected: &str) -> Finding {
    Finding::error(code::BAD_NUMBER, format!("the column {column} holds '{}', but {expected}", shortened(text)))
}

fn hint(text: &str) -> &'static str {
    let with_point = text.replacen(',', ".", 1);
    if with_point != text && parse(&with_point).is_some() {
        "a number is expected; write a point, not a comma, before the decimals"
    } else {
        "a finite number is expected"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_numbers_are_read() {
        let table = [
            ("0", 0.0),
            ("12", 12.0),
            (" 7 ", 7.0),
            (".5", 0.5),
            ("1.", 1.0),
            ("1e2", 100.0),
            ("-0.25", -0.25),
            ("+3", 3.0),
            ("999999999999999", 999_999_999_999_999.0),
            ("12345678901234567890", 12_345_678_901_234_567_890.0),
        ];
        for (text, number) in table {
            assert_eq!(parse(text), Some(number), "{text}");
        }
    }

    #[test]
    fn what_is_no_finite_decimal_number_is_refused() {
        for text in ["", " ", "abc", "NaN", "inf", "-Infinity", "1,5", "0x10", "1e999", "1 2", "--1", "٣"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert!(require("1,5", "xLeft").unwrap_err().message.contains("point"));
    }

    #[test]
    fn pixels_are_whole_and_above_0_and_flags_are_0_or_1() {
        assert_eq!(require_pixels("1024.0", "imageWidth").ok(), Some(1024));
        assert!(["0", "-1", "1.5", "1e10", ""].iter().all(|text| require_pixels(text, "imageWidth").is_err()));
        assert_eq!((require_flag("1.0", "value").ok(), require_flag("0", "value").ok()), (Some(1), Some(0)));
        assert!(["2", "-1", "yes", ""].iter().all(|text| require_flag(text, "value").is_err()));
    }
}
