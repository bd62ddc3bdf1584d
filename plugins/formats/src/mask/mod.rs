//! Masks inside documents: how `label.csv` and LabelMe write them, and how they travel in a batch until the size of
//! their image is known.

mod bits;
pub(crate) mod canvas;
mod inflate;
mod payload;
mod picture;
pub(crate) mod runs;
mod samples;
mod text;
mod window;
mod write_png;

pub use payload::{StatedSize, read_payload, write_payload};
pub use picture::{Picture, read_png};
pub(crate) use samples::Samples;
pub use text::{read_base64, read_text};
pub(crate) use window::Window;
pub(crate) use write_png::write_png;

/// Most pixels of a mask: 16,384 × 16,384.
pub const MAX_MASK_PIXELS: u64 = 1 << 28;
