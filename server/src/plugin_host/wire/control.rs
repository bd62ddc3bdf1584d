//! One page that server and worker both see: which call should stop, and what the worker had in use when it died.

use memmap2::MmapRaw;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fstat, ftruncate, memfd_create};
use std::io::{Error, Result};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering};

const PAGE_BYTES: usize = 4096;

/// The worker asks often whether to stop, so that the question costs one read of memory.
pub struct ControlPage {
    map: MmapRaw,
}

impl ControlPage {
    /// A new page, and the file by which the other process sees it.
    pub fn create() -> Result<(Self, OwnedFd)> {
        let file = memfd_create("lightbox-control", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        ftruncate(&file, PAGE_BYTES as u64)?;
        // Who could shrink the file could kill the other side at its next look.
        fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        Ok((Self::open(&file)?, file))
    }

    /// The page that the other side made.
    pub fn open(file: &OwnedFd) -> Result<Self> {
        // Memory behind the end of a file can be mapped, but not touched.
        let size = u64::try_from(fstat(file)?.st_size).unwrap_or(0);
        if size < PAGE_BYTES as u64 {
            return Err(Error::other(format!("the control page has {size} bytes instead of {PAGE_BYTES}")));
        }
        let map = memmap2::MmapOptions::new().len(PAGE_BYTES).map_raw(file.as_raw_fd())?;
        Ok(Self { map })
    }

    /// Tells the worker to end a call. Calls are numbered from 1.
    pub fn cancel(&self, number: u32) {
        self.word(0).store(number, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self, number: u32) -> bool {
        self.word(0).load(Ordering::Relaxed) == number
    }

    /// Where a dying worker notes how much memory it has, in pages of the system; 0 while it lives.
    pub fn last_memory_pages(&self) -> &AtomicU32 {
        self.word(1)
    }

    fn word(&self, index: usize) -> &AtomicU32 {
        debug_assert!(index < PAGE_BYTES / size_of::<u32>());
        // SAFETY: the map is aligned to pages, longer than both words, cannot shrink, and is only used atomically.
        unsafe { AtomicU32::from_ptr(self.map.as_mut_ptr().cast::<u32>().add(index)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_cancelled_for_both_sides() {
        let (here, file) = ControlPage::create().unwrap();
        let there = ControlPage::open(&file).unwrap();
        here.cancel(7);
        assert!(there.is_cancelled(7) && !there.is_cancelled(8));
    }

    #[test]
    fn a_page_that_is_too_small_is_refused_and_not_touched() {
        let file = memfd_create("small", MemfdFlags::CLOEXEC).unwrap();
        ftruncate(&file, 100).unwrap();
        let error = ControlPage::open(&file).err().unwrap();
        assert_eq!(error.to_string(), "the control page has 100 bytes instead of 4096");
    }
}
