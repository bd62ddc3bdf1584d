//! What is exported and imported again is the same.

#![allow(clippy::unwrap_used)] // a test that cannot write or read its own document has failed

#[path = "../../formats/tests/support/round_trip.rs"]
mod round_trip;

use lightbox_plugin_classification::{MultiLabel, SingleLabel};
use lightbox_sdk::Batch;
use proptest::prelude::*;

prop_compose! {
    fn draw_classes()(
        frame in round_trip::draw_frame(), rows in prop::collection::vec((any::<u32>(), any::<u32>(), 0..2u8), 0..12),
    ) -> Batch {
        let mut batch = frame;
        rows.into_iter().for_each(|(image, label, value)| round_trip::push(&mut batch, image, label, value));
        batch
    }
}

proptest! {
    #[test]
    fn one_class_an_image_comes_back_from_deepq_and_coco(batch in draw_classes()) {
        let batch = Batch { value: vec![1; batch.len()], ..batch };
        round_trip::check(&SingleLabel, "deepq", batch.clone());
        round_trip::check(&SingleLabel, "coco", batch);
    }

    #[test]
    fn classes_present_and_absent_come_back_from_deepq_and_coco(batch in draw_classes()) {
        round_trip::check(&MultiLabel, "deepq", batch.clone());
        round_trip::check(&MultiLabel, "coco", batch);
    }
}
