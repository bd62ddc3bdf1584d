//! Every folder in `tests/cases` is a COCO document and what becomes of it. A new case is a new folder.
//!
//! `annotations` are `[path, label, payload]`, `findings` are `[severity, code, message]`.

#![allow(clippy::unwrap_used)] // in a test a panic is the report

use example_plugin_keypoints::{FORMAT, Keypoints};
use lightbox_sdk::{AnnotationType, Call, Document, Imported};
use serde_json::{Value, json};
use std::path::Path;

#[test]
fn every_case_is_recognised_and_gives_what_it_expects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty());
    for case in cases {
        let expected: Value = serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap()).unwrap();
        let bytes = std::fs::read(case.join("document.json")).unwrap();
        let (document, call) = (Document { name: "document.json", format: "", bytes: &bytes }, Call::unlimited());
        let recognised = Keypoints.recognise(document, &call).unwrap();
        assert_eq!((recognised.confidence, recognised.format.as_str()), (95, FORMAT), "{}", case.display());
        let found = describe(&Keypoints.import(document, &call).unwrap());
        assert_eq!(found, expected, "{} gives\n{found:#}", case.display());
    }
}

fn describe(Imported { batch, findings, .. }: &Imported) -> Value {
    batch.check().unwrap();
    assert!(batch.line.iter().all(|line| *line == 0) && batch.value.iter().all(|value| *value == 1));
    let annotation = |index: usize| {
        let payload: Value = serde_json::from_slice(batch.payload(index)).unwrap();
        json!([batch.images[batch.image[index] as usize].path, batch.labels[batch.label[index] as usize], payload])
    };
    let annotations: Vec<_> = (0..batch.len()).map(annotation).collect();
    let images: Vec<_> = batch.images.iter().map(|image| &image.path).collect();
    let findings: Vec<_> = findings.iter().map(|each| json!([each.severity, each.code, each.message])).collect();
    json!({ "images": images, "labels": batch.labels, "annotations": annotations, "findings": findings })
}
