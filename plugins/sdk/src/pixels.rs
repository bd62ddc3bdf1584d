//! Samples of one picture: how they lie in memory, and where a decoder puts them.

use crate::{Error, Result};

/// Samples of one pixel, interleaved, rows top to bottom without padding, multi-byte samples in little endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum PixelFormat {
    Gray8 = 1,
    Gray16 = 2,
    Gray32 = 3,
    GrayF32 = 4,
    GrayF64 = 5,
    GrayAlpha8 = 6,
    GrayAlpha16 = 7,
    Rgb8 = 8,
    Rgb16 = 9,
    Rgba8 = 10,
    Rgba16 = 11,
    Rgb32 = 12,
}

impl PixelFormat {
    pub const ALL: [Self; 12] = [
        Self::Gray8,
        Self::Gray16,
        Self::Gray32,
        Self::GrayF32,
        Self::GrayF64,
        Self::GrayAlpha8,
        Self::GrayAlpha16,
        Self::Rgb8,
        Self::Rgb16,
        Self::Rgba8,
        Self::Rgba16,
        Self::Rgb32,
    ];

    /// The number that crosses the plugin boundary.
    pub fn code(self) -> u32 {
        self as u32
    }

    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.code() == code)
    }

    pub fn channels(self) -> usize {
        match self {
            Self::Gray8 | Self::Gray16 | Self::Gray32 | Self::GrayF32 | Self::GrayF64 => 1,
            Self::GrayAlpha8 | Self::GrayAlpha16 => 2,
            Self::Rgb8 | Self::Rgb16 | Self::Rgb32 => 3,
            Self::Rgba8 | Self::Rgba16 => 4,
        }
    }

    pub fn bytes_per_sample(self) -> usize {
        match self {
            Self::Gray8 | Self::GrayAlpha8 | Self::Rgb8 | Self::Rgba8 => 1,
            Self::Gray16 | Self::GrayAlpha16 | Self::Rgb16 | Self::Rgba16 => 2,
            Self::Gray32 | Self::GrayF32 | Self::Rgb32 => 4,
            Self::GrayF64 => 8,
        }
    }

    pub fn bytes_per_pixel(self) -> usize {
        self.channels() * self.bytes_per_sample()
    }

    /// Bytes of a whole picture; `None` when that does not fit into memory's numbers.
    pub fn size_bytes(self, width: u32, height: u32) -> Option<usize> {
        (width as usize).checked_mul(height as usize)?.checked_mul(self.bytes_per_pixel())
    }
}

/// A picture in memory, for encoders.
#[derive(Debug, Clone, Copy)]
pub struct Pixels<'a> {
    pub width: u32,
    pub height: u32,
    pub format: PixelFormat,
    /// `format.size_bytes(width, height)` bytes.
    pub samples: &'a [u8],
}

/// Where a decoder asks for the memory of its picture. The host allocates it, zeroed, from the three numbers alone.
pub trait PixelSink {
    fn alloc(&mut self, width: u32, height: u32, format: PixelFormat) -> Result<&mut [u8]>;
}

/// Handed to [`crate::ImageReader::decode`]; succeeds once.
pub struct PixelOut<'a> {
    sink: &'a mut dyn PixelSink,
}

impl<'a> PixelOut<'a> {
    pub fn new(sink: &'a mut dyn PixelSink) -> Self {
        Self { sink }
    }

    /// Memory of exactly `width × height × format` bytes, all zero.
    ///
    /// # Errors
    /// [`Error::Limit`] when the host does not allow a picture of that size; [`Error::Invalid`] for a side of 0.
    pub fn alloc(self, width: u32, height: u32, format: PixelFormat) -> Result<&'a mut [u8]> {
        if width == 0 || height == 0 {
            return Err(Error::Invalid(format!("a picture of {width} × {height} pixels has no content")));
        }
        self.sink.alloc(width, height, format)
    }
}

/// A picture that owns its memory: a [`PixelSink`] for tests and for the host.
#[derive(Debug, Default)]
pub struct OwnedPixels {
    pub width: u32,
    pub height: u32,
    pub format: Option<PixelFormat>,
    pub samples: Vec<u8>,
}

impl PixelSink for OwnedPixels {
    fn alloc(&mut self, width: u32, height: u32, format: PixelFormat) -> Result<&mut [u8]> {
        let size_bytes = format
            .size_bytes(width, height)
            .ok_or_else(|| Error::Limit(format!("{width} × {height} pixels do not fit into memory")))?;
        *self = Self { width, height, format: Some(format), samples: vec![0; size_bytes] };
        Ok(&mut self.samples)
    }
}
