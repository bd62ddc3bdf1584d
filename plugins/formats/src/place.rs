//! Where a finding about an annotation points: at its line, or at its image when the document has no lines.

use lightbox_sdk::{Batch, Finding};

/// Adds the place of annotation `index`.
pub fn at_annotation(finding: Finding, batch: &Batch, index: usize) -> Finding {
    match batch.line.get(index) {
        Some(line) if *line > 0 => finding.at_line(*line),
        _ => finding.in_file(image_path(batch, index)),
    }
}

/// Names annotation `index` inside a sentence: `line 3`, or `an earlier annotation`.
pub fn name_of(batch: &Batch, index: usize) -> String {
    match batch.line.get(index) {
        Some(line) if *line > 0 => format!("line {line}"),
        _ => "an earlier annotation".to_owned(),
    }
}

/// Path of the image of annotation `index`.
pub fn image_path(batch: &Batch, index: usize) -> &str {
    batch.image.get(index).and_then(|image| batch.images.get(*image as usize)).map_or("", |image| &image.path)
}

/// Label of annotation `index`.
pub fn label_of(batch: &Batch, index: usize) -> &str {
    batch.label.get(index).and_then(|label| batch.labels.get(*label as usize)).map_or("", String::as_str)
}

/// `[width, height]` of the image of annotation `index`; `None` while unknown.
pub fn image_size(batch: &Batch, index: usize) -> Option<[u32; 2]> {
    let image = batch.image.get(index).and_then(|image| batch.images.get(*image as usize))?;
    (image.width > 0 && image.height > 0).then_some([image.width, image.height])
}
