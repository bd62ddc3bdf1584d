//! Memory that server and worker both see, for answers of up to [`TRAY_BYTES`]: the worker writes there, the server
//! copies from there. Longer answers travel in files of their own (`memory`).

use super::TRAY_BYTES;
use bytes::Bytes;
use memmap2::{MmapOptions, MmapRaw};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fstat, ftruncate, memfd_create};
use std::io::{Error, Result};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const WORD_BYTES: usize = size_of::<u64>();

/// Costs no memory before something lies on it, and no fault of a page once something lay there.
pub struct Tray {
    map: MmapRaw,
    kept: Kept,
}

/// What an earlier answer was copied into; fresh memory costs more than the copy. While an answer is still held, the
/// next one has memory of its own.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u64>>>);

impl Tray {
    /// A new one, and the file by which the other process sees it.
    pub fn create() -> Result<(Self, OwnedFd)> {
        let file = memfd_create("lightbox-tray", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        ftruncate(&file, TRAY_BYTES as u64)?;
        // Who could shrink the file could kill the other side at its next look.
        fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        Ok((Self::open(&file)?, file))
    }

    /// The one that the other side made.
    pub fn open(file: &OwnedFd) -> Result<Self> {
        // Memory behind the end of a file can be mapped, but not touched.
        let size = u64::try_from(fstat(file)?.st_size).unwrap_or(0);
        if size < TRAY_BYTES as u64 {
            return Err(Error::other(format!("the tray has {size} bytes instead of {TRAY_BYTES}")));
        }
        Ok(Self { map: MmapOptions::new().len(TRAY_BYTES).map_raw(file.as_raw_fd())?, kept: Kept::default() })
    }

    /// One part after the other from the start on.
    ///
    /// # Errors
    /// When they are longer than [`TRAY_BYTES`]; then nothing is written.
    pub fn put(&self, parts: &[Bytes]) -> Result<()> {
        let total = parts.iter().fold(0usize, |total, part| total.saturating_add(part.len()));
        check(total)?;
        let mut at = 0;
        for part in parts {
            // SAFETY: the sum was checked. The other side reads when it is told to; one that reads earlier sees
            // something between old and new.
            unsafe { std::ptr::copy_nonoverlapping(part.as_ptr(), self.map.as_mut_ptr().add(at), part.len()) };
            at += part.len();
        }
        Ok(())
    }

    /// The first bytes. Whatever the other side writes meanwhile, the copy stays as it is.
    ///
    /// # Errors
    /// For more than [`TRAY_BYTES`].
    pub fn copy(&self, len: usize) -> Result<Bytes> {
        check(len)?;
        let mut words = std::mem::take(&mut *self.kept.0.lock().unwrap_or_else(PoisonError::into_inner));
        words.clear();
        words.extend((0..len.div_ceil(WORD_BYTES)).map(|index| self.word(index).load(Ordering::Relaxed)));
        Ok(Bytes::from_owner(Served { words, len, kept: self.kept.clone() }))
    }

    fn word(&self, index: usize) -> &AtomicU64 {
        debug_assert!(index < TRAY_BYTES / WORD_BYTES);
        // SAFETY: the map is aligned to pages, has whole words, cannot shrink; who only reads it does so atomically.
        unsafe { AtomicU64::from_ptr(self.map.as_mut_ptr().cast::<u64>().add(index)) }
    }
}

fn check(len: usize) -> Result<()> {
    if len <= TRAY_BYTES {
        return Ok(());
    }
    Err(Error::other(format!("{len} bytes do not go on a tray of {TRAY_BYTES}")))
}

/// A copy that gives its memory back.
struct Served {
    words: Vec<u64>,
    len: usize,
    kept: Kept,
}

impl AsRef<[u8]> for Served {
    fn as_ref(&self) -> &[u8] {
        let bytes = self.words.as_ptr().cast::<u8>();
        // SAFETY: words are bytes too, and no byte of them is undefined; `copy` made enough words.
        unsafe { std::slice::from_raw_parts(bytes, self.len) }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        *self.kept.0.lock().unwrap_or_else(PoisonError::into_inner) = std::mem::take(&mut self.words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(lengths: &[usize]) -> Vec<Bytes> {
        lengths.iter().enumerate().map(|(number, length)| Bytes::from(vec![number as u8 + 1; *length])).collect()
    }

    proptest! {
        #[test]
        fn what_one_side_puts_the_other_copies(lengths in proptest::collection::vec(0..5000usize, 0..6)) {
            let (here, file) = Tray::create().unwrap();
            let parts = parts(&lengths);
            Tray::open(&file).unwrap().put(&parts).unwrap();
            prop_assert_eq!(here.copy(lengths.iter().sum()).unwrap(), parts.concat());
        }
    }

    #[test]
    fn a_copy_does_not_change_with_the_tray_and_its_memory_is_used_again_when_it_is_gone() {
        let (tray, _file) = Tray::create().unwrap();
        tray.put(&[Bytes::from_static(b"first answer")]).unwrap();
        let held = tray.copy(12).unwrap();
        tray.put(&[Bytes::from_static(b"another")]).unwrap();
        let beside = tray.copy(7).unwrap();
        assert_eq!((&held[..], &beside[..]), (&b"first answer"[..], &b"another"[..]));
        let place = held.as_ptr();
        drop((beside, held));
        assert_eq!(tray.copy(7).unwrap().as_ptr(), place);
    }

    #[test]
    fn more_than_fits_is_refused_by_both_sides_and_exactly_that_is_not() {
        let (tray, file) = Tray::create().unwrap();
        assert!(tray.put(&parts(&[TRAY_BYTES - 1, 1])).is_ok());
        assert_eq!(tray.copy(TRAY_BYTES).unwrap().last(), Some(&2));
        assert!(tray.put(&parts(&[TRAY_BYTES, 1])).is_err());
        assert!(tray.copy(TRAY_BYTES + 1).is_err());
        assert!(ftruncate(&file, 0).is_err());
    }
}
