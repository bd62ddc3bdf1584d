//! Takes the `label.csv` of real upload archives the way of an upload (recognise, import, sizes, validate), and compares
//! labels and reported lines with what is known of the archive.

use crate::test_data::{Archive, png_size};
use lightbox_sdk::{AnnotationType, Batch, Call, Document, Finding, Severity};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Checks every archive whose `label.csv` the type recognises; says which those were.
pub fn check_label_csv(archives: &[Archive], annotation_type: &dyn AnnotationType) -> Vec<String> {
    let (mut checked, id) = (Vec::new(), annotation_type.descriptor().id);
    for archive in archives {
        let Some((name, bytes)) = archive.ending("label.csv").next() else { continue };
        let document = Document { name, format: "", bytes };
        let recognition = annotation_type.recognise(document, &Call::unlimited()).unwrap();
        let is_settled = archive.expected["accept"] != "open";
        if archive.expected["annotation_type"].as_str().is_some_and(|name| name.replace(' ', "-") == id) && is_settled {
            assert!(recognition.confidence > 0, "{}: {}", archive.name, recognition.reason);
        }
        if recognition.confidence > 0 {
            let document = Document { format: &recognition.format, ..document };
            let (batch, findings) = run(archive, annotation_type, document);
            compare(archive, &batch, &findings);
            checked.push(archive.name.clone());
        }
    }
    checked
}

/// Import, then validation with the sizes of the archive's PNGs.
fn run(archive: &Archive, annotation_type: &dyn AnnotationType, document: Document<'_>) -> (Batch, Vec<Finding>) {
    let imported = annotation_type.import(document, &Call::unlimited()).unwrap();
    imported.batch.check().unwrap();
    let mut batch = imported.batch;
    for image in &mut batch.images {
        [image.width, image.height] = archive.find(&image.path).map_or([0, 0], png_size);
    }
    let validated = annotation_type.validate(batch, &Call::unlimited()).unwrap();
    validated.batch.check().unwrap();
    (validated.batch, imported.findings.into_iter().chain(validated.findings).collect())
}

fn compare(archive: &Archive, batch: &Batch, findings: &[Finding]) {
    let (name, expected) = (&archive.name, &archive.expected);
    let reported: BTreeSet<u64> = findings.iter().filter_map(|finding| finding.line).map(u64::from).collect();
    for each in expected["must_report"].as_array().into_iter().flatten().filter(|each| !needs_the_archive(each)) {
        let Some(line) = each["line"].as_u64() else { continue };
        assert!(reported.contains(&line), "{name}: line {line} ({}) is not in {findings:?}", each["reason"]);
    }
    if expected["accept"] == true {
        let placed = |finding: &&Finding| finding.line.is_some() && finding.severity != Severity::Info;
        assert_eq!(findings.iter().find(placed), None, "{name}");
    }
    for key in ["labels", "labels_if_duplicates_are_dropped"] {
        if let Some(labels) = expected[key].as_object() {
            assert_eq!(labels.len(), batch.labels.len(), "{name}: {:?}", batch.labels);
            labels.iter().for_each(|(label, counts)| compare_label(name, batch, label, counts));
        }
    }
    compare_images(name, expected, batch);
}

/// Whether only the archive, not the document, shows what is wrong.
fn needs_the_archive(reported: &Value) -> bool {
    let reason = reported["reason"].as_str().unwrap_or_default();
    reason == "image not in the archive" || reason == "picture cannot be decoded"
}

fn compare_label(name: &str, batch: &Batch, label: &str, expected: &Value) {
    let own = (0..batch.len()).filter(|index| batch.labels[batch.label[*index] as usize] == label);
    let (mut images, mut counts) = (BTreeSet::new(), BTreeMap::from([(1, 0), (0, 0)]));
    for index in own {
        *counts.entry(batch.value[index]).or_default() += 1;
        if batch.value[index] == 1 {
            images.insert(batch.image[index]);
        }
    }
    for (key, found) in [("images", images.len() as u64), ("instances", counts[&1]), ("negatives", counts[&0])] {
        if let Some(expected) = expected[key].as_u64() {
            assert_eq!(found, expected, "{name}: {key} of '{label}'");
        }
    }
}

fn compare_images(name: &str, expected: &Value, batch: &Batch) {
    if let Some(count) = expected["annotated_images"].as_u64() {
        assert_eq!(batch.images.len() as u64, count, "{name}");
    }
    let labelled: BTreeSet<u32> = batch.image.iter().copied().collect();
    for path in expected["images_with_nothing_to_label"].as_array().into_iter().flatten() {
        let at = batch.images.iter().position(|image| image.path == path.as_str().unwrap());
        assert!(at.is_some_and(|at| !labelled.contains(&(at as u32))), "{name}: {path}");
    }
}
