//! Masks of CVAT: run lengths along the rows of a small picture, first of zeros, and where it lies on the image.

use super::document::WINDOW;
use crate::code;
use crate::label_csv::number::parse;
use crate::mask::{Window, canvas};
use crate::shortened::shortened;
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Call, Finding};

/// The mask on an image of `width` × `height` pixels.
///
/// # Errors
/// An ERROR without place: `BAD_NUMBER`, `BAD_MASK` or `MASK_SIZE`.
pub(super) fn lay(
    rle: &str,
    window: &[Option<String>; 4],
    (width, height): (u32, u32),
    call: &Call<'_>,
) -> Result<Mask, Finding> {
    canvas::require_size(width, height, call)?;
    let mut numbers = [0i64; 4];
    for ((number, text), name) in numbers.iter_mut().zip(window).zip(WINDOW) {
        *number = whole(text.as_deref().unwrap_or_default(), name)?;
    }
    let [left, top, columns, rows] = numbers;
    let (Ok(columns), Ok(rows)) = (u32::try_from(columns), u32::try_from(rows)) else {
        return Err(bad(format!("a picture of {columns} × {rows} pixels is no mask")));
    };
    canvas::require_size(columns, rows, call)?;
    let pixels = unroll(rle, columns as usize * rows as usize)?;
    let mask = Window { left, top, width: columns, pixels }.lay(width, height);
    if mask.area() > 0 { Ok(mask) } else { Err(bad("no pixel of the mask lies on the image".to_owned())) }
}

/// One byte a pixel.
fn unroll(rle: &str, total: usize) -> Result<Vec<u8>, Finding> {
    let mut pixels = Vec::with_capacity(total);
    for (index, text) in rle.split(',').enumerate() {
        let count = text.trim().parse::<usize>().ok();
        let end = count.and_then(|count| pixels.len().checked_add(count)).filter(|end| *end <= total);
        let Some(end) = end else {
            let run = index + 1;
            let what = format!("run {run} of `rle` is '{}', which is no number of the {total} pixels", shortened(text));
            return Err(bad(what));
        };
        pixels.resize(end, u8::from(index % 2 == 1));
    }
    if pixels.len() == total {
        return Ok(pixels);
    }
    Err(Finding::error(code::MASK_SIZE, format!("the runs of `rle` are {} pixels, not {total}", pixels.len())))
}

fn whole(text: &str, name: &str) -> Result<i64, Finding> {
    // Some versions write whole numbers with a point.
    let number = parse(text).filter(|number| number.fract() == 0.0 && number.abs() <= f64::from(u32::MAX));
    number.map(|number| number as i64).ok_or_else(|| {
        let what = format!("`{name}` holds '{}', but a whole number is expected", shortened(text));
        Finding::error(code::BAD_NUMBER, what)
    })
}

fn bad(message: String) -> Finding {
    Finding::error(code::BAD_MASK, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rle: &str, window: [&str; 4]) -> Result<Vec<u8>, String> {
        let window = window.map(|text| (!text.is_empty()).then(|| text.to_owned()));
        lay(rle, &window, (4, 3), &Call::unlimited()).map(|mask| mask.to_pixels(1)).map_err(|finding| finding.code)
    }

    #[test]
    fn runs_go_along_the_rows_of_the_picture() {
        assert_eq!(run("1, 2, 1", ["1", "1", "2", "2"]).unwrap(), [0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]);
        assert_eq!(run("0,2", ["3", "0.0", "2", "1"]).unwrap(), [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn what_is_no_mask_is_refused() {
        let table = [
            ("1,2", ["0", "0", "2", "2"], code::MASK_SIZE),
            ("1,9", ["0", "0", "2", "2"], code::BAD_MASK),
            ("1,-2", ["0", "0", "2", "2"], code::BAD_MASK),
            ("", ["0", "0", "2", "2"], code::BAD_MASK),
            ("4", ["0", "0", "2", "2"], code::BAD_MASK),
            ("0,4", ["9", "0", "2", "2"], code::BAD_MASK),
            ("0,4", ["0", "", "2", "2"], code::BAD_NUMBER),
            ("0,4", ["0", "0.5", "2", "2"], code::BAD_NUMBER),
            ("0,4", ["0", "0", "-2", "-2"], code::BAD_MASK),
            ("0,18446744073709551615", ["0", "0", "4294967295", "4294967295"], code::MASK_SIZE),
            ("1,18446744073709551615", ["0", "0", "2", "2"], code::BAD_MASK),
        ];
        for (rle, window, code) in table {
            assert_eq!(run(rle, window), Err(code.to_owned()), "{rle} {window:?}");
        }
    }
}
