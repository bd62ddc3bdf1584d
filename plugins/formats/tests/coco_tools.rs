//! Polygons are filled as pycocotools fills them, and pycocotools and Datumaro read the COCO that is written here.
//!
//! Needs a Python with them: `python3`, or the one that `LIGHTBOX_PYTHON` names.

#![allow(clippy::unwrap_used)] // a test that cannot read its input has failed

use lightbox_formats::coco::{self, Content};
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Batch, Call, ImageRef};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const SIZE: [u32; 2] = [40, 30];

/// What the script beside prints; `None` after saying on stderr that the test is skipped and why.
fn ask(module: &str, arguments: &[&str], input: &str) -> Option<Value> {
    let python = std::env::var("LIGHTBOX_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_module = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    if !has_module.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED {}: {python} has no {module}; set LIGHTBOX_PYTHON to one that has", arguments[0]);
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/coco_tools.py");
    let mut command = Command::new(&python);
    command.arg(script).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    Some(serde_json::from_str(printed.trim_end().lines().next_back().unwrap()).unwrap())
}

type Picture = (u32, u32, Vec<Vec<f64>>);

/// Polygons inside, across and outside of small images, with corners on pixels, between them and anywhere.
fn draw_pictures() -> impl Strategy<Value = Vec<Picture>> {
    let coordinate = prop_oneof![
        (-5..60i32).prop_map(f64::from),
        (-25..300i32).prop_map(|fifth| f64::from(fifth) / 5.0),
        -10.0..60.0f64,
        (-60..600i32).prop_map(|tenth| f64::from(tenth) / 10.0),
    ];
    let polygon =
        prop::collection::vec([coordinate.clone(), coordinate], 3..9).prop_map(|points| points.into_flattened());
    prop::collection::vec((1..50u32, 1..50u32, prop::collection::vec(polygon, 1..4)), 500)
}

#[test]
fn polygons_are_filled_to_the_pixel_as_pycocotools_fills_them() {
    let pictures = draw_pictures().new_tree(&mut TestRunner::default()).unwrap().current();
    let Some(filled) = ask("pycocotools", &["fill"], &json!(pictures).to_string()) else { return };
    let filled: Vec<String> = serde_json::from_value(filled).unwrap();
    for ((width, height, polygons), expected) in pictures.iter().zip(&filled) {
        let own = Mask::from_polygons(*width, *height, polygons, &Call::unlimited()).unwrap();
        let expected = Mask::from_coco(*width, *height, expected.as_bytes()).unwrap();
        assert_eq!(own.to_pixels(1), expected.to_pixels(1), "{width} × {height} {polygons:?}");
    }
    assert_eq!(filled.len(), pictures.len());
}

fn sample() -> Batch {
    let image = |name: &&str| ImageRef { path: format!("images/{name}.png"), width: SIZE[0], height: SIZE[1], line: 0 };
    let mut batch = Batch {
        labels: ["cat", "the dog & \"co\"", "001", "unused"].map(str::to_owned).to_vec(),
        images: ["one", "x/two", "empty"].iter().map(image).collect(),
        image: vec![0, 0, 1],
        label: vec![0, 1, 2],
        line: vec![0; 3],
        value: vec![1; 3],
        ..Batch::default()
    };
    let polygons = [
        [1.0, 2.0, 11.0, 2.0, 11.0, 7.0, 1.0, 7.0],
        [20.5, 0.0, 39.0, 3.0, 30.0, 29.0, 21.0, 9.0],
        [0.0, 0.0, 40.0, 0.0, 40.0, 30.0, 0.0, 30.0],
    ];
    for polygon in polygons {
        let mask = Mask::from_polygons(SIZE[0], SIZE[1], &[polygon], &Call::unlimited()).unwrap();
        batch.boxes.push(mask.bounding_box());
        batch.push_payload(mask.to_coco().as_bytes());
    }
    batch
}

/// What the other tools should say of the sample.
fn expected(batch: &Batch, content: Content) -> Vec<Value> {
    let row = |row: usize| {
        let path = &batch.images[batch.image[row] as usize].path;
        let name = path.trim_start_matches("images/").trim_end_matches(".png");
        let label = &batch.labels[batch.label[row] as usize];
        let [x, y, width, height] = batch.boxes[row];
        let area = Mask::from_coco(SIZE[0], SIZE[1], batch.payload(row)).unwrap().area() as f64;
        match content {
            Content::Boxes => json!([name, "box", label, x, y, width, height, width * height]),
            Content::Masks => json!([name, "mask", label, x, y, width, height, area]),
            _ => json!([name, "label", label, 0.0, 0.0, 0.0, 0.0, 0.0]),
        }
    };
    sorted((0..batch.len()).map(row).collect())
}

fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    for number in rows.iter_mut().filter_map(Value::as_array_mut).flatten() {
        if let Some(float) = number.as_f64() {
            *number = json!(float);
        }
    }
    rows.sort_by_key(Value::to_string);
    rows
}

fn unpack(batch: &Batch, content: Content) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    let mut picture = Vec::new();
    let mut encoder = png::Encoder::new(&mut picture, SIZE[0], SIZE[1]);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&vec![7; (SIZE[0] * SIZE[1] * 3) as usize]).unwrap();
    batch.images.iter().for_each(|image| write(&image.path, &picture));
    let exported = coco::export(batch, content, &Call::unlimited()).unwrap();
    exported.files.iter().for_each(|(path, bytes)| write(path, bytes));
    folder
}

#[test]
fn what_is_written_other_tools_read_with_the_same_boxes_masks_and_classes() {
    let batch = sample();
    for tool in ["pycocotools", "datumaro"] {
        for content in [Content::Boxes, Content::Masks, Content::OneClass] {
            let folder = unpack(&batch, content);
            let Some(found) = ask(tool, &[tool, folder.path().to_str().unwrap()], "") else { return };
            let found = sorted(serde_json::from_value(found).unwrap());
            assert_eq!(found, expected(&batch, content), "{tool} {content:?}");
        }
    }
}
