//! Every folder in `tests/cases` is a document and what becomes of it: `label.csv` or `labelme.json`, and
//! `expected.json`. A new case is a new folder.
//!
//! `expected.json` has one member for every way of reading: `path`, `class`, `value`, `box`, `mask` for the layouts of
//! `label.csv`, `boxes`, `masks`, `labels` for LabelMe. `annotations` are `[path, label, line, value, box?, payload?]`,
//! `findings` are `[severity, code, line]`.

#![allow(clippy::unwrap_used)] // a test that cannot read its input has failed

use lightbox_formats::label_csv::{self, Layout};
use lightbox_formats::labelme;
use lightbox_sdk::{Batch, Call, Document, Imported};
use serde_json::{Value, json};
use std::path::Path;

#[test]
fn every_case_gives_what_it_expects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty());
    for case in cases {
        let expected: Value = serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap()).unwrap();
        for (way, expected) in expected.as_object().unwrap() {
            let found = describe(read(&case, way));
            assert_eq!(&found, expected, "{} read as {way} gives\n{found}", case.display());
        }
    }
}

fn read(case: &Path, way: &str) -> Imported {
    let call = Call::unlimited();
    let layout = match way {
        "path" => Layout::Path,
        "class" => Layout::Class,
        "value" => Layout::ClassValue,
        "box" => Layout::Box,
        "mask" => Layout::Mask,
        _ => {
            let bytes = std::fs::read(case.join("labelme.json")).unwrap();
            let document = Document { name: "labelme.json", format: labelme::FORMAT, bytes: &bytes };
            return match way {
                "boxes" => labelme::import_boxes(document, &call),
                "masks" => labelme::import_masks(document, &call),
                "labels" => labelme::import_labels(document, &call),
                other => panic!("{other} is no way of reading"),
            }
            .unwrap();
        }
    };
    label_csv::import(&std::fs::read(case.join("label.csv")).unwrap(), layout, &call).unwrap()
}

fn describe(imported: Imported) -> Value {
    imported.batch.check().unwrap();
    let findings: Vec<_> = imported.findings.iter().map(|each| json!([each.severity, each.code, each.line])).collect();
    let batch = imported.batch;
    let annotations: Vec<_> = (0..batch.len()).map(|index| annotation(&batch, index)).collect();
    let images: Vec<_> = batch.images.iter().map(|image| &image.path).collect();
    json!({ "images": images, "labels": batch.labels, "annotations": annotations, "findings": findings })
}

fn annotation(batch: &Batch, index: usize) -> Value {
    let (image, label) = (batch.image[index] as usize, batch.label[index] as usize);
    let plain = json!([batch.images[image].path, batch.labels[label], batch.line[index], batch.value[index]]);
    let mut cells = plain.as_array().unwrap().clone();
    cells.extend(batch.boxes.get(index).map(|bounds| json!(bounds)));
    if !batch.payload_ends.is_empty() {
        cells.push(json!(str::from_utf8(batch.payload(index)).unwrap()));
    }
    Value::Array(cells)
}
