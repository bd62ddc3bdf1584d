//! Outlines filled on an image, for formats that keep polygons.

use super::MAX_MASK_PIXELS;
use crate::code;
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Call, Error, Finding, Result};

/// Checks that a mask of an image of this size may be made at all.
///
/// # Errors
/// ERROR `MASK_SIZE`.
pub(crate) fn require_size(width: u32, height: u32, call: &Call<'_>) -> Result<(), Finding> {
    let (pixels, allowed) = (u64::from(width) * u64::from(height), MAX_MASK_PIXELS.min(call.max_output_bytes()));
    if pixels <= allowed {
        return Ok(());
    }
    let message = format!("an image of {width} × {height} has more pixels than the {allowed} allowed for masks");
    Err(Finding::error(code::MASK_SIZE, message))
}

/// The mask inside an outline, `x, y, x, y, …` in pixels, as the COCO API fills it.
///
/// # Errors
/// `Cancelled`. The inner one is an ERROR without place: `BAD_SHAPE` for an outline of fewer than three points, `BAD_MASK`
/// for one without a pixel, `MASK_SIZE` for an image that is too large.
pub(crate) fn fill(outline: &[f64], width: u32, height: u32, call: &Call<'_>) -> Result<Result<Mask, Finding>> {
    if let Err(finding) = require_size(width, height, call) {
        return Ok(Err(finding));
    }
    let mask = match Mask::from_polygons(width, height, &[outline], call) {
        Ok(mask) => mask,
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        Err(error) => return Ok(Err(Finding::error(code::BAD_SHAPE, error.to_string()))),
    };
    let empty = || Finding::error(code::BAD_MASK, "no pixel of the image lies inside the outline");
    Ok(if mask.area() > 0 { Ok(mask) } else { Err(empty()) })
}
