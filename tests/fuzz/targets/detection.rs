//! Any bytes as a document of boxes.
#![no_main]

mod document;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| document::read(&lightbox_plugin_detection::Detection, bytes));
