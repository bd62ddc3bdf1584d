//! What the bytes say that came from a plugin: read and held against what was asked, wherever the plugin ran.

use super::limits;
use crate::domain::archive_entry::{EntryKind, entry_kind};
use lightbox_sdk::wire::{read_exported, read_imported, read_validated};
use lightbox_sdk::{Batch, Exported, ImageMetadata, Imported, Recognition, Validated};
use std::collections::HashSet;

/// A sentence about what is wrong, to follow the plugin's name.
type Checked<T> = Result<T, String>;

/// Held against the limits here too: what a worker was told to keep to, its plugin may have changed.
fn check_length(bytes: &[u8], what: &str, limit_bytes: u64) -> Checked<()> {
    let length = bytes.len() as u64;
    if length <= limit_bytes {
        Ok(())
    } else {
        Err(format!("its {what} has {length} bytes, {limit_bytes} are allowed"))
    }
}

pub(super) fn read_metadata(bytes: &[u8]) -> Checked<ImageMetadata> {
    check_length(bytes, "metadata", limits::METADATA_BYTES)?;
    let metadata: ImageMetadata =
        serde_json::from_slice(bytes).map_err(|error| format!("its metadata is not the JSON expected: {error}"))?;
    let ImageMetadata { width, height, frame_count, .. } = metadata;
    if width == 0 || height == 0 || frame_count == 0 {
        return Err(format!("its metadata says {frame_count} frames of {width} × {height} pixels"));
    }
    Ok(metadata)
}

/// `None` for no bytes.
pub(super) fn read_elements(bytes: &[u8]) -> Checked<Option<String>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    check_length(bytes, "list of data elements", limits::ELEMENTS_BYTES)?;
    let text = std::str::from_utf8(bytes).map_err(|_| "its data elements are not UTF-8".to_owned())?;
    serde_json::from_str::<serde::de::IgnoredAny>(text)
        .map_err(|error| format!("its data elements are not JSON: {error}"))?;
    Ok(Some(text.to_owned()))
}

pub(super) fn read_recognition(bytes: &[u8]) -> Checked<Recognition> {
    check_length(bytes, "recognition", limits::RECOGNITION_BYTES)?;
    let mut recognition: Recognition =
        serde_json::from_slice(bytes).map_err(|error| format!("its recognition is not the JSON expected: {error}"))?;
    recognition.confidence = recognition.confidence.min(100);
    Ok(recognition)
}

pub(super) fn read_import(bytes: &[u8]) -> Checked<Imported> {
    read_imported(bytes).map_err(|error| error.to_string())
}

/// Files whose paths stay below the folder that they are put in, each of its own.
pub(super) fn read_export(bytes: &[u8]) -> Checked<Exported> {
    let exported = read_exported(bytes).map_err(|error| error.to_string())?;
    if exported.files.is_empty() {
        return Err("it wrote no file".to_owned());
    }
    let mut paths = HashSet::new();
    for (path, _) in &exported.files {
        if entry_kind(path) != EntryKind::File || path.contains('\\') {
            return Err(format!("it wrote a file with the path {path:?}, which is no path below a folder"));
        }
        if !paths.insert(path.as_str()) {
            return Err(format!("it wrote two files with the path {path}"));
        }
    }
    Ok(exported)
}

/// `asked`: the batch that it was given.
pub(super) fn read_transformed(bytes: &[u8], asked: &Batch) -> Checked<Validated> {
    let validated = read_validated(bytes).map_err(|error| error.to_string())?;
    let same = validated.batch.images.len() == asked.images.len()
        && validated.batch.images.iter().zip(&asked.images).all(|(given, asked)| given.path == asked.path);
    if same { Ok(validated) } else { Err("it gave back other images than it was given".to_owned()) }
}

/// A picture file that starts as its format does.
pub(super) fn check_picture(bytes: &[u8], format: &str) -> Checked<()> {
    let signature: &[u8] = if format == "png" { b"\x89PNG\r\n\x1a\n" } else { b"\xff\xd8\xff" };
    if bytes.starts_with(signature) { Ok(()) } else { Err(format!("the picture that it wrote is no {format}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_longer_than_its_limit_is_refused_whatever_it_says() {
        let padded = |json: &str, limit_bytes: u64| {
            let mut bytes = json.as_bytes().to_vec();
            bytes.resize(limit_bytes as usize, b' ');
            bytes
        };
        type Read = fn(&[u8]) -> Checked<()>;
        let rows: [(&str, &str, u64, Read); 3] = [
            (
                "metadata",
                r#"{"width":1,"height":1,"frame_count":1,"bits_per_sample":8,"samples_per_pixel":1}"#,
                limits::METADATA_BYTES,
                |bytes| read_metadata(bytes).map(drop),
            ),
            ("list of data elements", "{}", limits::ELEMENTS_BYTES, |bytes| read_elements(bytes).map(drop)),
            ("recognition", r#"{"confidence":1,"format":"f","reason":"r"}"#, limits::RECOGNITION_BYTES, |bytes| {
                read_recognition(bytes).map(drop)
            }),
        ];
        for (what, json, limit_bytes, read) in rows {
            let mut bytes = padded(json, limit_bytes);
            assert_eq!(read(&bytes), Ok(()), "{what}");
            bytes.push(b' ');
            let expected = format!("its {what} has {} bytes, {limit_bytes} are allowed", limit_bytes + 1);
            assert_eq!(read(&bytes), Err(expected));
        }
    }
}
