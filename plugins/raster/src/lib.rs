//! The built-in plugin for PNG and JPEG: reads both, and writes them for thumbnails, renditions and conversions.

mod exif;
mod frame;
mod jpeg;
mod jpeg_header;
mod png_file;
mod png_writer;
mod samples;
mod turbo;

pub use jpeg::Jpeg;
pub use png_file::Png;

lightbox_sdk::export_plugin! {
    id: "lightbox.raster",
    name: "PNG and JPEG",
    vendor: "Lightbox",
    image_formats: [Png, Jpeg],
    annotation_types: [],
}
