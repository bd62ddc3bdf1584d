//! Annotation types of classification: one label an image, or several.

mod many_labels;
mod multi_label;
mod occasion;
mod one_label;
mod single_label;

pub use multi_label::MultiLabel;
pub use single_label::SingleLabel;

lightbox_sdk::export_plugin! {
    id: "lightbox.classification",
    name: "Classification",
    vendor: "Lightbox",
    image_formats: [],
    annotation_types: [SingleLabel, MultiLabel],
}
