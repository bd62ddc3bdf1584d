//! Names of entries as text: said to be UTF-8, plainly UTF-8, or guessed.

use super::archive::Entry;
use crate::domain::archive_entry::guess_encoding;
use crate::domain::findings::{Finding, FindingLog};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use std::collections::HashSet;

/// For each entry its name and, where the archive's bytes were not UTF-8, those bytes.
/// `known`: file names that the archive's `label.csv` lists; the guess under which most are found is preferred.
pub fn name_entries(
    entries: &[Entry],
    known: &HashSet<String>,
    log: &mut FindingLog,
) -> Vec<(String, Option<Vec<u8>>)> {
    let unclear: Vec<&[u8]> = entries
        .iter()
        .filter(|entry| entry.name.is_none() && str::from_utf8(&entry.raw_name).is_err())
        .map(|entry| entry.raw_name.as_slice())
        .collect();
    let encoding = (!unclear.is_empty()).then(|| {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        unclear.iter().for_each(|name| {
            detector.feed(name, false);
            detector.feed(b"\n", false);
        });
        detector.feed(b"", true);
        let likely = detector.guess(None, Utf8Detection::Deny);
        guess_encoding(&unclear, |name| known.contains(name.rsplit('/').next().unwrap_or(name)), likely)
    });
    if let Some(encoding) = encoding {
        let message = format!(
            "{} names in the archive are not UTF-8 and were read as {}; zip with UTF-8 names to be sure",
            unclear.len(),
            encoding.name()
        );
        log.push(Finding::info("ENCODING_GUESSED", message));
    }
    let name = |entry: &Entry| match (&entry.name, str::from_utf8(&entry.raw_name), encoding) {
        (Some(name), _, _) => (name.clone(), None),
        (None, Ok(name), _) => (name.to_owned(), None),
        (None, Err(_), encoding) => {
            let decoded = encoding.and_then(|encoding| encoding.decode(&entry.raw_name));
            let name = decoded.unwrap_or_else(|| String::from_utf8_lossy(&entry.raw_name).into_owned());
            (name, Some(entry.raw_name.clone()))
        }
    };
    entries.iter().map(name).collect()
}
