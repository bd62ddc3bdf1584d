//! Damage of any kind never panics, and what is shown has the size that was told.

use crate::encapsulated::{jpeg_ls_file, rle_file};
use crate::fixture::{BIG_ENDIAN, DEFLATED, EXPLICIT, Fixture, IMPLICIT, item, primitive, ramp};
use crate::jpeg::jpeg_files;
use crate::jpeg_xl::jpeg_xl_file;
use crate::jpeg2000::jpeg_2000_file;
use dicom_core::VR;
use dicom_dictionary_std::tags;
use lightbox_plugin_dicom::Dicom;
use lightbox_sdk::pixels::OwnedPixels;
use lightbox_sdk::{Call, DecodeMode, DecodeRequest, Error, ImageFormat, PixelOut};
use proptest::prelude::*;
use std::sync::OnceLock;

fn files() -> Vec<Vec<u8>> {
    let window = item(vec![primitive(tags::WINDOW_CENTER, VR::DS, "5"), primitive(tags::WINDOW_WIDTH, VR::DS, "9")]);
    let group = item(vec![crate::fixture::sequence(tags::FRAME_VOILUT_SEQUENCE, vec![window])]);
    let plain = Fixture::new(4, 4)
        .frames(2)
        .words_of_pixels(&ramp(32))
        .sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, vec![group.clone(), group]);
    let syntaxes = [IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED];
    let native = syntaxes.iter().map(|syntax| plain.clone().syntax(syntax).file());
    let encapsulated = [rle_file(), jpeg_ls_file(), jpeg_2000_file(), jpeg_xl_file()];
    native.chain([plain.data_set()]).chain(encapsulated).chain(jpeg_files()).collect()
}

static FILES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();

/// Everything that a host asks a reader for.
fn use_up(bytes: &[u8]) -> Result<(), TestCaseError> {
    let call = Call::new(None, 1 << 24, &|| false);
    let _ = Dicom.probe(&bytes[..bytes.len().min(4096)], bytes.len() as u64, "");
    let Ok(mut reader) = Dicom.open(bytes, &call) else { return Ok(()) };
    let metadata = reader.metadata(&call).unwrap();
    let _ = reader.elements(&call);
    for mode in [DecodeMode::Stored, DecodeMode::Display, DecodeMode::Modality16] {
        for frame in [0, metadata.frame_count - 1] {
            let mut pixels = OwnedPixels::default();
            match reader.decode(&DecodeRequest { frame, mode, window: None }, PixelOut::new(&mut pixels), &call) {
                Ok(()) => prop_assert_eq!((pixels.width, pixels.height), (metadata.width, metadata.height)),
                Err(error) => prop_assert!(!matches!(error, Error::Internal(_)), "{}", error),
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn changed_bytes_never_panic(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let files = FILES.get_or_init(files);
        let mut bytes = which.get(files).clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        use_up(&bytes)?;
    }

    #[test]
    fn any_bytes_behind_a_signature_never_panic(tail in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut bytes = vec![0; 128];
        bytes.extend_from_slice(b"DICM");
        bytes.extend_from_slice(&tail);
        use_up(&bytes)?;
        use_up(&tail)?;
    }
}
