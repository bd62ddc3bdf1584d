//! Memory files: bytes that another process reads without a copy, and what another process wrote, made safe to read.

use bytes::Bytes;
use memmap2::Mmap;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fstat, memfd_create};
use std::fs::File;
use std::io::{Error, ErrorKind, Result, Write};
use std::os::fd::OwnedFd;

/// A read-only copy of bytes that another process can map.
pub fn share(bytes: &[u8]) -> Result<OwnedFd> {
    let mut file = File::from(memfd_create("lightbox-input", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
    file.write_all(bytes)?;
    fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE | SealFlags::SEAL)?;
    Ok(file.into())
}

/// An empty memory file for another process to write into.
pub fn new_scratch() -> Result<OwnedFd> {
    Ok(memfd_create("lightbox-output", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?)
}

/// The first bytes of a scratch file, which nobody can change or cut any more when this returns.
///
/// # Errors
/// When the file is shorter, and when somebody still has it mapped for writing.
pub fn take(scratch: OwnedFd, len: usize) -> Result<Bytes> {
    fcntl_add_seals(&scratch, SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE | SealFlags::SEAL)?;
    let size = u64::try_from(fstat(&scratch)?.st_size).unwrap_or(0);
    if size < len as u64 {
        let message = format!("an answer of {len} bytes was announced, {size} are there");
        return Err(Error::new(ErrorKind::InvalidData, message));
    }
    if len == 0 {
        return Ok(Bytes::new());
    }
    // SAFETY: the file is sealed: nobody writes to it, and no part of it goes away.
    let map = unsafe { memmap2::MmapOptions::new().len(len).populate().map(&scratch) }?;
    Ok(Bytes::from_owner(Whole(map)))
}

struct Whole(Mmap);

impl AsRef<[u8]> for Whole {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    fn scratch_with(bytes: &[u8]) -> File {
        let mut file = File::from(new_scratch().unwrap());
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn what_was_taken_cannot_be_changed_by_who_wrote_it() {
        let mut writer = scratch_with(b"answer");
        let taken = take(writer.as_fd().try_clone_to_owned().unwrap(), 6).unwrap();
        assert!(writer.write_all(b"changed").is_err());
        assert!(writer.set_len(0).is_err());
        assert_eq!(taken, "answer");
    }

    #[test]
    fn a_file_that_is_still_mapped_for_writing_is_not_taken() {
        let writer = scratch_with(b"answer");
        // SAFETY: nobody else has the file.
        let _map = unsafe { memmap2::MmapMut::map_mut(&writer) }.unwrap();
        assert!(take(writer.as_fd().try_clone_to_owned().unwrap(), 6).is_err());
    }

    #[test]
    fn a_file_that_is_shorter_than_announced_is_not_taken() {
        let error = take(scratch_with(b"answer").into(), 7).unwrap_err();
        assert!(error.to_string().contains("7 bytes was announced, 6 are there"), "{error}");
    }
}
