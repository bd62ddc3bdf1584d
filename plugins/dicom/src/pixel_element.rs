//! The three elements that can hold a picture (PS3.3 C.7.6.24, C.7.6.3): integers, floats, doubles.

use crate::walk::Element;
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// The top-level element that holds the picture.
#[derive(Debug, Clone, Copy)]
pub struct PixelElement {
    pub element: Element,
    pub kind: PixelKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelKind {
    Integer,
    Float,
    Double,
}

impl PixelKind {
    pub fn of(tag: Tag) -> Option<Self> {
        match tag {
            tags::PIXEL_DATA => Some(Self::Integer),
            tags::FLOAT_PIXEL_DATA => Some(Self::Float),
            tags::DOUBLE_FLOAT_PIXEL_DATA => Some(Self::Double),
            _ => None,
        }
    }
}

pub fn is_pixel_data(tag: Tag) -> bool {
    PixelKind::of(tag).is_some()
}
