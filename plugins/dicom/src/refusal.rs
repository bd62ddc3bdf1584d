//! Sentences for files that hold no picture.

use crate::attribute;
use crate::data_set::DataSet;
use crate::file::DICOMDIR;
use dicom_core::dictionary::UidDictionary;
use dicom_dictionary_std::{StandardSopClassDictionary, tags};
use lightbox_sdk::Error;

/// Why a data set without pixel data shows nothing.
pub fn no_pixels(set: &DataSet) -> Error {
    let class = attribute::text(&set.attributes, tags::SOP_CLASS_UID);
    if set.has_directory || class.as_deref() == Some(DICOMDIR) {
        return Error::NoPixels("this is a DICOMDIR, the index of a medium: it lists images and is none".to_owned());
    }
    let Some(class) = class else {
        return Error::NoPixels("the file has no pixel data and names no SOP class".to_owned());
    };
    let name = StandardSopClassDictionary.by_uid(&class).map_or("not a standard one", |entry| entry.name);
    let class = crate::printable(&class);
    Error::NoPixels(format!("the file has no pixel data: its SOP class is {name} ({class})"))
}
