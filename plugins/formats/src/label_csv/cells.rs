//! Reads the cells of one row into the table; a row with anything wrong adds nothing.

use super::layout::Layout;
use super::number::{require, require_flag, require_pixels};
use super::rows::Row;
use crate::code;
use crate::mask::{self, StatedSize};
use crate::table::Table;
use lightbox_sdk::{Call, Finding};

/// Reads a row that has the layout's columns, or a path alone.
pub(super) fn read(row: &Row<'_>, layout: Layout, table: &mut Table, call: &Call<'_>) -> Result<(), Finding> {
    if row.path().trim().is_empty() {
        return Err(Finding::error(code::MISSING_IMAGE, "the path is empty; every row names an image"));
    }
    if row.columns == 1 {
        table.image(row.path(), row.line);
        return Ok(());
    }
    require_layout(row, layout)?;
    if row.class().trim().is_empty() {
        return Err(Finding::error(code::EMPTY_CLASS, "the class is empty; for nothing to label write the path alone"));
    }
    match layout {
        Layout::Path | Layout::Class => table.push(row.path(), row.class(), row.line, 1),
        Layout::ClassValue => table.push(row.path(), row.class(), row.line, require_flag(row.cell(2), "value")?),
        Layout::Box => table.push_box(row.path(), row.class(), row.line, read_box(row)?),
        Layout::Mask => read_mask(row, table, call)?,
    }
    Ok(())
}

fn require_layout(row: &Row<'_>, layout: Layout) -> Result<(), Finding> {
    if row.columns == layout.columns() {
        return Ok(());
    }
    let message = format!(
        "the row has {} columns; {} are expected ({}), or the path alone",
        row.columns,
        layout.columns(),
        layout.names().join(",")
    );
    Err(Finding::error(code::COLUMN_COUNT, message))
}

fn read_box(row: &Row<'_>) -> Result<[f64; 4], Finding> {
    let names = Layout::Box.names();
    let mut bounds = [0.0; 4];
    for (index, bound) in bounds.iter_mut().enumerate() {
        *bound = require(row.cell(index + 2), names.get(index + 2).copied().unwrap_or_default())?;
    }
    Ok(bounds)
}

fn read_mask(row: &Row<'_>, table: &mut Table, call: &Call<'_>) -> Result<(), Finding> {
    let size = StatedSize {
        width: require_pixels(row.cell(2), "imageWidth")?,
        height: require_pixels(row.cell(3), "imageHeight")?,
    };
    let (mask, warning) = mask::read_text(row.cell(4), size, call.max_output_bytes())?;
    if let Some(warning) = warning {
        table.add_finding(warning, row.line);
    }
    table.push_mask(row.path(), row.class(), row.line, mask.bounding_box(), &mask::write_payload(&mask));
    Ok(())
}
