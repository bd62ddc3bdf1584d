//! Masks as PNG pictures beside the images: one an image, whose pixels are class numbers or colours, or one a class.
//!
//! Read as Pascal VOC (`SegmentationClass`, `SegmentationObject`), Datumaro, CVAT and LabelMe write them; written with
//! class numbers as pixels and a palette, and `labelmap.txt`.

mod codes;
mod export;
mod import;
mod layout;
mod meaning;
mod pairing;
mod recognise;

pub use export::export;
pub use import::import;
pub use recognise::recognise;

/// Id of the document format.
pub const FORMAT: &str = "png-masks";
