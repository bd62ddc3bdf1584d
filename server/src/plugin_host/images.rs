//! What plugins do with images: recognise, inspect, render, convert.

use super::generation::Generation;
use super::task::{Input, RenderOutput, Task};
use super::{PluginError, PluginErrorKind, PluginHost, answers};
use bytes::Bytes;
use lightbox_abi::LBX_PROBE_LEN;
use lightbox_sdk::{ImageMetadata, Window};
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Everything that import wants to know of an image.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    pub metadata: ImageMetadata,
    /// SHA-256 over every frame's stored samples, each preceded by its width, height and format code (`u32`, little
    /// endian).
    pub pixel_digest: [u8; 32],
    /// JPEG of frame 0; its longest side is what was asked for or less.
    pub thumbnail: Bytes,
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
    /// `head`: the first bytes of the file, of which plugins see 4,096 at most. Blocks; not for async threads.
    ///
    /// # Errors
    /// When no format knows the file and a plugin that might could not be asked.
    pub fn recognise_image(&self, head: &[u8], total_bytes: u64, name: &str) -> Result<Option<String>, PluginError> {
        let generation = self.generation();
        let head = Bytes::copy_from_slice(&head[..head.len().min(LBX_PROBE_LEN)]);
        let mut best: Option<((u8, i32), &str)> = None;
        let mut failed = None;
        for (plugin, formats) in generation.catalog.formats_by_plugin() {
            let task = Task::Probe { name: name.to_owned(), total_bytes };
            let sure = match self.probe(&generation, plugin, task, head.clone()) {
                Ok(sure) => sure,
                Err(error) => {
                    tracing::warn!(%error, name, "a plugin could not be asked whether it knows a file");
                    failed = Some(error);
                    continue;
                }
            };
            for (at, priority, id) in formats {
                let confidence = sure.get(at).copied().unwrap_or(0).min(100);
                let rank = (confidence, priority);
                let is_better = best.is_none_or(|(best, first)| rank > best || (rank == best && id < first));
                if confidence > 0 && is_better {
                    best = Some((rank, id));
                }
            }
        }
        match (best, failed) {
            (Some((_, id)), _) => Ok(Some(id.to_owned())),
            (None, Some(error)) => Err(error),
            (None, None) => Ok(None),
        }
    }

    fn probe(&self, generation: &Generation, plugin: usize, task: Task, head: Bytes) -> Result<Bytes, PluginError> {
        let now = self.inner.runner.circumstances();
        let [sure] = generation.call(plugin, &task, head.into(), &now)?.into_parts()?;
        Ok(sure)
    }

    /// Opens the file once and decodes every frame once, which proves that it is readable.
    pub async fn inspect(
        &self,
        format: &str,
        file: PathBuf,
        thumbnail_size: u32,
        cancel: &CancellationToken,
    ) -> Result<Inspection, PluginError> {
        let task = Task::Inspect { format: format.to_owned(), thumbnail_size };
        let generation = self.generation();
        let plugin = generation.catalog.require_image_format(format)?;
        let work = move |now: &_| {
            let [digest, metadata, thumbnail] = generation.call(plugin, &task, Input::File(file), now)?.into_parts()?;
            let blame = |reason| generation.blame(plugin, reason);
            let metadata = answers::read_metadata(&metadata).map_err(blame)?;
            answers::check_picture(&thumbnail, RenderOutput::Jpeg.format()).map_err(blame)?;
            let digest = <[u8; 32]>::try_from(digest.as_ref());
            let pixel_digest = digest.map_err(|_| generation.blame(plugin, "its digest is no SHA-256".to_owned()))?;
            Ok(Inspection { metadata, pixel_digest, thumbnail })
        };
        self.inner.runner.run(Some(cancel), work).await
    }

    /// The data elements as DICOM JSON; `None` for formats that have none.
    pub async fn elements(&self, format: &str, file: PathBuf) -> Result<Option<String>, PluginError> {
        let task = Task::Elements { format: format.to_owned() };
        let generation = self.generation();
        let plugin = generation.catalog.require_image_format(format)?;
        let work = move |now: &_| {
            let [elements] = generation.call(plugin, &task, Input::File(file), now)?.into_parts()?;
            answers::read_elements(&elements).map_err(|reason| generation.blame(plugin, reason))
        };
        self.inner.runner.run(None, work).await
    }

    /// One frame as shown on screen, in a format that browsers show.
    pub async fn render(&self, format: &str, file: PathBuf, request: RenderRequest) -> Result<Bytes, PluginError> {
        let RenderRequest { frame, window, max_size, output } = request;
        if window.is_some_and(|window| !window.center.is_finite() || !window.width.is_finite()) {
            return Err(invalid("a window needs a center and a width that are numbers".to_owned()));
        }
        let window = window.map(|window| (window.center, window.width));
        let task = Task::Render { format: format.to_owned(), frame, window, max_size, output };
        let generation = self.generation();
        let plugin = generation.catalog.require_image_format(format)?;
        self.picture(generation, plugin, task, Input::File(file), output.format()).await
    }

    /// One frame as PNG, of 8 bits as shown on screen or 16 bits after the modality LUT.
    pub async fn convert(&self, format: &str, file: PathBuf, frame: u32, bits: u8) -> Result<Bytes, PluginError> {
        if !matches!(bits, 8 | 16) {
            return Err(invalid(format!("a PNG of {bits} bits a sample was asked for; 8 and 16 are possible")));
        }
        let task = Task::Convert { format: format.to_owned(), frame, bits };
        let generation = self.generation();
        let plugin = generation.catalog.require_image_format(format)?;
        self.picture(generation, plugin, task, Input::File(file), "png").await
    }

    /// A PNG of 8-bit grey; `gray` has `width × height` bytes.
    pub async fn encode_png(&self, width: u32, height: u32, gray: Vec<u8>) -> Result<Bytes, PluginError> {
        let task = Task::Encode { format: "png".to_owned(), width, height };
        let generation = self.generation();
        let plugin = generation.catalog.require_encoder("png")?;
        self.picture(generation, plugin, task, Bytes::from(gray).into(), "png").await
    }

    async fn picture(
        &self,
        generation: Arc<Generation>,
        plugin: usize,
        task: Task,
        input: Input,
        written: &'static str,
    ) -> Result<Bytes, PluginError> {
        let work = move |now: &_| {
            let [picture] = generation.call(plugin, &task, input, now)?.into_parts()?;
            answers::check_picture(&picture, written).map_err(|reason| generation.blame(plugin, reason))?;
            Ok(picture)
        };
        self.inner.runner.run(None, work).await
    }
}

fn invalid(message: String) -> PluginError {
    PluginError { kind: PluginErrorKind::Invalid, plugin: String::new(), message }
}
