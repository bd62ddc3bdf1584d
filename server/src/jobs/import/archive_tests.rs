//! Opening archives whose directories are too large, honestly or not.

use super::*;
use crate::config::Config;
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn open(bytes: &[u8], archive_entries: u64) -> Result<Archive, String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    Archive::open(file.path(), &Limits { archive_entries, ..Config::default().limits })
}

fn zip(names: impl Iterator<Item = String>) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    names.for_each(|name| writer.start_file(name, options).unwrap());
    writer.finish().unwrap().into_inner()
}

/// The same archive with a ZIP64 end record (APPNOTE 4.3.14 to 4.3.16) that announces `entries`.
fn with_zip64_end(bytes: &[u8], entries: u64) -> Vec<u8> {
    let (body, end) = bytes.split_at(bytes.len() - 22);
    let number = |from: usize| u64::from(u32::from_le_bytes(end[from..from + 4].try_into().unwrap()));
    let (size, offset) = (number(12), number(16));
    let mut out = body.to_vec();
    let end_record = out.len() as u64;
    out.extend(*b"PK\x06\x06");
    out.extend(44u64.to_le_bytes());
    out.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    [entries, entries, size, offset].iter().for_each(|number| out.extend(number.to_le_bytes()));
    out.extend(*b"PK\x06\x07");
    out.extend(0u32.to_le_bytes());
    out.extend(end_record.to_le_bytes());
    out.extend(1u32.to_le_bytes());
    out.extend(*b"PK\x05\x06\0\0\0\0");
    out.extend([0xff; 12]);
    out.extend([0, 0]);
    out
}

#[test]
fn an_archive_with_more_entries_than_allowed_is_refused_before_its_directory_is_held() {
    let plain = zip((0..5).map(|number| format!("{number}.png")));
    let zip64 = with_zip64_end(&plain, 5);
    let table = [
        (&plain, 4, "has 5 entries"),
        (&zip64, 4, "announces 5 entries"),
        (&with_zip64_end(&plain, 1 << 40), 1_000, "announces 1099511627776 entries"),
    ];
    for (bytes, limit, expected) in table {
        let reason = open(bytes, limit).err().unwrap();
        assert!(reason.starts_with("ARCHIVE_LIMIT: ") && reason.contains(expected), "{reason}");
        assert!(reason.contains("limits.archive_entries") && reason.contains(&limit.to_string()), "{reason}");
    }
    for bytes in [plain, zip64] {
        assert_eq!(open(&bytes, 5).unwrap().list().unwrap().len(), 5);
    }
}

#[test]
fn a_directory_of_few_entries_with_endless_names_is_refused_while_it_is_read() {
    let bytes = zip((0..300).map(|number| format!("{number:065000}")));
    let reason = open(&bytes, 400).err().unwrap();
    assert!(reason.starts_with("ARCHIVE_LIMIT: the archive's directory has more than"), "{reason}");
    assert!(reason.contains("limits.archive_entries is 400"), "{reason}");
    assert_eq!(open(&bytes, 100_000).unwrap().list().unwrap().len(), 300);
}

#[test]
fn the_bound_on_the_directory_does_not_bound_the_entries() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let content = vec![7; 20 << 20];
    for name in ["a", "b"] {
        writer.start_file(name, options).unwrap();
        writer.write_all(&content).unwrap();
    }
    let archive = open(&writer.finish().unwrap().into_inner(), 2).unwrap();
    for index in 0..2 {
        let mut bytes = Vec::new();
        archive.read_entry(index, |reader| reader.read_to_end(&mut bytes)).unwrap().unwrap();
        assert!(bytes == content);
    }
}
