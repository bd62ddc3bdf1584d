//! Masks that are PNG pictures: whatever is not black and not transparent is set.

use super::Samples;
use png::{ColorType, Transformations};

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
/// A sentence when it is none, is broken, or has more pixels than masks may have or bytes than `limit_bytes`.
pub fn read_png(bytes: &[u8], limit_bytes: u64) -> Result<Picture, String> {
    let samples = Samples::read(bytes, Transformations::EXPAND, 1, limit_bytes)?;
    let (color_samples, alpha_samples) = samples_of(samples.color);
    let sample_bytes = samples.depth as usize / 8;
    let pixel_bytes = (color_samples + alpha_samples) * sample_bytes;
    let is_set = |pixel| u8::from(is_set(pixel, color_samples * sample_bytes));
    let pixels = samples.lines().flat_map(|line| line.chunks_exact(pixel_bytes.max(1)).map(is_set)).collect();
    Ok(Picture { width: samples.width, height: samples.height, pixels })
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
