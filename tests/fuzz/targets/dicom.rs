//! Any bytes as DICOM, every transfer syntax among them.
#![no_main]

mod image;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| image::read(&lightbox_plugin_dicom::Dicom, bytes));
