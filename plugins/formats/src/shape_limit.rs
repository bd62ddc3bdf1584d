//! How many shapes of one image an XML document may have. They are held together until the image is judged, each with some
//! hundred bytes, and an element has a few.

use crate::xml::{Fault, Result};

pub(crate) const MAX_SHAPES: usize = 1 << 18;

/// Whether an image that has `count` shapes may have the one that begins on `line`.
///
/// # Errors
/// A sentence that names the line: reading ends there.
pub(crate) fn require_room(count: usize, line: u32) -> Result<()> {
    if count < MAX_SHAPES {
        return Ok(());
    }
    let what = "leave some out, or split the image";
    Err(Fault::Broken(format!("line {line}: the image has more shapes than the allowed {MAX_SHAPES}; {what}")))
}
