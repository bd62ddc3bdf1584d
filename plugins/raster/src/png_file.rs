//! Reading PNG (W3C PNG, third edition): 1 to 16 bits, palette, alpha, interlaced; of an animation the default image.

use crate::frame::{Frame, require_first, require_fits};
use crate::{exif, png_writer, samples};
use lightbox_sdk::{
    Call, DecodeRequest, EncodeOptions, Error, ImageFormat, ImageFormatDescriptor, ImageMetadata, ImageReader,
    PixelFormat, PixelOut, Pixels, Result,
};
use png::{BitDepth, ColorType, DecodingError, Transformations};
use std::io::Cursor;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// PNG.
pub struct Png;

impl ImageFormat for Png {
    fn descriptor(&self) -> ImageFormatDescriptor {
        ImageFormatDescriptor {
            id: "png".into(),
            name: "PNG".into(),
            extensions: vec!["png".into()],
            media_type: "image/png".into(),
            encodes: true,
        }
    }

    fn probe(&self, head: &[u8], _total_bytes: u64, _name: &str) -> u8 {
        if head.starts_with(SIGNATURE) { 100 } else { 0 }
    }

    fn open<'a>(&'a self, bytes: &'a [u8], _call: &Call<'_>) -> Result<Box<dyn ImageReader + 'a>> {
        let reader = read_info(bytes)?;
        let info = reader.info();
        let orientation = info.exif_metadata.as_deref().and_then(exif::find_orientation);
        let metadata = ImageMetadata {
            width: info.width,
            height: info.height,
            frame_count: 1,
            bits_per_sample: info.bit_depth as u32,
            samples_per_pixel: info.color_type.samples() as u32,
            exif_orientation: orientation,
            findings: orientation.map(exif::finding).into_iter().collect(),
            ..ImageMetadata::default()
        };
        Ok(Box::new(PngReader { bytes, metadata, frame: None }))
    }

    fn encode(&self, pixels: Pixels<'_>, options: &EncodeOptions, call: &Call<'_>) -> Result<Vec<u8>> {
        png_writer::write(pixels, options.small, call)
    }
}

struct PngReader<'a> {
    bytes: &'a [u8],
    metadata: ImageMetadata,
    frame: Option<Frame>,
}

impl ImageReader for PngReader<'_> {
    fn metadata(&mut self, _call: &Call<'_>) -> Result<ImageMetadata> {
        Ok(self.metadata.clone())
    }

    fn decode(&mut self, request: &DecodeRequest, out: PixelOut<'_>, call: &Call<'_>) -> Result<()> {
        require_first(request)?;
        let frame = match self.frame.take() {
            Some(frame) => frame,
            None => read_frame(self.bytes, call)?,
        };
        self.frame.insert(frame).put(request.mode, out)
    }
}

fn read_info(bytes: &[u8]) -> Result<png::Reader<Cursor<&[u8]>>> {
    if !bytes.starts_with(SIGNATURE) {
        return Err(Error::Corrupt("the file does not start with PNG's signature".to_owned()));
    }
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.read_info().map_err(refusal)
}

fn read_frame(bytes: &[u8], call: &Call<'_>) -> Result<Frame> {
    let mut reader = read_info(bytes)?;
    let info = reader.info();
    let (width, height) = (info.width, info.height);
    let gray_scale = match (info.color_type, info.bit_depth) {
        (ColorType::Grayscale, BitDepth::One) => 255,
        (ColorType::Grayscale, BitDepth::Two) => 85,
        (ColorType::Grayscale, BitDepth::Four) => 17,
        _ => 1,
    };
    let format = pixel_format(reader.output_color_type())?;
    require_fits(width, height, format, call.max_output_bytes())?;
    call.check()?;
    let size_bytes = reader.output_buffer_size().filter(|size| Some(*size) == format.size_bytes(width, height));
    let size_bytes = size_bytes.ok_or_else(|| Error::Internal("the PNG decoder wants another size".to_owned()))?;
    let mut samples = vec![0; size_bytes];
    reader.next_frame(&mut samples).map_err(refusal)?;
    if format.bytes_per_sample() == 2 {
        samples = samples::swap_bytes(&samples);
    }
    Ok(Frame { width, height, format, samples, gray_scale })
}

fn pixel_format((color, depth): (ColorType, BitDepth)) -> Result<PixelFormat> {
    match (color, depth) {
        (ColorType::Grayscale, BitDepth::Eight) => Ok(PixelFormat::Gray8),
        (ColorType::Grayscale, BitDepth::Sixteen) => Ok(PixelFormat::Gray16),
        (ColorType::GrayscaleAlpha, BitDepth::Eight) => Ok(PixelFormat::GrayAlpha8),
        (ColorType::GrayscaleAlpha, BitDepth::Sixteen) => Ok(PixelFormat::GrayAlpha16),
        (ColorType::Rgb, BitDepth::Eight) => Ok(PixelFormat::Rgb8),
        (ColorType::Rgb, BitDepth::Sixteen) => Ok(PixelFormat::Rgb16),
        (ColorType::Rgba, BitDepth::Eight) => Ok(PixelFormat::Rgba8),
        (ColorType::Rgba, BitDepth::Sixteen) => Ok(PixelFormat::Rgba16),
        _ => Err(Error::Internal(format!("the PNG decoder gives {color:?} of {depth:?} bits"))),
    }
}

fn refusal(error: DecodingError) -> Error {
    match error {
        DecodingError::LimitsExceeded => Error::Limit("the PNG file needs more than 64 MiB besides its pixels".into()),
        DecodingError::IoError(_) => Error::Corrupt("the PNG file ends too early: it is truncated".to_owned()),
        other => Error::Corrupt(format!("the PNG file is damaged: {other}")),
    }
}
