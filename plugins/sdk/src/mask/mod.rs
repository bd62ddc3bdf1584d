//! Masks as COCO keeps them: run lengths down the columns, first of zeros. How they are packed into a string, made of
//! polygons and united is in the files beside.

mod coco_text;
mod polygon;
mod toggles;
mod union;

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
            let (mut column, mut row) = (start / rows, start % rows);
            for _ in 0..length {
                pixels[row * columns + column] = set;
                row += 1;
                if row == rows {
                    (column, row) = (column + 1, 0);
                }
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
    pub fn set_runs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut at = 0usize;
        self.counts.iter().enumerate().filter_map(move |(index, count)| {
            let start = at;
            at += *count as usize;
            (index % 2 == 1 && *count > 0).then_some((start, *count as usize))
        })
    }

    /// Checks that the counts add up to the size.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when they do not.
    pub fn from_counts(width: u32, height: u32, counts: Vec<u32>) -> Result<Self> {
        let (total, expected) =
            (counts.iter().map(|count| u64::from(*count)).sum::<u64>(), u64::from(width) * u64::from(height));
        if total != expected {
            return Err(corrupt(format!("runs of {total} pixels in all, but {width} × {height} are {expected}")));
        }
        Ok(Self { width, height, counts })
    }
}

fn corrupt(what: String) -> Error {
    Error::Corrupt(format!("the mask's RLE has {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn runs_that_do_not_fill_the_picture_are_refused() {
        let sentence = "the mask's RLE has runs of 7 pixels in all, but 3 × 2 are 6";
        assert_eq!(Mask::from_counts(3, 2, vec![3, 4]), Err(Error::Corrupt(sentence.into())));
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
