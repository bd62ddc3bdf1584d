//! Every folder in `tests/cases` is a COCO document and what becomes of it, through the functions that a server calls. A
//! new case is a new folder.
//!
//! `annotations` are `[path, label, payload]`, `findings` are `[severity, code, message]`.

#![allow(clippy::unwrap_used)] // in a test a panic is the report

use example_plugin_keypoints::FORMAT;
use lightbox_sdk::{AnnotationType, Call, Document, Imported};
use serde_json::{Value, json};
use std::path::Path;

#[test]
fn every_case_is_recognised_gives_what_it_expects_and_survives_the_way_to_coco_and_back() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty());
    let keypoints = lightbox_sdk::exported_plugin!().unwrap().require_annotation_type("keypoints").unwrap();
    for case in cases {
        let expected: Value = serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap()).unwrap();
        let bytes = std::fs::read(case.join("document.json")).unwrap();
        let (document, call) = (Document { name: "document.json", format: "", bytes: &bytes }, Call::unlimited());
        let recognised = keypoints.recognise(document, &call).unwrap();
        assert_eq!((recognised.confidence, recognised.format.as_str()), (95, FORMAT), "{}", case.display());
        let imported = keypoints.import(document, &call).unwrap();
        let found = describe(&imported);
        assert_eq!(found, expected, "{} gives\n{found:#}", case.display());

        let written = keypoints.export(imported.batch.clone(), FORMAT, &call).unwrap().files;
        let (name, bytes) = &written[0];
        let again = keypoints.import(Document { name, format: FORMAT, bytes }, &call).unwrap();
        assert_eq!((again.batch, again.findings), (imported.batch, vec![]), "{}", case.display());
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
