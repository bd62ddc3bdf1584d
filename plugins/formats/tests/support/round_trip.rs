//! Takes annotations the way out and in again (export, recognise, import, the host's part, validate) through one type, and
//! compares. The host's part is played here: it knows the images by their paths, and reads `labels.txt`.

use lightbox_sdk::{AnnotationType, Batch, Call, Document, ImageRef, Severity};
use proptest::prelude::*;
use std::collections::HashMap;

/// Side of every image in pixels.
pub const SIDE: u32 = 6;

/// Text that makes trouble in tables and in JSON, never blank.
fn draw_text() -> impl Strategy<Value = String> {
    "[a-c0-9 ,;\"'\\\\./\\[\\]{}_\t肺é-]{1,8}".prop_filter("not blank", |text| !text.trim().is_empty())
}

prop_compose! {
    /// Images and labels, used and not, without annotations.
    pub fn draw_frame()(
        paths in prop::collection::vec(draw_text(), 1..6), labels in prop::collection::hash_set(draw_text(), 1..5),
    ) -> Batch {
        let image = |(number, path): (usize, String)| {
            ImageRef { path: format!("images/{path}{number}.png"), width: SIDE, height: SIDE, line: 0 }
        };
        Batch { labels: labels.into_iter().collect(), images: paths.into_iter().enumerate().map(image).collect(), ..Batch::default() }
    }
}

/// Adds an annotation of any image and label.
pub fn push(batch: &mut Batch, image: u32, label: u32, value: u8) {
    batch.image.push(image % batch.images.len() as u32);
    batch.label.push(label % batch.labels.len() as u32);
    batch.line.push(0);
    batch.value.push(value);
}

/// Exports what is valid of a batch and reads it back; both must be the same but for order.
pub fn check(annotation_type: &dyn AnnotationType, format: &str, batch: Batch) {
    let call = Call::unlimited();
    let first = annotation_type.validate(batch, &call).unwrap().batch;
    let exported = annotation_type.export(first.clone(), format, &call).unwrap();
    assert_eq!(
        annotation_type.export(first.clone(), format, &call).unwrap(),
        exported,
        "the same content, other bytes"
    );
    let (name, bytes) = exported.files.iter().find(|(name, _)| name != "labels.txt").unwrap();
    if format == "deepq" && first.is_empty() {
        assert_eq!(exported.findings.len(), 1, "a table of paths does not show its type, which is said");
        return;
    }
    assert_eq!(exported.findings, []);
    let found = annotation_type.recognise(Document { name, format: "", bytes }, &call).unwrap();
    assert!(found.confidence > 0, "{}", found.reason);
    let imported = annotation_type.import(Document { name, format: &found.format, bytes }, &call).unwrap();
    let is_harmless =
        |each: &lightbox_sdk::Finding| each.severity == Severity::Info || each.code == "CLASS_BELOW_MINIMUM";
    assert!(imported.findings.iter().all(is_harmless), "{:?}", imported.findings);
    let labels = exported.files.iter().find(|(name, _)| name == "labels.txt").map(|(_, bytes)| bytes.as_slice());
    let placed = as_a_host(imported.batch, &first, labels);
    let second = annotation_type.validate(placed, &call).unwrap();
    assert_eq!(second.findings, []);
    assert_eq!(content(&second.batch), content(&first), "{}", String::from_utf8_lossy(bytes));
}

/// Images get their own paths and sizes, labels the order of `labels.txt`.
fn as_a_host(mut batch: Batch, known: &Batch, labels: Option<&[u8]>) -> Batch {
    for image in &mut batch.images {
        let same = |each: &&ImageRef| each.path == image.path || each.path == format!("images/{}", image.path);
        let own = known.images.iter().find(same).unwrap_or_else(|| panic!("{:?} is no image", image.path));
        *image = own.clone();
    }
    let Some(labels) = labels else { return batch };
    let ordered: Vec<String> = str::from_utf8(labels).unwrap().lines().map(str::to_owned).collect();
    let place: HashMap<&str, u32> = (0u32..).zip(&ordered).map(|(place, label)| (label.as_str(), place)).collect();
    batch.label = batch.label.iter().map(|label| place[batch.labels[*label as usize].as_str()]).collect();
    batch.labels = ordered;
    batch
}

type Row = (String, u32, u8, Option<[u64; 4]>, Vec<u8>);

/// Labels, images, and annotations in one order.
fn content(batch: &Batch) -> (Vec<String>, Vec<String>, Vec<Row>) {
    let row = |row: usize| {
        let image = batch.images[batch.image[row] as usize].path.clone();
        let bounds = batch.boxes.get(row).map(|bounds| bounds.map(f64::to_bits));
        (image, batch.label[row], batch.value[row], bounds, batch.payload(row).to_vec())
    };
    let mut rows: Vec<Row> = (0..batch.len()).map(row).collect();
    rows.sort();
    let mut images: Vec<String> = batch.images.iter().map(|image| image.path.clone()).collect();
    images.sort();
    (batch.labels.clone(), images, rows)
}
