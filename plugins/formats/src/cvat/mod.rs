//! CVAT's XML for images, version 1.1: one file for many images, read as a stream. Its form for videos is not read.
//!
//! Boxes, polygons and masks, and tags are each for another type; every type takes its own.

mod document;
mod import;
mod mask;
mod recognise;

pub use document::Content;
pub use import::import;
pub use recognise::recognise;

/// Id of the document format.
pub const FORMAT: &str = "cvat";
const VIDEO: &str = "CVAT for video: its shapes follow tracks over the frames of a video, which are no images here; \
                     export the task from CVAT as \"CVAT for images 1.1\"";
