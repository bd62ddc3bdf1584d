//! Which entries may be images, which are annotation documents or text files that may belong to one, and which are
//! refused by their name alone.

use super::Import;
use super::archive::{Archive, Entry};
use super::names::name_entries;
use crate::domain::archive_entry::{EntryKind, entry_kind};
use crate::domain::findings::{Finding, FindingLog};
use crate::domain::path_match::plain_path;
use crate::jobs::failure::{Failure, JobResult};
use bytes::Bytes;
use std::collections::HashSet;
use std::io::Read;

/// An entry that may be an image.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub index: usize,
    /// '/' separated, unique among the candidates.
    pub path: String,
    pub raw_path: Option<Vec<u8>>,
    /// How long the archive says that it is, unpacked; not to be relied on.
    pub declared_bytes: u64,
}

#[derive(Debug, Default)]
pub struct Candidates {
    pub images: Vec<Candidate>,
    pub documents: Vec<Candidate>,
    /// May belong to a format of many files.
    pub texts: Vec<Candidate>,
}

/// Reads the directory, and `label.csv` where a name's encoding depends on it.
pub async fn sort_entries(import: &Import, log: &mut FindingLog) -> JobResult<Candidates> {
    let archive = import.archive.clone();
    let (sorted, findings) = tokio::task::spawn_blocking(move || {
        let mut log = FindingLog::default();
        let sorted = sort(&archive, &mut log);
        (sorted, log)
    })
    .await?;
    log.extend(findings.into_findings());
    if let Some(reason) = import.archive.passed_limit() {
        return Err(Failure::Refused(reason));
    }
    sorted.map_err(Failure::Refused)
}

fn sort(archive: &Archive, log: &mut FindingLog) -> Result<Candidates, String> {
    let entries = archive.list()?;
    let known = known_names(archive, &entries);
    let names = name_entries(&entries, &known, log);
    if archive.has_repeated_names() {
        let message = "several entries of the archive have the same path; only the last of each is read";
        log.push(Finding::error("DUPLICATE_PATH", message));
    }
    let mut taken = HashSet::new();
    let mut candidates = Candidates::default();
    for (entry, (name, raw_path)) in entries.iter().zip(names) {
        match refuse(entry, &name) {
            Some(Refused::Silently) => continue,
            Some(Refused::With(finding)) => {
                log.push(finding);
                continue;
            }
            None => {}
        }
        let path = plain_path(&name);
        if !taken.insert(path.clone()) {
            let message = "another entry of the archive has this path; the first one stays";
            log.push(Finding::error("DUPLICATE_PATH", message).in_file(path));
            continue;
        }
        let kind = if archive.is_single() { Some(TextKind::Document) } else { text_kind(&path) };
        let candidate = Candidate { index: entry.index, path, raw_path, declared_bytes: entry.declared_bytes };
        match kind {
            Some(TextKind::Document) => candidates.documents.push(candidate),
            Some(TextKind::Part) => candidates.texts.push(candidate),
            None => candidates.images.push(candidate),
        }
    }
    Ok(candidates)
}

/// Bytes of a `label.csv` that are looked at for names.
const KNOWN_NAMES_BYTES: u64 = 16 << 20;

/// The last part of every path in the first `label.csv`, when some entry's name is in an encoding that must be guessed.
fn known_names(archive: &Archive, entries: &[Entry]) -> HashSet<String> {
    if entries.iter().all(|entry| entry.name.is_some() || str::from_utf8(&entry.raw_name).is_ok()) {
        return HashSet::new();
    }
    let is_table = |entry: &&Entry| !entry.is_encrypted && is_label_csv(&String::from_utf8_lossy(&entry.raw_name));
    let mut bytes = Vec::new();
    if let Some(table) = entries.iter().find(is_table) {
        // What does not read is told of when the document itself is read.
        let _ = archive.read_entry(table.index, |reader| reader.take(KNOWN_NAMES_BYTES).read_to_end(&mut bytes));
    }
    let text = String::from_utf8_lossy(&bytes);
    let path = |line: &str| plain_path(line.split(',').next().unwrap_or_default().trim_matches('"'));
    text.lines().map(path).map(|path| path.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}

/// Longest path of an entry.
const MAX_PATH_BYTES: usize = 4096;

enum Refused {
    Silently,
    With(Finding),
}

fn refuse(entry: &Entry, name: &str) -> Option<Refused> {
    let with = |code: &str, message: &str| Some(Refused::With(Finding::error(code, message).in_file(name)));
    if name.len() > MAX_PATH_BYTES {
        let start: String = name.chars().take(80).collect();
        let message = format!("the path has {} bytes; at most {MAX_PATH_BYTES} are allowed", name.len());
        return Some(Refused::With(Finding::error("ARCHIVE_LIMIT", message).in_file(format!("{start}…"))));
    }
    match entry_kind(name) {
        EntryKind::Litter => Some(Refused::Silently),
        EntryKind::Unsafe => {
            with("UNSAFE_PATH", "the path is absolute, has `..` or is empty; it would leave the dataset's folder")
        }
        EntryKind::File if entry.is_link => with("UNSAFE_PATH", "this is a link, not a file; put the file itself in"),
        EntryKind::File if entry.is_encrypted => {
            with("IMAGE_UNREADABLE", "the entry is encrypted; zip it without a password")
        }
        EntryKind::File => None,
    }
}

enum TextKind {
    /// Read by itself.
    Document,
    /// Read together with others.
    Part,
}

/// Extensions of documents and of what formats of many files consist of.
const DOCUMENTS: [&str; 2] = ["json", "xml"];
const PARTS: [&str; 7] = ["txt", "yaml", "yml", "names", "labels", "data", "csv"];

/// By name; `None` for everything else.
fn text_kind(path: &str) -> Option<TextKind> {
    if is_label_csv(path) {
        return Some(TextKind::Document);
    }
    let extension = path.rsplit_once('.')?.1;
    let is_among = |known: &[&str]| known.iter().any(|each| extension.eq_ignore_ascii_case(each));
    match (is_among(&DOCUMENTS), is_among(&PARTS)) {
        (true, _) => Some(TextKind::Document),
        (_, true) => Some(TextKind::Part),
        _ => None,
    }
}

/// A text by its name, that formats may be made of.
pub fn is_text(path: &str) -> bool {
    text_kind(path).is_some()
}

pub fn is_label_csv(path: &str) -> bool {
    path.rsplit(['/', '\\']).next().is_some_and(|name| name.eq_ignore_ascii_case("label.csv"))
}

/// A document, whole. Blocks.
pub fn read_document(archive: &Archive, index: usize, limit_bytes: u64) -> Result<Bytes, Finding> {
    let mut bytes = Vec::new();
    let read = archive.read_entry(index, |reader| reader.take(limit_bytes.saturating_add(1)).read_to_end(&mut bytes));
    match read.and_then(|read| read) {
        Err(error) => Err(unreadable(&error)),
        Ok(count) if count as u64 > limit_bytes => Err(too_long(limit_bytes)),
        Ok(_) => Ok(Bytes::from(bytes)),
    }
}

pub fn unreadable(error: &std::io::Error) -> Finding {
    Finding::error("BAD_DOCUMENT", format!("the entry does not unpack: {error}"))
}

pub fn too_long(limit_bytes: u64) -> Finding {
    let message = format!("the document has more than {limit_bytes} bytes; that is the most allowed");
    Finding::error("ARCHIVE_LIMIT", message)
}

/// The paths of all image candidates, one a line: what class folders are read from.
pub fn path_listing(paths: impl Iterator<Item = impl AsRef<str>>) -> Bytes {
    let mut listing = String::new();
    for path in paths {
        listing.push_str(path.as_ref());
        listing.push('\n');
    }
    Bytes::from(listing)
}
