//! A mask and the small picture of its part that has pixels: what LabelMe and CVAT write.

use super::runs::Runs;
use lightbox_sdk::mask::Mask;

/// A picture laid over an image; what lies outside the image is cut off. Takes time by the picture, not by the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    /// Of the top-left pixel, in the image.
    pub(crate) left: i64,
    pub(crate) top: i64,
    pub(crate) width: u32,
    /// One byte a pixel, row-major, 0 or not. As many rows as there are whole ones.
    pub(crate) pixels: Vec<u8>,
}

impl Window {
    /// The mask on an image of `width` × `height` pixels.
    pub(crate) fn lay(&self, width: u32, height: u32) -> Mask {
        let columns = self.width.max(1) as usize;
        let rows = self.pixels.len() / columns;
        let mut runs = Runs::default();
        for column in 0..columns {
            let Some(x) = place(self.left, column, width) else { continue };
            for row in 0..rows {
                let Some(y) = place(self.top, row, height) else { continue };
                if self.pixels.get(row * columns + column).is_some_and(|pixel| *pixel != 0) {
                    runs.set(x * u64::from(height) + y, 1);
                }
            }
        }
        runs.into_mask(width, height)
    }

    /// The smallest around the mask's pixels, which are 1; `None` when there is none.
    pub(crate) fn around(mask: &Mask) -> Option<Self> {
        let [left, top, width, height] = mask.bounding_box().map(|each| each as usize);
        if width == 0 || height == 0 {
            return None;
        }
        let mut pixels = vec![0; width * height];
        let rows = mask.height.max(1) as usize;
        for (start, length) in mask.set_runs() {
            for at in start..start + length {
                let (column, row) = (at / rows, at % rows);
                if let Some(pixel) = pixels.get_mut((row - top) * width + column - left) {
                    *pixel = 1;
                }
            }
        }
        Some(Self { left: left as i64, top: top as i64, width: width as u32, pixels })
    }

    pub(crate) fn height(&self) -> u32 {
        (self.pixels.len() / self.width.max(1) as usize) as u32
    }
}

/// `first + offset`, if it is one of `count`.
fn place(first: i64, offset: usize, count: u32) -> Option<u64> {
    let at = u64::try_from(first.saturating_add(offset as i64)).ok()?;
    (at < u64::from(count)).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_picture_lies_on_its_corner_and_is_cut_at_the_border() {
        let lay = |left, top| Window { left, top, width: 2, pixels: vec![1, 0, 255, 1] }.lay(3, 2).to_pixels(1);
        assert_eq!(lay(0, 0), [1, 0, 0, 1, 1, 0]);
        assert_eq!(lay(2, 1), [0, 0, 0, 0, 0, 1]);
        assert_eq!(lay(-1, -1), [1, 0, 0, 0, 0, 0]);
        assert_eq!(lay(7, 0), [0; 6]);
        assert_eq!(lay(i64::MAX, i64::MIN), [0; 6]);
    }

    proptest! {
        #[test]
        fn a_mask_is_the_window_around_it_laid_again((width, height) in (1u32..9, 1u32..9), seed in prop::collection::vec(0u8..2, 64)) {
            let mask = Mask::from_pixels(width, height, &seed[..(width * height) as usize]);
            match Window::around(&mask) {
                None => prop_assert_eq!(mask.area(), 0),
                Some(window) => {
                    let laid = window.lay(width, height);
                    prop_assert_eq!(laid.to_pixels(1), mask.to_pixels(1));
                    prop_assert!(Mask::from_counts(width, height, laid.counts).is_ok());
                }
            }
        }
    }
}
