//! Several files as one document: what formats of many files are read from and written as, and how that crosses the
//! boundary. Which files belong together is not decided here.
//!
//! Layout, all numbers little endian: `LBXFILE1`; `u64` number of files; per file `u64` length of its path, `u64` length of its
//! bytes, `u32` width, `u32` height; then the paths, then the bytes, file after file, without padding.

use crate::{Error, Result};
use std::borrow::Cow;

const MAGIC: &[u8; 8] = b"LBXFILE1";
/// Of one file: two lengths and a size in pixels.
const ENTRY_BYTES: usize = 24;

/// The format by which a host asks whether a type reads a bundle.
pub const BUNDLE_FORMAT: &str = "bundle";

/// One file of a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BundledFile<'a> {
    /// In the archive, '/' separated.
    pub path: Cow<'a, str>,
    /// Empty for an image that is only listed.
    pub bytes: Cow<'a, [u8]>,
    /// Pixels, of an image that the dataset has; 0 for any other file, and while sizes are unknown.
    pub width: u32,
    pub height: u32,
}

impl<'a> BundledFile<'a> {
    /// A file with its content.
    pub fn new(path: impl Into<Cow<'a, str>>, bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { path: path.into(), bytes: bytes.into(), width: 0, height: 0 }
    }

    /// An image that is listed with its size in pixels.
    pub fn image(path: impl Into<Cow<'a, str>>, width: u32, height: u32) -> Self {
        Self { path: path.into(), bytes: Cow::Borrowed(&[]), width, height }
    }

    /// The dataset has it as an image.
    pub fn is_image(&self) -> bool {
        self.width > 0 && self.height > 0
    }
}

/// Whether a document is a bundle.
pub fn is_bundle(document: &[u8]) -> bool {
    document.starts_with(MAGIC)
}

/// The bytes that cross the boundary.
pub fn encode(files: &[BundledFile<'_>]) -> Vec<u8> {
    let content: usize = files.iter().map(|file| file.path.len() + file.bytes.len()).sum();
    let mut out = Vec::with_capacity(16 + files.len() * ENTRY_BYTES + content);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&(files.len() as u64).to_le_bytes());
    for file in files {
        out.extend_from_slice(&(file.path.len() as u64).to_le_bytes());
        out.extend_from_slice(&(file.bytes.len() as u64).to_le_bytes());
        out.extend_from_slice(&file.width.to_le_bytes());
        out.extend_from_slice(&file.height.to_le_bytes());
    }
    files.iter().for_each(|file| out.extend_from_slice(file.path.as_bytes()));
    files.iter().for_each(|file| out.extend_from_slice(&file.bytes));
    out
}

/// Reads and checks what came over the boundary; nothing is copied.
///
/// # Errors
/// [`Error::Invalid`] for a wrong signature, a part that is cut, bytes too many, a path that is not UTF-8.
pub fn decode(document: &[u8]) -> Result<Vec<BundledFile<'_>>> {
    let rest = document.strip_prefix(MAGIC).ok_or_else(|| invalid("does not start with its signature"))?;
    let (count, rest) = rest.split_first_chunk::<8>().ok_or_else(cut)?;
    let count = length(*count)?;
    let table = count.checked_mul(ENTRY_BYTES).ok_or_else(cut)?;
    let (table, rest) = rest.split_at_checked(table).ok_or_else(cut)?;
    let entries = table.as_chunks::<ENTRY_BYTES>().0.iter().map(Entry::read).collect::<Result<Vec<Entry>>>()?;
    let mut names = rest;
    let mut files = Vec::with_capacity(entries.len());
    for entry in &entries {
        let path = take(&mut names, entry.path_bytes)?;
        let path = str::from_utf8(path).map_err(|_| invalid("has a path that is not UTF-8"))?;
        files.push(BundledFile { path: path.into(), bytes: Cow::default(), width: entry.width, height: entry.height });
    }
    let mut contents = names;
    for (file, entry) in files.iter_mut().zip(&entries) {
        file.bytes = take(&mut contents, entry.content_bytes)?.into();
    }
    if contents.is_empty() { Ok(files) } else { Err(invalid("has bytes that belong to no file")) }
}

struct Entry {
    path_bytes: usize,
    content_bytes: usize,
    width: u32,
    height: u32,
}

impl Entry {
    fn read(bytes: &[u8; ENTRY_BYTES]) -> Result<Self> {
        let (lengths, size) = bytes.split_at(16);
        let [path_bytes, content_bytes] = [0, 1].map(|at| lengths.as_chunks::<8>().0[at]);
        let [width, height] = [0, 1].map(|at| u32::from_le_bytes(size.as_chunks::<4>().0[at]));
        Ok(Self { path_bytes: length(path_bytes)?, content_bytes: length(content_bytes)?, width, height })
    }
}

fn length(bytes: [u8; 8]) -> Result<usize> {
    usize::try_from(u64::from_le_bytes(bytes)).map_err(|_| cut())
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8]> {
    let (taken, tail) = rest.split_at_checked(count).ok_or_else(cut)?;
    *rest = tail;
    Ok(taken)
}

fn cut() -> Error {
    invalid("is cut")
}

fn invalid(what: &str) -> Error {
    Error::Invalid(format!("the bundle of files {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    prop_compose! {
        fn bundles()(
            files in prop::collection::vec((".{0,12}", prop::collection::vec(any::<u8>(), 0..20), any::<u32>(), any::<u32>()), 0..6),
        ) -> Vec<BundledFile<'static>> {
            let file = |(path, bytes, width, height): (String, Vec<u8>, u32, u32)| {
                BundledFile { path: path.into(), bytes: bytes.into(), width, height }
            };
            files.into_iter().map(file).collect()
        }
    }

    proptest! {
        #[test]
        fn a_bundle_survives_the_way_over_the_boundary(files in bundles()) {
            let bytes = encode(&files);
            prop_assert_eq!(decode(&bytes).unwrap(), files);
        }

        #[test]
        fn a_bundle_that_is_cut_or_longer_is_refused(files in bundles(), cut in any::<prop::sample::Index>()) {
            let mut bytes = encode(&files);
            prop_assert!(decode(&bytes[..cut.index(bytes.len())]).is_err());
            bytes.push(0);
            prop_assert!(decode(&bytes).is_err());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&[MAGIC.as_slice(), &bytes].concat());
        }
    }
}
