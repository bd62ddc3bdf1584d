//! What plugins do with images: recognise, inspect, render, convert.

use super::frame::Picture;
use super::image_format::{ImageFormatCalls, Reader, is_display};
use super::status::Circumstances;
use super::stored_file::StoredFile;
use super::{PluginError, PluginErrorKind, PluginHost};
use lightbox_sdk::{DecodeMode, EncodeOptions, ImageMetadata, PixelFormat, Window};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

const THUMBNAIL_QUALITY: u8 = 80;
const RENDITION_QUALITY: u8 = 90;

/// Everything that import wants to know of an image.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    pub metadata: ImageMetadata,
    /// SHA-256 over every frame's stored samples, each preceded by its width, height and format code (`u32`, little
    /// endian).
    pub pixel_digest: [u8; 32],
    /// JPEG of frame 0; its longest side is what was asked for or less.
    pub thumbnail: Vec<u8>,
}

/// What a rendition is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RenderOutput {
    Png,
    /// Transparency is laid on black.
    Jpeg,
}

/// One picture as shown on screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RenderRequest {
    /// Zero-based.
    pub frame: u32,
    /// Only for grey images; `None`: the file's own.
    pub window: Option<Window>,
    /// Longest side in pixels; `None`: as stored. Pictures never grow.
    pub max_size: Option<u32>,
    pub output: RenderOutput,
}

impl PluginHost {
    /// Id of the format whose probe is surest, ties by priority; `None` when no format knows the file.
    /// `head`: the first bytes of the file, of which plugins see 4,096 at most.
    pub fn recognise_image(&self, head: &[u8], total_bytes: u64, name: &str) -> Option<String> {
        let formats = self.inner.registry.image_formats.iter();
        let ranked = formats.map(|chosen| ((chosen.calls.probe(head, total_bytes, name), chosen.priority), chosen));
        let sure = ranked.filter(|((confidence, _), _)| *confidence > 0);
        let best = sure.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, chosen)| chosen.descriptor.id.clone())
    }

    /// Opens the file once and decodes every frame once, which proves that it is readable.
    pub async fn inspect(
        &self,
        format: &str,
        file: PathBuf,
        thumbnail_size: u32,
        cancel: &CancellationToken,
    ) -> Result<Inspection, PluginError> {
        let (format, jpeg) = (self.inner.require_image_format(format)?, self.inner.require_encoder("jpeg")?);
        let max_bytes = self.inner.max_pixels_bytes;
        let work = move |now: &Circumstances| {
            let file = StoredFile::open(&file)?;
            let opened = Opened::new(&format, file.bytes(), now, max_bytes)?;
            opened.inspect(|shown| {
                let small = shown.fit(thumbnail_size).map_err(|error| format_error(&jpeg, error))?.flatten();
                jpeg.encode(&small, &EncodeOptions { quality: Some(THUMBNAIL_QUALITY), small: false }, now)
            })
        };
        self.inner.runner.run(Some(cancel), work).await
    }

    /// The data elements as DICOM JSON; `None` for formats that have none.
    pub async fn elements(&self, format: &str, file: PathBuf) -> Result<Option<String>, PluginError> {
        let format = self.inner.require_image_format(format)?;
        let max_bytes = self.inner.max_pixels_bytes;
        let work = move |now: &Circumstances| {
            let file = StoredFile::open(&file)?;
            format.open(file.bytes(), now, max_bytes)?.elements()
        };
        self.inner.runner.run(None, work).await
    }

    /// One frame as shown on screen, in a format that browsers show.
    pub async fn render(&self, format: &str, file: PathBuf, request: RenderRequest) -> Result<Vec<u8>, PluginError> {
        let encoder = match request.output {
            RenderOutput::Png => self.inner.require_encoder("png")?,
            RenderOutput::Jpeg => self.inner.require_encoder("jpeg")?,
        };
        let format = self.inner.require_image_format(format)?;
        let max_bytes = self.inner.max_pixels_bytes;
        let work = move |now: &Circumstances| {
            let file = StoredFile::open(&file)?;
            let mut opened = Opened::new(&format, file.bytes(), now, max_bytes)?;
            let mut shown = opened.decode(request.frame, DecodeMode::Display, request.window)?;
            if let Some(max_size) = request.max_size {
                shown = shown.fit(max_size).map_err(|error| format_error(&format, error))?;
            }
            if request.output == RenderOutput::Jpeg {
                shown = shown.flatten();
            }
            encoder.encode(&shown, &EncodeOptions { quality: Some(RENDITION_QUALITY), small: false }, now)
        };
        self.inner.runner.run(None, work).await
    }

    /// One frame as PNG, of 8 bits as shown on screen or 16 bits after the modality LUT.
    pub async fn convert(&self, format: &str, file: PathBuf, frame: u32, bits: u8) -> Result<Vec<u8>, PluginError> {
        let (format, png) = (self.inner.require_image_format(format)?, self.inner.require_encoder("png")?);
        let mode = match bits {
            8 => DecodeMode::Display,
            16 => DecodeMode::Modality16,
            _ => return Err(invalid(format!("a PNG of {bits} bits a sample was asked for; 8 and 16 are possible"))),
        };
        let max_bytes = self.inner.max_pixels_bytes;
        let work = move |now: &Circumstances| {
            let file = StoredFile::open(&file)?;
            let picture = Opened::new(&format, file.bytes(), now, max_bytes)?.decode(frame, mode, None)?;
            png.encode(&picture, &EncodeOptions::default(), now)
        };
        self.inner.runner.run(None, work).await
    }

    /// A PNG of 8-bit grey; `gray` has `width × height` bytes.
    pub async fn encode_png(&self, width: u32, height: u32, gray: Vec<u8>) -> Result<Vec<u8>, PluginError> {
        let png = self.inner.require_encoder("png")?;
        let format = PixelFormat::Gray8;
        if format.size_bytes(width, height) != Some(gray.len()) || gray.is_empty() {
            return Err(invalid(format!("{} bytes are no {width} × {height} grey pixels", gray.len())));
        }
        let picture = Picture { width, height, format, samples: gray };
        let work = move |now: &Circumstances| png.encode(&picture, &EncodeOptions::default(), now);
        self.inner.runner.run(None, work).await
    }
}

/// An open file and what it says of itself.
struct Opened<'a> {
    format: &'a ImageFormatCalls,
    reader: Reader<'a>,
    metadata: ImageMetadata,
    max_bytes: u64,
}

impl<'a> Opened<'a> {
    fn new(
        format: &'a ImageFormatCalls,
        file: &'a [u8],
        now: &'a Circumstances,
        max_bytes: u64,
    ) -> Result<Self, PluginError> {
        let mut reader = format.open(file, now, max_bytes)?;
        let metadata = reader.metadata()?;
        Ok(Self { format, reader, metadata, max_bytes })
    }

    fn decode(&mut self, frame: u32, mode: DecodeMode, window: Option<Window>) -> Result<Picture, PluginError> {
        let frame_count = self.metadata.frame_count;
        if frame >= frame_count {
            return Err(invalid(format!("frame {frame} was asked for, but the frames are 0 to {}", frame_count - 1)));
        }
        let picture = self.reader.decode(&self.metadata, (frame, mode, window), self.max_bytes)?;
        if mode == DecodeMode::Display && !is_display(picture.format) {
            let message = format!("it gave {:?} pixels where 8 bits a sample were asked for", picture.format);
            return Err(self.format.caller.internal(message));
        }
        Ok(picture)
    }

    /// `make_thumbnail` gets frame 0 as shown on screen.
    fn inspect(
        mut self,
        make_thumbnail: impl FnOnce(Picture) -> Result<Vec<u8>, PluginError>,
    ) -> Result<Inspection, PluginError> {
        let mut digest = Sha256::new();
        add(&mut digest, &self.decode(0, DecodeMode::Stored, None)?);
        let thumbnail = make_thumbnail(self.decode(0, DecodeMode::Display, None)?)?;
        for frame in 1..self.metadata.frame_count {
            add(&mut digest, &self.decode(frame, DecodeMode::Stored, None)?);
        }
        Ok(Inspection { metadata: self.metadata, pixel_digest: digest.finalize().into(), thumbnail })
    }
}

fn add(digest: &mut Sha256, picture: &Picture) {
    for number in [picture.width, picture.height, picture.format.code()] {
        digest.update(number.to_le_bytes());
    }
    digest.update(&picture.samples);
}

fn format_error(format: &ImageFormatCalls, message: String) -> PluginError {
    format.caller.internal(message)
}

fn invalid(message: String) -> PluginError {
    PluginError { kind: PluginErrorKind::Invalid, plugin: String::new(), message }
}
