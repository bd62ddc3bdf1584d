//! What the tests share: opening bytes and decoding a frame into memory.

#![allow(dead_code, reason = "every test binary uses its own part of this")]

use lightbox_plugin_dicom::Dicom;
use lightbox_sdk::pixels::OwnedPixels;
use lightbox_sdk::{Call, DecodeMode, DecodeRequest, ImageFormat, ImageMetadata, PixelOut, Result, Window};

pub fn metadata(bytes: &[u8]) -> Result<ImageMetadata> {
    let call = Call::unlimited();
    Dicom.open(bytes, &call)?.metadata(&call)
}

pub fn decode(bytes: &[u8], frame: u32, mode: DecodeMode) -> Result<OwnedPixels> {
    decode_window(bytes, frame, mode, None)
}

pub fn decode_window(bytes: &[u8], frame: u32, mode: DecodeMode, window: Option<Window>) -> Result<OwnedPixels> {
    let call = Call::unlimited();
    let mut pixels = OwnedPixels::default();
    let request = DecodeRequest { frame, mode, window };
    Dicom.open(bytes, &call)?.decode(&request, PixelOut::new(&mut pixels), &call)?;
    Ok(pixels)
}

pub fn display(bytes: &[u8]) -> Result<OwnedPixels> {
    decode(bytes, 0, DecodeMode::Display)
}
