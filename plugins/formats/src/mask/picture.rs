//! Masks that are PNG pictures: whatever is not black and not transparent is set.

use super::MAX_MASK_PIXELS;
use png::{ColorType, Decoder, Limits, Transformations};
use std::io::Cursor;

/// One byte a pixel, row-major, 0 or 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub pixels: Vec<u8>,
}

/// Reads a PNG of any kind.
///
/// # Errors
/// A sentence when it is none, is broken, or has more pixels than [`MAX_MASK_PIXELS`] or bytes than `limit_bytes`.
pub fn read_png(bytes: &[u8], limit_bytes: u64) -> Result<Picture, String> {
    let limits = Limits { bytes: usize::try_from(limit_bytes).unwrap_or(usize::MAX) };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(broken)?;
    let (width, height) = (reader.info().width, reader.info().height);
    let pixels = u64::from(width) * u64::from(height);
    let needed = reader.output_buffer_size().map_or(u64::MAX, |bytes| bytes as u64);
    if pixels > MAX_MASK_PIXELS || needed > limit_bytes {
        return Err(format!("the PNG has {width} × {height} pixels, more than allowed"));
    }
    let mut samples = vec![0; needed as usize];
    let frame = reader.next_frame(&mut samples).map_err(broken)?;
    let (color_samples, alpha_samples) = samples_of(frame.color_type);
    let sample_bytes = frame.bit_depth as usize / 8;
    let pixel_bytes = (color_samples + alpha_samples) * sample_bytes;
    let pixels = (samples.chunks_exact(pixel_bytes.max(1)).take(pixels as usize))
        .map(|pixel| u8::from(is_set(pixel, color_samples * sample_bytes)))
        .collect();
    Ok(Picture { width, height, pixels })
}

fn is_set(pixel: &[u8], color_bytes: usize) -> bool {
    let (color, alpha) = pixel.split_at(color_bytes.min(pixel.len()));
    let transparent = !alpha.is_empty() && alpha.iter().all(|byte| *byte == 0);
    !transparent && color.iter().any(|byte| *byte != 0)
}

/// Colour and alpha samples of a pixel, palettes expanded.
fn samples_of(color: ColorType) -> (usize, usize) {
    match color {
        ColorType::Grayscale | ColorType::Indexed => (1, 0),
        ColorType::GrayscaleAlpha => (1, 1),
        ColorType::Rgb => (3, 0),
        ColorType::Rgba => (3, 1),
    }
}

fn broken(error: png::DecodingError) -> String {
    format!("the PNG cannot be read: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use png::{BitDepth, Encoder};

    fn encode(width: u32, height: u32, color: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, width, height);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == ColorType::Indexed {
            encoder.set_palette(vec![0, 0, 0, 0, 200, 0]);
        }
        encoder.write_header().unwrap().write_image_data(data).unwrap();
        out
    }

    #[test]
    fn every_kind_of_png_gives_the_same_mask() {
        use BitDepth::{Eight, One, Sixteen};
        use ColorType::*;
        let table = [
            (Grayscale, One, vec![0b0100_0000]),
            (Grayscale, Eight, vec![0, 1, 0]),
            (Grayscale, Sixteen, vec![0, 0, 0, 1, 0, 0]),
            (Indexed, One, vec![0b0100_0000]),
            (Rgb, Eight, vec![0, 0, 0, 0, 0, 9, 0, 0, 0]),
            (Rgba, Eight, vec![0, 0, 0, 255, 9, 9, 9, 255, 9, 9, 9, 0]),
            (GrayscaleAlpha, Eight, vec![0, 255, 255, 255, 255, 0]),
        ];
        for (color, depth, data) in table {
            let picture = read_png(&encode(3, 1, color, depth, &data), 1000).unwrap();
            assert_eq!(picture, Picture { width: 3, height: 1, pixels: vec![0, 1, 0] }, "{color:?} {depth:?}");
        }
    }

    #[test]
    fn a_large_png_is_refused_before_it_is_decoded() {
        let png = encode(3, 1, ColorType::Rgb, BitDepth::Eight, &[0; 9]);
        assert!(read_png(&png, 8).is_err());
        assert!(read_png(&png[..30], 1000).is_err());
    }
}
