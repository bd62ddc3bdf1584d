//! Safe traits for plugin authors. No host code is here, and no `unsafe` outside `export`.
//!
//! A plugin is a shared library that offers capabilities: an [`ImageFormat`] reads (and may write) one kind of image
//! file, an [`AnnotationType`] reads, checks and merges one kind of annotation. Write an ordinary `impl`, then one
//! `export_plugin!` line.

pub mod annotation_type;
pub mod batch;
pub mod call;
pub mod error;
pub mod finding;
pub mod image_format;
pub mod mask;
pub mod pixels;

pub use annotation_type::{
    AnnotationShape, AnnotationType, AnnotationTypeDescriptor, Document, Imported, Recognition, Validated,
};
pub use batch::{Batch, ImageRef};
pub use call::Call;
pub use error::{Error, Result};
pub use finding::{Finding, Severity};
pub use image_format::{
    DecodeMode, DecodeRequest, DicomIdentity, EncodeOptions, ImageFormat, ImageFormatDescriptor, ImageMetadata,
    ImageReader, Window,
};
pub use pixels::{PixelFormat, PixelOut, Pixels};
