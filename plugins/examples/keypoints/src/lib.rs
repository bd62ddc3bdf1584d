//! An example of an annotation type by a third party: named points with visibility, read from COCO.

mod coco;
mod export;
mod findings;
mod import;
mod keypoints;
mod payload;
mod rows;
mod rules;

pub use export::to_coco;
pub use keypoints::{FORMAT, Keypoints};
pub use payload::{Payload, Point};

lightbox_sdk::export_plugin! {
    id: "org.example.keypoints",
    name: "Keypoints",
    vendor: "Example",
    image_formats: [],
    annotation_types: [Keypoints],
}
