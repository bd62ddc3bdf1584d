//! Any bytes as a document of classes, one an image and several.
#![no_main]

mod document;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    document::read(&lightbox_plugin_classification::SingleLabel, bytes);
    document::read(&lightbox_plugin_classification::MultiLabel, bytes);
});
