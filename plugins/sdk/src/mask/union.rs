//! Several masks of one size as one: the pixels that any of them has.

use super::Mask;
use crate::{Error, Result};

impl Mask {
    /// The pixels set in any of `masks`. Takes time by all their runs together, however many masks there are.
    ///
    /// # Errors
    /// [`Error::Invalid`] for no mask, and for masks of different sizes.
    pub fn union(masks: &[Self]) -> Result<Self> {
        let first = masks.first().ok_or_else(|| Error::Invalid("there is no mask to unite".to_owned()))?;
        let (width, height) = (first.width, first.height);
        if let Some(other) = masks.iter().find(|mask| (mask.width, mask.height) != (width, height)) {
            let sizes = format!("{width} × {height} and {} × {}", other.width, other.height);
            return Err(Error::Invalid(format!("masks of {sizes} pixels cannot be united")));
        }
        let mut runs: Vec<(usize, usize)> = masks.iter().flat_map(Self::set_runs).collect();
        runs.sort_unstable();
        Ok(Self { width, height, counts: counts(&runs, width as usize * height as usize) })
    }
}

/// Run lengths of set runs that are sorted by their start and may overlap.
fn counts(runs: &[(usize, usize)], total: usize) -> Vec<u32> {
    let mut counts = Vec::with_capacity(runs.len() * 2 + 1);
    let mut at = 0;
    for &(start, length) in runs {
        let end = start + length;
        match counts.last_mut() {
            Some(last) if start <= at => *last += end.saturating_sub(at) as u32,
            _ => counts.extend([(start - at) as u32, length as u32]),
        }
        at = at.max(end);
    }
    if at < total || counts.is_empty() {
        counts.push((total - at) as u32);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_and_masks_of_other_sizes_cannot_be_united() {
        let mask = |width, height| Mask::from_pixels(width, height, &[1; 6]);
        assert!(matches!(Mask::union(&[]), Err(Error::Invalid(_))));
        assert_eq!(
            Mask::union(&[mask(3, 2), mask(2, 3)]),
            Err(Error::Invalid("masks of 3 × 2 and 2 × 3 pixels cannot be united".into()))
        );
    }

    proptest! {
        #[test]
        fn a_pixel_is_set_when_any_mask_has_it(masks in prop::collection::vec(prop::collection::vec(0..2u8, 12), 1..5)) {
            let expected: Vec<u8> = (0..12).map(|pixel| masks.iter().map(|mask| mask[pixel]).max().unwrap()).collect();
            let masks: Vec<Mask> = masks.iter().map(|pixels| Mask::from_pixels(4, 3, pixels)).collect();
            prop_assert_eq!(Mask::union(&masks).unwrap(), Mask::from_pixels(4, 3, &expected));
        }
    }
}
