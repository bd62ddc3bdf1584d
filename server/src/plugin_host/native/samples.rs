//! The memory of a picture. What a plugin writes into has a page behind it that nobody may touch, so that writing past
//! the end of a picture ends the process and changes nothing else in it.

use memmap2::{MmapMut, MmapOptions};
use rustix::mm::{MprotectFlags, mprotect};
use std::ops::{Deref, DerefMut};

const PAGE_BYTES: usize = 4096;
/// Where rows of any sample start well, for plugins that read and write several bytes at once.
const ALIGNMENT: usize = 16;
/// Pages of memory up to this size are fetched together, which is faster than one by one; larger memory may never be
/// touched, such as that of a picture that turns out to be cut.
const FETCHED_BYTES: usize = 16 << 20;

/// Samples of a picture.
pub enum Samples {
    Guarded { map: MmapMut, start: usize, len: usize },
    Plain(Vec<u8>),
}

impl Samples {
    /// All zero. `None` for 0 bytes and when there is no memory.
    pub fn zeroed(len: usize) -> Option<Self> {
        let pages = len.checked_next_multiple_of(PAGE_BYTES).filter(|pages| *pages > 0)?;
        let mut options = MmapOptions::new();
        options.len(pages.checked_add(PAGE_BYTES)?);
        if pages <= FETCHED_BYTES {
            options.populate();
        }
        let mut map = options.map_anon().ok()?;
        let start = (pages - len) / ALIGNMENT * ALIGNMENT;
        // SAFETY: the last page is this map's own, and nothing below hands it out.
        unsafe { mprotect(map.as_mut_ptr().add(pages).cast(), PAGE_BYTES, MprotectFlags::empty()) }.ok()?;
        Some(Self::Guarded { map, start, len })
    }
}

impl From<Vec<u8>> for Samples {
    fn from(samples: Vec<u8>) -> Self {
        Self::Plain(samples)
    }
}

impl Deref for Samples {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            // SAFETY: `start` and `len` lie before the guarded page, and the map is readable up to there.
            Self::Guarded { map, start, len } => unsafe { std::slice::from_raw_parts(map.as_ptr().add(*start), *len) },
            Self::Plain(samples) => samples,
        }
    }
}

impl DerefMut for Samples {
    fn deref_mut(&mut self) -> &mut [u8] {
        match self {
            // SAFETY: as above, and borrowed alone.
            Self::Guarded { map, start, len } => unsafe {
                std::slice::from_raw_parts_mut(map.as_mut_ptr().add(*start), *len)
            },
            Self::Plain(samples) => samples,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_zero_aligned_as_long_as_asked_and_ends_close_to_the_guarded_page() {
        for len in [1, 15, 16, 17, 4095, 4096, 4097, 512 * 512 * 2, 20 << 20] {
            let mut samples = Samples::zeroed(len).unwrap();
            assert_eq!(samples.len(), len);
            assert!(samples.iter().all(|sample| *sample == 0));
            assert_eq!(samples.as_ptr() as usize % ALIGNMENT, 0);
            let end = samples.as_ptr() as usize + len;
            assert!(end.next_multiple_of(PAGE_BYTES) - end < ALIGNMENT);
            samples.fill(9);
        }
        assert!(Samples::zeroed(0).is_none());
        assert!(Samples::zeroed(usize::MAX).is_none());
    }
}
