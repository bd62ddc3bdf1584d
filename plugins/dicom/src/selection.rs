//! Elements picked out of a data set, and the reading of them by dicom-object.

use crate::walk::{self, Element, Encoding};
use dicom_core::VR;
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::{TransferSyntax, entries};
use lightbox_sdk::{Error, Result};

/// Copies of the elements that are to be read, as two small data sets.
#[derive(Default)]
pub struct Selection {
    as_written: Vec<u8>,
    /// Known elements that were written as UN: their values are read by the dictionary.
    unknown: Vec<u8>,
}

impl Selection {
    pub fn add(&mut self, bytes: &[u8], element: &Element, end: usize) {
        if element.vr != Some(VR::UN) {
            self.as_written.extend_from_slice(bytes.get(element.start..end).unwrap_or_default());
            return;
        }
        let length = element.length.and_then(|length| u32::try_from(length).ok()).unwrap_or(u32::MAX);
        self.unknown.extend_from_slice(&element.tag.0.to_le_bytes());
        self.unknown.extend_from_slice(&element.tag.1.to_le_bytes());
        self.unknown.extend_from_slice(&length.to_le_bytes());
        self.unknown.extend_from_slice(bytes.get(element.value..end).unwrap_or_default());
    }

    /// Bytes that were picked.
    pub fn len(&self) -> usize {
        self.as_written.len() + self.unknown.len()
    }

    pub fn read(self, encoding: Encoding) -> Result<InMemDicomObject> {
        let mut attributes = read_elements(&self.as_written, encoding)?;
        if !self.unknown.is_empty() {
            for element in read_elements(&self.unknown, Encoding::IMPLICIT_LITTLE)? {
                attributes.put(element);
            }
        }
        Ok(attributes)
    }
}

/// Reads all elements of `bytes` into memory.
///
/// # Errors
/// [`Error::Corrupt`] when a length inside does not fit, or sequences go too deep for a recursive parser.
pub fn read_elements(bytes: &[u8], encoding: Encoding) -> Result<InMemDicomObject> {
    walk::check(bytes, encoding)?;
    InMemDicomObject::read_dataset_with_ts(bytes, &syntax_of(encoding))
        .map_err(|error| Error::Corrupt(format!("the data elements cannot be read: {error}")))
}

fn syntax_of(encoding: Encoding) -> TransferSyntax {
    match (encoding.explicit, encoding.big_endian) {
        (false, _) => entries::IMPLICIT_VR_LITTLE_ENDIAN.erased(),
        (true, false) => entries::EXPLICIT_VR_LITTLE_ENDIAN.erased(),
        (true, true) => entries::EXPLICIT_VR_BIG_ENDIAN.erased(),
    }
}
