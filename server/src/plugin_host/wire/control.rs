//! One page that server and worker both see: which call should stop, and what the worker had in use when it died.

use memmap2::MmapRaw;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
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
        let map = memmap2::MmapOptions::new().len(PAGE_BYTES).map_raw(file.as_raw_fd())?;
        if map.len() < PAGE_BYTES {
            return Err(Error::other("the control page is too small"));
        }
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
