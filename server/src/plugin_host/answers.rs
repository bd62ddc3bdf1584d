//! What the bytes say that came from a plugin: read and held against what was asked, wherever the plugin ran.

use super::limits;
use crate::domain::archive_entry::{EntryKind, entry_kind};
use lightbox_sdk::wire::{read_exported, read_imported, read_validated};
use lightbox_sdk::{Batch, Exported, ImageMetadata, Imported, Recognition, Validated};
use std::collections::HashSet;

/// A sentence about what is wrong, to follow the plugin's name.
type Checked<T> = Result<T, String>;

pub(super) fn read_metadata(bytes: &[u8]) -> Checked<ImageMetadata> {
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
    if bytes.len() as u64 > limits::ELEMENTS_BYTES {
        return Err(format!("its data elements have {} bytes, {} are allowed", bytes.len(), limits::ELEMENTS_BYTES));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "its data elements are not UTF-8".to_owned())?;
    serde_json::from_str::<serde::de::IgnoredAny>(text)
        .map_err(|error| format!("its data elements are not JSON: {error}"))?;
    Ok(Some(text.to_owned()))
}

pub(super) fn read_recognition(bytes: &[u8]) -> Checked<Recognition> {
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
