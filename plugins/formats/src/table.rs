//! Builds a batch row by row: paths and labels are kept once, and the bytes are counted against the call's limit.

use crate::findings::Findings;
use crate::interner::Interner;
use lightbox_sdk::{Batch, Call, Error, Finding, ImageRef, Imported, Result};

/// Rows between two looks at the clock and the limit.
const ROWS_BETWEEN_CHECKS: u64 = 4096;
/// Bytes of one annotation in a batch without its payload: three numbers, a value and a box.
const ANNOTATION_BYTES: u64 = 45;

#[derive(Default)]
pub(crate) struct Table {
    paths: Interner,
    image_lines: Vec<u32>,
    labels: Interner,
    columns: Batch,
    pub(crate) findings: Findings,
    rows: u64,
    text_bytes: u64,
}

impl Table {
    /// Number of the image with this path; `line` is kept if the image is new. Also says whether it is.
    pub(crate) fn image(&mut self, path: &str, line: u32) -> (u32, bool) {
        let (number, new) = self.paths.intern(path);
        if new {
            self.image_lines.push(line);
            self.text_bytes += path.len() as u64 + 16;
        }
        (number, new)
    }

    /// Number of the label with this name, added when it is new.
    pub(crate) fn label(&mut self, name: &str) -> u32 {
        let (number, new) = self.labels.intern(name);
        if new {
            self.text_bytes += name.len() as u64 + 4;
        }
        number
    }

    /// Adds an annotation with neither box nor payload.
    pub(crate) fn push(&mut self, path: &str, label: &str, line: u32, value: u8) {
        let (image, _) = self.image(path, line);
        let label = self.label(label);
        self.push_numbered(image, label, line, value);
    }

    /// The same by the numbers that [`Self::image`] and [`Self::label`] gave. Of a table's annotations all have a box or
    /// none has, and so it is with payloads.
    pub(crate) fn push_numbered(&mut self, image: u32, label: u32, line: u32, value: u8) {
        self.columns.image.push(image);
        self.columns.label.push(label);
        self.columns.line.push(line);
        self.columns.value.push(value);
    }

    /// A box for the annotation added last.
    pub(crate) fn add_box(&mut self, bounds: [f64; 4]) {
        self.columns.boxes.push(bounds);
    }

    /// A payload for the annotation added last.
    pub(crate) fn add_payload(&mut self, payload: &[u8]) {
        self.columns.push_payload(payload);
    }

    pub(crate) fn push_box(&mut self, path: &str, label: &str, line: u32, bounds: [f64; 4]) {
        self.push(path, label, line, 1);
        self.add_box(bounds);
    }

    pub(crate) fn push_mask(&mut self, path: &str, label: &str, line: u32, bounds: [f64; 4], payload: &[u8]) {
        self.push_box(path, label, line, bounds);
        self.add_payload(payload);
    }

    /// Once a row: now and then looks whether the call is to end or has made too much.
    pub(crate) fn check(&mut self, call: &Call<'_>) -> Result<()> {
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_BETWEEN_CHECKS) { self.check_now(call) } else { Ok(()) }
    }

    pub(crate) fn check_now(&self, call: &Call<'_>) -> Result<()> {
        call.check()?;
        let bytes = self.text_bytes
            + self.columns.len() as u64 * ANNOTATION_BYTES
            + self.columns.payload_bytes.len() as u64
            + self.columns.payload_ends.len() as u64 * 8;
        if bytes > call.max_output_bytes() {
            return Err(Error::Limit(format!(
                "the annotations take {bytes} bytes, more than the allowed {}; split the file",
                call.max_output_bytes()
            )));
        }
        Ok(())
    }

    /// Whether no image was named.
    pub(crate) fn is_empty(&self) -> bool {
        self.image_lines.is_empty()
    }

    pub(crate) fn add_finding(&mut self, finding: Finding, line: u32) {
        self.findings.push(finding.at_line(line));
    }

    pub(crate) fn into_imported(mut self, call: &Call<'_>) -> Result<Imported> {
        self.check_now(call)?;
        self.columns.labels = self.labels.into_texts();
        self.columns.images = (self.paths.into_texts().into_iter().zip(self.image_lines))
            .map(|(path, line)| ImageRef { path, line, width: 0, height: 0 })
            .collect();
        Ok(Imported { batch: self.columns, findings: self.findings.into_vec(), embedded_images: Vec::new() })
    }
}
