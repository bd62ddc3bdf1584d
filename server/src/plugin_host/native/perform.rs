//! Does what a task asks, with one plugin and the formats that write pictures.

use super::annotation_type::AnnotationTypeCalls;
use super::frame::Picture;
use super::image_format::{ImageFormatCalls, Reader, is_display};
use super::plugin::Plugin;
use crate::plugin_host::circumstances::Circumstances;
use crate::plugin_host::task::{Answer, RenderOutput, Task};
use crate::plugin_host::{PluginError, PluginErrorKind};
use lightbox_sdk::{DecodeMode, Document, EncodeOptions, ImageMetadata, PixelFormat, Window};
use sha2::{Digest, Sha256};
use std::sync::Arc;

const THUMBNAIL_QUALITY: u8 = 80;
const RENDITION_QUALITY: u8 = 90;

/// A plugin, and what its work may need of others.
pub struct Workbench {
    pub plugin: Arc<Plugin>,
    /// Formats that write pictures, with the plugin that offers each.
    pub encoders: Vec<(String, Arc<Plugin>)>,
    /// The most memory that one decoded frame may take.
    pub max_pixels_bytes: u64,
}

impl Workbench {
    /// `input`: what the task says.
    pub fn perform(&self, task: &Task, input: &[u8], now: &Circumstances) -> Result<Answer, PluginError> {
        match task {
            Task::Probe { name, total_bytes } => Ok(self.probe(input, *total_bytes, name)),
            Task::Inspect { format, thumbnail_size } => {
                self.open(format, input, now)?.inspect(|shown| self.thumbnail(shown, *thumbnail_size, now))
            }
            Task::Elements { format } => {
                let elements =
                    self.plugin.require_image_format(format)?.open(input, now, self.max_pixels_bytes)?.elements()?;
                Ok(Answer::of([elements.unwrap_or_default()]))
            }
            Task::Render { format, frame, window, max_size, output } => {
                let window = window.map(|(center, width)| Window { center, width });
                let shown = self.open(format, input, now)?.decode(*frame, DecodeMode::Display, window)?;
                self.write_rendition(shown, *max_size, *output, now)
            }
            Task::Convert { format, frame, bits } => {
                let mode = if *bits == 8 { DecodeMode::Display } else { DecodeMode::Modality16 };
                let picture = self.open(format, input, now)?.decode(*frame, mode, None)?;
                let png = self.require_encoder(RenderOutput::Png.format())?;
                Ok(Answer::of([png.encode(&picture, &EncodeOptions::default(), now)?]))
            }
            Task::Encode { format, width, height } => {
                let (width, height, pixels) = (*width, *height, PixelFormat::Gray8);
                if pixels.size_bytes(width, height) != Some(input.len()) || input.is_empty() {
                    let message = format!("{} bytes are no {width} × {height} grey pixels", input.len());
                    return Err(self.error(PluginErrorKind::Invalid, message));
                }
                let picture = Picture { width, height, format: pixels, samples: input.to_vec().into() };
                let format = self.plugin.require_image_format(format)?;
                Ok(Answer::of([format.encode(&picture, &EncodeOptions::default(), now)?]))
            }
            Task::Recognise { annotation_type, name, format } => {
                let document = Document { name, format, bytes: input };
                Ok(Answer::of([self.annotations(annotation_type)?.recognise(document, now)?]))
            }
            Task::Import { annotation_type, name, format } => {
                let document = Document { name, format, bytes: input };
                Ok(Answer::of([self.annotations(annotation_type)?.import(document, now)?]))
            }
            Task::Validate { annotation_type } => {
                Ok(Answer::of([self.annotations(annotation_type)?.validate(input, now)?]))
            }
            Task::Merge { annotation_type } => {
                Ok(Answer::of([self.annotations(annotation_type)?.merge(input, now)?]))
            }
            Task::InThreads { task, threads } => self.perform_in_threads(task, *threads, input, now),
            Task::Export { annotation_type, format } => {
                Ok(Answer::of([self.annotations(annotation_type)?.export(input, format, now)?]))
            }
        }
    }

    fn probe(&self, head: &[u8], total_bytes: u64, name: &str) -> Answer {
        let sure = self.plugin.image_formats().map(|format| format.probe(head, total_bytes, name));
        Answer::of([sure.collect()])
    }

    fn open<'a>(&'a self, format: &str, file: &'a [u8], now: &'a Circumstances) -> Result<Opened<'a>, PluginError> {
        Opened::new(self.plugin.require_image_format(format)?, file, now, self.max_pixels_bytes)
    }

    fn thumbnail(&self, shown: Picture, size: u32, now: &Circumstances) -> Result<Vec<u8>, PluginError> {
        let jpeg = self.require_encoder(RenderOutput::Jpeg.format())?;
        let small = shown.fit(size).map_err(|error| jpeg.caller.internal(error))?.flatten();
        jpeg.encode(&small, &EncodeOptions { quality: Some(THUMBNAIL_QUALITY), small: false }, now)
    }

    fn write_rendition(
        &self,
        mut shown: Picture,
        max_size: Option<u32>,
        output: RenderOutput,
        now: &Circumstances,
    ) -> Result<Answer, PluginError> {
        if let Some(max_size) = max_size {
            shown = shown.fit(max_size).map_err(|error| self.error(PluginErrorKind::Internal, error))?;
        }
        if output == RenderOutput::Jpeg {
            shown = shown.flatten();
        }
        let encoder = self.require_encoder(output.format())?;
        let options = EncodeOptions { quality: Some(RENDITION_QUALITY), small: false };
        Ok(Answer::of([encoder.encode(&shown, &options, now)?]))
    }

    fn annotations(&self, id: &str) -> Result<&AnnotationTypeCalls, PluginError> {
        self.plugin.require_annotation_type(id).map(Arc::as_ref)
    }

    /// The format that writes pictures; its plugin need not be the one that reads them.
    fn require_encoder(&self, id: &str) -> Result<&ImageFormatCalls, PluginError> {
        let found = self.encoders.iter().find(|(format, _)| format == id);
        let (_, plugin) = found.ok_or_else(|| {
            let message = format!("no plugin of this server writes the image format {id}: install one");
            PluginError { kind: PluginErrorKind::Unsupported, plugin: String::new(), message }
        })?;
        plugin.require_image_format(id).map(Arc::as_ref)
    }

    fn error(&self, kind: PluginErrorKind, message: String) -> PluginError {
        PluginError { kind, plugin: self.plugin.manifest.id.clone(), message }
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
            let message = format!("frame {frame} was asked for, but the frames are 0 to {}", frame_count - 1);
            return Err(self.format.caller.error(PluginErrorKind::Invalid, message));
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
    ) -> Result<Answer, PluginError> {
        let mut digest = Sha256::new();
        add(&mut digest, &self.decode(0, DecodeMode::Stored, None)?);
        let thumbnail = make_thumbnail(self.decode(0, DecodeMode::Display, None)?)?;
        for frame in 1..self.metadata.frame_count {
            add(&mut digest, &self.decode(frame, DecodeMode::Stored, None)?);
        }
        let metadata = serde_json::to_vec(&self.metadata)
            .map_err(|error| self.format.caller.internal(format!("its metadata cannot be passed on: {error}")))?;
        Ok(Answer::of([digest.finalize().to_vec(), metadata, thumbnail]))
    }
}

fn add(digest: &mut Sha256, picture: &Picture) {
    for number in [picture.width, picture.height, picture.format.code()] {
        digest.update(number.to_le_bytes());
    }
    digest.update(&*picture.samples);
}
