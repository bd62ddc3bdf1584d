//! Every folder in `tests/cases` is a document and what becomes of it: `label.csv`, `labelme.json` or `document.xml`, or the
//! files in `bundle` with the sizes of images in `images.json`; and `expected.json`. A new case is a new folder.
//!
//! `expected.json` has one member for every way of reading: `path`, `class`, `value`, `box`, `mask` for the layouts of
//! `label.csv`, `boxes`, `masks`, `labels` for LabelMe, `voc`, `cvat-boxes`, `cvat-masks`, `cvat-tags`, `yolo-boxes`, `yolo-masks`. `annotations` are `[path, label, line, value, box?, payload?]`,
//! `findings` are `[severity, code, line]`.

#![allow(clippy::unwrap_used)] // a test that cannot read its input has failed

use lightbox_formats::label_csv::{self, Layout};
use lightbox_formats::{cvat, labelme, voc, yolo};
use lightbox_sdk::bundle::{self, BundledFile};
use lightbox_sdk::{Batch, Call, Document, Imported};
use serde_json::{Value, json};
use std::collections::BTreeMap;
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
        "voc" | "cvat-boxes" | "cvat-masks" | "cvat-tags" => return read_xml(case, way),
        "yolo-boxes" => return read_yolo(case, yolo::Content::Boxes),
        "yolo-masks" => return read_yolo(case, yolo::Content::Masks),
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

fn read_xml(case: &Path, way: &str) -> Imported {
    let (bytes, call) = (std::fs::read(case.join("document.xml")).unwrap(), Call::unlimited());
    let document = Document { name: "document.xml", format: "", bytes: &bytes };
    match way {
        "voc" => voc::import(document, &call),
        "cvat-boxes" => cvat::import(document, cvat::Content::Boxes, &call),
        "cvat-masks" => cvat::import(document, cvat::Content::Masks, &call),
        _ => cvat::import(document, cvat::Content::OneTag, &call),
    }
    .unwrap()
}

fn read_yolo(case: &Path, content: yolo::Content) -> Imported {
    let mut files = Vec::new();
    let mut folders = vec![case.join("bundle")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let below = path.strip_prefix(case.join("bundle")).unwrap().to_str().unwrap().replace('\\', "/");
                files.push(BundledFile::new(below, std::fs::read(&path).unwrap()));
            }
        }
    }
    let images: BTreeMap<String, [u32; 2]> =
        serde_json::from_slice(&std::fs::read(case.join("images.json")).unwrap()).unwrap();
    files.extend(images.into_iter().map(|(path, [width, height])| BundledFile::image(path, width, height)));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let bytes = bundle::encode(&files);
    yolo::import(Document { name: "", format: yolo::FORMAT, bytes: &bytes }, content, &Call::unlimited()).unwrap()
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
