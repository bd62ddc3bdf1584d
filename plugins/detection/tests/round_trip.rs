//! What is exported and imported again is the same.

#![allow(clippy::unwrap_used)] // a test that cannot write or read its own document has failed

#[path = "../../formats/tests/support/round_trip.rs"]
mod round_trip;

use lightbox_plugin_detection::Detection;
use lightbox_sdk::Batch;
use proptest::prelude::*;

/// Inside and outside the image, whole and not.
fn draw_bounds() -> impl Strategy<Value = [f64; 4]> {
    prop_oneof![
        prop::array::uniform4((0..6i32).prop_map(f64::from)),
        prop::array::uniform4(-1.0..8.0f64),
        prop::array::uniform4(prop::num::f64::POSITIVE),
    ]
}

prop_compose! {
    fn draw_boxes()(
        frame in round_trip::draw_frame(), rows in prop::collection::vec((any::<u32>(), any::<u32>(), draw_bounds()), 0..12),
    ) -> Batch {
        let mut batch = frame;
        for (image, label, bounds) in rows {
            round_trip::push(&mut batch, image, label, 1);
            batch.boxes.push(bounds);
        }
        batch
    }
}

proptest! {
    #[test]
    fn boxes_come_back_from_deepq_and_coco(batch in draw_boxes()) {
        round_trip::check(&Detection, "deepq", batch.clone());
        round_trip::check(&Detection, "coco", batch);
    }
}
