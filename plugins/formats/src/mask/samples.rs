//! The samples of a PNG, decoded within limits. What they stand for is not known here: shades of which any is set
//! (`picture.rs`), or class numbers and colours (`png_masks/codes.rs`).

use super::MAX_MASK_PIXELS;
use png::{BitDepth, ColorType, Decoder, Limits, Transformations};
use std::io::Cursor;

pub(crate) struct Samples {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) color: ColorType,
    pub(crate) depth: BitDepth,
    pub(crate) palette: Option<Vec<[u8; 3]>>,
    bytes: Vec<u8>,
    line_bytes: usize,
}

impl Samples {
    /// Decodes a PNG of any kind. `pixel_bytes`: what the caller will make of a pixel.
    ///
    /// # Errors
    /// A sentence when it is none, is broken, or has more pixels than [`MAX_MASK_PIXELS`] or takes more bytes than
    /// `limit_bytes`, said before it is decoded.
    pub(crate) fn read(
        bytes: &[u8],
        transformations: Transformations,
        pixel_bytes: u64,
        limit_bytes: u64,
    ) -> Result<Self, String> {
        let limits = Limits { bytes: usize::try_from(limit_bytes).unwrap_or(usize::MAX) };
        let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
        decoder.set_transformations(transformations);
        let mut reader = decoder.read_info().map_err(broken)?;
        let (width, height) = (reader.info().width, reader.info().height);
        let palette = reader.info().palette.as_deref().map(|palette| palette.as_chunks::<3>().0.to_vec());
        let pixels = u64::from(width) * u64::from(height);
        let needed = reader.output_buffer_size().map_or(u64::MAX, |bytes| bytes as u64);
        if pixels > MAX_MASK_PIXELS || needed.max(pixels * pixel_bytes) > limit_bytes {
            return Err(format!("the PNG has {width} × {height} pixels, more than allowed"));
        }
        let mut samples = vec![0; needed as usize];
        let frame = reader.next_frame(&mut samples).map_err(broken)?;
        let (color, depth) = (frame.color_type, frame.bit_depth);
        Ok(Self { width, height, color, depth, palette, bytes: samples, line_bytes: frame.line_size.max(1) })
    }

    /// The rows from the top, each with whole bytes.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks_exact(self.line_bytes).take(self.height as usize)
    }
}

fn broken(error: png::DecodingError) -> String {
    format!("the PNG cannot be read: {error}")
}
