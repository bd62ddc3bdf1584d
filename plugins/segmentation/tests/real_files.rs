//! Segmentation over real upload archives and LabelMe files, beside the checkout.

#![allow(clippy::unwrap_used)] // a test that cannot read its input has failed

#[path = "../../formats/tests/support/coco_files.rs"]
mod coco_files;
#[path = "../../formats/tests/support/test_data.rs"]
mod test_data;
#[path = "../../formats/tests/support/uploads.rs"]
mod uploads;

use lightbox_plugin_segmentation::Segmentation;
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{AnnotationType, Batch, Call, Document};
use std::collections::BTreeMap;

#[test]
fn label_csv_of_real_archives_gives_the_labels_and_findings_known_of_it() {
    let Some(folder) = test_data::find_folder("label.csv of real archives, segmentation") else { return };
    let checked = uploads::check_label_csv(&test_data::open_archives(&folder), &Segmentation);
    let named = ["seg", "broken-mask", "broken-mask-bomb"];
    assert!(named.iter().all(|name| checked.contains(&(*name).to_owned())), "{checked:?}");
}

/// Imports and validates with one size for all images; that size must be the images' own.
fn read(name: &str, format: &str, bytes: &[u8], size: [u32; 2]) -> Batch {
    let mut batch = Segmentation.import(Document { name, format, bytes }, &Call::unlimited()).unwrap().batch;
    for image in &mut batch.images {
        [image.width, image.height] = size;
    }
    let validated = Segmentation.validate(batch, &Call::unlimited()).unwrap();
    assert_eq!(validated.findings, []);
    validated.batch
}

fn areas(batch: &Batch) -> impl Iterator<Item = (&str, u64)> {
    (0..batch.len()).map(|index| {
        let image = &batch.images[batch.image[index] as usize];
        let mask = Mask::from_coco(image.width, image.height, batch.payload(index)).unwrap();
        (batch.labels[batch.label[index] as usize].as_str(), mask.area())
    })
}

#[test]
fn masks_of_a_real_label_csv_have_the_pixels_that_were_drawn() {
    let Some(folder) = test_data::find_folder("masks of a real label.csv") else { return };
    let archive = test_data::open_archive(&folder.join("zips/seg.zip"));
    let batch = read("label.csv", "deepq-csv", archive.find("label.csv").unwrap(), [256, 256]);
    let mut found: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    areas(&batch).for_each(|(label, area)| found.entry(label).or_default().push(area));
    for (label, expected) in archive.expected["mask_pixels_per_label"].as_object().unwrap() {
        let own = found.get_mut(label.as_str()).unwrap();
        own.sort_unstable();
        assert_eq!(serde_json::json!(own), *expected, "{label}");
    }
}

#[test]
fn polygons_of_real_labelme_files_have_as_many_pixels_as_pycocotools_gives_them() {
    let Some(folder) = test_data::find_folder("polygons of real LabelMe files") else { return };
    let known = test_data::read_json(&folder.join("annotations/labelme-instance-segmentation.expected.json"));
    for image in known["images"].as_array().unwrap() {
        let picture = image["file"].as_str().unwrap();
        let name = picture.replace(".jpg", ".json");
        let bytes = std::fs::read(folder.join("annotations/labelme-instance-segmentation").join(&name)).unwrap();
        let size = ["width", "height"].map(|each| image[each].as_u64().unwrap() as u32);
        let batch = read(&name, "labelme", &bytes, size);
        let of_image = known["annotations"].as_array().unwrap().iter().filter(|each| each["image"] == picture);
        let expected: Vec<_> = of_image.collect();
        assert_eq!(batch.len(), expected.len(), "{name}");
        for ((label, area), expected) in areas(&batch).zip(expected) {
            assert_eq!(label, expected["label"].as_str().unwrap());
            assert_eq!(expected["mask_area"]["pycocotools"], area, "{label} {expected}");
        }
    }
}

#[test]
fn shapes_of_real_labelme_files_become_as_many_masks() {
    let Some(folder) = test_data::find_folder("masks of real LabelMe files") else { return };
    let archive = test_data::open_archive(&folder.join("zips/labelme.zip"));
    let mut instances = BTreeMap::new();
    for (name, bytes) in archive.ending(".json") {
        let found = Segmentation.recognise(Document { name, format: "", bytes }, &Call::unlimited()).unwrap();
        if found.confidence > 0 {
            let document = Document { name, format: &found.format, bytes };
            let batch = Segmentation.import(document, &Call::unlimited()).unwrap().batch;
            batch
                .label
                .iter()
                .for_each(|label| *instances.entry(batch.labels[*label as usize].clone()).or_insert(0) += 1);
        }
    }
    let expected = archive.expected["segmentation"].as_object().unwrap();
    assert_eq!(instances.len(), expected.len());
    assert!(instances.iter().all(|(label, count)| expected[label]["instances"] == *count), "{instances:?}");
}

#[test]
fn a_real_shape_of_kind_mask_lies_where_its_points_are() {
    let Some(folder) = test_data::find_folder("a real LabelMe file with a mask") else { return };
    let bytes = std::fs::read(folder.join("annotations/labelme-primitives/primitives.json")).unwrap();
    let batch = read("primitives.json", "labelme", &bytes, [560, 450]);
    assert_eq!(batch.labels, ["polygon", "octagon"]);
    let [x, y, width, height] = batch.boxes[1];
    assert!(x >= 417.0 && y >= 305.0 && x + width <= 518.0 && y + height <= 405.0 && width.min(height) > 90.0);
}

#[test]
fn masks_of_real_coco_files_have_as_many_pixels_as_pycocotools_gives_them() {
    let Some(folder) = test_data::find_folder("masks of real COCO files") else { return };
    for name in ["coco-sharks", "coco-datumaro", "coco-labelme-voc2011", "coco-rle-results"] {
        let known = test_data::read_json(&folder.join(format!("annotations/{name}.expected.json")));
        let found = coco_files::read(&folder.join("annotations").join(name), &Segmentation);
        let expected = known["annotations"].as_array().unwrap().iter().filter(|each| each["type"] == "mask");
        let expected: Vec<_> = expected.collect();
        assert_eq!(found.areas.len(), expected.len(), "{name}");
        for ((image, label, area), expected) in found.areas.iter().zip(expected) {
            assert!(expected["image"].as_str().unwrap().ends_with(image.as_str()), "{name}: {image}");
            assert_eq!(expected["label"].as_str(), Some(label.as_str()), "{name}");
            assert_eq!(expected["mask_area"]["pycocotools"], *area, "{name}: {expected}");
        }
        if name == "coco-rle-results" {
            assert_eq!(found.labels(), coco_files::labels(&known));
        }
    }
}
