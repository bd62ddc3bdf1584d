//! The list `images`: paths and sizes by the ids that annotations name them with.

use super::id::Id;
use super::lines::Lines;
use super::refusal::{Refusal, RowResult, refuse};
use super::scan::Value;
use crate::code;
use crate::table::Table;
use hashbrown::HashMap;
use lightbox_sdk::{Call, Finding, Result};
use std::borrow::Cow;

/// An image that annotations may name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Image {
    /// In the table.
    pub(super) number: u32,
    /// Width and height as stated; `None` unless both are whole and above 0.
    pub(super) size: Option<[u32; 2]>,
}

/// Which image an id means. `None` when there is no list: images are called by their ids.
pub(super) struct Images(Option<HashMap<Id, Image>>);

/// One row of the list.
pub(super) struct ImageRow<'a> {
    pub(super) id: Id,
    path: Cow<'a, str>,
    size: Option<[u32; 2]>,
    /// `neg_category_ids`, as LVIS has it: categories that somebody looked for and that are not there.
    pub(super) absent: Option<Value<'a>>,
}

impl Images {
    /// Reads the list into the table's images, in its order. `each` sees every row that is used, with its number and line.
    ///
    /// # Errors
    /// A list that is no JSON, and what ends the call.
    pub(super) fn read(
        document: &[u8],
        list: Option<Value<'_>>,
        table: &mut Table,
        call: &Call<'_>,
        mut each: impl FnMut(&ImageRow<'_>, u32, u32, &mut Table) -> Result<()>,
    ) -> Result<Self> {
        let Some(list) = list else { return Ok(Self(None)) };
        let mut lines = Lines::of(document, list);
        let mut images = HashMap::new();
        for (index, row) in list.items(call).enumerate() {
            table.check(call)?;
            let value = row?;
            let line = lines.line_of(value);
            match ImageRow::read(value, call) {
                Ok(row) if images.contains_key(&row.id) => {
                    let message =
                        format!("images[{index}]: the id {} is there already; the first image keeps it", row.id);
                    table.add_finding(Finding::warning(code::DUPLICATE_ID, message), line);
                }
                Ok(row) => {
                    let (number, _) = table.image(&row.path, line);
                    each(&row, number, line, table)?;
                    images.insert(row.id, Image { number, size: row.size });
                }
                Err(Refusal::Stop(error)) => return Err(error),
                Err(Refusal::Row(code, what)) => {
                    table.add_finding(Finding::error(code, format!("images[{index}]: {what}")), line);
                }
            }
        }
        Ok(Self(Some(images)))
    }

    /// The image that an annotation means.
    pub(super) fn require(&self, id: Option<&Id>, line: u32, table: &mut Table) -> RowResult<Image> {
        let Some(id) = id else { return refuse(code::MISSING_IMAGE, "it has no image_id") };
        match &self.0 {
            None => Ok(Image { number: table.image(&id.to_string(), line).0, size: None }),
            Some(images) => match images.get(id) {
                Some(image) => Ok(*image),
                None => refuse(code::MISSING_IMAGE, format!("no image has the id {id}")),
            },
        }
    }
}

impl<'a> ImageRow<'a> {
    pub(super) fn read(row: Value<'a>, call: &Call<'_>) -> RowResult<Self> {
        if !row.is_object() {
            return refuse(code::BAD_SHAPE, "the row is no object");
        }
        let (mut id, mut path, mut width, mut height, mut absent) = (None, None, None, None, None);
        for member in row.members(call) {
            let (name, value) = member?;
            match name.as_ref() {
                b"id" => id = Id::read(value),
                b"file_name" => path = value.text(),
                b"width" => width = read_pixels(value),
                b"height" => height = read_pixels(value),
                b"neg_category_ids" => absent = Some(value).filter(|value| !value.is_empty()),
                _ => {}
            }
        }
        let Some(id) = id else { return refuse(code::BAD_SHAPE, "it has no id") };
        let Some(path) = path.filter(|path| !path.trim().is_empty()) else {
            return refuse(code::MISSING_IMAGE, format!("the image {id} has no file_name"));
        };
        Ok(Self { id, path, size: width.zip(height).map(|(width, height)| [width, height]), absent })
    }
}

fn read_pixels(value: Value<'_>) -> Option<u32> {
    match Id::read(value)? {
        Id::Number(number) => u32::try_from(number).ok().filter(|pixels| *pixels > 0),
        Id::Text(_) => None,
    }
}
