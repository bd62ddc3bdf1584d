//! The mask column of `label.csv`: base64 of a zlib stream of bytes, bits or a PNG, told apart by signature and length.
//!
//! Nobody says which of them it is: `width × height` bytes, 0 or not; `⌈width × height / 8⌉` bytes of bits; or a PNG.

use super::inflate::{Fault, inflate};
use super::payload::StatedSize;
use super::{MAX_MASK_PIXELS, bits, picture};
use crate::code;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use lightbox_sdk::Finding;
use lightbox_sdk::mask::Mask;
use std::borrow::Cow;

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// What a PNG may take beside its pixels.
const PNG_EXTRA_BYTES: u64 = 64 * 1024;
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The mask of a column, and a WARNING if its values are not 0 and 1. `limit_bytes`: the most that may be decoded to.
///
/// # Errors
/// An ERROR finding without place: `BAD_MASK`, or `MASK_SIZE` for a number of pixels other than the size stated.
pub fn read_text(text: &str, size: StatedSize, limit_bytes: u64) -> Result<(Mask, Option<Finding>), Finding> {
    let pixels = u64::from(size.width) * u64::from(size.height);
    if pixels > MAX_MASK_PIXELS.min(limit_bytes) {
        let message = format!("{} are more pixels than the allowed {MAX_MASK_PIXELS}", stated(size));
        return Err(Finding::error(code::MASK_SIZE, message));
    }
    if text.trim().is_empty() {
        return Err(bad("the mask is empty; for nothing to label write the path alone"));
    }
    let stream = read_base64(text).map_err(|error| bad(format!("the mask is not base64: {error}")))?;
    let allowed = |first: &[u8]| if first == PNG_SIGNATURE { pixels * 4 + PNG_EXTRA_BYTES } else { pixels };
    let content = inflate(&stream, allowed).map_err(|fault| refused(fault, size))?;
    if content.starts_with(PNG_SIGNATURE) {
        return read_picture(&content, size, limit_bytes).map(|mask| (mask, None));
    }
    read_pixels(content, size, pixels as usize)
}

/// Base64 with or without padding; whitespace is passed over.
///
/// # Errors
/// What is wrong with it.
pub fn read_base64(text: &str) -> Result<Vec<u8>, String> {
    let bytes = text.as_bytes();
    let compact = if bytes.iter().any(u8::is_ascii_whitespace) {
        Cow::Owned(bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<_>>())
    } else {
        Cow::Borrowed(bytes)
    };
    BASE64.decode(compact.as_ref()).map_err(|error| error.to_string())
}

fn read_pixels(content: Vec<u8>, size: StatedSize, pixels: usize) -> Result<(Mask, Option<Finding>), Finding> {
    if content.len() == pixels {
        let odd = content.iter().find(|value| **value > 1).map(|value| {
            let message = format!("the mask holds the value {value}; 0 and 1 are expected, read as 0 and not 0");
            Finding::warning(code::BAD_MASK, message)
        });
        return Ok((Mask::from_pixels(size.width, size.height, &content), odd));
    }
    if content.len() == pixels.div_ceil(8) {
        return Ok((Mask::from_pixels(size.width, size.height, &bits::unpack(&content, pixels)), None));
    }
    let message = format!(
        "the mask has {} bytes; {} need {pixels} bytes, one a pixel, or {} of bits",
        content.len(),
        stated(size),
        pixels.div_ceil(8)
    );
    Err(Finding::error(code::MASK_SIZE, message))
}

fn read_picture(content: &[u8], size: StatedSize, limit_bytes: u64) -> Result<Mask, Finding> {
    let picture = picture::read_png(content, limit_bytes).map_err(bad)?;
    if (picture.width, picture.height) != (size.width, size.height) {
        let message = format!("the mask's PNG has {} × {} pixels, not {}", picture.width, picture.height, stated(size));
        return Err(Finding::error(code::MASK_SIZE, message));
    }
    Ok(Mask::from_pixels(size.width, size.height, &picture.pixels))
}

fn refused(fault: Fault, size: StatedSize) -> Finding {
    match fault {
        Fault::Broken(error) => bad(format!("the mask is not a zlib stream: {error}")),
        Fault::TooLong(allowed) => {
            let message = format!("the mask has more than the {allowed} bytes that {} take", stated(size));
            Finding::error(code::MASK_SIZE, message)
        }
    }
}

fn bad(message: impl Into<String>) -> Finding {
    Finding::error(code::BAD_MASK, message)
}

fn stated(size: StatedSize) -> String {
    format!("{} × {}", size.width, size.height)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;

    const SIZE: StatedSize = StatedSize { width: 5, height: 2 };
    const PIXELS: [u8; 10] = [0, 1, 0, 0, 1, 1, 0, 0, 0, 1];

    fn column(content: &[u8]) -> String {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        STANDARD.encode(encoder.finish().unwrap())
    }

    fn read(text: &str) -> Result<(Mask, Option<Finding>), Finding> {
        read_text(text, SIZE, 1 << 20)
    }

    #[test]
    fn bytes_bits_and_pictures_give_the_same_mask() {
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, 5, 2);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(&PIXELS).unwrap();
        for content in [&PIXELS[..], &[0b0100_1100, 0b0100_0000], &png] {
            assert_eq!(read(&column(content)), Ok((Mask::from_pixels(5, 2, &PIXELS), None)));
        }
    }

    #[test]
    fn padding_may_be_missing_and_spaces_may_be_there() {
        let text = column(&PIXELS);
        let bare = STANDARD_NO_PAD.encode(STANDARD.decode(&text).unwrap());
        let spread = format!(" {}\r\n {}\n", &text[..7], &text[7..]);
        assert_eq!(read(&bare), read(&text));
        assert_eq!(read(&spread), read(&text));
    }

    #[test]
    fn values_other_than_0_and_1_are_read_and_reported() {
        let (mask, warning) = read(&column(&PIXELS.map(|pixel| pixel * 255))).unwrap();
        assert_eq!(mask, Mask::from_pixels(5, 2, &PIXELS));
        assert_eq!(warning.map(|warning| warning.code), Some(code::BAD_MASK.to_owned()));
    }

    #[test]
    fn what_is_no_mask_is_refused_with_its_cause() {
        let table = [
            (String::new(), code::BAD_MASK, "empty"),
            ("!!!".to_owned(), code::BAD_MASK, "base64"),
            (STANDARD.encode("no zlib"), code::BAD_MASK, "zlib"),
            (column(&PIXELS[..9]), code::MASK_SIZE, "9 bytes"),
            (column(&[0; 11]), code::MASK_SIZE, "more than the 10"),
            (column(&vec![0; 1 << 20]), code::MASK_SIZE, "more than the 10"),
        ];
        for (text, code, part) in table {
            let finding = read(&text).unwrap_err();
            assert!(finding.code == code && finding.message.contains(part), "{finding:?}");
        }
        let vast = StatedSize { width: u32::MAX, height: u32::MAX };
        assert_eq!(read_text("eJw", vast, u64::MAX).unwrap_err().code, code::MASK_SIZE);
    }
}
