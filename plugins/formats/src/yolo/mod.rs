//! YOLO: a text file an image, a row an object, with numbers that are fractions of the image's width and height.
//!
//! Read from Darknet's layout (`obj.data`, `obj.names`, pictures and texts side by side) and that of Ultralytics and
//! Roboflow (`data.yaml`, `images/` and `labels/`); written in the latter.

mod data_yaml;
mod export;
mod import;
mod layout;
mod names;
mod recognise;
mod row;

pub use export::export;
pub use import::import;
pub use recognise::recognise;

/// Id of the document format.
pub const FORMAT: &str = "yolo";

/// What a type takes of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Rows of five numbers.
    Boxes,
    /// Rows with an outline.
    Masks,
}
