//! Takes the COCO documents of a folder the way of an upload (recognise, import, sizes as known, validate) through one type,
//! and says what came out.

#![allow(dead_code)] // every test program uses another part of this file

use lightbox_sdk::mask::Mask;
use lightbox_sdk::{AnnotationType, Call, Document};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What the documents said, in their order.
#[derive(Default)]
pub struct Found {
    /// Path of the image as written, label, box.
    pub boxes: Vec<(String, String, [f64; 4])>,
    /// Path of the image as written, label, pixels set.
    pub areas: Vec<(String, String, u64)>,
}

impl Found {
    /// Images and annotations of each label.
    pub fn labels(&self) -> BTreeMap<String, (u64, u64)> {
        let mut counts: BTreeMap<String, (BTreeSet<&str>, u64)> = BTreeMap::new();
        for (image, label, _) in &self.boxes {
            let own = counts.entry(label.clone()).or_default();
            own.0.insert(image);
            own.1 += 1;
        }
        counts.into_iter().map(|(label, (images, count))| (label, (images.len() as u64, count))).collect()
    }
}

/// The same as somebody else counted it.
pub fn labels(known: &Value) -> BTreeMap<String, (u64, u64)> {
    let counts = |each: &Value| (each["images"].as_u64().unwrap(), each["instances"].as_u64().unwrap());
    known["labels"].as_object().unwrap().iter().map(|(label, each)| (label.clone(), counts(each))).collect()
}

/// A box as somebody else wrote it, clipped to its image.
pub fn clipped(known: &Value, annotation: &Value) -> [f64; 4] {
    let image = known["images"].as_array().unwrap().iter().find(|image| image["file"] == annotation["image"]).unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    let [x, y, width, height] = [0, 1, 2, 3].map(|index| number(&annotation["bbox"][index]));
    [x, y, width.min(number(&image["width"]) - x), height.min(number(&image["height"]) - y)]
}

/// Every document below the folder; of a folder with several kinds of COCO the instances.
pub fn read(folder: &Path, annotation_type: &dyn AnnotationType) -> Found {
    let mut found = Found::default();
    let documents = documents(folder);
    assert!(!documents.is_empty(), "{}", folder.display());
    for path in documents {
        let (name, bytes) = (path.to_str().unwrap(), std::fs::read(&path).unwrap());
        let document = Document { name, format: "", bytes: &bytes };
        let recognised = annotation_type.recognise(document, &Call::unlimited()).unwrap();
        if recognised.confidence > 0 {
            assert!(recognised.shares && recognised.format == "coco", "{name}: {}", recognised.reason);
            read_one(Document { format: &recognised.format, ..document }, annotation_type, &mut found);
        }
    }
    found
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(documents(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "json") {
            found.push(entry);
        }
    }
    // The known counts of coco-sharks go by train, valid, test.
    found.sort_by_key(|path| (path.to_str().unwrap().contains("/test/"), path.clone()));
    let are_instances =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_str().unwrap().starts_with("instances"));
    if found.iter().any(are_instances) {
        found.retain(are_instances);
    }
    found
}

fn read_one(document: Document<'_>, annotation_type: &dyn AnnotationType, found: &mut Found) {
    let imported = annotation_type.import(document, &Call::unlimited()).unwrap();
    imported.batch.check().unwrap();
    let wrong: Vec<_> = imported.findings.iter().filter(|each| each.severity != lightbox_sdk::Severity::Info).collect();
    assert!(wrong.is_empty(), "{}: {wrong:?}", document.name);
    let mut batch = imported.batch;
    let sizes = sizes(document.bytes);
    for image in &mut batch.images {
        [image.width, image.height] = sizes.get(&image.path).copied().unwrap_or_default();
    }
    let validated = annotation_type.validate(batch, &Call::unlimited()).unwrap();
    let is_clipped = |finding: &lightbox_sdk::Finding| finding.code == "BOX_CLIPPED";
    assert!(validated.findings.iter().all(is_clipped), "{}: {:?}", document.name, validated.findings);
    let batch = validated.batch;
    for index in 0..batch.len() {
        let image = &batch.images[batch.image[index] as usize];
        let (path, label) = (image.path.clone(), batch.labels[batch.label[index] as usize].clone());
        if !batch.payload_ends.is_empty() {
            let mask = Mask::from_coco(image.width, image.height, batch.payload(index)).unwrap();
            found.areas.push((path.clone(), label.clone(), mask.area()));
        }
        found.boxes.push((path, label, batch.boxes[index]));
    }
}

/// Of images by their path, read by another parser; of results by their masks.
fn sizes(bytes: &[u8]) -> BTreeMap<String, [u32; 2]> {
    let pixels = |value: &Value| value.as_u64().unwrap() as u32;
    match serde_json::from_slice(bytes).unwrap() {
        Value::Array(results) => (results.iter())
            .map(|row| (row["image_id"].to_string(), &row["segmentation"]["size"]))
            .map(|(id, size)| (id, [pixels(&size[1]), pixels(&size[0])]))
            .collect(),
        dataset => (dataset["images"].as_array().unwrap().iter())
            .map(|row| (row["file_name"].as_str().unwrap().to_owned(), [pixels(&row["width"]), pixels(&row["height"])]))
            .collect(),
    }
}
