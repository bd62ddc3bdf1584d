//! The image format `nifti`.

use crate::header::{self, Kind};
use crate::reader::Reader;
use flate2::bufread::MultiGzDecoder;
use lightbox_sdk::{Call, ImageFormat, ImageFormatDescriptor, ImageReader, Result};
use std::io::Read;

/// NIfTI-1 in one file, `.nii` or `.nii.gz`.
#[derive(Debug, Default, Clone, Copy)]
pub struct Nifti;

impl ImageFormat for Nifti {
    fn descriptor(&self) -> ImageFormatDescriptor {
        ImageFormatDescriptor {
            id: "nifti".into(),
            name: "NIfTI-1".into(),
            extensions: vec!["nii".into(), "nii.gz".into()],
            media_type: "application/x-nifti".into(),
            encodes: false,
        }
    }

    /// The rest of the family is claimed too, so that its files are refused with a sentence.
    fn probe(&self, head: &[u8], _total_bytes: u64, name: &str) -> u8 {
        let mut inflated = Vec::new();
        // A head out of gzip ends in the middle, which is no reason to look away.
        let _ = MultiGzDecoder::new(head).take(header::SIZE_BYTES as u64).read_to_end(&mut inflated);
        match header::recognise(if inflated.is_empty() { head } else { &inflated }) {
            Some((Kind::Nifti1 | Kind::Pair | Kind::Nifti2, _)) => 100,
            Some((Kind::Analyze, _)) if is_named_analyze(name) => 50,
            Some((Kind::Analyze, _)) | None => 0,
        }
    }

    fn open<'a>(&'a self, bytes: &'a [u8], call: &Call<'_>) -> Result<Box<dyn ImageReader + 'a>> {
        Ok(Box::new(Reader::open(bytes, call)?))
    }
}

/// ANALYZE has no mark: four bytes that are 348 are not enough without the name.
fn is_named_analyze(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".hdr", ".nii", ".hdr.gz", ".nii.gz"].iter().any(|extension| name.ends_with(extension))
}
