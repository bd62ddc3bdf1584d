//! The annotation type of detection: boxes with a label.

mod bounds;
mod detection;
mod rules;

pub use detection::Detection;

lightbox_sdk::export_plugin! {
    id: "lightbox.detection",
    name: "Detection",
    vendor: "Lightbox",
    image_formats: [],
    annotation_types: [Detection],
}
