//! Any bytes as a document of masks.
#![no_main]

mod document;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| document::read(&lightbox_plugin_segmentation::Segmentation, bytes));
