//! Writing PNG of 8 and 16 bits a sample.

use crate::samples;
use lightbox_sdk::{Call, Error, PixelFormat, Pixels, Result};
use png::{BitDepth, ColorType, Compression, EncodingError};
use std::borrow::Cow;

/// `small`: spend time on size.
pub(crate) fn write(pixels: Pixels<'_>, small: bool, call: &Call<'_>) -> Result<Vec<u8>> {
    let (color, depth) = color_type(pixels.format)?;
    let samples: Cow<'_, [u8]> = match depth {
        BitDepth::Sixteen => samples::swap_bytes(pixels.samples).into(),
        _ => pixels.samples.into(),
    };
    call.check()?;
    let mut file = Vec::with_capacity(samples.len() / 2 + 1024);
    let mut encoder = png::Encoder::new(&mut file, pixels.width, pixels.height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.set_compression(if small { Compression::High } else { Compression::Fast });
    let mut writer = encoder.write_header().map_err(refusal)?;
    writer.write_image_data(&samples).map_err(refusal)?;
    writer.finish().map_err(refusal)?;
    Ok(file)
}

fn color_type(format: PixelFormat) -> Result<(ColorType, BitDepth)> {
    Ok(match format {
        PixelFormat::Gray8 => (ColorType::Grayscale, BitDepth::Eight),
        PixelFormat::Gray16 => (ColorType::Grayscale, BitDepth::Sixteen),
        PixelFormat::GrayAlpha8 => (ColorType::GrayscaleAlpha, BitDepth::Eight),
        PixelFormat::GrayAlpha16 => (ColorType::GrayscaleAlpha, BitDepth::Sixteen),
        PixelFormat::Rgb8 => (ColorType::Rgb, BitDepth::Eight),
        PixelFormat::Rgb16 => (ColorType::Rgb, BitDepth::Sixteen),
        PixelFormat::Rgba8 => (ColorType::Rgba, BitDepth::Eight),
        PixelFormat::Rgba16 => (ColorType::Rgba, BitDepth::Sixteen),
        _ => return Err(Error::Unsupported(format!("PNG has no {format:?} pixels"))),
    })
}

fn refusal(error: EncodingError) -> Error {
    match error {
        EncodingError::LimitsExceeded => Error::Limit("the picture is too large for a PNG".to_owned()),
        other => Error::Invalid(format!("the picture cannot be written as PNG: {other}")),
    }
}
