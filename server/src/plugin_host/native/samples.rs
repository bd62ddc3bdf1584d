//! The memory of a picture. What a plugin writes into has a page behind it that nobody may touch, so that writing past
//! the end of a picture ends the process and changes nothing else in it.

use memmap2::{MmapMut, MmapOptions};
use rustix::mm::{MprotectFlags, mprotect};
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

const PAGE_BYTES: usize = 4096;
/// Where rows of any sample start well, for plugins that read and write several bytes at once.
const ALIGNMENT: usize = 16;
/// Pages of memory up to this size are fetched together, which is faster than one by one; larger memory may never be
/// touched, such as that of a picture that turns out to be cut.
const FETCHED_BYTES: usize = 16 << 20;

thread_local! {
    static KEPT: RefCell<Kept> = const { RefCell::new(Kept { wanted: false, map: None }) };
}

/// Memory of an earlier picture of this thread. Fetching pages takes longer than all that is done with small pictures.
struct Kept {
    wanted: bool,
    map: Option<MmapMut>,
}

/// From now on, for pictures of this thread. For a thread that does nothing but decode: it holds what it keeps until it
/// ends, [`FETCHED_BYTES`] at most.
pub fn keep_memory() {
    KEPT.with_borrow_mut(|kept| kept.wanted = true);
}

/// Samples of a picture.
pub enum Samples {
    Guarded(Guarded),
    Plain(Vec<u8>),
}

impl Samples {
    /// All zero. `None` for 0 bytes and when there is no memory.
    pub fn zeroed(len: usize) -> Option<Self> {
        Guarded::zeroed(len).map(Self::Guarded)
    }
}

/// The last bytes of a map before its last page, which nobody may touch.
pub struct Guarded {
    /// Gone only while it is dropped.
    map: Option<MmapMut>,
    start: usize,
    len: usize,
}

impl Guarded {
    fn zeroed(len: usize) -> Option<Self> {
        let pages = len.checked_next_multiple_of(PAGE_BYTES).filter(|pages| *pages > 0)?;
        let size = pages.checked_add(PAGE_BYTES)?;
        let kept = KEPT.with_borrow_mut(|kept| kept.map.take_if(|map| map.len() >= size));
        let is_used = kept.is_some();
        let map = kept.map_or_else(|| new_map(pages, size), Some)?;
        let start = (map.len() - PAGE_BYTES - len) / ALIGNMENT * ALIGNMENT;
        let mut guarded = Self { map: Some(map), start, len };
        if is_used {
            guarded.fill(0);
        }
        Some(guarded)
    }
}

fn new_map(pages: usize, size: usize) -> Option<MmapMut> {
    let mut options = MmapOptions::new();
    options.len(size);
    if pages <= FETCHED_BYTES {
        options.populate();
    }
    let mut map = options.map_anon().ok()?;
    // SAFETY: the last page is this map's own, and nothing hands it out.
    unsafe { mprotect(map.as_mut_ptr().add(pages).cast(), PAGE_BYTES, MprotectFlags::empty()) }.ok()?;
    Some(map)
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let Some(map) = self.map.take().filter(|map| map.len() <= FETCHED_BYTES + PAGE_BYTES) else { return };
        // A thread that ends keeps nothing more.
        let _ = KEPT.try_with(|kept| {
            let mut kept = kept.borrow_mut();
            let is_largest = kept.map.as_ref().is_none_or(|kept| kept.len() < map.len());
            if kept.wanted && is_largest {
                kept.map = Some(map);
            }
        });
    }
}

impl Deref for Guarded {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let Some(map) = &self.map else { return &[] };
        // SAFETY: `start` and `len` lie before the guarded page, and the map is readable up to there.
        unsafe { std::slice::from_raw_parts(map.as_ptr().add(self.start), self.len) }
    }
}

impl DerefMut for Guarded {
    fn deref_mut(&mut self) -> &mut [u8] {
        let Some(map) = &mut self.map else { return &mut [] };
        // SAFETY: as above, and borrowed alone.
        unsafe { std::slice::from_raw_parts_mut(map.as_mut_ptr().add(self.start), self.len) }
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
            Self::Guarded(samples) => samples,
            Self::Plain(samples) => samples,
        }
    }
}

impl DerefMut for Samples {
    fn deref_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Guarded(samples) => samples,
            Self::Plain(samples) => samples,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds_what_a_new_picture_promises(len: usize) {
        let mut samples = Samples::zeroed(len).unwrap();
        assert_eq!(samples.len(), len);
        assert!(samples.iter().all(|sample| *sample == 0));
        assert_eq!(samples.as_ptr() as usize % ALIGNMENT, 0);
        let end = samples.as_ptr() as usize + len;
        assert!(end.next_multiple_of(PAGE_BYTES) - end < ALIGNMENT);
        samples.fill(9);
    }

    #[test]
    fn memory_is_zero_aligned_as_long_as_asked_and_ends_close_to_the_guarded_page() {
        for len in [1, 15, 16, 17, 4095, 4096, 4097, 512 * 512 * 2, 20 << 20] {
            holds_what_a_new_picture_promises(len);
        }
        assert!(Samples::zeroed(0).is_none());
        assert!(Samples::zeroed(usize::MAX).is_none());
    }

    #[test]
    fn memory_that_is_kept_promises_the_same_and_is_used_again() {
        keep_memory();
        let guard = |samples: &Samples| (samples.as_ptr() as usize + samples.len()).next_multiple_of(PAGE_BYTES);
        let first = guard(&Samples::zeroed(4096 * 3).unwrap());
        for len in [1, 4096 * 3, 5000, 4096] {
            assert_eq!(guard(&Samples::zeroed(len).unwrap()), first, "{len} bytes end elsewhere");
            holds_what_a_new_picture_promises(len);
        }
        // Two at once never share it.
        let (one, other) = (Samples::zeroed(100).unwrap(), Samples::zeroed(100).unwrap());
        assert_ne!(one.as_ptr(), other.as_ptr());
    }
}
