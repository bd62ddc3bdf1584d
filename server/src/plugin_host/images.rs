//! What plugins do with images: recognise, inspect, render, convert.

use super::{PluginError, PluginErrorKind, PluginHost};
use lightbox_sdk::{ImageMetadata, Window};
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

/// Everything that import wants to know of an image.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    pub metadata: ImageMetadata,
    /// SHA-256 over every frame's stored samples, each preceded by its width, height and format code.
    pub pixel_digest: [u8; 32],
    /// JPEG of frame 0; its longest side is what was asked for or less.
    pub thumbnail: Vec<u8>,
}

/// What a rendition is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RenderOutput {
    Png,
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
        let _ = (head, total_bytes, name);
        None
    }

    /// Opens the file once and decodes every frame once, which proves that it is readable.
    pub async fn inspect(
        &self,
        format: &str,
        file: PathBuf,
        thumbnail_size: u32,
        cancel: &CancellationToken,
    ) -> Result<Inspection, PluginError> {
        let _ = (file, thumbnail_size, cancel);
        Err(pending(format))
    }

    /// The data elements as DICOM JSON; `None` for formats that have none.
    pub async fn elements(&self, format: &str, file: PathBuf) -> Result<Option<String>, PluginError> {
        let _ = file;
        Err(pending(format))
    }

    pub async fn render(&self, format: &str, file: PathBuf, request: RenderRequest) -> Result<Vec<u8>, PluginError> {
        let _ = (file, request);
        Err(pending(format))
    }

    /// One frame as PNG, of 8 bits as shown on screen or 16 bits after the modality LUT.
    pub async fn convert(&self, format: &str, file: PathBuf, frame: u32, bits: u8) -> Result<Vec<u8>, PluginError> {
        let _ = (file, frame, bits);
        Err(pending(format))
    }

    /// A PNG of 8-bit grey; `gray` has `width × height` bytes.
    pub async fn encode_png(&self, width: u32, height: u32, gray: Vec<u8>) -> Result<Vec<u8>, PluginError> {
        let _ = (width, height, gray);
        Err(pending("png"))
    }
}

fn pending(format: &str) -> PluginError {
    PluginError {
        kind: PluginErrorKind::Internal,
        plugin: String::new(),
        message: format!("no plugin of this server reads images of the format {format}"),
    }
}
