//! Counts what does not come back from a file to the last digit.

use crate::code;
use lightbox_sdk::Finding;

#[derive(Debug, Default)]
pub(crate) struct Rounding {
    boxes: u64,
    largest: f64,
}

impl Rounding {
    /// A box that comes back `off` pixels away; 0 when it does not.
    pub(crate) fn add(&mut self, off: f64) {
        if off > 0.0 {
            self.boxes += 1;
            self.largest = self.largest.max(off);
        }
    }

    /// One finding for all of them. `why`: what the format does to numbers.
    pub(crate) fn finding(&self, why: &str) -> Option<Finding> {
        (self.boxes > 0).then(|| {
            let message = format!("{} boxes are rounded, by {:.1e} pixels at most: {why}", self.boxes, self.largest);
            Finding::info(code::EXPORT_ROUNDED, message)
        })
    }
}
