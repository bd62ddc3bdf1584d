//! Classification over real upload archives, beside the checkout.

#![allow(clippy::unwrap_used)] // a test that cannot read its input has failed

#[path = "../../formats/tests/support/test_data.rs"]
mod test_data;
#[path = "../../formats/tests/support/uploads.rs"]
mod uploads;

use lightbox_plugin_classification::{MultiLabel, SingleLabel};
use lightbox_sdk::{AnnotationType, Call, Document};
use std::collections::BTreeMap;

#[test]
fn label_csv_of_real_archives_gives_the_labels_and_findings_known_of_it() {
    let Some(folder) = test_data::find_folder("label.csv of real archives, classification") else { return };
    let archives = test_data::open_archives(&folder);
    let single = uploads::check_label_csv(&archives, &SingleLabel);
    let multi = uploads::check_label_csv(&archives, &MultiLabel);
    assert!(["cls-single", "broken-quote", "broken-utf16-csv"].iter().all(|name| single.contains(&(*name).to_owned())));
    assert!(["cls-multi", "cls-same-image-two-classes"].iter().all(|name| multi.contains(&(*name).to_owned())));
}

#[test]
fn class_folders_of_real_archives_give_their_classes() {
    let Some(folder) = test_data::find_folder("class folders of real archives") else { return };
    for (archive, counts_of) in [
        ("classes-folder", "classes-folder"),
        ("classes-folder-names", "classes-folder-names"),
        ("classes-folder-nested", "classes-folder-names"),
    ] {
        let expected = test_data::open_archive(&folder.join(format!("zips/{counts_of}.zip"))).expected;
        let archive = test_data::open_archive(&folder.join(format!("zips/{archive}.zip")));
        let paths: Vec<&str> = archive.ending(".png").map(|(name, _)| name).collect();
        let paths = paths.join("\n");
        let document = Document { name: "", format: "class-folders", bytes: paths.as_bytes() };
        assert_eq!(SingleLabel.recognise(document, &Call::unlimited()).unwrap().confidence, 90);
        let imported = SingleLabel.import(document, &Call::unlimited()).unwrap();
        let labels = expected["labels"].as_object().unwrap();
        assert_eq!((imported.batch.labels.len(), imported.findings.len()), (labels.len(), 0));
        for (number, label) in imported.batch.labels.iter().enumerate() {
            let count = imported.batch.label.iter().filter(|each| **each as usize == number).count();
            assert_eq!(labels[label]["images"], count, "{label}");
        }
    }
}

#[test]
fn labels_of_real_labelme_files_are_those_present() {
    let Some(folder) = test_data::find_folder("labels of real LabelMe files") else { return };
    let archive = test_data::open_archive(&folder.join("zips/labelme.zip"));
    let mut images_per_label = BTreeMap::new();
    for (name, bytes) in archive.ending(".json") {
        let found = MultiLabel.recognise(Document { name, format: "", bytes }, &Call::unlimited()).unwrap();
        assert!(found.shares && found.confidence > 0);
        let imported = MultiLabel.import(Document { name, format: &found.format, bytes }, &Call::unlimited()).unwrap();
        imported.batch.labels.into_iter().for_each(|label| *images_per_label.entry(label).or_insert(0) += 1);
    }
    let expected = archive.expected["classification_by_presence"].as_object().unwrap();
    assert_eq!(images_per_label.len(), expected.len());
    assert!(images_per_label.iter().all(|(label, count)| expected[label]["images"] == *count));
}

#[test]
fn a_json_that_is_no_labelme_file_says_why() {
    let Some(folder) = test_data::find_folder("broken LabelMe files") else { return };
    let archive = test_data::open_archive(&folder.join("zips/labelme-bad-json.zip"));
    for (name, part) in [("broken.json", "not valid JSON"), ("notlabelme.json", "JSON, but not LabelMe")] {
        let document = Document { name, format: "", bytes: archive.find(name).unwrap() };
        let found = MultiLabel.recognise(document, &Call::unlimited()).unwrap();
        assert!(found.confidence == 0 && found.reason.contains(part), "{found:?}");
    }
}

#[test]
fn the_flag_that_is_true_is_the_label_of_a_real_file() {
    let Some(folder) = test_data::find_folder("flags of real LabelMe files") else { return };
    for (file, label) in [("0001.json", "cat"), ("0002.json", "dog")] {
        let bytes = std::fs::read(folder.join("annotations/labelme-classification").join(file)).unwrap();
        let document = Document { name: file, format: "labelme", bytes: &bytes };
        assert_eq!(MultiLabel.import(document, &Call::unlimited()).unwrap().batch.labels, [label]);
    }
}

#[test]
fn labels_of_a_real_coco_file_are_those_of_its_annotations() {
    let Some(folder) = test_data::find_folder("labels of real COCO files") else { return };
    for (split, image) in [("train", "a.jpg"), ("val", "b.jpg")] {
        let name = format!("annotations/coco-datumaro/annotations/labels_{split}.json");
        let bytes = std::fs::read(folder.join(&name)).unwrap();
        let types: [&dyn AnnotationType; 2] = [&SingleLabel, &MultiLabel];
        let found = types.map(|each| {
            let document = Document { name: &name, format: "", bytes: &bytes };
            let found = each.recognise(document, &Call::unlimited()).unwrap();
            (found.confidence > 0).then(|| {
                let document = Document { format: &found.format, ..document };
                each.import(document, &Call::unlimited()).unwrap().batch
            })
        });
        let batches: Vec<_> = found.into_iter().flatten().collect();
        assert_eq!(batches.len(), 1, "one of the types reads it");
        assert_eq!(
            (batches[0].labels.as_slice(), batches[0].images[0].path.as_str()),
            (&["a".into(), "b".into()][..], image)
        );
        let json = test_data::read_json(&folder.join(&name));
        assert_eq!(batches[0].len(), json["annotations"].as_array().unwrap().len());
    }
}
