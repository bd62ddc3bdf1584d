//! Small datasets of other tools as an upload sees them: documents one by one, and the rest as a bundle.

#![allow(dead_code)] // every test program uses another part of this file

use crate::test_data::read_json;
use lightbox_sdk::bundle::{self, BUNDLE_FORMAT, BundledFile};
use lightbox_sdk::{AnnotationType, Batch, Call, Document, Finding};
use serde_json::Value;
use std::path::Path;

/// A dataset of `annotations/`.
pub struct Foreign {
    pub expected: Value,
    /// Path below its folder, and content, sorted.
    pub files: Vec<(String, Vec<u8>)>,
}

pub fn open(data: &Path, name: &str) -> Foreign {
    let (folder, mut files) = (data.join("annotations").join(name), Vec::new());
    collect(&folder, &folder, &mut files);
    files.sort();
    Foreign { expected: read_json(&data.join(format!("annotations/{name}.expected.json"))), files }
}

fn collect(folder: &Path, top: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, top, files);
        } else {
            let below = path.strip_prefix(top).unwrap().to_str().unwrap().replace('\\', "/");
            files.push((below, std::fs::read(&path).unwrap()));
        }
    }
}

impl Foreign {
    /// What the type makes of every document of this extension, together: image, label and box.
    pub fn read_documents(&self, extension: &str, own: &dyn AnnotationType) -> (Vec<Box>, Vec<Finding>) {
        let (mut boxes, mut findings) = (Vec::new(), Vec::new());
        for (name, bytes) in self.files.iter().filter(|(name, _)| name.ends_with(extension)) {
            let found = own.recognise(Document { name, format: "", bytes }, &Call::unlimited()).unwrap();
            assert!(found.shares && found.confidence > 0, "{name}: {}", found.reason);
            let document = Document { name, format: &found.format, bytes };
            let imported = own.import(document, &Call::unlimited()).unwrap();
            imported.batch.check().unwrap();
            boxes.extend(boxes_of(&imported.batch));
            findings.extend(imported.findings);
        }
        (boxes, findings)
    }

    /// What the type makes of the texts and pictures, as a host asks it: recognised from names and texts, and read from
    /// the files that it wants.
    pub fn read_bundle(&self, own: &dyn AnnotationType) -> (Batch, Vec<Finding>, Vec<String>) {
        let is_picture = |path: &str| [".png", ".jpg"].iter().any(|end| path.ends_with(end));
        let listed = self.files.iter().map(|(path, bytes)| match is_picture(path) {
            true => BundledFile::new(path.as_str(), Vec::new()),
            false => BundledFile::new(path.as_str(), bytes.as_slice()),
        });
        let bytes = bundle::encode(&listed.collect::<Vec<_>>());
        let document = Document { name: "", format: BUNDLE_FORMAT, bytes: &bytes };
        let found = own.recognise(document, &Call::unlimited()).unwrap();
        assert!(found.shares && found.confidence > 0, "{}", found.reason);
        let wanted = self.files.iter().filter(|(path, _)| found.files.contains(path));
        let wanted = wanted.map(|(path, bytes)| BundledFile::new(path.as_str(), bytes.as_slice()));
        let bytes = bundle::encode(&wanted.chain(self.images()).collect::<Vec<_>>());
        let document = Document { name: "", format: &found.format, bytes: &bytes };
        let imported = own.import(document, &Call::unlimited()).unwrap();
        imported.batch.check().unwrap();
        (imported.batch, imported.findings, found.files)
    }

    fn images(&self) -> impl Iterator<Item = BundledFile<'_>> {
        let pixels = |image: &Value, side: &str| image[side].as_u64().unwrap() as u32;
        self.expected["images"].as_array().unwrap().iter().map(move |image| {
            BundledFile::image(image["file"].as_str().unwrap(), pixels(image, "width"), pixels(image, "height"))
        })
    }

    /// Whether the boxes are those known, images compared by the ends of their paths.
    pub fn compare(&self, found: Vec<Box>) {
        let mut expected: Vec<Box> = (self.expected["annotations"].as_array().unwrap().iter())
            .filter(|each| each["type"] == "box")
            .map(|each| {
                let bounds: Vec<f64> =
                    each["bbox"].as_array().unwrap().iter().map(|each| each.as_f64().unwrap()).collect();
                let text = |key: &str| each[key].as_str().unwrap().to_owned();
                (text("image"), text("label"), bounds.try_into().unwrap())
            })
            .collect();
        let mut found = found;
        let order = |a: &Box, b: &Box| {
            let name = |each: &Box| each.0.rsplit('/').next().unwrap_or_default().to_owned();
            (name(a), &a.1).cmp(&(name(b), &b.1)).then(a.2.partial_cmp(&b.2).unwrap()).then(a.0.cmp(&b.0))
        };
        expected.sort_by(order);
        found.sort_by(order);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert!(found.0.ends_with(&expected.0) || expected.0.ends_with(&found.0), "{found:?} {expected:?}");
            let is_near = found.2.iter().zip(expected.2).all(|(a, b)| (a - b).abs() < 0.01);
            assert!(found.1 == expected.1 && is_near, "{found:?} {expected:?}");
        }
    }
}

/// Image, label, bounds.
pub type Box = (String, String, [f64; 4]);

pub fn boxes_of(batch: &Batch) -> Vec<Box> {
    let row = |row: usize| {
        let (image, label) = (batch.image[row] as usize, batch.label[row] as usize);
        (batch.images[image].path.clone(), batch.labels[label].clone(), batch.boxes[row])
    };
    (0..batch.len()).map(row).collect()
}
