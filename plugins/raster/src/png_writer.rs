//! Writing PNG of 8 and 16 bits a sample.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageError};
use lightbox_sdk::{Call, Error, PixelFormat, Pixels, Result};

/// `small`: spend time on size.
pub(crate) fn write(pixels: Pixels<'_>, small: bool, call: &Call<'_>) -> Result<Vec<u8>> {
    let color = color_type(pixels.format)?;
    call.check()?;
    let mut file = Vec::with_capacity(pixels.samples.len() / 2 + 1024);
    let compression = if small { CompressionType::Best } else { CompressionType::Fast };
    let encoder = PngEncoder::new_with_quality(&mut file, compression, FilterType::Adaptive);
    encoder.write_image(pixels.samples, pixels.width, pixels.height, color).map_err(refusal)?;
    Ok(file)
}

/// The encoder takes multi-byte samples in the machine's order, which is ours on every machine that plugins run on.
fn color_type(format: PixelFormat) -> Result<ExtendedColorType> {
    Ok(match format {
        PixelFormat::Gray8 => ExtendedColorType::L8,
        PixelFormat::Gray16 => ExtendedColorType::L16,
        PixelFormat::GrayAlpha8 => ExtendedColorType::La8,
        PixelFormat::GrayAlpha16 => ExtendedColorType::La16,
        PixelFormat::Rgb8 => ExtendedColorType::Rgb8,
        PixelFormat::Rgb16 => ExtendedColorType::Rgb16,
        PixelFormat::Rgba8 => ExtendedColorType::Rgba8,
        PixelFormat::Rgba16 => ExtendedColorType::Rgba16,
        _ => return Err(Error::Unsupported(format!("PNG has no {format:?} pixels"))),
    })
}

fn refusal(error: ImageError) -> Error {
    match error {
        ImageError::Limits(_) => Error::Limit("the picture is too large for a PNG".to_owned()),
        other => Error::Invalid(format!("the picture cannot be written as PNG: {other}")),
    }
}
