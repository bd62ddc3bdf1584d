//! From a file's bytes to its data set: preamble, file meta information, inflation (PS3.10, section 7).

use crate::encoding_guess::guess;
use crate::pixel_element::is_pixel_data;
use crate::syntax::{self, Syntax};
use crate::walk::{self, Element, Encoding, element_at};
use dicom_dictionary_std::tags;
use flate2::read::DeflateDecoder;
use lightbox_sdk::{Call, Error, Finding, Result};
use std::borrow::Cow;
use std::io::Read;

const PREAMBLE_BYTES: usize = 128;
/// Data elements before the pixel data of a deflated file may take this much; enhanced files of thousands of frames
/// stay below.
const MAX_INFLATED_HEAD_BYTES: usize = 64 << 20;

/// A data set that is ready to be walked.
pub struct File<'a> {
    pub data_set: Cow<'a, [u8]>,
    pub syntax: Syntax,
    /// What the data set is really written in.
    pub encoding: Encoding,
    pub findings: Vec<Finding>,
}

/// Finds the data set of a file and what it is written in.
pub fn open<'a>(bytes: &'a [u8], call: &Call<'_>) -> Result<File<'a>> {
    let has_preamble = bytes.get(PREAMBLE_BYTES..).is_some_and(|rest| rest.starts_with(b"DICM"));
    let start = if has_preamble { PREAMBLE_BYTES + 4 } else { 0 };
    if !has_preamble && !crate::encoding_guess::is_bare_data_set(bytes, bytes.len() as u64) {
        return Err(Error::Corrupt("this is not a DICOM file: it has no DICM signature and no data elements".to_owned()));
    }
    let (uid, at) = read_meta(bytes, start)?;
    let rest = bytes.get(at..).unwrap_or_default();
    let declared = uid.as_deref().map(syntax::require).transpose()?;
    match declared {
        Some(syntax) if syntax.is_deflated => {
            let data_set = Cow::Owned(inflate(rest, syntax.encoding, call)?);
            Ok(File { data_set, syntax, encoding: syntax.encoding, findings: Vec::new() })
        }
        declared => plain(rest, declared),
    }
}

fn plain(data_set: &[u8], declared: Option<Syntax>) -> Result<File<'_>> {
    let found = guess(data_set, data_set.len() as u64, declared.map(|syntax| syntax.encoding));
    let encoding = found.ok_or_else(|| {
        Error::Corrupt("the bytes behind the file meta information are no data elements: the file is cut or damaged".into())
    })?;
    let mut findings = Vec::new();
    let syntax = declared.unwrap_or_else(|| syntax::of_encoding(encoding));
    let written = syntax::of_encoding(encoding);
    if declared.is_none() {
        findings.push(Finding::warning(
            "TRANSFER_SYNTAX_GUESSED",
            format!("the file names no transfer syntax; it was read as {}", written.name),
        ));
    } else if encoding != syntax.encoding {
        findings.push(Finding::warning(
            "TRANSFER_SYNTAX_GUESSED",
            format!("the file names {}, but its elements are written in {}", syntax.name, written.name),
        ));
    }
    Ok(File { data_set: Cow::Borrowed(data_set), syntax, encoding, findings })
}

/// The transfer syntax UID, if there is one, and the byte where the data set starts.
fn read_meta(bytes: &[u8], start: usize) -> Result<(Option<String>, usize)> {
    let (mut at, mut uid) = (start, None);
    let encoding = guess(bytes.get(start..).unwrap_or_default(), (bytes.len() - start) as u64, None);
    // The meta group is little endian always; a first tag that is not of group 0002 ends it at once.
    let encoding = Encoding { big_endian: false, ..encoding.unwrap_or(Encoding::EXPLICIT_LITTLE) };
    while let Some(element) = element_at(bytes, at, encoding).filter(|element| element.tag.0 == 0x0002) {
        let end = walk::end_of(bytes, &element, encoding)?;
        if element.tag == tags::TRANSFER_SYNTAX_UID {
            uid = Some(uid_of(bytes.get(element.value..end).unwrap_or_default()));
        }
        at = end;
    }
    Ok((uid.filter(|uid| !uid.is_empty()), at))
}

fn uid_of(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\0').to_owned()
}

/// Inflates the elements up to the pixel data, and then as much as the pixel data claims, within the call's limit.
fn inflate(deflated: &[u8], encoding: Encoding, call: &Call<'_>) -> Result<Vec<u8>> {
    let mut stream = DeflateDecoder::new(deflated);
    let mut data_set = Vec::new();
    let mut limit = 1 << 20;
    let pixels = loop {
        call.check()?;
        let is_all = read_to(&mut stream, &mut data_set, limit)?;
        match find_pixel_data(&data_set, encoding) {
            Some(pixels) => break Some(pixels),
            None if is_all => break None,
            None if limit >= MAX_INFLATED_HEAD_BYTES => {
                return Err(Error::Limit(format!(
                    "the deflated data elements pass {MAX_INFLATED_HEAD_BYTES} bytes before any pixel data"
                )));
            }
            None => limit *= 4,
        }
    };
    let Some(pixels) = pixels else { return Ok(data_set) };
    let end = pixels.length.and_then(|length| pixels.value.checked_add(length));
    let wanted = end.unwrap_or(usize::MAX).min(usize::try_from(call.max_output_bytes()).unwrap_or(usize::MAX));
    if end.is_some_and(|end| end > wanted) {
        return Err(Error::Limit(format!("the file inflates to more than the {wanted} bytes that are allowed")));
    }
    read_to(&mut stream, &mut data_set, wanted)?;
    Ok(data_set)
}

/// Reads until `out` has `limit` bytes; true when the stream has ended.
fn read_to(stream: &mut DeflateDecoder<&[u8]>, out: &mut Vec<u8>, limit: usize) -> Result<bool> {
    let missing = limit.saturating_sub(out.len()) as u64;
    let read = stream.take(missing).read_to_end(out);
    let read = read.map_err(|error| Error::Corrupt(format!("the deflated data set is damaged: {error}")))?;
    Ok((read as u64) < missing)
}

fn find_pixel_data(data_set: &[u8], encoding: Encoding) -> Option<Element> {
    let mut at = 0;
    loop {
        let element = element_at(data_set, at, encoding)?;
        if is_pixel_data(element.tag) {
            return Some(element);
        }
        at = walk::end_of(data_set, &element, encoding).ok()?;
    }
}

/// SOP class of the index file of a medium.
pub const DICOMDIR: &str = "1.2.840.10008.1.3.10";
