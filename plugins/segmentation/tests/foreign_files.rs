//! Segmentation over small datasets of other tools, beside the checkout: CVAT, pictures of masks.

#![allow(clippy::unwrap_used)] // a test that cannot read its input has failed

#[path = "../../formats/tests/support/foreign_files.rs"]
mod foreign_files;
#[path = "../../formats/tests/support/test_data.rs"]
mod test_data;

use foreign_files::open;
use lightbox_formats::code;
use lightbox_plugin_segmentation::Segmentation;
use lightbox_sdk::bundle::{self, BUNDLE_FORMAT, BundledFile};
use lightbox_sdk::{AnnotationType, Call, Document};

#[test]
fn polygons_of_cvat_become_masks_and_those_without_a_label_are_told() {
    let Some(data) = test_data::find_folder("polygons of CVAT") else { return };
    for (name, masks, unlabelled) in [("cvat-for_images-export_project", 3, 0), ("cvat-for_images-export_task", 0, 1)] {
        let (boxes, findings) = open(&data, name).read_documents(".xml", &Segmentation);
        assert_eq!(boxes.len(), masks);
        let found = findings.iter().filter(|finding| finding.code == code::EMPTY_CLASS && finding.line.is_some());
        assert_eq!(found.count(), unlabelled, "{findings:?}");
    }
}

#[test]
fn pictures_of_pascal_voc_become_masks_named_by_their_numbers() {
    let Some(data) = test_data::find_folder("pictures of masks of Pascal VOC") else { return };
    let (batch, findings, files) = open(&data, "voc_dataset1").read_bundle(&Segmentation);
    let pictures = ["SegmentationClass/2007_000001.png", "SegmentationObject/2007_000001.png"];
    assert_eq!(files, pictures);
    assert_eq!(
        (batch.labels.as_slice(), batch.boxes.as_slice()),
        (&["2".to_owned()][..], &[[0.0, 0.0, 20.0, 10.0]][..])
    );
    assert_eq!(findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>(), [code::NO_CLASS_NAMES]);
}

#[test]
fn ordinary_pictures_are_not_taken_for_masks() {
    let Some(data) = test_data::find_folder("archives of ordinary pictures") else { return };
    for archive in test_data::open_archives(&data) {
        let files: Vec<BundledFile<'_>> =
            archive.entries.iter().map(|(path, _)| BundledFile::new(path.as_str(), Vec::new())).collect();
        let bytes = bundle::encode(&files);
        let document = Document { name: "", format: BUNDLE_FORMAT, bytes: &bytes };
        let found = Segmentation.recognise(document, &Call::unlimited()).unwrap();
        assert_eq!((found.confidence, found.files.len()), (0, 0), "{}: {}", archive.name, found.reason);
    }
}
