//! What is exported and imported again is the same.

#![allow(clippy::unwrap_used)] // a test that cannot write or read its own document has failed

#[path = "../../formats/tests/support/round_trip.rs"]
mod round_trip;

use lightbox_plugin_segmentation::Segmentation;
use lightbox_sdk::Batch;
use lightbox_sdk::mask::Mask;
use proptest::prelude::*;

const SIDE: u32 = round_trip::SIDE;

prop_compose! {
    fn draw_masks()(
        frame in round_trip::draw_frame(),
        rows in prop::collection::vec((any::<u32>(), any::<u32>(), prop::collection::vec(0..2u8, (SIDE * SIDE) as usize)), 0..12),
    ) -> Batch {
        let mut batch = frame;
        for (image, label, pixels) in rows {
            round_trip::push(&mut batch, image, label, 1);
            batch.push_payload(Mask::from_pixels(SIDE, SIDE, &pixels).to_coco().as_bytes());
        }
        batch
    }
}

proptest! {
    #[test]
    fn masks_come_back_from_deepq_and_coco(batch in draw_masks()) {
        round_trip::check(&Segmentation, "deepq", batch.clone());
        round_trip::check(&Segmentation, "coco", batch);
    }
}
