//! Where a mask changes between unset and set, counted down the columns: what outlines and runs are gathered in before
//! they are run lengths.

use crate::{Call, Error, Result};

/// Places kept at least before equal ones are looked for.
const FIRST_SETTLING: usize = 1 << 16;
/// Most changes of what is drawn in one call. A mask that a person or a model drew has some per column.
pub(super) const MAX_CHANGES: usize = 1 << 24;

/// Places in any order; two equal ones undo each other.
pub(super) struct Toggles<'c> {
    places: Vec<u32>,
    /// How many are gathered before equal ones are taken out, so that memory goes with the changes that stay: at most
    /// twice as many as are allowed.
    settle_at: usize,
    /// Changes that may stay.
    allowed: usize,
    call: &'c Call<'c>,
}

impl<'c> Toggles<'c> {
    pub(super) fn new(allowed: usize, call: &'c Call<'c>) -> Self {
        Self { places: Vec::new(), settle_at: FIRST_SETTLING, allowed, call }
    }

    /// # Errors
    /// [`Error::Limit`] for more changes than are allowed, [`Error::Cancelled`].
    pub(super) fn push(&mut self, place: u32) -> Result<()> {
        if self.places.len() >= self.settle_at {
            self.settle()?;
            self.settle_at = FIRST_SETTLING.max(self.places.len() * 2);
        }
        self.places.push(place);
        Ok(())
    }

    /// The run lengths of a mask of `total` pixels, first of unset ones. Errors as of [`Self::push`].
    pub(super) fn into_counts(mut self, total: u32) -> Result<Vec<u32>> {
        self.settle()?;
        let mut at = 0;
        let mut counts = Vec::with_capacity(self.places.len() + 1);
        for place in self.places.into_iter().take_while(|place| *place < total) {
            counts.push(place - at);
            at = place;
        }
        counts.push(total - at);
        Ok(counts)
    }

    /// Sorted, each place once where it stood an odd number of times and not at all where it stood an even one.
    fn settle(&mut self) -> Result<()> {
        self.call.check()?;
        self.places.sort_unstable();
        let mut kept = 0;
        for index in 0..self.places.len() {
            let place = self.places[index];
            if kept > 0 && self.places[kept - 1] == place {
                kept -= 1;
            } else {
                self.places[kept] = place;
                kept += 1;
            }
        }
        self.places.truncate(kept);
        if kept > self.allowed {
            let what = format!("the outlines change the mask more often than the allowed {MAX_CHANGES} times");
            return Err(Error::Limit(what));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(places: &[u32], total: u32) -> Vec<u32> {
        let call = Call::unlimited();
        let mut toggles = Toggles::new(usize::MAX, &call);
        places.iter().for_each(|place| toggles.push(*place).unwrap());
        toggles.into_counts(total).unwrap()
    }

    #[test]
    fn equal_places_undo_each_other_and_the_end_is_no_change() {
        let table: [(&[u32], &[u32]); 6] = [
            (&[], &[9]),
            (&[0, 4], &[0, 4, 5]),
            (&[4, 0, 4, 4], &[0, 4, 5]),
            (&[3, 3], &[9]),
            (&[5, 9], &[5, 4]),
            (&[9, 9], &[9]),
        ];
        for (places, expected) in table {
            assert_eq!(counts(places, 9), expected, "{places:?}");
        }
    }

    #[test]
    fn a_million_equal_places_are_settled_on_the_way() {
        let call = Call::unlimited();
        let mut toggles = Toggles::new(usize::MAX, &call);
        (0..1_000_000).for_each(|number| toggles.push(number % 7).unwrap());
        assert!(toggles.places.capacity() <= 4 * FIRST_SETTLING);
    }

    #[test]
    fn changes_that_stay_are_counted_and_not_those_that_undo_each_other() {
        let call = Call::unlimited();
        for (last, is_allowed) in [(2, true), (3, false)] {
            let mut toggles = Toggles::new(3, &call);
            [0, 1, 2, 7, 7, last].iter().for_each(|place| toggles.push(*place).unwrap());
            assert_eq!(toggles.into_counts(9).is_ok(), is_allowed, "{last}");
        }
    }

    proptest! {
        #[test]
        fn run_lengths_say_which_pixels_have_seen_an_odd_number_of_changes(places in prop::collection::vec(0..30u32, 0..40)) {
            let counts = counts(&places, 30);
            let own = counts.iter().enumerate().flat_map(|(run, count)| vec![run % 2 == 1; *count as usize]);
            let expected = (0..30).map(|pixel| places.iter().filter(|place| **place <= pixel).count() % 2 == 1);
            prop_assert!(own.eq(expected));
        }
    }
}
