//! A PNG as what its pixels stand for: class numbers or colours, not shades.

use crate::mask::Samples;
use png::{BitDepth, ColorType, Transformations};

/// Bytes that a pixel takes here.
const PIXEL_BYTES: u64 = 4;

/// A picture of codes.
pub(super) struct Codes {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Row-major; a number, or `0xRRGGBB`. Transparent pixels are 0.
    pub(super) pixels: Vec<u32>,
    pub(super) coding: Coding,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Coding {
    /// Numbers, and the colours that a palette shows them in.
    Number(Option<Vec<[u8; 3]>>),
    Color,
}

impl Codes {
    /// Reads a PNG of any kind.
    ///
    /// # Errors
    /// A sentence when it is none, is broken, or has more pixels than masks may have or more bytes than `limit_bytes`.
    pub(super) fn read(bytes: &[u8], limit_bytes: u64) -> Result<Self, String> {
        let samples = Samples::read(bytes, Transformations::IDENTITY, PIXEL_BYTES, limit_bytes)?;
        let (width, height) = (samples.width, samples.height);
        let unpack = |line| unpack(line, samples.color, samples.depth, width as usize);
        let pixels = samples.lines().flat_map(unpack).collect();
        let coding = match samples.color {
            ColorType::Rgb | ColorType::Rgba => Coding::Color,
            ColorType::Indexed => Coding::Number(samples.palette),
            ColorType::Grayscale | ColorType::GrayscaleAlpha => Coding::Number(None),
        };
        Ok(Self { width, height, pixels, coding })
    }

    /// The colour that a code is shown in; `None` for a number that has none.
    pub(super) fn color(&self, code: u32) -> Option<[u8; 3]> {
        match &self.coding {
            Coding::Color => Some([code >> 16, code >> 8, code].map(|each| (each & 0xff) as u8)),
            Coding::Number(Some(palette)) => palette.get(code as usize).copied(),
            Coding::Number(None) => u8::try_from(code).ok().map(|shade| [shade; 3]),
        }
    }
}

fn unpack(line: &[u8], color: ColorType, depth: BitDepth, width: usize) -> Vec<u32> {
    let bits = depth as usize;
    if bits < 8 {
        let mask = (1u32 << bits) - 1;
        let shifts = (0..8 / bits).rev().map(move |at| at * bits);
        let all = line.iter().flat_map(|byte| shifts.clone().map(move |shift| u32::from(*byte) >> shift & mask));
        return all.take(width).collect();
    }
    let sample_bytes = bits / 8;
    let sample = |pixel: &[u8], at: usize| {
        let bytes = pixel.get(at * sample_bytes..(at + 1) * sample_bytes).unwrap_or_default();
        bytes.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte))
    };
    // Colours of 16 bits are known by their upper 8.
    let channel = |pixel: &[u8], at: usize| sample(pixel, at) >> (bits - 8);
    let rgb = |pixel: &[u8]| channel(pixel, 0) << 16 | channel(pixel, 1) << 8 | channel(pixel, 2);
    let seen = |is_seen: u32, code: u32| if is_seen == 0 { 0 } else { code };
    let read = |pixel: &[u8]| match color {
        ColorType::Grayscale | ColorType::Indexed => sample(pixel, 0),
        ColorType::GrayscaleAlpha => seen(sample(pixel, 1), sample(pixel, 0)),
        ColorType::Rgb => rgb(pixel),
        ColorType::Rgba => seen(sample(pixel, 3), rgb(pixel)),
    };
    line.chunks_exact(color.samples() * sample_bytes).take(width).map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(color: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, 3, 1);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == ColorType::Indexed {
            encoder.set_palette(vec![0, 0, 0, 128, 0, 0]);
        }
        encoder.write_header().unwrap().write_image_data(data).unwrap();
        out
    }

    #[test]
    fn pixels_are_numbers_or_colours_as_they_are_stored() {
        use BitDepth::{Eight, Four, One, Sixteen, Two};
        use ColorType::*;
        let table = [
            (Indexed, One, vec![0b0100_0000], vec![0, 1, 0]),
            (Indexed, Two, vec![0b0001_1000], vec![0, 1, 2]),
            (Grayscale, Four, vec![0x07, 0xf0], vec![0, 7, 15]),
            (Grayscale, Eight, vec![0, 7, 255], vec![0, 7, 255]),
            (Grayscale, Sixteen, vec![0, 0, 1, 2, 255, 255], vec![0, 258, 65535]),
            (GrayscaleAlpha, Eight, vec![9, 0, 9, 1, 0, 255], vec![0, 9, 0]),
            (Rgb, Eight, vec![0, 0, 0, 1, 2, 3, 255, 0, 0], vec![0, 0x01_02_03, 0xff_00_00]),
            (Rgba, Eight, vec![1, 2, 3, 0, 1, 2, 3, 4, 0, 0, 0, 255], vec![0, 0x01_02_03, 0]),
            (Rgb, Sixteen, [1u8, 0, 2, 0, 3, 0].repeat(3), vec![0x01_02_03; 3]),
        ];
        for (color, depth, data, expected) in table {
            let codes = Codes::read(&encode(color, depth, &data), 1000).ok().unwrap();
            assert_eq!(codes.pixels, expected, "{color:?} {depth:?}");
        }
    }

    #[test]
    fn a_number_is_shown_in_its_palettes_colour() {
        let codes = Codes::read(&encode(ColorType::Indexed, BitDepth::Eight, &[0, 1, 1]), 1000).ok().unwrap();
        assert_eq!([codes.color(0), codes.color(1), codes.color(2)], [Some([0, 0, 0]), Some([128, 0, 0]), None]);
        assert!(Codes::read(&encode(ColorType::Indexed, BitDepth::Eight, &[0, 1, 1]), 11).is_err());
        assert!(Codes::read(b"no png", 1000).is_err());
    }
}
