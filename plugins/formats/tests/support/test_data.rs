//! Finds the folder of real test files, which is not part of the project, and opens the archives in it.

#![allow(dead_code)] // every test program uses another part of this file

use serde_json::Value;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

/// The folder, or `None` after saying on stderr that the test is skipped and why.
pub fn find_folder(test: &str) -> Option<PathBuf> {
    let beside_checkout = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("LIGHTBOX_TEST_DATA").map_or_else(beside_checkout, PathBuf::from);
    if folder.join("zips").is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED {test}: no test data in {}; set LIGHTBOX_TEST_DATA to its folder", folder.display());
    None
}

pub fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// An upload archive and what is known about it.
pub struct Archive {
    pub name: String,
    pub expected: Value,
    /// Path and content, in the archive's order, without folders.
    pub entries: Vec<(String, Vec<u8>)>,
}

/// Every archive of the folder, by name.
pub fn open_archives(folder: &Path) -> Vec<Archive> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder.join("zips")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "zip"));
    paths.sort();
    assert!(!paths.is_empty());
    paths.iter().map(|path| open_archive(path)).collect()
}

pub fn open_archive(path: &Path) -> Archive {
    let mut zip = zip::ZipArchive::new(Cursor::new(std::fs::read(path).unwrap())).unwrap();
    let mut entries = Vec::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        if entry.is_file() {
            entries.push((entry.name().unwrap().into_owned(), content));
        }
    }
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    Archive { expected: read_json(&path.with_extension("expected.json")), name, entries }
}

impl Archive {
    /// The entry of this exact path, or the only one whose path ends so.
    pub fn find(&self, path: &str) -> Option<&[u8]> {
        let tail = format!("/{path}");
        let exact = self.entries.iter().find(|(name, _)| name == path);
        let mut tails = self.entries.iter().filter(|(name, _)| name.ends_with(&tail));
        exact.or_else(|| tails.next().filter(|_| tails.next().is_none())).map(|(_, content)| content.as_slice())
    }

    /// Entries whose path ends so.
    pub fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.entries
            .iter()
            .filter(move |(name, _)| name.ends_with(end))
            .map(|(name, content)| (name.as_str(), content.as_slice()))
    }
}

/// Width and height of a PNG; `[0, 0]`, which means unknown, of anything else.
pub fn png_size(content: &[u8]) -> [u32; 2] {
    match png::Decoder::new(Cursor::new(content)).read_info() {
        Ok(reader) => [reader.info().width, reader.info().height],
        Err(_) => [0, 0],
    }
}
