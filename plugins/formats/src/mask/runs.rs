//! Run lengths in the making, down the columns, from runs of set pixels in their order.

use lightbox_sdk::mask::Mask;

#[derive(Default)]
pub(crate) struct Runs {
    counts: Vec<u32>,
    at: u64,
}

impl Runs {
    /// `length` set pixels from `start`, which is not before the end of the run set last.
    pub(crate) fn set(&mut self, start: u64, length: u64) {
        let (gap, length) = (start.saturating_sub(self.at) as u32, length as u32);
        if length == 0 {
            return;
        }
        match self.counts.last_mut() {
            Some(last) if gap == 0 => *last += length,
            _ => self.counts.extend([gap, length]),
        }
        self.at = start + u64::from(length);
    }

    /// The mask of `width` × `height` pixels, fewer than 2³².
    pub(crate) fn into_mask(mut self, width: u32, height: u32) -> Mask {
        let total = u64::from(width) * u64::from(height);
        if self.at < total {
            self.counts.push((total - self.at) as u32);
        }
        Mask { width, height, counts: self.counts }
    }
}
