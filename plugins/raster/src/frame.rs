//! The one frame of a raster file, decoded, and how it is handed out for each mode.

use crate::samples;
use lightbox_sdk::{DecodeMode, DecodeRequest, Error, PixelFormat, PixelOut, Result};
use std::borrow::Cow;

/// Samples of full range as the file's format means them: 0 is black, the largest value of the type is white.
pub(crate) struct Frame {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) format: PixelFormat,
    pub(crate) samples: Vec<u8>,
    /// What grey samples were multiplied by to get there: 255 for 1 bit, 85 for 2, 17 for 4, else 1.
    pub(crate) gray_scale: u8,
}

impl Frame {
    /// Copies the frame into the host's memory in the mode asked for.
    pub(crate) fn put(&self, mode: DecodeMode, out: PixelOut<'_>) -> Result<()> {
        let (format, samples) = self.in_mode(mode);
        out.alloc(self.width, self.height, format)?.copy_from_slice(&samples);
        Ok(())
    }

    fn in_mode(&self, mode: DecodeMode) -> (PixelFormat, Cow<'_, [u8]>) {
        match (mode, other_depth(self.format)) {
            (DecodeMode::Stored, _) if self.gray_scale > 1 => (self.format, self.unscaled().into()),
            (DecodeMode::Display, Some((format, 1))) => (format, samples::to_8_bits(&self.samples).into()),
            (DecodeMode::Modality16, Some((format, 2))) if self.is_gray() => {
                (format, samples::to_16_bits(&self.samples).into())
            }
            _ => (self.format, (&self.samples).into()),
        }
    }

    fn is_gray(&self) -> bool {
        self.format.channels() < 3
    }

    fn unscaled(&self) -> Vec<u8> {
        let channels = self.format.channels();
        let unscale = |(index, sample): (usize, &u8)| {
            let is_alpha = channels == 2 && index % 2 == 1;
            if is_alpha { *sample } else { sample / self.gray_scale }
        };
        self.samples.iter().enumerate().map(unscale).collect()
    }
}

/// The same channels with the other number of bytes a sample.
fn other_depth(format: PixelFormat) -> Option<(PixelFormat, usize)> {
    let other = match format {
        PixelFormat::Gray8 => PixelFormat::Gray16,
        PixelFormat::Gray16 => PixelFormat::Gray8,
        PixelFormat::GrayAlpha8 => PixelFormat::GrayAlpha16,
        PixelFormat::GrayAlpha16 => PixelFormat::GrayAlpha8,
        PixelFormat::Rgb8 => PixelFormat::Rgb16,
        PixelFormat::Rgb16 => PixelFormat::Rgb8,
        PixelFormat::Rgba8 => PixelFormat::Rgba16,
        PixelFormat::Rgba16 => PixelFormat::Rgba8,
        _ => return None,
    };
    Some((other, other.bytes_per_sample()))
}

/// Neither format has more than one frame.
pub(crate) fn require_first(request: &DecodeRequest) -> Result<()> {
    if request.frame == 0 {
        return Ok(());
    }
    Err(Error::Invalid(format!("frame {} was asked for, but the picture has one frame, 0", request.frame)))
}

/// Refuses a picture before memory is taken for it.
pub(crate) fn require_fits(width: u32, height: u32, format: PixelFormat, max_bytes: u64) -> Result<()> {
    let size_bytes = u128::from(width) * u128::from(height) * format.bytes_per_pixel() as u128;
    if size_bytes <= u128::from(max_bytes) {
        return Ok(());
    }
    Err(Error::Limit(format!(
        "the picture of {width} × {height} {format:?} pixels takes {size_bytes} bytes, {max_bytes} are allowed"
    )))
}
