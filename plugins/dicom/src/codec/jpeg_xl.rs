//! JPEG XL by jxl-oxide, recompressed JPEG among it.

use super::{Decoded, cell_for, require_same_size};
use crate::frame::Colour;
use crate::header::{Header, Photometric};
use jxl_oxide::{AllocTracker, JxlImage, JxlThreadPool};
use lightbox_sdk::{Call, Error, Result};

/// Decodes one frame.
pub fn decode(stream: &[u8], header: &Header, call: &Call<'_>) -> Result<Decoded> {
    let damaged = |error| Error::Corrupt(format!("the JPEG XL stream is damaged: {error}"));
    let limit = usize::try_from(call.max_output_bytes()).unwrap_or(usize::MAX);
    let builder = JxlImage::builder().alloc_tracker(AllocTracker::with_limit(limit)).pool(JxlThreadPool::none());
    let image = builder.read(stream).map_err(damaged)?;
    let samples = image.pixel_format().channels() as u32;
    require_same_size("JPEG XL", header, (image.width().into(), image.height().into(), samples))?;
    let precision = image.image_header().metadata.bit_depth.bits_per_sample();
    let cell = cell_for("JPEG XL", precision, header)?;
    if precision > 16 {
        return Err(Error::Unsupported(format!("JPEG XL of {precision} bits a sample cannot be read, 16 can")));
    }
    if !image.is_loading_done() {
        return Err(Error::Corrupt("the JPEG XL stream ends before its picture".to_owned()));
    }
    let pixels = image.render_frame(0).map_err(damaged)?.image_all_channels();
    if pixels.buf().len() as u64 != header.frame_samples() {
        return Err(Error::Corrupt("the JPEG XL stream did not give every sample of the picture".to_owned()));
    }
    let largest = ((1u32 << precision) - 1) as f32;
    // Integers of 16 bits and less come through the decoder's floats unchanged.
    let integers = pixels.buf().iter().map(|value| (value * largest + 0.5).clamp(0.0, largest) as u32);
    let bytes = super::jpeg::widen(integers, cell);
    let colour = if header.photometric == Photometric::Palette { Colour::Palette } else { colour(header) };
    Ok(Decoded { cell, bytes, colour, is_signed: None, precision })
}

/// The decoder gives RGB, whatever the stream has inside.
fn colour(header: &Header) -> Colour {
    if header.samples == 1 { Colour::Grey } else { Colour::Rgb }
}
