//! Safe traits for plugin authors. No host code is here, and no `unsafe` outside `export`,
//! `host` and `testing`.
//!
//! A plugin is a shared library that offers capabilities: an [`ImageFormat`] reads (and may write) one kind of image
//! file, an [`AnnotationType`] reads, checks and merges one kind of annotation. Write an ordinary `impl`, then one
//! `export_plugin!` line. The library's crate type is `cdylib` (with `rlib` beside it, for its own tests).
//!
//! ```
//! use lightbox_sdk::{
//!     Call, DecodeRequest, Error, ImageFormat, ImageFormatDescriptor, ImageMetadata, ImageReader, PixelFormat, PixelOut,
//!     Result, export_plugin,
//! };
//!
//! /// One line of grey pixels: `LINE`, then a byte a pixel.
//! struct Line;
//!
//! impl ImageFormat for Line {
//!     fn descriptor(&self) -> ImageFormatDescriptor {
//!         ImageFormatDescriptor {
//!             id: "line".into(),
//!             name: "A line of grey".into(),
//!             extensions: vec!["line".into()],
//!             media_type: "image/x-line".into(),
//!             encodes: false,
//!         }
//!     }
//!
//!     fn probe(&self, head: &[u8], _total_bytes: u64, _name: &str) -> u8 {
//!         if head.starts_with(b"LINE") { 100 } else { 0 }
//!     }
//!
//!     fn open<'a>(&'a self, bytes: &'a [u8], _call: &Call<'_>) -> Result<Box<dyn ImageReader + 'a>> {
//!         let pixels = bytes.strip_prefix(b"LINE").filter(|pixels| !pixels.is_empty());
//!         let pixels = pixels.ok_or_else(|| Error::Corrupt("expected LINE and at least one pixel".into()))?;
//!         Ok(Box::new(LineReader { pixels }))
//!     }
//! }
//!
//! struct LineReader<'a> {
//!     pixels: &'a [u8],
//! }
//!
//! impl ImageReader for LineReader<'_> {
//!     fn metadata(&mut self, _call: &Call<'_>) -> Result<ImageMetadata> {
//!         let width = u32::try_from(self.pixels.len()).map_err(|_| Error::Limit("more than 2³² pixels".into()))?;
//!         Ok(ImageMetadata {
//!             width, height: 1, frame_count: 1, bits_per_sample: 8, samples_per_pixel: 1, ..ImageMetadata::default()
//!         })
//!     }
//!
//!     fn decode(&mut self, request: &DecodeRequest, out: PixelOut<'_>, call: &Call<'_>) -> Result<()> {
//!         if request.frame != 0 {
//!             return Err(Error::Invalid(format!("frame {} of 1", request.frame)));
//!         }
//!         let width = self.metadata(call)?.width;
//!         out.alloc(width, 1, PixelFormat::Gray8)?.copy_from_slice(self.pixels);
//!         Ok(())
//!     }
//! }
//!
//! export_plugin! {
//!     id: "org.example.line",
//!     name: "Lines",
//!     vendor: "Example",
//!     image_formats: [Line],
//!     annotation_types: [],
//! }
//!
//! // And a test of it, through the table that a server calls.
//! # fn main() -> Result<()> {
//! use lightbox_sdk::{DecodeMode, pixels::OwnedPixels};
//!
//! let (line, call) = (lightbox_sdk::exported_plugin!()?.require_image_format("line")?, Call::unlimited());
//! assert_eq!((line.probe(b"LINE\x07\x09", 6, "a.line"), line.probe(b"GIF89a", 6, "a.gif")), (100, 0));
//! assert_eq!(line.open(b"LIME", &call).err(), Some(Error::Corrupt("expected LINE and at least one pixel".into())));
//!
//! let mut reader = line.open(b"LINE\x07\x09", &call)?;
//! assert_eq!(reader.metadata(&call)?.width, 2);
//! let (request, mut pixels) = (DecodeRequest { frame: 0, mode: DecodeMode::Display, window: None }, OwnedPixels::default());
//! reader.decode(&request, PixelOut::new(&mut pixels), &call)?;
//! assert_eq!((pixels.format, pixels.samples), (Some(PixelFormat::Gray8), vec![7, 9]));
//! # Ok(())
//! # }
//! ```

pub mod annotation_type;
pub mod batch;
pub mod bundle;
pub mod call;
pub mod error;
pub mod export;
pub mod finding;
pub mod host;
pub mod image_format;
pub mod mask;
pub mod pixels;
pub mod testing;
pub mod wire;

pub use annotation_type::{
    AnnotationShape, AnnotationType, AnnotationTypeDescriptor, Document, Exported, Imported, Recognition, Validated,
};
pub use batch::{Batch, ImageRef};
pub use bundle::BundledFile;
pub use call::Call;
pub use error::{Error, Result};
pub use finding::{Finding, Severity};
pub use image_format::{
    DecodeMode, DecodeRequest, DicomIdentity, EncodeOptions, ImageFormat, ImageFormatDescriptor, ImageMetadata,
    ImageReader, Window,
};
pub use pixels::{PixelFormat, PixelOut, Pixels};
