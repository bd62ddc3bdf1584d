//! Detection over real upload archives and LabelMe files, beside the checkout.

#![allow(clippy::unwrap_used)] // a test that cannot read its input has failed

#[path = "../../formats/tests/support/coco_files.rs"]
mod coco_files;
#[path = "../../formats/tests/support/test_data.rs"]
mod test_data;
#[path = "../../formats/tests/support/uploads.rs"]
mod uploads;

use lightbox_plugin_detection::Detection;
use lightbox_sdk::{AnnotationType, Call, Document};
use std::path::Path;

#[test]
fn label_csv_of_real_archives_gives_the_labels_and_findings_known_of_it() {
    let Some(folder) = test_data::find_folder("label.csv of real archives, detection") else { return };
    let checked = uploads::check_label_csv(&test_data::open_archives(&folder), &Detection);
    let named = ["det", "det-floats", "broken-bbox-outside", "broken-non-numeric", "broken-tab", "broken-header"];
    assert!(named.iter().all(|name| checked.contains(&(*name).to_owned())), "{checked:?}");
}

/// Label and box of every rectangle in a folder of LabelMe files.
fn boxes_of(folder: &Path) -> Vec<(String, String, [f64; 4])> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut boxes = Vec::new();
    for file in files {
        let (name, bytes) = (file.to_str().unwrap(), std::fs::read(&file).unwrap());
        let found = Detection.recognise(Document { name, format: "", bytes: &bytes }, &Call::unlimited()).unwrap();
        assert!(found.shares && found.confidence > 0, "{}", found.reason);
        let document = Document { name, format: &found.format, bytes: &bytes };
        let batch = Detection.import(document, &Call::unlimited()).unwrap().batch;
        boxes.extend((0..batch.len()).map(|index| {
            let (image, label) = (batch.image[index] as usize, batch.label[index] as usize);
            (batch.images[image].path.clone(), batch.labels[label].clone(), batch.boxes[index])
        }));
    }
    boxes
}

#[test]
fn rectangles_of_real_labelme_files_become_boxes() {
    let Some(folder) = test_data::find_folder("rectangles of real LabelMe files") else { return };
    for name in ["labelme-bbox-detection", "labelme-primitives"] {
        let expected = test_data::read_json(&folder.join(format!("annotations/{name}.expected.json")));
        let expected = expected["annotations"].as_array().unwrap();
        let expected: Vec<_> = expected.iter().filter(|each| each["type"] == "rectangle").collect();
        let found = boxes_of(&folder.join("annotations").join(name));
        assert_eq!(found.len(), expected.len());
        for ((image, label, bounds), expected) in found.into_iter().zip(expected) {
            assert!(expected["image"] == image.as_str() && expected["label"] == label.as_str());
            for (number, expected) in bounds.into_iter().zip(expected["bbox"].as_array().unwrap()) {
                assert!((number - expected.as_f64().unwrap()).abs() < 1e-3, "{image} {bounds:?}");
            }
        }
    }
}

#[test]
fn boxes_of_real_coco_files_are_those_known_of_them() {
    let Some(folder) = test_data::find_folder("boxes of real COCO files") else { return };
    for name in ["coco-sharks", "coco-datumaro", "coco-labelme-voc2011"] {
        let known = test_data::read_json(&folder.join(format!("annotations/{name}.expected.json")));
        let found = coco_files::read(&folder.join("annotations").join(name), &Detection);
        assert_eq!(found.labels(), coco_files::labels(&known), "{name}");
        let expected = known["annotations"].as_array().unwrap();
        assert_eq!(found.boxes.len(), expected.len(), "{name}");
        for ((image, label, bounds), expected) in found.boxes.iter().zip(expected) {
            assert!(expected["image"].as_str().unwrap().ends_with(image.as_str()), "{name}: {image}");
            assert_eq!(expected["label"].as_str(), Some(label.as_str()), "{name}");
            assert_eq!(*bounds, coco_files::clipped(&known, expected), "{name}");
        }
    }
}
