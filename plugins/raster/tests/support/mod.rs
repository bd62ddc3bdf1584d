//! Reading files through the traits, as the host would.

// Each test program uses some of it.
#![allow(dead_code)]

use lightbox_plugin_raster::{Jpeg, Png};
use lightbox_sdk::pixels::OwnedPixels;
use lightbox_sdk::{Call, DecodeMode, DecodeRequest, ImageFormat, ImageMetadata, PixelOut, Result};
use std::path::PathBuf;

/// The format that knows the file best.
pub fn recognise(bytes: &[u8]) -> Option<&'static dyn ImageFormat> {
    let formats: [&'static dyn ImageFormat; 2] = [&Png, &Jpeg];
    let head = &bytes[..bytes.len().min(4096)];
    formats.into_iter().find(|format| format.probe(head, bytes.len() as u64, "picture") > 0)
}

/// Metadata, and the frame in each mode.
pub fn read(format: &dyn ImageFormat, bytes: &[u8], modes: &[DecodeMode]) -> Result<(ImageMetadata, Vec<OwnedPixels>)> {
    let call = Call::unlimited();
    let mut reader = format.open(bytes, &call)?;
    let metadata = reader.metadata(&call)?;
    let mut pictures = Vec::new();
    for mode in modes {
        let mut pixels = OwnedPixels::default();
        let request = DecodeRequest { frame: 0, mode: *mode, window: None };
        reader.decode(&request, PixelOut::new(&mut pixels), &call)?;
        assert_eq!((pixels.width, pixels.height), (metadata.width, metadata.height));
        pictures.push(pixels);
    }
    Ok((metadata, pictures))
}

/// The folder of shared test files, or `None` after saying that the test is skipped.
pub fn find_test_data(test: &str) -> Option<PathBuf> {
    let named = std::env::var_os("LIGHTBOX_TEST_DATA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")));
    if folder.join("manifest.json").is_file() {
        return Some(folder);
    }
    eprintln!("SKIPPED {test}: no test data in {} (LIGHTBOX_TEST_DATA names another folder)", folder.display());
    None
}
