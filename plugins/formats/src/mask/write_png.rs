//! PNG pictures of masks, the same bytes on every machine.

use lightbox_sdk::{Error, Result};
use png::{BitDepth, ColorType, Compression, Encoder, Filter};

/// A picture of 8 bits a sample; of 16, big endian, where `pixels` has two bytes for each.
///
/// # Errors
/// `Internal` for pixels that are not `width × height`.
pub(crate) fn write_png(
    width: u32,
    height: u32,
    color: ColorType,
    palette: Option<Vec<u8>>,
    pixels: &[u8],
) -> Result<Vec<u8>> {
    let broken = |error: png::EncodingError| Error::Internal(format!("writing a mask as PNG: {error}"));
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, width, height);
    encoder.set_color(color);
    let is_wide = pixels.len() as u64 == u64::from(width) * u64::from(height) * 2;
    encoder.set_depth(if is_wide { BitDepth::Sixteen } else { BitDepth::Eight });
    if let Some(palette) = palette {
        encoder.set_palette(palette);
    }
    // Runs of equal rows become zeroes, which this compression is made for; it does not look at the processor.
    encoder.set_compression(Compression::Fastest);
    encoder.set_filter(Filter::Up);
    let mut writer = encoder.write_header().map_err(broken)?;
    writer.write_image_data(pixels).map_err(broken)?;
    writer.finish().map_err(broken)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::read_png;

    #[test]
    fn a_picture_reads_back_and_is_always_the_same() {
        let pixels: Vec<u8> = (0..40 * 30).map(|at| u8::from(at % 40 > 10 && at / 40 > 5)).collect();
        let bytes = write_png(40, 30, ColorType::Grayscale, None, &pixels).unwrap();
        assert_eq!(read_png(&bytes, 1 << 20).unwrap().pixels, pixels);
        assert_eq!(crc(&bytes), 2_910_673_716);
    }

    /// A checksum of our own, so that a version of the library that writes otherwise is noticed (CRC-32, ISO 3309).
    fn crc(bytes: &[u8]) -> u32 {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum()
    }
}
