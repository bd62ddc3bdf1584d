//! What holds for every document: nothing makes a reader panic, every row is accounted for, and what was written reads
//! back.

#![allow(clippy::unwrap_used)] // a test that cannot read its input has failed

use lightbox_formats::label_csv::{self, Layout, Rows};
use lightbox_formats::{class_folders, labelme};
use lightbox_sdk::{Batch, Call, Document, Error};
use proptest::prelude::*;
use std::collections::HashSet;

const LAYOUTS: [Layout; 5] = [Layout::Path, Layout::Class, Layout::ClassValue, Layout::Box, Layout::Mask];

/// Bytes that look like tables often enough to get past the first line.
fn draw_bytes() -> impl Strategy<Value = Vec<u8>> {
    let likely = prop::sample::select(b",,,\n\n\r;\t\"\"ab01. \xef\xbb\xbf\xff\xfe\0".to_vec());
    prop::collection::vec(prop_oneof![8 => likely, 1 => any::<u8>()], 0..200)
}

/// Pieces of LabelMe files in any order.
fn draw_labelme() -> impl Strategy<Value = String> {
    let shape = prop::sample::select(vec![
        r#"{"label":"a","shape_type":"rectangle","points":[[1,2],[3,4]]}"#,
        r#"{"label":"a","points":[[-1e8,2],[3,1e8],[5,-7.5],[2,2]],"group_id":0}"#,
        r#"{"label":"b","points":[[1,1],[1,1],[1,1]],"group_id":0}"#,
        r#"{"label":"b","shape_type":"mask","points":[[1,1],[2,2]],"mask":"iVBORw0KGgo="}"#,
        r#"{"label":"","shape_type":"circle","points":[]}"#,
        r#"{"points":7}"#,
        "null",
    ]);
    let size = prop::sample::select(vec!["9", "0", "-1", "4294967295", "1e3", "null", "\"7\""]);
    (prop::collection::vec(shape, 0..6), size.clone(), size).prop_map(|(shapes, width, height)| {
        let shapes = shapes.join(",");
        format!(r#"{{"imagePath":"a.png","imageWidth":{width},"imageHeight":{height},"shapes":[{shapes}]}}"#)
    })
}

/// Text that a column may hold, never blank, never read as a byte-order mark.
fn draw_text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 ,\"\n./_-肺é]{1,10}".prop_filter("not blank", |text| !text.trim().is_empty())
}

fn draw_rows() -> impl Strategy<Value = Vec<(String, String, [f64; 4], u8)>> {
    let bounds = prop::array::uniform4(prop::num::f64::NORMAL | prop::num::f64::ZERO);
    prop::collection::vec((draw_text(), draw_text(), bounds, 0..2u8), 0..12)
}

fn write(layout: Layout, batch: &Batch) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).flexible(true).from_writer(Vec::new());
    for index in 0..batch.len() {
        let mut cells = vec![
            batch.images[batch.image[index] as usize].path.clone(),
            batch.labels[batch.label[index] as usize].clone(),
        ];
        match layout {
            Layout::ClassValue => cells.push(batch.value[index].to_string()),
            Layout::Box => cells.extend(batch.boxes[index].map(|number| number.to_string())),
            _ => {}
        }
        writer.write_record(&cells).unwrap();
    }
    writer.into_inner().unwrap()
}

/// The annotations without their lines, which writing changes.
fn content(batch: Batch) -> Batch {
    let images = batch.images.into_iter().map(|image| lightbox_sdk::ImageRef { line: 0, ..image }).collect();
    Batch { line: vec![0; batch.line.len()], images, ..batch }
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in draw_bytes()) {
        let call = Call::unlimited();
        for layout in LAYOUTS {
            let imported = label_csv::import(&bytes, layout, &call).unwrap();
            prop_assert!(imported.batch.check().is_ok());
        }
        label_csv::survey(&bytes, &call).unwrap();
        prop_assert!(class_folders::import(&bytes, &call).unwrap().batch.check().is_ok());
        let document = Document { name: "a.json", format: labelme::FORMAT, bytes: &bytes };
        prop_assert!(matches!(labelme::import_labels(document, &call), Err(Error::Corrupt(_))));
    }

    #[test]
    fn every_line_is_in_a_row_in_a_finding_or_blank(bytes in draw_bytes()) {
        let text = String::from_utf8_lossy(&bytes).replace(['\r', '\0', '"'], "x");
        let lines: Vec<u32> = Rows::new(text.as_bytes())
            .map(|row| row.map_or_else(|finding| finding.line.unwrap_or(0), |row| row.line))
            .collect();
        let filled = (1u32..).zip(text.split('\n')).filter(|(_, line)| !line.trim_ascii().is_empty());
        prop_assert_eq!(lines, filled.map(|(number, _)| number).collect::<Vec<_>>());
    }

    #[test]
    fn an_open_quote_never_hides_the_lines_before_and_after_it(before in 0..5usize, after in 0..5usize) {
        let text = format!("{}c,\"open\n{}", "a,b\n".repeat(before), "d,e\n".repeat(after));
        let rows: Vec<_> = Rows::new(text.as_bytes()).collect();
        prop_assert_eq!(rows.iter().filter(|row| row.is_ok()).count(), before + after);
        let line = rows[before].as_ref().err().and_then(|finding| finding.line);
        prop_assert_eq!(line, Some(before as u32 + 1));
    }

    #[test]
    fn no_labelme_file_makes_a_reader_panic(text in draw_labelme()) {
        // Small, so that a stated size of 4,294,967,295 costs nothing here.
        let call = Call::new(None, 1 << 20, &|| false);
        let document = Document { name: "a.json", format: labelme::FORMAT, bytes: text.as_bytes() };
        for import in [labelme::import_boxes, labelme::import_masks, labelme::import_labels] {
            let imported = import(document, &call).unwrap();
            prop_assert!(imported.batch.check().is_ok());
            prop_assert!(imported.findings.iter().all(|finding| !finding.message.is_empty()));
        }
    }

    #[test]
    fn what_was_imported_and_written_imports_again_to_the_same(rows in draw_rows()) {
        let distinct: HashSet<_> = rows.iter().map(|row| &row.0).collect();
        for layout in [Layout::Class, Layout::ClassValue, Layout::Box] {
            let mut batch = Batch::default();
            for (path, label, bounds, value) in &rows {
                batch.images.push(lightbox_sdk::ImageRef { path: path.clone(), ..Default::default() });
                batch.labels.push(label.clone());
                batch.image.push(batch.image.len() as u32);
                batch.label.push(batch.label.len() as u32);
                batch.value.push(*value);
                batch.boxes.push(*bounds);
            }
            let call = Call::unlimited();
            let first = label_csv::import(&write(layout, &batch), layout, &call).unwrap().batch;
            prop_assert_eq!((first.len(), first.images.len()), (rows.len(), distinct.len()));
            let second = label_csv::import(&write(layout, &first), layout, &call).unwrap().batch;
            prop_assert_eq!(content(second), content(first));
        }
    }
}
