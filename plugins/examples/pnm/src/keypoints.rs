//! Keypoints: a label and a place in the picture, as lines of `path,label,x,y`.

use lightbox_sdk::{
    AnnotationShape, AnnotationType, AnnotationTypeDescriptor, Batch, Call, Document, Error, Finding, ImageRef,
    Imported, Recognition, Result, Validated,
};
use serde_json::{Value, json};
use std::collections::HashMap;

const FORMAT: &str = "keypoint-lines";
const HEADER: &str = "path,label,x,y";

/// Keypoints. The payload is `{"x": number, "y": number}`, in pixels from the top-left corner.
pub struct Keypoints;

impl AnnotationType for Keypoints {
    fn descriptor(&self) -> AnnotationTypeDescriptor {
        AnnotationTypeDescriptor {
            id: "keypoints".into(),
            name: "Keypoints".into(),
            description: "Named points in the picture.".into(),
            shape: AnnotationShape::Custom,
            formats: vec![FORMAT.into()],
        }
    }

    fn recognise(&self, document: Document<'_>, _call: &Call<'_>) -> Result<Recognition> {
        let is_mine =
            document.bytes.split(|byte| *byte == b'\n').next().map(<[u8]>::trim_ascii) == Some(HEADER.as_bytes());
        if !is_mine {
            return Ok(Recognition::none(format!("the first line is not {HEADER}")));
        }
        let reason = format!("the first line is {HEADER}");
        Ok(Recognition { confidence: 95, format: FORMAT.into(), reason, shares: false })
    }

    fn import(&self, document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
        let text = std::str::from_utf8(document.bytes);
        let text = text.map_err(|error| Error::Corrupt(format!("the document is not UTF-8: {error}")))?;
        let mut import = Import::default();
        for (index, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()) {
            call.check()?;
            import.add(u32::try_from(index + 1).unwrap_or(0), line);
        }
        Ok(import.imported)
    }

    fn validate(&self, batch: Batch, call: &Call<'_>) -> Result<Validated> {
        let mut kept = Validated { batch: batch.without_annotations(), findings: Vec::new() };
        for index in 0..batch.len() {
            call.check()?;
            let image = &batch.images[batch.image[index] as usize];
            match find_point(batch.payload(index)) {
                Some((x, y))
                    if (0.0..f64::from(image.width)).contains(&x) && (0.0..f64::from(image.height)).contains(&y) =>
                {
                    kept.batch.push_from(&batch, index);
                }
                _ => {
                    let ImageRef { path, width, height, .. } = image;
                    let message = format!("the point lies outside of its picture {path} of {width} × {height} pixels");
                    kept.findings.push(Finding::error("POINT_OUTSIDE", message).at_line(batch.line[index]));
                }
            }
        }
        Ok(kept)
    }

    /// Points of united images stand side by side; exact repeats fall together.
    fn merge(&self, batch: Batch, _call: &Call<'_>) -> Result<Validated> {
        let mut merged = batch.without_annotations();
        let mut seen = std::collections::HashSet::new();
        for index in 0..batch.len() {
            if seen.insert((batch.image[index], batch.label[index], batch.payload(index))) {
                merged.push_from(&batch, index);
            }
        }
        Ok(Validated { batch: merged, findings: Vec::new() })
    }
}

#[derive(Default)]
struct Import {
    imported: Imported,
    images: HashMap<String, u32>,
    labels: HashMap<String, u32>,
}

impl Import {
    fn add(&mut self, line_number: u32, line: &str) {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let point = match fields[..] {
            [path, label, x, y] => x.parse().ok().zip(y.parse().ok()).map(|(x, y): (f64, f64)| (path, label, x, y)),
            _ => None,
        };
        let Some((path, label, x, y)) = point.filter(|(_, _, x, y)| x.is_finite() && y.is_finite()) else {
            let message = format!("expected {HEADER} with two numbers, found {} fields", fields.len());
            self.imported.findings.push(Finding::error("BAD_ROW", message).at_line(line_number));
            return;
        };
        let batch = &mut self.imported.batch;
        let image = *self.images.entry(path.to_owned()).or_insert_with(|| {
            batch.images.push(ImageRef { path: path.to_owned(), width: 0, height: 0, line: line_number });
            batch.images.len() as u32 - 1
        });
        let label = *self.labels.entry(label.to_owned()).or_insert_with(|| {
            batch.labels.push(label.to_owned());
            batch.labels.len() as u32 - 1
        });
        batch.image.push(image);
        batch.label.push(label);
        batch.line.push(line_number);
        batch.value.push(1);
        batch.push_payload(json!({ "x": x, "y": y }).to_string().as_bytes());
    }
}

fn find_point(payload: &[u8]) -> Option<(f64, f64)> {
    let payload: Value = serde_json::from_slice(payload).ok()?;
    payload["x"].as_f64().zip(payload["y"].as_f64())
}
