//! Whether a file may be given to the system's loader: nobody else may write it, and no part of it is missing. A
//! loader maps what the file's header promises, and touching a page behind the end of the file kills the process.

use crate::domain::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Gives the file that was checked, whatever stands by its name later, and its SHA-256. `allow`: SHA-256 in hexadecimal of
/// the only files that may be used.
///
/// # Errors
/// What is wrong with the file, in one sentence.
pub fn check(path: &Path, allow: Option<&[String]>) -> Result<(File, Digest), String> {
    let mut file = File::open(path).map_err(|error| format!("the file cannot be opened: {error}"))?;
    let metadata = file.metadata().map_err(|error| format!("the file cannot be examined: {error}"))?;
    if !metadata.is_file() {
        return Err("it is not a file".to_owned());
    }
    check_permissions(&metadata)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| format!("the file cannot be read: {error}"))?;
    let sha256 = Digest(Sha256::digest(&bytes).into());
    if let Some(allow) = allow {
        check_allowed(&sha256.to_string(), allow)?;
    }
    if cfg!(target_os = "linux") { check_elf(&bytes) } else { check_not_empty(&bytes) }?;
    Ok((file, sha256))
}

fn check_allowed(sha256: &str, allow: &[String]) -> Result<(), String> {
    if allow.iter().any(|allowed| allowed.eq_ignore_ascii_case(sha256)) {
        return Ok(());
    }
    Err(format!("its SHA-256 {sha256} is not among those that plugins.allow of the configuration lists"))
}

#[cfg(unix)]
fn check_permissions(metadata: &std::fs::Metadata) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o002 == 0 {
        return Ok(());
    }
    Err(format!("everyone may write to the file (mode {mode:04o}): take that right away with chmod o-w"))
}

#[cfg(not(unix))]
fn check_permissions(_metadata: &std::fs::Metadata) -> Result<(), String> {
    Ok(())
}

fn check_not_empty(bytes: &[u8]) -> Result<(), String> {
    if bytes.is_empty() { Err("the file is empty".to_owned()) } else { Ok(()) }
}

/// Source: System V ABI, ELF-64, little endian.
fn check_elf(bytes: &[u8]) -> Result<(), String> {
    if !bytes.starts_with(b"\x7fELF\x02\x01") {
        return Err("it is not a shared library for this machine (no 64-bit ELF signature)".to_owned());
    }
    let elf = Elf { bytes };
    elf.check()
        .ok_or_else(|| format!("the file is truncated: it has {} bytes and its header promises more", bytes.len()))
}

struct Elf<'a> {
    bytes: &'a [u8],
}

const SECTION_WITHOUT_BYTES: u64 = 8;

impl Elf<'_> {
    /// `None` when something that the header promises lies outside the file.
    fn check(&self) -> Option<()> {
        let (segments_at, sections_at) = (self.number(32, 8)?, self.number(40, 8)?);
        for header in self.table(segments_at, self.number(54, 2)?, self.number(56, 2)?, 56)? {
            self.check_range(self.number(header + 8, 8)?, self.number(header + 32, 8)?)?;
        }
        if sections_at == 0 {
            return Some(());
        }
        for header in self.table(sections_at, self.number(58, 2)?, self.number(60, 2)?, 64)? {
            if self.number(header + 4, 4)? != SECTION_WITHOUT_BYTES {
                self.check_range(self.number(header + 24, 8)?, self.number(header + 32, 8)?)?;
            }
        }
        Some(())
    }

    /// Offsets of the entries of a table that lies within the file.
    fn table(
        &self,
        at: u64,
        entry_size: u64,
        count: u64,
        least_size: u64,
    ) -> Option<impl Iterator<Item = u64> + use<>> {
        self.check_range(at, entry_size.checked_mul(count)?)?;
        (count == 0 || entry_size >= least_size).then(|| (0..count).map(move |index| at + index * entry_size))
    }

    fn check_range(&self, at: u64, length: u64) -> Option<()> {
        (at.checked_add(length)? <= self.bytes.len() as u64).then_some(())
    }

    fn number(&self, at: u64, size: usize) -> Option<u64> {
        let at = usize::try_from(at).ok()?;
        let mut number = [0; 8];
        number[..size].copy_from_slice(self.bytes.get(at..at.checked_add(size)?)?);
        Some(u64::from_le_bytes(number))
    }
}
