//! One row of `annotations`: which image and category it names, and what it is drawn with. Coordinates and masks are
//! found here, not read.

use super::id::Id;
use super::refusal::{RowResult, refuse};
use super::scan::Value;
use crate::code;
use lightbox_sdk::Call;

#[derive(Debug, Default)]
pub(super) struct Annotation<'a> {
    pub(super) id: Option<Id>,
    pub(super) image: Option<Id>,
    pub(super) category: Option<Id>,
    /// `bbox`, unless it is null or empty.
    pub(super) bounds: Option<Value<'a>>,
    /// `segmentation`, unless it is null or empty.
    pub(super) segmentation: Option<Value<'a>>,
    /// One region around many things.
    pub(super) is_crowd: bool,
    /// Says something else than a class: points, a caption, segments of a picture.
    pub(super) says_more: bool,
}

impl<'a> Annotation<'a> {
    pub(super) fn read(row: Value<'a>, call: &Call<'_>) -> RowResult<Self> {
        if !row.is_object() {
            return refuse(code::BAD_SHAPE, "the row is no object");
        }
        let mut read = Self::default();
        for member in row.members(call) {
            let (name, value) = member?;
            match name.as_ref() {
                b"id" => read.id = Id::read(value),
                b"image_id" => read.image = Id::read(value),
                b"category_id" => read.category = Id::read(value),
                b"bbox" => read.bounds = Some(value).filter(|value| !value.is_empty()),
                b"segmentation" => read.segmentation = Some(value).filter(|value| !value.is_empty()),
                b"iscrowd" => read.is_crowd = matches!(value.bytes, b"1" | b"true" | b"1.0"),
                b"keypoints" | b"caption" | b"segments_info" => read.says_more |= !value.is_empty(),
                _ => {}
            }
        }
        Ok(read)
    }

    pub(super) fn is_drawn(&self) -> bool {
        self.bounds.is_some() || self.segmentation.is_some()
    }
}

/// What a row is called in findings: by its id, or by its place in the list, counted from 0.
pub(super) fn name_of(id: Option<&Id>, index: usize) -> String {
    match id {
        Some(id) => format!("annotation {id}"),
        None => format!("annotations[{index}]"),
    }
}
