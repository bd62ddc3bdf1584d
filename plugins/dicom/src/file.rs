//! From a file's bytes to its data set: preamble, file meta information, inflation (PS3.10, section 7).

use crate::data_set::DataSet;
use crate::encoding_guess::{guess, is_bare_data_set};
use crate::header::Header;
use crate::native::Layout;
use crate::pixel_element::{PixelKind, is_pixel_data};
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
    let (uid, at) = read_meta(bytes, start_of_elements(bytes)?)?;
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

/// Byte of the first element: behind preamble and signature, or at once where there are none.
fn start_of_elements(bytes: &[u8]) -> Result<usize> {
    let behind = bytes.get(PREAMBLE_BYTES..).and_then(|rest| rest.strip_prefix(b"DICM"));
    let is_bare = || is_bare_data_set(bytes, bytes.len() as u64);
    match behind {
        // A bare data set may have the four letters at byte 128 by chance.
        Some(rest) if guess(rest, rest.len() as u64, None).is_some() || !is_bare() => Ok(PREAMBLE_BYTES + 4),
        Some(_) => Ok(0),
        None if is_bare() => Ok(0),
        None => {
            let message = "this is not a DICOM file: it has no DICM signature and starts with no data element";
            Err(Error::Corrupt(message.to_owned()))
        }
    }
}

fn plain(data_set: &[u8], declared: Option<Syntax>) -> Result<File<'_>> {
    let found = guess(data_set, data_set.len() as u64, declared.map(|syntax| syntax.encoding));
    let encoding = found.ok_or_else(|| {
        Error::Corrupt(
            "the bytes behind the file meta information are no data elements: the file is cut or damaged".into(),
        )
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

/// Inflates the elements up to the pixel data and, if they describe what the pixel data claims to be, the pixel data.
fn inflate(deflated: &[u8], encoding: Encoding, call: &Call<'_>) -> Result<Vec<u8>> {
    let mut stream = DeflateDecoder::new(deflated);
    let mut data_set = Vec::new();
    let mut limit = 1 << 18;
    loop {
        call.check()?;
        let is_all = read_to(&mut stream, &mut data_set, limit)?;
        match find_pixel_data(&data_set, encoding) {
            Some(pixels) => {
                let end = end_of_pixels(&data_set, &pixels, encoding, call)?;
                read_to(&mut stream, &mut data_set, end)?;
                return Ok(data_set);
            }
            None if is_all => return Ok(data_set),
            None if limit >= MAX_INFLATED_HEAD_BYTES => {
                return Err(Error::Limit(format!(
                    "the deflated data elements pass {MAX_INFLATED_HEAD_BYTES} bytes before any pixel data"
                )));
            }
            None => limit *= 4,
        }
    }
}

/// How far to inflate: no further than a header that describes the pixel data allows.
fn end_of_pixels(head: &[u8], pixels: &Element, encoding: Encoding, call: &Call<'_>) -> Result<usize> {
    let (Some(length), Some(kind)) = (pixels.length, PixelKind::of(pixels.tag)) else { return Ok(head.len()) };
    let set = DataSet::read(head, encoding)?;
    let header = Header::read(&set.attributes, kind, &mut Vec::new())?;
    let end = pixels.value.saturating_add(length);
    Layout::check(&header, header.frames, pixels.value..end, 1)?;
    if end as u64 > call.max_output_bytes() {
        return Err(Error::Limit(format!("the file inflates to {end} bytes, {} are allowed", call.max_output_bytes())));
    }
    Ok(end)
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
