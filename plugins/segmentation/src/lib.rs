//! The annotation type of segmentation: masks with a label.

mod canonical;
mod rules;
mod segmentation;

pub use segmentation::Segmentation;

lightbox_sdk::export_plugin! {
    id: "lightbox.segmentation",
    name: "Segmentation",
    vendor: "Lightbox",
    image_formats: [],
    annotation_types: [Segmentation],
}
