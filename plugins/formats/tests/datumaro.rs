//! What Datumaro writes is read with its boxes and masks, and what is written here Datumaro reads the same.
//!
//! Needs a Python with Datumaro: `python3`, or the one that `LIGHTBOX_PYTHON` names.

#![allow(clippy::unwrap_used)] // a test that cannot read its input has failed

use lightbox_formats::{cvat, png_masks, voc, yolo};
use lightbox_sdk::bundle::{self, BUNDLE_FORMAT, BundledFile};
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Batch, Call, Document, Exported, ImageRef, Imported};
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// Image without folder and extension, `box` or `mask`, label, `[x, y, width, height]`, area.
type Row = (String, String, String, [f64; 4], f64);

const SIZE: [u32; 2] = [40, 30];

/// Runs the script beside; `None` after saying on stderr that the test is skipped and why.
fn bridge(way: &str, format: &str, folder: &Path) -> Option<String> {
    let python = std::env::var("LIGHTBOX_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    static HAS_DATUMARO: OnceLock<bool> = OnceLock::new();
    let has_datumaro = HAS_DATUMARO.get_or_init(|| {
        let tried = Command::new(&python).args(["-c", "import datumaro"]).output();
        tried.is_ok_and(|output| output.status.success())
    });
    if !has_datumaro {
        eprintln!("SKIPPED {way} {format}: {python} has no datumaro; set LIGHTBOX_PYTHON to one that has");
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/datumaro_bridge.py");
    let output = Command::new(&python).arg(script).args([way, format]).arg(folder).output().unwrap();
    assert!(output.status.success(), "{format}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// What Datumaro itself reads in a folder.
fn rows_of_datumaro(format: &str, folder: &Path) -> Option<Vec<Row>> {
    let printed = bridge("read", format, folder)?;
    Some(serde_json::from_str(&printed).unwrap())
}

fn rows_of(batch: &Batch) -> Vec<Row> {
    let row = |row: usize| {
        let path = &batch.images[batch.image[row] as usize].path;
        let name = path.rsplit('/').next().unwrap_or_default();
        let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let rle = batch.payload(row).split(|byte| *byte == b'/').next_back().unwrap_or_default();
        let mask = (!rle.is_empty()).then(|| Mask::from_coco(SIZE[0], SIZE[1], rle).unwrap());
        let bounds = batch.boxes[row];
        let (kind, area) = mask.map_or(("box", bounds[2] * bounds[3]), |mask| ("mask", mask.area() as f64));
        (name.to_owned(), kind.to_owned(), batch.labels[batch.label[row] as usize].clone(), bounds, area)
    };
    (0..batch.len()).map(row).collect()
}

fn compare(mut found: Vec<Row>, mut expected: Vec<Row>, what: &str) {
    let order = |a: &Row, b: &Row| (&a.0, &a.2).cmp(&(&b.0, &b.2)).then(a.3.partial_cmp(&b.3).unwrap());
    found.sort_by(order);
    expected.sort_by(order);
    assert_eq!(found.len(), expected.len(), "{what}");
    assert!(!found.is_empty(), "{what}");
    for (found, expected) in found.iter().zip(&expected) {
        let is_near = found.3.iter().zip(expected.3).all(|(a, b)| (a - b).abs() < 1e-4);
        let is_same = (&found.0, &found.1, &found.2) == (&expected.0, &expected.1, &expected.2);
        assert!(is_same && is_near && (found.4 - expected.4).abs() < 0.01, "{what}: {found:?} {expected:?}");
    }
}

fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
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
    let mut files = Vec::new();
    collect(folder, folder, &mut files);
    files.sort();
    files
}

fn read_documents(files: &[(String, Vec<u8>)], import: impl Fn(Document<'_>) -> Imported) -> Vec<Row> {
    let documents = files.iter().filter(|(path, _)| path.ends_with(".xml"));
    documents.flat_map(|(name, bytes)| rows_of(&import(Document { name, format: "", bytes }).batch)).collect()
}

/// As a host reads it: images are those that are not wanted as masks.
fn read_bundle(files: &[(String, Vec<u8>)], is_masks: bool) -> Vec<Row> {
    let is_picture = |path: &str| path.ends_with(".png");
    let listed: Vec<BundledFile<'_>> = files
        .iter()
        .map(|(path, bytes)| BundledFile::new(path.as_str(), if is_picture(path) { &[][..] } else { bytes.as_slice() }))
        .collect();
    let bytes = bundle::encode(&listed);
    let (document, call) = (Document { name: "", format: BUNDLE_FORMAT, bytes: &bytes }, Call::unlimited());
    let recognition = if is_masks {
        png_masks::recognise(document, &call).unwrap()
    } else {
        yolo::recognise(document, yolo::Content::Boxes, &call).unwrap()
    };
    assert!(recognition.confidence > 0, "{}", recognition.reason);
    let file = |(path, bytes): &(String, Vec<u8>)| match recognition.files.contains(path) {
        true => Some(BundledFile::new(path.clone(), bytes.clone())),
        false if is_picture(path) => Some(BundledFile::image(path.clone(), SIZE[0], SIZE[1])),
        false => None,
    };
    let bytes = bundle::encode(&files.iter().filter_map(file).collect::<Vec<_>>());
    let document = Document { name: "", format: &recognition.format, bytes: &bytes };
    let imported = if is_masks {
        png_masks::import(document, &call).unwrap()
    } else {
        yolo::import(document, yolo::Content::Boxes, &call).unwrap()
    };
    assert!(imported.findings.is_empty(), "{:?}", imported.findings);
    rows_of(&imported.batch)
}

#[test]
fn what_datumaro_writes_is_read_as_it_reads_it() {
    let call = Call::unlimited();
    for format in ["voc_detection", "yolo", "yolo_ultralytics", "cvat", "cvat+masks", "voc_segmentation"] {
        let folder = tempfile::tempdir().unwrap();
        let Some(_) = bridge("write", format, folder.path()) else { return };
        let by_datumaro = if format == "yolo_ultralytics" { "yolo" } else { format.trim_end_matches("+masks") };
        let expected = rows_of_datumaro(by_datumaro, folder.path()).unwrap();
        let files = files_below(folder.path());
        let found = match format {
            "voc_detection" => read_documents(&files, |document| voc::import(document, &call).unwrap()),
            "cvat" => read_documents(&files, |document| cvat::import(document, cvat::Content::Boxes, &call).unwrap()),
            "cvat+masks" => {
                read_documents(&files, |document| cvat::import(document, cvat::Content::Masks, &call).unwrap())
            }
            "voc_segmentation" => read_bundle(&files, true),
            _ => read_bundle(&files, false),
        };
        compare(found, expected, format);
    }
}

fn sample(root: &str) -> Batch {
    let image = |name: &str| ImageRef { path: format!("{root}{name}.png"), width: SIZE[0], height: SIZE[1], line: 0 };
    Batch {
        labels: ["cat", "the dog & \"co\"", "001", "unused"].map(str::to_owned).to_vec(),
        images: ["one", "two", "empty"].map(image).to_vec(),
        image: vec![0, 0, 1],
        label: vec![0, 1, 2],
        line: vec![0; 3],
        value: vec![1; 3],
        boxes: vec![[1.0, 2.0, 10.0, 5.0], [20.5, 0.0, 7.25, 30.0], [0.0, 0.0, 40.0, 30.0]],
        ..Batch::default()
    }
}

fn sample_of_masks() -> Batch {
    let mut batch = sample("images/");
    for (row, each) in batch.boxes.clone().into_iter().enumerate() {
        let [left, top, width, height] = each.map(|number| number as u32);
        let inside = |at: u32| {
            let (x, y) = (at % SIZE[0], at / SIZE[0]);
            let is_inside = (left..left + width).contains(&x) && (top..top + height).contains(&y);
            u8::from(is_inside && (x, y) != (left + 1, top + 1))
        };
        let mask = Mask::from_pixels(SIZE[0], SIZE[1], &(0..SIZE[0] * SIZE[1]).map(inside).collect::<Vec<_>>());
        batch.boxes[row] = mask.bounding_box();
        batch.push_payload(mask.to_coco().as_bytes());
    }
    batch
}

/// The export as it lies on a disk, with its images.
fn unpack(exported: &Exported, batch: &Batch) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    exported.files.iter().for_each(|(path, bytes)| write(path, bytes));
    let mut picture = Vec::new();
    let mut encoder = png::Encoder::new(&mut picture, SIZE[0], SIZE[1]);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&vec![7; (SIZE[0] * SIZE[1] * 3) as usize]).unwrap();
    batch.images.iter().for_each(|image| write(&image.path, &picture));
    folder
}

#[test]
fn what_is_written_datumaro_reads_with_the_same_boxes_and_masks() {
    let call = Call::unlimited();
    let (in_voc, in_images, masks) = (sample("JPEGImages/"), sample("images/"), sample_of_masks());
    let table = [
        ("voc_detection", &in_voc, voc::export(&in_voc, &call).unwrap()),
        ("yolo", &in_images, yolo::export(&in_images, &call).unwrap()),
        ("common_semantic_segmentation", &masks, png_masks::export(&masks, &call).unwrap()),
    ];
    for (format, batch, exported) in table {
        let folder = unpack(&exported, batch);
        let Some(found) = rows_of_datumaro(format, folder.path()) else { return };
        compare(found, rows_of(batch), format);
    }
}
