//! An example of an image format by a third party: NIfTI-1 volumes, plain and in gzip.
//!
//! Slices along the third axis are frames, and those of further axes (time) follow. The first axis runs to the right
//! and the second one down, as stored: pictures are never turned, whatever orientation the file states.

mod content;
mod datatype;
mod format;
mod header;
mod reader;
mod scaling;
mod slice;

pub use format::Nifti;

lightbox_sdk::export_plugin! {
    id: "org.example.nifti",
    name: "NIfTI-1",
    vendor: "Example",
    image_formats: [Nifti],
    annotation_types: [],
}
