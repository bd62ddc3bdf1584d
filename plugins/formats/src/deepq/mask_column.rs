//! The mask column of `label.csv` as it is written: base64 of a zlib stream of one byte a pixel, row by row, 0 or 1.
//!
//! The stream's bytes are part of what "the same content gives the same bytes" promises: level and library stay, and the
//! test below notices when a version of the library packs otherwise.

use crate::mask::{MAX_MASK_PIXELS, read_payload};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Error, Result};
use std::io::Write;

/// Masks are long runs, which higher levels pack hardly better and take longer for.
const LEVEL: u32 = 4;

/// The column of a mask, by its payload and the size of its image.
///
/// # Errors
/// `Corrupt` for a payload that is no mask of that size, `Limit` for more pixels than masks may have.
pub(super) fn write(payload: &[u8], width: u32, height: u32) -> Result<String> {
    if u64::from(width) * u64::from(height) > MAX_MASK_PIXELS {
        let message = format!("{width} × {height} are more pixels than the allowed {MAX_MASK_PIXELS}");
        return Err(Error::Limit(message));
    }
    let (_, rle) = read_payload(payload);
    let pixels = Mask::from_coco(width, height, rle)?.to_pixels(1);
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(LEVEL));
    let packed = encoder.write_all(&pixels).and_then(|()| encoder.finish());
    packed.map(|packed| STANDARD.encode(packed)).map_err(|error| Error::Internal(format!("packing a mask: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::{StatedSize, read_text};

    fn disc(size: u32) -> Mask {
        let inside = |at: u32| (at as f64 + 0.5 - f64::from(size) / 2.0).powi(2);
        let pixels: Vec<u8> = (0..size)
            .flat_map(|y| (0..size).map(move |x| (x, y)))
            .map(|(x, y)| u8::from(inside(x) + inside(y) < (f64::from(size) / 3.0).powi(2)))
            .collect();
        Mask::from_pixels(size, size, &pixels)
    }

    #[test]
    fn a_column_reads_back_as_the_mask_and_is_always_the_same() {
        let mask = disc(40);
        let column = write(mask.to_coco().as_bytes(), 40, 40).unwrap();
        assert_eq!(read_text(&column, StatedSize { width: 40, height: 40 }, 1 << 20), Ok((mask, None)));
        let known =
            "eF7t0yESADAIA0H6/0/XMRQCc6qK6FWQmG1AjmdAQY3yZS3MrIGVSaiYgJpVCF3HMlz35y70b9jRXuGe4t7jHeFd4p1vPBfRMAIt";
        assert_eq!(column, known);
    }

    #[test]
    fn what_is_no_mask_of_the_image_is_an_error() {
        assert!(matches!(write(b"06", 4, 3), Err(Error::Corrupt(_))));
        assert!(matches!(write(b"06", u32::MAX, u32::MAX), Err(Error::Limit(_))));
    }
}
