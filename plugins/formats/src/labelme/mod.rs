//! LabelMe's JSON: one file an image, with shapes drawn on it. Each annotation type takes the shapes of its kind.
//!
//! Source: LabelMe's own files, versions 4 and 5; a shape without `shape_type` is a polygon, as there.

mod document;
mod export;
mod import;
mod kind;
mod recognise;
mod shape;
mod stamp;

pub use export::{export_boxes, export_labels, export_masks};
pub use import::{import_boxes, import_labels, import_masks};
pub use kind::Kind;
pub use recognise::{Content, recognise};

/// Id of the document format.
pub const FORMAT: &str = "labelme";
