//! Reading JPEG (ITU-T T.81): baseline, extended and progressive; grey, YCbCr, RGB, CMYK and YCCK; 8 and 12 bits.

use crate::frame::{Frame, require_first, require_fits};
use crate::jpeg_header::{self, Header};
use crate::turbo::{self, Layout};
use crate::{exif, samples};
use lightbox_sdk::{
    Call, DecodeMode, DecodeRequest, EncodeOptions, Error, ImageFormat, ImageFormatDescriptor, ImageMetadata,
    ImageReader, PixelFormat, PixelOut, Pixels, Result,
};

const DEFAULT_QUALITY: u8 = 85;

/// JPEG.
pub struct Jpeg;

impl ImageFormat for Jpeg {
    fn descriptor(&self) -> ImageFormatDescriptor {
        ImageFormatDescriptor {
            id: "jpeg".into(),
            name: "JPEG".into(),
            extensions: vec!["jpg".into(), "jpeg".into()],
            media_type: "image/jpeg".into(),
            encodes: true,
        }
    }

    fn probe(&self, head: &[u8], _total_bytes: u64, _name: &str) -> u8 {
        if head.starts_with(b"\xff\xd8\xff") { 100 } else { 0 }
    }

    fn open<'a>(&'a self, bytes: &'a [u8], _call: &Call<'_>) -> Result<Box<dyn ImageReader + 'a>> {
        let header = jpeg_header::read(bytes)?;
        require_known(&header)?;
        Ok(Box::new(JpegReader { bytes, header, frame: None }))
    }

    fn encode(&self, pixels: Pixels<'_>, options: &EncodeOptions, call: &Call<'_>) -> Result<Vec<u8>> {
        let layout = match pixels.format {
            PixelFormat::Gray8 => Layout::Gray,
            PixelFormat::Rgb8 => Layout::Rgb,
            other => return Err(Error::Unsupported(format!("JPEG has no {other:?} pixels; Gray8 and Rgb8 it has"))),
        };
        call.check()?;
        let quality = options.quality.unwrap_or(DEFAULT_QUALITY);
        turbo::encode(pixels.samples, (pixels.width, pixels.height), layout, quality, options.small)
    }
}

fn require_known(header: &Header<'_>) -> Result<()> {
    let Header { process, precision, width, height, components, .. } = *header;
    if !matches!(process, 0xc0..=0xc2 | 0xc9 | 0xca) {
        let process = process - 0xc0;
        return Err(Error::Unsupported(format!("the JPEG process SOF{process} is not read; SOF0, 1, 2, 9 and 10 are")));
    }
    if precision != 8 && precision != 12 {
        return Err(Error::Unsupported(format!("a JPEG of {precision} bits a sample is not read; 8 and 12 are")));
    }
    if width == 0 || height == 0 {
        return Err(Error::Corrupt(format!("the JPEG file says that it has {width} × {height} pixels")));
    }
    let is_known = matches!((components, precision), (1 | 3, _) | (4, 8));
    if !is_known {
        return Err(Error::Unsupported(format!("a JPEG of {components} components and {precision} bits is not read")));
    }
    Ok(())
}

struct JpegReader<'a> {
    bytes: &'a [u8],
    header: Header<'a>,
    frame: Option<JpegFrame>,
}

/// 12-bit samples keep their own values for `Stored`.
struct JpegFrame {
    frame: Frame,
    stored: Option<Frame>,
}

impl ImageReader for JpegReader<'_> {
    fn metadata(&mut self, _call: &Call<'_>) -> Result<ImageMetadata> {
        let orientation = self.header.exif.and_then(exif::find_orientation);
        Ok(ImageMetadata {
            width: self.header.width.into(),
            height: self.header.height.into(),
            frame_count: 1,
            bits_per_sample: self.header.precision.into(),
            samples_per_pixel: if self.header.components == 1 { 1 } else { 3 },
            exif_orientation: orientation,
            findings: orientation.map(exif::finding).into_iter().collect(),
            ..ImageMetadata::default()
        })
    }

    fn decode(&mut self, request: &DecodeRequest, out: PixelOut<'_>, call: &Call<'_>) -> Result<()> {
        require_first(request)?;
        let decoded = match self.frame.take() {
            Some(frame) => frame,
            None => read_frame(self.bytes, &self.header, call)?,
        };
        let JpegFrame { frame, stored } = self.frame.insert(decoded);
        match (request.mode, stored) {
            (DecodeMode::Stored, Some(stored)) => stored.put(DecodeMode::Stored, out),
            _ => frame.put(request.mode, out),
        }
    }
}

fn read_frame(bytes: &[u8], header: &Header<'_>, call: &Call<'_>) -> Result<JpegFrame> {
    let (width, height) = (u32::from(header.width), u32::from(header.height));
    let size = (width, height);
    let layout = match header.components {
        1 => Layout::Gray,
        3 => Layout::Rgb,
        _ => Layout::Cmyk,
    };
    // CMYK takes four bytes a pixel on its way to RGB.
    let (format, needed) = match (layout, header.precision) {
        (Layout::Gray, 8) => (PixelFormat::Gray8, PixelFormat::Gray8),
        (Layout::Rgb, 8) => (PixelFormat::Rgb8, PixelFormat::Rgb8),
        (Layout::Cmyk, _) => (PixelFormat::Rgb8, PixelFormat::Rgba8),
        (Layout::Gray, _) => (PixelFormat::Gray16, PixelFormat::Gray16),
        (Layout::Rgb, _) => (PixelFormat::Rgb16, PixelFormat::Rgb16),
    };
    require_fits(width, height, needed, call.max_output_bytes())?;
    require_possible(bytes, header)?;
    call.check()?;
    let frame = |samples| Frame { width, height, format, samples, gray_scale: 1 };
    if header.precision == 8 {
        let samples = turbo::decode_8(bytes, size, layout)?;
        let samples = if layout == Layout::Cmyk { to_rgb(&samples, header.adobe) } else { samples };
        return Ok(JpegFrame { frame: frame(samples), stored: None });
    }
    let values = turbo::decode_12(bytes, size, layout)?;
    let values = || values.iter().map(|value| u16::try_from(*value).unwrap_or(0).min(4095));
    let scaled = values().flat_map(|value| (samples::rescale(value.into(), 4095, 65535) as u16).to_le_bytes());
    let (scaled, stored) = (scaled.collect(), values().flat_map(u16::to_le_bytes).collect());
    Ok(JpegFrame { frame: frame(scaled), stored: Some(frame(stored)) })
}

/// Every block of 8 × 8 takes two bits at least outside of progressive files: a file that is too short for its own
/// size is refused before memory is taken for it.
fn require_possible(bytes: &[u8], header: &Header<'_>) -> Result<()> {
    let Header { width, height, process, .. } = *header;
    let blocks = u64::from(width).div_ceil(8) * u64::from(height).div_ceil(8);
    let is_sequential_huffman = matches!(process, 0xc0 | 0xc1);
    if !is_sequential_huffman || blocks / 4 <= bytes.len() as u64 {
        return Ok(());
    }
    let length = bytes.len();
    Err(Error::Corrupt(format!("{length} bytes cannot hold the {width} × {height} pixels that the JPEG file promises")))
}

/// Adobe's writers store CMYK inverted: 255 means no ink.
fn to_rgb(cmyk: &[u8], inverted: bool) -> Vec<u8> {
    let light = |ink: u8| u32::from(if inverted { ink } else { 255 - ink });
    let (pixels, _) = cmyk.as_chunks::<4>();
    let to_rgb =
        |[c, m, y, k]: &[u8; 4]| [*c, *m, *y].map(|ink| samples::rescale(light(ink) * light(*k), 65025, 255) as u8);
    pixels.iter().flat_map(to_rgb).collect()
}
