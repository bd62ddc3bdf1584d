//! Every folder in `tests/coco_cases` is a COCO document and what becomes of it: `document.json`, and `expected.json` with one
//! member for every way of reading: `boxes`, `masks`, `one-class`, `many-classes`. A new case is a new folder.
//!
//! `annotations` are `[path, label, line, value, box?, payload?]`, `findings` are `[severity, code, line, sentence]`.

#![allow(clippy::unwrap_used)] // a test that cannot read its input has failed

use lightbox_formats::coco::{self, Content};
use lightbox_sdk::{Batch, Call, Document};
use serde_json::{Value, json};
use std::path::Path;

#[test]
fn every_case_gives_what_it_expects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/coco_cases");
    let mut cases: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty());
    for case in cases {
        let document = std::fs::read(case.join("document.json")).unwrap();
        let expected: Value = serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap()).unwrap();
        for (way, expected) in expected.as_object().unwrap() {
            let found = read(&document, way);
            assert_eq!(&found, expected, "{} read as {way} gives\n{found}", case.display());
        }
    }
}

fn read(bytes: &[u8], way: &str) -> Value {
    let content = match way {
        "boxes" => Content::Boxes,
        "masks" => Content::Masks,
        "one-class" => Content::OneClass,
        "many-classes" => Content::ManyClasses,
        other => panic!("{other} is no way of reading"),
    };
    let document = Document { name: "document.json", format: coco::FORMAT, bytes };
    let imported = coco::import(document, content, &Call::unlimited()).unwrap();
    imported.batch.check().unwrap();
    let findings = imported.findings.iter().map(|each| json!([each.severity, each.code, each.line, each.message]));
    let batch = &imported.batch;
    json!({
        "labels": batch.labels,
        "images": batch.images.iter().map(|image| json!([image.path, image.line])).collect::<Vec<_>>(),
        "annotations": (0..batch.len()).map(|index| annotation(batch, index)).collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
    })
}

fn annotation(batch: &Batch, index: usize) -> Value {
    let (image, label) = (batch.image[index] as usize, batch.label[index] as usize);
    let mut cells = vec![
        json!(batch.images[image].path),
        json!(batch.labels[label]),
        json!(batch.line[index]),
        json!(batch.value[index]),
    ];
    cells.extend(batch.boxes.get(index).map(|bounds| json!(bounds)));
    if !batch.payload_ends.is_empty() {
        cells.push(json!(str::from_utf8(batch.payload(index)).unwrap()));
    }
    Value::Array(cells)
}
