//! The image format `dicom`.

use crate::encoding_guess::is_bare_data_set;
use crate::reader::Reader;
use lightbox_sdk::{Call, ImageFormat, ImageFormatDescriptor, ImageReader, Result};

/// DICOM files with pictures, PS3.10.
#[derive(Debug, Default, Clone, Copy)]
pub struct Dicom;

impl ImageFormat for Dicom {
    fn descriptor(&self) -> ImageFormatDescriptor {
        ImageFormatDescriptor {
            id: "dicom".to_owned(),
            name: "DICOM".to_owned(),
            extensions: vec!["dcm".to_owned()],
            media_type: "application/dicom".to_owned(),
            encodes: false,
        }
    }

    fn probe(&self, head: &[u8], total_bytes: u64, _name: &str) -> u8 {
        if head.get(128..132) == Some(b"DICM") {
            100
        } else if is_bare_data_set(head, total_bytes) {
            70
        } else {
            0
        }
    }

    fn open<'a>(&'a self, bytes: &'a [u8], call: &Call<'_>) -> Result<Box<dyn ImageReader + 'a>> {
        Ok(Box::new(Reader::open(bytes, call)?))
    }
}
