//! What stands behind the path in a line, by annotation type.

use super::line::Line;
use super::mask_column;
use crate::label_csv::Layout;
use crate::place;
use lightbox_sdk::{Batch, Error, Result};

/// Appends the columns of annotation `row`.
///
/// # Errors
/// `Invalid` for an annotation without the box or the mask that its layout needs.
pub(super) fn push(line: &mut Line, batch: &Batch, row: usize, layout: Layout) -> Result<()> {
    line.push(place::label_of(batch, row));
    match layout {
        Layout::Path | Layout::Class => {}
        Layout::ClassValue => line.push_number(batch.value.get(row).copied().unwrap_or(1).into()),
        Layout::Box => {
            let bounds = batch.boxes.get(row);
            let bounds = bounds.ok_or_else(|| Error::Invalid("annotations of detection need boxes".to_owned()))?;
            bounds.iter().for_each(|each| line.push_number(*each));
        }
        Layout::Mask => push_mask(line, batch, row)?,
    }
    Ok(())
}

fn push_mask(line: &mut Line, batch: &Batch, row: usize) -> Result<()> {
    let path = place::image_path(batch, row);
    let Some([width, height]) = place::image_size(batch, row) else {
        return Err(Error::Invalid(format!("the size of {path} is not known, which its masks need")));
    };
    let text = mask_column::write(batch.payload(row), width, height);
    let text = text.map_err(|error| Error::Invalid(format!("a mask of {path}: {error}")))?;
    line.push_number(width.into());
    line.push_number(height.into());
    line.push(&text);
    Ok(())
}
