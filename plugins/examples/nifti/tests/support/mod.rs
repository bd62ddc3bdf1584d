//! NIfTI-1 files made from their fields, and what a reader makes of them.

#![allow(dead_code, clippy::unwrap_used)] // each test program uses some of it, and a panic is the report

use example_plugin_nifti::Nifti;
use flate2::{Compression, write::GzEncoder};
use lightbox_sdk::pixels::OwnedPixels;
use lightbox_sdk::{Call, DecodeMode, DecodeRequest, ImageFormat, ImageMetadata, PixelOut, Result, Window};
use std::io::Write;

/// The fields of a file; `write` puts them in their places.
#[derive(Debug, Clone)]
pub struct File {
    pub is_big: bool,
    pub dim: Vec<i16>,
    pub datatype: i16,
    pub bitpix: i16,
    pub first_voxel: f32,
    pub slope: f32,
    pub intercept: f32,
    pub shown: (f32, f32),
    pub form_code: i16,
    pub voxels: Vec<u8>,
}

impl File {
    /// Bytes of `size` voxels, unscaled, in little endian.
    pub fn new(size: &[i16], datatype: i16, bitpix: i16, voxels: Vec<u8>) -> Self {
        let dim = [size.len() as i16].iter().chain(size).copied().collect();
        let (is_big, first_voxel, slope, intercept, shown, form_code) = (false, 352.0, 0.0, 0.0, (0.0, 0.0), 0);
        Self { is_big, dim, datatype, bitpix, first_voxel, slope, intercept, shown, form_code, voxels }
    }

    pub fn write(&self) -> Vec<u8> {
        let mut bytes = vec![0; 352];
        let mut put = |at: usize, number: &[u8]| {
            let field = &mut bytes[at..at + number.len()];
            field.copy_from_slice(number);
            if self.is_big {
                field.reverse();
            }
        };
        put(0, &348i32.to_le_bytes());
        for (index, length) in self.dim.iter().enumerate() {
            put(40 + index * 2, &length.to_le_bytes());
        }
        put(70, &self.datatype.to_le_bytes());
        put(72, &self.bitpix.to_le_bytes());
        put(108, &self.first_voxel.to_le_bytes());
        put(112, &self.slope.to_le_bytes());
        put(116, &self.intercept.to_le_bytes());
        put(124, &self.shown.1.to_le_bytes());
        put(128, &self.shown.0.to_le_bytes());
        put(254, &self.form_code.to_le_bytes());
        bytes[344..348].copy_from_slice(b"n+1\0");
        bytes.extend(&self.voxels);
        bytes
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn metadata(file: &[u8]) -> Result<ImageMetadata> {
    Nifti.open(file, &Call::unlimited())?.metadata(&Call::unlimited())
}

pub fn decode(file: &[u8], frame: u32, mode: DecodeMode) -> Result<OwnedPixels> {
    decode_window(file, frame, mode, None)
}

pub fn decode_window(file: &[u8], frame: u32, mode: DecodeMode, window: Option<Window>) -> Result<OwnedPixels> {
    let (call, mut pixels) = (Call::unlimited(), OwnedPixels::default());
    let request = DecodeRequest { frame, mode, window };
    Nifti.open(file, &call)?.decode(&request, PixelOut::new(&mut pixels), &call)?;
    Ok(pixels)
}

/// Samples of one frame, 16-bit ones as the numbers they are.
pub fn levels(file: &[u8], frame: u32) -> Vec<u16> {
    let pixels = decode(file, frame, DecodeMode::Modality16).unwrap();
    pixels.samples.as_chunks::<2>().0.iter().map(|level| u16::from_le_bytes(*level)).collect()
}

pub fn shades(file: &[u8], frame: u32) -> Vec<u8> {
    decode(file, frame, DecodeMode::Display).unwrap().samples
}
