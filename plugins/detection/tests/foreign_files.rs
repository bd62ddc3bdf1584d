//! Detection over small datasets of other tools, beside the checkout: Pascal VOC, YOLO, CVAT.

#![allow(clippy::unwrap_used)] // a test that cannot read its input has failed

#[path = "../../formats/tests/support/foreign_files.rs"]
mod foreign_files;
#[path = "../../formats/tests/support/test_data.rs"]
mod test_data;

use foreign_files::{boxes_of, open};
use lightbox_plugin_detection::Detection;
use lightbox_sdk::{AnnotationType, Call, Document, Error};

#[test]
fn pascal_voc_files_give_the_boxes_known_of_them() {
    let Some(data) = test_data::find_folder("Pascal VOC files") else { return };
    for (name, findings) in [("voc-bccd", 0), ("voc_dataset1", 1), ("voc_dataset3", 0)] {
        let foreign = open(&data, name);
        let (boxes, found) = foreign.read_documents(".xml", &Detection);
        assert_eq!(found.len(), findings, "{found:?}");
        foreign.compare(boxes);
    }
}

#[test]
fn odd_pascal_voc_files_give_the_boxes_known_of_them() {
    let Some(data) = test_data::find_folder("odd Pascal VOC files") else { return };
    let foreign = open(&data, "voc_dataset2");
    foreign.compare(foreign.read_documents(".xml", &Detection).0);
}

#[test]
fn yolo_files_of_both_layouts_give_the_boxes_known_of_them() {
    let Some(data) = test_data::find_folder("YOLO files") else { return };
    for (name, labels, files) in [("yolo-datumaro-strict", 10, 4), ("yolo-roboflow", 2, 4)] {
        let foreign = open(&data, name);
        let (batch, findings, wanted) = foreign.read_bundle(&Detection);
        assert_eq!((batch.labels.len(), wanted.len(), findings.len()), (labels, files, 0), "{wanted:?} {findings:?}");
        foreign.compare(boxes_of(&batch));
    }
}

#[test]
fn cvat_files_give_the_boxes_known_of_them_and_count_the_rest() {
    let Some(data) = test_data::find_folder("CVAT files") else { return };
    for (name, images) in [("cvat-for_images-export_project", 6), ("cvat-for_images-export_task", 2)] {
        let foreign = open(&data, name);
        let (boxes, findings) = foreign.read_documents(".xml", &Detection);
        foreign.compare(boxes);
        let count = images / 2;
        let messages: Vec<String> = findings.into_iter().map(|finding| finding.message).collect();
        let expected = ["points", "polyline"]
            .map(|kind| format!("{count} of kind '{kind}': no box, mask or class of an image is made of it"));
        assert_eq!(messages, expected);
    }
}

#[test]
fn a_cvat_file_of_a_video_is_refused_by_name() {
    let Some(data) = test_data::find_folder("a CVAT file of a video") else { return };
    let foreign = open(&data, "cvat-for_video");
    let (name, bytes) = &foreign.files[0];
    let document = Document { name, format: "", bytes };
    let found = Detection.recognise(document, &Call::unlimited()).unwrap();
    assert!(found.confidence == 0 && found.reason.contains("CVAT for video"), "{found:?}");
    let document = Document { format: "cvat", ..document };
    let refused = Detection.import(document, &Call::unlimited());
    assert!(matches!(refused, Err(Error::Unsupported(sentence)) if sentence.contains("CVAT for images 1.1")));
}

#[test]
fn xml_of_the_labelme_web_tool_is_no_pascal_voc() {
    let Some(data) = test_data::find_folder("XML of the LabelMe web tool") else { return };
    let foreign = open(&data, "labelme-xml-mit");
    let (name, bytes) = foreign.files.iter().find(|(name, _)| name.ends_with(".xml")).unwrap();
    let found = Detection.recognise(Document { name, format: "", bytes }, &Call::unlimited()).unwrap();
    assert!(found.confidence == 0 && found.reason.contains("web tool"), "{found:?}");
}
