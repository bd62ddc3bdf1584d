//! COCO: one document for all images, read row by row in memory that goes with what is read, not with the document;
//! and written in one canonical form. Key points, captions and panoptic pictures are not read here.

mod annotation;
mod categories;
mod content;
mod document;
mod export;
mod id;
mod images;
mod import;
mod lines;
mod numbers;
mod passed_over;
mod recognise;
mod refusal;
mod scan;
mod segmentation;

pub use content::Content;
pub use export::export;
pub use import::import;
pub use recognise::recognise;

/// Id of the document format.
pub const FORMAT: &str = "coco";
