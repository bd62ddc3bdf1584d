//! An example of a plugin by a third party: an image format (binary PGM and PPM) and an annotation type (keypoints).

mod keypoints;
mod pnm;

pub use keypoints::Keypoints;
pub use pnm::Pnm;

lightbox_sdk::export_plugin! {
    id: "org.example.pnm",
    name: "PGM, PPM and keypoints",
    vendor: "Example",
    image_formats: [Pnm],
    annotation_types: [Keypoints],
}
