//! How many shapes of one image a document may have. They are held together until the image is judged, each with some hundred
//! bytes; in XML an element has a few, in JSON what is no shape has one.

use crate::xml::{Fault, Result};

pub(crate) const MAX_SHAPES: usize = 1 << 18;

/// Whether an image of an XML document that has `count` shapes may have the one that begins on `line`.
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
