//! One row: a class number, and a box or an outline in fractions of the image's size.

use crate::code;
use crate::label_csv::number::parse;
use crate::shortened::shortened;
use lightbox_sdk::Finding;

/// Numbers of a box.
const BOX_COLUMNS: usize = 5;
/// Numbers further out than this are not meant as fractions of the image.
const FRACTIONS: std::ops::RangeInclusive<f64> = -1.0..=2.0;
/// The most by which an edge is moved to a rounder number, in pixels.
const MAX_ROUNDING: f64 = 0.01;
/// What computing in floats leaves, in pixels.
const NOISE: f64 = 1e-9;
const MAX_DECIMALS: i32 = 9;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) class: u32,
    pub(super) geometry: Geometry,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Geometry {
    /// Centre x, centre y, width, height.
    Box([Fraction; 4]),
    /// `x, y, x, y, …`
    Outline(Vec<f64>),
}

/// A number as a file writes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fraction {
    value: f64,
    /// Half a unit of the last digit: as far as the number meant may be away.
    slack: f64,
}

/// Reads a line that is not blank. With `has_keypoints` only its box is read.
///
/// # Errors
/// ERROR `COLUMN_COUNT` or `BAD_NUMBER`, without place.
pub(super) fn read(line: &str, has_keypoints: bool) -> Result<Row, Finding> {
    let mut columns: Vec<&str> = line.split_ascii_whitespace().collect();
    if has_keypoints {
        columns.truncate(BOX_COLUMNS);
    }
    require_count(columns.len())?;
    let class = read_class(columns.first().copied().unwrap_or_default())?;
    let numbers = columns.iter().skip(1).map(|text| Fraction::read(text));
    let numbers: Vec<Fraction> = numbers.collect::<Result<_, _>>()?;
    let geometry = match <[Fraction; 4]>::try_from(numbers) {
        Ok(numbers) => Geometry::Box(numbers),
        Err(numbers) => Geometry::Outline(numbers.into_iter().map(|number| number.value).collect()),
    };
    Ok(Row { class, geometry })
}

/// Whether a line is a row by its looks: what a text of another kind hardly has.
pub(super) fn looks_like_row(line: &str) -> bool {
    read(line, false).is_ok()
}

/// Whether a line is an outline by its number of columns.
pub(super) fn is_outline(line: &str) -> bool {
    let count = line.split_ascii_whitespace().count();
    count > BOX_COLUMNS && count % 2 == 1
}

fn require_count(count: usize) -> Result<(), Finding> {
    if count == BOX_COLUMNS || (count > BOX_COLUMNS && count % 2 == 1) {
        return Ok(());
    }
    let hint = if count == BOX_COLUMNS + 1 { "; a confidence behind the box is not read" } else { "" };
    let message = format!(
        "the row has {count} columns; 5 are expected for a box, or 7, 9 and so on for a class and an outline{hint}"
    );
    Err(Finding::error(code::COLUMN_COUNT, message))
}

fn read_class(text: &str) -> Result<u32, Finding> {
    // Some tools write all columns as floats.
    let number = parse(text).filter(|number| number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(number));
    number.map(|number| number as u32).ok_or_else(|| {
        let message = format!("the class is '{}', but a whole number from 0 is expected", shortened(text));
        Finding::error(code::BAD_NUMBER, message)
    })
}

impl Fraction {
    pub(super) fn read(text: &str) -> Result<Self, Finding> {
        let value = parse(text).filter(|value| FRACTIONS.contains(value)).ok_or_else(|| {
            let message = format!(
                "'{}' is no fraction of the image's size; numbers from 0 to 1 are expected, not pixels",
                shortened(text)
            );
            Finding::error(code::BAD_NUMBER, message)
        })?;
        Ok(Self { value, slack: slack(text) })
    }
}

fn slack(text: &str) -> f64 {
    match text.split_once('.') {
        Some((_, digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            0.5 / 10f64.powi(digits.len().min(30) as i32)
        }
        _ => 0.0,
    }
}

/// `[x, y, width, height]` in pixels. Each edge is the roundest number that the digits of the file allow: the file's
/// 0.333333 of 15 pixels is 5.
pub(super) fn to_pixels(numbers: [Fraction; 4], width: u32, height: u32) -> [f64; 4] {
    let [center_x, center_y, box_width, box_height] = numbers;
    let [left, right] = edges(center_x, box_width, f64::from(width));
    let [top, bottom] = edges(center_y, box_height, f64::from(height));
    [left, top, right - left, bottom - top]
}

fn edges(center: Fraction, length: Fraction, pixels: f64) -> [f64; 2] {
    let slack = ((center.slack + length.slack / 2.0) * pixels).min(MAX_ROUNDING) + NOISE;
    let half = length.value / 2.0;
    [center.value - half, center.value + half].map(|edge| roundest(edge * pixels, slack))
}

/// The number with the fewest decimals that is `slack` away at most.
fn roundest(number: f64, slack: f64) -> f64 {
    for decimals in 0..=MAX_DECIMALS {
        let scale = 10f64.powi(decimals);
        let rounded = (number * scale).round() / scale;
        if (rounded - number).abs() <= slack {
            // Not -0.
            return rounded + 0.0;
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pixels(text: &str, width: u32, height: u32) -> [f64; 4] {
        match read(text, false).unwrap().geometry {
            Geometry::Box(numbers) => to_pixels(numbers, width, height),
            Geometry::Outline(_) => panic!("an outline"),
        }
    }

    #[test]
    fn edges_are_the_roundest_numbers_that_the_digits_allow() {
        assert_eq!(pixels("2 0.133333 0.300000 0.266667 0.200000", 15, 10), [0.0, 2.0, 4.0, 2.0]);
        assert_eq!(pixels("0 0.35 0.3 0.3 0.2", 10, 5), [2.0, 1.0, 3.0, 1.0]);
        assert_eq!(pixels("0.0 0.5 0.5 0.2 0.2", 333, 10), [133.2, 4.0, 199.8 - 133.2, 2.0]);
    }

    #[test]
    fn rows_that_are_none_are_refused() {
        let table = [
            ("1 0.5 0.5 0.5", code::COLUMN_COUNT),
            ("1 0.5 0.5 0.5 0.5 0.9", code::COLUMN_COUNT),
            ("a 0.5 0.5 0.5 0.5", code::BAD_NUMBER),
            ("-1 0.5 0.5 0.5 0.5", code::BAD_NUMBER),
            ("1.5 0.5 0.5 0.5 0.5", code::BAD_NUMBER),
            ("1 320 240 10 10", code::BAD_NUMBER),
            ("1 0.5 0.5 nan 0.5", code::BAD_NUMBER),
        ];
        for (text, code) in table {
            assert_eq!(read(text, false).unwrap_err().code, code, "{text}");
        }
        assert!(!looks_like_row("3 apples and 4 pears") && !looks_like_row("1 2") && looks_like_row("1 .1 .2 .3 .4"));
    }

    #[test]
    fn outlines_have_pairs_and_key_points_are_left_out() {
        let row = read("3 0.1 0.2 0.3 0.4 0.5 0.6", false).unwrap();
        assert_eq!(row, Row { class: 3, geometry: Geometry::Outline(vec![0.1, 0.2, 0.3, 0.4, 0.5, 0.6]) });
        assert!(matches!(read("3 0.1 0.2 0.3 0.4 0.5 0.6 2", true).unwrap().geometry, Geometry::Box(_)));
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in "[0-9. e+-]{0,40}") {
            looks_like_row(&line);
            let _ = read(&line, false);
        }
    }
}
