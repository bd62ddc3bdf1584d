//! Pascal VOC: an XML file an image, with its boxes.
//!
//! Coordinates are taken as they stand in the file, `width = xmax - xmin`, as Datumaro and most readers do; that VOC
//! itself counted from 1 and included the last pixel is left alone, because few files do.

mod document;
mod export;
mod import;
mod recognise;

pub use export::export;
pub use import::import;
pub use recognise::recognise;

/// Id of the document format.
pub const FORMAT: &str = "pascal-voc";
/// Where the images of a VOC folder lie.
const IMAGES: &str = "JPEGImages/";
