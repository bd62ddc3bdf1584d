//! How sure a type may be that a bundle holds label files of YOLO with something for it.

use super::Content;
use super::layout::{Layout, find};
use super::names::text;
use super::row::is_outline;
use lightbox_sdk::{Call, Document, Recognition, Result, bundle};

const CERTAIN: u8 = 90;
/// Without names of the classes.
const UNNAMED: u8 = 60;
/// Label files without a row, and names: images with nothing to label.
const NOTHING_LABELLED: u8 = 30;

#[derive(Default)]
struct Rows {
    boxes: u64,
    outlines: u64,
}

/// Whether a bundle holds rows that `content` takes.
///
/// # Errors
/// `Invalid` for a document that is no bundle, `Cancelled`.
pub fn recognise(document: Document<'_>, content: Content, call: &Call<'_>) -> Result<Recognition> {
    let files = bundle::decode(document.bytes)?;
    let layout = find(&files);
    if layout.labels.is_empty() {
        return Ok(Recognition::none(
            "no label file of YOLO: no text of rows `class x y width height` beside an image",
        ));
    }
    let rows = count(&layout, call)?;
    let is_named = !layout.sources.all.is_empty();
    let (own, kind) = match content {
        Content::Boxes => (rows.boxes, "boxes"),
        Content::Masks => (rows.outlines, "outlines"),
    };
    let confidence = match own {
        0 if content == Content::Boxes && rows.outlines == 0 && is_named => NOTHING_LABELLED,
        0 => 0,
        _ if is_named => CERTAIN,
        _ => UNNAMED,
    };
    let names = if is_named { "with names of the classes" } else { "without names of the classes" };
    let reason = format!("{} label files of YOLO {names}, with {own} {kind}", layout.labels.len());
    if confidence == 0 {
        return Ok(Recognition::none(reason));
    }
    Ok(Recognition { confidence, format: super::FORMAT.to_owned(), reason, shares: true, files: layout.paths() })
}

fn count(layout: &Layout<'_>, call: &Call<'_>) -> Result<Rows> {
    let mut rows = Rows::default();
    for label in &layout.labels {
        call.check()?;
        let has_keypoints = layout.sources.of(&label.file.path).is_some_and(|source| source.has_keypoints);
        for line in text(label.file).unwrap_or_default().lines().filter(|line| !line.trim().is_empty()) {
            match is_outline(line) && !has_keypoints {
                true => rows.outlines += 1,
                false => rows.boxes += 1,
            }
        }
    }
    Ok(rows)
}
