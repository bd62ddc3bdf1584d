//! Masks as COCO writes them: run lengths down the columns, first of zeros, packed into a string.
//!
//! Source: the COCO API's `maskApi`; the string packs each count as groups of five bits, six-bit characters from '0',
//! counts after the second as the difference to the one two before.

use crate::{Error, Result};

/// Run lengths, column-major, starting with zeros; their sum is `width × height`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    pub width: u32,
    pub height: u32,
    pub counts: Vec<u32>,
}

impl Mask {
    /// From one byte a pixel, row-major; any byte but 0 is set. `pixels` has `width × height` bytes.
    pub fn from_pixels(width: u32, height: u32, pixels: &[u8]) -> Self {
        let (columns, rows) = (width as usize, height as usize);
        let mut counts = Vec::new();
        let (mut run, mut set) = (0u32, false);
        for column in 0..columns {
            for row in 0..rows {
                let here = pixels[row * columns + column] != 0;
                if here != set {
                    counts.push(run);
                    run = 0;
                    set = here;
                }
                run += 1;
            }
        }
        counts.push(run);
        Self { width, height, counts }
    }

    /// One byte a pixel, row-major, `set` where the mask is.
    pub fn to_pixels(&self, set: u8) -> Vec<u8> {
        let (columns, rows) = (self.width as usize, self.height as usize);
        let mut pixels = vec![0; columns * rows];
        for (start, length) in self.set_runs() {
            for at in start..start + length {
                pixels[(at % rows) * columns + at / rows] = set;
            }
        }
        pixels
    }

    /// Pixels set.
    pub fn area(&self) -> u64 {
        self.counts.iter().skip(1).step_by(2).map(|count| u64::from(*count)).sum()
    }

    /// `[x, y, width, height]` of the pixels set; all 0 when there is none.
    pub fn bounding_box(&self) -> [f64; 4] {
        let rows = (self.height as usize).max(1);
        let (mut left, mut top, mut right, mut bottom) = (usize::MAX, usize::MAX, 0, 0);
        for (start, length) in self.set_runs() {
            let last = start + length - 1;
            let (first_column, last_column) = (start / rows, last / rows);
            left = left.min(first_column);
            right = right.max(last_column + 1);
            let spans = last_column > first_column;
            top = top.min(if spans { 0 } else { start % rows });
            bottom = bottom.max(if spans { rows } else { last % rows + 1 });
        }
        if right == 0 {
            return [0.0; 4];
        }
        [left, top, right - left, bottom - top].map(|each| each as f64)
    }

    /// Start and length of every run of set pixels, counted down the columns.
    fn set_runs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut at = 0usize;
        self.counts.iter().enumerate().filter_map(move |(index, count)| {
            let start = at;
            at += *count as usize;
            (index % 2 == 1 && *count > 0).then_some((start, *count as usize))
        })
    }

    /// COCO's compressed `counts` string.
    pub fn to_coco(&self) -> String {
        let mut out = String::new();
        for (index, count) in self.counts.iter().enumerate() {
            let before = if index > 2 { i64::from(self.counts[index - 2]) } else { 0 };
            let mut rest = i64::from(*count) - before;
            loop {
                let low = (rest & 0x1f) as u8;
                rest >>= 5;
                let more = if low & 0x10 != 0 { rest != -1 } else { rest != 0 };
                out.push(char::from(low + if more { 0x20 } else { 0 } + 48));
                if !more {
                    break;
                }
            }
        }
        out
    }

    /// Reads COCO's compressed `counts` string.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a character outside its alphabet, a cut number, or counts that do not add up to the
    /// size.
    pub fn from_coco(width: u32, height: u32, text: &[u8]) -> Result<Self> {
        let mut counts: Vec<u32> = Vec::new();
        let mut bytes = text.iter();
        while let Some(first) = bytes.next() {
            let mut value = read_packed(*first, &mut bytes)?;
            if counts.len() > 2 {
                value += i64::from(counts[counts.len() - 2]);
            }
            counts.push(u32::try_from(value).map_err(|_| corrupt(format!("a run of {value} pixels")))?);
        }
        Self::from_counts(width, height, counts)
    }

    /// Checks that the counts add up to the size.
    pub fn from_counts(width: u32, height: u32, counts: Vec<u32>) -> Result<Self> {
        let (total, expected) =
            (counts.iter().map(|count| u64::from(*count)).sum::<u64>(), u64::from(width) * u64::from(height));
        if total != expected {
            return Err(corrupt(format!("runs of {total} pixels in all, but {width} × {height} are {expected}")));
        }
        Ok(Self { width, height, counts })
    }
}

fn read_packed(first: u8, rest: &mut std::slice::Iter<'_, u8>) -> Result<i64> {
    let (mut value, mut shift, mut byte) = (0i64, 0u32, first);
    loop {
        let group = byte.wrapping_sub(48);
        if group > 0x3f || shift > 55 {
            return Err(corrupt(format!("the byte {byte} where a count was expected")));
        }
        value |= i64::from(group & 0x1f) << shift;
        shift += 5;
        if group & 0x20 == 0 {
            return Ok(if group & 0x10 != 0 { value | (-1i64 << shift) } else { value });
        }
        byte = *rest.next().ok_or_else(|| corrupt("a count that is cut".to_owned()))?;
    }
}

fn corrupt(what: String) -> Error {
    Error::Corrupt(format!("the mask's RLE has {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Size, runs, and the string that the COCO API packs them to.
    const KNOWN: [(u32, u32, &[u32], &str); 5] = [
        (10, 9, &[6, 1, 40, 4, 5, 4, 5, 4, 21], "61X13mN000`0"),
        (3, 2, &[6], "6"),
        (3, 2, &[0, 6], "06"),
        (4, 4, &[0, 16], "0`0"),
        (1, 100, &[31, 32, 37], "o0P1U1"),
    ];

    #[test]
    fn known_strings_are_read_and_written() {
        for (width, height, counts, text) in KNOWN {
            let mask = Mask::from_counts(width, height, counts.to_vec()).unwrap();
            assert_eq!(mask.to_coco(), text);
            assert_eq!(Mask::from_coco(width, height, text.as_bytes()).unwrap(), mask);
        }
    }

    #[test]
    fn runs_that_do_not_fill_the_picture_are_refused() {
        let sentence = "the mask's RLE has runs of 90 pixels in all, but 9 × 9 are 81";
        assert_eq!(Mask::from_coco(9, 9, b"61X13mN000`0"), Err(Error::Corrupt(sentence.into())));
    }

    proptest! {
        #[test]
        fn pixels_survive_runs_and_back((width, height) in (0u32..9, 0u32..9), seed in prop::collection::vec(0u8..2, 64)) {
            let pixels = &seed[..(width * height) as usize];
            let mask = Mask::from_pixels(width, height, pixels);
            prop_assert_eq!(mask.to_pixels(1), pixels);
            prop_assert_eq!(mask.area(), pixels.iter().map(|pixel| u64::from(*pixel)).sum::<u64>());
        }

        #[test]
        fn runs_survive_the_packed_string(counts in prop::collection::vec(0u32..100_000, 1..40)) {
            let total: u32 = counts.iter().sum();
            let mask = Mask { width: total, height: 1, counts };
            prop_assert_eq!(Mask::from_coco(total, 1, mask.to_coco().as_bytes()).unwrap(), mask);
        }

        #[test]
        fn arbitrary_text_never_panics(text in prop::collection::vec(any::<u8>(), 0..60), width: u32, height: u32) {
            let _ = Mask::from_coco(width, height, &text);
        }

        #[test]
        fn the_box_is_the_smallest_around_the_pixels((width, height) in (1u32..9, 1u32..9), seed in prop::collection::vec(0u8..2, 64)) {
            let pixels = &seed[..(width * height) as usize];
            let set = |x: u32, y: u32| pixels[(y * width + x) as usize] != 0;
            let columns: Vec<u32> = (0..width).filter(|x| (0..height).any(|y| set(*x, y))).collect();
            let rows: Vec<u32> = (0..height).filter(|y| (0..width).any(|x| set(x, *y))).collect();
            let expected = match (columns.first(), columns.last(), rows.first(), rows.last()) {
                (Some(left), Some(right), Some(top), Some(bottom)) => {
                    [*left, *top, right - left + 1, bottom - top + 1].map(f64::from)
                }
                _ => [0.0; 4],
            };
            prop_assert_eq!(Mask::from_pixels(width, height, pixels).bounding_box(), expected);
        }
    }
}
