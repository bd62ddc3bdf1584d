//! What is exported and imported again is the same: any boxes and masks, by the digest of the whole dataset.

use crate::annotate::digest;
use crate::exports::exported;
use crate::support::archives::{labelled, mask_text};
use crate::support::client::Client;
use crate::support::shared;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::sync::atomic::{AtomicU32, Ordering};

const LABELS: [&str; 5] = ["cell", "a b", "\u{7ec6}\u{80de}", "\"quoted\"", "nucleus/2"];

/// Image, label, and either a box inside 8 × 6 pixels or the first pixels of a mask.
type Row = (usize, usize, [f64; 4], Vec<u8>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let place = (0.0..7.0f64, 0.0..5.0f64, 0.001..1.0f64, 0.001..1.0f64)
        .prop_map(|(x, y, width, height)| [x, y, width, height]);
    let whole = (0..6u8, 0..4u8, 1..3u8, 1..3u8).prop_map(|(x, y, width, height)| [x, y, width, height].map(f64::from));
    let mask = proptest::collection::vec(0..2u8, 1..48).prop_filter("a mask without a pixel", |mask| mask.contains(&1));
    proptest::collection::vec((0..4usize, 0..LABELS.len(), prop_oneof![place, whole], mask), 1..8)
}

fn quoted(label: &str) -> String {
    format!("\"{}\"", label.replace('"', "\"\""))
}

fn table(rows: &[Row], has_masks: bool) -> String {
    let line = |(image, label, [x, y, width, height], mask): &Row| {
        let start = format!("image/{image}.png,{}", quoted(LABELS[*label]));
        match has_masks {
            true => format!("{start},8,6,{}\n", mask_text(mask)),
            false => format!("{start},{x},{y},{width},{height}\n"),
        }
    };
    rows.iter().map(line).collect()
}

fn comes_back(client: &Client, rows: &[Row], has_masks: bool) -> Result<(), TestCaseError> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("scene {}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let dataset = client.dataset(&name, &labelled(4, 6600, &table(rows, has_masks)));
    let set = client.annotation_sets(&dataset).remove(0)["id"].clone();
    let expected = digest(client, &dataset);
    for format in ["deepq", "coco"] {
        let archive = exported(client, &dataset, set.clone(), format);
        prop_assert!(archive == exported(client, &dataset, set.clone(), format), "{} twice", format);
        let again = client.dataset(&format!("{name} by {format}"), &archive);
        prop_assert_eq!(&digest(client, &again), &expected, "{}", format);
    }
    Ok(())
}

#[test]
fn whatever_is_annotated_comes_back_equal_from_deepq_and_coco() {
    let client = shared().user("round-trips");
    let mut runner = TestRunner::new(Config { cases: 8, ..Config::default() });
    for has_masks in [false, true] {
        runner.run(&rows(), |rows| comes_back(&client, &rows, has_masks)).unwrap();
    }
}
