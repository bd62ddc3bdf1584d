//! Any bytes as JPEG.
#![no_main]

mod image;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| image::read(&lightbox_plugin_raster::Jpeg, bytes));
