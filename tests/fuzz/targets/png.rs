//! Any bytes as PNG.
#![no_main]

mod image;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| image::read(&lightbox_plugin_raster::Png, bytes));
